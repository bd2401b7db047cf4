//! The gate's rules about decisions: steps of a case, and papers that the office files.

use super::DocumentState;
use crate::case::filed::{Filed, check_step, subject};
use crate::case::{CaseState, StepRefused};
use crate::decision::Decisions;
use crate::document::DocumentKind;
use crate::entry::{Content, Entry, REASON_BYTES_MAX, Status};
use crate::membership::Standing;
use crate::refusal::Refusal;

/// Whether a step may be taken by an author with this standing; none is the office.
pub(super) fn check_status(status: &Status, state: &DocumentState, standing: Option<Standing>) -> Result<(), Refusal> {
    if status.reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
        return Err(Refusal::TooLarge);
    }
    match state.kind {
        DocumentKind::Case => Ok(check_step(standing.map(|standing| standing.role), status, &state.decisions)?),
        DocumentKind::SelfAssessment | DocumentKind::Directory | DocumentKind::RoundRecord | DocumentKind::Paper => {
            check_plain_status(status, &state.decisions)
        }
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

/// Whether the office files a submission in the case that it belongs to.
pub(super) fn check_filed(filed: &Filed, entry: &Entry) -> Result<(), Refusal> {
    let case = DocumentKind::Case.document_about(entry.fields.space, &subject(filed.cycle, filed.person));
    if case != entry.fields.document {
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
        }
    }
}
