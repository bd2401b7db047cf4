//! Who holds which role over whose case: what the office says once, for units and for single people.
//!
//! In a case about oneself, or about the head of one's own unit or of a unit above it, every role falls away; then whoever
//! holds it in the next unit up has it. Source: security 2.4, invariant I12.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cadre::CadreInPost;
use crate::identity::{PersonId, UnitId};
use crate::membership::Role;
use crate::time::Day;
use crate::unit::OrganisationUnit;

/// Tiers above a unit that are looked through; more is a tree that bites its tail.
const TIERS_MAX: usize = 16;

/// A role that somebody holds: the body of a [`crate::directory::ItemKind::Appointment`] item, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// Who.
    pub person: PersonId,
    /// What; never [`Role::Subject`], which everybody has in their own case.
    pub role: Role,
    /// Over the people of this unit and of the units below it, where nobody nearer holds the role.
    pub unit: UnitId,
    /// Over this person alone.
    pub over: Option<PersonId>,
    /// The first day.
    pub from: Day,
    /// The last day; none while it lasts.
    pub to: Option<Day>,
}

impl Appointment {
    /// Reads the body of a directory item; `None` if it is not one.
    pub fn read(body: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(body).ok()?;
        (read.role != Role::Subject).then_some(read)
    }

    /// The body of a directory item.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names and days can be written as JSON")
    }

    fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// Everybody's place and every role, as the directory says.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// The unit above each unit.
    above: BTreeMap<UnitId, UnitId>,
    /// Where each cadre works.
    works_in: BTreeMap<PersonId, UnitId>,
    /// Roles over all people of a unit.
    of_units: BTreeMap<UnitId, Vec<Appointment>>,
    /// Roles over one person alone.
    of_people: BTreeMap<PersonId, Vec<Appointment>>,
}

