//! Minutes from a signed result, and texts for their two screeners.

use std::path::{Path, PathBuf};

use model::outcome::SignedOutcome;
use model::round::SignedRound;
use model::round::announced::Announcement;

use super::form::Form;
use super::places;
use super::screen::{Field, Kind, Screen};
use super::stage::{Stage, Stayed, Step, where_to_look};
use crate::failure::OpenerFailed;
use crate::files::{read_limited, write_new};
use crate::folder::MINUTES_FILE;
use crate::minutes::{self, MinutesOf};
use crate::packet::{PACKET_BYTES_MAX, Packet, Texts};
use crate::passphrase::{Passphrase, PassphraseRefused};

/// The largest announcement or result.
const PAPER_BYTES_MAX: u64 = 64 * 1024 * 1024;

const MINUTES_STEPS: &[&str] = &["Chọn đợt", "Chọn kết quả", "Kết quả đếm lại", "In biên bản"];
const SCREEN_STEPS: &[&str] = &["Chọn gói", "Hai người mở khóa", "Đọc", "Tắt máy"];

/// Where the paper work is.
pub(super) enum PaperStage {
    /// Which round?
    Round,
    /// Which result?
    Outcome(SignedRound),
    /// Which recount?
    Recount(SignedRound, Box<SignedOutcome>, PathBuf),
    /// Written.
    Written(PathBuf),
    /// Which packet?
    Packet,
    /// Both screeners.
    Passphrases(Packet),
    /// What residents wrote.
    Texts(Texts),
}

impl PaperStage {
    pub(super) fn minutes() -> Self {
        Self::Round
    }

    pub(super) fn screen(&self) -> Screen {
        match self {
            Self::Round => choosing(MINUTES_STEPS, 0, ("lnr", "Chọn bản công bố của buổi lập khóa (cong-bo.lnr)")),
            Self::Outcome(round) => Screen {
                round: Some(round.definition.title.clone()),
                ..choosing(MINUTES_STEPS, 1, ("lnx", "Chọn kết quả đã ký (ket-qua.lnx)"))
            },
            Self::Recount(round, ..) => Screen {
                round: Some(round.definition.title.clone()),
                other: Some(("without", "CHƯA ĐẾM LẠI")),
                ..choosing(MINUTES_STEPS, 2, ("lnx", "Chọn kết quả của cặp đếm lại (ket-qua-kiem-lai.lnx)"))
            },
            Self::Written(path) => Screen {
                steps: MINUTES_STEPS,
                now: 3,
                title: "Đã viết biên bản".to_owned(),
                notes: vec![
                    format!("Mở {} bằng trình duyệt rồi in khổ A4.", path.display()),
                    "Chỗ chấm để ghi tay: cơ quan, số, nơi lập, chủ trì, thư ký.".to_owned(),
                ],
                is_last: true,
                ..Screen::default()
            },
            Self::Packet => choosing(SCREEN_STEPS, 0, ("lnt", "Chọn gói ý kiến viết")),
            Self::Passphrases(packet) => passphrases(packet),
            Self::Texts(texts) => Screen {
                steps: SCREEN_STEPS,
                now: 2,
                title: format!("{}: {} ý kiến", texts.question, texts.texts.len()),
                texts: texts.texts.clone(),
                has_back: true,
                is_last: true,
                ..Screen::default()
            },
        }
    }

