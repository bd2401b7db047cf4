//! `langnghe-open`: the offline program of the three holders of a round's key.

mod arguments;
mod steps;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use opener::failure::OpenerFailed;
use opener::{desk, machine, page, unfinished, words};

fn main() -> ExitCode {
    machine::keep_memory_to_itself();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(shown) if !shown.use_stderr() => {
            return if shown.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Err(refused) => {
            desk::complain(&steps::of_arguments(&refused));
            return ExitCode::from(2);
        }
    };
    match unfinished::watch().and_then(|()| done(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            desk::complain(&words::of_failure(&failed));
            ExitCode::FAILURE
        }
    }
}

fn done(command: Option<Command>) -> Result<(), OpenerFailed> {
    match command {
        Some(Command::Plan(asked)) => steps::plan(&asked),
        Some(Command::Ceremony(asked)) => steps::hold(&asked),
        Some(Command::Printed(asked)) => steps::finish(&asked),
        Some(Command::Open(asked)) => steps::open(&asked),
        Some(Command::Recount(asked)) => steps::recount(&asked),
        Some(Command::Minutes(asked)) => steps::write_minutes(&asked),
        Some(Command::Screen(asked)) => steps::screen(&asked),
        Some(Command::Read(asked)) => steps::read(&asked),
        Some(Command::Reply(asked)) => steps::reply(&asked),
        None => page::show(),
    }
}
