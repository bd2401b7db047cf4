//! Cases under faults: some runs of the World of cases, and the facts that it found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use model::case::CaseState::{OpinionsClosed, OpinionsOpen, UnderReview};
use model::case::paper::PaperKind::{Minutes, ResidenceOpinion, SelfAssessment};
use model::exchange::Cursor;
use model::space::directory_space;
use server::{enrolment, recovery};
use tests::cases::chamber::{Chamber, asking, reading};
use tests::cases::matrix::Sitting;
use tests::cases::ordinary::{self, TURNS};
use tests::cases::pen::{Pen, Told};
use tests::cases::world::Seen;
use tests::cases::world::run::run;
use tests::world::Recipe;
use tests::world::run::warm_up;

#[test]
fn whatever_fails_between_people_and_their_cases_what_they_were_told_is_true() {
    warm_up();
    let mut seen = Seen::default();
    for seed in 0..12 {
        seen.add(
            run(Recipe { seed, events: 300 }).unwrap_or_else(|violation| panic!("seed {seed}: {}", violation.what)),
        );
    }
    let Seen { filed, steps, refused, decided, published, excused, minutes, decided_again, restores } = seen;
    assert!(filed > 150 && steps > 150 && refused > 150 && decided > 3 && restores > 4, "{seen:?} is too little");
    assert!(published > 0 && excused > 0 && minutes > 6 && decided_again > 3, "{seen:?} is too little");
}

/// Six people do what the case needs next, each with a network of their own. Whoever comes too early is refused, or waits,
/// and comes again: in every order the case ends the same, entry by entry.
#[test]
fn six_steps_that_need_each_other_end_the_same_in_every_order() {
    let mut sitting = ordinary::sitting();
    let mut start = sitting.chamber.twin();
    let mut orders = Vec::new();
    permute(&mut [0, 1, 2, 3, 4, 5], 0, &mut orders);
    let mut ends = Vec::new();
    for order in &orders {
        let mut chamber = start.twin();
        let mut left = order.clone();
        for _ in 0..6 {
            left.retain(|act| does(&sitting, &mut chamber, *act) != Told::Stored);
        }
        assert!(left.is_empty(), "{order:?} never ends: {left:?}");
        let end = chamber.case(sitting.case()).unwrap();
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    sitting.chamber = start;
    assert_eq!((orders.len(), ends.len()), (720, 1));
    assert_eq!(ends[0].decisions.status.map(|status| status.to), Some(UnderReview));
    assert_eq!(ends[0].decisions.papers.len(), 3);
}

/// One of the six, as people do them.
fn does(sitting: &Sitting, chamber: &mut Chamber, act: usize) -> Told {
    let seat = |name: &str| sitting.seat(name);
    match act {
        0 => sitting.signs(chamber, seat("subject"), SelfAssessment),
        1 => sitting.steps(chamber, seat("head"), OpinionsOpen),
        2 => sitting.signs(chamber, seat("front"), ResidenceOpinion),
        3 => sitting.steps(chamber, seat("personnel"), OpinionsClosed),
        4 => sitting.steps(chamber, seat("head"), UnderReview),
        _ => sitting.signs(chamber, seat("secretary"), Minutes),
    }
}

fn permute(items: &mut [usize], from: usize, orders: &mut Vec<Vec<usize>>) {
    if from == items.len() {
        return orders.push(items.to_vec());
    }
    for other in from..items.len() {
        items.swap(from, other);
        permute(items, from + 1, orders);
        items.swap(from, other);
    }
}

/// A phone is let into a case while it lies in a drawer, and is sent away before it hears of it. After a restore only that
/// phone can say that it has nothing of the case to bring back, so it is asked.
#[test]
fn a_phone_that_was_sent_away_before_it_heard_of_a_case_does_not_keep_its_recovery_open() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..2], |_, _, _| {});
    let away = sitting.seats[sitting.seat("party")].pen.device();
    let mut chamber = sitting.chamber.twin();
    let moment = chamber.moment();
    enrolment::revoke_device(&mut chamber.office, away, moment).unwrap().unwrap();
    chamber.back_up();
    chamber.restore();
    assert!(recovery::is_under_way(chamber.office.reader()).unwrap());
    for seat in &sitting.seats {
        comes_back(&seat.pen, &mut chamber);
    }
    assert!(!recovery::is_under_way(chamber.office.reader()).unwrap(), "a phone is waited for that nobody asks");
}

/// Asks for everything that it knows, and for everything that it is told of, with nothing to bring back.
fn comes_back(pen: &Pen, chamber: &mut Chamber) {
    let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
    let mut known = BTreeSet::from([pen.own_space(), directory_space(&chamber.identity())]);
    for _ in 0..2 {
        let asked = asking(known.iter().map(|space| reading(*space, cursor)).collect());
        known.extend(pen.ask(chamber, &asked).invited);
    }
}

/// The cadre's own space is whole again and their case is not: what the office filed now would take the place of the step
/// that the head was told is in force.
#[test]
fn nothing_is_filed_in_a_case_while_phones_still_bring_it_back() {
    let mut sitting = ordinary::sitting();
    let (subject, head) = (sitting.seat("subject"), sitting.seat("head"));
    let mut chamber = sitting.chamber.twin();
    chamber.back_up();
    assert_eq!(sitting.signs(&mut chamber, subject, SelfAssessment), Told::Stored);
    assert_eq!(sitting.steps(&mut chamber, head, OpinionsOpen), Told::Stored);
    chamber.restore();
    assert_eq!(chamber.case(sitting.case()), None, "all of it is lost but who was let in");
    comes_back(&sitting.seats[subject].pen, &mut chamber);
    assert_eq!(sitting.signs(&mut chamber, subject, SelfAssessment), Told::Wait);
    assert_eq!(chamber.case(sitting.case()), None);
    sitting.seats.iter().for_each(|seat| comes_back(&seat.pen, &mut chamber));
    assert_eq!(sitting.signs(&mut chamber, subject, SelfAssessment), Told::Stored);
    sitting.chamber = chamber;
}
