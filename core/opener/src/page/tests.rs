use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use model::outcome::SignedOutcome;
use model::round::announced::Announcement;
use model::slip::SlipSecret;

use super::*;
use crate::rehearsal_tests::{PASSPHRASES, PLAN, Wrong, envelopes, file};

mod feedback;

/// A browser that follows one session.
struct Browser {
    address: SocketAddr,
    root: String,
    _runtime: tokio::runtime::Runtime,
}

impl Browser {
    fn open() -> Self {
        Self::open_at(Stage::Start)
    }

    fn open_at(stage: Stage) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let pages = runtime.block_on(Pages::begin(stage)).unwrap();
        let (address, root) = (pages.address, pages.table.root.clone());
        runtime.spawn(pages.until_ended());
        Self { address, root, _runtime: runtime }
    }

    fn ask(&self, method: &str, (path, host): (&str, &str), body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask("GET", (&format!("{}/{path}", self.root), &self.address.to_string()), "")
    }

    fn page(&self) -> String {
        self.get("")
    }

    fn send(&self, body: &str) -> String {
        self.ask("POST", (&format!("{}/", self.root), &self.address.to_string()), body)
    }

    /// Presses the button of the page that is shown, with these fields.
    fn press(&self, fields: &[(&str, &str)]) -> String {
        let page = self.page();
        let at = page.split("name=\"at\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let fields = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
        self.send(&format!("at={at}{}", fields.collect::<String>()));
        self.page()
    }

    fn choose(&self, path: &Path) -> String {
        self.press(&[("choice", path.to_str().unwrap())])
    }

    fn type_twice(&self, words: &str) -> String {
        self.press(&[("passphrase", words), ("again", words)])
    }

    /// Waits until a count in its thread is done: every look asks for it.
    fn counted(&self) -> String {
        loop {
            let page = self.page();
            if !page.contains("Đang đếm") {
                return page;
            }
            std::thread::yield_now();
        }
    }
}

/// A ceremony on the pages; hands back what was printed.
fn ceremony(browser: &Browser, folder: &Path) -> Vec<String> {
    let plan = folder.join("ke-hoach.json");
    std::fs::write(&plan, PLAN).unwrap();
    assert!(browser.press(&[]).contains("Chưa chọn gì"));
    let terms = browser.choose(&plan);
    assert!(terms.contains("Nguyễn Văn An, Trần Thị Bình, Lê Văn Cường"));
    assert!(terms.contains("Hôm nay, theo đồng hồ máy này, là ngày 02/01/2026."));
    assert!(browser.press(&[]).contains("Chọn nơi ghi"));
    assert!(browser.press(&[]).contains("Chưa chọn gì"));
    assert!(browser.choose(folder).contains("Mời Trần Quang Huy"));
    assert!(browser.press(&[("passphrase", PASSPHRASES[0]), ("again", "x")]).contains("không giống nhau"));
    assert!(browser.type_twice(PASSPHRASES[0]).contains("Mời Ngô Thị Bích"));
    assert!(browser.press(&[("back", "1")]).contains("Mời Trần Quang Huy"), "nobody is held to a mistake");
    browser.type_twice(PASSPHRASES[1]);
    let shared = browser.type_twice(PASSPHRASES[1]);
    assert!(shared.contains("cùng một câu khóa") && shared.contains("Mời Trần Quang Huy"), "both choose anew");
    PASSPHRASES.iter().for_each(|words| drop(browser.type_twice(words)));
    let mut printed = Vec::new();
    for area in ["In 9 tờ của Tổ dân phố 1", "In 11 tờ của Tổ dân phố 2 và Tổ dân phố 3"] {
        assert!(browser.page().contains(area));
        assert!(browser.press(&[("back", "1")]).contains(area), "no way back once the keys are made");
        assert!(browser.press(&[]).contains("Chưa mở tờ lá thăm lần nào"), "nobody can have printed them");
        let sheets = browser.get("to");
        assert!(sheets.contains("style-src 'sha256-") && sheets.contains("cache-control: no-store"));
        printed.push(sheets);
        assert!(browser.press(&[]).contains("Hỏi lại"));
        assert!(browser.press(&[("back", "1")]).contains(area), "there is a way back from the question");
        assert!(browser.get("to").contains("class=\"slip\""), "the sheets can be printed again until then");
        browser.press(&[]);
        assert!(!folder.join("cong-bo.lnr").exists(), "announced only when everything is printed");
        browser.press(&[]);
    }
    assert!(browser.page().contains("Mã lá thăm đã xóa khỏi máy"));
    printed
}

