use std::collections::BTreeSet;
use std::path::Path;

use model::envelope::Envelope;
use model::feedback::answers::{AnswerSheet, AnsweredCase};
use model::feedback::case::IntakePacket;
use model::feedback::code::ReplyCode;
use model::feedback::replies::ReplyFile;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::round::AreaNumber;
use zeroize::Zeroizing;

use super::keys::IntakeFile;
use super::ledger::Ledger;
use super::reading::{Concluded, Decision, Reading};
use super::*;
use crate::ceremony::{self, Ceremony};
use crate::failure::OpenerFailed;
use crate::folder::{INTAKE_FILE, keep_batch, keep_intake, keep_ledger, keep_replies, ledger, write_again};
use crate::frozen::FrozenBox;
use crate::passphrase::{Passphrase, Stretch};
use crate::plan::RoundPlan;
use crate::rehearsal_tests::{PASSPHRASES, Wrong, feedback_plan, file, seeded, sorted};
use crate::share::HolderKeys;
use crate::unfinished::Unfinished;

mod attacked;

const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

const INTAKE_PASSPHRASE: &str = "hoa sữa cuối thu";

/// What no file may hold: a name that a resident wrote.
const CANARY: &str = "Bà Tư Hẻm Chín";

struct House {
    folder: tempfile::TempDir,
    ceremony: Ceremony,
    random: rand_chacha::ChaCha8Rng,
    envelopes: Vec<Envelope>,
}

