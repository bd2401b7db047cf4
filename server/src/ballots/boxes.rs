//! Every collection box of this server: what is let in, the daily safe copy, the daily list.
//!
//! Nothing here knows a caller, a time of day or the database of the named road. What arrived is told once a day, in one
//! list per round that grows by twenty names at least; the number of envelopes is never told otherwise. Source: anonymity
//! A20, A24-A31.

use std::collections::{BTreeSet, HashMap};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use model::admission::{Batch, BatchRefused, LateBatch, round_of};
use model::box_seal::BoxSeal;
use model::envelope::{Envelope, EnvelopeId};
use model::handshake::public;
use model::identity::RoundId;
use model::received::ReceivedList;
use model::round::RoundDefinition;
use model::round::announced::AnnouncedRound;
use model::time::Day;
use rand_core::CryptoRng;

use super::box_file::BoxFile;
use super::due::{envelopes_most, waited};
use super::key::BoxKey;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{make_private, sync_folder, write_whole};
use crate::machine;

/// The folder of the boxes in the data folder, and of their safe copies in that of the second copy.
const FOLDER: &str = "ballots";

/// The folder of the safe copies where there is no second copy.
const SAFE_FOLDER: &str = "safe";

/// The file with the day for which everything that a day begins with was done last.
const BEGUN: &str = "begun";

/// Ending of the file that stays of a destroyed box; it is empty.
const DESTROYED: &str = "destroyed";

/// Envelopes that are read from a safe copy before they are written.
const FILLED_AT_ONCE: usize = 1_000;

/// Why nothing was taken. The phone keeps everything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropRefused {
    /// No batch of a round that this server knows.
    #[error("this is no batch of a round of this server")]
    Unreadable,
    /// Made without the round's admission.
    #[error("the batch does not carry the round's admission")]
    NotAdmitted,
    /// The round takes nothing today, or the box was not sealed in time.
    #[error("the round takes no envelopes now")]
    Closed,
    /// Four envelopes for every slip or person have come: somebody stuffs the box.
    #[error("the box holds all that can come, and more is refused")]
    Full,
    /// The server cannot store.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// A batch that was let in, and the seal that it must stand under if the round is closed.
pub struct Admitted {
    /// Of which round.
    pub round: RoundId,
    /// What came.
    pub envelopes: Vec<Envelope>,
    /// Of a late box.
    pub seal: Option<BoxSeal>,
}

/// All boxes.
pub struct Boxes {
    folder: PathBuf,
    safe: PathBuf,
    key: SigningKey,
    open: Mutex<HashMap<RoundId, Arc<Mutex<Collecting>>>>,
    /// The day for which everything that a day begins with is done.
    begun: Mutex<Option<Day>>,
}

/// The box of one round at work.
struct Collecting {
    round: AnnouncedRound,
    definition: Arc<RoundDefinition>,
    file: BoxFile,
    key: BoxKey,
    last: Option<ReceivedList>,
    /// Something was refused because there was no room; told once a day, never when it happened.
    is_stuffed: bool,
    is_destroyed: bool,
}

impl Boxes {
    /// Over a data folder; safe copies lie in the folder of the second copy if there is one. `key` signs the lists.
    pub fn open(data: &Path, copy: Option<&Path>, key: SigningKey) -> Result<Self, ServerFailed> {
        let folder = data.join(FOLDER);
        let safe = copy.map_or_else(|| folder.join(SAFE_FOLDER), |copy| copy.join(FOLDER));
        make_private(&folder)?;
        let begun = std::fs::read_to_string(folder.join(BEGUN)).ok().and_then(|text| Day::parse(&text).ok());
        Ok(Self { folder, safe, key, open: Mutex::default(), begun: Mutex::new(begun) })
    }

