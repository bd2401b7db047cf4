//! A foreign change, weighed before the document engine opens it.
//!
//! The engine trusts its input: 64 bytes can claim five million operations, a deflated chunk a gibibyte, and a start
//! counter near 2^32 kills a document for everybody. This reader walks the same bytes first, in time linear in their
//! length and without expanding a run, and refuses whatever an honest engine would not have written. It accepts one
//! encoding only, because the engine rebuilds changes from its own columns: another encoding of the same operations
//! would come back under another hash.
//!
//! This module never calls the document engine, never decompresses and never allocates by a number that it was told.
//! What it cannot see: whether a named object, element or dependency exists, and whose actor it is. The gate asks that.
//! Source of the rules: `sync.md` 0.2 and 5.4, and the engine's own change format, version 0.12.0.

mod bytes;
mod columns;
mod operations;
pub(crate) mod order;
mod references;
mod runs;
mod values;

#[cfg(test)]
mod draft;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use columns::Columns;
use sha2::{Digest, Sha256};

/// Bytes of one chunk, header included. An entry of the log is no larger (`sync.md` 5.4, step 1).
pub const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// Changes that one change may follow directly; a document has at most 16 live heads, so 64 is generous.
pub const DEPENDENCIES_MAX: u64 = 64;
/// Operations in one change. The engine needs 2.4 microseconds and 360 bytes for each; longer pastes are split.
pub const OPERATIONS_MAX: u64 = 4_096;
/// Operations beyond the free ones that each byte pays for. Deletions are exempt: honest ones share a single run.
pub const OPERATIONS_PER_BYTE: u64 = 8;
/// Operations that even the shortest change may hold.
pub const OPERATIONS_FREE: u64 = 256;
/// Overwritten operations that one change may name: settling a conflict names all sides, so twice the operations.
pub const PREDECESSORS_MAX: u64 = 2 * OPERATIONS_MAX;
/// Actors named besides the author; a document has at most 64.
pub const OTHER_ACTORS_MAX: u64 = 64;
/// Bytes behind the columns; the engine keeps an unsigned author name there.
pub const EXTRA_BYTES_MAX: usize = 64;
/// The highest operation counter. The engine keeps counters in 32 bits and panics beyond.
pub const OPERATION_COUNTER_MAX: u64 = 1 << 31;
/// The highest sequence number. The engine keeps it in 32 bits and drops the rest.
pub const SEQUENCE_MAX: u64 = 1 << 31;
/// How far the writer's clock may lie from 1970, in the writer's unit. The engine keeps differences of clocks and panics
/// where one does not fit 64 bits: two changes at both ends of time would kill a document.
pub const TIME_MAX: i64 = 1 << 53;
/// How large a counter may start and how far one step may move it: 4,096 steps in each of 10,000 changes fit 64 bits.
pub const COUNTER_STEP_MAX: i64 = 1 << 31;
/// Bytes of all map keys and mark names once each operation has its own copy, as the engine makes them.
pub const TEXT_BYTES_MAX: u64 = 4 * CHANGE_BYTES_MAX as u64;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const PLAIN_CHANGE: u8 = 1;
const HASH_BYTES: usize = 32;
const ACTOR_BYTES: usize = 16;

/// What a change says about itself, checked for form but not yet for truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHeader {
    /// SHA-256 over chunk type, length and contents; the content address.
    pub hash: [u8; 32],
    /// Hashes of the changes that this one follows, strictly ascending, at most [`DEPENDENCIES_MAX`].
    pub dependencies: Vec<[u8; 32]>,
    /// The actor that claims to have written the change.
    pub actor: [u8; 16],
    /// The actor's own count of changes, 1 to [`SEQUENCE_MAX`].
    pub sequence: u64,
    /// Counter of the first operation, from 1; the last operation's is at most [`OPERATION_COUNTER_MAX`].
    pub start_operation: u64,
    /// The writer's clock, seconds since 1970 by custom, at most [`TIME_MAX`] either way; never trusted.
    pub time: i64,
    /// Operations, 0 to [`OPERATIONS_MAX`], counted from run lengths.
    pub operations: u64,
    /// The other actors whose operations are named, strictly ascending, each named at least once.
    ///
    /// All must have written a dependency, direct or not: the engine panics on an actor that it has not met.
    pub other_actors: Vec<[u8; 16]>,
    /// Whether every operation puts a value under a key of the root and overwrites nothing, so that nothing which it
    /// names can be missing.
    pub is_fresh: bool,
}

