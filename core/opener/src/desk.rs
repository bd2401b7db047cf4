//! The people at the table, asked in a terminal: lines, numbers, and passphrases that nobody sees.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stdin};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use model::text::normalised;
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::OpenerFailed;
use crate::files::read_limited;
use crate::passphrase::Passphrase;
use crate::words;

/// The longest line that is read.
const LINE_BYTES_MAX: usize = 4096;

/// The largest file of passphrases, which only tests use.
const SCRIPT_BYTES_MAX: u64 = 64 * 1024;

/// The word for what cannot be taken back.
pub const CONFIRMED: &str = "xong";

/// Why nobody confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotConfirmed {
    /// Nothing more can be typed.
    EndOfInput,
    /// The window was closed.
    TerminalGone,
}

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

    /// Passphrases that are set now, one of each person and no two alike.
    pub fn new_passphrases<const PEOPLE: usize>(
        &mut self,
        names: [&str; PEOPLE],
    ) -> Result<[Passphrase; PEOPLE], OpenerFailed> {
        let mut set = Vec::with_capacity(PEOPLE);
        while let Some(name) = names.get(set.len()) {
            match self.new_passphrase(name)?.unlike(&set) {
                Ok(passphrase) => set.push(passphrase),
                Err(refused) if self.can_try_again() => {
                    complain(&words::of_passphrase(refused));
                    set.clear();
                }
                Err(refused) => return Err(refused.into()),
            }
        }
        Ok(set.try_into().ok().expect("there is one for every name"))
    }

    /// A passphrase that is set now: written twice, until it is one.
    fn new_passphrase(&mut self, name: &str) -> Result<Passphrase, OpenerFailed> {
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

    /// Waits until somebody types [`CONFIRMED`]. What was typed ahead was no answer to it, and neither is the end of
    /// the input.
    pub fn confirm(&self, sentence: &str) -> Result<(), NotConfirmed> {
        // Only a terminal has anything to throw away.
        let _ = tcflush(stdin(), QueueSelector::IFlush);
        say(sentence);
        loop {
            match read_line() {
                Some(line) if normalised(line.trim()).to_lowercase() == CONFIRMED => return Ok(()),
                Some(_) => complain(&format!("Chưa làm gì cả. Hãy gõ “{CONFIRMED}” rồi bấm Enter khi đã làm đủ.")),
                None if tcgetattr(stdin()).err() == Some(Errno::IO) => return Err(NotConfirmed::TerminalGone),
                None => return Err(NotConfirmed::EndOfInput),
            }
        }
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

/// The terminal as it was before a passphrase is typed: a signal gives it back.
static LOUD: Mutex<Option<Termios>> = Mutex::new(None);

/// While it lives, the terminal shows nothing of what is typed.
struct Quiet;

impl Quiet {
    fn begin() -> Self {
        let mut loud = LOUD.lock().unwrap_or_else(PoisonError::into_inner);
        *loud = tcgetattr(stdin()).ok();
        if let Some(mut quiet) = loud.clone() {
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &quiet);
        }
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        give_echo_back();
    }
}

/// Shows again what is typed, if a passphrase was being typed.
pub fn give_echo_back() {
    if let Some(before) = LOUD.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &before);
    }
}
