use model::envelope::Envelope;
use model::feedback::answers::{AnswerSheet, AnsweredCase};
use model::feedback::case::IntakePacket;
use model::feedback::code::ReplyCode;
use model::feedback::replies::ReplyFile;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::round::RoundDefinition;
use model::time::Day;
use zeroize::Zeroizing;

use super::*;
use crate::rehearsal_tests::{feedback_plan, seeded, sorted};

const INTAKE: &str = "hoa sữa cuối thu";

fn said(number: u8) -> Feedback {
    Feedback {
        topic: Topic::Works,
        about: FeedbackAbout::Street,
        area: None,
        content: Zeroizing::new(format!("Ông Năm <b>nhà {number}</b> để xe chắn ngõ.")),
        proposal: Zeroizing::new("Kẻ vạch.".to_owned()),
        reply: Some(ReplyCode::from_random([number; 8])),
    }
}

/// A ceremony on the pages: no slip is printed, four passphrases are set.
fn ceremony(browser: &Browser, folder: &Path) -> RoundDefinition {
    let plan = folder.join("ke-hoach.json");
    std::fs::write(&plan, feedback_plan()).unwrap();
    let terms = browser.choose(&plan);
    assert!(terms.contains("không in lá thăm") && terms.contains("Người tiếp nhận: Đỗ Thị Hoa, Lý Văn Khang."));
    browser.press(&[]);
    browser.choose(folder);
    PASSPHRASES.iter().for_each(|words| drop(browser.type_twice(words)));
    assert!(browser.page().contains("Mời người tiếp nhận (Đỗ Thị Hoa, Lý Văn Khang)"));
    assert!(browser.type_twice(PASSPHRASES[0]).contains("cùng một câu khóa"), "the intake's is its own");
    PASSPHRASES.iter().chain([&INTAKE]).for_each(|words| drop(browser.type_twice(words)));
    assert!(browser.page().contains("Đã lập khóa của đợt góp ý"));
    let announcement = Announcement::read(&std::fs::read(folder.join("cong-bo.lnr")).unwrap()).unwrap();
    announcement.signed.definition
}

/// From the start to the open ledger.
fn open_ledger(browser: &Browser, folder: &Path) {
    browser.choose(&folder.join("hom.lnhp"));
    browser.choose(&folder.join("tiep-nhan.lni"));
    assert!(browser.press(&[("passphrase", "sai rồi")]).contains("Câu khóa không đúng"));
    assert!(browser.press(&[("passphrase", INTAKE)]).contains("thư mục của sổ"));
    assert!(browser.choose(folder).contains("Đọc góp ý mới"));
}

#[test]
fn the_intake_reads_screens_and_answers_on_pages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let january = CeremonyStage::begin(Day::parse("2026-01-02").unwrap());
    let round = ceremony(&Browser::open_at(january.into()), folder);
    let announcement = Announcement::read(&std::fs::read(folder.join("cong-bo.lnr")).unwrap()).unwrap();
    let arrived = |count: u8| {
        let mut random = seeded(5);
        let seal = |number| Envelope::seal_feedback(&round, (&said(number), false), &mut random).unwrap();
        let envelopes = sorted((0..count).map(seal).collect());
        std::fs::write(folder.join("hom.lnhp"), file(&announcement, &envelopes, &Wrong::default())).unwrap();
    };
    arrived(5);
    let browser = browser_at("feedback");
    open_ledger(&browser, folder);
    let first = browser.press(&[("choice", "read")]);
    assert!(first.contains("Góp ý 1 trong 5") && first.contains("để xe chắn ngõ") && !first.contains("<b>nhà"));
    let kept = browser.press(&[("text", "Có xe chắn ngõ."), ("paraphrase", "Xe chắn ngõ.")]);
    assert!(kept.contains("hãy chọn một trong ba") && kept.contains(">Có xe chắn ngõ.<"), "nothing typed is lost");
    let case = [("choice", "case"), ("text", "Có xe\r\nchắn ngõ."), ("paraphrase", "Xe chắn ngõ.")];
    browser.press(&case);
    assert!(browser.press(&[("back", "1")]).contains("Có xe\nchắn ngõ."), "there is a way back to what was decided");
    for _ in 0..4 {
        browser.press(&case);
    }
    let last = browser.press(&[("choice", "denounced")]);
    assert!(last.contains("Ký gói góp ý?") && !last.contains("Ông Năm"));
    let done = browser.press(&[]);
    let packet = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let packet = packet.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "lny")).unwrap();
    assert!(done.contains("Xong") && done.contains(packet.file_name().unwrap().to_str().unwrap()));
    let packet = IntakePacket::read(&std::fs::read(packet).unwrap(), &round).unwrap();
    assert_eq!((packet.cases.len(), packet.denounced), (4, 1));
    assert_eq!(packet.cases[0].text, "Có xe\nchắn ngõ.");

    arrived(9);
    let browser = browser_at("feedback");
    open_ledger(&browser, folder);
    assert!(browser.press(&[("choice", "read")]).contains("Chưa đủ năm góp ý mới"));
    assert!(browser.page().contains("Đọc góp ý mới"), "nobody unlocks again for that");

    let answers = packet.cases.iter().map(|case| AnsweredCase { case: case.id, text: "Đã kẻ vạch.".to_owned() });
    let sheet = AnswerSheet { round: round.id, answers: answers.collect() };
    std::fs::write(folder.join("tra-loi.lna"), sheet.to_bytes()).unwrap();
    browser.press(&[("choice", "answers")]);
    assert!(browser.choose(&folder.join("tra-loi.lna")).contains("Xong"));
    let replies = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let replies = replies.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "lnj")).unwrap();
    let replies = ReplyFile::read(&std::fs::read_to_string(replies).unwrap()).unwrap();
    let read: Vec<String> = (0..5).filter_map(|number| replies.open(&ReplyCode::from_random([number; 8]))).collect();
    assert_eq!(read.iter().filter(|text| *text == "Đã kẻ vạch.").count(), 4);
    assert_eq!(read.iter().filter(|text| text.contains("tố cáo")).count(), 1, "it says where that belongs");
}
