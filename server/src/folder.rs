//! The data folder: whose it is, who holds it, and whether its database went back in time.
//!
//! ```text
//! identity.key    32 bytes in hexadecimal, 0600, made once: phones know the server by it
//! lock            held by the running server
//! langnghe.db     the logs
//! membership.log  grants and revocations
//! epoch           the life of the last start, outside the database
//! epoch.replaced  a later life, which the next restore begins after
//! heads           rows at the last commit, outside the database
//! identity.unused the identity, until its first life is written down: the key was made here, and phones know nothing
//! restored.db     a restore under way
//! replaced-*.db   what a restore replaced
//! commands        socket of the running server, 0600
//! ```
//!
//! A database that holds less than `epoch` and `heads` say was replaced by an older copy behind our back; going on in
//! the old life would give two different rows one number. Source: exchange rules R7, R20.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use model::handshake::public;
use model::receipt::Epoch;

use crate::failure::ServerFailed;
use crate::file_fault::at;
use crate::heads::Heads;
use crate::inspection;
use crate::machine;
use crate::office::{DATABASE_FILE, Office};
use crate::recovery;
use crate::safety::Safety;
use crate::sidecar::Sidecar;

/// The identity key.
pub const IDENTITY_FILE: &str = "identity.key";
/// The present life.
pub const EPOCH_FILE: &str = "epoch";

/// The latest life that a restore must begin after, whatever the clock says: the one that it replaces, or one of which a
/// phone brought proof.
const REPLACED_EPOCH_FILE: &str = "epoch.replaced";
/// Names the identity that was made here and under which no life was begun yet.
const UNUSED_FILE: &str = "identity.unused";
/// Rows at the last commit.
pub const HEADS_FILE: &str = "heads";
/// Where commands reach the running server.
pub const COMMANDS_FILE: &str = "commands";
/// A database that is about to take the present one's place.
pub const FRESH_DATABASE_FILE: &str = "restored.db";
const LOCK_FILE: &str = "lock";

/// A data folder that this process alone holds.
pub struct Folder {
    path: PathBuf,
    membership: PathBuf,
    key: SigningKey,
    lock: File,
}

impl Drop for Folder {
    /// Closing alone is not enough: a program that this process starts at the same moment has the file open too, for the
    /// blink before it becomes that program.
    fn drop(&mut self) {
        // What cannot be given up ends with the process.
        let _ = self.lock.unlock();
    }
}

/// How the database was found at the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing was there: a new server.
    New,
    /// The life before goes on.
    Whole,
    /// Older than this folder remembers: a new life began, and phones bring back what is missing.
    WentBack,
}

