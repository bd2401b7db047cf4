//! The whole data folder goes back, as with a snapshot of the machine: nothing in it tells, and one life of the server has
//! two histories. What was received in either of them comes back. A real server over real files, real stores and sessions
//! of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;

use model::document::{Edit, Scalar};
use model::exchange::Answered;
use model::handshake::public;
use model::hash::EntryHash;
use model::membership::Role;
use phone::sync::session::{Alarm, Pace, next_request, receive};
use phone::work::Paper;
use server::backup::back_up;
use server::door::StopReason;
use server::failure::ServerFailed;
use server::folder::Found;
use server::machine;
use server::prepared::Prepared;
use server::running::{Running, start};
use server::writer::WriterRefused;
use tests::house::{Handset, House, act, logged, submitted};

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

/// A phone that holds true rows only, and was told of one that is lost. Nobody else has anything to show.
async fn received_ahead_of_its_row(edits_after: i64) {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut first = Handset::enrolled(&server, 71, lan, Role::Subject).await;
    let mut slow = Handset::enrolled(&server, 72, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    first.edit(paper, &house.answers(lan));
    (0..20).map(edit).for_each(|edits| _ = first.edit(paper, &edits));
    first.synchronise(&server).await;
    let server = snapped(&house, server).await;
    let typed = slow.edit(paper, &edit(1_000));
    sends_and_reads_little(&mut slow, &server, &typed).await;
    let server = rolled_back(&house, server).await;
    (2_000..2_000 + edits_after).map(edit).for_each(|edits| _ = first.edit(paper, &edits));
    first.synchronise(&server).await;
    comes_back(&house, server, &mut slow, (paper, typed)).await;
}

/// Its receipt is the proof, and a second exchange finds nothing left to do.
async fn comes_back(house: &House, server: Running, phone: &mut Handset, (paper, typed): (Paper, EntryHash)) {
    assert_eq!(logged(&server, paper.space, typed).await, None);
    let (server, _) = talks(phone, server, house).await;
    assert_eq!(server.found, Found::WentBack);
    let (number, is_in_force) = logged(&server, paper.space, typed).await.expect("it is back");
    assert!(is_in_force);
    assert_eq!(phone.held(&typed).number, Some(number));
    phone.synchronise(&server).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_ahead_of_its_row_comes_back_when_the_log_ends_before_it() {
    received_ahead_of_its_row(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_ahead_of_its_row_comes_back_when_another_entry_stands_there() {
    received_ahead_of_its_row(3).await;
}

/// The phone holds the whole log of its space, so the server has nothing to say about it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_ahead_of_its_row_comes_back_though_the_server_is_silent() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 71, lan, Role::Subject).await;
    own.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let mut items = house.commune.items();
    let mut later = house.commune.cycle.clone();
    later.title = "later".to_owned();
    items.last_mut().unwrap().body = serde_json::to_string(&later).unwrap();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    let server = snapped(&house, server).await;
    let typed = own.edit(paper, &house.answers(lan));
    // The one row for which there is room is of the directory.
    let mut outgoing = next_request(&own.store, Pace { budget_bytes: 1, ..Pace::FULL }, &[]).unwrap();
    if outgoing.request.spaces[0].space == paper.space {
        outgoing.request.spaces.reverse();
        outgoing.pushed.reverse();
        outgoing.ahead.reverse();
    }
    let reply = own.ask(&server, outgoing.request.clone()).await;
    receive(&mut own.store, &own.parties, &outgoing, &reply).unwrap();
    let held = own.held(&typed);
    assert!(!held.is_unsent && held.number.is_none(), "{held:?}");

    let server = rolled_back(&house, server).await;
    let silence = own.ask(&server, next_request(&own.store, Pace::FULL, &[]).unwrap().request).await;
    assert_eq!(silence.spaces, []);
    comes_back(&house, server, &mut own, (paper, typed)).await;
}

/// A reply that comes late knows nothing of what was acknowledged after its request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_reply_takes_no_receipt_back() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut first = Handset::enrolled(&server, 71, lan, Role::Subject).await;
    let mut slow = Handset::enrolled(&server, 72, lan, Role::Subject).await;
    slow.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let early = next_request(&slow.store, Pace::FULL, &[]).unwrap();
    let late = slow.ask(&server, early.request.clone()).await;
    first.edit(paper, &house.answers(lan));
    (0..20).map(edit).for_each(|edits| _ = first.edit(paper, &edits));
    first.synchronise(&server).await;
    let typed = slow.edit(paper, &edit(1_000));
    let outgoing = next_request(&slow.store, Pace { budget_bytes: 1, ..Pace::FULL }, &[]).unwrap();
    let mut reply = slow.ask(&server, outgoing.request.clone()).await;
    let Answered::Rows(rows) = &mut reply.spaces[0].answer else { panic!("{reply:?}") };
    // As if the directory had taken the room of its rows.
    (rows.rows, rows.rows_by) = (Vec::new(), Vec::new());
    receive(&mut slow.store, &slow.parties, &outgoing, &reply).unwrap();
    let told = slow.held(&typed);
    receive(&mut slow.store, &slow.parties, &early, &late).unwrap();
    assert_eq!((slow.held(&typed), told.is_unsent, told.number), (told, false, None));
    slow.synchronise(&server).await;
    assert!(slow.held(&typed).number.is_some());
    server.stop().await.unwrap();
}
