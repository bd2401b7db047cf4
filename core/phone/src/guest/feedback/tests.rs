use std::time::Duration;

use model::admission::Batch;
use model::feedback::intake::Intake;
use model::feedback::replies::ReplyFile;
use model::hash::PublicKey;
use model::identity::RoundId;
use model::round::built_in;
use model::sealing::RoundKey;
use model::text::TextRefused;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::courier;
use crate::guest::tests::{self as ballots, INCARNATION, Phone, day, satisfaction};
use crate::guest::{Guest, Shown, seal_box};
use crate::store::ballot_box::BallotBox;
use crate::store::everything;

const CONTENT: &str = "Cán bộ một cửa trả hồ sơ chậm hai tuần mà không giải thích";
const PROPOSAL: &str = "Niêm yết ngày hẹn trả kết quả ở phòng tiếp dân";

pub(crate) fn intake_key() -> RoundKey {
    RoundKey::from_bytes(&Zeroizing::new([8; 32])).unwrap()
}

pub(crate) fn feedback_round() -> Arc<AnnouncedRound> {
    let mut round = (*ballots::round(built_in::free())).clone();
    let (officers, signing) = (vec!["Đỗ Thị Hoa".to_owned()], PublicKey::from_bytes([6; 32]));
    round.signed.definition.id = RoundId::from_bytes([15; 16]);
    round.signed.definition.intake = Some(Intake { officers, key: intake_key().public(), signing });
    Arc::new(round)
}

/// Noon of a day of the round.
fn noon() -> Clocks {
    let wall = day("2026-12-05").begins().utc_ms() + 12 * 3_600_000;
    Clocks { running: Instant::now(), wall: Timestamp::from_utc_ms(wall) }
}

/// So many seconds later on both clocks, or on one of them.
fn later(clocks: Clocks, running: u64, wall: i64) -> Clocks {
    let wall = Timestamp::from_utc_ms(clocks.wall.utc_ms() + wall * 1_000);
    Clocks { running: clocks.running + Duration::from_secs(running), wall }
}

fn about(about: FeedbackAbout) -> Said {
    let mut said = Said::default();
    (said.topic, said.about, said.area) = (Some(Topic::Service), Some(about), Some(AreaNumber(1)));
    (*said.content, *said.proposal) = (CONTENT.to_owned(), PROPOSAL.to_owned());
    said
}

fn somebody() -> FeedbackAbout {
    FeedbackAbout::Person { person: PersonId::from_bytes([1; 16]) }
}

fn begin(phone: &Phone, round: &Arc<AnnouncedRound>) -> Result<FeedbackDraft, GuestRefused> {
    FeedbackDraft::begin(&phone.store, Arc::clone(round), noon())
}

type Code = Option<[String; GROUPS]>;

fn cast(phone: &mut Phone, round: &Arc<AnnouncedRound>, said: &Said, protect: bool) -> Result<Code, GuestRefused> {
    let (mut draft, clocks) = (begin(phone, round)?, noon());
    draft.say(said.clone(), clocks)?;
    draft.cast(&mut phone.store, protect, clocks, &mut phone.random)
}

fn found(phone: &Phone, round: &Arc<AnnouncedRound>) -> BallotBox {
    phone.found(round).unwrap()
}

/// Pieces of eight bytes of what was said in what the store's key reads.
fn hits(phone: &Phone) -> usize {
    let stored = everything(&phone.store);
    [CONTENT, PROPOSAL]
        .iter()
        .flat_map(|text| text.as_bytes().as_chunks::<8>().0)
        .filter(|piece| holds(&stored, piece.as_slice()))
        .count()
}

fn holds(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

/// A14, A47: neither what is said, nor about whom, nor whether an answer is awaited changes the size of anything.
#[test]
fn every_feedback_makes_a_slot_and_a_box_of_one_size() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let (mut long, mut short, mut awaited) = (about(somebody()), about(FeedbackAbout::Street), about(somebody()));
    (*long.content, *long.proposal) = ("ữ".repeat(2_000), "ữ".repeat(1_000));
    (*short.content, *short.proposal, short.area) = ("x".to_owned(), String::new(), None);
    awaited.wants_reply = true;
    let mut boxes = Vec::new();
    for (said, protect) in [(&long, false), (&short, false), (&short, true), (&awaited, false)] {
        cast(&mut phone, &round, said, protect).unwrap();
        boxes.push(found(&phone, &round).slots.to_bytes(&round.signed.definition, &mut phone.random).len());
    }
    let sizes =
        found(&phone, &round).slots.used().iter().map(|slot| slot.envelope.to_bytes().len()).collect::<Vec<_>>();
    assert_eq!(sizes, [round.signed.definition.envelope_bytes(); 4]);
    assert!(boxes.iter().all(|bytes| *bytes == boxes[0]));
}

