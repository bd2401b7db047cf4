//! `langnghe feedback`: takes what was screened, shows what is due, and publishes sealed answers.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use model::feedback::replies::REPLY_CHARS_MAX;

use crate::command::{complain, say};
use crate::counter::ask;
use crate::desk::{Asked, Told};
use crate::failure::ServerFailed;
use crate::feedback::desk::{FeedbackAsked, FeedbackTold, ListedCase, ShownCase};
use crate::feedback::figures::{FigureRow, Figures};
use crate::feedback::{CaseState, words};
use crate::file_fault::{FileCause, at, fault};
use crate::order::{Outcome, explain};
use crate::round_orders::read;
use crate::settings::{Language, Settings};
use crate::words::quoted;

/// Characters of a case's id that orders show.
const SHORT_CHARS: usize = 8;

/// Bytes of a text file with an answer; far more than an answer has.
const ANSWER_BYTES_MAX: u64 = REPLY_CHARS_MAX as u64 * 16;

/// Writes what may be read of the box now.
pub fn write_box(settings: &Settings, round: &str, to: &Path) -> Result<Outcome, ServerFailed> {
    let asked = FeedbackAsked::Box { round: round.to_owned(), to: free_path(to)? };
    done(settings, asked, |_| {
        let file = quoted(to);
        vec![match settings.language {
            Language::Vi => format!(
                "Tệp {file} có những góp ý đã đến lượt đọc, còn niêm; hòm vẫn nhận tiếp. Góp ý mới vào tệp khi có thêm từ 20 phong bì, hoặc theo kỳ 5 ngày làm việc, để không ai thấy điều gì vừa đến. Hãy chép vào thẻ nhớ cho người tiếp nhận, hoặc hai người giữ khóa; đọc bằng langnghe-open trên máy đã tắt mạng."
            ),
            Language::En => format!(
                "The file {file} has the feedback whose turn it is, still sealed; the box goes on taking. What is new joins it once 20 more envelopes have come, or every 5 working days, so that nobody sees what came just now. Carry it to the intake, or to two holders, on a stick; they read it with langnghe-open on a machine without network."
            ),
        }]
    })
}

/// Takes a packet of screened texts.
pub fn take(settings: &Settings, file: &Path) -> Result<Outcome, ServerFailed> {
    let list = settings.order("feedback list");
    done(settings, FeedbackAsked::Take { bytes: read(file)? }, |told| {
        let FeedbackTold::Taken { new } = told else { return Vec::new() };
        vec![match (settings.language, new) {
            (Language::Vi, Some(new)) => format!("Đã nhận {new} góp ý mới. Xem: {list}"),
            (Language::En, Some(new)) => format!("{new} cases are new. See them with: {list}"),
            (Language::Vi, None) => "Gói này đã được nhận trước đây; không có gì thay đổi.".to_owned(),
            (Language::En, None) => "This packet was taken before; nothing was changed.".to_owned(),
        }]
    })
}

/// Shows every case by the day on which it is due.
pub fn list(settings: &Settings, round: Option<&str>) -> Result<Outcome, ServerFailed> {
    let take = settings.order(settings.pick("feedback take <tệp>", "feedback take <file>"));
    done(settings, FeedbackAsked::List { round: round.map(str::to_owned) }, |told| {
        let FeedbackTold::Cases(cases) = told else { return Vec::new() };
        if cases.is_empty() {
            return vec![match settings.language {
                Language::Vi => format!("Chưa có góp ý nào. Khi người tiếp nhận đã lọc một đợt góp ý: {take}"),
                Language::En => format!("There is no feedback yet. When the intake has screened a batch: {take}"),
            }];
        }
        cases.iter().flat_map(|case| [headed(settings, case), format!("  {}", case.paraphrase)]).collect()
    })
}

/// Shows one case with its text, for the office.
pub fn show(settings: &Settings, case: &str) -> Result<Outcome, ServerFailed> {
    done(settings, FeedbackAsked::Show { case: case.to_owned() }, |told| match told {
        FeedbackTold::Case(case) => shown(settings, case),
        _ => Vec::new(),
    })
}

/// Gives the paraphrase to a unit, and says what the unit reads.
pub fn route(settings: &Settings, case: &str, unit: &str) -> Result<Outcome, ServerFailed> {
    let asked = FeedbackAsked::Route { case: case.to_owned(), unit: unit.to_owned() };
    done(settings, asked, |told| {
        let FeedbackTold::Handled(case) = told else { return Vec::new() };
        let (unit, due) = (case.unit.as_deref().unwrap_or_default(), case.due.vietnamese());
        let (topic, paraphrase) = (case.topic.label(), &case.paraphrase);
        match settings.language {
            Language::Vi => vec![
                format!("Đã chuyển cho {unit}. Đơn vị đọc đúng những dòng sau, không đọc nguyên văn:"),
                format!("  {topic}: {paraphrase}"),
                format!("  Hạn trả lời: {due}."),
            ],
            Language::En => vec![
                format!("Routed to {unit}. The unit reads these lines and never the text:"),
                format!("  {topic}: {paraphrase}"),
                format!("  Due on {due}."),
            ],
        }
    })
}

