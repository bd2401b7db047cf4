use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use model::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use model::feedback::code::ReplyCode;
use model::feedback::replies::ReplyFile;
use model::feedback::{FeedbackAbout, Topic};
use model::hash::PublicKey;
use model::identity::{PersonId, RoundId, UnitId};
use model::round::announced::AnnouncedRound;
use model::slip::SlipRefused;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::device::Home;
use crate::failure::ExchangeFailed;
use crate::guest::feedback::tests::{feedback_round, intake_key};
use crate::guest::feedback::{DRAFT_SECONDS_MAX, FeedbackDraft, Said};
use crate::guest::tests::satisfaction;
use crate::store::{ballot_box, everything};
use crate::views::ballot::ShownSlip;
use crate::views::feedback::{FeedbackGiven, ReplyFound};

const CONTENT: &str = "Ông nguyen van an hẹn ba lần mà không tiếp dân";
const ANSWER: &str = "Đã thay đèn ở đầu ngõ";

/// A phone that heard of a round of feedback, a round of ballots and two cadres, both rounds open today.
struct Heard {
    phone: Arc<Phone>,
    feedback: Arc<AnnouncedRound>,
    ballots: RoundId,
    _folder: tempfile::TempDir,
}

fn heard() -> Heard {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let phone = Phone::open(file("p.db"), file("incarnation"), vec![3; 32], None).unwrap();
    let today = |round: Arc<AnnouncedRound>, id| {
        let mut round = (*round).clone();
        let definition = &mut round.signed.definition;
        definition.id = RoundId::from_bytes([id; 16]);
        definition.opens = now().vietnamese_day().plus_days(-1).unwrap();
        definition.closes = now().vietnamese_day().plus_days(1).unwrap();
        Arc::new(round)
    };
    let (feedback, ballots) = (today(feedback_round(), 21), today(satisfaction(), 22));
    let mut desk = phone.desk();
    for round in [&feedback, &ballots] {
        desk.directory.rounds.insert(round.signed.definition.id, Arc::clone(round));
    }
    for listed in [cadre(2, "Nguyễn Văn An", "Công chức địa chính"), cadre(1, "Đỗ Thị Bình", "Chủ tịch")]
    {
        desk.directory.cadres.insert(listed.cadre.id, listed);
    }
    drop(desk);
    Heard { phone, feedback, ballots: ballots.signed.definition.id, _folder: folder }
}

fn cadre(number: u8, full_name: &str, title: &str) -> CadreInPost {
    let id = PersonId::from_bytes([number; 16]);
    let assignment = Assignment {
        person: id,
        unit: UnitId::from_bytes([2; 16]),
        title: title.to_owned(),
        staff_class: StaffClass::CivilServant,
        is_leader: false,
        duty_group: "Chuyên môn".to_owned(),
    };
    CadreInPost { cadre: Cadre { id, full_name: full_name.to_owned(), residence: ResidenceMode::Annual }, assignment }
}

fn given(about: FeedbackAbout) -> FeedbackGiven {
    FeedbackGiven {
        topic: Some(Topic::Service),
        about: Some(about),
        area: Some(1),
        content: CONTENT.to_owned(),
        proposal: String::new(),
        wants_reply: true,
    }
}

impl Heard {
    fn round(&self) -> RoundId {
        self.feedback.signed.definition.id
    }

    /// A file with one answer under this code, made this many days ago.
    fn file(&self, code: u8, text: &str, days: i64) -> String {
        let replies = [(ReplyCode::from_random([code; 8]), text.to_owned())];
        let day = now().vietnamese_day().plus_days(-days).unwrap();
        let random = &mut ChaCha8Rng::seed_from_u64(u64::from(code));
        ReplyFile::seal(&self.feedback.signed.definition, day, &replies, random).unwrap().to_text()
    }

    fn typed(&self, code: u8) -> String {
        ReplyCode::from_random([code; 8]).groups(&self.feedback.signed.definition.fingerprint()).join(" ")
    }

    /// Fetches from a server that answers with this body. What it was asked, byte for byte.
    fn fetches(&self, body: &str) -> (Result<(), Failure>, Vec<u8>) {
        let (address, asked) = answering(body.to_owned());
        let home = Home { address, server: PublicKey::from_bytes([9; 32]), person: PersonId::from_bytes([1; 16]) };
        self.phone.desk().device.home = Some(home);
        (self.phone.fetch_replies(Cancel::new()), asked.join().unwrap())
    }

