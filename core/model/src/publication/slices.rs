//! Areas that are shown, and areas that are hidden together.
//!
//! Source: anonymity A40-A44.

use minicbor::{Decode, Encode};

use crate::round::AreaNumber;

/// The sentence beside every hidden area, whatever the reason (A42).
pub const HIDDEN_SENTENCE: &str = "Không công bố riêng để bảo vệ người trả lời; đã tính trong kết quả chung.";

/// Below these nothing is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// Opinions of a slice, k.
    pub group_min: u32,
    /// Opinions of a cell, p.
    pub side_min: u32,
}

/// An area's two cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct AreaCells {
    /// Which area.
    #[n(0)]
    pub area: AreaNumber,
    /// Satisfied or better and the rest; of participation: came back and did not.
    #[n(1)]
    pub cells: [u32; 2],
}

/// One level of areas: some shown whole, the others hidden together.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Slices {
    /// In the order of the definition.
    #[n(0)]
    pub shown: Vec<AreaCells>,
    /// In the order of the definition; nothing else is known of them.
    #[n(1)]
    pub hidden: Vec<AreaNumber>,
}

impl Slices {
    /// Decides for all areas at once. An area is shown alone if it may be and passes k and p; what stays hidden is at
    /// least two areas that pass together, or else the smallest shown area joins them.
    pub fn of(areas: &[(AreaCells, bool)], thresholds: Thresholds) -> Self {
        let may_be_shown = |(area, may_be): &(AreaCells, bool)| *may_be && thresholds.pass(area.cells);
        let mut shown: Vec<AreaCells> = areas.iter().filter(|area| may_be_shown(area)).map(|(area, _)| *area).collect();
        loop {
            let is_shown = |area: &AreaCells| shown.iter().any(|other| other.area == area.area);
            let hidden: Vec<AreaCells> = areas.iter().map(|(area, _)| *area).filter(|area| !is_shown(area)).collect();
            let smallest = shown.iter().enumerate().min_by_key(|(_, area)| (area.opinions(), area.area));
            let smallest = smallest.map(|(index, _)| index);
            match smallest {
                Some(index) if !thresholds.hide_together(&hidden) => drop(shown.remove(index)),
                _ => return Self { shown, hidden: hidden.into_iter().map(|area| area.area).collect() },
            }
        }
    }
}

impl AreaCells {
    fn opinions(&self) -> u32 {
        self.cells.iter().sum()
    }
}

impl Thresholds {
    /// Whether a slice with these two cells may be shown.
    pub fn pass(self, cells: [u32; 2]) -> bool {
        cells.iter().sum::<u32>() >= self.group_min && cells.iter().all(|cell| *cell >= self.side_min)
    }

    /// Whether what the total gives away of these areas, their sum, tells nothing of any one of them: also not to the few
    /// who are all of a small area and can take themselves off.
    fn hide_together(self, hidden: &[AreaCells]) -> bool {
        let sum = hidden.iter().fold([0, 0], |sum, area| [sum[0] + area.cells[0], sum[1] + area.cells[1]]);
        let large = hidden.iter().filter(|area| area.opinions() >= self.side_min).count();
        hidden.is_empty() || (large >= 2 && self.pass(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Thresholds = Thresholds { group_min: 10, side_min: 5 };

    fn slices(cells: &[[u32; 2]]) -> (Vec<u16>, Vec<u16>) {
        let area = |(index, cells): (usize, &[u32; 2])| {
            (AreaCells { area: AreaNumber(index as u16 + 1), cells: *cells }, true)
        };
        let areas: Vec<_> = cells.iter().enumerate().map(area).collect();
        let slices = Slices::of(&areas, USUAL);
        let numbers = |areas: &[AreaNumber]| areas.iter().map(|area| area.0).collect();
        (slices.shown.iter().map(|area| area.area.0).collect(), numbers(&slices.hidden))
    }

    #[test]
    fn a_hidden_area_is_never_alone() {
        for (cells, shown, hidden) in [
            (vec![[20, 10], [30, 20]], vec![1, 2], vec![]),
            (vec![[20, 10], [30, 2]], vec![], vec![1, 2]),
            (vec![[20, 10], [30, 20], [25, 3]], vec![2], vec![1, 3]),
            (vec![[20, 10], [30, 20], [25, 3], [9, 3]], vec![1, 2], vec![3, 4]),
            (vec![[20, 10], [30, 20], [25, 3], [1, 3]], vec![2], vec![1, 3, 4]),
            (vec![[20, 10], [30, 20], [25, 1], [9, 1]], vec![2], vec![1, 3, 4]),
            (vec![[20, 0]], vec![], vec![1]),
            (vec![], vec![], vec![]),
        ] {
            assert_eq!(slices(&cells), (shown, hidden), "{cells:?}");
        }
    }

    #[test]
    fn unanimous_areas_and_small_ones_are_hidden_for_one_reason() {
        assert_eq!(slices(&[[40, 0], [5, 4], [30, 30], [4, 30]]), (vec![3], vec![1, 2, 4]));
    }

    #[test]
    fn an_area_that_may_not_be_shown_is_hidden() {
        let area =
            |number: u16, is_covered: bool| (AreaCells { area: AreaNumber(number), cells: [10, 10] }, is_covered);
        let slices = Slices::of(&[area(1, true), area(2, false), area(3, true), area(4, false)], USUAL);
        assert_eq!(slices.hidden, [AreaNumber(2), AreaNumber(4)]);
        assert!(Slices::of(&[area(1, false), area(2, false)], USUAL).shown.is_empty());
    }
}
