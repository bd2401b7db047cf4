//! One pass over a form in the order of dependence: what is shown and what each answer is worth.

use std::cell::Cell;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Filling, TABLE_LINES_MAX, TableColumns};
use crate::answer::{Answer, AnswerRejected, CheckedAnswer, Reply};
use crate::expression::evaluate::{CheckedExpression, Scope};
use crate::expression::value::{Value, decimal_from_text};
use crate::form::checked::{CheckedForm, CheckedQuestion};
use crate::form::kind::{QuestionKind, YES_NO_KEYS};
use crate::form::{Question, Requirement, TASK_COLUMNS};
use crate::time::Day;

/// Where a question stands.
#[derive(Debug, Clone)]
pub(super) enum Standing {
    /// Not shown; its answer, if any, is kept and does not count.
    Hidden,
    /// Shown, and nothing to answer.
    Label,
    /// Shown, and only a newer version can ask it.
    Blocked,
    /// Shown, without answer.
    Unanswered,
    /// Shown, with two answers.
    Conflicted,
    /// Shown, with an answer that breaks the rules of its kind.
    Rejected(AnswerRejected),
    /// Shown, with an answer that counts.
    Answered(CheckedAnswer),
    /// Shown, a task table with at least one line.
    Table,
}

impl Standing {
    pub(super) fn is_shown(&self) -> bool {
        !matches!(self, Self::Hidden)
    }

    pub(super) fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(_) | Self::Table)
    }

    pub(super) fn into_answer(self) -> Option<CheckedAnswer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Hidden | Self::Label | Self::Blocked | Self::Unanswered => None,
            Self::Conflicted | Self::Rejected(_) | Self::Table => None,
        }
    }
}

/// The result of the pass.
pub(super) struct Walk<'a> {
    form: &'a CheckedForm,
    filling: &'a Filling<'a>,
    /// One per question, in the order of the form.
    standings: Vec<Standing>,
    /// Whether a section's "shown if" holds; absent until its first question is reached.
    sections: Vec<Option<bool>>,
    /// By path, as [`Scope::values`].
    values: BTreeMap<String, Value>,
    /// Steps of all evaluations so far.
    steps: Cell<u64>,
}

impl<'a> Walk<'a> {
    pub(super) fn through(form: &'a CheckedForm, filling: &'a Filling<'a>) -> Self {
        let standings = vec![Standing::Hidden; form.questions.len()];
        let sections = vec![None; form.sections.len()];
        let mut walk = Self { form, filling, standings, sections, values: BTreeMap::new(), steps: Cell::new(0) };
        for index in &form.order {
            walk.visit(*index);
        }
        walk
    }

    pub(super) fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// Steps of all evaluations so far.
    #[cfg(test)]
    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    pub(super) fn into_standings(self) -> Vec<Standing> {
        self.standings
    }

    /// What cannot be read is taken as required: a form is rather held back than submitted without a mandatory answer.
    pub(super) fn is_required(&self, checked: &CheckedQuestion) -> bool {
        match &self.form.question_of(checked).required {
            Requirement::Never => false,
            Requirement::Always | Requirement::Unknown { .. } => true,
            Requirement::When { .. } => checked.required_if.as_ref().is_none_or(|rule| self.holds(Some(rule))),
        }
    }

    /// Blank is valid: nobody is blamed for what cannot be computed.
    pub(super) fn is_valid(&self, checked: &CheckedQuestion) -> bool {
        let Some(rule) = &checked.valid_if else { return true };
        let itself = self.values.get(&self.form.question_of(checked).key).unwrap_or(&Value::Blank);
        self.value_of(rule, itself) != Value::Flag(false)
    }

    pub(super) fn calculated(&self, checked: &CheckedQuestion) -> Option<String> {
        checked.calculated.as_ref()?;
        self.values.get(&self.form.question_of(checked).key).map(Value::printed)
    }

    fn visit(&mut self, index: usize) {
        let form = self.form;
        let checked = &form.questions[index];
        let question = form.question_of(checked);
        if !self.is_shown(checked) {
            return;
        }
        let standing = self.standing(checked, question);
        match &standing {
            Standing::Answered(answer) => self.file(&question.key, answer.answer()),
            Standing::Table => self.file_table(&question.key),
            Standing::Label => self.file_calculated(checked, question),
            Standing::Hidden | Standing::Blocked | Standing::Unanswered => {}
            Standing::Conflicted | Standing::Rejected(_) => {}
        }
        self.standings[index] = standing;
    }

