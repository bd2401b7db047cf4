//! The pages over real HTTP: who is let in, what every answer carries, what stands there when there is nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use ed25519_dalek::SigningKey;
use model::directory::{DirectoryItem, ItemKind};

use model::cycle::CycleScope;

use super::*;
use crate::office::{DATABASE_FILE, Moment, Office};

const MOMENT: Moment = Moment { now_ms: 1_794_711_600_000, random: 1 };

fn office(folder: &Path) -> Office {
    let key = SigningKey::from_bytes(&[42; 32]);
    Office::open(folder, key, Safety::of_one_copy(), MOMENT).unwrap()
}

fn source(folder: &Path, office: &Office) -> ReportSource {
    let clock = || Timestamp::from_utc_ms(MOMENT.now_ms);
    ReportSource::new(&folder.join(DATABASE_FILE), office.identity(), Safety::of_one_copy(), clock)
}

/// A cycle that closes on a day of December 2026, with a rule set of its year if that is published.
fn cycle(number: u8, rule_set_code: &str) -> DirectoryItem {
    let id = CycleId::from_bytes([number; 16]);
    let cycle = EvaluationCycle {
        id,
        title: format!("Đợt {number}"),
        period: model::period::Period::Year { year: 2026 },
        rule_set_code: rule_set_code.into(),
        rule_set_version: 1,
        form: model::form::built_in::civil_servant_self_assessment().pin(),
        opens: model::time::Day::new(2026, 11, 15).unwrap(),
        closes: model::time::Day::new(2026, 12, number as i8).unwrap(),
        scope: CycleScope::default(),
    };
    DirectoryItem { kind: ItemKind::Cycle, code: id.to_string(), body: serde_json::to_string(&cycle).unwrap() }
}

/// A rule set and a form that go together.
fn rules_and_form() -> [DirectoryItem; 2] {
    let (rules, form) =
        (model::rule_set::RuleSet::decree_335(), model::form::built_in::civil_servant_self_assessment());
    let body = serde_json::to_string(&rules).unwrap();
    [
        DirectoryItem { kind: ItemKind::RuleSet, code: format!("{} 1", rules.code), body },
        DirectoryItem { kind: ItemKind::Form, code: format!("{} 1", form.code), body: form.to_json() },
    ]
}

/// Serves the pages and asks for some of them, each with its own Host.
fn answers(source: ReportSource, asked: &[(&str, &str)]) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let app = routes::<()>(source).merge(assets()).into_make_service_with_connect_info::<SocketAddr>();
    runtime.spawn(async move { axum::serve(listener, app).await });
    asked.iter().map(|(path, host)| answer_of(address, path, host)).collect()
}

fn answer_of(address: SocketAddr, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn without_a_cycle_the_page_says_what_will_be_here() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path());
    let answer = &answers(source(folder.path(), &office), &[("/", "localhost")])[0];
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Chưa có đợt đánh giá nào"), "{answer}");
    let headers = answer.split("\r\n\r\n").next().unwrap();
    for header in
        ["content-security-policy: default-src 'none'; style-src 'self'", "nosniff", "no-referrer", "no-store"]
    {
        assert!(headers.contains(header), "{headers}");
    }
}

#[test]
fn another_host_is_refused_with_a_sentence_and_sees_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path());
    office.publish(&rules_and_form(), MOMENT).unwrap();
    office.publish(&[cycle(10, "nd_335_2025")], MOMENT).unwrap();
    let path = format!("/report/{}", CycleId::from_bytes([10; 16]));
    let asked = [(&*path, "office.example"), (&*format!("{path}/scores.csv"), "office.example")];
    for answer in answers(source(folder.path(), &office), &asked) {
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(
            answer.contains("Trang của văn phòng chỉ mở được ngay trên máy chủ.") && !answer.contains("Đợt 10"),
            "{answer}"
        );
    }
}

#[test]
fn the_first_page_leads_to_the_cycle_that_closes_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path());
    office.publish(&rules_and_form(), MOMENT).unwrap();
    office.publish(&[cycle(10, "nd_335_2025"), cycle(20, "nd_335_2025")], MOMENT).unwrap();
    let newest = format!("/report/{}", CycleId::from_bytes([20; 16]));
    let answers = answers(source(folder.path(), &office), &[("/", "localhost"), (&newest, "localhost")]);
    assert!(answers[0].contains(&format!("location: {newest}")), "{}", answers[0]);
    assert!(answers[1].contains("aria-current=\"page\">Đợt 20<") && answers[1].contains(">Đợt 10<"), "{}", answers[1]);
}

