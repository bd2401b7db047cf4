//! Foreign changes that a gate must survive, and the honest ones that it must let through.
//!
//! Every function returns the bytes of chunks as they would come over the wire. The first five are the published
//! attacks, all reproduced against the document engine 0.12.0 (`sync.md` 0.2). Nothing here is random: what varies is
//! an argument.

pub mod chunk;
pub mod mutation;

#[cfg(test)]
mod tests;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ROOT, ScalarValue};
use chunk::{Contents, column, repeated};
use flate2::{Compress, Compression, FlushCompress};

/// Who writes honestly unless a function says otherwise.
pub const HONEST_ACTOR: [u8; 16] = [0x1a; 16];
/// Whose actor is stolen.
pub const VICTIM_ACTOR: [u8; 16] = [0x2b; 16];
/// A start counter just below what the engine can count: the next honest edit after it panics.
pub const POISONED_START: u64 = u32::MAX as u64 - 1;

const CHOICES: usize = 30;
const COMMENTS: usize = 6;
const DEFLATED_BLOCK_BYTES: usize = 1 << 20;

/// About 70 bytes that claim `operations` puts of null at one key, in one run per column.
///
/// One million took the engine 0.36 s to parse and 2.4 s and 360 MB to apply; five million 16.8 s and 2.35 GB.
pub fn run_length_bomb(operations: u64) -> Vec<u8> {
    Contents::repeated(operations).sealed()
}

/// A deflated change (chunk type 2) of zeros; a gibibyte of them is about one megabyte on the wire.
///
/// The engine inflates without a limit and before any checksum. `inflated_bytes` is rounded up to whole mebibytes.
pub fn deflate_bomb(inflated_bytes: usize) -> Vec<u8> {
    let block = deflated_zeros();
    let mut contents = block.repeat(inflated_bytes.div_ceil(DEFLATED_BLOCK_BYTES));
    // An empty last block with fixed codes ends the stream.
    contents.extend([0x03, 0x00]);
    chunk::sealed(chunk::DEFLATED, &contents)
}

/// One put whose operation counter is `start`; with [`POISONED_START`] it kills the document for everybody.
pub fn counter_poison(start: u64) -> Vec<u8> {
    Contents { start_operation: start, ..Contents::repeated(1) }.sealed()
}

/// Two different changes with the same actor and sequence; replicas that saw different ones never converge.
pub fn equivocation() -> [Vec<u8>; 2] {
    ["đồng ý", "không đồng ý"].map(|answer| {
        let mut document = document(HONEST_ACTOR);
        honest_change(&mut document, &[("opinion", answer)])
    })
}

/// A victim's document and what somebody else writes under the victim's name.
pub struct ForgedActor {
    /// The victim's first change.
    pub base: Vec<u8>,
    /// The attacker's change, with the victim's actor and next sequence.
    pub forged: Vec<u8>,
    /// The victim's own next change, which the forged one shuts out.
    pub victims_next: Vec<u8>,
}

/// Takes a fork, sets the victim's actor and commits: the engine asks for no proof.
pub fn forged_actor() -> ForgedActor {
    let mut victim = document(VICTIM_ACTOR);
    let base = honest_change(&mut victim, &[("opinion", "đồng ý")]);
    let mut attacker = victim.fork().with_actor(ActorId::from(VICTIM_ACTOR));
    let forged = honest_change(&mut attacker, &[("opinion", "không đồng ý")]);
    let victims_next = honest_change(&mut victim, &[("note", "xin bổ sung")]);
    ForgedActor { base, forged, victims_next }
}

/// An empty document whose next change is `actor`'s first.
pub fn document(actor: [u8; 16]) -> AutoCommit {
    AutoCommit::new().with_actor(ActorId::from(actor))
}

/// Puts texts at keys of the root and commits them at second zero: the plain, uncompressed chunk.
pub fn honest_change(document: &mut AutoCommit, texts: &[(&str, &str)]) -> Vec<u8> {
    for (key, text) in texts {
        document.put(ROOT, *key, *text).expect("the root is a map");
    }
    committed(document)
}

