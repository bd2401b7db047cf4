//! A round from its ceremony to its result, through real phones, a real server and the holders' laptop.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::ballot::Given;
use model::membership::Role;
use model::outcome::PaperCount;
use model::round::RoundDefinition;
use model::time::{Day, Timestamp};
use server::machine;
use server::rounds::{self, opening};
use tests::house::{Handset, House, act};
use tests::opinion::{Holders, Volunteer, announced, plan};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn today() -> Day {
    Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day()
}

fn answers(round: &RoundDefinition, number: usize) -> Vec<Given> {
    (0..round.asked().count()).map(|index| Given::Option(((number + index) % 2) as u8)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_residents_said_is_counted_and_published() {
    let house = House::new();
    let server = house.opened().await;
    let first_day = today();
    let holders = Holders::of(&plan(&house, first_day, [2, 4]));
    let definition = holders.definition().clone();
    assert_eq!(definition.areas.len(), 2, "the small one was joined");
    announced(&server, &holders).await;

    let mut volunteers = Vec::new();
    for (index, area) in [(1, 1), (2, 1), (3, 2)] {
        let mut handset = Handset::enrolled(&server, index as u8, house.cadre(index), Role::Subject).await;
        handset.synchronise(&server).await;
        volunteers.push((Volunteer::new(handset, &holders), area));
    }
    let mut bags: Vec<Vec<_>> = definition.areas.iter().map(|area| holders.bag(area.number.0)).collect();
    for (volunteer, area) in &mut volunteers {
        for number in 0..14 {
            let slip = bags[usize::from(*area) - 1].pop().unwrap();
            volunteer.hears(&slip, &answers(&definition, number), first_day).unwrap();
        }
        volunteer.ticks(*area, 1..=14);
    }
    let (last, others) = volunteers.split_last_mut().unwrap();
    for (volunteer, _) in others.iter_mut() {
        assert_eq!(volunteer.delivers(&server, first_day).await, 1);
        assert_eq!(volunteer.reads_list(&server).await, 14, "nothing is listed before the day is over");
        volunteer.seals();
        volunteer.handset.synchronise(&server).await;
    }
    last.0.seals();
    last.0.handset.synchronise(&server).await;

    machine::live_ahead(DAY_MS);
    for (volunteer, _) in others.iter_mut() {
        assert_eq!(volunteer.reads_list(&server).await, 0, "what the safe copy has is forgotten");
    }
    machine::live_ahead(3 * DAY_MS);
    assert_eq!(last.0.delivers(&server, today()).await, 1, "sealed in time, arrived late");
    machine::live_ahead(5 * DAY_MS);

    let file = house.folder.path().join("hom.lnhp");
    let (door, to, round) = (std::sync::Arc::clone(server.door()), file.clone(), definition.id);
    let (key, day) = (server.signing_key().clone(), today());
    act(&server, move |office| {
        let kept = rounds::find(office.reader(), round)?.unwrap();
        Ok(opening::write(office.reader(), &door.boxes, &kept, (&key, &to, day)).map_err(|refused| refused.to_string()))
    })
    .await
    .unwrap();
    assert_eq!(last.0.reads_list(&server).await, 0);
    let printed: u32 = definition.slips();
    let paper = PaperCount { unused: printed - 42, spoiled: 0, stubs: 42 };
    let outcome = holders.count([0, 2], &file, (today(), paper, &[]));
    assert_eq!(outcome.outcome.published.kinds.valid, 42);
    assert_eq!(outcome.outcome.published.issued, 42);
    let (bytes, day) = (outcome.to_bytes(), today());
    let may_publish = act(&server, move |office| {
        let taken = rounds::take_outcome(office, round, &bytes, day).map_err(|refused| refused.to_string());
        let published = rounds::publish_result(office, round, day).map_err(|refused| refused.to_string());
        Ok((taken, published))
    });
    assert_eq!(may_publish.await, (Ok(true), Ok(())));
    server.stop().await.unwrap();
}
