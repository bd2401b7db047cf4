//! `langnghe round`: announces what a ceremony made, shows how far rounds are, and takes what the holders bring back.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::command::{complain, say};
use crate::consent::{Consent, question};
use crate::counter::ask;
use crate::desk::{Asked, Told};
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::limits::COMMAND_BYTES_MAX;
use crate::order::{Outcome, explain};
use crate::rounds::desk::{RoundAsked, RoundTold};
use crate::rounds::overview::RoundOverview;
use crate::rounds::words;
use crate::settings::{Language, Settings};
use crate::words::quoted;

/// Bytes of a file that travels in an order; the rest of the order needs less than what is left.
const FILE_BYTES_MAX: u64 = COMMAND_BYTES_MAX as u64 - 64 * 1024;

/// Announces the file of a ceremony.
pub fn announce(settings: &Settings, file: &Path, operators: &[String]) -> Result<Outcome, ServerFailed> {
    let asked = RoundAsked::Announce { bytes: read(file)?, operators: operators.to_vec() };
    done(settings, asked, |round| {
        let (title, opens) = (&round.title, round.opens.vietnamese());
        match settings.language {
            Language::Vi => format!(
                "Đã công bố đợt «{title}», mở ngày {opens}. Điện thoại nhận đợt này ở lần đồng bộ tới; từ giờ không gì trong thể lệ đổi được nữa."
            ),
            Language::En => format!(
                "The round \"{title}\" is announced and opens on {opens}. Phones get it when they next synchronise; from now on nothing of it changes."
            ),
        }
    })
}

/// Shows every round.
pub fn list(settings: &Settings) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::Round(RoundAsked::List))?;
    let Told::Round(RoundTold::Rounds(rounds)) = told else { return explain(settings, told) };
    if rounds.is_empty() {
        let announce = settings.order(settings.pick(
            "round announce --file <tệp> --operator <người vận hành máy chủ>",
            "round announce --file <file> --operator <who runs the server>",
        ));
        say(&match settings.language {
            Language::Vi => format!(
                "Chưa có đợt lấy ý kiến nào. Ba người giữ khóa làm lễ tạo khóa bằng langnghe-open, rồi: {announce}"
            ),
            Language::En => format!(
                "There is no round of opinion yet. Three holders hold the ceremony with langnghe-open, then: {announce}"
            ),
        });
    }
    for round in &rounds {
        described(settings, round).iter().for_each(|line| say(line));
    }
    Ok(Outcome::Done)
}

/// Writes down a seal that was read over the telephone.
pub fn note_seal(settings: &Settings, round: &str, seal: &str) -> Result<Outcome, ServerFailed> {
    let asked = RoundAsked::Seal { round: round.to_owned(), seal: seal.to_owned() };
    done(settings, asked, |_| {
        settings
            .pick(
                "Đã ghi dấu niêm. Hòm ấy được nhận cả khi đến muộn, cho đến hết ngày nhận muộn của đợt.",
                "The seal is noted. That box is taken although it is late, until the round's grace date is over.",
            )
            .to_owned()
    })
}

/// Freezes a box and writes the file for its opening.
pub fn write_opening(settings: &Settings, round: &str, to: &Path, consent: Consent) -> Result<Outcome, ServerFailed> {
    let whole = std::path::absolute(to).map_err(at(to))?;
    let Some(path) = whole.to_str().map(str::to_owned) else { return Err(fault(to, FileCause::Missing)) };
    if whole.exists() {
        return Err(fault(to, FileCause::Exists));
    }
    let ask_first = || {
        question(
            settings,
            settings.pick(
                "Khoá hòm phiếu lại để mở? Từ đó không phiếu nào được nhận thêm nữa.",
                "Freeze the box for its opening? From then on no ballot is taken any more.",
            ),
        );
    };
    if !consent.is_had(settings, ask_first) {
        return Ok(Outcome::NotDone);
    }
    done(settings, RoundAsked::OpeningFile { round: round.to_owned(), to: path }, |_| {
        let file = quoted(to);
        match settings.language {
            Language::Vi => format!(
                "Hòm phiếu đã khóa và nằm trong tệp {file}. Hãy chép vào thẻ nhớ cho hai người giữ khóa; mở bằng langnghe-open trên máy đã tắt mạng."
            ),
            Language::En => format!(
                "The box is frozen and lies in the file {file}. Carry it to two holders on a stick; they open it with langnghe-open on a machine without network."
            ),
        }
    })
}

