//! Our reader against the document engine itself: random honest histories agree, and what is accepted comes back as it was.

use super::ChangeHeader;
use automerge::legacy::{ObjectId, Op, OpType};
use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;

const HISTORIES: u64 = 150;
const ROUNDS: usize = 30;
const WRITERS: usize = 5;
const KEYS: [&str; 6] = ["", "_t", "điểm", "ghi chú", "ý kiến khác của đồng chí", "k"];
const MARKS: [&str; 2] = ["đậm", "link"];

/// Several people editing one document, alone and in turns.
struct History {
    random: ChaCha8Rng,
    writers: Vec<AutoCommit>,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut first = AutoCommit::new().with_actor(actor(&mut random));
        first.put_object(ROOT, "list", ObjType::List).unwrap();
        let text = first.put_object(ROOT, "text", ObjType::Text).unwrap();
        first.splice_text(&text, 0, 0, "Biên bản họp tổ dân phố").unwrap();
        first.put(ROOT, "counter", ScalarValue::counter(7)).unwrap();
        first.commit();
        let mut writers: Vec<_> = (1..WRITERS).map(|_| first.fork().with_actor(actor(&mut random))).collect();
        writers.push(first);
        Self { random, writers }
    }

    fn play(mut self) -> Vec<Change> {
        for _ in 0..ROUNDS {
            let writer = self.random.random_range(0..self.writers.len());
            if self.random.random_ratio(1, 4) {
                self.merge_into(writer);
            }
            let is_isolated = self.random.random_ratio(1, 8);
            if is_isolated {
                let heads = self.writers[writer].get_heads();
                self.merge_into(writer);
                self.writers[writer].isolate(&heads);
            }
            for _ in 0..self.random.random_range(0..12) {
                self.edit(writer);
            }
            self.commit(writer);
            if is_isolated {
                self.writers[writer].integrate();
            }
        }
        let mut changes = Vec::new();
        for writer in &mut self.writers {
            changes.extend(writer.get_changes(&[]));
        }
        let mut seen = HashSet::new();
        changes.retain(|change| seen.insert(change.hash()));
        changes
    }

    fn merge_into(&mut self, writer: usize) {
        let other = self.random.random_range(0..self.writers.len());
        let mut other = self.writers[other].clone();
        self.writers[writer].merge(&mut other).unwrap();
    }

    fn commit(&mut self, writer: usize) {
        let time = self.random.random_range(-5..1_900_000_000_i64);
        let options = CommitOptions::default().with_time(time);
        if self.random.random_ratio(1, 15) {
            self.writers[writer].commit();
            self.writers[writer].empty_change(options);
        } else {
            self.writers[writer].commit_with(options);
        }
    }

    fn edit(&mut self, writer: usize) {
        let (random, document) = (&mut self.random, &mut self.writers[writer]);
        let (_, list) = document.get(ROOT, "list").unwrap().unwrap();
        let (_, text) = document.get(ROOT, "text").unwrap().unwrap();
        match random.random_range(0..5) {
            0 | 1 => edit_map(random, document, &ROOT),
            2 => edit_list(random, document, &list),
            3 => edit_text(random, document, &text),
            _ => edit_marks(random, document, &text),
        }
    }
}

fn actor(random: &mut ChaCha8Rng) -> ActorId {
    let bytes: [u8; 16] = random.random();
    ActorId::from(bytes)
}

fn scalar(random: &mut ChaCha8Rng) -> ScalarValue {
    match random.random_range(0..11) {
        0 => ScalarValue::Null,
        1 => ScalarValue::Boolean(random.random()),
        2 => ScalarValue::Uint(random.random()),
        3 => ScalarValue::Int(random.random()),
        4 => ScalarValue::F64(f64::from_bits(0x400c_cccc_cccc_cccd)),
        5 => ScalarValue::Str("Tốt".repeat(random.random_range(0..30)).into()),
        6 => ScalarValue::Bytes(vec![7; random.random_range(0..9)]),
        7 => ScalarValue::counter(random.random_range(-9..9)),
        8 => ScalarValue::Timestamp(random.random()),
        _ => ScalarValue::Int(random.random_range(0..4)),
    }
}

