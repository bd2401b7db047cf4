//! Chunks written by hand, right or wrong, always under a right checksum.

use sha2::{Digest, Sha256};

/// The chunk type of a plain change.
pub const PLAIN: u8 = 1;
/// The chunk type of a deflated change.
pub const DEFLATED: u8 = 2;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM_BYTES: usize = 4;

/// The columns' numbers in the format.
pub mod column {
    /// Whose operation made the object.
    pub const OBJECT_ACTOR: u64 = 1;
    /// The counter of the operation that made the object.
    pub const OBJECT_COUNTER: u64 = 2;
    /// Whose operation made the list element.
    pub const KEY_ACTOR: u64 = 17;
    /// The counter of the operation that made the list element, as a difference.
    pub const KEY_COUNTER: u64 = 19;
    /// The key in a map.
    pub const KEY_TEXT: u64 = 21;
    /// Whether a list element is made.
    pub const INSERT: u64 = 52;
    /// What is done.
    pub const ACTION: u64 = 66;
    /// A value's kind and length.
    pub const VALUE_KIND: u64 = 86;
    /// All values' bytes.
    pub const VALUE_BYTES: u64 = 87;
    /// How many operations are overwritten.
    pub const PREDECESSOR_COUNT: u64 = 112;
    /// Whose operations are overwritten.
    pub const PREDECESSOR_ACTOR: u64 = 113;
    /// The counters of the operations that are overwritten, as differences.
    pub const PREDECESSOR_COUNTER: u64 = 115;
}

/// The contents of a change, field by field.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Hashes of the changes that it follows.
    pub dependencies: Vec<[u8; 32]>,
    /// The author's actor; honest ones have 16 bytes.
    pub actor: Vec<u8>,
    /// The author's count of changes.
    pub sequence: u64,
    /// The counter of the first operation.
    pub start_operation: u64,
    /// Seconds since 1970.
    pub time: i64,
    /// A text for the history.
    pub message: String,
    /// Actors named by operations.
    pub other_actors: Vec<Vec<u8>>,
    /// Columns by number, with their bytes.
    pub columns: Vec<(u64, Vec<u8>)>,
    /// What stands behind the columns.
    pub extra: Vec<u8>,
}

impl Contents {
    /// As many puts of null at key `k` of the root, each column in one run.
    pub fn repeated(operations: u64) -> Self {
        let base = Self {
            dependencies: vec![],
            actor: super::HONEST_ACTOR.to_vec(),
            sequence: 1,
            start_operation: 1,
            time: 0,
            message: String::new(),
            other_actors: vec![],
            columns: vec![],
            extra: vec![],
        };
        base.with(column::KEY_TEXT, repeated(operations, &[1, b'k']))
            .with(column::INSERT, unsigned(operations))
            .with(column::ACTION, repeated(operations, &[1]))
            .with(column::VALUE_KIND, repeated(operations, &[0]))
            .with(column::PREDECESSOR_COUNT, repeated(operations, &[0]))
    }

    /// With the column's bytes replaced.
    pub fn with(mut self, column: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self = self.without(column);
        self.columns.push((column, bytes.into()));
        self.columns.sort();
        self
    }

    /// Without the column.
    pub fn without(mut self, column: u64) -> Self {
        self.columns.retain(|(present, _)| *present != column);
        self
    }

    /// The whole chunk with a right length and checksum.
    pub fn sealed(&self) -> Vec<u8> {
        sealed(PLAIN, &self.bytes())
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = unsigned(self.dependencies.len() as u64);
        out.extend(self.dependencies.concat());
        out.extend(prefixed(&self.actor));
        out.extend([unsigned(self.sequence), unsigned(self.start_operation), signed(self.time)].concat());
        out.extend(prefixed(self.message.as_bytes()));
        out.extend(unsigned(self.other_actors.len() as u64));
        self.other_actors.iter().for_each(|actor| out.extend(prefixed(actor)));
        out.extend(unsigned(self.columns.len() as u64));
        for (column, bytes) in &self.columns {
            out.extend([unsigned(*column), unsigned(bytes.len() as u64)].concat());
        }
        self.columns.iter().for_each(|(_, bytes)| out.extend(bytes));
        out.extend(&self.extra);
        out
    }
}

/// A run of equal values; honest writers write a single one as a run of different ones.
pub fn repeated(rows: u64, value: &[u8]) -> Vec<u8> {
    let count = if rows == 1 { -1 } else { rows as i64 };
    [signed(count), value.to_vec()].concat()
}

/// A chunk around the contents with a right length and checksum.
pub fn sealed(chunk_type: u8, contents: &[u8]) -> Vec<u8> {
    let mut hashed = vec![chunk_type];
    hashed.extend(unsigned(contents.len() as u64));
    hashed.extend(contents);
    let hash = Sha256::digest(&hashed);
    let mut out = MAGIC.to_vec();
    out.extend(&hash[..CHECKSUM_BYTES]);
    out.extend(hashed);
    out
}

/// The contents of a chunk that was sealed here or by the engine.
pub fn contents(chunk: &[u8]) -> &[u8] {
    let behind_type = MAGIC.len() + CHECKSUM_BYTES + 1;
    let length_bytes = chunk[behind_type..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    &chunk[behind_type + length_bytes..]
}

/// An unsigned LEB128 number in its shortest form.
pub fn unsigned(mut number: u64) -> Vec<u8> {
    let mut out = vec![];
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// A signed LEB128 number in its shortest form.
pub fn signed(mut number: i64) -> Vec<u8> {
    let mut out = vec![];
    while !(-64..64).contains(&number) {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8 & 0x7f);
    out
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [unsigned(bytes.len() as u64), bytes.to_vec()].concat()
}