    /// From here on nothing can be fetched.
    fn goes_offline(&self) {
        self.phone.desk().device.home = None;
    }
}

/// Answers one request over a socket of this machine.
fn answering(body: String) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            asked.extend_from_slice(&byte);
        }
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        asked
    });
    (address, asked)
}

fn published(files: &[String]) -> String {
    serde_json::to_string(files).unwrap()
}

#[test]
fn a_resident_says_something_without_a_slip_and_gets_a_code_once() {
    let heard = heard();
    let phone = &heard.phone;
    assert!(phone.rounds().unwrap().iter().all(|item| item.takes_feedback == (item.round == heard.round())));
    phone.begin_feedback(heard.round()).unwrap();
    let nothing = phone.feedback().unwrap();
    assert!(nothing.topic.is_none() && nothing.about.is_none() && nothing.content.is_empty() && !nothing.wants_reply);
    assert_eq!(phone.cast_feedback(false), Err(Failure::Incomplete { question: "topic".to_owned() }));
    let wanted = given(FeedbackAbout::Person { person: PersonId::from_bytes([2; 16]) });
    phone.set_feedback(wanted.clone()).unwrap();
    assert!(phone.feedback().unwrap() == wanted);
    assert!((1..=900).contains(&phone.feedback_seconds_left().unwrap()));
    let code = phone.cast_feedback(false).unwrap().unwrap();
    assert!(code.len() == 4 && code.iter().all(|group| group.len() == 4));
    assert_eq!(phone.cast_feedback(false), Err(Failure::NotHere));
    assert_eq!(phone.feedback().err(), Some(Failure::NotHere));
    let item = phone.rounds().unwrap().into_iter().find(|item| item.takes_feedback).unwrap();
    assert_eq!((item.cast, item.waiting), (1, 1));
    let stored = everything(&phone.desk().store);
    assert!(!CONTENT.as_bytes().as_chunks::<8>().0.iter().any(|piece| stored.windows(8).any(|window| window == piece)));
}

/// A47: the phone offers it, the resident decides, and then it does not open for the intake.
#[test]
fn protection_is_offered_where_somebody_listed_is_named_and_nothing_protects_it_yet() {
    let heard = heard();
    let phone = &heard.phone;
    phone.begin_feedback(heard.round()).unwrap();
    assert_eq!(phone.offers_protection(), Ok(false));
    let mut said = given(FeedbackAbout::Street);
    said.content = "Đèn đường hỏng".to_owned();
    phone.set_feedback(said.clone()).unwrap();
    assert_eq!(phone.offers_protection(), Ok(false));
    said.proposal = "Giao cho bà Đỗ Thị Bình".to_owned();
    phone.set_feedback(said).unwrap();
    assert_eq!(phone.offers_protection(), Ok(true));
    phone.set_feedback(given(FeedbackAbout::Leaders)).unwrap();
    assert_eq!(phone.offers_protection(), Ok(false), "protected already");
    phone.set_feedback(given(FeedbackAbout::Work)).unwrap();
    assert_eq!(phone.offers_protection(), Ok(true));
    phone.cast_feedback(true).unwrap();
    let definition = &heard.feedback.signed.definition;
    let found = ballot_box::find(phone.desk().store.reader(), definition).unwrap().unwrap();
    let envelope = &found.slots.used()[0].envelope;
    assert!(intake_key().open_feedback(definition, envelope).is_err());
    assert!(crate::guest::tests::key().open_feedback(definition, envelope).is_ok());
}

