//! Public answers over HTTP, and the page that opens one in a real browser.

mod chromium;
mod wiretap;

use std::time::Duration;

use model::time::{Day, Timestamp};
use server::counter::ask;
use server::desk::{Asked, Told};
use server::feedback::desk::{FeedbackAsked, FeedbackTold};
use server::feedback::published::publish;
use server::machine;
use server::running::{Running, start};
use server::settings::Settings;

use crate::feedback_round::{FeedbackOffice, case, code, definition, packet, reply_file};
use chromium::{Chromium, PLAIN_NAME, Page};
use wiretap::Wiretap;

const ANSWER: &str = "Đã thay đèn đường ngày 20.\nCảm ơn ông/bà đã báo.";

/// PBKDF2 of one file takes a browser less than a second.
const PATIENCE: Duration = Duration::from_secs(60);

fn today() -> Day {
    Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day()
}

/// A server with one public file of answers, and its folder.
async fn served() -> (tempfile::TempDir, Running) {
    let made = FeedbackOffice::new();
    let file = reply_file(today(), &[(code(1), ANSWER.to_owned()), (code(2), "Đã dọn rác.".to_owned())]);
    publish(made.office.reader(), &definition(), &file.to_text(), today()).unwrap();
    let (folder, settings) = made.closed();
    let server = start(&settings).await.unwrap();
    (folder, server)
}

