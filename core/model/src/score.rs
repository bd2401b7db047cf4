//! From answers to points: general criteria plus task results.
//!
//! One computation serves the live total of an unfinished form and the final score, so that the two cannot differ. All
//! shares are exact; the only rounding is the one to hundredths at the end of the task score.

use crate::ratio::Ratio;
use crate::rule_set::general::Criterion;
use crate::rule_set::{Post, RuleSet, TaskShare};
use crate::task::{TaskLine, TaskRefused, check_lines, line_shares};

/// The points given for one general criterion.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct CriterionPoints {
    /// Key of the [`Criterion`].
    pub key: String,
    /// Hundredths of a point, from 0 to the criterion's maximum, in its steps.
    pub points_hundredths: u32,
}

/// Which formula applies, with what it needs beside the task lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// (a + b + c) / 3.
    NonLeader,
    /// (a + b + c + d + đ + e) / 6. Each judged share in percent, one of the rule set's values; none until answered.
    Leader {
        /// d: result of the field or unit in charge.
        unit_result_percent: Option<u8>,
        /// đ: ability to organise.
        organising_percent: Option<u8>,
        /// e: ability to unite.
        uniting_percent: Option<u8>,
    },
}

impl Duty {
    /// The kind of post whose criteria and shares apply.
    pub fn post(self) -> Post {
        match self {
            Self::NonLeader => Post::Other,
            Self::Leader { .. } => Post::Leading,
        }
    }

    fn judged_percent(self, share: TaskShare) -> Option<u8> {
        match (self, share) {
            (Self::Leader { unit_result_percent, .. }, TaskShare::UnitResult) => unit_result_percent,
            (Self::Leader { organising_percent, .. }, TaskShare::Organising) => organising_percent,
            (Self::Leader { uniting_percent, .. }, TaskShare::Uniting) => uniting_percent,
            (Self::Leader { .. }, TaskShare::Quantity | TaskShare::Quality | TaskShare::Progress) => None,
            (Self::NonLeader, _) => None,
        }
    }
}

/// The points of one form, in hundredths of a point.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct Score {
    /// General criteria, 0 to 3 000.
    pub general_hundredths: u32,
    /// Task results, 0 to 7 000.
    pub task_hundredths: u32,
    /// Both, 0 to 10 000.
    pub total_hundredths: u32,
    /// The shares in the mean of the task score, in the order of the formula.
    pub shares: Vec<ShareValue>,
}

/// One share of a task score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ShareValue {
    /// Which share.
    pub share: TaskShare,
    /// Its value, from 0 to 1.
    pub value: Ratio,
}

/// What a form is worth so far, and which answers are still missing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct LiveScore {
    /// The points with every missing answer counted as zero; answering can only raise them.
    pub score: Score,
    /// The missing answers in the order of the form.
    pub missing: Vec<MissingAnswer>,
}

/// An answer without which there is no score.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum MissingAnswer {
    /// A general criterion.
    Criterion {
        /// Its key.
        key: String,
    },
    /// The task table has no line.
    TaskLines,
    /// A judged share of a leader.
    JudgedShare {
        /// Which share.
        share: TaskShare,
    },
}

/// The score of a finished form; refuses a form with missing answers, naming them, and everything that
/// [`live_score`] refuses.
pub fn score(
    rules: &RuleSet,
    duty: Duty,
    general: &[CriterionPoints],
    tasks: &[TaskLine],
) -> Result<Score, ScoreRefused> {
    let live = live_score(rules, duty, general, tasks)?;
    if live.missing.is_empty() { Ok(live.score) } else { Err(ScoreRefused::Missing { missing: live.missing }) }
}

/// The score of an unfinished form.
///
/// Refuses points for an unknown criterion, twice, above its maximum or off its steps; a judged percentage that the rule
/// set does not list; and a task table that [`check_lines`] refuses.
pub fn live_score(
    rules: &RuleSet,
    duty: Duty,
    general: &[CriterionPoints],
    tasks: &[TaskLine],
) -> Result<LiveScore, ScoreRefused> {
    let mut missing = Vec::new();
    check_general(rules, duty.post(), general)?;
    let mut general_hundredths = 0;
    for criterion in rules.general.criteria_for(duty.post()) {
        match general.iter().find(|points| points.key == criterion.key) {
            Some(points) => general_hundredths += points.points_hundredths,
            None => missing.push(MissingAnswer::Criterion { key: criterion.key.clone() }),
        }
    }
    let shares = share_values(rules, duty, tasks, &mut missing)?;
    let task_hundredths = task_hundredths(rules, &shares);
    let total_hundredths = general_hundredths + task_hundredths;
    Ok(LiveScore { score: Score { general_hundredths, task_hundredths, total_hundredths, shares }, missing })
}

