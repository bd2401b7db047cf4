//! A folder that a phone proved to be of an earlier life: it says so, lets nobody work in it, and a restore leads out. A
//! real server over real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use model::membership::Role;
use model::rating::Rating;
use phone::sync::http::{Cancel, Line};
use phone::sync::session::{Pace, next_request};
use server::advice::of_superseded;
use server::backup::restore;
use server::doctor::{Verdict, examine};
use server::failure::ServerFailed;
use server::folder::{Found, knows_later_life};
use server::office::DATABASE_FILE;
use server::running::{Running, start};
use server::settings::{Language, Settings};
use server::{enrolment, machine};
use tests::commune::filled;
use tests::house::{Handset, House, SEED, act, logged};

/// Comes as the app does, with the newest life that it heard of.
async fn comes(phone: &Handset, server: &Running) {
    let request = next_request(&phone.store, Pace::FULL, &[]).unwrap().request;
    let (address, identity, key) = (server.address, server.identity, phone.author.key.clone());
    let told = tokio::task::spawn_blocking(move || {
        let mut line = Line::open(&format!("https://{address}"), identity).unwrap();
        line.exchange(&request, &key, &Arc::new(Cancel::default())).map(|_| ())
    });
    assert!(told.await.unwrap().is_err());
}

fn is_said(settings: &Settings) -> bool {
    let superseded = of_superseded(settings);
    examine(settings).iter().any(|finding| finding.verdict == Verdict::Bad && finding.line == superseded)
}

/// The snapshot of the machine is put back twice: the first time a phone proves it and a new life begins, the second time
/// the folder is older than that life.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_an_earlier_life_says_so_and_a_restore_leads_out() {
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
    let received = honest.edit(paper, &house.answers(lan));
    honest.synchronise(&server).await;
    server.stop().await.unwrap();
    house.go_back();
    let server = start(&house.settings).await.unwrap();
    let (server, _) = house.talks(&mut honest, server).await;
    assert_eq!(server.found, Found::WentBack);
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    server.stop().await.unwrap();

    house.go_back();
    assert!(!is_said(&house.settings));
    let server = start(&house.settings).await.unwrap();
    assert_eq!(server.found, Found::Whole, "nothing in it tells");
    comes(&honest, &server).await;
    assert_eq!(server.until_stopped().await, Err(ServerFailed::Superseded));
    assert_eq!(start(&house.settings).await.err(), Some(ServerFailed::Superseded), "what it took would be of no life");
    assert!(is_said(&house.settings), "{:?}", examine(&house.settings));

    let told = restore(&house.settings, &house.settings.data.join(DATABASE_FILE), None).unwrap();
    assert!(told.is_membership_lost, "acts of the later life are not in this folder");
    let server = start(&house.settings).await.unwrap();
    let (server, alarms) = house.talks(&mut honest, server).await;
    assert_eq!(alarms, []);
    assert!(logged(&server, paper.space, received).await.is_some());
    let written = thief.edit(paper, &filled(SEED + 1, lan, false, Rating::Good));
    let (server, _) = house.talks(&mut thief, server).await;
    assert_eq!(logged(&server, paper.space, written).await, None, "its revocation is lost, and nobody looked yet");
    assert!(!knows_later_life(&house.settings.data).unwrap() && !is_said(&house.settings));
    server.stop().await.unwrap();
}

#[test]
fn the_way_out_of_a_superseded_folder_can_be_typed() {
    for language in [Language::Vi, Language::En] {
        let settings = Settings { language, ..Settings::of_folder("/kho dữ liệu".as_ref()) };
        let said = of_superseded(&settings);
        assert!(said.contains("restore --from '/kho dữ liệu/langnghe.db' --data '/kho dữ liệu'"), "{said}");
    }
}
