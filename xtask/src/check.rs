//! Walks the floors one after the other, goes on after a failed one, and counts every single test.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::count::Count;
use crate::floor::{FLOORS, Floor, Step};
use crate::house;
use crate::install::{self, Requirement};
use crate::program::{self, Build};

/// Walks the named floors, or all of them; the closing line is `N passed, N failed`.
pub(crate) fn run(names: &[String]) -> ExitCode {
    let chosen: Vec<&Floor> =
        FLOORS.iter().filter(|floor| names.is_empty() || names.iter().any(|name| name == floor.name)).collect();
    let needs: Vec<Requirement> = chosen.iter().flat_map(|floor| floor.needs.iter().copied()).collect();
    if let Err(sentence) = install::all(&needs) {
        println!("{sentence}");
    }
    eprintln!("The output of each floor is in {}; compiling everything anew takes minutes.", folder().display());
    let count: Count = chosen.into_iter().map(walk).sum();
    println!("{} passed, {} failed", count.passed, count.failed);
    if count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One line for the floor, begun before the wait; its whole output follows only when something failed.
fn walk(floor: &Floor) -> Count {
    print!("{:<9} {:<55} ", floor.name, floor.about);
    // A terminal that cannot be flushed shows the line later; nothing depends on it.
    let _ = io::stdout().flush();
    let start = Instant::now();
    let log = log_path(floor.name);
    let count = climb(floor, &log).unwrap_or_else(|sentence| {
        append(&log, &sentence);
        Count::ONE_FAILED
    });
    let seconds = start.elapsed().as_secs_f32();
    println!("{:>6} passed {:>4} failed {seconds:>7.1} s", count.passed, count.failed);
    if count.failed > 0 {
        show(&log);
    }
    count
}

fn climb(floor: &Floor, log: &Path) -> Result<Count, String> {
    fs::write(log, "").map_err(|error| format!("{} cannot be written: {error}.", log.display()))?;
    install::missing_sentence(floor.needs)?;
    let mut count = Count::default();
    for step in floor.steps {
        count = count + take(step, log)?;
    }
    Ok(count)
}

/// Runs one step with both of its outputs in the log, in the order in which they were written.
fn take(step: &Step, log: &Path) -> Result<Count, String> {
    let mut counted = Count::default();
    for mut command in commands(step)? {
        let before = fs::metadata(log).map_or(0, |file| file.len());
        let output = open(log)?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        let status = command.stdin(Stdio::null()).stdout(output).stderr(errors).status();
        let success = status.map_err(|error| format!("{command:?} could not be started: {error}."))?.success();
        counted = Count::of_step(&read_from(log, before), success);
        if !success {
            break;
        }
    }
    Ok(counted)
}

/// A program takes two commands, its build and its run; only the last one that ran is counted.
fn commands(step: &Step) -> Result<Vec<Command>, String> {
    let text = |arguments: &[&str]| arguments.iter().map(|argument| argument.to_string()).collect::<Vec<_>>();
    Ok(match step {
        Step::Cargo(arguments) => vec![house::cargo(arguments)],
        Step::CargoWith(arguments, (name, value)) => {
            let mut command = house::cargo(arguments);
            command.env(name, value);
            vec![command]
        }
        Step::Program(name, arguments) => program::commands(name, Build::Dev, &text(arguments))?.into(),
        Step::Xtask(arguments) => {
            let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
            command.args(*arguments);
            vec![command]
        }
    })
}

fn folder() -> PathBuf {
    house::target().join("check")
}

fn log_path(floor: &str) -> PathBuf {
    let folder = folder();
    // If the folder cannot be made, writing the log fails next and says so.
    let _ = fs::create_dir_all(&folder);
    folder.join(format!("{floor}.log"))
}

fn open(log: &Path) -> Result<File, String> {
    File::options().append(true).open(log).map_err(|error| format!("{} cannot be written: {error}.", log.display()))
}

fn append(log: &Path, sentence: &str) {
    if let Ok(mut file) = open(log) {
        // The sentence is shown from the log; a full disk shows an empty log, which is still a failed floor.
        let _ = writeln!(file, "{sentence}");
    }
}

fn read_from(log: &Path, start: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(bytes.len()).min(bytes.len());
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

/// Everything but the passed tests, set off from our own lines so that no closing line stands alone in it.
fn show(log: &Path) {
    let is_noise = |line: &str| line.is_empty() || (line.starts_with("test ") && line.ends_with(" ... ok"));
    for line in read_from(log, 0).lines().filter(|line| !is_noise(line)) {
        println!("  | {line}");
    }
}
