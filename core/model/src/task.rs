//! The lines of a task table and the three shares that follow from them.
//!
//! With coefficient k, assigned n and done m products per line, f quality failures and t delays, and deductions of p and
//! q percent per failure and delay (both 25 in Nghị định 335/2025):
//!
//! - a, quantity: Σ k·m / Σ k·n
//! - b, quality: Σ k·max(0, m − f·p %) / Σ k·n, because a failure takes p % of the points of one product
//! - c, progress: Σ k·max(0, m − t·q %) / Σ k·n
//!
//! A line whose cause was confirmed as objective loses nothing for failures and delays. As m ≤ n, each share lies
//! between 0 and 1. The sums are taken in hundredths, so nothing is rounded here; with [`LINES_MAX`] lines they stay
//! below 10¹⁵.

use std::collections::BTreeSet;

use crate::identity::TaskId;
use crate::ratio::Ratio;
use crate::rule_set::TaskRule;
use crate::text::{TextRefused, check_line, check_prose};

/// Lines of one task table; a year has 50 weeks, and a longer table is not read by anybody.
pub const LINES_MAX: u32 = 200;
/// Characters of a task's name. Source: domain model, `TaskLine`.
pub const TASK_NAME_CHARS_MAX: u32 = 300;
/// Characters of a task's evidence.
pub const EVIDENCE_CHARS_MAX: u32 = 1_000;
/// Hundredths of a coefficient, 0,01 to 500. Source: domain model, `TaskLine`.
pub const COEFFICIENT_HUNDREDTHS_MAX: u32 = 50_000;
/// Products of one line; a counter clerk of a large city handles some 100 000 files a year.
pub const ASSIGNED_MAX: u32 = 1_000_000;

/// One assigned task and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct TaskLine {
    /// Its name for ever.
    pub id: TaskId,
    /// What was to be done, 1 to [`TASK_NAME_CHARS_MAX`] characters.
    pub name: String,
    /// Weight of one product, 1 to [`COEFFICIENT_HUNDREDTHS_MAX`] hundredths.
    pub coefficient_hundredths: u32,
    /// Products assigned, 1 to [`ASSIGNED_MAX`].
    pub assigned: u32,
    /// Products completed, at most `assigned`; zero is a real result (task not begun).
    pub done: u32,
    /// Products completed beyond what was asked, at most `done`; zero in every line of an earlier version.
    #[serde(default, skip_serializing_if = "is_none")]
    #[uniffi(default = 0)]
    pub exceeded: u32,
    /// Times a product did not meet the required quality.
    pub quality_failures: u16,
    /// Times a product was late.
    pub delays: u16,
    /// Whether an objective cause was confirmed for this line's failures and delays, so that they deduct nothing.
    pub is_cause_objective: bool,
    /// What shows the result, for instance document numbers; possibly empty, at most [`EVIDENCE_CHARS_MAX`] characters.
    pub evidence: String,
}

impl TaskLine {
    /// Checks name, evidence and the ranges of the numbers.
    pub fn check(&self) -> Result<(), TaskRefused> {
        let task = self.id;
        let text = check_line(&self.name, TASK_NAME_CHARS_MAX).and(check_prose(&self.evidence, EVIDENCE_CHARS_MAX));
        text.map_err(|source| TaskRefused::Text { task, source })?;
        if !(1..=COEFFICIENT_HUNDREDTHS_MAX).contains(&self.coefficient_hundredths) {
            let (given, limit) = (self.coefficient_hundredths, COEFFICIENT_HUNDREDTHS_MAX);
            return Err(TaskRefused::Coefficient { task, given, limit });
        }
        if !(1..=ASSIGNED_MAX).contains(&self.assigned) {
            return Err(TaskRefused::Assigned { task, given: self.assigned, limit: ASSIGNED_MAX });
        }
        if self.done > self.assigned {
            return Err(TaskRefused::DoneAboveAssigned { task, done: self.done, assigned: self.assigned });
        }
        if self.exceeded > self.done {
            return Err(TaskRefused::ExceededAboveDone { task, exceeded: self.exceeded, done: self.done });
        }
        Ok(())
    }

