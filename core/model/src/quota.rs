//! How many may be rated excellent: a share of those rated good, not of everybody.
//!
//! Compared with whole numbers only: for one fifth, `5 × excellent ≤ good`. This module changes nobody's level; it
//! says how far a unit or group is over, and people decide.

use crate::rating::RatingCounts;
use crate::ratio::{Ratio, Rounding};
use crate::rule_set::Quota;

/// How one unit, or one group of similar duties, stands to the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct QuotaCheck {
    /// People rated excellent.
    pub excellent: u32,
    /// People rated good, of whom the quota is a share.
    pub good: u32,
    /// The most that may be excellent.
    pub allowed: u32,
    /// The most that may be excellent if people decide that the unit's results are outstanding.
    pub allowed_if_outstanding: u32,
    /// Excellent people above `allowed`; with nobody rated good, all of them.
    pub surplus: u32,
    /// What follows.
    pub standing: QuotaStanding,
}

/// What follows from the numbers of a [`QuotaCheck`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum QuotaStanding {
    /// Within the ordinary share.
    Kept,
    /// Above the ordinary share, within that of an outstanding unit.
    KeptIfOutstanding,
    /// Above both.
    Exceeded,
}

/// Checks the counts of one unit or one group. Source: the quota of the pinned rule set.
pub fn check_quota(quota: &Quota, counts: &RatingCounts) -> QuotaCheck {
    let RatingCounts { excellent, good, .. } = *counts;
    let allowed = allowed(quota.excellent_of_good_max.value, good);
    let allowed_if_outstanding = self::allowed(quota.outstanding_excellent_of_good_max.value, good);
    let standing = if excellent <= allowed {
        QuotaStanding::Kept
    } else if excellent <= allowed_if_outstanding {
        QuotaStanding::KeptIfOutstanding
    } else {
        QuotaStanding::Exceeded
    };
    let surplus = excellent.saturating_sub(allowed);
    QuotaCheck { excellent, good, allowed, allowed_if_outstanding, surplus, standing }
}

fn allowed(share: Ratio, good: u32) -> u32 {
    u32::try_from(share.times(u64::from(good), Rounding::Truncate)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule_set::RuleSet;

    fn checked(excellent: u32, good: u32) -> QuotaCheck {
        check_quota(&RuleSet::decree_335().quota, &RatingCounts { excellent, good, completed: 100, not_completed: 7 })
    }

    #[test]
    fn one_fifth_of_the_good_may_be_excellent() {
        let check = |(excellent, good), (allowed, surplus, standing)| {
            let checked = checked(excellent, good);
            assert_eq!((checked.allowed, checked.surplus, checked.standing), (allowed, surplus, standing));
        };
        check((4, 20), (4, 0, QuotaStanding::Kept));
        check((5, 20), (4, 1, QuotaStanding::KeptIfOutstanding));
        check((6, 20), (4, 2, QuotaStanding::Exceeded));
        check((1, 0), (0, 1, QuotaStanding::Exceeded));
        check((3, 0), (0, 3, QuotaStanding::Exceeded));
        check((0, 0), (0, 0, QuotaStanding::Kept));
        check((1, 4), (0, 1, QuotaStanding::KeptIfOutstanding));
        check((1, 5), (1, 0, QuotaStanding::Kept));
        check((4, 19), (3, 1, QuotaStanding::KeptIfOutstanding));
    }

    proptest! {
        #[test]
        fn the_quota_is_the_comparison_of_the_law(excellent in any::<u32>(), good in any::<u32>()) {
            let checked = checked(excellent, good);
            prop_assert_eq!(checked.standing == QuotaStanding::Kept, 5 * u64::from(excellent) <= u64::from(good));
            prop_assert_eq!(checked.surplus == 0, checked.standing == QuotaStanding::Kept);
        }

        #[test]
        fn without_the_surplus_the_quota_is_kept(excellent in any::<u32>(), good in any::<u32>()) {
            let surplus = checked(excellent, good).surplus;
            prop_assert_eq!(checked(excellent - surplus, good).standing, QuotaStanding::Kept);
        }
    }
}
