//! Where the house stands, and how its builder is called.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder of the workspace. Cargo names the folder of this crate when it runs us, so a moved clone still works.
pub(crate) fn root() -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder).join(".."),
        None => PathBuf::from("."),
    }
}

/// The folder that cargo builds into, wherever a setting moved it: two above our own program.
pub(crate) fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the running program has a path");
    program.ancestors().nth(2).expect("cargo runs us from target/PROFILE").to_path_buf()
}

/// The same cargo that runs us, at the root of the house, without questions and without colours.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments).env("CARGO_TERM_COLOR", "never").stdin(Stdio::null());
    command
}

/// Runs a command to its end on our own terminal; `what` is said before the wait, and names it in the sentence of a
/// failure.
pub(crate) fn finish(command: &mut Command, what: &str) -> Result<(), String> {
    eprintln!("{what} …");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed: {status}.")),
        Err(error) => Err(format!("{what} could not be started: {error}.")),
    }
}

/// Whether a program of this name can be called.
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
