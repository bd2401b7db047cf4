//! Rows and answers of one space, taken in as one transaction: rows, cursor, receipts, refusals.
//!
//! Source: exchange rules R5, R6, R11-R13, R17 and their table of answers.

use std::collections::{HashMap, HashSet};

use model::decision::{is_author_in, is_in_force};
use model::entry::{Content, Entry, EntryKind};
use model::exchange::{Acknowledgement, Cursor, Row, Rows};
use model::hash::{EntryHash, Signature};
use model::identity::{DeviceId, DocumentId, SpaceId};
use model::membership::Membership;
use model::receipt::{PAGE_LEAVES_MAX, Place, ReceiptLeaf, ReceiptPage};
use model::refusal::Refusal;
use model::signatures::SignatureBatch;
use rusqlite::Transaction;

use crate::store::documents::DocumentRow;
use crate::store::entries::{Held, Placed};
use crate::store::spaces::SpaceState;
use crate::store::{Store, StoreFailed, documents, entries, outbox, spaces};
use crate::sync::session::{Alarm, Applied, Parties};

/// Why a reply was thrown away whole; the transaction is rolled back.
enum Thrown {
    Store(StoreFailed),
    Stale,
    Alarm(Alarm),
}

impl From<StoreFailed> for Thrown {
    fn from(failed: StoreFailed) -> Self {
        Self::Store(failed)
    }
}

pub(crate) fn take(
    store: &mut Store,
    parties: &Parties,
    (space, at): (SpaceId, Cursor),
    (pushed, ahead): (&[EntryHash], u64),
    rows: &Rows,
) -> Result<Applied, StoreFailed> {
    let result = store.transact(|transaction| {
        let state = spaces::state(transaction, space)?.filter(|state| state.cursor == at).ok_or(Thrown::Stale)?;
        if rows.acknowledgements.len() != pushed.len() {
            return Err(Thrown::Alarm(Alarm::BrokenReply));
        }
        let membership = spaces::members(transaction, space)?;
        let mut taking = Taking { transaction, parties, pushed, state, membership, documents: HashMap::new() };
        let is_moved = taking.rows(rows)? | taking.acknowledgements(rows)?;
        taking.finish(rows)?;
        Ok(is_moved | taking.lost(rows, ahead)?)
    });
    match result {
        Ok(is_moved) => Ok(Applied::Taken { is_moved, has_more: rows.has_more }),
        Err(Thrown::Stale) => Ok(Applied::Dropped),
        Err(Thrown::Alarm(alarm)) => Ok(Applied::Alarmed(alarm)),
        Err(Thrown::Store(failed)) => Err(failed),
    }
}

/// The server left a space out of its reply: its log ends where this phone's does. Whether it had said before the request
/// that it has something which does not stand there.
pub(crate) fn nothing_new(
    store: &mut Store,
    parties: &Parties,
    (space, at): (SpaceId, Cursor),
    ahead: u64,
) -> Result<bool, StoreFailed> {
    if ahead == 0 || spaces::state(store.reader(), space)?.is_none_or(|state| state.cursor != at) {
        return Ok(false);
    }
    store.transact(|transaction| {
        let is_member = spaces::members(transaction, space)?.standing(parties.device).is_some();
        Ok(is_member && outbox::bring_lost_back(transaction, space, ahead)?)
    })
}

struct Taking<'a> {
    transaction: &'a Transaction<'a>,
    parties: &'a Parties,
    pushed: &'a [EntryHash],
    state: SpaceState,
    membership: Membership,
    documents: HashMap<DocumentId, DocumentRow>,
}

