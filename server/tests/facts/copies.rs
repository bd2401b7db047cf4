//! Backups, restores and the continuous second copy.

use std::os::unix::fs::PermissionsExt;

use model::entry::Entry;
use model::exchange::{Acknowledgement, Answered, Reply, Row, Rows, unpack_reply};
use model::identity::SpaceId;
use model::receipt::{Epoch, Place, ReceiptLeaf, ReceiptPage};
use server::backup::{back_up, restore};
use server::door::CopyState;
use server::failure::ServerFailed;
use server::file_fault::{FileCause, fault};
use server::folder::{EPOCH_FILE, Found, IDENTITY_FILE, read_epoch};
use server::inspection::inspect;
use server::office::{DATABASE_FILE, MEMBERSHIP_FILE};
use server::running::{Running, start};
use server::settings::Settings;
use server::sidecar::Sidecar;

use crate::bare_phone::{BarePhone, beginning, own_space, request_of, serve, stored};

async fn push_one(server: &Running, phone: &mut BarePhone) {
    let space = own_space(server).await;
    let entry = phone.change(space);
    assert_eq!(stored(&phone.push(space, beginning(server), &[entry]).await.unwrap()), 1);
}

async fn rows_of(server: &Running, phone: &BarePhone) -> Rows {
    let reply = phone.push(own_space(server).await, beginning(server), &[]).await.unwrap();
    let Answered::Rows(rows) = reply.spaces[0].answer.clone() else { panic!() };
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_is_whole_and_restores_into_a_new_life() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(&folder.path().join("data"));
    let server = serve(&settings.data).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let to = folder.path().join("backup.db");
    let (backing, target) = (settings.clone(), to.clone());
    let backup = tokio::task::spawn_blocking(move || back_up(&backing, &target));
    while !backup.is_finished() {
        push_one(&server, &mut phone).await;
    }
    let backed_up = backup.await.unwrap().unwrap();
    assert_eq!(inspect(&to), Ok(backed_up));
    assert_eq!(back_up(&settings, &to), Err(fault(&to, FileCause::Exists)));
    push_one(&server, &mut phone).await;
    let before = server.door().epoch;
    assert_eq!(restore(&settings, &to, None), Err(ServerFailed::FolderInUse));
    server.stop().await.unwrap();

    let restored = restore(&settings, &to, None).unwrap();
    assert_eq!((restored.backup, restored.rows_missed, restored.is_membership_lost), (backed_up, 0, false));
    let server = serve(&settings.data).await;
    assert_eq!(server.found, Found::Whole, "the restore began the new life");
    assert!(server.door().epoch > before);
    let kept = std::fs::read_dir(&settings.data).unwrap().flatten();
    assert_eq!(kept.filter(|file| file.file_name().to_string_lossy().starts_with("replaced-")).count(), 1);
    server.stop().await.unwrap();
}

/// Phones that were let in after the backup come in with the membership file; they are nothing that a restore misses.
#[tokio::test]
async fn a_restore_says_how_many_rows_the_second_copy_holds_beyond_it() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&folder.path().join("data")) };
    let to = folder.path().join("backup.db");
    let server = start(&settings).await.unwrap();
    back_up(&settings, &to).unwrap();
    BarePhone::member(&server, 5).await;
    server.stop().await.unwrap();
    assert_eq!(restore(&settings, &to, None).unwrap().rows_missed, 0);
    let server = start(&settings).await.unwrap();
    push_one(&server, &mut BarePhone::member(&server, 6).await).await;
    server.stop().await.unwrap();
    assert_eq!(restore(&settings, &to, None).unwrap().rows_missed, 1);
}

#[tokio::test]
async fn a_restore_that_broke_off_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(&folder.path().join("data"));
    let server = serve(&settings.data).await;
    let _phone = BarePhone::member(&server, 5).await;
    server.stop().await.unwrap();
    let database = settings.data.join(DATABASE_FILE);
    std::fs::rename(&database, settings.data.join(server::folder::FRESH_DATABASE_FILE)).unwrap();
    let server = serve(&settings.data).await;
    assert_eq!(server.found, Found::WentBack);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_restore_under_a_clock_that_was_set_back_begins_a_later_life() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(folder.path());
    serve(&settings.data).await.stop().await.unwrap();
    let backup = folder.path().join("backup.db");
    back_up(&settings, &backup).unwrap();
    let replaced = read_epoch(folder.path()).unwrap().unwrap();
    let later = Epoch { started_ms: replaced.started_ms + 3_600_000, ..replaced };
    let text: String = later.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(folder.path().join(EPOCH_FILE), text).unwrap();
    restore(&settings, &backup, None).unwrap();
    assert!(read_epoch(folder.path()).unwrap().unwrap() > later, "phones would take it for an old server");
}

