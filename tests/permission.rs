//! Who may sign what, take which step and read which case: everybody tries everything, through the real server.
//!
//! What must come of each attempt is asked of the procedure as the tests wrote it down from the domain, which knows nothing
//! of the tables of the model. `permission_matrix.txt` is the whole of it for people; when this fails it prints what came.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::appointment::Appointment;
use model::case::CaseState::{self, Excused, Published};
use model::case::paper::PaperKind;
use model::identity::PersonId;
use model::membership::Role;
use tests::cases::matrix::{COLUMNS, Sitting, Tried};
use tests::cases::ordinary::{self, held, turns};
use tests::cases::table;
use tests::cases::world::procedure::{reads, way, writes_minutes, writing};
use tests::commune::Commune;
use tests::house::SEED;

/// The role in which somebody sits at the table; whoever only holds it elsewhere has none.
fn role_of(name: &str) -> Option<Role> {
    Some(match name {
        "subject" => Role::Subject,
        "head" => Role::Head,
        "personnel" => Role::PersonnelOffice,
        "supervisor" => Role::Supervisor,
        "front" => Role::FrontHead,
        "former head" => Role::FormerHead,
        "party" => Role::PartyCommittee,
        "secretary" => Role::Secretary,
        "authority" => Role::Authority,
        _ => return None,
    })
}

/// The letter that the procedure of the domain asks for.
fn expected(role: Option<Role>, state: Option<CaseState>, tried: Tried) -> char {
    let is_inside = state.is_some() && role.is_some_and(reads);
    match tried {
        Tried::Read => ['.', '+'][usize::from(is_inside)],
        // Minutes have a space of their own, from the first self-assessment on.
        Tried::Sign(PaperKind::Minutes)
            if matches!(state, None | Some(Excused)) || !role.is_some_and(writes_minutes) =>
        {
            '.'
        }
        Tried::Sign(kind) => match writing(kind, state) {
            (author, _) if role != Some(author) => 'a',
            (_, is_now) => ['n', '+'][usize::from(is_now)],
        },
        Tried::Step(_) | Tried::StepEarly(_) if !is_inside => '.',
        Tried::Step(to) | Tried::StepEarly(to) => match way(state, to) {
            None => 'n',
            Some((by, _)) if role.is_none_or(|role| !by.contains(&role)) => 'a',
            Some((_, kind)) => {
                // The self-assessment was there before, and what was published is what is archived.
                let is_there = kind == PaperKind::SelfAssessment || (kind == PaperKind::Publication && to != Published);
                ['i', '+'][usize::from(is_there || tried == Tried::Step(to))]
            }
        },
    }
}

/// Fails with the text that came of it, if another one stands in the file under this heading.
fn check(heading: &str, mut sitting: Sitting, let_in: &[&str]) {
    let letters = sitting.try_all(&turns());
    assert_eq!(letters.len(), COLUMNS.len() * (1 + PaperKind::ALL.len() + 2 * CaseState::ALL.len()));
    for ((tried, column), told) in &letters {
        for (seat, told) in sitting.seats.iter().zip(told) {
            let (state, letter) = COLUMNS[*column];
            assert_eq!(*told, expected(role_of(seat.name), state, *tried), "{tried:?} by {} in {letter}", seat.name);
        }
    }
    let came = table::text(heading, &sitting, &letters);
    let written = include_str!("permission_matrix.txt").split("## ").find(|section| section.starts_with(heading));
    let written = written.map(|section| format!("## {}", section.trim_end()));
    assert!(
        written.as_deref() == Some(came.trim_end()),
        "permission_matrix.txt says otherwise; what came is\n\n{came}"
    );
    assert_eq!(sitting.let_in(), let_in.iter().copied().collect(), "these were ever let in");
}

#[test]
fn everybody_may_do_what_the_procedure_says_and_nothing_else() {
    let let_in = ["subject", "head", "personnel", "supervisor", "party", "authority"];
    check("An ordinary case", ordinary::sitting(), &let_in);
}

/// Whoever works under the subject holds nothing in this case, whatever they hold elsewhere; nor does the subject.
#[test]
fn in_the_case_of_a_head_those_who_work_under_the_head_have_no_role() {
    let commune = Commune::generate(SEED);
    let (all, unit) = (commune.units[0].id, commune.units[1].id);
    let at = |place: usize| commune.members[place].held.cadre.id;
    let people = [
        ("subject", at(0)),
        ("head", at(12)),
        ("personnel", at(8)),
        ("front", at(10)),
        ("former head", at(17)),
        ("party", at(9)),
        ("secretary", at(13)),
        ("authority", at(16)),
        ("personnel below", at(5)),
        ("secretary below", at(4)),
        ("party below", at(6)),
        ("supervisor below", at(7)),
    ];
    let appointed = [
        held(at(0), Role::Head, unit),
        held(at(0), Role::Authority, all),
        held(at(12), Role::Head, all),
        held(at(8), Role::PersonnelOffice, all),
        held(at(5), Role::PersonnelOffice, all),
        held(at(10), Role::FrontHead, all),
        Appointment { over: Some(at(0)), ..held(at(17), Role::FormerHead, all) },
        held(at(9), Role::PartyCommittee, all),
        held(at(6), Role::PartyCommittee, unit),
        held(at(13), Role::Secretary, all),
        held(at(4), Role::Secretary, all),
        Appointment { over: Some(at(0)), ..held(at(7), Role::Supervisor, all) },
        held(at(16), Role::Authority, all),
    ];
    let (subject, let_in) = (at(0), ["subject", "head", "personnel", "party", "authority"]);
    check("The case of a head", Sitting::of(commune, subject, &appointed, &people), &let_in);
}

/// Everybody in the commune works under its chair, so people from elsewhere are named for this case alone.
#[test]
fn in_the_case_of_the_chair_nobody_of_the_commune_has_a_role() {
    let commune = Commune::generate(SEED);
    let (all, unit) = (commune.units[0].id, commune.units[1].id);
    let at = |place: usize| commune.members[place].held.cadre.id;
    let away = |seed: u8| PersonId::from_bytes([seed; 16]);
    let people = [
        ("subject", at(12)),
        ("head", away(1)),
        ("personnel", away(2)),
        ("front", away(3)),
        ("former head", away(4)),
        ("party", away(5)),
        ("secretary", away(6)),
        ("authority", away(7)),
        ("head of the commune's", at(0)),
        ("personnel of the commune's", at(8)),
        ("authority of the commune's", at(16)),
        ("supervisor of the commune's", at(11)),
    ];
    let named = |seed: u8, role: Role| Appointment { over: Some(at(12)), ..held(away(seed), role, all) };
    let appointed = [
        held(at(12), Role::Head, all),
        held(at(0), Role::Head, unit),
        held(at(8), Role::PersonnelOffice, all),
        Appointment { over: Some(at(12)), ..held(at(16), Role::Authority, all) },
        held(at(11), Role::Supervisor, all),
        named(1, Role::Head),
        named(2, Role::PersonnelOffice),
        named(3, Role::FrontHead),
        named(4, Role::FormerHead),
        named(5, Role::PartyCommittee),
        named(6, Role::Secretary),
        named(7, Role::Authority),
    ];
    let (subject, let_in) = (at(12), ["subject", "head", "personnel", "party", "authority"]);
    check("The case of the chair", Sitting::of(commune, subject, &appointed, &people), &let_in);
}
