//! Answers, and every rule about one answer.
//!
//! An [`Answer`] is what a person typed or tapped, or what another phone sent: nothing about it is known. After
//! [`Answer::check`] it is a [`CheckedAnswer`], and no later hop asks again. Rules that look at other answers (shown if,
//! required, valid if) are in [`crate::completion`].
//!
//! "No answer" is no value of this type: a question without an answer has no entry. This module never reads the clock.

mod text;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::expression::value::decimal_from_text;
use crate::form::Question;
use crate::form::kind::{ChoiceOption, QuestionKind};
use crate::time::Day;

/// The first and the last year of a day that a person may give as an answer: a typing mistake is outside of it.
pub const ANSWER_YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// What a person answers. Wire names never change; a kind of a newer version does not parse, and its bytes stay with
/// the document that holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// To a short or a long text.
    Text {
        /// As typed; [`Answer::check`] brings it to normal form NFC.
        text: String,
    },
    /// To a number.
    Number {
        /// Exact: `-12.5`, with a point, without plus, exponent or spaces; at most 28 digits.
        decimal: String,
    },
    /// To a choice.
    Choice {
        /// The key of the option.
        option: String,
    },
    /// To a choice of several. Choosing nothing is no answer.
    Options {
        /// The keys of the options, in any order.
        options: Vec<String>,
    },
    /// To a Likert scale.
    Level {
        /// 1, the lowest, to 3 or 5.
        level: u8,
    },
    /// The points a cadre gives. Zero points are a real score and differ from no answer.
    Score {
        /// Hundredths of a point, 0 to 10 000.
        points_hundredths: u32,
    },
    /// To a question of yes, no or "does not apply".
    YesNoNotApplicable {
        /// Which of the three.
        reply: Reply,
    },
    /// Two counts. Never stored as a quotient, which could not be recounted.
    Ratio {
        /// The part.
        numerator: u32,
        /// The whole, not zero. The part may be larger: a target can be exceeded.
        denominator: u32,
    },
    /// A day.
    Date {
        /// `YYYY-MM-DD`, of a year in [`ANSWER_YEARS`].
        day: String,
    },
    /// "I have read this and vouch for it." Taking it back is no answer.
    Acknowledged,
}

/// An answer to [`QuestionKind::YesNoNotApplicable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The question does not concern this person.
    NotApplicable,
}

/// An answer that keeps every rule of its question, in its one canonical form: equal answers are equal values.
///
/// Made only by [`Answer::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedAnswer {
    question: String,
    answer: Answer,
}

/// Why an answer is not taken. It says the limit, never the answer, so that it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[expect(missing_docs, reason = "the sentence above a variant says what its facts are")]
pub enum AnswerRejected {
    /// The question asks for another kind of answer. `expected` is the wire name of its kind.
    #[error("the question takes an answer of kind {expected}")]
    WrongKind { expected: String },
    /// Nobody answers a note or a calculated value, and the lines of a task table are kept beside the answers.
    #[error("the question takes no answer")]
    NotAsked,
    /// The kind of the question is of a newer version; the newer app can ask it.
    #[error("the question needs a newer app")]
    NeedsNewerApp,
    /// Only spaces, or no option: no answer at all.
    #[error("the answer is empty")]
    Empty,
    /// More characters than allowed, counted after NFC. Source: [`QuestionKind::LongText`] and domain 4.5.
    #[error("the text has {given} characters, more than {limit}")]
    TooLong { given: u32, limit: u32 },
    /// A character that does not print, at this place counted from one. Long texts may have line breaks.
    #[error("the character at {position} does not print")]
    ForbiddenCharacter { position: u32 },
    /// Not a decimal number.
    #[error("this is not a number")]
    NotANumber,
    /// More digits after the point than allowed.
    #[error("the number has {given} decimals, more than {limit}")]
    TooManyDecimals { given: u32, limit: u32 },
    /// Under the smallest number, given as a decimal text.
    #[error("the number is below {limit}")]
    BelowLimit { limit: String },
    /// Over the largest number or the most points, given as a decimal text.
    #[error("the number is above {limit}")]
    AboveLimit { limit: String },
    /// Points that are not a multiple of the step. Source: the form template.
    #[error("points go in steps of {step_hundredths} hundredths")]
    NotAStep { step_hundredths: u32 },
    /// An option that the pinned version of the form does not have.
    #[error("there is no such option")]
    UnknownOption,
    /// An option chosen twice.
    #[error("an option is chosen twice")]
    RepeatedOption,
    /// More options than allowed.
    #[error("{given} options are chosen, more than {limit}")]
    TooManyOptions { given: u32, limit: u32 },
    /// A level that the scale does not have.
    #[error("levels go from 1 to {limit}")]
    LevelOutOfRange { limit: u32 },
    /// A ratio of nothing. Source: domain 4.1, the denominator is above zero.
    #[error("the whole of a ratio is not zero")]
    NoDenominator,
    /// Not a day of the calendar.
    #[error("this is not a day")]
    NotADay,
    /// A day outside of [`ANSWER_YEARS`].
    #[error("the year is not from {year_first} to {year_last}")]
    DayOutOfRange { year_first: u32, year_last: u32 },
}

