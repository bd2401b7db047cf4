//! How many rows the database held at its last commit, in a file beside it.
//!
//! Written at each commit without waiting and forced to disk once a second: after a power cut it may say less than the
//! database holds, never more, because the database itself waits for the disk.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Instant;

use sha2::{Digest, Sha256};

use crate::failure::ServerFailed;
use crate::file_fault::at;
use crate::limits::HEADS_SYNC_PAUSE;
use crate::machine;

/// The open file.
pub struct Heads {
    file: File,
    /// None until the first note: what the file says may be of a database that was replaced.
    rows: Option<u64>,
    synced: Instant,
}

const RECORD_BYTES: usize = 16;

impl Heads {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self, ServerFailed> {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(at(path))?;
        Ok(Self { file, rows: None, synced: machine::tick() })
    }

    /// Rows at the last commit that it knows of; a torn record knows of none.
    pub fn read(path: &Path) -> Result<u64, ServerFailed> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(file) => file.take(RECORD_BYTES as u64).read_to_end(&mut bytes).map_err(at(path))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(at(path)(error)),
        };
        let record: Option<[u8; RECORD_BYTES]> = bytes.try_into().ok();
        let rows = record.map(|record| {
            let rows = u64::from_be_bytes(record[..8].try_into().expect("eight of sixteen bytes"));
            (rows, record)
        });
        Ok(rows.filter(|(rows, read)| record_of(*rows) == *read).map_or(0, |(rows, _)| rows))
    }

    /// A commit has happened.
    pub fn note(&mut self, rows: u64) -> Result<(), ServerFailed> {
        if self.rows == Some(rows) {
            return Ok(());
        }
        self.file.write_all_at(&record_of(rows), 0)?;
        self.rows = Some(rows);
        if self.synced.elapsed() >= HEADS_SYNC_PAUSE {
            self.sync()?;
        }
        Ok(())
    }

    /// Waits until the disk has it.
    pub fn sync(&mut self) -> Result<(), ServerFailed> {
        self.file.sync_data()?;
        self.synced = machine::tick();
        Ok(())
    }
}

fn record_of(rows: u64) -> [u8; RECORD_BYTES] {
    let mut record = [0; RECORD_BYTES];
    record[..8].copy_from_slice(&rows.to_be_bytes());
    let check: [u8; 32] = Sha256::digest(rows.to_be_bytes()).into();
    record[8..].copy_from_slice(&check[..8]);
    record
}
