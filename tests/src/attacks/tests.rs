//! What the header reader sees of each attack, and what is left for the gate behind it.

use super::mutation::{Mutations, bit_flips, sealed_bit_flips, truncations};
use super::*;
use automerge::marks::{ExpandMark, Mark};
use automerge::{Change, ChangeHash, ObjType, ReadDoc};
use model::change::{ChangeHeader, ChangeRefused, OPERATION_COUNTER_MAX, OPERATIONS_MAX};
use model::document::WorkingDocument;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const MUTATIONS: usize = 30_000;
const GIBIBYTE: usize = 1 << 30;

fn code(bytes: &[u8]) -> u8 {
    ChangeHeader::read(bytes).unwrap_err().code()
}

fn header(bytes: &[u8]) -> ChangeHeader {
    ChangeHeader::read(bytes).unwrap()
}

#[test]
fn a_run_length_bomb_is_refused_before_it_is_counted_out() {
    for given in [1_000_000, 5_000_000, 1 << 62] {
        let bomb = run_length_bomb(given);
        assert!(bomb.len() < 110);
        let limit = OPERATIONS_MAX;
        assert_eq!(ChangeHeader::read(&bomb), Err(ChangeRefused::TooManyOperations { given, limit }));
    }
    assert_eq!(header(&run_length_bomb(200)).operations, 200);
}

#[test]
fn a_deflate_bomb_is_refused_by_its_type() {
    let small = deflate_bomb(30 * (1 << 20));
    assert!(small.len() < 64 * 1024);
    assert_eq!(ChangeHeader::read(&small), Err(ChangeRefused::ChunkType { given: chunk::DEFLATED }));
    let whole = deflate_bomb(GIBIBYTE);
    assert!(whole.len() < 1_100_000);
    assert_eq!(code(&whole), ChangeRefused::TooLong { given: 0, limit: 0 }.code());
}

#[test]
fn a_deflate_bomb_inflates_to_what_it_says() {
    let bomb = deflate_bomb(3 << 20);
    let mut inflated = Vec::with_capacity(4 << 20);
    let mut decompress = flate2::Decompress::new(false);
    let contents = chunk::contents(&bomb);
    let status = decompress.decompress_vec(contents, &mut inflated, flate2::FlushDecompress::Finish).unwrap();
    assert_eq!((status, inflated.len()), (flate2::Status::StreamEnd, 3 << 20));
}

#[test]
fn a_poisoned_counter_is_refused() {
    let limit = OPERATION_COUNTER_MAX;
    for given in [limit + 1, POISONED_START, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(ChangeHeader::read(&counter_poison(given)), Err(ChangeRefused::CounterOutOfRange { given, limit }));
    }
    assert_eq!(header(&counter_poison(limit)).start_operation, limit);
}

#[test]
fn an_equivocation_shows_in_two_headers() {
    let [first, second] = equivocation().map(|bytes| header(&bytes));
    assert_eq!((first.actor, first.sequence), (second.actor, second.sequence));
    assert_ne!(first.hash, second.hash);
}

#[test]
fn a_forged_change_carries_the_victims_actor_and_sequence() {
    let forgery = forged_actor();
    let (base, forged, next) = (header(&forgery.base), header(&forgery.forged), header(&forgery.victims_next));
    assert_eq!((forged.actor, forged.sequence), (next.actor, next.sequence));
    assert_eq!((forged.dependencies, base.actor), (vec![base.hash], VICTIM_ACTOR));
}

#[test]
fn only_plain_changes_are_opened() {
    assert_eq!(ChangeHeader::read(&document_chunk()), Err(ChangeRefused::ChunkType { given: 0 }));
    assert_eq!(ChangeHeader::read(&bundle_chunk()), Err(ChangeRefused::ChunkType { given: 3 }));
    assert_eq!(code(&message_present()), ChangeRefused::MessagePresent { given: 0 }.code());
    assert_eq!(code(&run_split()), ChangeRefused::RunMalformed { column: 0 }.code());
    assert_eq!(code(&key_bomb(500, 60_000)), ChangeRefused::TextTooLong { given: 0, limit: 0 }.code());
    let bomb = ChangeHeader::read(&predecessor_bomb(1 << 30)).unwrap_err();
    assert!(matches!(bomb, ChangeRefused::TooManyPredecessors { given: 0x4000_0000, .. }));
}