/// A9: a draft without a slip is never on disk, and what is cast cannot be read with the store's key.
#[test]
fn the_stores_key_reads_nothing_that_was_said_before_casting_or_after() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let before = everything(&phone.store);
    let (mut draft, clocks) = (begin(&phone, &round).unwrap(), noon());
    draft.say(about(somebody()), clocks).unwrap();
    assert!(everything(&phone.store) == before, "a draft changes nothing on disk");
    let mut awaited = about(somebody());
    awaited.wants_reply = true;
    draft.say(awaited, clocks).unwrap();
    let code = draft.cast(&mut phone.store, false, clocks, &mut phone.random).unwrap().unwrap();
    assert_eq!(hits(&phone), 0);
    let (stored, print) = (everything(&phone.store), round.signed.definition.fingerprint());
    let read = ReplyCode::from_typed(&code.concat(), &print).unwrap_or_else(|refused| panic!("{refused}"));
    assert!(!holds(&stored, &read.to_bytes()) && !code.iter().any(|group| holds(&stored, group.as_bytes())));
}

/// A9: 899 seconds are not fifteen minutes; looking keeps nothing alive, and what is erased stays so.
#[test]
fn a_draft_that_nobody_touches_is_erased_after_fifteen_minutes() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let (mut draft, start) = (begin(&phone, &round).unwrap(), noon());
    draft.say(about(somebody()), start).unwrap();
    let touched = later(start, 899, 899);
    assert!(draft.said(touched).is_ok() && draft.seconds_left(touched) == 1);
    draft.say(about(FeedbackAbout::Work), touched).unwrap();
    assert!(draft.said(later(touched, 899, 899)).is_ok_and(|said| said.about == Some(FeedbackAbout::Work)));
    let over = later(touched, 900, 900);
    assert_eq!(draft.said(over).err(), Some(GuestRefused::Erased));
    assert_eq!(
        draft.say(about(somebody()), touched),
        Err(GuestRefused::Erased),
        "an earlier clock brings nothing back"
    );
    let late = draft.cast(&mut phone.store, false, touched, &mut phone.random);
    assert!(late == Err(GuestRefused::Erased) && phone.found(&round).is_none());
}

/// A phone asleep stands still on one clock; the other one can be set back.
#[test]
fn either_clock_alone_erases_a_draft() {
    let (phone, round) = (Phone::new(), feedback_round());
    for (running, wall, is_there) in [(10, 900, false), (900, 10, false), (900, -86_400, false), (10, -86_400, true)] {
        let (mut draft, start) = (begin(&phone, &round).unwrap(), noon());
        draft.say(about(somebody()), start).unwrap();
        assert_eq!(draft.said(later(start, running, wall)).is_ok(), is_there, "{running} s and {wall} s");
    }
}

/// A47: about a person it opens for the holders, and also about the street where the resident asks for it.
#[test]
fn what_is_about_a_person_or_wanted_protected_opens_for_two_holders_alone() {
    for (said, protect, is_protected) in [
        (about(somebody()), false, true),
        (about(FeedbackAbout::Intake), false, true),
        (about(FeedbackAbout::Work), true, true),
        (about(FeedbackAbout::Work), false, false),
    ] {
        let (mut phone, round) = (Phone::new(), feedback_round());
        assert!(cast(&mut phone, &round, &said, protect) == Ok(None), "no code where no answer is awaited");
        let definition = &round.signed.definition;
        let (theirs, others) =
            if is_protected { (ballots::key(), intake_key()) } else { (intake_key(), ballots::key()) };
        let envelope = found(&phone, &round).slots.used()[0].envelope.clone();
        let read = theirs.open_feedback(definition, &envelope).unwrap_or_else(|refused| panic!("{refused}"));
        assert!(read.content.as_str() == CONTENT && read.about == said.about.unwrap() && read.reply.is_none());
        assert!(others.open_feedback(definition, &envelope).is_err());
    }
}