fn secrets(printed: &str, announcement: &Announcement) -> Vec<SlipSecret> {
    let fingerprint = announcement.signed.definition.fingerprint();
    let codes = printed.split("<div class=\"code\">").skip(1).map(|rest| rest.split("</div>").next().unwrap());
    let typed = codes.map(|code| code.replace("<span>", " ").replace("</span>", ""));
    typed.map(|code| SlipSecret::from_typed(&code, &fingerprint).unwrap()).collect()
}

fn unlock(browser: &Browser, folder: &Path, pair: [usize; 2]) {
    for holder in pair {
        assert!(browser.choose(&folder.join(crate::folder::share_file(holder))).contains("viết câu khóa"));
        assert!(browser.press(&[("passphrase", "sai rồi")]).contains("không đúng"));
        browser.press(&[("passphrase", PASSPHRASES[holder - 1])]);
    }
}

#[test]
fn three_people_do_everything_on_pages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let before_it_opens = model::time::Day::parse("2026-01-02").unwrap();
    let browser = Browser::open_at(CeremonyStage::begin(before_it_opens).into());
    let printed = ceremony(&browser, folder);
    assert!(browser.get("to").starts_with("HTTP/1.1 404"), "the codes are gone");
    let announcement = Announcement::read(&std::fs::read(folder.join("cong-bo.lnr")).unwrap()).unwrap();
    let mut slips = secrets(&printed[0], &announcement);
    slips.truncate(30);
    slips.extend(secrets(&printed[1], &announcement).into_iter().take(30));
    let round = &announcement.signed.definition;
    let wrong = Wrong { listed_more: 1, ..Wrong::default() };
    let bytes = file(&announcement, &envelopes(round, &slips, 1), &wrong);
    let input = folder.join("hom.lnhp");
    std::fs::write(&input, bytes).unwrap();

    let first = browser_at("open");
    begin_count(&first, &input);
    count(&first, folder, [1, 2]);
    let second = browser_at("recount");
    begin_count(&second, &input);
    assert!(second.choose(&folder.join("ket-qua.lnx")).contains("Người thứ nhất"));
    second.choose(&folder.join(crate::folder::share_file(2)));
    second.press(&[("passphrase", PASSPHRASES[1])]);
    assert!(
        second.choose(&folder.join(crate::folder::share_file(1))).contains("đã đếm lần đầu"),
        "before it is opened"
    );
    second.press(&[("back", "1")]);
    begin_count(&second, &input);
    second.choose(&folder.join("ket-qua.lnx"));
    count(&second, folder, [3, 2]);
    assert!(second.page().contains("Hai cặp đếm ra cùng một kết quả"));
    let outcome = SignedOutcome::read(&std::fs::read(folder.join("ket-qua.lnx")).unwrap(), round).unwrap();
    let word = outcome.outcome.recount.to_string();
    assert!(second.page().contains(&word) && !first.page().contains(&word), "hidden until both pairs have counted");
    assert_eq!(outcome.outcome.went_on[0].reason, "Một máy mất.");

    let minutes = browser_at("minutes");
    minutes.choose(&folder.join("cong-bo.lnr"));
    minutes.choose(&folder.join("ket-qua.lnx"));
    assert!(minutes.choose(&folder.join("ket-qua-kiem-lai.lnx")).contains("Đã viết biên bản"));
    assert!(folder.join(crate::folder::MINUTES_FILE).exists());
}

fn browser_at(way: &str) -> Browser {
    let browser = Browser::open();
    browser.press(&[("choice", way)]);
    browser
}

fn begin_count(browser: &Browser, input: &Path) {
    assert!(browser.choose(input).contains("Thiếu 1 phong bì"));
    assert!(browser.press(&[("go", "1")]).contains("tệp hòm phiếu"));
    browser.choose(input);
    browser.press(&[("anyway", "1")]);
}

