//! Who may do what in a case, tried out: everybody with every paper and every step, while the case is everywhere.
//!
//! Nothing here asks the tables of the model. The way through the states, and whose turn it is, is written down once more
//! below; what came of each attempt is one letter, and somebody who read the domain wrote down which letters must stand
//! there.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::filed::subject;
use model::case::paper::PaperKind;
use model::document::{DocumentKind, Edit, Scalar};
use model::entry::{Content, Entry};
use model::exchange::{Answered, Cursor};
use model::hash::EntryHash;
use model::identity::{CycleId, ParagraphId, PersonId};
use model::minutes::{self, paragraph_edits};
use model::paper::{About, Heading};
use model::rating::Rating;
use model::refusal::Refusal;
use model::space::{case_space, minutes_space};
use phone::work::Paper;
use server::log;

use super::chamber::{Chamber, asking, reading};
use super::pen::{Pen, Told};
use super::{answers, form_of, typed};
use crate::commune::{Commune, Member, filled};

use CaseState::{
    Appealed, Archived, AwaitingComments, Decided, Excused, Notified, OpinionsClosed, OpinionsOpen, Proposed,
    Published, Returned, Submitted, UnderReview,
};

/// Where a case can be, and the letter of its column.
pub const COLUMNS: [(Option<CaseState>, char); 14] = [
    (None, '-'),
    (Some(Excused), 'E'),
    (Some(Submitted), 'S'),
    (Some(Returned), 'R'),
    (Some(OpinionsOpen), 'O'),
    (Some(OpinionsClosed), 'C'),
    (Some(UnderReview), 'U'),
    (Some(AwaitingComments), 'A'),
    (Some(Proposed), 'P'),
    (Some(Decided), 'D'),
    (Some(Notified), 'N'),
    (Some(Appealed), 'K'),
    (Some(Published), 'B'),
    (Some(Archived), 'X'),
];

/// Somebody with a phone, by what they are called in the table.
#[derive(Clone)]
pub struct Seat {
    pub name: &'static str,
    pub pen: Pen,
}

/// Who says what in which paper.
type Saying = (&'static str, PaperKind, &'static [(&'static str, &'static str)]);

/// What is said of a cadre who is excused, by whom.
const EXCUSING: [Saying; 2] = [
    (
        "personnel",
        PaperKind::ServiceRecord,
        &[("worked_months", "5"), ("absent_months", "7"), ("maternity_leave", "yes")],
    ),
    ("authority", PaperKind::Decision, &[("outcome", "not_rated"), ("not_rated_reason", "too_few_months")]),
];

/// Whose turn it is in a state: the papers that are signed there, and the steps that leave it, each by a seat's name.
pub struct Turn {
    pub state: CaseState,
    pub papers: &'static [(&'static str, PaperKind)],
    pub steps: &'static [(&'static str, CaseState)],
}

impl Seat {
    /// All that was written in a paper here goes to the server; what it said to the last of it.
    fn writes(&self, chamber: &mut Chamber, paper: Paper) -> Told {
        let changes: Vec<&Entry> = self.pen.changes(paper).iter().collect();
        self.pen.push(chamber, paper.space, &changes).pop().unwrap()
    }
}

/// A case, a server for it, and everybody around it.
pub struct Sitting {
    pub chamber: Chamber,
    pub seats: Vec<Seat>,
    pub commune: Commune,
    pub person: PersonId,
}

/// What was tried: a paper is signed, a step is taken, or the case is read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tried {
    Read,
    Sign(PaperKind),
    Step(CaseState),
    /// A step before the paper that it is about was filed.
    StepEarly(CaseState),
}

/// One letter for each attempt: what, in which column, in the order of the seats.
pub type Letters = BTreeMap<(Tried, usize), Vec<char>>;