#[test]
fn the_choices_are_whole_and_people_are_found_without_marks() {
    let heard = heard();
    let phone = &heard.phone;
    assert_eq!(phone.feedback_choices().err(), Some(Failure::NotHere));
    phone.begin_feedback(heard.round()).unwrap();
    let choices = phone.feedback_choices().unwrap();
    assert_eq!(choices.topics.iter().map(|choice| choice.topic).collect::<Vec<_>>(), Topic::ALL);
    let abouts: Vec<_> = choices.abouts.iter().map(|choice| (choice.about, choice.is_protected)).collect();
    let kinds = FeedbackAbout::KINDS.map(|about| (Some(about), about.is_protected()));
    assert_eq!((&abouts[..5], abouts[5]), (&kinds[..], (None, true)));
    assert!(choices.areas.len() == 1 && choices.areas[0].name == "Tổ 1");
    let names =
        |text: &str| phone.feedback_people(text.to_owned()).into_iter().map(|listed| listed.name).collect::<Vec<_>>();
    assert_eq!(names(""), ["Đỗ Thị Bình", "Nguyễn Văn An"]);
    assert_eq!(names(" van AN "), ["Nguyễn Văn An"]);
    assert_eq!(names("chu tich"), ["Đỗ Thị Bình"]);
    let nobody = FeedbackAbout::Person { person: PersonId::from_bytes([7; 16]) };
    assert_eq!(phone.set_feedback(given(nobody)), Err(Failure::NotHere), "whom the office does not list");
}

/// A9: neither leaving the frame nor beginning anew leaves anything of it.
#[test]
fn leaving_the_frame_wipes_what_was_said() {
    let heard = heard();
    let phone = &heard.phone;
    phone.begin_feedback(heard.round()).unwrap();
    phone.set_feedback(given(FeedbackAbout::Work)).unwrap();
    phone.leave_ballot();
    assert_eq!(phone.feedback().err(), Some(Failure::NotHere));
    assert_eq!(phone.cast_feedback(false), Err(Failure::NotHere));
    phone.begin_feedback(heard.round()).unwrap();
    phone.set_feedback(given(FeedbackAbout::Work)).unwrap();
    phone.begin_feedback(heard.round()).unwrap();
    assert!(phone.feedback().unwrap().content.is_empty());
}

#[test]
fn after_fifteen_minutes_every_call_says_that_it_was_erased() {
    let heard = heard();
    let phone = &heard.phone;
    let mut early = clocks();
    early.wall = Timestamp::from_utc_ms(early.wall.utc_ms() - 1_000 * DRAFT_SECONDS_MAX as i64);
    let mut draft = FeedbackDraft::begin(&phone.desk().store, Arc::clone(&heard.feedback), early).unwrap();
    draft.say(Said::default(), early).unwrap();
    *phone.resident() = Resident::Feedback(draft);
    assert_eq!(phone.set_feedback(given(FeedbackAbout::Work)), Err(Failure::AnswersErased));
    assert_eq!(phone.feedback().err(), Some(Failure::AnswersErased));
    assert_eq!(phone.feedback_choices().err(), Some(Failure::AnswersErased));
    assert_eq!(phone.feedback_seconds_left(), Err(Failure::AnswersErased));
    assert_eq!(phone.offers_protection(), Err(Failure::AnswersErased));
    assert_eq!(phone.cast_feedback(false), Err(Failure::AnswersErased));
    phone.begin_feedback(heard.round()).unwrap();
    assert!(phone.feedback().is_ok());
}

#[test]
fn a_round_takes_ballots_or_feedback_and_refuses_the_other() {
    let heard = heard();
    let phone = &heard.phone;
    assert_eq!(phone.begin_feedback(heard.ballots), Err(Failure::OtherKind));
    let shown = ShownSlip::Typed { text: heard.typed(1) };
    assert_eq!(phone.begin_ballot(heard.round(), shown), Err(Failure::OtherKind));
    assert_eq!(phone.note_issued(heard.round(), 1, vec![1]), Err(Failure::OtherKind));
    assert_eq!(phone.return_slips(heard.round(), vec!["LN:".to_owned()]), Err(Failure::OtherKind));
    assert_eq!(phone.begin_feedback(RoundId::from_bytes([1; 16])), Err(Failure::NotHere));
}

/// A50: fetched once, opened without a network; of code and answer nothing stays.
#[test]
fn a_code_opens_its_answer_without_a_network() {
    let heard = heard();
    let phone = &heard.phone;
    assert_eq!(phone.replies_fetched_on(), Ok(None));
    assert!(phone.open_reply(heard.typed(1)) == Ok(ReplyFound::NotYet), "a right code before anything was fetched");
    let files = [heard.file(2, "Cũ hơn", 40), heard.file(1, ANSWER, 9)];
    assert_eq!(heard.fetches(&published(&files)).0, Ok(()));
    heard.goes_offline();
    assert_eq!(phone.fetch_replies(Cancel::new()), Err(Failure::NotEnrolled));
    assert_eq!(phone.replies_fetched_on(), Ok(Some(now().vietnamese_day().vietnamese())));
    let before = everything(&phone.desk().store);
    let day = now().vietnamese_day().plus_days(-9).unwrap().vietnamese();
    let answered = ReplyFound::Answered { text: ANSWER.to_owned(), day };
    assert!(phone.open_reply(heard.typed(1).to_lowercase()) == Ok(answered));
    assert!(phone.open_reply(heard.typed(3)) == Ok(ReplyFound::NotYet));
    assert!(everything(&phone.desk().store) == before, "looking leaves nothing");
}

