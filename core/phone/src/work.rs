//! A person at work on this device: an edit, a submission, a step of a case. Each is one transaction.
//!
//! Change, entry and outbox row are committed together or not at all; the caller hears "saved" after the commit.
//! Source: exchange rules R1, R11, R17. This module never makes a time or a random number.

use std::num::NonZeroUsize;

use ed25519_dalek::SigningKey;
use lru::LruCache;
use model::case::filed::paper_of;
use model::case::{CaseState, find_step};
use model::document::{DocumentRefused, Edit, Fields, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, EntryRefused, Status, Submit, actor_of, device_id};
use model::hash::{EntryHash, PublicKey};
use model::identity::{DeviceId, DocumentId, PersonId, SpaceId};
use model::signed_value::canonical;
use model::time::Timestamp;
use rusqlite::{Connection, Transaction};

use crate::store::documents::DocumentRow;
use crate::store::entries::DOCUMENT;
use crate::store::{Store, StoreFailed, documents, entries};

/// Open documents that are kept; one costs about 17 KB whatever it holds.
const OPEN_DOCUMENTS_MAX: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");

/// Who acts on which device.
pub struct Author {
    /// The device's key.
    pub key: SigningKey,
    /// The person who holds it.
    pub person: PersonId,
    /// The device's incarnation; never one that a backup brought back (exchange rule R1).
    pub incarnation: u64,
}

impl Author {
    /// The device of the key.
    pub fn device(&self) -> DeviceId {
        device_id(&PublicKey::from_bytes(self.key.verifying_key().to_bytes()))
    }
}

/// What every act needs: where it is kept, who acts, and when by the phone's clock.
pub struct Act<'a> {
    /// The open store.
    pub store: &'a mut Store,
    /// Who acts.
    pub author: &'a Author,
    /// The phone's clock; it labels and never decides.
    pub claimed: Timestamp,
}

/// Which document of which space.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Paper {
    /// Whose space.
    pub space: SpaceId,
    /// Which document.
    pub document: DocumentId,
}

/// Why an act was not carried out. Nothing of it is stored, everything before it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkFailed {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
    /// The document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentRefused),
    /// What was typed does not fit into one entry.
    #[error(transparent)]
    Entry(#[from] EntryRefused),
    /// Two values of one field wait for a choice, so nothing can be signed.
    #[error("two values of one field wait for a choice")]
    Disputed,
    /// There is nothing of this paper on the phone.
    #[error("the paper is not on this phone")]
    NothingHeld,
    /// There is no submission in force to decide about.
    #[error("nothing was submitted yet")]
    NothingSubmitted,
}

/// Documents that are open, and the acts on them.
pub struct Work {
    open: LruCache<Paper, (i64, WorkingDocument)>,
}

impl Default for Work {
    fn default() -> Self {
        Self { open: LruCache::new(OPEN_DOCUMENTS_MAX) }
    }
}

impl Work {
    /// Records edits of one paper. `None` if they change nothing.
    pub fn edit(&mut self, act: Act<'_>, paper: Paper, edits: &[Edit]) -> Result<Option<EntryHash>, WorkFailed> {
        let Act { store, author, claimed } = act;
        let mut document = self.open(store.reader(), paper)?;
        let made = store.transact(|transaction| {
            let known = documents::find(transaction, paper.space, paper.document)?;
            let incarnation = author.incarnation.wrapping_add(known.as_ref().map_or(0, |row| row.rebased));
            let actor = actor_of(author.device(), paper.space, paper.document, incarnation);
            let Some(change) = document.record(actor, claimed, edits) else { return Ok(None) };
            let draft = draft(EntryKind::Change, paper, author, incarnation, change.bytes);
            let entry = Entry::sign(draft, &author.key)?;
            let mut row = begun(transaction, known, paper, author)?;
            row.latest = entries::keep_own(transaction, &entry, &row)?;
            row.changes += 1;
            documents::write(transaction, &row)?;
            Ok::<_, WorkFailed>(Some((entry.hash, row.latest)))
        })?;
        let Some((hash, latest)) = made else { return Ok(None) };
        self.open.put(paper, (latest, document));
        Ok(Some(hash))
    }

