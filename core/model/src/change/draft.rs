//! Changes written by hand, for tests.

use super::columns::number;
use super::{MAGIC, PLAIN_CHANGE};
use sha2::{Digest, Sha256};

pub(super) const ACTOR: [u8; 16] = [5; 16];
pub(super) const LOWER: [u8; 16] = [1; 16];
pub(super) const UPPER: [u8; 16] = [9; 16];

/// A change written by hand: one `put` of null at key `k` of the root, until a test says otherwise.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) dependencies: Vec<[u8; 32]>,
    pub(super) actor: Vec<u8>,
    pub(super) sequence: u64,
    pub(super) start_operation: u64,
    pub(super) time: i64,
    pub(super) message: &'static str,
    pub(super) other_actors: Vec<Vec<u8>>,
    pub(super) columns: Vec<(u64, Vec<u8>)>,
    pub(super) extra: Vec<u8>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            dependencies: vec![],
            actor: ACTOR.to_vec(),
            sequence: 1,
            start_operation: 10,
            time: 0,
            message: "",
            other_actors: vec![],
            columns: vec![
                (number::KEY_TEXT, vec![0x7f, 1, b'k']),
                (number::INSERT, vec![1]),
                (number::ACTION, vec![0x7f, 1]),
                (number::VALUE_KIND, vec![0x7f, 0]),
                (number::PREDECESSOR_COUNT, vec![0x7f, 0]),
            ],
            extra: vec![],
        }
    }

    /// The same change with as many equal operations, each column in one run.
    pub(super) fn repeated(rows: u64) -> Self {
        let run = |value: &[u8]| [signed(rows as i64), value.to_vec()].concat();
        Self::new()
            .with(number::KEY_TEXT, run(&[1, b'k']))
            .with(number::INSERT, unsigned(rows))
            .with(number::ACTION, run(&[1]))
            .with(number::VALUE_KIND, run(&[0]))
            .with(number::PREDECESSOR_COUNT, run(&[0]))
    }

    pub(super) fn with(mut self, column: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.columns.retain(|(present, _)| *present != column);
        self.columns.push((column, bytes.into()));
        self.columns.sort();
        self
    }

    pub(super) fn without(mut self, column: u64) -> Self {
        self.columns.retain(|(present, _)| *present != column);
        self
    }

    pub(super) fn columns_of(&self, column: u64) -> Vec<u8> {
        self.columns.iter().find(|(present, _)| *present == column).unwrap().1.clone()
    }

    pub(super) fn contents(&self) -> Vec<u8> {
        let mut out = unsigned(self.dependencies.len() as u64);
        out.extend(self.dependencies.concat());
        out.extend(prefixed(&self.actor));
        out.extend([unsigned(self.sequence), unsigned(self.start_operation), signed(self.time)].concat());
        out.extend(prefixed(self.message.as_bytes()));
        out.extend(unsigned(self.other_actors.len() as u64));
        self.other_actors.iter().for_each(|actor| out.extend(prefixed(actor)));
        out.extend(unsigned(self.columns.len() as u64));
        self.columns
            .iter()
            .for_each(|(column, bytes)| out.extend([unsigned(*column), unsigned(bytes.len() as u64)].concat()));
        self.columns.iter().for_each(|(_, bytes)| out.extend(bytes));
        out.extend(&self.extra);
        out
    }

    pub(super) fn sealed(&self) -> Vec<u8> {
        sealed(PLAIN_CHANGE, &self.contents())
    }
}

pub(super) fn sealed(chunk_type: u8, contents: &[u8]) -> Vec<u8> {
    let hashed = [&[chunk_type], &unsigned(contents.len() as u64)[..], contents].concat();
    let hash = Sha256::digest(&hashed);
    [&MAGIC[..], &hash[..4], &hashed].concat()
}

pub(super) fn unsigned(mut number: u64) -> Vec<u8> {
    let mut out = vec![];
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

pub(super) fn signed(mut number: i64) -> Vec<u8> {
    let mut out = vec![];
    while !(-64..64).contains(&number) {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8 & 0x7f);
    out
}

pub(super) fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [unsigned(bytes.len() as u64), bytes.to_vec()].concat()
}