/// Takes the result of an opening, or of the recount.
pub fn take_outcome(settings: &Settings, file: &Path) -> Result<Outcome, ServerFailed> {
    done(settings, RoundAsked::Outcome { bytes: read(file)? }, |round| {
        let publish = settings.order(&format!("round publish --round {}", round.round));
        match (settings.language, round.may_be_published) {
            (Language::Vi, true) => format!("Đã nhận kết quả của đợt «{}». Để công bố: {publish}", round.title),
            (Language::En, true) => format!("The result of \"{}\" is taken. To publish it: {publish}", round.title),
            (Language::Vi, false) => format!(
                "Đã nhận kết quả của đợt «{}». Đợt về con người phải được một cặp khác kiểm lại trên máy khác, rồi nhận kết quả của họ nữa.",
                round.title
            ),
            (Language::En, false) => format!(
                "The result of \"{}\" is taken. A round about people is counted again by another pair on another machine; take their result, too.",
                round.title
            ),
        }
    })
}

/// Publishes a result, once.
pub fn publish(settings: &Settings, round: &str, consent: Consent) -> Result<Outcome, ServerFailed> {
    let ask_first = || {
        question(
            settings,
            settings.pick(
                "Công bố kết quả? Mỗi đợt chỉ công bố một lần, không rút lại được.",
                "Publish the result? That happens once and cannot be taken back.",
            ),
        );
    };
    if !consent.is_had(settings, ask_first) {
        return Ok(Outcome::NotDone);
    }
    done(settings, RoundAsked::Publish { round: round.to_owned() }, |round| match settings.language {
        Language::Vi => format!("Đã công bố kết quả của đợt «{}».", round.title),
        Language::En => format!("The result of \"{}\" is published.", round.title),
    })
}

/// Notes that somebody objects to a result.
pub fn object(settings: &Settings, round: &str) -> Result<Outcome, ServerFailed> {
    done(settings, RoundAsked::Object { round: round.to_owned() }, |_| {
        settings
            .pick(
                "Đã ghi khiếu nại. Hòm phiếu, bản sao và phần khóa được giữ lâu nhất 12 tháng sau khi công bố.",
                "The objection is noted. Box, copies and shares are kept for at most 12 months after the result was published.",
            )
            .to_owned()
    })
}

/// Destroys the ballots of a round, and says what the holders have to destroy themselves.
pub fn destroy(settings: &Settings, round: &str, consent: Consent) -> Result<Outcome, ServerFailed> {
    let ask_first = || {
        question(
            settings,
            settings.pick(
                "Tiêu huỷ hòm phiếu, các bản sao và khóa của hòm? Không gì lấy lại được; kết quả đã công bố vẫn còn.",
                "Destroy the box, its copies and its key? Nothing brings them back; the published result stays.",
            ),
        );
    };
    if !consent.is_had(settings, ask_first) {
        return Ok(Outcome::NotDone);
    }
    done(settings, RoundAsked::Destroy { round: round.to_owned() }, |round| match settings.language {
        Language::Vi => format!(
            "Đã tiêu huỷ hòm phiếu, bản sao và khóa của đợt «{}» trên máy chủ; hãy ghi vào biên bản. Ba người giữ khóa còn phải xoá phần khóa của mình, thẻ nhớ, tệp hòm phiếu đã chép và đốt cuống phiếu.",
            round.title
        ),
        Language::En => format!(
            "Box, copies and key of \"{}\" are destroyed on the server; write it into the minutes. The three holders still delete their shares, the sticks and every file of the box, and burn the stubs.",
            round.title
        ),
    })
}

fn done(
    settings: &Settings,
    asked: RoundAsked,
    sentence: impl FnOnce(&RoundOverview) -> String,
) -> Result<Outcome, ServerFailed> {
    match ask(settings, &Asked::Round(asked))? {
        Told::Round(RoundTold::Done(round)) => {
            say(&sentence(&round));
            Ok(Outcome::Done)
        }
        Told::Round(RoundTold::Refused(refused)) => {
            complain(settings.pick(&refused.vi, &refused.en));
            Ok(Outcome::NotDone)
        }
        told => explain(settings, told),
    }
}

