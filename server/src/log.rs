//! The logs: numbers without gaps, a hash chain, every row with its first receipt.
//!
//! Only the writer's transaction appends. Source: exchange rules R3, R7.

use std::collections::{HashMap, HashSet};

use model::directory::{DirectoryItem, ItemKind};
use model::entry::{Entry, EntryKind};
use model::exchange::{Cursor, Fork};
use model::gate::DocumentState;
use model::hash::{ChainHash, EntryHash};
use model::identity::{DeviceId, DocumentId, SpaceId};
use model::receipt::{Epoch, Place};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::budget::ReplyBudget;
use crate::case_register;
use crate::failure::ServerFailed;

/// The document under which membership rows stand.
pub const MEMBERSHIP_DOCUMENT: DocumentId = DocumentId::from_bytes([0; 16]);

/// What a space is shared for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpaceKind {
    /// What the office tells every phone.
    Directory = 1,
    /// One cadre's own papers on all of their devices.
    Person = 2,
    /// One evaluation case.
    Case = 3,
    /// Results that the people of a unit may read.
    Unit = 4,
    /// The minutes of one review.
    Minutes = 5,
}

/// Whether a space waits for its phones after a restore.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// Ordinary work.
    Closed = 0,
    /// Decisions without an old receipt wait (exchange rule R10).
    Open = 1,
    /// Nobody knows who was sent away, for the membership file was lost too, or this life does not know what the space
    /// held: everything without an old receipt waits until people close it.
    Blind = 2,
}

/// A space and its head.
#[derive(Clone, Copy, Debug)]
pub struct SpaceRow {
    /// Short name inside the database.
    pub id: i64,
    /// Which.
    pub space: SpaceId,
    /// Number of the last row.
    pub head: u64,
    /// Chain after it.
    pub chain: ChainHash,
    /// After a restore.
    pub recovery: Recovery,
}

/// A stored row without its bytes.
#[derive(Clone, Copy, Debug)]
pub struct StoredRow {
    /// Its number in the present log.
    pub number: u64,
    /// Its first receipt.
    pub first: Place,
    /// Whether it has effect.
    pub in_force: bool,
    /// When a server of this identity first had it.
    pub received_ms: i64,
}

/// A stored row as it goes to phones.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Address of the entry.
    pub hash: EntryHash,
    /// The entry, or where the phone itself has it.
    pub entry: LogEntry,
    /// Place and effect.
    pub stored: StoredRow,
}

/// How the entry of a row goes out.
#[derive(Clone, Debug)]
pub enum LogEntry {
    /// The phone pushed it in this very request, at this place.
    Pushed(u16),
    /// The entry as signed.
    Full(Vec<u8>),
}

/// Makes a space with an empty log; one that exists is left as it is. In a blind life nobody knows what it held before.
pub fn create_space(connection: &Connection, space: SpaceId, kind: SpaceKind) -> Result<(), ServerFailed> {
    let sql = "insert into space (space, kind, head, chain, recovering)
               values (?1, ?2, 0, ?3, iif(exists (select 1 from meta where name = 'blind'), 2, 0))
               on conflict (space) do nothing";
    connection.prepare_cached(sql)?.execute((space.as_bytes(), kind as i64, ChainHash::EMPTY.as_bytes()))?;
    Ok(())
}

/// One space.
pub fn space(connection: &Connection, space: SpaceId) -> Result<Option<SpaceRow>, ServerFailed> {
    let sql = "select id, space, head, chain, recovering from space where space = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([space.as_bytes()], read_space).optional()?)
}

