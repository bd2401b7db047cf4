//! For whom a case waits, and whether it waits longer than it may.
//!
//! Who acts next follows from the steps of [`crate::case`]; until when, from the cycle and from the two terms below. Where
//! no term was found there is none, and nobody is late. This module never reads the clock.

use crate::case::{CaseState, STEPS, Step};
use crate::cycle::EvaluationCycle;
use crate::membership::Role;
use crate::period::Period;
use crate::time::Day;

/// The month and the day by which everybody's year is decided.
///
/// Source: domain specification 2.1, "annual deadline before 15 December", found in the press; the day itself counts as in
/// time. It is about years, so other periods have no such day.
pub const DECISION_DUE: (i8, i8) = (12, 15);

/// Working days after the decision within which the cadre is told in writing. Source: domain specification 2.1, known
/// only.
pub const NOTICE_WORKING_DAYS: u32 = 5;

/// Who takes the next step of a case, in the order of the steps; nobody once it is filed. `None` is a case that has not
/// begun.
///
/// Where the server takes the step by itself, because a paper came in, it is whoever signs that paper.
pub fn next_roles(state: Option<CaseState>) -> Vec<Role> {
    let (mut roles, is_excused) = (Vec::new(), state == Some(CaseState::Excused));
    // Nobody waits for an excuse, nor for whoever is excused.
    let is_awaited = |step: &&Step| step.to != CaseState::Excused && !(step.by.is_empty() && is_excused);
    for step in STEPS.iter().filter(|step| step.from == state).filter(is_awaited) {
        let author = [step.about.author()];
        let by = if step.by.is_empty() { &author } else { step.by };
        for role in by {
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
    }
    roles
}

/// The last day on which a case may still be in this state, reached on that day; none where no term is known.
///
/// Forms are due on the closing day of the cycle, also those that were returned; decisions on [`DECISION_DUE`], but never
/// before the forms; the notice so many working days after the decision.
pub fn due_day(cycle: &EvaluationCycle, state: Option<CaseState>, since: Day) -> Option<Day> {
    match state {
        None | Some(CaseState::Returned) => Some(cycle.closes),
        Some(
            CaseState::Excused
            | CaseState::Submitted
            | CaseState::OpinionsOpen
            | CaseState::OpinionsClosed
            | CaseState::UnderReview
            | CaseState::AwaitingComments
            | CaseState::Proposed,
        ) => decision_due(cycle),
        Some(CaseState::Decided) => Some(since.plus_working_days(NOTICE_WORKING_DAYS)),
        Some(CaseState::Notified | CaseState::Appealed | CaseState::Published | CaseState::Archived) => None,
    }
}

/// The last day for decisions of a cycle about a year; none for another period.
pub fn decision_due(cycle: &EvaluationCycle) -> Option<Day> {
    let (month, day) = DECISION_DUE;
    match cycle.period {
        Period::Year { year } => Day::new(i16::try_from(year).ok()?, month, day).ok().map(|due| due.max(cycle.closes)),
        Period::Quarter { .. } | Period::Term { .. } | Period::AdHoc { .. } => None,
    }
}

/// How many days a case is late today; none in time and where there is no term.
pub fn days_overdue(due: Option<Day>, today: Day) -> Option<u32> {
    u32::try_from(due?.days_until(today)).ok().filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleScope;
    use crate::form::built_in::civil_servant_self_assessment;
    use crate::identity::CycleId;
    use crate::period::Quarter;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn cycle(period: Period, closes: &str) -> EvaluationCycle {
        EvaluationCycle {
            id: CycleId::from_bytes([1; 16]),
            title: "Năm 2026".into(),
            period,
            rule_set_code: "nd_335_2025".into(),
            rule_set_version: 1,
            form: civil_servant_self_assessment().pin(),
            opens: day("2026-11-15"),
            closes: day(closes),
            scope: CycleScope::default(),
        }
    }

    #[test]
    fn a_case_is_late_from_the_day_after_the_last_one() {
        let year = cycle(Period::Year { year: 2026 }, "2026-12-10");
        let check = |state, since: &str, today: &str, late| {
            assert_eq!(days_overdue(due_day(&year, state, day(since)), day(today)), late, "{state:?} {today}");
        };
        check(None, "2026-11-15", "2026-12-10", None);
        check(None, "2026-11-15", "2026-12-11", Some(1));
        check(Some(CaseState::Returned), "2026-12-09", "2026-12-12", Some(2));
        for state in [CaseState::Submitted, CaseState::OpinionsOpen, CaseState::UnderReview, CaseState::Proposed] {
            check(Some(state), "2026-12-01", "2026-12-15", None);
            check(Some(state), "2026-12-01", "2026-12-16", Some(1));
        }
        // A Thursday; five working days later is the Thursday of the next week.
        check(Some(CaseState::Decided), "2026-12-10", "2026-12-17", None);
        check(Some(CaseState::Decided), "2026-12-10", "2026-12-18", Some(1));
        for state in [CaseState::Notified, CaseState::Appealed, CaseState::Published, CaseState::Archived] {
            check(Some(state), "2026-12-10", "2030-01-01", None);
        }
    }

    #[test]
    fn decisions_are_never_due_before_the_forms_and_only_for_years() {
        assert_eq!(decision_due(&cycle(Period::Year { year: 2026 }, "2026-12-31")), Some(day("2026-12-31")));
        assert_eq!(decision_due(&cycle(Period::Year { year: 2026 }, "2026-12-10")), Some(day("2026-12-15")));
        let third = Period::Quarter { year: 2026, quarter: Quarter::Third };
        assert_eq!(decision_due(&cycle(third, "2026-10-05")), None);
    }

    #[test]
    fn a_case_waits_for_whoever_may_take_the_next_step() {
        for (state, roles) in [
            (None, vec![Role::Subject]),
            (Some(CaseState::Returned), vec![Role::Subject]),
            (Some(CaseState::Submitted), vec![Role::Head, Role::PersonnelOffice]),
            (Some(CaseState::UnderReview), vec![Role::Head]),
            (Some(CaseState::Proposed), vec![Role::Authority]),
            (Some(CaseState::Notified), vec![Role::Subject, Role::PersonnelOffice]),
            (Some(CaseState::Archived), vec![]),
        ] {
            assert_eq!(next_roles(state), roles, "{state:?}");
        }
    }
}
