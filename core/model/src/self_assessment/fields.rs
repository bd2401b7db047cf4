//! Names of fields, and answers as single values.

use std::collections::BTreeMap;

use super::DraftLine;
use crate::answer::{Answer, CheckedAnswer, Reply};
use crate::document::{Edit, Field, Fields, Scalar};
use crate::form::Question;
use crate::form::kind::QuestionKind;
use crate::identity::TaskId;
use crate::task::TaskLine;

/// A field name that holds an answer or one option of it.
pub struct AnswerName<'a> {
    /// The question.
    pub question: &'a str,
    /// The option, of a choice of several.
    pub option: Option<&'a str>,
}

impl<'a> AnswerName<'a> {
    /// Reads `a/<question>` or `a/<question>/<option>`.
    pub fn parse(name: &'a str) -> Option<Self> {
        let rest = name.strip_prefix("a/")?;
        Some(match rest.split_once('/') {
            Some((question, option)) => Self { question, option: Some(option) },
            None => Self { question: rest, option: None },
        })
    }
}

/// A column of the task table. The words are in field names and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, uniffi::Enum)]
pub enum TaskColumn {
    /// Where the line stands; smaller numbers first.
    Order,
    /// What was to be done.
    Name,
    /// Weight of one product in hundredths.
    Coefficient,
    /// Products assigned.
    Assigned,
    /// Products completed.
    Done,
    /// Times a product did not meet the required quality.
    QualityFailures,
    /// Times a product was late.
    Delays,
    /// Whether an objective cause was confirmed.
    ObjectiveCause,
    /// What shows the result.
    Evidence,
    /// Products completed beyond what was asked. No cell means none, as in every line of an earlier version.
    Exceeded,
}

impl TaskColumn {
    /// Every column.
    pub const ALL: [Self; 10] = [
        Self::Order,
        Self::Name,
        Self::Coefficient,
        Self::Assigned,
        Self::Done,
        Self::QualityFailures,
        Self::Delays,
        Self::ObjectiveCause,
        Self::Evidence,
        Self::Exceeded,
    ];

    /// The word in field names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Name => "name",
            Self::Coefficient => "coefficient",
            Self::Assigned => "assigned",
            Self::Done => "done",
            Self::QualityFailures => "failures",
            Self::Delays => "delays",
            Self::ObjectiveCause => "objective",
            Self::Evidence => "evidence",
            Self::Exceeded => "exceeded",
        }
    }
}

/// Reads `t/<task>/<column>`; columns of a newer app are left alone.
pub fn cell_of(name: &str) -> Option<(TaskId, TaskColumn)> {
    let (task, column) = name.strip_prefix("t/")?.split_once('/')?;
    let column = TaskColumn::ALL.into_iter().find(|known| known.word() == column)?;
    Some((TaskId::parse(task).ok()?, column))
}

/// The field of one cell.
pub fn cell_name(task: TaskId, column: TaskColumn) -> String {
    format!("t/{task}/{}", column.word())
}

/// The field of one answer.
pub fn answer_name(question: &str) -> String {
    format!("a/{question}")
}

impl DraftLine {
    /// Where it stands; a line without a place comes last.
    pub fn order(&self) -> i64 {
        match self.cells.get(&TaskColumn::Order) {
            Some(Scalar::Integer(order)) => *order,
            _ => i64::MAX,
        }
    }

