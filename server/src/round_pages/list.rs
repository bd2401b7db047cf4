//! The list of rounds, as words ready to print.

use askama::Template;
use model::identity::RoundId;
use model::round::state::RoundState;
use model::time::Day;

use crate::report::chip::Chip;
use crate::report::page::Frame;
use crate::rounds::overview::RoundOverview;
use crate::rounds::words;
use crate::settings::Language;

/// Every round of the office.
#[derive(Template)]
#[template(path = "rounds.html")]
pub struct RoundList {
    frame: Frame,
    rounds: Vec<ListedRound>,
}

struct ListedRound {
    round: RoundId,
    title: String,
    chip: Chip,
    days: String,
    next: String,
}

impl RoundList {
    /// In the order in which they are given.
    pub fn new(rounds: &[RoundOverview], frame: Frame, today: Day) -> Self {
        let listed = |round: &RoundOverview| ListedRound {
            round: round.round,
            title: round.title.clone(),
            chip: chip(round.state),
            days: format!("{} – {}", round.opens.vietnamese(), round.closes.vietnamese()),
            next: next(round, today),
        };
        Self { frame, rounds: rounds.iter().map(listed).collect() }
    }
}

/// How far a round is; amber while it waits for somebody in the office.
pub(crate) fn chip(state: RoundState) -> Chip {
    let word = capitalised(words::state(state, Language::Vi));
    match state {
        RoundState::Planned | RoundState::Announced | RoundState::Open => Chip::plain("schedule", word),
        RoundState::Closed | RoundState::Counted => Chip::waiting(word),
        RoundState::Reported | RoundState::Purged => Chip::plain("check", word),
    }
}

/// What comes next, and how far away it is.
pub(crate) fn next(round: &RoundOverview, today: Day) -> String {
    let far = |day: Day| match today.days_until(day) {
        0 => "hôm nay".to_owned(),
        1 => "ngày mai".to_owned(),
        left => format!("còn {left} ngày"),
    };
    match round.state {
        RoundState::Planned | RoundState::Announced => {
            format!("Mở ngày {}, {}", round.opens.vietnamese(), far(round.opens))
        }
        RoundState::Open if today == round.closes => "Hôm nay là ngày cuối".to_owned(),
        RoundState::Open => format!("Đóng ngày {}, {}", round.closes.vietnamese(), far(round.closes)),
        RoundState::Closed if today <= round.grace => {
            format!("Nhận hòm đến muộn đến hết ngày {}", round.grace.vietnamese())
        }
        RoundState::Closed if round.takes_feedback => "Chờ trả lời nốt các góp ý".to_owned(),
        RoundState::Closed => "Mở hòm được từ hôm nay".to_owned(),
        RoundState::Counted if round.may_be_published => "Chờ công bố kết quả".to_owned(),
        RoundState::Counted => "Chờ cặp khác kiểm lại".to_owned(),
        RoundState::Reported | RoundState::Purged => "Xem kết quả".to_owned(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
