//! A signed paper in the space of its case, and what a step may be about.
//!
//! Whoever may read a case reads what was signed, never a draft: the office files the author's own signed entry, whole, so
//! that everybody in the case can check who said what. Source: design 3, domain 2.1.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::findings::Consequence;
use super::paper::PaperKind;
use super::{CaseState, Step, StepRefused, find_step};
use crate::cadre::ResidenceMode;
use crate::decision::Decisions;
use crate::document::Fields;
use crate::entry::{Content, Entry, Status};
use crate::hash::EntryHash;
use crate::identity::{CycleId, PersonId, UnitId};
use crate::membership::Role;
use crate::signed_value::read_canonical;

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
    /// Of a record of service: what it means under the rules that the cycle pins.
    #[n(5)]
    pub consequence: Option<Consequence>,
    /// The unit whose people may read it, where it lies in their space instead of the case's.
    #[n(6)]
    pub unit: Option<UnitId>,
    /// Of a self-assessment and a record of service: whether the place of residence is asked, by the directory of then.
    #[n(7)]
    pub residence: Option<ResidenceMode>,
}

impl Filed {
    /// What was signed; none if it cannot be read.
    pub fn fields(&self) -> Option<Fields> {
        match Entry::read(&self.entry).ok()?.content {
            Content::Submit(submit) => read_canonical(&submit.value),
            Content::Change(_) | Content::Status(_) | Content::Grant(_) | Content::File(_) => None,
        }
    }
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

/// Whether a step may be taken now, by somebody who holds these roles; `None` is the office's server itself.
pub fn check_step(roles: Option<&[Role]>, status: &Status, decisions: &Decisions) -> Result<(), StepRefused> {
    let ground = ground_of_step(roles, (status.to, status.reason.as_deref()), decisions)?;
    if ground == status.about { Ok(()) } else { Err(StepRefused::OtherPaper) }
}

/// The filed paper that a step would be about, if somebody who holds these roles may take it now, with this reason.
pub fn ground_of_step(
    roles: Option<&[Role]>,
    (to, reason): (CaseState, Option<&str>),
    decisions: &Decisions,
) -> Result<EntryHash, StepRefused> {
    let from = decisions.status.map(|status| status.to);
    let step = find_step(from, to).ok_or(StepRefused::NoSuchStep)?;
    let is_theirs = match roles {
        Some(roles) => roles.iter().any(|role| step.by.contains(role)),
        None => step.by.is_empty(),
    };
    if !is_theirs {
        return Err(StepRefused::OtherRole);
    }
    if step.is_explained && reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(StepRefused::NoReason);
    }
    check_ground(step, decisions)
}

/// The filed paper that a step is about now, if it was filed and nothing else is missing.
pub fn check_ground(step: &Step, decisions: &Decisions) -> Result<EntryHash, StepRefused> {
    let about = paper_of(step, decisions);
    let newest = decisions.papers.get(&about).filter(|filed| is_of_now(about, filed, decisions));
    let ground = newest.map(|filed| filed.hash).ok_or(StepRefused::NoPaper { paper: about })?;
    check_guard(step, decisions)?;
    Ok(ground)
}

/// What a step is about in this case: where the place of residence need not be asked and said nothing, opinions close on
/// the self-assessment.
pub fn paper_of(step: &Step, decisions: &Decisions) -> PaperKind {
    let is_said = decisions
        .papers
        .get(&PaperKind::ResidenceOpinion)
        .is_some_and(|filed| is_of_now(PaperKind::ResidenceOpinion, filed, decisions));
    let is_needed = decisions.findings.residence() == ResidenceMode::Annual;
    match step.about {
        PaperKind::ResidenceOpinion if !is_said && !is_needed => PaperKind::SelfAssessment,
        kind => kind,
    }
}

/// What else must lie on the table. Source: domain 2.1, guards; domain 4.2, `Decision`.
fn check_guard(step: &Step, decisions: &Decisions) -> Result<(), StepRefused> {
    let Decisions { findings, papers, status, .. } = decisions;
    let consequence = findings.consequence.unwrap_or_default();
    let is_filed_now =
        |paper| papers.get(&paper).is_some_and(|filed: &FiledAt| filed.during == status.map(|status| status.hash));
    let missing = match (step.from, step.to) {
        (Some(CaseState::Excused), CaseState::Decided) if !consequence.is_excused => Some(PaperKind::SelfAssessment),
        (Some(CaseState::UnderReview), CaseState::AwaitingComments) => {
            let is_missing = consequence.needs_former_unit && !papers.contains_key(&PaperKind::OldUnitComment);
            is_missing.then_some(PaperKind::OldUnitComment)
        }
        (_, CaseState::Decided) if !findings.is_decided_in_bound() => Some(PaperKind::Decision),
        (Some(CaseState::Appealed), CaseState::Decided) => {
            let is_missing = findings.is_appeal_upheld && !is_filed_now(PaperKind::Decision);
            is_missing.then_some(PaperKind::Decision)
        }
        (Some(CaseState::Decided), CaseState::Notified) | (Some(CaseState::Notified), CaseState::Published)
            if findings.has_two_decisions =>
        {
            return Err(StepRefused::TwoDecisions);
        }
        (Some(CaseState::Decided), CaseState::Notified) | (Some(CaseState::Notified), CaseState::Published) => {
            findings.is_outdated(step.about).then_some(step.about)
        }
        _ => None,
    };
    missing.map_or(Ok(()), |paper| Err(StepRefused::NoPaper { paper }))
}

/// Whether a paper was filed since the present state began. The self-assessment is the ground of several steps, and what
/// was published is what is archived; everything else is written for one step.
fn is_of_now(kind: PaperKind, filed: &FiledAt, decisions: &Decisions) -> bool {
    let is_lasting = match kind {
        PaperKind::SelfAssessment | PaperKind::Publication | PaperKind::ServiceRecord => true,
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
