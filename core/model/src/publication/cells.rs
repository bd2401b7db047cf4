//! The cells of a total: neighbouring options joined until none is small. Source: anonymity A41.

use minicbor::{Decode, Encode};

use super::slices::Thresholds;
use crate::round::template::Side;

/// Options that are shown as one number.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Cell {
    /// Indices of its options, in the order of the paper.
    #[n(0)]
    pub options: Vec<u8>,
    /// How many chose one of them.
    #[n(1)]
    pub count: u32,
}

impl Cell {
    /// Whether options were joined because one of them was chosen by few: "trong đó dưới 5".
    pub fn is_joined(&self) -> bool {
        self.options.len() > 1
    }

    fn join(&mut self, other: Self) {
        self.options.extend(other.options);
        self.options.sort_unstable();
        self.count += other.count;
    }
}

/// The cells of a whole round's answers to one question; none if too few answered. Options of one side join first, so
/// that both sides stay apart whenever both are large enough; if they are not, they become one cell.
pub fn joined(options: &[u32], sides: &[Side], thresholds: Thresholds) -> Vec<Cell> {
    let of_side = |wanted: Side| -> Vec<Cell> {
        let cells = options.iter().zip(sides).enumerate().filter(|(_, (_, side))| **side == wanted);
        cells.map(|(index, (count, _))| Cell { options: vec![index as u8], count: *count }).collect()
    };
    let (mut cells, mut rest) = (of_side(Side::For), of_side(Side::Rest));
    let opinions: u32 = cells.iter().chain(&rest).map(|cell| cell.count).sum();
    if opinions < thresholds.group_min {
        return Vec::new();
    }
    join_small(&mut cells, thresholds.side_min);
    join_small(&mut rest, thresholds.side_min);
    cells.append(&mut rest);
    join_small(&mut cells, thresholds.side_min);
    cells
}

/// Joins each small cell with its smaller neighbour until none is small or one is left.
fn join_small(cells: &mut Vec<Cell>, side_min: u32) {
    while cells.len() > 1
        && let Some(index) = cells.iter().position(|cell| cell.count < side_min)
    {
        let before = index.checked_sub(1).map(|before| (cells[before].count, before));
        let after = cells.get(index + 1).map(|after| (after.count, index + 1));
        let neighbour = before.into_iter().chain(after).min().map(|(_, neighbour)| neighbour);
        let small = cells.remove(index);
        let neighbour = neighbour.map_or(0, |neighbour| if neighbour > index { neighbour - 1 } else { neighbour });
        cells[neighbour].join(small);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Thresholds = Thresholds { group_min: 10, side_min: 5 };
    const FIVE: [Side; 6] = [Side::For, Side::For, Side::Rest, Side::Rest, Side::Rest, Side::Outside];

    fn shown(options: &[u32]) -> Vec<(Vec<u8>, u32)> {
        joined(options, &FIVE, USUAL).into_iter().map(|cell| (cell.options, cell.count)).collect()
    }

    #[test]
    fn small_options_join_a_neighbour_of_their_side() {
        for (options, expected) in [
            ([20, 30, 10, 6, 5, 2], vec![(vec![0], 20), (vec![1], 30), (vec![2], 10), (vec![3], 6), (vec![4], 5)]),
            ([20, 3, 10, 6, 5, 0], vec![(vec![0, 1], 23), (vec![2], 10), (vec![3], 6), (vec![4], 5)]),
            ([20, 30, 10, 2, 1, 0], vec![(vec![0], 20), (vec![1], 30), (vec![2, 3, 4], 13)]),
            ([20, 30, 10, 2, 3, 0], vec![(vec![0], 20), (vec![1], 30), (vec![2], 10), (vec![3, 4], 5)]),
            ([20, 30, 1, 0, 1, 0], vec![(vec![0], 20), (vec![1, 2, 3, 4], 32)]),
            ([30, 0, 0, 0, 0, 9], vec![(vec![0, 1, 2, 3, 4], 30)]),
            ([5, 0, 4, 0, 0, 99], vec![]),
        ] {
            assert_eq!(shown(&options), expected, "{options:?}");
        }
    }

    #[test]
    fn no_cell_is_small_and_nobody_is_counted_twice() {
        let mut options = [0_u32; 6];
        for number in 0..100_000_u32 {
            let mut left = number;
            for option in &mut options[..5] {
                *option = left % 10;
                left /= 10;
            }
            let cells = joined(&options, &FIVE, USUAL);
            let opinions: u32 = options[..5].iter().sum();
            if opinions < 10 {
                assert!(cells.is_empty());
                continue;
            }
            assert!(cells.iter().all(|cell| cell.count >= 5), "{options:?}");
            assert_eq!(cells.iter().map(|cell| cell.count).sum::<u32>(), opinions);
            let mut shown: Vec<u8> = cells.iter().flat_map(|cell| cell.options.clone()).collect();
            shown.sort_unstable();
            assert_eq!(shown, [0, 1, 2, 3, 4]);
        }
    }
}
