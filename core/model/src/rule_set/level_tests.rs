//! Every number of the three laws that a level or a quota hangs on, on both of its sides.

use proptest::prelude::*;

use super::*;
use crate::quota::{QuotaStanding, check_quota};
use crate::rating::{OverridingFinding, RatingCounts, Violation, level};
use crate::score::Score;
use crate::score::duty::LedUnits;
use crate::score::results::Results;
use crate::task::TaskCounts;

/// Results of so many points, with one task that exceeded what was asked.
pub(crate) fn scored(total_hundredths: u32) -> Results {
    let general_hundredths = total_hundredths.min(GENERAL_HUNDREDTHS_MAX);
    let task_hundredths = total_hundredths - general_hundredths;
    let score = Some(Score { general_hundredths, task_hundredths, total_hundredths, shares: Vec::new() });
    Results { post: Post::Other, score, tasks: counts([1, 1, 1, 1, 0]), units: None }
}

/// Assigned, done, as required, exceeded, late.
fn counts([assigned, done, as_required, exceeded, late]: [u32; 5]) -> TaskCounts {
    TaskCounts { assigned, done, as_required, exceeded, late }
}

fn worked(post: Post, tasks: [u32; 5], units: Option<[u32; 3]>) -> Results {
    let units = units.map(|[led, completed, good]| LedUnits { led, completed, good });
    Results { post, score: None, tasks: counts(tasks), units }
}

#[test]
fn a_score_alone_decides_under_decree_335() {
    let check = |total_hundredths, expected| {
        for post in Post::ALL {
            let results = Results { post, tasks: counts([10, 0, 0, 0, 10]), ..scored(total_hundredths) };
            assert_eq!(level(&RuleSet::decree_335(), &results, Violation::Absent), expected, "{total_hundredths}");
        }
    };
    check(9_000, Rating::Excellent);
    check(8_999, Rating::Good);
    check(7_000, Rating::Good);
    check(6_999, Rating::Completed);
    check(5_000, Rating::Completed);
    check(4_999, Rating::NotCompleted);
}

#[test]
fn points_and_tasks_decide_together_under_regulation_366() {
    let check = |total_hundredths, tasks, expected| {
        for post in Post::ALL {
            let results = Results { post, tasks: counts(tasks), ..scored(total_hundredths) };
            let rating = level(&RuleSet::regulation_366(), &results, Violation::Absent);
            assert_eq!(rating, expected, "{total_hundredths} {tasks:?}");
        }
    };
    // Assigned, done, as required, exceeded, late.
    let (three_tenths, fewer) = ([10, 10, 10, 3, 0], [10, 10, 10, 2, 0]);
    check(9_000, three_tenths, Rating::Excellent);
    check(8_999, three_tenths, Rating::Good);
    check(10_000, fewer, Rating::Good);
    check(10_000, [1_000, 1_000, 1_000, 299, 0], Rating::Good);
    check(7_000, fewer, Rating::Good);
    check(6_999, three_tenths, Rating::Completed);
    check(10_000, [10, 10, 9, 10, 0], Rating::Completed);
    check(5_000, [10, 10, 8, 0, 2], Rating::Completed);
    check(4_999, three_tenths, Rating::NotCompleted);
    check(9_999, [5, 5, 4, 5, 1], Rating::Completed);
    check(9_999, [100, 100, 79, 50, 21], Rating::NotCompleted);
    check(9_999, [100, 99, 99, 50, 0], Rating::NotCompleted);
    check(10_000, [0, 0, 0, 0, 0], Rating::NotCompleted);
}

#[test]
fn tasks_alone_decide_for_those_who_lead_nobody_under_decree_90() {
    let check = |tasks, expected| {
        let results = worked(Post::Other, tasks, None);
        assert_eq!(level(&RuleSet::decree_90(), &results, Violation::Absent), expected, "{tasks:?}");
    };
    check([10, 10, 10, 5, 0], Rating::Excellent);
    check([1_000, 1_000, 1_000, 499, 0], Rating::Good);
    check([10, 10, 10, 0, 0], Rating::Good);
    check([10, 10, 9, 10, 0], Rating::Completed);
    check([10, 10, 8, 0, 2], Rating::Completed);
    check([100, 100, 79, 0, 21], Rating::NotCompleted);
    check([10, 5, 5, 5, 0], Rating::Completed);
    check([100, 49, 49, 49, 0], Rating::NotCompleted);
    check([0, 0, 0, 0, 0], Rating::NotCompleted);
}

