//! The people at the table, asked in a terminal: lines, numbers, and passphrases that nobody sees.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stdin};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::OpenerFailed;
use crate::files::read_limited;
use crate::passphrase::Passphrase;
use crate::words;

/// The longest line that is read.
const LINE_BYTES_MAX: usize = 4096;

/// The largest file of passphrases, which only tests use.
const SCRIPT_BYTES_MAX: u64 = 64 * 1024;

/// Who answers.
pub enum Desk {
    /// Somebody at the terminal.
    People,
    /// A file with one passphrase a line, in the order in which they are asked; for tests and rehearsals.
    Script(VecDeque<Zeroizing<String>>),
}

/// A line for the people.
pub fn say(line: &str) {
    // Nobody reads a closed terminal.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about something that went wrong.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Desk {
    /// The people, or a file that speaks for them.
    pub fn of(script: Option<&Path>) -> Result<Self, OpenerFailed> {
        let Some(script) = script else { return Ok(Self::People) };
        let text = Zeroizing::new(read_limited(script, SCRIPT_BYTES_MAX)?);
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(Self::Script(lines.map(|line| Zeroizing::new(String::from_utf8_lossy(line).into_owned())).collect()))
    }

    /// A passphrase that is set now: written twice, until it is one.
    pub fn new_passphrase(&mut self, name: &str) -> Result<Passphrase, OpenerFailed> {
        if let Self::Script(_) = self {
            return Ok(Passphrase::typed(&self.hidden("")?)?);
        }
        loop {
            let first = self.hidden(&format!("{name}, viết câu khóa của mình (không hiện ra): "))?;
            let again = self.hidden(&format!("{name}, viết lại lần nữa: "))?;
            match Passphrase::typed_twice(&first, &again) {
                Ok(passphrase) => return Ok(passphrase),
                Err(refused) => complain(&words::of_passphrase(refused)),
            }
        }
    }

    /// A passphrase that was set before. One too short to be any is asked again like a wrong one.
    pub fn passphrase(&mut self, name: &str) -> Result<Passphrase, OpenerFailed> {
        loop {
            let typed = self.hidden(&format!("{name}, viết câu khóa của mình (không hiện ra): "))?;
            match Passphrase::typed(&typed) {
                Ok(passphrase) => return Ok(passphrase),
                Err(refused) if self.can_try_again() => complain(&words::of_passphrase(refused)),
                Err(refused) => return Err(refused.into()),
            }
        }
    }

    /// Whether somebody can answer once more.
    pub fn can_try_again(&self) -> bool {
        matches!(self, Self::People) && stdin().is_terminal()
    }

    /// A number.
    pub fn number(&self, question: &str) -> Result<u32, OpenerFailed> {
        loop {
            match self.line(question)?.trim().replace('.', "").parse() {
                Ok(number) => return Ok(number),
                Err(_) => complain("Hãy ghi một số, ví dụ 182; không có thì ghi 0."),
            }
        }
    }

    /// A line of text.
    pub fn line(&self, question: &str) -> Result<Zeroizing<String>, OpenerFailed> {
        if !self.can_try_again() {
            return Err(OpenerFailed::NobodyThere);
        }
        prompt(question);
        read_line().ok_or(OpenerFailed::Stopped)
    }

    /// Waits until somebody presses Enter.
    pub fn wait(&self, sentence: &str) {
        say(sentence);
        let _ = read_line();
    }

    fn hidden(&mut self, question: &str) -> Result<Zeroizing<String>, OpenerFailed> {
        match self {
            Self::Script(lines) => lines.pop_front().ok_or(OpenerFailed::NobodyThere),
            Self::People if !stdin().is_terminal() => Err(OpenerFailed::NobodyThere),
            Self::People => {
                prompt(question);
                let _quiet = Quiet::begin();
                let line = read_line().ok_or(OpenerFailed::Stopped);
                say("");
                line
            }
        }
    }
}

fn prompt(question: &str) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{question}").and_then(|()| out.flush());
}

/// Byte by byte into a place that is wiped: a buffered reader would keep a copy.
fn read_line() -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX));
    let mut byte = [0];
    loop {
        match rustix::io::read(stdin(), &mut byte) {
            Ok(0) | Err(_) if bytes.is_empty() => return None,
            Ok(0) | Err(_) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) if bytes.len() == LINE_BYTES_MAX => return None,
            Ok(_) => bytes.push(byte[0]),
        }
    }
    std::str::from_utf8(&bytes).ok().map(|line| Zeroizing::new(line.trim_end_matches('\r').to_owned()))
}

/// While it lives, the terminal shows nothing of what is typed.
struct Quiet(Option<Termios>);

impl Quiet {
    fn begin() -> Self {
        let before = tcgetattr(stdin()).ok();
        if let Some(mut quiet) = before.clone() {
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &quiet);
        }
        Self(before)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(stdin(), OptionalActions::Flush, before);
        }
    }
}
