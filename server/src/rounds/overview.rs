//! What the office may know of a round before and after its count: who sealed, what was drawn, how much came.
//!
//! Nothing is by phone, volunteer or area that came back, and what came is told in steps, once a day. Source: anonymity
//! A31.

use minicbor::{Decode, Encode};
use model::identity::RoundId;
use model::received::{LIST_STEP, ReceivedList};
use model::round::state::RoundState;
use model::time::Day;
use rusqlite::Connection;

use super::KeptRound;
use super::recorded::Recorded;
use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;

/// One round, as its page and its orders show it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RoundOverview {
    /// Which.
    #[n(0)]
    pub round: RoundId,
    /// As it stands on the slips.
    #[n(1)]
    pub title: String,
    /// How far it is.
    #[n(2)]
    pub state: RoundState,
    /// First day of ballots.
    #[n(3)]
    pub opens: Day,
    /// Last day of ballots.
    #[n(4)]
    pub closes: Day,
    /// Last day on which sealed boxes arrive.
    #[n(5)]
    pub grace: Day,
    /// Per area, its name, slips that were printed, and slips that were drawn until yesterday.
    #[n(6)]
    pub areas: Vec<AreaOverview>,
    /// People who keep a record of the round.
    #[n(7)]
    pub phones: u32,
    /// How many of them have sealed their box.
    #[n(8)]
    pub sealed: u32,
    /// Envelopes on the newest list, rounded down to whole steps of [`LIST_STEP`]; none before the first list.
    #[n(9)]
    pub listed_at_least: Option<u32>,
    /// How many pairs of holders have handed over a count.
    #[n(10)]
    pub counts: u32,
    /// Whether the count may be published: signed, and counted again where that is asked for.
    #[n(11)]
    pub may_be_published: bool,
    /// Whether its ballots must be destroyed by now.
    #[n(12)]
    pub is_purge_due: bool,
    /// Whether residents say something of their own in it: then there are no slips and no count.
    #[n(13)]
    pub takes_feedback: bool,
}

/// Slips of one area.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AreaOverview {
    /// Its name.
    #[n(0)]
    pub name: String,
    /// Slips that were printed.
    #[n(1)]
    pub printed: u32,
    /// Slips that were drawn until yesterday.
    #[n(2)]
    pub drawn: u32,
}

impl RoundOverview {
    /// Of a round on a day.
    pub fn of(connection: &Connection, boxes: &Boxes, kept: &KeptRound, today: Day) -> Result<Self, ServerFailed> {
        let definition = kept.definition();
        let drawn = Recorded::read(connection, definition.id, Some(today.begins()))?.issued();
        let (phones, sealed) = Recorded::read(connection, definition.id, None)?.phones();
        let areas = definition.areas.iter().map(|area| AreaOverview {
            name: area.name.clone(),
            printed: area.slips,
            drawn: drawn.slips.get(&area.number).copied().unwrap_or(0),
        });
        let in_steps = |list: ReceivedList| (list.len() / LIST_STEP * LIST_STEP) as u32;
        let may_be_published = match &kept.outcomes {
            [Some(first), second] => first.check_recount(definition, second.as_ref()).is_ok(),
            [None, _] => false,
        };
        Ok(Self {
            round: definition.id,
            title: definition.title.clone(),
            state: kept.state(today),
            opens: definition.opens,
            closes: definition.closes,
            grace: definition.grace,
            areas: areas.collect(),
            phones: phones as u32,
            sealed: sealed as u32,
            listed_at_least: boxes.list(definition.id).map(in_steps),
            counts: kept.outcomes.iter().flatten().count() as u32,
            may_be_published,
            is_purge_due: kept.steps.is_purge_due(kept.definition(), today),
            takes_feedback: definition.takes_feedback(),
        })
    }
}
