//! Compiles the generated Kotlin and the story beside it, and runs the story on the JVM.
//!
//! The compiler is an npm package, pinned with its hash in `tests/kotlin/package-lock.json`; JNA is Debian's.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::Requirement;
use crate::{bindings, house};

/// What this file calls.
pub(crate) const NEEDS: &[Requirement] = &[Requirement::Npm, Requirement::Java, Requirement::Jna];

/// Where Debian's `libjna-java` leaves JNA.
pub(crate) const JNA_JAR: &str = "/usr/share/java/jna.jar";

const STORY: &str = "vn.langnghe.story.SelfAssessmentStoryKt";
const COMPILER_JARS: &[&str] = &[
    "kotlin-compiler",
    "kotlin-stdlib",
    "kotlin-script-runtime",
    "kotlin-reflect",
    "kotlinx-coroutines-core-jvm",
    "annotations-13.0",
];
const RUNTIME_JARS: &[&str] = &["kotlin-stdlib", "kotlinx-coroutines-core-jvm"];

/// Compiles `generated` only if it changed, then the story; the story closes with `N passed, N failed`.
pub(crate) fn run(generated: &Path) -> Result<(), String> {
    let compiler = Compiler::installed()?;
    let bindings_jar = bindings::folder().join("bindings.jar");
    let story_jar = bindings::folder().join("story.jar");
    compiler.compile_if_changed(&kotlin_files(generated)?, &[], &bindings_jar)?;
    compiler.compile_if_changed(&kotlin_files(&sources())?, &[&bindings_jar], &story_jar)?;
    let mut story = Command::new("java");
    // One panic is staged and caught; its backtrace would say nothing.
    story.env("RUST_BACKTRACE", "0");
    story.arg(format!("-Djna.library.path={}", bindings::library_folder().display()));
    story.arg(format!("-Dlangnghe.office={}", bindings::office().display()));
    story.arg("-cp").arg(compiler.class_path(RUNTIME_JARS, &[&story_jar, &bindings_jar])).arg(STORY);
    house::finish(&mut story, "The Kotlin story")
}

/// Our own Kotlin and the pinned compiler.
fn sources() -> PathBuf {
    house::root().join("tests/kotlin")
}

struct Compiler {
    home: PathBuf,
}

impl Compiler {
    /// Fetches the compiler once per lock file, outside the source tree.
    fn installed() -> Result<Self, String> {
        let folder = bindings::folder().join("kotlin-compiler");
        let home = folder.join("node_modules/kotlin-compiler");
        let lock = fs::read(sources().join("package-lock.json")).map_err(|error| error.to_string())?;
        let stamp = folder.join("installed-lock.json");
        if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            return Ok(Self { home });
        }
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(sources().join(file), folder.join(file)).map_err(|error| error.to_string())?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
        house::finish(&mut npm, "Fetching the Kotlin compiler with npm")?;
        fs::write(&stamp, lock).map_err(|error| error.to_string())?;
        Ok(Self { home })
    }

    /// The generated sources take half a minute, so a jar is kept beside the hash of what went into it.
    fn compile_if_changed(&self, files: &[PathBuf], libraries: &[&Path], jar: &Path) -> Result<(), String> {
        let hash = hash_of(files, libraries)?;
        let stamp = jar.with_extension("hash");
        if jar.exists() && fs::read_to_string(&stamp).is_ok_and(|kept| kept == hash) {
            return Ok(());
        }
        let jna = [Path::new(JNA_JAR)];
        let libraries = [libraries, &jna].concat();
        let mut compiler = Command::new("java");
        compiler.arg("-cp").arg(self.class_path(COMPILER_JARS, &[])).arg("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler");
        compiler.arg("-kotlin-home").arg(&self.home).args(["-nowarn", "-no-reflect", "-jvm-target", "17", "-cp"]);
        compiler.arg(self.class_path(RUNTIME_JARS, &libraries)).arg("-d").arg(jar).args(files);
        house::finish(&mut compiler, &format!("Compiling Kotlin into {}, up to half a minute", jar.display()))?;
        fs::write(&stamp, hash).map_err(|error| error.to_string())
    }

    /// Jars of the compiler by name, JNA, and our own.
    fn class_path(&self, names: &[&str], own: &[&Path]) -> String {
        let library = self.home.join("lib");
        let jars = names.iter().map(|name| library.join(format!("{name}.jar")));
        let all = jars.chain(own.iter().map(|jar| jar.to_path_buf())).chain([PathBuf::from(JNA_JAR)]);
        all.map(|jar| jar.display().to_string()).collect::<Vec<_>>().join(":")
    }
}

/// Sorted, because the order of a folder is not the same on every machine.
fn kotlin_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}.", folder.display()))? {
            let path = entry.map_err(|error| error.to_string())?.path();
            match path.extension() {
                Some(extension) if extension == "kt" => files.push(path),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

fn hash_of(files: &[PathBuf], libraries: &[&Path]) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    for file in files.iter().map(PathBuf::as_path).chain(libraries.iter().copied()) {
        fs::read(file).map_err(|error| format!("{}: {error}.", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
