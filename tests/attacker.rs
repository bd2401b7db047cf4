//! A guesser with everything that the server's operator and a thief of phones have, against residents of whom it knows
//! where, when and in which order they answered.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use model::admission::Batch;
use model::ballot::{Ballot, Given};
use model::envelope::{Envelope, EnvelopeId};
use model::tally::{Answers, EnvelopeKinds};
use phone::courier;
use phone::guest;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use server::ballots::boxes::Boxes;
use server::machine;
use tests::ballots::canaries::{Needles, everything};
use tests::ballots::messages::in_order;
use tests::ballots::phones::Pocket;
use tests::ballots::rehearsal::{first_day, moment, person, rehearsal, server_key};
use tests::ballots::{DAY_MS, Faults, World};

const ROUNDS: u64 = 500;
const PHONES: usize = 4;
const DAYS: usize = 2;

/// Residents at one phone on one day: a batch, and four of them are a list.
const A_DAY: usize = 5;

/// Somebody who answered, as a neighbour could know it.
struct Resident {
    phone: usize,
    day: usize,
    /// The choice in the first question; all that is secret.
    said: u8,
    /// Which envelope it is. The guesser never reads it; it decides what was a hit.
    envelope: EnvelopeId,
}

/// In which order envelopes stand in something that the guesser has.
type Orders = BTreeMap<&'static str, Vec<EnvelopeId>>;

/// One round: what happened, and everything that was found.
struct Spoils {
    residents: Vec<Resident>,
    orders: Orders,
    envelopes: BTreeMap<EnvelopeId, Envelope>,
}

/// Hits, and what chance would have.
#[derive(Clone, Copy, Default, Debug)]
struct Score {
    hits: u64,
    mean_x1000: u64,
    variance_x1000: u64,
}

impl Score {
    fn add(&mut self, hits: usize, (mean_x1000, variance_x1000): (u64, u64)) {
        self.hits += hits as u64;
        self.mean_x1000 += mean_x1000;
        self.variance_x1000 += variance_x1000;
    }

    /// Within 5.5 standard deviations of chance: outside once in 26 million, so less than once in a million over all ways.
    fn is_chance(&self) -> bool {
        let off_x1000 = i128::from(self.hits) * 1_000 - i128::from(self.mean_x1000);
        4 * off_x1000 * off_x1000 <= 121 * i128::from(self.variance_x1000) * 1_000
    }
}

