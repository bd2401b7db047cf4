//! A phone as a process of its own, so that it can be killed in the middle of a form.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use model::answer::Answer;

use super::pocket::Pocket;
use super::{Told, failed};

/// Types answers until the process is killed; a line is printed after each one that the core said is saved.
pub fn fill_until_killed(folder: &Path) -> Told<()> {
    let pocket = Pocket::open(folder, "the phone")?;
    let paper = pocket.begin()?;
    let mut out = std::io::stdout().lock();
    for count in 0_u32.. {
        let text = format!("Đã hoàn thành phần việc số {count} đúng hạn, có văn bản kèm theo.");
        pocket.answer(paper, "strengths", Answer::Text { text })?;
        writeln!(out, "{count}").and_then(|()| out.flush()).map_err(failed("Nobody listens"))?;
    }
    Ok(())
}

/// Starts that process, waits for so many saved answers, kills it, and says which answer it said last.
pub fn kill_after(folder: &Path, answers: u32) -> Told<u32> {
    let program = std::env::current_exe().map_err(failed("The demo does not know its own file"))?;
    let mut child = Command::new(program)
        .arg("--phone")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed("The phone's process did not start"))?;
    let output = child.stdout.take().ok_or("the phone's process says nothing")?;
    let mut last = 0;
    let mut lines = BufReader::new(output).lines();
    for line in lines.by_ref() {
        last = line.ok().and_then(|line| line.parse().ok()).unwrap_or(last);
        if last + 1 >= answers {
            break;
        }
    }
    child.kill().map_err(failed("The phone's process could not be killed"))?;
    child.wait().map_err(failed("The phone's process did not end"))?;
    // What it printed before it died counts too.
    Ok(lines.map_while(Result::ok).filter_map(|line| line.parse().ok()).max().unwrap_or(last))
}
