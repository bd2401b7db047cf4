//! The parts an expression is made of. Nothing here parses, checks or computes.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;

/// One part of an expression, with the parts it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A literal, never negative: `-1` is [`Node::Negate`] of `1`.
    Number(Decimal),
    /// A literal in normal form NFC. The empty text is the literal for "no answer".
    Text(String),
    /// `true()` or `false()`.
    Flag(bool),
    /// `.`, the answer whose rule this is.
    Itself,
    /// `${key}` or `${key/part}`.
    Reference(Reference),
    /// `-x`.
    Negate(Box<Node>),
    /// `a and b and c`: two or more parts, the first of which is not itself an `All`.
    All(Vec<Node>),
    /// `a or b or c`: two or more parts, the first of which is not itself an `Any`.
    Any(Vec<Node>),
    /// Two parts and what stands between them.
    Pair { operator: Operator, left: Box<Node>, right: Box<Node> },
    /// `function(arguments)`.
    Call { function: Function, arguments: Vec<Node> },
}

impl Node {
    /// Whether this part is the literal `''`, which asks for the presence of an answer when it is compared.
    pub(super) fn is_empty_text(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// The parts directly below this one.
    pub(super) fn parts(&self) -> Vec<&Node> {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Flag(_) | Self::Itself | Self::Reference(_) => Vec::new(),
            Self::Negate(inner) => vec![inner],
            Self::All(parts) | Self::Any(parts) | Self::Call { arguments: parts, .. } => parts.iter().collect(),
            Self::Pair { left, right, .. } => vec![left, right],
        }
    }
}

/// The name of another answer: the key of a question, or a key and a part of it (`tasks/done`, `share/numerator`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    path: String,
}

impl Reference {
    /// Reads `key` or `key/part`, both of lower-case letters, digits and `_`, starting with a letter.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut words = path.split('/');
        let is_readable = words.clone().count() <= 2 && words.all(is_word);
        is_readable.then(|| Self { path: path.to_owned() })
    }

    /// The whole path, as values are filed under it.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The key of the question.
    pub(super) fn key(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    /// The part of the answer, when one is named.
    pub(super) fn part(&self) -> Option<&str> {
        self.path.split_once('/').map(|(_, part)| part)
    }
}

/// Whether a text is a key: `[a-z][a-z0-9_]{0,39}`.
pub(crate) fn is_word(text: &str) -> bool {
    let starts_with_letter = text.starts_with(|first: char| first.is_ascii_lowercase());
    let is_spelled_plainly = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    starts_with_letter && is_spelled_plainly && text.len() <= super::KEY_BYTES_MAX
}

/// What stands between two parts; `and` and `or` are [`Node::All`] and [`Node::Any`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// As it is written between two spaces.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "div",
            Self::Remainder => "mod",
        }
    }

    /// How tightly it binds: a larger number binds tighter. Source: XPath 1.0 section 3.5.
    pub(super) const fn strength(self) -> u8 {
        match self {
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Remainder => 6,
        }
    }
}

/// How tightly `or` binds.
pub(super) const STRENGTH_OF_OR: u8 = 1;
/// How tightly `and` binds.
pub(super) const STRENGTH_OF_AND: u8 = 2;
/// How tightly the sign before a part binds.
pub(super) const STRENGTH_OF_SIGN: u8 = 7;

/// The functions of the language; each is described in the table of [`crate::expression`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Not,
    If,
    Selected,
    CountSelected,
    StringLength,
    Regex,
    Today,
    Date,
    Coalesce,
    Concat,
    Text,
    Number,
    Round,
    Int,
    Absolute,
    Sum,
    Min,
    Max,
    Count,
}

impl Function {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Self; 19] = [
        Self::Not,
        Self::If,
        Self::Selected,
        Self::CountSelected,
        Self::StringLength,
        Self::Regex,
        Self::Today,
        Self::Date,
        Self::Coalesce,
        Self::Concat,
        Self::Text,
        Self::Number,
        Self::Round,
        Self::Int,
        Self::Absolute,
        Self::Sum,
        Self::Min,
        Self::Max,
        Self::Count,
    ];

    /// The function of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// As it is written. Source: the function names of the ODK XForms specification.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::If => "if",
            Self::Selected => "selected",
            Self::CountSelected => "count-selected",
            Self::StringLength => "string-length",
            Self::Regex => "regex",
            Self::Today => "today",
            Self::Date => "date",
            Self::Coalesce => "coalesce",
            Self::Concat => "concat",
            Self::Text => "string",
            Self::Number => "number",
            Self::Round => "round",
            Self::Int => "int",
            Self::Absolute => "abs",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
        }
    }

    /// How many arguments it takes; functions of any number of arguments are held by `PARTS_MAX`.
    pub(super) const fn argument_counts(self) -> RangeInclusive<usize> {
        match self {
            Self::Today => 0..=0,
            Self::Not | Self::CountSelected | Self::StringLength | Self::Date => 1..=1,
            Self::Text | Self::Number | Self::Int | Self::Absolute | Self::Count => 1..=1,
            Self::Round => 1..=2,
            Self::Selected | Self::Regex => 2..=2,
            Self::If => 3..=3,
            Self::Coalesce => 2..=super::PARTS_MAX,
            Self::Concat | Self::Sum | Self::Min | Self::Max => 1..=super::PARTS_MAX,
        }
    }
}