fn described(settings: &Settings, round: &RoundOverview) -> Vec<String> {
    let state = words::state(round.state, settings.language);
    let [opens, closes, grace] = [round.opens, round.closes, round.grace].map(|day| day.vietnamese());
    let RoundOverview { title, round: id, phones, sealed, counts, .. } = round;
    let short = &id.to_string()[..8];
    if round.takes_feedback {
        return of_feedback(settings, round);
    }
    let mut lines = match settings.language {
        Language::Vi => vec![
            format!("«{title}» ({short}): {state}; mở {opens}, đóng {closes}, nhận hòm muộn đến {grace}."),
            format!("  Điện thoại đã niêm hòm: {sealed} trong {phones}. Kết quả đã nhận: {counts}."),
        ],
        Language::En => vec![
            format!("\"{title}\" ({short}): {state}; opens {opens}, closes {closes}, late boxes until {grace}."),
            format!("  Phones that sealed their box: {sealed} of {phones}. Counts taken: {counts}."),
        ],
    };
    if round.is_purge_due {
        let destroy = settings.order(&format!("round destroy --round {short}"));
        lines.push(match settings.language {
            Language::Vi => format!("  Đến hạn tiêu huỷ phiếu: {destroy}"),
            Language::En => format!("  Its ballots are due to be destroyed: {destroy}"),
        });
    }
    lines.extend(round.areas.iter().map(|area| match settings.language {
        Language::Vi => {
            format!("  {}: in {} lá thăm, đến hết hôm qua đã phát {}.", area.name, area.printed, area.drawn)
        }
        Language::En => {
            format!("  {}: {} slips printed, {} drawn until yesterday.", area.name, area.printed, area.drawn)
        }
    }));
    lines.push(in_box(settings, round.listed_at_least, ("Phiếu", "Ballots")));
    lines
}

/// A round without slips and without a count.
fn of_feedback(settings: &Settings, round: &RoundOverview) -> Vec<String> {
    let state = words::state(round.state, settings.language);
    let [opens, closes, grace] = [round.opens, round.closes, round.grace].map(|day| day.vietnamese());
    let RoundOverview { title, round: id, phones, sealed, .. } = round;
    let short = &id.to_string()[..8];
    let list = settings.order(&format!("feedback list --round {short}"));
    let mut lines = match settings.language {
        Language::Vi => vec![
            format!("«{title}» ({short}), nhận góp ý: {state}; mở {opens}, đóng {closes}, nhận hòm muộn đến {grace}."),
            format!("  Điện thoại đã niêm hòm: {sealed} trong {phones}. Góp ý đã lọc: {list}"),
        ],
        Language::En => vec![
            format!(
                "\"{title}\" ({short}), takes feedback: {state}; opens {opens}, closes {closes}, late boxes until {grace}."
            ),
            format!("  Phones that sealed their box: {sealed} of {phones}. What was screened: {list}"),
        ],
    };
    lines.push(in_box(settings, round.listed_at_least, ("Góp ý", "Envelopes")));
    lines
}

fn in_box(settings: &Settings, listed: Option<u32>, (vi, en): (&str, &str)) -> String {
    let noun = vi.to_lowercase();
    match (settings.language, listed) {
        (Language::Vi, Some(listed)) => {
            format!("  {vi} trong hòm: ít nhất {listed} (mỗi ngày cập nhật một lần, theo từng 20 {noun}).")
        }
        (Language::En, Some(listed)) => format!("  {en} in the box: at least {listed} (once a day, in steps of 20)."),
        (Language::Vi, None) => {
            format!("  {vi} trong hòm: chưa đủ để nói (mỗi ngày cập nhật một lần, theo từng 20 {noun}).")
        }
        (Language::En, None) => format!("  {en} in the box: too few to say (once a day, in steps of 20)."),
    }
}

/// A file that travels in an order.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ServerFailed> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(at(path))?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(at(path))?;
    // No file of a ceremony or an opening is so large.
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(fault(path, FileCause::Damaged));
    }
    Ok(bytes)
}
