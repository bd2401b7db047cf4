//! How far a form is filled: what is shown, what is missing, what comes next.
//!
//! One pure function of the checked form, the answers and the day. It never changes or drops an answer: hidden answers
//! are kept and do not count, answers to questions that this version does not have are named and left alone. A phone
//! asks again after every answer; the form of 485 questions takes a bounded number of steps (`completion/tests.rs`).

#[cfg(test)]
mod mutations;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::answer::{Answer, AnswerRejected, CheckedAnswer};
use crate::form::Question;
use crate::form::checked::CheckedForm;
use crate::form::kind::QuestionKind;
use crate::time::Day;
use walk::{Standing, Walk};

/// The most lines of a task table that count; a person with more splits them by period.
pub const TABLE_LINES_MAX: u32 = 200;

/// What a form is filled with at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// Answers by question key, checked or not. A question without an answer has no entry.
    pub answers: &'a BTreeMap<String, Answer>,
    /// The lines of task tables by question key. A table without lines may be absent.
    pub tables: &'a BTreeMap<String, TableColumns>,
    /// Questions whose answer two devices changed differently: unanswered until somebody settles them.
    pub conflicted: &'a BTreeSet<String>,
    /// Whether the person holds a leading post in this cycle.
    pub is_leader: bool,
    /// The day, in Vietnam, for `today()`.
    pub today: Day,
}

/// The lines of one task table as expressions see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableColumns {
    /// How many lines, up to [`TABLE_LINES_MAX`]; none means that the table is unanswered.
    pub lines: u32,
    /// Numbers by name of a column of [`crate::form::TASK_COLUMNS`], one per line; others are ignored.
    pub columns: BTreeMap<String, Vec<Decimal>>,
}

/// How far a form is filled.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Completion {
    /// Every question in the order of the form, hidden ones too.
    pub questions: Vec<QuestionState>,
    /// Every section in the order of the form.
    pub sections: Vec<SectionProgress>,
    /// Keys of answers that are kept but do not count, because their question is hidden; in the order of the form.
    pub hidden_answers: Vec<String>,
    /// Keys of answers that this version of the form, or of the app, does not ask for; kept for the version that does;
    /// sorted. In a draft opened with its own pinned form and a current app there are none.
    pub unasked_answers: Vec<String>,
}

/// What a screen shows of one question.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QuestionState {
    /// The key of the question.
    pub key: String,
    /// The key of its section.
    pub section: String,
    /// Whether it is shown to this person.
    pub is_shown: bool,
    /// Whether it is shown and must be answered before the form is submitted.
    pub is_required: bool,
    /// Whether it is shown and has an answer that keeps the rules of its kind.
    pub is_answered: bool,
    /// Whether a person answers it: not a note, not a calculated value.
    pub is_answerable: bool,
    /// Whether it has a page of its own; a calculated value has none.
    pub is_page: bool,
    /// Why the form cannot be submitted yet, as far as this question is concerned.
    pub gap: Option<Gap>,
    /// The value of a calculated question as text, when it has one.
    pub calculated: Option<String>,
}

/// One reason why a form cannot be submitted yet.
///
/// Source: each mandatory field and the self-rating must be there; and the rules of the form.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Gap {
    /// A required answer is not there.
    Missing,
    /// Two devices gave two answers; a person chooses one. Also for questions that are not required.
    Conflicted,
    /// The stored answer does not fit the question: it came from another version or another program.
    Rejected {
        /// Which rule it breaks.
        reason: AnswerRejected,
    },
    /// The answer breaks a rule of the form.
    NotValid {
        /// What the form says about it.
        message_vi: String,
        /// The same in English; may be empty.
        message_en: String,
    },
    /// A required question that only a newer app can ask.
    NeedsNewerApp,
}

/// Progress in one section. Notes and calculated values are not counted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SectionProgress {
    /// The key of the section.
    pub key: String,
    /// Questions that are shown and can be answered.
    pub shown: u32,
    /// Those of them that are answered.
    pub answered: u32,
    /// Those of them that keep the form from being submitted.
    pub gaps: u32,
}

impl CheckedForm {
    /// How far the form is filled.
    pub fn completion(&self, filling: &Filling<'_>) -> Completion {
        let walk = Walk::through(self, filling);
        let questions: Vec<QuestionState> = (0..self.questions.len()).map(|index| state(self, &walk, index)).collect();
        let sections = self.template().sections.iter();
        let held = held(filling);
        let asked = asked(self, &held, filling);
        let hidden = questions.iter().filter(|question| !question.is_shown && asked.contains(&question.key));
        Completion {
            sections: sections.map(|section| progress(&section.key, &questions)).collect(),
            hidden_answers: hidden.map(|question| question.key.clone()).collect(),
            unasked_answers: held.difference(&asked).map(|key| (*key).clone()).collect(),
            questions,
        }
    }

