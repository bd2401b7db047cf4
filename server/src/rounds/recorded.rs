//! What the phones of a round said on the named road: seals, slips drawn, lists of slips that came back.
//!
//! Which person said what is left behind here: the opener and the page get sets and sums. Source: anonymity A7, A8, A19,
//! A20, A31, A43.

use std::collections::BTreeSet;

use model::box_seal::{BoxSeal, SpokenSeal};
use model::document::{DocumentKind, WorkingDocument};
use model::entry::{EntryKind, SignedFields};
use model::identity::{DocumentId, RoundId};
use model::opening::SealedBytes;
use model::publication::{CARRIER_SLIPS, Issued};
use model::round::RoundDefinition;
use model::round::record::{RoundRecord, heading};
use model::time::Timestamp;
use rusqlite::Connection;

use super::spoken_seals;
use crate::failure::ServerFailed;

/// What all phones of a round said.
#[derive(Default)]
pub struct Recorded {
    records: Vec<RoundRecord>,
}

impl Recorded {
    /// Reads what was received before an instant, or everything.
    pub fn read(connection: &Connection, round: RoundId, before: Option<Timestamp>) -> Result<Self, ServerFailed> {
        let mut statement = connection.prepare_cached("select space, document from document where kind = ?1")?;
        let kind = DocumentKind::RoundRecord as i64;
        let found = statement.query_map([kind], |row| Ok((row.get(0)?, DocumentId::from_bytes(row.get(1)?))))?;
        let mut records = Vec::new();
        for row in found {
            let (space, document) = row?;
            let changes =
                changes_before(connection, (space, document), before.unwrap_or(Timestamp::from_utc_ms(i64::MAX)))?;
            let fields = WorkingDocument::open(changes.iter().map(Vec::as_slice)).fields();
            // A record that cannot be read is on its phone as it was; the gate let no such in.
            let Ok(fields) = fields else { continue };
            if heading(&fields).is_some_and(|(named, _)| named == round) {
                records.push(RoundRecord::read(&fields));
            }
        }
        Ok(Self { records })
    }

    /// Seals of all boxes.
    pub fn seals(&self) -> impl Iterator<Item = &BoxSeal> {
        self.records.iter().flat_map(|record| &record.seals)
    }

    /// Lists of slips that were handed back.
    pub fn returned(&self) -> Vec<SealedBytes> {
        self.records.iter().flat_map(|record| record.returned.iter().cloned()).collect()
    }

    /// How many people keep a record of the round, and how many of them have sealed.
    pub fn phones(&self) -> (usize, usize) {
        (self.records.len(), self.records.iter().filter(|record| !record.seals.is_empty()).count())
    }

    /// Slips that were drawn, and in each area those who gave out enough to count as its carriers.
    pub fn issued(&self) -> Issued {
        let mut issued = Issued::default();
        for (area, lines) in self.records.iter().flat_map(|record| &record.issued) {
            let lines = lines.len() as u32;
            *issued.slips.entry(*area).or_default() += lines;
            if lines >= CARRIER_SLIPS {
                *issued.carriers.entry(*area).or_default() += 1;
            }
        }
        issued
    }
}

/// Every seal that was on record when the round closed, as it is spoken.
pub fn seals_in_time(connection: &Connection, round: &RoundDefinition) -> Result<BTreeSet<SpokenSeal>, ServerFailed> {
    let closed = round.closes.plus_days(1).map(|next| next.begins());
    let recorded = Recorded::read(connection, round.id, closed)?;
    let mut seals: BTreeSet<SpokenSeal> = recorded.seals().map(BoxSeal::spoken).collect();
    seals.extend(spoken_seals(connection, round.id)?);
    Ok(seals)
}

/// Whether a late box was sealed before the round closed: its whole root, or the part of it that was spoken.
pub fn is_in_time(connection: &Connection, round: &RoundDefinition, seal: &BoxSeal) -> Result<bool, ServerFailed> {
    let closed = round.closes.plus_days(1).map(|next| next.begins());
    let recorded = Recorded::read(connection, round.id, closed)?;
    Ok(recorded.seals().any(|known| known == seal) || spoken_seals(connection, round.id)?.contains(&seal.spoken()))
}

fn changes_before(
    connection: &Connection,
    (space, document): (i64, DocumentId),
    before: Timestamp,
) -> Result<Vec<Vec<u8>>, ServerFailed> {
    let sql = "select bytes from entry where space = ?1 and document = ?2 and kind = ?3 and received_ms < ?4
               order by first_epoch, first_number";
    let mut statement = connection.prepare_cached(sql)?;
    let asked = (space, document.as_bytes(), EntryKind::Change as i64, before.utc_ms());
    let rows = statement.query_map(asked, |row| row.get::<_, Vec<u8>>(0))?;
    let read = |bytes: Vec<u8>| minicbor::decode(&bytes).map_err(|_| ServerFailed::Damaged);
    rows.map(|bytes| read(bytes?).map(|fields: SignedFields| fields.body)).collect()
}
