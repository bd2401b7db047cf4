//! Whether decided cases were published to their units. Source: domain specification 6, R19.

use std::collections::BTreeMap;

use super::figures::DecidedCase;
use super::unit_names;
use crate::identity::UnitId;
use crate::rating::Outcome;
use crate::ratio::Ratio;
use crate::text::sort_key;

/// How far the decisions of one cycle are published.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct PublicationCompliance {
    /// All units together.
    pub total: PublicationCount,
    /// Each unit, by name, then id; numbers in names by value.
    pub units: Vec<UnitPublication>,
}

/// How many cases are published. Whoever is not rated is counted beside, in no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct PublicationCount {
    /// Cases decided with one of the four levels, the denominator.
    pub decided: u32,
    /// Of the decided, those published to the unit.
    pub published: u32,
    /// Cases decided without a level, which have no level to publish.
    pub not_rated: u32,
    /// Cases without a decision.
    pub undecided: u32,
    /// Published of decided; none when nothing is decided.
    pub published_share: Option<Ratio>,
}

/// The publications of one unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct UnitPublication {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Its cases.
    pub count: PublicationCount,
}

/// Cases published to the unit over decided cases. Cannot fail; equal cases in any order give equal reports.
///
/// Nothing is hidden in small units: that a decision was published is known to everybody who read it.
pub fn publication_compliance(cases: &[DecidedCase]) -> PublicationCompliance {
    let unit_names = unit_names(cases.iter().map(|case| (case.unit, case.unit_name.as_str())));
    let mut by_unit = BTreeMap::<UnitId, Vec<&DecidedCase>>::new();
    for case in cases {
        by_unit.entry(case.unit).or_default().push(case);
    }
    let units = by_unit.into_iter().map(|(unit, cases)| UnitPublication {
        unit,
        unit_name: unit_names[&unit].to_owned(),
        count: count(cases),
    });
    let mut units: Vec<UnitPublication> = units.collect();
    units.sort_by_cached_key(|unit| (sort_key(&unit.unit_name), unit.unit));
    PublicationCompliance { total: count(cases), units }
}

fn count<'a>(cases: impl IntoIterator<Item = &'a DecidedCase>) -> PublicationCount {
    let (mut decided, mut published, mut not_rated, mut undecided) = (0, 0, 0, 0);
    for case in cases {
        match case.decided {
            Some(Outcome::Rated { .. }) => {
                decided += 1;
                published += u32::from(case.is_published);
            }
            Some(Outcome::NotRated { .. }) => not_rated += 1,
            None => undecided += 1,
        }
    }
    let published_share = Ratio::of(published.into(), decided.into());
    PublicationCount { decided, published, not_rated, undecided, published_share }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rating::{NotRatedReason, Rating};

    pub(in crate::report) const NOT_RATED: Outcome = Outcome::NotRated { reason: NotRatedReason::TooFewMonths };

    /// A case of that unit whose person chose one level and got the other.
    pub(in crate::report) fn rated(unit: u8, self_rating: Rating, rating: Rating) -> DecidedCase {
        case(unit, Some(self_rating), Some(Outcome::Rated { rating }))
    }

    /// An unpublished case of that unit.
    pub(in crate::report) fn case(unit: u8, self_rating: Option<Rating>, decided: Option<Outcome>) -> DecidedCase {
        let unit_name = format!("Phường {unit}");
        DecidedCase { unit: UnitId::from_bytes([unit; 16]), unit_name, self_rating, decided, is_published: false }
    }

    /// Any case of a few units.
    pub(in crate::report) fn any_case() -> impl Strategy<Value = DecidedCase> {
        let rating = || prop::sample::select(Rating::ALL.to_vec());
        let decided = prop::option::of(prop_oneof![
            4 => rating().prop_map(|rating| Outcome::Rated { rating }),
            1 => Just(NOT_RATED),
        ]);
        (0..3_u8, prop::option::weighted(0.9, rating()), decided, any::<bool>()).prop_map(
            |(unit, self_rating, decided, is_published)| DecidedCase {
                is_published,
                ..case(unit, self_rating, decided)
            },
        )
    }

    /// Some cases, and the same in another order.
    pub(in crate::report) fn cases_in_two_orders() -> impl Strategy<Value = (Vec<DecidedCase>, Vec<DecidedCase>)> {
        prop::collection::vec(any_case(), 0..80)
            .prop_flat_map(|cases| (Just(cases.clone()), Just(cases).prop_shuffle()))
    }

    fn published(case: DecidedCase) -> DecidedCase {
        DecidedCase { is_published: true, ..case }
    }

    #[test]
    fn published_cases_are_counted_over_decided_ones() {
        let good = |unit| rated(unit, Rating::Good, Rating::Good);
        let undecided = case(10, Some(Rating::Good), None);
        let not_rated = published(case(2, None, Some(NOT_RATED)));
        let cases =
            [published(good(2)), good(2), published(good(2)), not_rated, published(good(10)), published(undecided)];
        let report = publication_compliance(&cases);
        let count = |decided, published, not_rated, undecided| PublicationCount {
            decided,
            published,
            not_rated,
            undecided,
            published_share: Ratio::of(published.into(), decided.into()),
        };
        assert_eq!(report.total, count(4, 3, 1, 1));
        let units: Vec<_> = report.units.iter().map(|unit| (unit.unit_name.as_str(), unit.count)).collect();
        assert_eq!(units, [("Phường 2", count(3, 2, 1, 0)), ("Phường 10", count(1, 1, 0, 1))]);
    }

    #[test]
    fn nothing_decided_has_no_share() {
        assert_eq!(publication_compliance(&[case(1, None, None)]).total.published_share, None);
        assert_eq!(publication_compliance(&[]).units, []);
    }

    proptest! {
        #[test]
        fn the_order_of_the_cases_never_matters((cases, shuffled) in cases_in_two_orders()) {
            prop_assert_eq!(publication_compliance(&cases), publication_compliance(&shuffled));
        }

        #[test]
        fn whoever_is_not_rated_changes_no_share(cases in prop::collection::vec(any_case(), 0..80)) {
            let is_level = |case: &&DecidedCase| case.decided != Some(NOT_RATED);
            let rated: Vec<_> = cases.iter().filter(is_level).cloned().collect();
            let (all, rated) = (publication_compliance(&cases).total, publication_compliance(&rated).total);
            prop_assert_eq!(PublicationCount { not_rated: 0, ..all }, rated);
        }

        #[test]
        fn units_add_up(cases in prop::collection::vec(any_case(), 0..80)) {
            let PublicationCompliance { total, units } = publication_compliance(&cases);
            let sum = |figure: fn(&PublicationCount) -> u32| units.iter().map(|unit| figure(&unit.count)).sum::<u32>();
            prop_assert_eq!(sum(|count| count.decided), total.decided);
            prop_assert_eq!(sum(|count| count.published), total.published);
            prop_assert_eq!((total.decided + total.not_rated + total.undecided) as usize, cases.len());
            prop_assert!(total.published <= total.decided);
        }
    }
}