    /// How often something that a confirmed objective cause excuses counts.
    fn counted(&self, times: u16) -> u32 {
        if self.is_cause_objective { 0 } else { u32::from(times) }
    }

    /// Hundredths of a product, weighted: what the line counts after so many deductions of so many percent.
    fn weight(&self, deductions: u16, percent: u32) -> u64 {
        let deducted = u64::from(self.counted(deductions)) * u64::from(percent);
        let products = (100 * u64::from(self.done)).saturating_sub(deducted);
        u64::from(self.coefficient_hundredths) * products
    }

    fn weight_assigned(&self) -> u64 {
        u64::from(self.coefficient_hundredths) * 100 * u64::from(self.assigned)
    }
}

/// What the task lines show, each share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct LineShares {
    /// a: completed over assigned.
    pub quantity: Ratio,
    /// b: of required quality over assigned.
    pub quality: Ratio,
    /// c: on time over assigned.
    pub progress: Ratio,
}

/// The three shares of a table; refuses an empty table, too many lines, a line twice, or a line that is refused alone.
pub fn line_shares(rule: &TaskRule, lines: &[TaskLine]) -> Result<LineShares, TaskRefused> {
    check_lines(lines)?;
    let assigned: u64 = lines.iter().map(TaskLine::weight_assigned).sum();
    let share = |weight: &dyn Fn(&TaskLine) -> u64| {
        Ratio::of(lines.iter().map(weight).sum(), assigned).ok_or(TaskRefused::NoLines)
    };
    Ok(LineShares {
        quantity: share(&|line| line.weight(0, 0))?,
        quality: share(&|line| line.weight(line.quality_failures, rule.quality_failure_percent.value))?,
        progress: share(&|line| line.weight(line.delays, rule.delay_percent.value))?,
    })
}

/// How many products a table has, and how many of them are how well done; no product is weighted.
///
/// With [`LINES_MAX`] lines of [`ASSIGNED_MAX`] products no count passes 2 · 10⁸.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct TaskCounts {
    /// Products assigned.
    pub assigned: u32,
    /// Products completed.
    pub done: u32,
    /// Products completed in time and of the required quality. Failures and delays are counted, not placed, so each is
    /// taken to be another product: a person is never said to have met more than the lines prove.
    pub as_required: u32,
    /// Products completed beyond what was asked.
    pub exceeded: u32,
    /// Products that were late, at most as many as a line has; a confirmed objective cause excuses its line.
    pub late: u32,
}

impl TaskCounts {
    /// Counts the lines of a table that [`check_lines`] accepts.
    pub fn of(lines: &[TaskLine]) -> Self {
        let sum = |count: fn(&TaskLine) -> u32| lines.iter().map(count).sum();
        Self {
            assigned: sum(|line| line.assigned),
            done: sum(|line| line.done),
            as_required: sum(|line| {
                line.done.saturating_sub(line.counted(line.quality_failures) + line.counted(line.delays))
            }),
            exceeded: sum(|line| line.exceeded),
            late: sum(|line| line.counted(line.delays).min(line.assigned)),
        }
    }
}

/// Checks a table that may still be empty: the number of lines, their names for ever, and each line.
pub fn check_lines(lines: &[TaskLine]) -> Result<(), TaskRefused> {
    if lines.len() > LINES_MAX as usize {
        return Err(TaskRefused::TooManyLines { given: lines.len() as u32, limit: LINES_MAX });
    }
    let mut seen = BTreeSet::new();
    for line in lines {
        if !seen.insert(line.id) {
            return Err(TaskRefused::Twice { task: line.id });
        }
        line.check()?;
    }
    Ok(())
}