/// A50: asking says nothing about who asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_answers_are_the_same_bytes_for_every_caller() {
    let (_folder, server) = served().await;
    let http = crate::plain_client();
    let mut seen = Vec::new();
    for (path, agent) in [("/v1/replies", "one"), ("/v1/replies?code=ABCD", "other"), ("/v1/replies?x", "third")] {
        let asked = http.get(format!("http://{}{path}", server.address)).header("user-agent", agent);
        let answer = asked.header("cookie", format!("who={agent}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let headers = ["cache-control", "content-type", "content-length", "x-content-type-options", "set-cookie"];
        let headers = headers.map(|name| answer.headers().get(name).cloned());
        seen.push((headers, answer.bytes().await.unwrap()));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    assert!(seen[0].0[0].as_ref().unwrap().to_str().unwrap().starts_with("public, max-age="));
    let texts: Vec<String> = serde_json::from_slice(&seen[0].1).unwrap();
    assert!(texts.len() == 1 && texts[0].contains(&definition().id.to_string()));
    let page = http.get(format!("http://{}/replies", server.address)).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'; connect-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(!page.contains("<form") && !page.contains(" name=\"group") && !page.contains(" style="), "{page}");
    let list = http.get(format!("http://{}/results", server.address)).send().await.unwrap().text().await.unwrap();
    assert!(list.contains("href=\"/replies\""));
    server.stop().await.unwrap();
}

/// The same orders while phones are served: the box is written beside the writer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_carries_out_orders_about_feedback() {
    let (folder, server) = served().await;
    let settings = Settings::of_folder(&folder.path().join("data"));
    let to = folder.path().join("hom.lnhp").to_str().unwrap().to_owned();
    let round = definition().id.to_string();
    for (asked, expected) in [
        (FeedbackAsked::Box { round: round.clone(), to: to.clone() }, FeedbackTold::Done),
        (
            FeedbackAsked::Take { bytes: packet(vec![case(1)], "2026-03-09", [0, 0]).to_bytes() },
            FeedbackTold::Taken { new: Some(1) },
        ),
    ] {
        let settings = settings.clone();
        let told = tokio::task::spawn_blocking(move || ask(&settings, &Asked::Feedback(asked))).await.unwrap();
        assert_eq!(told, Ok(Told::Feedback(expected)));
    }
    assert!(std::fs::metadata(&to).unwrap().len() > 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_offices_page_of_a_round_of_feedback_speaks_of_no_slips() {
    let (_folder, server) = served().await;
    let http = crate::plain_client();
    for (path, parts) in [
        (
            format!("/rounds/{}", definition().id),
            &["Hòm góp ý", "feedback box --round", "Đỗ Thị Hoa", "chưa tới 20"][..],
        ),
        ("/rounds".to_owned(), &["Góp ý nửa đầu năm", "góp ý"]),
    ] {
        let page = http.get(format!("http://{}{path}", server.pages)).send().await.unwrap().text().await.unwrap();
        let (page, _) = page.split_once("<footer").unwrap();
        assert!(parts.iter().all(|part| page.contains(part)), "{page}");
        assert!(!["Lá thăm", "lá thăm", "Phiếu", "phiếu"].iter().any(|word| page.contains(word)), "{page}");
    }
    server.stop().await.unwrap();
}

/// What a resident does with a code; what went over the line meanwhile.
async fn opened(browser: &Chromium, tap: &Wiretap, number: u8) -> (String, Vec<String>) {
    let page = browser.page(&format!("http://{}/replies", tap.address));
    let groups = code(number).groups(&definition().fingerprint());
    page.wait_for("!document.getElementById('asking').hidden", PATIENCE);
    let mut wrong = groups[1].clone().into_bytes();
    wrong.swap(0, 3);
    type_into(&page, 2, std::str::from_utf8(&wrong).unwrap());
    page.wait_for("document.getElementById('mark-2').textContent.includes('chưa đúng')", PATIENCE);
    assert_eq!(page.value("document.getElementById('group-2').getAttribute('aria-invalid')"), "true");
    page.value("document.getElementById('clear').click()");
    for (index, group) in groups.iter().enumerate() {
        type_into(&page, index + 1, &group.to_lowercase());
    }
    page.wait_for("document.getElementById('mark-4').textContent.trim() === 'Đúng'", PATIENCE);
    page.press_enter();
    page.wait_for("/^(Trả lời cho|Chưa có)/.test(document.getElementById('answer-title').textContent)", PATIENCE);
    let text = page.value("document.getElementById('answer').innerText");
    assert_eq!(page.value("location.pathname + location.search + location.hash"), "/replies");
    assert_eq!(page.value("String(localStorage.length + sessionStorage.length) + document.cookie"), "0");
    page.close();
    (text, tap.taken())
}

fn type_into(page: &Page<'_>, group: usize, text: &str) {
    page.value(&format!("document.getElementById('group-{group}').focus()"));
    page.types(text);
}

/// A50: the answer appears, and the line carries the same for every code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_opens_the_answer_and_sends_nothing_of_the_code() {
    let browser = Chromium::start().expect("this needs Chromium, which the check installs: apt-get install chromium");
    let (_folder, server) = served().await;
    let tap = Wiretap::before(server.address);
    let (text, first) = opened(&browser, &tap, 1).await;
    assert!(ANSWER.lines().all(|line| text.contains(line)), "{text}");
    let (text, second) = opened(&browser, &tap, 9).await;
    assert!(text.contains("Chưa có trả lời cho mã này") && text.contains("hoặc từ tháng"), "{text}");
    let plain = browser.page(&format!("http://{PLAIN_NAME}:{}/replies", server.address.port()));
    plain.wait_for("!document.getElementById('no-crypto').hidden", PATIENCE);
    assert!(plain.value("document.querySelector('main').innerText").contains("https://"));
    for hidden in ["asking", "no-script"] {
        assert_eq!(plain.value(&format!("document.getElementById('{hidden}').offsetHeight")), "0");
    }
    plain.close();
    let lines = |requests: &[String]| {
        let mut lines: Vec<String> =
            requests.iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    let pages = ["/assets/icon.svg", "/assets/look.css", "/assets/replies.css", "/assets/replies.js", "/replies"];
    let expected: Vec<String> =
        pages.iter().chain(&["/v1/replies"]).map(|path| format!("GET {path} HTTP/1.1")).collect();
    assert_eq!(lines(&first), expected);
    assert!(lines(&second).iter().all(|line| expected.contains(line)), "{second:?}");
    for (number, requests) in [(1, &first), (9, &second)] {
        let whole = requests.concat().to_uppercase();
        for group in code(number).groups(&definition().fingerprint()) {
            assert!(!whole.contains(&group), "{group} went over the line");
        }
    }
    server.stop().await.unwrap();
}