#[test]
fn a_sheet_is_a_file_with_a_plain_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path());
    office.publish(&rules_and_form(), MOMENT).unwrap();
    office.publish(&[cycle(10, "nd_335_2025")], MOMENT).unwrap();
    let path = format!("/report/{}", CycleId::from_bytes([10; 16]));
    let (scores, progress) = (format!("{path}/scores.csv"), format!("{path}/progress.csv"));
    let answers = answers(source(folder.path(), &office), &[(&scores, "localhost"), (&progress, "localhost")]);
    for (answer, name) in answers.iter().zip(["scores-2026-12-10.csv", "progress-2026-12-10.csv"]) {
        assert!(answer.contains(&format!("content-disposition: attachment; filename=\"{name}\"")), "{answer}");
        assert!(answer.contains("\r\n\r\n\u{feff}\""), "{answer}");
    }
}

/// A law without points, side by side with one: each cycle reads its own, and a form of the other is refused.
#[test]
fn cycles_under_two_laws_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path());
    let (rules, form) =
        (model::rule_set::RuleSet::decree_90(), model::form::built_in::civil_servant_self_assessment_90());
    let mut legacy: EvaluationCycle = serde_json::from_str(&cycle(20, "nd_90_2020").body).unwrap();
    legacy.form = form.pin();
    let item = |kind, code: &str, body| DirectoryItem { kind, code: code.into(), body };
    let items = [
        item(ItemKind::RuleSet, "nd_90_2020 1", serde_json::to_string(&rules).unwrap()),
        item(ItemKind::Form, "SA-90-02 1", form.to_json()),
        item(ItemKind::Cycle, &legacy.id.to_string(), serde_json::to_string(&legacy).unwrap()),
        cycle(10, "nd_335_2025"),
        cycle(11, "nd_90_2020"),
    ];
    office.publish(&rules_and_form(), MOMENT).unwrap();
    office.publish(&items, MOMENT).unwrap();
    let paths = [10, 20, 11].map(|number| format!("/report/{}", CycleId::from_bytes([number; 16])));
    let asked = paths.each_ref().map(|path| (path.as_str(), "localhost"));
    let answers = answers(source(folder.path(), &office), &asked);
    assert!(answers[0].starts_with("HTTP/1.1 200") && answers[0].contains("Nghị định 335/2025"), "{}", answers[0]);
    assert!(answers[1].starts_with("HTTP/1.1 200") && answers[1].contains("Nghị định 90/2020"), "{}", answers[1]);
    assert!(answers[2].starts_with("HTTP/1.1 409") && answers[2].contains("không hỏi đủ"), "{}", answers[2]);
}

#[test]
fn what_is_not_there_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path());
    office.publish(&[cycle(10, "another_law")], MOMENT).unwrap();
    let path = format!("/report/{}", CycleId::from_bytes([10; 16]));
    let unknown = format!("/report/{}", CycleId::from_bytes([11; 16]));
    let asked = [
        (&*path, "localhost"),
        (&*unknown, "localhost"),
        ("/report/x", "localhost"),
        ("/assets/look.css", "localhost"),
        ("/report/%ff", "localhost"),
        ("/report/x/y", "localhost"),
        ("/report/", "localhost"),
    ];
    let answers = answers(source(folder.path(), &office), &asked);
    assert!(answers[0].starts_with("HTTP/1.1 409") && answers[0].contains("chưa được công bố"), "{}", answers[0]);
    assert!(answers[1].starts_with("HTTP/1.1 404") && answers[2].starts_with("HTTP/1.1 404"));
    assert!(answers[3].contains("content-type: text/css") && answers[3].contains("--cham: #1b3b63"));
    for page in [&answers[0], &answers[1], &answers[2], &answers[4], &answers[5]] {
        assert!(page.contains("text/html") && page.contains("href=\"/\">Về trang đầu</a>"), "{page}");
    }
    assert!(answers[6].contains(&format!("location: {path}")), "{}", answers[6]);
}

#[test]
fn a_database_that_cannot_be_read_is_a_sentence_and_not_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path());
    let elsewhere = source(&folder.path().join("nowhere"), &office);
    let answer = &answers(elsewhere, &[("/", "localhost")])[0];
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("Không mất gì cả"), "{answer}");
}
