//! The minutes of a review meeting, which several people write at once, each without a network.
//!
//! One document in a space of their own. Field names: `a/<question>` answers the form, `g/<paragraph>/text` and
//! `g/<paragraph>/order` are a paragraph of what was said, `m/<person>` is who was there. A paragraph is one value: whoever
//! rewrites one beside somebody else loses nothing, both versions stand with the merged one until somebody chooses
//! ([`merge`]). A paragraph exists as long as any of its fields does, so one that is removed here and rewritten there comes
//! back. Source: domain 4.2 (`ReviewMeeting`) and 4.4, sync 3.

pub mod merge;

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::Answer;
use crate::case::paper::PaperKind;
use crate::completion::{Completion, Filling};
use crate::document::{DocumentKind, Edit, Field, Fields, Scalar};
use crate::form::checked::CheckedForm;
use crate::form::pin::FormPin;
use crate::hash::EntryHash;
use crate::identity::{CycleId, ParagraphId, PersonId};
use crate::membership::Role;
use crate::refusal::Refusal;
use crate::self_assessment::fields::answer_of;
use crate::self_assessment::{Dispute, Side, disputes_of, pin_text, read_pin, subject, text_of};
use crate::time::Day;

/// Who writes minutes together; the secretary signs them.
pub const WRITERS: [Role; 3] = [Role::Head, Role::PartyCommittee, Role::Secretary];

/// Characters of one paragraph.
pub const PARAGRAPH_CHARS_MAX: usize = 4_000;

/// Paragraphs of one document.
pub const PARAGRAPHS_MAX: usize = 200;

/// People on one list of attendance.
pub const ATTENDANCE_MAX: usize = 300;

/// Room between two neighbouring paragraphs, so that others find place between them.
pub const ORDER_STEP: i64 = 1 << 20;

/// Whose review in which cycle, by which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The cycle.
    pub cycle: CycleId,
    /// The cadre who is reviewed.
    pub person: PersonId,
    /// The form version that the draft is pinned to.
    pub form: FormPin,
}

impl Heading {
    /// The edits that begin the document; the same on every phone, so concurrent ones agree.
    pub fn edits(&self) -> Vec<Edit> {
        let text = |field: &str, value: String| Edit { field: field.to_owned(), value: Some(Scalar::Text(value)) };
        vec![
            text("_t", DocumentKind::Minutes.word().to_owned()),
            Edit { field: "_v".to_owned(), value: Some(Scalar::Integer(1)) },
            text("cycle", self.cycle.to_string()),
            text("person", self.person.to_string()),
            text("form", pin_text(&self.form)),
        ]
    }

    /// Reads whose review it is; `None` if the document holds no minutes.
    pub fn read(fields: &Fields) -> Option<Self> {
        let heading = Self {
            cycle: CycleId::parse(text_of(fields, "cycle")?).ok()?,
            person: PersonId::parse(text_of(fields, "person")?).ok()?,
            form: read_pin(text_of(fields, "form")?)?,
        };
        let is_ours = text_of(fields, "_t")? == DocumentKind::Minutes.word();
        let has_own_form = PaperKind::Minutes.form_code() == Some(heading.form.code.as_str());
        (is_ours && has_own_form).then_some(heading)
    }

    /// What the id of the document is derived from.
    pub fn subject(&self) -> Vec<u8> {
        subject(self.cycle, self.person)
    }
}

/// Whether somebody was at the meeting. The words are in documents and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, uniffi::Enum)]
pub enum Attendance {
    /// Có mặt.
    Present,
    /// Vắng có lý do.
    Excused,
    /// Vắng không lý do.
    Absent,
}

impl Attendance {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Present, Self::Excused, Self::Absent];

    /// The word in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Excused => "excused",
            Self::Absent => "absent",
        }
    }

    /// Name on a Vietnamese screen.
    pub const fn label_vi(self) -> &'static str {
        match self {
            Self::Present => "Có mặt",
            Self::Excused => "Vắng có lý do",
            Self::Absent => "Vắng không lý do",
        }
    }

    /// Name on an English screen.
    pub const fn label_en(self) -> &'static str {
        match self {
            Self::Present => "Present",
            Self::Excused => "Absent with excuse",
            Self::Absent => "Absent without excuse",
        }
    }
}

