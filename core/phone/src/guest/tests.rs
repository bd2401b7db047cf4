use ed25519_dalek::SigningKey;
use model::admission::AdmissionKey;
use model::handshake::public;
use model::hash::ContentHash;
use model::identity::{PersonId, RoundId, UnitId};
use model::round::area::Area;
use model::round::holder::Holder;
use model::round::{About, AreaNumber, Denominator, SignedRound, Standing, Subject, built_in};
use model::sealing::RoundKey;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

mod pages;

use super::*;
use crate::device::Device;
use crate::store::{StoreKey, everything};

pub(crate) const INCARNATION: u64 = 7;

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn today() -> Day {
    day("2026-12-05")
}

pub(crate) fn key() -> RoundKey {
    RoundKey::from_bytes(&Zeroizing::new([9; 32])).unwrap()
}

/// A confidence round about one person and a round with a text, announced by three holders.
pub(crate) fn round(template: model::round::template::OpinionTemplate) -> Arc<AnnouncedRound> {
    let admission = AdmissionKey::from_bytes([4; 32]);
    let keys = [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let holder = |index: usize| Holder {
        name: format!("Người giữ {index}"),
        body: "Hội".to_owned(),
        person: None,
        key: public(&keys[index]),
    };
    let person =
        Subject { person: PersonId::from_bytes([1; 16]), name: "An".to_owned(), post: "Tổ trưởng".to_owned() };
    let asks_about_people = template.questions.iter().any(|question| question.is_per_subject);
    let unit = About::Unit(UnitId::from_bytes([8; 16]));
    let definition = RoundDefinition {
        id: RoundId::from_bytes([5; 16]),
        title: "Lấy ý kiến".to_owned(),
        organiser: UnitId::from_bytes([9; 16]),
        about: if asks_about_people { About::People(vec![person]) } else { unit },
        template,
        electorate: "Cử tri".to_owned(),
        areas: vec![Area::new(AreaNumber(1), "Tổ 1".to_owned(), 60)],
        shows_areas: false,
        opens: day("2026-12-01"),
        closes: day("2026-12-10"),
        grace: day("2026-12-15"),
        group_min: 20,
        side_min: 5,
        standing: Standing::Consultative,
        holders: std::array::from_fn(holder),
        key: key().public(),
        slip_book: ContentHash::from_bytes([7; 32]),
        admission: admission.hash(),
        denominator: Denominator::Answers,
        intake: None,
    };
    let signatures = keys.map(|key| definition.signed_by(&key));
    Arc::new(AnnouncedRound { signed: SignedRound { definition, signatures }, admission })
}

pub(crate) fn satisfaction() -> Arc<AnnouncedRound> {
    round(built_in::satisfaction())
}

pub(crate) struct Phone {
    pub(crate) store: Store,
    pub(crate) random: ChaCha8Rng,
    folder: tempfile::TempDir,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("p.db"), &StoreKey::from_slice(&[3; 32]).unwrap()).unwrap();
        Self { store, random: ChaCha8Rng::seed_from_u64(1), folder }
    }

    pub(crate) fn begin(
        &mut self,
        round: &Arc<AnnouncedRound>,
        slip: u8,
        incarnation: u64,
    ) -> Result<Guest, GuestRefused> {
        let secret = SlipSecret::from_random([slip; 8]);
        let square = secret.square(&round.signed.definition.fingerprint());
        let shown = Shown::Square(&square);
        Guest::begin((&self.store, incarnation), Arc::clone(round), &shown, today(), &mut self.random)
    }

    pub(crate) fn cast(&mut self, round: &Arc<AnnouncedRound>, slip: u8) -> Result<usize, GuestRefused> {
        let mut guest = self.begin(round, slip, INCARNATION)?;
        guest.answer(&mut self.store, 0, Given::Option(1), &mut self.random)?;
        guest.cast(&mut self.store, &mut self.random)
    }

    pub(crate) fn found(&self, round: &Arc<AnnouncedRound>) -> Option<BallotBox> {
        ballot_box::find(self.store.reader(), &round.signed.definition).unwrap()
    }
}

fn text_question(round: &Arc<AnnouncedRound>) -> usize {
    round.signed.definition.asked().position(|asked| asked.question.options().is_empty()).unwrap()
}

/// A9: after a kill the resident shows the slip again and goes on; another slip opens nothing, and after a restore there
/// is no draft.
#[test]
fn only_the_slip_opens_the_draft() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    let mut guest = phone.begin(&round, 1, INCARNATION).unwrap();
    guest.answer(&mut phone.store, 0, Given::Option(2), &mut phone.random).unwrap();
    guest.answer(&mut phone.store, 1, Given::Blank, &mut phone.random).unwrap();
    drop(guest);
    let again = phone.begin(&round, 1, INCARNATION).unwrap();
    assert!(again.given()[..3] == [Some(Given::Option(2)), Some(Given::Blank), None]);
    assert_eq!(phone.begin(&round, 2, INCARNATION).err(), Some(GuestRefused::DraftWaits));
    let restored = phone.begin(&round, 1, INCARNATION + 1).unwrap();
    assert!(restored.given().iter().all(Option::is_none));
    erase(&mut phone.store).unwrap();
    assert!(phone.begin(&round, 2, INCARNATION).is_ok_and(|guest| guest.given().iter().all(Option::is_none)));
}

