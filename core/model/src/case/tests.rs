use super::filed::{FiledAt, check_step};
use super::findings::{Consequence, Decided, OutcomeBound};
use super::*;
use crate::decision::{Decisions, StatusInForce};
use crate::entry::Status;
use crate::hash::EntryHash;
use crate::rating::{Outcome, Rating};

fn hash(seed: u8) -> EntryHash {
    EntryHash::from_bytes([seed; 32])
}

/// A case in this state, in which the paper of a step was just filed.
fn at(from: Option<CaseState>, filed: PaperKind) -> Decisions {
    let mut decisions =
        Decisions { status: from.map(|to| StatusInForce { hash: hash(1), to }), ..Decisions::default() };
    decisions.findings.consequence = Some(Consequence { is_excused: true, ..Consequence::default() });
    decisions.papers.insert(filed, FiledAt { hash: hash(9), during: decisions.status.map(|status| status.hash) });
    decisions
}

fn status(to: CaseState, reason: Option<&str>) -> Status {
    let reason = reason.map(str::to_owned);
    Status { follows: None, to, reason, about: hash(9), claimed_ms: 0 }
}

/// The whole matrix: every role, and the office's server, from every state to every state.
#[test]
fn a_step_is_taken_by_whom_the_table_names_and_no_other_step_exists() {
    let from = || std::iter::once(None).chain(CaseState::ALL.map(Some));
    for (from, to) in from().flat_map(|from| CaseState::ALL.map(|to| (from, to))) {
        for role in std::iter::once(None).chain(Role::ALL.map(Some)) {
            let step = find_step(from, to);
            let about = step.map_or(PaperKind::SelfAssessment, |step| step.about);
            let held = role.map(|role| [role]);
            let told = check_step(
                held.as_ref().map(<[Role; 1]>::as_slice),
                &status(to, Some("Thiếu phần tự xếp loại.")),
                &at(from, about),
            );
            let expected = match (step, role) {
                (None, _) => Err(StepRefused::NoSuchStep),
                (Some(step), Some(role)) if step.by.contains(&role) => Ok(()),
                (Some(step), None) if step.by.is_empty() => Ok(()),
                (Some(_), _) => Err(StepRefused::OtherRole),
            };
            assert_eq!(told, expected, "{role:?}: {from:?} to {to:?}");
        }
    }
}

#[test]
fn a_form_is_returned_only_with_a_reason() {
    let case = at(Some(CaseState::Submitted), PaperKind::SelfAssessment);
    for reason in [None, Some(""), Some("  \n")] {
        let told = check_step(Some(&[Role::Head]), &status(CaseState::Returned, reason), &case);
        assert_eq!(told, Err(StepRefused::NoReason), "{reason:?}");
    }
}

/// A decision that was made before the head proposed anew does not decide about it.
#[test]
fn a_step_is_about_the_newest_paper_of_its_kind_that_was_filed_since_the_state_began() {
    let to = status(CaseState::Decided, None);
    let case = |during| {
        let mut case = at(Some(CaseState::Proposed), PaperKind::Notice);
        case.papers.insert(PaperKind::Decision, FiledAt { hash: hash(9), during });
        check_step(Some(&[Role::Authority]), &to, &case)
    };
    assert_eq!(case(Some(hash(1))), Ok(()));
    let missing = Err(StepRefused::NoPaper { paper: PaperKind::Decision });
    assert_eq!(case(Some(hash(2))), missing, "of an earlier proposal");
    let none = at(Some(CaseState::Proposed), PaperKind::HeadComment);
    assert_eq!(check_step(Some(&[Role::Authority]), &to, &none), missing, "nothing was decided");
    let other = Status { about: hash(8), ..to.clone() };
    let filed = at(Some(CaseState::Proposed), PaperKind::Decision);
    assert_eq!(check_step(Some(&[Role::Authority]), &other, &filed), Err(StepRefused::OtherPaper));
}

fn told(case: &Decisions, role: Role, to: CaseState) -> Result<(), StepRefused> {
    check_step(Some(&[role]), &status(to, None), case)
}

#[test]
fn only_an_excused_cadre_is_decided_about_without_a_self_assessment() {
    let mut case = at(Some(CaseState::Excused), PaperKind::Decision);
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Ok(()));
    case.findings.consequence = None;
    let missing = StepRefused::NoPaper { paper: PaperKind::SelfAssessment };
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Err(missing));
}

