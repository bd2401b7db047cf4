//! The collection box of one round: a file of its own with equal slots, filled with random bytes from the start.
//!
//! An envelope goes into a free slot drawn at random, so neither the place of a slot nor a page, a journal or a free list
//! tells when it came. The file is encrypted under the round's box key, which dies at the purge. It shares nothing with
//! the database of the named road: no connection, no transaction, no journal. Source: anonymity A25, A26, A28, A52.

use std::collections::HashMap;
use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::chance::{draw_last, shuffle};
use model::envelope::{Envelope, EnvelopeId};
use model::round::RoundDefinition;
use rand_core::CryptoRng;
use rusqlite::{Connection, TransactionBehavior};

use super::key::BoxKey;
use crate::database::{BUSY_TIME, keep_private};
use crate::failure::ServerFailed;
use crate::file_fault::at;
use crate::folder::{folder_of, sync_folder};
use crate::machine;

/// Slots of a new box. It doubles, with every slot at a new place, before half of it is used: so there is always room for
/// chance.
const SLOTS_LEAST: usize = 512;

/// What the engine needs of a page beside one slot.
const PAGE_OVERHEAD_BYTES: usize = 160;

/// Pages of the engine.
const PAGE_BYTES_LEAST: usize = 1_024;
const PAGE_BYTES_MOST: usize = 65_536;

/// An open collection box.
pub struct BoxFile {
    path: PathBuf,
    key: BoxKey,
    round: Arc<RoundDefinition>,
    connection: Connection,
    places: HashMap<EnvelopeId, u32>,
    free: Vec<u32>,
}

impl BoxFile {
    /// Opens the box of a round or makes an empty one.
    pub fn open(
        path: &Path,
        key: &BoxKey,
        round: &Arc<RoundDefinition>,
        random: &mut impl CryptoRng,
    ) -> Result<Self, ServerFailed> {
        if !path.exists() {
            lay(path, (key, round), (SLOTS_LEAST, &[]), |_| Ok(Vec::new()), random)?;
        }
        let connection = connect(path, key, round.envelope_bytes())?;
        let (mut places, mut free) = (HashMap::new(), Vec::new());
        {
            let mut statement = connection.prepare("select place, envelope from slot order by place")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (place, bytes): (u32, Vec<u8>) = (row.get(0)?, row.get(1)?);
                match Envelope::read(&bytes, round) {
                    Ok(envelope) => drop(places.insert(envelope.id, place)),
                    Err(_) => free.push(place),
                }
            }
        }
        Ok(Self { path: path.to_owned(), key: key.clone(), round: Arc::clone(round), connection, places, free })
    }

    /// How many envelopes it holds.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many of these it does not hold yet.
    pub fn lacks(&self, envelopes: &[Envelope]) -> usize {
        envelopes.iter().filter(|envelope| !self.places.contains_key(&envelope.id)).count()
    }

    /// Where an envelope lies; for a test that guesses from it.
    #[cfg(test)]
    pub(super) fn place(&self, name: &EnvelopeId) -> Option<u32> {
        self.places.get(name).copied()
    }

    /// Names of all, sorted.
    pub fn names(&self) -> Vec<EnvelopeId> {
        let mut names: Vec<EnvelopeId> = self.places.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// Puts envelopes in one transaction; when it returns they are on disk. One whose name lies here already is here.
    pub fn put(&mut self, envelopes: &[Envelope], random: &mut impl CryptoRng) -> Result<(), ServerFailed> {
        let mut new: Vec<&Envelope> = envelopes.iter().filter(|found| !self.places.contains_key(&found.id)).collect();
        new.sort_unstable_by_key(|envelope| envelope.id);
        new.dedup_by_key(|envelope| envelope.id);
        if new.is_empty() {
            return Ok(());
        }
        self.make_room(new.len(), random)?;
        draw_last(&mut self.free, new.len(), random);
        let drawn = self.free.len() - new.len();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (envelope, place) in new.iter().zip(&self.free[drawn..]) {
            let sql = "update slot set envelope = ?2 where place = ?1";
            transaction.prepare_cached(sql)?.execute((place, envelope.to_bytes()))?;
        }
        transaction.commit()?;
        self.places.extend(new.iter().map(|envelope| envelope.id).zip(self.free.drain(drawn..)));
        Ok(())
    }

    /// One of them; none if it does not lie here.
    pub fn find(&self, name: &EnvelopeId) -> Result<Option<Envelope>, ServerFailed> {
        self.places.get(name).map(|place| self.at(*place)).transpose()
    }

    /// Hands over every envelope, sorted by name.
    pub fn each<E: From<ServerFailed>>(&self, mut take: impl FnMut(Envelope) -> Result<(), E>) -> Result<(), E> {
        for name in self.names() {
            take(self.at(self.places[&name])?)?;
        }
        Ok(())
    }

    /// Writes a whole image with every slot at a new place, so that two images show nothing but what both hold.
    pub fn copy_to(&self, path: &Path, random: &mut impl CryptoRng) -> Result<(), ServerFailed> {
        self.lay(path, self.places.len() + self.free.len(), random)
    }

    /// Gives the files the time at which this day began: the last change would be that of the last envelope.
    pub fn blur_times(&self, day_began_ms: i64) -> Result<(), ServerFailed> {
        let began = machine::instant(day_began_ms);
        for path in [self.path.clone(), journal_of(&self.path)] {
            if path.exists() {
                let file = File::options().write(true).open(&path).map_err(at(&path))?;
                file.set_times(FileTimes::new().set_accessed(began).set_modified(began)).map_err(at(&path))?;
            }
        }
        Ok(())
    }

    fn make_room(&mut self, new: usize, random: &mut impl CryptoRng) -> Result<(), ServerFailed> {
        let (used, slots) = (self.places.len() + new, self.places.len() + self.free.len());
        if used * 2 <= slots {
            return Ok(());
        }
        self.lay(&self.path, used.next_power_of_two() * 4, random)?;
        *self = Self::open(&self.path, &self.key, &self.round, random)?;
        Ok(())
    }

    fn lay(&self, path: &Path, slots: usize, random: &mut impl CryptoRng) -> Result<(), ServerFailed> {
        let used: Vec<u32> = self.places.values().copied().collect();
        let bytes = |place: u32| self.at(place).map(|envelope| envelope.to_bytes());
        lay(path, (&self.key, &self.round), (slots, &used), bytes, random)
    }

    fn at(&self, place: u32) -> Result<Envelope, ServerFailed> {
        let mut statement = self.connection.prepare_cached("select envelope from slot where place = ?1")?;
        let bytes: Vec<u8> = statement.query_row([place], |row| row.get(0))?;
        Envelope::read(&bytes, &self.round).map_err(|_| ServerFailed::Damaged)
    }
}

