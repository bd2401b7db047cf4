//! Legal numbers as data: which law, which version, which points, thresholds, shares and roundings.
//!
//! An evaluation cycle pins one [`RuleSet`] by its [fingerprint](RuleSet::fingerprint); scoring, rating and reports take
//! every number from it. No threshold stands in code. A number read in an official or press text is
//! [`Provenance::Found`]; any other is a default that the office can edit, and every screen that shows it says so.

pub mod check;
pub mod condition;
pub mod fit;
pub mod general;
#[cfg(test)]
pub(crate) mod level_tests;
mod shipped;
#[cfg(test)]
mod tests;

use crate::rating::Rating;
use crate::ratio::{Ratio, Rounding};
use crate::rule_set::condition::ConditionRule;
use crate::rule_set::general::{Criterion, GeneralRule};
use crate::time::Day;

/// Points of the general criteria, in hundredths. Source of all three: Nghị định 335/2025 and Quy định 366, both 30 + 70
/// = 100 points.
pub const GENERAL_HUNDREDTHS_MAX: u32 = 3_000;
/// Points of the task results, in hundredths.
pub const TASK_HUNDREDTHS_MAX: u32 = 7_000;
/// Points of both together, in hundredths.
pub const TOTAL_HUNDREDTHS_MAX: u32 = GENERAL_HUNDREDTHS_MAX + TASK_HUNDREDTHS_MAX;

/// How well a number is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Read in an official or press text.
    Found,
    /// Known from elsewhere or chosen by us: editable by the office, and shown as such.
    Default,
}

/// A number of the law, in the unit that its place names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct LegalNumber {
    /// The number.
    pub value: u32,
    /// How well it is known.
    pub provenance: Provenance,
}

/// A share of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct LegalShare {
    /// The share.
    pub value: Ratio,
    /// How well it is known.
    pub provenance: Provenance,
}

/// One law's way of scoring and rating, in one version.
///
/// A law counts points, or sets conditions on the work, or both: `general`, `task` and `levels` are all there or all
/// absent, and where they are absent there are `conditions`. What a law does not use stands in no JSON, so a rule set
/// that needs nothing new keeps its bytes and old phones keep reading it.
///
/// Unknown keys are refused rather than skipped: a rule that an old app does not know could change a score.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Name in the data, for instance `nd_335_2025`.
    pub code: String,
    /// 1 and up; an edited rule set is a new version, never a changed one.
    pub version: u32,
    /// Name on a Vietnamese screen.
    pub name_vi: String,
    /// Name on an English screen.
    pub name_en: String,
    /// The text of law, with number and date.
    pub legal_reference: String,
    /// First day on which it governs.
    pub valid_from: Day,
    /// Last day; none while it lasts.
    pub valid_to: Option<Day>,
    /// The general criteria, 30 points; none under a law without points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general: Option<GeneralRule>,
    /// The task results, 70 points; none under a law without points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRule>,
    /// From how many points each level begins; none under a law without points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Levels>,
    /// What each level asks of the work beside points; none under a law that asks nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<ConditionRule>,
    /// How a task score is cut to hundredths, once, at its end.
    pub rounding: Rounding,
    /// How well the rounding is known.
    pub rounding_provenance: Provenance,
    /// How many may be rated excellent.
    pub quota: Quota,
    /// Who is rated at all.
    pub months: MonthRule,
    /// What a rating distribution counts against.
    pub rating_denominator: RatingDenominator,
}

impl RuleSet {
    /// The general criteria that a person in this kind of post answers; none under a law without points.
    pub fn criteria_for(&self, post: Post) -> impl Iterator<Item = &Criterion> {
        self.general.iter().flat_map(move |general| general.criteria_for(post))
    }

    /// Whether some level asks for the ratings of the units that a person in this kind of post leads.
    pub fn asks_for_led_units(&self, post: Post) -> bool {
        let conditions = self.conditions.iter().flat_map(|conditions| conditions.for_post(post));
        conditions.into_iter().any(|condition| condition.measure.is_of_units())
    }
}

/// A share of the task score, from nothing to everything.
///
/// Source: Nghị định 335/2025; the wire keys are the letters of its formula.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
pub enum TaskShare {
    /// a: completed over assigned, both weighted.
    #[serde(rename = "a")]
    Quantity,
    /// b: of required quality over assigned.
    #[serde(rename = "b")]
    Quality,
    /// c: on time over assigned.
    #[serde(rename = "c")]
    Progress,
    /// d: result of the field or unit that a leader is in charge of.
    #[serde(rename = "d")]
    UnitResult,
    /// đ: a leader's ability to organise.
    #[serde(rename = "dd")]
    Organising,
    /// e: a leader's ability to unite people.
    #[serde(rename = "e")]
    Uniting,
}