    /// What signs the lists, and the file of an opening.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Opens the box of an announced round; one that was lost or went back is filled again from its safe copy.
    pub fn begin(&self, round: AnnouncedRound) -> Result<(), ServerFailed> {
        let id = round.signed.definition.id;
        if lock(&self.open).contains_key(&id) {
            return Ok(());
        }
        let (name, random) = (name_of(id), &mut machine::randomness());
        let [key_name, box_name] = [format!("{name}.key"), format!("{name}.box")];
        let definition = Arc::new(round.signed.definition.clone());
        let path = self.folder.join(&box_name);
        let key = match BoxKey::read(&self.folder.join(&key_name))? {
            Some(key) => key,
            None if path.exists() => return Err(fault(&self.folder.join(&key_name), FileCause::Missing)),
            None => {
                let kept = BoxKey::read(&self.safe.join(&key_name))?;
                let key = kept.unwrap_or_else(|| BoxKey::draw(random));
                key.write(&self.folder, &key_name)?;
                key
            }
        };
        let mut file = BoxFile::open(&path, &key, &definition, random)?;
        let safe = self.safe.join(&box_name);
        if safe.exists() {
            fill(&mut file, &BoxFile::open(&safe, &key, &definition, random)?, random)?;
        }
        let last = self.lists(id)?.pop();
        let collecting = Collecting { round, definition, file, key, last, is_stuffed: false, is_destroyed: false };
        lock(&self.open).insert(id, Arc::new(Mutex::new(collecting)));
        Ok(())
    }

    /// Whether a batch comes from a phone of its round and on a day on which it may.
    pub fn admit(&self, bytes: &[u8], today: Day) -> Result<Admitted, DropRefused> {
        self.begin_day(today)?;
        let named = round_of(bytes).and_then(|round| self.collecting(round)).ok_or(DropRefused::Unreadable)?;
        let collecting = lock(&named);
        let (definition, key) = (&*collecting.definition, &collecting.round.admission);
        let is_late = bytes.len() == LateBatch::bytes_of(definition);
        let (envelopes, seal) = if is_late {
            let late = LateBatch::read(bytes, definition, key)?;
            let seal = late.seal()?;
            (late.envelopes.into_iter().map(|(_, envelope)| envelope).collect(), Some(seal))
        } else {
            (Batch::read(bytes, definition, key)?.envelopes, None)
        };
        let is_open = today <= definition.closes && today >= definition.opens;
        let is_graced = is_late && today <= definition.grace && today >= definition.opens;
        if !(is_open || is_graced) || collecting.last.as_ref().is_some_and(|last| last.is_last) {
            return Err(DropRefused::Closed);
        }
        let seal = seal.filter(|_| !is_open);
        Ok(Admitted { round: definition.id, envelopes, seal })
    }

    /// Takes what was let in; when it returns, it is on disk. `day_began_ms` is all that the file's times tell.
    pub fn put(&self, admitted: &Admitted, day_began_ms: i64) -> Result<(), DropRefused> {
        let named = self.collecting(admitted.round).ok_or(DropRefused::Closed)?;
        let mut collecting = lock(&named);
        let new = collecting.file.lacks(&admitted.envelopes);
        if collecting.file.len() + new > envelopes_most(&collecting.definition) {
            collecting.is_stuffed = true;
            return Err(DropRefused::Full);
        }
        collecting.file.put(&admitted.envelopes, &mut machine::randomness())?;
        Ok(collecting.file.blur_times(day_began_ms)?)
    }

    /// The newest list of a round as it is sent; none before the first.
    pub fn list(&self, round: RoundId) -> Option<ReceivedList> {
        self.collecting(round).and_then(|collecting| lock(&collecting).last.clone())
    }

