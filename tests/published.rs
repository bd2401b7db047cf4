//! What the office publishes stays published, after a restore and whatever a member's phone brings. A real server over
//! real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::document::{Edit, Scalar};
use model::membership::Role;
use model::refusal::Refusal;
use phone::work::Paper;
use server::backup::back_up;
use server::machine;
use server::running::start;
use tests::house::{Handset, House, act};

/// What the office published after the backup comes back as rows, but never as forms, rules and names: the table
/// beside the log is written by `publish` alone, and publishing the same again writes nothing, for "it stands there".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_published_after_the_backup_is_published_again() {
    let house = House::new();
    let server = start(&house.settings).await.unwrap();
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 71, lan, Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    server.stop().await.unwrap();
    let server = house.opened().await;
    own.synchronise(&server).await;

    let server = house.restored(server).await;
    own.synchronise(&server).await;
    let items = house.commune.items();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    own.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    own.edit(paper, &house.answers(lan));
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    let listed = act(&server, |office| Ok(server::people::names(office.reader())?.len())).await;
    let held = own.held(&submission);
    assert!(
        held.refusal.is_none() && held.in_force == Some(true) && listed > 0,
        "refusal {:?}, in force {:?}, names in the directory {listed}",
        held.refusal,
        held.in_force
    );
    server.stop().await.unwrap();
}

/// The office publishes anew after a restore, and a phone brings the item of before back: two values of one field,
/// and the item is gone from every phone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_published_anew_after_a_restore_does_not_vanish_from_the_phones() {
    let house = House::new();
    let server = start(&house.settings).await.unwrap();
    let mut own = Handset::enrolled(&server, 72, house.cadre(2), Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    server.stop().await.unwrap();
    let server = house.opened().await;
    own.synchronise(&server).await;
    let directory = act(&server, |office| Ok(office.directory())).await;
    let cycle = house.commune.cycle.id;
    let knows = |phone: &mut Handset| {
        phone.work.forget(&[directory]);
        phone::directory::Directory::read(&phone.store, &mut phone.work, directory).unwrap().cycles.contains_key(&cycle)
    };
    assert!(knows(&mut own));

    let server = house.restored(server).await;
    let mut items = house.commune.items();
    let mut later = house.commune.cycle.clone();
    later.title.push_str(" (gia hạn)");
    let last = items.len() - 1;
    items[last].body = serde_json::to_string(&later).unwrap();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    let mut newcomer = Handset::enrolled(&server, 73, house.cadre(3), Role::Subject).await;
    newcomer.synchronise(&server).await;
    assert!(knows(&mut newcomer));
    own.synchronise(&server).await;
    newcomer.synchronise(&server).await;
    assert!(knows(&mut own) && knows(&mut newcomer), "the cycle is gone from the phones");
    server.stop().await.unwrap();
}

/// A stolen phone that could write into the directory would keep the office from publishing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_members_phone_writes_into_the_directory() {
    let house = House::new();
    let server = house.opened().await;
    let directory = act(&server, |office| Ok(office.directory())).await;
    let mut items = house.commune.items();
    let last = items.len() - 1;
    let paper = Paper { space: directory, document: items[last].document(directory) };
    for (seed, role) in [(94, Role::Head), (95, Role::PersonnelOffice)] {
        let mut stolen = Handset::enrolled(&server, seed, house.cadre(2), role).await;
        stolen.synchronise(&server).await;
        let value = Some(Scalar::Text("x".repeat(59_000)));
        let change = stolen.edit(paper, &[Edit { field: "x".to_owned(), value }]);
        stolen.synchronise(&server).await;
        assert_eq!(stolen.held(&change).refusal, Some(Refusal::NotAllowed), "{role:?}");
    }
    items[last].body.push(' ');
    let published = server.door().writer.act(move |office| office.publish(&items, machine::moment())).await;
    assert_eq!(published, Ok(()));
    server.stop().await.unwrap();
}
