//! The main job, from a tap to the report: real phones' stores, a real server, a bad network between them.
#![allow(clippy::print_stdout, reason = "a demo speaks on the terminal")]

use std::path::PathBuf;

use clap::Parser;
use tests::demo::{Told, child, scratch, story};

/// Cadres' self-assessments travel from phones without network to the office's report.
#[derive(Parser)]
struct Arguments {
    /// End after the result is printed instead of keeping the report page open.
    #[arg(long)]
    exit: bool,
    /// Only fill in the form in this folder until killed: one phone of the demo, as a process of its own.
    #[arg(long, hide = true)]
    phone: Option<PathBuf>,
    /// Play the story in this folder until the input ends: the demo starts itself so.
    #[arg(long, hide = true)]
    story: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let code = run(arguments).unwrap_or_else(|sentence| {
        eprintln!("{sentence}");
        1
    });
    std::process::exit(code);
}

fn run(arguments: Arguments) -> Told<i32> {
    match (arguments.phone, arguments.story) {
        (Some(folder), _) => child::fill_until_killed(&folder).map(|()| 0),
        (None, Some(folder)) => {
            scratch::end_with_input();
            story::tell(&folder, arguments.exit).map(|()| 0)
        }
        (None, None) if arguments.exit => scratch::play(&["--exit", "--story"]),
        (None, None) => scratch::play(&["--story"]),
    }
}
