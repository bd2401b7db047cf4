//! People ended a life that did not know who was sent away. What comes to light only afterwards waits again. A real server
//! over real files, real stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::membership::Role;
use model::rating::Rating;
use phone::work::Paper;
use server::advice::of_blind;
use server::backup::back_up;
use server::doctor::examine;
use server::running::Running;
use server::{enrolment, machine};
use tests::commune::filled;
use tests::house::{Handset, House, SEED, act, another_phone, logged};

/// Everything of Lan is younger than the backup: her space, a phone that was stolen, and that it was taken out.
struct Lost {
    house: House,
    server: Running,
    honest: Handset,
    thief: Handset,
    paper: Paper,
}

async fn closed_by_hand() -> Lost {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    back_up(&house.settings, &house.backup()).unwrap();
    let mut honest = Handset::enrolled(&server, 51, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    // The honest phone never hears of it, so it cannot bring it back for the office to see.
    let mut thief = Handset::enrolled(&server, 52, lan, Role::Subject).await;
    thief.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    let server = house.rebuilt(server, true).await;
    assert!(act(&server, |office| office.close_recovery()).await);
    Lost { house, server, honest, thief, paper }
}

impl Lost {
    async fn thief_writes_nothing(mut self) {
        let change = self.thief.edit(self.paper, &filled(SEED + 1, self.thief.author.person, false, Rating::Good));
        let (server, _) = self.house.talks(&mut self.thief, self.server).await;
        let written = logged(&server, self.paper.space, change).await;
        assert!(written.is_none(), "a revoked device wrote {written:?}");
        let told = of_blind(&self.house.settings);
        assert!(examine(&self.house.settings).iter().any(|finding| finding.line == told), "the office is told");
        server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_space_that_is_shown_after_the_end_waits() {
    closed_by_hand().await.thief_writes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_space_that_the_office_made_anew_after_the_end_waits_once_an_old_device_comes() {
    let lost = closed_by_hand().await;
    another_phone(&lost.server, 67, lost.house.cadre(2)).await;
    lost.thief_writes_nothing().await;
}

/// The honest phone comes first and the office ends the waiting for it; the stolen one comes later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_of_which_the_office_did_not_know_at_the_end_waits_too() {
    let mut lost = closed_by_hand().await;
    let typed = lost.honest.edit(lost.paper, &lost.house.answers(lost.house.cadre(2)));
    (lost.server, _) = lost.house.talks(&mut lost.honest, lost.server).await;
    assert_eq!(logged(&lost.server, lost.paper.space, typed).await, None);
    assert!(act(&lost.server, |office| office.close_recovery()).await);
    (lost.server, _) = lost.house.talks(&mut lost.honest, lost.server).await;
    assert!(logged(&lost.server, lost.paper.space, typed).await.is_some(), "nothing waits for ever");
    lost.thief_writes_nothing().await;
}
