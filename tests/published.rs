//! What the office publishes stays published, after a restore and whatever a member's phone brings. A real server over
//! real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::directory::DirectoryItem;
use model::document::{Edit, Scalar};
use model::entry::{Entry, EntryDraft, EntryKind, Submit};
use model::exchange::{Pushed, Request, pack, unpack_request};
use model::handshake::public;
use model::hash::EntryHash;
use model::identity::{DeviceId, SpaceId};
use model::membership::Role;
use model::receipt::{Place, ReceiptLeaf, ReceiptPage};
use model::refusal::Refusal;
use phone::directory::Directory;
use phone::sync::session::{Pace, next_request, receive};
use phone::work::Paper;
use server::backup::back_up;
use server::failure::ServerFailed;
use server::folder::Found;
use server::machine;
use server::prepared::Prepared;
use server::running::{Running, start};
use tests::house::{Handset, House, NOWHERE, act, logged};

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
        Directory::read(&phone.store, &mut phone.work, directory).unwrap().cycles.contains_key(&cycle)
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

/// What the office publishes, the cycle under another title.
fn retitled(house: &House, title: &str) -> Vec<DirectoryItem> {
    let mut items = house.commune.items();
    let mut cycle = house.commune.cycle.clone();
    cycle.title = title.to_owned();
    let last = items.len() - 1;
    items[last].body = serde_json::to_string(&cycle).unwrap();
    items
}

async fn publishes(server: &Running, items: Vec<DirectoryItem>) {
    act(server, move |office| office.publish(&items, machine::moment())).await;
}

/// The title of the cycle on a phone; none if its item is gone.
fn title_on(house: &House, phone: &mut Handset, directory: SpaceId) -> Option<String> {
    phone.work.forget(&[directory]);
    let read = Directory::read(&phone.store, &mut phone.work, directory).unwrap();
    read.cycles.get(&house.commune.cycle.id).map(|cycle| cycle.title.clone())
}

/// The office and every phone read this title, and nothing else.
async fn everybody_reads(title: &str, house: &House, server: &Running, phones: &mut [Handset]) {
    let directory = act(server, |office| Ok(office.directory())).await;
    let items = act(server, |office| server::log::directory_items(office.reader())).await;
    let word = format!("\"{title}\"");
    assert_eq!(items.iter().filter(|item| item.body.contains(&word)).count(), 1, "the office reads {title}");
    for phone in phones {
        assert_eq!(title_on(house, phone, directory).as_deref(), Some(title));
    }
}

/// Restores from one backup in a row; between them the office published an item anew. Each phone brings back what it read,
/// those with older items first; what settles the first two of three must not beat the third.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_lost_items_the_one_that_was_published_last_is_published_again() {
    for titles in [&["first", "second"][..], &["first", "second", "third"]] {
        let house = House::new();
        let mut server = house.opened().await;
        let mut phones = Vec::new();
        for (index, seed) in (74..).take(titles.len()).enumerate() {
            let mut phone = Handset::enrolled(&server, seed, house.cadre(2 + index), Role::Subject).await;
            phone.synchronise(&server).await;
            phones.push(phone);
        }
        back_up(&house.settings, &house.backup()).unwrap();
        for (title, phone) in titles.iter().zip(&mut phones) {
            publishes(&server, retitled(&house, title)).await;
            phone.synchronise(&server).await;
            server = house.restored(server).await;
        }
        for _ in 0..2 {
            for phone in &mut phones {
                phone.synchronise(&server).await;
            }
        }
        everybody_reads(titles[titles.len() - 1], &house, &server, &mut phones).await;
        server.stop().await.unwrap();
    }
}