    /// The line, if every cell that counts is there and right.
    pub fn whole(&self) -> Option<TaskLine> {
        let number = |column| match self.cells.get(&column) {
            Some(Scalar::Integer(number)) => u32::try_from(*number).ok(),
            _ => None,
        };
        let text = |column| match self.cells.get(&column) {
            Some(Scalar::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let line = TaskLine {
            id: self.id,
            name: text(TaskColumn::Name)?,
            coefficient_hundredths: number(TaskColumn::Coefficient)?,
            assigned: number(TaskColumn::Assigned)?,
            done: number(TaskColumn::Done)?,
            exceeded: number(TaskColumn::Exceeded).unwrap_or(0),
            quality_failures: u16::try_from(number(TaskColumn::QualityFailures).unwrap_or(0)).ok()?,
            delays: u16::try_from(number(TaskColumn::Delays).unwrap_or(0)).ok()?,
            is_cause_objective: matches!(self.cells.get(&TaskColumn::ObjectiveCause), Some(Scalar::Flag(true))),
            evidence: text(TaskColumn::Evidence).unwrap_or_default(),
        };
        line.check().ok()?;
        Some(line)
    }
}

/// The edits that write a whole line; its place is written only when it is new.
///
/// A line that exceeds nothing has no cell for it: an earlier version, which does not know the cell, then removes the
/// line whole.
pub fn line_edits(line: &TaskLine, order: Option<i64>) -> Vec<Edit> {
    let number = |number: u32| Some(Scalar::Integer(i64::from(number)));
    let mut cells = BTreeMap::from([
        (TaskColumn::Name, Some(Scalar::Text(line.name.clone()))),
        (TaskColumn::Coefficient, number(line.coefficient_hundredths)),
        (TaskColumn::Assigned, number(line.assigned)),
        (TaskColumn::Done, number(line.done)),
        (TaskColumn::QualityFailures, number(line.quality_failures.into())),
        (TaskColumn::Delays, number(line.delays.into())),
        (TaskColumn::ObjectiveCause, Some(Scalar::Flag(line.is_cause_objective))),
        (TaskColumn::Evidence, Some(Scalar::Text(line.evidence.clone()))),
        (TaskColumn::Exceeded, number(line.exceeded).filter(|_| line.exceeded > 0)),
    ]);
    cells.extend(order.map(|order| (TaskColumn::Order, Some(Scalar::Integer(order)))));
    cells.into_iter().map(|(column, value)| Edit { field: cell_name(line.id, column), value }).collect()
}

/// The edits that remove a line: every cell that this version knows.
pub fn removal_edits(task: TaskId) -> Vec<Edit> {
    TaskColumn::ALL.into_iter().map(|column| Edit { field: cell_name(task, column), value: None }).collect()
}

/// The edits that write an answer.
pub fn answer_edits(answer: &CheckedAnswer, question: &Question) -> Vec<Edit> {
    let field = answer_name(answer.question());
    let single = |value: Scalar| vec![Edit { field: field.clone(), value: Some(value) }];
    match answer.answer() {
        Answer::Text { text } => single(Scalar::Text(text.clone())),
        Answer::Number { decimal } => single(Scalar::Text(decimal.clone())),
        Answer::Choice { option } => single(Scalar::Text(option.clone())),
        Answer::Level { level } => single(Scalar::Integer(i64::from(*level))),
        Answer::Score { points_hundredths } => single(Scalar::Integer(i64::from(*points_hundredths))),
        Answer::YesNoNotApplicable { reply } => single(Scalar::Text(reply_word(*reply).to_owned())),
        Answer::Ratio { numerator, denominator } => single(Scalar::Text(format!("{numerator}/{denominator}"))),
        Answer::Date { day } => single(Scalar::Text(day.clone())),
        Answer::Acknowledged => single(Scalar::Flag(true)),
        Answer::Options { options } => {
            let tick = |option: &str| options.iter().any(|chosen| chosen == option).then_some(Scalar::Flag(true));
            let edit = |option: &str| Edit { field: format!("{field}/{option}"), value: tick(option) };
            option_keys(question).iter().map(|option| edit(option)).collect()
        }
    }
}

/// The edits that take an answer back.
pub fn clearing_edits(question: &Question) -> Vec<Edit> {
    let field = answer_name(&question.key);
    let options = option_keys(question);
    let mut edits = vec![Edit { field: field.clone(), value: None }];
    if matches!(question.kind, QuestionKind::MultiChoice { .. }) {
        edits.extend(options.iter().map(|option| Edit { field: format!("{field}/{option}"), value: None }));
    }
    edits
}

/// The answer of a question as the fields hold it, if nobody disputes it and it is of the question's kind.
pub fn answer_of(fields: &Fields, question: &Question) -> Option<Answer> {
    if matches!(question.kind, QuestionKind::MultiChoice { .. }) {
        let is_ticked = |option: &&String| {
            let field = format!("a/{}/{option}", question.key);
            matches!(fields.get(&field), Some(Field::Settled(Scalar::Flag(true))))
        };
        let options: Vec<String> = option_keys(question).iter().filter(is_ticked).cloned().collect();
        return (!options.is_empty()).then_some(Answer::Options { options });
    }
    let Some(Field::Settled(value)) = fields.get(&answer_name(&question.key)) else { return None };
    read_answer(value, &question.kind)
}

/// One value as an answer to a question of this kind.
pub fn read_answer(value: &Scalar, kind: &QuestionKind) -> Option<Answer> {
    match (kind, value) {
        (QuestionKind::ShortText { .. } | QuestionKind::LongText { .. }, Scalar::Text(text)) => {
            Some(Answer::Text { text: text.clone() })
        }
        (QuestionKind::Number { .. }, Scalar::Text(decimal)) => Some(Answer::Number { decimal: decimal.clone() }),
        (QuestionKind::Choice { .. }, Scalar::Text(option)) => Some(Answer::Choice { option: option.clone() }),
        (QuestionKind::Likert5 | QuestionKind::Likert3, Scalar::Integer(level)) => {
            u8::try_from(*level).ok().map(|level| Answer::Level { level })
        }
        (QuestionKind::Score { .. }, Scalar::Integer(points)) => {
            u32::try_from(*points).ok().map(|points_hundredths| Answer::Score { points_hundredths })
        }
        (QuestionKind::YesNoNotApplicable, Scalar::Text(word)) => {
            let replies = [Reply::Yes, Reply::No, Reply::NotApplicable];
            let reply = replies.into_iter().find(|reply| reply_word(*reply) == word)?;
            Some(Answer::YesNoNotApplicable { reply })
        }
        (QuestionKind::Ratio, Scalar::Text(text)) => {
            let (numerator, denominator) = text.split_once('/')?;
            Some(Answer::Ratio { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? })
        }
        (QuestionKind::Date, Scalar::Text(day)) => Some(Answer::Date { day: day.clone() }),
        (QuestionKind::Acknowledgement, Scalar::Flag(true)) => Some(Answer::Acknowledged),
        _ => None,
    }
}

const fn reply_word(reply: Reply) -> &'static str {
    match reply {
        Reply::Yes => "yes",
        Reply::No => "no",
        Reply::NotApplicable => "not_applicable",
    }
}

fn option_keys(question: &Question) -> Vec<String> {
    match &question.kind {
        QuestionKind::Choice { options } | QuestionKind::MultiChoice { options, .. } => {
            options.iter().map(|option| option.key.clone()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::tests::line;

    /// What a document holds after these edits.
    fn kept(edits: Vec<Edit>) -> Fields {
        edits.into_iter().filter_map(|edit| Some((edit.field, Field::Settled(edit.value?)))).collect()
    }

    fn read(fields: &Fields) -> Vec<Option<TaskLine>> {
        super::super::lines_of(fields).iter().map(DraftLine::whole).collect()
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let exceeded = TaskLine { exceeded: 3, evidence: "Báo cáo 12".into(), ..line(1, (9, 8, 1, 2)) };
        for line in [exceeded, line(2, (2, 0, 0, 0))] {
            assert_eq!(read(&kept(line_edits(&line, Some(1)))), [Some(line)]);
        }
    }

    #[test]
    fn a_line_that_exceeds_nothing_has_no_cell_for_it() {
        let plain = line(1, (3, 3, 0, 0));
        let field = cell_name(plain.id, TaskColumn::Exceeded);
        let edits = line_edits(&plain, None);
        assert!(edits.contains(&Edit { field: field.clone(), value: None }), "an earlier cell is taken back");
        assert!(!kept(edits).contains_key(&field));
        assert!(removal_edits(plain.id).contains(&Edit { field, value: None }));
    }

    #[test]
    fn a_line_that_exceeds_more_than_was_done_is_incomplete() {
        let mut fields = kept(line_edits(&line(1, (3, 2, 0, 0)), None));
        fields.insert(cell_name(line(1, (3, 2, 0, 0)).id, TaskColumn::Exceeded), Field::Settled(Scalar::Integer(3)));
        assert_eq!(read(&fields), [None]);
    }

    #[test]
    fn a_column_of_a_newer_app_is_left_alone() {
        let plain = line(1, (3, 2, 0, 0));
        let mut fields = kept(line_edits(&plain, None));
        fields.insert(format!("t/{}/applause", plain.id), Field::Settled(Scalar::Integer(9)));
        assert_eq!(read(&fields), [Some(plain)]);
    }
}
