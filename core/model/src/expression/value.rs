//! What an answer or a part of an expression is worth, and the types that a template is checked with.

use rust_decimal::Decimal;

use crate::text::normalised;
use crate::time::Day;

/// A value, or [`Value::Blank`] when there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No answer, a hidden question, or a computation that has no result.
    Blank,
    /// Never empty: an empty text is [`Value::Blank`]. The key of a chosen option is a text too.
    Text(String),
    /// Exact, at most 28 digits.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A day of the calendar.
    Day(Day),
    /// The keys of the chosen options, in the order of the template.
    Keys(Vec<String>),
    /// One column of a table, a number per line.
    Column(Vec<Decimal>),
}

impl Value {
    /// A text in normal form NFC; an empty one is blank.
    pub fn text(text: &str) -> Self {
        let text = normalised(text);
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    /// As a person would read it; blank is empty, keys stand apart by one space as in XForms.
    pub fn printed(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.normalize().to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Keys(keys) => keys.join(" "),
            Self::Column(numbers) => {
                numbers.iter().map(|number| number.normalize().to_string()).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Whether this is a flag and holds. A blank condition does not hold.
    pub fn holds(&self) -> bool {
        *self == Self::Flag(true)
    }
}

/// The type of a part of an expression, known before anybody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ValueType {
    /// The literal `''`, or a question of a kind that this version does not know: fits everywhere, is always blank.
    Anything,
    /// A text.
    Text,
    /// An exact number.
    Number,
    /// Yes or no.
    Flag,
    /// A day of the calendar.
    Day,
    /// The key of one option.
    Choice,
    /// The keys of several options.
    Choices,
    /// A column of a table, a number per line.
    Column,
}

impl ValueType {
    /// The one type that holds values of both, if there is one.
    pub(crate) fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (same, other) if same == other => Some(same),
            (Self::Anything, other) | (other, Self::Anything) => Some(other),
            (Self::Text, Self::Choice) | (Self::Choice, Self::Text) => Some(Self::Text),
            _ => None,
        }
    }

    /// Whether one value of it can be printed as a text.
    pub(crate) fn is_single(self) -> bool {
        !matches!(self, Self::Choices | Self::Column)
    }
}

/// Reads `-12.50`: an optional minus, digits, and digits after one point; at most 28 digits in all.
///
/// No exponent, no plus, no comma, no spaces: there is one spelling, so that two phones cannot read it differently.
pub fn decimal_from_text(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_readable = is_digits(whole) && is_digits(fraction) && digits.len() <= DECIMAL_DIGITS_MAX + 1;
    let number = if is_readable { Decimal::from_str_exact(text).ok()? } else { return None };
    Some(if number.is_zero() { Decimal::ZERO } else { number.normalize() })
}

/// The digits that every 96-bit decimal can hold exactly.
const DECIMAL_DIGITS_MAX: usize = 28;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_one_spelling() {
        assert_eq!(decimal_from_text("-12.50"), Some(Decimal::new(-125, 1)));
        assert_eq!(decimal_from_text("-0").map(|zero| zero.to_string()), Some("0".to_owned()));
        for refused in ["", "-", ".", "1.", ".5", "+1", "1e3", "1,5", " 1", "1_000", "٣", "1.2.3", &"9".repeat(40)] {
            assert_eq!(decimal_from_text(refused), None, "{refused}");
        }
    }

    #[test]
    fn an_empty_text_is_blank() {
        assert_eq!(Value::text(""), Value::Blank);
        assert!(!Value::Blank.holds());
    }
}