impl ChangeHeader {
    /// Reads one plain change chunk with nothing behind it.
    pub fn read(bytes: &[u8]) -> Result<Self, ChangeRefused> {
        let (hash, contents) = open(bytes)?;
        let mut input = Bytes::new(contents);
        let dependencies = read_dependencies(&mut input)?;
        let actor = read_actor(&mut input)?;
        let sequence = read_sequence(&mut input)?;
        let start_operation = read_start_operation(&mut input)?;
        let time = read_time(&mut input)?;
        refuse_message(&mut input)?;
        let other_actors = read_other_actors(&mut input, actor)?;
        let columns = Columns::read(&mut input)?;
        at_most(input.left() as u64, EXTRA_BYTES_MAX as u64, |given, limit| ChangeRefused::ExtraTooLong {
            given,
            limit,
        })?;
        let (operations, is_fresh) = (0, false);
        let mut header =
            Self { hash, dependencies, actor, sequence, start_operation, time, operations, other_actors, is_fresh };
        let weight = operations::weigh(&columns, &header, bytes.len() as u64)?;
        (header.operations, header.is_fresh) = (weight.operations, weight.is_fresh);
        Ok(header)
    }
}

/// Why a change is not opened. One variant per rule; numbers are counts or bytes as their names say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant says what its numbers count")]
pub enum ChangeRefused {
    /// More bytes than [`CHANGE_BYTES_MAX`].
    #[error("a change of {given} bytes, limit {limit}")]
    TooLong { given: u64, limit: u64 },
    /// The bytes end inside something.
    #[error("{needed} bytes needed, {left} left")]
    EndsEarly { needed: u64, left: u64 },
    /// Not a chunk at all.
    #[error("the chunk's first four bytes are wrong")]
    MagicMissing,
    /// A document (0), a deflated change (2), a bundle (3) or something unknown.
    #[error("chunk type {given} instead of a plain change")]
    ChunkType { given: u8 },
    /// The length in the chunk's header is not what follows.
    #[error("contents of {given} bytes announced, {actual} present")]
    ChunkLength { given: u64, actual: u64 },
    /// The checksum is not the beginning of the hash.
    #[error("the checksum is wrong")]
    ChecksumWrong,
    /// A number that is longer than necessary or does not fit 64 bits.
    #[error("a number is not written in its shortest form")]
    NumberMalformed,
    /// More dependencies than [`DEPENDENCIES_MAX`].
    #[error("{given} dependencies, limit {limit}")]
    TooManyDependencies { given: u64, limit: u64 },
    /// Dependencies are not strictly ascending.
    #[error("dependencies are not in order")]
    DependenciesUnordered,
    /// An actor name that has not 16 bytes.
    #[error("an actor name of {given} bytes")]
    ActorLength { given: u64 },
    /// A sequence of zero or above [`SEQUENCE_MAX`].
    #[error("sequence {given}, limit {limit}")]
    SequenceOutOfRange { given: u64, limit: u64 },
    /// An operation counter of zero or above [`OPERATION_COUNTER_MAX`].
    #[error("operation counter {given}, limit {limit}")]
    CounterOutOfRange { given: u64, limit: u64 },
    /// A free text for the history; nobody may smuggle one in.
    #[error("a message of {given} bytes")]
    MessagePresent { given: u64 },
    /// More other actors than [`OTHER_ACTORS_MAX`].
    #[error("{given} other actors, limit {limit}")]
    TooManyActors { given: u64, limit: u64 },
    /// Other actors are not strictly ascending, or the author is among them.
    #[error("other actors are not in order")]
    ActorsUnordered,
    /// The other actor at this place is never named by an operation.
    #[error("other actor {place} is not used")]
    ActorUnused { place: u64 },
    /// More bytes behind the columns than [`EXTRA_BYTES_MAX`].
    #[error("{given} extra bytes, limit {limit}")]
    ExtraTooLong { given: u64, limit: u64 },
    /// A column that the engine does not know.
    #[error("column {column} is unknown")]
    ColumnUnknown { column: u64 },
    /// A deflated column: its size is unknown until it is too late.
    #[error("column {column} is deflated")]
    ColumnDeflated { column: u64 },
    /// A column twice or not in ascending order.
    #[error("column {column} is out of order")]
    ColumnsUnordered { column: u64 },
    /// A column without bytes; honest writers leave it out.
    #[error("column {column} is empty")]
    ColumnEmpty { column: u64 },
    /// A run of no rows, or rows that belong into a neighbouring run, or a column that says nothing.
    #[error("column {column} is not in its shortest form")]
    RunMalformed { column: u64 },
    /// A column has fewer or more rows than there are operations, or predecessors.
    #[error("column {column} has not {expected} rows")]
    RowsDisagree { column: u64, expected: u64 },
    /// A row without a value where one is needed.
    #[error("column {column} has an absent value")]
    ValueAbsent { column: u64 },
    /// More operations than [`OPERATIONS_MAX`] or than the bytes pay for.
    #[error("{given} operations, limit {limit}")]
    TooManyOperations { given: u64, limit: u64 },
    /// More overwritten operations named than there are operations and bytes to pay for them.
    #[error("{given} predecessors, limit {limit}")]
    TooManyPredecessors { given: u64, limit: u64 },
    /// The predecessors of one operation are not strictly ascending.
    #[error("predecessors are not in order")]
    PredecessorsUnordered,
    /// An operation names an actor beyond the list.
    #[error("actor {given} of {limit}")]
    ActorUnknown { given: u64, limit: u64 },
    /// An operation names one that cannot have existed when it was written.
    #[error("column {column} names a later operation")]
    ReferenceOutOfRange { column: u64 },
    /// An action that the engine does not know.
    #[error("action {given} is unknown")]
    ActionUnknown { given: u64 },
    /// A value whose bytes are not of its kind.
    #[error("a malformed value of kind {kind} and {length} bytes")]
    ValueMalformed { kind: u8, length: u64 },
    /// The values' lengths do not add up to the bytes of their column.
    #[error("{given} bytes behind the last value")]
    ValueBytesLeft { given: u64 },
    /// Map keys and mark names that would grow beyond [`TEXT_BYTES_MAX`].
    #[error("keys of {given} bytes, limit {limit}")]
    TextTooLong { given: u64, limit: u64 },
    /// An operation whose parts contradict each other, such as a list position in the root map.
    #[error("an operation with action {action} contradicts itself")]
    OperationIncoherent { action: u64 },
    /// A map key or a mark's name that is not UTF-8.
    #[error("column {column} has a text that is not UTF-8")]
    TextMalformed { column: u64 },
    /// A clock beyond [`TIME_MAX`].
    #[error("time {given}, limit {limit}")]
    TimeOutOfRange { given: i64, limit: i64 },
    /// A counter's start or step beyond [`COUNTER_STEP_MAX`].
    #[error("counter value {given}, limit {limit}")]
    CounterStepTooLarge { given: i64, limit: i64 },
}

