//! A simulated phone: the real store and session over a file in memory, its copies, and its death at any write.

use std::path::{Path, PathBuf};

use model::exchange::Reply;
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, SpaceId};
use model::receipt::ReceiptedEntry;
use phone::store::{Store, StoreFailed, StoreKey, spaces};
use phone::sync::session::{Outgoing, Pace, Parties, Progress, next_request, receive};
use phone::work::{Author, Work, WorkFailed};

use super::people;

/// A device in somebody's hands.
pub struct SimulatedPhone {
    path: PathBuf,
    /// The open file.
    pub store: Option<Store>,
    /// Open papers.
    pub work: Work,
    /// Who acts.
    pub author: Author,
    parties: Parties,
    has_copy: bool,
    unknown: Vec<SpaceId>,
    /// Requests of a process that died get no reply.
    pub process: u32,
}

impl SimulatedPhone {
    /// A phone with what the office gave to its device.
    pub fn enrolled(
        (folder, index): (&Path, usize),
        person: PersonId,
        server: PublicKey,
        records: &[ReceiptedEntry],
    ) -> Self {
        let path = folder.join(format!("phone-{index}.db"));
        let author = Author { key: people::key_of(index), person, incarnation: index as u64 + 1 };
        let parties = Parties { device: author.device(), server };
        let (work, process) = (Work::default(), 0);
        let mut phone =
            Self { path, store: None, work, author, parties, has_copy: false, unknown: Vec::new(), process };
        phone.start();
        let enrolled = phone.store().transact(|transaction| phone::account::enrol(transaction, records));
        enrolled.expect("an enrolment is stored");
        phone
    }

    /// The open store.
    pub fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("the app runs between steps")
    }

    /// The device.
    pub fn device(&self) -> DeviceId {
        self.parties.device
    }

    /// Rows held and how far they are safe.
    pub fn space(&mut self, space: SpaceId) -> spaces::SpaceState {
        spaces::state(self.store().reader(), space).expect("a space can be read").expect("the phone follows it")
    }

    /// The message that the phone would send now.
    pub fn outgoing(&mut self, entries: usize, budget_bytes: usize) -> Outgoing {
        let pace = Pace { entries, push_bytes: 1 << 20, budget_bytes };
        let unknown = self.unknown.clone();
        next_request(self.store(), pace, &unknown).expect("a request can be made")
    }

    /// Takes a reply, perhaps dying at the nth step of the store.
    pub fn take(&mut self, outgoing: &Outgoing, reply: &Reply, dies_after: Option<u32>) -> Option<Progress> {
        let parties = self.parties.clone();
        self.store().interrupt_after(dies_after);
        let taken = receive(self.store(), &parties, outgoing, reply);
        self.store().interrupt_after(None);
        match taken {
            Ok(progress) => {
                self.unknown.clone_from(&progress.unknown);
                self.work.forget(&progress.moved);
                Some(progress)
            }
            Err(StoreFailed::Interrupted) => {
                self.restart();
                None
            }
            Err(failed) => panic!("the store failed: {failed}"),
        }
    }

    /// One act of the person, perhaps killed at the nth step of the store.
    pub fn act<T>(
        &mut self,
        dies_after: Option<u32>,
        work: impl FnOnce(&mut Work, &mut Store, &Author) -> Result<T, WorkFailed>,
    ) -> Option<T> {
        self.store().interrupt_after(dies_after);
        let store = self.store.as_mut().expect("the app runs between steps");
        let done = work(&mut self.work, store, &self.author);
        self.store().interrupt_after(None);
        match done {
            Ok(done) => Some(done),
            Err(WorkFailed::Store(StoreFailed::Interrupted)) => {
                self.restart();
                None
            }
            Err(WorkFailed::Store(failed)) => panic!("the store failed: {failed}"),
            Err(_) => None,
        }
    }

    /// The app is killed and started again: what was not committed is gone, and so are its connections.
    pub fn restart(&mut self) {
        self.store = None;
        self.work = Work::default();
        self.process += 1;
        self.start();
    }

    /// A copy of the phone's file, as a backup of the operating system makes one.
    pub fn copy(&mut self) {
        let done = self.store().reader().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        done.expect("a checkpoint can be written");
        std::fs::copy(&self.path, self.path.with_extension("copy")).expect("a copy can be written");
        self.has_copy = true;
    }

    /// Whether there is a copy to go back to.
    pub fn has_copy(&self) -> bool {
        self.has_copy
    }

    /// The phone is restored from its copy, under a new incarnation (exchange rule R1).
    pub fn revive(&mut self) {
        self.store = None;
        for extension in ["db-wal", "db-shm"] {
            let _ = std::fs::remove_file(self.path.with_extension(extension));
        }
        std::fs::copy(self.path.with_extension("copy"), &self.path).expect("a copy can be read");
        self.has_copy = false;
        self.author.incarnation += 1_000;
        self.restart();
    }

    fn start(&mut self) {
        let key = StoreKey::from_slice(&[7; 32]).expect("a key has 32 bytes");
        self.store = Some(Store::open(&self.path, &key).expect("a store of ours can be opened"));
    }
}