impl Folder {
    /// Takes the folder for this process, making it and its key where there is none.
    pub fn hold(path: &Path, membership: &Path) -> Result<Self, ServerFailed> {
        make_private(path)?;
        let lock = path.join(LOCK_FILE);
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock);
        let lock = open.map_err(at(&lock))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ServerFailed::FolderInUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let key = match read_key(&path.join(IDENTITY_FILE))? {
            Some(key) => key,
            None if path.join(DATABASE_FILE).exists() => return Err(ServerFailed::IdentityLost),
            None => make_key(path)?,
        };
        Ok(Self { path: path.to_owned(), membership: membership.to_owned(), key, lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The membership file.
    pub fn membership(&self) -> &Path {
        &self.membership
    }

    /// The identity key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Opens the office over it; a database that went back begins a new life, and one of an earlier life than a phone has
    /// met is left to a restore. A membership file that is not whole is
    /// doubted before anything is written into it, and from then on also if this process is killed.
    pub fn open(&self, safety: Safety) -> Result<(Office, Found), ServerFailed> {
        let (database, identity) = (self.path.join(DATABASE_FILE), public(&self.key));
        let was_restored = self.finish_restore()?;
        let (life, replaced) = (read_epoch(&self.path)?, read_life(&self.path.join(REPLACED_EPOCH_FILE))?);
        let latest = life.max(replaced).and_then(|life| i64::try_from(life.started_ms).ok());
        let had_database = database.exists();
        if had_database && !inspection::belongs_to(&database, &identity)? {
            return Err(ServerFailed::IdentityForeign);
        }
        let rows = Heads::read(&self.path.join(HEADS_FILE))?;
        let mut moment = machine::moment();
        machine::check_clock(moment.now_ms, latest)?;
        let is_membership_whole = Sidecar::is_whole(&self.membership, &identity)? && !knows_later_life(&self.path)?;
        if !is_membership_whole {
            Sidecar::doubt(&self.membership)?;
        }
        let mut office = Office::open_files((&database, &self.membership), self.key.clone(), safety, moment)?;
        let has_lost_acts = recovery::has_lost_acts(&office, &self.membership)?;
        let is_as_before = had_database && !was_restored && !has_lost_acts && office.rows()? >= rows;
        let found = match life {
            None if !was_restored && self.is_unused()? => Found::New,
            // Going on in an earlier life would give receipts that the later one contradicts.
            Some(life) if is_as_before && office.epoch() >= life && replaced > Some(office.epoch()) => {
                return Err(ServerFailed::Superseded);
            }
            Some(life) if is_as_before && office.epoch() >= life => Found::Whole,
            Some(_) | None => Found::WentBack,
        };
        if found == Found::WentBack {
            moment.now_ms = moment.now_ms.max(latest.unwrap_or(0).saturating_add(1));
            office.begin_new_life(!is_membership_whole, moment)?;
        } else {
            office.complete_sidecar()?;
        }
        self.remember(&mut office)?;
        Ok((office, found))
    }

    /// Puts a fresh database in the place of the present one, which is kept beside it. The next [`Folder::open`] begins
    /// a new life, also after a crash between any two steps. Returns where the replaced one lies, if there was one.
    pub fn replace_database(&self, now_ms: i64) -> Result<Option<PathBuf>, ServerFailed> {
        if let Some(life) = read_epoch(&self.path)? {
            note_later_life(&self.path, life)?;
        }
        remove(&self.path.join(EPOCH_FILE))?;
        sync_folder(&self.path)?;
        let kept = self.path.join(format!("replaced-{now_ms}.db"));
        for suffix in ["-wal", ""] {
            let present = self.path.join(format!("{DATABASE_FILE}{suffix}"));
            if present.exists() {
                std::fs::rename(present, self.path.join(format!("replaced-{now_ms}.db{suffix}")))?;
            }
        }
        self.finish_restore()?;
        Ok(kept.exists().then_some(kept))
    }

    /// A fresh database is only named so once it is whole and on disk, and the present one moves away after that: if
    /// the present one is missing, a restore broke off in between.
    fn finish_restore(&self) -> Result<bool, ServerFailed> {
        let (database, fresh) = (self.path.join(DATABASE_FILE), self.path.join(FRESH_DATABASE_FILE));
        if database.exists() || !fresh.exists() {
            return Ok(false);
        }
        std::fs::rename(fresh, database)?;
        sync_folder(&self.path)?;
        Ok(true)
    }

    /// Writes the life and the rows of an office down outside its database, and keeps them up to date from here on. The
    /// membership file stays doubted as long as this life does not know who was sent away.
    fn remember(&self, office: &mut Office) -> Result<(), ServerFailed> {
        office.keep_heads(Heads::open(&self.path.join(HEADS_FILE))?)?;
        write_life(&self.path, EPOCH_FILE, office.epoch())?;
        let replaced = self.path.join(REPLACED_EPOCH_FILE);
        if read_life(&replaced)?.is_none_or(|later| later <= office.epoch()) {
            remove(&replaced)?;
        }
        remove(&self.path.join(UNUSED_FILE))?;
        match recovery::is_blind(office.reader())? {
            true => Sidecar::doubt(&self.membership),
            false => Sidecar::trust(&self.membership),
        }
    }

    /// The whole folder is older than what phones were told: the next [`Folder::open`] begins a new life that relies on
    /// nothing in it.
    pub fn doubt_history(&self) -> Result<(), ServerFailed> {
        Sidecar::doubt(&self.membership)?;
        if let Some(life) = read_epoch(&self.path)? {
            note_later_life(&self.path, life)?;
        }
        remove(&self.path.join(EPOCH_FILE))?;
        sync_folder(&self.path)
    }

    /// Whether the key was made here and no life was begun under it yet. A key that was brought here had one elsewhere.
    fn is_unused(&self) -> Result<bool, ServerFailed> {
        let unused = read_private_text(&self.path.join(UNUSED_FILE))?;
        Ok(unused.is_some_and(|unused| unused == identity_text(&self.key)))
    }
}

/// Held from reading a later life to writing one: requests note theirs at the same moment, and one would write into the
/// other's half-written file, or an earlier life over a later one. The folder's lock keeps other processes away.
static NOTING: Mutex<()> = Mutex::new(());

/// Writes down a life that the next restore must begin after; an earlier one changes nothing.
pub fn note_later_life(folder: &Path, life: Epoch) -> Result<(), ServerFailed> {
    let _noting = NOTING.lock().unwrap_or_else(PoisonError::into_inner);
    let known = read_life(&folder.join(REPLACED_EPOCH_FILE))?;
    if known >= Some(life) { Ok(()) } else { write_life(folder, REPLACED_EPOCH_FILE, life) }
}

/// Whether a phone has proved that a life later than this folder's was begun: the folder lacks what that life was told.
pub fn knows_later_life(folder: &Path) -> Result<bool, ServerFailed> {
    let (life, later) = (read_epoch(folder)?, read_life(&folder.join(REPLACED_EPOCH_FILE))?);
    // A restore under way has no life, and what it replaces is no later one.
    Ok(life.is_some() && later > life)
}

fn write_life(folder: &Path, name: &str, life: Epoch) -> Result<(), ServerFailed> {
    write_whole(folder, name, data_encoding::HEXLOWER.encode(&life.to_bytes()).as_bytes())
}

/// Removes a file that may not be there.
pub(crate) fn remove(file: &Path) -> Result<(), ServerFailed> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether a running server or an order holds a folder; looks without making anything.
pub fn is_held(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK_FILE));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Whether a server lies in a folder, be it only its key or a restore under way.
pub fn holds_server(folder: &Path) -> Result<bool, ServerFailed> {
    for name in [IDENTITY_FILE, DATABASE_FILE, FRESH_DATABASE_FILE] {
        if folder.join(name).try_exists().map_err(at(folder))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The life that a folder remembers; a file that is not whole counts as none.
pub fn read_epoch(folder: &Path) -> Result<Option<Epoch>, ServerFailed> {
    read_life(&folder.join(EPOCH_FILE))
}

fn read_life(file: &Path) -> Result<Option<Epoch>, ServerFailed> {
    let Some(text) = read_private_text(file)? else { return Ok(None) };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(Epoch::from_bytes))
}

/// Reads an identity key; `None` where there is no file.
pub fn read_key(path: &Path) -> Result<Option<SigningKey>, ServerFailed> {
    let Some(text) = read_private_text(path)? else { return Ok(None) };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(|bytes| Some(SigningKey::from_bytes(&bytes))).ok_or(ServerFailed::IdentityMalformed)
}

/// Makes a folder that its owner alone may enter, and those above it; one that exists is left as it is.
pub fn make_private(folder: &Path) -> Result<(), ServerFailed> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// Writes a file that its owner alone may read, also over one with other rights.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServerFailed> {
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path).map_err(at(path))?;
    // A stick that knows no rights cannot be given any; everything else obeys.
    let _ = file.set_permissions(Permissions::from_mode(0o600));
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

/// Writes a small file so that a crash leaves the old one or the new one, never a piece.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), ServerFailed> {
    let fresh = folder.join(format!("{name}.new"));
    write_private(&fresh, bytes)?;
    std::fs::rename(&fresh, folder.join(name)).map_err(at(&folder.join(name)))?;
    sync_folder(folder)
}