/// A paragraph as far as it is agreed upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Which.
    pub id: ParagraphId,
    /// Where it stands; smaller numbers first, then by id.
    pub order: i64,
    /// What it says, if nobody disputes it.
    pub text: Option<String>,
}

/// Minutes, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// Whose review.
    pub heading: Heading,
    /// Answers of the form that nobody disputes, by question.
    pub answers: BTreeMap<String, Answer>,
    /// What was said, in its order.
    pub paragraphs: Vec<Paragraph>,
    /// Who was there; whoever is disputed is not here.
    pub attendance: BTreeMap<PersonId, Attendance>,
    /// What waits for a choice.
    pub disputes: Vec<Dispute>,
}

impl Minutes {
    /// Reads the fields with the form that the draft is pinned to.
    pub fn read(fields: &Fields, form: &CheckedForm) -> Option<Self> {
        let heading = Heading::read(fields)?;
        let answered = form.template().questions();
        let answered = answered
            .filter_map(|(_, question)| answer_of(fields, question).map(|answer| (question.key.clone(), answer)));
        let mut disputes = disputes_of(fields);
        disputes.extend(own_disputes(fields));
        Some(Self {
            heading,
            answers: answered.collect(),
            paragraphs: paragraphs_of(fields),
            attendance: attendance_of(fields),
            disputes,
        })
    }

    /// How far the form is filled in. A disputed answer counts as none.
    pub fn completion(&self, form: &CheckedForm, today: Day) -> Completion {
        let conflicted: BTreeSet<String> = self.disputes.iter().map(|dispute| dispute.question.clone()).collect();
        let (answers, tables) = (&self.answers, &BTreeMap::new());
        form.completion(&Filling { answers, tables, conflicted: &conflicted, is_leader: false, today })
    }

    /// Whether it may be signed beside its form: something was said, nothing is disputed, and no more people are marked as
    /// present than the form counts.
    pub fn is_settled(&self) -> bool {
        let marked = self.attendance.values().filter(|state| **state == Attendance::Present).count();
        let counted = match self.answers.get("present") {
            Some(Answer::Number { decimal }) => decimal.parse::<usize>().ok(),
            _ => None,
        };
        let has_text = |paragraph: &Paragraph| paragraph.text.as_ref().is_some_and(|text| !text.trim().is_empty());
        self.disputes.is_empty()
            && self.paragraphs.iter().any(has_text)
            && counted.is_none_or(|counted| marked <= counted)
    }

    /// Where a new paragraph stands behind another one, or before all.
    pub fn order_after(&self, before: Option<ParagraphId>) -> i64 {
        let place = before.and_then(|id| self.paragraphs.iter().position(|paragraph| paragraph.id == id));
        let next = self.paragraphs.get(place.map_or(0, |place| place + 1)).map(|paragraph| paragraph.order);
        let last = place.map(|place| self.paragraphs[place].order);
        match (last, next) {
            (None, None) => 0,
            (None, Some(next)) => next.saturating_sub(ORDER_STEP),
            (Some(last), None) => last.saturating_add(ORDER_STEP),
            (Some(last), Some(next)) => last.midpoint(next),
        }
    }
}

/// The field of a paragraph's text.
pub fn text_field(paragraph: ParagraphId) -> String {
    format!("g/{paragraph}/text")
}

/// The field of somebody's attendance.
pub fn attendance_field(person: PersonId) -> String {
    format!("m/{person}")
}

/// The edits of a new paragraph.
pub fn paragraph_edits(paragraph: ParagraphId, order: i64, text: &str) -> Vec<Edit> {
    vec![
        Edit { field: text_field(paragraph), value: Some(Scalar::Text(text.to_owned())) },
        Edit { field: format!("g/{paragraph}/order"), value: Some(Scalar::Integer(order)) },
    ]
}

/// The edits that remove a paragraph.
pub fn removal_edits(paragraph: ParagraphId) -> Vec<Edit> {
    ["text", "order"].map(|part| Edit { field: format!("g/{paragraph}/{part}"), value: None }).into()
}

/// The paragraph whose text a field is.
pub fn paragraph_of(field: &str) -> Option<ParagraphId> {
    let (id, part) = field.strip_prefix("g/")?.split_once('/')?;
    (part == "text").then(|| ParagraphId::parse(id).ok()).flatten()
}

