//! Runs the World over many seeds and says which one failed, and how to see it again.
#![allow(clippy::print_stdout)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use tests::ballots;
use tests::cases;
use tests::world::Recipe;
use tests::world::run::{run, warm_up};

/// Simulated communes, one per seed.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// Steps per seed before the faults stop.
    #[arg(long, default_value_t = 300)]
    events: u32,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Stop after the first seed that fails.
    #[arg(long)]
    first: bool,
    /// Rounds of the anonymous road instead of papers of the named one.
    #[arg(long)]
    ballots: bool,
    /// Evaluation cases instead of papers of the named road.
    #[arg(long, conflicts_with = "ballots")]
    cases: bool,
}

fn main() {
    let arguments = Arguments::parse();
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    warm_up();
    let (next, failed) = (AtomicU64::new(arguments.from), AtomicU64::new(0));
    let end = arguments.from + arguments.seeds;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    eprintln!("Running {} seeds of {} steps on {threads} threads …", arguments.seeds, arguments.events);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let is_enough = arguments.first && failed.load(Ordering::Relaxed) > 0;
                    if seed >= end || is_enough {
                        return;
                    }
                    let recipe = Recipe { seed, events: arguments.events };
                    let played = match (arguments.ballots, arguments.cases) {
                        (true, _) => ballots::run::run(recipe).map(drop),
                        (false, true) => cases::world::run::run(recipe).map(drop),
                        (false, false) => run(recipe),
                    };
                    if let Err(violation) = played {
                        failed.fetch_add(1, Ordering::Relaxed);
                        report(seed, &arguments, &violation);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{} seeds of {} steps in {:.1} s", arguments.seeds, arguments.events, started.elapsed().as_secs_f32());
    println!("{} passed, {failed} failed", arguments.seeds - failed);
    std::process::exit(i32::from(failed > 0));
}

/// The command that runs one seed again, compiled as we are: `check` and `xtask world` compile differently.
fn again(seed: u64, arguments: &Arguments) -> String {
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let kind = match (arguments.ballots, arguments.cases) {
        (true, _) => " --ballots",
        (false, true) => " --cases",
        (false, false) => "",
    };
    let events = arguments.events;
    format!("cargo xtask world --build {build} --from {seed} --seeds 1 --events {events}{kind}")
}

fn report(seed: u64, arguments: &Arguments, violation: &tests::world::Violation) {
    println!("seed {seed}: {}", violation.what);
    println!("  again: {}", again(seed, arguments));
    if arguments.seeds == 1 {
        for step in &violation.trace {
            println!("  {step}");
        }
    }
}
