//! A round that takes feedback with everybody in it: residents at phones, the intake and the holders at their laptops, the
//! office at its server.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::feedback::answers::AnswerSheet;
use model::feedback::replies::ReplyFile;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::identity::PersonId;
use model::round::RoundDefinition;
use model::round::announced::AnnouncedRound;
use model::slip::GROUPS;
use model::time::{Day, Timestamp};
use opener::folder::{keep_batch, keep_ledger, keep_replies, ledger};
use opener::frozen::FrozenBox;
use opener::intake::keys::IntakeFile;
use opener::intake::ledger::Ledger;
use opener::intake::reading::{Decision, Reading};
use opener::intake::{Reader, ReaderKind, replying};
use opener::machine::randomness;
use opener::passphrase::{Passphrase, Stretch};
use phone::courier::line;
use phone::guest::feedback::{Clocks, FeedbackDraft, Said};
use phone::replies;
use phone::sync::http::Cancel;
use serde_json::{Value, json};
use server::counter::ask;
use server::desk::{Asked, Told};
use server::feedback::desk::{FeedbackAsked, FeedbackTold, ListedCase};
use server::machine;
use server::running::Running;
use zeroize::Zeroizing;

use crate::house::House;
use crate::opinion::{Holders, Volunteer, plan};

const INTAKE_PASSPHRASE: &str = "hoa sữa cuối thu";

/// Enough for a rehearsal.
const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

/// What one resident says.
pub struct Words {
    pub topic: Topic,
    pub about: FeedbackAbout,
    /// As it is typed.
    pub said: &'static str,
    pub wants_reply: bool,
}

/// The days after which what few residents said may be read: five of them are working days.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// The round of a commune: it takes feedback for ten days.
pub fn feedback_plan(house: &House, today: Day) -> Value {
    let mut plan = plan(&house.commune, today, [10, 14]);
    plan["title"] = json!("Góp ý, phản ánh quý IV");
    plan["template"] = json!("FREE");
    plan["electorate"] = json!("Mọi người sống trên địa bàn");
    plan["intake"] = json!(["Đỗ Thị Hoa"]);
    plan
}

/// Everybody who reads.
pub struct Desks {
    pub holders: Holders,
    folder: tempfile::TempDir,
}

impl Desks {
    pub fn of(plan: &Value) -> Self {
        Self { holders: Holders::of(plan), folder: tempfile::tempdir().unwrap() }
    }

    pub fn round(&self) -> &RoundDefinition {
        self.holders.definition()
    }

    /// Where the readers' files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn reader(&self, kind: ReaderKind) -> Reader {
        match kind {
            ReaderKind::Holders => Reader::of_holders(self.holders.keys([0, 1])),
            ReaderKind::Intake => {
                let words = Passphrase::typed(INTAKE_PASSPHRASE).unwrap();
                let file = self.holders.ceremony.intake_file((&words, CHEAP), &mut randomness()).unwrap();
                let keys = IntakeFile::read(&file.to_bytes(), self.round()).unwrap().unlock(&words).unwrap();
                Reader::of_intake(keys, self.round()).unwrap()
            }
        }
    }

    /// Reads a batch from the office's file and leaves a packet; none if there is nothing to read yet.
    pub fn read(&self, kind: ReaderKind, file: &Path, decide: impl Fn(&Feedback) -> Decision) -> Option<PathBuf> {
        let (so_far, reader) = (FrozenBox::check_running(file).unwrap(), self.reader(kind));
        let known = ledger(self.folder(), self.round(), &reader).unwrap();
        let begun = known.clone().unwrap_or_else(|| Ledger::begun(self.round()));
        let reading = Reading::begin(&so_far, (&reader, begun), today(), &mut randomness()).ok()?;
        let kept = (reading.begun(), self.round(), &reader);
        keep_ledger(self.folder(), kept, known.as_ref(), &mut randomness()).unwrap();
        let decisions: Vec<Decision> = reading.texts().iter().map(decide).collect();
        let batch = reading.conclude(&reader, &decisions, &mut randomness()).unwrap();
        Some(keep_batch(self.folder(), (&batch, &reading, &reader), &mut randomness()).unwrap())
    }

    /// Seals the office's answers under the codes that wait for them.
    pub fn reply(&self, kind: ReaderKind, sheet: &Path) -> PathBuf {
        let (sheet, reader) = (AnswerSheet::read(&std::fs::read(sheet).unwrap()).unwrap(), self.reader(kind));
        let known = ledger(self.folder(), self.round(), &reader).unwrap().unwrap();
        let mut next = known.clone();
        replying::reply(&mut next, (self.round(), &sheet), today(), &mut randomness()).unwrap();
        keep_replies(self.folder(), (&next, self.round(), &reader), &known, &mut randomness()).unwrap()
    }
}

pub fn today() -> Day {
    Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day()
}

