//! The gate's rules about decisions: steps of a case, and papers that the office files.

use super::DocumentState;
use crate::case::filed::{Filed, check_step, subject};
use crate::case::paper::PaperKind;
use crate::case::{CaseState, StepRefused};
use crate::decision::Decisions;
use crate::document::DocumentKind;
use crate::entry::{Content, Entry, REASON_BYTES_MAX, Status};
use crate::membership::Role;
use crate::refusal::Refusal;

/// Whether a step may be taken by an author who holds these roles over the cadre; none is the office.
pub(super) fn check_status(status: &Status, state: &DocumentState, held: Option<&[Role]>) -> Result<(), Refusal> {
    if status.reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
        return Err(Refusal::TooLarge);
    }
    match state.kind {
        DocumentKind::Case => Ok(check_step(held, status, &state.decisions)?),
        DocumentKind::SelfAssessment
        | DocumentKind::Directory
        | DocumentKind::RoundRecord
        | DocumentKind::Paper
        | DocumentKind::Published
        | DocumentKind::Minutes => check_plain_status(status, &state.decisions),
    }
}

/// A step about a submission in the document itself.
fn check_plain_status(status: &Status, decisions: &Decisions) -> Result<(), Refusal> {
    let needs_reason = status.to == CaseState::Returned;
    if needs_reason && status.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Refusal::Incomplete);
    }
    if decisions.submitted == Some(status.about) { Ok(()) } else { Err(Refusal::DecidedAlready) }
}

/// Whether the office files a submission in the case that it belongs to, or a publication among those of a unit.
pub(super) fn check_filed(filed: &Filed, entry: &Entry) -> Result<(), Refusal> {
    let kind = match filed.unit {
        Some(_) if filed.paper == PaperKind::Publication => DocumentKind::Published,
        Some(_) => return Err(Refusal::NotAllowed),
        None => DocumentKind::Case,
    };
    if kind.document_about(entry.fields.space, &subject(filed.cycle, filed.person)) != entry.fields.document {
        return Err(Refusal::WrongDocument);
    }
    match Entry::read(&filed.entry).map(|signed| signed.content) {
        Ok(Content::Submit(_)) => Ok(()),
        Ok(_) | Err(_) => Err(Refusal::Unreadable),
    }
}

impl From<StepRefused> for Refusal {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::NoSuchStep => Self::NotNow,
            StepRefused::OtherRole => Self::NotAllowed,
            StepRefused::NoReason | StepRefused::NoPaper { .. } | StepRefused::OtherPaper => Self::Incomplete,
            StepRefused::TwoDecisions => Self::Contradicts,
        }
    }
}
