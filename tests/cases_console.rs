//! What the office sees of cases, through a real server and every phone by itself: all of a cycle, one case, its signed
//! papers, the reports, and that none of it stands at the phones' door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::membership::Role;
use server::running::{Running, start};
use server::settings::Settings;
use tests::case_pages::{Page, every_paper};
use tests::cases::{Cast, SUBJECT};
use tests::house::{Handset, House};
use tests::wire::plain_client;

/// The addresses of the cycle and of the one case in it.
fn addresses(house: &House) -> (String, String) {
    let cycle = format!("/cases/{}", house.commune.cycle.id);
    let case = format!("{cycle}/{}", house.cadre(SUBJECT));
    (cycle, case)
}

fn name(house: &House) -> String {
    house.commune.members[SUBJECT].held.cadre.full_name.clone()
}

/// The row of a table in which these words stand, as text.
fn row_with(page: &Page, words: &str) -> String {
    let row =
        page.body.split("<tr").find(|row| row.contains(words)).unwrap_or_else(|| panic!("{words}: {}", page.text()));
    let row = row.split("</tr>").next().unwrap();
    let row = Page { status: 200, headers: String::new(), body: format!("<tr{row}") };
    row.text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_office_follows_a_case_from_the_first_form_to_the_next_step() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, case) = addresses(&house);
    let mut cast = Cast::of(&house, &server).await;
    let before = Page::read(&server, &cycle).await;
    assert!(row_with(&before, &case).contains("Chưa nộp phiếu tự đánh giá"), "{}", row_with(&before, &case));
    assert!(row_with(&before, &case).contains("cán bộ"));
    assert_eq!(before.links(&case).len(), 1);
    let empty = Page::read(&server, &case).await;
    assert!(empty.text().contains("Chưa có giấy tờ nào"), "{}", empty.text());

    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    let row = row_with(&Page::read(&server, &cycle).await, &case);
    assert!(row.contains("Đã nộp phiếu tự đánh giá 0 ngày trưởng đơn vị hoặc tổ chức cán bộ"), "{row}");
    assert_eq!(cast.goes_on(&server, Role::Head, CaseState::Returned).await, None);
    let page = Page::read(&server, &case).await;
    for words in ["Trả lại để bổ sung.", "“Thiếu minh chứng mục B.”", "cán bộ nộp phiếu tự đánh giá", "Tự xếp loại: "]
    {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let forms = Page::read(&server, &format!("/report/{}", house.commune.cycle.id)).await;
    assert!(row_with(&forms, &name(&house)).contains("Trả lại để bổ sung"), "{}", row_with(&forms, &name(&house)));
    assert!(forms.links("/cases").contains(&cycle), "the report leads here");
    let filtered = Page::read(&server, &format!("{cycle}?state=returned")).await;
    assert_eq!((filtered.links(&case).len(), filtered.links(&format!("{cycle}/")).len()), (1, 2), "it and the reports");
    let other = Page::read(&server, &format!("{cycle}?state=archived")).await;
    assert!(other.text().contains("Không có hồ sơ nào như vậy."));
    let unit = house.commune.members[SUBJECT].held.assignment.unit;
    let of_unit = Page::read(&server, &format!("{cycle}?unit={unit}")).await;
    assert!(of_unit.text().contains("8 người"), "{}", of_unit.text());
    server.stop().await.unwrap();
}

