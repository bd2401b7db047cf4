//! The ordinary case of the tests: everybody of the procedure at one table, and the way that it goes.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::identity::{PersonId, UnitId};
use model::membership::Role;
use model::time::Day;

use super::matrix::{Sitting, Turn};
use crate::commune::Commune;
use crate::house::SEED;

use CaseState::{
    Appealed, Archived, AwaitingComments, Decided, Excused, Notified, OpinionsClosed, OpinionsOpen, Proposed,
    Published, Returned, Submitted, UnderReview,
};

/// The way of a case, and whose turn it is on it; the first step is the way, a second one a side way.
pub const TURNS: [Turn; 10] = [
    Turn { state: Submitted, papers: &[], steps: &[("head", OpinionsOpen), ("personnel", Returned)] },
    Turn {
        state: OpinionsOpen,
        papers: &[("front", PaperKind::ResidenceOpinion), ("former head", PaperKind::OldUnitComment)],
        steps: &[("personnel", OpinionsClosed)],
    },
    Turn { state: OpinionsClosed, papers: &[], steps: &[("head", UnderReview)] },
    Turn { state: UnderReview, papers: &[("secretary", PaperKind::Minutes)], steps: &[("head", AwaitingComments)] },
    Turn {
        state: AwaitingComments,
        papers: &[("party", PaperKind::PartyComment), ("head", PaperKind::HeadComment)],
        steps: &[("head", Proposed)],
    },
    Turn { state: Proposed, papers: &[("authority", PaperKind::Decision)], steps: &[("authority", Decided)] },
    Turn { state: Decided, papers: &[("personnel", PaperKind::Notice)], steps: &[("personnel", Notified)] },
    Turn {
        state: Notified,
        papers: &[("personnel", PaperKind::Publication), ("subject", PaperKind::Appeal)],
        steps: &[("personnel", Published), ("subject", Appealed)],
    },
    Turn { state: Published, papers: &[], steps: &[("personnel", Archived)] },
    Turn { state: Archived, papers: &[], steps: &[] },
];

/// What is signed after an appeal, before the authority decides again.
pub const APPEALED: Turn = Turn { state: Appealed, papers: &[("authority", PaperKind::AppealOutcome)], steps: &[] };

/// What is signed about a cadre who is excused.
pub const EXCUSED: Turn =
    Turn { state: Excused, papers: &[("authority", PaperKind::Decision)], steps: &[("authority", Decided)] };

/// The way and its side ways.
pub fn turns() -> Vec<Turn> {
    TURNS.into_iter().chain([APPEALED, EXCUSED]).collect()
}

/// Over a unit and those below it, the whole year.
pub fn held(person: PersonId, role: Role, unit: UnitId) -> Appointment {
    Appointment { person, role, unit, over: None, from: Day::parse("2026-01-01").unwrap(), to: None }
}

/// A cadre, everybody with one role over them, and somebody with none.
pub fn sitting() -> Sitting {
    let commune = Commune::generate(SEED);
    let at = |place: usize| commune.members[place].held.cadre.id;
    let people = [
        ("subject", at(3)),
        ("head", at(0)),
        ("personnel", at(8)),
        ("supervisor", at(11)),
        ("front", at(10)),
        ("former head", at(17)),
        ("party", at(9)),
        ("secretary", at(4)),
        ("authority", at(16)),
        ("nobody", at(13)),
    ];
    let subject = at(3);
    let appointed = appointed(&commune);
    Sitting::of(commune, subject, &appointed, &people)
}

/// Who is appointed to what in it.
pub fn appointed(commune: &Commune) -> [Appointment; 8] {
    let at = |place: usize| commune.members[place].held.cadre.id;
    let (all, unit) = (commune.units[0].id, commune.units[1].id);
    [
        held(at(0), Role::Head, unit),
        held(at(8), Role::PersonnelOffice, all),
        held(at(11), Role::Supervisor, all),
        held(at(10), Role::FrontHead, all),
        Appointment { over: Some(at(3)), ..held(at(17), Role::FormerHead, all) },
        held(at(9), Role::PartyCommittee, all),
        held(at(4), Role::Secretary, all),
        held(at(16), Role::Authority, all),
    ]
}
