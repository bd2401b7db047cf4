//! What several people share beside the directory: a case, the minutes of a review, and the results of a unit.

use model::identity::{PersonId, SpaceId};
use model::membership::{Grant, Role};
use model::space::{minutes_space, unit_space};

use super::people::{self, OFFICE, SUBJECTS, works_in};
use super::procedure::{holds, reads, writes_minutes};
use super::{CYCLE, World};
use crate::world::rest::Broken;

/// A space that is shared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// Somebody's case.
    Case(PersonId),
    /// The minutes of somebody's review.
    Minutes(PersonId),
    /// What is published in the office where the cadres work.
    Unit,
}

impl World {
    /// All of them.
    pub fn rooms() -> Vec<Room> {
        let (cases, minutes) = (SUBJECTS.map(Room::Case), SUBJECTS.map(Room::Minutes));
        cases.into_iter().chain(minutes).chain([Room::Unit]).collect()
    }

    /// Where it lies.
    pub fn space_of(&mut self, room: Room) -> SpaceId {
        let server = self.server.office().identity();
        match room {
            Room::Case(person) => people::case_of(&server, person).space,
            Room::Minutes(person) => minutes_space(&server, CYCLE, person),
            Room::Unit => unit_space(&server, OFFICE),
        }
    }

    /// Whether somebody may read there today.
    pub fn may_read(&self, person: PersonId, room: Room) -> bool {
        let day = people::day_of(self.now_ms);
        let may = |subject, may: fn(Role) -> bool| {
            let roles = Role::ALL.into_iter().filter(|role| may(*role));
            roles.into_iter().any(|role| holds(&self.office.appointed, (person, role), subject, day))
        };
        match room {
            Room::Case(subject) => may(subject, reads),
            Room::Minutes(subject) => may(subject, writes_minutes),
            Room::Unit => works_in(person) == Some(OFFICE),
        }
    }

    /// C7. After a restore the server may not know for a while what the office said last.
    pub fn check_grant(&self, grant: &Grant, room: Room) -> Broken {
        let Some(role) = grant.role else { return Ok(()) };
        let day = people::day_of(grant.claimed_ms);
        let held = |subject| self.was_said(grant.claimed_ms, (grant.person, role), (subject, day));
        let is_allowed = match room {
            Room::Case(subject) => reads(role) && held(subject),
            Room::Minutes(subject) => writes_minutes(role) && held(subject),
            Room::Unit => works_in(grant.person) == Some(OFFICE),
        };
        if is_allowed { Ok(()) } else { Err(format!("C7: {:?} was let into {room:?} as {role:?}", grant.person)) }
    }
}
