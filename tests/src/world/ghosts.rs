//! What people did and were told, kept outside every system that could forget it.

use std::collections::{BTreeMap, BTreeSet};

use model::entry::EntryKind;
use model::hash::EntryHash;
use model::identity::{DeviceId, DocumentId, SpaceId};
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
    /// The author's device, incarnation and count: never used twice (P7).
    pub device: DeviceId,
}

/// The memory of the people.
#[derive(Clone, Debug, Default)]
pub struct Ghosts {
    /// Everything that was committed on a phone before its person went on.
    pub typed: BTreeMap<EntryHash, Typed>,
    /// Shown as received.
    pub told: BTreeSet<EntryHash>,
    /// Decisions shown as in force.
    pub told_in_force: BTreeSet<EntryHash>,
    /// Shown as refused.
    pub told_refused: BTreeSet<EntryHash>,
    /// What no store on earth holds any more after phone and server went back together.
    pub gone: BTreeSet<EntryHash>,
    /// Stored by any server at any time, as far as anybody looked.
    pub ever: BTreeSet<EntryHash>,
    /// Of these, before the office was told of the revocation.
    pub early: BTreeSet<EntryHash>,
    /// The device that is out, if the office was told so and nothing was granted since.
    pub revoked: Option<Vec<DeviceId>>,
    /// How often the server went back to a backup.
    pub server_restores: u32,
    /// How often a phone went back to a copy.
    pub phone_restores: u32,
    /// Devices that were ever named by a revocation.
    pub touched: BTreeSet<DeviceId>,
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
}

/// The log of a space, in order.
pub fn log_of(office: &Office, space: SpaceId) -> Vec<Logged> {
    let sql = "select hash, entry.kind, device, document, in_force from entry join space on space.id = entry.space
               where space.space = ?1 order by number";
    let mut statement = office.reader().prepare_cached(sql).expect("the log can be read");
    let rows = statement.query_map([space.as_bytes()], |row| {
        let kind: u8 = row.get(1)?;
        Ok(Logged {
            hash: EntryHash::from_bytes(row.get(0)?),
            kind: minicbor::decode(&[kind]).expect("a stored kind is known"),
            device: DeviceId::from_bytes(row.get(2)?),
            document: DocumentId::from_bytes(row.get(3)?),
            in_force: row.get(4)?,
        })
    });
    rows.expect("the log can be read").collect::<Result<_, _>>().expect("the log can be read")
}

/// Everything that a phone holds.
pub fn held_by(connection: &Connection) -> Vec<Held> {
    let mut statement = connection.prepare_cached("select hash from entry order by id").expect("entries can be read");
    let hashes = statement.query_map([], |row| row.get(0).map(EntryHash::from_bytes)).expect("entries can be read");
    let hashes: Vec<EntryHash> = hashes.collect::<Result<_, _>>().expect("entries can be read");
    let find = |hash: &EntryHash| phone::store::entries::find(connection, hash);
    hashes.iter().filter_map(|hash| find(hash).expect("entries can be read")).collect()
}

impl World {
    /// What this phone's person sees now is what they were told.
    pub fn listen(&mut self, index: usize) {
        let space = self.papers[0].space;
        let safe = self.phones[index].space(space).safe;
        let device = self.phones[index].device();
        for held in held_by(self.phones[index].store().reader()) {
            let is_typed = self.ghosts.typed.contains_key(&held.hash);
            if held.device != device || !is_typed {
                continue;
            }
            match Delivery::of(&held, safe) {
                Delivery::Received => {
                    self.ghosts.told.insert(held.hash);
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

    /// After something went back: what no store holds any more is nobody's fault.
    pub fn mourn(&mut self) {
        let mut held: BTreeSet<EntryHash> = BTreeSet::new();
        let space = self.papers[0].space;
        held.extend(log_of(self.server.office(), space).iter().map(|row| row.hash));
        if let Some(old) = &mut self.old {
            held.extend(log_of(old.office(), space).iter().map(|row| row.hash));
        }
        for phone in &mut self.phones {
            held.extend(held_by(phone.store().reader()).iter().map(|held| held.hash));
        }
        let lost = self.ghosts.typed.keys().filter(|hash| !held.contains(hash)).copied();
        self.ghosts.gone.extend(lost.collect::<Vec<_>>());
    }
}
