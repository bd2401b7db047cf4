//! What a newcomer does: the wrong account, port, place or order, each answered by a sentence that is true.

use std::path::Path;
use std::process::{Output, Stdio};

use ed25519_dalek::SigningKey;
use model::enrolment::NONCE_BYTES;
use model::entry::device_id;
use model::four_words::four_words;
use model::handshake::public;
use model::membership::Role;
use rusqlite::Connection;
use server::folder::{COMMANDS_FILE, read_key};
use server::machine;
use server::office::DATABASE_FILE;
use server::running::start;
use server::safety::Safety;
use server::settings::Settings;

use crate::bare_phone::LAN;
use crate::program::{check, langnghe, made_folder};

/// Runs with nobody at the terminal.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    langnghe(folder, arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn heard(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Lan's phone waits; its four words.
fn lets_wait(folder: &Path) -> String {
    let key = public(&SigningKey::from_bytes(&[6; 32]));
    let database = Connection::open(folder.join(DATABASE_FILE)).unwrap();
    let (code, nonce) = ([3; 32], [4; NONCE_BYTES]);
    let sql = "insert into device (device, key, person, role, approved_ms, asked_ms, code, nonce)
               values (?1, ?2, ?3, 1, null, 1, ?4, ?5)";
    database.execute(sql, (device_id(&key).as_bytes(), key.as_bytes(), LAN.as_bytes(), code, nonce)).unwrap();
    let server = read_key(&folder.join("identity.key")).unwrap().unwrap();
    four_words(&public(&server), &key, &code, &nonce).join(" ")
}

#[test]
fn root_makes_nothing_in_a_folder_of_another_account() {
    if !rustix::process::geteuid().is_root() {
        // Only root can give a folder away.
        return;
    }
    let folder = made_folder();
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = files();
    std::os::unix::fs::chown(folder.path(), Some(64_321), None).unwrap();
    for order in [&["people"][..], &["serve"], &["doctor"], &["backup", "--to", "nowhere.db"]] {
        check(&run(folder.path(), order), 2, "hãy gõ: sudo -u '#64321' langnghe --data");
    }
    assert_eq!(files(), before);
    std::os::unix::fs::chown(folder.path(), Some(0), None).unwrap();
    assert!(run(folder.path(), &["people"]).status.success());
}

#[tokio::test]
async fn with_the_address_of_a_network_the_pages_stay_on_this_machine_under_the_printed_link() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { address: [0, 0, 0, 0].into(), ..Settings::of_folder(folder.path()) };
    let server = start(&settings).await.unwrap();
    assert!(server.pages.ip().is_loopback() && server.pages.port() != server.address.port());
    let http = crate::plain_client();
    let status = async |port: u16, path: &str| {
        http.get(format!("http://127.0.0.1:{port}{path}")).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(server.pages.port(), "/").await, 200);
    assert_eq!(status(server.address.port(), "/rounds").await, 404, "phones and readers alone");
    assert_eq!(status(server.address.port(), "/").await, 200, "what is published");
    assert_eq!(status(server.address.port(), "/v1/challenge").await, 200);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_with_a_long_path_is_served_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d".repeat(120));
    let server = start(&Settings::of_folder(&data)).await.unwrap();
    assert!(data.join(COMMANDS_FILE).exists());
    let asked = tokio::task::spawn_blocking(move || run(&data, &["people"])).await.unwrap();
    assert!(asked.status.success(), "{}", heard(&asked));
    server.stop().await.unwrap();
}

#[test]
fn a_port_that_cannot_be_taken_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // Two free neighbours, of which the upper one is taken then.
    let (lower, _upper) = loop {
        let lower = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if let Ok(upper) = std::net::TcpListener::bind(("127.0.0.1", lower.saturating_add(1))) {
            break (lower, upper);
        }
    };
    let serve = |port: &str, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_langnghe"));
        command.env_clear().arg("serve").arg("--data").arg(&data).args(["--port", port]).args(more).output().unwrap()
    };
    let public = ["--public-address", "https://phuong.example"];
    check(&serve(&lower.to_string(), &public), 4, &format!("Cổng {} đã có chương trình khác dùng", lower + 1));
    check(&serve("65535", &public), 2, "Không có cổng nào sau 65535");
    check(&serve("99999", &[]), 2, "chỉ nhận số từ 0 đến 65535");
    assert!(!data.exists(), "a start that was refused leaves nothing behind");
}

