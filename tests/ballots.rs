//! The World of the anonymous road over some seeds; `cargo xtask world --ballots` runs many.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use model::tally::CountBlocked;
use tests::ballots::run::{Seen, run};
use tests::ballots::servers::Loss;
use tests::ballots::{DAY_MS, Faults, World};
use tests::world::Recipe;

const SEEDS: u64 = 500;
const EVENTS: u32 = 72;

#[test]
fn every_property_of_the_anonymous_road_holds_in_every_world() {
    tests::world::run::warm_up();
    let (next, all) = (AtomicU64::new(0), Mutex::new(Seen::default()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        return;
                    }
                    let seen = run(Recipe { seed, events: EVENTS }).unwrap_or_else(|violation| {
                        panic!("seed {seed}: {}\n{}", violation.what, violation.trace.join("\n"))
                    });
                    let mut all = all.lock().unwrap();
                    all.add(seen);
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    println!("{all:?}");
    let happened = [all.revived, all.server_lives, all.resumed, all.misused, all.named];
    assert!(happened.iter().all(|count| *count > 0), "a fault never happened: {all:?}");
}

/// A calm round of which everything is done by hand.
fn calm(folder: &std::path::Path, seed: u64) -> World {
    let mut world = World::new(folder, seed);
    world.faults = Faults::none();
    world
}

/// A16, A19, A20: a phone sealed, and then an older copy of it is put in its place, which knows nothing of the seal. What
/// both held counts once, what either said stands, what the copy gathered afterwards arrives late under its own seal, and
/// the double speech has a name.
#[test]
fn a_phone_out_of_an_older_copy_doubles_nothing_and_loses_nothing_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = calm(folder.path(), 1);
    (0..3).for_each(|_| world.answer_on(0));
    world.phones[0].copy();
    (0..5).for_each(|_| world.answer_on(0));
    (0..6).for_each(|_| world.answer_on(1));
    assert!(world.send(0) && world.deliver_all());
    world.seal(0);
    world.talk(0);
    world.revive(0);
    assert_eq!(world.phones[0].held().len(), 3);
    (0..2).for_each(|_| world.answer_on(0));
    let opened = world.finish(&folder.path().join("hom.lnhp")).unwrap();
    assert_eq!(world.judge(Some(&opened)), Ok(()));
    assert_eq!((opened.frozen.len(), opened.kinds.valid), (16, 16));
    let twice = CountBlocked::SealsDiffer { sealed: 8 + 5 + 6, in_box: 16 };
    assert_eq!(opened.against, [twice], "three stand under two seals");
}

/// The same without a seal in between: what went with the old life before the server had it is lost with it, and the
/// stubs tell how many.
#[test]
fn what_was_on_a_lost_phone_alone_is_told_by_the_stubs() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = calm(folder.path(), 2);
    (0..8).for_each(|_| world.answer_on(0));
    world.phones[0].copy();
    (0..4).for_each(|_| world.answer_on(0));
    world.revive(0);
    (0..4).for_each(|_| world.answer_on(0));
    let opened = world.finish(&folder.path().join("hom.lnhp")).unwrap();
    assert_eq!(world.judge(Some(&opened)), Ok(()));
    assert_eq!(opened.against, [CountBlocked::StubsDiffer { stubs: 16, sealed: 12 }]);
}

/// A24: a copy brings back what was listed long ago, with the list known. It travels once more, and is forgotten by it.
#[test]
fn what_a_copy_brings_back_is_forgotten_once_it_travelled_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = calm(folder.path(), 4);
    (0..5).for_each(|_| world.answer_on(0));
    (0..10).for_each(|_| world.answer_on(1));
    assert!(world.send(0) && world.send(1) && world.deliver_all());
    (0..3).for_each(|_| world.answer_on(0));
    world.phones[0].copy();
    (0..2).for_each(|_| world.answer_on(0));
    world.ms += DAY_MS;
    assert!(world.send(0) && world.deliver_all());
    world.ms += DAY_MS;
    world.fetch_list(0);
    assert!(world.phones[0].held().is_empty(), "the list has all twenty");
    world.revive(0);
    world.fetch_list(0);
    assert_eq!(world.phones[0].held().len(), 3, "what had not travelled from the copy stays");
    (0..2).for_each(|_| world.answer_on(0));
    assert!(world.send(0) && world.deliver_all());
    world.fetch_list(0);
    assert_eq!(world.phones[0].held().len(), 2, "what the known list has is gone again");
    let opened = world.finish(&folder.path().join("hom.lnhp")).unwrap();
    assert_eq!(world.judge(Some(&opened)), Ok(()));
    assert_eq!(opened.kinds.valid, 22);
}

/// A30, A36: the phones forgot what a list named, and then the server went back past that list. If it tells another list
/// under the same number, a phone that knows the first refuses it, and the seals say how many are gone; if it goes on with
/// the list that it told, that list says it too. The holders may go on with a reason.
#[test]
fn a_server_that_went_back_past_its_list_is_found_out() {
    for loss in [Loss::WholeFolder, Loss::OldCopy] {
        let folder = tempfile::tempdir().unwrap();
        let mut world = calm(folder.path(), 3);
        world.server.keep_image();
        (0..10).for_each(|_| world.answer_on(0));
        (0..10).for_each(|_| world.answer_on(1));
        assert!(world.send(0) && world.send(1) && world.deliver_all());
        world.ms += DAY_MS;
        world.fetch_list(0);
        world.fetch_list(1);
        assert!(world.phones[0].held().is_empty() && world.phones[1].held().is_empty());
        world.goes_back(loss);
        (0..12).for_each(|_| world.answer_on(2));
        let opened = world.finish(&folder.path().join("hom.lnhp"));
        assert_eq!(world.judge(opened.as_ref()), Ok(()), "{loss:?}");
        let against = opened.expect("the holders may go on with a reason").against;
        let said = [
            CountBlocked::ListedMissing { missing: 20 },
            CountBlocked::SealsDiffer { sealed: 32, in_box: 12 },
            CountBlocked::StubsDiffer { stubs: 32, sealed: 12 },
        ];
        let forgets_its_lists = usize::from(loss == Loss::WholeFolder);
        assert_eq!(against, said[forgets_its_lists..], "{loss:?}");
    }
}
