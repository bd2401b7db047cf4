//! The papers that this phone's person may write about somebody, and how far each of them is.
//!
//! Who may write what, the appointments of the directory say; where the case must be, its state says, if it is here.

use std::collections::BTreeSet;

use model::cadre::ResidenceMode;
use model::case::paper::PaperKind;
use model::case::{CaseState, READERS};
use model::cycle::EvaluationCycle;
use model::document::{Edit, Scalar};
use model::entry::EntryKind;
use model::identity::{CycleId, PersonId};
use model::membership::Role;
use model::minutes::{self, WRITERS};
use model::paper::{About, Heading};
use model::self_assessment::fields::answer_name;
use model::space::minutes_space;
use model::text::sort_key;
use model::time::Day;

use super::{Case, refused};
use crate::desk::{Desk, OpenPaper, cycles_by_deadline};
use crate::facade::now;
use crate::failure::Failure;
use crate::store::documents::DocumentRow;
use crate::store::entries::Held;
use crate::store::{documents, entries, spaces};
use crate::views::PaperStatus;
use crate::views::case::{PaperOffer, PaperToWrite};
use crate::work::Paper;

/// Days after the last day of a cycle on which papers about it are still offered: opinions, minutes and comments are
/// written after the forms were submitted, and an appeal may follow. Nobody who is not in a case hears when it ends.
const DAYS_OFFERED_MAX: i32 = 180;

impl Desk {
    /// What this person may write about whom, where this phone is not in the case: the nearest deadline first, by name.
    pub(crate) fn papers_to_write(&self, today: Day) -> Result<Vec<PaperToWrite>, Failure> {
        let is_under_way =
            |cycle: &&EvaluationCycle| cycle.opens <= today && cycle.closes.days_until(today) <= DAYS_OFFERED_MAX;
        let mut people: Vec<PersonId> = self.directory.cadres.keys().copied().collect();
        people.sort_by_cached_key(|person| (sort_key(&self.directory.name_of(*person)), *person));
        let mut papers = Vec::new();
        for person in people {
            let roles = self.own_roles(person, today)?;
            let is_asked = |kind: &PaperKind| *kind != PaperKind::ResidenceOpinion || self.asks_residence(person);
            let is_outside =
                |kind: &PaperKind| may_write(*kind, &roles) && !READERS.contains(&kind.author()) && is_asked(kind);
            let kinds: Vec<PaperKind> = PaperKind::ALL.into_iter().filter(is_outside).collect();
            if kinds.is_empty() {
                continue;
            }
            for cycle in cycles_by_deadline(&self.directory.cycles).into_iter().filter(is_under_way) {
                if self.directory.is_covered(cycle, person) && self.case_of(cycle.id, person)?.is_none() {
                    for kind in &kinds {
                        let about = About { kind: *kind, cycle: cycle.id, person, author: self.author()?.person };
                        if self.has_place(about)? {
                            papers.push(self.to_write(cycle, person, *kind)?);
                        }
                    }
                }
            }
        }
        Ok(papers)
    }

    /// What a paper is begun with; only whoever may write it begins it, at any time.
    pub(crate) fn paper_edits(&self, about: About, today: Day) -> Result<Vec<Edit>, Failure> {
        let About { kind, cycle, person, author } = about;
        let code = kind.form_code().ok_or(Failure::NotHere)?;
        let is_listed = self.directory.cycles.contains_key(&cycle) && self.directory.cadres.contains_key(&person);
        if !is_listed {
            return Err(Failure::NotHere);
        }
        self.check_may_write(about, today)?;
        let form = self.directory.newest_form(code).ok_or(Failure::NotHere)?.template().pin();
        if !kind.is_shared() {
            return Ok(Heading { kind, cycle, person, author, form }.edits());
        }
        let minutes = minutes::Heading { cycle, person, form };
        if self.has_place(about)? { Ok(minutes.edits()) } else { Err(Failure::NotHere) }
    }

