//! What in a text may give somebody away: numbers, addresses, names that the office lists. Source: anonymity A13.

use model::text::folded;
use zeroize::Zeroizing;

use crate::views::ballot::Telling;

/// Digits in a row from which on a number is somebody's: a telephone, an identity card, a house.
const DIGITS: usize = 3;

/// Words of an address, folded.
const ADDRESS_WORDS: [&str; 9] = ["so nha", "ngo", "ngach", "hem", "kiet", "duong", "pho", "thon", "xom"];

/// What a text tells, each kind once. `names` are those of the directory.
pub(crate) fn tellings<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<Telling> {
    let folded_text = within_spaces(text);
    let mut found = Vec::new();
    if has_long_number(text) {
        found.push(Telling::Number);
    }
    if has_numbered(&folded_text) {
        found.push(Telling::Address);
    }
    if has_name(&folded_text, names) {
        found.push(Telling::Name);
    }
    found
}

/// Whether a text names one of them.
pub(crate) fn names_one<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> bool {
    has_name(&within_spaces(text), names)
}

/// One word alone is no name: too many are ordinary words too.
fn has_name<'a>(folded_text: &str, names: impl Iterator<Item = &'a str>) -> bool {
    names.map(words_of).any(|name| name.contains(' ') && folded_text.contains(&format!(" {name} ")))
}

/// A resident's words with a space before and after each; wiped.
fn within_spaces(text: &str) -> Zeroizing<String> {
    let words = Zeroizing::new(words_of(text));
    Zeroizing::new(format!(" {} ", words.as_str()))
}

/// Letters and digits alone, folded, with one space between words.
fn words_of(text: &str) -> String {
    let folded = Zeroizing::new(folded(text));
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Digits in a row, also with spaces, dots or dashes between them as people write numbers.
fn has_long_number(text: &str) -> bool {
    let mut run = 0;
    text.chars().any(|letter| {
        run = match letter {
            '0'..='9' => run + 1,
            ' ' | '.' | '-' => run,
            _ => 0,
        };
        run >= DIGITS
    })
}

/// A word of an address with a number right behind it.
fn has_numbered(folded_text: &str) -> bool {
    ADDRESS_WORDS.iter().any(|word| {
        let marked = format!(" {word} ");
        folded_text.match_indices(&marked).any(|(at, _)| {
            let rest = &folded_text[at + marked.len()..];
            rest.starts_with(|letter: char| letter.is_ascii_digit()) || *word == "so nha"
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_somebody_away_is_told_and_ordinary_words_are_not() {
        let names = ["Nguyễn Văn An", "Lan"];
        for (text, expected) in [
            ("Đèn đường hỏng đã lâu", vec![]),
            ("Họp tổ đúng giờ, 2 lần một năm", vec![]),
            ("Gọi tôi theo số 0912 345 678", vec![Telling::Number]),
            ("0912.345.678", vec![Telling::Number]),
            ("Nước ngập ở ngõ 12", vec![Telling::Address]),
            ("Nhà ở hẻm 5", vec![Telling::Address]),
            ("số nhà bị ghi sai", vec![Telling::Address]),
            ("Ông nguyen van an không tiếp dân", vec![Telling::Name]),
            ("Hoa lan nở đẹp", vec![]),
            ("Ông NGUYỄN VĂN AN ở số nhà 123", vec![Telling::Number, Telling::Address, Telling::Name]),
        ] {
            assert_eq!(tellings(text, names.into_iter()), expected, "{text}");
        }
    }
}