/// Every paper prints, earlier versions too, and the reports count what was decided last.
/// Nobody who submitted is called late because the office has not said yet who reviews whom.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_nobody_is_appointed_to_look_at_counts_as_submitted() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, case) = addresses(&house);
    let mut own = Handset::enrolled(&server, 1, house.cadre(SUBJECT), Role::Subject).await;
    let paper = house.paper(&server, house.cadre(SUBJECT)).await;
    own.edit(paper, &house.answers(house.cadre(SUBJECT)));
    own.submit(paper, house.form());
    own.synchronise(&server).await;
    let list = Page::read(&server, &cycle).await;
    assert!(list.text().contains("1 phiếu đã nộp chưa có ai được phân công xét"), "{}", list.text());
    let row = row_with(&list, &case);
    assert!(row.contains("Đã nộp phiếu tự đánh giá"), "{row}");
    let page = Page::read(&server, &case).await;
    assert!(page.text().contains("Đang chờ văn phòng phân công người xét"), "{}", page.text());
    Cast::of(&house, &server).await;
    let list = Page::read(&server, &cycle).await;
    assert!(!list.text().contains("chưa có ai được phân công"), "{}", list.text());
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_with_every_paper_is_read_printed_and_reported() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, case) = addresses(&house);
    let mut cast = Cast::of(&house, &server).await;
    every_paper(&house, &server, &mut cast).await;
    let page = Page::read(&server, &case).await;
    assert!(page.text().contains("Đã lưu hồ sơ.") && !page.text().contains("Đang chờ"), "{}", page.text());
    let papers = page.links(&format!("{case}/papers/"));
    assert_eq!(papers.len(), 15, "twelve kinds, and an earlier form, decision and notice");
    for kind in PaperKind::ALL {
        let newest = format!("{case}/papers/{}", kind.word());
        assert!(papers.contains(&newest), "{kind:?}");
        let sheet = Page::read(&server, &newest).await;
        assert_eq!(sheet.status, 200, "{kind:?}");
        let text = sheet.text();
        // Of a decision somebody else is named than who signed it.
        let is_named = kind == PaperKind::Decision || text.contains("(Đã ký số)");
        assert!(is_named && text.contains("chữ ký số khớp với nội dung"), "{kind:?}: {text}");
        assert!(!text.contains("đã có bản mới hơn") && text.contains(&name(&house)), "{kind:?}: {text}");
    }
    let decision = |link: &&String| link.contains("/papers/decision");
    let decisions: Vec<&String> = papers.iter().filter(decision).collect();
    let [newer, older] = decisions[..] else { panic!("{decisions:?}") };
    assert!(Page::read(&server, newer).await.text().contains("Số: 15/QĐ-UBND"));
    let older = Page::read(&server, older).await.text();
    assert!(older.contains("Số: 12/QĐ-UBND") && older.contains("Bản này đã có bản mới hơn thay thế."), "{older}");
    let newest = Page::read(&server, &format!("{case}/papers/self_assessment")).await;
    assert!(newest.body.contains("&#60;theo yêu cầu&#62; &#38; ký lại"), "what was typed stays text");

    let reports = Page::read(&server, &format!("{cycle}/reports")).await;
    assert_eq!(reports.status, 200);
    assert!(row_with(&reports, "Hoàn thành tốt nhiệm vụ").contains("1 100,00 %"), "{}", reports.text());
    assert!(reports.text().contains("Theo quyết định chưa có người xuất sắc."), "{}", reports.text());
    for (file, line) in [
        ("levels", "\"Tổng số\",\"1\",\"0\",\"1\",\"0\",\"0\",\"0,00 %\",\"0\""),
        (
            "quota",
            "\"Đơn vị\",\"Văn phòng Hội đồng nhân dân và Ủy ban nhân dân\",\"0\",\"1\",\"0\",\"0\",\"Trong mức\"",
        ),
        (
            "self-against-decided",
            "\"Hoàn thành tốt nhiệm vụ\",\"1\",\"\",\"<5\",\"\",\"Ít người: không hiển thị mức tự xếp loại\"",
        ),
        ("publication", "\"Tổng số\",\"1\",\"1\",\"100,00 %\",\"0\",\"0\""),
        ("residence", "\"80\",\"41\",\"41\",\"38\",\"1\",\"2\",\"92,68 %\",\"\""),
    ] {
        let sheet = Page::read(&server, &format!("{cycle}/reports/{file}.csv")).await;
        assert!(sheet.body.starts_with("\u{feff}\"") && sheet.body.contains(line), "{file}: {}", sheet.body);
        assert!(sheet.headers.contains(&format!("{file}-2026-12-10.csv")), "{}", sheet.headers);
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_that_is_lost_is_made_anew_from_the_log() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, _) = addresses(&house);
    let mut cast = Cast::of(&house, &server).await;
    every_paper(&house, &server, &mut cast).await;
    let reports = format!("{cycle}/reports/levels.csv");
    let seen = [Page::read(&server, &cycle).await.links("/cases"), vec![Page::read(&server, &reports).await.body]];
    server.stop().await.unwrap();
    let database = rusqlite::Connection::open(house.settings.data.join("langnghe.db")).unwrap();
    database.execute("delete from case_standing", []).unwrap();
    database.execute("delete from meta where name = 'case_register'", []).unwrap();
    drop(database);
    let server = start(&house.settings).await.unwrap();
    let again = [Page::read(&server, &cycle).await.links("/cases"), vec![Page::read(&server, &reports).await.body]];
    assert_eq!(again, seen);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_damaged_paper_hides_nothing_else_of_its_case_and_no_other_case() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, case) = addresses(&house);
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    assert_eq!(cast.goes_on(&server, Role::Head, CaseState::OpinionsOpen).await, None);
    let database = rusqlite::Connection::open(house.settings.data.join("langnghe.db")).unwrap();
    assert_eq!(database.execute("update entry set bytes = substr(bytes, 1, 200) where kind = 5", []).unwrap(), 1);
    drop(database);
    let page = Page::read(&server, &case).await;
    assert!(page.text().contains("Có 1 mục của hồ sơ này không đọc được."), "{}", page.text());
    assert!(page.text().contains("Đang lấy ý kiến."), "{}", page.text());
    let list = Page::read(&server, &cycle).await;
    assert!(row_with(&list, &case).contains("Đang lấy ý kiến"), "{}", row_with(&list, &case));
    assert!(list.text().contains("24 người"), "{}", list.text());
    assert_eq!(Page::read(&server, &format!("{case}/papers/self_assessment")).await.status, 404);
    server.stop().await.unwrap();
}