/// A9: with the store's key and without the slip nothing of an answer is found, before casting and after.
#[test]
fn the_stores_key_alone_reads_no_answer() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    let canary = "Đèn đường ngõ 12 hỏng ba tháng";
    let mut guest = phone.begin(&round, 1, INCARNATION).unwrap();
    guest.answer(&mut phone.store, text_question(&round), Given::Text(canary.to_owned()), &mut phone.random).unwrap();
    let hits = |bytes: &[u8]| bytes.windows(8).filter(|window| canary.as_bytes().starts_with(window)).count();
    assert_eq!(hits(&everything(&phone.store)), 0);
    guest.cast(&mut phone.store, &mut phone.random).unwrap();
    assert_eq!(hits(&everything(&phone.store)), 0);
    assert!(ballot_box::draft(phone.store.reader()).unwrap().is_none());
}

/// A17: a kill at every step of the engine leaves the draft or the ballot, never none and never both.
#[test]
fn casting_is_one_transaction() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    phone.cast(&round, 1).unwrap();
    let mut killed = 0;
    for steps in 1.. {
        let guest = match phone.begin(&round, 2, INCARNATION) {
            Ok(mut guest) => {
                guest.answer(&mut phone.store, 0, Given::Option(0), &mut phone.random).unwrap();
                guest
            }
            Err(refused) => panic!("{refused}"),
        };
        phone.store.interrupt_after(Some(steps));
        let cast = guest.cast(&mut phone.store, &mut phone.random);
        phone.store.interrupt_after(None);
        let (count, has_draft) =
            (phone.found(&round).unwrap().slots.count(), ballot_box::draft(phone.store.reader()).unwrap());
        assert_eq!(count, if has_draft.is_some() { 1 } else { 2 }, "after {steps} steps");
        if has_draft.is_none() {
            break;
        }
        assert!(cast.is_err());
        killed += 1;
    }
    assert!(killed > 2, "the kill hit the transaction {killed} times");
}

#[test]
fn what_was_cast_opens_for_two_holders() {
    let (mut phone, round) = (Phone::new(), round(built_in::confidence()));
    phone.cast(&round, 1).unwrap();
    let found = phone.found(&round).unwrap();
    let opened =
        key().open(&round.signed.definition, &found.slots.used()[0].envelope).unwrap_or_else(|e| panic!("{e}"));
    assert!(opened.secret == SlipSecret::from_random([1; 8]) && opened.given == Some(vec![Given::Option(1)]));
}

/// A3, A19: under another fingerprint, before, after, and once the box is sealed.
#[test]
fn nothing_is_cast_under_another_definition_or_into_a_sealed_box() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    phone.cast(&round, 1).unwrap();
    let mut changed = (*round).clone();
    changed.signed.definition.group_min = 10;
    let other = SlipSecret::from_random([2; 8]);
    let ours = round.signed.definition.fingerprint();
    let (square, typed) = (other.square(&ours), other.groups(&ours).join(" "));
    for shown in [Shown::Square(&square), Shown::Typed(&typed), Shown::Square("xin chào")] {
        let device = (&phone.store, INCARNATION);
        let begun = Guest::begin(device, Arc::new(changed.clone()), &shown, today(), &mut phone.random);
        assert!(matches!(begun.err(), Some(GuestRefused::Slip(_))));
    }
    let typed = Shown::Typed(&typed);
    assert!(Guest::begin((&phone.store, INCARNATION), Arc::clone(&round), &typed, today(), &mut phone.random).is_ok());
    for closed in ["2026-11-30", "2026-12-11"] {
        let square = other.square(&round.signed.definition.fingerprint());
        let shown = Shown::Square(&square);
        let begun =
            Guest::begin((&phone.store, INCARNATION), Arc::clone(&round), &shown, day(closed), &mut phone.random);
        assert_eq!(begun.err(), Some(GuestRefused::NotOpen), "{closed}");
    }
    let definition = &round.signed.definition;
    let seal = seal_box(&mut phone.store, definition, &mut phone.random).unwrap();
    assert_eq!(seal.count, 1);
    assert!(seal_box(&mut phone.store, definition, &mut phone.random).is_ok_and(|again| again == seal));
    assert_eq!(phone.cast(&round, 2), Err(GuestRefused::NotOpen));
}

/// Sixty-four ballots, then another phone.
#[test]
fn a_full_box_keeps_the_answers_and_says_so() {
    let (mut phone, round) = (Phone::new(), round(built_in::confidence()));
    for slip in 1..=64 {
        assert_eq!(phone.cast(&round, slip), Ok(usize::from(slip)));
    }
    assert_eq!(phone.cast(&round, 65), Err(GuestRefused::BoxFull));
    assert!(ballot_box::draft(phone.store.reader()).unwrap().is_some());
}

/// A19: one box is sealed once. What a copy of the store brings back goes into a box of another name, for the store that
/// it was copied from may have sealed it with more in it; a box that was sealed before says the same again.
#[test]
fn a_box_out_of_a_copy_never_speaks_under_the_name_of_the_one_it_was_copied_from() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    let definition = round.signed.definition.clone();
    let (file, mut drawn) = (phone.folder.path().join("incarnation"), 0);
    let mut random = || {
        drawn += 1;
        [drawn; 32]
    };
    Device::open(&mut phone.store, &file, &mut random).unwrap();
    phone.cast(&round, 1).unwrap();
    let before = phone.found(&round).unwrap();
    Device::open(&mut phone.store, &file, &mut random).unwrap();
    assert!(phone.found(&round).unwrap().id == before.id, "nothing was restored");
    std::fs::remove_file(&file).unwrap();
    Device::open(&mut phone.store, &file, &mut random).unwrap();
    let after = phone.found(&round).unwrap();
    assert!(after.id != before.id && after.slots.leaves() == before.slots.leaves());
    let seal = seal_box(&mut phone.store, &definition, &mut phone.random).unwrap();
    std::fs::remove_file(&file).unwrap();
    Device::open(&mut phone.store, &file, &mut random).unwrap();
    assert!(seal_box(&mut phone.store, &definition, &mut phone.random).is_ok_and(|again| again == seal));
}
