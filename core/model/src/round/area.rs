//! Where the people live who may answer: the smallest groups that are ever shown.
//!
//! An area with few people is joined with a neighbour before anything is printed: what was never separate cannot be
//! subtracted. Source: anonymity A5, A6.

use minicbor::{Decode, Encode};

use crate::text::check_line;

/// Areas of one round.
pub const AREAS_MAX: usize = 60;

/// Characters of an area's name.
pub const NAME_CHARS_MAX: u32 = 200;

/// People of one area; a ward of a large city.
pub const ELIGIBLE_MAX: u32 = 200_000;

/// Reserve slips, printed with the others because nothing is printed later: one for every ten people (A1).
pub const RESERVE_SHARE: u32 = 10;

/// An area's number within its round, from 1, in the order of the definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct AreaNumber(#[n(0)] pub u16);

/// One area of a round.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Area {
    /// Its number.
    #[n(0)]
    pub number: AreaNumber,
    /// What stands on its slips; the names of all that were joined.
    #[n(1)]
    pub name: String,
    /// How many may answer.
    #[n(2)]
    pub eligible: u32,
    /// How many slips were printed, reserve included.
    #[n(3)]
    pub slips: u32,
}

/// A neighbourhood before it is an area of a round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Neighbourhood {
    /// Its name.
    pub name: String,
    /// How many may answer.
    pub eligible: u32,
}

/// Why areas cannot be announced.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AreasRefused {
    /// None, or more than [`AREAS_MAX`].
    #[error("a round has 1 to {AREAS_MAX} areas, not {given}")]
    Count {
        /// How many.
        given: usize,
    },
    /// A name that cannot be printed, or an area out of its order.
    #[error("area {number} has no proper name or number")]
    Name {
        /// From 1.
        number: usize,
    },
    /// Fewer people than twice the smallest group, or more than [`ELIGIBLE_MAX`].
    #[error("{name} has {eligible} people and needs {least}: join it with a neighbour")]
    Small {
        /// Which.
        name: String,
        /// How many people.
        eligible: u32,
        /// How many are needed.
        least: u32,
    },
    /// Fewer slips than people with reserve, or more than that.
    #[error("{name} has {slips} slips and needs {needed}")]
    Slips {
        /// Which.
        name: String,
        /// How many slips.
        slips: u32,
        /// How many are needed.
        needed: u32,
    },
}

impl Area {
    /// The area of these people, with as many slips as it needs.
    pub fn new(number: AreaNumber, name: String, eligible: u32) -> Self {
        Self { number, name, eligible, slips: slips_for(eligible) }
    }
}

/// One slip for everybody, and the reserve.
pub fn slips_for(eligible: u32) -> u32 {
    eligible.saturating_add(eligible.div_ceil(RESERVE_SHARE))
}

/// The least people of an area: two groups (A6).
pub fn eligible_least(group_min: u16) -> u32 {
    2 * u32::from(group_min)
}

/// Areas of a round from neighbourhoods in the order of the map. One that is too small joins the next; if the last is
/// too small, it joins the area before.
pub fn joined(neighbourhoods: &[Neighbourhood], group_min: u16) -> Vec<Area> {
    let mut areas: Vec<Neighbourhood> = Vec::new();
    let mut open: Option<Neighbourhood> = None;
    for next in neighbourhoods {
        let whole = match open.take() {
            Some(small) => small.with(next),
            None => next.clone(),
        };
        match whole.eligible < eligible_least(group_min) {
            true => open = Some(whole),
            false => areas.push(whole),
        }
    }
    if let Some(small) = open {
        match areas.pop() {
            Some(last) => areas.push(last.with(&small)),
            None => areas.push(small),
        }
    }
    let area = |(index, of): (usize, Neighbourhood)| Area::new(AreaNumber(index as u16 + 1), of.name, of.eligible);
    areas.into_iter().enumerate().map(area).collect()
}

impl Neighbourhood {
    fn with(&self, other: &Self) -> Self {
        let name = format!("{} và {}", self.name, other.name);
        Self { name, eligible: self.eligible.saturating_add(other.eligible) }
    }
}

/// `has_slips` is false in a round that takes feedback.
pub(super) fn check(areas: &[Area], group_min: u16, has_slips: bool) -> Result<(), AreasRefused> {
    if areas.is_empty() || areas.len() > AREAS_MAX {
        return Err(AreasRefused::Count { given: areas.len() });
    }
    for (index, area) in areas.iter().enumerate() {
        let number = index + 1;
        if usize::from(area.number.0) != number || check_line(&area.name, NAME_CHARS_MAX).is_err() {
            return Err(AreasRefused::Name { number });
        }
        let (name, eligible, least) = (area.name.clone(), area.eligible, eligible_least(group_min));
        if !(least..=ELIGIBLE_MAX).contains(&eligible) {
            return Err(AreasRefused::Small { name, eligible, least });
        }
        let (slips, needed) = (area.slips, if has_slips { slips_for(eligible) } else { 0 });
        if slips != needed {
            return Err(AreasRefused::Slips { name, slips, needed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(sizes: &[u32]) -> Vec<Neighbourhood> {
        let one = |(index, eligible): (usize, &u32)| Neighbourhood {
            name: format!("Tổ {}", index + 1),
            eligible: *eligible,
        };
        sizes.iter().enumerate().map(one).collect()
    }

    fn sizes(areas: &[Area]) -> Vec<u32> {
        areas.iter().map(|area| area.eligible).collect()
    }

    #[test]
    fn small_areas_join_a_neighbour_before_anything_is_printed() {
        for (given, expected) in [
            (vec![30, 40], vec![30, 40]),
            (vec![30, 8, 40], vec![30, 48]),
            (vec![30, 40, 8], vec![30, 48]),
            (vec![8, 8, 8], vec![24]),
            (vec![8], vec![8]),
            (vec![], vec![]),
        ] {
            assert_eq!(sizes(&joined(&map(&given), 10)), expected, "{given:?}");
        }
        assert_eq!(joined(&map(&[30, 8, 40]), 10)[1].name, "Tổ 2 và Tổ 3");
    }

    #[test]
    fn a_round_with_an_area_of_fewer_than_two_groups_is_refused() {
        let areas = [Area::new(AreaNumber(1), "Tổ 1".into(), 20), Area::new(AreaNumber(2), "Tổ 2".into(), 19)];
        assert_eq!(check(&areas[..1], 10, true), Ok(()));
        let small = AreasRefused::Small { name: "Tổ 2".into(), eligible: 19, least: 20 };
        assert_eq!(check(&areas, 10, true), Err(small));
    }

    #[test]
    fn slips_are_as_many_as_people_and_a_tenth() {
        for (eligible, slips) in [(20, 22), (21, 24), (100, 110), (0, 0)] {
            assert_eq!(slips_for(eligible), slips);
        }
        let mut area = Area::new(AreaNumber(1), "Tổ 1".into(), 100);
        area.slips = 109;
        assert_eq!(
            check(std::slice::from_ref(&area), 10, true),
            Err(AreasRefused::Slips { name: "Tổ 1".into(), slips: 109, needed: 110 })
        );
        assert!(check(std::slice::from_ref(&area), 10, false).is_err(), "feedback needs no slip");
        area.slips = 0;
        assert_eq!(check(&[area], 10, false), Ok(()));
    }
}
