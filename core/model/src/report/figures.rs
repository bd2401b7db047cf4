//! What goes into a report and what comes out: lines in, figures out.

use crate::identity::{PersonId, UnitId};
use crate::quota::QuotaCheck;
use crate::rating::{NotRatedReason, Outcome, Rating, Violation, YearOfWork};
use crate::ratio::Ratio;
use crate::score::results::Results;

/// One person of the cycle, as the report takes them in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ReportLine {
    /// Who.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// Their unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The post as it is written.
    pub title: String,
    /// The group of similar duties, one across all units of the report.
    pub duty_group: String,
    /// Whether the post leads.
    pub is_leader: bool,
    /// How far their assessment is.
    pub state: AssessmentState,
}

/// How far one assessment is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum AssessmentState {
    /// Nothing written.
    Missing,
    /// Begun and not submitted.
    Draft,
    /// Submitted.
    Submitted {
        /// The points and the work, as the rule set of the cycle found them.
        results: Results,
        /// Whether a finding overrides them.
        violation: Violation,
        /// The months that limit the level; none for a full year.
        year: Option<YearOfWork>,
        /// The level that the person chose.
        self_rating: Rating,
        /// In time or not.
        punctuality: Punctuality,
    },
    /// Decided: no level for this person in this cycle.
    NotRated {
        /// Why.
        reason: NotRatedReason,
    },
}

/// Whether a form came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Punctuality {
    /// On or before the last day of the cycle, by the log's receipt.
    OnTime,
    /// After it.
    Late,
}

/// One case of the cycle, as far as reports on decisions are concerned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct DecidedCase {
    /// The cadre's unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The level that the person chose; none without a submitted self-assessment.
    pub self_rating: Option<Rating>,
    /// What the decision in force says, the last one after an appeal; none before the first.
    pub decided: Option<Outcome>,
    /// Whether that decision was published to the unit; without meaning before it is made.
    pub is_published: bool,
}

/// Everything the office reads about one cycle.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct AssessmentReport {
    /// Code of the rule set by which levels and quotas were found.
    pub rule_set_code: String,
    /// Its version.
    pub rule_set_version: u32,
    /// Progress of all units together.
    pub progress: Progress,
    /// Progress of each unit, in the order of [`AssessmentReport::rows`].
    pub units: Vec<UnitProgress>,
    /// How the levels are spread over all rated people.
    pub distribution: RatingDistribution,
    /// The quota in each unit, then in each group of similar duties.
    pub quotas: Vec<QuotaFinding>,
    /// One row per line of the input: by unit name, then name, then id; numbers in names by value.
    pub rows: Vec<ScoreRow>,
}

/// How many assessments are how far. Whoever is not rated is counted beside, in no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct Progress {
    /// People from whom a form is expected: the sum of the next three.
    pub expected: u32,
    /// Nothing written.
    pub not_started: u32,
    /// Begun and not submitted.
    pub draft: u32,
    /// Submitted, in time or late.
    pub submitted: u32,
    /// Of the submitted, those that came late.
    pub late: u32,
    /// People without a level in this cycle.
    pub not_rated: u32,
    /// Submitted of expected; none when nobody is expected.
    pub submitted_share: Option<Ratio>,
}

/// Progress of one unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct UnitProgress {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Its progress.
    pub progress: Progress,
}

/// How levels are spread over the rated people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct RatingDistribution {
    /// People with a level, the denominator.
    pub rated: u32,
    /// People who are not rated, in no denominator.
    pub not_rated: u32,
    /// All four levels, the highest first.
    pub levels: Vec<LevelShare>,
}

/// One level of a [`RatingDistribution`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct LevelShare {
    /// The level.
    pub rating: Rating,
    /// People with it.
    pub count: u32,
    /// Their share of the rated; none when nobody is rated.
    pub share: Option<Ratio>,
}

/// The quota in one place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct QuotaFinding {
    /// Where it was counted.
    pub scope: QuotaScope,
    /// What was found.
    pub check: QuotaCheck,
}

/// Where a quota is counted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum QuotaScope {
    /// In one unit.
    InUnit {
        /// The unit.
        unit: UnitId,
        /// Its name.
        unit_name: String,
    },
    /// In one group of similar duties, over all units of the report.
    InDutyGroup {
        /// The group as it is written.
        duty_group: String,
    },
}

/// One person of the score table. Points and level are those of the form, not of a decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ScoreRow {
    /// Who.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// Their unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The post as it is written.
    pub title: String,
    /// The group of similar duties.
    pub duty_group: String,
    /// Whether the post leads.
    pub is_leader: bool,
    /// How far the form is.
    pub mark: ProgressMark,
    /// General points in hundredths; none until submitted, and none under a law without points.
    pub general_hundredths: Option<u32>,
    /// Task points in hundredths; none until submitted, and none under a law without points.
    pub task_hundredths: Option<u32>,
    /// All points in hundredths; none until submitted, and none under a law without points.
    pub total_hundredths: Option<u32>,
    /// The level by points, conditions, months and findings, or not rated; none until submitted or decided.
    pub outcome: Option<Outcome>,
    /// The level that the person chose; none until submitted.
    pub self_rating: Option<Rating>,
}

/// How far a form is, in one word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum ProgressMark {
    /// Nothing written.
    NotStarted,
    /// Begun and not submitted.
    Draft,
    /// Submitted in time.
    Submitted,
    /// Submitted late.
    Late,
    /// No form counts for this person.
    NotRated,
}