fn count(browser: &Browser, folder: &Path, pair: [usize; 2]) {
    assert!(browser.page().contains("Người thứ nhất"));
    unlock(browser, folder, pair);
    assert!(browser.page().contains("Chọn nơi ghi kết quả"));
    browser.choose(folder);
    assert!(browser.counted().contains("Đếm xong 60 phong bì"));
    assert!(browser.press(&[]).contains("phải ghi lý do"));
    assert!(browser.press(&[("reason0", "Một máy mất.")]).contains("Đếm giấy trên bàn"));
    let paper = |unused, stubs| browser.press(&[("unused", unused), ("spoiled", "0"), ("stubs", stubs)]);
    assert!(paper("200", "60").contains("hãy đếm lại giấy trên bàn"));
    assert!(paper("14", "500").contains("Trong túi có 500 cuống"));
    assert!(browser.press(&[]).contains("phải ghi lý do"));
    assert!(browser.press(&[("back", "1")]).contains("Đếm giấy trên bàn"));
    check_preview(&paper("14", "60"));
    browser.press(&[]);
}

/// What will be signed stands there number by number, the paper beside it.
fn check_preview(page: &str) {
    let cell = |label: &str| {
        let row = page.split("<tr").find(|row| row.contains(&format!("<td>{label}</td>"))).unwrap_or_default();
        row.split("<td class=\"r\">").nth(1).unwrap_or_default().split('<').next().unwrap_or_default().to_owned()
    };
    for (label, count) in [
        ("Lá thăm đã in", "149"),
        ("Phát ra, theo sổ", "135"),
        ("Chưa phát, đếm trên bàn", "14"),
        ("Hỏng, đếm trên bàn", "0"),
        ("Cuống trắng trong túi, đếm trên bàn", "60"),
        ("Tín nhiệm cao", "20"),
        ("Tín nhiệm thấp", "20"),
        ("Để trống", "0"),
        ("Tổ dân phố 1", "30 / 30"),
    ] {
        assert_eq!(cell(label), count, "{label}");
    }
    assert!(page.contains("Nguyễn Văn An") && page.contains("Lê Văn Cường"));
    assert!(page.contains("chỉ nhận và công bố một kết quả") != page.contains("chỉ để so với lần đầu"));
}

#[test]
fn a_plan_of_the_past_is_refused_on_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("ke-hoach.json");
    std::fs::write(&plan, PLAN).unwrap();
    let browser = Browser::open();
    assert!(browser.press(&[("choice", "ceremony")]).contains("Chọn kế hoạch đợt"));
    assert!(browser.choose(&plan).contains("đã đóng ngày 15/01/2026"));
}

#[test]
fn a_button_that_is_pressed_twice_is_one_step() {
    let browser = Browser::open();
    browser.send("at=0&choice=minutes");
    browser.send("at=0&back=1");
    assert!(browser.page().contains("cong-bo.lnr"), "the second press was of a page that is gone");
}

/// A33: nothing cached, nothing from elsewhere, no answer under another name or path.
#[test]
fn pages_answer_to_this_machine_alone() {
    let browser = Browser::open();
    let page = browser.page();
    for header in ["cache-control: no-store", "default-src 'none'; style-src 'self'", "referrer-policy: no-referrer"] {
        assert!(page.contains(header), "{header}");
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("style=\""));
    let host = browser.address.to_string();
    assert!(browser.ask("GET", ("/", &host), "").starts_with("HTTP/1.1 404"));
    let path = format!("{}/", browser.root);
    assert!(browser.ask("GET", (&path, "example.vn"), "").starts_with("HTTP/1.1 404"));
    assert!(browser.address.ip().is_loopback() && browser.root.len() == 1 + 2 * ROOT_BYTES);
}

#[test]
fn the_last_button_ends_the_program() {
    let browser = Browser::open();
    let last = browser.send("at=0&end=1");
    assert!(last.contains("Chương trình đã tắt") && !last.contains("<button"), "no button that does nothing");
    let is_gone = || TcpStream::connect(browser.address).is_err();
    while !is_gone() {
        std::thread::yield_now();
    }
}
