//! Measures one part of the house: figures for people on standard error, one line of JSON on standard output.
#![allow(clippy::print_stdout, reason = "the result goes to whoever asked for it")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tests::bench::report::Report;
use tests::bench::{anonymous, cycle, exchange, floor, gate, killing, pocket, writes};
use tests::demo::Told;
use tests::kill;

/// Figures beside their bars; exit status 1 if one bar is missed.
#[derive(Parser)]
struct Arguments {
    /// Ends with one line of JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Only live as a phone over this folder until killed.
    #[arg(long, hide = true)]
    phone: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// First push, pull, nothing new, one change: bytes, CPU seconds, memory.
    Exchange {
        /// How many forms.
        #[arg(long, default_value_t = 10_000)]
        forms: u32,
    },
    /// Durable acknowledged submissions per second.
    Writes,
    /// An ordinary change and every attack.
    Gate,
    /// Sealing, the box on a phone, the drop, an opening of 100,000.
    Anonymous,
    /// A cycle of a province: submissions, a return, reports, what comes down to a head.
    Cycle {
        /// How many cases.
        #[arg(long, default_value_t = 40_000)]
        cases: u32,
    },
    /// Server and phones die under load.
    Kill {
        /// How many kills.
        #[arg(long, default_value_t = 2_000)]
        kills: u32,
    },
    /// One phone under measurement.
    #[command(hide = true)]
    Pocket { folder: PathBuf },
    /// The floor over the bodies of a file.
    #[command(hide = true)]
    Floor { file: PathBuf },
    /// One attack on a fresh server.
    #[command(hide = true)]
    Attack { number: usize },
}

fn main() -> ExitCode {
    let Arguments { json, phone, part } = Arguments::parse();
    if let Some(folder) = phone {
        return ended(kill::phone::live(&folder).map(|()| true));
    }
    let measured = match part {
        Some(Part::Exchange { forms }) => exchange::measure(forms),
        Some(Part::Writes) => writes::measure(),
        Some(Part::Gate) => gate::measure(),
        Some(Part::Anonymous) => anonymous::measure(),
        Some(Part::Cycle { cases }) => cycle::measure(cases),
        Some(Part::Kill { kills }) => killing::measure(kills),
        Some(Part::Pocket { folder }) => return ended(pocket::serve(&folder).map(|()| true)),
        Some(Part::Floor { file }) => return ended(floor::measure(&file).map(said)),
        Some(Part::Attack { number }) => return ended(gate::attack(number).map(said)),
        None => Err("Say what to measure: exchange, writes, gate, anonymous, cycle or kill.".to_owned()),
    };
    ended(measured.map(|report| finish(report, json)))
}

fn said(value: impl std::fmt::Display) -> bool {
    println!("{value}");
    true
}

fn finish(report: Report, json: bool) -> bool {
    let is_kept = report.is_kept();
    if json {
        println!("{}", report.line());
    }
    is_kept
}

fn ended(done: Told<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
