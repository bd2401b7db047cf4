//! Backup, restore and doctor as the program says them, and the rights of what they leave behind.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use server::folder::{EPOCH_FILE, IDENTITY_FILE};
use server::office::DATABASE_FILE;
use server::settings::Settings;
use server::sidecar::Sidecar;

use crate::bare_phone::{BarePhone, serve};
use crate::program::{check, langnghe, made_folder};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    langnghe(folder, arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Nobody but its owner may open a folder or anything in it.
fn check_private(folder: &Path) {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for path in files.chain([folder.to_owned()]) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path:?} has {mode:o}");
    }
}

fn open_up(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_restored_folder_and_a_second_copy_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy, other) = (folder.path().join("data"), folder.path().join("copy"), folder.path().join("other"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = server::running::start(&settings).await.unwrap();
    let _phone = BarePhone::member(&server, 5).await;
    check_private(&data);
    server.stop().await.unwrap();
    check_private(&copy);
    let restored = run(&other, &["restore", "--from", text(&copy.join(DATABASE_FILE))]);
    assert!(restored.status.success(), "{restored:?}");
    check_private(&other);
}

#[test]
fn doctor_names_what_others_may_open_and_how_to_close_it() {
    let folder = made_folder();
    let copy = tempfile::tempdir().unwrap();
    open_up(folder.path(), 0o755);
    open_up(&folder.path().join(EPOCH_FILE), 0o644);
    open_up(copy.path(), 0o750);
    let output = run(folder.path(), &["doctor", "--second-copy", text(copy.path())]);
    let (line, all) = (said(&output), said(&output));
    let line = line.lines().find(|line| line.contains("chmod go-rwx")).expect(&all);
    for path in [folder.path(), &folder.path().join(EPOCH_FILE), copy.path()] {
        assert!(line.split(' ').any(|word| word == text(path)), "{line}");
    }
    assert!(!line.contains(IDENTITY_FILE), "{line}");
}

#[test]
fn doctor_says_of_an_empty_folder_only_that_no_server_is_here_yet() {
    let folder = tempfile::tempdir().unwrap();
    for data in [folder.path(), &folder.path().join("mistyped")] {
        let output = run(data, &["doctor"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("Chưa có máy chủ nào") && said.contains("langnghe serve --data"), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(!data.join(DATABASE_FILE).exists());
    }
}

#[test]
fn doctor_says_nothing_of_a_database_that_is_not_there() {
    let folder = made_folder();
    let examine = || said(&run(folder.path(), &["doctor"]));
    std::fs::remove_file(Settings::of_folder(folder.path()).membership_file()).unwrap();
    assert!(examine().contains("CHÚ Ý: Không có tệp thành viên"), "it comes back from the database");
    std::fs::remove_file(folder.path().join(DATABASE_FILE)).unwrap();
    let lost = examine();
    assert!(lost.contains("LỖI: Mất tệp langnghe.db"), "{lost}");
    assert!(!lost.contains("cũ hơn lần chạy trước") && !lost.contains("thành viên"), "{lost}");
    std::fs::remove_file(folder.path().join(EPOCH_FILE)).unwrap();
    assert!(examine().contains("CHÚ Ý: Máy chủ này chưa có dữ liệu. Để bắt đầu: langnghe serve"), "only a key");
}

#[test]
fn doctor_says_what_to_do_with_a_damaged_or_lonely_second_copy() {
    let (folder, copy) = (made_folder(), tempfile::tempdir().unwrap());
    let examine = || said(&run(folder.path(), &["doctor", "--second-copy", text(copy.path())]));
    std::fs::copy(folder.path().join(DATABASE_FILE), copy.path().join(DATABASE_FILE)).unwrap();
    assert!(examine().contains("Bản sao thứ hai đầy đủ"));
    std::fs::write(folder.path().join(DATABASE_FILE), [7; 9_000]).unwrap();
    let said = examine();
    let restore = format!("langnghe restore --from {}", text(&copy.path().join(DATABASE_FILE)));
    assert!(said.contains(&restore) && !said.contains("nhiều hơn"), "{said}");
    std::fs::write(copy.path().join(DATABASE_FILE), [7; 9_000]).unwrap();
    assert!(examine().contains("Hãy chuyển tệp này đi chỗ khác"));
}

#[test]
fn doctor_says_of_a_file_that_it_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "notes").unwrap();
    let said = said(&run(&file, &["doctor"]));
    assert!(said.contains("đây là tệp, không phải thư mục"), "{said}");
}

#[test]
fn a_restore_names_the_database_that_it_replaced_and_the_way_back() {
    let folder = made_folder();
    let backup = folder.path().join("backup.db");
    assert!(run(folder.path(), &["backup", "--to", text(&backup)]).status.success());
    let restored = said(&run(folder.path(), &["restore", "--yes", "--from", text(&backup)]));
    let way_back = restored.lines().find_map(|line| line.split_once("langnghe restore --from ")).expect(&restored).1;
    let kept = way_back.split(' ').next().unwrap();
    assert!(Path::new(kept).exists(), "{restored}");
    let returned = run(folder.path(), &["restore", "--yes", "--from", kept]);
    assert!(returned.status.success(), "{returned:?}");
}

#[test]
fn a_restore_into_an_empty_folder_speaks_of_no_replaced_database() {
    let (folder, fresh) = (made_folder(), tempfile::tempdir().unwrap());
    let restored = said(&run(fresh.path(), &["restore", "--from", text(&folder.path().join(DATABASE_FILE))]));
    assert!(restored.contains("Đã phục hồi") && !restored.contains("trước đó"), "{restored}");
}

#[test]
fn a_backup_that_cannot_be_restored_is_named_with_its_cause() {
    let folder = made_folder();
    let noise = folder.path().join("noise.db");
    std::fs::write(&noise, [7; 9_000]).unwrap();
    for (from, code, part) in [
        (folder.path().join("nowhere.db"), 1, "không có tệp hoặc thư mục này"),
        (folder.path().to_owned(), 1, "đây là thư mục"),
        (noise, 5, "hãy chọn tệp khác"),
    ] {
        let output = run(folder.path(), &["restore", "--from", text(&from)]);
        check(&output, code, part);
        check(&output, code, text(&from));
    }
}

#[test]
fn a_second_copy_that_cannot_lie_there_is_said_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("copy");
    std::fs::write(&blocked, "a file where the folder should be").unwrap();
    let data = folder.path().join("data");
    let output = run(&data, &["serve", "--second-copy", text(&blocked)]);
    check(&output, 2, "Bản sao thứ hai không ghi được");
    check(&output, 2, "đây là tệp, không phải thư mục");
    check(&run(&data, &["serve", "--second-copy", text(&blocked), "--language", "en"]), 2, "is a file, not a folder");
    assert!(!data.join(DATABASE_FILE).exists());
}