impl TaskShare {
    /// The question that asks for a judged share; the same as its wire key.
    pub fn question(self) -> Option<&'static str> {
        match self {
            Self::Quantity | Self::Quality | Self::Progress => None,
            Self::UnitResult => Some("d"),
            Self::Organising => Some("dd"),
            Self::Uniting => Some("e"),
        }
    }

    /// Whether a person judges it (d, đ, e); the others are computed from the task lines.
    pub fn is_judged(self) -> bool {
        self.question().is_some()
    }

    /// Name on a Vietnamese screen.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Quantity => "Số lượng",
            Self::Quality => "Chất lượng",
            Self::Progress => "Tiến độ",
            Self::UnitResult => "Kết quả lĩnh vực, đơn vị được giao phụ trách",
            Self::Organising => "Khả năng tổ chức triển khai nhiệm vụ",
            Self::Uniting => "Năng lực tập hợp, đoàn kết",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Quantity => "Quantity",
            Self::Quality => "Quality",
            Self::Progress => "Progress",
            Self::UnitResult => "Result of the field or unit in charge",
            Self::Organising => "Ability to organise",
            Self::Uniting => "Ability to unite",
        }
    }
}

/// How task results become points: the mean of the listed shares, times the maximum.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct TaskRule {
    /// Points for a mean of one, in hundredths.
    pub points_max_hundredths: LegalNumber,
    /// How well the two lists of shares are known.
    pub formula_provenance: Provenance,
    /// Shares in the mean of a person who leads nobody; only computed ones.
    pub non_leader_shares: Vec<TaskShare>,
    /// Shares in the mean of a leader.
    pub leader_shares: Vec<TaskShare>,
    /// What a judged share may be, in percent.
    pub judged_percents: Vec<LegalNumber>,
    /// What one quality failure takes from its product's quality, in percent.
    pub quality_failure_percent: LegalNumber,
    /// What one delay takes from its product's progress, in percent.
    pub delay_percent: LegalNumber,
}

impl TaskRule {
    /// The shares in the mean, for this kind of post.
    pub fn shares(&self, post: Post) -> &[TaskShare] {
        match post {
            Post::Leading => &self.leader_shares,
            Post::Other => &self.non_leader_shares,
        }
    }
}

/// Whether a post leads; the two are scored and rated differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// A leading or managing post.
    Leading,
    /// Any other post.
    Other,
}

impl Post {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Leading, Self::Other];
}

/// From how many points of the total each level begins, in hundredths; below the last is not completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// Excellent, usually from 9 000.
    pub excellent_from_hundredths: LegalNumber,
    /// Good, usually from 7 000.
    pub good_from_hundredths: LegalNumber,
    /// Completed, usually from 5 000.
    pub completed_from_hundredths: LegalNumber,
}

impl Levels {
    /// From how many hundredths a level begins; the lowest begins at nothing.
    pub fn begin_hundredths(&self, rating: Rating) -> u32 {
        match rating {
            Rating::Excellent => self.excellent_from_hundredths.value,
            Rating::Good => self.good_from_hundredths.value,
            Rating::Completed => self.completed_from_hundredths.value,
            Rating::NotCompleted => 0,
        }
    }
}

/// How many may be rated excellent, as a share **of those rated good**, not of everybody.
///
/// Counted in each unit and in each group of similar duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The ordinary share, one fifth.
    pub excellent_of_good_max: LegalShare,
    /// The share in a unit with outstanding results; whether a unit is one, is decided by people.
    pub outstanding_excellent_of_good_max: LegalShare,
}

/// Who is rated, by months of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct MonthRule {
    /// Who worked fewer months is not rated, but still reviews the year.
    pub rated_from_worked_months: LegalNumber,
    /// Who was absent so many months or more is rated below good.
    pub capped_from_absent_months: LegalNumber,
    /// Whoever worked so many months or more at another unit in the year needs its comment; none where no law asks for it.
    #[serde(default)]
    pub former_unit_comment_from_months: Option<LegalNumber>,
}

/// What a rating distribution counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum RatingDenominator {
    /// The people who have a level; whoever is not rated is in no denominator.
    RatedPeople,
}
