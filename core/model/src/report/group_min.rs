//! The fewest people of whom a number is shown.

use crate::publication::slices::Thresholds;
use crate::round::{GROUP_MIN_LEAST, GROUP_MIN_MOST};

/// k: of fewer people no number is shown.
///
/// 5 to 50, upwards only. Source: domain specification 7, protection 5; the same limits as those of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupMin(u16);

impl GroupMin {
    /// Five, the default: the office may only raise it.
    pub const LEAST: Self = Self(GROUP_MIN_LEAST);

    /// So many people; `None` outside of [`GROUP_MIN_LEAST`] to [`GROUP_MIN_MOST`].
    pub fn new(people: u16) -> Option<Self> {
        (GROUP_MIN_LEAST..=GROUP_MIN_MOST).contains(&people).then_some(Self(people))
    }

    /// Whether so many people are enough.
    pub fn is_reached_by(self, people: u32) -> bool {
        people >= u32::from(self.0)
    }

    /// Whether so many people are twice enough.
    pub fn is_doubled_by(self, people: u32) -> bool {
        people >= 2 * u32::from(self.0)
    }

    /// What stands where a number is not shown: `<5`.
    pub fn words(self) -> String {
        format!("<{}", self.0)
    }

    /// The same number for a group and for each of its cells.
    pub(super) fn thresholds(self) -> Thresholds {
        Thresholds { group_min: self.0.into(), side_min: self.0.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_can_only_be_raised() {
        for (people, is_taken) in [(0, false), (4, false), (5, true), (50, true), (51, false)] {
            assert_eq!(GroupMin::new(people).is_some(), is_taken, "{people}");
        }
        assert_eq!(GroupMin::new(5), Some(GroupMin::LEAST));
    }

    #[test]
    fn a_group_is_large_enough_from_its_least_number_on() {
        let of_five = GroupMin::LEAST;
        assert!(!of_five.is_reached_by(4) && of_five.is_reached_by(5));
        assert!(!of_five.is_doubled_by(9) && of_five.is_doubled_by(10));
        assert_eq!(of_five.words(), "<5");
    }
}
