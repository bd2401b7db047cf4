//! The main job, from a tap to the report: real phones' stores, a real server, a bad network between them.
#![allow(clippy::print_stdout, reason = "a demo speaks on the terminal")]

use clap::Parser;
use tests::demo::{child, story};

/// Cadres' self-assessments travel from phones without network to the office's report.
#[derive(Parser)]
struct Arguments {
    /// End after the result is printed instead of keeping the report page open.
    #[arg(long)]
    exit: bool,
    /// Only fill in the form in this folder until killed: one phone of the demo, as a process of its own.
    #[arg(long, hide = true)]
    phone: Option<std::path::PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let done = match arguments.phone {
        Some(folder) => child::fill_until_killed(&folder),
        None => story::tell(arguments.exit),
    };
    if let Err(sentence) = done {
        eprintln!("{sentence}");
        std::process::exit(1);
    }
}
