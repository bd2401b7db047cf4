//! A signed paper in the space of its case, and what a step may be about.
//!
//! Whoever may read a case reads what was signed, never a draft: the office files the author's own signed entry, whole, so
//! that everybody in the case can check who said what. Source: design 3, domain 2.1.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::paper::PaperKind;
use super::{CaseState, Step, StepRefused, find_step};
use crate::decision::Decisions;
use crate::entry::Status;
use crate::hash::EntryHash;
use crate::identity::{CycleId, PersonId};
use crate::membership::Role;

/// A signed paper, filed by the office.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Filed {
    /// Of which cycle.
    #[n(0)]
    pub cycle: CycleId,
    /// Whose case.
    #[n(1)]
    pub person: PersonId,
    /// What it is.
    #[n(2)]
    pub paper: PaperKind,
    /// The submission as its author signed it.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub entry: Vec<u8>,
    /// UTC milliseconds by the server's clock.
    #[n(4)]
    pub claimed_ms: i64,
}

/// What the document of a case is about.
pub fn subject(cycle: CycleId, person: PersonId) -> Vec<u8> {
    [cycle.as_bytes().as_slice(), person.as_bytes()].concat()
}

/// The newest filed paper of each kind, by the entry that filed it, and where the case was then.
pub type Papers = BTreeMap<PaperKind, FiledAt>;

/// A filed paper as decisions remember it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct FiledAt {
    /// The entry that filed it.
    #[n(0)]
    pub hash: EntryHash,
    /// The step in force when it was filed; none before the first.
    #[n(1)]
    pub during: Option<EntryHash>,
}

/// Whether a step may be taken now, by somebody in this role; `None` is the office's server itself.
pub fn check_step(role: Option<Role>, status: &Status, decisions: &Decisions) -> Result<(), StepRefused> {
    let ground = ground_of_step(role, (status.to, status.reason.as_deref()), decisions)?;
    if ground == status.about { Ok(()) } else { Err(StepRefused::OtherPaper) }
}

/// The filed paper that a step would be about, if somebody in this role may take it now, with this reason.
pub fn ground_of_step(
    role: Option<Role>,
    (to, reason): (CaseState, Option<&str>),
    decisions: &Decisions,
) -> Result<EntryHash, StepRefused> {
    let from = decisions.status.map(|status| status.to);
    let step = find_step(from, to).ok_or(StepRefused::NoSuchStep)?;
    let is_theirs = match role {
        Some(role) => step.by.contains(&role),
        None => step.by.is_empty(),
    };
    if !is_theirs {
        return Err(StepRefused::OtherRole);
    }
    if step.is_explained && reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(StepRefused::NoReason);
    }
    ground_of(step, decisions).ok_or(StepRefused::NoPaper { paper: step.about })
}

/// The filed paper that a step is about now; none before it was filed.
pub fn ground_of(step: &Step, decisions: &Decisions) -> Option<EntryHash> {
    let newest = decisions.papers.get(&step.about).filter(|filed| is_of_now(step.about, filed, decisions));
    newest.map(|filed| filed.hash)
}

/// Whether a paper was filed since the present state began. The self-assessment is the ground of several steps, and what
/// was published is what is archived; everything else is written for one step.
fn is_of_now(kind: PaperKind, filed: &FiledAt, decisions: &Decisions) -> bool {
    let is_lasting = match kind {
        PaperKind::SelfAssessment | PaperKind::Publication => true,
        PaperKind::ResidenceOpinion
        | PaperKind::OldUnitComment
        | PaperKind::Minutes
        | PaperKind::PartyComment
        | PaperKind::HeadComment
        | PaperKind::Decision
        | PaperKind::Notice
        | PaperKind::Appeal
        | PaperKind::AppealOutcome => false,
    };
    is_lasting || filed.during == decisions.status.map(|status| status.hash)
}