/// A50: what is shown is what is sealed inside, and it opens what the office seals under it.
#[test]
fn the_code_that_is_shown_opens_the_reply_that_is_sealed_under_the_one_inside() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let definition = &round.signed.definition;
    let mut said = about(FeedbackAbout::Work);
    said.wants_reply = true;
    let shown = cast(&mut phone, &round, &said, false).unwrap().unwrap();
    let inside = intake_key().open_feedback(definition, &found(&phone, &round).slots.used()[0].envelope);
    let inside = inside.unwrap_or_else(|refused| panic!("{refused}")).reply.clone().unwrap();
    let replies = [(inside, "Đã trả hồ sơ.".to_owned())];
    let file = ReplyFile::seal(definition, day("2026-12-31"), &replies, &mut ChaCha8Rng::seed_from_u64(2)).unwrap();
    let typed = ReplyCode::from_typed(&shown.join(" "), &definition.fingerprint());
    assert_eq!(typed.ok().and_then(|code| file.open(&code)).as_deref(), Some("Đã trả hồ sơ."));
    let other = cast(&mut phone, &round, &said, false).unwrap().unwrap();
    assert_ne!(shown, other);
}

/// A17: a kill at every step of the engine leaves it in memory or in the box, never in neither and never in both.
#[test]
fn casting_feedback_is_one_transaction() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    cast(&mut phone, &round, &about(somebody()), false).unwrap();
    let (mut draft, clocks) = (begin(&phone, &round).unwrap(), noon());
    draft.say(about(somebody()), clocks).unwrap();
    let mut killed = 0;
    for steps in 1.. {
        phone.store.interrupt_after(Some(steps));
        let done = draft.cast(&mut phone.store, false, clocks, &mut phone.random);
        phone.store.interrupt_after(None);
        let count = found(&phone, &round).slots.count();
        assert_eq!((count, draft.said(clocks).is_ok()), if done.is_ok() { (2, false) } else { (1, true) }, "{steps}");
        if done.is_ok() {
            break;
        }
        killed += 1;
    }
    assert!(killed > 2, "the kill hit the transaction {killed} times");
}

/// A9, A17: the draft in its one place on disk is of somebody who comes back with the slip.
#[test]
fn casting_feedback_leaves_the_ballot_that_waits_for_its_slip() {
    let (mut phone, ballots, round) = (Phone::new(), satisfaction(), feedback_round());
    let mut guest = phone.begin(&ballots, 1, INCARNATION).unwrap();
    guest.answer(&mut phone.store, 0, model::ballot::Given::Option(2), &mut phone.random).unwrap();
    drop(guest);
    cast(&mut phone, &round, &about(somebody()), false).unwrap();
    let again = phone.begin(&ballots, 1, INCARNATION);
    assert!(again.is_ok_and(|guest| guest.given()[0] == Some(model::ballot::Given::Option(2))));
}

/// A21, A22: nothing of a batch tells which kind of round it is of, or to which key an envelope is sealed.
#[test]
fn feedback_travels_in_batches_as_ballots_do() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let today = day("2026-12-05");
    for said in [FeedbackAbout::Street, somebody(), FeedbackAbout::Work, FeedbackAbout::Leaders, FeedbackAbout::Street]
    {
        assert!(courier::next(&mut phone.store, &round, today, &mut phone.random).unwrap().is_none());
        cast(&mut phone, &round, &about(said), false).unwrap();
    }
    let parcel = courier::next(&mut phone.store, &round, today, &mut phone.random).unwrap().unwrap();
    let batch = Batch::read(&parcel.bytes, &round.signed.definition, &round.admission);
    let envelopes = batch.unwrap_or_else(|refused| panic!("{refused}")).envelopes;
    let lengths: Vec<usize> = envelopes.iter().map(|envelope| envelope.to_bytes().len()).collect();
    assert_eq!(lengths, [round.signed.definition.envelope_bytes(); 5]);
}

/// What is typed here cannot be carried to another phone, so a full box says so before anything is typed.
#[test]
fn a_full_box_is_told_at_the_beginning_and_keeps_what_was_said_meanwhile() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let (mut last, clocks) = (begin(&phone, &round).unwrap(), noon());
    last.say(about(somebody()), clocks).unwrap();
    for _ in 0..SLOTS {
        cast(&mut phone, &round, &about(FeedbackAbout::Street), false).unwrap();
    }
    assert_eq!(begin(&phone, &round).err(), Some(GuestRefused::BoxFull));
    let refused = last.cast(&mut phone.store, false, clocks, &mut phone.random);
    assert!(refused == Err(GuestRefused::BoxFull) && last.said(clocks).is_ok());
}