fn check_general(rules: &RuleSet, post: Post, general: &[CriterionPoints]) -> Result<(), ScoreRefused> {
    for (at, points) in general.iter().enumerate() {
        let key = || points.key.clone();
        let criterion = rules.general.criteria_for(post).find(|criterion| criterion.key == points.key);
        let criterion = criterion.ok_or_else(|| ScoreRefused::UnknownCriterion { key: key() })?;
        if general[..at].iter().any(|other| other.key == points.key) {
            return Err(ScoreRefused::CriterionTwice { key: key() });
        }
        check_points(criterion, points.points_hundredths)?;
    }
    Ok(())
}

/// Checks the points for one criterion against its maximum and its steps.
pub fn check_points(criterion: &Criterion, points_hundredths: u32) -> Result<(), ScoreRefused> {
    let (limit, step) = (criterion.points_max_hundredths.value, criterion.step_hundredths.value);
    let (key, given) = (|| criterion.key.clone(), points_hundredths);
    if given > limit {
        return Err(ScoreRefused::AboveLimit { key: key(), given, limit });
    }
    if given.is_multiple_of(step) { Ok(()) } else { Err(ScoreRefused::OffStep { key: key(), given, step }) }
}

/// The shares of the formula; a missing one is zero and named.
fn share_values(
    rules: &RuleSet,
    duty: Duty,
    tasks: &[TaskLine],
    missing: &mut Vec<MissingAnswer>,
) -> Result<Vec<ShareValue>, ScoreRefused> {
    check_lines(tasks)?;
    let lines = if tasks.is_empty() { None } else { Some(line_shares(&rules.task, tasks)?) };
    if lines.is_none() {
        missing.push(MissingAnswer::TaskLines);
    }
    let mut values = Vec::new();
    for &share in rules.task.shares(duty.post()) {
        let value = match share {
            TaskShare::Quantity => lines.map(|lines| lines.quantity),
            TaskShare::Quality => lines.map(|lines| lines.quality),
            TaskShare::Progress => lines.map(|lines| lines.progress),
            TaskShare::UnitResult | TaskShare::Organising | TaskShare::Uniting => judged_share(rules, duty, share)?,
        };
        if value.is_none() && share.is_judged() {
            missing.push(MissingAnswer::JudgedShare { share });
        }
        values.push(ShareValue { share, value: value.unwrap_or(Ratio::percent_of_one(0)) });
    }
    Ok(values)
}

fn judged_share(rules: &RuleSet, duty: Duty, share: TaskShare) -> Result<Option<Ratio>, ScoreRefused> {
    let Some(given) = duty.judged_percent(share) else { return Ok(None) };
    if rules.task.judged_percents.iter().any(|allowed| allowed.value == u32::from(given)) {
        Ok(Some(Ratio::percent_of_one(u64::from(given))))
    } else {
        Err(ScoreRefused::JudgedPercent { share, given })
    }
}

/// The mean of the shares times the maximum, rounded once.
fn task_hundredths(rules: &RuleSet, shares: &[ShareValue]) -> u32 {
    let values: Vec<Ratio> = shares.iter().map(|share| share.value).collect();
    let mean =
        Ratio::mean(&values).expect("the limits of a task table keep its common whole, a multiple of 100, below 10^15");
    let hundredths = mean.times(u64::from(rules.task.points_max_hundredths.value), rules.rounding);
    u32::try_from(hundredths).expect("a mean of shares up to one gives at most the maximum")
}

