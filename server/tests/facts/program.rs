//! The program itself: bad input at every door gives one sentence and an exit code, and nothing is lost.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use server::folder::{Folder, IDENTITY_FILE};
use server::office::DATABASE_FILE;
use server::safety::Safety;
use server::settings::Settings;

pub(crate) fn langnghe(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_langnghe"));
    command.env_clear().arg("--data").arg(folder).args(["--port", "0"]).args(arguments);
    command
}

/// Runs to the end and expects one sentence.
pub(crate) fn check(output: &Output, code: i32, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let sentence: Vec<&str> = said.lines().filter(|line| !line.starts_with('{')).collect();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(sentence.len(), 1, "one sentence: {said}");
    assert!(sentence[0].contains(part), "{said}");
}

pub(crate) fn made_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(folder.path());
    let held = Folder::hold(&settings.data, &settings.membership_file()).unwrap();
    held.open(Safety::of_one_copy()).unwrap().0.settle().unwrap();
    folder
}

#[test]
fn malformed_settings_are_one_sentence_in_either_language() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| langnghe(folder.path(), arguments).output().unwrap();
    check(&run(&["serve", "--address", "here"]), 2, "--address");
    check(&run(&["serve", "--address", "here", "--language", "en"]), 2, "is not understood");
    check(&run(&["serve", "--public-address", "phuong"]), 2, "http://");
    check(&run(&["serve", "--second-copy", folder.path().to_str().unwrap()]), 2, "Bản sao thứ hai");
    assert!(!folder.path().join(DATABASE_FILE).exists());
}

#[test]
fn what_cannot_be_understood_is_said_in_either_language_with_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, vi, en) in [
        (&[][..], "Chưa ghi lệnh, ví dụ: langnghe serve", "No command was given"),
        (&["dance"], "Không có lệnh «dance»", "There is no command \"dance\""),
        (&["serv"], "có phải serve không?", "is serve meant?"),
        (&["recovery"], "xem: langnghe recovery --help", "see: langnghe recovery --help"),
        (&["enrol", "--role", "head"], "Còn thiếu --person <NGƯỜI>", "--person <NGƯỜI> is missing"),
        (&["revoke"], "Còn thiếu <--device <ĐIỆN THOẠI>|--person <NGƯỜI>>", "is missing; nothing was run"),
        (&["dismiss"], "Còn thiếu <ĐIỆN THOẠI>", "see: langnghe dismiss --help"),
        (&["serve", "--colour"], "Không có thiết lập «--colour»", "There is no setting"),
        (&["serve", "--second-copy"], "còn thiếu giá trị", "needs a value"),
        (&["enrol", "--person", "Lan", "--role", "boss"], "chỉ có: subject, head", "there are only: subject"),
    ] {
        let mut command = langnghe(folder.path(), arguments);
        check(&command.output().unwrap(), 2, vi);
        check(&command.env("LANGNGHE_LANGUAGE", "en").output().unwrap(), 2, en);
    }
}

