//! The server's SQLite file: WAL, FULL, one writer.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, config::DbConfig};

use crate::failure::ServerFailed;
use crate::file_fault::at;

const MIGRATIONS: [&str; 8] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
];

/// The oldest SQLite without the bug that corrupts a WAL which two connections reset at once.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Pages that the engine keeps in memory: the indexes of some hundred thousand entries.
const CACHE_KIBIBYTES: i64 = 32 * 1024;

/// How long a reader or the writer waits for the other.
pub const BUSY_TIME: Duration = Duration::from_secs(5);

/// The version of the schema that this server writes.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// Opens or creates the database, asserts durability, and brings its schema up to date.
pub fn open(path: &Path) -> Result<Connection, ServerFailed> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(ServerFailed::UnfitEngine);
    }
    keep_private(path)?;
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIME)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Otherwise a statement with a bound limit is compiled anew each time it runs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let synchronous: i64 = connection.query_row("pragma synchronous", [], |row| row.get(0))?;
    if synchronous != 2 {
        return Err(ServerFailed::UnfitEngine);
    }
    migrate(&mut connection)?;
    Ok(connection)
}

/// Makes the file with no rights for anybody else, whatever the folder and the process allow; the engine gives the same
/// to what it writes beside it.
pub fn keep_private(path: &Path) -> Result<(), ServerFailed> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(at(path)(error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Opens a database that this server already keeps, for reading only.
pub fn open_to_read(path: &Path) -> Result<Connection, ServerFailed> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIME)?;
    Ok(connection)
}

/// Reads a single value.
pub fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, ServerFailed> {
    let mut statement = connection.prepare_cached("select value from meta where name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes a single value.
pub fn set_meta(connection: &Connection, name: &str, value: &[u8]) -> Result<(), ServerFailed> {
    let sql = "insert into meta (name, value) values (?1, ?2) on conflict (name) do update set value = excluded.value";
    connection.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

/// Writes the journal into the file itself and empties it: nothing that was erased stays in it. Whether that was done; not
/// while somebody reads from it.
pub fn cut_journal(connection: &Connection) -> Result<bool, ServerFailed> {
    let is_busy: bool = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

fn migrate(connection: &mut Connection) -> Result<(), ServerFailed> {
    let found: u32 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    let known = VERSION;
    if found > known {
        return Err(ServerFailed::NewerVersion { found, known });
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

impl From<rusqlite::Error> for ServerFailed {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::OperationInterrupted | ErrorCode::OperationAborted) => Self::Interrupted,
            _ => Self::Unreadable,
        }
    }
}
