//! The membership file: every grant and revocation with its receipt, outside the database, append only.
//!
//! A restore of the database must never bring a revoked device back, so these rows are on disk here before the office
//! is told, and a restore merges them first. A torn last record is cut off; at every start rows of the log that the
//! file lacks are added. Source: exchange rule R19.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use model::hash::EntryHash;
use model::receipt::ReceiptedEntry;
use sha2::{Digest, Sha256};

use crate::failure::ServerFailed;

/// The open file.
pub struct Sidecar {
    path: PathBuf,
    file: File,
    known: HashSet<EntryHash>,
}

const LENGTH_BYTES: usize = 4;
const CHECK_BYTES: usize = 8;
const RECORD_BYTES_MAX: usize = 16 * 1024;

impl Sidecar {
    /// Opens or creates the file; a torn tail is cut off.
    pub fn open(path: &Path) -> Result<Self, ServerFailed> {
        let (records, whole) = if path.exists() { read_records(path)? } else { (Vec::new(), 0) };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        if file.metadata()?.len() > whole {
            file.set_len(whole)?;
            file.sync_all()?;
        }
        let known = records.iter().filter_map(ReceiptedEntry::read).map(|(entry, _)| entry.hash).collect();
        Ok(Self { path: path.to_owned(), file, known })
    }

    /// What is whole in a file that is not ours to repair.
    pub fn read(path: &Path) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        Ok(read_records(path)?.0)
    }

    /// Everything that is whole in it, in the order of writing.
    pub fn records(&self) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        Ok(read_records(&self.path)?.0)
    }

    /// Whether an act is already on disk here.
    pub fn holds(&self, hash: &EntryHash) -> bool {
        self.known.contains(hash)
    }

    /// Writes records and waits until the disk has them.
    pub fn append(&mut self, records: &[ReceiptedEntry]) -> Result<(), ServerFailed> {
        let mut bytes = Vec::new();
        for record in records {
            let body = minicbor::to_vec(record).expect("writing to memory cannot fail");
            bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
            bytes.extend_from_slice(&check(&body));
            bytes.extend_from_slice(&body);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.known.extend(records.iter().filter_map(ReceiptedEntry::read).map(|(entry, _)| entry.hash));
        Ok(())
    }
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let mut short = [0; CHECK_BYTES];
    short.copy_from_slice(&digest[..CHECK_BYTES]);
    short
}

fn read_records(path: &Path) -> Result<(Vec<ReceiptedEntry>, u64), ServerFailed> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some((record, length)) = read_record(&bytes[at..]) {
        records.push(record);
        at += length;
    }
    Ok((records, at as u64))
}

fn read_record(bytes: &[u8]) -> Option<(ReceiptedEntry, usize)> {
    let length: [u8; LENGTH_BYTES] = bytes.get(..LENGTH_BYTES)?.try_into().ok()?;
    let length = u32::from_be_bytes(length) as usize;
    let end = LENGTH_BYTES + CHECK_BYTES + length;
    let body = bytes.get(LENGTH_BYTES + CHECK_BYTES..end).filter(|_| length <= RECORD_BYTES_MAX)?;
    let is_whole = bytes[LENGTH_BYTES..LENGTH_BYTES + CHECK_BYTES] == check(body);
    let record = minicbor::decode(body).ok().filter(|_| is_whole)?;
    Some((record, end))
}
