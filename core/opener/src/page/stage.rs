//! Where the people at the laptop are, and what the next thing they do makes of it.

use model::round::RoundDefinition;

use super::ceremony_way::CeremonyStage;
use super::count_way::CountStage;
use super::feedback_way::FeedbackStage;
use super::form::Form;
use super::paper_way::PaperStage;
use super::screen::{Choice, Person, Screen, Turn};
use crate::failure::OpenerFailed;
use crate::{folder, machine};

/// Where the people are.
pub(super) enum Stage {
    /// What do they want to do?
    Start,
    /// A ceremony.
    Ceremony(Box<CeremonyStage>),
    /// An opening or a recount.
    Count(Box<CountStage>),
    /// What residents say on their own.
    Feedback(Box<FeedbackStage>),
    /// Minutes, or texts for their screeners.
    Paper(Box<PaperStage>),
    /// The program ends.
    Ended,
}

/// A step that was refused: where the people stay, and the sentence that they read. Refusals that a person can mend
/// give everything back, so that nobody begins anew.
pub(super) struct Stayed {
    pub(super) stage: Stage,
    pub(super) failed: OpenerFailed,
}

/// What a step makes.
pub(super) type Step = Result<Stage, Stayed>;

impl Stage {
    /// What they see.
    pub(super) fn screen(&self) -> Screen {
        match self {
            Self::Start => start(),
            Self::Ceremony(stage) => stage.screen(),
            Self::Count(stage) => stage.screen(),
            Self::Feedback(stage) => stage.screen(),
            Self::Paper(stage) => stage.screen(),
            Self::Ended => Screen {
                title: "Chương trình đã tắt".to_owned(),
                notes: vec!["Hãy đóng trang này.".to_owned()],
                has_ended: true,
                ..Screen::default()
            },
        }
    }

    /// What follows from what they did.
    pub(super) fn answered(self, form: &Form) -> Step {
        if form.has("end") {
            return Ok(Self::Ended);
        }
        match self {
            Self::Start => Ok(chosen(form.text("choice"))),
            Self::Ceremony(stage) => stage.answered(form),
            Self::Count(stage) => stage.answered(form),
            Self::Feedback(stage) => stage.answered(form),
            Self::Paper(stage) => stage.answered(form),
            Self::Ended => Ok(Self::Ended),
        }
    }

    /// A count that is done in its thread goes on to the next screen.
    pub(super) fn settled(self) -> Step {
        match self {
            Self::Count(stage) => stage.settled(),
            stays @ (Self::Start | Self::Ceremony(_) | Self::Feedback(_) | Self::Paper(_) | Self::Ended) => Ok(stays),
        }
    }

    /// Sheets of one area, while they are being printed.
    pub(super) fn sheets(&mut self) -> Option<zeroize::Zeroizing<String>> {
        match self {
            Self::Ceremony(stage) => stage.sheets(),
            Self::Start | Self::Count(_) | Self::Feedback(_) | Self::Paper(_) | Self::Ended => None,
        }
    }
}

const WAYS: [(&str, &str, &str); 6] = [
    ("ceremony", "Lập khóa và in lá thăm", "Ba người giữ khóa, trước ngày mở đợt"),
    ("open", "Mở hòm phiếu và đếm", "Hai người giữ khóa, sau ngày nhận muộn"),
    ("recount", "Đếm lại", "Cặp giữ khóa khác, trên máy khác"),
    ("minutes", "Viết biên bản kiểm phiếu", "Từ kết quả đã ký"),
    ("screen", "Đọc ý kiến viết", "Hai người sàng lọc"),
    ("feedback", "Đọc và trả lời góp ý", "Người tiếp nhận, hoặc hai người giữ khóa"),
];

fn start() -> Screen {
    let choice = |(value, name, place): (&str, &str, &str)| Choice {
        value: value.to_owned(),
        name: name.to_owned(),
        place: place.to_owned(),
    };
    Screen {
        title: "Hôm nay làm việc gì?".to_owned(),
        choices: WAYS.map(choice).to_vec(),
        notes: vec![
            "Rút dây mạng, tắt Wi-Fi trước khi làm.".to_owned(),
            "Cắm thẻ nhớ có tệp của đợt. Không ai khác được đứng sau lưng.".to_owned(),
        ],
        go: Some("TIẾP".to_owned()),
        ..Screen::default()
    }
}

fn chosen(way: &str) -> Stage {
    match way {
        "ceremony" => CeremonyStage::begin(machine::today()).into(),
        "open" => Stage::Count(Box::new(CountStage::begin(folder::Turn::First))),
        "recount" => Stage::Count(Box::new(CountStage::begin(folder::Turn::Recount))),
        "minutes" => Stage::Paper(Box::new(PaperStage::minutes())),
        "feedback" => FeedbackStage::Input.into(),
        "screen" => Stage::Paper(Box::new(PaperStage::Packet)),
        _ => Stage::Start,
    }
}

/// The holders as cards; `turn` says where each stands, from 0.
pub(super) fn people(round: &RoundDefinition, turn: impl Fn(usize) -> Turn) -> Vec<Person> {
    let card = |(index, holder): (usize, &model::round::holder::Holder)| Person {
        name: holder.name.clone(),
        body: holder.body.clone(),
        turn: turn(index),
    };
    round.holders.iter().enumerate().map(card).collect()
}

/// What to read where no file was found.
pub(super) fn where_to_look(choices: &[Choice], ending: &str) -> String {
    match choices {
        [] => format!("Chưa thấy tệp .{ending} nào. Cắm thẻ nhớ rồi tải lại trang (phím F5)."),
        _ => "Không thấy tệp cần tìm? Cắm thẻ nhớ rồi tải lại trang (phím F5).".to_owned(),
    }
}
