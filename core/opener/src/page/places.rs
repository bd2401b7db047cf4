//! Where the people's files are: the folder in which the program was started, and the sticks that are plugged in.

use std::path::{Path, PathBuf};

use super::screen::Choice;

/// Files that one page offers.
const CHOICES_MAX: usize = 60;

/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 2_000;

/// Folders below which a system shows its sticks.
const STICKS: [&str; 3] = ["/media", "/run/media", "/mnt"];

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
    let here = std::env::current_dir().ok();
    let mut sticks: Vec<PathBuf> = STICKS.iter().map(PathBuf::from).collect();
    let mut found = Vec::new();
    for _ in 0..STICK_DEPTH {
        sticks = sticks.iter().flat_map(|folder| folders_in(folder)).collect();
        found.extend(sticks.iter().cloned());
    }
    here.into_iter().chain(found).collect()
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let is_shown = |path: &PathBuf| {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        path.is_dir() && !is_hidden
    };
    entries(folder).into_iter().filter(is_shown).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(ENTRIES_MAX);
    entries.flatten().map(|entry| entry.path()).collect()
}
