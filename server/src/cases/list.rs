//! The page of all cases of a cycle: how far every unit is, how many wait where, and the cases that were asked for.

use std::collections::BTreeMap;

use askama::Template;
use model::case::CaseState;
use model::cycle::EvaluationCycle;
use model::identity::{CycleId, UnitId};
use model::report::waiting::next_roles;
use model::time::Day;

use crate::cases::filter::{Filter, Lateness, PLACES, place_label};
use crate::cases::reading::{CasePerson, CycleCases};
use crate::limits::CASES_PER_PAGE;
use crate::report::bar::{Segment, stacked_bar};
use crate::report::chip::Chip;
use crate::report::page::{CycleLink, Frame};

/// The page.
#[derive(Template)]
#[template(path = "cases.html")]
pub struct CaseListPage {
    /// What stands above every page.
    pub frame: Frame,
    /// The cycle in addresses.
    pub cycle: CycleId,
    /// "Hạn nộp phiếu 10/12/2026; quyết định trước hết ngày 15/12/2026."
    pub terms: String,
    /// Links to the cases of every cycle, this one marked; empty when it is the only one.
    pub cycles: Vec<CycleLink>,
    /// How far every unit is.
    pub units: Vec<UnitRow>,
    /// All units together.
    pub total: UnitRow,
    /// How many wait where, in the order of the steps.
    pub places: Vec<PlaceRow>,
    /// How many of all are late, and the way to them.
    pub overdue: (usize, String),
    /// The words for what was asked for; empty for everything.
    pub asked: Vec<String>,
    /// The way back to everything.
    pub everything: String,
    /// The cases that were asked for, as many as a page holds.
    pub rows: Vec<CaseRow>,
    /// How many were asked for.
    pub found: usize,
    /// The first and the last that are shown, from 1.
    pub shown: (usize, usize),
    /// The pages before and after.
    pub before: Option<String>,
    /// The page after this one.
    pub after: Option<String>,
    /// Submitted forms that lie in no case, because nobody is appointed.
    pub unfiled: usize,
    /// Cases that cannot be read.
    pub unread: u32,
    /// Directory items that cannot be read.
    pub unread_items: u32,
}

/// How far the cases of one unit are.
#[derive(Debug, Clone)]
pub struct UnitRow {
    /// Its name.
    pub name: String,
    /// The way to its cases.
    pub link: String,
    /// People.
    pub people: u32,
    /// Decided, under way, not begun.
    pub bar: Vec<Segment>,
    /// People not begun, at opinions, at comments, decided, published.
    pub counts: [u32; 5],
    /// What is late, or that nothing is.
    pub chip: Chip,
    /// Whether anything is late.
    pub is_overdue: bool,
}

/// How many cases wait in one place.
#[derive(Debug, Clone)]
pub struct PlaceRow {
    /// Its name.
    pub label: &'static str,
    /// The way to its cases.
    pub link: String,
    /// How many.
    pub count: u32,
    /// Whom they wait for.
    pub next: String,
    /// Of them, late.
    pub overdue: u32,
}

/// One case.
#[derive(Debug, Clone)]
pub struct CaseRow {
    /// Full name.
    pub name: String,
    /// The way to the case.
    pub link: String,
    /// The post.
    pub title: String,
    /// The unit.
    pub unit_name: String,
    /// Where it is.
    pub place: &'static str,
    /// "3 ngày".
    pub waiting: String,
    /// Who acts next.
    pub next: String,
    /// The last day, or how late it is.
    pub chip: Option<Chip>,
    /// Whether it is late.
    pub is_overdue: bool,
}

/// The steps in five columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    NotBegun,
    Opinions,
    Comments,
    Decided,
    Published,
}

impl Phase {
    fn of(place: Option<CaseState>) -> Self {
        match place {
            None | Some(CaseState::Returned) => Self::NotBegun,
            Some(CaseState::Submitted | CaseState::OpinionsOpen | CaseState::OpinionsClosed) => Self::Opinions,
            // Whoever is excused waits for the decision alone.
            Some(CaseState::UnderReview | CaseState::AwaitingComments | CaseState::Proposed | CaseState::Excused) => {
                Self::Comments
            }
            Some(CaseState::Decided | CaseState::Notified | CaseState::Appealed) => Self::Decided,
            Some(CaseState::Published | CaseState::Archived) => Self::Published,
        }
    }
}