    pub(super) fn answered(self, form: &Form) -> Step {
        let path = PathBuf::from(form.text("choice"));
        match self {
            Self::Round | Self::Packet if form.has("back") => Ok(Stage::Start),
            Self::Outcome(_) if form.has("back") => Ok(Self::Round.into()),
            Self::Recount(round, ..) if form.has("back") => Ok(Self::Outcome(round).into()),
            Self::Passphrases(_) | Self::Texts(_) if form.has("back") => Ok(Self::Packet.into()),
            Self::Round => match read_round(&path) {
                Ok(round) => Ok(Self::Outcome(round).into()),
                Err(failed) => Err(stayed(Self::Round, failed)),
            },
            Self::Outcome(round) => match read_outcome(&path, &round) {
                Ok(outcome) => Ok(Self::Recount(round, Box::new(outcome), path).into()),
                Err(failed) => Err(stayed(Self::Outcome(round), failed)),
            },
            Self::Recount(round, outcome, beside) => {
                let second = if form.has("without") { None } else { Some(path.as_path()) };
                match write(&round, &outcome, second, &beside) {
                    Ok(written) => Ok(Self::Written(written).into()),
                    Err(failed) => Err(stayed(Self::Recount(round, outcome, beside), failed)),
                }
            }
            Self::Packet => match read_packet(&path) {
                Ok(packet) => Ok(Self::Passphrases(packet).into()),
                Err(failed) => Err(stayed(Self::Packet, failed)),
            },
            Self::Passphrases(packet) => match open(&packet, form) {
                Ok(texts) => Ok(Self::Texts(texts).into()),
                Err(failed) => Err(stayed(Self::Passphrases(packet), failed)),
            },
            last @ (Self::Written(_) | Self::Texts(_)) => Ok(last.into()),
        }
    }
}

impl From<PaperStage> for Stage {
    fn from(stage: PaperStage) -> Self {
        Self::Paper(Box::new(stage))
    }
}

fn stayed(stage: PaperStage, failed: OpenerFailed) -> Stayed {
    Stayed { stage: stage.into(), failed }
}

fn choosing(steps: &'static [&'static str], now: usize, (ending, title): (&str, &str)) -> Screen {
    let choices = places::files(ending);
    Screen {
        steps,
        now,
        title: title.to_owned(),
        notes: vec![where_to_look(&choices, ending)],
        choices,
        go: Some("TIẾP".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn passphrases(packet: &Packet) -> Screen {
    let [first, second] = packet.screeners();
    Screen {
        steps: SCREEN_STEPS,
        now: 1,
        title: format!("Mời {first}, rồi {second} viết câu khóa"),
        fields: vec![
            Field::new(format!("Câu khóa của {first}"), "first", Kind::Hidden),
            Field::new(format!("Câu khóa của {second}"), "second", Kind::Hidden),
        ],
        notes: vec![
            "Mỗi người viết thì người kia quay đi.".to_owned(),
            "Máy chỉ hiện ý kiến, không ghi gì ra đĩa. Tắt chương trình là hết.".to_owned(),
        ],
        go: Some("MỞ GÓI".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn read_round(path: &Path) -> Result<SignedRound, OpenerFailed> {
    Ok(Announcement::read(&read_limited(path, PAPER_BYTES_MAX)?)?.signed)
}

fn read_outcome(path: &Path, round: &SignedRound) -> Result<SignedOutcome, OpenerFailed> {
    Ok(SignedOutcome::read(&read_limited(path, PAPER_BYTES_MAX)?, &round.definition)?)
}

fn read_packet(path: &Path) -> Result<Packet, OpenerFailed> {
    Ok(Packet::read(&read_limited(path, PACKET_BYTES_MAX)?)?)
}

fn write(
    round: &SignedRound,
    outcome: &SignedOutcome,
    second: Option<&Path>,
    beside: &Path,
) -> Result<PathBuf, OpenerFailed> {
    let recount = second.map(|path| read_outcome(path, round)).transpose()?;
    let page = minutes::document(&MinutesOf { round, outcome, recount: recount.as_ref() })?;
    let path = beside.with_file_name(MINUTES_FILE);
    write_new(&path, page.as_bytes())?;
    Ok(path)
}

fn open(packet: &Packet, form: &Form) -> Result<Texts, OpenerFailed> {
    let typed = |name| Passphrase::typed(form.text(name)).map_err(|refused: PassphraseRefused| refused);
    Ok(packet.open(&[typed("first")?, typed("second")?])?)
}
