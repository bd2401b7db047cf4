//! The office for stories in other languages: a real server over a scratch folder, asked in plain lines.
//!
//! It begins by saying `cadre NAME` (whose phones it lets in), `port NUMBER` (where it listens on loopback), `cycle
//! TITLE`, `ready`. Then each line on standard input is a command, and is answered by one line:
//!
//! | command | answer |
//! | --- | --- |
//! | `code` | `code TEXT`: a fresh one-time enrolment code for the cadre |
//! | `approve WORD WORD WORD WORD` | `approved`: the device that shows these words is let in |
//! | `report` | `report ROW`: the cadre's row of the score table as CSV; `report none` without one |
//! | `round` | `round SLIP,SLIP,…`: three holders made a round that is open today, and the office announced it; slips as typed |
//! | `quit` | `closed`: the server has stopped, and its port is free |
//!
//! What cannot be done is answered by `refused SENTENCE`. The end of the input is a `quit`, so that a story that dies
//! leaves no server behind.
#![allow(clippy::print_stdout, reason = "its answers are lines on standard output")]

use std::io::{BufRead, BufReader};

use model::time::Timestamp;
use tests::commune::{Commune, Member};
use tests::demo::office::Office;
use tests::demo::{Told, failed, story};
use tests::opinion::{Holders, plan};

/// Slips that a story may draw.
const SLIPS: usize = 6;

fn main() {
    if let Err(sentence) = serve() {
        eprintln!("{sentence}");
        std::process::exit(1);
    }
}

fn serve() -> Told<()> {
    let folder = tempfile::tempdir().map_err(failed("No scratch folder could be made"))?;
    let commune = story::commune();
    let office = Office::open(folder.path(), &commune)?;
    let member = commune.members.first().ok_or("The commune is empty.")?;
    println!("cadre {}", member.held.cadre.full_name);
    println!("port {}", office.address.port());
    println!("cycle {}", commune.cycle.title);
    println!("ready");
    for line in BufReader::new(std::io::stdin()).lines() {
        let line = line.map_err(failed("A command could not be read"))?;
        if line == "quit" {
            break;
        }
        println!("{}", answer(&office, (&commune, member), &line).unwrap_or_else(|why| format!("refused {why}")));
    }
    office.close()?;
    println!("closed");
    Ok(())
}

fn answer(office: &Office, (commune, member): (&Commune, &Member), line: &str) -> Told<String> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    match words.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("code", [])) => Ok(format!("code {}", office.code_for(member.held.cadre.id, office.address)?)),
        Some(("approve", words)) => office.approve(words).map(|()| "approved".to_owned()),
        Some(("report", [])) => {
            let scores = office.page(&format!("/report/{}/scores.csv", commune.cycle.id))?;
            let row = scores.lines().find(|row| row.contains(&member.held.cadre.full_name));
            Ok(format!("report {}", row.unwrap_or("none")))
        }
        Some(("round", [])) => {
            let today = Timestamp::from_utc_ms(server::machine::now_ms()).vietnamese_day();
            let holders = Holders::of(&plan(commune, today, [0, 2]));
            office.announce(holders.ceremony.announcement.to_bytes())?;
            let print = holders.definition().fingerprint();
            let slips = holders.bag(1).into_iter().take(SLIPS).map(|slip| slip.groups(&print).join(" "));
            Ok(format!("round {}", slips.collect::<Vec<_>>().join(",")))
        }
        _ => Err(format!("There is no command `{line}`.")),
    }
}