/// The office publishes one item, its folder goes back as a whole, it publishes the item anew, otherwise. Then the phone
/// that knows the lost one proves it and brings it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_office_published_last_stands_after_a_rollback_is_proved() {
    let house = House::new();
    let server = house.opened().await;
    let mut own = Handset::enrolled(&server, 74, house.cadre(2), Role::Subject).await;
    own.synchronise(&server).await;
    server.stop().await.unwrap();
    house.keep_snapshot();
    let server = start(&house.settings).await.unwrap();
    publishes(&server, retitled(&house, "first")).await;
    own.synchronise(&server).await;
    server.stop().await.unwrap();

    house.go_back();
    let server = start(&house.settings).await.unwrap();
    publishes(&server, retitled(&house, "second")).await;
    let mut newcomer = Handset::enrolled(&server, 75, house.cadre(3), Role::Subject).await;
    newcomer.synchronise(&server).await;
    let (server, _) = house.talks(&mut own, server).await;
    assert_eq!(server.found, Found::WentBack);
    let mut phones = [own, newcomer];
    for _ in 0..2 {
        for phone in &mut phones {
            phone.synchronise(&server).await;
        }
    }
    everybody_reads("second", &house, &server, &mut phones).await;
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

fn asks(phone: &Handset, server: &Running, request: Request) -> (DeviceId, Prepared) {
    let request = unpack_request(&pack(&request)).unwrap();
    (phone.author.device(), Prepared::new(request, &server.identity).verified_with(&public(&phone.author.key)))
}

/// What the phone would send now, and behind what it brings back of the directory an entry whose receipt proves that the
/// folder went back.
fn brings_back_and_breaks_off(phone: &Handset, server: &Running, directory: SpaceId) -> Request {
    let mut request = next_request(&phone.store, Pace::FULL, &[]).unwrap().request;
    let asked = request.spaces.iter_mut().find(|asked| asked.space == directory).unwrap();
    assert!(asked.entries.len() > 1, "items are on their way");
    let submit = Submit {
        heads: Vec::new(),
        value: Vec::new(),
        form: EntryHash::from_bytes([0; 32]),
        over: None,
        claimed_ms: 0,
    };
    let (person, body) = (phone.author.person, minicbor::to_vec(&submit).unwrap());
    let draft =
        EntryDraft { kind: EntryKind::Submit, space: directory, document: NOWHERE, person, incarnation: 1, body };
    let lost = Entry::sign(draft, &phone.author.key).unwrap();
    let place = Place { epoch: server.door().epoch, number: 1_000_000 };
    let leaf = ReceiptLeaf { hash: lost.hash, place, in_force: true, received_ms: 0 };
    asked.entries.push(Pushed { entry: lost.bytes, receipt: Some(asked.receipts.len() as u16) });
    asked.receipts.push(ReceiptPage::sign(directory, vec![leaf], server.signing_key()));
    request
}

/// Requests of one commit fail alone. What one of them brought back before it broke off is in no log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_of_a_request_that_broke_off_trouble_no_other() {
    let house = House::new();
    let server = start(&house.settings).await.unwrap();
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 71, lan, Role::Subject).await;
    let mut other = Handset::enrolled(&server, 72, house.cadre(3), Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let items = house.commune.items();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    own.synchronise(&server).await;
    let server = house.restored(server).await;
    other.synchronise(&server).await;
    let paper = house.paper(&server, other.author.person).await;
    let typed = other.edit(paper, &house.answers(other.author.person));
    let outgoing = next_request(&own.store, Pace::FULL, &[]).unwrap();
    let reply = own.ask(&server, outgoing.request.clone()).await;
    receive(&mut own.store, &own.parties, &outgoing, &reply).unwrap();

    let directory = act(&server, |office| Ok(office.directory())).await;
    let breaking = brings_back_and_breaks_off(&own, &server, directory);
    let honest = next_request(&other.store, Pace::FULL, &[]).unwrap().request;
    let group = [asks(&own, &server, breaking), asks(&other, &server, honest)];
    let replies = act(&server, move |office| office.exchange_all(&group, machine::moment())).await;
    assert_eq!(replies[0].as_ref().err(), Some(&ServerFailed::WentBack));
    assert_eq!(replies[1].as_ref().err(), None, "nobody is another one's hostage");
    assert!(logged(&server, paper.space, typed).await.is_some());
    let listed = act(&server, |office| Ok(server::people::names(office.reader())?.len())).await;
    assert_eq!(listed, 0, "in the table, and in no log");
    server.stop().await.unwrap();
}
