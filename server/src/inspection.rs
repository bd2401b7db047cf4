//! Whether a database is whole: pages, numbers without gaps, chains, and every row's bytes under its own address.
//!
//! Reads only; used on backups before they count as one, before a restore, and by `doctor`.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use model::entry::{Entry, EntryKind};
use model::gate::DocumentState;
use model::hash::PublicKey;
use model::hash::{ChainHash, EntryHash};
use model::identity::SpaceId;
use model::receipt::{Epoch, Place};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::database;
use crate::disk::{is_full, is_read_only};
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{folder_of, is_held, write_private};
use crate::log::{self, SpaceRow};
use crate::office::directory_of;

/// What a whole database holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// Its life.
    pub epoch: Epoch,
    /// Spaces.
    pub spaces: usize,
    /// Rows in all of them.
    pub rows: u64,
}

/// Looks through a database file; [`ServerFailed::Damaged`] at the first flaw.
pub fn inspect(path: &Path) -> Result<Inspected, ServerFailed> {
    let connection = open_existing(path)?;
    let verdict: String = connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(ServerFailed::Damaged);
    }
    let (found, known): (u32, u32) =
        (connection.query_row("pragma user_version", [], |row| row.get(0))?, database::VERSION);
    if found > known {
        return Err(ServerFailed::NewerVersion { found, known });
    }
    let epoch = database::meta(&connection, "epoch").map_err(damaged)?.ok_or(ServerFailed::Damaged)?;
    let epoch = Epoch::from_bytes(epoch.try_into().map_err(|_| ServerFailed::Damaged)?);
    let spaces = log::spaces(&connection)?;
    let mut rows = 0;
    for space in &spaces {
        check_chain(&connection, space)?;
        rows += space.head;
    }
    Ok(Inspected { epoch, spaces: spaces.len(), rows })
}

/// Rows of a database, without looking at them.
pub fn count_rows(path: &Path) -> Result<u64, ServerFailed> {
    let connection = open_existing(path)?;
    connection.query_row("select coalesce(sum(head), 0) from space", [], |row| row.get(0)).map_err(damaged_row)
}

/// Rows of a database that another one lacks, acts of membership aside.
pub fn count_beyond(path: &Path, other: &Path) -> Result<u64, ServerFailed> {
    let (connection, other) = (open_existing(path)?, open_existing(other)?);
    let sql = "select hash from entry where kind <> ?1";
    let mut statement = connection.prepare(sql)?;
    let mut hashes = statement.query([EntryKind::Grant as i64])?;
    let mut find = other.prepare("select 1 from entry where hash = ?1")?;
    let mut beyond = 0;
    while let Some(row) = hashes.next().map_err(damaged_row)? {
        let hash: [u8; 32] = row.get(0)?;
        beyond += u64::from(!find.exists([hash])?);
    }
    Ok(beyond)
}

/// Whether a database has this space.
pub fn holds_space(path: &Path, space: SpaceId) -> Result<bool, ServerFailed> {
    Ok(log::space(&open_existing(path)?, space).map_err(damaged)?.is_some())
}

/// Whether the logs are of the server with this identity; a database without any is anybody's.
pub fn belongs_to(path: &Path, identity: &PublicKey) -> Result<bool, ServerFailed> {
    let database = open_existing(path)?;
    let spaces = log::spaces(&database).unwrap_or_default();
    Ok(spaces.is_empty() || spaces.iter().any(|space| space.space == directory_of(identity)))
}

