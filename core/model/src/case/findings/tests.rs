use super::*;
use crate::document::{Field, Scalar};

const GOOD: Outcome = Outcome::Rated { rating: Rating::Good };
const COMPLETED: Outcome = Outcome::Rated { rating: Rating::Completed };
const TOO_FEW: Outcome = Outcome::NotRated { reason: NotRatedReason::TooFewMonths };

fn signed(answers: &[(&str, &str)]) -> Fields {
    let field = |(key, text): &(&str, &str)| (answer_name(key), Field::Settled(Scalar::Text((*text).to_owned())));
    answers.iter().map(field).collect()
}

fn decision(sequence: &str, outcome: Outcome, superseded: &str) -> Fields {
    let number = format!("{sequence}/QĐ-UBND");
    let mut answers = vec![("sequence", sequence), ("decision_number", &number), ("decision_date", "2026-12-10")];
    answers.extend(match outcome {
        Outcome::Rated { rating } => [("outcome", "rated"), ("rating", rating.wire_key())],
        Outcome::NotRated { reason } => [("outcome", "not_rated"), ("not_rated_reason", reason.wire_key())],
    });
    answers.push(("superseded_number", superseded));
    signed(&answers)
}

/// A case with these decisions, in the order in which they were filed.
fn decided(decisions: &[Fields]) -> Findings {
    let mut findings = Findings::default();
    decisions.iter().for_each(|fields| findings.decide(Decided::read(fields).unwrap()));
    findings
}

fn bound_by(bound: OutcomeBound) -> Findings {
    Findings { consequence: Some(Consequence { bound, ..Consequence::default() }), ..Findings::default() }
}

/// Domain 2.1, guards, and invariant I15: not rated is no level and needs its reason.
#[test]
fn months_of_service_bind_what_may_be_decided() {
    let capped = OutcomeBound::AtMost { rating: Rating::Completed };
    let unrated = OutcomeBound::NotRated { reason: NotRatedReason::TooFewMonths };
    let elsewhere = Outcome::NotRated { reason: NotRatedReason::RatedByNewUnit };
    for (bound, outcome, is_allowed) in [
        (OutcomeBound::Open, GOOD, true),
        (OutcomeBound::Open, TOO_FEW, false),
        (capped, COMPLETED, true),
        (capped, GOOD, false),
        (capped, TOO_FEW, false),
        (unrated, TOO_FEW, true),
        (unrated, elsewhere, false),
        (unrated, COMPLETED, false),
    ] {
        let told = bound_by(bound).check(PaperKind::Decision, &decision("1", outcome, ""));
        let expected = if is_allowed { Ok(()) } else { Err(Contradiction::OutOfBound { bound }) };
        assert_eq!(told, expected, "{bound:?} {outcome:?}");
    }
}

#[test]
fn a_head_proposes_nothing_that_nobody_may_decide() {
    let capped = bound_by(OutcomeBound::AtMost { rating: Rating::Completed });
    let proposing = |rating: Rating| signed(&[("proposed_rating", rating.wire_key())]);
    assert!(capped.check(PaperKind::HeadComment, &proposing(Rating::Completed)).is_ok());
    assert!(capped.check(PaperKind::HeadComment, &proposing(Rating::Good)).is_err());
    assert!(Findings::default().check(PaperKind::HeadComment, &proposing(Rating::Excellent)).is_ok());
    let none = signed(&[("outcome", "not_rated")]);
    let unrated = bound_by(OutcomeBound::NotRated { reason: NotRatedReason::TooFewMonths });
    assert!(unrated.check(PaperKind::HeadComment, &none).is_ok());
    assert!(unrated.check(PaperKind::HeadComment, &proposing(Rating::NotCompleted)).is_err(), "not rated is no level");
    assert!(capped.check(PaperKind::HeadComment, &none).is_err(), "nothing says why there should be none");
    let begun = [("outcome", "not_rated".to_owned())];
    assert_eq!(unrated.prefilled(PaperKind::HeadComment), begun);
}

