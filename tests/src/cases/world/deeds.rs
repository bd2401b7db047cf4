//! What people do: they fill in papers, sign them and take steps, mostly when it is their turn.

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::decision::Decisions;
use model::entry::EntryKind;
use model::hash::EntryHash;
use model::identity::PersonId;
use model::paper::About;
use model::time::Timestamp;
use phone::store::{documents, spaces};
use phone::work::{Act, Paper};
use rand::RngExt;
use server::log;

use super::papers;
use super::people::{self, SUBJECTS};
use super::procedure::{holds, way, ways_from, writing};
use super::{CYCLE, Typed, World};

/// Steps of the database's engine that one act or exchange takes at most, roughly; a kill falls somewhere before.
const ENGINE_STEPS_MAX: u32 = 120;

/// What somebody can do about a case.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Sign(PaperKind),
    Step(CaseState),
}

impl World {
    /// One step, drawn from everything that may happen in this run.
    pub fn step(&mut self) {
        self.now_ms += self.random.random_range(1..60_000);
        self.office.note_clock(self.now_ms);
        match self.random.random_range(0..1_000) {
            0..330 => self.do_ones_duty(),
            330..420 => self.do_anything(),
            420..450 => self.write_minutes(),
            450..600 => self.visit_any(),
            600..690 => self.send(),
            690..810 => self.deliver(),
            810..825 => self.duplicate(),
            825..840 => self.lose_answer(),
            840..854 => self.back_up(),
            854..870 => self.restart(),
            870..888 => self.restore(),
            888..912 => self.copy_or_revive(),
            912..930 => self.send_away(),
            930..950 => self.appoint(),
            950..962 => self.let_in_late(),
            962..970 => self.look_around(),
            970..985 => self.set_clock(),
            _ => self.publish_again(),
        }
    }

    /// After how many steps of the engine the next process dies, if it does.
    pub fn dies_after(&mut self) -> Option<u32> {
        let dies = self.faults.kills && self.random.random_bool(0.05);
        dies.then(|| self.random.random_range(1..ENGINE_STEPS_MAX))
    }

    /// A phone's clock says anything; it labels and never decides.
    fn claimed(&mut self) -> Timestamp {
        let is_wrong = self.random.random_bool(0.2);
        let far = self.random.random_range(0..4_000_000_000_000);
        Timestamp::from_utc_ms(if is_wrong { far } else { self.now_ms })
    }

    /// Somebody whose turn it is looks at a case, does what is to do, and sends it.
    fn do_ones_duty(&mut self) {
        let subject = SUBJECTS[self.below(SUBJECTS.len())];
        let decisions = self.decided_on_server(subject);
        let state = decisions.status.map(|status| status.to);
        let mut deeds: Vec<Deed> = self.next_deeds(&decisions);
        if deeds.is_empty() || self.random.random_bool(0.12) {
            let signed = PaperKind::ALL.into_iter().filter(|kind| writing(*kind, state).1);
            deeds.extend(signed.map(Deed::Sign));
        }
        if deeds.is_empty() {
            return self.visit_any();
        }
        let deed = deeds[self.below(deeds.len())];
        let Some(index) = self.phone_for(deed, state, subject) else { return };
        if self.random.random_bool(0.8) {
            self.visit(index);
        }
        self.do_it(index, deed, subject);
        if self.random.random_bool(0.7) {
            self.visit(index);
        }
    }

    /// What a case waits for: a step, or the paper that the step is about.
    fn next_deeds(&self, decisions: &Decisions) -> Vec<Deed> {
        let state = decisions.status.map(|status| status.to);
        let since = decisions.status.map(|status| status.hash);
        let next = |to: CaseState| {
            let (_, kind) = way(state, to)?;
            let lasts = matches!(kind, PaperKind::SelfAssessment | PaperKind::Publication);
            let is_there = decisions.papers.get(&kind).is_some_and(|filed| lasts || filed.during == since);
            Some(if is_there { Deed::Step(to) } else { Deed::Sign(kind) })
        };
        let mut deeds: Vec<Deed> = state.into_iter().flat_map(ways_from).filter_map(next).collect();
        let findings = &decisions.findings;
        deeds.extend(match state {
            Some(CaseState::Appealed) if findings.is_appeal_upheld => Some(Deed::Sign(PaperKind::Decision)),
            Some(CaseState::Decided) if findings.has_two_decisions => Some(Deed::Sign(PaperKind::Decision)),
            Some(CaseState::UnderReview) if findings.consequence.is_some_and(|found| found.needs_former_unit) => {
                Some(Deed::Sign(PaperKind::OldUnitComment))
            }
            _ => None,
        });
        deeds
    }

    /// Somebody does what may be nobody's turn, or somebody else's: often the very step that a case waits for.
    fn do_anything(&mut self) {
        let (index, subject) = (self.below(self.phones.len()), SUBJECTS[self.below(SUBJECTS.len())]);
        let state = self.decided_on_server(subject).status.map(|status| status.to);
        let mut steps: Vec<CaseState> = state.into_iter().flat_map(ways_from).collect();
        if steps.is_empty() || self.random.random_bool(0.2) {
            steps = CaseState::ALL.to_vec();
        }
        let deed = match self.random.random_bool(0.4) {
            true => Deed::Sign(PaperKind::ALL[self.below(PaperKind::ALL.len())]),
            false => Deed::Step(steps[self.below(steps.len())]),
        };
        if self.random.random_bool(0.5) {
            self.visit(index);
        }
        self.do_it(index, deed, subject);
        if self.random.random_bool(0.3) {
            self.visit(index);
        }
    }

