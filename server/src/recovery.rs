//! A new life of the server after its database was replaced by an older copy.
//!
//! One transaction: a fresh epoch that starts later than every epoch known, where each space's old life ended, what the
//! membership file has and the copy lacks, and recovery opened for every space. Source: exchange rules R7, R10, R19.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use minicbor::{Decode, Encode};
use model::entry::{Content, Entry, device_id};
use model::hash::PublicKey;
use model::receipt::{Epoch, ReceiptLeaf, ReceiptedEntry};
use rusqlite::{Connection, TransactionBehavior};

use crate::database;
use crate::failure::ServerFailed;
use crate::log::{self, Recovery, SpaceKind, SpaceRow};
use crate::office::{Moment, Office};
use crate::sidecar::{Sidecar, authentic};

/// Single value that stands while this life does not know who was sent away: every space that it makes waits.
pub const BLIND: &str = "blind";

/// Whether phones still bring back what a restore lost, in any space.
pub fn is_under_way(connection: &Connection) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from space where recovering <> 0)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// What the operator should know of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recovering {
    /// Nobody knows who was sent away: only people end it.
    #[n(0)]
    pub is_blind: bool,
    /// Phones that were ever let in and have not said yet that they have nothing more to bring back; none is counted while
    /// nobody knows who was sent away.
    #[n(1)]
    pub awaited: u32,
}

/// How far the recovery is; `None` if there is none.
pub fn progress(office: &mut Office) -> Result<Option<Recovering>, ServerFailed> {
    let is_blind = is_blind(office.reader())? || has_blind_space(office.reader())?;
    if !is_blind && !is_under_way(office.reader())? {
        return Ok(None);
    }
    let mut awaited = BTreeSet::new();
    for space in log::spaces(office.reader())?.into_iter().filter(|space| space.recovery == Recovery::Open) {
        let devices = office.members(space.space)?.devices();
        let mut statement = office.reader().prepare_cached("select device from back where space = ?1")?;
        let back = statement.query_map([space.id], |row| row.get(0))?.collect::<Result<HashSet<Vec<u8>>, _>>()?;
        awaited.extend(devices.into_iter().filter(|device| !back.contains(device.as_bytes().as_slice())));
    }
    let awaited = u32::try_from(awaited.len()).unwrap_or(u32::MAX);
    Ok(Some(Recovering { is_blind, awaited }))
}

/// Whether a space waits because nobody knows who was sent away from it.
pub fn has_blind_space(connection: &Connection) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from space where recovering = ?1)";
    Ok(connection.query_row(sql, [Recovery::Blind as i64], |row| row.get(0))?)
}

/// Begins the new life and returns its epoch.
pub fn begin(
    connection: &mut Connection,
    records: &[ReceiptedEntry],
    is_sidecar_lost: bool,
    moment: Moment,
    identity: PublicKey,
) -> Result<Epoch, ServerFailed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = database::meta(&transaction, "epoch")?.ok_or(ServerFailed::Damaged)?;
    let before = Epoch::from_bytes(before.try_into().map_err(|_| ServerFailed::Damaged)?);
    let mut acts = authentic(records, &identity);
    acts.sort_by_key(|(_, leaf)| leaf.place);
    let latest = acts.iter().map(|(_, leaf)| leaf.place.epoch.started_ms).chain([before.started_ms]).max();
    let started_ms = moment.now_ms.unsigned_abs().max(latest.unwrap_or(0) + 1);
    let epoch = Epoch { started_ms, random: moment.random };
    // A space younger than the backup is known from the membership file only; its phones bring its rows back.
    for (entry, _) in &acts {
        log::create_space(&transaction, entry.fields.space, SpaceKind::Person)?;
    }
    for mut space in log::spaces(&transaction)? {
        let sql = "insert into lineage (space, epoch, number, chain) values (?1, ?2, ?3, ?4)";
        transaction.execute(sql, (space.id, before.to_bytes(), space.head, space.chain.as_bytes()))?;
        space.recovery = match (is_sidecar_lost, space.recovery) {
            (true, _) | (_, Recovery::Blind) => Recovery::Blind,
            (false, Recovery::Closed | Recovery::Open) => Recovery::Open,
        };
        merge(&transaction, &mut space, &acts)?;
        log::save_head(&transaction, &space)?;
    }
    // Where no phone was ever let in, none can bring anything back.
    let sql = "update space set recovering = ?1 where recovering = ?2 and id not in (select space from device_space)";
    transaction.execute(sql, (Recovery::Closed as i64, Recovery::Open as i64))?;
    transaction.execute("delete from back", [])?;
    // A code that was used after the backup would be good a second time, and a phone that was sent away would wait again.
    transaction.execute("delete from enrolment_code", [])?;
    transaction.execute("delete from device where approved_ms is null", [])?;
    database::set_meta(&transaction, "epoch", &epoch.to_bytes())?;
    if is_sidecar_lost {
        database::set_meta(&transaction, BLIND, &[1])?;
    }
    transaction.commit()?;
    Ok(epoch)
}

/// Ends the recovery of every space; whether any was recovering.
pub fn close(connection: &mut Connection) -> Result<bool, ServerFailed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let was_blind = transaction.execute("delete from meta where name = ?1", [BLIND])? > 0;
    let closed = transaction.execute("update space set recovering = 0 where recovering <> 0", [])?;
    transaction.commit()?;
    Ok(closed > 0 || was_blind)
}

/// Whether this life does not know who was sent away before it.
pub fn is_blind(connection: &Connection) -> Result<bool, ServerFailed> {
    Ok(database::meta(connection, BLIND)?.is_some())
}

/// Whether the membership file tells an act of this life, or of a later one, that the log lacks: the log went back.
pub fn has_lost_acts(office: &Office, membership: &Path) -> Result<bool, ServerFailed> {
    for (entry, leaf) in authentic(&Sidecar::read(membership)?, &office.identity()) {
        let space = log::space(office.reader(), entry.fields.space)?;
        let found = space.map(|space| log::find(office.reader(), space.id, &entry.hash)).transpose()?.flatten();
        if leaf.place.epoch >= office.epoch() && found.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn merge(connection: &Connection, space: &mut SpaceRow, acts: &[(Entry, ReceiptLeaf)]) -> Result<(), ServerFailed> {
    let of = space.space;
    for (entry, leaf) in acts.iter().filter(|(entry, _)| entry.fields.space == of) {
        if log::find(connection, space.id, &entry.hash)?.is_some() {
            continue;
        }
        log::append(connection, space, entry, (leaf.place, true), leaf.received_ms)?;
        if let Content::Grant(grant) = &entry.content
            && let Some(key) = &grant.key
        {
            log::note_device(connection, device_id(key), space.id)?;
        }
    }
    Ok(())
}
