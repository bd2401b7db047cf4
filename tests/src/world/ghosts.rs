//! What people did and were told, kept outside every system that could forget it.

use std::collections::{BTreeMap, BTreeSet};

use model::entry::EntryKind;
use model::hash::EntryHash;
use model::identity::{DeviceId, DocumentId, PersonId, SpaceId};
use model::membership::Member;
use model::receipt::{Epoch, Place};
use phone::delivery::Delivery;
use phone::store::entries::Held;
use rusqlite::Connection;
use server::office::Office;

use super::World;

/// An entry as its author made it.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Index of the phone.
    pub phone: usize,
    /// Its paper.
    pub document: DocumentId,
    /// What it is.
    pub kind: EntryKind,
    /// The author's device.
    pub device: DeviceId,
}

/// Somebody whom the office took out.
#[derive(Clone, Debug)]
pub struct Out {
    /// The acts that did it, one per space.
    pub acts: Vec<EntryHash>,
    /// What any server had when the office was told.
    pub early: BTreeSet<EntryHash>,
}

/// The memory of the people.
#[derive(Clone, Debug, Default)]
pub struct Ghosts {
    /// Everything that was committed on a phone before its person went on.
    pub typed: BTreeMap<EntryHash, Typed>,
    /// Shown as received.
    pub told: BTreeSet<EntryHash>,
    /// Shown as received in a life of the server that has a second copy.
    pub told_safely: BTreeSet<EntryHash>,
    /// The life since which the server has a second copy.
    pub copied_since: Option<Epoch>,
    /// Decisions shown as in force.
    pub told_in_force: BTreeSet<EntryHash>,
    /// Shown as refused.
    pub told_refused: BTreeSet<EntryHash>,
    /// What no store on earth holds any more after phone and server went back together.
    pub gone: BTreeSet<EntryHash>,
    /// Stored by any server at any time, as far as anybody looked.
    pub ever: BTreeSet<EntryHash>,
    /// Of these, changes that had effect.
    pub counted: BTreeSet<EntryHash>,
    /// Acts of the office that it was told of.
    pub acts: BTreeSet<EntryHash>,
    /// Who is out.
    pub out: BTreeMap<[u8; 16], (Member, Out)>,
    /// How often the server went back to a backup.
    pub server_restores: u32,
    /// How often a phone went back to a copy.
    pub phone_restores: u32,
    /// Devices that a revocation ever named.
    pub touched: BTreeSet<DeviceId>,
    /// Persons that a revocation ever named.
    pub touched_persons: BTreeSet<PersonId>,
}

/// A row of a server's log without its bytes.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The entry.
    pub hash: EntryHash,
    /// Its kind.
    pub kind: EntryKind,
    /// Its author's device.
    pub device: DeviceId,
    /// Its paper.
    pub document: DocumentId,
    /// Whether it has effect.
    pub in_force: bool,
    /// Its first receipt.
    pub first: Place,
}

/// The log of a space, in order.
pub fn log_of(office: &Office, space: SpaceId) -> Vec<Logged> {
    let sql = "select hash, entry.kind, device, document, in_force, first_epoch, first_number
               from entry join space on space.id = entry.space where space.space = ?1 order by number";
    let mut statement = office.reader().prepare_cached(sql).expect("the log can be read");
    let rows = statement.query_map([space.as_bytes()], |row| {
        let kind: u8 = row.get(1)?;
        Ok(Logged {
            hash: EntryHash::from_bytes(row.get(0)?),
            kind: minicbor::decode(&[kind]).expect("a stored kind is known"),
            device: DeviceId::from_bytes(row.get(2)?),
            document: DocumentId::from_bytes(row.get(3)?),
            in_force: row.get(4)?,
            first: Place { epoch: Epoch::from_bytes(row.get(5)?), number: row.get(6)? },
        })
    });
    rows.expect("the log can be read").collect::<Result<_, _>>().expect("the log can be read")
}

/// The logs of all spaces.
pub fn logs_of(office: &Office, spaces: &[SpaceId]) -> Vec<Logged> {
    spaces.iter().flat_map(|space| log_of(office, *space)).collect()
}

/// Everything that a phone holds of one space.
pub fn held_in(connection: &Connection, space: SpaceId) -> Vec<Held> {
    let sql = "select hash from entry where space = ?1 order by id";
    let mut statement = connection.prepare_cached(sql).expect("entries can be read");
    let hashes = statement.query_map([space.as_bytes()], |row| row.get(0).map(EntryHash::from_bytes));
    let hashes: Vec<EntryHash> =
        hashes.expect("entries can be read").collect::<Result<_, _>>().expect("entries can be read");
    let held = |hash: &EntryHash| phone::store::entries::find(connection, hash).expect("entries can be read");
    hashes.iter().filter_map(held).collect()
}

impl World {
    /// What this phone's person sees now is what they were told.
    pub fn listen(&mut self, index: usize) {
        for space in self.spaces {
            self.listen_in(index, space);
        }
    }

    fn listen_in(&mut self, index: usize, space: SpaceId) {
        let state = self.phones[index].space(space);
        let device = self.phones[index].device();
        let is_copied = self.ghosts.copied_since.is_some_and(|since| since <= state.cursor.epoch);
        for held in held_in(self.phones[index].store().reader(), space) {
            if held.device != device || !self.ghosts.typed.contains_key(&held.hash) {
                continue;
            }
            match Delivery::of(&held, state.safe) {
                Delivery::Received => {
                    self.ghosts.told.insert(held.hash);
                    if is_copied {
                        self.ghosts.told_safely.insert(held.hash);
                    }
                    if held.in_force == Some(true) {
                        self.ghosts.told_in_force.insert(held.hash);
                    }
                }
                Delivery::Refused => {
                    self.ghosts.told_refused.insert(held.hash);
                }
                Delivery::Waiting => {}
            }
        }
    }

    /// Somebody looks at the log of the server at work.
    pub fn look(&mut self) {
        let rows = logs_of(self.server.office(), &self.spaces);
        self.ghosts.ever.extend(rows.iter().map(|row| row.hash));
        let counted = rows.iter().filter(|row| row.in_force && row.kind == EntryKind::Change);
        self.ghosts.counted.extend(counted.map(|row| row.hash));
    }

    /// After something went back: what no store holds any more is nobody's fault.
    pub fn mourn(&mut self) {
        let mut held: BTreeSet<EntryHash> = BTreeSet::new();
        held.extend(logs_of(self.server.office(), &self.spaces).iter().map(|row| row.hash));
        if let Some(old) = &mut self.old {
            held.extend(logs_of(old.office(), &self.spaces).iter().map(|row| row.hash));
        }
        for phone in &mut self.phones {
            for space in self.spaces {
                held.extend(held_in(phone.store().reader(), space).iter().map(|held| held.hash));
            }
        }
        let made = self.ghosts.typed.keys().chain(&self.ghosts.acts);
        let lost = made.filter(|hash| !held.contains(hash)).copied();
        self.ghosts.gone.extend(lost.collect::<Vec<_>>());
    }
}
