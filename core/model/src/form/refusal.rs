//! Why a template may not be published or opened. The office reads this; each variant is one thing to repair.

use crate::expression::ExpressionRefused;

/// A reason to refuse a template. `key` is that of a question or a section; `place` is a key and a field of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[expect(missing_docs, reason = "the sentence above a variant says what its facts are")]
pub enum TemplateRefused {
    /// More bytes than [`super::json::TEMPLATE_BYTES_MAX`].
    #[error("the template has {given} bytes, more than {limit}")]
    TooLarge { given: u64, limit: u64 },
    /// Not JSON, a field is missing or of the wrong type, or a number has a fraction.
    #[error("the template cannot be read at line {line}, column {column}")]
    NotReadable { line: u32, column: u32 },
    /// The code is not `[A-Z][A-Z0-9-]{0,29}`.
    #[error("the code is not capital letters, digits and -")]
    BadCode,
    /// Versions count from 1.
    #[error("versions count from 1")]
    BadVersion,
    /// More sections than [`super::SECTIONS_MAX`].
    #[error("the form has {given} sections, more than {limit}")]
    TooManySections { given: u64, limit: u64 },
    /// No question at all.
    #[error("the form has no question")]
    NoQuestions,
    /// More questions than [`super::QUESTIONS_MAX`].
    #[error("the form has {given} questions, more than {limit}")]
    TooManyQuestions { given: u64, limit: u64 },
    /// A key that is not `[a-z][a-z0-9_]{0,39}`.
    #[error("{key} is not a key")]
    BadKey { key: String },
    /// Two sections, or two questions, of one key.
    #[error("{key} is there twice")]
    RepeatedKey { key: String },
    /// A title, label or message that must not be empty.
    #[error("{place} is empty")]
    TextMissing { place: String },
    /// A text over its limit, in characters.
    #[error("{place} has {given} characters, more than {limit}")]
    TextTooLong { place: String, given: u64, limit: u64 },
    /// A control character, or one that reverses the direction of writing.
    #[error("{place} holds a character that does not print")]
    ForbiddenCharacter { place: String },
    /// A choice without options.
    #[error("{key} has no options")]
    NoOptions { key: String },
    /// More options than [`super::OPTIONS_MAX`].
    #[error("{key} has {given} options, more than {limit}")]
    TooManyOptions { key: String, given: u64, limit: u64 },
    /// An option key that is not `[A-Za-z0-9_.-]{1,40}`.
    #[error("{option} of {key} is not a key of an option")]
    BadOption { key: String, option: String },
    /// Two options of one key.
    #[error("{option} of {key} is there twice")]
    RepeatedOption { key: String, option: String },
    /// Limits that no answer can keep, or that are over what the kind allows.
    #[error("the limits of {key} cannot be kept")]
    BadLimits { key: String },
    /// A kind or a requirement that this version does not know; an office publishes only what it understands.
    #[error("{key}, a {kind}, is of a newer version")]
    NewerVersion { key: String, kind: String },
    /// A calculated question without its expression.
    #[error("{key} has nothing to calculate")]
    CalculationMissing { key: String },
    /// A rule that means nothing for this kind: a note that is required, a choice that is calculated.
    #[error("{rule:?} does not go with the kind of {key}")]
    RuleMisplaced { key: String, rule: Rule },
    /// An expression that is wrong.
    #[error("{rule:?} of {key}: {source}")]
    BadExpression { key: String, rule: Rule, source: ExpressionRefused },
    /// Questions whose values or visibility depend on each other in a circle, in the order of the circle.
    #[error("these questions depend on each other: {keys:?}")]
    Circle { keys: Vec<String> },
}

/// Which expression of a question or a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Rule {
    /// `shown_if`.
    ShownIf,
    /// The condition of [`super::Requirement::When`], or the requirement itself.
    Required,
    /// The condition of [`super::Validity`].
    ValidIf,
    /// `calculated`.
    Calculated,
}
