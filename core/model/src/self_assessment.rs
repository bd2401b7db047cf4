//! A self-assessment as its document holds it: flat fields in, the strict type out.
//!
//! Field names: `cycle`, `person`, `form`, `leader` name the paper; `a/<question>` is an answer, `a/<question>/<option>`
//! one ticked option; `t/<task>/<column>` is a cell of the task table. A task line exists as long as any of its cells
//! does, so a line that is removed here and edited there comes back, visibly incomplete, instead of being lost.

pub mod fields;
pub mod points;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::answer::Answer;
use crate::completion::{Completion, Filling, TableColumns};
use crate::document::{DocumentKind, Edit, Field, Fields, Scalar};
use crate::form::FormTemplate;
use crate::form::checked::CheckedForm;
use crate::form::kind::QuestionKind;
use crate::form::pin::{FormFingerprint, FormPin};
use crate::hash::EntryHash;
use crate::identity::{CycleId, PersonId, TaskId};
use crate::refusal::Refusal;
use crate::rule_set::fit::TASKS_QUESTION;
use crate::task::TaskLine;
use crate::time::Day;
use fields::{AnswerName, TaskColumn, answer_of, cell_of};

/// Whose account of which period, by which form: what a document is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The period.
    pub cycle: CycleId,
    /// The cadre.
    pub person: PersonId,
    /// The form version that the draft is pinned to.
    pub form: FormPin,
    /// Whether the cadre holds a leading post.
    pub is_leader: bool,
}

impl Heading {
    /// The edits that begin the document; the same on every device of the cadre, so concurrent ones agree.
    pub fn edits(&self) -> Vec<Edit> {
        let text = |field: &str, value: String| Edit { field: field.to_owned(), value: Some(Scalar::Text(value)) };
        vec![
            text("_t", DocumentKind::SelfAssessment.word().to_owned()),
            Edit { field: "_v".to_owned(), value: Some(Scalar::Integer(1)) },
            text("cycle", self.cycle.to_string()),
            text("person", self.person.to_string()),
            text("form", pin_text(&self.form)),
            Edit { field: "leader".to_owned(), value: Some(Scalar::Flag(self.is_leader)) },
        ]
    }

    /// Reads who, what and by which form; `None` if the document is not a self-assessment.
    pub fn read(fields: &Fields) -> Option<Self> {
        let is_ours = text_of(fields, "_t")? == DocumentKind::SelfAssessment.word();
        let heading = Self {
            cycle: CycleId::parse(text_of(fields, "cycle")?).ok()?,
            person: PersonId::parse(text_of(fields, "person")?).ok()?,
            form: read_pin(text_of(fields, "form")?)?,
            is_leader: matches!(fields.get("leader"), Some(Field::Settled(Scalar::Flag(true)))),
        };
        is_ours.then_some(heading)
    }
}

/// One side of a dispute: a value and the change that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The value as the document holds it.
    pub value: Scalar,
    /// The change, by which the author and the time are found.
    pub by: EntryHash,
}

/// A field with different values that were written at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The field of the document.
    pub field: String,
    /// The question whose answer waits for it.
    pub question: String,
    /// Every value, in the order of the values.
    pub sides: Vec<Side>,
}

/// A line of the task table as far as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    /// The line.
    pub id: TaskId,
    /// Its cells that nobody disputes.
    pub cells: BTreeMap<TaskColumn, Scalar>,
}

/// A self-assessment, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfAssessment {
    /// Whose, of when, by which form.
    pub heading: Heading,
    /// Answers that nobody disputes, by question.
    pub answers: BTreeMap<String, Answer>,
    /// Lines of the task table in their order.
    pub lines: Vec<DraftLine>,
    /// What waits for a choice.
    pub disputes: Vec<Dispute>,
}

impl SelfAssessment {
    /// Reads the fields with the form that the draft is pinned to. A value that the form does not understand stays in
    /// the document and counts as no answer.
    pub fn read(fields: &Fields, form: &CheckedForm) -> Option<Self> {
        let heading = Heading::read(fields)?;
        let mut read = Self { heading, answers: BTreeMap::new(), lines: Vec::new(), disputes: Vec::new() };
        for (_, question) in form.template().questions() {
            if let Some(answer) = answer_of(fields, question) {
                read.answers.insert(question.key.clone(), answer);
            }
        }
        read.lines = lines_of(fields);
        read.disputes = disputes_of(fields);
        Some(read)
    }

    /// Lines that are whole; an incomplete one is named by [`SelfAssessment::incomplete_lines`].
    pub fn task_lines(&self) -> Vec<TaskLine> {
        self.lines.iter().filter_map(DraftLine::whole).collect()
    }

    /// Lines that keep the form from being submitted.
    pub fn incomplete_lines(&self) -> Vec<TaskId> {
        self.lines.iter().filter(|line| line.whole().is_none()).map(|line| line.id).collect()
    }

    /// How far the form is filled in. A disputed answer counts as none.
    pub fn completion(&self, form: &CheckedForm, today: Day) -> Completion {
        let conflicted: BTreeSet<String> = self.disputes.iter().map(|dispute| dispute.question.clone()).collect();
        let tables = BTreeMap::from([(TASKS_QUESTION.to_owned(), self.columns())]);
        let (answers, is_leader) = (&self.answers, self.heading.is_leader);
        form.completion(&Filling { answers, tables: &tables, conflicted: &conflicted, is_leader, today })
    }