/// Every space, in the order of making.
pub fn spaces(connection: &Connection) -> Result<Vec<SpaceRow>, ServerFailed> {
    let mut statement =
        connection.prepare_cached("select id, space, head, chain, recovering from space order by id")?;
    let rows = statement.query_map([], read_space)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Appends an entry under the next number; `first` is its old receipt if it has one.
pub fn append(
    connection: &Connection,
    space: &mut SpaceRow,
    entry: &Entry,
    (first, in_force): (Place, bool),
    received_ms: i64,
) -> Result<StoredRow, ServerFailed> {
    let number = space.head + 1;
    let chain = space.chain.after(&entry.hash, &first);
    let sql = "insert into entry (space, number, hash, document, kind, person, device, first_epoch, first_number,
                                  in_force, chain, received_ms, bytes)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        space.id,
        number,
        entry.hash.as_bytes(),
        entry.fields.document.as_bytes(),
        entry.fields.kind as i64,
        entry.fields.person.as_bytes(),
        entry.fields.device.as_bytes(),
        first.epoch.to_bytes(),
        first.number,
        in_force,
        chain.as_bytes(),
        received_ms,
        entry.bytes,
    ])?;
    if in_force {
        case_register::record(connection, (space.id, number), entry, received_ms)?;
    }
    (space.head, space.chain) = (number, chain);
    Ok(StoredRow { number, first, in_force, received_ms })
}

/// Writes a space's head after appends.
pub fn save_head(connection: &Connection, space: &SpaceRow) -> Result<(), ServerFailed> {
    let sql = "update space set head = ?2, chain = ?3, recovering = ?4 where id = ?1";
    let recovery = space.recovery as i64;
    connection.prepare_cached(sql)?.execute((space.id, space.head, space.chain.as_bytes(), recovery))?;
    Ok(())
}

/// Where an entry stands, if it is stored in this space.
pub fn find(connection: &Connection, space: i64, hash: &EntryHash) -> Result<Option<StoredRow>, ServerFailed> {
    let sql =
        "select number, first_epoch, first_number, in_force, received_ms from entry where hash = ?1 and space = ?2";
    let read = |row: &Row<'_>| {
        let first = Place { epoch: Epoch::from_bytes(row.get(1)?), number: row.get(2)? };
        Ok(StoredRow { number: row.get(0)?, first, in_force: row.get(3)?, received_ms: row.get(4)? })
    };
    Ok(connection.prepare_cached(sql)?.query_row((hash.as_bytes(), space), read).optional()?)
}

/// A stored entry and when this server received it, in UTC milliseconds.
pub fn received(connection: &Connection, space: i64, hash: &EntryHash) -> Result<Option<(Entry, i64)>, ServerFailed> {
    let sql = "select bytes, received_ms from entry where hash = ?1 and space = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?));
    let found = statement.query_row((hash.as_bytes(), space), read).optional()?;
    let Some((bytes, received_ms)) = found else { return Ok(None) };
    Ok(Some((Entry::read(&bytes).map_err(|_| ServerFailed::Damaged)?, received_ms)))
}

/// The rows after a number, up to another, as far as the reply has room. What the phone has just pushed costs next to
/// nothing: it is not sent back.
pub fn rows_after(
    connection: &Connection,
    space: i64,
    range: std::ops::Range<u64>,
    (pushed, budget): (&HashMap<EntryHash, u16>, &mut ReplyBudget),
) -> Result<Vec<LogRow>, ServerFailed> {
    let sql = "select hash, number, first_epoch, first_number, in_force, received_ms, bytes from entry
               where space = ?1 and number > ?2 and number < ?3 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((space, range.start, range.end))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let hash = EntryHash::from_bytes(row.get(0)?);
        let entry = match pushed.get(&hash) {
            Some(index) => LogEntry::Pushed(*index),
            None => LogEntry::Full(row.get(6)?),
        };
        let entry_bytes = match &entry {
            LogEntry::Full(entry) => entry.len(),
            LogEntry::Pushed(_) => 0,
        };
        if !budget.takes(entry_bytes) {
            break;
        }
        let first = Place { epoch: Epoch::from_bytes(row.get(2)?), number: row.get(3)? };
        let stored = StoredRow { number: row.get(1)?, first, in_force: row.get(4)?, received_ms: row.get(5)? };
        found.push(LogRow { hash, entry, stored });
    }
    Ok(found)
}

