//! A rate is two integers, and every rounding has a name.
//!
//! No float appears here or anywhere a decision is made: 54 of 105 is printed `51,42 %` when cut and `51,43 %` when
//! rounded half up, and both prints occur in the offices' own reports.

use std::cmp::Ordering;
use std::num::NonZeroU64;

/// Decimals that a print may have; more would overflow the exact arithmetic and no report asks for them.
pub const DECIMALS_MAX: u8 = 6;

/// How a number that has more decimals than its print is cut.
///
/// Source: the pinned rule set; the programmes of Thanh Xuân truncate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; exactly half goes up.
    HalfUp,
    /// Towards zero.
    Truncate,
}

/// A part over a whole, exact and never reduced, so that 54 of 105 stays readable as 54 of 105.
///
/// Both are `u64`, not the `u32` of a head count: a task share is a sum over 200 lines of coefficient × count × percent
/// and needs 62 bits. The part may exceed the whole (46 classes held of 45 planned). Equality and order are those of
/// the number: 1/2 equals 2/4.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// The part.
    pub numerator: u64,
    /// The whole, never zero.
    pub denominator: NonZeroU64,
}

uniffi::custom_type!(NonZeroU64, u64, {
    remote,
    lower: |number| number.get(),
    try_lift: |number| Ok(NonZeroU64::try_from(number)?),
});

impl Ratio {
    /// The part over the whole; `None` when the whole is zero, because nothing has no share.
    pub fn of(numerator: u64, denominator: u64) -> Option<Self> {
        NonZeroU64::new(denominator).map(|denominator| Self { numerator, denominator })
    }

    /// So many hundredths of one.
    pub const fn percent_of_one(percent: u64) -> Self {
        Self { numerator: percent, denominator: NonZeroU64::new(100).expect("one hundred is not zero") }
    }

    /// The exact mean; `None` for no ratios at all, or when their common whole does not fit 64 bits.
    pub fn mean(ratios: &[Self]) -> Option<Self> {
        let whole = ratios.iter().try_fold(1, |whole, ratio| common_multiple(whole, ratio.denominator.get()))?;
        let parts = ratios.iter().map(|ratio| ratio.numerator.checked_mul(whole / ratio.denominator.get()));
        let sum = parts.sum::<Option<u64>>()?;
        Self::of(sum, whole.checked_mul(ratios.len() as u64)?)
    }

    /// "Quá nửa": strictly more than one half.
    pub fn is_more_than_half(self) -> bool {
        2 * u128::from(self.numerator) > self.whole()
    }

    /// "Từ 2/3 trở lên": two thirds or more.
    pub fn is_at_least_two_thirds(self) -> bool {
        3 * u128::from(self.numerator) >= 2 * self.whole()
    }

    /// This share of the given number, rounded once to a whole number.
    pub fn times(self, number: u64, rounding: Rounding) -> u128 {
        divide(u128::from(self.numerator) * u128::from(number), self.whole(), rounding)
    }

    /// The smallest count of the whole that reaches this share ("từ … trở lên").
    ///
    /// Printed thresholds are often floored instead: 90 % of 17.639 is printed 15.875 and reached only by 15.876.
    pub fn min_count(self, whole: u64) -> u128 {
        (u128::from(self.numerator) * u128::from(whole)).div_ceil(self.whole())
    }

    /// The smallest count of the whole that exceeds this share ("trên …").
    pub fn min_count_above(self, whole: u64) -> u128 {
        self.times(whole, Rounding::Truncate) + 1
    }

    /// The quotient, with so many decimals.
    pub fn rounded(self, decimals: u8, rounding: Rounding) -> Rounded {
        self.scaled(1, decimals, rounding)
    }

    /// The quotient in percent, with so many decimals.
    pub fn percent(self, decimals: u8, rounding: Rounding) -> Rounded {
        self.scaled(100, decimals, rounding)
    }

    /// The percentage as a Vietnamese reader writes it: `51,42 %`.
    pub fn vietnamese_percent(self, decimals: u8, rounding: Rounding) -> String {
        format!("{} %", self.percent(decimals, rounding).vietnamese())
    }

    fn scaled(self, factor: u128, decimals: u8, rounding: Rounding) -> Rounded {
        let decimals = decimals.min(DECIMALS_MAX);
        let part = u128::from(self.numerator) * factor * 10_u128.pow(u32::from(decimals));
        Rounded { units: divide(part, self.whole(), rounding), decimals }
    }

