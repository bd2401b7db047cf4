//! What is in force: the one fold that every replica does over a log, per document.
//!
//! A row depends on earlier rows only, never on a merge, a clock or an arrival order of its own. What is in force at
//! its place stays in force. Source: exchange rules R11, R12, R21.

use minicbor::{Decode, Encode};

use crate::case::CaseState;
use crate::case::filed::{FiledAt, Papers};
use crate::case::findings::Findings;
use crate::entry::{Content, Entry};
use crate::hash::EntryHash;
use crate::identity::DeviceId;
use crate::membership::Membership;
use crate::receipt::Place;

/// The decisions in force about one document.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Decisions {
    /// The submission that counts.
    #[n(0)]
    pub submitted: Option<EntryHash>,
    /// The step of the case that counts.
    #[n(1)]
    pub status: Option<StatusInForce>,
    /// The papers that lie in the case.
    #[n(2)]
    #[cbor(default)]
    pub papers: Papers,
    /// What they say that later steps depend on.
    #[n(3)]
    #[cbor(default)]
    pub findings: Findings,
}

/// A step of a case in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct StatusInForce {
    /// The entry.
    #[n(0)]
    pub hash: EntryHash,
    /// The state it set.
    #[n(1)]
    pub to: CaseState,
}

impl Decisions {
    /// Whether this entry, next in the log, names exactly what it replaces (exchange rule R11).
    pub fn fits(&self, content: &Content) -> bool {
        match content {
            Content::Submit(submit) => submit.over == self.submitted,
            Content::Status(status) => status.follows == self.status.map(|status| status.hash),
            Content::Change(_) | Content::Grant(_) | Content::File(_) => true,
        }
    }

    /// Takes in a row that is in force.
    pub fn record(&mut self, entry: &Entry) {
        match &entry.content {
            Content::Submit(_) => self.submitted = Some(entry.hash),
            Content::Status(status) => self.status = Some(StatusInForce { hash: entry.hash, to: status.to }),
            Content::File(filed) => {
                let during = self.status.map(|status| status.hash);
                self.papers.insert(filed.paper, FiledAt { hash: entry.hash, during });
                self.findings.record(filed);
            }
            Content::Change(_) | Content::Grant(_) => {}
        }
    }
}

/// Whether a row has effect, given the rows before it.
///
/// `place` is the row's first receipt: an author counts who was in by the rows before, or at that receipt.
pub fn is_in_force(
    entry: &Entry,
    place: Place,
    office: DeviceId,
    membership: &Membership,
    decisions: &Decisions,
) -> bool {
    let author = entry.fields.device;
    let is_allowed = author == office || !matches!(entry.content, Content::Grant(_) | Content::File(_));
    is_allowed && is_author_in(author, place, office, membership) && decisions.fits(&entry.content)
}

/// The part of [`is_in_force`] that asks who wrote; for a change it is the whole of it.
pub fn is_author_in(author: DeviceId, place: Place, office: DeviceId, membership: &Membership) -> bool {
    author == office || membership.standing(author).is_some() || membership.standing_at(author, place).is_some()
}
