//! What the readers see at each step.

use model::feedback::batch::BATCH_LEAST;
use model::feedback::case::PARAPHRASE_CHARS_MAX;
use model::feedback::{CONTENT_CHARS_MAX, Feedback};
use model::round::RoundDefinition;

use super::{Decision, FeedbackStage, Table};
use crate::frozen::FrozenBox;
use crate::page::places;
use crate::page::screen::{Check, Choice, Field, Kind, Row, Screen, Turn};
use crate::page::stage::{people, where_to_look};
use crate::share::HolderKeys;

/// The ending of an intake's key.
pub(super) const INTAKE_ENDING: &str = "lni";

const STEPS: &[&str] = &["Chọn hòm góp ý", "Mở khóa", "Đọc, sàng lọc", "Ghi, cất sổ"];

pub(super) fn of(stage: &FeedbackStage) -> Screen {
    match stage {
        FeedbackStage::Input => input(),
        FeedbackStage::Key(so_far, unlocked) => key(so_far, unlocked),
        FeedbackStage::Intake(so_far, _) => intake(&so_far.input.round.definition),
        FeedbackStage::Holder(so_far, _, share) => {
            holder(&so_far.input.round.definition, usize::from(share.holder()) - 1)
        }
        FeedbackStage::Folder(so_far, _) => folder(&so_far.input.round.definition),
        FeedbackStage::Task(table) => task(table),
        FeedbackStage::Texts(_, reading, decided, draft) => {
            let (index, whole) = (decided.len(), reading.texts().len());
            text((reading.round(), &reading.texts()[index]), (index, whole), draft.as_ref())
        }
        FeedbackStage::Sign(_, reading, decided) => sign(reading.round(), decided),
        FeedbackStage::Answers(table) => answers(table.round()),
        FeedbackStage::Done(round, files) => done(round, files),
    }
}

fn of_round(round: &RoundDefinition, now: usize, title: impl Into<String>) -> Screen {
    Screen {
        steps: STEPS,
        now,
        round: Some(round.title.clone()),
        title: title.into(),
        has_back: true,
        ..Screen::default()
    }
}

fn choice(value: &str, name: &str, place: &str) -> Choice {
    Choice { value: value.to_owned(), name: name.to_owned(), place: place.to_owned() }
}