#[test]
fn a_round_of_ballots_takes_no_feedback_and_a_round_of_feedback_no_ballot() {
    let (mut phone, ballots, round) = (Phone::new(), satisfaction(), feedback_round());
    assert_eq!(begin(&phone, &ballots).err(), Some(GuestRefused::OtherKind));
    assert_eq!(phone.begin(&round, 1, INCARNATION).err(), Some(GuestRefused::OtherKind));
    let shown = Shown::Square("xin chào");
    let (device, today) = ((&phone.store, INCARNATION), day("2026-12-05"));
    let begun = Guest::begin(device, Arc::clone(&round), &shown, today, &mut phone.random);
    assert_eq!(begun.err(), Some(GuestRefused::OtherKind), "before the slip is looked at");
    let said = about(somebody()).finished(&mut phone.random).unwrap();
    let definition = ballots.signed.definition.clone();
    let sealed = put(&mut phone.store, &definition, (&said, false), &mut phone.random);
    assert!(sealed == Err(GuestRefused::OtherKind) && phone.found(&ballots).is_none());
}

#[test]
fn no_feedback_is_begun_on_another_day_or_cast_into_a_sealed_box() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    for days in [-5, 6] {
        let begun = FeedbackDraft::begin(&phone.store, Arc::clone(&round), later(noon(), 0, days * 86_400));
        assert_eq!(begun.err(), Some(GuestRefused::NotOpen), "{days}");
    }
    let (mut draft, clocks) = (begin(&phone, &round).unwrap(), noon());
    draft.say(about(somebody()), clocks).unwrap();
    seal_box(&mut phone.store, &round.signed.definition, &mut phone.random).unwrap();
    assert_eq!(begin(&phone, &round).err(), Some(GuestRefused::NotOpen));
    assert!(draft.cast(&mut phone.store, false, clocks, &mut phone.random) == Err(GuestRefused::NotOpen));
}

/// A13: nothing is chosen beforehand, so that what was not chosen is asked for.
#[test]
fn a_draft_may_be_unfinished_and_what_is_cast_may_not() {
    let (mut phone, round) = (Phone::new(), feedback_round());
    let (mut draft, clocks) = (begin(&phone, &round).unwrap(), noon());
    let (mut no_about, mut blank) = (about(somebody()), about(somebody()));
    (no_about.about, *blank.content) = (None, " ".to_owned());
    let blank_refused = FeedbackRefused::Content { refused: TextRefused::Blank };
    for (said, refused) in [
        (Said::default(), GuestRefused::NotChosen { what: "topic" }),
        (no_about, GuestRefused::NotChosen { what: "about" }),
        (blank, GuestRefused::Feedback(blank_refused)),
    ] {
        draft.say(said.clone(), clocks).unwrap();
        assert!(draft.cast(&mut phone.store, false, clocks, &mut phone.random) == Err(refused));
        assert!(draft.said(clocks).is_ok_and(|still| *still == said));
    }
}

#[test]
fn what_is_too_long_or_nowhere_leaves_what_was_said_before() {
    let (phone, round) = (Phone::new(), feedback_round());
    let (mut draft, clocks) = (begin(&phone, &round).unwrap(), noon());
    draft.say(about(FeedbackAbout::Street), clocks).unwrap();
    let (mut long, mut proposal, mut nowhere) = (about(somebody()), about(somebody()), about(somebody()));
    (*long.content, *proposal.proposal, nowhere.area) = ("a".repeat(2_001), "a".repeat(1_001), Some(AreaNumber(9)));
    let too_long = |given, limit| TextRefused::TooLong { given, limit };
    for (said, refused) in [
        (long, FeedbackRefused::Content { refused: too_long(2_001, 2_000) }),
        (proposal, FeedbackRefused::Proposal { refused: too_long(1_001, 1_000) }),
        (nowhere, FeedbackRefused::NoArea),
    ] {
        assert_eq!(draft.say(said, clocks), Err(GuestRefused::Feedback(refused)));
        assert!(draft.said(clocks).is_ok_and(|said| said.about == Some(FeedbackAbout::Street)));
    }
}