/// Why a task table gives no shares.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TaskRefused {
    /// Not one line: a share of nothing does not exist.
    #[error("the table has no lines")]
    NoLines,
    /// More than [`LINES_MAX`] lines.
    #[error("{given} lines, and a table may have {limit}")]
    TooManyLines {
        /// Lines given.
        given: u32,
        /// Lines allowed.
        limit: u32,
    },
    /// Two lines are the same task.
    #[error("task {task} occurs twice")]
    Twice {
        /// The task.
        task: TaskId,
    },
    /// Name or evidence is missing, too long or invisible.
    #[error("the text of task {task} cannot be kept")]
    Text {
        /// The task.
        task: TaskId,
        /// What is wrong with it.
        source: TextRefused,
    },
    /// A coefficient of zero or above the limit.
    #[error("the coefficient of task {task} is {given} hundredths; 1 to {limit} are allowed")]
    Coefficient {
        /// The task.
        task: TaskId,
        /// Hundredths given.
        given: u32,
        /// Hundredths allowed.
        limit: u32,
    },
    /// No product assigned, or more than the limit; a task that nobody assigned is not a line.
    #[error("{given} products of task {task} are assigned; 1 to {limit} are allowed")]
    Assigned {
        /// The task.
        task: TaskId,
        /// Products given.
        given: u32,
        /// Products allowed.
        limit: u32,
    },
    /// More done than assigned; the surplus is a line of its own.
    #[error("{done} of {assigned} products of task {task} are done")]
    DoneAboveAssigned {
        /// The task.
        task: TaskId,
        /// Products done.
        done: u32,
        /// Products assigned.
        assigned: u32,
    },
    /// More done beyond what was asked than done at all.
    #[error("{exceeded} of {done} completed products of task {task} are beyond what was asked")]
    ExceededAboveDone {
        /// The task.
        task: TaskId,
        /// Products beyond what was asked.
        exceeded: u32,
        /// Products done.
        done: u32,
    },
}

