//! The device's membership: what it was given at enrolment and keeps for ever.

use model::identity::SpaceId;
use model::receipt::ReceiptedEntry;
use rusqlite::{Connection, Transaction};

use crate::store::{StoreFailed, entries, meta, set_meta, spaces};

/// Keeps what the server gave: the spaces are followed, the entries and their receipts stay for ever (R14, R16).
pub fn enrol(transaction: &Transaction<'_>, given: &[ReceiptedEntry]) -> Result<(), StoreFailed> {
    for membership in given {
        let (entry, leaf) = membership.read().ok_or(StoreFailed::Damaged)?;
        spaces::follow(transaction, entry.fields.space)?;
        let bytes = minicbor::to_vec(membership).expect("writing to memory cannot fail");
        set_meta(transaction, &name(entry.fields.space), &bytes)?;
        if entries::keep_grant(transaction, &entry)?.is_some() {
            let page = entries::keep_page(transaction, &membership.page)?;
            let held = entries::find(transaction, &entry.hash)?.ok_or(StoreFailed::Damaged)?;
            entries::acknowledge(transaction, &held, leaf.place, leaf.place.number, (page, leaf.in_force))?;
        }
    }
    Ok(())
}

/// What this device shows to a server that does not know it in a space.
pub fn enrolment(connection: &Connection, space: SpaceId) -> Result<Option<ReceiptedEntry>, StoreFailed> {
    let Some(bytes) = meta(connection, &name(space))? else { return Ok(None) };
    minicbor::decode(&bytes).map(Some).map_err(|_| StoreFailed::Damaged)
}

fn name(space: SpaceId) -> String {
    format!("enrolment/{space}")
}