    /// The answers that count, in canonical form and in the order of their keys: those of shown questions, not in
    /// conflict, that keep the rules of their kind. What is submitted is made of these.
    pub fn counted_answers(&self, filling: &Filling<'_>) -> Vec<CheckedAnswer> {
        let standings = Walk::through(self, filling).into_standings().into_iter();
        let mut counted: Vec<CheckedAnswer> = standings.filter_map(Standing::into_answer).collect();
        counted.sort_by(|first, second| first.question().cmp(second.question()));
        counted
    }
}

impl Completion {
    /// Whether nothing keeps the form from being submitted.
    pub fn is_complete(&self) -> bool {
        self.first_gap().is_none()
    }

    /// The first question in the order of the form that keeps it from being submitted.
    pub fn first_gap(&self) -> Option<&str> {
        self.questions.iter().find(|question| question.gap.is_some()).map(|question| question.key.as_str())
    }

    /// The state of one question.
    pub fn question(&self, key: &str) -> Option<&QuestionState> {
        self.questions.iter().find(|question| question.key == key)
    }

    /// The first page of the form.
    pub fn first_page(&self) -> Option<&str> {
        page(self.questions.iter())
    }

    /// The page after a question, also when that question has meanwhile been hidden; `None` at the end.
    pub fn page_after(&self, key: &str) -> Option<&str> {
        let index = self.questions.iter().position(|question| question.key == key)?;
        page(self.questions[index + 1..].iter())
    }

    /// The page before a question, also when that question has meanwhile been hidden; `None` at the beginning.
    pub fn page_before(&self, key: &str) -> Option<&str> {
        let index = self.questions.iter().position(|question| question.key == key)?;
        page(self.questions[..index].iter().rev())
    }
}

fn page<'a>(mut questions: impl Iterator<Item = &'a QuestionState>) -> Option<&'a str> {
    questions.find(|question| question.is_shown && question.is_page).map(|question| question.key.as_str())
}

fn state(form: &CheckedForm, walk: &Walk<'_>, index: usize) -> QuestionState {
    let checked = &form.questions[index];
    let question = form.question_of(checked);
    let standing = &walk.standings()[index];
    let is_required = standing.is_shown() && walk.is_required(checked);
    QuestionState {
        key: question.key.clone(),
        section: form.section_of(checked).key.clone(),
        is_shown: standing.is_shown(),
        is_required,
        is_answered: standing.is_answered(),
        is_answerable: question.kind.is_answered_by_a_person(),
        is_page: question.kind != QuestionKind::Calculated,
        gap: gap(question, standing, is_required, walk.is_valid(checked)),
        calculated: walk.calculated(checked),
    }
}

fn gap(question: &Question, standing: &Standing, is_required: bool, is_valid: bool) -> Option<Gap> {
    match standing {
        Standing::Hidden | Standing::Label => None,
        Standing::Blocked => is_required.then_some(Gap::NeedsNewerApp),
        Standing::Unanswered => is_required.then_some(Gap::Missing),
        Standing::Conflicted => Some(Gap::Conflicted),
        Standing::Rejected(reason) => Some(Gap::Rejected { reason: reason.clone() }),
        Standing::Answered(_) | Standing::Table if is_valid => None,
        Standing::Answered(_) | Standing::Table => question
            .valid_if
            .as_ref()
            .map(|rule| Gap::NotValid { message_vi: rule.message_vi.clone(), message_en: rule.message_en.clone() }),
    }
}

fn progress(section: &str, questions: &[QuestionState]) -> SectionProgress {
    let mut progress = SectionProgress { key: section.to_owned(), shown: 0, answered: 0, gaps: 0 };
    for question in questions.iter().filter(|question| question.section == section) {
        progress.shown += u32::from(question.is_shown && question.is_answerable);
        progress.answered += u32::from(question.is_answered);
        progress.gaps += u32::from(question.gap.is_some());
    }
    progress
}

/// The keys of all answers.
fn held<'a>(filling: &Filling<'a>) -> BTreeSet<&'a String> {
    let tables = filling.tables.iter().filter(|(_, table)| table.lines > 0).map(|(key, _)| key);
    filling.answers.keys().chain(tables).collect()
}

/// The keys of the answers, shown or hidden, that some question of the form can take.
fn asked<'a>(form: &CheckedForm, held: &BTreeSet<&'a String>, filling: &Filling<'_>) -> BTreeSet<&'a String> {
    let open = form.questions.iter().filter(|checked| !checked.is_blocked).map(|checked| form.question_of(checked));
    let takes = |question: &&Question| {
        let is_table = question.kind == QuestionKind::TaskTable;
        let is_held_otherwise = if is_table {
            filling.answers.contains_key(&question.key)
        } else {
            filling.tables.contains_key(&question.key)
        };
        question.kind.is_answered_by_a_person() && !is_held_otherwise
    };
    open.filter(takes).filter_map(|question| held.get(&question.key).copied()).collect()
}
