//! Kotlin and Swift sources from one library, under `target/bindings`; nothing generated is committed.
//!
//! The library and the generator are compiled by two calls of cargo, or the generator's features would end up in the
//! library that phones link.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::floor::BUILD;
use crate::{house, install, kotlin};

/// A language of the phones.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Generated, compiled, and a story run on the JVM
    Kotlin,
    /// Generated with its headers and module maps
    Swift,
}

/// The system modules that Swift imports, as `ffi_module_name` in each crate's `uniffi.toml`.
const SWIFT_MODULES: &[&str] = &["modelFFI", "phoneFFI"];

/// Generates one language, or both.
pub(crate) fn run(language: Option<Language>) -> Result<(), String> {
    install::all(BUILD)?;
    build_library()?;
    if language != Some(Language::Kotlin) {
        write_swift()?;
    }
    if language != Some(Language::Swift) {
        install::all(kotlin::NEEDS)?;
        kotlin::run(&generate("kotlin")?)?;
    }
    Ok(())
}

/// The library, and the office that the stories speak to. One call for both: the crate `tests` beside `phone` gives the
/// features that `check` has already compiled.
fn build_library() -> Result<(), String> {
    let packages = ["build", "--package", "phone", "--package", "tests", "--lib", "--bin", "office"];
    house::finish(&mut house::cargo(&packages), "Building the library of the phone and the office of the stories")
}

/// The folder that cargo leaves the library in; the JVM loads it from there.
pub(crate) fn library_folder() -> PathBuf {
    house::target().join("debug")
}

/// The office of the stories, as cargo leaves it beside the library.
pub(crate) fn office() -> PathBuf {
    library_folder().join(format!("office{}", std::env::consts::EXE_SUFFIX))
}

/// The folder of everything generated and fetched for the languages of the phones.
pub(crate) fn folder() -> PathBuf {
    house::target().join("bindings")
}

/// A fresh folder with the sources of one language, so that a file of yesterday cannot stay.
fn generate(language: &str) -> Result<PathBuf, String> {
    let folder = folder().join(language);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{} cannot be emptied: {error}.", folder.display()))?;
    }
    let library =
        library_folder().join(format!("{}phone{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
    let mut bindgen = house::cargo(&["run", "--package", "xtask", "--bin", "bindgen"]);
    bindgen.args(["--features", "bindgen", "--profile", "tools", "--", language]).arg(library).arg(&folder);
    house::finish(&mut bindgen, &format!("Generating {language}"))?;
    Ok(folder)
}

/// The module maps are written here: the generated ones name modules that only Apple's machines have.
fn write_swift() -> Result<(), String> {
    let folder = generate("swift")?;
    for module in SWIFT_MODULES {
        write_module(&folder, module).map_err(|error| format!("The module {module} cannot be written: {error}."))?;
        check_header(&folder.join(module).join(format!("{module}.h")))?;
    }
    println!("Swift: {}", folder.display());
    Ok(())
}

fn write_module(folder: &Path, module: &str) -> std::io::Result<()> {
    let header = format!("{module}.h");
    fs::create_dir_all(folder.join(module))?;
    fs::rename(folder.join(&header), folder.join(module).join(&header))?;
    let map = format!("module {module} {{\n    header \"{header}\"\n    export *\n}}\n");
    fs::write(folder.join(module).join("module.modulemap"), map)
}

/// Swift reads the header as C, where an argument named by a keyword of C would break it. The two words of Apple's
/// compiler are defined away.
fn check_header(header: &Path) -> Result<(), String> {
    let mut compiler = Command::new("cc");
    compiler.args(["-fsyntax-only", "-w", "-D_Nonnull=", "-D_Nullable=", "-x", "c"]).arg(header);
    house::finish(&mut compiler, &format!("Reading {} as C", header.display()))
}