/// Why answers give no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ScoreRefused {
    /// The form is not finished; the missing answers are named.
    #[error("{} answers are missing", .missing.len())]
    Missing {
        /// In the order of the form.
        missing: Vec<MissingAnswer>,
    },
    /// Points for a criterion that this kind of post does not have.
    #[error("the criterion {key} is unknown")]
    UnknownCriterion {
        /// Its key.
        key: String,
    },
    /// Points for one criterion twice.
    #[error("the criterion {key} has points twice")]
    CriterionTwice {
        /// Its key.
        key: String,
    },
    /// More points than the criterion gives.
    #[error("{given} hundredths for {key}, which gives {limit}")]
    AboveLimit {
        /// Its key.
        key: String,
        /// Hundredths given.
        given: u32,
        /// Hundredths allowed.
        limit: u32,
    },
    /// Points between two steps.
    #[error("{given} hundredths for {key}, which counts in steps of {step}")]
    OffStep {
        /// Its key.
        key: String,
        /// Hundredths given.
        given: u32,
        /// Hundredths of one step.
        step: u32,
    },
    /// A judged share that the rule set does not list.
    #[error("{given} percent is not a value of this share")]
    JudgedPercent {
        /// Which share.
        share: TaskShare,
        /// Percent given.
        given: u8,
    },
    /// The task table is refused.
    #[error("the task table is refused")]
    Tasks {
        /// Why.
        #[from]
        source: TaskRefused,
    },
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rating::{Rating, Violation, level};
    use crate::ratio::{Rounded, Rounding};
    use crate::task::tests::{any_lines, line};

    /// Full points for the first criteria and none for the rest, until the sum is reached.
    pub(crate) fn general(mut sum_hundredths: u32) -> Vec<CriterionPoints> {
        let rules = RuleSet::decree_335();
        let criteria = rules.general.criteria.iter().map(|criterion| {
            let points_hundredths = sum_hundredths.min(criterion.points_max_hundredths.value);
            sum_hundredths -= points_hundredths;
            CriterionPoints { key: criterion.key.clone(), points_hundredths }
        });
        criteria.collect()
    }

    fn leader(percents: [u8; 3]) -> Duty {
        let [unit_result_percent, organising_percent, uniting_percent] = percents.map(Some);
        Duty::Leader { unit_result_percent, organising_percent, uniting_percent }
    }

    fn check(duty: Duty, general_points: u32, tasks: &[TaskLine], expected: (&str, &str, Rating)) {
        let rules = RuleSet::decree_335();
        let score = score(&rules, duty, &general(100 * general_points), tasks).unwrap();
        let printed =
            [score.task_hundredths, score.total_hundredths].map(|points| Rounded::hundredths(points).vietnamese());
        let rating = level(&rules, score.total_hundredths, Violation::Absent);
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
        let score = score(&rules, Duty::NonLeader, &general(2_000), &[line(1, (1, 1, 1, 0))]).unwrap();
        assert_eq!((score.task_hundredths, score.total_hundredths), (6_416, 8_416));
        assert_eq!(score.shares[1], ShareValue { share: TaskShare::Quality, value: Ratio::of(3, 4).unwrap() });
    }

    #[test]
    fn a_live_score_names_what_is_missing() {
        let rules = RuleSet::decree_335();
        let duty = Duty::Leader { unit_result_percent: Some(100), organising_percent: None, uniting_percent: Some(50) };
        let live = live_score(&rules, duty, &general(3_000)[1..], &[]).unwrap();
        let missing = vec![
            MissingAnswer::Criterion { key: "g1_1".into() },
            MissingAnswer::TaskLines,
            MissingAnswer::JudgedShare { share: TaskShare::Organising },
        ];
        assert_eq!(live.missing, missing);
        assert_eq!((live.score.general_hundredths, live.score.task_hundredths), (2_500, 1_750));
        assert_eq!(score(&rules, duty, &general(3_000)[1..], &[]), Err(ScoreRefused::Missing { missing }));
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
            let score = score(&RuleSet::decree_335(), duty, &general(50 * steps), &lines).unwrap();
            prop_assert_eq!(score.general_hundredths, 50 * steps);
            prop_assert!(score.task_hundredths <= 7_000 && score.total_hundredths <= 10_000);
            prop_assert_eq!(score.total_hundredths, score.general_hundredths + score.task_hundredths);
        }

        #[test]
        fn answering_never_lowers_the_live_total(lines in any_lines(), answered in 0..=10_usize) {
            let rules = RuleSet::decree_335();
            let general = general(3_000);
            let none = live_score(&rules, Duty::NonLeader, &general[..answered], &[]).unwrap();
            let some = live_score(&rules, Duty::NonLeader, &general[..answered], &lines).unwrap();
            let all = score(&rules, Duty::NonLeader, &general, &lines).unwrap();
            prop_assert!(none.score.total_hundredths <= some.score.total_hundredths);
            prop_assert!(some.score.total_hundredths <= all.total_hundredths);
        }
    }
}