#[test]
fn doctor_tries_to_write_the_second_copy_and_says_how_near_it_lies() {
    let (folder, copy) = (made_folder(), tempfile::tempdir().unwrap());
    std::fs::copy(folder.path().join(DATABASE_FILE), copy.path().join(DATABASE_FILE)).unwrap();
    let examine = || run(folder.path(), &["doctor", "--second-copy", text(copy.path())]);
    assert!(examine().status.success());
    assert!(heard(&examine()).contains("CHÚ Ý: Bản sao thứ hai nằm cùng ổ đĩa"), "{}", heard(&examine()));
    std::fs::create_dir(copy.path().join("trial.new")).unwrap();
    let blocked = examine();
    assert_eq!(blocked.status.code(), Some(1));
    assert!(heard(&blocked).contains("LỖI: Bản sao thứ hai không ghi được"), "{}", heard(&blocked));
    let inside = folder.path().join("copy");
    std::fs::rename(copy.path(), &inside).unwrap();
    let said = heard(&run(folder.path(), &["doctor", "--second-copy", text(&inside)]));
    assert!(said.contains("nằm trong thư mục dữ liệu"), "{said}");
}

#[test]
fn a_code_says_for_whom_it_is_and_doubts_an_id_that_no_directory_knows() {
    let folder = made_folder();
    let given = run(folder.path(), &["enrol", "--person", &LAN.to_string(), "--role", "head"]);
    assert!(given.status.success());
    let said = heard(&given);
    assert!(said.contains(&format!("Mã này dành cho người có mã {LAN}, vai trò: trưởng đơn vị.")), "{said}");
    assert!(said.contains(&format!("Chú ý: danh bạ chưa có ai mang mã {LAN}")), "{said}");
}

#[test]
fn a_picture_that_cannot_be_written_makes_no_code() {
    let folder = made_folder();
    let place = folder.path().join("nowhere").join("code.png");
    let order = ["enrol", "--person", &LAN.to_string(), "--role", "head", "--png", text(&place)];
    check(&run(folder.path(), &order), 1, "không có tệp hoặc thư mục này");
    let database = Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
    let codes: u32 = database.query_row("select count(*) from enrolment_code", [], |row| row.get(0)).unwrap();
    assert_eq!(codes, 0);
}

#[test]
fn approve_says_why_nobody_came_in() {
    let folder = made_folder();
    let approve = |words: &[&str]| run(folder.path(), &[&["approve"], words].concat());
    check(&approve(&[]), 1, "không còn mã nào dùng được");
    assert!(run(folder.path(), &["enrol", "--person", &LAN.to_string(), "--role", "head"]).status.success());
    check(&approve(&[]), 1, "còn 1 mã chưa được quét");
    let words = lets_wait(folder.path());
    let unasked = approve(&[]);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(heard(&unasked).contains("vì không có ai để hỏi"), "{}", heard(&unasked));
    check(&approve(&["--words", "chè bàn lúa voi"]), 1, "không máy nào đang chờ hiện bốn từ này");
    assert!(approve(&["--words", &words]).status.success());
    check(&approve(&["--words", &words]), 1, "đã được cho vào từ trước");
}