/// Writes an answer down, once.
pub fn answer(settings: &Settings, case: &str, text: &str) -> Result<Outcome, ServerFailed> {
    let asked = FeedbackAsked::Answer { case: case.to_owned(), text: text.to_owned() };
    done(settings, asked, |told| {
        let FeedbackTold::Handled(case) = told else { return Vec::new() };
        vec![match (settings.language, case.awaits_reply) {
            (Language::Vi, true) => {
                "Đã ghi câu trả lời. Bà con đọc được khi tệp trả lời của tháng được công bố.".to_owned()
            }
            (Language::En, true) => {
                "The answer is written down. The resident can read it once the month's file is published.".to_owned()
            }
            (Language::Vi, false) => "Đã ghi câu trả lời. Người góp ý không chờ trả lời.".to_owned(),
            (Language::En, false) => "The answer is written down. Nobody waits for it.".to_owned(),
        }]
    })
}

/// Reads the file of an answer; one that is no text is refused.
pub fn text_of(path: &Path) -> Result<String, ServerFailed> {
    let mut bytes = Vec::new();
    File::open(path).map_err(at(path))?.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).map_err(at(path))?;
    let text = String::from_utf8(bytes).map_err(|_| fault(path, FileCause::NoText))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// Writes the sheet of answers that the intake seals.
pub fn write_answers(
    settings: &Settings,
    round: &str,
    (to, is_protected): (&Path, bool),
) -> Result<Outcome, ServerFailed> {
    let asked = FeedbackAsked::Answers { round: round.to_owned(), to: free_path(to)?, is_protected };
    done(settings, asked, |told| {
        let FeedbackTold::Answers { count } = told else { return Vec::new() };
        let file = quoted(to);
        vec![match settings.language {
            Language::Vi => format!(
                "Tệp {file} có {count} câu trả lời chưa công bố. Hãy đưa cho người tiếp nhận: chỉ họ niêm được từng câu dưới mã của người góp ý."
            ),
            Language::En => format!(
                "The file {file} has {count} answers that are not published. Give it to the intake: only they can seal each under its code."
            ),
        }]
    })
}

/// Publishes a file of sealed answers.
pub fn publish(settings: &Settings, file: &Path, round: &str) -> Result<Outcome, ServerFailed> {
    let asked = FeedbackAsked::Publish { round: round.to_owned(), bytes: read(file)? };
    done(settings, asked, |_| {
        let sentence = settings.pick(
            "Đã công bố tệp trả lời. Ai có mã thì xem ở trang /replies của máy chủ này, hoặc trong ứng dụng.",
            "The answers are published. Who has a code reads at the page /replies of this server, or in the app.",
        );
        vec![sentence.to_owned()]
    })
}

/// Shows how feedback was handled.
pub fn figures(settings: &Settings, round: &str) -> Result<Outcome, ServerFailed> {
    done(settings, FeedbackAsked::Figures { round: round.to_owned() }, |told| match told {
        FeedbackTold::Figures(figures) => counted(settings, figures),
        _ => Vec::new(),
    })
}

fn done(
    settings: &Settings,
    asked: FeedbackAsked,
    sentences: impl FnOnce(&FeedbackTold) -> Vec<String>,
) -> Result<Outcome, ServerFailed> {
    match ask(settings, &Asked::Feedback(asked))? {
        Told::Feedback(FeedbackTold::Refused(refused)) => {
            complain(settings.pick(&refused.vi, &refused.en));
            Ok(Outcome::NotDone)
        }
        Told::Feedback(told) => {
            sentences(&told).iter().for_each(|line| say(line));
            Ok(Outcome::Done)
        }
        told => explain(settings, told),
    }
}

/// The whole path of a file that is not there yet.
fn free_path(to: &Path) -> Result<String, ServerFailed> {
    let whole = std::path::absolute(to).map_err(at(to))?;
    if whole.exists() {
        return Err(fault(to, FileCause::Exists));
    }
    whole.to_str().map(str::to_owned).ok_or_else(|| fault(to, FileCause::Missing))
}

/// One case in a line: id, when it is due, how far it is, who has it.
fn headed(settings: &Settings, case: &ListedCase) -> String {
    let short = &case.case.to_string()[..SHORT_CHARS];
    let (topic, state) = (case.topic.label(), words::state(case.state, settings.language));
    let unit = case.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
    format!("{short}  {topic}: {state}{unit}; {}.", when(settings, case))
}

