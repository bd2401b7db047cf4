//! The worked scores, and what a score can never be.

use proptest::prelude::*;

use super::*;
use crate::rating::{Rating, Violation, level};
use crate::ratio::{Rounded, Rounding};
use crate::score::duty::LedUnits;
use crate::task::tests::{any_lines, line};

/// Full points for the first criteria and none for the rest, until the sum is reached.
pub(crate) fn general(mut sum_hundredths: u32) -> Vec<CriterionPoints> {
    let rules = RuleSet::decree_335();
    let criteria = rules.general.unwrap().criteria.into_iter().map(|criterion| {
        let points_hundredths = sum_hundredths.min(criterion.points_max_hundredths.value);
        sum_hundredths -= points_hundredths;
        CriterionPoints { key: criterion.key, points_hundredths }
    });
    criteria.collect()
}

fn leader(percents: [u8; 3]) -> Duty {
    let [unit_result_percent, organising_percent, uniting_percent] = percents.map(Some);
    Duty::Leader { unit_result_percent, organising_percent, uniting_percent, units: None }
}

fn check(duty: Duty, general_points: u32, tasks: &[TaskLine], expected: (&str, &str, Rating)) {
    let rules = RuleSet::decree_335();
    let results = results(&rules, duty, &general(100 * general_points), tasks).unwrap();
    let rating = level(&rules, &results, Violation::Absent);
    let score = results.score.unwrap();
    let printed =
        [score.task_hundredths, score.total_hundredths].map(|points| Rounded::hundredths(points).vietnamese());
    assert_eq!((&*printed[0], &*printed[1], rating), expected);
}

#[test]
fn the_worked_scores_of_the_decree_come_out() {
    let perfect = [line(1, (1, 1, 0, 0))];
    let one_failure = [line(1, (1, 1, 1, 0))];
    check(Duty::NonLeader, 25, &perfect, ("70,00", "95,00", Rating::Excellent));
    check(Duty::NonLeader, 20, &one_failure, ("64,17", "84,17", Rating::Good));
    check(Duty::NonLeader, 30, &[line(1, (1, 0, 0, 0))], ("0,00", "30,00", Rating::NotCompleted));
    check(leader([100, 100, 100]), 30, &perfect, ("70,00", "100,00", Rating::Excellent));
    check(leader([50, 100, 100]), 25, &perfect, ("64,17", "89,17", Rating::Good));
    check(leader([50, 50, 50]), 10, &one_failure, ("49,58", "59,58", Rating::Completed));
}

#[test]
fn rounding_happens_once_and_as_named() {
    let mut rules = RuleSet::decree_335();
    rules.rounding = Rounding::Truncate;
    let results = results(&rules, Duty::NonLeader, &general(2_000), &[line(1, (1, 1, 1, 0))]).unwrap();
    let score = results.score.unwrap();
    assert_eq!((score.task_hundredths, score.total_hundredths), (6_416, 8_416));
    assert_eq!(score.shares[1], ShareValue { share: TaskShare::Quality, value: Ratio::of(3, 4).unwrap() });
}

#[test]
fn a_live_score_names_what_is_missing() {
    let rules = RuleSet::decree_335();
    let duty = Duty::Leader {
        unit_result_percent: Some(100),
        organising_percent: None,
        uniting_percent: Some(50),
        units: None,
    };
    let live = live_score(&rules, duty, &general(3_000)[1..], &[]).unwrap();
    let missing = vec![
        MissingAnswer::Criterion { key: "g1_1".into() },
        MissingAnswer::TaskLines,
        MissingAnswer::JudgedShare { share: TaskShare::Organising },
    ];
    assert_eq!(live.missing, missing);
    let score = live.results.score.unwrap();
    assert_eq!((score.general_hundredths, score.task_hundredths), (2_500, 1_750));
    assert_eq!(results(&rules, duty, &general(3_000)[1..], &[]), Err(ScoreRefused::Missing { missing }));
}