#[tokio::test]
async fn a_backup_into_a_folder_that_is_not_there_or_without_a_server_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("nowhere").join("backup.db");
    check(&run(folder.path(), &["backup", "--to", text(&to)]), 1, "Chưa có máy chủ nào");
    serve(folder.path()).await.stop().await.unwrap();
    check(&run(folder.path(), &["backup", "--to", text(&to)]), 1, "không có tệp hoặc thư mục này");
}

#[test]
fn doctor_sees_what_a_start_would_refuse_or_must_not_begin() {
    let (folder, another) = (made_folder(), made_folder());
    let examine = || said(&run(folder.path(), &["doctor"]));
    let (key, foreign) = (folder.path().join(IDENTITY_FILE), another.path().join(IDENTITY_FILE));
    let own = std::fs::read(&key).unwrap();
    std::fs::copy(&foreign, &key).unwrap();
    assert!(examine().contains("LỖI: Tệp identity.key là của một máy chủ khác"), "{}", examine());
    std::fs::write(&key, own).unwrap();
    assert!(!examine().contains("LỖI"), "{}", examine());

    let empty = tempfile::tempdir().unwrap();
    let advised = said(&run(empty.path(), &["doctor"]));
    let (keyed, begun) = (advised.find("identity.key").unwrap(), advised.find("langnghe serve").unwrap());
    assert!(
        keyed < begun && advised.contains("langnghe restore --from"),
        "who rebuilds begins no new server: {advised}"
    );
}

#[test]
fn doctor_says_when_nobody_knows_who_was_sent_away() {
    let folder = made_folder();
    Sidecar::doubt(&Settings::of_folder(folder.path()).membership_file()).unwrap();
    let said = said(&run(folder.path(), &["doctor"]));
    assert!(said.contains("CHÚ Ý: Tệp thành viên bị mất") && said.contains("langnghe recovery close"), "{said}");
}

#[tokio::test]
async fn nothing_is_replaced_and_no_recovery_ended_by_a_script_that_did_not_say_yes() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = serve(folder.path()).await;
    let _phone = BarePhone::member(&server, 5).await;
    server.stop().await.unwrap();
    let backup = elsewhere.path().join("backup.db");
    let backed_up = run(folder.path(), &["backup", "--to", text(&backup)]);
    assert!(backed_up.status.success(), "{backed_up:?}");
    check(&run(folder.path(), &["restore", "--from", text(&backup)]), 1, "thêm --yes");
    check(&run(folder.path(), &["recovery", "close"]), 1, "Không có gì đang được phục hồi");
    assert!(run(folder.path(), &["restore", "--yes", "--from", text(&backup)]).status.success());
    let waits = said(&run(folder.path(), &["doctor"]));
    assert!(waits.contains("CHÚ Ý: Đang phục hồi"), "{waits}");
    check(&run(folder.path(), &["recovery", "close"]), 1, "thêm --yes");
    let closed = run(folder.path(), &["recovery", "close", "--yes"]);
    assert!(closed.status.success() && said(&closed).contains("Đã xong"), "{closed:?}");
    check(&run(folder.path(), &["recovery", "close", "--yes"]), 1, "Không có gì đang được phục hồi");
}
