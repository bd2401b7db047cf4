//! Boxes over real files: what they keep, and what they do not tell.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::admission::{AdmissionKey, BATCH_SLOTS, Batch};
use model::box_seal::{BoxId, Leaf};
use model::envelope::{Envelope, EnvelopeId};
use model::handshake::public;
use model::identity::{RoundId, UnitId};
use model::received::LIST_STEP;
use model::round::announced::AnnouncedRound;
use model::round::area::Area;
use model::round::holder::Holder;
use model::round::{About, AreaNumber, Denominator, RoundDefinition, SignedRound, Standing, built_in};
use model::time::Day;

use super::box_file::BoxFile;
use super::boxes::{Boxes, DropRefused};
use super::key::BoxKey;
use crate::machine;

const DAY_BEGAN_MS: i64 = 1_764_600_000_000;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn server() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Open from 1 to 10 December, with boxes until the 15th; 44 slips, so 176 envelopes at most.
fn round() -> AnnouncedRound {
    let admission = AdmissionKey::from_bytes([4; 32]);
    let keys = [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let definition = RoundDefinition {
        id: RoundId::from_bytes([5; 16]),
        title: "Lấy ý kiến".to_owned(),
        organiser: UnitId::from_bytes([9; 16]),
        about: About::Unit(UnitId::from_bytes([8; 16])),
        template: built_in::satisfaction_new_countryside(),
        electorate: "Cử tri".to_owned(),
        areas: vec![Area::new(AreaNumber(1), "Tổ 1".to_owned(), 40)],
        shows_areas: false,
        opens: day("2026-12-01"),
        closes: day("2026-12-10"),
        grace: day("2026-12-15"),
        group_min: 20,
        side_min: 5,
        standing: Standing::Consultative,
        holders: std::array::from_fn(|index| Holder {
            name: format!("Người giữ {index}"),
            body: "Hội".to_owned(),
            person: None,
            key: public(&keys[index]),
        }),
        key: model::hash::SealingKey::from_bytes([6; 32]),
        slip_book: model::hash::ContentHash::from_bytes([7; 32]),
        admission: admission.hash(),
        denominator: Denominator::Answers,
        intake: None,
    };
    let signatures = keys.map(|key| definition.signed_by(&key));
    AnnouncedRound { signed: SignedRound { definition, signatures }, admission }
}

/// What nobody here can open: its bytes are as random as any other's.
fn envelope(round: &RoundDefinition, number: u64) -> Envelope {
    let mut bytes = vec![1];
    bytes.extend_from_slice(round.id.as_bytes());
    bytes.extend_from_slice(&machine::random::<8>());
    bytes.extend_from_slice(&number.to_be_bytes());
    while bytes.len() < round.envelope_bytes() {
        bytes.push(machine::random::<1>()[0]);
    }
    Envelope::read(&bytes, round).unwrap_or_else(|refused| panic!("{refused}"))
}

struct Office {
    folder: tempfile::TempDir,
    round: AnnouncedRound,
}

impl Office {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), round: round() }
    }

    fn definition(&self) -> &RoundDefinition {
        &self.round.signed.definition
    }

    fn boxes(&self) -> Boxes {
        let (data, copy) = (self.folder.path().join("data"), self.folder.path().join("copy"));
        let boxes = Boxes::open(&data, Some(&copy), server()).unwrap();
        boxes.begin(self.round.clone()).unwrap();
        boxes
    }

    fn file(&self, folder: &str, ending: &str) -> PathBuf {
        let name = data_encoding::HEXLOWER.encode(self.definition().id.as_bytes());
        self.folder.path().join(folder).join("ballots").join(format!("{name}.{ending}"))
    }

    fn batch(&self, envelopes: &[Envelope]) -> Vec<u8> {
        Batch { envelopes: envelopes.to_vec() }.to_bytes(self.definition(), &self.round.admission)
    }

    fn drop_on(&self, boxes: &Boxes, envelopes: &[Envelope], today: &str) -> Result<(), DropRefused> {
        for some in envelopes.chunks(BATCH_SLOTS) {
            let admitted = boxes.admit(&self.batch(some), day(today))?;
            boxes.put(&admitted, DAY_BEGAN_MS)?;
        }
        Ok(())
    }

    fn envelopes(&self, count: u64) -> Vec<Envelope> {
        (0..count).map(|number| envelope(self.definition(), number)).collect()
    }
}

