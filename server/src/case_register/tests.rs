use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use model::document::{Field, Scalar};
use model::entry::{EntryDraft, Status, Submit};
use model::hash::EntryHash;
use model::identity::{DocumentId, SpaceId};
use model::signed_value::canonical;

use super::*;

const CYCLE: CycleId = CycleId::from_bytes([9; 16]);

fn signed(kind: EntryKind, body: Result<Vec<u8>, minicbor::encode::Error<std::convert::Infallible>>) -> Entry {
    let (space, document) = (SpaceId::from_bytes([1; 16]), DocumentId::from_bytes([2; 16]));
    let (person, body) = (PersonId::from_bytes([3; 16]), body.unwrap());
    let draft = EntryDraft { kind, space, document, person, incarnation: 1, body };
    Entry::sign(draft, &SigningKey::from_bytes(&[7; 32])).unwrap()
}

/// A paper about the person of that number, with these answers.
fn filed(person: u8, paper: PaperKind, answers: &[(&str, &str)]) -> Entry {
    let field = |(name, text): &(&str, &str)| (answer_name(name), Field::Settled(Scalar::Text((*text).to_owned())));
    let value = canonical(&answers.iter().map(field).collect::<BTreeMap<_, _>>()).unwrap();
    let form = EntryHash::from_bytes([4; 32]);
    let submit = Submit { heads: Vec::new(), value, form, over: None, claimed_ms: 0 };
    let entry = signed(EntryKind::Submit, minicbor::to_vec(submit)).bytes;
    filing(person, paper, entry)
}

fn filing(person: u8, paper: PaperKind, entry: Vec<u8>) -> Entry {
    let person = PersonId::from_bytes([person; 16]);
    signed(
        EntryKind::File,
        minicbor::to_vec(Filed {
            cycle: CYCLE,
            person,
            paper,
            entry,
            claimed_ms: 0,
            consequence: None,
            unit: None,
            residence: None,
        }),
    )
}

fn step(to: CaseState) -> Entry {
    let about = EntryHash::from_bytes([5; 32]);
    signed(EntryKind::Status, minicbor::to_vec(Status { follows: None, to, reason: None, about, claimed_ms: 0 }))
}

struct Register {
    connection: Connection,
    number: u64,
    _folder: tempfile::TempDir,
}

impl Register {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = crate::database::open(&folder.path().join("register.db")).unwrap();
        Self { connection, number: 0, _folder: folder }
    }

    fn takes(&mut self, space: i64, entries: &[Entry]) -> CaseStanding {
        for entry in entries {
            self.number += 1;
            record(&self.connection, (space, self.number), entry, 1_000 * self.number as i64).unwrap();
        }
        of_cycle(&self.connection, CYCLE).unwrap().cases.into_iter().next().unwrap()
    }
}

fn rated(rating: Rating) -> Option<Outcome> {
    Some(Outcome::Rated { rating })
}

#[test]
fn a_number_of_a_state_is_the_one_on_the_wire() {
    for state in CaseState::ALL {
        assert_eq!(minicbor::to_vec(state).unwrap(), [state_number(state) as u8]);
        assert_eq!(state_of(state_number(state)), Some(state));
    }
}

#[test]
fn a_decision_counts_from_the_step_on_that_it_is_for() {
    let mut register = Register::new();
    let assessed = filed(1, PaperKind::SelfAssessment, &[("self_rating", "hoan_thanh_tot")]);
    let case = register.takes(1, &[assessed]);
    assert_eq!((case.step, case.self_rating, case.decided), (None, Some(Rating::Good), None));
    let decision = filed(1, PaperKind::Decision, &[("outcome", "rated"), ("rating", "hoan_thanh")]);
    let case = register.takes(1, &[step(CaseState::Proposed), decision]);
    assert_eq!(case.step, Some(StandingStep { state: CaseState::Proposed, since_ms: 2_000 }));
    assert_eq!(case.decided, None, "signed, and not yet in force");
    assert_eq!(register.takes(1, &[step(CaseState::Decided)]).decided, rated(Rating::Completed));
}

#[test]
fn after_an_appeal_the_newer_decision_counts_and_a_changed_one_never_comes_back() {
    let decided = |rating| filed(1, PaperKind::Decision, &[("outcome", "rated"), ("rating", rating)]);
    let appealed = |outcome| {
        [
            step(CaseState::Notified),
            step(CaseState::Appealed),
            filed(1, PaperKind::AppealOutcome, &[("outcome", outcome)]),
        ]
    };
    let first = [decided("hoan_thanh"), step(CaseState::Decided)];
    for (outcome, second, expected) in [
        ("kept", None, rated(Rating::Completed)),
        ("changed", None, None),
        ("changed", Some("hoan_thanh_tot"), rated(Rating::Good)),
    ] {
        let mut register = Register::new();
        register.takes(1, &first);
        assert_eq!(register.takes(1, &appealed(outcome)).decided, rated(Rating::Completed), "until it is decided anew");
        let second = second.map(decided);
        let case = register.takes(1, &second.into_iter().chain([step(CaseState::Decided)]).collect::<Vec<_>>());
        assert_eq!(case.decided, expected, "{outcome}");
    }
}

#[test]
fn not_rated_is_no_level() {
    let answers = [("outcome", "not_rated"), ("rating", "hoan_thanh"), ("not_rated_reason", "too_few_months")];
    let case = Register::new().takes(1, &[filed(1, PaperKind::Decision, &answers), step(CaseState::Decided)]);
    assert_eq!(case.decided, Some(Outcome::NotRated { reason: NotRatedReason::TooFewMonths }));
}

#[test]
fn an_opinion_counts_with_its_figures() {
    let answers =
        [("voters_total", "80"), ("voters_present", "41"), ("agree", "38"), ("disagree", "1"), ("no_opinion", "2")];
    let case = Register::new().takes(1, &[filed(1, PaperKind::ResidenceOpinion, &answers)]);
    let counts = Some(OpinionCounts { agree: 38, disagree: 1, no_opinion: 2 });
    assert_eq!(case.residence, Some(ResidenceCounts { voters_total: 80, voters_present: 41, counts }));
    let attempt = Register::new().takes(1, &[filed(1, PaperKind::ResidenceOpinion, &answers[..2])]);
    assert_eq!(attempt.residence.unwrap().counts, None, "a meeting without a quorum counted nobody");
}

#[test]
fn what_cannot_be_read_hides_no_other_case() {
    let mut register = Register::new();
    register.takes(1, &[filing(1, PaperKind::Decision, vec![0xff])]);
    register.takes(2, &[filed(2, PaperKind::SelfAssessment, &[("self_rating", "a newer level")])]);
    register.takes(3, &[filed(3, PaperKind::SelfAssessment, &[("self_rating", "hoan_thanh")])]);
    let found = of_cycle(&register.connection, CYCLE).unwrap();
    let read: Vec<_> = found.cases.iter().map(|case| (case.self_rating, case.unread_papers)).collect();
    assert_eq!((read, found.unread), (vec![(None, 1), (None, 0), (Some(Rating::Completed), 0)], 0));
}