impl Chart {
    /// The chart of a directory: the same on the server, which asks it, and on a phone, which offers what it allows.
    pub fn of<'a>(
        appointments: impl IntoIterator<Item = Appointment>,
        cadres: impl IntoIterator<Item = &'a CadreInPost>,
        units: impl IntoIterator<Item = &'a OrganisationUnit>,
    ) -> Self {
        let mut chart = Self {
            above: units.into_iter().filter_map(|unit| Some((unit.id, unit.parent?))).collect(),
            works_in: cadres.into_iter().map(|held| (held.cadre.id, held.assignment.unit)).collect(),
            ..Self::default()
        };
        appointments.into_iter().for_each(|held| chart.appoint(held));
        chart
    }

    /// Adds a role.
    pub fn appoint(&mut self, held: Appointment) {
        match held.over {
            Some(person) => self.of_people.entry(person).or_default().push(held),
            None => self.of_units.entry(held.unit).or_default().push(held),
        }
    }

    /// Whether nobody holds any role: then there are no cases.
    pub fn is_empty(&self) -> bool {
        self.of_units.is_empty() && self.of_people.is_empty()
    }

    /// Everybody about whom there may be a case, and every unit in which somebody works.
    pub fn places(&self) -> (BTreeSet<PersonId>, BTreeSet<UnitId>) {
        let people = self.works_in.keys().chain(self.of_people.keys());
        (people.copied().collect(), self.works_in.values().copied().collect())
    }

    /// Everybody who works in a unit, by the directory.
    pub fn people_of(&self, unit: UnitId) -> BTreeSet<PersonId> {
        self.works_in.iter().filter(|(_, works_in)| **works_in == unit).map(|(person, _)| *person).collect()
    }

    /// Where somebody works.
    pub fn unit_of(&self, person: PersonId) -> Option<UnitId> {
        self.works_in.get(&person).copied()
    }

    /// Who holds which role over the case of a person on a day; the person is its subject.
    pub fn roles_over(&self, subject: PersonId, day: Day) -> BTreeSet<(PersonId, Role)> {
        let mut roles = BTreeSet::from([(subject, Role::Subject)]);
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Subject) {
            roles.extend(self.holders(role, subject, day).into_iter().map(|person| (person, role)));
        }
        roles
    }

    /// Whoever is named for this person alone, else in the nearest unit where somebody holds the role and may.
    fn holders(&self, role: Role, subject: PersonId, day: Day) -> Vec<PersonId> {
        let may = |appointment: &&Appointment| {
            appointment.role == role && appointment.holds_on(day) && !self.is_partial(appointment.person, subject, day)
        };
        let among = |held: Option<&Vec<Appointment>>| -> Vec<PersonId> {
            held.into_iter().flatten().filter(may).map(|held| held.person).collect()
        };
        let alone = among(self.of_people.get(&subject));
        if !alone.is_empty() {
            return alone;
        }
        let at = |unit: UnitId| among(self.of_units.get(&unit));
        self.line_of(subject).map(at).find(|people| !people.is_empty()).unwrap_or_default()
    }

    /// Whether somebody cannot be impartial in the case of a person: it is their own, or that of somebody who leads them.
    fn is_partial(&self, person: PersonId, subject: PersonId, day: Day) -> bool {
        let leads = |unit: UnitId| {
            let here = self.of_units.get(&unit).into_iter().flatten();
            here.filter(|held| held.role == Role::Head && held.holds_on(day)).any(|held| held.person == subject)
        };
        let alone = self.of_people.get(&person).into_iter().flatten();
        let leads_alone =
            alone.filter(|held| held.role == Role::Head && held.holds_on(day)).any(|held| held.person == subject);
        person == subject || leads_alone || self.line_of(person).any(leads)
    }

    /// The unit in which somebody works, and those above it.
    fn line_of(&self, person: PersonId) -> impl Iterator<Item = UnitId> {
        let own = self.works_in.get(&person).copied();
        std::iter::successors(own, |unit| self.above.get(unit).copied()).take(TIERS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn person(seed: u8) -> PersonId {
        PersonId::from_bytes([seed; 16])
    }

    const fn unit(seed: u8) -> UnitId {
        UnitId::from_bytes([seed; 16])
    }

    const COMMUNE: UnitId = unit(1);
    const OFFICE: UnitId = unit(2);
    const CHAIR: PersonId = person(1);
    const HEAD: PersonId = person(2);
    const CLERK: PersonId = person(3);
    const PERSONNEL: PersonId = person(4);

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn held(person: PersonId, role: Role, unit: UnitId) -> Appointment {
        Appointment { person, role, unit, over: None, from: day("2026-01-01"), to: Some(day("2026-12-31")) }
    }

    /// A commune with an office: the chair leads all, the head leads the office, a clerk and the personnel officer work there.
    fn chart() -> Chart {
        let mut chart = Chart {
            above: BTreeMap::from([(OFFICE, COMMUNE)]),
            works_in: BTreeMap::from([(CHAIR, COMMUNE), (HEAD, OFFICE), (CLERK, OFFICE), (PERSONNEL, OFFICE)]),
            ..Chart::default()
        };
        chart.appoint(held(CHAIR, Role::Head, COMMUNE));
        chart.appoint(held(HEAD, Role::Head, OFFICE));
        chart.appoint(held(PERSONNEL, Role::PersonnelOffice, COMMUNE));
        chart
    }

    fn over(chart: &Chart, subject: PersonId) -> Vec<(PersonId, Role)> {
        chart.roles_over(subject, day("2026-12-01")).into_iter().filter(|(_, role)| *role != Role::Subject).collect()
    }

    #[test]
    fn the_nearest_unit_decides_who_holds_a_role() {
        assert_eq!(over(&chart(), CLERK), [(HEAD, Role::Head), (PERSONNEL, Role::PersonnelOffice)]);
    }

    #[test]
    fn in_ones_own_case_and_in_that_of_ones_head_a_role_falls_away() {
        assert_eq!(over(&chart(), HEAD), [(CHAIR, Role::Head)], "the head leads the personnel officer");
        assert_eq!(over(&chart(), PERSONNEL), [(HEAD, Role::Head)]);
        assert_eq!(over(&chart(), CHAIR), [], "the chair leads everybody");
    }

    #[test]
    fn somebody_may_be_named_for_one_case_alone() {
        let mut chart = chart();
        let (other, former) = (person(9), person(8));
        chart.appoint(Appointment { over: Some(CLERK), ..held(other, Role::PersonnelOffice, unit(7)) });
        chart.appoint(Appointment { over: Some(CLERK), ..held(former, Role::FormerHead, unit(7)) });
        let expected = [(HEAD, Role::Head), (former, Role::FormerHead), (other, Role::PersonnelOffice)];
        assert_eq!(over(&chart, CLERK), expected);
        assert_eq!(over(&chart, PERSONNEL), [(HEAD, Role::Head)], "and for nobody else's");
    }

    #[test]
    fn a_role_holds_from_its_first_to_its_last_day() {
        let chart = chart();
        for (on, holds) in [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)] {
            assert_eq!(chart.roles_over(CLERK, day(on)).contains(&(HEAD, Role::Head)), holds, "{on}");
        }
    }

    #[test]
    fn nobody_is_appointed_to_be_the_subject_of_a_case() {
        let sound = held(HEAD, Role::Head, OFFICE);
        assert_eq!(Appointment::read(&sound.to_json()), Some(sound.clone()));
        assert_eq!(Appointment::read(&Appointment { role: Role::Subject, ..sound }.to_json()), None);
        assert_eq!(Appointment::read("{}"), None);
    }

    #[test]
    fn a_tree_that_bites_its_tail_ends() {
        let mut chart = chart();
        chart.above.insert(COMMUNE, OFFICE);
        assert_eq!(over(&chart, CLERK).len(), 2);
    }
}
