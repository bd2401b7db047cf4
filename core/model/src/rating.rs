//! The four levels, who reaches which, and who is not rated at all.
//!
//! Not rated is an outcome beside the levels, never a fifth level, and in no denominator. This module knows no
//! threshold; they stand in the pinned rule set.

use minicbor::{Decode, Encode};

use crate::rule_set::{MonthRule, RuleSet};
use crate::score::results::Results;

/// One of the four levels, from the lowest to the highest.
///
/// Source: Nghị định 335/2025 and Quy định 366; a confidence vote has other levels and other types.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
    uniffi::Enum,
)]
#[cbor(index_only)]
pub enum Rating {
    /// Không hoàn thành nhiệm vụ.
    #[n(1)]
    #[serde(rename = "khong_hoan_thanh")]
    NotCompleted,
    /// Hoàn thành nhiệm vụ.
    #[n(2)]
    #[serde(rename = "hoan_thanh")]
    Completed,
    /// Hoàn thành tốt nhiệm vụ.
    #[n(3)]
    #[serde(rename = "hoan_thanh_tot")]
    Good,
    /// Hoàn thành xuất sắc nhiệm vụ.
    #[n(4)]
    #[serde(rename = "hoan_thanh_xuat_sac")]
    Excellent,
}

impl Rating {
    /// All levels, the highest first, as forms and reports list them.
    pub const ALL: [Self; 4] = [Self::Excellent, Self::Good, Self::Completed, Self::NotCompleted];

    /// The value of this level in forms and on the wire; the same as in JSON.
    pub fn wire_key(self) -> &'static str {
        match self {
            Self::Excellent => "hoan_thanh_xuat_sac",
            Self::Good => "hoan_thanh_tot",
            Self::Completed => "hoan_thanh",
            Self::NotCompleted => "khong_hoan_thanh",
        }
    }

    /// The level of this value; none for any other text.
    pub fn from_wire_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.wire_key() == key)
    }

    /// Name on a Vietnamese screen and in the decision.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Excellent => "Hoàn thành xuất sắc nhiệm vụ",
            Self::Good => "Hoàn thành tốt nhiệm vụ",
            Self::Completed => "Hoàn thành nhiệm vụ",
            Self::NotCompleted => "Không hoàn thành nhiệm vụ",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Excellent => "Excellent",
            Self::Good => "Good",
            Self::Completed => "Completed",
            Self::NotCompleted => "Not completed",
        }
    }
}

/// A finding that forces the lowest level, whatever the points.
///
/// Only that another body concluded it, never what it was about. Source: Nghị định 335/2025, không hoàn thành.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum OverridingFinding {
    /// Disciplined, from a reprimand (khiển trách) up.
    Disciplined,
    /// Degradation was concluded.
    Degraded,
    /// Corruption in the unit that the person leads.
    CorruptionInUnit,
}

/// Whether a finding overrides the points.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// The points decide. Not called `None`, which Swift would confuse with an absent value.
    Absent,
    /// The finding decides.
    Overriding {
        /// Which finding.
        finding: OverridingFinding,
    },
}

/// The level that results reach: the highest whose points and conditions are all met, the lowest if none is, and the
/// lowest under a violation. Monotone: more points, more work done and fewer delays never lower it.
///
/// Source: the levels and conditions of the pinned rule set. That whoever meets the conditions of no level has the lowest
/// is ours: Quy định 366 and Nghị định 90/2020 leave gaps between their levels.
pub fn level(rules: &RuleSet, results: &Results, violation: Violation) -> Rating {
    match violation {
        Violation::Overriding { .. } => Rating::NotCompleted,
        Violation::Absent => {
            let reached = Rating::ALL.into_iter().find(|rating| is_reached(rules, results, *rating));
            reached.unwrap_or(Rating::NotCompleted)
        }
    }
}

fn is_reached(rules: &RuleSet, results: &Results, rating: Rating) -> bool {
    let has_points = rules.levels.is_none_or(|levels| {
        results.score.as_ref().is_some_and(|score| score.total_hundredths >= levels.begin_hundredths(rating))
    });
    let mut conditions = rules.conditions.iter().flat_map(|conditions| conditions.of(rating, results.post));
    has_points && conditions.all(|condition| condition.is_met_by(results.share(condition.measure)))
}

/// What a year ends with.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
    uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// One of the four levels.
    #[n(1)]
    Rated {
        /// The level.
        #[n(0)]
        rating: Rating,
    },
    /// No level; this is not "not completed".
    #[n(2)]
    NotRated {
        /// Why.
        #[n(0)]
        reason: NotRatedReason,
    },
}

/// Why a person has no level.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
    uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum NotRatedReason {
    /// Worked fewer months than the rule set asks for.
    #[n(1)]
    TooFewMonths,
    /// Moved away; the new unit rates, with the old unit's comment.
    #[n(2)]
    RatedByNewUnit,
}

impl NotRatedReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::TooFewMonths, Self::RatedByNewUnit];

    /// The value of this reason in forms; the same as in JSON.
    pub fn wire_key(self) -> &'static str {
        match self {
            Self::TooFewMonths => "too_few_months",
            Self::RatedByNewUnit => "rated_by_new_unit",
        }
    }

    /// The reason of this value; none for any other text.
    pub fn from_wire_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.wire_key() == key)
    }
}

