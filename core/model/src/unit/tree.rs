//! The checked tree: who stands below whom, on which day, and who continues whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::UnitId;
use crate::text::{check_line, sort_key};
use crate::time::Day;
use crate::unit::scheme::{HierarchyScheme, SCHEMES_MAX, SchemeRefused};
use crate::unit::{NAME_CHARS_MAX, OrganisationUnit, PREDECESSORS_MAX, UNITS_MAX, UnitRefused};

/// Units without cycle, each of a lower level than its parent, with all of their past.
///
/// Can be made only by [`UnitTree::build`]; the order in which units are given never matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitTree {
    units: BTreeMap<UnitId, OrganisationUnit>,
    children: BTreeMap<UnitId, Vec<UnitId>>,
    roots: Vec<UnitId>,
    successors: BTreeMap<UnitId, Vec<UnitId>>,
}

impl UnitTree {
    /// Checks schemes and units and joins them; refuses the whole, naming the first unit at fault.
    pub fn build(schemes: &[HierarchyScheme], units: Vec<OrganisationUnit>) -> Result<Self, UnitRefused> {
        check_schemes(schemes)?;
        let given = u32::try_from(units.len()).unwrap_or(u32::MAX);
        if given > UNITS_MAX {
            return Err(UnitRefused::TooManyUnits { given, limit: UNITS_MAX });
        }
        let units = by_id(units)?;
        for unit in units.values() {
            check_alone(unit)?;
            check_level(unit, &units, schemes)?;
            check_past(unit, &units)?;
        }
        Ok(Self::join(units))
    }

    fn join(units: BTreeMap<UnitId, OrganisationUnit>) -> Self {
        let mut in_order: Vec<_> = units.values().map(|unit| (sort_key(&unit.name_vi), unit.id)).collect();
        in_order.sort();
        let (mut children, mut successors) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        let mut roots = Vec::new();
        for (_, id) in in_order {
            let unit = &units[&id];
            match unit.parent.filter(|parent| units.contains_key(parent)) {
                Some(parent) => children.entry(parent).or_default().push(id),
                None => roots.push(id),
            }
            for predecessor in unit.predecessors.iter().collect::<BTreeSet<_>>() {
                successors.entry(*predecessor).or_default().push(id);
            }
        }
        Self { units, children, roots, successors }
    }

    /// The tree as it stood on a day: only the units that existed then.
    ///
    /// A unit whose parent did not exist on that day becomes a top unit, so that nobody disappears from a report.
    pub fn as_of(&self, day: Day) -> Self {
        Self::join(
            self.units.iter().filter(|(_, unit)| unit.exists_on(day)).map(|(id, unit)| (*id, unit.clone())).collect(),
        )
    }

    /// The unit of this id.
    pub fn unit(&self, id: UnitId) -> Option<&OrganisationUnit> {
        self.units.get(&id)
    }

    /// The units without a parent here, by name.
    pub fn roots(&self) -> impl Iterator<Item = &OrganisationUnit> {
        self.roots.iter().map(|id| &self.units[id])
    }

    /// The units directly below, by name.
    pub fn children(&self, id: UnitId) -> impl Iterator<Item = &OrganisationUnit> {
        self.children.get(&id).into_iter().flatten().map(|id| &self.units[id])
    }

    /// Whether the unit is the other one or stands anywhere below it; false for units that are not here.
    pub fn is_at_or_below(&self, unit: UnitId, above: UnitId) -> bool {
        self.path_up(unit).any(|step| step == above)
    }

    /// The units that name this one as predecessor, by name; of any day, existing or not.
    pub fn successors_of(&self, id: UnitId) -> impl Iterator<Item = &OrganisationUnit> {
        self.successors.get(&id).into_iter().flatten().filter_map(|id| self.units.get(id))
    }

    /// Who stands for this unit on a day: itself while it exists, else those that continue it, through any number of
    /// reforms. Empty when nobody continued it.
    pub fn standing_for(&self, id: UnitId, day: Day) -> BTreeSet<UnitId> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
        while let Some(next) = open.pop() {
            let Some(unit) = self.units.get(&next).filter(|_| seen.insert(next)) else { continue };
            if unit.exists_on(day) {
                found.insert(next);
            } else {
                open.extend(self.successors_of(next).map(|unit| unit.id));
            }
        }
        found
    }

    /// The unit and those above it, to the top. Ends because levels fall strictly.
    fn path_up(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        std::iter::successors(self.units.get(&unit), |unit| self.units.get(&unit.parent?)).map(|unit| unit.id)
    }
}

fn check_schemes(schemes: &[HierarchyScheme]) -> Result<(), UnitRefused> {
    for (at, scheme) in schemes.iter().enumerate() {
        let checked = if at >= SCHEMES_MAX as usize {
            Err(SchemeRefused::TooMany { limit: SCHEMES_MAX })
        } else if schemes[..at].iter().any(|other| other.code == scheme.code) {
            Err(SchemeRefused::CodeTwice)
        } else {
            scheme.check()
        };
        checked.map_err(|source| UnitRefused::Scheme { scheme: scheme.code.clone(), source })?;
    }
    Ok(())
}

