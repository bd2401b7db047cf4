//! The program itself, from the office's plan to the minutes, as people run it at a terminal.
#![expect(clippy::unwrap_used, reason = "clippy takes only what stands under #[test] for a test")]

#[path = "../src/rehearsal_tests.rs"]
mod rehearsal;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use model::envelope::Envelope;
use model::feedback::case::IntakePacket;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::outcome::SignedOutcome;
use model::round::announced::Announcement;
use model::slip::SlipSecret;
use rehearsal::{PASSPHRASES, Wrong, envelopes, feedback_plan, file, satisfaction_plan, seeded, sorted};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use zeroize::Zeroizing;

/// A folder of a rehearsal.
struct Table {
    folder: tempfile::TempDir,
}

impl Table {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn written(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn start_with(&self, arguments: &[&str], stdin: impl Into<Stdio>) -> Child {
        let program = env!("CARGO_BIN_EXE_langnghe-open");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.start_with(arguments, Stdio::piped()).wait_with_output().unwrap()
    }

    /// Runs what must succeed and hands back what it said.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must be refused and hands back the sentence.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} was done");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Begins a ceremony whose sheets go to a file.
    fn begin_ceremony(&self, stdin: impl Into<Stdio>) -> Child {
        self.written("ke-hoach.json", satisfaction_plan());
        self.written("cau-khoa", PASSPHRASES.join("\n"));
        let arguments = "ceremony --plan ke-hoach.json --out khoa --sheets la-tham.html --passphrase-file cau-khoa";
        self.start_with(&arguments.split(' ').collect::<Vec<_>>(), stdin)
    }

    /// Waits until the sheets are there.
    fn sheets(&self, child: &mut Child) -> String {
        loop {
            let text = std::fs::read_to_string(self.path("la-tham.html")).unwrap_or_default();
            if text.trim_end().ends_with("</html>") {
                return text;
            }
            assert!(child.try_wait().unwrap().is_none(), "the ceremony ended before its sheets were there");
            std::thread::yield_now();
        }
    }

    /// Holds a ceremony; hands back what was printed. Somebody says so once the sheets are there.
    fn ceremony(&self) -> String {
        let mut child = self.begin_ceremony(Stdio::piped());
        let printed = self.sheets(&mut child);
        child.stdin.take().unwrap().write_all("xong\n".as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && !self.path("la-tham.html").exists(), "{output:?}");
        printed
    }

    /// What lies in a folder, by name.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn announcement(&self) -> Announcement {
        Announcement::read(&std::fs::read(self.path("khoa/cong-bo.lnr")).unwrap()).unwrap()
    }

    fn open(&self, command: &str, pair: [usize; 2], more: &[&str]) -> Vec<String> {
        let passphrases = pair.map(|holder| PASSPHRASES[holder - 1]).join("\n");
        self.written("hai-cau", format!("{passphrases}\nngười sàng lọc một\nngười sàng lọc hai\n"));
        let [one, other] = pair.map(|holder| format!("khoa/phan-khoa-{holder}.lnk"));
        let paper = "--unused 14 --spoiled 0 --stubs 60";
        let line =
            format!("{command} --input hom.lnhp --share {one} --share {other} --passphrase-file hai-cau {paper}");
        line.split(' ').chain(more.iter().copied()).map(str::to_owned).collect()
    }
}