#[test]
fn impossible_points_are_refused() {
    let rules = RuleSet::decree_335();
    let key = || "g1_1".to_owned();
    let check = |points: &[(&str, u32)], expected| {
        let points: Vec<_> = points
            .iter()
            .map(|(key, points_hundredths)| CriterionPoints {
                key: (*key).into(),
                points_hundredths: *points_hundredths,
            })
            .collect();
        assert_eq!(live_score(&rules, Duty::NonLeader, &points, &[]), Err(expected));
    };
    check(&[("g1_1", 501)], ScoreRefused::AboveLimit { key: key(), given: 501, limit: 500 });
    check(&[("g1_1", 25)], ScoreRefused::OffStep { key: key(), given: 25, step: 50 });
    check(&[("g1_1", 50), ("g1_1", 50)], ScoreRefused::CriterionTwice { key: key() });
    check(&[("g9", 50)], ScoreRefused::UnknownCriterion { key: "g9".into() });
    let refused = live_score(&rules, leader([75, 100, 100]), &[], &[]);
    assert_eq!(refused, Err(ScoreRefused::JudgedPercent { share: TaskShare::UnitResult, given: 75 }));
}

proptest! {
    #[test]
    fn points_never_pass_their_limits(
        lines in any_lines(),
        steps in 0..=60_u32,
        judged in prop::option::of(prop::array::uniform3(prop::sample::select(vec![50_u8, 100]))),
    ) {
        let duty = judged.map_or(Duty::NonLeader, leader);
        let score = results(&RuleSet::decree_335(), duty, &general(50 * steps), &lines).unwrap().score.unwrap();
        prop_assert_eq!(score.general_hundredths, 50 * steps);
        prop_assert!(score.task_hundredths <= 7_000 && score.total_hundredths <= 10_000);
        prop_assert_eq!(score.total_hundredths, score.general_hundredths + score.task_hundredths);
    }

    #[test]
    fn answering_never_lowers_the_live_total(lines in any_lines(), answered in 0..=10_usize) {
        let rules = RuleSet::decree_335();
        let general = general(3_000);
        let total = |general: &[CriterionPoints], tasks: &[TaskLine]| {
            live_score(&rules, Duty::NonLeader, general, tasks).unwrap().results.score.unwrap().total_hundredths
        };
        let (none, some) = (total(&general[..answered], &[]), total(&general[..answered], &lines));
        prop_assert!(none <= some && some <= total(&general, &lines));
    }
}

#[test]
fn a_law_without_points_asks_for_tasks_and_of_leaders_for_their_units() {
    let rules = RuleSet::decree_90();
    let leads =
        |units| Duty::Leader { unit_result_percent: None, organising_percent: None, uniting_percent: None, units };
    let live = live_score(&rules, leads(None), &[], &[]).unwrap();
    assert_eq!((live.results.score, live.missing), (None, vec![MissingAnswer::TaskLines, MissingAnswer::LedUnits]));
    let live = live_score(&rules, Duty::NonLeader, &[], &[line(1, (1, 1, 0, 0))]).unwrap();
    assert_eq!((live.results.score, live.missing), (None, Vec::new()));
    let refused = |units| live_score(&rules, leads(Some(units)), &[], &[]).map(|_| ());
    assert_eq!(refused(LedUnits { led: 3, completed: 4, good: 0 }), Err(ScoreRefused::LedUnits));
    assert_eq!(refused(LedUnits { led: 3, completed: 2, good: 3 }), Err(ScoreRefused::LedUnits));
    assert_eq!(refused(LedUnits { led: 3, completed: 3, good: 3 }), Ok(()));
    let points = [CriterionPoints { key: "g1_1".into(), points_hundredths: 0 }];
    let unknown = ScoreRefused::UnknownCriterion { key: "g1_1".into() };
    assert_eq!(live_score(&rules, Duty::NonLeader, &points, &[]), Err(unknown));
}