#[test]
fn a_review_waits_for_the_comment_of_the_former_unit_where_one_is_needed() {
    let mut case = at(Some(CaseState::UnderReview), PaperKind::Minutes);
    assert_eq!(told(&case, Role::Head, CaseState::AwaitingComments), Ok(()));
    case.findings.consequence = Some(Consequence { needs_former_unit: true, ..Consequence::default() });
    let missing = StepRefused::NoPaper { paper: PaperKind::OldUnitComment };
    assert_eq!(told(&case, Role::Head, CaseState::AwaitingComments), Err(missing));
    case.papers.insert(PaperKind::OldUnitComment, FiledAt { hash: hash(7), during: Some(hash(6)) });
    assert_eq!(told(&case, Role::Head, CaseState::AwaitingComments), Ok(()), "it was filed earlier");
}

#[test]
fn an_appeal_that_changes_the_decision_waits_for_the_new_one() {
    let mut case = at(Some(CaseState::Appealed), PaperKind::AppealOutcome);
    case.papers.insert(PaperKind::Decision, FiledAt { hash: hash(7), during: Some(hash(6)) });
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Ok(()), "the old one is kept");
    case.findings.is_appeal_upheld = true;
    let missing = StepRefused::NoPaper { paper: PaperKind::Decision };
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Err(missing));
    case.papers.insert(PaperKind::Decision, FiledAt { hash: hash(8), during: Some(hash(1)) });
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Ok(()));
}

/// Domain 4.2, `Decision`: two different ones for one sequence, and nothing is published.
#[test]
fn two_decisions_under_one_number_are_told_to_nobody() {
    let outcome = Outcome::Rated { rating: Rating::Good };
    let decided = Decided { sequence: 1, number: "12/QĐ".into(), date: "2026-12-10".into(), outcome };
    for (from, to, paper) in [
        (CaseState::Decided, CaseState::Notified, PaperKind::Notice),
        (CaseState::Notified, CaseState::Published, PaperKind::Publication),
    ] {
        let mut case = at(Some(from), paper);
        case.findings.decided = Some(decided.clone());
        assert_eq!(told(&case, Role::PersonnelOffice, to), Ok(()));
        case.findings.has_two_decisions = true;
        assert_eq!(told(&case, Role::PersonnelOffice, to), Err(StepRefused::TwoDecisions));
    }
}

/// What was filed agreed with the case then; by now another decision stands, or other months.
#[test]
fn what_another_paper_replaced_does_not_serve_for_the_next_step() {
    let outcome = Outcome::Rated { rating: Rating::Good };
    let decided = Decided { sequence: 2, number: "15/QĐ".into(), date: "2026-12-10".into(), outcome };
    for (from, to, paper) in [
        (CaseState::Decided, CaseState::Notified, PaperKind::Notice),
        (CaseState::Notified, CaseState::Published, PaperKind::Publication),
    ] {
        for (told_of, expected) in [(2, Ok(())), (1, Err(StepRefused::NoPaper { paper }))] {
            let mut case = at(Some(from), paper);
            case.findings.decided = Some(decided.clone());
            (case.findings.noticed, case.findings.published) = (Some(told_of), Some(told_of));
            assert_eq!(told(&case, Role::PersonnelOffice, to), expected, "{paper:?} of decision {told_of}");
        }
    }
    let mut case = at(Some(CaseState::Proposed), PaperKind::Decision);
    case.findings.decided = Some(decided);
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), Ok(()));
    let bound = OutcomeBound::AtMost { rating: Rating::Completed };
    case.findings.consequence = Some(Consequence { bound, ..Consequence::default() });
    let missing = Err(StepRefused::NoPaper { paper: PaperKind::Decision });
    assert_eq!(told(&case, Role::Authority, CaseState::Decided), missing);
}

#[test]
fn every_step_but_the_last_leads_on_and_every_state_is_reached() {
    for state in CaseState::ALL {
        assert!(STEPS.iter().any(|step| step.to == state), "{state:?} is never reached");
        assert_eq!(STEPS.iter().any(|step| step.from == Some(state)), state != CaseState::Archived, "{state:?}");
    }
}

/// A step can be taken at all only if its paper can be signed where the case is before it, or was filed earlier.
#[test]
fn the_paper_of_a_step_can_be_signed_before_it() {
    for step in STEPS {
        let lasting =
            [PaperKind::SelfAssessment, PaperKind::Publication, PaperKind::ServiceRecord].contains(&step.about);
        assert!(lasting || step.about.may_be_signed(step.about.author(), step.from), "{step:?}");
    }
}

#[test]
fn every_paper_has_a_row_a_word_and_an_author_who_alone_may_sign_it() {
    let states = || std::iter::once(None).chain(CaseState::ALL.map(Some));
    for kind in PaperKind::ALL {
        assert_eq!(PaperKind::from_word(kind.word()), Some(kind));
        for role in Role::ALL {
            let is_ever = states().any(|state| kind.may_be_signed(role, state));
            assert_eq!(is_ever, role == kind.author(), "{role:?} {kind:?}");
        }
    }
}
