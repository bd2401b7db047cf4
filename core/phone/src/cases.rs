//! The cases that this phone is in: where each one is, what its person may do next, and what came of what they did.
//!
//! All of it is read from rows and filed papers; nobody's draft but one's own is here. What is offered is what the tables
//! of [`model::case`] allow, and the server asks the same tables. Source: domain 2.1.

mod filed;
mod offers;
mod published;

use model::case::filed::{check_ground, subject};
use model::case::paper::PaperKind;
use model::case::{CaseState, STEPS, Step, StepRefused};
use model::document::DocumentKind;
use model::entry::{Content, Entry, EntryKind};
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, PersonId};
use model::membership::{Membership, Role};
use model::refusal::Refusal;
use model::space::case_space;
use model::text::sort_key;
use model::time::Day;

use crate::delivery::Delivery;
use crate::desk::{Desk, claimed};
use crate::failure::Failure;
use crate::store::documents::DocumentRow;
use crate::store::entries::Held;
use crate::store::{documents, entries, spaces};
use crate::views::PaperStatus;
use crate::views::case::{CaseItem, CaseTurn, LatestStep, MissingPaper, PaperOffer, RefusedWhy, StepOffer, StepTaken};
use crate::work::Paper;

/// A case as this phone holds it.
pub(crate) struct Case {
    pub(crate) row: DocumentRow,
    pub(crate) cycle: CycleId,
    pub(crate) person: PersonId,
    pub(crate) state: CaseState,
    /// The step that set the state.
    step: EntryHash,
    members: Membership,
}

impl Case {
    /// What the people of a unit know of a case: that it was published.
    fn published(row: DocumentRow, (cycle, person): (CycleId, PersonId), members: Membership) -> Self {
        let step = row.decisions.status.map_or(EntryHash::from_bytes([0; 32]), |status| status.hash);
        Self { row, cycle, person, state: CaseState::Published, step, members }
    }

    /// Its document.
    pub(crate) fn paper(&self) -> Paper {
        Paper { space: self.row.space, document: self.row.id }
    }
}

impl Desk {
    /// Every case, what needs this person first.
    pub(crate) fn cases(&self, today: Day) -> Result<Vec<CaseItem>, Failure> {
        let mut items = Vec::new();
        for row in documents::of_kind(self.store.reader(), DocumentKind::Case)? {
            if let Some(case) = self.read_case(row)? {
                items.push(self.case_item(&case, today)?);
            }
        }
        let closes = |item: &CaseItem| self.directory.cycles.get(&item.cycle).map(|cycle| cycle.closes);
        items.sort_by_cached_key(|item| (item.turn, closes(item), sort_key(&item.person_name), item.case));
        Ok(items)
    }

    /// One case.
    pub(crate) fn case(&self, document: DocumentId) -> Result<Case, Failure> {
        let is_case = DocumentKind::of(document) == Some(DocumentKind::Case);
        let row = if is_case { documents::find_anywhere(self.store.reader(), document)? } else { None };
        self.read_case(row.ok_or(Failure::NotHere)?)?.ok_or(Failure::NotHere)
    }

    /// The case of a person in a cycle; none if this phone is not in it, or it has not begun.
    pub(crate) fn case_of(&self, cycle: CycleId, person: PersonId) -> Result<Option<Case>, Failure> {
        let server = self.device.home.as_ref().ok_or(Failure::NotEnrolled)?.server;
        let space = case_space(&server, cycle, person);
        let document = DocumentKind::Case.document_about(space, &subject(cycle, person));
        let row = documents::find(self.store.reader(), space, document)?;
        Ok(row.map(|row| self.read_case(row)).transpose()?.flatten())
    }

    /// What this phone's person is in a case.
    pub(crate) fn role_in(&self, case: &Case) -> Option<Role> {
        case.members.standing(self.device.id()).map(|standing| standing.role)
    }

    /// The roles that this phone's person holds in a case today; none once they were taken out of it.
    pub(crate) fn roles_in(&self, case: &Case, today: Day) -> Result<Vec<Role>, Failure> {
        let is_in = self.role_in(case).is_some();
        Ok(if is_in { self.own_roles(case.person, today)?.into_iter().collect() } else { Vec::new() })
    }

    /// The newest step that was taken on this phone, unless the case shows it.
    pub(crate) fn step_taken(&self, case: &Case) -> Result<Option<StepTaken>, Failure> {
        let own = self.device.id();
        let held = entries::of_document(self.store.reader(), case.row.space, case.row.id)?;
        let is_own_step = |entry: &&Held| entry.kind == EntryKind::Status && entry.device == own;
        let Some(newest) = held.iter().rev().find(is_own_step) else { return Ok(None) };
        if newest.number.is_some() && newest.refusal.is_none() {
            return Ok(None);
        }
        let entry = self.entry(&newest.hash)?;
        let Content::Status(status) = &entry.content else { return Ok(None) };
        let safe = spaces::state(self.store.reader(), case.row.space)?.map_or(0, |state| state.safe);
        Ok(Some(StepTaken {
            to: status.to,
            label_vi: status.to.label_vi().to_owned(),
            label_en: status.to.label_en().to_owned(),
            reason: status.reason.clone(),
            taken: claimed(&entry),
            delivery: Delivery::of(newest, safe),
            refused: newest.refusal.map(refused),
        }))
    }