#[test]
fn what_needs_the_document_passes_the_header() {
    assert_eq!(header(&stranger_named()).other_actors, vec![VICTIM_ACTOR]);
    assert_eq!(header(&object_missing()).operations, 1);
    assert_eq!(header(&deletion_run(OPERATIONS_MAX)).operations, OPERATIONS_MAX);
    let [known, unknown] = unknown_dependency().map(|bytes| header(&bytes));
    assert_eq!(unknown.dependencies, vec![known.hash]);
    let sets = concurrent_sets(999);
    assert_eq!(sets.len(), 1_000);
    assert!(sets[1..].iter().all(|set| header(set).dependencies == vec![header(&sets[0]).hash]));
}

#[test]
fn an_honest_form_is_read_whole() {
    let form = honest_form(HONEST_ACTOR);
    assert!((1_500..1_800).contains(&form.len()), "{} bytes", form.len());
    assert_eq!(header(&form).operations, 37);
}

#[test]
fn no_turned_bit_and_no_shorter_form_is_taken_for_the_honest_change() {
    let form = honest_form(HONEST_ACTOR);
    assert!(bit_flips(&form).all(|bytes| ChangeHeader::read(&bytes).is_err()));
    assert!(truncations(&form).all(|bytes| ChangeHeader::read(bytes).is_err()));
    let hash = header(&form).hash;
    let resealed = sealed_bit_flips(&form).filter_map(|bytes| ChangeHeader::read(&bytes).ok());
    assert!(resealed.into_iter().all(|header| header.hash != hash));
}

#[test]
fn what_is_fresh_by_its_header_comes_out_of_the_engine_as_it_went_in() {
    let form = honest_form(HONEST_ACTOR);
    let mut mutations = Mutations::new(11, vec![form.clone(), honest_form(VICTIM_ACTOR)]);
    let damaged = sealed_bit_flips(&form).chain(std::iter::from_fn(|| Some(mutations.damaged().1)).take(MUTATIONS));
    let is_fresh = |bytes: &Vec<u8>| ChangeHeader::read(bytes).is_ok_and(|header| header.is_fresh);
    let mut taken = 0;
    for bytes in damaged.filter(is_fresh) {
        if WorkingDocument::default().admit_fresh(&bytes).is_ok() {
            assert!(WorkingDocument::default().admit(&bytes).is_ok(), "{bytes:02x?}");
            taken += 1;
        }
    }
    assert!(taken > 5_000, "only {taken} taken");
}

/// Honest changes of all kinds, each with the document that it was made in.
fn seeds() -> (Vec<AutoCommit>, Vec<Vec<u8>>) {
    let mut bases = vec![document(HONEST_ACTOR)];
    let mut changes = vec![honest_form(HONEST_ACTOR)];
    let mut document = document(HONEST_ACTOR);
    honest_change(&mut document, &[("note", "một")]);
    let mut step = |document: &mut AutoCommit, edit: &dyn Fn(&mut AutoCommit)| {
        let base = document.clone();
        edit(document);
        changes.push(committed(document));
        bases.push(base);
    };
    step(&mut document, &|document| {
        let list = document.put_object(ROOT, "list", ObjType::List).unwrap();
        (0..5).for_each(|place| document.insert(&list, place, place as i64).unwrap());
        let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
        document.splice_text(&text, 0, 0, "cần rút kinh nghiệm").unwrap();
        document.put(ROOT, "counter", ScalarValue::counter(1)).unwrap();
    });
    let mut other = document.fork().with_actor(ActorId::from(VICTIM_ACTOR));
    let edit = |document: &mut AutoCommit| {
        let (_, list) = document.get(ROOT, "list").unwrap().unwrap();
        let (_, text) = document.get(ROOT, "text").unwrap().unwrap();
        document.increment(ROOT, "counter", 3).unwrap();
        document.delete(&list, 1).unwrap();
        document.put(&list, 2, "sửa").unwrap();
        document.splice_text(&text, 4, 6, "tiếp thu").unwrap();
        document.put(ROOT, "note", "hai").unwrap();
        let mark = Mark { start: 1, end: 5, name: "đậm".into(), value: true.into() };
        document.mark(&text, mark, ExpandMark::After).unwrap();
        let map = document.insert_object(&list, 0, ObjType::Map).unwrap();
        document.put(&map, "k", 1.5).unwrap();
    };
    step(&mut document, &edit);
    step(&mut other, &edit);
    document.merge(&mut other).unwrap();
    step(&mut document, &edit);
    (bases, changes)
}

