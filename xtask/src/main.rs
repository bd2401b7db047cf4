//! The commands of the house. Each one installs what it needs, or says in one sentence what to install.
//!
//! | command | what it does | file |
//! | --- | --- | --- |
//! | `check` | walks every floor and counts every test | `check.rs`, `floor.rs` |
//! | `demo`, `world`, `bench` | runs a program of the crate `tests` | `program.rs`, `bench.rs` |
//! | `mutants` | breaks each rule of the exchange and asks the World to notice | `mutants.rs` |
//! | `bindings` | Kotlin and Swift from one library, and a story on the JVM | `bindings.rs`, `kotlin.rs` |

#![expect(clippy::print_stdout, reason = "the commands speak on the terminal")]

mod bench;
mod bindings;
mod check;
mod count;
mod floor;
mod house;
mod install;
mod kotlin;
mod mutants;
mod program;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::bench::Bench;
use crate::bindings::Language;
use crate::program::Build;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of the house")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk every floor, or the named ones, and close with `N passed, N failed`
    Check {
        /// The floors to walk; all of them when none is named
        #[arg(value_name = "FLOOR", value_parser = floor::names())]
        floors: Vec<String>,
    },
    /// The main job from a tap to the report; the report page stays open in the browser
    Demo {
        /// End after the result is printed
        #[arg(long)]
        exit: bool,
    },
    /// Measure one part of the house; the last line of standard output is JSON with `--json`
    Bench {
        /// What to measure
        part: Bench,
        /// Passed on, for example `--forms 1000 --json`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Simulate a server and many phones under faults, one run per seed
    World {
        /// How many seeds to run
        #[arg(long, default_value_t = 500)]
        seeds: u64,
        /// How many events each run has
        #[arg(long, default_value_t = 300)]
        events: u64,
        /// The first seed; name a failed one with `--seeds 1` to replay it
        #[arg(long, value_name = "SEED")]
        from: Option<u64>,
        /// How it is compiled; `check` walks the World as `dev`
        #[arg(long, default_value = "release")]
        build: Build,
        /// Rounds of the anonymous road; 72 events are a round of two dozen ballots
        #[arg(long)]
        ballots: bool,
        /// Evaluation cases: an office, its people, and three cadres who are evaluated
        #[arg(long, conflicts_with = "ballots")]
        cases: bool,
    },
    /// Break one rule of the exchange at a time and ask the World to notice
    Mutants {
        /// Seeds per rule
        #[arg(long, default_value_t = 400)]
        seeds: u64,
        /// Events per seed
        #[arg(long, default_value_t = 300)]
        events: u64,
        /// Only rules whose name begins so, for example `R8`
        #[arg(long)]
        only: Option<String>,
    },
    /// Write Kotlin and Swift from one library and run the Kotlin story on the JVM
    Bindings {
        /// One language only
        language: Option<Language>,
    },
}

fn main() -> ExitCode {
    match Xtask::parse().command {
        Command::Check { floors } => check::run(&floors),
        Command::Demo { exit } => said(program::run("demo", Build::Dev, &demo_arguments(exit))),
        Command::Bench { part, arguments } => said(bench::run(part, &arguments)),
        Command::World { seeds, events, from, build, ballots, cases } => {
            let kind = if ballots { Some("--ballots") } else { cases.then_some("--cases") };
            said(program::run("world", build, &world_arguments((seeds, events), from, kind)))
        }
        Command::Mutants { seeds, events, only } => said(mutants::run(seeds, events, only.as_deref())),
        Command::Bindings { language } => said(bindings::run(language).map(|()| ExitCode::SUCCESS)),
    }
}

/// A command that could not do its work says one sentence and fails.
fn said(outcome: Result<ExitCode, String>) -> ExitCode {
    outcome.unwrap_or_else(|sentence| {
        eprintln!("{sentence}");
        ExitCode::FAILURE
    })
}

fn demo_arguments(exit: bool) -> Vec<String> {
    if exit { vec!["--exit".into()] } else { Vec::new() }
}

fn world_arguments((seeds, events): (u64, u64), from: Option<u64>, kind: Option<&str>) -> Vec<String> {
    let mut arguments = vec!["--seeds".into(), seeds.to_string(), "--events".into(), events.to_string()];
    if let Some(seed) = from {
        arguments.extend(["--from".into(), seed.to_string()]);
    }
    arguments.extend(kind.map(str::to_owned));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_a_failed_seed_prints_replays_it_as_it_was_compiled() {
        let check = |words: &str, expected: (Build, bool, bool)| {
            let Command::World { seeds: 1, events: 300, from: Some(7), build, ballots, cases } =
                Xtask::try_parse_from(words.split(' ').skip(1)).unwrap().command
            else {
                panic!("{words}")
            };
            assert_eq!((build, ballots, cases), expected);
        };
        check("cargo xtask world --build dev --from 7 --seeds 1 --events 300", (Build::Dev, false, false));
        let release = "cargo xtask world --build release --from 7 --seeds 1 --events 300";
        check(&format!("{release} --ballots"), (Build::Release, true, false));
        check(&format!("{release} --cases"), (Build::Release, false, true));
    }
}