impl CaseListPage {
    /// The page of what was asked for.
    pub fn new(
        cases: &CycleCases,
        (cycles, unread_items): (&[EvaluationCycle], u32),
        filter: Filter,
        (frame, today): (Frame, Day),
    ) -> Self {
        let cycle = cases.cycle.id;
        let asked: Vec<&CasePerson> = cases.people.iter().filter(|person| filter.takes(person)).collect();
        let pages = asked.len().div_ceil(CASES_PER_PAGE).max(1);
        let filter = Filter { page: filter.page.min(pages), ..filter };
        let first = (filter.page - 1) * CASES_PER_PAGE;
        let shown: Vec<&CasePerson> = asked.iter().copied().skip(first).take(CASES_PER_PAGE).collect();
        let page = |page: usize| Filter { page, ..filter }.link(cycle);
        let late = cases.people.iter().filter(|person| person.overdue.is_some()).count();
        Self {
            terms: terms(&cases.cycle),
            cycles: links(cycles, cycle),
            units: units(cases),
            total: unit_row("Tất cả", Filter::ALL.link(cycle), cases.people.iter()),
            places: places(cases, filter),
            overdue: (late, Filter { lateness: Lateness::Overdue, ..Filter::ALL }.link(cycle)),
            asked: asked_words(cases, filter),
            everything: Filter::ALL.link(cycle),
            rows: shown.iter().map(|person| row(person, cycle, today)).collect(),
            found: asked.len(),
            shown: (first + 1, first + shown.len()),
            before: (filter.page > 1).then(|| page(filter.page - 1)),
            after: (filter.page < pages).then(|| page(filter.page + 1)),
            unfiled: cases.people.iter().filter(|person| person.standing.is_none() && person.has_unfiled).count(),
            unread: cases.unread,
            unread_items,
            frame,
            cycle,
        }
    }
}

/// Who may act next, in words; a dash once nobody has to.
pub(crate) fn next_words(place: Option<CaseState>) -> String {
    let roles: Vec<&str> = next_roles(place).into_iter().map(model::membership::Role::label_vi).collect();
    if roles.is_empty() { "–".to_owned() } else { roles.join(" hoặc ") }
}

/// Until when, in words.
fn terms(cycle: &EvaluationCycle) -> String {
    let forms = format!("Hạn nộp phiếu {}", cycle.closes.vietnamese());
    match model::report::waiting::decision_due(cycle) {
        Some(due) => format!("{forms}; hạn quyết định {}.", due.vietnamese()),
        None => format!("{forms}."),
    }
}

/// Links to every cycle; none where there is only one.
pub(crate) fn links(cycles: &[EvaluationCycle], shown: CycleId) -> Vec<CycleLink> {
    let link = |cycle: &EvaluationCycle| CycleLink {
        cycle: cycle.id,
        title: cycle.title.clone(),
        is_shown: cycle.id == shown,
    };
    if cycles.len() > 1 { cycles.iter().map(link).collect() } else { Vec::new() }
}

/// The people stand by unit already.
fn units(cases: &CycleCases) -> Vec<UnitRow> {
    let by_unit = cases.people.chunk_by(|one, next| one.unit == next.unit);
    let row = |people: &[CasePerson]| {
        let unit: Option<UnitId> = people[0].unit;
        let link =
            unit.map_or_else(String::new, |unit| Filter { unit: Some(unit), ..Filter::ALL }.link(cases.cycle.id));
        unit_row(&people[0].unit_name, link, people.iter())
    };
    by_unit.map(row).collect()
}

fn unit_row<'a>(name: &str, link: String, people: impl Iterator<Item = &'a CasePerson>) -> UnitRow {
    let (mut counts, mut overdue) = ([0; 5], 0);
    for person in people {
        counts[Phase::of(person.state()) as usize] += 1;
        overdue += u32::from(person.overdue.is_some());
    }
    let [not_begun, opinions, comments, decided, published] = counts;
    let bar = stacked_bar(&[("c-done", decided + published), ("c-doing", opinions + comments), ("c-todo", not_begun)]);
    let chip = match overdue {
        0 => Chip::plain("check", "Đúng hạn"),
        late => Chip::act(format!("{late} quá hạn")),
    };
    let name = name.to_owned();
    UnitRow { name, link, people: counts.iter().sum(), bar, counts, chip, is_overdue: overdue > 0 }
}

/// Of the unit that was asked for, or of all.
fn places(cases: &CycleCases, filter: Filter) -> Vec<PlaceRow> {
    let of_unit = Filter { unit: filter.unit, ..Filter::ALL };
    let mut counts: BTreeMap<Option<CaseState>, (u32, u32)> = BTreeMap::new();
    for person in cases.people.iter().filter(|person| of_unit.takes(person)) {
        let (count, overdue) = counts.entry(person.state()).or_default();
        *count += 1;
        *overdue += u32::from(person.overdue.is_some());
    }
    let row = |place: &Option<CaseState>| {
        let (count, overdue) = counts.get(place).copied().unwrap_or_default();
        let link = Filter { place: Some(*place), ..of_unit }.link(cases.cycle.id);
        PlaceRow { label: place_label(*place), link, count, next: next_words(*place), overdue }
    };
    PLACES.iter().map(|(place, _)| row(place)).collect()
}

fn asked_words(cases: &CycleCases, filter: Filter) -> Vec<String> {
    let name = |unit: UnitId| {
        let member = cases.people.iter().find(|person| person.unit == Some(unit));
        member.map_or_else(|| "đơn vị không có ai".to_owned(), |person| person.unit_name.clone())
    };
    let words = [
        filter.unit.map(name),
        filter.place.map(|place| place_label(place).to_owned()),
        (filter.lateness == Lateness::Overdue).then(|| "quá hạn".to_owned()),
    ];
    words.into_iter().flatten().collect()
}

