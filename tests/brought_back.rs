//! What was received is received, whatever a restore has lost and whoever writes beside it. A real server over real files,
//! real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::document::{Edit, Scalar, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of};
use model::handshake::public;
use model::membership::Role;
use model::rating::Rating;
use model::time::Timestamp;
use phone::sync::session::Alarm;
use phone::sync::session::{Pace, next_request, receive};
use phone::work::Act;
use server::backup::back_up;
use server::door::StopReason;
use server::failure::ServerFailed;
use server::folder::Found;
use server::inspection::inspect;
use server::office::DATABASE_FILE;
use server::prepared::Prepared;
use server::running::start;
use server::writer::WriterRefused;
use server::{enrolment, machine};
use tests::commune::filled;
use tests::house::{Handset, House, SEED, act, logged, submitted};

/// A phone that went from one person to another and was then revoked: the revocation names the second person in the
/// first person's space too, and what the first wrote on it is not taken back any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_on_a_phone_that_changed_hands_comes_back() {
    for changed_hands in [false, true] {
        let house = House::new();
        let server = house.opened().await;
        let (lan, binh) = (house.cadre(2), house.cadre(3));
        let mut shared = Handset::enrolled(&server, 57, lan, Role::Subject).await;
        let mut own = Handset::enrolled(&server, 58, lan, Role::Subject).await;
        back_up(&house.settings, &house.backup()).unwrap();
        let paper = house.paper(&server, lan).await;
        let change = shared.edit(paper, &house.answers(lan));
        shared.synchronise(&server).await;
        own.synchronise(&server).await;
        let submission = own.submit(paper, house.form());
        own.synchronise(&server).await;
        assert_eq!(submitted(&server, paper).await, Some(submission));
        let (device, key) = (shared.author.device(), public(&shared.author.key));
        if changed_hands {
            act(&server, move |office| office.grant_device(key, binh, Role::Subject, machine::moment())).await;
        }
        act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
        own.synchronise(&server).await;

        let server = house.restored(server).await;
        own.synchronise(&server).await;
        act(&server, |office| office.close_recovery()).await;
        own.synchronise(&server).await;
        let (held, counts) = (own.held(&change), submitted(&server, paper).await);
        assert!(
            held.number.is_some() && counts == Some(submission),
            "changed hands {changed_hands}: received before, now {:?}, in the log {:?}, submission in force {counts:?}",
            held.refusal,
            held.number
        );
        server.stop().await.unwrap();
    }
}

/// One actor and number for two changes: the second is taken as new while the first is lost, the first comes back
/// by its receipt. The server's document leaves the first out, with everything that builds on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_change_under_a_lost_number_takes_nobodys_work_away() {
    for is_attacked in [false, true] {
        second_change(is_attacked).await;
    }
}

/// What is brought back is not weighed together with what was taken in between: a paper that no gate would have let
/// grow so wide can be read and written by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_does_not_die_of_what_is_brought_back() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 55, lan, Role::Subject).await;
    let mut hostile = Handset::enrolled(&server, 56, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    honest.edit(paper, &house.answers(lan));
    honest.synchronise(&server).await;
    hostile.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let many = |word: &str| -> Vec<Edit> {
        let field = |number: i64| Edit { field: format!("{word}{number}"), value: Some(Scalar::Integer(1)) };
        (0..1_200).map(field).collect()
    };
    hostile.edit(paper, &many("x"));
    hostile.synchronise(&server).await;
    honest.synchronise(&server).await;

    let server = house.restored(server).await;
    let actor = actor_of(hostile.author.device(), paper.space, paper.document, 99);
    let mut before = WorkingDocument::default();
    let earlier = hostile.changes(paper.space);
    before.admit(&hostile.entry(&earlier[0]).fields.body).unwrap();
    let body = before.record(actor, Timestamp::from_utc_ms(7), &many("y")).unwrap().bytes;
    let draft = EntryDraft {
        kind: EntryKind::Change,
        space: paper.space,
        document: paper.document,
        person: lan,
        incarnation: 99,
        body,
    };
    let second = Entry::sign(draft, &hostile.author.key).unwrap();
    let told = hostile.push(&server, paper.space, &second, None).await;
    honest.synchronise(&server).await;
    let is_read = honest.work.fields(&honest.store, paper).is_ok();
    let change = {
        let act = Act { store: &mut honest.store, author: &honest.author, claimed: Timestamp::from_utc_ms(0) };
        honest.work.edit(act, paper, &filled(SEED + 1, lan, false, Rating::Good)).unwrap().unwrap()
    };
    honest.synchronise(&server).await;
    let held = honest.held(&change);
    assert!(is_read && held.refusal.is_none(), "told {told:?}; the paper can be read: {is_read}; {:?}", held.refusal);
    server.stop().await.unwrap();
}