#[test]
fn decisions_of_a_case_are_numbered_without_a_gap_and_name_the_one_before() {
    let first = decided(&[decision("1", GOOD, "")]);
    let check = |fields: &Fields| first.check(PaperKind::Decision, fields);
    assert_eq!(check(&decision("2", COMPLETED, "1/QĐ-UBND")), Ok(()));
    assert_eq!(check(&decision("1", GOOD, "")), Ok(()), "the same again changes nothing");
    let next = Err(Contradiction::Sequence { expected: 2 });
    assert_eq!(check(&decision("1", COMPLETED, "")), next, "a second one under its number");
    assert_eq!(check(&decision("3", COMPLETED, "1/QĐ-UBND")), next, "one is left out");
    let expected = "1/QĐ-UBND".to_owned();
    assert_eq!(check(&decision("2", COMPLETED, "7/QĐ")), Err(Contradiction::Number { expected }));
    let empty = Findings::default().check(PaperKind::Decision, &decision("2", GOOD, "1/QĐ-UBND"));
    assert_eq!(empty, Err(Contradiction::Sequence { expected: 1 }));
    assert_eq!(check(&signed(&[("sequence", "2")])), Err(Contradiction::Undecided));
}

/// Whatever the order in which they came back after a restore.
#[test]
fn two_decisions_of_one_number_stand_side_by_side_until_the_next_one() {
    let (good, completed) = (decision("1", GOOD, ""), decision("1", COMPLETED, ""));
    assert!(decided(&[good.clone(), completed.clone()]).has_two_decisions);
    assert!(decided(&[completed.clone(), good.clone()]).has_two_decisions);
    assert!(!decided(&[good.clone(), good.clone()]).has_two_decisions, "equal ones are one");
    let settled = decided(&[good.clone(), completed, decision("2", COMPLETED, "1/QĐ-UBND")]);
    assert!(!settled.has_two_decisions && settled.decided.unwrap().sequence == 2);
    let late = decided(&[decision("2", COMPLETED, "1/QĐ-UBND"), good]);
    assert!(!late.has_two_decisions && late.decided.unwrap().sequence == 2, "an older one comes late");
}

#[test]
fn notice_appeal_and_publication_name_the_decision_that_stands() {
    let case = decided(&[decision("1", GOOD, "")]);
    for kind in [PaperKind::Notice, PaperKind::Appeal] {
        let level = [("outcome", "rated"), ("rating", "hoan_thanh_tot")];
        let named = [&[("decision_number", " 1/QĐ-UBND ")][..], &level].concat();
        assert_eq!(case.check(kind, &signed(&named)), Ok(()));
        let expected = "1/QĐ-UBND".to_owned();
        let told = case.check(kind, &signed(&[("decision_number", "2/QĐ-UBND")]));
        assert_eq!(told, Err(Contradiction::Number { expected }), "{kind:?}");
        let told = Findings::default().check(kind, &signed(&[("decision_number", "1/QĐ-UBND")]));
        assert_eq!(told, Err(Contradiction::Undecided), "{kind:?}");
    }
}

/// Nobody types a number twice, and what is filled in before agrees with the case.
#[test]
fn papers_are_begun_with_what_the_case_says_already() {
    for outcome in [GOOD, TOO_FEW] {
        let case = decided(&[decision("1", outcome, "")]);
        for kind in [PaperKind::Notice, PaperKind::Appeal, PaperKind::Publication] {
            let begun = case.prefilled(kind);
            let answers: Vec<_> = begun.iter().map(|(key, text)| (*key, text.as_str())).collect();
            assert_eq!(case.check(kind, &signed(&answers)), Ok(()), "{kind:?}");
        }
        let next = case.prefilled(PaperKind::Decision);
        assert_eq!(next, [("sequence", "2".to_owned()), ("superseded_number", "1/QĐ-UBND".to_owned())]);
    }
    let begun = [("sequence", "1".to_owned()), ("outcome", "rated".to_owned())];
    assert_eq!(Findings::default().prefilled(PaperKind::Decision), begun);
}

#[test]
fn what_is_published_is_what_was_decided() {
    let publication = |outcome: &str, rating: &str| {
        signed(&[("decision_number", "1/QĐ-UBND"), ("outcome", outcome), ("rating", rating)])
    };
    let rated = decided(&[decision("1", GOOD, "")]);
    let unrated = decided(&[decision("1", TOO_FEW, "")]);
    for (case, outcome, rating, is_same) in [
        (&rated, "rated", "hoan_thanh_tot", true),
        (&rated, "rated", "hoan_thanh", false),
        (&rated, "not_rated", "", false),
        (&unrated, "not_rated", "", true),
        (&unrated, "rated", "hoan_thanh", false),
    ] {
        let told = case.check(PaperKind::Publication, &publication(outcome, rating));
        assert_eq!(told, if is_same { Ok(()) } else { Err(Contradiction::OtherOutcome) }, "{outcome} {rating}");
    }
}
