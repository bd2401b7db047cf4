//! Who takes part in a case: people with two roles, people who come back, and cycles that nobody opened.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::appointment::Appointment;
use model::case::CaseState::Decided;
use model::case::paper::PaperKind;
use model::exchange::Cursor;
use model::identity::CycleId;
use model::membership::Role;
use server::{enrolment, log};
use tests::cases::chamber::{asking, come_down, reading};
use tests::cases::matrix::Sitting;
use tests::cases::ordinary::{self, TURNS, held};
use tests::cases::pen::{Pen, Told};
use tests::commune::Commune;
use tests::house::SEED;

/// In a small commune the head of an office is also the authority that decides.
#[test]
fn somebody_with_two_roles_takes_the_steps_of_either() {
    let commune = Commune::generate(SEED);
    let (all, unit) = (commune.units[0].id, commune.units[1].id);
    let at = |place: usize| commune.members[place].held.cadre.id;
    let people = [
        ("subject", at(3)),
        ("head", at(0)),
        ("personnel", at(8)),
        ("front", at(10)),
        ("former head", at(17)),
        ("party", at(9)),
        ("secretary", at(4)),
    ];
    let appointed = [
        held(at(0), Role::Head, unit),
        held(at(0), Role::Authority, all),
        held(at(8), Role::PersonnelOffice, all),
        held(at(10), Role::FrontHead, all),
        Appointment { over: Some(at(3)), ..held(at(17), Role::FormerHead, all) },
        held(at(9), Role::PartyCommittee, all),
        held(at(4), Role::Secretary, all),
    ];
    let subject = at(3);
    let mut sitting = Sitting::of(commune, subject, &appointed, &people);
    sitting.visit(&TURNS[..5], |_, _, _| {});
    let (mut chamber, head) = (sitting.chamber.twin(), sitting.seat("head"));
    assert_eq!(sitting.signs(&mut chamber, head, PaperKind::Decision), Told::Stored);
    assert_eq!(sitting.steps(&mut chamber, head, Decided), Told::Stored);
}

/// A submission about a cycle that nobody opened is kept with its author; no case begins.
#[test]
fn no_case_begins_in_a_cycle_that_the_office_never_published() {
    let mut sitting = ordinary::sitting();
    let subject = sitting.seat("subject");
    let spaces = log::spaces(sitting.chamber.office.reader()).unwrap().len();
    sitting.commune.cycle.id = CycleId::from_bytes([99; 16]);
    let mut pen = sitting.seats[subject].pen.clone();
    let paper = sitting.paper(subject, PaperKind::SelfAssessment);
    pen.begin(paper, &sitting.account_in(sitting.cycle()), sitting.form());
    let signed = pen.submission(paper, None);
    let _ = pen.push(&mut sitting.chamber, paper.space, &[pen.change(paper), &signed]);
    assert_eq!(log::spaces(sitting.chamber.office.reader()).unwrap().len(), spaces, "a space was made");
}

/// The office sent somebody away and let them in again, with a new phone. With the next paper they are in the case; and two
/// papers that arrive in one moment are both taken.
#[test]
fn whoever_comes_back_is_let_into_the_case_again() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..1], |_, _, _| {});
    let mut chamber = sitting.chamber.twin();
    let (party, moment) = (sitting.seats[sitting.seat("party")].pen.person, chamber.moment());
    enrolment::revoke_person(&mut chamber.office, party, moment).unwrap().unwrap();
    chamber.now_ms += 60_000;
    let back = Pen::enrolled(&mut chamber, 99, party);
    let (front, former) = (sitting.seat("front"), sitting.seat("former head"));
    assert_eq!(sitting.signs(&mut chamber, front, PaperKind::ResidenceOpinion), Told::Stored);
    assert_eq!(sitting.signs(&mut chamber, former, PaperKind::OldUnitComment), Told::Stored);
    let asked = asking(vec![reading(sitting.case().space, Cursor { epoch: chamber.office.epoch(), ..Cursor::START })]);
    assert!(!come_down(&back.ask(&mut chamber, &asked)).is_empty(), "nothing of the case comes down");
}
