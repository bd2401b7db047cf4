//! What may be known of a counted round, and nothing else.
//!
//! [`publishable`] runs where the box was opened; the exact count never leaves that memory. A slice (one area, or the
//! whole round) shows all of its cells or nothing, and what is hidden is hidden together, so that no subtraction brings
//! a hidden value back. Minutes, posters, charts and files take a [`PublishedTally`] and nothing else. Source: anonymity
//! A35, A37, A40-A45.

pub mod cells;
pub mod outcome;
pub mod sheet;
pub mod slices;
pub mod tables;
pub mod words;

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::identity::RoundId;
use crate::round::template::Side;
use crate::round::{AreaNumber, Fingerprint, RoundDefinition};
use crate::tally::{AreaTally, EnvelopeKinds, Tally};
use cells::Cell;
use slices::{AreaCells, Slices, Thresholds};

/// Opinions of an area from which on one volunteer alone may have handed out its slips (A43).
pub const ONE_CARRIER_OPINIONS: u32 = 30;

/// Slips that a phone must have issued in an area to count as one of its carriers (A43).
pub const CARRIER_SLIPS: u32 = 5;

/// What the rolls say about slips; the rolls name no resident's answer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Issued {
    /// Per area, slips that were drawn.
    #[n(0)]
    pub slips: BTreeMap<AreaNumber, u32>,
    /// Per area, phones that each issued at least [`CARRIER_SLIPS`] there.
    #[n(1)]
    pub carriers: BTreeMap<AreaNumber, u32>,
}

/// The only thing that leaves the opener.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PublishedTally {
    /// Of which round.
    #[n(0)]
    pub round: RoundId,
    /// Under which definition.
    #[cbor(n(1), with = "minicbor::bytes")]
    fingerprint: [u8; 10],
    /// What became of the envelopes, for the whole round.
    #[n(2)]
    pub kinds: EnvelopeKinds,
    /// Slips that were drawn, for the whole round.
    #[n(3)]
    pub issued: u32,
    /// Areas under whose slips more came back than were drawn: a breach, shown and not corrected (A37).
    #[n(4)]
    pub overfull: Vec<AreaNumber>,
    /// Who took part, where it may be shown: slips that came back, slips that did not.
    #[n(5)]
    pub participation: Slices,
    /// Per question of [`RoundDefinition::asked`] that has options, in its order.
    #[n(6)]
    pub questions: Vec<PublishedQuestion>,
}

/// What may be known of the answers to one question.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PublishedQuestion {
    /// Index in [`RoundDefinition::asked`].
    #[n(0)]
    pub question: u16,
    /// The whole round: neighbouring options joined until every cell is large enough. Empty if too few answered.
    #[n(1)]
    pub total: Vec<Cell>,
    /// Answers outside every denominator, and blanks.
    #[n(2)]
    pub outside: u32,
    /// Areas with two cells each, where they may be shown.
    #[n(3)]
    pub areas: Slices,
}

impl PublishedTally {
    /// Under which definition it was counted.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_bytes(self.fingerprint)
    }
}

/// What may be published of a count.
pub fn publishable(round: &RoundDefinition, tally: &Tally, issued: &Issued) -> PublishedTally {
    let thresholds = Thresholds { group_min: round.group_min.into(), side_min: round.side_min.into() };
    let questions = round.asked().enumerate().filter(|(_, asked)| !asked.question.options().is_empty());
    let participation = participation(round, tally, (issued, thresholds));
    let questions = questions.map(|(index, asked)| {
        let sides: Vec<Side> = asked.question.options().iter().map(|option| option.side).collect();
        question(tally, (index, &sides), (issued, &participation), thresholds)
    });
    let questions = questions.collect();
    PublishedTally {
        round: round.id,
        fingerprint: *round.fingerprint().as_bytes(),
        kinds: tally.kinds,
        issued: issued.slips.values().sum(),
        overfull: overfull(round, tally, issued),
        participation,
        questions,
    }
}

/// An area of which is not shown how many took part is hidden in every question. Otherwise one question would show
/// that number where another hides the answers, and all of them together would show it of an area that no page names.
fn question(
    tally: &Tally,
    (index, sides): (usize, &[Side]),
    (issued, participation): (&Issued, &Slices),
    thresholds: Thresholds,
) -> PublishedQuestion {
    let whole = tally.answers(index);
    let side = |options: &[u32], wanted: Side| -> u32 {
        options.iter().zip(sides).filter(|(_, side)| **side == wanted).map(|(count, _)| count).sum()
    };
    let of_area = |(number, area): (&AreaNumber, &AreaTally)| {
        let options = &area.answers[index].options;
        let cells = [side(options, Side::For), side(options, Side::Rest)];
        let has_two_carriers = issued.carriers.get(number).is_some_and(|carriers| *carriers >= 2);
        let is_covered = cells.iter().sum::<u32>() >= ONE_CARRIER_OPINIONS || has_two_carriers;
        let is_counted = participation.shown.iter().any(|shown| shown.area == *number);
        (AreaCells { area: *number, cells }, is_covered && is_counted)
    };
    let areas: Vec<(AreaCells, bool)> = tally.areas.iter().map(of_area).collect();
    PublishedQuestion {
        question: index as u16,
        total: cells::joined(&whole.options, sides, thresholds),
        outside: side(&whole.options, Side::Outside) + whole.blank,
        areas: Slices::of(&areas, thresholds),
    }
}

/// Participation is a slice too (A44).
fn participation(round: &RoundDefinition, tally: &Tally, (issued, thresholds): (&Issued, Thresholds)) -> Slices {
    let of_area = |(number, area): (&AreaNumber, &AreaTally)| {
        let (drawn, back) = (issued.slips.get(number).copied().unwrap_or(0), area.kinds.collected());
        (AreaCells { area: *number, cells: [back, drawn.saturating_sub(back)] }, round.shows_areas)
    };
    let areas: Vec<(AreaCells, bool)> = tally.areas.iter().map(of_area).collect();
    Slices::of(&areas, thresholds)
}

fn overfull(round: &RoundDefinition, tally: &Tally, issued: &Issued) -> Vec<AreaNumber> {
    let is_overfull = |number: &AreaNumber| {
        let back = tally.areas.get(number).map_or(0, |area| area.kinds.collected());
        back > issued.slips.get(number).copied().unwrap_or(0)
    };
    round.areas.iter().map(|area| area.number).filter(is_overfull).collect()
}

#[cfg(test)]
mod attack_tests;
