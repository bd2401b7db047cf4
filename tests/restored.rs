//! After a restore: who may bring what back, and what nobody may slip in beside it. A real server over real files, real
//! stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::document::{Edit, Scalar};
use model::enrolment::{EnrolmentCode, EnrolmentRequest};
use model::exchange::{Acknowledgement, Pushed, Request, SignedEpoch};
use model::hash::EntryHash;
use model::identity::SpaceId;
use model::membership::Role;
use model::receipt::Epoch;
use model::refusal::Refusal;
use phone::sync::http::{Cancel, Line};
use phone::sync::session::{Pace, next_request};
use server::backup::{back_up, restore};
use server::failure::ServerFailed;
use server::folder::read_key;
use server::inspection::inspect;
use server::office::DATABASE_FILE;
use server::running::start;
use server::second_copy::SecondCopy;
use server::settings::Settings;
use server::{enrolment, machine};
use tests::house::{Handset, House, NOWHERE, act, is_in_force};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_does_not_speak_for_a_change_that_was_signed_anew_under_other_fields() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 11, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 12, lan, Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let paper = house.paper(&server, lan).await;
    let change = own.edit(paper, &house.answers(lan));
    own.synchronise(&server).await;
    thief.synchronise(&server).await;
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;

    let server = house.restored(server).await;
    let forged = thief.signed_anew(&thief.entry(&change), paper.space, NOWHERE);
    let told = thief.push(&server, paper.space, &forged, Some(thief.page(&change))).await;
    assert!(!is_in_force(&told), "{told:?}");
    own.synchronise(&server).await;
    let held = own.held(&submission);
    assert!(held.number.is_some() && held.in_force == Some(true), "{held:?}");
    let state = act(&server, move |office| {
        let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
        server::log::document(office.reader(), space.id, paper.document)
    });
    assert_eq!(state.await.unwrap().decisions.submitted, Some(submission));
    server.stop().await.unwrap();
}