/// The chain after a row; the empty chain before the first.
pub fn chain_at(connection: &Connection, space: i64, number: u64) -> Result<Option<ChainHash>, ServerFailed> {
    if number == 0 {
        return Ok(Some(ChainHash::EMPTY));
    }
    let mut statement = connection.prepare_cached("select chain from entry where space = ?1 and number = ?2")?;
    let chain: Option<[u8; 16]> = statement.query_row((space, number), |row| row.get(0)).optional()?;
    Ok(chain.map(ChainHash::from_bytes))
}

/// Whether a phone's rows are a prefix of this log in this epoch.
pub fn is_prefix(connection: &Connection, space: &SpaceRow, epoch: Epoch, at: &Cursor) -> Result<bool, ServerFailed> {
    if at.epoch != epoch || at.number > space.head {
        return Ok(false);
    }
    Ok(chain_at(connection, space.id, at.number)? == Some(at.chain))
}

/// Earlier lives of the server as this space saw them, for a phone at this cursor. A life whose folder went back as a whole
/// has two histories: where the phone's is the other one its life is left out, for their numbers say nothing to each other.
pub fn lineage(connection: &Connection, space: i64, at: &Cursor) -> Result<Vec<Fork>, ServerFailed> {
    let mut statement =
        connection.prepare_cached("select epoch, number, chain from lineage where space = ?1 order by epoch")?;
    let read = |row: &Row<'_>| {
        let (epoch, chain) = (Epoch::from_bytes(row.get(0)?), ChainHash::from_bytes(row.get(2)?));
        Ok(Fork { epoch, number: row.get(1)?, chain })
    };
    let mut lineage = statement.query_map([space], read)?.collect::<Result<Vec<_>, _>>()?;
    let own = lineage.iter().position(|fork| fork.epoch == at.epoch && at.number <= fork.number);
    if let Some(own) = own
        && chain_at(connection, space, at.number)? != Some(at.chain)
    {
        lineage.remove(own);
    }
    Ok(lineage)
}

/// A document's state.
pub fn document(
    connection: &Connection,
    space: i64,
    document: DocumentId,
) -> Result<Option<DocumentState>, ServerFailed> {
    let mut statement = connection.prepare_cached("select state from document where space = ?1 and document = ?2")?;
    let bytes: Option<Vec<u8>> = statement.query_row((space, document.as_bytes()), |row| row.get(0)).optional()?;
    bytes.map(|bytes| minicbor::decode(&bytes).map_err(|_| ServerFailed::Damaged)).transpose()
}

/// Writes a document's state.
pub fn save_document(
    connection: &Connection,
    space: i64,
    document: DocumentId,
    state: &DocumentState,
) -> Result<(), ServerFailed> {
    let sql = "insert into document (space, document, kind, state) values (?1, ?2, ?3, ?4)
               on conflict (space, document) do update set state = excluded.state";
    let bytes = minicbor::to_vec(state).expect("writing to memory cannot fail");
    connection.prepare_cached(sql)?.execute((space, document.as_bytes(), state.kind as i64, bytes))?;
    Ok(())
}

/// The change bytes of a document in the order of their first receipts, which is the same everywhere: of two changes
/// under one number the one that a server received first is kept.
pub fn changes_of(connection: &Connection, space: i64, document: DocumentId) -> Result<Vec<Vec<u8>>, ServerFailed> {
    let sql = "select bytes from entry where space = ?1 and document = ?2 and kind = ?3
               order by first_epoch, first_number";
    let mut statement = connection.prepare_cached(sql)?;
    let kind = EntryKind::Change as i64;
    let rows = statement.query_map((space, document.as_bytes(), kind), |row| row.get::<_, Vec<u8>>(0))?;
    let mut changes = Vec::new();
    for bytes in rows {
        let fields: model::entry::SignedFields = minicbor::decode(&bytes?).map_err(|_| ServerFailed::Damaged)?;
        changes.push(fields.body);
    }
    Ok(changes)
}