#[tokio::test]
async fn a_lost_folder_is_restored_from_the_second_copy_and_a_foreign_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = start(&settings).await.unwrap();
    let identity = server.identity;
    let mut phone = BarePhone::member(&server, 5).await;
    push_one(&server, &mut phone).await;
    server.stop().await.unwrap();
    assert_eq!(inspect(&copy.join(DATABASE_FILE)), inspect(&data.join(DATABASE_FILE)));

    let noise = folder.path().join("noise.db");
    std::fs::write(&noise, [7; 9_000]).unwrap();
    assert_eq!(restore(&settings, &noise, None), Err(fault(&noise, FileCause::Damaged)));
    std::fs::remove_dir_all(&data).unwrap();
    let lost = start(&settings).await;
    assert!(matches!(lost, Err(ServerFailed::CopyAhead { rows: 3 })), "an empty server never takes its place");
    std::fs::remove_dir_all(&data).unwrap();
    let restored = restore(&settings, &copy.join(DATABASE_FILE), None).unwrap();
    assert!(restored.is_membership_lost, "what lies in the copy is as old as the copy");
    let server = start(&settings).await.unwrap();
    assert_eq!(server.identity, identity);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn rows_are_safe_once_the_second_copy_holds_them() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = start(&settings).await.unwrap();
    let mut phone = BarePhone::member(&server, 5).await;
    push_one(&server, &mut phone).await;
    assert!(rows_of(&server, &phone).await.has_second_copy);
    let mut asked = 0;
    while rows_of(&server, &phone).await.safe < 2 {
        asked += 1;
        assert!(asked < 10_000, "the copier follows");
        tokio::task::yield_now().await;
    }
    server.stop().await.unwrap();
    for name in [IDENTITY_FILE, MEMBERSHIP_FILE] {
        assert_eq!(std::fs::read(copy.join(name)).unwrap(), std::fs::read(data.join(name)).unwrap());
    }
    let server = start(&settings).await.unwrap();
    phone.comes_back(&server).await;
    assert_eq!(rows_of(&server, &phone).await.safe, 2, "what the copy held is safe from the first answer on");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_behind_its_copy_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = start(&settings).await.unwrap();
    let mut phone = BarePhone::member(&server, 5).await;
    server.stop().await.unwrap();
    let older = std::fs::read(data.join(DATABASE_FILE)).unwrap();
    let server = start(&settings).await.unwrap();
    phone.comes_back(&server).await;
    push_one(&server, &mut phone).await;
    server.stop().await.unwrap();
    std::fs::write(data.join(DATABASE_FILE), older).unwrap();
    let refused = start(&settings).await;
    assert!(matches!(refused, Err(ServerFailed::CopyAhead { rows: 1 })));
    restore(&settings, &copy.join(DATABASE_FILE), None).unwrap();
    let server = start(&settings).await.unwrap();
    assert_eq!(server.door().writer.act(|office| office.rows()).await, Ok(3));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_copy_that_was_removed_is_told_makes_nothing_safe_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = start(&settings).await.unwrap();
    let mut phone = BarePhone::member(&server, 5).await;
    std::fs::rename(&copy, folder.path().join("gone")).unwrap();
    std::fs::write(&copy, "in the way").unwrap();
    push_one(&server, &mut phone).await;
    let mut state = server.door().copy.clone();
    state.wait_for(|state| *state == CopyState::Failed).await.unwrap();
    assert!(rows_of(&server, &phone).await.safe < 2);
    push_one(&server, &mut phone).await;
    let health = phone.get("/health").await.text().await.unwrap();
    assert!(health.contains("\"second_copy\":\"failed\""), "{health}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_membership_file_in_the_copys_folder_is_written_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    std::fs::create_dir(&copy).unwrap();
    let membership = copy.join(MEMBERSHIP_FILE);
    let settings = Settings {
        second_copy: Some(copy.clone()),
        membership: Some(membership.clone()),
        ..Settings::of_folder(&data)
    };
    let server = start(&settings).await.unwrap();
    let mut phone = BarePhone::member(&server, 5).await;
    push_one(&server, &mut phone).await;
    while rows_of(&server, &phone).await.safe < 2 {
        tokio::task::yield_now().await;
    }
    let device = phone.device();
    let revoke = move |office: &mut server::office::Office| {
        server::enrolment::revoke_device(office, device, server::machine::moment())
    };
    assert_eq!(server.door().writer.act(revoke).await.unwrap(), Some(()));
    assert_eq!(Sidecar::read(&membership).unwrap().len(), 4, "let in and taken out, in two spaces");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_backup_of_another_server_is_refused_and_nobody_else_reads_ours() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |name: &str| Settings::of_folder(&folder.path().join(name));
    for name in ["ours", "theirs"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        serve(&settings(name).data).await.stop().await.unwrap();
    }
    let backup = folder.path().join("backup.db");
    back_up(&settings("theirs"), &backup).unwrap();
    let before = std::fs::read(settings("ours").data.join(DATABASE_FILE)).unwrap();
    assert_eq!(restore(&settings("ours"), &backup, None), Err(ServerFailed::ForeignBackup));
    assert_eq!(std::fs::read(settings("ours").data.join(DATABASE_FILE)).unwrap(), before);
    let journal = settings("ours").data.join(format!("{DATABASE_FILE}-wal"));
    assert_eq!(back_up(&settings("ours"), &journal), Err(fault(&journal, FileCause::Exists)), "the engine's own name");
    for file in [backup, settings("ours").data.join(DATABASE_FILE), settings("ours").membership_file()] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{file:?}");
    }
}

