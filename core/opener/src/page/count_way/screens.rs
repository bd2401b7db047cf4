//! What the people see while they open and count. No screen shows a row, a code, an exact count or the size of a hidden
//! area.

use std::sync::atomic::Ordering;

use model::round::{About, RoundDefinition};
use model::tally::{CountBlocked, EnvelopeKinds};

use super::{CountStage, Finished, Turned, preview};
use crate::count::Count;
use crate::folder::{OUTCOME_FILE, Turn as Pair};
use crate::frozen::FrozenBox;
use crate::page::places;
use crate::page::screen::{Check, Field, Kind, Row, Screen, Turn, number};
use crate::page::stage::{people, where_to_look};
use crate::share::HolderKeys;
use crate::words;

const STEPS: &[&str] = &["Xem lại tệp", "Hai người mở khóa", "Đếm phiếu", "Công bố, ký"];

/// The screen of a stage.
pub(super) fn of(stage: &CountStage) -> Screen {
    match stage {
        CountStage::Input(turn) => input(*turn),
        CountStage::Checked(_, frozen) => checked(frozen),
        CountStage::First(frozen) => first(&frozen.input.round.definition),
        CountStage::Share(_, frozen, unlocked) => share(frozen, unlocked),
        CountStage::Passphrase(_, frozen, unlocked, share) => {
            passphrase(&frozen.input.round.definition, unlocked, usize::from(share.holder()) - 1)
        }
        CountStage::Folder(_, opening) => folder(opening.round()),
        CountStage::Counting(_, _, work) => {
            let done = work.done.load(Ordering::Relaxed);
            Screen { progress: Some((done, work.whole)), ..counting(&work.round) }
        }
        CountStage::Counted(pass, _, count) => counted(pass.turn(), count),
        CountStage::Paper(_, _, count, _) => paper(count.round()),
        CountStage::Differs(turned) => differs(turned),
        CountStage::Screeners(turned, named) => screener(turned, named.len()),
        CountStage::Sign(turned, screeners) => sign(turned, screeners.is_some()),
        CountStage::Done(finished) => done(finished),
    }
}

fn of_round(round: &RoundDefinition, now: usize, title: impl Into<String>) -> Screen {
    Screen { steps: STEPS, now, round: Some(round.title.clone()), title: title.into(), ..Screen::default() }
}

