//! The whole data folder goes back, as with a snapshot of the machine: nothing in it tells, and one life of the server has
//! two histories. What was received in either of them comes back. A real server over real files, real stores and sessions
//! of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;

use model::document::{Edit, Scalar};
use model::handshake::public;
use model::hash::EntryHash;
use model::membership::Role;
use phone::sync::session::{Alarm, Pace, next_request, receive};
use server::backup::back_up;
use server::door::StopReason;
use server::failure::ServerFailed;
use server::folder::Found;
use server::prepared::Prepared;
use server::running::{Running, start};
use server::writer::WriterRefused;
use tests::house::{Handset, House, logged, submitted};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten().filter(|file| file.file_type().unwrap().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A snapshot of the folder, and the same server again.
async fn snapped(house: &House, server: Running) -> Running {
    server.stop().await.unwrap();
    copy(&house.settings.data, &house.folder.path().join("snapshot"));
    start(&house.settings).await.unwrap()
}

/// The folder is the snapshot again, and nothing in it tells.
async fn rolled_back(house: &House, server: Running) -> Running {
    server.stop().await.unwrap();
    std::fs::remove_dir_all(&house.settings.data).unwrap();
    copy(&house.folder.path().join("snapshot"), &house.settings.data);
    let server = start(&house.settings).await.unwrap();
    assert_eq!(server.found, Found::Whole);
    server
}

fn edit(number: i64) -> Vec<Edit> {
    vec![Edit { field: format!("x{number}"), value: Some(Scalar::Integer(number)) }]
}

/// Synchronises as the app does, alarms included; ends the server when it is proved to have gone back, as `serve` does.
async fn talks(phone: &mut Handset, server: Running, house: &House) -> (Running, Vec<Alarm>) {
    let (mut server, mut alarms) = (Some(server), Vec::new());
    for _ in 0..12 {
        let running = server.take().unwrap();
        let outgoing = next_request(&phone.store, Pace::FULL, &phone.unknown).unwrap();
        let request = model::exchange::unpack_request(&model::exchange::pack(&outgoing.request)).unwrap();
        let prepared = Prepared::new(request, &running.identity).verified_with(&public(&phone.author.key));
        match running.door().writer.exchange(phone.author.device(), prepared).await {
            Ok(reply) => {
                let progress = receive(&mut phone.store, &phone.parties, &outgoing, &reply).unwrap();
                phone.work.forget(&progress.moved);
                phone.unknown.clone_from(&progress.unknown);
                alarms.extend(progress.alarms);
                server = Some(running);
            }
            Err(WriterRefused::Failed(ServerFailed::WentBack)) => {
                running.stop_handle().ask(StopReason::WentBack);
                assert_eq!(running.until_stopped().await, Err(ServerFailed::WentBack));
                server = Some(start(&house.settings).await.unwrap());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    (server.unwrap(), alarms)
}

/// The whole folder goes back; before the phone that knows more comes, another one has written more rows than were lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_rolled_back_folder_lost_comes_back_though_another_phone_wrote_more_meanwhile() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 69, lan, Role::Subject).await;
    let mut tablet = Handset::enrolled(&server, 70, lan, Role::Subject).await;
    own.synchronise(&server).await;
    tablet.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let server = snapped(&house, server).await;
    own.edit(paper, &house.answers(lan));
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    assert_eq!(submitted(&server, paper).await, Some(submission));
    let server = rolled_back(&house, server).await;
    for change in [&house.answers(lan)[..], &edit(1), &edit(2), &edit(3)] {
        tablet.edit(paper, change);
    }
    tablet.synchronise(&server).await;
    let (server, alarms) = talks(&mut own, server, &house).await;
    let (server, more) = talks(&mut own, server, &house).await;
    let (server, _) = talks(&mut tablet, server, &house).await;
    let (server, _) = talks(&mut own, server, &house).await;
    let there = logged(&server, paper.space, submission).await;
    assert!(there.is_some(), "received before and lost for good");
    assert_eq!((alarms, more), (vec![Alarm::WentBack], Vec::new()), "told once, then at rest");
    server.stop().await.unwrap();
}

/// The folder went back and nobody has noticed it yet; a phone writes. The office restores a backup that it took before:
/// it is of the same life, and holds more rows than the folder does now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_after_a_folder_went_back_comes_back_after_a_restore_too() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 69, lan, Role::Subject).await;
    let mut tablet = Handset::enrolled(&server, 70, lan, Role::Subject).await;
    own.synchronise(&server).await;
    tablet.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let server = snapped(&house, server).await;
    for change in [&house.answers(lan)[..], &edit(1), &edit(2), &edit(3)] {
        own.edit(paper, change);
    }
    own.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let server = rolled_back(&house, server).await;
    tablet.edit(paper, &house.answers(lan));
    let submission = tablet.submit(paper, house.form());
    tablet.synchronise(&server).await;
    assert_eq!(submitted(&server, paper).await, Some(submission));
    let mut server = house.restored(server).await;
    let mut alarms = Vec::new();
    for _ in 0..3 {
        (server, alarms) = talks(&mut tablet, server, &house).await;
        (server, _) = talks(&mut own, server, &house).await;
    }
    let there = logged(&server, paper.space, submission).await;
    assert!(there.is_some(), "received before and lost for good");
    assert_eq!(alarms, [], "at rest");
    server.stop().await.unwrap();
}

/// A phone on a slow line sends before it has read the whole log: its entry is received, the row would come later.
async fn sends_and_reads_little(slow: &mut Handset, server: &Running, typed: &EntryHash) {
    let few = Pace { budget_bytes: 600, ..Pace::FULL };
    for _ in 0..2 {
        let outgoing = next_request(&slow.store, few, &slow.unknown).unwrap();
        let reply = slow.ask(server, outgoing.request.clone()).await;
        receive(&mut slow.store, &slow.parties, &outgoing, &reply).unwrap();
    }
    let held = slow.held(typed);
    assert!(!held.is_unsent && held.number.is_none(), "{held:?}");
}

/// One life has two histories: that before the folder went back, and that after. Another person's phone proves it, in a
/// space of its own; the space of this one had grown again by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_in_either_history_of_one_life_comes_back() {
    let house = House::new();
    let server = house.opened().await;
    let (lan, binh) = (house.cadre(2), house.cadre(3));
    let mut prover = Handset::enrolled(&server, 71, binh, Role::Subject).await;
    let mut slow = Handset::enrolled(&server, 72, lan, Role::Subject).await;
    let mut third = Handset::enrolled(&server, 73, lan, Role::Subject).await;
    let (paper, other) = (house.paper(&server, lan).await, house.paper(&server, binh).await);
    third.edit(paper, &house.answers(lan));
    (0..20).map(edit).for_each(|edits| _ = third.edit(paper, &edits));
    third.synchronise(&server).await;
    prover.synchronise(&server).await;
    let server = snapped(&house, server).await;
    let typed = slow.edit(paper, &edit(1_000));
    sends_and_reads_little(&mut slow, &server, &typed).await;
    prover.edit(other, &house.answers(binh));
    prover.synchronise(&server).await;
    let server = rolled_back(&house, server).await;
    (3_000..3_004).map(edit).for_each(|edits| _ = third.edit(paper, &edits));
    third.synchronise(&server).await;
    let (mut server, alarms) = talks(&mut prover, server, &house).await;
    assert!(alarms.contains(&Alarm::WentBack) && server.found == Found::WentBack);
    for _ in 0..3 {
        (server, _) = talks(&mut third, server, &house).await;
        (server, _) = talks(&mut slow, server, &house).await;
    }
    assert!(logged(&server, paper.space, typed).await.is_some(), "{:?}", slow.held(&typed));
    server.stop().await.unwrap();
}