/// Plays a round: two days, four phones, five residents at each on each day.
fn play(folder: &Path, seed: u64) -> Spoils {
    let random = &mut ChaCha8Rng::seed_from_u64(seed);
    let (server, phones) = rehearsal().lay_out(folder);
    let boxes = Boxes::open(&server, None, server_key()).unwrap();
    boxes.begin((*rehearsal().round).clone()).unwrap();
    let identity = rehearsal().identity();
    let mut phones: Vec<Pocket> =
        phones.iter().enumerate().map(|(at, folder)| Pocket::open((folder, person(at)), identity, random)).collect();
    let mut slips: Vec<_> = rehearsal().holders.bag(1);
    slips.shuffle(random);
    let (mut residents, mut orders) = (Vec::new(), Orders::new());
    for day in 0..DAYS {
        let today = first_day().plus_days(day as i64).unwrap();
        for visit in 0..A_DAY * PHONES {
            let (phone, said) = (visit % PHONES, random.random_range(0..2));
            let given = vec![Given::Option(said), Given::Blank, Given::Blank];
            let ballot = Ballot { secret: slips.pop().unwrap(), given };
            let before = phones[phone].held();
            guest::put(&mut phones[phone].store, rehearsal().definition(), &ballot, random).unwrap();
            let envelope = *phones[phone].held().difference(&before).next().unwrap();
            residents.push(Resident { phone, day, said, envelope });
        }
        let mut turns: Vec<usize> = (0..PHONES).collect();
        turns.shuffle(random);
        for phone in turns {
            // Whoever steals the phone now, with its key, sees the slots in this order.
            note(&mut orders, "slots of a phone", phones[phone].slots_in_place());
            let store = &mut phones[phone].store;
            let parcel = courier::next(store, &rehearsal().round, today, random).unwrap().unwrap();
            note(&mut orders, "batches", in_order(&parcel.bytes));
            assert_eq!(parcel.bytes.len(), Batch::bytes_of(rehearsal().definition()), "sizes tell nothing");
            let (admitted, began_ms) = (boxes.admit(&parcel.bytes, today).unwrap(), moment(day as i64 * DAY_MS).now_ms);
            boxes.put(&admitted, began_ms).unwrap();
            let times = file_of(&server.join("ballots"), "box").metadata().unwrap();
            assert_eq!(times.modified().unwrap(), machine::instant(began_ms), "the time of a file tells the day alone");
            courier::arrived(store, &rehearsal().round, &parcel, random).unwrap();
        }
        boxes.begin_day(today.plus_days(1).unwrap()).unwrap();
        let list = boxes.list(rehearsal().definition().id).unwrap();
        note(&mut orders, "lists", list.names().collect());
        note(&mut orders, "safe copies", places(&server.join("ballots/safe"), &server.join("ballots")));
        for phone in &mut phones {
            let leaves_before = phone.leaves();
            let listed = (list.to_bytes(), identity);
            courier::take_list(&mut phone.store, &rehearsal().round, (&listed.0, &listed.1), random).unwrap();
            let names = Needles::of_names(residents.iter().map(|resident| resident.envelope.as_bytes()));
            assert!(
                !names.are_in(&everything(phone.store.reader())),
                "A24: a seized phone names nothing that is listed"
            );
            note(&mut orders, "leaves of a phone", phone.gone_in_place(&leaves_before));
        }
    }
    note(&mut orders, "the box", places(&server.join("ballots"), &server.join("ballots")));
    let envelopes = opened_box(&server.join("ballots"), &server.join("ballots"));
    let mut by_bytes: Vec<&Envelope> = envelopes.iter().map(|(_, envelope)| envelope).collect();
    by_bytes.sort_by_key(|envelope| *envelope.content().as_bytes());
    note(&mut orders, "what is sealed", by_bytes.iter().map(|envelope| envelope.id).collect());
    let envelopes = envelopes.into_iter().map(|(_, envelope)| (envelope.id, envelope)).collect();
    Spoils { residents, orders, envelopes }
}

fn note(orders: &mut Orders, what: &'static str, names: Vec<EnvelopeId>) {
    let known = orders.entry(what).or_default();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
}

/// A box with its key, read without our code: places and envelopes in the order of its pages; no page is free, no journal
/// is left, and its time is that of a day that began.
fn opened_box(folder: &Path, keys: &Path) -> Vec<(u32, Envelope)> {
    let round = rehearsal().definition();
    let (path, key) = (file_of(folder, "box"), std::fs::read_to_string(file_of(keys, "key")).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&format!("pragma key = \"x'{}'\"", key.trim())).unwrap();
    let page = (round.envelope_bytes() + 160).next_power_of_two().max(1_024);
    connection.execute_batch(&format!("pragma cipher_page_size = {page}")).unwrap();
    let free: u32 = connection.query_row("pragma freelist_count", [], |row| row.get(0)).unwrap();
    assert_eq!(free, 0);
    let mut journal = path.into_os_string();
    journal.push("-journal");
    assert_eq!(std::fs::metadata(journal).map_or(0, |found| found.len()), 0);
    let mut statement = connection.prepare("select place, envelope from slot order by place").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
    rows.map(Result::unwrap)
        .filter_map(|(place, bytes)| Envelope::read(&bytes, round).ok().map(|envelope| (place, envelope)))
        .collect()
}

fn file_of(folder: &Path, ending: &str) -> PathBuf {
    let mut files = std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path());
    files.find(|path| path.extension().is_some_and(|of| of == ending)).unwrap()
}

fn places(folder: &Path, keys: &Path) -> Vec<EnvelopeId> {
    opened_box(folder, keys).into_iter().map(|(_, envelope)| envelope.id).collect()
}