impl CheckedAnswer {
    /// The key of the question that it answers.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// The answer in canonical form.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The answer in canonical form, to be stored.
    pub fn into_answer(self) -> Answer {
        self.answer
    }
}

impl Answer {
    /// Checks the answer against its question and brings it to canonical form: text in NFC with `\n` as line break,
    /// numbers without idle zeros, options in the order of the template.
    pub fn check(self, question: &Question) -> Result<CheckedAnswer, AnswerRejected> {
        let answer = checked(self, question)?;
        Ok(CheckedAnswer { question: question.key.clone(), answer })
    }
}

fn checked(answer: Answer, question: &Question) -> Result<Answer, AnswerRejected> {
    match (&question.kind, answer) {
        (_, _) if question.is_of_a_newer_version() => Err(AnswerRejected::NeedsNewerApp),
        (QuestionKind::ShortText { length_max }, Answer::Text { text }) => {
            text::line(&text, *length_max).map(|text| Answer::Text { text })
        }
        (QuestionKind::LongText { length_max }, Answer::Text { text }) => {
            text::lines(&text, *length_max).map(|text| Answer::Text { text })
        }
        (QuestionKind::Number { min, max, decimals }, Answer::Number { decimal }) => {
            let number = number(&decimal, *decimals)?;
            within(number, min.as_deref(), max.as_deref())?;
            Ok(Answer::Number { decimal: number.to_string() })
        }
        (QuestionKind::Choice { options }, Answer::Choice { option }) => {
            has_option(options, &option)?;
            Ok(Answer::Choice { option })
        }
        (QuestionKind::MultiChoice { options, chosen_max }, Answer::Options { options: chosen }) => {
            several(options, &chosen, *chosen_max).map(|options| Answer::Options { options })
        }
        (QuestionKind::Likert5, Answer::Level { level }) => in_scale(level, 5),
        (QuestionKind::Likert3, Answer::Level { level }) => in_scale(level, 3),
        (QuestionKind::Score { max_hundredths, step_hundredths }, Answer::Score { points_hundredths }) => {
            score(points_hundredths, *max_hundredths, *step_hundredths)
        }
        (QuestionKind::Ratio, Answer::Ratio { denominator: 0, .. }) => Err(AnswerRejected::NoDenominator),
        (QuestionKind::Date, Answer::Date { day }) => date(&day),
        (QuestionKind::Ratio, answer @ Answer::Ratio { .. })
        | (QuestionKind::YesNoNotApplicable, answer @ Answer::YesNoNotApplicable { .. })
        | (QuestionKind::Acknowledgement, answer @ Answer::Acknowledged) => Ok(answer),
        (QuestionKind::TaskTable | QuestionKind::Note | QuestionKind::Calculated, _) => Err(AnswerRejected::NotAsked),
        (QuestionKind::Unknown { .. }, _) => Err(AnswerRejected::NeedsNewerApp),
        // Every kind is named, so that a new one has to be thought of here.
        (QuestionKind::ShortText { .. } | QuestionKind::LongText { .. } | QuestionKind::Number { .. }, _)
        | (QuestionKind::Choice { .. } | QuestionKind::MultiChoice { .. } | QuestionKind::Score { .. }, _)
        | (QuestionKind::Likert5 | QuestionKind::Likert3 | QuestionKind::YesNoNotApplicable, _)
        | (QuestionKind::Ratio | QuestionKind::Date | QuestionKind::Acknowledgement, _) => {
            Err(AnswerRejected::WrongKind { expected: question.kind.name().to_owned() })
        }
    }
}