/// The folder in which a file lies.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Waits until names made or changed in a folder are on disk.
pub fn sync_folder(folder: &Path) -> Result<(), ServerFailed> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn make_key(folder: &Path) -> Result<SigningKey, ServerFailed> {
    let key = SigningKey::from_bytes(&machine::random());
    write_whole(folder, UNUSED_FILE, identity_text(&key).as_bytes())?;
    let text = data_encoding::HEXLOWER.encode(&key.to_bytes());
    write_whole(folder, IDENTITY_FILE, text.as_bytes())?;
    Ok(key)
}

fn identity_text(key: &SigningKey) -> String {
    data_encoding::HEXLOWER.encode(public(key).as_bytes())
}

/// A small file as text; `None` where there is no file, and an empty text for one that is not text.
pub fn read_private_text(path: &Path) -> Result<Option<String>, ServerFailed> {
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => match file.take(SMALL_FILE_BYTES_MAX).read_to_string(&mut text) {
            Ok(_) => Ok(Some(text)),
            // A file that is not text is malformed, and its reader says so.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(Some(String::new())),
            Err(error) => Err(at(path)(error)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

/// Keys and epochs are one line.
const SMALL_FILE_BYTES_MAX: u64 = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_lives_that_are_noted_at_once_the_latest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(REPLACED_EPOCH_FILE);
        for round in 0..20_u64 {
            std::thread::scope(|scope| {
                for life in 1..=8 {
                    let path = folder.path();
                    scope.spawn(move || {
                        note_later_life(path, Epoch { started_ms: 100 * round + life, random: life }).unwrap();
                    });
                }
            });
            assert_eq!(read_life(&file).unwrap(), Some(Epoch { started_ms: 100 * round + 8, random: 8 }));
        }
    }
}