fn input() -> Screen {
    let choices = places::files("lnhp");
    Screen {
        steps: STEPS,
        title: "Chọn tệp hòm góp ý do máy chủ ghi ra".to_owned(),
        notes: vec![where_to_look(&choices, "lnhp")],
        choices,
        go: Some("XEM TỆP".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn key(so_far: &FrozenBox, unlocked: &[HolderKeys]) -> Screen {
    let round = &so_far.input.round.definition;
    let shares = places::files("lnk");
    let (title, choices) = match unlocked {
        [] => {
            let both = places::files(INTAKE_ENDING).into_iter().chain(shares).collect();
            ("Ai đọc? Chọn khóa của người tiếp nhận, hoặc phần khóa của một người giữ khóa", both)
        }
        _ => ("Người thứ hai: chọn tệp phần khóa của mình", shares),
    };
    let turn = |holder| match unlocked.iter().any(|keys| keys.halves.holder() == holder) {
        true => Turn::Done("Đã mở khóa của mình"),
        false => Turn::Later("Chỉ cần khi đọc góp ý được bảo vệ"),
    };
    let missing = (so_far.missing > 0)
        .then(|| Check {
            text: "Mọi phong bì mà máy chủ đã nhận đều có trong tệp".to_owned(), is_right: false
        });
    Screen {
        people: people(round, turn),
        checks: missing.into_iter().collect(),
        notes: vec![
            "tiep-nhan.lni đọc góp ý về dịch vụ và đường phố; hai phần khóa đọc phần còn lại.".to_owned(),
            where_to_look(&choices, INTAKE_ENDING),
        ],
        choices,
        go: Some("TIẾP".to_owned()),
        ..of_round(round, 1, title)
    }
}

fn intake(round: &RoundDefinition) -> Screen {
    let officers = round.intake.as_ref().map(|intake| intake.officers.join(", ")).unwrap_or_default();
    Screen {
        fields: vec![Field::new("Câu khóa", "passphrase", Kind::Hidden)],
        notes: vec!["Sai thì viết lại, thử bao nhiêu lần cũng được. Chú ý dấu và chữ hoa.".to_owned()],
        go: Some("MỞ KHÓA".to_owned()),
        ..of_round(round, 1, format!("Mời người tiếp nhận ({officers}) viết câu khóa"))
    }
}

fn holder(round: &RoundDefinition, holder: usize) -> Screen {
    let turn =
        |other| if other == holder { Turn::Now("Đang viết câu khóa") } else { Turn::Absent("Xin quay đi") };
    Screen {
        people: people(round, turn),
        fields: vec![Field::new("Câu khóa", "passphrase", Kind::Hidden)],
        notes: vec!["Sai thì viết lại, thử bao nhiêu lần cũng được. Chú ý dấu và chữ hoa.".to_owned()],
        go: Some("MỞ KHÓA".to_owned()),
        ..of_round(round, 1, format!("Mời {} viết câu khóa", round.holders[holder].name))
    }
}

fn folder(round: &RoundDefinition) -> Screen {
    Screen {
        choices: places::folders(),
        notes: vec![
            "Lần nào cũng chọn đúng một thư mục, trên thẻ nhớ của mình: sổ ở đó nhớ tờ nào đã đọc và mã nào đang đợi trả lời.".to_owned(),
            "Sổ có khóa; ai nhặt được cũng không đọc được.".to_owned(),
        ],
        go: Some("MỞ SỔ".to_owned()),
        ..of_round(round, 1, "Chọn thư mục của sổ tiếp nhận")
    }
}

fn task(table: &Table) -> Screen {
    let again = table
        .written
        .iter()
        .map(|path| format!("Lần trước bị ngắt: đã ghi lại {path}. Hãy gửi tệp này cho văn phòng."));
    Screen {
        choices: match table.known {
            Some(_) => vec![
                choice("read", "Đọc góp ý mới", "Từng đợt năm tờ trở lên, theo thứ tự ngẫu nhiên"),
                choice("answers", "Niêm phong câu trả lời", "Mỗi tháng một lần, từ tệp .lna của văn phòng"),
            ],
            None => vec![choice("read", "Đọc góp ý mới", "Lần đầu tiên của đợt: lập sổ mới trong thư mục này")],
        },
        notes: again
            .chain(table.known.is_none().then(|| {
                "Thư mục này chưa có sổ. Nếu đã đọc đợt này ở thư mục khác thì QUAY LẠI và chọn đúng thư mục ấy."
                    .to_owned()
            }))
            .chain([format!(
                "Chưa đủ {BATCH_LEAST} tờ mới thì đợi năm ngày làm việc: đọc từng tờ một thì dễ đoán ra ai viết."
            )])
            .collect(),
        go: Some("TIẾP".to_owned()),
        ..of_round(table.round(), 1, "Làm việc gì?")
    }
}

fn text(
    (round, said): (&RoundDefinition, &Feedback),
    (index, whole): (usize, usize),
    draft: Option<&Decision>,
) -> Screen {
    let (screened, paraphrase) = match draft {
        Some(Decision::Case { text, paraphrase, .. }) => (text.as_str(), paraphrase.as_str()),
        Some(Decision::Denounced | Decision::OutOfScope) | None => ("", ""),
    };
    let proposal = (!said.proposal.is_empty()).then(|| format!("Đề xuất: {}", said.proposal.as_str()));
    let area = said.area.and_then(|number| round.areas.iter().find(|area| area.number == number));
    let reply = if said.reply.is_some() {
        "Người viết đợi trả lời bằng mã."
    } else {
        "Không đợi trả lời."
    };
    Screen {
        texts: [said.content.to_string()].into_iter().chain(proposal).collect(),
        fields: vec![
            Field::prose("Lời đã sàng lọc", "text", (screened, CONTENT_CHARS_MAX), 5),
            Field::prose(
                "Tóm ý cho đơn vị được nói tới, một dòng",
                "paraphrase",
                (paraphrase, PARAPHRASE_CHARS_MAX),
                2,
            ),
        ],
        choices: vec![
            choice("case", "Chuyển xử lý", "Với lời đã sàng lọc ở trên"),
            choice("denounced", "Tố cáo hoặc khiếu nại", "Không giữ lại chữ nào, chỉ đếm; mã của họ sẽ chỉ nơi gửi"),
            choice("out_of_scope", "Ngoài thẩm quyền, không rõ", "Không chuyển; mã của họ sẽ nói vậy"),
        ],
        notes: [
            vec![format!("{}. Về: {}.", said.topic.label(), said.about.label())],
            area.map(|area| format!("Khu vực: {}.", area.name)).into_iter().collect(),
            vec![
                reply.to_owned(),
                "Bỏ tên người, số nhà, số điện thoại, chuyện chỉ một nhà có, lối nói riêng.".to_owned(),
                "Tóm ý là điều đơn vị đọc được; đơn vị không bao giờ đọc lời người dân.".to_owned(),
            ],
        ]
        .concat(),
        go: Some("TIẾP".to_owned()),
        has_back: index > 0,
        ..of_round(round, 2, format!("Góp ý {} trong {whole}", index + 1))
    }
}

fn sign(round: &RoundDefinition, decided: &[Decision]) -> Screen {
    let count = |is_wanted: fn(&Decision) -> bool| decided.iter().filter(|decision| is_wanted(decision)).count() as u32;
    Screen {
        rows: vec![
            Row::whole("Góp ý đã đọc", decided.len() as u32),
            Row::part("Chuyển xử lý", count(|decision| matches!(decision, Decision::Case { .. }))),
            Row::part("Tố cáo, khiếu nại: chỉ đếm", count(|decision| *decision == Decision::Denounced)),
            Row::part("Ngoài thẩm quyền, không rõ", count(|decision| *decision == Decision::OutOfScope)),
        ],
        notes: vec![
            "Ký rồi thì lời gốc mất hẳn, chỉ còn lời đã sàng lọc trong gói gửi văn phòng.".to_owned(),
            "Mã đợi trả lời nằm trong sổ có khóa, không nằm trong gói.".to_owned(),
        ],
        go: Some("KÝ VÀ GHI".to_owned()),
        ..of_round(round, 3, "Đã đọc hết. Ký gói góp ý?")
    }
}

fn answers(round: &RoundDefinition) -> Screen {
    let choices = places::files("lna");
    Screen {
        notes: vec![
            "Mỗi câu trả lời được niêm phong theo mã của người hỏi; mã đã trả lời thì hết dùng.".to_owned(),
            where_to_look(&choices, "lna"),
        ],
        choices,
        go: Some("NIÊM PHONG VÀ GHI".to_owned()),
        ..of_round(round, 2, "Chọn tệp câu trả lời của văn phòng")
    }
}

fn done(round: &RoundDefinition, files: &[String]) -> Screen {
    let mut notes: Vec<String> =
        files.iter().map(|path| format!("Đã ghi {path}. Gửi tệp này cho văn phòng.")).collect();
    notes.push("Sổ tiếp nhận đã ghi xong; rút thẻ nhớ, cất nơi chỉ mình biết.".to_owned());
    Screen { notes, is_last: true, has_back: false, ..of_round(round, 3, "Xong") }
}
