//! What documents are for.

use minicbor::{Decode, Encode};

use crate::identity::{DocumentId, SpaceId, derive_bytes};

/// What a document is for. The word stands in its root as `_t`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, uniffi::Enum)]
#[cbor(index_only)]
pub enum DocumentKind {
    /// A cadre's account of a period.
    #[n(1)]
    SelfAssessment = 1,
    /// A public fact of the office: unit, cadre, rule set, form, cycle.
    #[n(2)]
    Directory = 2,
    /// What a volunteer's phone says of a round: slips drawn, seals, slips returned.
    #[n(3)]
    RoundRecord = 3,
    /// A paper of somebody's case, drafted in its author's own space.
    #[n(4)]
    Paper = 4,
    /// A case: what was filed and which steps were taken; nobody edits it.
    #[n(5)]
    Case = 5,
    /// A result that the people of a unit may read; nobody edits it.
    #[n(6)]
    Published = 6,
    /// The minutes of a review meeting, written by several people.
    #[n(7)]
    Minutes = 7,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::SelfAssessment,
        Self::Directory,
        Self::RoundRecord,
        Self::Paper,
        Self::Case,
        Self::Published,
        Self::Minutes,
    ];

    /// The word in `_t`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SelfAssessment => "self_assessment",
            Self::Directory => "directory",
            Self::RoundRecord => "round_record",
            Self::Paper => "paper",
            Self::Case => "case",
            Self::Published => "published",
            Self::Minutes => "minutes",
        }
    }

    /// The kind that a word names, if this version knows it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The id of the one document of this kind about a subject, the same on every offline device. Its first byte is the
    /// kind, so that a document which comes back after a restore is known without being opened.
    pub fn document_about(self, space: SpaceId, subject: &[u8]) -> DocumentId {
        let mut id = derive_bytes("document", &[space.as_bytes(), self.word().as_bytes(), subject]);
        id[0] = self as u8;
        DocumentId::from_bytes(id)
    }

    /// The kind of the document with this id; none if it is of a kind that this version does not know.
    pub fn of(id: DocumentId) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == id.as_bytes()[0])
    }
}
