//! What can be measured. Each part prints its figures beside its bars and fails when a bar is missed.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::program::{self, Build};

/// One part of the house under measurement.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Bench {
    /// First push and pull, nothing new, one change: bytes, CPU seconds, memory
    Exchange,
    /// Durable acknowledged submissions per second, beside the machine's own fsync rate
    Writes,
    /// CPU time and memory of an ordinary change and of every attack
    Gate,
    /// Sealing a ballot, the box of a phone, the drop, an opening of 100,000 envelopes
    Anonymous,
    /// A cycle of 40,000 cases: opening, submissions, one return, every report, bytes for a head
    Cycle,
    /// Server and phone processes killed under load; nothing acknowledged may be lost
    Kill,
}

/// Runs `bench PART ARGUMENTS…`, compiled for release.
pub(crate) fn run(part: Bench, arguments: &[String]) -> Result<ExitCode, String> {
    let name = match part {
        Bench::Exchange => "exchange",
        Bench::Writes => "writes",
        Bench::Gate => "gate",
        Bench::Anonymous => "anonymous",
        Bench::Cycle => "cycle",
        Bench::Kill => "kill",
    };
    let arguments: Vec<String> = std::iter::once(name.to_owned()).chain(arguments.iter().cloned()).collect();
    program::run("bench", Build::Release, &arguments)
}