fn typed(words: &str) -> Passphrase {
    Passphrase::typed(words).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The Monday on which the round opens.
fn monday() -> Day {
    day("2026-01-05")
}

fn said(number: u8, about: FeedbackAbout) -> Feedback {
    Feedback {
        topic: Topic::Works,
        about,
        area: Some(AreaNumber(1)),
        content: Zeroizing::new(format!("{CANARY} nói đèn số {number} hỏng.")),
        proposal: Zeroizing::default(),
        reply: Some(ReplyCode::from_random([number; 8])),
    }
}

fn case(number: usize) -> Decision {
    let text = format!("Đèn đường hỏng, việc {number}.");
    Decision::Case { text, paraphrase: "Đèn đường hỏng.".to_owned(), about: FeedbackAbout::Street }
}

impl House {
    fn new() -> Self {
        let plan = RoundPlan::read(feedback_plan().as_bytes()).unwrap();
        let ceremony = ceremony::hold(&plan, &PASSPHRASES.map(typed), CHEAP, &mut seeded(1)).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), ceremony, random: seeded(2), envelopes: Vec::new() }
    }

    fn round(&self) -> &RoundDefinition {
        &self.ceremony.announcement.signed.definition
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn arrives(&mut self, said: &Feedback) {
        let round = self.ceremony.announcement.signed.definition.clone();
        self.envelopes.push(Envelope::seal_feedback(&round, (said, false), &mut self.random).unwrap());
    }

    fn arrive(&mut self, numbers: std::ops::Range<u8>, about: FeedbackAbout) {
        numbers.for_each(|number| self.arrives(&said(number, about)));
    }

    fn so_far(&self) -> FrozenBox {
        let path = self.path().join("hom.lnhp");
        std::fs::write(&path, file(&self.ceremony.announcement, &sorted(self.envelopes.clone()), &Wrong::default()))
            .unwrap();
        FrozenBox::check_running(&path).unwrap()
    }

    fn intake(&self) -> Reader {
        let file = self.ceremony.intake_file((&typed(INTAKE_PASSPHRASE), CHEAP), &mut seeded(3)).unwrap();
        let file = IntakeFile::read(&file.to_bytes(), self.round()).unwrap();
        Reader::of_intake(file.unlock(&typed(INTAKE_PASSPHRASE)).unwrap(), self.round()).unwrap()
    }

    fn holders(&self) -> Reader {
        let keys = |holder: usize| -> HolderKeys {
            self.ceremony.shares[holder].unlock(&typed(PASSPHRASES[holder]), self.round()).unwrap()
        };
        Reader::of_holders(OpenerKeys::of(keys(0), keys(2), self.round()).unwrap())
    }

    fn read(&mut self, reader: &Reader, today: Day) -> Result<Reading, OpenerFailed> {
        let known = ledger(self.path(), self.round(), reader)?;
        let begun = known.clone().unwrap_or_else(|| Ledger::begun(self.round()));
        let reading = Reading::begin(&self.so_far(), (reader, begun), today, &mut self.random)?;
        let kept = (reading.begun(), reading.round(), reader);
        keep_ledger(self.folder.path(), kept, known.as_ref(), &mut self.random)?;
        Ok(reading)
    }

    /// Reads a batch of which everything becomes a case.
    fn batch(&mut self, reader: &Reader, today: Day) -> Concluded {
        let reading = self.read(reader, today).unwrap_or_else(|failed| panic!("{failed}"));
        let about = |(number, said): (usize, &Feedback)| match case(number) {
            Decision::Case { text, paraphrase, .. } => Decision::Case { text, paraphrase, about: said.about },
            other => other,
        };
        let decisions: Vec<Decision> = reading.texts().iter().enumerate().map(about).collect();
        self.conclude(reader, &reading, &decisions)
    }

    fn conclude(&mut self, reader: &Reader, reading: &Reading, decisions: &[Decision]) -> Concluded {
        let batch = reading.conclude(reader, decisions, &mut self.random);
        let batch = batch.unwrap_or_else(|refused| panic!("{refused}"));
        keep_batch(self.folder.path(), (&batch, reading, reader), &mut self.random).unwrap();
        batch
    }

    fn files(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn hits(&self, canary: &str) -> usize {
        let holds = |name: &&String| {
            let bytes = std::fs::read(self.path().join(name)).unwrap();
            bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
        };
        self.files().iter().filter(holds).count()
    }
}

fn refused<T>(read: Result<T, OpenerFailed>) -> Option<IntakeRefused> {
    match read.err()? {
        OpenerFailed::Intake(refused) => Some(refused),
        other => panic!("{other}"),
    }
}

#[test]
fn five_texts_are_read_together_and_none_of_them_twice() {
    let mut house = House::new();
    house.arrive(0..6, FeedbackAbout::Street);
    let intake = house.intake();
    let batch = house.batch(&intake, monday());
    assert_eq!((batch.packet.cases.len(), batch.packet.day), (6, monday()));
    let packet = std::fs::read(house.path().join("goi-gop-y-2026-01-05.lny")).unwrap();
    assert_eq!(IntakePacket::read(&packet, house.round()), Ok(batch.packet.clone()));
    house.arrive(6..11, FeedbackAbout::Work);
    let intake = house.intake();
    let again = house.batch(&intake, monday());
    let read: BTreeSet<_> = batch.packet.cases.iter().chain(&again.packet.cases).map(|case| case.id).collect();
    assert_eq!((again.packet.cases.len(), read.len()), (5, 11));
    assert!(house.files().contains("goi-gop-y-2026-01-05-2.lny"), "batches of one day stand beside each other");
}

#[test]
fn fewer_than_five_wait_for_five_working_days_and_their_number_is_not_said() {
    let mut house = House::new();
    house.arrive(0..4, FeedbackAbout::Street);
    for today in ["2026-01-05", "2026-01-09", "2026-01-11"] {
        let intake = house.intake();
        let refused = refused(house.read(&intake, day(today)));
        assert_eq!(refused, Some(IntakeRefused::TooFew { from: day("2026-01-12") }), "{today}");
    }
    let intake = house.intake();
    assert_eq!(house.batch(&intake, day("2026-01-12")).packet.cases.len(), 4);
    house.arrive(4..5, FeedbackAbout::Street);
    let intake = house.intake();
    let refused = refused(house.read(&intake, day("2026-01-13")));
    assert_eq!(
        refused,
        Some(IntakeRefused::TooFew { from: day("2026-01-19") }),
        "the clock begins with the last batch"
    );
}

/// A47: the intake gets nothing of it, not even how much there is.
#[test]
fn what_is_protected_opens_for_two_holders_alone() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Leaders);
    house.arrive(5..9, FeedbackAbout::Street);
    let intake = house.intake();
    assert!(matches!(refused(house.read(&intake, monday())), Some(IntakeRefused::TooFew { .. })));
    let holders = house.holders();
    let batch = house.batch(&holders, monday());
    assert_eq!(batch.packet.cases.len(), 5);
    assert!(IntakePacket::read(&batch.packet.to_bytes(), house.round()).is_ok(), "two holders sign it");
    house.arrive(9..10, FeedbackAbout::Work);
    let intake = house.intake();
    assert_eq!(house.batch(&intake, monday()).packet.cases.len(), 5);
    assert_eq!(house.files().iter().filter(|name| name.ends_with(".lns")).count(), 2, "two ledgers side by side");
}

