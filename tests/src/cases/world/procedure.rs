//! The procedure once more, written from the domain and not from the model: who signs what, who takes which step, and who
//! may read a case.
//!
//! Nothing here asks the tables of the model; where the two differ, one of them is wrong.

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::identity::PersonId;
use model::membership::Role;
use model::time::Day;

use super::people::{COMMUNE, OFFICE, works_in};

use CaseState::{
    Appealed, Archived, AwaitingComments, Decided, Excused, Notified, OpinionsClosed, OpinionsOpen, Proposed,
    Published, Returned, Submitted, UnderReview,
};

/// Who takes the step between two states, and the paper that it is about. Nobody where the office itself takes it.
pub fn way(from: Option<CaseState>, to: CaseState) -> Option<(&'static [Role], PaperKind)> {
    const OFFICE_ITSELF: &[Role] = &[];
    const RECEIVES: &[Role] = &[Role::Head, Role::PersonnelOffice];
    const PERSONNEL: &[Role] = &[Role::PersonnelOffice];
    const HEAD: &[Role] = &[Role::Head];
    const AUTHORITY: &[Role] = &[Role::Authority];
    Some(match (from, to) {
        (None, Excused) => (OFFICE_ITSELF, PaperKind::ServiceRecord),
        (Some(Excused), Decided) => (AUTHORITY, PaperKind::Decision),
        (None | Some(Excused | Returned), Submitted) => (OFFICE_ITSELF, PaperKind::SelfAssessment),
        (Some(Submitted), Returned | OpinionsOpen) => (RECEIVES, PaperKind::SelfAssessment),
        (Some(OpinionsOpen), OpinionsClosed) => (PERSONNEL, PaperKind::ResidenceOpinion),
        (Some(OpinionsClosed), UnderReview) => (HEAD, PaperKind::SelfAssessment),
        (Some(UnderReview), AwaitingComments) => (HEAD, PaperKind::Minutes),
        (Some(AwaitingComments), Proposed) => (HEAD, PaperKind::HeadComment),
        (Some(Proposed), Decided) => (AUTHORITY, PaperKind::Decision),
        (Some(Decided), Notified) => (PERSONNEL, PaperKind::Notice),
        (Some(Notified), Appealed) => (&[Role::Subject], PaperKind::Appeal),
        (Some(Appealed), Decided) => (AUTHORITY, PaperKind::AppealOutcome),
        (Some(Notified), Published) => (PERSONNEL, PaperKind::Publication),
        (Some(Published), Archived) => (PERSONNEL, PaperKind::Publication),
        _ => return None,
    })
}

/// Who writes a paper, and whether it may be signed while a case is there.
pub fn writing(kind: PaperKind, state: Option<CaseState>) -> (Role, bool) {
    let at = |states: &[CaseState]| state.is_some_and(|state| states.contains(&state));
    match kind {
        PaperKind::SelfAssessment => (Role::Subject, state.is_none() || at(&[Excused, Submitted, Returned])),
        PaperKind::ServiceRecord => (Role::PersonnelOffice, !at(&[Decided, Notified, Published, Archived])),
        PaperKind::ResidenceOpinion => (Role::FrontHead, at(&[OpinionsOpen])),
        PaperKind::OldUnitComment => (Role::FormerHead, at(&[OpinionsOpen, OpinionsClosed, UnderReview])),
        PaperKind::Minutes => (Role::Secretary, at(&[UnderReview])),
        PaperKind::PartyComment => (Role::PartyCommittee, at(&[AwaitingComments])),
        PaperKind::HeadComment => (Role::Head, at(&[AwaitingComments])),
        PaperKind::Decision => (Role::Authority, at(&[Excused, Proposed, Decided, Appealed])),
        PaperKind::Notice => (Role::PersonnelOffice, at(&[Decided])),
        PaperKind::Appeal => (Role::Subject, at(&[Notified])),
        PaperKind::AppealOutcome => (Role::Authority, at(&[Appealed])),
        PaperKind::Publication => (Role::PersonnelOffice, at(&[Notified])),
    }
}

/// The states that a case goes to from here.
pub fn ways_from(state: CaseState) -> Vec<CaseState> {
    CaseState::ALL.into_iter().filter(|to| way(Some(state), *to).is_some()).collect()
}

/// Whether somebody holds a role over a person by these appointments: the nearest who are not themselves in conflict.
pub fn holds(appointed: &[Appointment], (person, role): (PersonId, Role), subject: PersonId, day: Day) -> bool {
    if role == Role::Subject || person == subject {
        return role == Role::Subject && person == subject;
    }
    let lasts = |held: &Appointment| held.from <= day && held.to.is_none_or(|to| day <= to);
    let line = |who: PersonId| match works_in(who) {
        Some(OFFICE) => vec![OFFICE, COMMUNE],
        Some(unit) => vec![unit],
        None => Vec::new(),
    };
    let leads = |held: &&Appointment| held.role == Role::Head && held.person == subject && lasts(held);
    let led: Vec<_> = appointed.iter().filter(leads).map(|held| held.unit).collect();
    let in_conflict = |who: PersonId| who == subject || line(who).iter().any(|unit| led.contains(unit));
    for unit in line(subject) {
        let here = appointed.iter().filter(|held| held.role == role && held.unit == unit && lasts(held));
        let here: Vec<PersonId> = here.map(|held| held.person).filter(|who| !in_conflict(*who)).collect();
        if !here.is_empty() {
            return here.contains(&person);
        }
    }
    false
}

/// Whether somebody in this role reads a case; the others write into it and do not read it.
pub fn reads(role: Role) -> bool {
    !matches!(role, Role::FrontHead | Role::FormerHead | Role::Secretary)
}

/// Whether somebody in this role writes minutes, together with the others.
pub fn writes_minutes(role: Role) -> bool {
    matches!(role, Role::Head | Role::PartyCommittee | Role::Secretary)
}
