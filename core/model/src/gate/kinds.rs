//! What the gate asks of a document of each kind.

use crate::directory;
use crate::document::{DocumentKind, Fields};
use crate::identity::PersonId;
use crate::minutes;
use crate::paper;
use crate::refusal::Refusal;
use crate::round::record;
use crate::self_assessment;

/// The kind that a document says it is.
pub fn kind_of(fields: &Fields) -> Option<DocumentKind> {
    DocumentKind::from_word(self_assessment::text_of(fields, "_t")?)
}

/// What the id of a document of this kind is derived from.
pub(super) fn subject_of(kind: DocumentKind, fields: &Fields) -> Option<Vec<u8>> {
    match kind {
        DocumentKind::SelfAssessment => self_assessment::subject_of(fields),
        DocumentKind::Directory => directory::subject_of(fields),
        DocumentKind::RoundRecord => record::subject_of(fields),
        DocumentKind::Paper => paper::subject_of(fields),
        DocumentKind::Minutes => minutes::subject_of(fields),
        DocumentKind::Case | DocumentKind::Published => None,
    }
}

/// Whether the fields are what a document of this kind holds, and the author's own where it has one.
pub(super) fn check_shape(kind: DocumentKind, fields: &Fields, author: Option<PersonId>) -> Result<(), Refusal> {
    match kind {
        DocumentKind::SelfAssessment => self_assessment::check_shape(fields, author),
        DocumentKind::RoundRecord => record::check_shape(fields, author),
        DocumentKind::Paper => paper::check_shape(fields, author),
        DocumentKind::Minutes => minutes::check_shape(fields),
        DocumentKind::Case | DocumentKind::Published => Err(Refusal::WrongDocument),
        DocumentKind::Directory => Ok(()),
    }
}