    fn is_shown(&mut self, checked: &CheckedQuestion) -> bool {
        let is_for_leaders =
            self.form.section_of(checked).for_leader_only || self.form.question_of(checked).for_leader_only;
        if is_for_leaders && !self.filling.is_leader {
            return false;
        }
        self.is_section_shown(checked.section) && self.holds(checked.shown_if.as_ref())
    }

    fn is_section_shown(&mut self, section: usize) -> bool {
        if let Some(known) = self.sections[section] {
            return known;
        }
        let is_shown = self.holds(self.form.sections[section].as_ref());
        self.sections[section] = Some(is_shown);
        is_shown
    }

    /// No condition holds always.
    fn holds(&self, condition: Option<&CheckedExpression>) -> bool {
        condition.is_none_or(|condition| self.value_of(condition, &Value::Blank).holds())
    }

    fn value_of(&self, expression: &CheckedExpression, itself: &Value) -> Value {
        let scope = Scope { values: &self.values, itself, today: self.filling.today };
        let (value, steps) = expression.evaluate_counting(&scope);
        self.steps.set(self.steps.get() + u64::from(steps));
        value
    }

    fn standing(&self, checked: &CheckedQuestion, question: &Question) -> Standing {
        let has_lines = || self.filling.tables.get(&question.key).is_some_and(|table| table.lines > 0);
        if checked.is_blocked {
            return Standing::Blocked;
        }
        if !question.kind.is_answered_by_a_person() {
            return Standing::Label;
        }
        if self.filling.conflicted.contains(&question.key) {
            return Standing::Conflicted;
        }
        if question.kind == QuestionKind::TaskTable {
            return if has_lines() { Standing::Table } else { Standing::Unanswered };
        }
        let Some(answer) = self.filling.answers.get(&question.key) else { return Standing::Unanswered };
        answer.clone().check(question).map_or_else(Standing::Rejected, Standing::Answered)
    }

    fn file(&mut self, key: &str, answer: &Answer) {
        let value = match answer {
            Answer::Text { text } => Value::text(text),
            Answer::Number { decimal } => decimal_from_text(decimal).map_or(Value::Blank, Value::Number),
            Answer::Choice { option } => Value::text(option),
            Answer::Options { options } => Value::Keys(options.clone()),
            Answer::Level { level } => Value::Number((*level).into()),
            Answer::Score { points_hundredths } => Value::Number(Decimal::new((*points_hundredths).into(), 2)),
            Answer::YesNoNotApplicable { reply } => Value::text(reply_key(*reply)),
            Answer::Date { day } => Day::parse(day).map_or(Value::Blank, Value::Day),
            Answer::Acknowledged => Value::Flag(true),
            Answer::Ratio { numerator, denominator } => {
                self.values.insert(format!("{key}/numerator"), Value::Number((*numerator).into()));
                self.values.insert(format!("{key}/denominator"), Value::Number((*denominator).into()));
                return;
            }
        };
        self.values.insert(key.to_owned(), value);
    }

    fn file_table(&mut self, key: &str) {
        let filling = self.filling;
        let Some(TableColumns { columns, .. }) = filling.tables.get(key) else { return };
        for name in TASK_COLUMNS {
            let numbers = columns.get(*name).map_or(&[][..], Vec::as_slice);
            let counted = numbers.iter().take(TABLE_LINES_MAX as usize).copied().collect();
            self.values.insert(format!("{key}/{name}"), Value::Column(counted));
        }
    }

    fn file_calculated(&mut self, checked: &CheckedQuestion, question: &Question) {
        let Some(calculation) = &checked.calculated else { return };
        let value = self.value_of(calculation, &Value::Blank);
        if value != Value::Blank {
            self.values.insert(question.key.clone(), value);
        }
    }
}

/// The key that expressions compare with; the order of [`YES_NO_KEYS`].
fn reply_key(reply: Reply) -> &'static str {
    let [yes, no, not_applicable] = YES_NO_KEYS;
    match reply {
        Reply::Yes => yes,
        Reply::No => no,
        Reply::NotApplicable => not_applicable,
    }
}