fn by_id(units: Vec<OrganisationUnit>) -> Result<BTreeMap<UnitId, OrganisationUnit>, UnitRefused> {
    let mut ids: Vec<UnitId> = units.iter().map(|unit| unit.id).collect();
    ids.sort();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(UnitRefused::Duplicate { unit: pair[0] }),
        None => Ok(units.into_iter().map(|unit| (unit.id, unit)).collect()),
    }
}

fn check_alone(unit: &OrganisationUnit) -> Result<(), UnitRefused> {
    check_line(&unit.name_vi, NAME_CHARS_MAX).map_err(|source| UnitRefused::Name { unit: unit.id, source })?;
    match unit.valid_to {
        Some(last) if last < unit.valid_from => Err(UnitRefused::EndsBeforeItBegins { unit: unit.id }),
        _ => Ok(()),
    }
}

fn check_level(
    unit: &OrganisationUnit,
    units: &BTreeMap<UnitId, OrganisationUnit>,
    schemes: &[HierarchyScheme],
) -> Result<(), UnitRefused> {
    let order = order_of(unit, schemes)?;
    let Some(parent) = unit.parent else { return Ok(()) };
    let parent = units.get(&parent).ok_or(UnitRefused::UnknownParent { unit: unit.id })?;
    if parent.scheme != unit.scheme {
        return Err(UnitRefused::ParentOfOtherScheme { unit: unit.id });
    }
    if order_of(parent, schemes)? < order {
        return Ok(());
    }
    // A cycle always has such a step, so this is the only place that looks for one.
    if leads_back(unit, units) {
        Err(UnitRefused::Cycle { unit: unit.id })
    } else {
        Err(UnitRefused::NotBelowParent { unit: unit.id })
    }
}

fn order_of(unit: &OrganisationUnit, schemes: &[HierarchyScheme]) -> Result<u8, UnitRefused> {
    let scheme = schemes.iter().find(|scheme| scheme.code == unit.scheme);
    let level = scheme.and_then(|scheme| scheme.level(&unit.level));
    level.map(|level| level.order).ok_or(UnitRefused::UnknownLevel { unit: unit.id })
}

fn leads_back(unit: &OrganisationUnit, units: &BTreeMap<UnitId, OrganisationUnit>) -> bool {
    std::iter::successors(unit.parent, |id| units.get(id)?.parent).take(units.len()).any(|id| id == unit.id)
}

