//! A round of feedback that was announced in spring 2026, with the keys of everybody in it: days are arguments here.

use std::path::Path;

use ed25519_dalek::SigningKey;
use model::admission::{AdmissionKey, Batch};
use model::directory::{DirectoryItem, ItemKind};
use model::envelope::{Envelope, PRIVATE_KEY_BYTES};
use model::feedback::case::{FeedbackCase, IntakePacket, Screened};
use model::feedback::code::ReplyCode;
use model::feedback::intake::Intake;
use model::feedback::replies::ReplyFile;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::handshake::public;
use model::hash::{ContentHash, SealingKey};
use model::identity::{FeedbackId, RoundId, UnitId};
use model::round::announced::{AnnouncedRound, Announcement};
use model::round::area::Area;
use model::round::holder::Holder;
use model::round::{About, AreaNumber, Denominator, RoundDefinition, SignedRound, Standing, built_in};
use model::sealing::RoundKey;
use model::time::Day;
use server::ballots::boxes::Boxes;
use server::feedback::desk::{FeedbackAsked, FeedbackTold, answer};
use server::folder::Folder;
use server::machine;
use server::office::{Moment, Office};
use server::rounds;
use server::safety::Safety;
use server::settings::Settings;

/// The one unit besides the commune.
pub(crate) const LAND_OFFICE: &str = "Bộ phận Địa chính";

/// What removed words stand for: it is in no packet.
pub(crate) const REMOVED: &str = "nhà số 14 ngõ chợ";

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn noon(day: Day) -> Moment {
    Moment { now_ms: day.begins().utc_ms() + 12 * 3_600_000, random: u64::from_be_bytes(machine::random()) }
}

fn key(seed: u8) -> SealingKey {
    RoundKey::from_bytes(&zeroize::Zeroizing::new([seed; PRIVATE_KEY_BYTES])).unwrap().public()
}

pub(crate) fn intake() -> SigningKey {
    SigningKey::from_bytes(&[31; 32])
}

pub(crate) fn holders() -> [SigningKey; 3] {
    [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}

fn admission() -> AdmissionKey {
    AdmissionKey::from_bytes([4; 32])
}

/// Open from 2 March to 30 June 2026 to the ten people of one area.
pub(crate) fn definition() -> RoundDefinition {
    let keys = holders();
    RoundDefinition {
        id: RoundId::from_bytes([5; 16]),
        title: "Góp ý nửa đầu năm".to_owned(),
        organiser: UnitId::from_bytes([8; 16]),
        about: About::Unit(UnitId::from_bytes([8; 16])),
        template: built_in::free(),
        electorate: "Người dân trên địa bàn".to_owned(),
        areas: vec![Area { number: AreaNumber(1), name: "Tổ 1".to_owned(), eligible: 10, slips: 0 }],
        shows_areas: false,
        opens: day("2026-03-02"),
        closes: day("2026-06-30"),
        grace: day("2026-07-05"),
        group_min: 5,
        side_min: 5,
        standing: Standing::Consultative,
        holders: std::array::from_fn(|index| Holder {
            name: format!("Người giữ {index}"),
            body: "Hội".to_owned(),
            person: None,
            key: public(&keys[index]),
        }),
        key: key(7),
        slip_book: ContentHash::from_bytes([7; 32]),
        admission: admission().hash(),
        denominator: Denominator::Answers,
        intake: Some(Intake { officers: vec!["Đỗ Thị Hoa".to_owned()], key: key(8), signing: public(&intake()) }),
    }
}

fn announced() -> AnnouncedRound {
    let definition = definition();
    let signatures = holders().map(|key| definition.signed_by(&key));
    AnnouncedRound { signed: SignedRound { definition, signatures }, admission: admission() }
}

/// An office without a running server, which knows the round and one unit.
pub(crate) struct FeedbackOffice {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) office: Office,
    pub(crate) boxes: Boxes,
    _held: Folder,
}