/// A first change of about 1.6 KB: thirty choices and six comments of 30 words, all at keys of the root.
pub fn honest_form(actor: [u8; 16]) -> Vec<u8> {
    let mut document = document(actor);
    document.put(ROOT, "_t", "self_assessment").expect("the root is a map");
    for choice in 0..CHOICES {
        let value = ScalarValue::Int((choice * 7 % 5) as i64);
        document.put(ROOT, format!("choice_{choice:02}"), value).expect("the root is a map");
    }
    for comment in 0..COMMENTS {
        document.put(ROOT, format!("comment_{comment}"), words(comment)).expect("the root is a map");
    }
    committed(&mut document)
}

/// An honest change and one that follows it, which a server that never saw the first cannot place.
pub fn unknown_dependency() -> [Vec<u8>; 2] {
    let mut document = document(HONEST_ACTOR);
    ["một", "hai"].map(|text| honest_change(&mut document, &[("note", text)]))
}

/// A whole saved document (chunk type 0).
pub fn document_chunk() -> Vec<u8> {
    let mut document = document(HONEST_ACTOR);
    honest_change(&mut document, &[("note", "một")]);
    document.save_nocompress()
}

/// Two changes in one bundle (chunk type 3).
pub fn bundle_chunk() -> Vec<u8> {
    let mut document = document(HONEST_ACTOR);
    honest_change(&mut document, &[("note", "một")]);
    honest_change(&mut document, &[("note", "hai")]);
    let hashes: Vec<_> = document.get_changes(&[]).iter().map(|change| change.hash()).collect();
    document.bundle(hashes).expect("both changes are in the document").bytes().to_vec()
}

/// An honest change but for a text in its history that no screen shows.
pub fn message_present() -> Vec<u8> {
    let mut document = document(HONEST_ACTOR);
    document.put(ROOT, "note", "một").expect("the root is a map");
    document.commit_with(CommitOptions::default().with_message("đường dây khác").with_time(0));
    raw(&mut document)
}

/// A first change, then as many changes that all put the same key without having seen each other.
///
/// 999 of them make a conflict of 999 values and 57 KB saved; each one alone is honest.
pub fn concurrent_sets(writers: u64) -> Vec<Vec<u8>> {
    let mut base = document(HONEST_ACTOR);
    let first = honest_change(&mut base, &[("rating", "Tốt")]);
    let set = |writer: u64| {
        let mut actor = [0xcc; 16];
        actor[..8].copy_from_slice(&writer.to_be_bytes());
        let mut fork = base.fork().with_actor(ActorId::from(actor));
        honest_change(&mut fork, &[("rating", &format!("Khá {writer}"))])
    };
    let sets: Vec<_> = (0..writers).map(set).collect();
    std::iter::once(first).chain(sets).collect()
}

/// One key of `key_bytes` in a run of `operations`: the engine copies the key into each operation.
pub fn key_bomb(operations: u64, key_bytes: usize) -> Vec<u8> {
    let key = [chunk::unsigned(key_bytes as u64), vec![b'k'; key_bytes]].concat();
    Contents::repeated(operations).with(column::KEY_TEXT, repeated(operations, &key)).sealed()
}

/// One put that claims to overwrite `predecessors` operations.
pub fn predecessor_bomb(predecessors: u64) -> Vec<u8> {
    Contents { start_operation: 1 << 30, ..Contents::repeated(1) }
        .with(column::PREDECESSOR_COUNT, [vec![0x7f], chunk::unsigned(predecessors)].concat())
        .with(column::PREDECESSOR_ACTOR, repeated(predecessors, &[0]))
        .with(column::PREDECESSOR_COUNTER, repeated(predecessors, &[1]))
        .sealed()
}