fn names(envelopes: &[Envelope]) -> BTreeSet<EnvelopeId> {
    envelopes.iter().map(|envelope| envelope.id).collect()
}

#[test]
fn a_box_keeps_every_envelope_once_through_growth_and_starts() {
    let office = Office::new();
    let (definition, key) = (Arc::new(office.definition().clone()), BoxKey::draw(&mut machine::randomness()));
    let path = office.folder.path().join("box");
    let random = &mut machine::randomness();
    let envelopes = office.envelopes(1_500);
    let mut file = BoxFile::open(&path, &key, &definition, random).unwrap();
    for some in envelopes.chunks(90) {
        file.put(some, random).unwrap();
        file.put(&some[..1], random).unwrap();
    }
    let check = |file: &BoxFile| {
        let mut found = Vec::new();
        file.each(|envelope| {
            found.push(envelope);
            Ok::<(), crate::failure::ServerFailed>(())
        })
        .unwrap();
        assert!(found.is_sorted_by(|one, next| one.id < next.id));
        assert!(found.len() == 1_500 && envelopes.iter().all(|envelope| found.contains(envelope)));
    };
    check(&file);
    drop(file);
    check(&BoxFile::open(&path, &key, &definition, random).unwrap());
    assert!(BoxFile::open(&path, &BoxKey::draw(random), &definition, random).is_err(), "another key opens nothing");
}

/// A25: with the file and its key, the place of a slot tells nothing about when it was filled. The first hundred of
/// two hundred lie before the others as often as behind them.
#[test]
fn where_an_envelope_lies_does_not_tell_when_it_came() {
    let office = Office::new();
    let definition = Arc::new(office.definition().clone());
    let random = &mut machine::randomness();
    let mut early_before_late = 0_u64;
    for run in 0..5 {
        let (path, key) = (office.folder.path().join(format!("box-{run}")), BoxKey::draw(random));
        let mut file = BoxFile::open(&path, &key, &definition, random).unwrap();
        let envelopes = office.envelopes(200);
        for envelope in &envelopes {
            file.put(std::slice::from_ref(envelope), random).unwrap();
        }
        let place = |envelope: &Envelope| file.place(&envelope.id).unwrap();
        let (early, late) = envelopes.split_at(100);
        early_before_late +=
            early.iter().map(|one| late.iter().filter(|other| place(one) < place(other)).count() as u64).sum::<u64>();
    }
    // 25,000 of 50,000 pairs in the mean with a deviation of 915 (rank sums of 100 among 200, five times); five of them.
    assert!((20_400..=29_600).contains(&early_before_late), "{early_before_late}");
}

/// A25, A28: no journal is left that would show the last writes, and the files' times tell the day alone.
#[test]
fn journal_and_times_tell_the_day_alone() {
    let office = Office::new();
    let boxes = office.boxes();
    office.drop_on(&boxes, &office.envelopes(16), "2026-12-05").unwrap();
    let path = office.file("data", "box");
    let journal = path.with_extension("box-journal");
    assert_eq!(std::fs::metadata(&journal).map_or(0, |found| found.len()), 0);
    for path in [path, journal] {
        if let Ok(found) = std::fs::metadata(&path) {
            assert_eq!(found.modified().unwrap(), machine::instant(DAY_BEGAN_MS), "{}", path.display());
        }
    }
}

/// A26, A27, A31: copy and list come when a day begins and at least twenty are new; until then nothing changes.
#[test]
fn a_list_waits_for_the_next_day_and_for_twenty_names() {
    let office = Office::new();
    let boxes = office.boxes();
    let round = office.definition().id;
    let envelopes = office.envelopes(45);
    office.drop_on(&boxes, &envelopes[..LIST_STEP - 1], "2026-12-05").unwrap();
    boxes.begin_day(day("2026-12-06")).unwrap();
    assert!(boxes.list(round).is_none() && !office.file("copy", "box").exists());
    office.drop_on(&boxes, &envelopes[LIST_STEP - 1..30], "2026-12-06").unwrap();
    boxes.begin_day(day("2026-12-06")).unwrap();
    assert!(boxes.list(round).is_none(), "the day goes on");
    boxes.begin_day(day("2026-12-07")).unwrap();
    let first = boxes.list(round).unwrap();
    assert!(first.names().collect::<BTreeSet<_>>() == names(&envelopes[..30]));
    office.drop_on(&boxes, &envelopes[30..], "2026-12-07").unwrap();
    boxes.begin_day(day("2026-12-08")).unwrap();
    assert!(boxes.list(round) == Some(first.clone()), "fifteen are too few");
    boxes.begin_day(day("2026-12-16")).unwrap();
    assert!(boxes.list(round) == Some(first.clone()), "no clock ends a round");
    assert!(!boxes.freeze(round, day("2026-12-15")).unwrap() && boxes.freeze(round, day("2026-12-16")).unwrap());
    let last = boxes.list(round).unwrap();
    assert!(last.is_last && last.follows(&first) && last.len() == 45);
    assert!(boxes.lists(round).unwrap() == [first, last]);
}

