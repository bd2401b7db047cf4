//! A working document: named fields that merge. The only file that speaks automerge.
//!
//! A document is one flat map of scalars (a 30-field form opens in 74 µs and 17 KB; nested objects made on two devices
//! at once would hide each other's fields). Two different concurrent values of one field are both kept; equal values
//! are one. Foreign bytes run behind `catch_unwind`: automerge 0.12 panics on some of them.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ChangeHash, ObjType, ROOT, ReadDoc, ScalarValue, Value};

use crate::change::order::dependencies_first;
use crate::hash::EntryHash;
use crate::time::Timestamp;
pub use kind::DocumentKind;

mod kind;

/// Fields that a document may grow to; the gate refuses what would make it larger.
pub const FIELDS_MAX: usize = 2_000;

/// Fields that are read: a restore can bring back as many as were written in between, and a paper does not die of it.
pub const FIELDS_READ_MAX: usize = 4 * FIELDS_MAX;

/// Bytes of a field's name.
pub const FIELD_NAME_BYTES_MAX: usize = 120;

/// Bytes of one text, about 4,000 Vietnamese characters; the directory's forms may be longer.
pub const FIELD_TEXT_BYTES_MAX: usize = 60_000;

/// Concurrent values of one field that are read; more can be made by a hostile device, nobody could settle them.
pub const CONCURRENT_VALUES_MAX: usize = 8;

/// One value of a field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scalar {
    /// Text, also the wire word of a choice.
    Text(String),
    /// A whole number, also hundredths of a point.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// A value that only a newer app understands; it is left as it is.
    Unknown,
}

/// A value and the change that wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The value.
    pub value: Scalar,
    /// The change; its entry names device, person and claimed time.
    pub by: EntryHash,
}

/// A field as its replicas agree, or do not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Field {
    /// One value.
    Settled(Scalar),
    /// Different values written at the same time, in the order of the values; nobody's wins.
    Disputed(Vec<Written>),
}

/// All fields of a document by name.
pub type Fields = BTreeMap<String, Field>;

/// What a person changes: a field and its new value, or none to clear it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The field.
    pub field: String,
    /// The value; none clears the field.
    pub value: Option<Scalar>,
}

/// Why a document cannot take a change or be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentRefused {
    /// The engine refused or failed on the bytes.
    #[error("the change cannot be opened")]
    Unopenable,
    /// The change names something that is not in the document, so it would wait for ever.
    #[error("the change builds on something that is missing")]
    Orphan,
    /// A list, a map or a text where only single values are allowed.
    #[error("the document holds more than single values")]
    NotFlat,
    /// A name over [`FIELD_NAME_BYTES_MAX`] or a text over [`FIELD_TEXT_BYTES_MAX`].
    #[error("a field, its name or its text is too large")]
    TooLarge,
}

/// A change made here, ready to be signed.
#[derive(Clone, Debug)]
pub struct LocalChange {
    /// Uncompressed change bytes.
    pub bytes: Vec<u8>,
    /// Its address.
    pub hash: EntryHash,
}

/// An open document.
#[derive(Clone)]
pub struct WorkingDocument {
    inner: Automerge,
}

impl Default for WorkingDocument {
    fn default() -> Self {
        Self { inner: Automerge::new() }
    }
}

