//! The page of one round until its result is published, as words and numbers ready to print.
//!
//! It is made of the definition and the overview, and of nothing else: two worlds that differ in who came back have one
//! page (anonymity A31).

use askama::Template;
use model::publication::words::{number, percent};
use model::ratio::Ratio;
use model::received::LIST_STEP;
use model::round::area::Area;
use model::round::holder::{HOLDERS, OPENERS};
use model::round::state::RoundState;
use model::round::{About, RoundDefinition};
use model::time::Day;

use crate::report::bar::{Segment, share_bar};
use crate::report::chip::Chip;
use crate::report::page::Frame;
use crate::results::page::{Figure, StandingWords, standing};
use crate::round_pages::Orders;
use crate::round_pages::list::{chip, next};
use crate::rounds::overview::{AreaOverview, RoundOverview};

/// One round before its result is published.
#[derive(Template)]
#[template(path = "round.html")]
pub struct RoundPage {
    frame: Frame,
    chip: Chip,
    next: String,
    standing: StandingWords,
    electorate: String,
    subjects: Vec<String>,
    days: [(&'static str, String); 3],
    seal: SealWords,
    figures: Vec<Figure>,
    areas: Vec<SlipRow>,
    total: SlipRow,
    until: String,
    /// Who takes in what is said of services and the street; nobody in a round of ballots.
    officers: Vec<String>,
    takes_feedback: bool,
    holders: Vec<(String, String)>,
    holders_needed: usize,
    holders_all: usize,
    step: usize,
}

/// What the largest thing on the page says.
struct SealWords {
    heading: &'static str,
    sentence: String,
    /// What to do now, if it is time, and the order that does it.
    order: Option<(&'static str, String)>,
}

/// Slips of one area, or of all.
struct SlipRow {
    name: String,
    eligible: String,
    printed: String,
    drawn: String,
    bar: Vec<Segment>,
    share: String,
}

impl RoundPage {
    /// Of a round on a day.
    pub fn new(
        (definition, overview): (&RoundDefinition, &RoundOverview),
        frame: Frame,
        orders: &Orders,
        today: Day,
    ) -> Self {
        let subjects = match &definition.about {
            About::People(subjects) => subjects.iter().map(|of| format!("{}, {}", of.name, of.post)).collect(),
            About::Unit(_) => Vec::new(),
        };
        let days = [("Mở", overview.opens), ("Đóng", overview.closes), ("Nhận hòm muộn đến hết", overview.grace)];
        let rows = definition.areas.iter().zip(&overview.areas).map(|(area, slips)| slip_row(area, slips)).collect();
        Self {
            frame,
            chip: chip(overview.state),
            next: next(overview, today),
            standing: standing(definition),
            electorate: definition.electorate.clone(),
            subjects,
            days: days.map(|(label, day)| (label, day.vietnamese())),
            seal: match definition.takes_feedback() {
                true => feedback_words(overview, orders),
                false => seal_words(overview, orders, today),
            },
            figures: match definition.takes_feedback() {
                true => feedback_figures(definition, overview),
                false => figures(definition, overview),
            },
            areas: rows,
            total: total_row(definition, overview),
            until: today.plus_days(-1).unwrap_or(today).vietnamese(),
            officers: definition.intake.iter().flat_map(|intake| intake.officers.clone()).collect(),
            takes_feedback: definition.takes_feedback(),
            holders: definition.holders.iter().map(|holder| (holder.name.clone(), holder.body.clone())).collect(),
            holders_needed: OPENERS,
            holders_all: HOLDERS,
            step: LIST_STEP,
        }
    }
}

fn seal_words(round: &RoundOverview, orders: &Orders, today: Day) -> SealWords {
    let opens = round.grace.plus_days(1).unwrap_or(round.grace).vietnamese();
    let nobody = "Chưa ai xem được nội dung, kể cả văn phòng và máy chủ.";
    match round.state {
        RoundState::Planned | RoundState::Announced => SealWords {
            heading: "Hòm phiếu còn trống",
            sentence: format!("Đợt mở ngày {}. Từ hôm ấy bà con bốc lá thăm và gửi phiếu.", round.opens.vietnamese()),
            order: None,
        },
        RoundState::Open | RoundState::Closed => {
            let is_time = round.state == RoundState::Closed && today > round.grace;
            let (from, ask) = if is_time {
                ("Mở hòm được từ ngày", "Khóa hòm và ghi tệp để mở")
            } else {
                ("Mở hòm sớm nhất ngày", "")
            };
            SealWords {
                heading: "Hòm phiếu còn niêm phong",
                sentence: format!("{nobody} {from} {opens}, cần {OPENERS} trong {HOLDERS} người giữ khóa."),
                order: is_time.then(|| (ask, orders.open_file(round.round))),
            }
        }
        RoundState::Counted | RoundState::Reported | RoundState::Purged if round.may_be_published => SealWords {
            heading: "Đã kiểm phiếu, chưa công bố",
            sentence: "Trước khi công bố, trang này không có con số nào của kết quả. Mỗi đợt chỉ công bố một lần."
                .to_owned(),
            order: Some(("Công bố kết quả", orders.publish(round.round))),
        },
        RoundState::Counted | RoundState::Reported | RoundState::Purged => SealWords {
            heading: "Đã kiểm phiếu, chờ kiểm lại",
            sentence: "Đợt về con người phải được một cặp khác kiểm lại trên máy khác trước khi công bố.".to_owned(),
            order: Some(("Nhận kết quả kiểm lại", orders.result())),
        },
    }
}

/// A box that is read while the round runs, and never counted.
fn feedback_words(round: &RoundOverview, orders: &Orders) -> SealWords {
    match round.state {
        RoundState::Planned | RoundState::Announced => SealWords {
            heading: "Hòm góp ý còn trống",
            sentence: format!("Đợt mở ngày {}. Từ hôm ấy bà con gửi góp ý.", round.opens.vietnamese()),
            order: None,
        },
        RoundState::Open | RoundState::Closed => SealWords {
            heading: "Hòm góp ý niêm phong từng phong bì",
            sentence:
                "Văn phòng và máy chủ không mở được. Góp ý được đưa ra đọc khi có thêm từ 20 phong bì, hoặc \
                       theo kỳ 5 ngày làm việc, trên máy đã tắt mạng. Góp ý về con người hay lãnh đạo thì chỉ hai trong ba người \
                       giữ khóa mở được."
                    .to_owned(),
            order: Some(("Ghi hòm cho người tiếp nhận", orders.feedback_box(round.round))),
        },
        RoundState::Counted | RoundState::Reported | RoundState::Purged => SealWords {
            heading: "Hòm góp ý đã tiêu huỷ",
            sentence: "Không còn phong bì nào trên máy chủ.".to_owned(),
            order: None,
        },
    }
}

fn feedback_figures(definition: &RoundDefinition, round: &RoundOverview) -> Vec<Figure> {
    let figure = |label: &str, number: String, share: Option<&str>| Figure {
        label: label.to_owned(),
        number,
        share: share.map(str::to_owned),
    };
    vec![
        figure("Người được góp ý", number(eligible(definition)), None),
        figure("Điện thoại đã niêm hòm", format!("{} / {}", round.sealed, round.phones), None),
        figure("Góp ý đã về, cả đợt", listed(round), Some("mỗi ngày một lần")),
    ]
}

fn listed(round: &RoundOverview) -> String {
    match round.listed_at_least {
        Some(listed) if listed > 0 => format!("từ {}", number(listed)),
        Some(_) | None => format!("chưa tới {LIST_STEP}"),
    }
}

fn figures(definition: &RoundDefinition, round: &RoundOverview) -> Vec<Figure> {
    let drawn: u32 = round.areas.iter().map(|area| area.drawn).sum();
    let eligible = eligible(definition);
    let figure = |label: &str, number: String, share: Option<String>| Figure { label: label.to_owned(), number, share };
    vec![
        figure("Người được trả lời", number(eligible), None),
        figure("Lá thăm đã phát", number(drawn), Some("đến hết hôm qua".to_owned())),
        figure("Điện thoại đã niêm hòm", format!("{} / {}", round.sealed, round.phones), None),
        figure("Phiếu đã về, cả đợt", listed(round), Some("mỗi ngày một lần".to_owned())),
    ]
}

fn slip_row(area: &Area, slips: &AreaOverview) -> SlipRow {
    of_slips(&area.name, area.eligible, (slips.printed, slips.drawn))
}

fn total_row(definition: &RoundDefinition, round: &RoundOverview) -> SlipRow {
    let sum = |of: fn(&AreaOverview) -> u32| round.areas.iter().map(of).sum();
    of_slips("Tất cả", eligible(definition), (sum(|area| area.printed), sum(|area| area.drawn)))
}

/// Slips beyond the number of people come from the reserve; the bar is full then.
fn of_slips(name: &str, eligible: u32, (printed, drawn): (u32, u32)) -> SlipRow {
    SlipRow {
        name: name.to_owned(),
        eligible: number(eligible),
        printed: number(printed),
        drawn: number(drawn),
        bar: share_bar(drawn.min(eligible), eligible),
        share: Ratio::of(drawn.into(), eligible.into()).map(percent).unwrap_or_default(),
    }
}

fn eligible(definition: &RoundDefinition) -> u32 {
    definition.areas.iter().map(|area| area.eligible).sum()
}