/// What the guesser has, and how small a group of residents it tells by itself: a phone or the network tells phone and day,
/// which nobody is promised to hide; a list tells the day; the box tells neither.
const HELD: [(&str, &[&str]); 8] = [
    ("slots of a phone", &["batch"]),
    ("leaves of a phone", &["batch"]),
    ("batches", &["batch"]),
    ("lists", &["batch", "day"]),
    ("safe copies", &["batch", "day"]),
    ("the box", &["batch", "day", "all"]),
    ("what is sealed", &["batch", "day", "all"]),
    ("control", &["batch", "day", "all"]),
];

/// The guesses of one round. `groups` are residents of whom the guesser knows that their envelopes are among as many: those
/// of one phone and day, of one day, or all. In every order that it has, the first one who answered is the first envelope.
fn guess(spoils: &Spoils, scores: &mut BTreeMap<String, Score>) {
    let of = |phone: usize, day: usize| move |resident: &&Resident| resident.phone == phone && resident.day == day;
    let mut groups: Vec<(&str, Vec<&Resident>)> = vec![("all", spoils.residents.iter().collect())];
    for day in 0..DAYS {
        groups.push(("day", spoils.residents.iter().filter(|resident| resident.day == day).collect()));
        for phone in 0..PHONES {
            groups.push(("batch", spoils.residents.iter().filter(of(phone, day)).collect()));
        }
    }
    for (group, residents) in &groups {
        let theirs: Vec<EnvelopeId> = residents.iter().map(|resident| resident.envelope).collect();
        for (what, _) in HELD.iter().filter(|(_, groups)| groups.contains(group)) {
            let order = &spoils.orders[what];
            let found: Vec<&EnvelopeId> = order.iter().filter(|name| theirs.contains(name)).collect();
            assert_eq!(found.len(), theirs.len(), "{what} tells of every envelope");
            // Whose envelope is it: one of a shuffled group is right in the mean, with a variance of one.
            let hits = residents.iter().zip(&found).filter(|(resident, name)| resident.envelope == ***name).count();
            scores.entry(format!("{what}, {group}, envelope")).or_default().add(hits, (1_000, 1_000));
            // What was said: by the last bit of what is sealed there, and by its length.
            let bit = |name: &EnvelopeId| spoils.envelopes[name].to_bytes().last().unwrap() & 1;
            let hits = residents.iter().zip(&found).filter(|(resident, name)| resident.said == bit(name)).count();
            let chance = residents.len() as u64 * 1_000;
            scores.entry(format!("{what}, {group}, answer")).or_default().add(hits, (chance / 2, chance / 4));
        }
    }
}

fn played_and_guessed(rounds: u64) -> BTreeMap<String, Score> {
    let (next, all) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= rounds {
                        return;
                    }
                    let folder = tests::ballots::run::Scratch::new(seed);
                    let mut spoils = play(folder.path(), seed);
                    // The guesser itself must see a file that tells: this one is in the order of the visits.
                    let visits = spoils.residents.iter().map(|resident| resident.envelope).collect();
                    spoils.orders.insert("control", visits);
                    guess(&spoils, &mut all.lock().unwrap());
                }
            });
        }
    });
    all.into_inner().unwrap()
}

#[test]
fn whoever_has_every_file_guesses_no_better_than_chance() {
    let scores = played_and_guessed(ROUNDS);
    let mut told = Vec::new();
    for (way, score) in &scores {
        println!("{way}: {score:?}");
        let is_control = way.starts_with("control") && way.ends_with("envelope");
        if score.is_chance() == is_control {
            told.push(format!("{way}: {score:?}"));
        }
    }
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(scores.len(), 2 * 16, "every way was gone");
}

/// Everything that is left of a round and is not random.
#[derive(PartialEq, Eq, Debug)]
struct Left {
    /// Bytes of every file of the anonymous road and of every phone's box, by name. How many pages the named road needs
    /// follows from the hashes in its indexes, which are random; of it, rows are counted.
    sizes: BTreeMap<String, u64>,
    /// When they were changed, as far as the boxes go.
    times: Vec<SystemTime>,
    /// Bytes of every message to the office and to the drop, in their order.
    messages: Vec<usize>,
    /// Names of every list.
    lists: Vec<usize>,
    /// What two holders found.
    kinds: EnvelopeKinds,
    answers: Vec<Answers>,
}

/// One resident at one phone, with one line of the roll and one answer.
type Visit = (usize, usize, u8);