fn check_past(unit: &OrganisationUnit, units: &BTreeMap<UnitId, OrganisationUnit>) -> Result<(), UnitRefused> {
    if unit.predecessors.len() > PREDECESSORS_MAX as usize {
        return Err(UnitRefused::UnknownPredecessor { unit: unit.id });
    }
    for predecessor in &unit.predecessors {
        let predecessor = units.get(predecessor).ok_or(UnitRefused::UnknownPredecessor { unit: unit.id })?;
        if predecessor.valid_from >= unit.valid_from {
            return Err(UnitRefused::PredecessorNotOlder { unit: unit.id });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::unit::UnitKind;

    const CITY: u8 = 1;
    const DISTRICT: u8 = 2;
    const WARD_ONE: u8 = 3;
    const WARD_TWO: u8 = 4;
    const NEW_CITY: u8 = 11;
    const NEW_WARD: u8 = 12;
    const QUARTER: u8 = 13;

    fn id(number: u8) -> UnitId {
        UnitId::from_bytes([number; 16])
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn unit(number: u8, scheme: &str, level: &str, parent: Option<u8>) -> OrganisationUnit {
        let (first, last) = match scheme {
            "three_tiers" => ("1997-04-01", Some("2025-06-30")),
            _ => ("2025-07-01", None),
        };
        OrganisationUnit {
            id: id(number),
            scheme: scheme.into(),
            level: level.into(),
            kind: UnitKind::Administrative,
            name_vi: format!("Đơn vị {number}"),
            parent: parent.map(id),
            predecessors: Vec::new(),
            valid_from: day(first),
            valid_to: last.map(day),
        }
    }

    /// A city before and after the reform: its district goes, two wards become one.
    fn city() -> Vec<OrganisationUnit> {
        let mut units = vec![
            unit(CITY, "three_tiers", "province", None),
            unit(DISTRICT, "three_tiers", "district", Some(CITY)),
            unit(WARD_ONE, "three_tiers", "commune", Some(DISTRICT)),
            unit(WARD_TWO, "three_tiers", "commune", Some(DISTRICT)),
            unit(NEW_CITY, "two_tiers", "province", None),
            unit(NEW_WARD, "two_tiers", "commune", Some(NEW_CITY)),
            unit(QUARTER, "two_tiers", "residential_area", Some(NEW_WARD)),
        ];
        units[4].predecessors = vec![id(CITY)];
        units[5].predecessors = vec![id(WARD_ONE), id(WARD_TWO)];
        units
    }

    fn build(units: Vec<OrganisationUnit>) -> Result<UnitTree, UnitRefused> {
        UnitTree::build(&HierarchyScheme::shipped(), units)
    }

    fn numbers<'a>(units: impl Iterator<Item = &'a OrganisationUnit>) -> Vec<u8> {
        units.map(|unit| unit.id.as_bytes()[0]).collect()
    }

    #[test]
    fn the_same_code_carries_three_tiers_and_two() {
        let tree = build(city()).unwrap();
        let (before, after) = (tree.as_of(day("2025-06-30")), tree.as_of(day("2025-07-01")));
        assert_eq!(numbers(before.roots()), [CITY]);
        assert_eq!(numbers(before.children(id(DISTRICT))), [WARD_ONE, WARD_TWO]);
        assert!(before.is_at_or_below(id(WARD_ONE), id(CITY)) && before.is_at_or_below(id(CITY), id(CITY)));
        assert!(!before.is_at_or_below(id(CITY), id(WARD_ONE)) && !before.is_at_or_below(id(QUARTER), id(NEW_CITY)));
        assert_eq!(numbers(after.roots()), [NEW_CITY]);
        assert!(after.is_at_or_below(id(QUARTER), id(NEW_CITY)));
        assert_eq!(after.unit(id(DISTRICT)), None);
    }

    #[test]
    fn a_dissolved_unit_keeps_its_history_and_its_heirs() {
        let tree = build(city()).unwrap();
        assert_eq!(numbers(tree.successors_of(id(WARD_TWO))), [NEW_WARD]);
        assert_eq!(tree.standing_for(id(WARD_TWO), day("2025-06-30")), [id(WARD_TWO)].into());
        assert_eq!(tree.standing_for(id(WARD_TWO), day("2025-07-01")), [id(NEW_WARD)].into());
        assert_eq!(tree.standing_for(id(DISTRICT), day("2025-07-01")), [].into());
        assert_eq!(tree.unit(id(DISTRICT)).unwrap().name_vi, "Đơn vị 2");
    }

    #[test]
    fn a_level_may_be_skipped() {
        let units = vec![unit(1, "three_tiers", "province", None), unit(2, "three_tiers", "residential_area", Some(1))];
        assert!(build(units).unwrap().is_at_or_below(id(2), id(1)));
    }

    #[test]
    fn a_unit_whose_parent_is_gone_stands_at_the_top() {
        let mut units = city();
        units[1].valid_to = Some(day("2020-01-01"));
        assert_eq!(numbers(build(units).unwrap().as_of(day("2025-06-30")).roots()), [CITY, WARD_ONE, WARD_TWO]);
    }

    #[test]
    fn a_broken_tree_names_the_unit_at_fault() {
        let check = |spoil: fn(&mut Vec<OrganisationUnit>), expected| {
            let mut units = city();
            spoil(&mut units);
            assert_eq!(build(units), Err(expected));
        };
        check(|units| units.push(units[2].clone()), UnitRefused::Duplicate { unit: id(WARD_ONE) });
        check(|units| units[0].parent = Some(id(WARD_ONE)), UnitRefused::Cycle { unit: id(CITY) });
        check(|units| units[1].parent = Some(id(DISTRICT)), UnitRefused::Cycle { unit: id(DISTRICT) });
        check(|units| units[3].parent = Some(id(WARD_ONE)), UnitRefused::NotBelowParent { unit: id(WARD_TWO) });
        check(|units| units[5].parent = Some(id(CITY)), UnitRefused::ParentOfOtherScheme { unit: id(NEW_WARD) });
        check(|units| units[5].parent = Some(id(99)), UnitRefused::UnknownParent { unit: id(NEW_WARD) });
        check(|units| units[5].level = "district".into(), UnitRefused::UnknownLevel { unit: id(NEW_WARD) });
        check(|units| units[0].valid_to = Some(Day::MIN), UnitRefused::EndsBeforeItBegins { unit: id(CITY) });
        check(|units| units[5].predecessors.push(id(99)), UnitRefused::UnknownPredecessor { unit: id(NEW_WARD) });
        check(
            |units| units[5].predecessors = vec![id(NEW_CITY)],
            UnitRefused::PredecessorNotOlder { unit: id(NEW_WARD) },
        );
    }

    proptest! {
        #[test]
        fn the_order_of_units_never_matters(units in Just(city()).prop_shuffle(), child in any::<Index>(), parent in any::<Index>()) {
            let mut sorted = city();
            let (child, parent) = (child.get(&sorted).id, parent.get(&sorted).id);
            let mut units = units;
            for list in [&mut sorted, &mut units] {
                list.iter_mut().filter(|unit| unit.id == child).for_each(|unit| unit.parent = Some(parent));
            }
            prop_assert_eq!(build(units), build(sorted));
        }

        #[test]
        fn an_accepted_tree_has_no_cycle(parents in prop::collection::vec(any::<Option<Index>>(), 7)) {
            let mut units = city();
            let ids: Vec<UnitId> = units.iter().map(|unit| unit.id).collect();
            for (unit, parent) in units.iter_mut().zip(parents) {
                unit.parent = parent.map(|parent| *parent.get(&ids));
            }
            if let Ok(tree) = build(units) {
                for id in ids {
                    prop_assert!(tree.path_up(id).take(9).count() <= 4);
                }
            }
        }
    }
}
