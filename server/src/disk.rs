//! What the system says of the disk of a folder.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, StatVfsMountFlags};

use crate::settings::real;

/// Bytes that this user may still write on the disk of a folder.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail * found.f_frsize)
}

/// What the engine takes beside a database before it reads a row of it, and a little more.
const ENGINE_BYTES: u64 = 64 * 1024;

/// Whether the disk of a folder has no room left, not even for reading a database.
pub fn is_full(folder: &Path) -> bool {
    free_bytes(folder).is_some_and(|free| free < ENGINE_BYTES)
}

/// Whether the disk of a file or folder can only be read.
pub fn is_read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// Whether this user may write a file, or make files in a folder.
pub fn check_writable(path: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::access(path, Access::WRITE_OK)?)
}

/// How near a second copy lies to what it shall outlive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nearness {
    /// On another disk.
    OtherDisk,
    /// On the same disk: one fault takes both.
    SameDisk,
    /// Inside the data folder: whoever removes that removes both.
    Inside,
}

/// How near the folder of a copy lies to the data folder; either may not exist yet.
pub fn nearness(data: &Path, copy: &Path) -> Nearness {
    let (data, copy) = (real(data), real(copy));
    if copy.starts_with(&data) {
        return Nearness::Inside;
    }
    match (disk_of(&data), disk_of(&copy)) {
        (Some(one), Some(other)) if one == other => Nearness::SameDisk,
        (Some(_) | None, Some(_) | None) => Nearness::OtherDisk,
    }
}

/// The disk of a path, or of the nearest folder above it that exists.
fn disk_of(path: &Path) -> Option<u64> {
    path.ancestors().find_map(|above| Some(std::fs::metadata(above).ok()?.dev()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_beside_the_data_is_on_the_same_disk_and_one_below_it_inside() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        for (copy, expected) in [
            (folder.path().join("copy"), Nearness::SameDisk),
            (folder.path().join("data-2"), Nearness::SameDisk),
            (data.join("copy"), Nearness::Inside),
            (folder.path().join("data/../data/copy"), Nearness::Inside),
            ("/proc/copy".into(), Nearness::OtherDisk),
        ] {
            assert_eq!(nearness(&data, &copy), expected, "{copy:?}");
        }
    }
}