    /// Whether this person may sign a paper now and it agrees with the case, as far as this phone knows.
    pub(crate) fn check_may_sign(&self, open: &OpenPaper, today: Day) -> Result<(), Failure> {
        let about = open.about;
        if !self.own_roles(about.person, today)?.contains(&about.kind.author()) {
            return Err(Failure::OtherRole);
        }
        let Some(case) = self.case_of(about.cycle, about.person)? else { return Ok(()) };
        if !may_be_signed(about.kind, case.state) {
            return Err(Failure::NotNow { state: case.state });
        }
        Ok(case.row.decisions.findings.check(about.kind, &open.fields)?)
    }

    /// What a paper is begun with beside its heading: what the case says already.
    pub(crate) fn prefilled(&self, about: About) -> Result<Vec<Edit>, Failure> {
        let Some(case) = self.case_of(about.cycle, about.person)? else { return Ok(Vec::new()) };
        let known = case.row.decisions.findings.prefilled(about.kind);
        let edit = |(key, text)| Edit { field: answer_name(key), value: Some(Scalar::Text(text)) };
        Ok(known.into_iter().map(edit).collect())
    }

    /// The same for a paper that was begun before: what is still open, and after a signature everything, for what was signed
    /// then is done.
    pub(crate) fn prefilled_anew(
        &mut self,
        about: About,
        (paper, row): (Paper, &DocumentRow),
    ) -> Result<Vec<Edit>, Failure> {
        let is_signed = row.decisions.submitted.is_some();
        let fields = self.work.fields(&self.store, paper)?;
        let known = self.prefilled(about)?.into_iter();
        Ok(known.filter(|edit| is_signed || !fields.contains_key(&edit.field)).collect())
    }

    /// The person's own paper of a kind in a case, begun or not.
    pub(crate) fn own_paper(&self, about: About) -> Result<Paper, Failure> {
        let space = match about.kind.is_shared() {
            true => {
                let server = self.device.home.as_ref().ok_or(Failure::NotEnrolled)?.server;
                minutes_space(&server, about.cycle, about.person)
            }
            false => self.own_space()?,
        };
        Ok(Paper { space, document: about.document(space) })
    }

    /// Whether this phone has the place of a paper: minutes are written in a space that begins with the case.
    pub(crate) fn has_place(&self, about: About) -> Result<bool, Failure> {
        let space = self.own_paper(about)?.space;
        let members = spaces::members(self.store.reader(), space)?;
        Ok(!about.kind.is_shared() || members.standing(self.device.id()).is_some())
    }

    /// What may be signed in a case now, and what was signed and is not settled.
    pub(super) fn offers(&self, case: &Case, today: Day) -> Result<Vec<PaperOffer>, Failure> {
        let roles = self.own_roles(case.person, today)?;
        let mut offers = Vec::new();
        for kind in PaperKind::ALL.into_iter().filter(|kind| may_write(*kind, &roles)) {
            let offer = self.offer(kind, (case.cycle, case.person), Some(case))?;
            let is_settled = matches!(offer.status, PaperStatus::Draft | PaperStatus::Received);
            let is_written = kind.is_shared() && may_be_signed(kind, case.state);
            if offer.may_be_signed || is_written || offer.refused.is_some() || !is_settled {
                offers.push(offer);
            }
        }
        Ok(offers)
    }

    fn asks_residence(&self, person: PersonId) -> bool {
        self.directory.cadres.get(&person).is_none_or(|held| held.cadre.residence != ResidenceMode::Exempt)
    }

    fn check_may_write(&self, about: About, today: Day) -> Result<(), Failure> {
        if may_write(about.kind, &self.own_roles(about.person, today)?) { Ok(()) } else { Err(Failure::OtherRole) }
    }

    /// The roles that this phone's person holds over the case of somebody.
    pub(super) fn own_roles(&self, subject: PersonId, today: Day) -> Result<BTreeSet<Role>, Failure> {
        let own = self.author()?.person;
        let held = self.directory.chart.roles_over(subject, today).into_iter();
        Ok(held.filter(|(person, _)| *person == own).map(|(_, role)| role).collect())
    }

