//! What a round asks: choices and short texts, the same for everybody, nothing that depends on an answer.
//!
//! A ballot asks less than a form on purpose: every ballot of a round has one size and one layout, so a question that is
//! shown to some and not to others has no place here. Source: domain 5.5-5.7, anonymity A15.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::hash::ContentHash;
use crate::text::{TextRefused, check_line};

/// Questions of a template; those about a subject count once for each.
pub const QUESTIONS_MAX: usize = 60;

/// Options of one choice.
pub const OPTIONS_MAX: usize = 12;

/// Characters of a question or of a note beside it.
pub const LABEL_CHARS_MAX: u32 = 300;

/// Characters of one text that a resident may write.
pub const TEXT_CHARS_MAX: u16 = 2_000;

/// Characters of a template's code.
pub const CODE_CHARS_MAX: u32 = 30;

/// The questions of a round, in one version.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OpinionTemplate {
    /// The name that all versions share, for example `SAT`; at most [`CODE_CHARS_MAX`] characters.
    #[n(0)]
    pub code: String,
    /// Counts from 1; a published version never changes.
    #[n(1)]
    pub version: u32,
    /// What people call it.
    #[n(2)]
    pub title: String,
    /// In the order in which they are asked.
    #[n(3)]
    pub questions: Vec<OpinionQuestion>,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OpinionQuestion {
    /// Unique in its template.
    #[n(0)]
    pub key: String,
    /// What is asked.
    #[n(1)]
    pub label: String,
    /// Asked once about every subject of the round, in the round's order.
    #[n(2)]
    pub is_per_subject: bool,
    /// What an answer may be.
    #[n(3)]
    pub kind: OpinionKind,
}

/// What an answer may be. Leaving a question blank is always possible.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum OpinionKind {
    /// One of these, in the order of the paper.
    #[n(0)]
    Choice {
        /// At most [`OPTIONS_MAX`].
        #[n(0)]
        options: Vec<OpinionOption>,
    },
    /// A short text.
    #[n(1)]
    Text {
        /// Characters, at most [`TEXT_CHARS_MAX`].
        #[n(0)]
        chars_max: u16,
    },
}

/// One option of a choice.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OpinionOption {
    /// What is shown.
    #[n(0)]
    pub label: String,
    /// Which of the two cells of an area it belongs to.
    #[n(1)]
    pub side: Side,
}

/// The two cells that an area may show, and what stands outside both (anonymity A41).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Side {
    /// Satisfied or better; confidence.
    #[n(0)]
    For,
    /// The rest.
    #[n(1)]
    Rest,
    /// "Không biết, không tiếp xúc": an answer, but in no denominator (R11).
    #[n(2)]
    Outside,
}

/// Why a template cannot be announced.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TemplateRefused {
    /// A title, label or code.
    #[error("{place}: {refused}")]
    Text {
        /// Which.
        place: String,
        /// Why.
        refused: TextRefused,
    },
    /// None, or more than [`QUESTIONS_MAX`].
    #[error("a template has 1 to {QUESTIONS_MAX} questions, not {given}")]
    QuestionCount {
        /// How many.
        given: usize,
    },
    /// Two questions with one key.
    #[error("two questions are called {key}")]
    KeyTwice {
        /// Which.
        key: String,
    },
    /// Fewer than two options or more than [`OPTIONS_MAX`], or none on one of the two sides.
    #[error("{key}: a choice has 2 to {OPTIONS_MAX} options, some on either side")]
    Options {
        /// Of which question.
        key: String,
    },
    /// No characters, or more than [`TEXT_CHARS_MAX`].
    #[error("{key}: a text has 1 to {TEXT_CHARS_MAX} characters")]
    TextLength {
        /// Of which question.
        key: String,
    },
}

impl OpinionTemplate {
    /// Whether a round may ask this.
    pub fn check(&self) -> Result<(), TemplateRefused> {
        line("code", &self.code, CODE_CHARS_MAX)?;
        line("title", &self.title, LABEL_CHARS_MAX)?;
        if self.questions.is_empty() || self.questions.len() > QUESTIONS_MAX {
            return Err(TemplateRefused::QuestionCount { given: self.questions.len() });
        }
        for (index, question) in self.questions.iter().enumerate() {
            line("key", &question.key, CODE_CHARS_MAX)?;
            if self.questions[..index].iter().any(|other| other.key == question.key) {
                return Err(TemplateRefused::KeyTwice { key: question.key.clone() });
            }
            question.check()?;
        }
        Ok(())
    }

    /// What envelopes are bound to.
    pub fn hash(&self) -> ContentHash {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/opinion-template/1");
        hash.update(minicbor::to_vec(self).expect("writing to memory cannot fail"));
        ContentHash::from_bytes(hash.finalize().into())
    }
}

impl OpinionQuestion {
    /// Characters of a text; none for a choice.
    pub fn chars_max(&self) -> Option<u16> {
        match self.kind {
            OpinionKind::Text { chars_max } => Some(chars_max),
            OpinionKind::Choice { .. } => None,
        }
    }

    fn check(&self) -> Result<(), TemplateRefused> {
        line(&self.key, &self.label, LABEL_CHARS_MAX)?;
        let key = || self.key.clone();
        match &self.kind {
            OpinionKind::Choice { options } => {
                let has = |side| options.iter().any(|option| option.side == side);
                if options.len() > OPTIONS_MAX || !has(Side::For) || !has(Side::Rest) {
                    return Err(TemplateRefused::Options { key: key() });
                }
                options.iter().try_for_each(|option| line(&self.key, &option.label, LABEL_CHARS_MAX))
            }
            OpinionKind::Text { chars_max: 1..=TEXT_CHARS_MAX } => Ok(()),
            OpinionKind::Text { .. } => Err(TemplateRefused::TextLength { key: key() }),
        }
    }

    /// The options of a choice; none of a text.
    pub fn options(&self) -> &[OpinionOption] {
        match &self.kind {
            OpinionKind::Choice { options } => options,
            OpinionKind::Text { .. } => &[],
        }
    }
}

fn line(place: &str, text: &str, chars_max: u32) -> Result<(), TemplateRefused> {
    check_line(text, chars_max).map_err(|refused| TemplateRefused::Text { place: place.to_owned(), refused })
}