fn edit_map(random: &mut ChaCha8Rng, document: &mut AutoCommit, map: &ObjId) {
    let key = KEYS[random.random_range(0..KEYS.len())];
    match random.random_range(0..9) {
        0 => {
            let kinds = [ObjType::Map, ObjType::List, ObjType::Text];
            let inner = document.put_object(map, key, kinds[random.random_range(0..3)]).unwrap();
            if document.object_type(&inner).unwrap() == ObjType::Map {
                edit_map(random, document, &inner);
            }
        }
        1 => document.delete(map, key).unwrap_or_default(),
        2 => document.increment(map, "counter", random.random_range(-3..100)).unwrap_or_default(),
        3 => document.increment(map, key, 1).unwrap_or_default(),
        _ => document.put(map, key, scalar(random)).unwrap(),
    }
}

fn edit_list(random: &mut ChaCha8Rng, document: &mut AutoCommit, list: &ObjId) {
    let length = document.length(list);
    let place = random.random_range(0..=length);
    match random.random_range(0..6) {
        0 if place < length => document.delete(list, place).unwrap(),
        1 if place < length => document.put(list, place, scalar(random)).unwrap(),
        2 if place < length => document.increment(list, place, 3).unwrap_or_default(),
        3 => {
            let map = document.insert_object(list, place, ObjType::Map).unwrap();
            edit_map(random, document, &map);
        }
        4 => (0..random.random_range(0..40)).for_each(|_| document.insert(list, place, true).unwrap()),
        _ => document.insert(list, place, scalar(random)).unwrap(),
    }
}

fn edit_text(random: &mut ChaCha8Rng, document: &mut AutoCommit, text: &ObjId) {
    let length = document.length(text);
    let place = random.random_range(0..=length);
    let deleted = random.random_range(0..=(length - place).min(60)) as isize;
    let words = ["", "a", "aaaaaaaa", "cần rút kinh nghiệm ", "✓"];
    document.splice_text(text, place, deleted, words[random.random_range(0..words.len())]).unwrap();
}

fn edit_marks(random: &mut ChaCha8Rng, document: &mut AutoCommit, text: &ObjId) {
    let length = document.length(text);
    let end = random.random_range(0..=length);
    let start = random.random_range(0..=end);
    let name = MARKS[random.random_range(0..MARKS.len())];
    let expands = [ExpandMark::Before, ExpandMark::After, ExpandMark::Both, ExpandMark::None];
    let expand = expands[random.random_range(0..expands.len())];
    if start == end {
        document.split_block(text, start).unwrap();
    } else if random.random_ratio(1, 3) {
        document.unmark(text, name, start, end, expand).unwrap();
    } else {
        let mark = Mark { start, end, name: name.into(), value: scalar(random) };
        document.mark(text, mark, expand).unwrap();
    }
}

/// What the engine says about the change, in our words.
fn engine_header(change: &Change) -> ChangeHeader {
    ChangeHeader {
        hash: change.hash().0,
        dependencies: change.deps().iter().map(|dependency| dependency.0).collect(),
        actor: change.actor_id().to_bytes().try_into().unwrap(),
        sequence: change.seq(),
        start_operation: change.start_op().get(),
        time: change.timestamp(),
        operations: change.len() as u64,
        other_actors: change.other_actor_ids().iter().map(|actor| actor.to_bytes().try_into().unwrap()).collect(),
        is_fresh: change.decode().operations.iter().all(is_fresh),
    }
}

fn is_fresh(operation: &Op) -> bool {
    let is_put = matches!(operation.action, OpType::Put(_));
    is_put && operation.obj == ObjectId::Root && operation.pred.is_empty() && !operation.insert
}

#[test]
fn an_honest_change_reads_as_the_engine_reads_it() {
    let (mut compared, mut fresh) = (0, 0);
    for seed in 0..HISTORIES {
        for change in History::new(seed).play() {
            let expected = engine_header(&change);
            (compared, fresh) = (compared + 1, fresh + u32::from(expected.is_fresh));
            assert_eq!(ChangeHeader::read(change.raw_bytes()), Ok(expected), "seed {seed}");
        }
    }
    assert!(compared > 2_000, "only {compared} changes compared");
    assert!(fresh > 50, "only {fresh} of them fresh");
}
