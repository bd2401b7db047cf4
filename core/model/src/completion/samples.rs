//! A person who fills a form, for tests.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Completion, Filling, Gap, TableColumns};
use crate::answer::Answer;
use crate::form::FormTemplate;
use crate::form::checked::CheckedForm;
use crate::time::Day;

/// A form and what one person has done with it so far.
pub(crate) struct Person {
    pub(crate) form: CheckedForm,
    pub(crate) answers: BTreeMap<String, Answer>,
    tables: BTreeMap<String, TableColumns>,
    pub(crate) conflicted: BTreeSet<String>,
    pub(crate) is_leader: bool,
}

impl Person {
    /// A person with an empty form, who holds no leading post.
    pub(crate) fn opens(template: FormTemplate) -> Self {
        let form = template.check_received().unwrap();
        let (answers, tables, conflicted) = Default::default();
        Self { form, answers, tables, conflicted, is_leader: false }
    }

    pub(crate) fn answers(&mut self, key: &str, answer: Answer) -> &mut Self {
        self.answers.insert(key.to_owned(), answer);
        self
    }

    pub(crate) fn lists_tasks(&mut self, key: &str, done: &[i64]) -> &mut Self {
        let column = done.iter().map(|number| Decimal::from(*number)).collect();
        let columns = BTreeMap::from([("done".to_owned(), column)]);
        self.tables.insert(key.to_owned(), TableColumns { lines: done.len() as u32, columns });
        self
    }

    pub(crate) fn filling(&self) -> Filling<'_> {
        Filling {
            answers: &self.answers,
            tables: &self.tables,
            conflicted: &self.conflicted,
            is_leader: self.is_leader,
            today: Day::parse("2026-11-22").unwrap(),
        }
    }

    pub(crate) fn completion(&self) -> Completion {
        self.form.completion(&self.filling())
    }

    pub(crate) fn gaps(&self) -> Vec<(String, Gap)> {
        let questions = self.completion().questions.into_iter();
        questions.filter_map(|question| Some((question.key, question.gap?))).collect()
    }

    pub(crate) fn shown(&self) -> Vec<String> {
        let questions = self.completion().questions.into_iter();
        questions.filter(|question| question.is_shown).map(|question| question.key).collect()
    }
}

/// A text as an answer.
pub(crate) fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

/// A chosen option.
pub(crate) fn choice(key: &str) -> Answer {
    Answer::Choice { option: key.to_owned() }
}

/// A level of a Likert scale.
pub(crate) fn level(level: u8) -> Answer {
    Answer::Level { level }
}

/// A count.
pub(crate) fn number(number: u32) -> Answer {
    Answer::Number { decimal: number.to_string() }
}

/// A day, `YYYY-MM-DD`.
pub(crate) fn day(day: &str) -> Answer {
    Answer::Date { day: day.to_owned() }
}