/// Writes a box of so many slots as a whole: a crash leaves the old file or the new one. `used` are the places of the
/// envelopes in the old one, which `bytes` reads.
fn lay(
    path: &Path,
    (key, round): (&BoxKey, &RoundDefinition),
    (slots, used): (usize, &[u32]),
    bytes: impl Fn(u32) -> Result<Vec<u8>, ServerFailed>,
    random: &mut impl CryptoRng,
) -> Result<(), ServerFailed> {
    let fresh = path.with_extension("new");
    for leftover in [fresh.clone(), journal_of(&fresh)] {
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&leftover)(error)),
            Ok(()) | Err(_) => {}
        }
    }
    keep_private(&fresh)?;
    let mut connection = Connection::open(&fresh)?;
    connection.execute_batch(&key.pragma())?;
    connection.execute_batch(&format!("pragma cipher_page_size = {}", page_bytes(round.envelope_bytes())))?;
    connection.pragma_update(None, "journal_mode", "off")?;
    connection.pragma_update(None, "synchronous", "full")?;
    let mut filled: Vec<Option<u32>> = used.iter().copied().map(Some).collect();
    filled.resize(slots.max(used.len()), None);
    shuffle(&mut filled, random);
    let transaction = connection.transaction()?;
    transaction.execute_batch("create table slot (place integer primary key, envelope blob not null) strict")?;
    let mut empty = vec![0; round.envelope_bytes()];
    for (place, old) in filled.into_iter().enumerate() {
        let mut insert = transaction.prepare_cached("insert into slot (place, envelope) values (?1, ?2)")?;
        match old {
            Some(old) => insert.execute((place, bytes(old)?))?,
            None => {
                random.fill_bytes(&mut empty);
                insert.execute((place, &empty))?
            }
        };
    }
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(at(&fresh))?;
    std::fs::rename(&fresh, path).map_err(at(path))?;
    sync_folder(folder_of(path))
}

fn connect(path: &Path, key: &BoxKey, slot_bytes: usize) -> Result<Connection, ServerFailed> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIME)?;
    connection.execute_batch(&key.pragma())?;
    connection.execute_batch(&format!("pragma cipher_page_size = {}", page_bytes(slot_bytes)))?;
    connection.query_row("select count(*) from sqlite_master", [], |_| Ok(()))?;
    connection.pragma_update(None, "journal_mode", "truncate")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// The page that holds one slot.
fn page_bytes(slot_bytes: usize) -> usize {
    (slot_bytes + PAGE_OVERHEAD_BYTES).next_power_of_two().clamp(PAGE_BYTES_LEAST, PAGE_BYTES_MOST)
}

fn journal_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    name.into()
}