/// What the gate asks of a header: known dependencies and actors, the next sequence, a near counter.
fn passes_gate(base: &mut AutoCommit, header: &ChangeHeader) -> bool {
    let mut sequences: BTreeMap<[u8; 16], u64> = BTreeMap::new();
    let known = base.get_changes(&[]);
    for change in &known {
        let sequence = sequences.entry(change.actor_id().to_bytes().try_into().unwrap()).or_default();
        *sequence = change.seq().max(*sequence);
    }
    let counter = known.iter().map(|change| change.max_op()).max().unwrap_or(0);
    header.dependencies.iter().all(|hash| known.iter().any(|change| change.hash().0 == *hash))
        && header.other_actors.iter().all(|actor| sequences.contains_key(actor))
        && header.sequence == sequences.get(&header.actor).unwrap_or(&0) + 1
        && header.start_operation <= counter + 100_000
}

/// What became of an accepted change inside the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    LivesOn,
    PanicsWhenParsed,
    RefusedWhenParsed,
    PanicsWhenApplied,
    RefusedWhenApplied,
    /// The engine rebuilds a change with another hash; with debug assertions it panics instead.
    ComesBackOtherwise,
    WaitsForDependency,
    DoesNotLoad,
    PanicsAtTheNextEdit,
}

fn fate(base: &AutoCommit, bytes: &[u8], hash: [u8; 32]) -> Fate {
    let Ok(parsed) = catch_unwind(|| Change::from_bytes(bytes.to_vec())) else { return Fate::PanicsWhenParsed };
    let Ok(change) = parsed else { return Fate::RefusedWhenParsed };
    let mut document = base.clone();
    match catch_unwind(AssertUnwindSafe(|| document.apply_changes([change]))) {
        Err(_) => Fate::PanicsWhenApplied,
        Ok(Err(_)) => Fate::RefusedWhenApplied,
        Ok(Ok(())) => catch_unwind(AssertUnwindSafe(|| fate_of_applied(document, bytes, hash)))
            .unwrap_or(Fate::ComesBackOtherwise),
    }
}

fn fate_of_applied(mut document: AutoCommit, bytes: &[u8], hash: [u8; 32]) -> Fate {
    match document.get_change_by_hash(&ChangeHash(hash)) {
        None => return Fate::WaitsForDependency,
        Some(change) if change.raw_bytes() != bytes => return Fate::ComesBackOtherwise,
        Some(_) => {}
    }
    if AutoCommit::load(&document.save()).is_err() {
        return Fate::DoesNotLoad;
    }
    let edited = catch_unwind(AssertUnwindSafe(|| honest_change(&mut document, &[("note", "sau")])));
    if edited.is_ok() { Fate::LivesOn } else { Fate::PanicsAtTheNextEdit }
}

#[test]
fn the_engine_panics_on_what_only_the_document_can_tell() {
    let base = document(VICTIM_ACTOR);
    let fate_of = |bytes: &[u8]| fate(&base, bytes, header(bytes).hash);
    assert_eq!(fate_of(&honest_form(HONEST_ACTOR)), Fate::LivesOn);
    assert_eq!(fate_of(&stranger_named()), Fate::PanicsWhenApplied);
    assert_eq!(fate_of(&object_missing()), Fate::PanicsWhenApplied);
    assert_eq!(fate_of(&predecessor_invented()), Fate::ComesBackOtherwise);
}

#[test]
fn a_document_with_an_invented_predecessor_does_not_load_again() {
    let mut document = document(VICTIM_ACTOR);
    document.apply_changes([Change::from_bytes(predecessor_invented()).unwrap()]).unwrap();
    assert!(AutoCommit::load(&document.save()).is_err());
}

/// What the reader and the gate let through and the engine then does not take, is what only the document can tell.
#[test]
fn damaged_changes_never_make_the_reader_panic_and_never_hide_operations() {
    let (mut bases, changes) = seeds();
    let mut mutations = Mutations::new(1, changes);
    let mut fates: BTreeMap<Fate, usize> = BTreeMap::new();
    for _ in 0..MUTATIONS {
        let (place, bytes) = mutations.damaged();
        let Ok(header) = ChangeHeader::read(&bytes) else { continue };
        assert!(header.operations <= OPERATIONS_MAX);
        if passes_gate(&mut bases[place], &header) {
            *fates.entry(fate(&bases[place], &bytes, header.hash)).or_default() += 1;
        }
    }
    println!("{fates:?}");
    let foreseen = [Fate::LivesOn, Fate::PanicsWhenApplied, Fate::ComesBackOtherwise];
    assert!(fates.keys().all(|fate| foreseen.contains(fate)), "{fates:?}");
    assert!(fates[&Fate::LivesOn] > 100);
}
