//! All cases of one cycle at one moment: everybody in a post, and everybody who has a case though they left.
//!
//! Read from the directory and the register alone; no paper is opened, so that 40,000 cases are one page.

use std::collections::{HashMap, HashSet};

use model::cadre::CadreInPost;
use model::case::CaseState;
use model::cycle::EvaluationCycle;
use model::identity::{CycleId, PersonId, UnitId};
use model::report::waiting::{days_overdue, due_day};
use model::text::sort_key;
use model::time::{Day, Timestamp};
use rusqlite::Connection;

use crate::case_register::{self, CaseStanding};
use crate::failure::ServerFailed;
use crate::filing::self_assessment_of;
use crate::looking::LOOKED_AT_ONCE_MAX;
use crate::report::directory::Directory;
use crate::report::reading::UNKNOWN_UNIT;
use crate::shared;

/// Who has a case and is in no post any more.
const GONE: &str = "Không còn trong danh bạ";

/// The cases of a cycle.
#[derive(Debug, Clone)]
pub struct CycleCases {
    /// The cycle.
    pub cycle: EvaluationCycle,
    /// By unit name, then name; numbers in names by value.
    pub people: Vec<CasePerson>,
    /// Cases that this version cannot read.
    pub unread: u32,
}

/// One cadre and where their case is.
#[derive(Debug, Clone)]
pub struct CasePerson {
    /// Who.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// The post as it is written.
    pub title: String,
    /// Their unit; none for somebody who left.
    pub unit: Option<UnitId>,
    /// Its name.
    pub unit_name: String,
    /// The group of similar duties.
    pub duty_group: String,
    /// What the register says; none where there is no case yet.
    pub standing: Option<CaseStanding>,
    /// Whether a self-assessment was submitted that lies in no case, because nobody is appointed to look at it.
    pub has_unfiled: bool,
    /// The day on which the present state began; the first day of the cycle where there is no case yet.
    pub since: Day,
    /// The last day for the next step; none where no term is known.
    pub due: Option<Day>,
    /// Days after that one.
    pub overdue: Option<u32>,
}

impl CasePerson {
    /// Where the case is, or will be once somebody is appointed; none before it begins.
    pub fn state(&self) -> Option<CaseState> {
        let step = self.standing.as_ref().and_then(|standing| standing.step);
        step.map(|step| step.state).or_else(|| self.has_unfiled.then_some(CaseState::Submitted))
    }

    /// Whole days in the present state.
    pub fn days_waiting(&self, today: Day) -> u32 {
        u32::try_from(self.since.days_until(today)).unwrap_or(0)
    }
}

/// Reads the cases of a cycle as they stand today.
pub fn read(
    connection: &Connection,
    directory: &Directory,
    (cycle, today): (&EvaluationCycle, Day),
) -> Result<CycleCases, ServerFailed> {
    let found = case_register::of_cycle(connection, cycle.id)?;
    let mut standings: HashMap<PersonId, CaseStanding> =
        found.cases.into_iter().map(|standing| (standing.person, standing)).collect();
    let (unfiled, unread) = unfiled(connection, cycle.id)?;
    let mut people = Vec::with_capacity(directory.cadres.len());
    // Whoever the cycle is not about is shown only with a case.
    let is_about = |held: &&CadreInPost| {
        let person = held.cadre.id;
        cycle.covers(&held.assignment) || standings.contains_key(&person) || unfiled.contains(&person)
    };
    let held: Vec<&CadreInPost> = directory.cadres.iter().filter(is_about).collect();
    for held in held {
        let unit = directory.units.get(&held.assignment.unit);
        people.push(CasePerson {
            person: held.cadre.id,
            name: held.cadre.full_name.clone(),
            title: held.assignment.title.clone(),
            unit: Some(held.assignment.unit),
            unit_name: unit.map_or_else(|| UNKNOWN_UNIT.to_owned(), |unit| unit.name_vi.clone()),
            duty_group: held.assignment.duty_group.clone(),
            standing: standings.remove(&held.cadre.id),
            has_unfiled: unfiled.contains(&held.cadre.id),
            since: cycle.opens,
            due: None,
            overdue: None,
        });
    }
    people.extend(standings.into_values().map(|standing| gone(standing, cycle)));
    for person in &mut people {
        set_days(person, (cycle, today));
    }
    sort(&mut people);
    Ok(CycleCases { cycle: cycle.clone(), people, unread: found.unread + unread })
}

/// Who submitted a self-assessment that lies in no case, and how many submissions cannot be read, of whichever cycle. Costs
/// what lies in none: nothing where people are appointed.
pub fn unfiled(connection: &Connection, cycle: CycleId) -> Result<(HashSet<PersonId>, u32), ServerFailed> {
    let (mut people, mut unread, mut after) = (HashSet::new(), 0_u32, 0);
    loop {
        let found = shared::unfiled_after(connection, after, LOOKED_AT_ONCE_MAX)?;
        let Some((last, _)) = found.last() else { return Ok((people, unread)) };
        unread += found.iter().map(|(_, entry)| u32::from(entry.is_none())).sum::<u32>();
        after = *last;
        let about = found.iter().filter_map(|(_, entry)| self_assessment_of(entry.as_ref()?));
        people.extend(about.filter(|(of, _)| *of == cycle).map(|(_, person)| person));
    }
}

fn gone(standing: CaseStanding, cycle: &EvaluationCycle) -> CasePerson {
    CasePerson {
        person: standing.person,
        name: GONE.to_owned(),
        title: String::new(),
        unit: None,
        unit_name: GONE.to_owned(),
        duty_group: String::new(),
        standing: Some(standing),
        has_unfiled: false,
        since: cycle.opens,
        due: None,
        overdue: None,
    }
}

fn set_days(person: &mut CasePerson, (cycle, today): (&EvaluationCycle, Day)) {
    if let Some(step) = person.standing.as_ref().and_then(|standing| standing.step) {
        person.since = Timestamp::from_utc_ms(step.since_ms).vietnamese_day();
    }
    person.due = due_day(cycle, person.state(), person.since);
    person.overdue = days_overdue(person.due, today);
}

/// The key of a unit's name is made once per unit: making it for each of 40,000 people took half of the page's time.
fn sort(people: &mut [CasePerson]) {
    let mut units: HashMap<(Option<UnitId>, &str), String> = HashMap::new();
    for person in people.iter() {
        units.entry((person.unit, &person.unit_name)).or_insert_with(|| sort_key(&person.unit_name));
    }
    let mut ordered: Vec<_> = units.into_iter().map(|((unit, _), key)| (unit.is_none(), key, unit)).collect();
    ordered.sort();
    let places: HashMap<Option<UnitId>, usize> =
        ordered.into_iter().enumerate().map(|(place, (_, _, unit))| (unit, place)).collect();
    people.sort_by_cached_key(|person| (places[&person.unit], sort_key(&person.name), person.person));
}
