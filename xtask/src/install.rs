//! What the commands need from the machine, and how it gets there: `apt-get` and `rustup`, or one sentence.
//!
//! This file never changes a machine that has everything, and never asks a question.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::house::{has_program, root};

/// One thing that the machine must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Compiles SQLCipher and zstd.
    CCompiler,
    /// Tells the build of SQLCipher where OpenSSL lies.
    PkgConfig,
    /// SQLCipher encrypts with the system's OpenSSL.
    SslHeaders,
    /// Fetches the Kotlin compiler.
    Npm,
    /// Runs the Kotlin compiler and the story.
    Java,
    /// Lets the JVM call the library.
    Jna,
    /// Opens the page on which a resident reads an answer.
    Chromium,
    /// Checks the format.
    Rustfmt,
    /// Checks the lints.
    Clippy,
}

use Requirement::{CCompiler, Chromium, Clippy, Java, Jna, Npm, PkgConfig, Rustfmt, SslHeaders};

/// Who can install a requirement.
enum Source {
    Debian(&'static str),
    Rustup(&'static str),
}

impl Requirement {
    fn source(self) -> Source {
        match self {
            CCompiler => Source::Debian("build-essential"),
            PkgConfig => Source::Debian("pkg-config"),
            SslHeaders => Source::Debian("libssl-dev"),
            Npm => Source::Debian("npm"),
            Java => Source::Debian("default-jdk-headless"),
            Jna => Source::Debian("libjna-java"),
            Chromium => Source::Debian("chromium"),
            Rustfmt => Source::Rustup("rustfmt"),
            Clippy => Source::Rustup("clippy"),
        }
    }

    fn is_present(self) -> bool {
        match self {
            CCompiler => has_program("cc") && Path::new("/usr/include/stdio.h").exists(),
            PkgConfig => has_program("pkg-config"),
            SslHeaders => answers("pkg-config", &["--exists", "openssl"]),
            Npm => has_program("npm"),
            Java => has_program("java"),
            Jna => Path::new(crate::kotlin::JNA_JAR).exists(),
            Chromium => has_program("chromium"),
            Rustfmt => answers("cargo", &["fmt", "--version"]),
            Clippy => answers("cargo", &["clippy", "--version"]),
        }
    }
}

/// Installs what is missing, or says in one sentence what to install.
pub(crate) fn all(needs: &[Requirement]) -> Result<(), String> {
    let missing = missing(needs);
    let packages = from_debian(&missing);
    let components = from_rustup(&missing);
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    if !components.is_empty() {
        install_components(&components)?;
    }
    missing_sentence(needs)
}

/// Fails with one sentence that names what is still missing; installs nothing.
pub(crate) fn missing_sentence(needs: &[Requirement]) -> Result<(), String> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let names = [from_debian(&missing), from_rustup(&missing)].concat().join(", ");
    Err(format!("This needs {names}, which is not installed."))
}

fn missing(needs: &[Requirement]) -> Vec<Requirement> {
    let mut missing = Vec::new();
    for need in needs {
        if !missing.contains(need) && !need.is_present() {
            missing.push(*need);
        }
    }
    missing
}

fn from_debian(missing: &[Requirement]) -> Vec<&'static str> {
    missing
        .iter()
        .filter_map(|need| match need.source() {
            Source::Debian(package) => Some(package),
            Source::Rustup(_) => None,
        })
        .collect()
}

fn from_rustup(missing: &[Requirement]) -> Vec<&'static str> {
    missing
        .iter()
        .filter_map(|need| match need.source() {
            Source::Rustup(component) => Some(component),
            Source::Debian(_) => None,
        })
        .collect()
}

/// The lists of packages are read anew only if the first try fails: a machine that has them needs no network for it.
fn install_packages(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    if !has_program("apt-get") {
        return Err(format!("Please install, under the names of this system, what Debian calls: {names}."));
    }
    if !is_root() {
        return Err(format!("Please install what is missing: sudo apt-get install {names}"));
    }
    eprintln!("Installing {names} with apt-get; this can take some minutes.");
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    if apt_get(&arguments).is_ok() {
        return Ok(());
    }
    apt_get(&["update"]).and_then(|()| apt_get(&arguments)).map_err(|reason| {
        format!(
            "apt-get could not install {names} ({reason}); connect this machine to its package mirror and try again."
        )
    })
}

/// Quiet; the reason of a failure is the first error that it printed.
fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("apt-get")
        .args(["--quiet", "-o", "DPkg::Lock::Timeout=120", "-o", "APT::Update::Error-Mode=any"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let reason = told.lines().find_map(|line| line.strip_prefix("E: ")).unwrap_or("no reason given");
    Err(reason.trim_end_matches('.').to_owned())
}

fn install_components(components: &[&str]) -> Result<(), String> {
    let names = components.join(" ");
    let arguments = [&["component", "add"], components].concat();
    eprintln!("Installing {names} with rustup …");
    if has_program("rustup") && answers("rustup", &arguments) {
        return Ok(());
    }
    Err(format!("Please install what is missing: rustup component add {names}"))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Whether a command ends well, in silence.
fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