/// Twenty-four residents of one area at three phones, from the first visit to the count.
fn left_of(visits: &[Visit], seed: u64) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(folder.path(), seed);
    world.faults = Faults::none();
    let area = world.ghosts.slips[0].0;
    let slips: Vec<usize> = (0..80).filter(|slip| world.ghosts.slips[*slip].0 == area).collect();
    world.ghosts.drawn = 80;
    for (phone, resident, said) in visits {
        let (slip, given) = (slips[*resident], vec![Given::Option(*said), Given::Blank, Given::Blank]);
        let ballot = Ballot { secret: world.ghosts.slips[slip].1.clone(), given };
        world.casts_whole(*phone, slip, &ballot, 10 + *resident as u32);
    }
    (0..3).for_each(|phone| world.talk(phone));
    let sent = (0..3).filter(|phone| world.send(*phone)).count();
    assert_eq!(sent, 3);
    let messages = world.flights.iter().map(|flight| flight.bytes()).collect();
    assert!(world.deliver_all());
    world.ms += DAY_MS;
    (0..3).for_each(|phone| world.fetch_list(phone));
    let opened = world.finish(&folder.path().join("hom.lnhp")).unwrap();
    assert_eq!(world.judge(Some(&opened)), Ok(()));
    let (boxes, round) = (world.server.folder().join("ballots"), rehearsal().definition().id);
    let lists = world.server.boxes.lists(round).unwrap().iter().map(|list| list.len()).collect();
    let times = vec![file_of(&boxes, "box").metadata().unwrap().modified().unwrap()];
    let answers = (0..2).map(|question| opened.tally.answers(question)).collect();
    let mut sizes = BTreeMap::from([("opening".to_owned(), folder.path().join("hom.lnhp").metadata().unwrap().len())]);
    sizes_below(&boxes, &boxes, &mut sizes);
    rows_of("office", world.server.office.reader(), &mut sizes);
    for (index, phone) in world.phones.iter().enumerate() {
        let name = format!("phone {index}");
        rows_of(&name, phone.store.reader(), &mut sizes);
        let bytes = phone.store.reader().query_row("select length(slots) from ballot_box", [], |row| row.get(0));
        sizes.insert(format!("{name}, box"), bytes.unwrap());
    }
    Left { sizes, times, messages, lists, kinds: opened.kinds, answers }
}

fn sizes_below(root: &Path, folder: &Path, sizes: &mut BTreeMap<String, u64>) {
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        if file.path().is_dir() {
            sizes_below(root, &file.path(), sizes);
        } else {
            let name = file.path().strip_prefix(root).unwrap().display().to_string();
            sizes.insert(name, file.metadata().unwrap().len());
        }
    }
}

fn rows_of(name: &str, connection: &Connection, sizes: &mut BTreeMap<String, u64>) {
    let mut tables = connection.prepare("select name from sqlite_master where type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for table in tables {
        let rows = connection.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0));
        sizes.insert(format!("{name}, {table}"), rows.unwrap());
    }
}

/// Two residents exchange what they say, when they come, or to whom: nothing that is left and is not random differs.
#[test]
fn two_residents_who_change_places_change_nothing_that_is_left() {
    let visits: Vec<Visit> = (0..24).map(|resident| (resident % 3, resident, u8::from(resident >= 9))).collect();
    let as_it_was = left_of(&visits, 1);
    let mut other_answers = visits.clone();
    (other_answers[2].2, other_answers[20].2) = (visits[20].2, visits[2].2);
    let mut other_order = visits.clone();
    other_order.swap(2, 20);
    let mut other_collectors = visits.clone();
    (other_collectors[2].0, other_collectors[21].0) = (visits[21].0, visits[2].0);
    assert!(other_answers != visits && other_order != visits && other_collectors != visits);
    for (changed, seed) in [(&visits, 2), (&other_answers, 3), (&other_order, 4), (&other_collectors, 5)] {
        assert_eq!(left_of(changed, seed), as_it_was);
    }
    let mut another = visits.clone();
    another[2].2 = 2;
    assert_ne!(left_of(&another, 6), as_it_was, "the count sees another answer");
}
