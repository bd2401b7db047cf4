//! The second copy's database, and what of the first it lacks.
//!
//! Rows have ascending ids over all spaces, so "what is new" is one range. The small tables are compared whole, which
//! costs a millisecond with a thousand spaces. Everything of one round comes from one snapshot of the first database
//! and enters the copy in one transaction: at any moment the copy is the first as it was.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use model::identity::SpaceId;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::database;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{IDENTITY_FILE, make_private, read_key, sync_folder, write_whole};
use crate::inspection;
use crate::log;
use crate::machine;
use crate::office::DATABASE_FILE;

/// An open copy with the first database attached as `source`.
pub struct SecondCopy {
    connection: Connection,
    path: PathBuf,
    /// Device and number of the opened file.
    file: (u64, u64),
    /// Where a copy with another history was put, if there was one.
    pub set_aside: Option<PathBuf>,
}

/// How a copy stands to the first database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// Everything in it is in the first.
    Behind,
    /// It holds rows that the first has lost.
    Ahead {
        /// How many.
        rows: u64,
    },
    /// Another history: of another server, or of a life that ended.
    Foreign,
}

impl SecondCopy {
    /// Opens or makes it. A copy with another history is set aside, never overwritten; one that is ahead of the first
    /// database is refused.
    pub fn open(folder: &Path, first: &Path) -> Result<Self, ServerFailed> {
        make_private(folder)?;
        let path = folder.join(DATABASE_FILE);
        let copy = Self::attach(&path, first)?;
        match copy.standing()? {
            Standing::Behind => return Ok(copy),
            Standing::Ahead { rows } => return Err(ServerFailed::CopyAhead { rows }),
            Standing::Foreign => drop(copy),
        }
        let set_aside = Some(set_aside(folder)?);
        Ok(Self { set_aside, ..Self::attach(&path, first)? })
    }

    /// Heads that the copy holds.
    pub fn heads(&self) -> Result<HashMap<SpaceId, u64>, ServerFailed> {
        Ok(log::spaces(&self.connection)?.into_iter().map(|space| (space.space, space.head)).collect())
    }

    /// Takes over what is new and waits for the disk; the heads that moved.
    pub fn follow(&mut self) -> Result<Vec<(SpaceId, u64)>, ServerFailed> {
        self.check_place()?;
        let before = self.heads()?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last: i64 = transaction.query_row("select coalesce(max(id), 0) from main.entry", [], |row| row.get(0))?;
        transaction.execute(NEW_ROWS, [last])?;
        transaction.execute(TOUCHED_DOCUMENTS, [last])?;
        let has_moved: bool = transaction.query_row(DIRECTORY_MOVED, [last], |row| row.get(0))?;
        let tables = if has_moved { &SMALL_TABLES[..] } else { &SMALL_TABLES[1..] };
        for table in tables {
            take_over(&transaction, table)?;
        }
        for (table, key) in WRITTEN_ONCE {
            let sql = format!(
                "insert into main.{table} select * from source.{table}
                 where ({key}) not in (select {key} from main.{table})"
            );
            transaction.execute(&sql, [])?;
        }
        transaction.execute(REPLIES_GONE, [])?;
        let erased = transaction.execute(TEXTS_GONE, [])?;
        transaction.commit()?;
        if erased > 0 {
            database::cut_journal(&self.connection)?;
        }
        let after = self.heads()?;
        Ok(after.into_iter().filter(|(space, head)| before.get(space) != Some(head)).collect())
    }

    fn attach(path: &Path, first: &Path) -> Result<Self, ServerFailed> {
        let connection = database::open(path)?;
        database::cut_journal(&connection)?;
        connection.execute("attach database ?1 as source", [first.to_string_lossy()])?;
        Ok(Self { connection, path: path.to_owned(), file: file_at(path)?, set_aside: None })
    }

    /// A file that was removed or replaced under us still takes everything, and nobody could restore from it.
    fn check_place(&self) -> Result<(), ServerFailed> {
        if file_at(&self.path)? == self.file { Ok(()) } else { Err(fault(&self.path, FileCause::Missing)) }
    }

    fn standing(&self) -> Result<Standing, ServerFailed> {
        let lacking: bool = self.connection.query_row(NOT_IN_FIRST, [], |row| row.get(0))?;
        if !lacking {
            return Ok(Standing::Behind);
        }
        let epoch = |schema: &str| -> Result<Vec<u8>, ServerFailed> {
            let sql = format!("select value from {schema}.meta where name = 'epoch'");
            Ok(self.connection.query_row(&sql, [], |row| row.get(0)).optional()?.unwrap_or_default())
        };
        let rows = |schema: &str| -> Result<u64, ServerFailed> {
            let sql = format!("select coalesce(sum(head), 0) from {schema}.space");
            Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
        };
        // In a later life the operator has restored something older and was told what is missed; phones bring it back.
        match epoch("source")? > epoch("main")? {
            true => Ok(Standing::Foreign),
            false => Ok(Standing::Ahead { rows: rows("main")?.saturating_sub(rows("source")?).max(1) }),
        }
    }
}