impl Sitting {
    /// Everybody is appointed and let in, and has begun every paper about the person.
    pub fn of(
        commune: Commune,
        person: PersonId,
        appointed: &[Appointment],
        people: &[(&'static str, PersonId)],
    ) -> Self {
        let mut chamber = Chamber::of(&commune);
        chamber.appoint(appointed);
        let mut seats = Vec::new();
        for (seed, (name, who)) in (1_u8..).zip(people) {
            seats.push(Seat { name, pen: Pen::of(&mut chamber, seed, *who) });
        }
        let mut sitting = Self { chamber, seats, commune, person };
        for index in 0..sitting.seats.len() {
            for kind in PaperKind::ALL {
                sitting.begin(index, kind);
                let paper = sitting.paper(index, kind);
                let _ = sitting.seats[index].writes(&mut sitting.chamber, paper);
            }
        }
        sitting
    }

    pub fn cycle(&self) -> CycleId {
        self.commune.cycle.id
    }

    pub fn case(&self) -> Paper {
        let space = case_space(&self.chamber.identity(), self.cycle(), self.person);
        Paper { space, document: DocumentKind::Case.document_about(space, &subject(self.cycle(), self.person)) }
    }

    pub fn seat(&self, name: &str) -> usize {
        self.seats.iter().position(|seat| seat.name == name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    /// Somebody's paper of a kind about the person.
    pub fn paper(&self, index: usize, kind: PaperKind) -> Paper {
        let pen = &self.seats[index].pen;
        let about = About { kind, cycle: self.cycle(), person: self.person, author: pen.person };
        let space = match kind {
            PaperKind::Minutes => minutes_space(&self.chamber.identity(), self.cycle(), self.person),
            _ => pen.own_space(),
        };
        Paper { space, document: about.document(space) }
    }

    fn begin(&mut self, index: usize, kind: PaperKind) {
        let (paper, author) = (self.paper(index, kind), self.seats[index].pen.person);
        let (edits, pin) = match kind {
            PaperKind::SelfAssessment => (self.account_in(self.cycle()), self.commune.cycle.form.clone()),
            PaperKind::Minutes => {
                let (form, cycle, person) = (form_of(kind), self.cycle(), self.person);
                let heading = minutes::Heading { cycle, person, form: form.pin() };
                let said = paragraph_edits(ParagraphId::from_bytes([1; 16]), 0, "Cuộc họp nhất trí.");
                ([heading.edits(), typed(&form, answers(kind)), said].concat(), form.pin())
            }
            _ => {
                let (form, cycle, person) = (form_of(kind), self.cycle(), self.person);
                let heading = Heading { kind, cycle, person, author, form: form.pin() };
                ([heading.edits(), typed(&form, answers(kind))].concat(), form.pin())
            }
        };
        let form = EntryHash::from_bytes(*pin.fingerprint.as_bytes());
        self.seats[index].pen.begin(paper, &edits, form);
    }

    /// The self-assessment of the person in a cycle, filled in whole.
    pub fn account_in(&self, cycle: CycleId) -> Vec<Edit> {
        let of_person = |member: &&Member| member.held.cadre.id == self.person;
        let is_leader = self.commune.members.iter().find(of_person).unwrap().held.assignment.is_leader;
        let mut edits = filled(self.commune.seed, self.person, is_leader, Rating::Good);
        let named = Edit { field: "cycle".to_owned(), value: Some(Scalar::Text(cycle.to_string())) };
        edits.retain(|edit| edit.field != named.field);
        edits.push(named);
        edits
    }

    /// The form of the self-assessment.
    pub fn form(&self) -> EntryHash {
        EntryHash::from_bytes(*self.commune.cycle.form.fingerprint.as_bytes())
    }

    /// Somebody signs, on a server; what they were told.
    pub fn signs(&self, chamber: &mut Chamber, index: usize, kind: PaperKind) -> Told {
        let (paper, pen) = (self.paper(index, kind), &self.seats[index].pen);
        let signed = pen.submission(paper, chamber.case(paper).and_then(|state| state.decisions.submitted));
        let pushed: Vec<&Entry> = pen.changes(paper).iter().chain([&signed]).collect();
        let told = pen.push(chamber, paper.space, &pushed);
        let told = told.into_iter().find(|told| *told != Told::Stored).unwrap_or(Told::Stored);
        if told == Told::Stored {
            assert!(self.is_filed(chamber, kind, &signed.bytes), "{kind:?} of {} is not filed", self.seats[index].name);
        }
        told
    }

    fn is_filed(&self, chamber: &Chamber, kind: PaperKind, bytes: &[u8]) -> bool {
        let case = self.case();
        let Some(filed) = chamber.case(case).and_then(|state| state.decisions.papers.get(&kind).copied()) else {
            return false;
        };
        let space = log::space(chamber.office.reader(), case.space).unwrap().unwrap();
        let (entry, _) = log::received(chamber.office.reader(), space.id, &filed.hash).unwrap().unwrap();
        matches!(entry.content, Content::File(filed) if filed.entry == bytes)
    }

    /// Somebody takes a step, on a server, about the newest paper that it could be about; what they were told.
    pub fn steps(&self, chamber: &mut Chamber, index: usize, to: CaseState) -> Told {
        let (case, pen) = (self.case(), &self.seats[index].pen);
        let decisions = chamber.case(case).map(|state| state.decisions).unwrap_or_default();
        let from = decisions.status.map(|status| status.to);
        let papers = [ground(from, to), PaperKind::SelfAssessment, PaperKind::ServiceRecord];
        let about = papers.iter().find_map(|kind| decisions.papers.get(kind)).map(|filed| filed.hash);
        let about = about.unwrap_or(EntryHash::from_bytes([0; 32]));
        let step = pen.step(case, (decisions.status.map(|status| status.hash), to), about);
        let told = pen.push(chamber, case.space, &[&step]).remove(0);
        let now = chamber.case(case).and_then(|state| state.decisions.status);
        let counts = now.is_some_and(|now| (now.hash, now.to) == (step.hash, to));
        assert_eq!(counts, told == Told::Stored, "{:?} by {}", (from, to), self.seats[index].name);
        told
    }

    /// Whoever was ever let into the case, by the name of their seat.
    pub fn let_in(&self) -> BTreeSet<&'static str> {
        let people = self.chamber.grants(self.case().space).into_iter().map(|grant| grant.person);
        let name = |who: PersonId| self.seats.iter().find(|seat| seat.pen.person == who).unwrap().name;
        people.map(name).collect()
    }

    /// Somebody asks for the case; whether any of it comes down.
    pub fn reads(&self, chamber: &mut Chamber, index: usize) -> Told {
        let (case, pen) = (self.case(), &self.seats[index].pen);
        let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
        let reply = pen.ask(chamber, &asking(vec![reading(case.space, cursor)]));
        let is_invited = pen.ask(chamber, &asking(Vec::new())).invited.contains(&case.space);
        let told = match &reply.spaces[0].answer {
            Answered::Rows(rows) if !rows.rows.is_empty() => Told::Stored,
            Answered::UnknownDevice => Told::Unknown,
            other => panic!("{other:?}"),
        };
        assert_eq!(told == Told::Stored, is_invited, "{} is told of the case and may not read it", pen.person);
        told
    }

    /// Tries everything everywhere. What is refused changes nothing; what is done is done on a twin.
    pub fn try_all(&mut self, turns: &[Turn]) -> Letters {
        let mut letters = Letters::new();
        self.visit(turns, |sitting, state, here| sitting.try_state(state, here, turns, &mut letters));
        letters
    }

    /// Goes through every state, the side ways too, and shows each one as a server of its own.
    pub fn visit(&mut self, turns: &[Turn], mut show: impl FnMut(&Self, Option<CaseState>, Chamber)) {
        let is_aside = |turn: &&Turn| {
            let is_from = |from: &Turn| from.steps.iter().skip(1).any(|(_, to)| *to == turn.state);
            turn.state == Excused || turns.iter().any(is_from)
        };
        let first = self.chamber.twin();
        show(self, None, first);
        if turns.iter().any(|turn| turn.state == Excused) {
            self.excuse(&mut show);
        }
        assert_eq!(self.signs_in_place(self.seat("subject"), PaperKind::SelfAssessment), Told::Stored);
        let mut on = self.chamber.twin();
        self.write_minutes(&mut on);
        self.chamber = on;
        for turn in turns.iter().filter(|turn| !is_aside(turn)) {
            let now = self.chamber.twin();
            show(self, Some(turn.state), now);
            let mut on = self.chamber.twin();
            self.file_all(&mut on, turn);
            for (name, to) in turn.steps.iter().skip(1) {
                let mut aside = on.twin();
                assert_eq!(self.steps(&mut aside, self.seat(name), *to), Told::Stored, "{name} {to:?}");
                show(self, Some(*to), aside);
            }
            if let Some((name, to)) = turn.steps.first() {
                assert_eq!(self.steps(&mut on, self.seat(name), *to), Told::Stored, "{name} {to:?}");
            }
            self.chamber = on;
        }
    }

    /// The side way of somebody on maternity leave: the record says so, and the decision that there is no level.
    fn excuse(&mut self, show: &mut impl FnMut(&Self, Option<CaseState>, Chamber)) {
        let (kept, mut aside) = (self.seats.clone(), self.chamber.twin());
        for (name, kind, changed) in EXCUSING {
            let index = self.seat(name);
            let (paper, edits) = (self.paper(index, kind), typed(&form_of(kind), changed));
            self.seats[index].pen.amend(paper, &edits);
            assert_eq!(self.seats[index].writes(&mut aside, paper), Told::Stored);
        }
        assert_eq!(self.signs(&mut aside, self.seat("personnel"), PaperKind::ServiceRecord), Told::Stored);
        show(self, Some(Excused), aside);
        self.seats = kept;
    }

    /// Whoever writes minutes has begun them; the others hear of no such space.
    pub fn write_minutes(&self, chamber: &mut Chamber) {
        for (index, seat) in self.seats.iter().enumerate() {
            let told = seat.writes(chamber, self.paper(index, PaperKind::Minutes));
            assert!(matches!(told, Told::Stored | Told::Unknown), "{}: {told:?}", seat.name);
        }
    }

    fn signs_in_place(&mut self, index: usize, kind: PaperKind) -> Told {
        let mut on = self.chamber.twin();
        let told = self.signs(&mut on, index, kind);
        self.chamber = on;
        told
    }

    /// Everybody whose turn it is signs.
    pub fn file_all(&self, chamber: &mut Chamber, turn: &Turn) {
        for (name, kind) in turn.papers {
            assert_eq!(self.signs(chamber, self.seat(name), *kind), Told::Stored, "{name} {kind:?}");
        }
    }

    fn try_state(&self, state: Option<CaseState>, mut here: Chamber, turns: &[Turn], letters: &mut Letters) {
        let column = COLUMNS.iter().position(|(known, _)| *known == state).unwrap();
        let signed = PaperKind::ALL.map(Tried::Sign).into_iter();
        let before = signed.chain(CaseState::ALL.map(Tried::StepEarly)).chain([Tried::Read]);
        self.try_each(&mut here, before.collect(), |tried, told| drop(letters.insert((tried, column), told)));
        if let Some(turn) = turns.iter().find(|turn| Some(turn.state) == state) {
            self.file_all(&mut here, turn);
        }
        let after = CaseState::ALL.map(Tried::Step).to_vec();
        self.try_each(&mut here, after, |tried, told| drop(letters.insert((tried, column), told)));
    }

    fn try_each(&self, here: &mut Chamber, attempts: Vec<Tried>, mut note: impl FnMut(Tried, Vec<char>)) {
        let mut spare = here.twin();
        for tried in attempts {
            let told = (0..self.seats.len()).map(|index| self.attempt((here, &mut spare), index, tried));
            note(tried, told.collect());
        }
    }

    /// One attempt. What was refused changed nothing; what was taken is taken back, and the server is where it was.
    fn attempt(&self, (here, spare): (&mut Chamber, &mut Chamber), index: usize, tried: Tried) -> char {
        let (rows, decided) = (here.office.rows().unwrap(), here.case(self.case()));
        let told = match tried {
            Tried::Read => self.reads(here, index),
            Tried::Sign(kind) => self.signs(here, index, kind),
            Tried::Step(to) | Tried::StepEarly(to) => self.steps(here, index, to),
        };
        if told == Told::Stored && tried != Tried::Read {
            *here = spare.twin();
        }
        let name = self.seats[index].name;
        assert_eq!(here.office.rows().unwrap(), rows, "{tried:?} by {name} left something behind");
        assert_eq!(here.case(self.case()), decided, "{tried:?} by {name} changed the case");
        letter(told)
    }
}

/// The letter of an answer.
fn letter(told: Told) -> char {
    match told {
        Told::Stored => '+',
        Told::Unknown => '.',
        Told::Refused(Refusal::NotAllowed) => 'a',
        Told::Refused(Refusal::NotNow) => 'n',
        Told::Refused(Refusal::Incomplete) => 'i',
        Told::Refused(_) | Told::Missing | Told::Wait => '?',
    }
}

/// What a step would be about, by the words of the domain: what was written for it.
fn ground(from: Option<CaseState>, to: CaseState) -> PaperKind {
    match to {
        Excused => PaperKind::ServiceRecord,
        Submitted | Returned | OpinionsOpen | UnderReview => PaperKind::SelfAssessment,
        OpinionsClosed => PaperKind::ResidenceOpinion,
        AwaitingComments => PaperKind::Minutes,
        Proposed => PaperKind::HeadComment,
        Decided if from == Some(Appealed) => PaperKind::AppealOutcome,
        Decided => PaperKind::Decision,
        Notified => PaperKind::Notice,
        Appealed => PaperKind::Appeal,
        Published | Archived => PaperKind::Publication,
    }
}
