//! Texts that people type: counted as a reader counts, and free of what does not print.

use unicode_normalization::UnicodeNormalization;

use super::AnswerRejected;
use crate::form::check::is_forbidden;

/// The most bytes that are normalised at all; the longest answer needs a quarter of it in the worst spelling.
const BYTES_MAX: usize = 64 * 1024;

/// One line of text in normal form.
pub(super) fn line(text: &str, chars_max: u32) -> Result<String, AnswerRejected> {
    printable(normal(text, chars_max)?, chars_max, |character| !is_forbidden(character))
}

/// Several lines of text in normal form; a line break is one character, however the phone wrote it.
pub(super) fn lines(text: &str, chars_max: u32) -> Result<String, AnswerRejected> {
    let text = normal(text, chars_max)?.replace("\r\n", "\n").replace('\r', "\n");
    printable(text, chars_max, |character| character == '\n' || !is_forbidden(character))
}

/// Vietnamese keyboards write "ế" as one, two or three characters; NFC makes it one, on every phone.
fn normal(text: &str, chars_max: u32) -> Result<String, AnswerRejected> {
    if text.len() > BYTES_MAX {
        return Err(AnswerRejected::TooLong { given: counted(text), limit: chars_max });
    }
    if text.trim().is_empty() {
        return Err(AnswerRejected::Empty);
    }
    Ok(text.nfc().collect())
}

fn printable(text: String, chars_max: u32, is_printable: fn(char) -> bool) -> Result<String, AnswerRejected> {
    if let Some(index) = text.chars().position(|character| !is_printable(character)) {
        let position = u32::try_from(index + 1).unwrap_or(u32::MAX);
        return Err(AnswerRejected::ForbiddenCharacter { position });
    }
    let given = counted(&text);
    if given > chars_max { Err(AnswerRejected::TooLong { given, limit: chars_max }) } else { Ok(text) }
}

fn counted(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
