//! One entry into the log: weighed by the gate, looked at by the engine, appended.

use model::case::CaseState;
use model::document::{DocumentKind, FIELDS_READ_MAX, WorkingDocument};
use model::entry::{Content, Entry, device_id};
use model::exchange::Acknowledgement;
use model::gate::{Admitted, DocumentState, Gate, Weighed};
use model::paper::About;
use model::receipt::Place;
use model::refusal::Refusal;
use model::space::{case_space, person_space};
use model::time::Timestamp;

use crate::failure::ServerFailed;
use crate::limits::SPACE_DOCUMENTS_MAX;
use crate::log::{self, Recovery, SpaceRow};
use crate::past::Past;
use crate::serve::{Serving, refused, told};
use crate::shared::Shared;

impl Serving<'_> {
    pub(crate) fn admit(
        &mut self,
        space: &mut SpaceRow,
        entry: &Entry,
        past: Past,
    ) -> Result<Acknowledgement, ServerFailed> {
        self.hear_only_readers(space, entry, past)?;
        let id = entry.fields.document;
        let state = log::document(self.connection, space.id, id)?;
        let here = Place { epoch: self.epoch, number: space.head + 1 };
        let (office, today) = (self.office(), Timestamp::from_utc_ms(self.now_ms).vietnamese_day());
        let is_new = state.is_none() && past.is_unknown() && entry.fields.device != office;
        if is_new && log::documents_in(self.connection, space.id)? >= SPACE_DOCUMENTS_MAX {
            return Ok(refused(Refusal::DocumentFull));
        }
        let held = &self.held(space.id, entry.fields.person)?;
        let (membership, forms) = (self.memory.membership(self.connection, space)?, &self.rules.forms);
        let gate =
            Gate { space: space.space, office, membership: &membership, state: state.as_ref(), forms, today, held };
        let (first, received_ms) = match past {
            // What only something with a receipt speaks for stands at that receipt: who was in then had written it.
            Past::Received(leaf) | Past::BuiltOn(leaf) => (leaf.place, leaf.received_ms),
            Past::Unknown => (here, self.now_ms),
        };
        let looked = match past {
            Past::Received(_) | Past::BuiltOn(_) => Ok((gate.take_back(entry, first), None)),
            Past::Unknown => match gate.weigh(entry) {
                Ok(weighed) => self.look((space.id, entry), weighed, (here, state.as_ref()))?,
                Err(refusal) => Err(refusal),
            },
        };
        let (admitted, open) = match looked {
            Ok(looked) => looked,
            Err(refusal) => return Ok(refused(refusal)),
        };
        if past.is_unknown() && self.is_draft_of_another_place(space, entry)? {
            return Ok(refused(Refusal::WrongDocument));
        }
        let signed = match past {
            Past::Unknown if admitted.in_force => match self.signed(entry)? {
                Ok(Some(signed)) if self.is_recovering(&signed.about)? => return Ok(Acknowledgement::Wait),
                Ok(signed) => signed,
                Err(refusal) => return Ok(refused(refusal)),
            },
            Past::Unknown | Past::Received(_) | Past::BuiltOn(_) => None,
        };
        let stored = log::append(self.connection, space, entry, (first, admitted.in_force), received_ms)?;
        self.moved.push((space.space, stored.number));
        if let Some(state) = &admitted.state {
            log::save_document(self.connection, space.id, id, state)?;
            self.note_published(id, state, past);
            if let Some(open) = open {
                self.memory.keep_document(space.id, id, state.changes, open);
            }
        }
        if let Some(signed) = signed {
            self.file(&signed, entry)?;
        }
        // What comes back after its space was closed may lie in no case.
        self.is_recovered |= !past.is_unknown() && space.recovery == Recovery::Closed;
        self.follow(space.id, entry, admitted.in_force)?;
        if let Content::Grant(grant) = &entry.content {
            // Neither the log nor the membership file knew who is let in here, so neither may know who was sent away.
            if grant.role.is_some() && first.epoch != self.epoch {
                space.recovery = Recovery::Blind;
            }
            self.memory.forget_membership(space.id);
            if let Some(key) = &grant.key {
                log::note_device(self.connection, device_id(key), space.id)?;
            }
            self.granted.push((entry.clone(), space.space, stored));
        }
        Ok(told(&stored))
    }

    /// Whether phones still bring back what a restore lost of the case: a paper that is filed before it would put another
    /// step in the place of one that somebody was told is in force (exchange rule R10).
    pub(crate) fn is_recovering(&self, signed: &About) -> Result<bool, ServerFailed> {
        let case = case_space(&self.identity(), signed.cycle, signed.person);
        Ok(log::space(self.connection, case)?.is_some_and(|space| space.recovery != Recovery::Closed))
    }

    /// What else the office does when an entry came into the log.
    fn follow(&mut self, space: i64, entry: &Entry, in_force: bool) -> Result<(), ServerFailed> {
        match &entry.content {
            Content::File(filed) => self.note_filed(filed),
            Content::Status(status) if in_force && status.to == CaseState::Published => {
                match self.memory.shared(self.connection, space)? {
                    Some(Shared::Case(cycle, person)) => self.publish_late(space, (cycle, person)),
                    Some(Shared::Unit(_) | Shared::Minutes(..)) | None => Ok(()),
                }
            }
            Content::Change(_) | Content::Submit(_) | Content::Status(_) | Content::Grant(_) => Ok(()),
        }
    }

    /// A draft, and what is signed of it, lies with its author alone, but for minutes, which several people write: others read what was signed, and
    /// in the directory what the office says.
    fn is_draft_of_another_place(&mut self, space: &SpaceRow, entry: &Entry) -> Result<bool, ServerFailed> {
        let is_written = matches!(entry.content, Content::Change(_) | Content::Submit(_));
        let is_draft = is_written && entry.fields.device != self.office();
        if !is_draft || space.space == person_space(&self.identity(), entry.fields.person) {
            return Ok(false);
        }
        let shared = self.memory.shared(self.connection, space.id)?;
        let is_minutes = DocumentKind::of(entry.fields.document) == Some(DocumentKind::Minutes);
        Ok(!(is_minutes && matches!(shared, Some(Shared::Minutes(..)))))
    }

    /// The engine's look at an entry, with the document as it is afterwards. A refused change spoils the open document; a
    /// refused submission leaves it as it was, and it stays open for the next one.
    fn look(
        &mut self,
        (space, entry): (i64, &Entry),
        weighed: Weighed<'_, '_>,
        (here, state): (Place, Option<&DocumentState>),
    ) -> Result<Result<(Admitted, Option<WorkingDocument>), Refusal>, ServerFailed> {
        if !weighed.needs_document() {
            return Ok(weighed.admit(here, &mut WorkingDocument::default()).map(|admitted| (admitted, None)));
        }
        let id = entry.fields.document;
        let (changes, operations) = state.map_or((0, 0), |state| (state.changes, state.operations));
        let mut document = self.memory.document(self.connection, space, id, (changes, operations))?;
        let is_submission = matches!(entry.content, Content::Submit(_));
        self.memory.note_look(if is_submission { changes } else { 1 });
        self.note_reading(entry, state);
        match weighed.admit(here, &mut document) {
            Ok(admitted) => Ok(Ok((admitted, Some(document)))),
            Err(refusal) => {
                if is_submission {
                    self.memory.keep_document(space, id, changes, document);
                }
                Ok(Err(refusal))
            }
        }
    }

    /// A look at an entry reads the whole paper; how many fields one has that was taken back unread nobody knows.
    fn note_reading(&mut self, entry: &Entry, state: Option<&DocumentState>) {
        let (fields, bytes) = state.map_or((0, 0), |state| (state.fields.min(FIELDS_READ_MAX as u32), state.bytes));
        let written = match &entry.content {
            Content::Change(header) => header.operations,
            Content::Submit(_) | Content::Status(_) | Content::Grant(_) | Content::File(_) => 0,
        };
        let operations = state.map_or(0, |state| state.operations) + written;
        self.memory.note_reading(u64::from(fields) + written, operations, bytes + entry.fields.body.len() as u64);
    }
}