    /// What every day begins with, once: a whole safe copy and a list wherever enough has come. Whoever uses the boxes says
    /// which day it is.
    pub fn begin_day(&self, today: Day) -> Result<(), ServerFailed> {
        let mut begun = lock(&self.begun);
        if *begun == Some(today) {
            return Ok(());
        }
        let all: Vec<Arc<Mutex<Collecting>>> = lock(&self.open).values().cloned().collect();
        for collecting in &all {
            let mut collecting = lock(collecting);
            if std::mem::take(&mut collecting.is_stuffed) {
                tracing::error!("a box is full: more envelopes came than four for every slip or person");
            }
            self.list_if_due(&mut collecting, (begun.unwrap_or(today), today), false)?;
        }
        write_whole(&self.folder, BEGUN, today.to_string().as_bytes())?;
        *begun = Some(today);
        Ok(())
    }

    /// Freezes a box for its opening: the last copy and the last list. Nothing more is taken, so people ask for it and no
    /// clock does. Whether it is frozen now; before the grace date is over it is not.
    pub fn freeze(&self, round: RoundId, today: Day) -> Result<bool, ServerFailed> {
        let Some(named) = self.collecting(round) else { return Ok(false) };
        let mut collecting = lock(&named);
        if today <= collecting.definition.grace {
            return Ok(false);
        }
        self.list_if_due(&mut collecting, (today, today), true)?;
        Ok(true)
    }

    /// Every list of a round, from the first; the safe copy's where the data folder lost its own.
    pub fn lists(&self, round: RoundId) -> Result<Vec<ReceivedList>, ServerFailed> {
        let server = public(&self.key);
        let mut lists = Vec::new();
        loop {
            let name = list_name(round, lists.len() as u32 + 1);
            let found =
                [&self.safe, &self.folder].into_iter().map(|folder| folder.join(&name)).find(|path| path.exists());
            let Some(path) = found else { return Ok(lists) };
            let bytes = std::fs::read(&path).map_err(at(&path))?;
            lists.push(ReceivedList::read(&bytes, &server).map_err(|_| ServerFailed::Damaged)?);
        }
    }

    /// Hands over every envelope of a frozen box, sorted by name; `false` if nothing is frozen.
    pub fn each_frozen<E: From<ServerFailed>>(
        &self,
        round: RoundId,
        take: impl FnMut(Envelope) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Some(named) = self.collecting(round) else { return Ok(false) };
        let collecting = lock(&named);
        if !collecting.last.as_ref().is_some_and(|last| last.is_last) {
            return Ok(false);
        }
        collecting.file.each(take)?;
        Ok(true)
    }

    /// Names in a box that stand in its newest list too, sorted; none if the box is not open. They go into the file of those
    /// who read it and nowhere else.
    pub fn listed(&self, round: RoundId) -> Option<Vec<EnvelopeId>> {
        let named = self.collecting(round)?;
        let collecting = lock(&named);
        let mut names = collecting.file.names();
        names.retain(|name| collecting.last.as_ref().is_some_and(|last| last.has(name)));
        Some(names)
    }

    /// Hands over the envelopes of these names, in their order; phones go on dropping meanwhile. `false` if the box holds
    /// one of them no more.
    pub fn each_of<E: From<ServerFailed>>(
        &self,
        round: RoundId,
        names: &[EnvelopeId],
        mut take: impl FnMut(Envelope) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Some(named) = self.collecting(round) else { return Ok(false) };
        for name in names {
            let Some(envelope) = lock(&named).file.find(name)? else { return Ok(false) };
            take(envelope)?;
        }
        Ok(true)
    }

    /// Destroys what was ever kept of a round's envelopes: first both keys, without which neither box nor copy opens, then
    /// the files. What is not there is destroyed already.
    pub fn destroy(&self, round: RoundId) -> Result<(), ServerFailed> {
        // Whoever writes into it now is waited for, and writes no more.
        if let Some(gone) = lock(&self.open).remove(&round) {
            lock(&gone).is_destroyed = true;
        }
        let name = name_of(round);
        // Where copies lay before there was a second copy, or after it was given up.
        let first_safe = self.folder.join(SAFE_FOLDER);
        let folders = BTreeSet::from([&self.folder, &self.safe, &first_safe]);
        for folder in &folders {
            overwrite(&folder.join(format!("{name}.key")))?;
        }
        for folder in folders.into_iter().filter(|folder| folder.exists()) {
            for file in std::fs::read_dir(folder).map_err(at(folder))? {
                let path = file.map_err(at(folder))?.path();
                if path.file_name().is_some_and(|found| found.to_string_lossy().starts_with(&name)) {
                    std::fs::remove_file(&path).map_err(at(&path))?;
                }
            }
            sync_folder(folder)?;
        }
        // A database that is restored from before knows nothing of it.
        write_whole(&self.folder, &format!("{name}.{DESTROYED}"), &[])
    }

