//! Boxes of rounds, and the one draft of a resident who is answering.
//!
//! A box is one value with all its slots; nothing beside it tells a ballot. Every save rewrites it whole, freed pages are
//! erased (`secure_delete`), and [`cut_journal`] takes away what the journal knew. Source: anonymity A9, A17, A18.

use model::box_seal::BoxId;
use model::hash::{ContentHash, Signature};
use model::identity::RoundId;
use model::round::RoundDefinition;
use model::slots::Slots;
use model::time::Day;
use rand_core::CryptoRng;
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
    /// The day on which its last batch was put together.
    pub batch_day: Option<Day>,
}

impl BallotBox {
    /// An empty one.
    pub fn begun(random: &mut impl CryptoRng) -> Self {
        let mut id = [0; 16];
        random.fill_bytes(&mut id);
        Self { id: BoxId::from_bytes(id), slots: Slots::default(), is_sealed: false, batch_day: None }
    }
}

/// The box of a round, if one was begun.
pub fn find(connection: &Connection, round: &RoundDefinition) -> Result<Option<BallotBox>, StoreFailed> {
    let sql = "select id, slots, is_sealed, batch_day from ballot_box where round = ?1";
    let read = |row: &Row<'_>| {
        let (id, slots): ([u8; 16], Vec<u8>) = (row.get(0)?, row.get(1)?);
        Ok((BoxId::from_bytes(id), slots, row.get(2)?, row.get::<_, Option<String>>(3)?))
    };
    let found = connection.prepare_cached(sql)?.query_row([round.id.as_bytes()], read).optional()?;
    let Some((id, slots, is_sealed, batch_day)) = found else { return Ok(None) };
    let slots = Slots::read(&slots, round).map_err(|_| StoreFailed::Damaged)?;
    Ok(Some(BallotBox { id, slots, is_sealed, batch_day: batch_day.and_then(|day| Day::parse(&day).ok()) }))
}

/// Writes a box whole, every slot at a new place.
pub fn write(
    transaction: &Transaction<'_>,
    round: &RoundDefinition,
    ballot_box: &BallotBox,
    random: &mut impl CryptoRng,
) -> Result<(), StoreFailed> {
    let sql = "insert into ballot_box (round, id, slots, is_sealed, batch_day) values (?1, ?2, ?3, ?4, ?5)
               on conflict (round) do update set slots = excluded.slots, is_sealed = excluded.is_sealed,
                                                 batch_day = excluded.batch_day";
    let (id, is_sealed) = (ballot_box.id.as_bytes(), ballot_box.is_sealed);
    let (slots, day) = (ballot_box.slots.to_bytes(round, random), ballot_box.batch_day.map(|day| day.to_string()));
    transaction.prepare_cached(sql)?.execute((round.id.as_bytes(), id, slots, is_sealed, day))?;
    Ok(())
}

/// Gives every box whose seal was not said here another name: the store is a copy, and what it was copied from may have
/// sealed the same box with more in it. Two seals under one name would contradict each other, and neither would let a
/// late envelope in. A box that was sealed before it was copied says the same again. `random` gives 32 fresh bytes.
pub fn name_anew(transaction: &Transaction<'_>, random: &mut impl FnMut() -> [u8; 32]) -> Result<(), StoreFailed> {
    let mut statement = transaction.prepare_cached("select round from ballot_box where is_sealed = 0")?;
    let rounds: Vec<[u8; 16]> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for round in rounds {
        let sql = "update ballot_box set id = ?2 where round = ?1";
        transaction.prepare_cached(sql)?.execute((round, &random()[..16]))?;
    }
    Ok(())
}

/// What a phone keeps of a list: enough to prove that the server signed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownList {
    /// From 1.
    pub number: u32,
    /// Over its names and the list before.
    pub digest: ContentHash,
    /// By the server.
    pub signature: Signature,
    /// Nothing is taken any more.
    pub is_last: bool,
}

/// The newest list of a round that this phone saw.
pub fn newest_list(connection: &Connection, round: RoundId) -> Result<Option<KnownList>, StoreFailed> {
    let sql = "select number, digest, signature, is_last from received_list
               where round = ?1 order by number desc limit 1";
    let read = |row: &Row<'_>| {
        let (digest, signature) = (ContentHash::from_bytes(row.get(1)?), Signature::from_bytes(row.get(2)?));
        Ok(KnownList { number: row.get(0)?, digest, signature, is_last: row.get(3)? })
    };
    Ok(connection.prepare_cached(sql)?.query_row([round.as_bytes()], read).optional()?)
}

/// Keeps a list's link of the chain.
pub fn keep_list(transaction: &Transaction<'_>, round: RoundId, list: &KnownList) -> Result<(), StoreFailed> {
    let sql = "insert into received_list (round, number, digest, signature, is_last) values (?1, ?2, ?3, ?4, ?5)
               on conflict do nothing";
    let (digest, signature) = (list.digest.as_bytes(), list.signature.as_bytes());
    let row = (round.as_bytes(), list.number, digest, signature, list.is_last);
    transaction.prepare_cached(sql)?.execute(row)?;
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
