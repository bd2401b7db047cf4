//! A volunteer's phone: the real store, device, box and session over files of its own; its copies and its death.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::box_seal::{BoxSeal, Leaf, SALT_BYTES, SLOTS};
use model::document::{DocumentKind, Edit};
use model::envelope::{Envelope, EnvelopeId};
use model::handshake::public;
use model::hash::PublicKey;
use model::identity::{PersonId, SpaceId};
use model::receipt::ReceiptedEntry;
use model::round::announced::AnnouncedRound;
use model::round::record;
use model::time::Timestamp;
use phone::courier::send_again;
use phone::device::Device;
use phone::directory::Directory;
use phone::store::ballot_box::{self, BallotBox};
use phone::store::{Store, StoreKey, spaces};
use phone::sync::session::{Pace, Parties, next_request, receive};
use phone::work::{Act, Author, Paper, Work};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use server::office::{Moment, Office};
use server::prepared::Prepared;

use super::rehearsal::{self, rehearsal};
use crate::opinion::Holders;

/// Exchanges after which nothing moves any more.
const EXCHANGES_MAX: usize = 8;

/// A phone in a volunteer's pocket.
pub struct Pocket {
    folder: PathBuf,
    /// The open store.
    pub store: Store,
    work: Work,
    /// Who acts.
    pub author: Author,
    server: PublicKey,
    unknown: Vec<SpaceId>,
    /// Goes up with every restore: what was sent before gets no answer.
    pub life: u32,
    /// Envelopes that were ever cast into the box of this store; a restore goes back to those of the copy.
    pub cast: BTreeSet<EnvelopeId>,
    copied: Option<BTreeSet<EnvelopeId>>,
    /// It is at the bottom of the river.
    pub is_lost: bool,
}

impl Pocket {
    /// Opens the app over its folder.
    pub fn open((folder, person): (&Path, PersonId), server: PublicKey, random: &mut ChaCha8Rng) -> Self {
        let (store, author) = opened(folder, person, random);
        let (folder, work, unknown, cast) = (folder.to_owned(), Work::default(), Vec::new(), BTreeSet::new());
        Self { folder, store, work, author, server, unknown, life: 0, cast, copied: None, is_lost: false }
    }

    /// The public half of its device's key.
    pub fn public_key(&self) -> PublicKey {
        public(&self.author.key)
    }

    /// Takes what the office gave to the device.
    pub fn enrol(&mut self, given: &[ReceiptedEntry]) {
        let enrolled = self.store.transact(|transaction| phone::account::enrol(transaction, given));
        enrolled.expect("an enrolment is stored");
    }

    /// The round as the office published it.
    pub fn round(&mut self, holders: &Holders) -> Arc<AnnouncedRound> {
        let directory = model::space::directory_space(&self.server);
        let read = Directory::read(&self.store, &mut self.work, directory).expect("a directory can be read");
        rehearsal::round_of(&read, holders)
    }

    /// The named road, until nothing moves. A server in a new life is given again what it had not listed, as the app
    /// does it.
    pub fn exchange(&mut self, office: &mut Office, moment: Moment, random: &mut ChaCha8Rng) {
        let parties = Parties { device: self.author.device(), server: self.server };
        for _ in 0..EXCHANGES_MAX {
            let outgoing = next_request(&self.store, Pace::FULL, &self.unknown).expect("a request can be made");
            let prepared = Prepared::new(outgoing.request.clone(), &self.server).verified_with(&self.public_key());
            let reply = office.exchange(parties.device, &prepared, moment).expect("the office answers");
            let life = |store: &Store| spaces::newest_epoch(store.reader()).expect("a store of ours can be read");
            let before = life(&self.store);
            let progress = receive(&mut self.store, &parties, &outgoing, &reply).expect("a reply can be stored");
            if life(&self.store).map(|life| life.epoch) != before.map(|life| life.epoch) && before.is_some() {
                send_again(&mut self.store, &rehearsal().round, random).expect("a box can be written");
            }
            self.work.forget(&progress.moved);
            self.unknown.clone_from(&progress.unknown);
            if outgoing.entries() == 0 && progress.moved.is_empty() && !progress.has_more {
                return;
            }
        }
    }

    /// Says something of the round on the named road; it leaves with the next exchange.
    pub fn records(&mut self, edits: &[Edit]) {
        let (round, person) = (rehearsal().definition().id, self.author.person);
        let space = model::space::person_space(&self.server, person);
        let document = DocumentKind::RoundRecord.document_about(space, &record::subject(round, person));
        let edits = [record::begin(round, person), edits.to_vec()].concat();
        let act = Act { store: &mut self.store, author: &self.author, claimed: Timestamp::from_utc_ms(0) };
        self.work.edit(act, Paper { space, document }, &edits).expect("a record can be written");
    }

    /// The box of the round.
    pub fn ballot_box(&self) -> Option<BallotBox> {
        ballot_box::find(self.store.reader(), rehearsal().definition()).expect("a box of ours can be read")
    }

