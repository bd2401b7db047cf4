//! A folder went back, and what a phone holds of the present life proves nothing: every row that is lost had its receipt
//! from an earlier life. A real server over real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::document::{Edit, Scalar};
use model::membership::Role;
use phone::sync::session::Alarm;
use server::backup::back_up;
use server::folder::Found;
use server::running::{Running, start};
use tests::house::{Handset, House, logged, submitted};

fn edit(number: i64) -> Vec<Edit> {
    vec![Edit { field: format!("x{number}"), value: Some(Scalar::Integer(number)) }]
}

/// The folder as it was at the last [`House::keep_snapshot`]; nothing in it tells.
async fn gone_back(house: &House, server: Running) -> Running {
    server.stop().await.unwrap();
    house.go_back();
    let server = start(&house.settings).await.unwrap();
    assert_eq!(server.found, Found::Whole);
    server
}

/// A restore, then everything comes back, then the folder goes back to a moment after the restore. Another phone may have
/// written by then, which gave receipts of the new life that still stand, and write again before this one comes.
async fn nobody_can_prove_it(edits_before: i64, edits_meanwhile: i64) {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 69, lan, Role::Subject).await;
    let mut tablet = Handset::enrolled(&server, 70, lan, Role::Subject).await;
    own.synchronise(&server).await;
    tablet.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    back_up(&house.settings, &house.backup()).unwrap();
    own.edit(paper, &house.answers(lan));
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    let server = house.restored(server).await;
    if edits_before > 0 {
        tablet.edit(paper, &house.answers(lan));
        (0..edits_before).for_each(|number| _ = tablet.edit(paper, &edit(number)));
        tablet.synchronise(&server).await;
    }
    server.stop().await.unwrap();
    house.keep_snapshot();
    let server = start(&house.settings).await.unwrap();
    own.synchronise(&server).await;
    assert_eq!(submitted(&server, paper).await, Some(submission));

    let mut server = gone_back(&house, server).await;
    if edits_meanwhile > 0 {
        (100..100 + edits_meanwhile).for_each(|number| _ = tablet.edit(paper, &edit(number)));
        tablet.synchronise(&server).await;
    }
    let typed = own.edit(paper, &edit(1_000));
    let (mut alarms, mut more);
    (server, alarms) = house.talks(&mut own, server).await;
    (server, more) = house.talks(&mut own, server).await;
    assert!(logged(&server, paper.space, typed).await.is_some(), "what was typed waits for ever: {alarms:?} {more:?}");
    assert_eq!(submitted(&server, paper).await, Some(submission), "what was received is lost");
    assert!(own.held(&typed).number.is_some() && own.held(&submission).number.is_some());
    alarms.dedup();
    assert_eq!((alarms, more), (vec![Alarm::WentBack], Vec::new()), "told, then at rest");
    (server, more) = house.talks(&mut tablet, server).await;
    assert_eq!(more, []);
    assert!(tablet.held(&typed).number.is_some());
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_contradicted_and_has_no_proof_reads_anew_and_brings_back() {
    nobody_can_prove_it(0, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_one_that_is_contradicted_after_another_phone_wrote_more() {
    nobody_can_prove_it(3, 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_one_whose_receipts_of_the_present_life_all_stand() {
    nobody_can_prove_it(3, 0).await;
}
