//! What the office sees of a round before its count: the same, whoever answered.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::ballot::Given;
use model::document::DocumentKind;
use model::identity::RoundId;
use model::membership::Role;
use model::round::record::subject;
use model::space::person_space;
use model::time::{Day, Timestamp};
use server::desk::Told;
use server::machine;
use server::rounds::desk::{RoundAsked, RoundTold};
use server::rounds::overview::RoundOverview;
use tests::ballots::canaries::everything;
use tests::house::{Handset, House};
use tests::opinion::{Holders, Volunteer, announced, ordered, plan};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// Slips that each volunteer hands out.
const DRAWN: u32 = 20;

/// What the office sees the day after, if so many of each volunteer's residents answered.
async fn seen(answered: [usize; 2], first_day: Day) -> Vec<RoundOverview> {
    let house = House::new();
    let server = house.opened().await;
    let holders = Holders::of(&plan(&house.commune, first_day, [5, 7]));
    let blank = vec![Given::Blank; holders.definition().asked().count()];
    announced(&house, &holders).await;
    let mut volunteers = Vec::new();
    for (index, count) in answered.into_iter().enumerate() {
        let mut handset = Handset::enrolled(&server, index as u8 + 1, house.cadre(index + 1), Role::Subject).await;
        handset.synchronise(&server).await;
        let mut volunteer = Volunteer::new(handset, &holders);
        let area = index as u16 + 1;
        volunteer.ticks(area, 1..=DRAWN);
        for slip in holders.bag(area).iter().take(count) {
            volunteer.hears(slip, &blank, first_day).unwrap();
        }
        assert!(volunteer.delivers(&server, first_day).await > 0);
        volunteer.handset.synchronise(&server).await;
        volunteers.push(volunteer);
    }
    machine::live_ahead(DAY_MS);
    for volunteer in &mut volunteers {
        assert_eq!(volunteer.reads_list(&server).await, 0, "the list of the day names every envelope");
    }
    let Told::Round(RoundTold::Rounds(rounds)) = ordered(&house, RoundAsked::List).await else { panic!() };
    machine::live_ahead(0);
    server.stop().await.unwrap();
    let nameless = |seen| RoundOverview { round: RoundId::from_bytes([0; 16]), ..seen };
    rounds.into_iter().map(nameless).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_office_sees_before_the_count_does_not_tell_who_answered() {
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let one = seen([18, 6], today).await;
    assert_eq!(one, seen([7, 17], today).await);
    let [seen] = one.as_slice() else { panic!("one round") };
    assert_eq!(seen.areas.iter().map(|area| area.drawn).collect::<Vec<_>>(), [DRAWN, DRAWN]);
    assert_eq!((seen.listed_at_least, seen.phones, seen.sealed), (Some(20), 2, 0), "24 came; told in steps of twenty");
}

/// A19: not the head, not the office's own people with phones, not another volunteer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_its_own_volunteer_and_the_office_is_told_of_a_seal() {
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let house = House::new();
    let server = house.opened().await;
    let holders = Holders::of(&plan(&house.commune, today, [5, 7]));
    let blank = vec![Given::Blank; holders.definition().asked().count()];
    announced(&house, &holders).await;
    let mut others = Vec::new();
    for (index, role) in [Role::Head, Role::PersonnelOffice, Role::Supervisor, Role::Subject].into_iter().enumerate() {
        others.push(Handset::enrolled(&server, index as u8 + 2, house.cadre(index + 2), role).await);
    }
    let mut handset = Handset::enrolled(&server, 1, house.cadre(1), Role::Subject).await;
    handset.synchronise(&server).await;
    let mut volunteer = Volunteer::new(handset, &holders);
    for slip in holders.bag(1).iter().take(5) {
        volunteer.hears(slip, &blank, today).unwrap();
    }
    volunteer.seals();
    volunteer.handset.synchronise(&server).await;
    let (own, round) = (volunteer.handset.author.person, holders.definition().id);
    let space = person_space(&volunteer.handset.parties.server, own);
    let record = DocumentKind::RoundRecord.document_about(space, &subject(round, own));
    // The document in which the seal stands, by its name.
    let knows = |handset: &Handset| {
        let bytes = everything(handset.store.reader());
        bytes.windows(record.as_bytes().len()).any(|window| window == record.as_bytes())
    };
    assert!(knows(&volunteer.handset), "the search finds what is there");
    for other in &mut others {
        other.synchronise(&server).await;
        assert!(!knows(other));
    }
    let Told::Round(RoundTold::Rounds(rounds)) = ordered(&house, RoundAsked::List).await else { panic!() };
    assert_eq!(rounds.iter().map(|round| round.sealed).collect::<Vec<_>>(), [1], "the office counts it");
    server.stop().await.unwrap();
}