/// Somebody with the database in hand changes one word of a filed paper.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_that_was_changed_after_it_was_signed_says_so_on_its_face() {
    let house = House::new();
    let server = house.opened().await;
    let (_, case) = addresses(&house);
    let mut cast = Cast::of(&house, &server).await;
    let typed = tests::cases::strengths("Không có gì nổi bật trong năm.");
    let edits = [house.answers(house.cadre(SUBJECT)), typed].concat();
    assert_eq!(cast.submits(&house, &server, &edits).await, None);
    let address = format!("{case}/papers/self_assessment");
    assert!(Page::read(&server, &address).await.text().contains("chữ ký số khớp với nội dung"));
    let database = rusqlite::Connection::open(house.settings.data.join("langnghe.db")).unwrap();
    let mut bytes: Vec<u8> =
        database.query_row("select bytes from entry where kind = 5", [], |row| row.get(0)).unwrap();
    let (signed, forged) = ("nổi bật".as_bytes(), "nổi bậm".as_bytes());
    let at = bytes.windows(signed.len()).position(|window| window == signed).unwrap();
    bytes[at..at + signed.len()].copy_from_slice(forged);
    database.execute("update entry set bytes = ?1 where kind = 5", [bytes]).unwrap();
    let text = Page::read(&server, &address).await.text();
    assert!(text.contains("nổi bậm") && text.contains("KHÔNG khớp với nội dung"), "{text}");
    assert!(text.contains("(Chữ ký số không khớp)") && !text.contains("(Đã ký số)"), "{text}");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_in_words() {
    let house = House::new();
    let server = house.opened().await;
    let (cycle, case) = addresses(&house);
    for (path, status, words) in [
        ("/cases/x".to_owned(), 404, "Không tìm thấy đợt đánh giá"),
        (format!("/cases/{}", "0f".repeat(16)), 404, "Không tìm thấy đợt đánh giá"),
        (format!("{cycle}/x"), 404, "Không tìm thấy hồ sơ"),
        (format!("{cycle}/{}", "0f".repeat(16)), 404, "Không tìm thấy hồ sơ"),
        (format!("{case}/papers/decision"), 404, "Không tìm thấy giấy tờ"),
        (format!("{case}/papers/ballot"), 404, "Không tìm thấy giấy tờ"),
        (format!("{case}/papers/decision/x"), 404, "Không tìm thấy giấy tờ"),
        (format!("{cycle}/reports/ballots.csv"), 404, "Không tìm thấy trang"),
        (format!("{cycle}/reports"), 200, "Chưa có quyết định nào."),
        (case.clone(), 200, "Chưa có giấy tờ nào"),
        ("/cases".to_owned(), 200, "Hồ sơ đánh giá"),
    ] {
        let page = Page::read(&server, &path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.text().contains(words), "{path}: {}", page.text());
        assert!(page.headers.contains("default-src 'none'") && page.headers.contains("no-store"), "{}", page.headers);
        for forbidden in [" style=", "<style", "<script", "javascript:", "http://", "https://"] {
            assert!(!page.body.contains(forbidden), "{path}: {forbidden}");
        }
    }
    server.stop().await.unwrap();
}

/// Behind a public address the phones' door has no page of a case, whatever is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_phones_door_there_is_no_case() {
    let mut house = House::new();
    let public_address = Some("https://phuong.example".to_owned());
    house.settings = Settings { public_address, ..house.settings };
    let server: Running = house.opened().await;
    assert_ne!(server.address, server.pages);
    let (cycle, case) = addresses(&house);
    for path in [
        "/cases".to_owned(),
        cycle.clone(),
        case.clone(),
        format!("{case}/papers/decision"),
        format!("{cycle}/reports"),
        format!("{cycle}/reports/levels.csv"),
    ] {
        let answer = plain_client().get(format!("http://{}{path}", server.address)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
    assert_eq!(Page::read(&server, &cycle).await.status, 200);
    let elsewhere = plain_client().get(format!("http://{}{cycle}", server.pages)).header("host", "phuong.example");
    assert_eq!(elsewhere.send().await.unwrap().status().as_u16(), 403, "under another name");
    server.stop().await.unwrap();
}