    fn whole(self) -> u128 {
        u128::from(self.denominator.get())
    }
}

fn divide(part: u128, whole: u128, rounding: Rounding) -> u128 {
    let (quotient, rest) = (part / whole, part % whole);
    match rounding {
        Rounding::HalfUp if rest >= whole - rest => quotient + 1,
        Rounding::HalfUp | Rounding::Truncate => quotient,
    }
}

fn common_multiple(one: u64, other: u64) -> Option<u64> {
    let (mut divisor, mut rest) = (one, other);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (one / divisor).checked_mul(other)
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (u128::from(self.numerator) * other.whole()).cmp(&(u128::from(other.numerator) * self.whole()))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

/// A number that was cut to a named count of decimals: 51,42 is 5142 units with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounded {
    units: u128,
    decimals: u8,
}

impl Rounded {
    /// So many hundredths, as scores are kept.
    pub fn hundredths(hundredths: u32) -> Self {
        Self { units: u128::from(hundredths), decimals: 2 }
    }

    /// A whole number.
    pub fn whole(number: u64) -> Self {
        Self { units: u128::from(number), decimals: 0 }
    }

    /// The number without its decimal point.
    pub fn units(self) -> u128 {
        self.units
    }

    /// How many of the units' digits stand behind the comma.
    pub fn decimals(self) -> u8 {
        self.decimals
    }

    /// As a Vietnamese reader writes it: decimal comma, dot between thousands, all decimals shown.
    pub fn vietnamese(self) -> String {
        let scale = 10_u128.pow(u32::from(self.decimals));
        let whole = grouped(self.units / scale);
        match self.decimals {
            0 => whole,
            decimals => format!("{whole},{:0width$}", self.units % scale, width = usize::from(decimals)),
        }
    }
}

fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b'.')).expect("digits and dots are UTF-8")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rounding::{HalfUp, Truncate};
    use super::*;

    fn ratio(numerator: u64, denominator: u64) -> Ratio {
        Ratio::of(numerator, denominator).unwrap()
    }

    #[test]
    fn a_percentage_is_cut_as_its_rounding_says() {
        let check = |(part, whole), rounding, expected: &str| {
            assert_eq!(ratio(part, whole).vietnamese_percent(2, rounding), expected, "{part}/{whole}");
        };
        check((54, 105), Truncate, "51,42 %");
        check((54, 105), HalfUp, "51,43 %");
        check((44, 45), HalfUp, "97,78 %");
        check((46, 45), Truncate, "102,22 %");
        check((89, 99), HalfUp, "89,90 %");
        check((32, 33), Truncate, "96,96 %");
        check((223, 230), HalfUp, "96,96 %");
        check((17, 152), HalfUp, "11,18 %");
        check((18, 161), HalfUp, "11,18 %");
        check((19, 170), HalfUp, "11,18 %");
        check((2, 14), HalfUp, "14,29 %");
        check((71, 72), Truncate, "98,61 %");
        check((72, 76), HalfUp, "94,74 %");
        check((0, 7), HalfUp, "0,00 %");
    }

    #[test]
    fn one_decimal_of_the_printed_attainments_is_met() {
        for (part, whole, expected) in [(10, 39, "25,6 %"), (11, 43, "25,6 %"), (19, 21, "90,5 %"), (38, 42, "90,5 %")]
        {
            assert_eq!(ratio(part, whole).vietnamese_percent(1, HalfUp), expected);
        }
    }

    #[test]
    fn averages_of_learners_per_class_are_rounded_half_up() {
        let check = |learners, classes, decimals, expected: &str| {
            assert_eq!(ratio(learners, classes).rounded(decimals, HalfUp).vietnamese(), expected);
        };
        check(70_695, 344, 2, "205,51");
        check(1_145, 47, 2, "24,36");
        check(3_033, 30, 1, "101,1");
        assert_eq!(ratio(70_695, 344).rounded(2, Truncate).vietnamese(), "205,50");
    }

    #[test]
    fn confidence_bands_are_compared_without_division() {
        let check = |low, voters, (half, two_thirds)| {
            let ratio = ratio(low, voters);
            assert_eq!(
                (ratio.is_more_than_half(), ratio.is_at_least_two_thirds()),
                (half, two_thirds),
                "{low}/{voters}"
            );
        };
        check(15, 30, (false, false));
        check(16, 30, (true, false));
        check(19, 30, (true, false));
        check(20, 30, (true, true));
        check(14, 29, (false, false));
        check(15, 29, (true, false));
        check(19, 29, (true, false));
        check(20, 29, (true, true));
        check(u64::MAX, u64::MAX, (true, true));
    }

    #[test]
    fn a_printed_threshold_is_floored_and_the_reached_one_is_not() {
        let households = 17_639;
        for (percent, floored, at_least, above) in [(80, 14_111, 14_112, 14_112), (90, 15_875, 15_876, 15_876)] {
            let share = Ratio::percent_of_one(percent);
            assert_eq!(share.times(households, Truncate), floored);
            assert_eq!(share.min_count(households), at_least);
            assert_eq!(share.min_count_above(households), above);
        }
        assert_eq!((ratio(1, 2).min_count(80), ratio(1, 2).min_count_above(80)), (40, 41));
    }

    #[test]
    fn a_quorum_of_residents_is_strictly_above_half() {
        assert!(!ratio(40, 80).is_more_than_half());
        assert!(ratio(41, 80).is_more_than_half());
    }

    #[test]
    fn thousands_have_dots() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_180, "1.180"), (17_639, "17.639"), (1_000_000, "1.000.000")]
        {
            assert_eq!(Rounded::whole(number).vietnamese(), expected);
        }
        assert_eq!(Rounded::hundredths(8_417).vietnamese(), "84,17");
        assert_eq!(Rounded::hundredths(5).vietnamese(), "0,05");
    }

    #[test]
    fn nothing_has_no_share() {
        assert_eq!(Ratio::of(0, 0), None);
        assert!(serde_json::from_str::<Ratio>(r#"{"numerator":1,"denominator":0}"#).is_err());
    }

    #[test]
    fn a_mean_is_exact() {
        let mean = |ratios: &[(u64, u64)]| Ratio::mean(&ratios.iter().map(|(n, d)| ratio(*n, *d)).collect::<Vec<_>>());
        assert_eq!(mean(&[(1, 1), (3, 4), (1, 1)]), Some(ratio(11, 12)));
        assert_eq!(mean(&[(1, 3), (1, 2)]), Some(ratio(5, 12)));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[(1, u64::MAX), (1, u64::MAX - 1)]), None);
    }

    proptest! {
        #[test]
        fn order_agrees_with_integers_over_one_whole(one in any::<u64>(), other in any::<u64>(), whole in 1_u64..) {
            prop_assert_eq!(ratio(one, whole).cmp(&ratio(other, whole)), one.cmp(&other));
        }

        #[test]
        fn extending_a_ratio_changes_nothing(part in any::<u32>(), whole in 1_u32.., factor in 1_u32..) {
            let (part, whole, factor) = (u64::from(part), u64::from(whole), u64::from(factor));
            let extended = ratio(part * factor, whole * factor);
            prop_assert_eq!(ratio(part, whole), extended);
            prop_assert_eq!(ratio(part, whole).percent(2, HalfUp), extended.percent(2, HalfUp));
        }

        #[test]
        fn half_up_is_the_cut_or_one_more(part in any::<u64>(), whole in 1_u64.., decimals in 0..=DECIMALS_MAX) {
            let (cut, rounded) = (ratio(part, whole).percent(decimals, Truncate), ratio(part, whole).percent(decimals, HalfUp));
            prop_assert!(rounded.units() - cut.units() <= 1);
        }

        #[test]
        fn printing_never_reverses_order(one in any::<u32>(), other in any::<u32>(), whole in 1_u32..) {
            let print = |part: u32| ratio(u64::from(part), u64::from(whole)).percent(2, HalfUp).units();
            prop_assert_eq!(print(one.min(other)) <= print(one.max(other)), true);
        }

        #[test]
        fn the_smallest_count_reaches_the_share_and_one_less_does_not(part in 1_u32.., whole in 1_u32.., number in 1_u32..) {
            let share = ratio(u64::from(part), u64::from(whole));
            let count = u64::try_from(share.min_count(u64::from(number))).unwrap();
            prop_assert!(ratio(count, u64::from(number)) >= share);
            prop_assert!(ratio(count - 1, u64::from(number)) < share);
        }
    }
}
