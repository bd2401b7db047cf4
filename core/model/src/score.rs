//! From answers to points: general criteria plus task results.
//!
//! One computation serves the live total of an unfinished form and the final score, so that the two cannot differ. All
//! shares are exact; the only rounding is the one to hundredths at the end of the task score. A law without points gives
//! no score, and the same two functions say what the work comes to and what is missing.

pub mod duty;
pub mod results;
#[cfg(test)]
pub(crate) mod tests;

use crate::ratio::Ratio;
use crate::rule_set::general::Criterion;
use crate::rule_set::{Post, RuleSet, TaskRule, TaskShare};
use crate::score::duty::Duty;
use crate::score::results::Results;
use crate::task::{LineShares, TaskCounts, TaskLine, TaskRefused, check_lines, line_shares};

/// The points given for one general criterion.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct CriterionPoints {
    /// Key of the [`Criterion`].
    pub key: String,
    /// Hundredths of a point, from 0 to the criterion's maximum, in its steps.
    pub points_hundredths: u32,
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
    /// The results with every missing answer counted as nothing; answering can only raise the points.
    pub results: Results,
    /// The missing answers in the order of the form.
    pub missing: Vec<MissingAnswer>,
}

/// An answer without which there is no result.
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
    /// How the units that a leader is in charge of are rated.
    LedUnits,
}

/// The results of a finished form; refuses a form with missing answers, naming them, and everything that
/// [`live_score`] refuses.
pub fn results(
    rules: &RuleSet,
    duty: Duty,
    general: &[CriterionPoints],
    tasks: &[TaskLine],
) -> Result<Results, ScoreRefused> {
    let live = live_score(rules, duty, general, tasks)?;
    if live.missing.is_empty() { Ok(live.results) } else { Err(ScoreRefused::Missing { missing: live.missing }) }
}

/// The results of an unfinished form.
///
/// Refuses points for an unknown criterion, twice, above its maximum or off its steps; a judged percentage that the rule
/// set does not list; a task table that [`check_lines`] refuses; and more good units than completed, or more completed
/// than led.
pub fn live_score(
    rules: &RuleSet,
    duty: Duty,
    general: &[CriterionPoints],
    tasks: &[TaskLine],
) -> Result<LiveScore, ScoreRefused> {
    let (post, mut missing) = (duty.post(), Vec::new());
    check_general(rules, post, general)?;
    check_lines(tasks)?;
    if duty.units().is_some_and(|units| !units.is_sound()) {
        return Err(ScoreRefused::LedUnits);
    }
    let general_hundredths = general_hundredths(rules, post, general, &mut missing);
    if tasks.is_empty() {
        missing.push(MissingAnswer::TaskLines);
    }
    let score = match &rules.task {
        Some(task) => {
            let shares = share_values(task, duty, tasks, &mut missing)?;
            let task_hundredths = task_hundredths(rules, task, &shares);
            let total_hundredths = general_hundredths + task_hundredths;
            Some(Score { general_hundredths, task_hundredths, total_hundredths, shares })
        }
        None => None,
    };
    if rules.asks_for_led_units(post) && duty.units().is_none() {
        missing.push(MissingAnswer::LedUnits);
    }
    let results = Results { post, score, tasks: TaskCounts::of(tasks), units: duty.units() };
    Ok(LiveScore { results, missing })
}

fn general_hundredths(
    rules: &RuleSet,
    post: Post,
    general: &[CriterionPoints],
    missing: &mut Vec<MissingAnswer>,
) -> u32 {
    let mut sum_hundredths = 0;
    for criterion in rules.criteria_for(post) {
        match general.iter().find(|points| points.key == criterion.key) {
            Some(points) => sum_hundredths += points.points_hundredths,
            None => missing.push(MissingAnswer::Criterion { key: criterion.key.clone() }),
        }
    }
    sum_hundredths
}

fn check_general(rules: &RuleSet, post: Post, general: &[CriterionPoints]) -> Result<(), ScoreRefused> {
    for (at, points) in general.iter().enumerate() {
        let key = || points.key.clone();
        let criterion = rules.criteria_for(post).find(|criterion| criterion.key == points.key);
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

/// The shares of the formula; a missing one is zero, and a judged one is named.
fn share_values(
    rule: &TaskRule,
    duty: Duty,
    tasks: &[TaskLine],
    missing: &mut Vec<MissingAnswer>,
) -> Result<Vec<ShareValue>, ScoreRefused> {
    let lines: Option<LineShares> = if tasks.is_empty() { None } else { Some(line_shares(rule, tasks)?) };
    let mut values = Vec::new();
    for &share in rule.shares(duty.post()) {
        let value = match share {
            TaskShare::Quantity => lines.map(|lines| lines.quantity),
            TaskShare::Quality => lines.map(|lines| lines.quality),
            TaskShare::Progress => lines.map(|lines| lines.progress),
            TaskShare::UnitResult | TaskShare::Organising | TaskShare::Uniting => judged_share(rule, duty, share)?,
        };
        if value.is_none() && share.is_judged() {
            missing.push(MissingAnswer::JudgedShare { share });
        }
        values.push(ShareValue { share, value: value.unwrap_or(Ratio::percent_of_one(0)) });
    }
    Ok(values)
}

fn judged_share(rule: &TaskRule, duty: Duty, share: TaskShare) -> Result<Option<Ratio>, ScoreRefused> {
    let Some(given) = duty.judged_percent(share) else { return Ok(None) };
    if rule.judged_percents.iter().any(|allowed| allowed.value == u32::from(given)) {
        Ok(Some(Ratio::percent_of_one(u64::from(given))))
    } else {
        Err(ScoreRefused::JudgedPercent { share, given })
    }
}

/// The mean of the shares times the maximum, rounded once.
fn task_hundredths(rules: &RuleSet, task: &TaskRule, shares: &[ShareValue]) -> u32 {
    let values: Vec<Ratio> = shares.iter().map(|share| share.value).collect();
    let mean =
        Ratio::mean(&values).expect("the limits of a task table keep its common whole, a multiple of 100, below 10^15");
    let hundredths = mean.times(u64::from(task.points_max_hundredths.value), rules.rounding);
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
    /// More good units than completed, or more completed than led.
    #[error("the ratings of the led units do not add up")]
    LedUnits,
    /// The task table is refused.
    #[error("the task table is refused")]
    Tasks {
        /// Why.
        #[from]
        source: TaskRefused,
    },
}
