//! The directory: what the office tells every phone of the commune. One item, one document.
//!
//! An item is a document of two words and a body: what it is, its code, and JSON. Items are replaced whole by the
//! office; a phone only reads them.

use crate::document::{DocumentKind, Edit, Field, Fields, Scalar};
use crate::identity::{DocumentId, SpaceId};

/// What an item of the directory is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ItemKind {
    /// A unit of the organisation tree.
    Unit,
    /// A cadre with the present assignment.
    Cadre,
    /// A rule set.
    RuleSet,
    /// A form version.
    Form,
    /// An evaluation cycle.
    Cycle,
    /// A round of opinion that was announced.
    Round,
    /// A role that somebody holds over the cases of others.
    Appointment,
}

impl ItemKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Unit, Self::Cadre, Self::RuleSet, Self::Form, Self::Cycle, Self::Round, Self::Appointment];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Cadre => "cadre",
            Self::RuleSet => "rule_set",
            Self::Form => "form",
            Self::Cycle => "cycle",
            Self::Round => "round",
            Self::Appointment => "appointment",
        }
    }

    /// The kind that a word names, if this version knows it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One public fact of the office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryItem {
    /// What it is.
    pub kind: ItemKind,
    /// Its code, unique per kind.
    pub code: String,
    /// JSON of the trade type.
    pub body: String,
}

impl DirectoryItem {
    /// The document that holds it.
    pub fn document(&self, space: SpaceId) -> DocumentId {
        DocumentKind::Directory.document_about(space, &subject(self.kind.word(), &self.code))
    }

    /// The edits that write it whole.
    pub fn edits(&self) -> Vec<Edit> {
        let text =
            |field: &str, value: &str| Edit { field: field.to_owned(), value: Some(Scalar::Text(value.to_owned())) };
        vec![
            text("_t", DocumentKind::Directory.word()),
            Edit { field: "_v".to_owned(), value: Some(Scalar::Integer(1)) },
            text("item", self.kind.word()),
            text("code", &self.code),
            text("body", &self.body),
        ]
    }

    /// Reads an item; `None` for a kind of a newer office or a disputed field.
    pub fn read(fields: &Fields) -> Option<Self> {
        let kind = ItemKind::from_word(text(fields, "item")?)?;
        Some(Self { kind, code: text(fields, "code")?.to_owned(), body: text(fields, "body")?.to_owned() })
    }
}

/// What the document's id is derived from.
pub(crate) fn subject_of(fields: &Fields) -> Option<Vec<u8>> {
    Some(subject(text(fields, "item")?, text(fields, "code")?))
}

fn subject(kind: &str, code: &str) -> Vec<u8> {
    [kind.as_bytes(), b"/", code.as_bytes()].concat()
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(Field::Settled(Scalar::Text(text))) => Some(text),
        _ => None,
    }
}
