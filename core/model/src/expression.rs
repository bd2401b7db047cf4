//! The language of "shown if", "required if", "calculated" and "valid if".
//!
//! An expression is written as in an XLSForm: `${self_rating} = 'hoan_thanh' and string-length(.) >= 20`. It is parsed
//! ([`Expression::parse`]), checked once against the questions of its template ([`check`]), and evaluated as often as a
//! screen likes ([`evaluate`]). The language is total: no expression panics, loops, overflows or reads the clock; depth,
//! size, steps, texts and patterns have the limits below. `expression/properties.rs` proves it on arbitrary input.
//!
//! # Types
//!
//! Text, number (exact, 28 digits, no float), flag, day, choice (one key), choices (several keys), column (of a table).
//! `${key}` is the answer to a question; `${tasks/done}` a column of a task table, only inside `sum`, `min`, `max`,
//! `count`; `${share/numerator}` and `${share/denominator}` the halves of a ratio; `.` the answer itself, only in
//! "valid if". A choice compares with a text, and, when its keys are numbers, with a number.
//!
//! # Blank
//!
//! No answer, a hidden question, an answer in conflict and a failed computation are all *blank*.
//!
//! | expression | is |
//! |---|---|
//! | `x = ''`, `x != ''` | whether x has no answer, has one; the only comparisons that see blank |
//! | any other comparison with a blank side | false, also `!=`; so `not(x = 'a')` holds while x is unanswered |
//! | `+ - * div mod`, `-x`, `round`, `int`, `abs`, `number`, `date`, `string` of blank | blank |
//! | division by zero, overflow, a text over 16 KiB, more than `STEPS_MAX` steps | blank |
//! | `and`, `or`, `not` | three-valued (Kleene): `false and blank` is false, `true or blank` is true, else blank |
//! | `if(blank, a, b)` | blank |
//! | `selected`, `regex` of blank | false |
//! | `string-length`, `count-selected` of blank | 0 |
//! | `concat` | skips blank |
//! | `coalesce(a, b, …)` | the first that is not blank |
//! | `sum`, `min`, `max` | skip blank; `sum` of nothing is 0, `min` and `max` of nothing are blank |
//! | a condition that is blank in the end | shown if: hidden; required if: not required; valid if: accepted |
//!
//! # Functions
//!
//! | function | gives |
//! |---|---|
//! | `not(flag)`, `if(flag, a, b)`, `true()`, `false()` | |
//! | `selected(question, 'key')`, `count-selected(question)` | whether an option is chosen, how many are |
//! | `string-length(x)` | characters, not bytes |
//! | `regex(x, 'pattern')` | whether the *whole* text matches; the pattern is a literal, without look-around |
//! | `today()`, `date('2026-01-31')` | days; `day - day` is a number of days, `day + 7` and `day - 7` are days |
//! | `coalesce(a, b, …)`, `concat(a, b, …)`, `string(x)`, `number(x)` | |
//! | `round(x)`, `round(x, places)` | halves go away from zero; places 0 to 10 |
//! | `int(x)`, `abs(x)` | cut towards zero, without sign |
//! | `sum(…)`, `min(…)`, `max(…)`, `count(column)` | over columns and numbers; `count` counts lines |
//!
//! Source: XLSForm and the ODK XForms specification for spelling and strengths; blank, exactness and limits are ours.

pub mod check;
pub mod evaluate;
mod operate;
mod parse;
pub mod pattern;
mod print;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tables;
mod token;
pub(crate) mod tree;
pub mod value;

use std::collections::BTreeSet;

use tree::Node;
use value::ValueType;

/// The longest expression, in bytes: room for forty conditions of a hundred bytes each.
pub const EXPRESSION_BYTES_MAX: usize = 4_000;
/// The most parts (literals, names, operators, calls) of one expression.
pub const PARTS_MAX: usize = 400;
/// The deepest nesting of parts. A chain of `and` or of `or` counts once, however long.
pub const DEPTH_MAX: usize = 32;
/// The most steps of one evaluation: a part, a line of a column and each 256 bytes of text are a step.
pub const STEPS_MAX: u32 = 5_000;
/// The longest text an evaluation makes, in bytes: four times the longest answer.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// The longest key of a question, a section or a part, in bytes.
pub const KEY_BYTES_MAX: usize = 40;

/// The deepest recursion while reading: printing brackets every part at most once, and each bracket is one level more.
const NESTING_MAX: usize = 2 * DEPTH_MAX + 1;