    fn entry(&self, hash: &EntryHash) -> Result<Entry, Failure> {
        entries::entry_of(self.store.reader(), hash)?.ok_or(Failure::NotHere)
    }

    /// A case begins with its first paper and its first step; before both are here there is nothing to show.
    fn read_case(&self, row: DocumentRow) -> Result<Option<Case>, Failure> {
        let (Some(status), Some(filed)) = (row.decisions.status, row.decisions.papers.values().next()) else {
            return Ok(None);
        };
        let Content::File(filed) = self.entry(&filed.hash)?.content else { return Ok(None) };
        let members = spaces::members(self.store.reader(), row.space)?;
        let (cycle, person, state, step) = (filed.cycle, filed.person, status.to, status.hash);
        Ok(Some(Case { row, cycle, person, state, step, members }))
    }

    fn case_item(&self, case: &Case, today: Day) -> Result<CaseItem, Failure> {
        let role = self.role_in(case);
        let taken = self.step_taken(case)?;
        let is_waiting = taken.as_ref().is_some_and(|taken| taken.refused.is_none());
        let steps = if is_waiting { Vec::new() } else { steps(case, &self.roles_in(case, today)?) };
        let papers = self.offers(case, today)?;
        let state = case.state;
        Ok(CaseItem {
            case: case.row.id,
            cycle: case.cycle,
            cycle_title: self.cycle_title(case.cycle),
            person: case.person,
            person_name: self.directory.name_of(case.person),
            post: self.directory.post_of(case.person),
            state,
            state_vi: state.label_vi().to_owned(),
            state_en: state.label_en().to_owned(),
            role,
            role_vi: role.map_or("", Role::label_vi).to_owned(),
            role_en: role.map_or("", Role::label_en).to_owned(),
            latest: self.latest(case)?,
            turn: turn(&steps, &papers, taken.as_ref()),
            steps,
            papers,
            taken,
        })
    }

    fn cycle_title(&self, cycle: CycleId) -> String {
        self.directory.cycles.get(&cycle).map(|cycle| cycle.title.clone()).unwrap_or_default()
    }

    fn latest(&self, case: &Case) -> Result<LatestStep, Failure> {
        let entry = self.entry(&case.step)?;
        let reason = match &entry.content {
            Content::Status(status) => status.reason.clone(),
            Content::Change(_) | Content::Submit(_) | Content::Grant(_) | Content::File(_) => None,
        };
        Ok(LatestStep { person_name: self.directory.name_of(entry.fields.person), taken: claimed(&entry), reason })
    }
}

/// What somebody with these roles may do next, ready or not.
fn steps(case: &Case, roles: &[Role]) -> Vec<StepOffer> {
    let missing = |kind: PaperKind| MissingPaper {
        kind,
        label_vi: kind.label_vi().to_owned(),
        label_en: kind.label_en().to_owned(),
    };
    let offer = |step: &Step| {
        let missing_paper = match check_ground(step, &case.row.decisions) {
            Err(StepRefused::NoPaper { paper }) => Some(paper),
            _ => None,
        };
        StepOffer {
            to: step.to,
            label_vi: step.action_vi().to_owned(),
            label_en: step.action_en().to_owned(),
            is_explained: step.is_explained,
            missing: missing_paper.map(missing),
        }
    };
    let may_take = |step: &&Step| step.from == Some(case.state) && roles.iter().any(|role| step.by.contains(role));
    STEPS.iter().filter(may_take).map(offer).collect()
}

fn turn(steps: &[StepOffer], papers: &[PaperOffer], taken: Option<&StepTaken>) -> CaseTurn {
    let is_refused = papers.iter().any(|paper| paper.refused.is_some());
    let is_waiting = |paper: &PaperOffer| matches!(paper.status, PaperStatus::Waiting | PaperStatus::Sending);
    let can_go_on = steps.iter().any(|step| step.missing.is_none()) || papers.iter().any(|paper| paper.is_awaited);
    match taken {
        _ if is_refused || taken.is_some_and(|taken| taken.refused.is_some()) => CaseTurn::Refused,
        _ if can_go_on => CaseTurn::Own,
        Some(_) => CaseTurn::Waiting,
        None if papers.iter().any(is_waiting) => CaseTurn::Waiting,
        None => CaseTurn::Others,
    }
}

fn refused(refusal: Refusal) -> RefusedWhy {
    RefusedWhy { refusal, label_vi: refusal.label_vi().to_owned(), label_en: refusal.to_string() }
}

#[cfg(test)]
mod tests;