impl ChangeRefused {
    /// The rule's number for the wire and for logs. Numbers are never reused.
    pub fn code(&self) -> u8 {
        match self {
            Self::TooLong { .. } => 1,
            Self::EndsEarly { .. } => 2,
            Self::MagicMissing => 3,
            Self::ChunkType { .. } => 4,
            Self::ChunkLength { .. } => 5,
            Self::ChecksumWrong => 6,
            Self::NumberMalformed => 7,
            Self::TooManyDependencies { .. } => 8,
            Self::DependenciesUnordered => 9,
            Self::ActorLength { .. } => 10,
            Self::SequenceOutOfRange { .. } => 11,
            Self::CounterOutOfRange { .. } => 12,
            Self::MessagePresent { .. } => 13,
            Self::TooManyActors { .. } => 14,
            Self::ActorsUnordered => 15,
            Self::ActorUnused { .. } => 16,
            Self::ExtraTooLong { .. } => 17,
            Self::ColumnUnknown { .. } => 18,
            Self::ColumnDeflated { .. } => 19,
            Self::ColumnsUnordered { .. } => 20,
            Self::ColumnEmpty { .. } => 21,
            Self::RunMalformed { .. } => 22,
            Self::RowsDisagree { .. } => 23,
            Self::ValueAbsent { .. } => 24,
            Self::TooManyOperations { .. } => 25,
            Self::TooManyPredecessors { .. } => 26,
            Self::PredecessorsUnordered => 27,
            Self::ActorUnknown { .. } => 28,
            Self::ReferenceOutOfRange { .. } => 29,
            Self::ActionUnknown { .. } => 30,
            Self::ValueMalformed { .. } => 31,
            Self::ValueBytesLeft { .. } => 32,
            Self::TextTooLong { .. } => 33,
            Self::OperationIncoherent { .. } => 34,
            Self::TextMalformed { .. } => 35,
            Self::TimeOutOfRange { .. } => 36,
            Self::CounterStepTooLarge { .. } => 37,
        }
    }
}

