//! Vietnamese text: one form to store, one form to search, one way to measure.
//!
//! The same word can arrive composed (Android) or decomposed (some iOS keyboards, old Mac files); both must be found,
//! counted and compared as one. This module does not repair text from legacy fonts.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The form in which text is stored and compared: Unicode NFC.
pub fn normalised(text: &str) -> String {
    composed(text).into_owned()
}

/// Nearly every text comes composed; to see that is much cheaper than to compose it again.
fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

/// The form in which text is searched: lower case, no tone or vowel marks, đ as d; spaces stay.
///
/// Composed and decomposed spellings fold to the same text, and folding twice is folding once.
pub fn folded(text: &str) -> String {
    let lower = text.nfd().collect::<String>().to_lowercase();
    lower.nfd().filter(|letter| !is_combining_mark(*letter)).map(without_stroke).collect()
}

/// The form in which names are sorted: folded, with numbers by value, so that "Khu phố 2" stands before "Khu phố 10".
pub fn sort_key(text: &str) -> String {
    let folded = folded(text);
    let mut key = String::with_capacity(folded.len());
    let mut rest = folded.as_str();
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from_digits) = rest.split_at(start);
        let end = from_digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from_digits.len());
        let (digits, after) = from_digits.split_at(end);
        key.push_str(before);
        key.push_str(&format!("{digits:0>NUMBER_DIGITS$}"));
        rest = after;
    }
    key.push_str(rest);
    key
}

/// Digits to which a number inside a name is padded for sorting; longer numbers sort by their first digits.
const NUMBER_DIGITS: usize = 10;

/// The stroke of đ is part of the letter, not a mark, so decomposition leaves it.
fn without_stroke(letter: char) -> char {
    if letter == 'đ' { 'd' } else { letter }
}

/// Letters and signs as a reader counts them in Vietnamese: characters of the composed form.
///
/// Every Vietnamese letter with its marks is one, however it was typed.
pub fn length_chars(text: &str) -> u32 {
    u32::try_from(composed(text).chars().count()).unwrap_or(u32::MAX)
}

/// Why a text may not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TextRefused {
    /// Nothing but spaces where a name is needed.
    #[error("a text is needed here")]
    Blank,
    /// Longer than its place allows; counted by [`length_chars`].
    #[error("the text has {given} characters and may have {limit}")]
    TooLong {
        /// Characters given.
        given: u32,
        /// Characters allowed.
        limit: u32,
    },
    /// A control or direction character, which a reader cannot see and which can disguise a name.
    #[error("the text has a character that cannot be seen")]
    Invisible,
}

/// A name or label: one line, something in it, at most so many characters.
pub fn check_line(text: &str, chars_max: u32) -> Result<(), TextRefused> {
    if text.trim().is_empty() {
        return Err(TextRefused::Blank);
    }
    check_length(text, chars_max)?;
    if text.chars().any(is_invisible) { Err(TextRefused::Invisible) } else { Ok(()) }
}

/// Prose: any number of lines, possibly empty, at most so many characters.
pub fn check_prose(text: &str, chars_max: u32) -> Result<(), TextRefused> {
    check_length(text, chars_max)?;
    let is_refused = |letter: char| is_invisible(letter) && !matches!(letter, '\n' | '\r' | '\t');
    if text.chars().any(is_refused) { Err(TextRefused::Invisible) } else { Ok(()) }
}

fn check_length(text: &str, chars_max: u32) -> Result<(), TextRefused> {
    let given = length_chars(text);
    if given > chars_max { Err(TextRefused::TooLong { given, limit: chars_max }) } else { Ok(()) }
}

/// Control characters, line separators, and the marks that reverse reading direction.
fn is_invisible(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn search_ignores_tone_marks_and_the_stroke() {
        for (text, expected) in [
            ("Nguyễn Thị Đào", "nguyen thi dao"),
            ("ĐẢNG ỦY PHƯỜNG", "dang uy phuong"),
            ("ưỡn ẹo ƠỢ", "uon eo oo"),
            ("Khu phố 3", "khu pho 3"),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected);
        }
    }

    #[test]
    fn composed_and_decomposed_are_one_word() {
        let composed = "Phường Đống Đa";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(normalised(&decomposed), composed);
        assert_eq!(folded(&decomposed), folded(composed));
        assert_eq!(length_chars(&decomposed), 14);
    }

    #[test]
    fn numbers_in_names_sort_by_value() {
        assert!(sort_key("Khu phố 2") < sort_key("Khu phố 10"));
        assert!(sort_key("Tổ 2 khu 10") < sort_key("Tổ 10 khu 1"));
        assert!(sort_key("an") < sort_key("Ánh"));
    }

    #[test]
    fn a_line_is_visible_and_short_enough() {
        assert_eq!(check_line("Khu phố 1", 9), Ok(()));
        assert_eq!(check_line("Khu phố 1", 8), Err(TextRefused::TooLong { given: 9, limit: 8 }));
        assert_eq!(check_line(" \u{a0} ", 9), Err(TextRefused::Blank));
        assert_eq!(check_line("hai\ndòng", 9), Err(TextRefused::Invisible));
        assert_eq!(check_line("tên \u{202e}ngược", 20), Err(TextRefused::Invisible));
        assert_eq!(check_prose("hai\ndòng", 9), Ok(()));
        assert_eq!(check_prose("", 0), Ok(()));
        assert_eq!(check_prose("\u{0}", 9), Err(TextRefused::Invisible));
    }

    #[test]
    fn every_character_folds_to_something_folded() {
        for letter in char::MIN..=char::MAX {
            let once = folded(letter.encode_utf8(&mut [0; 4]));
            assert_eq!(folded(&once), once, "{letter:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }

        #[test]
        fn folding_does_not_see_how_a_text_was_composed(text in any::<String>()) {
            let (nfc, nfd) = (text.nfc().collect::<String>(), text.nfd().collect::<String>());
            prop_assert_eq!(folded(&nfc), folded(&nfd));
            prop_assert_eq!(folded(&text), folded(&nfc));
            prop_assert_eq!(length_chars(&nfc), length_chars(&nfd));
        }

        #[test]
        fn normalising_twice_is_normalising_once(text in any::<String>()) {
            prop_assert_eq!(normalised(&normalised(&text)), normalised(&text));
            prop_assert_eq!(normalised(&text), text.nfc().collect::<String>());
        }
    }
}
