//! Cases under faults: the facts that the World of cases found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use model::exchange::Cursor;
use model::space::directory_space;
use server::{enrolment, recovery};
use tests::cases::chamber::{Chamber, asking, reading};
use tests::cases::ordinary::{self, TURNS};
use tests::cases::pen::Pen;

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
