//! The server's working state over one data folder, and the acts of the office: grant, revoke, publish.
//!
//! Synchronous and single-threaded: the writer thread owns one, the World owns one per simulated server. Clock and
//! randomness are arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ed25519_dalek::SigningKey;
use model::directory::DirectoryItem;
use model::entry::{Entry, device_id};
use model::exchange::Reply;
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, SpaceId};
use model::receipt::{Epoch, ReceiptedEntry};
use rusqlite::{Connection, TransactionBehavior};

use crate::case_register;
use crate::database;
use crate::failure::ServerFailed;
use crate::heads::Heads;
use crate::log::{self, SpaceKind, StoredRow};
use crate::looking::Look;
use crate::memory::{Memory, derived_space};
use crate::past::Past;
use crate::prepared::Prepared;
use crate::recovery;
use crate::rules::Rules;
use crate::safety::Safety;
use crate::serve::Serving;
use crate::shared;
use crate::sidecar::Sidecar;
use granting::record;

mod granting;

/// Files of a data folder.
pub const DATABASE_FILE: &str = "langnghe.db";
/// Grants and revocations.
pub const MEMBERSHIP_FILE: &str = "membership.log";

/// Engine instructions between two looks at [`Office::interrupt_after`].
const ENGINE_STEPS: i32 = 20;

/// What a caller brings along for every act: this machine's clock and fresh randomness.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// UTC milliseconds.
    pub now_ms: i64,
    /// 64 random bits.
    pub random: u64,
}

/// The office at work.
pub struct Office {
    connection: Connection,
    memory: Memory,
    sidecar: Sidecar,
    key: SigningKey,
    epoch: Epoch,
    incarnation: u64,
    rules: Rules,
    safety: Safety,
    heads: Option<Heads>,
    moved: BTreeMap<SpaceId, u64>,
    /// Acts that the membership file still lacks.
    unwritten: Vec<ReceiptedEntry>,
    /// How often something happened after which the cases must be looked through.
    pub(crate) reasons: u64,
    /// How far that is.
    pub(crate) look: Look,
}

impl Office {
    /// Opens a data folder under the identity key. A database without an epoch begins its first one; rows that the
    /// membership file lacks are added to it.
    pub fn open(folder: &Path, key: SigningKey, safety: Safety, moment: Moment) -> Result<Self, ServerFailed> {
        let files = (&folder.join(DATABASE_FILE) as &Path, &folder.join(MEMBERSHIP_FILE) as &Path);
        let mut office = Self::open_files(files, key, safety, moment)?;
        office.complete_sidecar()?;
        Ok(office)
    }

    /// The same, with a membership file that lies elsewhere and is left as it is: it may know what the database lost.
    pub fn open_files(
        (database, membership): (&Path, &Path),
        key: SigningKey,
        safety: Safety,
        moment: Moment,
    ) -> Result<Self, ServerFailed> {
        let mut connection = database::open(database)?;
        case_register::catch_up(&mut connection)?;
        let sidecar = Sidecar::open(membership)?;
        let epoch = match database::meta(&connection, "epoch")? {
            Some(bytes) => Epoch::from_bytes(bytes.try_into().map_err(|_| ServerFailed::Damaged)?),
            None => {
                let epoch = Epoch { started_ms: moment.now_ms.unsigned_abs(), random: moment.random };
                database::set_meta(&connection, "epoch", &epoch.to_bytes())?;
                epoch
            }
        };
        let (memory, rules) = (Memory::default(), Rules::default());
        let (heads, moved, unwritten) = (None, BTreeMap::new(), Vec::new());
        let incarnation = moment.random;
        let mut office = Self {
            connection,
            memory,
            sidecar,
            key,
            epoch,
            incarnation,
            rules,
            safety,
            heads,
            moved,
            unwritten,
            reasons: 0,
            look: Look::default(),
        };
        office.read_rules()?;
        log::create_space(&office.connection, office.directory(), SpaceKind::Directory)?;
        Ok(office)
    }