/// A48: the same texts in any order of arrival make the same cases on the same day.
#[test]
fn cases_are_equal_for_permuted_arrivals() {
    let outcome = |numbers: &[u8]| {
        let mut house = House::new();
        numbers.iter().for_each(|number| house.arrives(&said(*number, FeedbackAbout::Street)));
        let intake = house.intake();
        let reading = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
        let decisions: Vec<Decision> = reading
            .texts()
            .iter()
            .map(|said| Decision::Case {
                text: said.content.replace(CANARY, "Người dân"),
                paraphrase: "Đèn hỏng.".to_owned(),
                about: said.about,
            })
            .collect();
        let packet = house.conclude(&intake, &reading, &decisions).packet;
        let mut texts: Vec<String> = packet.cases.iter().map(|case| case.text.clone()).collect();
        texts.sort();
        (packet.day, texts, packet.cases.iter().all(|case| case.area.is_none()), packet.to_bytes().len())
    };
    assert_eq!(outcome(&[0, 1, 2, 3, 4, 5, 6]), outcome(&[6, 2, 5, 0, 3, 1, 4]));
}

/// A49: neither the packet nor the ledger holds a word that was screened out.
#[test]
fn only_screened_words_leave_and_a_denunciation_is_a_number() {
    let mut house = House::new();
    house.arrive(0..6, FeedbackAbout::Street);
    let intake = house.intake();
    let reading = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    assert!(reading.texts().iter().all(|said| said.content.contains(CANARY)));
    let mut decisions: Vec<Decision> = (0..4).map(case).collect();
    decisions.extend([Decision::Denounced, Decision::OutOfScope]);
    let batch = house.conclude(&intake, &reading, &decisions);
    assert_eq!((batch.packet.cases.len(), batch.packet.denounced, batch.packet.out_of_scope), (4, 1, 1));
    assert_eq!(house.hits(CANARY), 0);
    assert_eq!(house.hits("Đèn đường hỏng"), 1, "the packet alone is readable");
}

#[test]
fn every_text_is_decided_with_words_of_its_own_before_anything_is_written() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Street);
    let intake = house.intake();
    let reading = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    let empty = Decision::Case { text: " ".into(), paraphrase: "x".into(), about: FeedbackAbout::Street };
    assert_eq!(reading.check(2, &empty), Err(IntakeRefused::Words { number: 3 }));
    let long = Decision::Case { text: "x".into(), paraphrase: "x".repeat(501), about: FeedbackAbout::Street };
    assert_eq!(reading.check(0, &long), Err(IntakeRefused::Words { number: 1 }));
    let four: Vec<Decision> = (0..4).map(case).collect();
    let refused = reading.conclude(&intake, &four, &mut seeded(9)).err();
    assert_eq!(refused, Some(IntakeRefused::Decisions { given: 4, texts: 5 }));
    assert!(house.files().iter().all(|name| !name.ends_with(".lny")), "no packet yet");
}

/// A50: the answer is found with the code; a code is answered once and is gone.
#[test]
fn an_answer_is_found_with_its_code_and_the_code_is_dead_afterwards() {
    let mut house = House::new();
    house.arrive(0..6, FeedbackAbout::Street);
    let intake = house.intake();
    let reading = house.read(&intake, monday()).unwrap_or_else(|failed| panic!("{failed}"));
    let order: Vec<ReplyCode> = reading.texts().iter().filter_map(|said| said.reply.clone()).collect();
    let mut decisions: Vec<Decision> = (0..5).map(case).collect();
    decisions.push(Decision::Denounced);
    let Concluded { mut ledger, packet } = house.conclude(&intake, &reading, &decisions);
    let (reader, round) = (intake, reading.round().clone());
    let about = |number: usize| packet.cases.iter().find(|case| case.text.ends_with(&format!("{number}."))).unwrap().id;
    let answered = |number| AnsweredCase { case: about(number), text: format!("Đã sửa, việc {number}.") };
    let sheet = AnswerSheet { round: round.id, answers: vec![answered(0), answered(3)] };
    let february = day("2026-02-02");
    let known = ledger.clone();
    replying::reply(&mut ledger, (&round, &sheet), february, &mut house.random).unwrap();
    let path = keep_replies(house.folder.path(), (&ledger, &round, &reader), &known, &mut house.random).unwrap();
    let file = ReplyFile::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(file.open(&order[3]).as_deref(), Some("Đã sửa, việc 3."));
    assert_eq!(file.open(&order[1]), None);
    assert!(file.open(&order[5]).is_some_and(|told| told.contains("tố cáo")), "it says where it belongs");
    let again = replying::reply(&mut ledger, (&round, &sheet), day("2026-02-27"), &mut house.random);
    assert_eq!(again.err(), Some(IntakeRefused::ThisMonth { day: february }));
    let known = Ledger::read(&std::fs::read(house.path().join("so-tiep-nhan.lns")).unwrap(), &round, &reader);
    assert!(known.is_ok_and(|known| known == ledger));
    // What was never published is in the next file too; after ninety days the code is dead.
    let later = AnswerSheet { round: round.id, answers: vec![answered(1)] };
    let mut at = |today: &str| replying::reply(&mut ledger, (&round, &later), day(today), &mut house.random).unwrap();
    let march = at("2026-03-02");
    assert!(march.open(&order[3]).is_some() && march.open(&order[1]).is_some());
    let june = at("2026-05-30");
    assert!(june.open(&order[3]).is_none() && june.open(&order[1]).is_some());
}

