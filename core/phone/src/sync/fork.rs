//! The server began a new life: cut the log at the fork and bring everything beyond it back. One that went back within
//! its life, and to which nobody can prove it, is read anew from the beginning.
//!
//! Source: exchange rules R5, R8, R20.

use std::collections::BTreeSet;

use model::decision::Decisions;
use model::exchange::{Cursor, EpochNotice};
use model::hash::ChainHash;
use model::identity::{DocumentId, SpaceId};
use model::receipt::ReceiptPage;
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::store::spaces::SpaceState;
use crate::store::{Store, StoreFailed, documents, entries, outbox, spaces};
use crate::sync::session::{Alarm, Applied, Parties};

/// Takes in that the server has another history; `shown` is the receipt by which the request proved this phone's.
pub(crate) fn take(
    store: &mut Store,
    parties: &Parties,
    (space, at): (SpaceId, Cursor),
    shown: Option<&ReceiptPage>,
    notice: &EpochNotice,
) -> Result<Applied, StoreFailed> {
    let Some(state) = spaces::state(store.reader(), space)? else { return Ok(Applied::Dropped) };
    if !notice.present.is_signed_by(&parties.server) {
        return Ok(Applied::Alarmed(Alarm::ForgedReply));
    }
    let present = notice.present.epoch;
    if state.cursor != at {
        return Ok(Applied::Dropped);
    }
    if present < at.epoch {
        return Ok(Applied::Alarmed(Alarm::OldServer));
    }
    if present == at.epoch && !has_shown_newest(store, &state, shown)? {
        return Ok(Applied::Contradicted);
    }
    store.transact(|transaction| cut(transaction, state, notice))?;
    match present == at.epoch {
        true => Ok(Applied::ReadAnew),
        false => Ok(Applied::Taken { is_moved: true, has_more: true }),
    }
}

/// Whether the server was shown the newest receipt of its own life that this phone has, or there is none: then nothing
/// here proves that rows are lost, and the server begins no new life. What is lost has receipts of earlier lives; numbers
/// of this one may be given anew.
fn has_shown_newest(store: &Store, state: &SpaceState, shown: Option<&ReceiptPage>) -> Result<bool, StoreFailed> {
    let newest = entries::newest_page(store.reader(), state.space, state.cursor.epoch)?;
    Ok(newest.is_none_or(|newest| shown == Some(&newest)))
}

fn cut(transaction: &Transaction<'_>, state: SpaceState, notice: &EpochNotice) -> Result<(), StoreFailed> {
    let space = state.space;
    let fork = shared_prefix(transaction, &state, notice)?;
    let keep = fork.unwrap_or(0).min(state.cursor.number);
    let touched = decided_after(transaction, space, keep)?;
    outbox::bring_back(transaction, space, keep)?;
    let chain = chain_at(transaction, space, keep)?.unwrap_or(ChainHash::EMPTY);
    spaces::note_epoch(transaction, &notice.present)?;
    let cursor = Cursor { epoch: notice.present.epoch, number: keep, chain };
    spaces::advance(transaction, &SpaceState { cursor, safe: state.safe.min(keep), ..state })?;
    touched.into_iter().try_for_each(|document| refold(transaction, space, document))
}

/// The last number that the phone's log and the new life share; `None` if the lineage does not know the phone's epoch. The
/// server compared the whole of a log that is shorter than the fork, and leaves out a life of which it has another history.
fn shared_prefix(
    connection: &Connection,
    state: &SpaceState,
    notice: &EpochNotice,
) -> Result<Option<u64>, StoreFailed> {
    let Some(fork) = notice.lineage.iter().find(|fork| fork.epoch == state.cursor.epoch) else { return Ok(None) };
    if state.cursor.number < fork.number {
        return Ok(Some(fork.number));
    }
    let chain = chain_at(connection, state.space, fork.number)?.unwrap_or(ChainHash::EMPTY);
    Ok((chain == fork.chain).then_some(fork.number))
}

fn chain_at(connection: &Connection, space: SpaceId, number: u64) -> Result<Option<ChainHash>, StoreFailed> {
    let mut statement = connection.prepare_cached("select chain from entry where space = ?1 and number = ?2")?;
    let chain: Option<[u8; 16]> = statement.query_row((space.as_bytes(), number), |row| row.get(0)).optional()?;
    Ok(chain.map(ChainHash::from_bytes))
}

/// Documents with a submission, a step or a filed paper beyond a number.
fn decided_after(connection: &Connection, space: SpaceId, number: u64) -> Result<BTreeSet<DocumentId>, StoreFailed> {
    let sql = "select id from document where key in
               (select document from entry where space = ?1 and number > ?2 and kind in (2, 3, 5))";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((space.as_bytes(), number), |row| row.get(0).map(DocumentId::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Folds a document's decisions anew from the rows that are left; what was in force stays in force.
fn refold(transaction: &Transaction<'_>, space: SpaceId, document: DocumentId) -> Result<(), StoreFailed> {
    let Some(mut row) = documents::find(transaction, space, document)? else { return Ok(()) };
    row.decisions = Decisions::default();
    let mut held = entries::of_document(transaction, space, document)?;
    held.retain(|entry| entry.number.is_some() && entry.in_force == Some(true));
    held.sort_by_key(|entry| entry.number);
    for entry in held {
        let entry = entries::entry_of(transaction, &entry.hash)?.ok_or(StoreFailed::Damaged)?;
        row.decisions.record(&entry);
    }
    documents::write(transaction, &row)
}