fn when(settings: &Settings, case: &ListedCase) -> String {
    let (due, days) = (case.due.vietnamese(), case.days_left.unsigned_abs());
    let is_open = matches!(case.state, CaseState::Received | CaseState::Routed);
    match (settings.language, case.answered) {
        (Language::Vi, Some(day)) => format!("hạn {due}, trả lời ngày {}", day.vietnamese()),
        (Language::En, Some(day)) => format!("due {due}, answered {}", day.vietnamese()),
        (Language::Vi, None) if is_open && case.days_left < 0 => format!("hạn {due}, quá hạn {days} ngày làm việc"),
        (Language::En, None) if is_open && case.days_left < 0 => format!("due {due}, overdue by {days} working days"),
        (Language::Vi, None) => format!("hạn {due}, còn {days} ngày làm việc"),
        (Language::En, None) => format!("due {due}, {days} working days left"),
    }
}

fn shown(settings: &Settings, case: &ShownCase) -> Vec<String> {
    let awaited = match (settings.language, case.listed.awaits_reply) {
        (Language::Vi, true) => "Người góp ý chờ trả lời.",
        (Language::Vi, false) => "Người góp ý không chờ trả lời.",
        (Language::En, true) => "Somebody waits for an answer.",
        (Language::En, false) => "Nobody waits for an answer.",
    };
    let (about, area) = (&case.about, case.area.as_deref().unwrap_or("–"));
    let (round, day) = (&case.round, case.day.vietnamese());
    let mut lines = vec![headed(settings, &case.listed)];
    lines.extend(match settings.language {
        Language::Vi => [
            format!("  Đợt «{round}», nhận ngày {day}. Về: {about}. Khu vực: {area}. {awaited}"),
            "  Nội dung đã lọc, chỉ văn phòng đọc:".to_owned(),
        ],
        Language::En => [
            format!("  Round \"{round}\", batch of {day}. About: {about}. Area: {area}. {awaited}"),
            "  The screened text, for the office alone:".to_owned(),
        ],
    });
    let erased = settings.pick("(đã huỷ cùng hòm của đợt)", "(destroyed with the round's box)");
    let text = if case.text.is_empty() { erased } else { &case.text };
    lines.extend(text.lines().map(|line| format!("    {line}")));
    lines.push(format!("{}{}", settings.pick("  Đơn vị chỉ đọc: ", "  A unit reads only: "), case.listed.paraphrase));
    if let Some(answer) = &case.answer {
        lines.push(settings.pick("  Trả lời:", "  Answer:").to_owned());
        lines.extend(answer.lines().map(|line| format!("    {line}")));
    }
    lines
}

fn counted(settings: &Settings, figures: &Figures) -> Vec<String> {
    let few = settings.pick("ít quá nên không nói số", "too few to say");
    let counter = |count: Option<u32>| count.map_or_else(|| few.to_owned(), |count| count.to_string());
    let (denounced, out_of_scope) = (counter(figures.denounced), counter(figures.out_of_scope));
    let mut lines = Vec::new();
    match &figures.tables {
        None => lines.push(
            settings.pick("Chưa đủ 5 góp ý để nói con số nào.", "Fewer than 5 cases: no figures yet.").to_owned(),
        ),
        Some(tables) => {
            lines.push(line_of(settings, settings.pick("Tất cả", "All"), &tables.total));
            let together = settings.pick("Các chủ đề khác", "Other topics");
            lines.push(settings.pick("Theo chủ đề:", "By topic:").to_owned());
            lines.extend(tables.by_topic.iter().map(|row| format!("  {}", line_of(settings, together, row))));
            let together = settings.pick("Đơn vị khác, hoặc chưa chuyển", "Other units, or not routed");
            lines.push(settings.pick("Theo đơn vị:", "By unit:").to_owned());
            lines.extend(tables.by_unit.iter().map(|row| format!("  {}", line_of(settings, together, row))));
        }
    }
    lines.push(match settings.language {
        Language::Vi => {
            format!("Tố cáo, khiếu nại đã hướng dẫn gửi nơi khác: {denounced}. Ngoài thẩm quyền: {out_of_scope}.")
        }
        Language::En => {
            format!("Denunciations and complaints sent elsewhere: {denounced}. Out of scope: {out_of_scope}.")
        }
    });
    lines
}

fn line_of(settings: &Settings, unnamed: &str, row: &FigureRow) -> String {
    let (name, received) = (row.name.as_deref().unwrap_or(unnamed), row.received);
    let Some(handling) = row.handling else {
        return match settings.language {
            Language::Vi => format!("{name}: nhận {received}; kết quả xử lý ẩn vì có ô dưới 5."),
            Language::En => format!("{name}: {received} received; handling is hidden, a cell has fewer than 5."),
        };
    };
    let (answered, on_time) = (handling.answered, handling.on_time);
    let line = match settings.language {
        Language::Vi => format!("{name}: nhận {received}, trả lời {answered}, đúng hạn {on_time}"),
        Language::En => format!("{name}: {received} received, {answered} answered, {on_time} on time"),
    };
    match (settings.language, handling.median_days) {
        (_, None) => format!("{line}."),
        (Language::Vi, Some(days)) => format!("{line}, trung vị {days} ngày làm việc."),
        (Language::En, Some(days)) => format!("{line}, median {days} working days."),
    }
}