impl WorkingDocument {
    /// Opens the document that these changes make, given in the order of their first receipts. All are applied as one
    /// batch (one by one is 200 times slower); only if that fails, one by one, leaving out what the engine refuses, so that
    /// one bad change that an older gate let in, or a second one under a number that a restore had lost, cannot take the
    /// rest away.
    pub fn open<'a>(changes: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let parsed =
            guarded(|| changes.clone().map(|bytes| Change::from_bytes(bytes.to_vec())).collect::<Result<_, _>>());
        if let Ok(Ok(all)) = parsed {
            let mut document = Self::default();
            let all: Vec<Change> = all;
            if matches!(guarded(|| document.inner.apply_changes(all)), Ok(Ok(()))) {
                return document;
            }
        }
        let mut document = Self::default();
        for bytes in dependencies_first(changes.collect()) {
            let mut next = document.clone();
            if next.admit(bytes).is_ok() {
                document = next;
            }
        }
        document
    }

    /// Applies one foreign change. After an error the document must be thrown away and opened anew.
    ///
    /// A change that overwrites something that does not exist is applied in silence and comes out as another change; the
    /// document could never be exchanged again (found by mutation, automerge 0.12.0). So it is taken out and compared.
    pub fn admit(&mut self, bytes: &[u8]) -> Result<EntryHash, DocumentRefused> {
        let hash = self.admit_fresh(bytes)?;
        let kept = guarded(|| {
            let change = self.inner.get_change_by_hash(&to_engine_hash(&hash));
            change.is_some_and(|change| change.raw_bytes() == bytes)
        });
        if kept == Ok(true) { Ok(hash) } else { Err(DocumentRefused::Unopenable) }
    }

    /// The same for a change that is fresh by its header and counts on from everything in the document: it overwrites
    /// nothing, so nothing that it names is missing, and none of its operations has a number that another one has.
    pub fn admit_fresh(&mut self, bytes: &[u8]) -> Result<EntryHash, DocumentRefused> {
        let applied = guarded(|| {
            let change = Change::from_bytes(bytes.to_vec()).map_err(|_| DocumentRefused::Unopenable)?;
            let hash = change.hash();
            self.inner.apply_changes([change]).map_err(|_| DocumentRefused::Unopenable)?;
            Ok(hash)
        });
        let hash = applied.map_err(|_| DocumentRefused::Unopenable)??;
        if self.inner.get_change_meta_by_hash(&hash).is_none() {
            return Err(DocumentRefused::Orphan);
        }
        Ok(EntryHash::from_bytes(hash.0))
    }

    /// Records edits as one change under an actor. Edits that change nothing are left out; `None` if nothing is left.
    pub fn record(&mut self, actor: [u8; 16], claimed: Timestamp, edits: &[Edit]) -> Option<LocalChange> {
        let edits: Vec<&Edit> = edits.iter().filter(|edit| self.differs(edit)).collect();
        if edits.is_empty() {
            return None;
        }
        self.inner.set_actor(automerge::ActorId::from(&actor[..]));
        let mut transaction = self.inner.transaction();
        for edit in edits {
            let done = match &edit.value {
                Some(value) => transaction.put(ROOT, edit.field.as_str(), to_engine(value)),
                None => transaction.delete(ROOT, edit.field.as_str()),
            };
            done.expect("a scalar can be put into and deleted from the root map");
        }
        transaction.commit_with(CommitOptions::default().with_time(claimed.utc_ms()));
        let change = self.inner.get_last_local_change().expect("the transaction had at least one edit");
        Some(LocalChange { bytes: change.raw_bytes().to_vec(), hash: EntryHash::from_bytes(change.hash().0) })
    }

    /// The changes that nothing builds on yet, sorted.
    pub fn heads(&self) -> Vec<EntryHash> {
        let mut heads: Vec<EntryHash> =
            self.inner.get_heads().into_iter().map(|hash| EntryHash::from_bytes(hash.0)).collect();
        heads.sort_unstable();
        heads
    }

    /// Whether a change is in the document.
    pub fn contains(&self, hash: &EntryHash) -> bool {
        self.inner.get_change_meta_by_hash(&to_engine_hash(hash)).is_some()
    }

    /// What a field held before any of these changes and the others parted; none if it held nothing.
    pub fn base_of(&self, field: &str, by: &[EntryHash]) -> Option<Scalar> {
        let pasts: Vec<BTreeSet<ChangeHash>> = by.iter().map(|hash| self.past_of(to_engine_hash(hash))).collect();
        let (first, others) = pasts.split_first()?;
        let common: BTreeSet<ChangeHash> =
            first.iter().filter(|hash| others.iter().all(|past| past.contains(hash))).copied().collect();
        let is_covered = |hash: &ChangeHash| common.iter().any(|later| self.dependencies(later).contains(hash));
        let heads: Vec<ChangeHash> = common.iter().filter(|hash| !is_covered(hash)).copied().collect();
        match self.read(Some(&heads)).ok()?.remove(field)? {
            Field::Settled(value) => Some(value),
            Field::Disputed(_) => None,
        }
    }

    /// A change and everything that it builds on.
    fn past_of(&self, change: ChangeHash) -> BTreeSet<ChangeHash> {
        let mut past = BTreeSet::new();
        let mut next = vec![change];
        while let Some(change) = next.pop() {
            if past.insert(change) {
                next.extend(self.dependencies(&change));
            }
        }
        past
    }

    fn dependencies(&self, change: &ChangeHash) -> Vec<ChangeHash> {
        self.inner.get_change_by_hash(change).map(|change| change.deps().to_vec()).unwrap_or_default()
    }

    /// How many changes are not part of the history of these heads: what came late to a submission.
    pub fn changes_beyond(&self, heads: &[EntryHash]) -> usize {
        let heads: Vec<ChangeHash> = heads.iter().map(to_engine_hash).collect();
        self.inner.get_changes_meta(&heads).len()
    }

    /// Every field, with all different concurrent values.
    pub fn fields(&self) -> Result<Fields, DocumentRefused> {
        guarded(|| self.read(None)).unwrap_or(Err(DocumentRefused::Unopenable))
    }

    /// Every field as the document stood at these heads.
    pub fn fields_at(&self, heads: &[EntryHash]) -> Result<Fields, DocumentRefused> {
        if !heads.iter().all(|hash| self.contains(hash)) {
            return Err(DocumentRefused::Orphan);
        }
        let heads: Vec<ChangeHash> = heads.iter().map(to_engine_hash).collect();
        guarded(|| self.read(Some(&heads))).unwrap_or(Err(DocumentRefused::Unopenable))
    }

    fn differs(&self, edit: &Edit) -> bool {
        let values = self.inner.get_all(ROOT, edit.field.as_str()).unwrap_or_default();
        match (&edit.value, values.as_slice()) {
            (None, []) => false,
            (Some(value), [(Value::Scalar(present), _)]) => from_engine(present) != *value,
            _ => true,
        }
    }

    fn read(&self, heads: Option<&[ChangeHash]>) -> Result<Fields, DocumentRefused> {
        let mut fields = Fields::new();
        let items = match heads {
            Some(heads) => self.inner.map_range_at(ROOT, .., heads),
            None => self.inner.map_range(ROOT, ..),
        };
        for item in items {
            if item.key.len() > FIELD_NAME_BYTES_MAX {
                return Err(DocumentRefused::TooLarge);
            }
            // By name, so that every replica leaves out the same.
            if fields.len() == FIELDS_READ_MAX {
                break;
            }
            let field = if item.conflict {
                self.read_disputed(&item.key, heads)?
            } else {
                Field::Settled(checked(item.value.into_value())?)
            };
            fields.insert(item.key.into_owned(), field);
        }
        Ok(fields)
    }

    fn read_disputed(&self, name: &str, heads: Option<&[ChangeHash]>) -> Result<Field, DocumentRefused> {
        let values = match heads {
            Some(heads) => self.inner.get_all_at(ROOT, name, heads),
            None => self.inner.get_all(ROOT, name),
        };
        let mut written: Vec<Written> = Vec::new();
        for (value, id) in values.map_err(|_| DocumentRefused::Unopenable)?.into_iter() {
            let value = checked(value)?;
            if written.len() < CONCURRENT_VALUES_MAX && !written.iter().any(|other| other.value == value) {
                let by = self.inner.hash_for_opid(&id).ok_or(DocumentRefused::Unopenable)?;
                written.push(Written { value, by: EntryHash::from_bytes(by.0) });
            }
        }
        written.sort_by(|left, right| left.value.cmp(&right.value));
        if written.len() == 1 {
            return Ok(Field::Settled(written.remove(0).value));
        }
        Ok(Field::Disputed(written))
    }
}

fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, ()> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| ())
}

fn checked(value: Value<'_>) -> Result<Scalar, DocumentRefused> {
    match value {
        Value::Scalar(scalar) => match from_engine(&scalar) {
            Scalar::Text(text) if text.len() > FIELD_TEXT_BYTES_MAX => Err(DocumentRefused::TooLarge),
            scalar => Ok(scalar),
        },
        Value::Object(ObjType::Map | ObjType::List | ObjType::Text | ObjType::Table) => Err(DocumentRefused::NotFlat),
    }
}

fn from_engine(value: &ScalarValue) -> Scalar {
    match value {
        ScalarValue::Str(text) => Scalar::Text(text.to_string()),
        ScalarValue::Int(number) => Scalar::Integer(*number),
        ScalarValue::Boolean(flag) => Scalar::Flag(*flag),
        _ => Scalar::Unknown,
    }
}

fn to_engine(value: &Scalar) -> ScalarValue {
    match value {
        Scalar::Text(text) => ScalarValue::Str(text.as_str().into()),
        Scalar::Integer(number) => ScalarValue::Int(*number),
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
        Scalar::Unknown => ScalarValue::Null,
    }
}

fn to_engine_hash(hash: &EntryHash) -> ChangeHash {
    ChangeHash(*hash.as_bytes())
}