#[test]
fn whoever_is_out_already_is_not_unknown() {
    let folder = made_folder();
    let settings = Settings::of_folder(folder.path());
    let key = public(&SigningKey::from_bytes(&[6; 32]));
    {
        let held = server::folder::Folder::hold(&settings.data, &settings.membership_file()).unwrap();
        let (mut office, _) = held.open(Safety::of_one_copy()).unwrap();
        office.grant_device(key, LAN, Role::Subject, machine::moment()).unwrap();
        office.settle().unwrap();
    }
    let (device, person) = (device_id(&key).to_string(), LAN.to_string());
    let revoke = |whom: &[&str]| run(folder.path(), &[&["revoke", "--yes"], whom].concat());
    let out = revoke(&["--device", &device[..8]]);
    assert!(out.status.success());
    assert!(heard(&out).contains(&format!("Đã đưa điện thoại {} của {person} ra", &device[..8])), "{}", heard(&out));
    check(&revoke(&["--device", &device[..8]]), 1, "đã được đưa ra từ ngày");
    assert!(heard(&revoke(&["--person", &person])).contains(&format!("Đã đưa {person} ra")));
    check(&revoke(&["--person", &person]), 1, "đã được đưa ra từ trước");
}

#[test]
fn a_backup_that_was_killed_is_written_again_and_two_at_once_do_not_mix() {
    let folder = made_folder();
    lets_wait(folder.path());
    let to = folder.path().join("backup.db");
    let (draft, beside) = (folder.path().join("backup.db.new"), folder.path().join("backup.db.membership"));
    let back_up = || run(folder.path(), &["backup", "--to", text(&to)]);
    std::fs::write(&draft, [7; 9_000]).unwrap();
    std::fs::copy(Settings::of_folder(folder.path()).membership_file(), &beside).unwrap();
    let other = std::fs::File::open(&draft).unwrap();
    other.lock().unwrap();
    check(&back_up(), 4, "một lần sao lưu khác đang ghi tệp này");
    drop(other);
    assert!(back_up().status.success(), "{}", heard(&back_up()));
    assert!(to.exists() && beside.exists() && !draft.exists());
    check(&back_up(), 1, "tệp này đã có");
    std::fs::remove_file(&to).unwrap();
    check(&back_up(), 1, text(&beside));
    assert!(!draft.exists());
}

#[test]
fn help_and_the_environment_speak_as_they_were_asked() {
    let folder = tempfile::tempdir().unwrap();
    let help = |language: &str, command: &str| {
        let mut asked = langnghe(folder.path(), &[command, "--help"]);
        heard(&asked.env("LANGNGHE_LANGUAGE", language).output().unwrap())
    };
    for command in ["serve", "enrol", "approve", "dismiss", "revoke", "backup", "restore", "recovery"] {
        let said = help("vi", command);
        for english in ["[OPTIONS]", "[env:", "[default:", "<TO>", "<FROM>", "<PERSON>", "<ROLE>", "<DATA>", "<PORT>"] {
            assert!(!said.contains(english), "{english}: {said}");
        }
        for vietnamese in ["[TÙY CHỌN]", "[biến môi trường: LANGNGHE_DATA]", "[mặc định: data]", "<THƯ MỤC>"]
        {
            assert!(said.contains(vietnamese), "{vietnamese}: {said}");
        }
    }
    assert!(help("EN", "serve").contains("[default: data]"));
    let mut serve = langnghe(&folder.path().join("data"), &["serve"]);
    check(&serve.env("LANGNGHE_LOG", "banana").output().unwrap(), 2, "Không hiểu LANGNGHE_LOG");
    let mut english = langnghe(&folder.path().join("data"), &["people"]);
    check(&english.env("LANGNGHE_LANGUAGE", "EN").output().unwrap(), 1, "There is no server in this folder yet");
}

#[test]
fn an_order_in_a_sentence_names_the_data_folder() {
    let folder = made_folder();
    let data = format!(" --data {}", text(folder.path()));
    for order in [&["dismiss", "ffff2233"][..], &["dismiss", "ff"], &["revoke", "--yes", "--person", "Ai"]] {
        check(&run(folder.path(), order), 1, &format!("langnghe people{data}"));
    }
    let nowhere = folder.path().join("không có");
    check(&run(&nowhere, &["people"]), 1, &format!("langnghe serve --data '{}'", text(&nowhere)));
}