#[test]
fn a_leader_answers_for_the_led_units_too_under_decree_90() {
    let check = |tasks, units, expected| {
        let results = worked(Post::Leading, tasks, units);
        assert_eq!(level(&RuleSet::decree_90(), &results, Violation::Absent), expected, "{tasks:?} {units:?}");
    };
    let (exceeding, eight_tenths) = ([10, 10, 10, 5, 0], [10, 10, 8, 0, 0]);
    // Led, completed, good.
    let seven_tenths = Some([10, 10, 7]);
    check(exceeding, seven_tenths, Rating::Excellent);
    check(exceeding, Some([10, 10, 6]), Rating::Completed);
    check(exceeding, Some([10, 9, 9]), Rating::Completed);
    check(exceeding, Some([1_000, 1_000, 699]), Rating::Completed);
    check([1_000, 1_000, 1_000, 499, 0], seven_tenths, Rating::Good);
    check(eight_tenths, seven_tenths, Rating::Good);
    check([100, 100, 79, 0, 0], seven_tenths, Rating::Completed);
    check([10, 9, 9, 0, 0], seven_tenths, Rating::Completed);
    check(eight_tenths, Some([10, 10, 6]), Rating::Completed);
    check([10, 10, 0, 0, 2], seven_tenths, Rating::Completed);
    check([100, 100, 0, 0, 21], seven_tenths, Rating::NotCompleted);
    check([10, 5, 5, 0, 0], Some([1, 0, 0]), Rating::Completed);
    check([100, 49, 49, 0, 0], seven_tenths, Rating::NotCompleted);
    check(exceeding, Some([0, 0, 0]), Rating::Excellent);
    check(exceeding, None, Rating::Completed);
}

#[test]
fn the_excellent_are_a_fifth_of_the_good_under_every_law() {
    let check = |(excellent, good), surplus, standings: [QuotaStanding; 3]| {
        let counts = RatingCounts { excellent, good, completed: 40, not_completed: 3 };
        for (rules, expected) in RuleSet::shipped().into_iter().zip(standings) {
            let checked = check_quota(&rules.quota, &counts);
            assert_eq!((checked.surplus, checked.standing), (surplus, expected), "{} {excellent}/{good}", rules.code);
        }
    };
    use QuotaStanding::{Exceeded, Kept, KeptIfOutstanding};
    check((4, 20), 0, [Kept; 3]);
    check((5, 20), 1, [KeptIfOutstanding, KeptIfOutstanding, Exceeded]);
    check((6, 20), 2, [Exceeded; 3]);
    check((1, 0), 1, [Exceeded; 3]);
    check((0, 0), 0, [Kept; 3]);
}

fn any_results() -> impl Strategy<Value = Results> {
    let tasks = (1..=40_u32, 0..=40_u32, 0..=40_u32, 0..=40_u32, 0..=40_u32);
    let units = (0..=12_u32, 0..=12_u32, 0..=12_u32);
    (0..=10_000_u32, any::<bool>(), tasks, units).prop_map(|(total_hundredths, is_leader, tasks, units)| {
        let (assigned, done, as_required, exceeded, late) = tasks;
        let done = done.min(assigned);
        let tasks = counts([assigned, done, as_required.min(done), exceeded.min(done), late.min(assigned)]);
        let completed = units.1.min(units.0);
        let units = LedUnits { led: units.0, completed, good: units.2.min(completed) };
        let (post, units) = if is_leader { (Post::Leading, Some(units)) } else { (Post::Other, None) };
        Results { post, tasks, units, ..scored(total_hundredths) }
    })
}

/// The same results with more of everything that is good and less of what is bad, as far as they go.
fn better(results: &Results, [points, done, as_required, exceeded, late]: [u32; 5]) -> Results {
    let TaskCounts { assigned, .. } = results.tasks;
    let done = (results.tasks.done + done).min(assigned);
    let tasks = TaskCounts {
        done,
        as_required: (results.tasks.as_required + as_required).min(done),
        exceeded: (results.tasks.exceeded + exceeded).min(done),
        late: results.tasks.late.saturating_sub(late),
        assigned,
    };
    let total_hundredths = results.score.as_ref().unwrap().total_hundredths;
    let units = results.units.map(|units| {
        let completed = (units.completed + done % 3).min(units.led);
        LedUnits { completed, good: (units.good + late % 3).min(completed), ..units }
    });
    Results { post: results.post, tasks, units, ..scored((total_hundredths + points).min(10_000)) }
}

proptest! {
    #[test]
    fn doing_better_never_lowers_a_level(
        results in any_results(),
        more in [0..=5_000_u32, 0..=40_u32, 0..=40_u32, 0..=40_u32, 0..=40_u32],
    ) {
        let better = better(&results, more);
        for rules in RuleSet::shipped() {
            let (before, after) = (level(&rules, &results, Violation::Absent), level(&rules, &better, Violation::Absent));
            prop_assert!(before <= after, "{}: {:?} {:?}", rules.code, results, better);
        }
    }

    #[test]
    fn a_violation_forces_the_lowest_level(results in any_results()) {
        for rules in RuleSet::shipped() {
            for finding in [OverridingFinding::Disciplined, OverridingFinding::Degraded, OverridingFinding::CorruptionInUnit] {
                let rating = level(&rules, &results, Violation::Overriding { finding });
                prop_assert_eq!(rating, Rating::NotCompleted);
            }
        }
    }
}
