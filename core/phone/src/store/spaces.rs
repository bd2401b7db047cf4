//! What this phone holds of each space: the cursor, how much of it is safe, and who is in it.

use model::entry::{Content, Entry};
use model::exchange::{Cursor, SignedEpoch};
use model::hash::ChainHash;
use model::identity::SpaceId;
use model::membership::Membership;
use model::receipt::{Epoch, Place};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::{StoreFailed, meta, set_meta};

/// Where the newest life is kept.
const NEWEST_EPOCH: &str = "newest_epoch";

/// A space and how far this phone holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpaceState {
    /// Which.
    pub space: SpaceId,
    /// What is held.
    pub cursor: Cursor,
    /// Rows up to here are safe.
    pub safe: u64,
    /// Whether `safe` comes from a second copy.
    pub is_copied: bool,
}

/// Begins to follow a space; one that is followed already is left as it is.
pub fn follow(transaction: &Transaction<'_>, space: SpaceId) -> Result<(), StoreFailed> {
    let sql = "insert into space (id, epoch, number, chain, safe, is_copied) values (?1, ?2, 0, ?3, 0, 0)
               on conflict (id) do nothing";
    let epoch = Epoch::NEVER.to_bytes();
    transaction.prepare_cached(sql)?.execute((space.as_bytes(), epoch, ChainHash::EMPTY.as_bytes()))?;
    Ok(())
}

/// All spaces that this phone follows, in the order of their ids.
pub fn all(connection: &Connection) -> Result<Vec<SpaceState>, StoreFailed> {
    let sql = "select id, epoch, number, chain, safe, is_copied from space order by id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One space, if it is followed.
pub fn state(connection: &Connection, space: SpaceId) -> Result<Option<SpaceState>, StoreFailed> {
    let sql = "select id, epoch, number, chain, safe, is_copied from space where id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([space.as_bytes()], read).optional()?)
}

/// Members of a space by the rows held.
pub fn members(connection: &Connection, space: SpaceId) -> Result<Membership, StoreFailed> {
    // The engine would rather walk the whole space in the order of its numbers.
    let sql = "select bytes, number, first_epoch, first_number from entry indexed by entry_grant
               join signed on signed.entry = entry.id
               where space = ?1 and document is null and number is not null and in_force = 1 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([space.as_bytes()])?;
    let mut membership = Membership::default();
    while let Some(row) = rows.next()? {
        let entry = Entry::read(&row.get::<_, Vec<u8>>(0)?).map_err(|_| StoreFailed::Damaged)?;
        let place = Place { epoch: Epoch::from_bytes(row.get(2)?), number: row.get(3)? };
        if let Content::Grant(grant) = entry.content {
            membership.record(place, row.get(1)?, grant);
        }
    }
    Ok(membership)
}

/// Moves the cursor.
pub fn advance(transaction: &Transaction<'_>, state: &SpaceState) -> Result<(), StoreFailed> {
    let sql = "update space set epoch = ?2, number = ?3, chain = ?4, safe = ?5, is_copied = ?6 where id = ?1";
    transaction.prepare_cached(sql)?.execute((
        state.space.as_bytes(),
        state.cursor.epoch.to_bytes(),
        state.cursor.number,
        state.cursor.chain.as_bytes(),
        state.safe,
        state.is_copied,
    ))?;
    Ok(())
}

/// The newest life of the server that this phone heard of, as the server signed it.
pub fn newest_epoch(connection: &Connection) -> Result<Option<SignedEpoch>, StoreFailed> {
    let Some(bytes) = meta(connection, NEWEST_EPOCH)? else { return Ok(None) };
    minicbor::decode(&bytes).map(Some).map_err(|_| StoreFailed::Damaged)
}

/// Remembers a life that the server signed, unless a newer one is known.
pub fn note_epoch(transaction: &Transaction<'_>, heard: &SignedEpoch) -> Result<(), StoreFailed> {
    if newest_epoch(transaction)?.is_some_and(|known| known.epoch >= heard.epoch) {
        return Ok(());
    }
    set_meta(transaction, NEWEST_EPOCH, &minicbor::to_vec(heard).expect("writing to memory cannot fail"))
}

fn read(row: &Row<'_>) -> rusqlite::Result<SpaceState> {
    let cursor = Cursor {
        epoch: Epoch::from_bytes(row.get(1)?),
        number: row.get(2)?,
        chain: ChainHash::from_bytes(row.get(3)?),
    };
    let space = SpaceId::from_bytes(row.get(0)?);
    Ok(SpaceState { space, cursor, safe: row.get(4)?, is_copied: row.get(5)? })
}