impl FeedbackOffice {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::of_folder(&folder.path().join("data"));
        let held = Folder::hold(&settings.data, &settings.membership_file()).unwrap();
        let (mut office, _) = held.open(Safety::of_one_copy()).unwrap();
        let before = noon(day("2026-03-01"));
        office.publish(&[unit(8, "Phường Hoa Mai", None), unit(9, LAND_OFFICE, Some(8))], before).unwrap();
        let bytes = Announcement::new(announced(), Vec::new()).to_bytes();
        rounds::announce(&mut office, &bytes, &[], before).unwrap();
        let boxes = Boxes::open(&settings.data, None, held.key().clone()).unwrap();
        boxes.begin(announced()).unwrap();
        Self { folder, settings, office, boxes, _held: held }
    }

    /// What signs its lists.
    pub(crate) fn boxes_key(&self) -> SigningKey {
        self._held.key().clone()
    }

    /// Its folder, which nobody holds any more.
    pub(crate) fn closed(self) -> (tempfile::TempDir, Settings) {
        let Self { folder, settings, office, boxes, _held } = self;
        drop((office, boxes, _held));
        (folder, settings)
    }

    /// An order on a day.
    pub(crate) fn ordered(&self, asked: &FeedbackAsked, today: &str) -> FeedbackTold {
        answer(&self.office, &self.boxes, asked, noon(day(today))).unwrap()
    }

    /// What an order that was not carried out says in Vietnamese.
    pub(crate) fn refused(&self, asked: &FeedbackAsked, today: &str) -> String {
        match self.ordered(asked, today) {
            FeedbackTold::Refused(sentence) => sentence.vi,
            told => panic!("{told:?}"),
        }
    }

    pub(crate) fn takes(&self, packet: &IntakePacket, today: &str) -> FeedbackTold {
        self.ordered(&FeedbackAsked::Take { bytes: packet.to_bytes() }, today)
    }

    /// Phones drop so many envelopes; what the box says to it.
    pub(crate) fn drops(&self, count: u8, today: &str) -> Result<(), server::ballots::boxes::DropRefused> {
        let round = definition();
        let envelopes: Vec<Envelope> = (0..count).map(|_| envelope(&round)).collect();
        for some in envelopes.chunks(16) {
            let batch = Batch { envelopes: some.to_vec() }.to_bytes(&round, &admission());
            let admitted = self.boxes.admit(&batch, day(today))?;
            self.boxes.put(&admitted, day(today).begins().utc_ms())?;
        }
        Ok(())
    }

    /// Every row of a table of its database.
    pub(crate) fn rows(&self, table: &str) -> Vec<String> {
        rows_of(self.office.reader(), table)
    }

    /// Whether some file of the office's folder holds these bytes.
    pub(crate) fn holds(&self, needle: &str) -> bool {
        holds(&self.settings.data, needle)
    }
}

/// Whether some file of a folder holds these bytes.
pub(crate) fn holds(folder: &Path, needle: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let mut contents = files.filter_map(|file| std::fs::read(file.path()).ok());
    contents.any(|bytes| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()))
}

/// Every row of a table as the engine hands them out by itself.
pub(crate) fn rows_of(connection: &rusqlite::Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("select * from {table}")).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap()));
        Ok(values.collect::<Vec<_>>().join(" "))
    };
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

fn unit(number: u8, name: &str, parent: Option<u8>) -> DirectoryItem {
    let id = |number: u8| UnitId::from_bytes([number; 16]).to_string();
    let body = serde_json::json!({
        "id": id(number), "scheme": "two_tiers", "kind": "administrative", "name_vi": name,
        "level": if parent.is_some() { "residential_area" } else { "commune" },
        "parent": parent.map(id), "predecessors": [], "valid_from": "2025-07-01", "valid_to": null,
    });
    DirectoryItem { kind: ItemKind::Unit, code: id(number), body: body.to_string() }
}

fn envelope(round: &RoundDefinition) -> Envelope {
    let said = Feedback {
        topic: Topic::Works,
        about: FeedbackAbout::Street,
        area: Some(AreaNumber(1)),
        content: zeroize::Zeroizing::new(format!("Đèn đường trước {REMOVED} hỏng đã lâu.")),
        proposal: zeroize::Zeroizing::new("Thay đèn.".to_owned()),
        reply: Some(code(1)),
    };
    Envelope::seal_feedback(round, (&said, false), &mut machine::randomness()).unwrap()
}

pub(crate) fn code(number: u8) -> ReplyCode {
    ReplyCode::from_random([number; 8])
}

pub(crate) fn case(number: u8) -> FeedbackCase {
    FeedbackCase {
        id: FeedbackId::from_bytes([number; 16]),
        topic: Topic::Works,
        about: FeedbackAbout::Street,
        area: None,
        text: format!("Đèn đường hỏng đã lâu, số {number}."),
        paraphrase: format!("Người dân phản ánh hạ tầng, số {number}."),
        awaits_reply: true,
    }
}

/// Signed by the intake.
pub(crate) fn packet(cases: Vec<FeedbackCase>, of: &str, [denounced, out_of_scope]: [u32; 2]) -> IntakePacket {
    let read = Screened { cases, denounced, out_of_scope };
    IntakePacket::signed(definition().id, day(of), read, &[&intake()])
}

pub(crate) fn reply_file(of: Day, replies: &[(ReplyCode, String)]) -> ReplyFile {
    ReplyFile::seal(&definition(), of, replies, &mut machine::randomness()).unwrap()
}