    fn columns(&self) -> TableColumns {
        let lines = self.task_lines();
        let column = |value: fn(&TaskLine) -> Decimal| lines.iter().map(value).collect::<Vec<_>>();
        let columns = BTreeMap::from([
            ("coefficient".to_owned(), column(|line| Decimal::new(i64::from(line.coefficient_hundredths), 2))),
            ("assigned".to_owned(), column(|line| line.assigned.into())),
            ("done".to_owned(), column(|line| line.done.into())),
            ("exceeded".to_owned(), column(|line| line.exceeded.into())),
            ("quality_fail".to_owned(), column(|line| line.quality_failures.into())),
            ("late".to_owned(), column(|line| line.delays.into())),
        ]);
        TableColumns { lines: lines.len() as u32, columns }
    }
}

/// A text field that nobody disputes.
pub fn text_of<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(Field::Settled(Scalar::Text(text))) => Some(text),
        _ => None,
    }
}

/// What the id of the document is derived from: one self-assessment per cycle and person.
pub fn subject_of(fields: &Fields) -> Option<Vec<u8>> {
    let cycle = CycleId::parse(text_of(fields, "cycle")?).ok()?;
    let person = PersonId::parse(text_of(fields, "person")?).ok()?;
    Some(subject(cycle, person))
}

/// The subject of the self-assessment of one person in one cycle.
pub fn subject(cycle: CycleId, person: PersonId) -> Vec<u8> {
    [cycle.as_bytes().as_slice(), person.as_bytes()].concat()
}

/// Whether the fields are a self-assessment, and the author's own.
pub fn check_shape(fields: &Fields, author: Option<PersonId>) -> Result<(), Refusal> {
    let heading = Heading::read(fields).ok_or(Refusal::BrokenDocument)?;
    let is_own = author.is_none_or(|author| author == heading.person);
    if is_own { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Whether the value may be submitted: the form that is named, nothing missing, nothing disputed.
pub fn check_complete(
    fields: &Fields,
    form: &CheckedForm,
    fingerprint: &EntryHash,
    (person, today): (PersonId, Day),
) -> Result<(), Refusal> {
    let read = SelfAssessment::read(fields, form).ok_or(Refusal::BrokenDocument)?;
    if !crate::paper::is_form_of(&read.heading.form, form, fingerprint) {
        return Err(Refusal::UnknownForm);
    }
    if read.heading.person != person {
        return Err(Refusal::NotAllowed);
    }
    let is_complete = read.incomplete_lines().is_empty() && read.completion(form, today).is_complete();
    if is_complete { Ok(()) } else { Err(Refusal::Incomplete) }
}

/// Reads a form as the office published it.
pub fn read_form(body: &str) -> Option<(EntryHash, CheckedForm)> {
    let template = FormTemplate::from_json(body.as_bytes()).ok()?;
    let fingerprint = EntryHash::from_bytes(*template.fingerprint().as_bytes());
    Some((fingerprint, template.check_received().ok()?))
}

/// A pin as a document holds it: code, version and fingerprint between spaces.
pub(crate) fn pin_text(pin: &FormPin) -> String {
    format!("{} {} {}", pin.code, pin.version, pin.fingerprint)
}

pub(crate) fn read_pin(text: &str) -> Option<FormPin> {
    let mut parts = text.split(' ');
    let (code, version) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
    let fingerprint = FormFingerprint::parse(parts.next()?).ok()?;
    parts.next().is_none().then_some(FormPin { code, version, fingerprint })
}

fn lines_of(fields: &Fields) -> Vec<DraftLine> {
    let mut lines: BTreeMap<TaskId, DraftLine> = BTreeMap::new();
    for (name, field) in fields {
        let Some((id, column)) = cell_of(name) else { continue };
        let line = lines.entry(id).or_insert_with(|| DraftLine { id, cells: BTreeMap::new() });
        if let Field::Settled(value) = field {
            line.cells.insert(column, value.clone());
        }
    }
    let mut lines: Vec<DraftLine> = lines.into_values().collect();
    lines.sort_by_key(|line| (line.order(), line.id));
    lines
}

pub(crate) fn disputes_of(fields: &Fields) -> Vec<Dispute> {
    let mut disputes = Vec::new();
    for (name, field) in fields {
        let Field::Disputed(values) = field else { continue };
        let question = match (cell_of(name), AnswerName::parse(name)) {
            (Some(_), _) => TASKS_QUESTION.to_owned(),
            (None, Some(answer)) => answer.question.to_owned(),
            (None, None) => continue,
        };
        let sides = values.iter().map(|side| Side { value: side.value.clone(), by: side.by }).collect();
        disputes.push(Dispute { field: name.clone(), question, sides });
    }
    disputes
}

/// Whether a question is answered by a table of lines instead of a value.
pub fn is_table(kind: &QuestionKind) -> bool {
    matches!(kind, QuestionKind::TaskTable)
}
