//! What somebody tried who wanted a text alone, a count, or a loss.

use super::*;

/// A48: whoever stops and begins again reads the same texts, not the one that came in between.
#[test]
fn a_batch_that_was_begun_is_the_next_one_whatever_came_since() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Street);
    let intake = house.intake();
    let begun = |reading: &Reading| {
        let texts: BTreeSet<String> = reading.texts().iter().map(|said| said.content.to_string()).collect();
        texts
    };
    let first = begun(&house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}")));
    house.arrive(5..6, FeedbackAbout::Street);
    let reading = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    assert!(begun(&reading) == first && first.len() == 5);
    assert!(reading.texts().iter().all(|said| said.area.is_none()), "fewer than ten share it");
    let decisions: Vec<Decision> = (0..5).map(case).collect();
    house.conclude(&intake, &reading, &decisions);
    assert!(matches!(refused(house.read(&intake, monday())), Some(IntakeRefused::TooFew { .. })));
}

/// A48: a box from which the server held envelopes back is not read.
#[test]
fn a_box_that_lacks_what_was_listed_or_does_not_continue_is_not_read() {
    let mut house = House::new();
    house.arrive(0..6, FeedbackAbout::Street);
    let intake = house.intake();
    let path = house.path().join("hom.lnhp");
    let box_of = |envelopes: &[Envelope], wrong: &Wrong| {
        std::fs::write(&path, file(&house.ceremony.announcement, &sorted(envelopes.to_vec()), wrong)).unwrap();
        FrozenBox::check_running(&path).unwrap()
    };
    let read = |so_far: &FrozenBox, known: Ledger| Reading::begin(so_far, (&intake, known), monday(), &mut seeded(4));
    let withheld = box_of(&house.envelopes[..5], &Wrong { listed_more: 1, ..Wrong::default() });
    let begun = Ledger::begun(house.round());
    assert_eq!(refused(read(&withheld, begun.clone())), Some(IntakeRefused::BoxWentBack));
    let whole = read(&box_of(&house.envelopes, &Wrong::default()), begun).unwrap_or_else(|failed| panic!("{failed}"));
    let another = box_of(&house.envelopes[1..], &Wrong::default());
    assert_eq!(refused(read(&another, whole.begun().clone())), Some(IntakeRefused::BoxWentBack));
}

/// Under a clock that is wrong nothing is signed, and what was signed under one that ran ahead is dated anew.
#[test]
fn a_wrong_clock_costs_nothing() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Street);
    let intake = house.intake();
    for today in ["2001-01-01", "2099-01-01"] {
        let wrong = day(today);
        assert_eq!(refused(house.read(&intake, wrong)), Some(IntakeRefused::Clock { today: wrong }), "{today}");
    }
    let ahead = day("2026-11-30");
    let batch = house.batch(&intake, ahead);
    let mut known = batch.ledger.clone();
    let before = known.clone();
    let impossible = IntakeRefused::Clock { today: day("2001-01-01") };
    assert_eq!(known.mend(house.round(), &intake, day("2001-01-01")), Err(impossible));
    assert!(known == before, "and what was signed keeps its day");
    known.mend(house.round(), &intake, monday()).unwrap_or_else(|refused| panic!("{refused}"));
    let packet = IntakePacket::read(&known.packet, house.round()).unwrap();
    assert_eq!((packet.day, &packet.cases, known.last), (monday(), &batch.packet.cases, monday()));
    assert!(known.packet != batch.packet.to_bytes());
}

/// Two machines on one stick.
#[test]
fn a_ledger_that_somebody_else_wrote_meanwhile_is_never_written_over() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Street);
    let intake = house.intake();
    let one = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    let other = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    let decisions: Vec<Decision> = (0..5).map(case).collect();
    house.conclude(&intake, &one, &decisions);
    let late = other.conclude(&intake, &decisions, &mut seeded(5)).unwrap_or_else(|refused| panic!("{refused}"));
    let kept = keep_batch(house.folder.path(), (&late, &other, &intake), &mut seeded(5));
    assert_eq!(refused(kept), Some(IntakeRefused::LedgerMoved));
    assert_eq!(house.files().iter().filter(|name| name.ends_with(".lny")).count(), 1);
}

/// A47: what only the holders may read never leaves as something else.
#[test]
fn what_is_protected_stays_so_on_its_way_out() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Leaders);
    let holders = house.holders();
    let reading = house.read(&holders, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    let about = |about| Decision::Case { text: "x".into(), paraphrase: "x".into(), about };
    assert_eq!(reading.check(0, &about(FeedbackAbout::Street)), Err(IntakeRefused::Words { number: 1 }));
    assert_eq!(reading.check(0, &about(FeedbackAbout::Leaders)), Ok(()));
}

/// How many wait, and how many were read, is not in a ledger's size.
#[test]
fn a_ledger_is_as_long_for_a_few_as_for_many() {
    let mut house = House::new();
    let intake = house.intake();
    let empty = Ledger::begun(house.round()).to_bytes(house.round(), &intake, &mut seeded(6)).len();
    house.arrive(0..40, FeedbackAbout::Street);
    house.batch(&intake, monday());
    assert_eq!(std::fs::read(house.path().join("so-tiep-nhan.lns")).unwrap().len(), empty);
}
