//! The programs of the crate `tests`: demo, world, kill and bench.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

use clap::ValueEnum;

use crate::floor::BUILD;
use crate::{house, install};

/// How a program is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Build {
    /// As `check` compiles the house, so that it starts at once after a check
    Dev,
    /// For whatever is measured or runs for long
    Release,
}

/// Builds one program and becomes it: a Ctrl-C reaches nobody but the program, and our end is its end.
pub(crate) fn run(name: &str, build: Build, arguments: &[String]) -> Result<ExitCode, String> {
    install::all(BUILD)?;
    let [mut building, mut running] = commands(name, build, arguments)?;
    let how = match build {
        Build::Dev => "some minutes the first time",
        Build::Release => "compiled for release, up to ten minutes the first time",
    };
    house::finish(&mut building, &format!("Building {name}, {how}"))?;
    Err(format!("{name} cannot start: {}.", running.stdin(Stdio::inherit()).exec()))
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
