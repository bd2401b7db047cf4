//! The level that people chose against the level that was decided. Source: domain specification 6, R17.
//!
//! A matrix of four by four, read by column: of the people decided good, how many had chosen excellent. It finds levels
//! given out of indulgence ("nể nang") without naming anybody.
//!
//! # What is hidden
//!
//! A decided level is known in the unit, a self-rating only to the person, the head and the personnel staff. So whoever
//! knows the decisions could read a self-rating from a small cell, and from a column that stands in one cell. Each column
//! is therefore one slice, as in [`crate::publication`] (anonymity A40, A41): of fewer than k people it shows its sum and
//! no cell; otherwise neighbouring levels are joined until every cell has k people, and a column whose people all chose
//! one level becomes one cell of all four. The sum of a column is public with the distribution of levels; no sum over
//! columns is given, so no subtraction splits a joined cell. k is 5, the default of the domain specification for every
//! group, and may be raised ([`GroupMin`]). One grouping per cycle: the whole and its parts, shown to the same reader,
//! would subtract to a part that is hidden.

use super::figures::DecidedCase;
use super::group_min::GroupMin;
use crate::publication::cells;
use crate::rating::{Outcome, Rating};
use crate::ratio::Ratio;
use crate::round::template::Side;

/// Chosen against decided levels of one cycle.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct RatingGap {
    /// Cases with a chosen and a decided level: the sum of the columns.
    pub compared: u32,
    /// Cases decided with a level, but without a self-rating.
    pub without_self_rating: u32,
    /// Cases decided without a level, in no denominator.
    pub not_rated: u32,
    /// Cases without a decision.
    pub undecided: u32,
    /// One per decided level, the highest first.
    pub columns: Vec<GapColumn>,
}

/// Everybody for whom one level was decided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct GapColumn {
    /// The level.
    pub decided: Rating,
    /// How many people, the denominator of its cells.
    pub people: u32,
    /// What they had chosen, the highest first; empty below k people.
    pub cells: Vec<GapCell>,
}

/// People of one column who had chosen one of these levels.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct GapCell {
    /// The chosen levels, the highest first; several when one of them was chosen by fewer than k people.
    pub self_ratings: Vec<Rating>,
    /// How many people, at least k.
    pub people: u32,
    /// Their share of the column.
    pub share: Option<Ratio>,
}

/// Compares chosen with decided levels. Cannot fail; equal cases in any order give equal reports.
pub fn rating_gap(group_min: GroupMin, cases: &[DecidedCase]) -> RatingGap {
    let mut gap =
        RatingGap { compared: 0, without_self_rating: 0, not_rated: 0, undecided: 0, columns: Vec::with_capacity(4) };
    let mut compared = Vec::new();
    for case in cases {
        match (case.decided, case.self_rating) {
            (Some(Outcome::Rated { rating }), Some(self_rating)) => compared.push((rating, self_rating)),
            (Some(Outcome::Rated { .. }), None) => gap.without_self_rating += 1,
            (Some(Outcome::NotRated { .. }), _) => gap.not_rated += 1,
            (None, _) => gap.undecided += 1,
        }
    }
    gap.columns.extend(Rating::ALL.map(|decided| column(group_min, decided, &compared)));
    gap.compared = gap.columns.iter().map(|column| column.people).sum();
    gap
}

