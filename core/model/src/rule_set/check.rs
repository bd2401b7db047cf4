//! What makes a rule set usable, and the name that pins it.

use sha2::{Digest, Sha256};

use crate::rating::Rating;
use crate::ratio::Ratio;
use crate::rule_set::condition::Measure;
use crate::rule_set::general::GeneralRule;
use crate::rule_set::{
    GENERAL_HUNDREDTHS_MAX, Levels, MonthRule, Post, Quota, RuleSet, TASK_HUNDREDTHS_MAX, TOTAL_HUNDREDTHS_MAX,
    TaskRule, TaskShare,
};
use crate::text::{TextRefused, check_line};

/// Bytes of one rule set as JSON; the shipped one has about 5 000.
pub const RULE_SET_BYTES_MAX: u32 = 65_536;
/// Criteria, and groups of criteria, of one rule set; the largest known form has 20.
pub const CRITERIA_MAX: u32 = 64;
/// Characters of a key.
pub const KEY_CHARS_MAX: u32 = 60;
/// Characters of a name, label or legal reference.
pub const LABEL_CHARS_MAX: u32 = 400;
/// Values that a judged share can choose from.
const JUDGED_PERCENTS_MAX: usize = 11;

/// Says what the hash names, so that no other hash of this crate can equal a fingerprint.
const FINGERPRINT_DOMAIN: &[u8] = b"lang-nghe rule set 1\n";

impl RuleSet {
    /// Reads and checks a rule set from JSON of at most [`RULE_SET_BYTES_MAX`] bytes.
    pub fn parse(json: &str) -> Result<Self, RuleSetRefused> {
        if json.len() > RULE_SET_BYTES_MAX as usize {
            return Err(RuleSetRefused::TooLarge { limit_bytes: RULE_SET_BYTES_MAX });
        }
        let rules: Self = serde_json::from_str(json)
            .map_err(|error| RuleSetRefused::Unreadable { line: error.line() as u32, column: error.column() as u32 })?;
        rules.check()?;
        Ok(rules)
    }

    /// SHA-256 over the canonical bytes: compact JSON, keys in the order of declaration, so that spacing and key order
    /// of the file do not matter and any changed number or word does.
    pub fn fingerprint(&self) -> [u8; 32] {
        let canonical = serde_json::to_vec(self).expect("a rule set has only texts, numbers and lists");
        Sha256::new().chain_update(FINGERPRINT_DOMAIN).chain_update(canonical).finalize().into()
    }

    /// Checks texts, counts, sums, order of thresholds and shares.
    pub fn check(&self) -> Result<(), RuleSetRefused> {
        self.check_texts()?;
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            return Err(RuleSetRefused::EndsBeforeItBegins);
        }
        match (&self.general, &self.task, &self.levels) {
            (Some(general), Some(task), Some(levels)) => check_points(general, task, levels)?,
            (None, None, None) => self.check_without_points()?,
            _ => return Err(RuleSetRefused::HalfCounted),
        }
        self.conditions.iter().try_for_each(|conditions| conditions.check())?;
        check_quota(&self.quota)?;
        check_months(&self.months)
    }

    /// Without points, a level that asks nothing of somebody would be everybody's.
    fn check_without_points(&self) -> Result<(), RuleSetRefused> {
        let conditions = self.conditions.as_ref().ok_or(RuleSetRefused::RatesByNothing)?;
        let upper = [Rating::Excellent, Rating::Good, Rating::Completed].into_iter();
        let mut asked = upper.flat_map(|rating| Post::ALL.map(|post| conditions.of(rating, post).count()));
        if asked.all(|count| count > 0) { Ok(()) } else { Err(RuleSetRefused::RatesByNothing) }
    }

    fn check_texts(&self) -> Result<(), RuleSetRefused> {
        let groups = self.general.iter().flat_map(|general| &general.groups);
        let groups = groups.map(|group| (&group.key, &group.label_vi, &group.label_en));
        let criteria = self.general.iter().flat_map(|general| &general.criteria);
        let criteria = criteria.map(|one| (&one.key, &one.label_vi, &one.label_en));
        for (key, label_vi, label_en) in groups.chain(criteria).chain([(&self.code, &self.name_vi, &self.name_en)]) {
            check_line(key, KEY_CHARS_MAX)?;
            check_line(label_vi, LABEL_CHARS_MAX)?;
            check_line(label_en, LABEL_CHARS_MAX)?;
        }
        Ok(check_line(&self.legal_reference, LABEL_CHARS_MAX)?)
    }
}

