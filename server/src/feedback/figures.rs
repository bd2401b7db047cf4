//! How feedback was handled, as orders show it: the model's figures with names, and two counters of what went nowhere.
//!
//! Source: anonymity A51; domain R14.

use minicbor::{Decode, Encode};
use model::feedback::Topic;
use model::feedback::figures::{CELL_LEAST, FeedbackFigures, Handling, Line};
use model::identity::{RoundId, UnitId};
use rusqlite::Connection;

use super::cases;
use crate::failure::ServerFailed;
use crate::report::directory::Directory;

/// The figures of one round.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Figures {
    /// All cases; none while there are too few to say anything.
    #[n(0)]
    pub tables: Option<Tables>,
    /// Denunciations and complaints; hidden where it would speak of a few.
    #[n(1)]
    pub denounced: Option<u32>,
    /// What the commune can do nothing about; hidden likewise.
    #[n(2)]
    pub out_of_scope: Option<u32>,
}

/// The total and its two tables.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tables {
    /// All cases.
    #[n(0)]
    pub total: FigureRow,
    /// By topic.
    #[n(1)]
    pub by_topic: Vec<FigureRow>,
    /// By unit.
    #[n(2)]
    pub by_unit: Vec<FigureRow>,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FigureRow {
    /// A topic or unit; none for the total and for what stands together.
    #[n(0)]
    pub name: Option<String>,
    /// Cases.
    #[n(1)]
    pub received: u32,
    /// What became of them, if that may be said.
    #[n(2)]
    pub handling: Option<HandlingRow>,
}

/// What became of the cases of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HandlingRow {
    /// Answered.
    #[n(0)]
    pub answered: u32,
    /// Of them, in time.
    #[n(1)]
    pub on_time: u32,
    /// Working days until an answer.
    #[n(2)]
    pub median_days: Option<u32>,
}

/// Counts the cases of a round.
pub fn read(connection: &Connection, round: RoundId) -> Result<Figures, ServerFailed> {
    let handled: Vec<_> = cases(connection, Some(round))?.iter().map(super::KeptCase::handled).collect();
    let tables = match FeedbackFigures::of(&handled) {
        None => None,
        Some(figures) => Some(tables(&figures, &Directory::read(connection)?)),
    };
    let sql =
        "select coalesce(sum(denounced), 0), coalesce(sum(out_of_scope), 0) from feedback_packet where round = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let (denounced, out_of_scope) = statement.query_row([round.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Figures { tables, denounced: shown(denounced), out_of_scope: shown(out_of_scope) })
}

fn shown(count: u32) -> Option<u32> {
    (count == 0 || count >= CELL_LEAST).then_some(count)
}

fn tables(figures: &FeedbackFigures, directory: &Directory) -> Tables {
    let topic = |(topic, line): &(Option<Topic>, Line)| row(topic.map(|topic| topic.label().to_owned()), line);
    let name = |unit: UnitId| directory.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.name_vi.clone());
    let unit = |(unit, line): &(Option<UnitId>, Line)| row(unit.map(name), line);
    Tables {
        total: row(None, &figures.total),
        by_topic: figures.by_topic.iter().map(topic).collect(),
        by_unit: figures.by_unit.iter().map(unit).collect(),
    }
}

fn row(name: Option<String>, line: &Line) -> FigureRow {
    let handling = |Handling { answered, on_time, median_days }| HandlingRow { answered, on_time, median_days };
    FigureRow { name, received: line.received, handling: line.handling.map(handling) }
}