fn texts(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// What a resident types: the groups of every slip, as printed.
fn secrets(printed: &str, announcement: &Announcement) -> Vec<SlipSecret> {
    let fingerprint = announcement.signed.definition.fingerprint();
    let codes = printed.split("<div class=\"code\">").skip(1).map(|rest| rest.split("</div>").next().unwrap());
    let typed = codes.map(|code| code.replace("<span>", " ").replace("</span>", ""));
    typed.map(|code| SlipSecret::from_typed(&code, &fingerprint).unwrap()).collect()
}

#[test]
fn three_people_and_two_counts_make_one_result() {
    let table = Table::new();
    let printed = table.ceremony();
    let announcement = table.announcement();
    let round = &announcement.signed.definition;
    let secrets = secrets(&printed, &announcement);
    assert_eq!(secrets.len(), 66 + 33 + 50);
    let envelopes = envelopes(round, &secrets[..60], 1);
    table.written("hom.lnhp", file(&announcement, &envelopes, &Wrong::default()));

    let open = table.open("open", [1, 2], &["--out", "ra"]);
    assert!(table.refused(&texts(&open)).contains("cần hai người sàng lọc"));
    let wrong = |what: &str, instead: &str, more: &[&str]| {
        let line = open.join(" ").replace(what, instead) + " --without-texts";
        table.refused(&line.split(' ').chain(more.iter().copied()).collect::<Vec<_>>())
    };
    assert!(wrong("--unused 14", "--unused 200", &[]).contains("200 lá, nhiều hơn 149 lá đã in"));
    let both = wrong("--unused 14 --spoiled 0 --stubs 60", "--unused 13 --spoiled 0 --stubs 500", &[]);
    let told = ["1. Đã in 149", "2. Trong túi có 500 cuống", "ghi đủ 2 lần --reason"];
    assert!(told.iter().all(|what| both.matches(what).count() == 1), "each once, in one run: {both}");
    assert!(wrong("--stubs 60", "--stubs 60", &["--reason", "Thừa."]).contains("hãy bỏ lý do thừa"));
    let screeners = ["--out", "ra", "--screener", "Lê Thị Thu", "--screener", "Phan Văn Đông"];
    let said = table.done(&texts(&table.open("open", [1, 2], &screeners)));
    assert!(said.contains("Hợp lệ: 60") && said.contains("goi-y-kien-2.lnt"), "{said}");
    let recount = ["--out", "ra", "--against", "ra/ket-qua.lnx"];
    let output = table.run(&texts(&table.open("recount", [2, 1], &recount)));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Hai người này đã đếm lần đầu"));
    assert!(output.stdout.is_empty() && !table.path("ra/ket-qua-kiem-lai.lnx").exists(), "no code and no file");
    let said = table.done(&texts(&table.open("recount", [3, 2], &recount)));
    assert!(said.contains("Hai cặp đếm ra cùng một kết quả."), "{said}");

    let minutes =
        "minutes --round khoa/cong-bo.lnr --outcome ra/ket-qua.lnx --recount ra/ket-qua-kiem-lai.lnx --out b.html";
    table.done(&minutes.split(' ').collect::<Vec<_>>());
    let page = std::fs::read_to_string(table.path("b.html")).unwrap();
    let outcome = SignedOutcome::read(&std::fs::read(table.path("ra/ket-qua.lnx")).unwrap(), round).unwrap();
    assert!(page.contains(&outcome.outcome.recount.to_string()) && page.contains("Bùi Văn Lộc"));

    table.written("hai-nguoi", "người sàng lọc một\nngười sàng lọc hai");
    let screen = "screen --packet ra/goi-y-kien-1.lnt --passphrase-file hai-nguoi";
    let said = table.done(&screen.split(' ').collect::<Vec<_>>());
    assert_eq!(said.matches("— Lời của người thứ").count(), 60);
    check_folders(&table, &printed, &secrets);
}

/// A1, A34: what lies on the disk after everything holds no code, and nothing but what was named.
fn check_folders(table: &Table, printed: &str, secrets: &[SlipSecret]) {
    let names = |folder: &str| table.names(folder);
    assert_eq!(names("khoa"), ["cong-bo.lnr", "phan-khoa-1.lnk", "phan-khoa-2.lnk", "phan-khoa-3.lnk"]);
    assert_eq!(names("ra"), ["goi-y-kien-1.lnt", "goi-y-kien-2.lnt", "ket-qua-kiem-lai.lnx", "ket-qua.lnx"]);
    let files =
        ["khoa", "ra"].iter().flat_map(|folder| names(folder).into_iter().map(move |name| format!("{folder}/{name}")));
    let groups: Vec<&str> = printed.split("<span>").skip(2).map(|rest| rest.split("</span>").next().unwrap()).collect();
    for name in files.chain(["b.html".to_owned()]) {
        let bytes = std::fs::read(table.path(&name)).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(secrets.iter().all(|secret| !holds(&secret.to_bytes())), "{name} holds a secret");
        let codes = groups.chunks(4).filter(|code| code.iter().all(|group| group.len() == 4));
        assert!(codes.into_iter().all(|code| !holds(code.concat().as_bytes())), "{name} holds a code");
    }
}

#[test]
fn every_help_is_vietnamese_and_a_mistyped_command_is_guessed() {
    let table = Table::new();
    for command in ["", "ceremony", "printed", "open", "recount", "minutes", "screen", "plan"] {
        let help = table.done(&command.split_whitespace().chain(["--help"]).collect::<Vec<_>>());
        assert!(help.contains("Cách dùng: langnghe-open") && help.contains("Thiết lập:"), "{help}");
        for foreign in ["OPTIONS", "Options", "Usage", "COMMAND", "Print"] {
            assert!(!help.contains(foreign), "{foreign} in: {help}");
        }
    }
    assert!(table.refused(&["recuont"]).contains("recount?"));
    assert!(table.refused(&["mở"]).contains("Các lệnh: plan, ceremony"));
    assert!(table.refused(&["minutes", "--outcom", "x"]).contains("Có phải là: --outcome?"));
}

#[test]
fn what_is_refused_says_what_to_do() {
    let table = Table::new();
    table.ceremony();
    let announcement = table.announcement();
    let round = &announcement.signed.definition;
    table.written("hom.lnhp", file(&announcement, &[], &Wrong::default()));
    let again = "ceremony --plan ke-hoach.json --out khoa --sheets x --passphrase-file cau-khoa";
    assert!(table.refused(&again.split(' ').collect::<Vec<_>>()).contains("không ghi đè"));
    let open = |pair, more: &[&str]| table.refused(&texts(&table.open("open", pair, more)));
    let rest = ["--out", "ra", "--without-texts"];
    assert!(open([1, 1], &rest).contains("hai người khác nhau"));
    assert!(open([1, 3], &rest).contains("Ít phiếu như vậy thì không đếm"));
    table.written("khoa/phan-khoa-3.lnk", [1, 2, 3]);
    assert!(open([1, 3], &rest).contains("không phải phần khóa"));
    let swapped = std::fs::read(table.path("khoa/phan-khoa-2.lnk")).unwrap();
    table.written("khoa/phan-khoa-3.lnk", swapped);
    assert!(open([1, 3], &rest).contains("Câu khóa của người thứ 2 không đúng"));
    let over = table.refused(&["ceremony", "--plan", "ke-hoach.json", "--out", "moi"]);
    assert!(over.contains("đã đóng ngày 15/01/2026") && !table.path("moi").exists(), "{over}");
    assert!(table.refused(&["open"]).contains("--help"));
    assert!(table.refused(&["mở"]).contains("--help"));
    assert!(table.done(&["--help"]).contains("Cách dùng"));
    assert!(!Path::new(&table.path("ra/ket-qua.lnx")).exists());
    assert_eq!(round.areas.len(), 3);
}

/// A terminal: what people type into, and what the program reads from.
fn terminal() -> (OwnedFd, File) {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&keyboard).unwrap();
    unlockpt(&keyboard).unwrap();
    let name = ptsname(&keyboard, Vec::new()).unwrap();
    let screen = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (keyboard, screen)
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn said(child: Child) -> (bool, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_end_of_the_input_does_not_confirm_that_sheets_are_printed() {
    let table = Table::new();
    let (is_done, sentence) = said(table.begin_ceremony(Stdio::null()));
    assert!(!is_done && sentence.contains("giữ mọi mã lá thăm"), "{sentence}");
    assert!(table.path("la-tham.html").exists());
    assert!(!table.path("khoa/cong-bo.lnr").exists(), "nothing that looks good");
    let order = sentence.split("langnghe-open ").nth(1).unwrap().trim().replace('"', "");
    let finish = |order: &str| {
        let mut child = table.start_with(&order.split(' ').collect::<Vec<_>>(), Stdio::piped());
        let _ = child.stdin.take().unwrap().write_all("XONG\n".as_bytes());
        said(child)
    };
    assert!(finish(&order.replace("la-tham.html", "khoa/phan-khoa-1.lnk")).1.contains("không phải tờ lá thăm"));
    assert!(finish(&order).0 && !table.path("la-tham.html").exists());
    assert_eq!(table.names("khoa"), ["cong-bo.lnr", "phan-khoa-1.lnk", "phan-khoa-2.lnk", "phan-khoa-3.lnk"]);
    assert_eq!(table.announcement().signed.definition.slips(), 149);
}

#[test]
fn what_was_typed_ahead_confirms_nothing() {
    let table = Table::new();
    let (keyboard, screen) = terminal();
    rustix::io::write(&keyboard, b"xong\n").unwrap();
    let mut child = table.begin_ceremony(screen);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("gõ “xong”") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0);
    }
    assert!(table.path("la-tham.html").exists());
    rustix::io::write(&keyboard, b"\nxong\n").unwrap();
    let (is_done, complaint) = said(child);
    assert!(is_done && complaint.contains("Chưa làm gì cả"), "the first answer was Enter alone: {complaint}");
}

