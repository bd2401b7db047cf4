//! Folders and files that were mixed up, lost or half replaced: nothing is overwritten, and it is said.

use server::backup::{back_up, restore};
use server::counter;
use server::desk::Asked;
use server::failure::ServerFailed;
use server::file_fault::{FileCause, fault};
use server::folder::IDENTITY_FILE;
use server::office::{DATABASE_FILE, MEMBERSHIP_FILE};
use server::running::start;
use server::settings::Settings;

use crate::bare_phone::serve;

async fn served(settings: &Settings) {
    start(settings).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_second_copy_of_another_server_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let of =
        |name: &str| Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&folder.path().join(name)) };
    served(&of("ours")).await;
    let kept = std::fs::read(copy.join(IDENTITY_FILE)).unwrap();
    served(&Settings::of_folder(&folder.path().join("other"))).await;
    assert_eq!(start(&of("other")).await.err(), Some(ServerFailed::CopyForeign));
    assert_eq!(std::fs::read(copy.join(IDENTITY_FILE)).unwrap(), kept);
}

#[tokio::test]
async fn a_restore_of_another_servers_backup_brings_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
    for path in [&ours, &other] {
        served(&Settings::of_folder(path)).await;
    }
    std::fs::copy(other.join(IDENTITY_FILE), ours.join(IDENTITY_FILE)).unwrap();
    let fresh = Settings::of_folder(&folder.path().join("fresh"));
    assert_eq!(restore(&fresh, &ours.join(DATABASE_FILE), None), Err(ServerFailed::ForeignBackup));
    assert!(!fresh.data.join(IDENTITY_FILE).exists());
    assert_eq!(start(&Settings::of_folder(&ours)).await.err(), Some(ServerFailed::IdentityForeign));
}

#[tokio::test]
async fn an_order_makes_no_database_where_one_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    served(&settings).await;
    let database = data.join(DATABASE_FILE);
    std::fs::remove_file(&database).unwrap();
    assert_eq!(counter::ask(&settings, &Asked::People).err(), Some(fault(&database, FileCause::Missing)));
    assert!(!database.exists() && copy.join(DATABASE_FILE).exists());
}

#[tokio::test]
async fn a_second_copy_whose_folder_was_emptied_gets_its_key_and_membership_again() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let settings = Settings { second_copy: Some(copy.clone()), ..Settings::of_folder(&data) };
    served(&settings).await;
    let server = start(&settings).await.unwrap();
    for name in [IDENTITY_FILE, MEMBERSHIP_FILE] {
        std::fs::remove_file(copy.join(name)).unwrap();
    }
    server.stop().await.unwrap();
    assert!([IDENTITY_FILE, MEMBERSHIP_FILE].iter().all(|name| copy.join(name).exists()));
}

#[tokio::test]
async fn a_restore_can_take_what_an_earlier_one_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(&folder.path().join("data"));
    serve(&settings.data).await.stop().await.unwrap();
    let left = settings.data.join("restored.db");
    assert_eq!(back_up(&settings, &left), Err(fault(&left, FileCause::Exists)), "the name is taken");
    let backup = folder.path().join("backup.db");
    back_up(&settings, &backup).unwrap();
    std::fs::copy(&backup, &left).unwrap();
    std::fs::remove_file(settings.data.join(DATABASE_FILE)).unwrap();
    restore(&settings, &left, None).unwrap();
    assert!(settings.data.join(DATABASE_FILE).exists());
}