fn number(text: &str, decimals_max: u8) -> Result<Decimal, AnswerRejected> {
    let number = decimal_from_text(text).ok_or(AnswerRejected::NotANumber)?;
    let (given, limit) = (number.scale(), u32::from(decimals_max));
    if given > limit { Err(AnswerRejected::TooManyDecimals { given, limit }) } else { Ok(number) }
}

fn within(number: Decimal, min: Option<&str>, max: Option<&str>) -> Result<(), AnswerRejected> {
    if let Some(limit) = min.filter(|min| decimal_from_text(min).is_some_and(|min| number < min)) {
        return Err(AnswerRejected::BelowLimit { limit: limit.to_owned() });
    }
    if let Some(limit) = max.filter(|max| decimal_from_text(max).is_some_and(|max| number > max)) {
        return Err(AnswerRejected::AboveLimit { limit: limit.to_owned() });
    }
    Ok(())
}

fn has_option(options: &[ChoiceOption], key: &str) -> Result<(), AnswerRejected> {
    let is_there = options.iter().any(|option| option.key == key);
    if is_there { Ok(()) } else { Err(AnswerRejected::UnknownOption) }
}

fn several(options: &[ChoiceOption], chosen: &[String], chosen_max: u32) -> Result<Vec<String>, AnswerRejected> {
    let given = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    if given == 0 {
        return Err(AnswerRejected::Empty);
    }
    if given > chosen_max {
        return Err(AnswerRejected::TooManyOptions { given, limit: chosen_max });
    }
    chosen.iter().try_for_each(|key| has_option(options, key))?;
    let ordered = options.iter().filter(|option| chosen.contains(&option.key));
    let ordered: Vec<String> = ordered.map(|option| option.key.clone()).collect();
    if ordered.len() == chosen.len() { Ok(ordered) } else { Err(AnswerRejected::RepeatedOption) }
}

fn in_scale(level: u8, level_max: u8) -> Result<Answer, AnswerRejected> {
    let is_there = (1..=level_max).contains(&level);
    if is_there {
        Ok(Answer::Level { level })
    } else {
        Err(AnswerRejected::LevelOutOfRange { limit: level_max.into() })
    }
}

fn score(points_hundredths: u32, max_hundredths: u32, step_hundredths: u32) -> Result<Answer, AnswerRejected> {
    if points_hundredths > max_hundredths {
        let limit = Decimal::new(max_hundredths.into(), 2).normalize().to_string();
        return Err(AnswerRejected::AboveLimit { limit });
    }
    let is_step = points_hundredths.is_multiple_of(step_hundredths);
    if is_step { Ok(Answer::Score { points_hundredths }) } else { Err(AnswerRejected::NotAStep { step_hundredths }) }
}

fn date(text: &str) -> Result<Answer, AnswerRejected> {
    let day = Day::parse(text).map_err(|_| AnswerRejected::NotADay)?;
    if ANSWER_YEARS.contains(&day.year()) {
        return Ok(Answer::Date { day: day.to_string() });
    }
    let year = |year: i16| u32::from(year.unsigned_abs());
    let (year_first, year_last) = (year(*ANSWER_YEARS.start()), year(*ANSWER_YEARS.end()));
    Err(AnswerRejected::DayOutOfRange { year_first, year_last })
}

#[cfg(test)]
pub(crate) mod tests;