/// A parsed expression: its grammar is right, its names and types are not yet looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    tree: Node,
}

impl Expression {
    /// Reads an expression. Refuses what is not the grammar, or over a limit, and names the place.
    pub fn parse(text: &str) -> Result<Self, ExpressionRefused> {
        parse::parse(text).map(|tree| Self { tree })
    }

    /// The keys of the questions that it names, each once; `.` names none.
    pub fn questions(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        let mut waiting = vec![&self.tree];
        while let Some(node) = waiting.pop() {
            if let Node::Reference(reference) = node {
                keys.insert(reference.key().to_owned());
            }
            waiting.extend(node.parts());
        }
        keys
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        print::print(&self.tree, out)
    }
}

/// Why an expression is not accepted. Positions are characters, counted from one.
///
/// `part` is the part of the expression that is wrong, as it would be printed. No answer of a person is ever in here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[expect(missing_docs, reason = "the sentence above a variant says what its facts are")]
pub enum ExpressionRefused {
    /// Longer than [`EXPRESSION_BYTES_MAX`].
    #[error("the expression has {given} bytes, more than {limit}")]
    TooLong { given: u64, limit: u64 },
    /// More parts than [`PARTS_MAX`].
    #[error("the expression has more than {limit} parts")]
    TooManyParts { limit: u64 },
    /// Deeper than [`DEPTH_MAX`].
    #[error("the expression is more than {limit} deep")]
    TooDeep { limit: u64 },
    /// A character that no word or sign starts with.
    #[error("unexpected character at {position}")]
    UnexpectedCharacter { position: u32 },
    /// A word or sign that cannot stand here.
    #[error("unexpected word or sign at {position}")]
    Unexpected { position: u32 },
    /// The expression ends too early.
    #[error("the expression ends too early")]
    UnexpectedEnd,
    /// A quote that is not closed.
    #[error("the text that starts at {position} has no end")]
    UnclosedText { position: u32 },
    /// A number of more than 28 digits, or with two points.
    #[error("the number at {position} cannot be read")]
    BadNumber { position: u32 },
    /// `${…}` around something that is not a key, or a key and a part.
    #[error("the name at {position} cannot be read")]
    BadReference { position: u32 },
    /// A function that this version does not know.
    #[error("unknown function {function} at {position}")]
    UnknownFunction { function: String, position: u32 },
    /// A function with too few or too many arguments.
    #[error("{function} does not take {given} arguments")]
    WrongArgumentCount { function: String, given: u64 },
    /// A question that the template does not have.
    #[error("there is no question {question}")]
    UnknownQuestion { question: String },
    /// A part that this question does not have, as in `${tasks/colour}`.
    #[error("there is no {part}")]
    UnknownPart { part: String },
    /// A question without a value of its own: a note, a whole table, a whole ratio.
    #[error("{question} has no value")]
    NoValue { question: String },
    /// A text compared with a choice of which it is not an option.
    #[error("{question} has no option {option}")]
    UnknownOption { question: String, option: String },
    /// A part of one type where another is needed.
    #[error("{part} is {found:?}, not {expected:?}")]
    WrongType { part: String, expected: ValueType, found: ValueType },
    /// Two parts that cannot be compared, or between which `if` and `coalesce` cannot choose.
    #[error("{left:?} and {right:?} do not go together in {part}")]
    Incompatible { part: String, left: ValueType, right: ValueType },
    /// `.` outside of "valid if".
    #[error("only a rule about the answer itself may say .")]
    ItselfMisplaced,
    /// A column of a table outside of `sum`, `min`, `max` and `count`.
    #[error("{part} is a column; use sum, min, max or count")]
    ColumnMisplaced { part: String },
    /// An argument that must be a literal: a pattern.
    #[error("{part} must be a text in quotes")]
    LiteralNeeded { part: String },
    /// A pattern that is not a regular expression, or is larger than its limits.
    #[error("the pattern {pattern} cannot be used")]
    BadPattern { pattern: String },
    /// More different patterns in one template than [`pattern::PATTERNS_MAX`].
    #[error("the template has more than {limit} patterns")]
    TooManyPatterns { limit: u64 },
    /// A day in quotes that no calendar has.
    #[error("there is no day {day}")]
    BadDay { day: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_knows_the_questions_it_names() {
        let expression = Expression::parse("if(${a} = 1, sum(${t/x}, ${t/y}), . + ${b})").unwrap();
        assert_eq!(expression.questions().into_iter().collect::<Vec<_>>(), ["a", "b", "t"]);
    }
}
