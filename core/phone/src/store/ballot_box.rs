//! Boxes of rounds, and the one draft of a resident who is answering.
//!
//! A box is one value with all its slots; nothing beside it tells a ballot. Every save rewrites it whole, freed pages are
//! erased (`secure_delete`), and [`cut_journal`] takes away what the journal knew. Source: anonymity A9, A17, A18.

use model::box_seal::BoxId;
use model::identity::RoundId;
use model::round::RoundDefinition;
use model::slots::Slots;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::{Store, StoreFailed};

/// The box of one round.
pub struct BallotBox {
    /// Random; it stands on no envelope.
    pub id: BoxId,
    /// What was cast.
    pub slots: Slots,
    /// Whether its seal was said: nothing is cast any more.
    pub is_sealed: bool,
}

/// The box of a round, if one was begun.
pub fn find(connection: &Connection, round: &RoundDefinition) -> Result<Option<BallotBox>, StoreFailed> {
    let sql = "select id, slots, is_sealed from ballot_box where round = ?1";
    let read = |row: &Row<'_>| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?));
    let found = connection.prepare_cached(sql)?.query_row([round.id.as_bytes()], read).optional()?;
    let Some((id, slots, is_sealed)) = found else { return Ok(None) };
    let slots = Slots::read(&slots, round).map_err(|_| StoreFailed::Damaged)?;
    Ok(Some(BallotBox { id: BoxId::from_bytes(id), slots, is_sealed }))
}

/// Writes a box whole; `slots` is what [`Slots::to_bytes`] made of it.
pub fn write(
    transaction: &Transaction<'_>,
    round: RoundId,
    ballot_box: &BallotBox,
    slots: &[u8],
) -> Result<(), StoreFailed> {
    let sql = "insert into ballot_box (round, id, slots, is_sealed) values (?1, ?2, ?3, ?4)
               on conflict (round) do update set slots = excluded.slots, is_sealed = excluded.is_sealed";
    let (id, is_sealed) = (ballot_box.id.as_bytes(), ballot_box.is_sealed);
    transaction.prepare_cached(sql)?.execute((round.as_bytes(), id, slots, is_sealed))?;
    Ok(())
}

/// A draft as it is stored: unreadable without the slip.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedDraft {
    /// Of which round.
    pub round: RoundId,
    /// Of the device when it was begun.
    pub incarnation: u64,
    /// Under which the slip's secret is stretched.
    pub salt: [u8; 16],
    /// One size for every draft of a round.
    pub sealed: Vec<u8>,
}

/// The draft, if somebody is answering.
pub fn draft(connection: &Connection) -> Result<Option<SealedDraft>, StoreFailed> {
    let sql = "select round, incarnation, salt, sealed from guest_draft";
    let read = |row: &Row<'_>| {
        let (round, incarnation) = (RoundId::from_bytes(row.get(0)?), u64::from_be_bytes(row.get(1)?));
        Ok(SealedDraft { round, incarnation, salt: row.get(2)?, sealed: row.get(3)? })
    };
    Ok(connection.prepare_cached(sql)?.query_row([], read).optional()?)
}

/// Keeps the draft in its one place.
pub fn keep_draft(transaction: &Transaction<'_>, draft: &SealedDraft) -> Result<(), StoreFailed> {
    let sql = "insert or replace into guest_draft (one, round, incarnation, salt, sealed) values (1, ?1, ?2, ?3, ?4)";
    let incarnation = draft.incarnation.to_be_bytes();
    let (round, salt, sealed) = (draft.round.as_bytes(), &draft.salt, &draft.sealed);
    transaction.prepare_cached(sql)?.execute((round, incarnation, salt, sealed))?;
    Ok(())
}

/// Erases the draft.
pub fn erase_draft(transaction: &Transaction<'_>) -> Result<(), StoreFailed> {
    transaction.prepare_cached("delete from guest_draft")?.execute([])?;
    Ok(())
}

/// Writes the journal into the file and empties it: it shows in which order single saves came.
pub fn cut_journal(store: &Store) -> Result<(), StoreFailed> {
    store.reader().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}
