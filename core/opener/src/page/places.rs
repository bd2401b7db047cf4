//! Where the people's files are: the folder in which the program was started, and the sticks that are plugged in.

use std::path::{Path, PathBuf};

use super::screen::Choice;

/// Files that one page offers.
const CHOICES_MAX: usize = 60;

/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 2_000;

/// Folders below which a system shows its sticks.
const STICKS: [&str; 3] = ["/media", "/run/media", "/mnt"];

/// Folders that a system keeps on a stick for itself.
const OF_SYSTEMS: [&str; 5] = ["System Volume Information", "$RECYCLE.BIN", "RECYCLER", "lost+found", "Recovery"];

/// How deep a stick lies below its folder: `/run/media/name/stick`.
const STICK_DEPTH: usize = 2;

/// Files with this ending, in the places and one folder below them.
pub(super) fn files(ending: &str) -> Vec<Choice> {
    let is_wanted = |path: &PathBuf| path.is_file() && path.extension().is_some_and(|own| own == ending);
    let folders = places().into_iter().flat_map(|place| [vec![place.clone()], folders_in(&place)].concat());
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).filter(is_wanted).collect();
    files.sort();
    files.dedup();
    files.iter().take(CHOICES_MAX).map(|file| choice(file)).collect()
}

/// Folders into which something can be written: the places themselves and what lies in them.
pub(super) fn folders() -> Vec<Choice> {
    let mut folders: Vec<PathBuf> =
        places().into_iter().flat_map(|place| [vec![place.clone()], folders_in(&place)].concat()).collect();
    folders.sort();
    folders.dedup();
    folders.iter().take(CHOICES_MAX).map(|folder| choice(folder)).collect()
}

fn choice(path: &Path) -> Choice {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let place = path.parent().map(|place| place.display().to_string()).unwrap_or_default();
    Choice { value: path.display().to_string(), name, place }
}

fn places() -> Vec<PathBuf> {
    let here = std::env::current_dir().ok().filter(|here| is_of_people(here));
    let mut sticks: Vec<PathBuf> = STICKS.iter().map(PathBuf::from).collect();
    let mut found = Vec::new();
    for _ in 0..STICK_DEPTH {
        sticks = sticks.iter().flat_map(|folder| folders_in(folder)).collect();
        found.extend(sticks.iter().cloned());
    }
    here.into_iter().chain(found).collect()
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir() && is_of_people(path)).collect()
}

/// Whether people keep files there: not hidden, not a system's, and not beside the system at the root of the machine.
fn is_of_people(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_at_root = path.parent().is_none_or(|parent| parent.parent().is_none());
    !is_at_root && !name.starts_with('.') && !OF_SYSTEMS.iter().any(|own| own.eq_ignore_ascii_case(&name))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(ENTRIES_MAX);
    entries.flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_system_are_not_offered() {
        for (path, expected) in [
            ("/media/hoi/THE-NHO", true),
            ("/home/hoi/dot-2026", true),
            ("/media/hoi/THE-NHO/System Volume Information", false),
            ("/media/hoi/THE-NHO/$Recycle.Bin", false),
            ("/media/hoi/lost+found", false),
            ("/home/hoi/.cache", false),
            ("/etc", false),
            ("/", false),
        ] {
            assert_eq!(is_of_people(Path::new(path)), expected, "{path}");
        }
    }
}
