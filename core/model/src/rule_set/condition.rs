//! What a level asks of the work itself: shares of the tasks and of the units that a leader is in charge of.
//!
//! A level is reached when its points and all of its conditions are; the levels are tried from the highest, so more can
//! never rate lower. Which share is asked for, and how high, is data.

use std::cmp::Ordering;

use crate::rating::Rating;
use crate::ratio::Ratio;
use crate::rule_set::check::RuleSetRefused;
use crate::rule_set::general::AppliesTo;
use crate::rule_set::{LegalShare, Post};

/// The conditions of the three upper levels; whoever meets those of none has the lowest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct ConditionRule {
    /// Conditions of excellent; all must be met.
    pub excellent: Vec<Condition>,
    /// Conditions of good.
    pub good: Vec<Condition>,
    /// Conditions of completed.
    pub completed: Vec<Condition>,
}

/// One condition: a share that is reached, or not passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which share.
    pub measure: Measure,
    /// The least that it must be, or the most that it may be, as [`Measure::bound`] says; from 0 to 1.
    pub share: LegalShare,
    /// For whom it holds.
    pub applies_to: AppliesTo,
}

/// A share of the tasks or of the led units, each product and each unit counted once and none weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Completed of assigned.
    Done,
    /// Completed in time and of the required quality, of assigned.
    AsRequired,
    /// Completed beyond what was asked, of assigned.
    Exceeded,
    /// Late of assigned.
    Late,
    /// Led units rated completed or higher, of led units.
    UnitsCompleted,
    /// Led units rated good or excellent, of led units.
    UnitsGood,
}

/// On which side of its share a condition is met; the share itself is always enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The share or more.
    AtLeast,
    /// The share or less.
    AtMost,
}

impl Measure {
    /// On which side of a condition's share this measure must be.
    pub fn bound(self) -> Bound {
        match self {
            Self::Done | Self::AsRequired | Self::Exceeded | Self::UnitsCompleted | Self::UnitsGood => Bound::AtLeast,
            Self::Late => Bound::AtMost,
        }
    }

    /// Whether it is about units that a leader is in charge of.
    pub fn is_of_units(self) -> bool {
        match self {
            Self::UnitsCompleted | Self::UnitsGood => true,
            Self::Done | Self::AsRequired | Self::Exceeded | Self::Late => false,
        }
    }
}

impl Condition {
    /// Whether a share meets it; a share that nobody knows meets nothing.
    pub fn is_met_by(&self, share: Option<Ratio>) -> bool {
        share.is_some_and(|share| match self.measure.bound() {
            Bound::AtLeast => share >= self.share.value,
            Bound::AtMost => share <= self.share.value,
        })
    }

    /// How hard it is beside another one of the same measure.
    fn hardness(&self, other: &Self) -> Ordering {
        match self.measure.bound() {
            Bound::AtLeast => self.share.value.cmp(&other.share.value),
            Bound::AtMost => other.share.value.cmp(&self.share.value),
        }
    }
}

impl ConditionRule {
    /// What a level asks of this kind of post; the lowest asks nothing.
    pub fn of(&self, rating: Rating, post: Post) -> impl Iterator<Item = &Condition> {
        let conditions: &[Condition] = match rating {
            Rating::Excellent => &self.excellent,
            Rating::Good => &self.good,
            Rating::Completed => &self.completed,
            Rating::NotCompleted => &[],
        };
        conditions.iter().filter(move |condition| condition.applies_to.includes(post))
    }

    /// What all levels ask of this kind of post, the highest level first.
    pub fn for_post(&self, post: Post) -> impl Iterator<Item = &Condition> {
        Rating::ALL.into_iter().flat_map(move |rating| self.of(rating, post))
    }

    /// Refuses a share above one, a measure twice in one level, units of somebody who leads none, and a level that asks
    /// less of a measure than the level below it.
    pub(super) fn check(&self) -> Result<(), RuleSetRefused> {
        Post::ALL.into_iter().try_for_each(|post| {
            Rating::ALL.into_iter().try_for_each(|rating| self.check_level(rating, post))?;
            self.check_order(post)
        })
    }

    fn check_level(&self, rating: Rating, post: Post) -> Result<(), RuleSetRefused> {
        let mut seen = Vec::new();
        for condition in self.of(rating, post) {
            let measure = condition.measure;
            let leads_none = measure.is_of_units() && post == Post::Other;
            let is_above_one = condition.share.value > Ratio::percent_of_one(100);
            if leads_none || is_above_one || seen.contains(&measure) {
                return Err(RuleSetRefused::Condition { rating, measure });
            }
            seen.push(measure);
        }
        Ok(())
    }

    fn check_order(&self, post: Post) -> Result<(), RuleSetRefused> {
        let pairs = [
            (Rating::Excellent, Rating::Good),
            (Rating::Excellent, Rating::Completed),
            (Rating::Good, Rating::Completed),
        ];
        for (upper, lower) in pairs {
            for condition in self.of(upper, post) {
                let mut below = self.of(lower, post).filter(|below| below.measure == condition.measure);
                if below.any(|below| condition.hardness(below).is_lt()) {
                    return Err(RuleSetRefused::Condition { rating: upper, measure: condition.measure });
                }
            }
        }
        Ok(())
    }
}
