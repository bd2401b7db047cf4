//! How feedback was handled, without a cell that speaks of fewer than five texts.
//!
//! The same idea as for opinions: a table is shown whole or not at all, so that no hidden cell is what is left of the
//! others. Never by author, day or volunteer. Source: anonymity A51; domain R14.

use std::collections::BTreeMap;

use crate::identity::UnitId;
use crate::time::Day;

use super::Topic;

/// Texts from which on a topic or a unit is named, and below which a cell is hidden.
pub const CELL_LEAST: u32 = 5;

/// Working hours within which a case is answered; a default that the office may promise to better.
pub const ANSWER_HOURS: u32 = 80;

/// Hours of a working day.
const DAY_HOURS: u32 = 8;

/// One case as the figures see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandledCase {
    /// What it was about in general.
    pub topic: Topic,
    /// The unit to which it was routed, if it was.
    pub unit: Option<UnitId>,
    /// The day of its batch.
    pub day: Day,
    /// When it was answered, if it was.
    pub answered: Option<Day>,
}

/// The last day on which an answer is in time.
pub fn due(batch: Day) -> Day {
    batch.plus_working_days(ANSWER_HOURS / DAY_HOURS)
}

/// What may be said of all cases; nothing while there are fewer than [`CELL_LEAST`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedbackFigures {
    /// All of them.
    pub total: Line,
    /// By topic, those with few texts together as none.
    pub by_topic: Vec<(Option<Topic>, Line)>,
    /// By unit, those with few texts and those not routed together as none.
    pub by_unit: Vec<(Option<UnitId>, Line)>,
}

/// One line of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Cases.
    pub received: u32,
    /// What became of them; hidden in all lines of a table together.
    pub handling: Option<Handling>,
}

/// What became of the cases of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handling {
    /// Answered.
    pub answered: u32,
    /// Of them, those in time.
    pub on_time: u32,
    /// Working days until an answer, the lower of the two in the middle; hidden under [`CELL_LEAST`] answers.
    pub median_days: Option<u32>,
}

impl FeedbackFigures {
    /// Counts the cases.
    pub fn of(cases: &[HandledCase]) -> Option<Self> {
        let all: Vec<&HandledCase> = cases.iter().collect();
        if all.len() < CELL_LEAST as usize {
            return None;
        }
        let total = Line { received: all.len() as u32, handling: is_large(&all).then(|| handling_of(&all)) };
        Some(Self { total, by_topic: table(&all, |case| Some(case.topic)), by_unit: table(&all, |case| case.unit) })
    }
}

/// One table: large groups by name, the others together; what became of them only if every line may say it.
fn table<Name: Copy + Ord>(
    cases: &[&HandledCase],
    name_of: impl Fn(&HandledCase) -> Option<Name>,
) -> Vec<(Option<Name>, Line)> {
    let mut groups: BTreeMap<Option<Name>, Vec<&HandledCase>> = BTreeMap::new();
    for case in cases {
        groups.entry(name_of(case)).or_default().push(case);
    }
    let mut others = groups.remove(&None).unwrap_or_default();
    let mut named: Vec<(Name, Vec<&HandledCase>)> =
        groups.into_iter().filter_map(|(name, cases)| Some((name?, cases))).collect();
    // The largest first; among equals the first name, so that the table is the same for any order of the cases.
    named.sort_by_key(|(name, cases)| (std::cmp::Reverse(cases.len()), *name));
    let is_small = |cases: &[&HandledCase]| cases.len() < CELL_LEAST as usize;
    while named.last().is_some_and(|(_, cases)| is_small(cases) || (!others.is_empty() && is_small(&others))) {
        others.extend(named.pop().into_iter().flat_map(|(_, cases)| cases));
    }
    named.sort_by_key(|(name, _)| *name);
    let mut lines: Vec<(Option<Name>, Vec<&HandledCase>)> =
        named.into_iter().map(|(name, cases)| (Some(name), cases)).collect();
    if !others.is_empty() {
        lines.push((None, others));
    }
    let is_shown = lines.iter().all(|(_, cases)| is_large(cases));
    let line =
        |cases: &[&HandledCase]| Line { received: cases.len() as u32, handling: is_shown.then(|| handling_of(cases)) };
    lines.into_iter().map(|(name, cases)| (name, line(&cases))).collect()
}

/// Whether every cell of a line is empty or large: answered and not, in time and not.
fn is_large(cases: &[&HandledCase]) -> bool {
    let Handling { answered, on_time, .. } = handling_of(cases);
    let cells = [answered, cases.len() as u32 - answered, on_time, answered - on_time];
    cells.into_iter().all(|cell| cell == 0 || cell >= CELL_LEAST)
}