    /// Submits the paper as it stands: its heads, its canonical value, signed. Names the submission that it corrects,
    /// the author's own that still waits or else the one in force.
    pub fn submit(&mut self, act: Act<'_>, paper: Paper, form: EntryHash) -> Result<EntryHash, WorkFailed> {
        let Act { store, author, claimed } = act;
        let document = self.open(store.reader(), paper)?;
        let value = canonical(&document.fields()?).ok_or(WorkFailed::Disputed)?;
        let heads = document.heads();
        if heads.is_empty() {
            return Err(WorkFailed::NothingHeld);
        }
        store.transact(|transaction| {
            let known = documents::find(transaction, paper.space, paper.document)?;
            let mut row = begun(transaction, known, paper, author)?;
            let over = own_waiting(transaction, paper, author)?.or(row.decisions.submitted);
            let submit = Submit { heads, value, form, over, claimed_ms: claimed.utc_ms() };
            let body = minicbor::to_vec(&submit).expect("writing to memory cannot fail");
            keep_decision(transaction, author, &mut row, EntryKind::Submit, body)
        })
    }

    /// Takes a step of a case: about the submission in force, or about the newest filed paper that the step needs.
    pub fn decide(
        &mut self,
        act: Act<'_>,
        paper: Paper,
        (to, reason): (CaseState, Option<String>),
    ) -> Result<EntryHash, WorkFailed> {
        let Act { store, author, claimed } = act;
        store.transact(|transaction| {
            let mut row = documents::find(transaction, paper.space, paper.document)?.ok_or(WorkFailed::NothingHeld)?;
            let step = find_step(row.decisions.status.map(|status| status.to), to);
            let filed =
                step.and_then(|step| row.decisions.papers.get(&paper_of(step, &row.decisions))).map(|filed| filed.hash);
            let about = filed.or(row.decisions.submitted).ok_or(WorkFailed::NothingSubmitted)?;
            let follows = row.decisions.status.map(|status| status.hash);
            let status = Status { follows, to, reason, about, claimed_ms: claimed.utc_ms() };
            let body = minicbor::to_vec(&status).expect("writing to memory cannot fail");
            keep_decision(transaction, author, &mut row, EntryKind::Status, body)
        })
    }

    /// The paper's fields as this phone holds them.
    pub fn fields(&mut self, store: &Store, paper: Paper) -> Result<Fields, WorkFailed> {
        let document = self.open(store.reader(), paper)?;
        let fields = document.fields()?;
        Ok(fields)
    }

    /// The open paper; a copy that the caller may change.
    pub fn open(&mut self, connection: &Connection, paper: Paper) -> Result<WorkingDocument, WorkFailed> {
        let latest = documents::find(connection, paper.space, paper.document)?.map_or(0, |row| row.latest);
        if let Some((known, document)) = self.open.get(&paper)
            && *known == latest
        {
            return Ok(document.clone());
        }
        let changes = entries::changes_of(connection, paper.space, paper.document)?;
        let document = WorkingDocument::open(changes.iter().map(Vec::as_slice));
        self.open.put(paper, (latest, document.clone()));
        Ok(document)
    }

    /// Forgets open papers of spaces that a reply changed.
    pub fn forget(&mut self, moved: &[SpaceId]) {
        let stale: Vec<Paper> =
            self.open.iter().map(|(paper, _)| *paper).filter(|paper| moved.contains(&paper.space)).collect();
        for paper in stale {
            self.open.pop(&paper);
        }
    }
}

fn begun(
    transaction: &Transaction<'_>,
    known: Option<DocumentRow>,
    paper: Paper,
    author: &Author,
) -> Result<DocumentRow, StoreFailed> {
    match known {
        Some(row) => Ok(row),
        None => documents::begin(transaction, paper.space, paper.document, author.person),
    }
}

fn draft(kind: EntryKind, paper: Paper, author: &Author, incarnation: u64, body: Vec<u8>) -> EntryDraft {
    let Paper { space, document } = paper;
    EntryDraft { kind, space, document, person: author.person, incarnation, body }
}

fn keep_decision(
    transaction: &Transaction<'_>,
    author: &Author,
    row: &mut DocumentRow,
    kind: EntryKind,
    body: Vec<u8>,
) -> Result<EntryHash, WorkFailed> {
    let paper = Paper { space: row.space, document: row.id };
    let entry = Entry::sign(draft(kind, paper, author, author.incarnation, body), &author.key)?;
    if entries::find(transaction, &entry.hash)?.is_none() {
        row.latest = entries::keep_own(transaction, &entry, row)?;
        documents::write(transaction, row)?;
    }
    Ok(entry.hash)
}

/// The author's latest submission of the paper that is neither in the log nor refused.
fn own_waiting(transaction: &Transaction<'_>, paper: Paper, author: &Author) -> Result<Option<EntryHash>, StoreFailed> {
    let sql = format!(
        "select hash from entry where document = {DOCUMENT} and kind = 2 and device = ?3
         and number is null and refusal is null order by id desc limit 1"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let device = author.device();
    let mut rows = statement.query((paper.space.as_bytes(), paper.document.as_bytes(), device.as_bytes()))?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(EntryHash::from_bytes))
}