fn check_points(general: &GeneralRule, task: &TaskRule, levels: &Levels) -> Result<(), RuleSetRefused> {
    let parts = (general.points_max_hundredths.value, task.points_max_hundredths.value);
    if parts != (GENERAL_HUNDREDTHS_MAX, TASK_HUNDREDTHS_MAX) {
        return Err(RuleSetRefused::Parts { general: parts.0, task: parts.1 });
    }
    check_general(general)?;
    check_task(task)?;
    check_levels(levels)
}

fn check_general(general: &GeneralRule) -> Result<(), RuleSetRefused> {
    let given = general.criteria.len().max(general.groups.len());
    if given > CRITERIA_MAX as usize {
        return Err(RuleSetRefused::TooManyCriteria { given: given as u32, limit: CRITERIA_MAX });
    }
    refuse_twice(general.groups.iter().map(|group| &group.key))?;
    refuse_twice(general.criteria.iter().map(|criterion| &criterion.key))?;
    for criterion in &general.criteria {
        let (points_max, step) = (criterion.points_max_hundredths.value, criterion.step_hundredths.value);
        if !general.groups.iter().any(|group| group.key == criterion.group) {
            return Err(RuleSetRefused::UnknownGroup { key: criterion.key.clone() });
        }
        if points_max == 0 || step == 0 || points_max % step != 0 {
            return Err(RuleSetRefused::Step { key: criterion.key.clone() });
        }
    }
    check_sum(general, Post::Leading)?;
    check_sum(general, Post::Other)
}

fn check_sum(general: &GeneralRule, post: Post) -> Result<(), RuleSetRefused> {
    let given: u64 = general.criteria_for(post).map(|one| u64::from(one.points_max_hundredths.value)).sum();
    if given == u64::from(GENERAL_HUNDREDTHS_MAX) { Ok(()) } else { Err(RuleSetRefused::GeneralSum { post, given }) }
}

fn refuse_twice<'a>(keys: impl Iterator<Item = &'a String>) -> Result<(), RuleSetRefused> {
    let mut keys: Vec<&String> = keys.collect();
    keys.sort();
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(RuleSetRefused::KeyTwice { key: pair[0].clone() }),
        None => Ok(()),
    }
}

fn check_task(task: &TaskRule) -> Result<(), RuleSetRefused> {
    let (leader, other) = (&task.leader_shares, &task.non_leader_shares);
    let occurs_twice = |shares: &[TaskShare]| (1..shares.len()).any(|at| shares[..at].contains(&shares[at]));
    if leader.is_empty() || other.is_empty() || occurs_twice(leader) || occurs_twice(other) {
        return Err(RuleSetRefused::Shares);
    }
    let is_judged = |shares: &[TaskShare]| shares.iter().any(|share| share.is_judged());
    if is_judged(other) || (is_judged(leader) && task.judged_percents.is_empty()) {
        return Err(RuleSetRefused::Shares);
    }
    if task.judged_percents.len() > JUDGED_PERCENTS_MAX {
        return Err(RuleSetRefused::Shares);
    }
    let percents = [task.quality_failure_percent, task.delay_percent];
    match task.judged_percents.iter().chain(&percents).find(|percent| percent.value > 100) {
        Some(percent) => Err(RuleSetRefused::Percent { given: percent.value }),
        None => Ok(()),
    }
}

fn check_levels(levels: &Levels) -> Result<(), RuleSetRefused> {
    let (excellent, good) = (levels.excellent_from_hundredths.value, levels.good_from_hundredths.value);
    let completed = levels.completed_from_hundredths.value;
    let is_descending = TOTAL_HUNDREDTHS_MAX >= excellent && excellent > good && good > completed && completed > 0;
    if is_descending { Ok(()) } else { Err(RuleSetRefused::LevelsNotDescending { excellent, good, completed }) }
}