fn person_of(field: &str) -> Option<PersonId> {
    PersonId::parse(field.strip_prefix("m/")?).ok()
}

fn paragraphs_of(fields: &Fields) -> Vec<Paragraph> {
    let mut found: BTreeMap<ParagraphId, Paragraph> = BTreeMap::new();
    for (name, field) in fields {
        let Some((id, part)) = name.strip_prefix("g/").and_then(|rest| rest.split_once('/')) else { continue };
        let Ok(id) = ParagraphId::parse(id) else { continue };
        let paragraph = found.entry(id).or_insert(Paragraph { id, order: i64::MAX, text: None });
        match (part, field) {
            ("text", Field::Settled(Scalar::Text(text))) => paragraph.text = Some(text.clone()),
            ("order", Field::Settled(Scalar::Integer(order))) => paragraph.order = *order,
            // Of two places the first; nobody is asked about the order of paragraphs.
            ("order", Field::Disputed(places)) => {
                let first = places.iter().find_map(|place| match place.value {
                    Scalar::Integer(order) => Some(order),
                    _ => None,
                });
                paragraph.order = first.unwrap_or(i64::MAX);
            }
            _ => {}
        }
    }
    let mut found: Vec<Paragraph> = found.into_values().collect();
    found.sort_by_key(|paragraph| (paragraph.order, paragraph.id));
    found
}

fn attendance_of(fields: &Fields) -> BTreeMap<PersonId, Attendance> {
    let state = |(name, field): (&String, &Field)| {
        let Field::Settled(Scalar::Text(word)) = field else { return None };
        let state = Attendance::ALL.into_iter().find(|state| state.word() == word)?;
        Some((person_of(name)?, state))
    };
    fields.iter().filter_map(state).collect()
}

/// Paragraphs and attendance that were written differently at the same time.
fn own_disputes(fields: &Fields) -> impl Iterator<Item = Dispute> {
    fields.iter().filter_map(|(name, field)| {
        let Field::Disputed(values) = field else { return None };
        let is_ours = paragraph_of(name).is_some() || person_of(name).is_some();
        let sides = values.iter().map(|side| Side { value: side.value.clone(), by: side.by }).collect();
        is_ours.then(|| Dispute { field: name.clone(), question: name.clone(), sides })
    })
}

/// What the id of the document is derived from.
pub(crate) fn subject_of(fields: &Fields) -> Option<Vec<u8>> {
    Heading::read(fields).map(|heading| heading.subject())
}

/// Whether the fields are minutes, within their limits.
pub(crate) fn check_shape(fields: &Fields) -> Result<(), Refusal> {
    Heading::read(fields).ok_or(Refusal::BrokenDocument)?;
    let is_long = |(name, field): (&String, &Field)| {
        let is_over = |text: &str| text.chars().count() > PARAGRAPH_CHARS_MAX;
        paragraph_of(name).is_some()
            && match field {
                Field::Settled(Scalar::Text(text)) => is_over(text),
                Field::Disputed(values) => {
                    values.iter().any(|side| matches!(&side.value, Scalar::Text(text) if is_over(text)))
                }
                Field::Settled(_) => false,
            }
    };
    let people = fields.keys().filter(|name| person_of(name).is_some()).count();
    let is_full = paragraphs_of(fields).len() > PARAGRAPHS_MAX || people > ATTENDANCE_MAX;
    if is_full || fields.iter().any(is_long) { Err(Refusal::TooLarge) } else { Ok(()) }
}

/// Whether the value may be signed: the form that is named, nothing missing, nothing disputed.
pub(crate) fn check_complete(
    fields: &Fields,
    form: &CheckedForm,
    fingerprint: &EntryHash,
    today: Day,
) -> Result<(), Refusal> {
    let read = Minutes::read(fields, form).ok_or(Refusal::BrokenDocument)?;
    if !crate::paper::is_form_of(&read.heading.form, form, fingerprint) {
        return Err(Refusal::UnknownForm);
    }
    let is_complete = read.is_settled() && read.completion(form, today).is_complete();
    if is_complete { Ok(()) } else { Err(Refusal::Incomplete) }
}

#[cfg(test)]
mod tests;
