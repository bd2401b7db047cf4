//! What waits to be sent: first what has an old receipt, in receipt order; then the rest, dependencies first.
//!
//! Source: exchange rules R2, R8.

use model::hash::EntryHash;
use model::identity::SpaceId;
use rusqlite::{Connection, Row, Transaction};

use super::StoreFailed;
use model::receipt::Epoch;

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

/// The next entries of a space, at most `count` and about `bytes_max` bytes, always at least one if any waits.
pub fn next(
    connection: &Connection,
    space: SpaceId,
    count: usize,
    bytes_max: usize,
) -> Result<Vec<Unsent>, StoreFailed> {
    // The engine would rather walk all entries in their order than only those that wait. Both orders are the index's
    // own: nothing is sorted.
    let with_receipt = "select hash, bytes, page from entry indexed by entry_unsent
        join signed on signed.entry = entry.id
        where space = ?1 and is_unsent = 1 and first_epoch is not null order by first_epoch, first_number limit ?2";
    let without = "select hash, bytes, page from entry indexed by entry_unsent
        join signed on signed.entry = entry.id
        where space = ?1 and is_unsent = 1 and first_epoch is null order by first_number, id limit ?2";
    let mut unsent = Vec::new();
    let mut bytes = 0;
    for sql in [with_receipt, without] {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map((space.as_bytes(), (count - unsent.len()) as i64), read)?;
        for row in rows {
            let entry = row?;
            bytes += entry.bytes.len();
            if bytes > bytes_max && !unsent.is_empty() {
                return Ok(unsent);
            }
            unsent.push(entry);
        }
    }
    Ok(unsent)
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

/// After a fork: every row beyond it, also of others, and every receipt beyond it or of another epoch goes back to the
/// outbox with its receipt (exchange rule R8).
pub fn bring_back(transaction: &Transaction<'_>, space: SpaceId, epoch: Epoch, fork: u64) -> Result<(), StoreFailed> {
    let acknowledged = "update entry set is_unsent = 1
        where space = ?1 and number is null and page is not null and refusal is null
          and (first_number > ?2 or first_epoch <> ?3)";
    let epoch = epoch.to_bytes();
    transaction.prepare_cached(acknowledged)?.execute((space.as_bytes(), fork, epoch))?;
    let rows = "update entry set is_unsent = 1, number = null, chain = null where space = ?1 and number > ?2";
    transaction.prepare_cached(rows)?.execute((space.as_bytes(), fork))?;
    let answers = "update entry set acknowledged = null, in_force = null where space = ?1 and number is null";
    transaction.prepare_cached(answers)?.execute([space.as_bytes()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Unsent> {
    Ok(Unsent { hash: EntryHash::from_bytes(row.get(0)?), bytes: row.get(1)?, page: row.get(2)? })
}
