//! `langnghe backup` and `langnghe restore`.
//!
//! A backup is one database file and, beside it, the membership file. The identity key is not in it: who has both could
//! pass for the server. A restore always begins a new life (exchange rule R7), and phones bring back what is missing.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use model::handshake::public;

use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{self, FRESH_DATABASE_FILE, Folder, IDENTITY_FILE, make_private, sync_folder};
use crate::folder::{folder_of, is_held, write_private, write_whole};
use crate::inspection::{self, Inspected};
use crate::machine;
use crate::office::{DATABASE_FILE, MEMBERSHIP_FILE, directory_of};
use crate::safety::Safety;
use crate::settings::{Settings, real};
use crate::sidecar::Sidecar;

/// Writes a backup while the server works, and proves that it can be restored. Nothing is overwritten.
pub fn back_up(settings: &Settings, to: &Path) -> Result<Inspected, ServerFailed> {
    if !folder::holds_server(&settings.data)? {
        return Err(ServerFailed::NoServer);
    }
    // Files of the engine and of a restore come and go beside the database: their names are taken even while they are not
    // there.
    let is_taken = real(folder_of(to)) == real(&settings.data)
        && to.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            [DATABASE_FILE, FRESH_DATABASE_FILE].iter().any(|taken| name.starts_with(taken))
        });
    if is_taken || to.exists() {
        return Err(fault(to, FileCause::Exists));
    }
    std::fs::read_dir(folder_of(to)).map_err(at(folder_of(to)))?;
    let draft = Draft::begin(to)?;
    let inspected = draft.write(settings).inspect_err(|_| draft.discard())?;
    draft.finish()?;
    Ok(inspected)
}

/// A backup that is being written under a name of its own, `NAME.new`, by this process alone.
struct Draft<'a> {
    to: &'a Path,
    path: PathBuf,
    beside: PathBuf,
    held: File,
}

impl<'a> Draft<'a> {
    /// Takes the name. What a killed backup left there is written again; what lies beside it without such a rest is
    /// somebody's file.
    fn begin(to: &'a Path) -> Result<Self, ServerFailed> {
        let (path, beside) = (with_suffix(to, ".new"), beside(to));
        let has_rest = path.exists();
        if beside.exists() && !(has_rest && Sidecar::read(&beside).is_ok()) {
            return Err(fault(&beside, FileCause::Exists));
        }
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let held = open.map_err(at(&path))?;
        // A disk that knows no locks cannot say who else writes there.
        if matches!(held.try_lock(), Err(TryLockError::WouldBlock)) || !is_still_at(&held, &path) {
            return Err(fault(to, if to.exists() { FileCause::Exists } else { FileCause::Held }));
        }
        let draft = Self { to, path, beside, held };
        if to.exists() {
            remove(&draft.path);
            return Err(fault(to, FileCause::Exists));
        }
        draft.held.set_len(0).map_err(at(&draft.path))?;
        draft.rests().iter().for_each(|rest| remove(rest));
        Ok(draft)
    }

    fn write(&self, settings: &Settings) -> Result<Inspected, ServerFailed> {
        inspection::copy(&settings.data.join(DATABASE_FILE), &self.path)?;
        let inspected = inspection::inspect(&self.path)?;
        let membership = settings.membership_file();
        if membership.exists() {
            write_private(&self.beside, &std::fs::read(&membership).map_err(at(&membership))?)?;
        }
        Ok(inspected)
    }

    fn finish(&self) -> Result<(), ServerFailed> {
        std::fs::rename(&self.path, self.to).map_err(at(self.to))?;
        sync_folder(folder_of(self.to))
    }

    /// What is not whole is nobody's backup.
    fn discard(&self) {
        remove(&self.path);
        self.rests().iter().for_each(|rest| remove(rest));
    }

    /// What may lie beside the draft.
    fn rests(&self) -> [PathBuf; 3] {
        [self.beside.clone(), with_suffix(&self.path, "-journal"), with_suffix(&self.path, "-wal")]
    }
}

/// Whether a path still leads to the open file: whoever had it before may have given it its last name by now.
fn is_still_at(open: &File, path: &Path) -> bool {
    let file = |found: std::io::Result<Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
    file(open.metadata()) == file(std::fs::metadata(path))
}

fn remove(path: &Path) {
    // What is not there need not go, and what cannot go is found by the next backup.
    let _ = std::fs::remove_file(path);
}

/// What a restore did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// What the backup held.
    pub backup: Inspected,
    /// Rows that the second copy holds beyond it, acts of membership aside, which come in with the membership file; better
    /// restore from there.
    pub rows_missed: u64,
    /// The present membership file was lost or may lack acts: everything without an old receipt waits until the office
    /// closes the recovery by hand.
    pub is_membership_lost: bool,
    /// Where the replaced database lies; none when there was none.
    pub replaced: Option<PathBuf>,
}

