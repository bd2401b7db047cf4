//! What the office publishes: an item of the directory in its document and, for pages and rules, in a table.
//!
//! The table always says what the log says, also of items that phones bring back after a restore. The office writes under
//! a fresh incarnation since each start: one that a backup or an older folder brings back would give two changes one
//! number (exchange rule R1).

use model::directory::DirectoryItem;
use model::document::{DocumentKind, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of};
use model::gate::DocumentState;
use model::hash::EntryHash;
use model::identity::{DocumentId, PersonId, SpaceId};
use model::receipt::Epoch;
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
        let size = state.map_or((0, 0), |state| (state.changes, state.operations));
        let mut open = self.memory.document(self.connection, row.id, document, size)?;
        let incarnation = self.incarnation;
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

    /// Takes what came back into the table. Where the office has published something else meanwhile, two values of one
    /// field stand side by side, which no phone can read: what it published last is said once more.
    pub(crate) fn keep_published(&mut self, space: &mut SpaceRow) -> Result<(), ServerFailed> {
        for document in std::mem::take(&mut self.published) {
            let state = log::document(self.connection, space.id, document)?.ok_or(ServerFailed::Damaged)?;
            let size = (state.changes, state.operations);
            let open = self.memory.document(self.connection, space.id, document, size)?;
            let fields = open.fields().map_err(|_| ServerFailed::Damaged)?;
            let item = DirectoryItem::read(&fields);
            let last = if item.is_none() { self.published_last(space.id, &open)? } else { None };
            self.memory.keep_document(space.id, document, state.changes, open);
            if let Some(item) = item {
                log::save_directory(self.connection, &item)?;
            }
            if let Some(last) = last {
                log::save_head(self.connection, space)?;
                self.publish(space.space, &last)?;
                *space = log::space(self.connection, space.space)?.ok_or(ServerFailed::Damaged)?;
            }
        }
        Ok(())
    }

    /// Of the values that stand side by side the one that the office published last, by the receipts of its changes.
    fn published_last(&self, space: i64, open: &WorkingDocument) -> Result<Option<DirectoryItem>, ServerFailed> {
        let mut last: Option<(Published, DirectoryItem)> = None;
        for head in open.heads() {
            let published = self.published_at(space, open, &head)?;
            let item = item_at(open, &head).filter(|_| last.as_ref().is_none_or(|(before, _)| *before < published));
            last = item.map(|item| (published, item)).or(last);
        }
        Ok(last.map(|(_, item)| item))
    }

    /// When the office first published what stands at a change. One that only settles what stood side by side says once
    /// more what was published before, perhaps in an earlier life than what is still to come back.
    fn published_at(&self, space: i64, open: &WorkingDocument, hash: &EntryHash) -> Result<Published, ServerFailed> {
        let stored = log::find(self.connection, space, hash)?.ok_or(ServerFailed::Damaged)?;
        let (entry, _) = log::received(self.connection, space, hash)?.ok_or(ServerFailed::Damaged)?;
        let (item, before) = (item_at(open, hash), entry.dependencies());
        let mut first = None;
        for before in before.iter().filter(|before| item_at(open, before) == item) {
            first = first.max(Some(self.published_at(space, open, before)?));
        }
        Ok(first.unwrap_or((stored.first.epoch, stored.received_ms, stored.first.number)))
    }
}

/// The life in which a change was published, when, and its number there. A life whose folder went back has given numbers
/// twice, so the clock comes before them.
type Published = (Epoch, i64, u64);

fn item_at(open: &WorkingDocument, head: &EntryHash) -> Option<DirectoryItem> {
    open.fields_at(&[*head]).ok().and_then(|fields| DirectoryItem::read(&fields))
}