/// The hash and the contents of the only chunk, once type, length and checksum are right.
fn open(bytes: &[u8]) -> Result<([u8; 32], &[u8]), ChangeRefused> {
    at_most(bytes.len() as u64, CHANGE_BYTES_MAX as u64, |given, limit| ChangeRefused::TooLong { given, limit })?;
    let mut input = Bytes::new(bytes);
    if input.take(MAGIC.len() as u64)? != MAGIC {
        return Err(ChangeRefused::MagicMissing);
    }
    let checksum: [u8; 4] = input.array()?;
    let hashed = input.rest();
    let [given] = input.array()?;
    if given != PLAIN_CHANGE {
        return Err(ChangeRefused::ChunkType { given });
    }
    let given = input.unsigned()?;
    let actual = input.left() as u64;
    if given != actual {
        return Err(ChangeRefused::ChunkLength { given, actual });
    }
    let hash: [u8; HASH_BYTES] = Sha256::digest(hashed).into();
    if hash[..checksum.len()] != checksum {
        return Err(ChangeRefused::ChecksumWrong);
    }
    Ok((hash, input.rest()))
}

fn read_dependencies(input: &mut Bytes) -> Result<Vec<[u8; 32]>, ChangeRefused> {
    let count = input.unsigned()?;
    at_most(count, DEPENDENCIES_MAX, |given, limit| ChangeRefused::TooManyDependencies { given, limit })?;
    let dependencies: Vec<[u8; HASH_BYTES]> = (0..count).map(|_| input.array()).collect::<Result<_, _>>()?;
    if !dependencies.is_sorted_by(|left, right| left < right) {
        return Err(ChangeRefused::DependenciesUnordered);
    }
    Ok(dependencies)
}

fn read_actor(input: &mut Bytes) -> Result<[u8; 16], ChangeRefused> {
    let given = input.unsigned()?;
    if given != ACTOR_BYTES as u64 {
        return Err(ChangeRefused::ActorLength { given });
    }
    input.array()
}

fn read_sequence(input: &mut Bytes) -> Result<u64, ChangeRefused> {
    let given = input.unsigned()?;
    if !(1..=SEQUENCE_MAX).contains(&given) {
        return Err(ChangeRefused::SequenceOutOfRange { given, limit: SEQUENCE_MAX });
    }
    Ok(given)
}

fn read_start_operation(input: &mut Bytes) -> Result<u64, ChangeRefused> {
    let given = input.unsigned()?;
    if !(1..=OPERATION_COUNTER_MAX).contains(&given) {
        return Err(ChangeRefused::CounterOutOfRange { given, limit: OPERATION_COUNTER_MAX });
    }
    Ok(given)
}

fn read_time(input: &mut Bytes) -> Result<i64, ChangeRefused> {
    let given = input.signed()?;
    if !(-TIME_MAX..=TIME_MAX).contains(&given) {
        return Err(ChangeRefused::TimeOutOfRange { given, limit: TIME_MAX });
    }
    Ok(given)
}

fn refuse_message(input: &mut Bytes) -> Result<(), ChangeRefused> {
    match input.unsigned()? {
        0 => Ok(()),
        given => Err(ChangeRefused::MessagePresent { given }),
    }
}

fn read_other_actors(input: &mut Bytes, author: [u8; 16]) -> Result<Vec<[u8; 16]>, ChangeRefused> {
    let count = input.unsigned()?;
    at_most(count, OTHER_ACTORS_MAX, |given, limit| ChangeRefused::TooManyActors { given, limit })?;
    let actors: Vec<[u8; ACTOR_BYTES]> = (0..count).map(|_| read_actor(input)).collect::<Result<_, _>>()?;
    if !actors.is_sorted_by(|left, right| left < right) || actors.contains(&author) {
        return Err(ChangeRefused::ActorsUnordered);
    }
    Ok(actors)
}

fn at_most(given: u64, limit: u64, refused: impl FnOnce(u64, u64) -> ChangeRefused) -> Result<(), ChangeRefused> {
    if given > limit { Err(refused(given, limit)) } else { Ok(()) }
}