impl Taking<'_> {
    fn rows(&mut self, rows: &Rows) -> Result<bool, Thrown> {
        let (mut leaves, mut entries) = (Vec::with_capacity(rows.rows.len()), Vec::with_capacity(rows.rows.len()));
        for (offset, row) in rows.rows.iter().enumerate() {
            let (leaf, entry) = self.leaf(row, self.state.cursor.number + 1 + offset as u64)?;
            leaves.push(leaf);
            entries.push(entry);
        }
        let pages = self.verified_pages(&leaves, &rows.rows_by)?;
        let mut signatures = SignatureBatch::default();
        for (offset, entry) in entries.into_iter().enumerate() {
            self.row(entry, &leaves[offset], pages[offset / PAGE_LEAVES_MAX], &mut signatures)?;
        }
        if signatures.holds() { Ok(!rows.rows.is_empty()) } else { Err(Thrown::Alarm(Alarm::ForgedReply)) }
    }

    /// What the row's receipt says, and its entry if it came with the row.
    fn leaf(&self, row: &Row, number: u64) -> Result<(ReceiptLeaf, Option<Entry>), Thrown> {
        let here = Place { epoch: self.state.cursor.epoch, number };
        let (hash, first, in_force, received_ms, entry) = match row {
            Row::Pushed { index, first, in_force, received_ms } => {
                let hash = self.pushed.get(usize::from(*index)).ok_or(Thrown::Alarm(Alarm::BrokenReply))?;
                (*hash, first, in_force, received_ms, None)
            }
            Row::Full { entry, first, in_force, received_ms } => {
                let entry = Entry::read(entry).map_err(|_| Thrown::Alarm(Alarm::BrokenReply))?;
                if entry.fields.space != self.state.space {
                    return Err(Thrown::Alarm(Alarm::BrokenReply));
                }
                (entry.hash, first, in_force, received_ms, Some(entry))
            }
        };
        let (place, in_force, received_ms) = (first.unwrap_or(here), *in_force, *received_ms);
        Ok((ReceiptLeaf { hash, place, in_force, received_ms }, entry))
    }

    fn row(
        &mut self,
        entry: Option<Entry>,
        leaf: &ReceiptLeaf,
        page: i64,
        signatures: &mut SignatureBatch,
    ) -> Result<(), Thrown> {
        let cursor = &mut self.state.cursor;
        cursor.number += 1;
        cursor.chain = cursor.chain.after(&leaf.hash, &leaf.place);
        let (number, chain, first, in_force) = (cursor.number, cursor.chain, leaf.place, leaf.in_force);
        let placed = Placed { number, chain, first, page, in_force };
        if let Some(entry) = &entry {
            let about = match entry.fields.kind {
                EntryKind::Grant => None,
                _ => Some(&*document_row(&mut self.documents, self.transaction, self.state.space, entry)?),
            };
            if let Some(id) = entries::keep_row(self.transaction, entry, about, &placed)? {
                return self.new_row(entry, leaf, id, signatures);
            }
        }
        let held = self.held(&leaf.hash)?;
        self.known_row(held, entry, leaf, &placed)
    }

    fn new_row(
        &mut self,
        entry: &Entry,
        leaf: &ReceiptLeaf,
        id: i64,
        signatures: &mut SignatureBatch,
    ) -> Result<(), Thrown> {
        let key = self.key_of(entry.fields.device).ok_or(Thrown::Alarm(Alarm::ForgedReply))?;
        signatures.add(entry, &key);
        self.fold(entry, leaf, Some(id))
    }

    /// A row of what this phone holds already. Of a change that is not refused only its author matters.
    fn known_row(
        &mut self,
        held: Held,
        entry: Option<Entry>,
        leaf: &ReceiptLeaf,
        placed: &Placed,
    ) -> Result<(), Thrown> {
        entries::place(self.transaction, held.id, placed)?;
        if held.kind == EntryKind::Change && held.refusal.is_none() {
            let office = model::entry::device_id(&self.parties.server);
            return agreed(is_author_in(held.device, leaf.place, office, &self.membership), leaf);
        }
        let entry = match entry {
            Some(entry) => entry,
            None => entries::entry_of(self.transaction, &leaf.hash)?.ok_or(Thrown::Stale)?,
        };
        self.fold(&entry, leaf, held.refusal.map(|_| held.id))
    }

    /// Takes the row into membership and decisions. The fold decides, not the server's word: a server that says
    /// otherwise is not ours. `new` is the entry's id if its document did not count it yet.
    fn fold(&mut self, entry: &Entry, leaf: &ReceiptLeaf, new: Option<i64>) -> Result<(), Thrown> {
        let office = model::entry::device_id(&self.parties.server);
        let membership = &self.membership;
        if let Content::Grant(grant) = &entry.content {
            let in_force = is_in_force(entry, leaf.place, office, membership, &Default::default());
            if in_force {
                self.membership.record(leaf.place, self.state.cursor.number, grant.clone());
            }
            return agreed(in_force, leaf);
        }
        let row = document_row(&mut self.documents, self.transaction, self.state.space, entry)?;
        let in_force = is_in_force(entry, leaf.place, office, membership, &row.decisions);
        if in_force {
            row.decisions.record(entry);
        }
        if let Some(id) = new {
            row.changes += u32::from(entry.fields.kind == EntryKind::Change);
            row.latest = row.latest.max(id);
        }
        agreed(in_force, leaf)
    }

    fn key_of(&self, device: DeviceId) -> Option<model::hash::PublicKey> {
        let server = self.parties.server;
        if device == model::entry::device_id(&server) { Some(server) } else { self.membership.key_of(device) }
    }

    fn acknowledgements(&mut self, rows: &Rows) -> Result<bool, Thrown> {
        let mut leaves = Vec::new();
        for (hash, answer) in self.pushed.iter().zip(&rows.acknowledgements) {
            if let Acknowledgement::Stored { first, in_force, received_ms, .. } = answer {
                let (place, in_force, received_ms) = (*first, *in_force, *received_ms);
                leaves.push(ReceiptLeaf { hash: *hash, place, in_force, received_ms });
            }
        }
        let here: HashSet<EntryHash> = self.rows_of(rows);
        let is_needed = leaves.iter().any(|leaf| !here.contains(&leaf.hash));
        let pages = if is_needed { self.verified_pages(&leaves, &rows.acknowledged_by)? } else { Vec::new() };
        let has_refused = entries::has_refused(self.transaction, self.state.space)?;
        let (mut stored, mut is_moved) = (0, false);
        for (hash, answer) in self.pushed.iter().zip(&rows.acknowledgements) {
            is_moved |= match answer {
                Acknowledgement::Stored { first, number, in_force, .. } => {
                    if !here.contains(hash) {
                        let told = (pages[stored / PAGE_LEAVES_MAX], *in_force);
                        self.acknowledge(hash, *first, *number, told)?;
                    }
                    stored += 1;
                    if has_refused {
                        self.bring_refused_back(hash)?;
                    }
                    true
                }
                Acknowledgement::Refused(refusal) => self.refuse(hash, *refusal)?,
                Acknowledgement::Missing(hashes) => self.missing(hash, hashes)?,
                Acknowledgement::Wait => false,
            };
        }
        Ok(is_moved)
    }

    fn rows_of(&self, rows: &Rows) -> HashSet<EntryHash> {
        let index = |row: &Row| match row {
            Row::Pushed { index, .. } => self.pushed.get(usize::from(*index)).copied(),
            Row::Full { .. } => None,
        };
        rows.rows.iter().filter_map(index).collect()
    }

    fn acknowledge(&mut self, hash: &EntryHash, first: Place, number: u64, told: (i64, bool)) -> Result<(), Thrown> {
        let held = self.held(hash)?;
        if held.number.is_none() {
            entries::acknowledge(self.transaction, &held, first, number, told)?;
        }
        Ok(())
    }

    fn held(&self, hash: &EntryHash) -> Result<Held, Thrown> {
        entries::find(self.transaction, hash)?.ok_or(Thrown::Stale)
    }

    /// The log wins: what stands there or left the outbox is not refused afterwards (exchange rule R17).
    fn refuse(&mut self, hash: &EntryHash, refusal: Refusal) -> Result<bool, Thrown> {
        let held = self.held(hash)?;
        if held.number.is_some() || !held.is_unsent {
            return Ok(false);
        }
        entries::refuse(self.transaction, held.id, refusal)?;
        let entry = entries::entry_of(self.transaction, hash)?.ok_or(Thrown::Stale)?;
        if entry.fields.kind == EntryKind::Change {
            let row = document_row(&mut self.documents, self.transaction, self.state.space, &entry)?;
            row.changes = row.changes.saturating_sub(1);
            if entry.fields.device == self.parties.device {
                row.rebased += 1;
            }
        }
        Ok(true)
    }

    /// What is held and not refused is sent next time; what builds on a refused entry is refused too (R9, R17).
    fn missing(&mut self, hash: &EntryHash, hashes: &[EntryHash]) -> Result<bool, Thrown> {
        let mut builds_on_refused = false;
        for hash in hashes {
            match entries::find(self.transaction, hash)? {
                Some(named) if named.refusal.is_some() => builds_on_refused = true,
                Some(named) => entries::unsend(self.transaction, named.id)?,
                None => {}
            }
        }
        if builds_on_refused { self.refuse(hash, Refusal::BuildsOnRefused) } else { Ok(false) }
    }

    /// What a stored entry builds on is stored too, whatever was answered about it (exchange rule R17).
    fn bring_refused_back(&mut self, hash: &EntryHash) -> Result<(), Thrown> {
        let mut under = match entries::entry_of(self.transaction, hash)? {
            Some(entry) => entry.dependencies(),
            None => return Ok(()),
        };
        let mut seen = HashSet::new();
        while let Some(hash) = under.pop() {
            let Some(held) = entries::find(self.transaction, &hash)? else { continue };
            if held.refusal.is_none() || !seen.insert(hash) {
                continue;
            }
            entries::unsend(self.transaction, held.id)?;
            let entry = entries::entry_of(self.transaction, &hash)?.ok_or(Thrown::Stale)?;
            let row = document_row(&mut self.documents, self.transaction, self.state.space, &entry)?;
            row.changes += u32::from(entry.fields.kind == EntryKind::Change);
            under.extend(entry.dependencies());
        }
        Ok(())
    }

    fn verified_pages(&self, leaves: &[ReceiptLeaf], signatures: &[Signature]) -> Result<Vec<i64>, Thrown> {
        let chunks = leaves.chunks(PAGE_LEAVES_MAX);
        if chunks.len() != signatures.len() {
            return Err(Thrown::Alarm(Alarm::ForgedReply));
        }
        let mut pages = Vec::with_capacity(signatures.len());
        for (leaves, signature) in chunks.zip(signatures) {
            let page = ReceiptPage { space: self.state.space, leaves: leaves.to_vec(), signature: *signature };
            if !page.is_signed_by(&self.parties.server) {
                return Err(Thrown::Alarm(Alarm::ForgedReply));
            }
            pages.push(entries::keep_page(self.transaction, &page)?);
        }
        Ok(pages)
    }

    /// What the server had said before the request that it has stands among its rows, as far as they were read; a member
    /// reads to their end, and a late reply knows only what was said before its request.
    fn lost(&self, rows: &Rows, ahead: u64) -> Result<bool, StoreFailed> {
        let is_member = self.membership.standing(self.parties.device).is_some();
        let held = self.state.cursor.number;
        let read = if is_member && !rows.has_more { held.max(ahead) } else { held };
        outbox::bring_lost_back(self.transaction, self.state.space, read)
    }

    fn finish(&mut self, rows: &Rows) -> Result<(), Thrown> {
        for row in self.documents.values() {
            documents::write(self.transaction, row)?;
        }
        self.state.safe = self.state.safe.max(rows.safe);
        self.state.is_copied = rows.has_second_copy;
        Ok(spaces::advance(self.transaction, &self.state)?)
    }
}

fn document_row<'a>(
    rows: &'a mut HashMap<DocumentId, DocumentRow>,
    transaction: &Transaction<'_>,
    space: SpaceId,
    entry: &Entry,
) -> Result<&'a mut DocumentRow, StoreFailed> {
    let id = entry.fields.document;
    if let std::collections::hash_map::Entry::Vacant(vacant) = rows.entry(id) {
        let known = documents::find(transaction, space, id)?;
        vacant.insert(match known {
            Some(known) => known,
            None => documents::begin(transaction, space, id, entry.fields.person)?,
        });
    }
    Ok(rows.get_mut(&id).expect("it was put there above"))
}

fn agreed(in_force: bool, leaf: &ReceiptLeaf) -> Result<(), Thrown> {
    if in_force == leaf.in_force { Ok(()) } else { Err(Thrown::Alarm(Alarm::ForgedReply)) }
}
