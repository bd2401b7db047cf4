//! Forms: what is asked, of whom, when, and under which rules.
//!
//! A [`FormTemplate`] is plain data, written by the office and read by every phone. [`FormTemplate::check`] decides
//! whether it may be published; [`FormTemplate::check_received`] opens one that somebody else published. Both give a
//! [`checked::CheckedForm`], the only thing that a form is filled with. A draft is pinned to the exact template it was
//! begun with ([`pin::FormPin`]), so a new version never changes a draft.
//!
//! # Newer templates on older phones
//!
//! Phones live for years. A template of a newer version is read as follows, and written back unchanged:
//!
//! - A field that this version does not know is kept in `later` and changes nothing. So a newer version may add a field
//!   only when a phone that ignores it still asks the right question; anything else must come as a new kind.
//! - A kind that this version does not know, and a known kind with a field that it does not know, is
//!   [`kind::QuestionKind::Unknown`]. Such a question is shown as "needs a newer app", takes no answer, is blank in
//!   expressions, and when it is required it keeps this phone from submitting. All other questions work.
//! - A requirement or an expression that this version cannot read blocks its question in the same way.
//! - Numbers in the JSON are whole; an exact fraction is a text (`"0.5"`). A fraction anywhere refuses the template.
//!
//! This module never fills a form: answers are [`crate::answer`], what is missing is [`crate::completion`].

pub mod built_in;
pub(crate) mod check;
pub mod checked;
mod compile;
pub mod json;
pub mod kind;
pub mod later;
mod order;
pub mod pin;
pub mod refusal;
#[cfg(test)]
pub(crate) mod samples;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use kind::QuestionKind;
use later::{LaterFields, LaterValue};

/// The most sections of a form.
pub const SECTIONS_MAX: usize = 60;
/// The most questions of a form: the WHO verbal autopsy form, the largest in wide use, has 485.
pub const QUESTIONS_MAX: usize = 500;
/// The most options of one question: the wards and communes of a large province.
pub const OPTIONS_MAX: usize = 300;
/// The longest label or hint, in characters.
pub const LABEL_CHARS_MAX: u32 = 2_000;
/// The longest title of a form or a section, legal reference or message, in characters.
pub const TITLE_CHARS_MAX: u32 = 300;
/// The longest short text, in characters. Source: field types of the domain specification, 4.5.
pub const SHORT_TEXT_CHARS_MAX: u32 = 200;
/// The longest long text, in characters. Source: field types of the domain specification, 4.5.
pub const LONG_TEXT_CHARS_MAX: u32 = 4_000;
/// The most digits after the point of a number.
pub const DECIMALS_MAX: u8 = 10;
/// The highest score of one question, in hundredths of a point. Source: domain specification, 4.1.
pub const SCORE_HUNDREDTHS_MAX: u32 = 10_000;
/// The columns of a task table that expressions may read, each a number per line.
///
/// `coefficient` is in points (150 hundredths read as 1.5), the others are counts. Source: `TaskLine`, domain 4.2.
pub const TASK_COLUMNS: &[&str] = &["coefficient", "assigned", "done", "exceeded", "quality_fail", "late"];

/// One form in one version. Plain data: nothing in it is known to be right before [`FormTemplate::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct FormTemplate {
    /// The name that all versions share: `[A-Z][A-Z0-9-]{0,29}`, for example `SA-335`.
    pub code: String,
    /// Counts from 1; a published version never changes.
    pub version: u32,
    /// What people call the form, 1 to [`TITLE_CHARS_MAX`] characters.
    pub title_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title_en: String,
    /// The text that the form follows, for example a decree with its number and date; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub legal_reference: String,
    /// In the order of the paper form; at most [`SECTIONS_MAX`].
    pub sections: Vec<Section>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub later: LaterFields,
}

/// A group of questions under one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Section {
    /// `[a-z][a-z0-9_]{0,39}`, unique among the sections.
    pub key: String,
    /// The heading, 1 to [`TITLE_CHARS_MAX`] characters.
    pub title_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title_en: String,
    /// An expression; the section is hidden unless it holds. Absent: always shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<String>,
    /// Only people who hold a leading post are asked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub for_leader_only: bool,
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub later: LaterFields,
}

/// One question, or a note between questions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Question {
    /// `[a-z][a-z0-9_]{0,39}`, unique in the form; answers and expressions name it.
    pub key: String,
    /// What is asked, 1 to [`LABEL_CHARS_MAX`] characters.
    pub label_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_en: String,
    /// A sentence of help; may be empty, at most [`LABEL_CHARS_MAX`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint_en: String,
    /// What an answer looks like.
    pub kind: QuestionKind,
    /// Whether the form may be submitted without an answer.
    #[serde(default, skip_serializing_if = "Requirement::is_never")]
    pub required: Requirement,
    /// An expression; the question is hidden unless it holds. Absent: always shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<String>,
    /// A rule about the answer beyond its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_if: Option<Validity>,
    /// The expression whose value is shown; present exactly for [`QuestionKind::Calculated`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculated: Option<String>,
    /// Only people who hold a leading post are asked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub for_leader_only: bool,
    /// The answer is about a person's private matters: screens hide it from onlookers, lists never show it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub later: LaterFields,
}

/// Whether a question that is shown must be answered before the form is submitted.
///
/// In JSON `"always"`, `"never"` (or absent), or `{"when": {"condition": "${tasks_late} > 0"}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum Requirement {
    /// It must.
    Always,
    /// It need not.
    #[default]
    Never,
    /// It must when the condition holds.
    When {
        /// An expression.
        condition: String,
    },
    /// A requirement of a newer version. It blocks its question.
    #[serde(skip)]
    Unknown {
        /// What the newer version wrote.
        body: LaterValue,
    },
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown { body } => Serialize::serialize(body, out),
            Self::Always | Self::Never | Self::When { .. } => Self::serialize(self, out),
        }
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let body = <LaterValue as Deserialize>::deserialize(input)?;
        Ok(Self::deserialize(body.json()).unwrap_or(Self::Unknown { body }))
    }
}

impl Requirement {
    fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

/// A rule about one answer, with what to say when it is broken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Validity {
    /// An expression in which `.` is the answer. False refuses the answer; blank accepts it.
    pub condition: String,
    /// One sentence for the person, 1 to [`TITLE_CHARS_MAX`] characters.
    pub message_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message_en: String,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub later: LaterFields,
}

impl FormTemplate {
    /// All questions in the order of the form, each with the section it stands in.
    pub fn questions(&self) -> impl Iterator<Item = (&Section, &Question)> {
        self.sections.iter().flat_map(|section| section.questions.iter().map(move |question| (section, question)))
    }

    /// The question of that key.
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions().map(|(_, question)| question).find(|question| question.key == key)
    }
}

impl Question {
    /// Whether its kind or its requirement is unknown to this version.
    pub fn is_of_a_newer_version(&self) -> bool {
        matches!(self.kind, QuestionKind::Unknown { .. }) || matches!(self.required, Requirement::Unknown { .. })
    }
}

/// Serde asks for a function on a reference.
fn is_false(flag: &bool) -> bool {
    !flag
}