#[test]
fn a_signal_or_a_closed_window_leaves_nothing_of_a_ceremony_whose_sheets_are_printed() {
    for signal in [Signal::INT, Signal::HUP, Signal::TERM] {
        let table = Table::new();
        let mut child = table.begin_ceremony(Stdio::piped());
        table.sheets(&mut child);
        let open = child.stdin.take();
        send(&child, signal);
        let (is_done, sentence) = said(child);
        drop(open);
        assert!(!is_done && sentence.contains("phải làm lại buổi lập khóa"), "{signal:?}: {sentence}");
        assert!(!table.path("la-tham.html").exists() && table.names("khoa").is_empty(), "{signal:?}");
    }
    let table = Table::new();
    let (keyboard, screen) = terminal();
    let mut child = table.begin_ceremony(screen);
    table.sheets(&mut child);
    drop(keyboard);
    assert!(!said(child).0);
    assert!(!table.path("la-tham.html").exists() && table.names("khoa").is_empty());
}

#[test]
fn sheets_that_cannot_be_written_are_refused_before_a_key_is_made() {
    let table = Table::new();
    table.written("ke-hoach.json", satisfaction_plan());
    table.written("cau-khoa", PASSPHRASES.join("\n"));
    let line = "ceremony --plan ke-hoach.json --out khoa --sheets nodir/t.html --passphrase-file cau-khoa";
    assert!(table.refused(&line.split(' ').collect::<Vec<_>>()).contains("Không thấy “nodir/t.html”"));
    assert!(table.names("khoa").is_empty());
    let line = line.replace("nodir/t.html", "khoa/phan-khoa-1.lnk");
    assert!(table.refused(&line.split(' ').collect::<Vec<_>>()).contains("Đã có “khoa/phan-khoa-1.lnk”"));
    assert!(table.names("khoa").is_empty(), "what was made is gone");
}