    pub(super) fn decided_on_server(&mut self, subject: PersonId) -> Decisions {
        let case = self.case_of(subject);
        let reader = self.server.office().reader();
        let space = log::space(reader, case.space).expect("the log can be read");
        let state =
            space.and_then(|space| log::document(reader, space.id, case.document).expect("the log can be read"));
        state.map(|state| state.decisions).unwrap_or_default()
    }

    /// A phone of somebody who may do this by what the office says today.
    fn phone_for(&mut self, deed: Deed, state: Option<CaseState>, subject: PersonId) -> Option<usize> {
        let roles = match deed {
            Deed::Sign(kind) => vec![writing(kind, state).0],
            Deed::Step(to) => way(state, to)?.0.to_vec(),
        };
        let day = people::day_of(self.now_ms);
        let may = |index: &usize| {
            let person = self.phones[*index].author.person;
            roles.iter().any(|role| holds(&self.office.appointed, (person, *role), subject, day))
        };
        let theirs: Vec<usize> = (0..self.phones.len()).filter(may).collect();
        if theirs.is_empty() { None } else { Some(theirs[self.below(theirs.len())]) }
    }

    fn do_it(&mut self, index: usize, deed: Deed, subject: PersonId) {
        match deed {
            Deed::Sign(kind) => self.sign(index, kind, subject),
            Deed::Step(to) => self.take_step(index, to, subject),
        }
    }

    /// Fills in a paper about somebody and signs it. Only the cadre writes a self-assessment.
    fn sign(&mut self, index: usize, kind: PaperKind, subject: PersonId) {
        let author = self.phones[index].author.person;
        if kind == PaperKind::SelfAssessment && !SUBJECTS.contains(&author) {
            return;
        }
        let person = if kind == PaperKind::SelfAssessment { author } else { subject };
        let about = About { kind, cycle: CYCLE, person, author };
        let paper = papers::paper_of(&self.server.office().identity(), about);
        if kind == PaperKind::Minutes && !self.knows(index, paper) {
            return;
        }
        self.edit(index, paper, (about, true));
        let (claimed, dies, form) = (self.claimed(), self.dies_after(), papers::fingerprint(kind));
        let made = self.phones[index]
            .act(dies, |work, store, author| work.submit(Act { store, author, claimed }, paper, form));
        self.note(format!("phone {index} signs {kind:?} about {person:?}: {made:?}"));
        self.remember(index, made, (EntryKind::Submit, paper), Some((kind, person)));
    }

    /// Somebody writes in the minutes of a review.
    fn write_minutes(&mut self) {
        let (index, person) = (self.below(self.phones.len()), SUBJECTS[self.below(SUBJECTS.len())]);
        let author = self.phones[index].author.person;
        let about = About { kind: PaperKind::Minutes, cycle: CYCLE, person, author };
        let paper = papers::paper_of(&self.server.office().identity(), about);
        if self.knows(index, paper) {
            self.edit(index, paper, (about, false));
            self.note(format!("phone {index} writes in the minutes of {person:?}"));
        }
    }

    /// Whether a phone has heard of the space in which a paper lies.
    fn knows(&mut self, index: usize, paper: Paper) -> bool {
        let reader = self.phones[index].store().reader();
        spaces::state(reader, paper.space).expect("a space can be read").is_some()
    }

    fn edit(&mut self, index: usize, paper: Paper, (about, is_signed): (About, bool)) {
        let case = self.case_of(about.person);
        let row = documents::find(self.phones[index].store().reader(), case.space, case.document);
        let known = row.expect("a case can be read").map(|row| row.decisions.findings).unwrap_or_default();
        let edits = papers::edits(&mut self.random, about, &known, is_signed);
        let (claimed, dies) = (self.claimed(), self.dies_after());
        let made = self.phones[index]
            .act(dies, |work, store, author| work.edit(Act { store, author, claimed }, paper, &edits))
            .flatten();
        self.remember(index, made, (EntryKind::Change, paper), None);
    }

    /// What a running server does once a minute.
    fn look_around(&mut self) {
        let moment = self.server.moment(self.now_ms);
        self.server.office().look_after_all_cases(moment).expect("the cases can be looked after");
        self.note("the office looks after its cases".to_owned());
    }

    /// Takes a step of a case, as far as this phone knows it.
    fn take_step(&mut self, index: usize, to: CaseState, subject: PersonId) {
        let case = self.case_of(subject);
        let (claimed, dies) = (self.claimed(), self.dies_after());
        let to_with = (to, Some("add the evidence".to_owned()));
        let made = self.phones[index]
            .act(dies, |work, store, author| work.decide(Act { store, author, claimed }, case, to_with));
        self.note(format!("phone {index} takes {subject:?} to {to:?}: {made:?}"));
        self.remember(index, made, (EntryKind::Status, case), None);
    }

    fn remember(
        &mut self,
        index: usize,
        made: Option<EntryHash>,
        (kind, paper): (EntryKind, Paper),
        signed: Option<(PaperKind, PersonId)>,
    ) {
        if let Some(hash) = made {
            debug_assert!(kind != EntryKind::Submit || signed.is_some(), "a submission is of a kind");
            self.ghosts.typed.insert(hash, Typed { phone: index, paper, signed });
        }
    }
}