/// A50: what is asked for is the same whatever was opened before, and a code is no part of it.
#[test]
fn every_fetch_asks_for_the_same() {
    let heard = heard();
    let (done, first) = heard.fetches(&published(&[heard.file(1, ANSWER, 0)]));
    assert_eq!(done, Ok(()));
    assert!(heard.phone.open_reply(heard.typed(1)).is_ok());
    let (_, second) = heard.fetches("[]");
    let without_host = |asked: &[u8]| {
        let asked = String::from_utf8(asked.to_vec()).unwrap();
        asked.lines().filter(|line| !line.starts_with("host:")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_host(&first), without_host(&second));
    assert_eq!(without_host(&first), ["GET /v1/replies HTTP/1.1", "accept: */*", "user-agent: langnghe", ""]);
}

#[test]
fn a_mistyped_group_of_a_code_is_named() {
    let heard = heard();
    let mut groups: Vec<String> = heard.typed(1).split(' ').map(str::to_owned).collect();
    groups[2] = "0O1I".to_owned();
    let mistyped = Failure::Slip { source: SlipRefused::WrongGroup { number: 3 } };
    assert_eq!(heard.phone.open_reply(groups.join(" ")).err(), Some(mistyped.clone()), "against the round");
    assert_eq!(heard.fetches(&published(&[heard.file(1, ANSWER, 0)])).0, Ok(()));
    heard.phone.desk().directory.rounds.clear();
    assert_eq!(heard.phone.open_reply(groups.join(" ")).err(), Some(mistyped), "against the file");
    let short = Failure::Slip { source: SlipRefused::WrongLength { given: 4 } };
    assert_eq!(heard.phone.open_reply("ABCD".to_owned()).err(), Some(short));
    assert_eq!(heard.fetches("[]").0, Ok(()));
    assert_eq!(heard.phone.open_reply(heard.typed(1)).err(), Some(Failure::NotHere), "nothing to check it against");
}

#[test]
fn a_file_that_was_cut_is_refused_and_the_old_one_stays() {
    let heard = heard();
    assert_eq!(heard.fetches(&published(&[heard.file(1, ANSWER, 0)])).0, Ok(()));
    let whole = published(&[heard.file(1, "Mới hơn", 0), heard.file(2, ANSWER, 0)]);
    let cut_inside = published(&[heard.file(2, ANSWER, 0), heard.file(1, "Mới hơn", 0)[..5_000].to_owned()]);
    for body in [&whole[..whole.len() - 1], &whole[..5_000], "", "<html>", &cut_inside] {
        let foreign = Failure::Exchange { source: ExchangeFailed::ForeignServer };
        assert_eq!(heard.fetches(body).0, Err(foreign));
        assert!(
            matches!(heard.phone.open_reply(heard.typed(1)), Ok(ReplyFound::Answered { text, .. }) if text == ANSWER)
        );
    }
}

/// A12: whatever two phones have in common, what they seal has nothing in common.
#[test]
fn two_phones_with_equal_stores_seal_under_different_names_and_codes() {
    let sealed = || {
        let heard = heard();
        heard.phone.begin_feedback(heard.round()).unwrap();
        heard.phone.set_feedback(given(FeedbackAbout::Work)).unwrap();
        let code = heard.phone.cast_feedback(false).unwrap().unwrap();
        let desk = heard.phone.desk();
        let found = ballot_box::find(desk.store.reader(), &heard.feedback.signed.definition).unwrap().unwrap();
        let [slot] = found.slots.used() else { panic!("one envelope") };
        (code, slot.envelope.id, slot.salt, found.id)
    };
    let (one, other) = (sealed(), sealed());
    assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2 && one.3 != other.3);
}