/// Copies a database as of one moment, also while it is written to, and waits until the copy is on disk.
pub fn copy(from: &Path, to: &Path) -> Result<(), ServerFailed> {
    let target = if lies_still(from) { copy_files(from, to)? } else { copy_pages(from, to)? };
    // One file, without a write-ahead log beside it.
    target.pragma_update(None, "journal_mode", "delete")?;
    target.close().map_err(|(_, error)| error)?;
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Whether nobody writes to a database and the engine could not open it: that takes files beside it, and the disk takes
/// none.
fn lies_still(database: &Path) -> bool {
    let folder = folder_of(database);
    (is_read_only(database) || is_full(folder)) && !is_held(folder)
}

fn copy_pages(from: &Path, to: &Path) -> Result<Connection, ServerFailed> {
    let source = open_existing(from)?;
    database::keep_private(to)?;
    let mut target = Connection::open(to)?;
    if Backup::new(&source, &mut target)?.step(ALL_PAGES)? != StepResult::Done {
        return Err(ServerFailed::Busy);
    }
    Ok(target)
}

/// The files as they lie, with what was written ahead; the engine puts both together where it may write.
fn copy_files(from: &Path, to: &Path) -> Result<Connection, ServerFailed> {
    let ahead = beside(from, "-wal");
    let copied_ahead = ahead.exists().then(|| (ahead, beside(to, "-wal")));
    for (from, to) in std::iter::once((from.to_owned(), to.to_owned())).chain(copied_ahead) {
        write_private(&to, &[])?;
        let mut source = File::open(&from).map_err(at(&from))?;
        let mut target = OpenOptions::new().append(true).open(&to).map_err(at(&to))?;
        std::io::copy(&mut source, &mut target).map_err(at(&to))?;
    }
    let target = Connection::open(to)?;
    target.busy_timeout(database::BUSY_TIME)?;
    Ok(target)
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// One step: a reader of a WAL database never holds up the writer.
const ALL_PAGES: i32 = -1;

fn open_existing(path: &Path) -> Result<Connection, ServerFailed> {
    if File::open(path).and_then(|file| file.metadata()).map_err(at(path))?.is_dir() {
        return Err(fault(path, FileCause::Folder));
    }
    let write = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = match write {
        Ok(connection) => connection,
        Err(_) => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
    };
    connection.busy_timeout(database::BUSY_TIME)?;
    Ok(connection)
}

fn check_chain(connection: &Connection, space: &SpaceRow) -> Result<(), ServerFailed> {
    let sql =
        "select number, hash, first_epoch, first_number, chain, bytes from entry where space = ?1 order by number";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([space.id])?;
    let (mut number, mut chain) = (0, ChainHash::EMPTY);
    while let Some(row) = rows.next()? {
        let hash = EntryHash::from_bytes(row.get(1)?);
        let first = Place { epoch: Epoch::from_bytes(row.get(2)?), number: row.get(3)? };
        (number, chain) = (number + 1, chain.after(&hash, &first));
        let entry = Entry::read(&row.get::<_, Vec<u8>>(5)?).map_err(|_| ServerFailed::Damaged)?;
        let is_right = row.get::<_, u64>(0)? == number
            && ChainHash::from_bytes(row.get(4)?) == chain
            && entry.hash == hash
            && entry.fields.space == space.space;
        if !is_right {
            return Err(ServerFailed::Damaged);
        }
    }
    if (number, chain) == (space.head, space.chain) {
        check_documents(connection, space.id)
    } else {
        Err(ServerFailed::Damaged)
    }
}

/// What is remembered of each document beside its rows: a space with one that cannot be read answers nobody.
fn check_documents(connection: &Connection, space: i64) -> Result<(), ServerFailed> {
    let mut statement = connection.prepare("select state from document where space = ?1")?;
    let mut rows = statement.query([space])?;
    while let Some(row) = rows.next()? {
        let state: Vec<u8> = row.get(0)?;
        minicbor::decode::<DocumentState>(&state).map_err(|_| ServerFailed::Damaged)?;
    }
    Ok(())
}

/// A database without our tables is somebody else's file.
fn damaged(failed: ServerFailed) -> ServerFailed {
    if failed == ServerFailed::Unreadable { ServerFailed::Damaged } else { failed }
}

fn damaged_row(error: rusqlite::Error) -> ServerFailed {
    damaged(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_lie_still_are_copied_with_what_was_written_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let (first, copied) = (folder.path().join("first.db"), folder.path().join("copy.db"));
        let open = database::open(&first).unwrap();
        database::set_meta(&open, "name", b"value").unwrap();
        assert!(beside(&first, "-wal").metadata().unwrap().len() > 0, "not in the database file yet");
        let target = copy_files(&first, &copied).unwrap();
        assert_eq!(database::meta(&target, "name").unwrap().as_deref(), Some(&b"value"[..]));
    }
}