    fn to_write(&self, cycle: &EvaluationCycle, person: PersonId, kind: PaperKind) -> Result<PaperToWrite, Failure> {
        Ok(PaperToWrite {
            cycle: cycle.id,
            cycle_title: cycle.title.clone(),
            person,
            person_name: self.directory.name_of(person),
            post: self.directory.post_of(person),
            offer: self.offer(kind, (cycle.id, person), None)?,
        })
    }

    fn offer(
        &self,
        kind: PaperKind,
        (cycle, person): (CycleId, PersonId),
        case: Option<&Case>,
    ) -> Result<PaperOffer, Failure> {
        let author = self.author()?.person;
        let paper = self.own_paper(About { kind, cycle, person, author })?;
        let begun = documents::find(self.store.reader(), paper.space, paper.document)?.map(|row| row.id);
        let held = entries::of_document(self.store.reader(), paper.space, paper.document)?;
        let safe = spaces::state(self.store.reader(), paper.space)?.map_or(0, |state| state.safe);
        let status = self.status(&held, safe);
        let newest = held.iter().rev().find(|entry: &&Held| entry.kind == EntryKind::Submit);
        let signs = self.own_roles(person, now().vietnamese_day())?.contains(&kind.author());
        let is_under_way = matches!(status, PaperStatus::Waiting | PaperStatus::Sending);
        Ok(PaperOffer {
            kind,
            label_vi: kind.label_vi().to_owned(),
            label_en: kind.label_en().to_owned(),
            paper: begun,
            status,
            refused: newest.and_then(|entry| entry.refusal).map(refused),
            may_be_signed: signs && case.is_none_or(|case| may_be_signed(kind, case.state)),
            is_awaited: signs && !is_under_way && case.is_some_and(|case| is_awaited(kind, case)),
        })
    }
}

/// Whether somebody with these roles writes a paper: its author, and of minutes everybody who writes them together.
fn may_write(kind: PaperKind, roles: &BTreeSet<Role>) -> bool {
    let writers: &[Role] = if kind.is_shared() { &WRITERS } else { &[] };
    roles.contains(&kind.author()) || writers.iter().any(|role| roles.contains(role))
}

fn may_be_signed(kind: PaperKind, state: CaseState) -> bool {
    kind.may_be_signed(kind.author(), Some(state))
}

/// Whether the case waits for a paper: it may be signed, and was not since the state began.
fn is_awaited(kind: PaperKind, case: &Case) -> bool {
    let filed = case.row.decisions.papers.get(&kind);
    let is_missing = match kind {
        PaperKind::SelfAssessment => case.state == CaseState::Returned,
        // Whoever has nothing to say writes none of these.
        PaperKind::Appeal | PaperKind::ServiceRecord => false,
        // Of the one that may be written in several states one is enough.
        PaperKind::OldUnitComment => filed.is_none(),
        // What stands is replaced only where it cannot stay.
        PaperKind::Decision if case.state == CaseState::Decided => case.row.decisions.findings.has_two_decisions,
        PaperKind::Decision if case.state == CaseState::Appealed => {
            let is_signed = filed.is_some_and(|filed| filed.during == Some(case.step));
            case.row.decisions.findings.is_appeal_upheld && !is_signed
        }
        PaperKind::ResidenceOpinion if case.row.decisions.findings.residence() != ResidenceMode::Annual => false,
        PaperKind::ResidenceOpinion
        | PaperKind::Minutes
        | PaperKind::PartyComment
        | PaperKind::HeadComment
        | PaperKind::Decision
        | PaperKind::Notice
        | PaperKind::Publication
        | PaperKind::AppealOutcome => filed.is_none_or(|filed| filed.during != Some(case.step)),
    };
    is_missing && may_be_signed(kind, case.state)
}