    /// Whether this folder's box of a round was destroyed, whatever a restored database says.
    pub fn is_destroyed(&self, round: RoundId) -> bool {
        self.folder.join(format!("{}.{DESTROYED}", name_of(round))).exists()
    }

    /// `looked` is the day of the look before this one.
    fn list_if_due(
        &self,
        collecting: &mut Collecting,
        (looked, today): (Day, Day),
        is_last: bool,
    ) -> Result<(), ServerFailed> {
        let (round, last) = (collecting.definition.id, collecting.last.as_ref());
        let is_over = collecting.is_destroyed || last.is_some_and(|last| last.is_last);
        let names: Vec<EnvelopeId> = collecting.file.names();
        let fresh = names.iter().filter(|name| last.is_none_or(|last| !last.has(name))).count();
        let day = collecting.definition.takes_feedback().then_some(today);
        let opens = collecting.definition.opens;
        let since = last.and_then(|last| last.day).unwrap_or(opens);
        let waited = day.map(|today| waited(opens, [looked, since], today));
        if is_over || !ReceivedList::is_due(fresh, waited, is_last) {
            return Ok(());
        }
        let name = name_of(round);
        make_private(&self.safe)?;
        collecting.key.write(&self.safe, &format!("{name}.key"))?;
        collecting.file.copy_to(&self.safe.join(format!("{name}.box")), &mut machine::randomness())?;
        let list = ReceivedList::sign((round, collecting.last.as_ref(), day), &names, is_last, &self.key);
        for folder in [&self.safe, &self.folder] {
            write_whole(folder, &list_name(round, list.number), &list.to_bytes())?;
        }
        collecting.last = Some(list);
        Ok(())
    }

    fn collecting(&self, round: RoundId) -> Option<Arc<Mutex<Collecting>>> {
        lock(&self.open).get(&round).cloned()
    }
}

impl From<BatchRefused> for DropRefused {
    fn from(refused: BatchRefused) -> Self {
        match refused {
            BatchRefused::Unreadable => Self::Unreadable,
            BatchRefused::NotAdmitted => Self::NotAdmitted,
            BatchRefused::NotOfTheSeal => Self::Closed,
        }
    }
}

/// Puts what a safe copy holds, some at a time.
fn fill(file: &mut BoxFile, safe: &BoxFile, random: &mut impl CryptoRng) -> Result<(), ServerFailed> {
    let mut some = Vec::new();
    safe.each(|envelope| {
        some.push(envelope);
        if some.len() < FILLED_AT_ONCE {
            return Ok(());
        }
        file.put(&std::mem::take(&mut some), random)
    })?;
    file.put(&some, random)
}

/// Writes over a key where it lies; a disk that moves what is written keeps the old place for a while.
fn overwrite(path: &Path) -> Result<(), ServerFailed> {
    let length = match std::fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(path)(error)),
    };
    let mut file = OpenOptions::new().write(true).open(path).map_err(at(path))?;
    file.write_all(&vec![0; length as usize]).map_err(at(path))?;
    file.sync_all().map_err(at(path))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name_of(round: RoundId) -> String {
    HEXLOWER.encode(round.as_bytes())
}

fn list_name(round: RoundId, number: u32) -> String {
    format!("{}.list-{number:04}", name_of(round))
}
