//! The kinds of question, and what the answer to each may be.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TASK_COLUMNS;
use super::later::LaterValue;
use crate::expression::check::Declared;
use crate::expression::value::ValueType;

/// What is asked for, with the limits of an answer. Wire names never change; see [`super`] for newer kinds.
///
/// Source: field types of the domain specification, 4.5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum QuestionKind {
    /// One line of text.
    ShortText {
        /// Characters after NFC, 1 to [`super::SHORT_TEXT_CHARS_MAX`].
        length_max: u32,
    },
    /// Text of several lines.
    LongText {
        /// Characters after NFC, 1 to [`super::LONG_TEXT_CHARS_MAX`].
        length_max: u32,
    },
    /// An exact number.
    Number {
        /// The smallest number, as a decimal text; absent: no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        /// The largest number, as a decimal text; absent: no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
        /// Digits after the point, 0 to [`super::DECIMALS_MAX`].
        decimals: u8,
    },
    /// One of several options.
    Choice {
        /// In the order of the paper form, 1 to [`super::OPTIONS_MAX`].
        options: Vec<ChoiceOption>,
    },
    /// Some of several options.
    MultiChoice {
        /// In the order of the paper form, 1 to [`super::OPTIONS_MAX`].
        options: Vec<ChoiceOption>,
        /// How many may be chosen, 1 to the number of options.
        chosen_max: u32,
    },
    /// A level from 1, the lowest, to 5.
    Likert5,
    /// A level from 1, the lowest, to 3.
    Likert3,
    /// Points. Zero points are an answer; no answer is another thing.
    Score {
        /// The most points, in hundredths, 1 to [`super::SCORE_HUNDREDTHS_MAX`].
        max_hundredths: u32,
        /// Points are a multiple of it, in hundredths; it divides `max_hundredths`.
        step_hundredths: u32,
    },
    /// Yes, no, or "does not apply".
    #[serde(rename = "yes_no_na")]
    YesNoNotApplicable,
    /// Two whole numbers, of which the second is not zero.
    Ratio,
    /// A day.
    Date,
    /// The table of tasks; its lines are kept beside the answers.
    TaskTable,
    /// "I have read this and vouch for it."
    #[serde(rename = "signature_ack")]
    Acknowledgement,
    /// A label without a question.
    #[default]
    Note,
    /// A value computed from other answers.
    Calculated,
    /// A kind of a newer version. It blocks its question, and only its question.
    #[serde(skip)]
    Unknown {
        /// What the newer version wrote.
        body: LaterValue,
    },
}

/// One option of a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// `[A-Za-z0-9_.-]{1,40}`, unique in its question; answers and expressions name it.
    pub key: String,
    /// What is shown, 1 to [`super::LABEL_CHARS_MAX`] characters.
    pub label_vi: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_en: String,
}

/// The keys of [`QuestionKind::YesNoNotApplicable`] in expressions.
pub const YES_NO_KEYS: [&str; 3] = ["yes", "no", "not_applicable"];

impl QuestionKind {
    /// The wire name.
    pub fn name(&self) -> &str {
        match self {
            Self::ShortText { .. } => "short_text",
            Self::LongText { .. } => "long_text",
            Self::Number { .. } => "number",
            Self::Choice { .. } => "choice",
            Self::MultiChoice { .. } => "multi_choice",
            Self::Likert5 => "likert5",
            Self::Likert3 => "likert3",
            Self::Score { .. } => "score",
            Self::YesNoNotApplicable => "yes_no_na",
            Self::Ratio => "ratio",
            Self::Date => "date",
            Self::TaskTable => "task_table",
            Self::Acknowledgement => "signature_ack",
            Self::Note => "note",
            Self::Calculated => "calculated",
            Self::Unknown { body } => body.name(),
        }
    }

    /// Whether a person answers it: everything but notes and calculated values.
    pub fn is_answered_by_a_person(&self) -> bool {
        match self {
            Self::Note | Self::Calculated => false,
            Self::ShortText { .. } | Self::LongText { .. } | Self::Number { .. } | Self::Choice { .. } => true,
            Self::MultiChoice { .. } | Self::Likert5 | Self::Likert3 | Self::Score { .. } => true,
            Self::YesNoNotApplicable | Self::Ratio | Self::Date | Self::TaskTable => true,
            Self::Acknowledgement | Self::Unknown { .. } => true,
        }
    }

    /// What expressions may do with the answer; a calculated value is declared by its expression.
    pub(super) fn declared(&self) -> Declared {
        let keys = |options: &[ChoiceOption]| options.iter().map(|option| option.key.clone()).collect();
        match self {
            Self::ShortText { .. } | Self::LongText { .. } => Declared::Value(ValueType::Text),
            Self::Number { .. } | Self::Likert5 | Self::Likert3 => Declared::Value(ValueType::Number),
            Self::Score { .. } => Declared::Value(ValueType::Number),
            Self::Choice { options } => Declared::OneOf(keys(options)),
            Self::MultiChoice { options, .. } => Declared::SomeOf(keys(options)),
            Self::YesNoNotApplicable => Declared::OneOf(YES_NO_KEYS.map(str::to_owned).to_vec()),
            Self::Ratio => Declared::Ratio,
            Self::Date => Declared::Value(ValueType::Day),
            Self::TaskTable => Declared::Table(TASK_COLUMNS),
            Self::Acknowledgement => Declared::Value(ValueType::Flag),
            Self::Note => Declared::Nothing,
            Self::Calculated | Self::Unknown { .. } => Declared::Unknown,
        }
    }
}

impl Serialize for QuestionKind {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown { body } => Serialize::serialize(body, out),
            _ => Self::serialize(self, out),
        }
    }
}

impl<'de> Deserialize<'de> for QuestionKind {
    /// What this version cannot read is [`QuestionKind::Unknown`], also a known name with an unknown field: a limit that
    /// we overlook would let a person give an answer that the office must refuse.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let body = <LaterValue as Deserialize>::deserialize(input)?;
        Ok(Self::deserialize(body.json()).unwrap_or(Self::Unknown { body }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::every_kind;
    use super::*;

    #[test]
    fn the_wire_name_of_a_kind_is_its_name() {
        for kind in every_kind() {
            let text = serde_json::to_string(&kind).unwrap();
            assert!(text.contains(&format!("\"{}\"", kind.name())), "{text}");
            assert_eq!(serde_json::from_str::<QuestionKind>(&text).unwrap(), kind);
        }
    }

    #[test]
    fn wire_names_are_those_of_the_first_release() {
        let names: Vec<_> = every_kind().iter().map(|kind| kind.name().to_owned()).collect();
        let released = "short_text long_text number choice multi_choice likert5 likert3 score yes_no_na ratio date \
            task_table signature_ack note calculated";
        assert_eq!(names.join(" "), released);
    }
}