/// The answer about one change was lost, that about the next was heard; then its device is taken out, and the server set
/// back. The receipt of the second speaks for the first, as of then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_receipt_speaks_for_counts_though_its_device_was_taken_out_later() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 13, lan, Role::Subject).await;
    own.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let first = own.edit(paper, &house.answers(lan));
    let second = own.edit(paper, &[Edit { field: "x1".to_owned(), value: Some(Scalar::Integer(1)) }]);
    own.synchronise(&server).await;
    let device = own.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;

    let server = house.restored(server).await;
    let pushed = |hash: &EntryHash, receipt| Pushed { entry: own.entry(hash).bytes, receipt };
    let entries = vec![pushed(&first, None), pushed(&second, Some(0))];
    let told = own.push_all(&server, paper.space, (entries, vec![own.page(&second)])).await;
    assert!(told.iter().all(is_in_force), "{told:?}");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_cadres_phone_brings_anything_into_the_directory() {
    let house = House::new();
    let server = start(&house.settings).await.unwrap();
    let mut honest = Handset::enrolled(&server, 21, house.cadre(2), Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 22, house.cadre(3), Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    server.stop().await.unwrap();
    let server = house.opened().await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let directory = act(&server, |office| Ok(office.directory())).await;
    let published = honest.changes(directory);

    let server = house.restored(server).await;
    let victim = thief.entry(&published[0]);
    let elsewhere = SpaceId::from_bytes([0x77; 16]);
    for (space, document) in [(elsewhere, NOWHERE), (directory, NOWHERE), (directory, victim.fields.document)] {
        let forged = thief.signed_anew(&victim, space, document);
        let told = thief.push(&server, directory, &forged, Some(thief.page(&victim.hash))).await;
        assert!(matches!(told, Acknowledgement::Refused(_) | Acknowledgement::Wait), "{told:?}");
    }
    honest.synchronise(&server).await;
    let mut newcomer = Handset::enrolled(&server, 23, house.cadre(4), Role::Subject).await;
    newcomer.synchronise(&server).await;
    assert_eq!(newcomer.changes(directory).len(), published.len());
    inspect(&house.settings.data.join(DATABASE_FILE)).unwrap();
    let items = house.commune.items();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_does_not_come_in_by_leaving_its_receipt_out() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 31, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let mut out = Handset::enrolled(&server, 32, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    out.synchronise(&server).await;
    let device = out.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    honest.synchronise(&server).await;

    let server = house.rebuilt(server, true).await;
    for given in out.given.clone() {
        let entry = given.read().unwrap().0;
        let told = out.push(&server, entry.fields.space, &entry, None).await;
        assert_eq!(told, Acknowledgement::Refused(Refusal::NotAllowed));
    }
    honest.synchronise(&server).await;
    assert_eq!(act(&server, move |office| office.spaces_of(device)).await, []);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_space_of_a_cadre_who_is_younger_than_the_backup_is_found_again() {
    for has_membership in [true, false] {
        let house = House::new();
        let server = house.opened().await;
        back_up(&house.settings, &house.backup()).unwrap();
        let lan = house.cadre(2);
        let mut own = Handset::enrolled(&server, 41, lan, Role::Subject).await;
        let paper = house.paper(&server, lan).await;
        own.edit(paper, &house.answers(lan));
        let submission = own.submit(paper, house.form());
        own.synchronise(&server).await;

        let server = house.rebuilt(server, has_membership).await;
        own.synchronise(&server).await;
        assert!(own.unknown.is_empty(), "the phone is known again");
        let state = act(&server, move |office| {
            let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
            server::log::document(office.reader(), space.id, paper.document)
        });
        let state = state.await.expect("the paper is back");
        assert_eq!(state.decisions.submitted, Some(submission), "membership file: {has_membership}");
        server.stop().await.unwrap();
    }
}

/// The copy's disk is away while a backup is restored, and the phones bring everything back in another order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_copy_whose_spaces_grew_in_another_order_begins_anew() {
    let house = House::new();
    let copy = house.folder.path().join("copy");
    let server = house.opened().await;
    let people = [house.cadre(2), house.cadre(3)];
    let mut phones = Vec::new();
    for (seed, person) in (61..).zip(people) {
        phones.push(Handset::enrolled(&server, seed, person, Role::Subject).await);
    }
    back_up(&house.settings, &house.backup()).unwrap();
    let papers = [house.paper(&server, people[0]).await, house.paper(&server, people[1]).await];
    let submit = |phone: &mut Handset, index: usize| {
        phone.edit(papers[index], &house.answers(people[index]));
        phone.submit(papers[index], house.form())
    };
    let first = submit(&mut phones[0], 0);
    phones[0].synchronise(&server).await;
    let database = house.settings.data.join(DATABASE_FILE);
    SecondCopy::open(&copy, &database).unwrap().follow().unwrap();

    let server = house.restored(server).await;
    let second = submit(&mut phones[1], 1);
    for phone in phones.iter_mut().rev() {
        phone.synchronise(&server).await;
    }
    for phone in &mut phones {
        phone.synchronise(&server).await;
    }
    let submissions = [(papers[0], first), (papers[1], second)];
    SecondCopy::open(&copy, &database).unwrap().follow().unwrap();
    let set_aside = std::fs::read_dir(&copy).unwrap().flatten();
    assert_eq!(set_aside.filter(|file| file.file_name().to_string_lossy().starts_with("set-aside")).count(), 1);
    server.stop().await.unwrap();
    assert_eq!(inspect(&copy.join(DATABASE_FILE)), inspect(&database));

    let from_copy = House { settings: Settings::of_folder(&house.folder.path().join("again")), ..house };
    std::fs::create_dir(&from_copy.settings.data).unwrap();
    let key = "identity.key";
    std::fs::copy(database.with_file_name(key), from_copy.settings.data.join(key)).unwrap();
    restore(&from_copy.settings, &copy.join(DATABASE_FILE), None).unwrap();
    let server = start(&from_copy.settings).await.unwrap();
    for (paper, submission) in submissions {
        let state = act(&server, move |office| {
            let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
            server::log::document(office.reader(), space.id, paper.document)
        });
        assert_eq!(state.await.unwrap().decisions.submitted, Some(submission));
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_again_after_a_restore_who_was_sent_away() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let code = [7; 16];
    let text = EnrolmentCode { address: "http://127.0.0.1".to_owned(), server: server.identity, code };
    let asked = EnrolmentRequest::sign(&text, &SigningKey::from_bytes(&[71; 32]), [71; 16]);
    act(&server, move |office| {
        enrolment::keep_code(office.reader(), &code, (lan, Role::Subject), machine::now_ms())?;
        enrolment::enrol(office, &asked, machine::now_ms())
    })
    .await;
    back_up(&house.settings, &house.backup()).unwrap();
    assert_eq!(act(&server, |office| enrolment::waiting(office.reader())).await.len(), 1);
    act(&server, move |office| enrolment::revoke_person(office, lan, machine::moment())).await;
    let server = house.restored(server).await;
    assert_eq!(act(&server, |office| enrolment::waiting(office.reader())).await, []);
    server.stop().await.unwrap();
}

/// The machine's clock was years ahead for one life, and the backup is older than that life.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_begins_later_than_a_life_that_began_too_late() {
    let house = House::new();
    let server = house.opened().await;
    let mut own = Handset::enrolled(&server, 81, house.cadre(2), Role::Subject).await;
    own.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let started_ms = machine::now_ms().unsigned_abs() + 3 * 365 * 24 * 3_600 * 1_000;
    let identity = read_key(&house.settings.data.join("identity.key")).unwrap().unwrap();
    let late = SignedEpoch::sign(Epoch { started_ms, random: 0 }, &identity);
    let request = Request { newest: Some(late), ..next_request(&own.store, Pace::FULL, &[]).unwrap().request };
    let mut server = house.rebuilt(server, true).await;
    let mut answers = Vec::new();
    for is_restored in [true, false] {
        let (address, identity) = (server.address, server.identity);
        let (asked, key) = (request.clone(), own.author.key.clone());
        let told = tokio::task::spawn_blocking(move || {
            let mut line = Line::open(&format!("https://{address}"), identity).unwrap();
            line.exchange(&asked, &key, &Arc::new(Cancel::default())).map(|_| ())
        });
        answers.push(told.await.unwrap().is_ok());
        let stopped = server.stop().await;
        assert_eq!(stopped.is_ok(), answers[answers.len() - 1]);
        if is_restored {
            assert_eq!(
                start(&house.settings).await.err(),
                Some(ServerFailed::Superseded),
                "a mere start helps nothing"
            );
            restore(&house.settings, &house.backup(), None).unwrap();
        }
        server = start(&house.settings).await.unwrap();
    }
    server.stop().await.unwrap();
    assert_eq!(answers, [false, true], "superseded, and no more after a restore");
}