/// A50: a month in which nobody got an answer looks like any other.
#[test]
fn a_month_without_an_answer_has_a_file_as_long_as_any() {
    let house = House::new();
    let mut known = Ledger::begun(house.round());
    let sheet = AnswerSheet { round: house.round().id, answers: Vec::new() };
    let file = replying::reply(&mut known, (house.round(), &sheet), day("2026-02-02"), &mut seeded(7)).unwrap();
    let none = ReplyFile::seal(house.round(), day("2026-02-02"), &[], &mut seeded(8)).unwrap();
    assert_eq!(file.to_text().len(), none.to_text().len());
    let foreign = AnswerSheet { round: model::identity::RoundId::from_bytes([1; 16]), answers: Vec::new() };
    let refused = replying::reply(&mut known, (house.round(), &foreign), day("2026-03-02"), &mut seeded(7)).err();
    assert_eq!(refused, Some(IntakeRefused::NoAnswers));
}

/// A power cut between the ledger and the packet.
#[test]
fn a_packet_that_was_cut_off_is_written_again_from_the_ledger() {
    let mut house = House::new();
    let mut before = Vec::new();
    for (numbers, name) in [(0..5, "goi-gop-y-2026-01-05.lny"), (5..10, "goi-gop-y-2026-01-05-2.lny")] {
        house.arrive(numbers, FeedbackAbout::Street);
        let intake = house.intake();
        house.batch(&intake, monday());
        before = std::fs::read(house.path().join(name)).unwrap();
    }
    let packet = house.path().join("goi-gop-y-2026-01-05-2.lny");
    std::fs::remove_file(&packet).unwrap();
    let known = ledger(house.path(), house.round(), &house.intake()).unwrap().unwrap();
    assert_eq!(write_again(house.path(), &known).unwrap(), std::slice::from_ref(&packet));
    assert_eq!(std::fs::read(&packet).unwrap(), before);
    assert!(write_again(house.path(), &known).unwrap().is_empty());
}

#[test]
fn nobody_else_reads_the_ledger_and_a_damaged_one_is_refused() {
    let mut house = House::new();
    house.arrive(0..5, FeedbackAbout::Street);
    let intake = house.intake();
    house.batch(&intake, monday());
    let path = house.path().join("so-tiep-nhan.lns");
    let mut bytes = std::fs::read(&path).unwrap();
    assert_eq!(Ledger::read(&bytes, house.round(), &house.holders()).err(), Some(IntakeRefused::NoLedger));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let intake = house.intake();
    assert_eq!(refused(house.read(&intake, day("2026-03-01"))), Some(IntakeRefused::NoLedger));
}

#[test]
fn the_file_of_the_intake_opens_with_its_passphrase_for_its_round() {
    let house = House::new();
    let locked = house.ceremony.intake_file((&typed(INTAKE_PASSPHRASE), CHEAP), &mut seeded(3)).unwrap();
    assert!(locked.unlock(&typed("hoa sữa đầu thu")).err() == Some(IntakeRefused::WrongPassphrase));
    let path = keep_intake(house.path(), &locked, &mut Unfinished::default()).unwrap();
    assert!(path.ends_with(INTAKE_FILE));
    let bytes = locked.to_bytes();
    let other = RoundDefinition { group_min: 11, ..house.round().clone() };
    assert!(IntakeFile::read(&bytes, &other).err() == Some(IntakeRefused::OtherRound));
    assert!(IntakeFile::read(&bytes[1..], house.round()).err() == Some(IntakeRefused::NoKey));
}

#[test]
fn a_ceremony_for_feedback_prints_no_slip_and_its_box_is_not_counted() {
    let house = House::new();
    assert_eq!(house.round().slips(), 0);
    assert!(house.ceremony.slips.iter().all(|area| area.secrets.is_empty()));
    let so_far = house.so_far();
    let counted = FrozenBox::check(&house.path().join("hom.lnhp"), day("2026-12-01"));
    assert!(counted.is_err_and(|refused| refused.to_string().contains("feedback")));
    assert_eq!(so_far.missing, 0);
}
