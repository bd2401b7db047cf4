//! The programs of the crate `tests`: demo, world, kill and bench.

use std::process::{Command, ExitCode, Stdio};

use crate::floor::BUILD;
use crate::{house, install};

/// How a program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As `check` compiles the house, so that the demo starts at once after a check.
    Dev,
    /// For whatever is measured or runs for long.
    Release,
}

/// Builds and runs one program on our terminal, and ends as it ended.
pub(crate) fn run(name: &str, build: Build, arguments: &[String]) -> Result<ExitCode, String> {
    install::all(BUILD)?;
    let [mut building, mut running] = commands(name, build, arguments)?;
    eprintln!("Building {name}; the first time takes some minutes.");
    house::finish(&mut building, &format!("Building {name}"))?;
    let status = running.stdin(Stdio::inherit()).status().map_err(|error| format!("{name} cannot start: {error}."))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The build and the run. The server's own program is built too, because some programs start it as a process.
pub(crate) fn commands(name: &str, build: Build, arguments: &[String]) -> Result<[Command; 2], String> {
    let source = format!("tests/src/bin/{name}.rs");
    if !house::root().join(&source).is_file() {
        return Err(format!("The program {name} is missing: {source} does not exist."));
    }
    let mut building =
        house::cargo(&["build", "--package", "server", "--package", "tests", "--bin", "langnghe", "--bin", name]);
    let mut running = house::cargo(&["run", "--quiet", "--package", "tests", "--bin", name]);
    if build == Build::Release {
        building.arg("--release");
        running.arg("--release");
    }
    running.arg("--").args(arguments);
    Ok([building, running])
}
