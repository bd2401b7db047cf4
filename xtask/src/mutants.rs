//! Breaks one rule of the exchange at a time, in a copy of the house, and asks the World to notice.
//!
//! A World that does not notice is not finished. Not part of `check`: every rule is compiled anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::house;

mod table;

use table::{MUTANTS, Mutant};

/// Folders and files of the house that a copy needs.
const PARTS: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    ".clippy.toml",
    ".rustfmt.toml",
    "core",
    "server",
    "tests",
    "xtask",
    "LICENSE",
];

/// Runs every mutant, or those whose name begins so.
pub(crate) fn run(seeds: u64, events: u64, prefix: Option<&str>) -> Result<ExitCode, String> {
    if !MUTANTS.iter().any(|mutant| prefix.is_none_or(|prefix| mutant.name.starts_with(prefix))) {
        return Err(format!(
            "no mutant is called {}; their names begin with a rule, like R8",
            prefix.unwrap_or_default()
        ));
    }
    let copy = house::target().join("mutants");
    let (mut caught, mut missed) = (0, 0);
    for mutant in MUTANTS.iter().filter(|mutant| prefix.is_none_or(|prefix| mutant.name.starts_with(prefix))) {
        eprintln!("Breaking {}, compiling, and asking the World …", mutant.name);
        refresh(&copy)?;
        breach(&copy, mutant)?;
        match first_violation(&copy, seeds, events)? {
            Some(line) => {
                caught += 1;
                println!("caught {}: {line}", mutant.name);
            }
            None => {
                missed += 1;
                println!("MISSED {}", mutant.name);
            }
        }
    }
    println!("{caught} passed, {missed} failed");
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the copy equal to the house again; only files that differ are written, so that little is compiled.
fn refresh(copy: &Path) -> Result<(), String> {
    fs::create_dir_all(copy).map_err(|error| format!("{} cannot be made: {error}.", copy.display()))?;
    for part in PARTS {
        same(&house::root().join(part), &copy.join(part))
            .map_err(|error| format!("{part} cannot be copied: {error}."))?;
    }
    Ok(())
}

fn same(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_name() != "node_modules" {
                same(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
        return Ok(());
    }
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes)
}

fn breach(copy: &Path, mutant: &Mutant) -> Result<(), String> {
    let path: PathBuf = copy.join(mutant.file);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}.", mutant.file))?;
    if text.matches(mutant.find).count() != 1 {
        return Err(format!("{}: its text does not stand exactly once in {}.", mutant.name, mutant.file));
    }
    fs::write(&path, text.replacen(mutant.find, mutant.replace, 1)).map_err(|error| error.to_string())
}

/// The first seed that failed and why; none if the World noticed nothing.
fn first_violation(copy: &Path, seeds: u64, events: u64) -> Result<Option<String>, String> {
    let mut world = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    world.current_dir(copy).env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_TERM_COLOR", "never");
    world.args(["run", "--quiet", "--package", "tests", "--bin", "world", "--"]);
    world.args(["--seeds", &seeds.to_string(), "--events", &events.to_string(), "--first"]);
    let output = world.output().map_err(|error| format!("The World could not be started: {error}."))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let first = printed.lines().find(|line| line.starts_with("seed ")).map(str::to_owned);
    match (first, printed.contains(" passed, ")) {
        (Some(line), _) => Ok(Some(line)),
        (None, true) => Ok(None),
        (None, false) => Err(format!("The World did not run: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_still_be_broken_in_its_one_place() {
        for mutant in MUTANTS {
            let text = fs::read_to_string(house::root().join(mutant.file)).expect("a mutant names a file of the house");
            assert_eq!(text.matches(mutant.find).count(), 1, "{}: {}", mutant.name, mutant.file);
        }
    }
}