/// A24, A26: what a list names is there again after the data folder was lost, and nothing else is promised.
#[test]
fn what_was_listed_comes_back_from_the_safe_copy() {
    let office = Office::new();
    let envelopes = office.envelopes(45);
    {
        let boxes = office.boxes();
        office.drop_on(&boxes, &envelopes[..30], "2026-12-05").unwrap();
        boxes.begin_day(day("2026-12-06")).unwrap();
        office.drop_on(&boxes, &envelopes[30..], "2026-12-06").unwrap();
    }
    std::fs::remove_dir_all(office.folder.path().join("data")).unwrap();
    let boxes = office.boxes();
    let listed = boxes.list(office.definition().id).unwrap();
    assert_eq!(listed.len(), 30, "the chain goes on");
    office.drop_on(&boxes, &envelopes[30..], "2026-12-07").unwrap();
    boxes.freeze(office.definition().id, day("2026-12-16")).unwrap();
    let last = boxes.list(office.definition().id).unwrap();
    assert!(last.follows(&listed) && last.names().collect::<BTreeSet<_>>() == names(&envelopes));
    let mut found = BTreeSet::new();
    let is_frozen = boxes.each_frozen(office.definition().id, |envelope| {
        found.insert(envelope.id);
        Ok::<(), crate::failure::ServerFailed>(())
    });
    assert!(is_frozen.unwrap() && found == names(&envelopes));
}

/// A20, A30: before it opens, after it closes, and beyond four for every slip nothing is taken.
#[test]
fn a_round_takes_envelopes_on_its_days_and_no_more_than_can_come() {
    let office = Office::new();
    let boxes = office.boxes();
    let few = office.envelopes(3);
    for closed in ["2026-11-30", "2026-12-11", "2026-12-16"] {
        assert_eq!(office.drop_on(&boxes, &few, closed), Err(DropRefused::Closed), "{closed}");
    }
    let most = u64::from(office.definition().slips()) * 4;
    let envelopes = office.envelopes(most);
    office.drop_on(&boxes, &envelopes, "2026-12-10").unwrap();
    assert_eq!(office.drop_on(&boxes, &few, "2026-12-10"), Err(DropRefused::Full));
    assert_eq!(office.drop_on(&boxes, &envelopes[..9], "2026-12-10"), Ok(()), "what is here already is no more");
    let other = AdmissionKey::from_bytes([5; 32]);
    let forged = Batch { envelopes: few }.to_bytes(office.definition(), &other);
    assert_eq!(boxes.admit(&forged, day("2026-12-05")).err(), Some(DropRefused::NotAdmitted));
    assert_eq!(boxes.admit(&[0; 99], day("2026-12-05")).err(), Some(DropRefused::Unreadable));
}

/// A23: neither the admission key nor a request's code is in any file.
#[test]
fn nothing_of_the_admission_is_on_disk() {
    let office = Office::new();
    let boxes = office.boxes();
    let envelopes = office.envelopes(30);
    let batch = office.batch(&envelopes[..BATCH_SLOTS]);
    office.drop_on(&boxes, &envelopes, "2026-12-05").unwrap();
    boxes.begin_day(day("2026-12-06")).unwrap();
    let leaf = Leaf::of(&envelopes[0], &[1; 32]);
    let box_id = BoxId::from_bytes([1; 16]);
    for folder in ["data", "copy"] {
        for file in std::fs::read_dir(office.folder.path().join(folder).join("ballots")).unwrap().flatten() {
            let Ok(bytes) = std::fs::read(file.path()) else { continue };
            let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!has(office.round.admission.as_bytes()) && !has(&batch[..32]), "{:?}", file.path());
            assert!(!has(leaf.as_bytes()) && !has(box_id.as_bytes()));
        }
    }
}
