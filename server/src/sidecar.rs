//! The membership file: every grant and revocation with its receipt, outside the database, append only.
//!
//! A restore of the database must never bring a revoked device back, so these rows are on disk here before the office
//! is told, and a restore merges them first. A torn last record is cut off; a damaged record takes no other with it; at
//! every start rows of the log that the file lacks are added. A mark beside the file, `NAME.doubted`, stands from the
//! moment when it may lack acts until the office closes the recovery by hand. Source: exchange rules R10, R19.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use model::entry::Entry;
use model::hash::{EntryHash, PublicKey};
use model::receipt::{ReceiptLeaf, ReceiptedEntry};
use sha2::{Digest, Sha256};

use crate::failure::ServerFailed;
use crate::file_fault::at;
use crate::folder::{folder_of, remove, sync_folder};

/// The open file.
pub struct Sidecar {
    path: PathBuf,
    file: File,
    /// Bytes up to the end of the last whole record.
    bytes: u64,
    known: HashSet<EntryHash>,
}

const LENGTH_BYTES: usize = 4;
const CHECK_BYTES: usize = 8;
const RECORD_BYTES_MAX: usize = 16 * 1024;

impl Sidecar {
    /// Opens or creates the file; a torn tail is cut off. A file that is not ours is refused and left as it is.
    pub fn open(path: &Path) -> Result<Self, ServerFailed> {
        let is_new = !path.exists();
        let Records { records, bytes, .. } = if is_new { Records::default() } else { read_records(path)? };
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(at(path))?;
        if is_new && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            sync_folder(folder)?;
        }
        let known = records.iter().filter_map(ReceiptedEntry::read).map(|(entry, _)| entry.hash).collect();
        let sidecar = Self { path: path.to_owned(), file, bytes, known };
        if sidecar.file.metadata()?.len() > bytes {
            sidecar.cut_tail()?;
        }
        Ok(sidecar)
    }

    /// What is whole in a file that is not ours to repair.
    pub fn read(path: &Path) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        Ok(read_records(path)?.records)
    }

    /// Whether a file tells everything that was written into it: there is one, nobody doubts it, it holds acts of this
    /// server, and nothing before its end is damaged. A torn last record was never told to anybody.
    pub fn is_whole(path: &Path, identity: &PublicKey) -> Result<bool, ServerFailed> {
        if !path.exists() || is_doubted(path) {
            return Ok(false);
        }
        let found = read_records(path)?;
        Ok(!found.has_damage && !authentic(&found.records, identity).is_empty())
    }

    /// From here on, and through every restore, nobody relies on what this file does not tell.
    pub fn doubt(path: &Path) -> Result<(), ServerFailed> {
        if is_doubted(path) {
            return Ok(());
        }
        let mark = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(mark_of(path));
        mark.and_then(|mark| mark.sync_all()).map_err(at(path))?;
        sync_folder(folder_of(path))
    }

    /// What this file tells is all there is to know.
    pub fn trust(path: &Path) -> Result<(), ServerFailed> {
        remove(&mark_of(path))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Acts of this server that another file tells and this one lacks.
    pub fn lacking(&self, source: &Path, identity: &PublicKey) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        let mut records = Self::read(source)?;
        records.retain(|record| read_authentic(record, identity).is_some_and(|(entry, _)| !self.holds(&entry.hash)));
        Ok(records)
    }

    /// Everything that is whole in it, in the order of writing.
    pub fn records(&self) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        Ok(read_records(&self.path)?.records)
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
        if let Err(error) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            // Half a record would stand before the next one. If it cannot be cut now, the next start reads past it.
            let _ = self.cut_tail();
            return Err(error.into());
        }
        self.bytes += bytes.len() as u64;
        self.known.extend(records.iter().filter_map(ReceiptedEntry::read).map(|(entry, _)| entry.hash));
        Ok(())
    }

    /// The end of the whole records is looked for anew: what stands behind a piece that could not be cut before must not
    /// go with it.
    fn cut_tail(&self) -> Result<(), ServerFailed> {
        self.file.set_len(read_records(&self.path)?.bytes)?;
        self.file.sync_all()?;
        Ok(())
    }
}

/// The acts among these that this server signed; whatever else stands in a file says nothing.
pub(crate) fn authentic(records: &[ReceiptedEntry], identity: &PublicKey) -> Vec<(Entry, ReceiptLeaf)> {
    records.iter().filter_map(|record| read_authentic(record, identity)).collect()
}

