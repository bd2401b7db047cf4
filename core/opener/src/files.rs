//! Files as the opener reads and writes them: whole or not at all, for their owner alone, never over another one.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::machine;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause:?}")]
pub struct FileFault {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub cause: FileCause,
}

/// Why a file cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileCause {
    /// It is not there.
    Missing,
    /// Something of that name is there already, and nothing is overwritten.
    Exists,
    /// This user may not.
    Forbidden,
    /// It is larger than such a file can be.
    TooLarge,
    /// The disk is full.
    Full,
    /// A folder where a file is expected, or the other way round.
    OtherKind,
    /// The disk fails.
    Failing,
}

/// Says which file an error is about.
pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> FileFault {
    move |error| {
        let cause = match error.kind() {
            ErrorKind::NotFound => FileCause::Missing,
            ErrorKind::AlreadyExists => FileCause::Exists,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FileCause::Forbidden,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FileCause::Full,
            ErrorKind::IsADirectory | ErrorKind::NotADirectory => FileCause::OtherKind,
            _ => FileCause::Failing,
        };
        FileFault { path: path.to_owned(), cause }
    }
}

/// Reads a file of at most so many bytes.
pub fn read_limited(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(at(path))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(at(path))?;
    let too_large = || FileFault { path: path.to_owned(), cause: FileCause::TooLarge };
    if bytes.len() as u64 > bytes_max { Err(too_large()) } else { Ok(bytes) }
}

/// Refuses a place where something is already; asked before work that cannot be repeated.
pub fn check_free(path: &Path) -> Result<(), FileFault> {
    let exists = || FileFault { path: path.to_owned(), cause: FileCause::Exists };
    if path.symlink_metadata().is_ok() { Err(exists()) } else { Ok(()) }
}

/// Refuses a place where nothing can be written either: something is written beside it and taken away again.
pub fn check_place(path: &Path) -> Result<(), FileFault> {
    check_free(path)?;
    let attempt = beside(path);
    let written = write_private(&attempt, b"0").map_err(|fault| FileFault { path: path.to_owned(), ..fault });
    // What could not be written is not there to be removed.
    let _ = std::fs::remove_file(&attempt);
    written
}

/// Writes a file that only its owner may read: all of it is on the disk before it has its name. The name is given by a
/// link, which never replaces another file.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    check_free(path)?;
    let fresh = beside(path);
    let written = write_private(&fresh, bytes).and_then(|()| std::fs::hard_link(&fresh, path).map_err(at(path)));
    // What could not be linked must not stay under its other name.
    let _ = std::fs::remove_file(&fresh);
    written?;
    sync_folder(path)
}

/// Writes a file that only its owner may read over the one of its name: the old one or the new one is there, whole.
pub fn write_over(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let fresh = beside(path);
    let written = write_private(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, path).map_err(at(path)));
    if written.is_err() {
        // What could not take the name must not stay under its other one.
        let _ = std::fs::remove_file(&fresh);
    }
    written?;
    sync_folder(path)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let mut file = create_private(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

/// A new file that only its owner may read.
pub fn create_private(path: &Path) -> Result<File, FileFault> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at(path))
}

/// Overwrites a file with zeros down to the disk, then takes its name away. A disk that writes every byte to a new place
/// may keep the old ones; therefore sheets are printed from memory, and to a file only where that cannot be done.
pub fn wipe(path: &Path) -> Result<(), FileFault> {
    static BLOCK: [u8; 64 * 1024] = [0; 64 * 1024];
    let mut file = OpenOptions::new().write(true).open(path).map_err(at(path))?;
    let mut left = file.seek(SeekFrom::End(0)).map_err(at(path))?;
    file.rewind().map_err(at(path))?;
    while left > 0 {
        let block = &BLOCK[..left.min(BLOCK.len() as u64) as usize];
        file.write_all(block).map_err(at(path))?;
        left -= block.len() as u64;
    }
    file.sync_all().map_err(at(path))?;
    std::fs::remove_file(path).map_err(at(path))?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> Result<(), FileFault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{:016x}", u64::from_be_bytes(machine::random())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phan-khoa-1.lnk");
        write_new(&path, b"one").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write_new(&path, b"two").map_err(|fault| fault.cause), Err(FileCause::Exists));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays beside it");
        let nowhere = folder.path().join("none/file");
        assert_eq!(write_new(&nowhere, b"").map_err(|fault| fault.cause), Err(FileCause::Missing));
    }

    #[test]
    fn a_place_is_tried_before_anything_is_made_for_it_and_nothing_is_left_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| check_place(&folder.path().join(name)).map_err(|fault| (fault.cause, fault.path));
        assert_eq!(place("to.html"), Ok(()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(place("none/to.html"), Err((FileCause::Missing, folder.path().join("none/to.html"))));
        std::fs::write(folder.path().join("to.html"), b"").unwrap();
        assert_eq!(place("to.html").map_err(|(cause, _)| cause), Err(FileCause::Exists));
        assert_eq!(place("to.html/x").map_err(|(cause, _)| cause), Err(FileCause::OtherKind));
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        write_new(&path, &[0; 11]).unwrap();
        assert_eq!(read_limited(&path, 11).unwrap().len(), 11);
        assert_eq!(read_limited(&path, 10).map_err(|fault| fault.cause), Err(FileCause::TooLarge));
        wipe(&path).unwrap();
        assert_eq!(read_limited(&path, 10).map_err(|fault| fault.cause), Err(FileCause::Missing));
    }
}
