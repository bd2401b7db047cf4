//! What the office publishes: an item of the directory in its document and, for pages and rules, in a table.
//!
//! The table always says what the log says, also of items that phones bring back after a restore.

use model::directory::DirectoryItem;
use model::document::DocumentKind;
use model::entry::{Entry, EntryDraft, EntryKind, actor_of};
use model::gate::DocumentState;
use model::identity::{DocumentId, PersonId, SpaceId};
use model::time::Timestamp;

use crate::failure::ServerFailed;
use crate::log::{self, SpaceRow};
use crate::past::Past;
use crate::serve::Serving;

impl Serving<'_> {
    /// Writes an item as the office; one that stands there word for word already costs nothing.
    pub fn publish(&mut self, space: SpaceId, item: &DirectoryItem) -> Result<(), ServerFailed> {
        let row = log::space(self.connection, space)?.ok_or(ServerFailed::Damaged)?;
        let document = item.document(space);
        let state = log::document(self.connection, row.id, document)?;
        let changes = state.map_or(0, |state| state.changes);
        let mut open = self.memory.document(self.connection, row.id, document, changes)?;
        let incarnation = self.epoch.random;
        let actor = actor_of(self.office(), space, document, incarnation);
        let made = open.record(actor, Timestamp::from_utc_ms(self.now_ms), &item.edits());
        if let Some(change) = made {
            let (kind, person, body) = (EntryKind::Change, self.office_person(), change.bytes);
            let draft = EntryDraft { kind, space, document, person, incarnation, body };
            let entry = Entry::sign(draft, self.key).map_err(|_| ServerFailed::Damaged)?;
            self.append_office_act(&entry)?;
        }
        log::save_directory(self.connection, item)
    }

    /// The office's own person: acts without a named member of staff stand under it.
    pub fn office_person(&self) -> PersonId {
        PersonId::from_bytes(*self.office().as_bytes())
    }

    /// Remembers an item that a phone brought back, until the request is taken in whole.
    pub(crate) fn note_published(&mut self, document: DocumentId, state: &DocumentState, past: Past) {
        if state.kind == DocumentKind::Directory && !past.is_unknown() {
            self.published.insert(document);
        }
    }

    /// Takes what came back into the table. Where the office has published something else in this life, two values of
    /// one field stand side by side, which no phone can read: what it said last, in this life, is said once more.
    pub(crate) fn keep_published(&mut self, space: &mut SpaceRow) -> Result<(), ServerFailed> {
        for document in std::mem::take(&mut self.published) {
            let state = log::document(self.connection, space.id, document)?.ok_or(ServerFailed::Damaged)?;
            let open = self.memory.document(self.connection, space.id, document, state.changes)?;
            let fields = open.fields().map_err(|_| ServerFailed::Damaged)?;
            self.memory.keep_document(space.id, document, state.changes, open);
            if let Some(item) = DirectoryItem::read(&fields) {
                log::save_directory(self.connection, &item)?;
                continue;
            }
            let said = log::directory_items(self.connection)?;
            if let Some(said) = said.into_iter().find(|item| item.document(space.space) == document) {
                log::save_head(self.connection, space)?;
                self.publish(space.space, &said)?;
                *space = log::space(self.connection, space.space)?.ok_or(ServerFailed::Damaged)?;
            }
        }
        Ok(())
    }
}