fn column(group_min: GroupMin, decided: Rating, compared: &[(Rating, Rating)]) -> GapColumn {
    let people_with = |pair: (Rating, Rating)| compared.iter().filter(|other| **other == pair).count() as u32;
    let counts = Rating::ALL.map(|self_rating| people_with((decided, self_rating)));
    let people = counts.iter().sum();
    let joined = cells::joined(&counts, &[Side::For; 4], group_min.thresholds());
    let cells = joined.into_iter().map(|cell| GapCell {
        self_ratings: cell.options.iter().map(|option| Rating::ALL[usize::from(*option)]).collect(),
        people: cell.count,
        share: Ratio::of(cell.count.into(), u64::from(people)),
    });
    GapColumn { decided, people, cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::compliance::tests::{NOT_RATED, any_case, case, cases_in_two_orders, rated};
    use super::*;

    const SELF_LEVELS: [Rating; 4] = Rating::ALL;

    /// A column of people decided good, who had chosen the four levels so often, the highest first.
    fn decided_good(counts: [usize; 4]) -> Vec<(Vec<Rating>, u32)> {
        let cases = SELF_LEVELS.into_iter().zip(counts);
        let cases: Vec<_> = cases.flat_map(|(chosen, count)| vec![rated(1, chosen, Rating::Good); count]).collect();
        let gap = rating_gap(GroupMin::LEAST, &cases);
        let column = gap.columns.into_iter().find(|column| column.decided == Rating::Good).unwrap();
        assert_eq!(column.people as usize, counts.iter().sum::<usize>());
        column.cells.into_iter().map(|cell| (cell.self_ratings, cell.people)).collect()
    }

    #[test]
    fn a_cell_has_five_people_or_is_joined() {
        let [excellent, good, completed, not_completed] = SELF_LEVELS;
        let check = |counts, expected: &[(&[Rating], u32)]| {
            let expected: Vec<_> = expected.iter().map(|(levels, people)| (levels.to_vec(), *people)).collect();
            assert_eq!(decided_good(counts), expected, "{counts:?}");
        };
        check([5, 12, 6, 5], &[(&[excellent], 5), (&[good], 12), (&[completed], 6), (&[not_completed], 5)]);
        check([5, 12, 0, 0], &[(&[excellent], 5), (&[good, completed, not_completed], 12)]);
        check([4, 12, 6, 0], &[(&[excellent, good], 16), (&[completed, not_completed], 6)]);
        check([0, 4, 0, 0], &[]);
        check([0, 0, 0, 0], &[]);
    }

    /// Or whoever knows the decisions would know what each of them had chosen.
    #[test]
    fn a_column_that_chose_one_level_does_not_say_which() {
        for counts in [[30, 0, 0, 0], [0, 30, 0, 0], [0, 0, 30, 0], [0, 0, 0, 30], [26, 4, 0, 0]] {
            assert_eq!(decided_good(counts), [(SELF_LEVELS.to_vec(), 30)]);
        }
    }

    #[test]
    fn only_cases_with_two_levels_are_compared() {
        let gap = rating_gap(
            GroupMin::LEAST,
            &[
                rated(1, Rating::Excellent, Rating::Good),
                case(1, Some(Rating::Good), Some(NOT_RATED)),
                case(1, None, Some(Outcome::Rated { rating: Rating::Good })),
                case(1, Some(Rating::Good), None),
            ],
        );
        assert_eq!((gap.compared, gap.without_self_rating, gap.not_rated, gap.undecided), (1, 1, 1, 1));
        assert_eq!(gap.columns.iter().map(|column| column.people).collect::<Vec<_>>(), [0, 1, 0, 0]);
    }

    #[test]
    fn a_raised_threshold_joins_more() {
        let mut cases = vec![rated(1, Rating::Excellent, Rating::Good); 9];
        cases.extend(vec![rated(1, Rating::Good, Rating::Good); 11]);
        let cells = |group_min| rating_gap(group_min, &cases).columns[1].cells.len();
        assert_eq!((cells(GroupMin::LEAST), cells(GroupMin::new(10).unwrap())), (2, 1));
    }

    proptest! {
        #[test]
        fn the_order_of_the_cases_never_matters((cases, shuffled) in cases_in_two_orders()) {
            prop_assert_eq!(rating_gap(GroupMin::LEAST, &cases), rating_gap(GroupMin::LEAST, &shuffled));
        }

        #[test]
        fn whoever_is_not_rated_changes_no_column(cases in prop::collection::vec(any_case(), 0..80)) {
            let rated: Vec<_> = cases.iter().filter(|case| case.decided != Some(NOT_RATED)).cloned().collect();
            let all = rating_gap(GroupMin::LEAST, &cases);
            prop_assert_eq!(RatingGap { not_rated: 0, ..all }, rating_gap(GroupMin::LEAST, &rated));
        }

        #[test]
        fn no_cell_is_small_and_nobody_is_counted_twice(cases in prop::collection::vec(any_case(), 0..200)) {
            let gap = rating_gap(GroupMin::LEAST, &cases);
            let counted = gap.compared + gap.without_self_rating + gap.not_rated + gap.undecided;
            prop_assert_eq!(counted as usize, cases.len());
            for column in &gap.columns {
                let in_cells: u32 = column.cells.iter().map(|cell| cell.people).sum();
                prop_assert_eq!(in_cells, if column.people < 5 { 0 } else { column.people });
                prop_assert!(column.cells.iter().all(|cell| cell.people >= 5));
                let levels: Vec<Rating> = column.cells.iter().flat_map(|cell| cell.self_ratings.clone()).collect();
                prop_assert!(levels.is_empty() || levels == SELF_LEVELS, "each level once, in order: {:?}", levels);
            }
        }
    }
}