impl Volunteer {
    /// A resident says something on this phone; the code that is shown, if an answer is awaited.
    pub fn listens(&mut self, words: &Words) -> Option<String> {
        let wall = Timestamp::from_utc_ms(machine::now_ms());
        let clocks = Clocks { running: std::time::Instant::now(), wall };
        let store = &mut self.handset.store;
        let mut draft = FeedbackDraft::begin(store, Arc::clone(&self.round), clocks).unwrap();
        let said = Said {
            topic: Some(words.topic),
            about: Some(words.about),
            area: None,
            content: Zeroizing::new(words.said.to_owned()),
            proposal: Zeroizing::default(),
            wants_reply: words.wants_reply,
        };
        draft.say(said, clocks).unwrap();
        let code: Option<[String; GROUPS]> = draft.cast(store, false, clocks, &mut randomness()).unwrap();
        code.map(|groups| groups.join(" "))
    }
}

/// An order of the office about feedback.
pub async fn ordered(house: &House, asked: FeedbackAsked) -> FeedbackTold {
    let settings = house.settings.clone();
    match tokio::task::spawn_blocking(move || ask(&settings, &Asked::Feedback(asked)).unwrap()).await.unwrap() {
        Told::Feedback(told) => told,
        other => panic!("{other:?}"),
    }
}

/// A week goes by, and what few residents said may be read.
pub fn wait_a_week() {
    machine::live_ahead(WEEK_MS);
}

/// Writes what may be read of the box now.
pub async fn running_box(house: &House, round: &str, name: &str) -> PathBuf {
    let file = house.folder.path().join(name);
    let to = file.to_str().unwrap().to_owned();
    assert_eq!(ordered(house, FeedbackAsked::Box { round: round.to_owned(), to }).await, FeedbackTold::Done);
    file
}

/// The office takes a packet; how many cases are new.
pub async fn take(house: &House, packet: &Path) -> Option<u32> {
    let bytes = std::fs::read(packet).unwrap();
    match ordered(house, FeedbackAsked::Take { bytes }).await {
        FeedbackTold::Taken { new } => new,
        other => panic!("{other:?}"),
    }
}

/// Every case, as the office's list shows it.
pub async fn cases(house: &House) -> Vec<ListedCase> {
    match ordered(house, FeedbackAsked::List { round: None }).await {
        FeedbackTold::Cases(cases) => cases,
        other => panic!("{other:?}"),
    }
}

/// Routes a case and answers it.
pub async fn handle(house: &House, case: &ListedCase, answer: &str) {
    let (id, unit) = (case.case.to_string(), house.commune.units[1].id.to_string());
    let routed = ordered(house, FeedbackAsked::Route { case: id.clone(), unit }).await;
    assert!(matches!(routed, FeedbackTold::Handled(_)), "{routed:?}");
    let answered = ordered(house, FeedbackAsked::Answer { case: id, text: answer.to_owned() }).await;
    assert!(matches!(answered, FeedbackTold::Handled(_)), "{answered:?}");
}

/// The sheet of answers for one kind of readers.
pub async fn answer_sheet(house: &House, round: &str, kind: ReaderKind) -> PathBuf {
    let is_protected = kind == ReaderKind::Holders;
    let file = house.folder.path().join(if is_protected { "bao-ve.lna" } else { "tiep-nhan.lna" });
    let to = file.to_str().unwrap().to_owned();
    let told = ordered(house, FeedbackAsked::Answers { round: round.to_owned(), to, is_protected }).await;
    assert!(matches!(told, FeedbackTold::Answers { .. }), "{told:?}");
    file
}

/// Publishes a file of sealed answers.
pub async fn publish(house: &House, round: &str, file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    let told = ordered(house, FeedbackAsked::Publish { round: round.to_owned(), bytes }).await;
    assert_eq!(told, FeedbackTold::Done);
}

/// Everything that is published, as a phone fetches it.
pub async fn fetched(server: &Running) -> Vec<ReplyFile> {
    let (address, identity) = (format!("https://{}", server.address), server.identity);
    let fetch = tokio::task::spawn_blocking(move || line::replies((&address, &identity), &Arc::new(Cancel::default())));
    let body = String::from_utf8(fetch.await.unwrap().unwrap().unwrap()).unwrap();
    replies::read(&body).unwrap()
}

/// What a resident reads with a code, without a network.
pub fn found(files: &[ReplyFile], code: &str) -> Option<String> {
    replies::answer(files, &[], code).unwrap_or_else(|refused| panic!("{refused}")).map(|answer| answer.text)
}

/// Somebody of the commune whom the office lists.
pub fn listed(house: &House) -> PersonId {
    house.commune.members[0].held.cadre.id
}

/// The round as a phone knows it.
pub fn known(volunteer: &Volunteer) -> &AnnouncedRound {
    &volunteer.round
}