/// Whether a restore may begin: the backup is whole and of this server, and no server runs on the folder. Its size.
pub fn check_restorable(settings: &Settings, from: &Path) -> Result<Inspected, ServerFailed> {
    let backup = inspection::inspect(from).map_err(|failed| of_backup(failed, from))?;
    let key = identity_for(&settings.data, from)?;
    if !inspection::holds_space(from, directory_of(&public(&key)))? {
        return Err(ServerFailed::ForeignBackup);
    }
    if is_held(&settings.data) {
        return Err(ServerFailed::FolderInUse);
    }
    Ok(backup)
}

/// Replaces the database by a backup and begins a new life. Refused while a server runs; a replaced database is kept.
pub fn restore(settings: &Settings, from: &Path, membership: Option<&Path>) -> Result<Restored, ServerFailed> {
    let backup = check_restorable(settings, from)?;
    let key = identity_for(&settings.data, from)?;
    bring_identity(&settings.data, from)?;
    let folder = Folder::hold(&settings.data, &settings.membership_file())?;
    let is_membership_lost = take_in_membership(settings, &membership_sources(settings, (from, membership)), &key)?;
    let copied = settings.second_copy.as_ref().map(|copy| copy.join(DATABASE_FILE)).filter(|copy| copy.exists());
    let rows_missed = copied.map_or(Ok(0), |copy| inspection::count_beyond(&copy, from))?;
    let fresh = folder.path().join(FRESH_DATABASE_FILE);
    let unproved = with_suffix(&fresh, ".new");
    // What an earlier restore left behind may be the very file to restore from: it goes when the new one takes its place.
    if unproved.exists() {
        std::fs::remove_file(&unproved)?;
    }
    inspection::copy(from, &unproved)?;
    std::fs::rename(&unproved, &fresh)?;
    sync_folder(folder.path())?;
    let replaced = folder.replace_database(machine::now_ms())?;
    let (mut office, _) = folder.open(Safety::of_one_copy())?;
    office.settle()?;
    Ok(Restored { backup, rows_missed, is_membership_lost, replaced })
}

/// A damaged backup is not a damaged server: who reads of it must choose another file, not restore.
fn of_backup(failed: ServerFailed, from: &Path) -> ServerFailed {
    if failed == ServerFailed::Damaged { fault(from, FileCause::Damaged) } else { failed }
}

/// The membership file of a backup.
pub(crate) fn beside(backup: &Path) -> PathBuf {
    with_suffix(backup, ".membership")
}

/// The file that was named, and what lies beside the backup, in its folder, and in the second copy.
fn membership_sources(settings: &Settings, (from, named): (&Path, Option<&Path>)) -> Vec<PathBuf> {
    let followed = settings.second_copy.as_ref().map(|copy| copy.join(MEMBERSHIP_FILE));
    let found = [Some(beside(from)), Some(folder_of(from).join(MEMBERSHIP_FILE)), followed];
    let found = found.into_iter().flatten().filter(|file| file.exists());
    named.map(Path::to_owned).into_iter().chain(found).collect()
}

/// Adds the acts that the present membership file lacks; whether nobody knows who was sent away. Only the present file,
/// and only while it lacks nothing that another one knows and no later life was met, stands for what came after the
/// backup: any other may be as old as the backup, also if it was named. The doubt comes first, or a restore that broke off would leave a file that looks
/// whole.
fn take_in_membership(settings: &Settings, sources: &[PathBuf], key: &SigningKey) -> Result<bool, ServerFailed> {
    let (present, identity) = (settings.membership_file(), public(key));
    let is_whole = Sidecar::is_whole(&present, &identity)? && !folder::knows_later_life(&settings.data)?;
    let mut sidecar = Sidecar::open(&present)?;
    let mut is_lost = !is_whole;
    for source in sources {
        is_lost |= !sidecar.lacking(source, &identity)?.is_empty();
    }
    if is_lost {
        Sidecar::doubt(&present)?;
    }
    for source in sources {
        sidecar.append(&sidecar.lacking(source, &identity)?)?;
    }
    Ok(is_lost)
}

/// Phones know the server by its key: a folder without one takes the key of the second copy, or the restore is refused.
fn identity_for(data: &Path, from: &Path) -> Result<SigningKey, ServerFailed> {
    match folder::read_key(&data.join(IDENTITY_FILE))? {
        Some(key) => Ok(key),
        None => folder::read_key(&folder_of(from).join(IDENTITY_FILE))?.ok_or(ServerFailed::IdentityLost),
    }
}

fn bring_identity(data: &Path, from: &Path) -> Result<(), ServerFailed> {
    let (present, copied) = (data.join(IDENTITY_FILE), folder_of(from).join(IDENTITY_FILE));
    if present.exists() {
        return Ok(());
    }
    make_private(data)?;
    write_whole(data, IDENTITY_FILE, &std::fs::read(&copied).map_err(at(&copied))?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