/// Refuses a place that can never take a copy, or not without somebody's help: a mistake of the settings, said at the
/// start, while the operator still looks. A disk that only fails today is no mistake.
pub fn try_place(folder: &Path) -> Result<(), ServerFailed> {
    match make_private(folder).and_then(|()| try_writing(folder)) {
        Err(ServerFailed::File(fault)) if is_mistaken(fault.cause) => Err(ServerFailed::CopyRefused(fault)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Refuses to work on a database that has lost what its second copy holds; anything else about the copy waits for the
/// start of the server.
pub fn check_ahead(copy: &Path, first: &Path) -> Result<(), ServerFailed> {
    let path = copy.join(DATABASE_FILE);
    if !path.exists() || !first.exists() {
        return Ok(());
    }
    match SecondCopy::attach(&path, first).and_then(|copy| copy.standing()) {
        Ok(Standing::Ahead { rows }) => Err(ServerFailed::CopyAhead { rows }),
        Ok(Standing::Behind | Standing::Foreign) | Err(_) => Ok(()),
    }
}

/// Refuses the copy of another server: its key and membership file would be overwritten, and it may be the last one.
pub fn check_owner(copy: &Path, folder: &Path) -> Result<(), ServerFailed> {
    let (theirs, ours) = (read_key(&copy.join(IDENTITY_FILE))?, read_key(&folder.join(IDENTITY_FILE))?);
    let is_foreign = theirs.zip(ours).is_some_and(|(theirs, ours)| theirs != ours);
    if is_foreign { Err(ServerFailed::CopyForeign) } else { Ok(()) }
}

/// Writes a file into a folder that is there and removes it again.
pub fn try_writing(folder: &Path) -> Result<(), ServerFailed> {
    write_whole(folder, TRIAL_FILE, &[])?;
    std::fs::remove_file(folder.join(TRIAL_FILE)).map_err(at(folder))
}

/// What no second try mends.
fn is_mistaken(cause: FileCause) -> bool {
    match cause {
        FileCause::Forbidden | FileCause::Folder | FileCause::NoFolder | FileCause::ReadOnly => true,
        FileCause::Missing
        | FileCause::Damaged
        | FileCause::Failing
        | FileCause::Exists
        | FileCause::Held
        | FileCause::NoText => false,
    }
}

/// Written and removed again, to see that the folder takes files.
const TRIAL_FILE: &str = "trial";

/// How many rows a copy holds; none where there is no copy.
pub fn rows_in(folder: &Path) -> Result<u64, ServerFailed> {
    let path = folder.join(DATABASE_FILE);
    if path.exists() { inspection::count_rows(&path) } else { Ok(0) }
}

fn file_at(path: &Path) -> Result<(u64, u64), ServerFailed> {
    let found = std::fs::metadata(path).map_err(at(path))?;
    Ok((found.dev(), found.ino()))
}

const NEW_ROWS: &str = "insert into main.entry select * from source.entry where id > ?1";

const TOUCHED_DOCUMENTS: &str = "insert or replace into main.document
    select d.* from (select distinct space, document from source.entry where id > ?1) as touched
    cross join source.document as d on d.space = touched.space and d.document = touched.document";

const DIRECTORY_MOVED: &str = "select exists (select 1 from source.entry as e
    join source.space as s on s.id = e.space where e.id > ?1 and s.kind = 1)";

/// Whether any space of the copy is not a prefix of the same space of the first database, or the spaces grew there in
/// another order, as after a restore: then what follows the copy's last row is not what the copy lacks.
const NOT_IN_FIRST: &str = "select exists (select 1 from main.space as c where c.head > 0 and not exists (
        select 1 from source.space as s join source.entry as e on e.space = s.id and e.number = c.head
        where s.space = c.space and s.id = c.id and e.chain = c.chain and e.id <= (select max(id) from main.entry)))
    or exists (select 1 from source.space as s join source.entry as e on e.space = s.id
        and e.number = 1 + coalesce((select c.head from main.space as c where c.space = s.space), 0)
        where e.id <= (select coalesce(max(id), 0) from main.entry))";

/// The directory first: it is large, and compared only when it moved.
const SMALL_TABLES: [&str; 11] = [
    "directory",
    "meta",
    "space",
    "lineage",
    "back",
    "device_space",
    "device",
    "enrolment_code",
    "round_step",
    "spoken_seal",
    "objection",
];

/// Tables with large rows that never change, and their keys.
const WRITTEN_ONCE: [(&str, &str); 6] = [
    ("announcement", "round"),
    ("outcome", "round, pair"),
    ("feedback_packet", "digest"),
    ("feedback_case", "id"),
    ("feedback_event", "feedback, number"),
    ("reply_file", "round, month"),
];

/// Public answers go after a year; the copy lets go of them, too.
const REPLIES_GONE: &str = "delete from main.reply_file
    where (round, month) not in (select round, month from source.reply_file)";

/// Texts of destroyed rounds go; the copy lets go of them, too.
const TEXTS_GONE: &str = "update main.feedback_case set text = ''
    where text <> '' and id in (select id from source.feedback_case where text = '')";

fn take_over(transaction: &Connection, table: &str) -> Result<(), ServerFailed> {
    let gone = format!("select exists (select * from main.{table} except select * from source.{table})");
    if transaction.query_row(&gone, [], |row| row.get::<_, bool>(0))? {
        transaction.execute(&format!("delete from main.{table}"), [])?;
    }
    let sql =
        format!("insert or replace into main.{table} select * from source.{table} except select * from main.{table}");
    transaction.execute(&sql, [])?;
    Ok(())
}

/// Moves a copy with another history out of the way.
fn set_aside(folder: &Path) -> Result<PathBuf, ServerFailed> {
    let now_ms = machine::now_ms();
    for suffix in ["-wal", ""] {
        let present = folder.join(format!("{DATABASE_FILE}{suffix}"));
        if present.exists() {
            std::fs::rename(present, folder.join(format!("set-aside-{now_ms}.db{suffix}")))?;
        }
    }
    sync_folder(folder)?;
    Ok(folder.join(format!("set-aside-{now_ms}.db")))
}
