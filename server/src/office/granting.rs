//! Acts of membership: who is let in and taken out, and what is remembered of it outside the database.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::entry::{Content, Entry, EntryDraft, EntryKind};
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, SpaceId};
use model::membership::{Grant, Member, Membership, Role};
use model::receipt::{ReceiptLeaf, ReceiptPage, ReceiptedEntry};

use super::{Moment, Office};
use crate::failure::ServerFailed;
use crate::log::{self, MEMBERSHIP_DOCUMENT, SpaceKind, StoredRow};

impl Office {
    /// Lets a device into the directory and into its person's own space.
    pub fn grant_device(
        &mut self,
        key: PublicKey,
        person: PersonId,
        role: Role,
        moment: Moment,
    ) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        let spaces = [self.directory(), self.space_of(person)];
        let grant = Grant { key: Some(key), person, role: Some(role), claimed_ms: moment.now_ms };
        let given = self.act(&spaces, &grant, moment)?;
        self.reasons += 1;
        self.look_after_cases(moment)?;
        Ok(given)
    }

    /// One act of membership in each of these spaces; a space of a person that does not exist yet is made.
    pub fn act(
        &mut self,
        spaces: &[SpaceId],
        grant: &Grant,
        moment: Moment,
    ) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        let acts: Vec<(SpaceId, Grant)> = spaces.iter().map(|space| (*space, grant.clone())).collect();
        self.acts(&acts, moment)
    }

    /// Acts of membership that stand together or not at all, one for each space.
    pub fn acts(&mut self, acts: &[(SpaceId, Grant)], moment: Moment) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        for (space, _) in acts {
            log::create_space(&self.connection, *space, SpaceKind::Person)?;
        }
        let (key, person) = (self.key.clone(), self.office_person());
        let sign = |(space, grant): &(SpaceId, Grant)| membership_entry(*space, grant, (&key, person), moment);
        let entries: Vec<Entry> = acts.iter().map(sign).collect();
        let stored = self.transact(moment, |serving| {
            entries.iter().map(|entry| serving.append_office_act(entry)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(entries.iter().zip(stored).map(|(entry, row)| record(&self.key, entry, row)).collect())
    }

    /// Spaces that a device may read now.
    pub fn spaces_of(&mut self, device: DeviceId) -> Result<Vec<SpaceId>, ServerFailed> {
        let mut readable = Vec::new();
        for space in log::spaces_of(&self.connection, device)? {
            if self.memory.membership(&self.connection, &space)?.standing(device).is_some() {
                readable.push(space.space);
            }
        }
        Ok(readable)
    }

    /// The acts by which a device is in the directory and in the spaces of its people, each with its receipt.
    pub fn enrolment_of(&mut self, device: DeviceId) -> Result<Vec<ReceiptedEntry>, ServerFailed> {
        let mut given = Vec::new();
        for space in log::spaces_of(&self.connection, device)? {
            let is_about = |(entry, _): &(Entry, StoredRow)| match &entry.content {
                Content::Grant(grant) => grant.member() == Member::Device(device) && grant.role.is_some(),
                _ => false,
            };
            // To what several people share it is invited when it asks.
            if self.memory.shared(&self.connection, space.id)?.is_some() {
                continue;
            }
            let acts = log::membership_rows(&self.connection, space.id)?;
            given.extend(acts.into_iter().rfind(is_about).map(|(entry, row)| record(&self.key, &entry, row)));
        }
        Ok(given)
    }

    /// Members of a space.
    pub fn members(&mut self, space: SpaceId) -> Result<Arc<Membership>, ServerFailed> {
        let row = log::space(&self.connection, space)?.ok_or(ServerFailed::Damaged)?;
        self.memory.membership(&self.connection, &row)
    }
}

fn membership_entry(space: SpaceId, grant: &Grant, (key, person): (&SigningKey, PersonId), moment: Moment) -> Entry {
    let body = minicbor::to_vec(grant).expect("writing to memory cannot fail");
    let (kind, document, incarnation) = (EntryKind::Grant, MEMBERSHIP_DOCUMENT, moment.random);
    let draft = EntryDraft { kind, space, document, person, incarnation, body };
    Entry::sign(draft, key).expect("an act of the office is a small entry")
}

pub(super) fn record(key: &SigningKey, entry: &Entry, row: StoredRow) -> ReceiptedEntry {
    let StoredRow { first: place, in_force, received_ms, .. } = row;
    let leaf = ReceiptLeaf { hash: entry.hash, place, in_force, received_ms };
    let page = ReceiptPage::sign(entry.fields.space, vec![leaf], key);
    ReceiptedEntry { entry: entry.bytes.clone(), page }
}