fn handling_of(cases: &[&HandledCase]) -> Handling {
    let mut days: Vec<u32> =
        cases.iter().filter_map(|case| Some(case.day.working_days_until(case.answered?))).collect();
    days.sort_unstable();
    let on_time = cases.iter().filter(|case| case.answered.is_some_and(|answered| answered <= due(case.day)));
    let answered = days.len() as u32;
    let median_days = (answered >= CELL_LEAST).then(|| days[(days.len() - 1) / 2]);
    Handling { answered, on_time: on_time.count() as u32, median_days }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn case(topic: Topic, answered: Option<&str>) -> HandledCase {
        HandledCase { topic, unit: None, day: day("2026-12-07"), answered: answered.map(day) }
    }

    fn many(topic: Topic, answered: Option<&str>, count: usize) -> Vec<HandledCase> {
        vec![case(topic, answered); count]
    }

    #[test]
    fn an_answer_is_due_after_ten_working_days() {
        assert_eq!(due(day("2026-12-07")), day("2026-12-21"));
        assert_eq!(due(day("2026-12-11")), day("2026-12-25"));
    }

    /// Worked by hand: Monday 7/12 to Friday 11/12 are four working days, to Tuesday 22/12 eleven.
    #[test]
    fn handling_is_shown_where_every_cell_is_large() {
        let mut cases = many(Topic::Works, Some("2026-12-11"), 7);
        cases.extend(many(Topic::Land, Some("2026-12-22"), 5));
        let figures = FeedbackFigures::of(&cases).unwrap();
        let handling = |answered, on_time, days| Some(Handling { answered, on_time, median_days: Some(days) });
        assert_eq!(figures.total, Line { received: 12, handling: handling(12, 7, 4) });
        let works = Line { received: 7, handling: handling(7, 7, 4) };
        let land = Line { received: 5, handling: handling(5, 0, 11) };
        assert_eq!(figures.by_topic, [(Some(Topic::Land), land), (Some(Topic::Works), works)]);
        cases.push(case(Topic::Works, None));
        let figures = FeedbackFigures::of(&cases).unwrap();
        assert_eq!(figures.total, Line { received: 13, handling: None });
        assert!(figures.by_topic.iter().all(|(_, line)| line.handling.is_none()), "hidden together");
    }

    #[test]
    fn a_topic_is_named_from_five_texts_on_and_no_rest_is_smaller() {
        let mut cases = many(Topic::Works, None, 9);
        cases.extend(many(Topic::Land, None, 5));
        cases.extend(many(Topic::Order, None, 2));
        let rows = |cases: &[HandledCase]| {
            let figures = FeedbackFigures::of(cases).unwrap();
            figures.by_topic.iter().map(|(topic, line)| (*topic, line.received)).collect::<Vec<_>>()
        };
        assert_eq!(rows(&cases), [(Some(Topic::Works), 9), (None, 7)], "two about order would be what is left");
        cases.extend(many(Topic::Welfare, None, 3));
        assert_eq!(rows(&cases), [(Some(Topic::Land), 5), (Some(Topic::Works), 9), (None, 5)]);
        assert_eq!(FeedbackFigures::of(&cases[..4]), None);
    }

    proptest! {
        /// A51: no line, and nothing that is left when lines are taken from the total, speaks of one to four texts.
        #[test]
        fn no_cell_and_no_difference_is_small(
            drawn in prop::collection::vec((0..9_usize, 0..3_u8, prop::option::of(0..30_i64)), 0..60)
        ) {
            let cases: Vec<HandledCase> = drawn
                .into_iter()
                .map(|(topic, unit, later)| HandledCase {
                    topic: Topic::ALL[topic],
                    unit: (unit > 0).then_some(UnitId::from_bytes([unit; 16])),
                    day: day("2026-12-07"),
                    answered: later.and_then(|days| day("2026-12-07").plus_days(days)),
                })
                .collect();
            let Some(figures) = FeedbackFigures::of(&cases) else { return Ok(()) };
            let topics: Vec<Line> = figures.by_topic.iter().map(|(_, line)| *line).collect();
            let units: Vec<Line> = figures.by_unit.iter().map(|(_, line)| *line).collect();
            for lines in [topics, units] {
                prop_assert_eq!(lines.iter().map(|line| line.received).sum::<u32>(), figures.total.received);
                let shown = lines.iter().filter(|line| line.handling.is_some()).count();
                prop_assert!(shown == 0 || shown == lines.len());
                for line in lines.iter().chain([&figures.total]) {
                    prop_assert!(line.received >= CELL_LEAST);
                    if let Some(handling) = line.handling {
                        let open = line.received - handling.answered;
                        let late = handling.answered - handling.on_time;
                        for cell in [open, late, handling.answered, handling.on_time] {
                            prop_assert!(cell == 0 || cell >= CELL_LEAST);
                        }
                        prop_assert!(handling.median_days.is_some() == (handling.answered >= CELL_LEAST));
                    }
                }
            }
        }
    }
}
