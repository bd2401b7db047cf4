//! Who may do what: one table, used by the gate and by the screens (what is not allowed is not offered).

use crate::case::READERS;
use crate::case::paper::PaperKind;
use crate::document::DocumentKind;
use crate::entry::EntryKind;
use crate::membership::Role;
use crate::minutes::WRITERS;

/// Whether somebody with this role may add this kind of entry to this kind of document.
///
/// A self-assessment is written and submitted by its own cadre; the head and the personnel office ask it back or
/// accept it; a supervisor only reads. What a phone says of a round, its own person says. Source: domain 2.1, security 2.4.
pub fn may_add(role: Role, document: DocumentKind, entry: EntryKind) -> bool {
    match (document, entry) {
        (DocumentKind::SelfAssessment, EntryKind::Change | EntryKind::Submit) => role == Role::Subject,
        (DocumentKind::SelfAssessment, EntryKind::Status) => matches!(role, Role::Head | Role::PersonnelOffice),
        (DocumentKind::SelfAssessment, EntryKind::Grant) => false,
        // Whoever may sign it is asked when it is signed; a draft in one's own space is nobody else's business.
        (DocumentKind::Paper, EntryKind::Change | EntryKind::Submit) => role != Role::Supervisor,
        (DocumentKind::Paper, EntryKind::Status | EntryKind::Grant) => false,
        // Which step, the table of the case says.
        (DocumentKind::Case, EntryKind::Status) => READERS.contains(&role),
        (DocumentKind::Case, EntryKind::Change | EntryKind::Submit | EntryKind::Grant) => false,
        (DocumentKind::Published, _) => false,
        (DocumentKind::Minutes, EntryKind::Change) => WRITERS.contains(&role),
        (DocumentKind::Minutes, EntryKind::Submit) => role == PaperKind::Minutes.author(),
        (DocumentKind::Minutes, EntryKind::Status | EntryKind::Grant) => false,
        (_, EntryKind::File) => false,
        // The office publishes; a phone that could would stop everybody's work when it is stolen.
        (DocumentKind::Directory, _) => false,
        (DocumentKind::RoundRecord, EntryKind::Change) => role == Role::Subject,
        (DocumentKind::RoundRecord, EntryKind::Submit | EntryKind::Status | EntryKind::Grant) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cadre_writes_and_only_the_office_decides() {
        use EntryKind::{Change, Grant, Status, Submit};
        use Role::{Head, PersonnelOffice, Subject, Supervisor};
        let paper = DocumentKind::SelfAssessment;
        for (role, allowed) in [
            (Subject, [true, true, false, false]),
            (Head, [false, false, true, false]),
            (PersonnelOffice, [false, false, true, false]),
            (Supervisor, [false, false, false, false]),
        ] {
            assert_eq!([Change, Submit, Status, Grant].map(|entry| may_add(role, paper, entry)), allowed, "{role:?}");
        }
        let record = DocumentKind::RoundRecord;
        for (role, allowed) in [(Subject, true), (Head, false), (PersonnelOffice, false), (Supervisor, false)] {
            let expected = [allowed, false, false, false];
            assert_eq!([Change, Submit, Status, Grant].map(|entry| may_add(role, record, entry)), expected, "{role:?}");
        }
    }
}
