//! A paper of somebody's case as its document holds it: who writes what about whom, by which form.
//!
//! Answers stand in it as in a self-assessment (`a/<question>`). It lies in its author's own space until it is signed.

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::Answer;
use crate::case::filed;
use crate::case::paper::PaperKind;
use crate::completion::{Completion, Filling};
use crate::document::{DocumentKind, Edit, Fields, Scalar};
use crate::form::checked::CheckedForm;
use crate::form::pin::FormPin;
use crate::hash::EntryHash;
use crate::identity::{CycleId, DocumentId, PersonId, SpaceId};
use crate::minutes;
use crate::refusal::Refusal;
use crate::self_assessment::fields::answer_of;
use crate::self_assessment::{self, Dispute, disputes_of, pin_text, read_pin, text_of};
use crate::time::Day;

/// What a paper of a case is about, a self-assessment too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// What it is.
    pub kind: PaperKind,
    /// Of which cycle.
    pub cycle: CycleId,
    /// Whose case.
    pub person: PersonId,
    /// Who writes it.
    pub author: PersonId,
}

impl About {
    /// Reads it from a draft or from what was signed; `None` if the document belongs into no case. Minutes, which have no
    /// author of their own, are those of whoever signs them.
    pub fn read(fields: &Fields, signer: PersonId) -> Option<Self> {
        if let Some(minutes::Heading { cycle, person, .. }) = minutes::Heading::read(fields) {
            return Some(Self { kind: PaperKind::Minutes, cycle, person, author: signer });
        }
        if let Some(self_assessment::Heading { cycle, person, .. }) = self_assessment::Heading::read(fields) {
            return Some(Self { kind: PaperKind::SelfAssessment, cycle, person, author: person });
        }
        let Heading { kind, cycle, person, author, .. } = Heading::read(fields)?;
        Some(Self { kind, cycle, person, author })
    }

    /// What the id of its document is derived from: one paper of a kind, per case, of one author.
    pub fn subject(&self) -> Vec<u8> {
        let Self { kind, cycle, person, author } = *self;
        if kind == PaperKind::SelfAssessment || kind.is_shared() {
            return self_assessment::subject(cycle, person);
        }
        [kind.word().as_bytes(), b"/", &filed::subject(cycle, person), author.as_bytes()].concat()
    }

    /// The document in the author's own space, or in the one that several people share.
    pub fn document(&self, space: SpaceId) -> DocumentId {
        let kind = match self.kind {
            PaperKind::SelfAssessment => DocumentKind::SelfAssessment,
            kind if kind.is_shared() => DocumentKind::Minutes,
            _ => DocumentKind::Paper,
        };
        kind.document_about(space, &self.subject())
    }
}

/// Whose case, which paper, by whom and by which form: what a document is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// What it is; never a self-assessment, which has a kind of document of its own.
    pub kind: PaperKind,
    /// Of which cycle.
    pub cycle: CycleId,
    /// Whose case.
    pub person: PersonId,
    /// Who writes it.
    pub author: PersonId,
    /// The form version that the draft is pinned to.
    pub form: FormPin,
}

impl Heading {
    /// The edits that begin the document; the same on every device of the author, so concurrent ones agree.
    pub fn edits(&self) -> Vec<Edit> {
        let text = |field: &str, value: String| Edit { field: field.to_owned(), value: Some(Scalar::Text(value)) };
        vec![
            text("_t", DocumentKind::Paper.word().to_owned()),
            Edit { field: "_v".to_owned(), value: Some(Scalar::Integer(1)) },
            text("paper", self.kind.word().to_owned()),
            text("cycle", self.cycle.to_string()),
            text("person", self.person.to_string()),
            text("author", self.author.to_string()),
            text("form", pin_text(&self.form)),
        ]
    }

    /// Reads what it is and about whom; `None` if the document is no paper of a case.
    pub fn read(fields: &Fields) -> Option<Self> {
        let heading = Self {
            kind: PaperKind::from_word(text_of(fields, "paper")?)?,
            cycle: CycleId::parse(text_of(fields, "cycle")?).ok()?,
            person: PersonId::parse(text_of(fields, "person")?).ok()?,
            author: PersonId::parse(text_of(fields, "author")?).ok()?,
            form: read_pin(text_of(fields, "form")?)?,
        };
        let is_ours = text_of(fields, "_t")? == DocumentKind::Paper.word();
        let has_own_form = heading.kind.form_code() == Some(heading.form.code.as_str());
        (is_ours && has_own_form && !heading.kind.is_shared()).then_some(heading)
    }

    /// What the id of the document is derived from.
    pub fn subject(&self) -> Vec<u8> {
        let Self { kind, cycle, person, author, .. } = *self;
        About { kind, cycle, person, author }.subject()
    }
}

/// A paper of a case, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What, about whom, by whom.
    pub heading: Heading,
    /// Answers that nobody disputes, by question.
    pub answers: BTreeMap<String, Answer>,
    /// What waits for a choice: two devices wrote different answers at the same time.
    pub disputes: Vec<Dispute>,
}

impl Paper {
    /// Reads the fields with the form that the draft is pinned to. A value that the form does not understand stays in the
    /// document and counts as no answer.
    pub fn read(fields: &Fields, form: &CheckedForm) -> Option<Self> {
        let heading = Heading::read(fields)?;
        let answered = form
            .template()
            .questions()
            .filter_map(|(_, question)| answer_of(fields, question).map(|answer| (question.key.clone(), answer)));
        Some(Self { heading, answers: answered.collect(), disputes: disputes_of(fields) })
    }

    /// How far it is filled in. A disputed answer counts as none.
    pub fn completion(&self, form: &CheckedForm, today: Day) -> Completion {
        let conflicted: BTreeSet<String> = self.disputes.iter().map(|dispute| dispute.question.clone()).collect();
        let (answers, tables) = (&self.answers, &BTreeMap::new());
        form.completion(&Filling { answers, tables, conflicted: &conflicted, is_leader: false, today })
    }
}

/// What the id of the document is derived from.
pub(crate) fn subject_of(fields: &Fields) -> Option<Vec<u8>> {
    Heading::read(fields).map(|heading| heading.subject())
}

/// Whether the fields are a paper of a case, and its author's own.
pub(crate) fn check_shape(fields: &Fields, author: Option<PersonId>) -> Result<(), Refusal> {
    let heading = Heading::read(fields).ok_or(Refusal::BrokenDocument)?;
    let is_own = author.is_none_or(|author| author == heading.author);
    if is_own { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Whether this is the form that a pin names: by its content, and by the code and version that say what it is for.
pub(crate) fn is_form_of(pin: &FormPin, form: &CheckedForm, fingerprint: &EntryHash) -> bool {
    let template = form.template();
    let is_content = pin.fingerprint.as_bytes() == fingerprint.as_bytes();
    is_content && pin.code == template.code && pin.version == template.version
}

/// Whether the value may be signed: the form that is named, nothing missing, nothing disputed.
pub(crate) fn check_complete(
    fields: &Fields,
    form: &CheckedForm,
    fingerprint: &EntryHash,
    (person, today): (PersonId, Day),
) -> Result<(), Refusal> {
    let read = Paper::read(fields, form).ok_or(Refusal::BrokenDocument)?;
    if !is_form_of(&read.heading.form, form, fingerprint) {
        return Err(Refusal::UnknownForm);
    }
    if read.heading.author != person {
        return Err(Refusal::NotAllowed);
    }
    if read.completion(form, today).is_complete() { Ok(()) } else { Err(Refusal::Incomplete) }
}