/// Serde asks for a function on a reference.
fn is_none(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule_set::RuleSet;

    /// A line of weight 1: assigned, done, quality failures, delays.
    pub(crate) fn line(number: u8, (assigned, done, quality_failures, delays): (u32, u32, u16, u16)) -> TaskLine {
        TaskLine {
            id: TaskId::from_bytes([number; 16]),
            name: format!("Nhiệm vụ {number}"),
            coefficient_hundredths: 100,
            assigned,
            done,
            exceeded: 0,
            quality_failures,
            delays,
            is_cause_objective: false,
            evidence: String::new(),
        }
    }

    /// Any table that is accepted.
    pub(crate) fn any_lines() -> impl Strategy<Value = Vec<TaskLine>> {
        let numbers = (1..=COEFFICIENT_HUNDREDTHS_MAX, 1..=ASSIGNED_MAX, any::<u32>(), any::<(u16, u16, bool)>());
        prop::collection::vec(numbers, 1..=LINES_MAX as usize).prop_map(|lines| {
            let lines = lines.into_iter().zip(1..);
            lines
                .map(|((coefficient, assigned, done, (failures, delays, is_objective)), number)| TaskLine {
                    coefficient_hundredths: coefficient,
                    exceeded: (done % (assigned + 1)) / 2,
                    is_cause_objective: is_objective,
                    ..line(number, (assigned, done % (assigned + 1), failures, delays))
                })
                .collect()
        })
    }

    fn shares(lines: &[TaskLine]) -> Result<LineShares, TaskRefused> {
        line_shares(&RuleSet::decree_335().task.unwrap(), lines)
    }

    fn check(lines: &[TaskLine], expected_percents: [u64; 3]) {
        let shares = shares(lines).unwrap();
        assert_eq!([shares.quantity, shares.quality, shares.progress], expected_percents.map(Ratio::percent_of_one));
    }

    #[test]
    fn each_failure_and_delay_takes_a_quarter_of_one_product() {
        check(&[line(1, (1, 1, 0, 0))], [100, 100, 100]);
        check(&[line(1, (1, 1, 1, 0))], [100, 75, 100]);
        check(&[line(1, (1, 1, 0, 2))], [100, 100, 50]);
        check(&[line(1, (5, 4, 2, 4))], [80, 70, 60]);
        check(&[line(1, (2, 0, 0, 0))], [0, 0, 0]);
    }

    #[test]
    fn deductions_stop_at_nothing_and_stay_in_their_line() {
        check(&[line(1, (1, 1, 9, 9))], [100, 0, 0]);
        check(&[line(1, (1, 1, 9, 9)), line(2, (1, 1, 0, 0))], [100, 50, 50]);
    }

    #[test]
    fn a_coefficient_weighs_a_line() {
        let heavy = TaskLine { coefficient_hundredths: 300, ..line(2, (1, 0, 0, 0)) };
        check(&[line(1, (1, 1, 0, 0)), heavy], [25, 25, 25]);
    }

    #[test]
    fn a_confirmed_objective_cause_deducts_nothing() {
        check(&[TaskLine { is_cause_objective: true, ..line(1, (4, 3, 2, 2)) }], [75, 75, 75]);
    }

    #[test]
    fn products_are_counted_without_weight_and_each_failure_is_another_product() {
        let heavy = TaskLine { coefficient_hundredths: 300, exceeded: 2, ..line(1, (10, 8, 1, 2)) };
        let excused = TaskLine { is_cause_objective: true, ..line(2, (2, 2, 1, 2)) };
        let overrun = line(3, (1, 1, 4, 9));
        let counts = TaskCounts { assigned: 13, done: 11, as_required: 7, exceeded: 2, late: 3 };
        assert_eq!(TaskCounts::of(&[heavy, excused, overrun]), counts);
        assert_eq!(TaskCounts::of(&[]), TaskCounts::default());
    }

    #[test]
    fn a_line_of_an_earlier_version_exceeds_nothing_and_keeps_its_bytes() {
        let old = serde_json::to_string(&line(1, (2, 1, 0, 0))).unwrap();
        assert!(!old.contains("exceeded"), "{old}");
        assert_eq!(serde_json::from_str::<TaskLine>(&old).unwrap(), line(1, (2, 1, 0, 0)));
        let exceeded = TaskLine { exceeded: 1, ..line(1, (2, 1, 0, 0)) };
        let new = serde_json::to_string(&exceeded).unwrap();
        assert_eq!(serde_json::from_str::<TaskLine>(&new).unwrap(), exceeded);
        assert!(serde_json::from_str::<TaskLine>(&new.replace("exceeded", "surpassed")).is_err());
    }

    #[test]
    fn a_refused_table_names_its_task() {
        let task = TaskId::from_bytes([1; 16]);
        let limit = COEFFICIENT_HUNDREDTHS_MAX;
        let good = line(1, (1, 1, 0, 0));
        assert_eq!(shares(&[]), Err(TaskRefused::NoLines));
        assert_eq!(shares(&[good.clone(), good.clone()]), Err(TaskRefused::Twice { task }));
        assert_eq!(shares(&vec![good.clone(); 201]), Err(TaskRefused::TooManyLines { given: 201, limit: 200 }));
        let check = |line: TaskLine, expected| assert_eq!(shares(&[line]), Err(expected));
        check(line(1, (1, 2, 0, 0)), TaskRefused::DoneAboveAssigned { task, done: 2, assigned: 1 });
        let exceeded = TaskLine { exceeded: 3, ..line(1, (4, 2, 0, 0)) };
        check(exceeded, TaskRefused::ExceededAboveDone { task, exceeded: 3, done: 2 });
        check(line(1, (0, 0, 0, 0)), TaskRefused::Assigned { task, given: 0, limit: ASSIGNED_MAX });
        check(
            TaskLine { coefficient_hundredths: 50_001, ..good.clone() },
            TaskRefused::Coefficient { task, given: 50_001, limit },
        );
        check(TaskLine { name: " ".into(), ..good }, TaskRefused::Text { task, source: TextRefused::Blank });
    }

    proptest! {
        #[test]
        fn shares_lie_between_nothing_and_everything(lines in any_lines()) {
            let shares = shares(&lines).unwrap();
            prop_assert!(shares.quantity <= Ratio::percent_of_one(100));
            prop_assert!(shares.quality <= shares.quantity && shares.progress <= shares.quantity);
        }

        #[test]
        fn one_product_more_never_lowers_a_share(lines in any_lines(), which in any::<prop::sample::Index>()) {
            let before = shares(&lines).unwrap();
            let mut lines = lines;
            let line = which.get_mut(&mut lines);
            line.done = line.assigned.min(line.done + 1);
            let after = shares(&lines).unwrap();
            prop_assert!(after.quantity >= before.quantity && after.quality >= before.quality);
        }
    }
}
