//! Kills the real server and real phones under load, and says whether anything that was told is gone.
#![allow(clippy::print_stdout, reason = "the result goes to the terminal")]

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use tests::kill;

/// Server and phones die by signal 9 under load; nothing acknowledged may be lost.
#[derive(Parser)]
struct Arguments {
    /// How many kills, of the server and of a phone by turns.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Only live as a phone over this folder until killed.
    #[arg(long, hide = true)]
    phone: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    if let Some(folder) = arguments.phone {
        std::process::exit(i32::from(kill::phone::live(&folder).is_err()));
    }
    let started = Instant::now();
    match kill::run(arguments.kills) {
        Ok(verdict) => {
            println!("{verdict}");
            println!("{} kills in {:.1} s", verdict.kills, started.elapsed().as_secs_f32());
            println!("{} passed, {} failed", verdict.kills, verdict.faults());
            std::process::exit(i32::from(verdict.faults() > 0));
        }
        Err(sentence) => {
            println!("{sentence}\n0 passed, 1 failed");
            std::process::exit(1);
        }
    }
}