/// The whole folder goes back, as with a snapshot of the machine: database, life and heads agree, so the server goes
/// on in the same life. Phones that hold more are answered with a life that they know, drop it, and wait for ever, and
/// nobody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_went_back_as_a_whole_is_noticed_by_the_first_phone() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 69, lan, Role::Subject).await;
    own.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    server.stop().await.unwrap();
    let snapshot = house.folder.path().join("snapshot");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        std::fs::create_dir(to).unwrap();
        for file in std::fs::read_dir(from).unwrap().flatten().filter(|file| file.file_type().unwrap().is_file()) {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    };
    copy(&house.settings.data, &snapshot);
    let server = start(&house.settings).await.unwrap();
    own.edit(paper, &house.answers(lan));
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    assert_eq!(submitted(&server, paper).await, Some(submission));
    server.stop().await.unwrap();

    std::fs::remove_dir_all(&house.settings.data).unwrap();
    copy(&snapshot, &house.settings.data);
    let server = start(&house.settings).await.unwrap();
    assert_eq!((server.found, submitted(&server, paper).await), (Found::Whole, None), "nothing in the folder tells");
    let outgoing = next_request(&own.store, Pace::FULL, &own.unknown).unwrap();
    let reply = own.ask(&server, outgoing.request.clone()).await;
    let progress = receive(&mut own.store, &own.parties, &outgoing, &reply).unwrap();
    assert_eq!(progress.alarms, [Alarm::WentBack]);
    let proof = next_request(&own.store, Pace::FULL, &progress.unknown).unwrap().request;
    let prepared = Prepared::new(proof, &server.identity).verified_with(&public(&own.author.key));
    let told = server.door().writer.exchange(own.author.device(), prepared).await;
    assert_eq!(told.err(), Some(WriterRefused::Failed(ServerFailed::WentBack)));
    server.stop_handle().ask(StopReason::WentBack);
    assert_eq!(server.until_stopped().await, Err(ServerFailed::WentBack));

    let server = start(&house.settings).await.unwrap();
    assert_eq!(server.found, Found::WentBack);
    own.synchronise(&server).await;
    assert_eq!(submitted(&server, paper).await, Some(submission));
    server.stop().await.unwrap();
}

async fn second_change(is_attacked: bool) {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 55, lan, Role::Subject).await;
    let mut hostile = Handset::enrolled(&server, 56, lan, Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let paper = house.paper(&server, lan).await;
    let answers = house.answers(lan);
    let first = hostile.edit(paper, &answers);
    hostile.synchronise(&server).await;
    honest.synchronise(&server).await;

    let server = house.restored(server).await;
    let actor = actor_of(hostile.author.device(), paper.space, paper.document, hostile.author.incarnation);
    let body = WorkingDocument::default().record(actor, Timestamp::from_utc_ms(7), &answers).unwrap().bytes;
    let draft = EntryDraft {
        kind: EntryKind::Change,
        space: paper.space,
        document: paper.document,
        person: lan,
        incarnation: hostile.author.incarnation,
        body,
    };
    let second = Entry::sign(draft, &hostile.author.key).unwrap();
    assert_ne!(second.hash, first);
    let mut told = None;
    if is_attacked {
        told = Some(hostile.push(&server, paper.space, &second, None).await);
    }
    honest.synchronise(&server).await;
    honest.edit(paper, &filled(SEED + 1, lan, false, Rating::Good));
    let submission = honest.submit(paper, house.form());
    honest.synchronise(&server).await;
    act(&server, |office| office.close_recovery()).await;
    honest.synchronise(&server).await;
    let held = honest.held(&submission);
    let both = (logged(&server, paper.space, first).await, logged(&server, paper.space, second.hash).await);
    assert!(
        held.refusal.is_none() && held.in_force == Some(true),
        "told {told:?}; the log has {both:?}; the honest phone's submission: {:?}, in force {:?}",
        held.refusal,
        held.in_force
    );
    server.stop().await.unwrap();
}

/// What a backup says of a paper beside its rows is looked at by nobody: `inspect` calls a database whole that
/// cannot answer its phones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_state_of_a_paper_is_found_by_an_inspection() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 58, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    own.edit(paper, &house.answers(lan));
    own.synchronise(&server).await;
    server.stop().await.unwrap();
    let database = house.settings.data.join(DATABASE_FILE);
    let connection = rusqlite::Connection::open(&database).unwrap();
    let sql = "update document set state = x'00' where document = ?1";
    assert_eq!(connection.execute(sql, [paper.document.as_bytes()]).unwrap(), 1);
    drop(connection);
    let inspected = inspect(&database).map(|_| ());
    let server = start(&house.settings).await.unwrap();
    own.submit(paper, house.form());
    let request = next_request(&own.store, Pace::FULL, &[]).unwrap().request;
    let (device, key) = (own.author.device(), public(&own.author.key));
    let told = server
        .door()
        .writer
        .exchange(device, Prepared::new(request, &server.identity).verified_with(&key))
        .await
        .map(|_| ());
    assert_eq!(inspected, Err(ServerFailed::Damaged), "the exchange of every space then says {told:?}");
    server.stop().await.unwrap();
}
