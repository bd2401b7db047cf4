//! A life that does not know who was sent away stays one, whatever is started, restored or brought: only people end it. A
//! real server over real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};

use model::membership::Role;
use model::rating::Rating;
use phone::work::Paper;
use server::backup::{back_up, restore};
use server::folder::{Folder, Found};
use server::office::{DATABASE_FILE, Office};
use server::running::{Running, start};
use server::safety::Safety;
use server::{enrolment, machine};
use tests::commune::filled;
use tests::house::{Handset, House, SEED, act, another_phone, logged, submitted};

fn only_the_key_is_left(house: &House) {
    let key = house.settings.data.join("identity.key");
    let digits = std::fs::read(&key).unwrap();
    std::fs::remove_dir_all(&house.settings.data).unwrap();
    std::fs::create_dir(&house.settings.data).unwrap();
    std::fs::write(&key, digits).unwrap();
}

async fn thief_writes(server: &Running, thief: &mut Handset, paper: Paper) -> Option<(u64, bool)> {
    let change = thief.edit(paper, &filled(SEED + 1, thief.author.person, false, Rating::Good));
    thief.synchronise(server).await;
    logged(server, paper.space, change).await
}

/// The office's machine burnt: a blind life from the old backup. Then the same backup is restored once more, for instance
/// because something looked wrong: by now a membership file lies there, made in the blind life.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_restore_does_not_forget_that_the_membership_file_was_lost() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 51, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    let server = house.rebuilt(server, true).await;
    server.stop().await.unwrap();
    let told = restore(&house.settings, &house.backup(), None).unwrap();
    let server = start(&house.settings).await.unwrap();
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(
        written.is_none(),
        "a revoked device wrote {written:?}; the restore said that the membership is lost: {}",
        told.is_membership_lost
    );
    server.stop().await.unwrap();
}

/// A folder that went back is noticed, a blind life begins; the office then restores its last backup by hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_after_a_folder_went_back_does_not_rely_on_its_membership_file() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 51, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    server.stop().await.unwrap();
    house.keep_snapshot();
    let server = start(&house.settings).await.unwrap();
    honest.edit(paper, &house.answers(lan));
    honest.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    house.go_back();
    let server = start(&house.settings).await.unwrap();
    let (server, _) = house.talks(&mut honest, server).await;
    assert_eq!(server.found, Found::WentBack);
    server.stop().await.unwrap();
    restore(&house.settings, &house.backup(), None).unwrap();
    let server = start(&house.settings).await.unwrap();
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(written.is_none(), "a revoked device wrote {written:?}");
    server.stop().await.unwrap();
}

/// A restore breaks off after it merged the backup's membership file (no room for the database, or killed), and is given
/// again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_broke_off_does_not_make_an_old_membership_file_the_present_one() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    only_the_key_is_left(&house);
    // Stands for a disk without room for the copy of the database.
    let obstacle = house.settings.data.join("restored.db.new");
    std::fs::create_dir(&obstacle).unwrap();
    assert!(restore(&house.settings, &house.backup(), None).is_err());
    std::fs::remove_dir(&obstacle).unwrap();
    let told = restore(&house.settings, &house.backup(), None).unwrap();
    let server = start(&house.settings).await.unwrap();
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(
        written.is_none(),
        "a revoked device wrote {written:?}; the restore said that the membership is lost: {}",
        told.is_membership_lost
    );
    server.stop().await.unwrap();
}

/// An older database was put into the folder and the membership file is gone; the first start is killed right after it
/// opened its files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_was_killed_does_not_make_a_lost_membership_file_whole() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    let database = house.settings.data.join(DATABASE_FILE);
    for suffix in ["-wal", "-shm", ""] {
        let _ = std::fs::remove_file(house.settings.data.join(format!("langnghe.db{suffix}")));
    }
    std::fs::copy(house.backup(), &database).unwrap();
    std::fs::remove_file(house.settings.membership_file()).unwrap();
    {
        // As far as Folder::open comes before begin_new_life.
        let folder = Folder::hold(&house.settings.data, &house.settings.membership_file()).unwrap();
        let key = folder.key().clone();
        let files = (&database as &Path, &house.settings.membership_file() as &Path);
        Office::open_files(files, key, Safety::of_one_copy(), machine::moment()).unwrap();
    }
    let server = start(&house.settings).await.unwrap();
    assert_eq!(server.found, Found::WentBack);
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(written.is_none(), "a revoked device wrote {written:?}");
    server.stop().await.unwrap();
}
/// The membership file lies on another disk; the data folder goes back as a whole. The file knows acts of this very life
/// that the log lacks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_membership_file_on_another_disk_notices_that_the_folder_went_back() {
    let mut house = House::new();
    let elsewhere = house.folder.path().join("disk2");
    std::fs::create_dir(&elsewhere).unwrap();
    house.settings.membership = Some(elsewhere.join("membership.log"));
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    server.stop().await.unwrap();
    house.keep_snapshot();
    let server = start(&house.settings).await.unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    house.go_back();
    let server = start(&house.settings).await.unwrap();
    let found = server.found;
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(
        written.is_none(),
        "found {found:?}; a device wrote whose revocation is in the membership file: {written:?}"
    );
    server.stop().await.unwrap();
}