fn row(person: &CasePerson, cycle: CycleId, today: Day) -> CaseRow {
    let chip = match (person.overdue, person.due) {
        (Some(days), _) => Some(Chip::act(format!("Quá hạn {days} ngày"))),
        (None, Some(due)) => Some(Chip::plain("schedule", format!("Hạn {}", due.vietnamese()))),
        (None, None) => None,
    };
    CaseRow {
        name: person.name.clone(),
        link: format!("/cases/{cycle}/{}", person.person),
        title: person.title.clone(),
        unit_name: person.unit_name.clone(),
        place: place_label(person.state()),
        waiting: format!("{} ngày", person.days_waiting(today)),
        next: next_words(person.state()),
        chip,
        is_overdue: person.overdue.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use model::cycle::CycleScope;
    use model::identity::PersonId;
    use model::period::Period;
    use model::time::Timestamp;

    use super::*;
    use crate::case_register::{CaseStanding, StandingStep};
    use crate::report::page::Situation;
    use crate::safety::Copies;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn person(number: u16, state: Option<CaseState>, overdue: Option<u32>) -> CasePerson {
        let mut id = [1; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let (unit, person) = (number / 100, PersonId::from_bytes(id));
        let step = state.map(|state| StandingStep { state, since_ms: 0 });
        let standing = CaseStanding {
            person,
            step,
            self_rating: None,
            proposed: None,
            residence: None,
            decided: None,
            unread_papers: 0,
        };
        CasePerson {
            person,
            name: format!("Cán bộ {number}"),
            title: "Chuyên viên".into(),
            unit: Some(UnitId::from_bytes([unit as u8; 16])),
            unit_name: format!("Phòng {unit}"),
            duty_group: "Chuyên môn".into(),
            standing: state.map(|_| standing),
            has_unfiled: false,
            since: day("2026-12-01"),
            due: overdue.map(|_| day("2026-12-10")),
            overdue,
        }
    }

    fn page(people: Vec<CasePerson>, filter: Filter) -> CaseListPage {
        let cycle = EvaluationCycle {
            id: CycleId::from_bytes([9; 16]),
            title: "Năm 2026".into(),
            period: Period::Year { year: 2026 },
            rule_set_code: String::new(),
            rule_set_version: 1,
            form: model::form::built_in::civil_servant_self_assessment().pin(),
            opens: day("2026-11-15"),
            closes: day("2026-12-10"),
            scope: CycleScope::default(),
        };
        let situation = Situation { now: Timestamp::from_utc_ms(0), copies: Copies::One, is_recovering: false };
        let cases = CycleCases { cycle, people, unread: 0 };
        CaseListPage::new(&cases, (&[], 0), filter, (situation.frame("Năm 2026", None), day("2026-12-20")))
    }

    #[test]
    fn a_long_list_is_read_page_by_page_and_nobody_is_left_out() {
        let people = || (0..250).map(|number| person(number, Some(CaseState::Submitted), None)).collect::<Vec<_>>();
        let mut seen = Vec::new();
        for number in 1..=3 {
            let page = page(people(), Filter { page: number, ..Filter::ALL });
            assert_eq!((page.before.is_some(), page.after.is_some()), (number > 1, number < 3));
            seen.extend(page.rows.into_iter().map(|row| row.name));
        }
        assert_eq!(seen, people().into_iter().map(|person| person.name).collect::<Vec<_>>());
        let beyond = page(people(), Filter { page: 99, ..Filter::ALL });
        assert_eq!((beyond.shown, beyond.rows.len()), ((201, 250), 50), "the last page stands for all after it");
    }

    #[test]
    fn units_and_steps_count_everybody_once() {
        let states = [None, Some(CaseState::Returned), Some(CaseState::Decided), Some(CaseState::Archived)];
        let people = (0..200).map(|number| person(number, states[usize::from(number % 4)], (number < 3).then_some(2)));
        let page = page(people.collect(), Filter { lateness: Lateness::Overdue, ..Filter::ALL });
        assert_eq!(page.units.iter().map(|unit| unit.people).collect::<Vec<_>>(), [100, 100]);
        assert_eq!((page.total.counts, page.overdue.0, page.found), ([100, 0, 0, 50, 50], 3, 3));
        assert_eq!(
            page.places.iter().fold((0, 0), |sum, place| (sum.0 + place.count, sum.1 + place.overdue)),
            (200, 3)
        );
        assert_eq!(page.rows[0].waiting, "19 ngày");
    }

    #[test]
    fn who_acts_next_is_said_in_words_and_nobody_once_it_is_filed() {
        assert_eq!(next_words(Some(CaseState::Submitted)), "trưởng đơn vị hoặc tổ chức cán bộ");
        assert_eq!(next_words(Some(CaseState::Archived)), "–");
    }
}
