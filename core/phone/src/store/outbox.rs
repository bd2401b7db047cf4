//! What waits to be sent: first what has an old receipt, in receipt order, and what that builds on; then the rest. A
//! dependency always goes first.
//!
//! Source: exchange rules R2, R8.

use std::collections::HashSet;

use model::entry::Entry;
use model::exchange::{ENTRIES_MAX, PUSH_BYTES};
use model::hash::EntryHash;
use model::identity::SpaceId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::StoreFailed;

/// An entry on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsent {
    /// Its address.
    pub hash: EntryHash,
    /// Signed bytes.
    pub bytes: Vec<u8>,
    /// Page of its old receipt.
    pub page: Option<i64>,
}

/// The next entries of a space, at most `count` and about `bytes_max` bytes. If nothing else `is_first` in the request, at
/// least one that waits, together with what must go with it.
pub fn next(
    connection: &Connection,
    space: SpaceId,
    (count, bytes_max): (usize, usize),
    is_first: bool,
) -> Result<Vec<Unsent>, StoreFailed> {
    // The engine would rather walk all entries in their order than only those that wait. Both orders are the index's
    // own: nothing is sorted.
    let with_receipt = "select hash, bytes, page from entry indexed by entry_unsent
        join signed on signed.entry = entry.id
        where space = ?1 and is_unsent = 1 and first_epoch is not null order by first_epoch, first_number limit ?2";
    let without = "select hash, bytes, page from entry indexed by entry_unsent
        join signed on signed.entry = entry.id
        where space = ?1 and is_unsent = 1 and first_epoch is null order by first_number, id limit ?2";
    let mut taken =
        Taken { connection, unsent: Vec::new(), hashes: HashSet::new(), count, bytes_max, bytes: 0, is_first };
    for sql in [with_receipt, without] {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map((space.as_bytes(), count as i64), read)?;
        for row in rows {
            let entry = row?;
            let has_room = match entry.page {
                Some(_) => taken.with_dependencies(entry)?,
                None => taken.take(entry),
            };
            if !has_room {
                return Ok(taken.unsent);
            }
        }
    }
    Ok(taken.unsent)
}

/// What goes into one request.
struct Taken<'a> {
    connection: &'a Connection,
    unsent: Vec<Unsent>,
    hashes: HashSet<EntryHash>,
    count: usize,
    bytes_max: usize,
    bytes: usize,
    is_first: bool,
}

impl Taken<'_> {
    /// Whether there is room for more.
    fn take(&mut self, entry: Unsent) -> bool {
        if self.hashes.contains(&entry.hash) {
            return true;
        }
        self.bytes += entry.bytes.len();
        let has_room = self.unsent.len() < self.count && (self.bytes <= self.bytes_max || self.unsent.is_empty());
        if has_room {
            self.hashes.insert(entry.hash);
            self.unsent.push(entry);
        }
        has_room
    }

    /// What an entry with an old receipt builds on may have a later receipt, or none: an answer can be lost, and a
    /// refusal taken back. It goes ahead, or a small request would carry the same entry for ever (R2, R9), and in the same
    /// request, where the receipt speaks for it too.
    fn with_dependencies(&mut self, entry: Unsent) -> Result<bool, StoreFailed> {
        let (mut stack, mut met, mut group) = (vec![(entry, Visit::First)], HashSet::new(), Vec::new());
        while let Some((entry, visit)) = stack.pop() {
            if visit == Visit::Last {
                group.push(entry);
                continue;
            }
            if !met.insert(entry.hash) {
                continue;
            }
            let under = Entry::read(&entry.bytes).map_err(|_| StoreFailed::Damaged)?.dependencies();
            stack.push((entry, Visit::Last));
            for hash in under.iter().filter(|hash| !self.hashes.contains(hash)) {
                let sql = "select hash, bytes, page from entry join signed on signed.entry = entry.id
                    where hash = ?1 and is_unsent = 1";
                let found = self.connection.prepare_cached(sql)?.query_row([hash.as_bytes()], read).optional()?;
                stack.extend(found.map(|found| (found, Visit::First)));
            }
        }
        Ok(self.take_together(group))
    }

    /// All or none; only a group that no request could hold goes piece by piece.
    fn take_together(&mut self, mut group: Vec<Unsent>) -> bool {
        group.retain(|entry| !self.hashes.contains(&entry.hash));
        let bytes: usize = group.iter().map(|entry| entry.bytes.len()).sum();
        if group.len() > ENTRIES_MAX || bytes > PUSH_BYTES {
            return group.into_iter().all(|entry| self.take(entry));
        }
        let fits = self.unsent.len() + group.len() <= self.count && self.bytes + bytes <= self.bytes_max;
        let has_room = fits || (self.is_first && self.unsent.is_empty());
        if has_room {
            self.bytes += bytes;
            self.hashes.extend(group.iter().map(|entry| entry.hash));
            self.unsent.extend(group);
        }
        has_room
    }
}

/// An entry is met before what it builds on, and taken after it.
#[derive(PartialEq, Eq)]
enum Visit {
    First,
    Last,
}

/// Whether an entry of a space waits that has an old receipt.
pub fn has_receipted(connection: &Connection, space: SpaceId) -> Result<bool, StoreFailed> {
    let sql = "select exists (select 1 from entry indexed by entry_unsent
                              where space = ?1 and is_unsent = 1 and first_epoch is not null)";
    Ok(connection.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0))?)
}

/// How many entries of all spaces wait.
pub fn count(connection: &Connection) -> Result<u64, StoreFailed> {
    let sql = "select count(*) from entry where is_unsent = 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The latest number that the server named ahead of its row; 0 if every row is here.
pub fn told_ahead(connection: &Connection, space: SpaceId) -> Result<u64, StoreFailed> {
    let sql = "select ifnull(max(acknowledged), 0) from entry indexed by entry_acknowledged
               where space = ?1 and acknowledged is not null";
    Ok(connection.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0))?)
}

/// What was acknowledged under a number up to this one and has no row, though the log was read so far: the server has lost
/// it, and it goes back to the outbox with its receipt. Whether there was any.
pub fn bring_lost_back(transaction: &Transaction<'_>, space: SpaceId, read: u64) -> Result<bool, StoreFailed> {
    let sql = "update entry indexed by entry_acknowledged set is_unsent = 1, acknowledged = null, in_force = null
               where space = ?1 and acknowledged <= ?2 and is_unsent = 0 and refusal is null";
    Ok(transaction.prepare_cached(sql)?.execute((space.as_bytes(), read))? > 0)
}

/// After a fork: every row beyond what is kept, also of others, and every receipt whose row is not here goes back to the
/// outbox with its receipt (exchange rule R8). A number tells nothing of a row that is not here: one life may have had two
/// histories.
pub fn bring_back(transaction: &Transaction<'_>, space: SpaceId, keep: u64) -> Result<(), StoreFailed> {
    let acknowledged = "update entry set is_unsent = 1
        where space = ?1 and number is null and page is not null and refusal is null";
    transaction.prepare_cached(acknowledged)?.execute([space.as_bytes()])?;
    let rows = "update entry set is_unsent = 1, number = null, chain = null where space = ?1 and number > ?2";
    transaction.prepare_cached(rows)?.execute((space.as_bytes(), keep))?;
    let answers = "update entry set acknowledged = null, in_force = null where space = ?1 and number is null";
    transaction.prepare_cached(answers)?.execute([space.as_bytes()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Unsent> {
    Ok(Unsent { hash: EntryHash::from_bytes(row.get(0)?), bytes: row.get(1)?, page: row.get(2)? })
}