#[test]
fn a_signal_while_a_passphrase_is_typed_gives_the_terminal_its_echo_back() {
    let table = Table::new();
    table.written("ke-hoach.json", satisfaction_plan().replace("\"2026-01", "\"9000-01"));
    let (_keyboard, screen) = terminal();
    let seen = screen.try_clone().unwrap();
    let echoes = || tcgetattr(&seen).unwrap().local_modes.contains(LocalModes::ECHO);
    let child = table.start_with(&["ceremony", "--plan", "ke-hoach.json", "--out", "khoa"], screen);
    while echoes() {
        std::thread::yield_now();
    }
    send(&child, Signal::INT);
    assert!(!said(child).0 && echoes());
}

/// The box of a round that takes feedback, with five of the street in it.
fn feedback_box(table: &Table) {
    let announcement = table.announcement();
    let round = &announcement.signed.definition;
    let mut random = seeded(5);
    let envelopes = (0..5).map(|number| {
        let said = Feedback {
            topic: Topic::Works,
            about: FeedbackAbout::Street,
            area: None,
            content: Zeroizing::new(format!("Đèn số {number} hỏng.")),
            proposal: Zeroizing::default(),
            reply: None,
        };
        Envelope::seal_feedback(round, (&said, false), &mut random).unwrap()
    });
    table.written("hom.lnhp", file(&announcement, &sorted(envelopes.collect()), &Wrong::default()));
}

#[test]
fn an_intake_reads_a_batch_at_a_terminal() {
    let table = Table::new();
    table.written("ke-hoach.json", feedback_plan());
    table.written("cau-khoa", [&PASSPHRASES[..], &["hoa sữa cuối thu"]].concat().join("\n"));
    table.done(&["ceremony", "--plan", "ke-hoach.json", "--out", "khoa", "--passphrase-file", "cau-khoa"]);
    let kept = ["cong-bo.lnr", "phan-khoa-1.lnk", "phan-khoa-2.lnk", "phan-khoa-3.lnk", "tiep-nhan.lni"];
    assert_eq!(table.names("khoa"), kept, "nothing is printed");
    feedback_box(&table);
    let count = "open --input hom.lnhp --share khoa/phan-khoa-1.lnk --share khoa/phan-khoa-2.lnk --out ra";
    assert!(table.refused(&count.split(' ').collect::<Vec<_>>()).contains("đọc chứ không đếm"));
    let (keyboard, screen) = terminal();
    let seen = screen.try_clone().unwrap();
    let arguments = "read --input hom.lnhp --intake khoa/tiep-nhan.lni --folder so --first";
    let mut child = table.start_with(&arguments.split(' ').collect::<Vec<_>>(), screen);
    while tcgetattr(&seen).unwrap().local_modes.contains(LocalModes::ECHO) {
        std::thread::yield_now();
    }
    rustix::io::write(&keyboard, "hoa sữa cuối thu\n".as_bytes()).unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Có 5 góp ý") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0);
    }
    let answers = format!("2\n1\n\n\n{}", "1\nĐèn hỏng.\nNgười dân báo đèn hỏng.\n".repeat(4));
    rustix::io::write(&keyboard, answers.as_bytes()).unwrap();
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    let (is_done, complaint) = said(child);
    assert!(is_done && complaint.contains("Góp ý thứ 2: cần có lời"), "empty words are asked again: {complaint}");
    let packet = table.names("so").into_iter().find(|name| name.ends_with(".lny")).unwrap();
    let bytes = std::fs::read(table.path("so").join(packet)).unwrap();
    let packet = IntakePacket::read(&bytes, &table.announcement().signed.definition).unwrap();
    assert_eq!((packet.cases.len(), packet.denounced), (4, 1));
}