    /// Names that are still here.
    pub fn held(&self) -> BTreeSet<EnvelopeId> {
        let Some(found) = self.ballot_box() else { return BTreeSet::new() };
        found.slots.used().iter().map(|slot| slot.envelope.id).collect()
    }

    /// Names in the order of their slots, as whoever has the store's key reads them.
    pub fn slots_in_place(&self) -> Vec<EnvelopeId> {
        let names = |slot: &[u8]| {
            let envelope = Envelope::read(&slot[1 + SALT_BYTES..], rehearsal().definition()).ok()?;
            (1..=3).contains(&slot[0]).then_some(envelope.id)
        };
        self.slots().iter().filter_map(|slot| names(slot)).collect()
    }

    /// Leaves of what lies in the box, and whose they are; nobody can tell who has not the salts.
    pub fn leaves(&self) -> Vec<(Leaf, EnvelopeId)> {
        let found = self.ballot_box();
        let used = found.iter().flat_map(|found| found.slots.used());
        used.map(|slot| (Leaf::of(&slot.envelope, &slot.salt), slot.envelope.id)).collect()
    }

    /// Bare leaves in the order of their slots, by the names that they had.
    pub fn gone_in_place(&self, named: &[(Leaf, EnvelopeId)]) -> Vec<EnvelopeId> {
        let slots = self.slots();
        let leaf = |slot: &Vec<u8>| {
            let leaf = Leaf::from_bytes(slot[1..][..SALT_BYTES].try_into().expect("a leaf is as long as a salt"));
            named.iter().find(|(known, _)| *known == leaf).map(|(_, name)| *name)
        };
        slots.iter().filter_map(leaf).collect()
    }

    fn slots(&self) -> Vec<Vec<u8>> {
        let sql = "select slots from ballot_box";
        let bytes: Vec<u8> =
            self.store.reader().query_row(sql, [], |row| row.get(0)).expect("a box of ours can be read");
        bytes.chunks(bytes.len() / SLOTS).map(<[u8]>::to_vec).collect()
    }

    /// Whether its box says no more.
    pub fn is_sealed(&self) -> bool {
        self.ballot_box().is_some_and(|found| found.is_sealed)
    }

    /// What it said of its box, once it is sealed.
    pub fn said_seal(&self) -> Option<BoxSeal> {
        self.ballot_box().filter(|found| found.is_sealed).map(|found| found.slots.seal(found.id))
    }

    /// Seals the box and says so in the record.
    pub fn seal(&mut self, random: &mut ChaCha8Rng) -> BoxSeal {
        let seal = phone::guest::seal_box(&mut self.store, rehearsal().definition(), random);
        let seal = seal.expect("a box can be sealed");
        self.records(&[record::seal(&seal)]);
        seal
    }

    /// The app is killed and started again.
    pub fn restart(&mut self, random: &mut ChaCha8Rng) {
        (self.store, self.author) = opened(&self.folder, self.author.person, random);
        (self.work, self.unknown) = (Work::default(), Vec::new());
    }

    /// A copy of the store's file, as a backup of the operating system makes one; the file with the incarnation is in none.
    pub fn copy(&mut self) {
        let done = self.store.reader().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        done.expect("a checkpoint can be written");
        std::fs::copy(self.folder.join(STORE), self.folder.join("copy")).expect("a copy can be written");
        self.copied = Some(self.cast.clone());
    }

    /// Whether there is a copy to go back to.
    pub fn has_copy(&self) -> bool {
        self.copied.is_some()
    }

    /// The phone is restored from its copy onto an empty device.
    pub fn revive(&mut self, random: &mut ChaCha8Rng) {
        let Some(cast) = self.copied.take() else { return };
        // An open file would keep the old one alive; the scratch store stands in until the copy lies in its place.
        let elsewhere = self.folder.join("between");
        self.store = Store::open(&elsewhere, &key()).expect("a new store can be opened");
        for name in [STORE.to_owned(), format!("{STORE}-wal"), format!("{STORE}-shm"), "incarnation".to_owned()] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        std::fs::rename(self.folder.join("copy"), self.folder.join(STORE)).expect("a copy can be read");
        self.cast = cast;
        self.life += 1;
        self.restart(random);
        for name in ["between", "between-wal", "between-shm"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
    }
}

const STORE: &str = "store.db";

fn key() -> StoreKey {
    StoreKey::from_slice(&[7; 32]).expect("a key has 32 bytes")
}

fn opened(folder: &Path, person: PersonId, random: &mut ChaCha8Rng) -> (Store, Author) {
    let mut store = Store::open(&folder.join(STORE), &key()).expect("a store of ours can be opened");
    let drawn = || {
        let mut bytes = [0; 32];
        random.fill_bytes(&mut bytes);
        bytes
    };
    let device = Device::open(&mut store, &folder.join("incarnation"), drawn).expect("a device of ours can be opened");
    let key: SigningKey = device.key.clone();
    (store, Author { key, person, incarnation: device.incarnation })
}