fn check_quota(quota: &Quota) -> Result<(), RuleSetRefused> {
    let (ordinary, outstanding) = (quota.excellent_of_good_max.value, quota.outstanding_excellent_of_good_max.value);
    let is_ordered = ordinary <= outstanding && outstanding <= Ratio::percent_of_one(100);
    if is_ordered { Ok(()) } else { Err(RuleSetRefused::Quota) }
}

fn check_months(months: &MonthRule) -> Result<(), RuleSetRefused> {
    let given = months.rated_from_worked_months.value.max(months.capped_from_absent_months.value);
    if given <= 12 { Ok(()) } else { Err(RuleSetRefused::Months { given }) }
}

/// Why a rule set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetRefused {
    /// More than [`RULE_SET_BYTES_MAX`] bytes.
    #[error("a rule set may have {limit_bytes} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit_bytes: u32,
    },
    /// Not JSON, a key that we do not know, or a value of the wrong kind.
    #[error("the rule set cannot be read at line {line}, column {column}")]
    Unreadable {
        /// Line of the file, from 1.
        line: u32,
        /// Column of the line, from 1.
        column: u32,
    },
    /// A key, name, label or reference is blank, too long or invisible.
    #[error("a text cannot be kept")]
    Text {
        /// What is wrong with it.
        #[from]
        source: TextRefused,
    },
    /// The last day is before the first.
    #[error("the rule set ends before it begins")]
    EndsBeforeItBegins,
    /// Of general criteria, task results and levels some are there and some are not.
    #[error("points are counted by halves")]
    HalfCounted,
    /// Neither points nor, for every upper level and both kinds of post, a condition.
    #[error("a level asks nothing")]
    RatesByNothing,
    /// A condition has a share above one, stands twice in its level, asks for units of somebody who leads none, or asks
    /// less than the same condition of a lower level.
    #[error("the conditions of a level are not in order")]
    Condition {
        /// The level.
        rating: Rating,
        /// What the condition measures.
        measure: Measure,
    },
    /// The two parts are not 3 000 and 7 000 hundredths.
    #[error("the parts have {general} and {task} hundredths")]
    Parts {
        /// Hundredths for general criteria.
        general: u32,
        /// Hundredths for task results.
        task: u32,
    },
    /// More than [`CRITERIA_MAX`] criteria or groups.
    #[error("{given} criteria or groups, and {limit} are allowed")]
    TooManyCriteria {
        /// Criteria or groups given.
        given: u32,
        /// Criteria or groups allowed.
        limit: u32,
    },
    /// Two criteria, or two groups, have one key.
    #[error("the key {key} is used twice")]
    KeyTwice {
        /// The key.
        key: String,
    },
    /// A criterion's group does not exist.
    #[error("the group of criterion {key} is unknown")]
    UnknownGroup {
        /// Key of the criterion.
        key: String,
    },
    /// A criterion's maximum is zero or not a multiple of its step.
    #[error("the step of criterion {key} does not divide its maximum")]
    Step {
        /// Key of the criterion.
        key: String,
    },
    /// The criteria of one kind of post do not sum to 3 000 hundredths.
    #[error("the criteria sum to {given} hundredths")]
    GeneralSum {
        /// The kind of post.
        post: Post,
        /// Their sum in hundredths.
        given: u64,
    },
    /// A list of shares is empty, repeats itself, or asks for judgement where none is defined.
    #[error("the shares of the task score are not in order")]
    Shares,
    /// A percentage above 100.
    #[error("{given} percent")]
    Percent {
        /// The percentage.
        given: u32,
    },
    /// The thresholds do not fall strictly from at most 10 000 to above zero.
    #[error("the levels begin at {excellent}, {good} and {completed} hundredths")]
    LevelsNotDescending {
        /// Hundredths from which excellent begins.
        excellent: u32,
        /// Hundredths from which good begins.
        good: u32,
        /// Hundredths from which completed begins.
        completed: u32,
    },
    /// The outstanding share is smaller than the ordinary one, or above one.
    #[error("the quota shares are not in order")]
    Quota,
    /// More months than a year has.
    #[error("{given} months")]
    Months {
        /// The months.
        given: u32,
    },
}