fn input(turn: Pair) -> Screen {
    let choices = places::files("lnhp");
    let title = match turn {
        Pair::First => "Chọn tệp hòm phiếu do máy chủ ghi ra",
        Pair::Recount => "Đếm lại: chọn cùng tệp hòm phiếu như lần đầu",
    };
    Screen {
        steps: STEPS,
        title: title.to_owned(),
        notes: vec![where_to_look(&choices, "lnhp"), "Tệp lớn thì xem lại mất vài phút.".to_owned()],
        choices,
        go: Some("XEM LẠI TỆP".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn checked(frozen: &FrozenBox) -> Screen {
    let input = &frozen.input;
    let round = &input.round.definition;
    let right = |text: String| Check { text, is_right: true };
    let missing = CountBlocked::ListedMissing { missing: frozen.missing };
    let checks = vec![
        right("Thể lệ đợt có đủ ba chữ ký".to_owned()),
        right(format!("Hòm phiếu còn nguyên niêm phong: {} phong bì", number(input.envelopes))),
        right(format!("Danh sách máy chủ đã ký nhận liền mạch: {} ngày", input.lists.len())),
        match frozen.missing {
            0 => right("Đủ mọi phong bì máy chủ đã ký nhận".to_owned()),
            _ => Check { text: words::of_blocked(missing), is_right: false },
        },
        right("Đã qua ngày nhận muộn, chưa công bố kết quả nào của đợt này".to_owned()),
    ];
    let (title, notes, go, other) = match frozen.missing {
        0 => ("Năm điều đã xem, năm điều đúng", Vec::new(), "TIẾP, MỞ KHÓA", None),
        _ => (
            "Dừng lại: một điều không đúng",
            vec![
                "Chưa mở phiếu nào. Có thể tệp này chép sớm quá: hãy xin văn phòng tệp mới hơn, rồi chọn lại."
                    .to_owned(),
                "Vẫn thiếu sau khi đổi tệp thì đếm tiếp được, phải ghi lý do, hai người cùng ký; lý do in trong biên bản."
                    .to_owned(),
            ],
            "CHỌN TỆP KHÁC",
            Some(("anyway", "GHI LÝ DO, ĐẾM TIẾP")),
        ),
    };
    Screen { checks, notes, other, go: Some(go.to_owned()), has_back: true, ..of_round(round, 0, title) }
}

fn first(round: &RoundDefinition) -> Screen {
    let choices = places::files("lnx");
    Screen {
        notes: vec![
            format!("Tệp của cặp đếm lần đầu tên là {OUTCOME_FILE}; máy chưa hiện gì trong tệp."),
            where_to_look(&choices, "lnx"),
        ],
        choices,
        go: Some("TIẾP, MỞ KHÓA".to_owned()),
        has_back: true,
        ..of_round(round, 0, "Chọn kết quả của cặp đếm lần đầu, đếm xong máy so")
    }
}

fn share(frozen: &FrozenBox, unlocked: &[HolderKeys]) -> Screen {
    let round = &frozen.input.round.definition;
    let choices = places::files("lnk");
    let title = match unlocked {
        [] => "Người thứ nhất: chọn tệp phần khóa của mình",
        _ => "Người thứ hai: chọn tệp phần khóa của mình",
    };
    let turn = |holder| match is_unlocked(unlocked, holder) {
        true => Turn::Done("Đã mở khóa của mình"),
        false => Turn::Later("Cần hai trong ba người"),
    };
    Screen {
        people: people(round, turn),
        notes: vec![where_to_look(&choices, "lnk")],
        choices,
        go: Some("TIẾP".to_owned()),
        has_back: true,
        ..of_round(round, 1, title)
    }
}

fn is_unlocked(unlocked: &[HolderKeys], holder: usize) -> bool {
    unlocked.iter().any(|keys| keys.halves.holder() == holder)
}

fn passphrase(round: &RoundDefinition, unlocked: &[HolderKeys], holder: usize) -> Screen {
    let name = &round.holders[holder].name;
    let turn = |other| match is_unlocked(unlocked, other) {
        true => Turn::Done("Đã mở khóa của mình"),
        false if other == holder => Turn::Now("Đang viết câu khóa"),
        false => Turn::Absent("Xin quay đi"),
    };
    Screen {
        people: people(round, turn),
        fields: vec![Field::new("Câu khóa", "passphrase", Kind::Hidden)],
        notes: vec!["Sai thì viết lại, thử bao nhiêu lần cũng được. Chú ý dấu và chữ hoa.".to_owned()],
        go: Some("MỞ KHÓA".to_owned()),
        has_back: true,
        ..of_round(round, 1, format!("Mời {name} viết câu khóa"))
    }
}

fn folder(round: &RoundDefinition) -> Screen {
    Screen {
        choices: places::folders(),
        notes: vec!["Chỉ ghi bản công bố đã ký và gói ý kiến viết, không ghi gì khác.".to_owned()],
        go: Some("ĐẾM PHIẾU".to_owned()),
        ..of_round(round, 2, "Chọn nơi ghi kết quả, rồi đếm")
    }
}

fn counting(round: &RoundDefinition) -> Screen {
    Screen {
        notes: vec![
            "Máy mở từng phong bì, cộng vào, rồi quên ngay. Không ai đọc được từng phiếu, kể cả người đang ngồi đây."
                .to_owned(),
            "Thứ tự mở là ngẫu nhiên. Không ghi gì ra đĩa.".to_owned(),
            "Xin đừng gập máy, đừng rút điện. Lỡ tắt thì đếm lại từ đầu, không mất phiếu nào.".to_owned(),
        ],
        ..of_round(round, 2, "Đang đếm, xin đợi")
    }
}

/// What became of the envelopes.
pub(super) fn kinds(kinds: EnvelopeKinds) -> Vec<Row> {
    vec![
        Row::whole("Phong bì trong hòm", kinds.in_box()),
        Row::part("Không thuộc đợt này", kinds.not_of_this_round),
        Row::part("Mang lá thăm đã trả lại", kinds.returned),
        Row::part("Lặp lại của cùng lá thăm", kinds.repeated),
        Row::whole("Phiếu thu về", kinds.collected()),
        Row::part("Hợp lệ", kinds.valid),
        Row::part("Trùng mã, nội dung khác nhau: để riêng cả", kinds.doubled),
        Row::part("Sai mẫu", kinds.misformed),
    ]
}

fn needs_recount(round: &RoundDefinition) -> bool {
    matches!(round.about, About::People(_))
}

fn counted(turn: Pair, count: &Count) -> Screen {
    let title = format!("Đếm xong {} phong bì", number(count.kinds().in_box()));
    let stops = count.blocked().iter().find(|blocked| !blocked.may_go_on_with_a_reason());
    if let Some(stop) = stops {
        let notes = vec![
            words::of_blocked(*stop),
            "Ít phiếu như vậy thì không công bố gì, để không ai bị nhận ra. Không có gì được ghi ra.".to_owned(),
        ];
        return Screen { notes, is_last: true, ..of_round(count.round(), 2, "Dừng lại: quá ít phiếu") };
    }
    let mut notes = vec!["Chưa công bố gì.".to_owned()];
    if turn == Pair::First && needs_recount(count.round()) {
        notes.push("Đợt lấy ý kiến về người phải có cặp khác đếm lại trên máy khác trước khi công bố.".to_owned());
    }
    Screen {
        rows: kinds(count.kinds()),
        fields: reasons(count.blocked(), 0),
        notes,
        go: Some("TIẾP".to_owned()),
        has_back: true,
        ..of_round(count.round(), 2, title)
    }
}

/// A field for every reason that is still needed, from this one on.
fn reasons(against: &[CountBlocked], from: usize) -> Vec<Field> {
    let field = |(index, blocked): (usize, &CountBlocked)| {
        let label = format!("{} Vì sao vẫn đếm tiếp? (in trong biên bản)", words::of_blocked(*blocked));
        Field::new(label, format!("reason{index}"), Kind::Prose)
    };
    against.iter().enumerate().skip(from).map(field).collect()
}

/// The numbers were possible when they were taken, so that nothing of them is refused here.
fn differs(turned: &Turned) -> Screen {
    let against = turned.count.against(turned.paper).unwrap_or_default();
    Screen {
        fields: reasons(&against, turned.reasons.len()),
        notes: vec![
            "Đếm lại giấy trên bàn trước. Sai số thì bấm QUAY LẠI ghi số khác.".to_owned(),
            "Vẫn lệch thì ghi lý do rồi đi tiếp; số lệch và lý do in trong biên bản.".to_owned(),
        ],
        go: Some("GHI LÝ DO, TIẾP".to_owned()),
        has_back: true,
        ..of_round(turned.count.round(), 2, "Dừng lại: giấy không khớp")
    }
}

fn paper(round: &RoundDefinition) -> Screen {
    Screen {
        fields: vec![
            Field::new("Lá thăm chưa phát", "unused", Kind::Number),
            Field::new("Lá thăm hỏng", "spoiled", Kind::Number),
            Field::new("Cuống trắng trong túi", "stubs", Kind::Number),
        ],
        notes: vec![
            format!("Đã in {} lá thăm.", number(round.slips())),
            "Hai người cùng đếm; không có thì ghi 0. Ba số này in trong biên bản.".to_owned(),
        ],
        go: Some("TIẾP".to_owned()),
        has_back: true,
        ..of_round(round, 2, "Đếm giấy trên bàn, ghi ba số")
    }
}

fn screener(turned: &Turned, named: usize) -> Screen {
    let title = format!("Mời người sàng lọc thứ {} đặt câu khóa", ["nhất", "hai"][named.min(1)]);
    Screen {
        fields: vec![
            Field::new("Họ tên người sàng lọc", "name", Kind::Line),
            Field::new("Câu khóa", "passphrase", Kind::Hidden),
            Field::new("Viết lại lần nữa", "again", Kind::Hidden),
        ],
        notes: vec![
            "Ý kiến viết đi riêng, đã xáo trộn, không kèm khu vực hay lựa chọn.".to_owned(),
            "Phải có đủ câu khóa của cả hai người mới đọc được.".to_owned(),
        ],
        go: Some("TIẾP".to_owned()),
        other: Some(("without", "CHƯA LẤY Ý KIẾN VIẾT RA")),
        has_back: true,
        ..of_round(turned.count.round(), 3, title)
    }
}

fn sign(turned: &Turned, has_screeners: bool) -> Screen {
    let (round, published) = (turned.count.round(), turned.count.published());
    let mut notes = vec!["Đây là mọi số sẽ ghi ra. Ký xong, máy này quên mọi số còn lại.".to_owned()];
    notes.push(match turned.pass.turn() {
        Pair::First => "Máy chủ của văn phòng chỉ nhận và công bố một kết quả cho mỗi đợt.".to_owned(),
        Pair::Recount => "Bản đếm lại chỉ để so với lần đầu; kết quả công bố là bản lần đầu.".to_owned(),
    });
    if has_screeners {
        notes.push(format!("Ý kiến viết: {} gói niêm phong cho hai người sàng lọc.", turned.count.texts()));
    }
    Screen {
        rows: preview::rows(turned, &published),
        notes,
        go: Some("KÝ VÀ LƯU BẢN CÔNG BỐ".to_owned()),
        has_back: true,
        ..of_round(round, 3, "Xem trước từng số, rồi hai người ký")
    }
}

fn done(finished: &Finished) -> Screen {
    let word = finished.second.outcome.recount.to_string();
    let mut notes: Vec<String> = finished.files.iter().map(|file| format!("Đã ghi {file}")).collect();
    let title = match &finished.compared {
        None => {
            notes.push("Gửi các tệp này cho văn phòng.".to_owned());
            if needs_recount(&finished.round) {
                notes.push("Chữ kiểm lại nằm trong tệp, chỉ hiện ra khi cặp khác đã đếm lại xong.".to_owned());
            }
            "Đã ký và lưu bản công bố".to_owned()
        }
        Some((first, compared)) => {
            notes.push(format!("Chữ kiểm lại của cặp đếm lần đầu: {first}"));
            notes.push(format!("Chữ kiểm lại của cặp này: {word}"));
            match compared {
                Ok(()) => "Hai cặp đếm ra cùng một kết quả".to_owned(),
                Err(refused) => words::of_outcome(*refused).to_owned(),
            }
        }
    };
    Screen { notes, is_last: true, ..of_round(&finished.round, 3, title) }
}