    /// The server's identity, as it stands in every enrolment code.
    pub fn identity(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// The present life.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// For pages and tests that only read.
    pub fn reader(&self) -> &Connection {
        &self.connection
    }

    /// Lets the engine stop after so many of its steps, as a kill would: the open transaction is lost whole. For tests
    /// of atomicity; `None` takes it back.
    pub fn interrupt_after(&mut self, steps: Option<u32>) {
        let handler = steps.map(|steps| {
            let mut left = steps;
            move || {
                left = left.saturating_sub(1);
                left == 0
            }
        });
        self.connection.progress_handler(ENGINE_STEPS, handler).expect("an open connection takes a handler");
    }

    /// Rows in all logs together; a database with fewer than before went back in time.
    pub fn rows(&self) -> Result<u64, ServerFailed> {
        let mut statement = self.connection.prepare_cached("select coalesce(max(id), 0) from entry")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Writes the number of rows down outside the database from here on.
    pub fn keep_heads(&mut self, mut heads: Heads) -> Result<(), ServerFailed> {
        heads.note(self.rows()?)?;
        heads.sync()?;
        self.heads = Some(heads);
        Ok(())
    }

    /// Spaces that got rows since the last question, with their new heads.
    pub fn take_moved(&mut self) -> BTreeMap<SpaceId, u64> {
        std::mem::take(&mut self.moved)
    }

    /// Forgets what is remembered between requests, after a request broke off in the middle.
    pub fn forget(&mut self) {
        self.memory.clear();
    }

    /// Writes everything into the database file itself, before a stop.
    pub fn settle(&mut self) -> Result<(), ServerFailed> {
        database::cut_journal(&self.connection)?;
        self.heads.as_mut().map_or(Ok(()), Heads::sync)
    }

    /// The directory space of this office.
    pub fn directory(&self) -> SpaceId {
        directory_of(&self.identity())
    }

    /// The space of one cadre's own papers.
    pub fn space_of(&self, person: PersonId) -> SpaceId {
        derived_space("person", self.identity().as_bytes(), person.as_bytes())
    }

    /// One exchange in a transaction of its own.
    pub fn exchange(&mut self, device: DeviceId, prepared: &Prepared, moment: Moment) -> Result<Reply, ServerFailed> {
        self.transact(moment, |serving| serving.exchange(device, prepared))
    }

    /// Many exchanges under one commit. Each fails alone; a failed commit fails all.
    pub fn exchange_all(
        &mut self,
        requests: &[(DeviceId, Prepared)],
        moment: Moment,
    ) -> Result<Vec<Result<Reply, ServerFailed>>, ServerFailed> {
        self.transact(moment, |serving| {
            requests.iter().map(|(device, prepared)| serving.within_group(*device, prepared)).collect()
        })
    }

    /// Publishes items of the directory; an item that stands there word for word already costs nothing.
    pub fn publish(&mut self, items: &[DirectoryItem], moment: Moment) -> Result<(), ServerFailed> {
        let space = self.directory();
        self.transact(moment, |serving| items.iter().try_for_each(|item| serving.publish(space, item)))?;
        self.look_after_cases(moment).map(|_| ())
    }

    /// Begins a new life after this folder's database was replaced by an older copy (exchange rules R7, R19).
    pub fn begin_new_life(&mut self, is_sidecar_lost: bool, moment: Moment) -> Result<(), ServerFailed> {
        self.memory.clear();
        let (records, identity) = (self.sidecar.records()?, self.identity());
        self.epoch = recovery::begin(&mut self.connection, &records, is_sidecar_lost, moment, identity)?;
        self.read_rules()?;
        shared::recognise(&self.connection, &self.rules, &identity)?;
        self.complete_sidecar()
    }

    /// Ends the recovery of every space by hand (exchange rule R18); whether any was recovering. From here on the
    /// membership file counts as whole.
    pub fn close_recovery(&mut self) -> Result<bool, ServerFailed> {
        let was_open = recovery::close(&mut self.connection)?;
        self.reasons += 1;
        Sidecar::trust(self.sidecar.path())?;
        Ok(was_open)
    }

    /// The office's own person: acts without a named member of staff stand under it.
    pub fn office_person(&self) -> PersonId {
        PersonId::from_bytes(*device_id(&self.identity()).as_bytes())
    }

    /// One transaction; membership rows reach the sidecar's disk before the caller hears of the commit (R19).
    pub(crate) fn transact<T>(
        &mut self,
        moment: Moment,
        work: impl FnOnce(&mut Serving<'_>) -> Result<T, ServerFailed>,
    ) -> Result<T, ServerFailed> {
        self.write_sidecar()?;
        self.look.note_day(moment);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut serving = Serving {
            connection: &transaction,
            memory: &mut self.memory,
            key: &self.key,
            epoch: self.epoch,
            incarnation: self.incarnation,
            rules: &self.rules,
            safety: &self.safety,
            now_ms: moment.now_ms,
            granted: Vec::new(),
            moved: Vec::new(),
            published: BTreeSet::new(),
            is_recovered: false,
        };
        let result = work(&mut serving);
        let (granted, moved) = (std::mem::take(&mut serving.granted), std::mem::take(&mut serving.moved));
        let is_recovered = serving.is_recovered;
        let done = match result {
            Ok(done) => transaction.commit().map(|()| done).map_err(ServerFailed::from),
            Err(failed) => {
                drop(transaction);
                Err(failed)
            }
        };
        if done.is_err() {
            self.memory.clear();
        }
        let done = done?;
        let new = granted.iter().filter(|(entry, _, _)| !self.sidecar.holds(&entry.hash));
        self.unwritten.extend(new.map(|(entry, _, row)| record(&self.key, entry, *row)));
        self.write_sidecar()?;
        self.reasons += u64::from(is_recovered);
        let has_published = moved.iter().any(|(space, _)| *space == self.directory());
        self.moved.extend(moved);
        if has_published {
            self.read_rules()?;
        }
        let rows = self.rows()?;
        if let Some(Err(failed)) = self.heads.as_mut().map(|heads| heads.note(rows)) {
            // What was committed stays good without this file; only a later rollback would be seen less well.
            tracing::warn!(reason = %failed, "the file of heads cannot be written");
        }
        Ok(done)
    }

    /// Acts that stand in the log and found no room in the membership file go there before anybody is told anything.
    fn write_sidecar(&mut self) -> Result<(), ServerFailed> {
        self.sidecar.append(&self.unwritten)?;
        self.unwritten.clear();
        Ok(())
    }

    /// Adds rows of the log that the membership file lacks.
    pub(crate) fn complete_sidecar(&mut self) -> Result<(), ServerFailed> {
        let mut records = Vec::new();
        for space in log::spaces(&self.connection)? {
            for (entry, row) in log::membership_rows(&self.connection, space.id)? {
                if !self.sidecar.holds(&entry.hash) {
                    records.push(record(&self.key, &entry, row));
                }
            }
        }
        self.sidecar.append(&records)
    }

    fn read_rules(&mut self) -> Result<(), ServerFailed> {
        self.rules = Rules::read(&self.connection)?;
        self.memory.forget_roles();
        self.reasons += 1;
        Ok(())
    }
}

impl Serving<'_> {
    pub(crate) fn append_office_act(&mut self, entry: &Entry) -> Result<StoredRow, ServerFailed> {
        let mut space = log::space(self.connection, entry.fields.space)?.ok_or(ServerFailed::Damaged)?;
        self.admit(&mut space, entry, Past::Unknown)?;
        log::save_head(self.connection, &space)?;
        log::find(self.connection, space.id, &entry.hash)?.ok_or(ServerFailed::Damaged)
    }
}

/// The directory space of the office with this identity; it stands in every database of its server.
pub fn directory_of(identity: &PublicKey) -> SpaceId {
    derived_space("directory", identity.as_bytes(), &[])
}