fn read_authentic(record: &ReceiptedEntry, identity: &PublicKey) -> Option<(Entry, ReceiptLeaf)> {
    let read = record.page.is_signed_by(identity).then(|| record.read()).flatten();
    read.filter(|(entry, _)| entry.is_signed_by(identity))
}

/// Whether a file may lack acts that were told to somebody.
pub fn is_doubted(path: &Path) -> bool {
    mark_of(path).exists()
}

fn mark_of(path: &Path) -> PathBuf {
    let mut mark = path.as_os_str().to_owned();
    mark.push(".doubted");
    mark.into()
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let mut short = [0; CHECK_BYTES];
    short.copy_from_slice(&digest[..CHECK_BYTES]);
    short
}

/// What a file holds.
#[derive(Default)]
struct Records {
    records: Vec<ReceiptedEntry>,
    /// Where the last whole record ends.
    bytes: u64,
    /// Something before that end is no record.
    has_damage: bool,
}

/// Every whole record. What stands damaged between two is stepped over.
fn read_records(path: &Path) -> Result<Records, ServerFailed> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(at(path))?;
    let (mut found, mut at) = (Records::default(), 0);
    while at < bytes.len() {
        match read_record(&bytes[at..]) {
            Some((record, length)) => {
                found.has_damage |= found.bytes != at as u64;
                found.records.push(record);
                at += length;
                found.bytes = at as u64;
            }
            None => at += 1,
        }
    }
    if found.records.is_empty() && !is_torn(&bytes) {
        return Err(ServerFailed::MembershipForeign { path: path.display().to_string() });
    }
    Ok(found)
}

/// Whether these bytes may be the beginning of a first record, or what a power cut leaves instead of it.
fn is_torn(bytes: &[u8]) -> bool {
    let Some(length) = bytes.first_chunk::<LENGTH_BYTES>() else { return true };
    let length = u32::from_be_bytes(*length) as usize;
    let is_cut = length <= RECORD_BYTES_MAX && bytes.len() < LENGTH_BYTES + CHECK_BYTES + length;
    is_cut || bytes.iter().all(|byte| *byte == 0)
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

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use model::entry::{Entry, EntryDraft, EntryKind};
    use model::identity::{DocumentId, PersonId, SpaceId};
    use model::membership::{Grant, Role};
    use model::receipt::{Epoch, Place, ReceiptLeaf, ReceiptPage};

    use super::*;

    fn record(number: u64) -> ReceiptedEntry {
        let (key, person) = (SigningKey::from_bytes(&[7; 32]), PersonId::from_bytes([1; 16]));
        let (space, document) = (SpaceId::from_bytes([2; 16]), DocumentId::from_bytes([0; 16]));
        let grant = Grant { key: None, person, role: Some(Role::Subject), claimed_ms: number as i64 };
        let body = minicbor::to_vec(&grant).unwrap();
        let draft = EntryDraft { kind: EntryKind::Grant, space, document, person, incarnation: number, body };
        let entry = Entry::sign(draft, &key).unwrap();
        let place = Place { epoch: Epoch::NEVER, number };
        let leaf = ReceiptLeaf { hash: entry.hash, place, in_force: true, received_ms: 0 };
        ReceiptedEntry { entry: entry.bytes, page: ReceiptPage::sign(space, vec![leaf], &key) }
    }

    #[test]
    fn a_damaged_record_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("membership.log");
        Sidecar::open(&path).unwrap().append(&[record(1), record(2), record(3)]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[40] ^= 1;
        bytes.extend([0, 0, 1]);
        std::fs::write(&path, &bytes).unwrap();
        let mut sidecar = Sidecar::open(&path).unwrap();
        assert_eq!(sidecar.records().unwrap(), [record(2), record(3)]);
        sidecar.append(&[record(1)]).unwrap();
        assert_eq!(Sidecar::read(&path).unwrap(), [record(2), record(3), record(1)]);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        let notes = "Điều quan trọng, không có ở nơi nào khác.";
        std::fs::write(&path, notes).unwrap();
        let foreign = ServerFailed::MembershipForeign { path: path.display().to_string() };
        assert_eq!(Sidecar::open(&path).err(), Some(foreign));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), notes);
        for torn in [&[][..], &[0, 0], &[0, 0, 1, 0, 9], &[0; 400]] {
            std::fs::write(&path, torn).unwrap();
            assert!(Sidecar::open(&path).unwrap().records().unwrap().is_empty());
            assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "{torn:?}");
        }
    }
}
