//! Spaces that a server has from the beginning: their names follow from its identity, so a phone knows them too.

use crate::hash::PublicKey;
use crate::identity::{CycleId, PersonId, SpaceId, UnitId, derive_bytes};

/// What the office tells every phone of the commune.
pub fn directory_space(server: &PublicKey) -> SpaceId {
    SpaceId::from_bytes(derive_bytes("directory", &[server.as_bytes(), &[]]))
}

/// One cadre's own papers on all of their devices.
pub fn person_space(server: &PublicKey, person: PersonId) -> SpaceId {
    SpaceId::from_bytes(derive_bytes("person", &[server.as_bytes(), person.as_bytes()]))
}

/// One evaluation case: what was signed in it, and its steps.
pub fn case_space(server: &PublicKey, cycle: CycleId, person: PersonId) -> SpaceId {
    SpaceId::from_bytes(derive_bytes("case", &[server.as_bytes(), cycle.as_bytes(), person.as_bytes()]))
}

/// What the people of a unit may read: the results of their colleagues.
pub fn unit_space(server: &PublicKey, unit: UnitId) -> SpaceId {
    SpaceId::from_bytes(derive_bytes("unit", &[server.as_bytes(), unit.as_bytes()]))
}

/// The minutes of the review of one cadre, for those who write them together.
pub fn minutes_space(server: &PublicKey, cycle: CycleId, person: PersonId) -> SpaceId {
    SpaceId::from_bytes(derive_bytes("minutes", &[server.as_bytes(), cycle.as_bytes(), person.as_bytes()]))
}