/// A put that names an actor which no dependency has introduced: well formed, and the engine panics on it.
///
/// The header shows the actor; the gate must know the document's actors to refuse it.
pub fn stranger_named() -> Vec<u8> {
    Contents { other_actors: vec![VICTIM_ACTOR.to_vec()], start_operation: 9, ..Contents::repeated(1) }
        .with(column::PREDECESSOR_COUNT, [0x7f, 1])
        .with(column::PREDECESSOR_ACTOR, [0x7f, 1])
        .with(column::PREDECESSOR_COUNTER, [0x7f, 3])
        .sealed()
}

/// An insertion into a list that does not exist: well formed, and the engine panics on it.
///
/// Only the document can tell, so the gate needs its guard against unwinding.
pub fn object_missing() -> Vec<u8> {
    Contents { start_operation: 9, ..Contents::repeated(1) }
        .without(column::KEY_TEXT)
        .with(column::OBJECT_ACTOR, [0x7f, 0])
        .with(column::OBJECT_COUNTER, [0x7f, 3])
        .with(column::KEY_COUNTER, [0x7f, 0])
        .with(column::INSERT, [0, 1])
        .sealed()
}

/// A put that overwrites an operation nobody made: the engine applies it, forgets the claim, and rebuilds the change
/// under another hash. The document saves and never loads again.
///
/// Only the document can tell: the gate compares the change that comes back with the bytes that went in.
pub fn predecessor_invented() -> Vec<u8> {
    Contents { start_operation: 9, ..Contents::repeated(1) }
        .with(column::PREDECESSOR_COUNT, [0x7f, 1])
        .with(column::PREDECESSOR_ACTOR, [0x7f, 0])
        .with(column::PREDECESSOR_COUNTER, [0x7f, 3])
        .sealed()
}

/// Two puts at one key in two runs of one instead of one run of two: the engine takes it and rebuilds it otherwise.
pub fn run_split() -> Vec<u8> {
    Contents::repeated(2).with(column::ACTION, [0x7e, 1, 1]).sealed()
}

/// The most that passes every rule of a header and still costs most per byte: deletions of a run of neighbours.
pub fn deletion_run(operations: u64) -> Vec<u8> {
    Contents { start_operation: 10_000, ..Contents::repeated(operations) }
        .without(column::KEY_TEXT)
        .with(column::OBJECT_ACTOR, repeated(operations, &[0]))
        .with(column::OBJECT_COUNTER, repeated(operations, &[1]))
        .with(column::KEY_ACTOR, repeated(operations, &[0]))
        .with(column::KEY_COUNTER, repeated(operations, &[1]))
        .with(column::ACTION, repeated(operations, &[3]))
        .with(column::PREDECESSOR_COUNT, repeated(operations, &[1]))
        .with(column::PREDECESSOR_ACTOR, repeated(operations, &[0]))
        .with(column::PREDECESSOR_COUNTER, repeated(operations, &[1]))
        .sealed()
}

fn committed(document: &mut AutoCommit) -> Vec<u8> {
    document.commit_with(CommitOptions::default().with_time(0));
    raw(document)
}

fn raw(document: &mut AutoCommit) -> Vec<u8> {
    document.get_last_local_change().expect("a change was committed").raw_bytes().to_vec()
}

fn words(comment: usize) -> String {
    const WORDS: [&str; 10] = ["cần", "rút", "kinh", "nghiệm", "trong", "việc", "tiếp", "dân", "hằng", "tuần"];
    let word = |place: usize| WORDS[(place * 3 + comment) % WORDS.len()];
    (0..30).map(word).collect::<Vec<_>>().join(" ")
}

/// A mebibyte of zeros, ended so that the next block starts afresh on a whole byte.
fn deflated_zeros() -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(DEFLATED_BLOCK_BYTES);
    compress
        .compress_vec(&vec![0; DEFLATED_BLOCK_BYTES], &mut out, FlushCompress::Full)
        .expect("compressing memory does not fail");
    out
}