/// Remembers that a device was let into a space.
pub fn note_device(connection: &Connection, device: DeviceId, space: i64) -> Result<(), ServerFailed> {
    let sql = "insert into device_space (device, space) values (?1, ?2) on conflict do nothing";
    connection.prepare_cached(sql)?.execute((device.as_bytes(), space))?;
    Ok(())
}

/// Every device that was ever let into a space.
pub fn devices(connection: &Connection) -> Result<HashSet<DeviceId>, ServerFailed> {
    let mut statement = connection.prepare_cached("select distinct device from device_space")?;
    let rows = statement.query_map([], |row| row.get(0).map(DeviceId::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Spaces that a device was ever let into.
pub fn spaces_of(connection: &Connection, device: DeviceId) -> Result<Vec<SpaceRow>, ServerFailed> {
    let sql = "select space.id, space.space, head, chain, recovering from device_space
               join space on space.id = device_space.space where device = ?1 order by space.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([device.as_bytes()], read_space)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Membership rows of a space that are in force, in log order.
pub fn membership_rows(connection: &Connection, space: i64) -> Result<Vec<(Entry, StoredRow)>, ServerFailed> {
    let sql = "select bytes, number, first_epoch, first_number, received_ms from entry indexed by entry_document
               where space = ?1 and document = ?2 and kind = ?3 and in_force = 1 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let kind = EntryKind::Grant as i64;
    let mut rows = statement.query((space, MEMBERSHIP_DOCUMENT.as_bytes(), kind))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let entry = Entry::read(&row.get::<_, Vec<u8>>(0)?).map_err(|_| ServerFailed::Damaged)?;
        let first = Place { epoch: Epoch::from_bytes(row.get(2)?), number: row.get(3)? };
        found.push((entry, StoredRow { number: row.get(1)?, first, in_force: true, received_ms: row.get(4)? }));
    }
    Ok(found)
}

/// What the directory holds of one kind: the bodies, by code.
pub fn directory_bodies(connection: &Connection, kind: &str) -> Result<Vec<String>, ServerFailed> {
    let mut statement = connection.prepare_cached("select body from directory where kind = ?1 order by code")?;
    let rows = statement.query_map([kind], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Documents of a space.
pub fn documents_in(connection: &Connection, space: i64) -> Result<u64, ServerFailed> {
    let mut statement = connection.prepare_cached("select count(*) from document where space = ?1")?;
    Ok(statement.query_row([space], |row| row.get(0))?)
}

/// Everything that the directory holds.
pub fn directory_items(connection: &Connection) -> Result<Vec<DirectoryItem>, ServerFailed> {
    let mut statement = connection.prepare_cached("select kind, code, body from directory order by kind, code")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut items = Vec::new();
    for row in rows {
        let (kind, code, body) = row?;
        items.extend(ItemKind::from_word(&kind).map(|kind| DirectoryItem { kind, code, body }));
    }
    Ok(items)
}

/// Writes what the office published, beside its document.
pub fn save_directory(connection: &Connection, item: &DirectoryItem) -> Result<(), ServerFailed> {
    let sql = "insert into directory (kind, code, body) values (?1, ?2, ?3)
               on conflict (kind, code) do update set body = excluded.body";
    connection.prepare_cached(sql)?.execute((item.kind.word(), &item.code, &item.body))?;
    Ok(())
}

fn read_space(row: &Row<'_>) -> rusqlite::Result<SpaceRow> {
    let recovery = match row.get::<_, i64>(4)? {
        0 => Recovery::Closed,
        1 => Recovery::Open,
        _ => Recovery::Blind,
    };
    let (space, chain) = (SpaceId::from_bytes(row.get(1)?), ChainHash::from_bytes(row.get(3)?));
    Ok(SpaceRow { id: row.get(0)?, space, head: row.get(2)?, chain, recovery })
}