/// A person's year in whole months; a month not begun counts as neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct YearOfWork {
    /// Months worked, 0 to 12.
    pub worked_months: u8,
    /// Months of lawful absence, 0 to 12.
    pub absent_months: u8,
    /// Whether the absence was maternity leave.
    pub has_maternity_leave: bool,
}

/// The outcome of a year for a person whose points reach this level.
///
/// Too few months: not rated. Absent for three months or more: at most completed, so below good.
/// Source: domain specification 2.1, guards; the months are those of the rule set.
pub fn outcome(months: &MonthRule, year: YearOfWork, rating: Rating) -> Outcome {
    if u32::from(year.worked_months) < months.rated_from_worked_months.value {
        return Outcome::NotRated { reason: NotRatedReason::TooFewMonths };
    }
    let is_capped = u32::from(year.absent_months) >= months.capped_from_absent_months.value;
    Outcome::Rated { rating: if is_capped { rating.min(Rating::Completed) } else { rating } }
}

/// Whether a person reviews the year in writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum SelfReview {
    /// Yes, also without a level.
    Required,
    /// No: maternity leave left too few months.
    Excused,
}

/// Who has too few months still reviews the year, except after maternity leave. Source: domain specification 2.1.
pub fn self_review(months: &MonthRule, year: YearOfWork) -> SelfReview {
    let has_too_few_months = u32::from(year.worked_months) < months.rated_from_worked_months.value;
    if has_too_few_months && year.has_maternity_leave { SelfReview::Excused } else { SelfReview::Required }
}

/// How many people have each level; whoever is not rated is not here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct RatingCounts {
    /// People rated excellent.
    pub excellent: u32,
    /// People rated good.
    pub good: u32,
    /// People rated completed.
    pub completed: u32,
    /// People rated not completed.
    pub not_completed: u32,
}

impl RatingCounts {
    /// Counts levels.
    pub fn of(ratings: impl IntoIterator<Item = Rating>) -> Self {
        let mut counts = Self::default();
        for rating in ratings {
            match rating {
                Rating::Excellent => counts.excellent += 1,
                Rating::Good => counts.good += 1,
                Rating::Completed => counts.completed += 1,
                Rating::NotCompleted => counts.not_completed += 1,
            }
        }
        counts
    }

    /// People with this level.
    pub fn count(&self, rating: Rating) -> u32 {
        match rating {
            Rating::Excellent => self.excellent,
            Rating::Good => self.good,
            Rating::Completed => self.completed,
            Rating::NotCompleted => self.not_completed,
        }
    }

    /// People with a level: the denominator of a rating distribution.
    pub fn rated(&self) -> u32 {
        self.excellent + self.good + self.completed + self.not_completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_set::level_tests::scored;

    #[test]
    fn a_level_begins_exactly_at_its_threshold() {
        for (total_hundredths, expected) in [
            (10_000, Rating::Excellent),
            (9_000, Rating::Excellent),
            (8_999, Rating::Good),
            (7_000, Rating::Good),
            (6_999, Rating::Completed),
            (5_000, Rating::Completed),
            (4_999, Rating::NotCompleted),
            (0, Rating::NotCompleted),
        ] {
            let rating = level(&RuleSet::decree_335(), &scored(total_hundredths), Violation::Absent);
            assert_eq!(rating, expected, "{total_hundredths}");
        }
    }

    #[test]
    fn a_level_travels_as_the_words_of_the_law() {
        for rating in Rating::ALL {
            assert_eq!(serde_json::to_string(&rating).unwrap(), format!("\"{}\"", rating.wire_key()));
            assert_eq!(Rating::from_wire_key(rating.wire_key()), Some(rating));
        }
        assert_eq!(Rating::from_wire_key("khong_xep_loai"), None);
    }

    #[test]
    fn months_decide_who_is_rated_and_how_high() {
        let check = |worked_months, absent_months, expected| {
            let year = YearOfWork { worked_months, absent_months, has_maternity_leave: false };
            assert_eq!(outcome(&RuleSet::decree_335().months, year, Rating::Excellent), expected);
        };
        let rated = |rating| Outcome::Rated { rating };
        check(12, 0, rated(Rating::Excellent));
        check(10, 2, rated(Rating::Excellent));
        check(9, 3, rated(Rating::Completed));
        check(7, 5, rated(Rating::Completed));
        check(6, 6, rated(Rating::Completed));
        check(5, 7, Outcome::NotRated { reason: NotRatedReason::TooFewMonths });
        check(5, 0, Outcome::NotRated { reason: NotRatedReason::TooFewMonths });
    }

    #[test]
    fn a_cap_lowers_and_never_raises() {
        let year = YearOfWork { worked_months: 8, absent_months: 4, has_maternity_leave: false };
        let outcome = outcome(&RuleSet::decree_335().months, year, Rating::NotCompleted);
        assert_eq!(outcome, Outcome::Rated { rating: Rating::NotCompleted });
    }

    #[test]
    fn only_maternity_leave_excuses_from_the_review() {
        let check = |worked_months, has_maternity_leave, expected| {
            let year = YearOfWork { worked_months, absent_months: 12 - worked_months, has_maternity_leave };
            assert_eq!(self_review(&RuleSet::decree_335().months, year), expected);
        };
        check(5, false, SelfReview::Required);
        check(5, true, SelfReview::Excused);
        check(6, true, SelfReview::Required);
    }
}