#[test]
fn help_speaks_both_languages_and_names_exit_codes_and_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| {
        let output = langnghe(folder.path(), arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let whole = help(&["--help"]);
    for part in ["Cách dùng / Usage:", "Lệnh / Commands:", "Mã kết thúc / Exit codes:", "LANGNGHE_LOG", "Trang quản lý"]
    {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    for code in 0..=6 {
        assert!(whole.lines().any(|line| line.starts_with(&format!("  {code}  "))), "{code}: {whole}");
    }
    for command in
        ["serve", "enrol", "people", "approve", "dismiss", "revoke", "backup", "restore", "doctor", "recovery"]
    {
        assert!(whole.contains(&format!("\n  {command} ")), "{command}: {whole}");
        let one = help(&[command, "--help"]);
        assert!(one.contains("Cách dùng / Usage:") && !one.contains("Print help"), "{one}");
    }
}

#[test]
fn nobody_is_taken_out_by_a_script_that_did_not_say_yes() {
    let folder = made_folder();
    for whom in [["revoke", "--person", "ffff2233ffff2233ffff2233ffff2233"], ["revoke", "--device", "ffff2233"]] {
        check(&langnghe(folder.path(), &whom).output().unwrap(), 1, "thêm --yes");
    }
}

#[test]
fn a_port_in_use_touches_no_data() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_langnghe"));
    command.env_clear().arg("--data").arg(folder.path()).args(["--port", &port, "serve"]);
    check(&command.output().unwrap(), 4, &format!("Cổng {port} đã có chương trình khác dùng"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no key, no lock");
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    check(&langnghe(Path::new("/sys/kernel/langnghe"), &["serve"]).output().unwrap(), 3, "không có quyền");
}

#[test]
fn a_database_that_is_damaged_or_newer_is_left_as_it_is() {
    let folder = made_folder();
    let database = folder.path().join(DATABASE_FILE);
    rusqlite::Connection::open(&database).unwrap().pragma_update(None, "user_version", 900).unwrap();
    check(&langnghe(folder.path(), &["serve"]).output().unwrap(), 1, "phiên bản 900");
    let noise: Vec<u8> = (0..40_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&database, &noise).unwrap();
    check(&langnghe(folder.path(), &["serve"]).output().unwrap(), 5, "bị hỏng");
    assert_eq!(std::fs::read(&database).unwrap(), noise);
    let examined = langnghe(folder.path(), &["doctor"]).output().unwrap();
    assert_eq!(examined.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&examined.stdout).contains("LỖI: Tệp cơ sở dữ liệu bị hỏng"));
}

#[test]
fn a_lost_or_damaged_identity_is_never_replaced() {
    let folder = made_folder();
    let key = folder.path().join(IDENTITY_FILE);
    std::fs::write(&key, "not a key").unwrap();
    check(&langnghe(folder.path(), &["serve"]).output().unwrap(), 5, "identity.key bị hỏng");
    std::fs::remove_file(&key).unwrap();
    check(&langnghe(folder.path(), &["serve"]).output().unwrap(), 5, "Thiếu tệp identity.key");
    assert!(!key.exists());
}

#[test]
fn a_second_server_on_a_folder_is_refused_and_the_first_stops_gracefully() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Serving::start(folder.path());
    check(&langnghe(folder.path(), &["serve"]).output().unwrap(), 4, "đang được một máy chủ khác dùng");
    let restoring = langnghe(folder.path(), &["restore", "--from"]).arg(folder.path().join(DATABASE_FILE)).output();
    check(&restoring.unwrap(), 4, "đang được một máy chủ khác dùng");
    let (status, said) = first.terminate();
    assert!(status.success() && said.contains("Máy chủ đã dừng"), "{said}");
    let wal = std::fs::metadata(folder.path().join(format!("{DATABASE_FILE}-wal")));
    assert!(wal.is_err() || wal.unwrap().len() == 0, "everything is in the database file");
    let examined = langnghe(folder.path(), &["doctor"]).output().unwrap();
    assert_eq!(examined.status.code(), Some(0), "{}", String::from_utf8_lossy(&examined.stdout));
}

#[test]
fn an_order_to_a_folder_without_a_server_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("mistyped");
    for order in [&["approve"][..], &["people"], &["dismiss", "ffff2233"], &["revoke", "--yes", "--device", "ffff2233"]]
    {
        check(&langnghe(&empty, order).output().unwrap(), 1, "Chưa có máy chủ nào trong thư mục này");
    }
    assert!(!empty.exists());
}

#[test]
fn somebody_whom_nobody_knows_cannot_be_taken_out() {
    let folder = made_folder();
    let order = ["revoke", "--yes", "--person", "ffff2233ffff2233ffff2233ffff2233"];
    check(&langnghe(folder.path(), &order).output().unwrap(), 1, "Không tìm thấy");
}

/// A real server process.
struct Serving(Child);

impl Serving {
    fn start(folder: &Path) -> Self {
        let mut child = langnghe(folder, &["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
        Self(child)
    }

    /// How it ended, and what it still said.
    fn terminate(&mut self) -> (std::process::ExitStatus, String) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), rustix::process::Signal::TERM)
            .unwrap();
        let mut said = Vec::new();
        self.0.stdout.as_mut().unwrap().read_to_end(&mut said).unwrap();
        (self.0.wait().unwrap(), String::from_utf8_lossy(&said).into_owned())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