#[tokio::test]
async fn a_receipt_speaks_for_what_its_entry_builds_on() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, backup) = (Settings::of_folder(&folder.path().join("data")), folder.path().join("backup.db"));
    let server = serve(&settings.data).await;
    let mut phone = BarePhone::member(&server, 5).await;
    back_up(&settings, &backup).unwrap();
    let space = own_space(&server).await;
    let entries = phone.two_changes(space);
    let page = page_of(space, &phone.push(space, beginning(&server), &entries).await.unwrap(), &entries);
    server.stop().await.unwrap();
    std::fs::remove_file(settings.membership_file()).unwrap();
    std::fs::remove_file(backup.with_extension("db.membership")).unwrap();
    restore(&settings, &backup, None).unwrap();
    let server = serve(&settings.data).await;
    phone.comes_back(&server).await;
    let told = |reply: Reply| match reply.spaces.into_iter().next().unwrap().answer {
        Answered::Rows(rows) => rows.acknowledgements,
        other => panic!("{other:?}"),
    };
    let mut request = request_of(space, beginning(&server), &entries[..1]);
    let alone = unpack_reply(&phone.exchange(&request).await.bytes().await.unwrap()).unwrap();
    assert_eq!(told(alone), [Acknowledgement::Wait], "nobody shows that the server ever had it");
    request = request_of(space, beginning(&server), &entries);
    request.spaces[0].receipts.push(page);
    request.spaces[0].entries[1].receipt = Some(0);
    let both = unpack_reply(&phone.exchange(&request).await.bytes().await.unwrap()).unwrap();
    assert!(told(both).iter().all(|answer| matches!(answer, Acknowledgement::Stored { in_force: true, .. })));
    server.stop().await.unwrap();
}

/// The page of receipts with which a reply answers, its rows in order.
fn page_of(space: SpaceId, reply: &Reply, pushed: &[Entry]) -> ReceiptPage {
    let Answered::Rows(rows) = &reply.spaces[0].answer else { panic!() };
    let leaf = |(number, row): (u64, &Row)| {
        let (hash, first, in_force, received_ms) = match row {
            Row::Pushed { index, first, in_force, received_ms } => {
                (pushed[usize::from(*index)].hash, first, *in_force, *received_ms)
            }
            Row::Full { entry, first, in_force, received_ms } => {
                (Entry::read(entry).unwrap().hash, first, *in_force, *received_ms)
            }
        };
        let place = first.unwrap_or(Place { epoch: reply.spaces[0].at.epoch, number });
        ReceiptLeaf { hash, place, in_force, received_ms }
    };
    let leaves = (1..).zip(&rows.rows).map(leaf).collect();
    ReceiptPage { space, leaves, signature: rows.rows_by[0] }
}

async fn first_page(server: &Running) -> String {
    crate::plain_client().get(format!("http://{}/", server.pages)).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_page_never_says_that_there_are_two_copies_while_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    let server = start(&settings).await.unwrap();
    let mut phone = BarePhone::member(&server, 5).await;
    assert!(first_page(&server).await.contains("Máy chủ giữ hai bản dữ liệu."));
    std::fs::rename(&copy, folder.path().join("gone")).unwrap();
    push_one(&server, &mut phone).await;
    let mut state = server.door().copy.clone();
    state.wait_for(|state| *state == CopyState::Failed).await.unwrap();
    let page = first_page(&server).await;
    assert!(page.contains("Bản dữ liệu thứ hai đang không ghi được") && !page.contains("giữ hai bản"), "{page}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_page_says_that_the_figures_may_lack_what_phones_still_bring_back() {
    const SENTENCE: &str = "các điện thoại đang gửi lại phần còn thiếu";
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(&folder.path().join("data"));
    let server = serve(&settings.data).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let to = folder.path().join("backup.db");
    back_up(&settings, &to).unwrap();
    push_one(&server, &mut phone).await;
    assert!(!first_page(&server).await.contains(SENTENCE));
    server.stop().await.unwrap();
    restore(&settings, &to, None).unwrap();
    let server = serve(&settings.data).await;
    assert!(first_page(&server).await.contains(SENTENCE));
    server.door().writer.act(|office| office.close_recovery()).await.unwrap();
    assert!(!first_page(&server).await.contains(SENTENCE));
    server.stop().await.unwrap();
}