/// Nothing is left but the identity key, which the office kept elsewhere; it is put into an empty folder and the server is
/// started. It knows nothing of who was sent away, and says that it is new.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_which_only_the_key_is_left_does_not_believe_that_nobody_was_sent_away() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 53, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 54, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    only_the_key_is_left(&house);

    let server = house.opened().await;
    let found = server.found;
    // Another cadre's phone or this one's: somebody is let in first.
    another_phone(&server, 67, lan).await;
    let change = thief.edit(paper, &filled(SEED + 1, lan, false, Rating::Good));
    let submission = thief.submit(paper, house.form());
    let (server, _) = house.talks(&mut thief, server).await;
    let (there, counts) = (logged(&server, paper.space, change).await, submitted(&server, paper).await);
    assert!(
        there.is_none() && counts != Some(submission),
        "found {found:?}; a revoked device wrote {there:?}, {counts:?}"
    );
    server.stop().await.unwrap();
}

/// A folder went back and with it a revocation. The life that begins knows that it does not know who was sent away; but
/// as soon as every phone that it knows has come, it lets everybody write, and the stolen one is among those that came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blind_life_is_not_ended_by_the_device_whose_revocation_it_lost() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 51, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    server.stop().await.unwrap();
    house.keep_snapshot();
    let server = start(&house.settings).await.unwrap();
    honest.edit(paper, &house.answers(lan));
    honest.synchronise(&server).await;
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    house.go_back();
    let server = start(&house.settings).await.unwrap();
    let (server, _) = house.talks(&mut honest, server).await;
    assert_eq!(server.found, Found::WentBack);
    let change = thief.edit(paper, &filled(SEED + 1, lan, false, Rating::Good));
    let (server, _) = house.talks(&mut thief, server).await;
    let written = logged(&server, paper.space, change).await;
    assert!(written.is_none(), "nobody ended the recovery, and a revoked device wrote {written:?}");
    server.stop().await.unwrap();
}

/// The machine burnt and the membership file with it; the operator names one with the order.
async fn restored_with(named: impl FnOnce(&House, &House) -> PathBuf) {
    let (house, another) = (House::new(), House::new());
    let foreign = another.opened().await;
    Handset::enrolled(&foreign, 60, another.cadre(2), Role::Subject).await;
    foreign.stop().await.unwrap();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    only_the_key_is_left(&house);
    let told = restore(&house.settings, &house.backup(), Some(&named(&house, &another))).unwrap();
    let server = start(&house.settings).await.unwrap();
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(
        written.is_none(),
        "a revoked device wrote {written:?}; the restore said that the membership is lost: {}",
        told.is_membership_lost
    );
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_servers_membership_file_does_not_stand_for_ours() {
    restored_with(|_, another| another.settings.membership_file()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_membership_file_beside_the_backup_is_as_old_when_it_is_named() {
    restored_with(|house, _| house.folder.path().join("backup.db.membership")).await;
}

/// The second copy's disk was away when a device was revoked; then the machine burns, and the office restores from the
/// second copy. What lies there is as old as that copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_membership_file_as_old_as_the_second_copy_does_not_stand_for_the_present_one() {
    let mut house = House::new();
    let disk2 = house.folder.path().join("disk2");
    house.settings.second_copy = Some(disk2.clone());
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    server.stop().await.unwrap();
    house.settings.second_copy = None;
    let server = start(&house.settings).await.unwrap();
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();
    std::fs::remove_dir_all(&house.settings.data).unwrap();
    house.settings.second_copy = Some(disk2.clone());
    let told = restore(&house.settings, &disk2.join(DATABASE_FILE), None).unwrap();
    let server = start(&house.settings).await.unwrap();
    let written = thief_writes(&server, &mut thief, paper).await;
    assert!(
        written.is_none(),
        "a revoked device wrote {written:?}; the restore said that the membership is lost: {}",
        told.is_membership_lost
    );
    server.stop().await.unwrap();
}
