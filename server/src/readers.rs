//! Who may read what several people share: exactly those whom the directory names today.
//!
//! A role that ended reads nothing more, from the next request on, also before anybody has looked after the case. Whoever
//! comes newly, or with a new phone, is let in when the office looks through the cases ([`crate::looking`]). While the
//! directory waits for its phones after a restore nobody is let in or taken out: it may lack the appointment. Source:
//! security 2.4, invariant I12, exchange rules R12 and R15.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::case::READERS;
use model::case::filed::Filed;
use model::entry::{Content, Entry, EntryKind, device_id};
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId};
use model::membership::{Grant, Role};
use model::minutes::WRITERS;
use model::space::person_space;
use model::time::Timestamp;

use crate::failure::ServerFailed;
use crate::log::{self, MEMBERSHIP_DOCUMENT, Recovery, SpaceRow};
use crate::office::directory_of;
use crate::past::Past;
use crate::serve::Serving;
use crate::shared::{self, Shared};

impl Serving<'_> {
    /// Who holds which role over somebody today.
    pub(crate) fn roles_over(&mut self, person: PersonId) -> Arc<BTreeSet<(PersonId, Role)>> {
        let today = Timestamp::from_utc_ms(self.now_ms).vietnamese_day();
        self.memory.roles_over(&self.rules.chart, person, today)
    }

    /// The roles that somebody holds today over the cadre whose case or minutes these are; none in other spaces.
    pub(crate) fn held(&mut self, space: i64, person: PersonId) -> Result<Vec<Role>, ServerFailed> {
        let shared = self.memory.shared(self.connection, space)?;
        let Some(cadre) = shared.and_then(Shared::cadre) else { return Ok(Vec::new()) };
        let roles = self.roles_over(cadre);
        Ok(roles.iter().filter(|(holder, _)| *holder == person).map(|(_, role)| *role).collect())
    }

    /// Everybody who may read, each with one role.
    fn readers(&mut self, shared: Shared) -> BTreeMap<PersonId, Role> {
        match shared {
            Shared::Case(_, cadre) => self.holders(cadre, &READERS),
            Shared::Minutes(_, cadre) => self.holders(cadre, &WRITERS),
            Shared::Unit(unit) => {
                let people = self.rules.chart.people_of(unit);
                people.into_iter().map(|person| (person, Role::Supervisor)).collect()
            }
        }
    }

    /// Of several roles the first is written; what they may do, the directory says at every act.
    fn holders(&mut self, cadre: PersonId, roles: &[Role]) -> BTreeMap<PersonId, Role> {
        let mut named = BTreeMap::new();
        for (person, role) in self.roles_over(cadre).iter().filter(|(_, role)| roles.contains(role)) {
            named.entry(*person).or_insert(*role);
        }
        named
    }

    /// Before anything more is said in a shared space, those are taken out who may not hear it: a phone reads up to the row
    /// by which it went out.
    pub(crate) fn hear_only_readers(
        &mut self,
        space: &mut SpaceRow,
        entry: &Entry,
        past: Past,
    ) -> Result<(), ServerFailed> {
        if matches!(entry.content, Content::Grant(_)) || !past.is_unknown() {
            return Ok(());
        }
        let Some(shared) = self.memory.shared(self.connection, space.id)? else { return Ok(()) };
        log::save_head(self.connection, space)?;
        self.keep_readers(space.id, shared)?;
        *space = log::space(self.connection, space.space)?.ok_or(ServerFailed::Damaged)?;
        Ok(())
    }

    /// Takes a phone out whose person may not read any more, before it hears anything.
    pub(crate) fn check_reader(&mut self, device: DeviceId, space: &mut SpaceRow) -> Result<(), ServerFailed> {
        let Some(shared) = self.memory.shared(self.connection, space.id)? else { return Ok(()) };
        let members = self.memory.membership(self.connection, space)?;
        let Some(standing) = members.standing(device) else { return Ok(()) };
        if self.readers(shared).contains_key(&standing.person) || self.is_directory_behind()? {
            return Ok(());
        }
        let key = members.key_of(device).ok_or(ServerFailed::Damaged)?;
        self.grant(space, (Some(key), standing.person, None))?;
        *space = log::space(self.connection, space.space)?.ok_or(ServerFailed::Damaged)?;
        Ok(())
    }

    /// Lets in every phone of those who may read, and takes out every other.
    pub(crate) fn keep_readers(&mut self, space: i64, shared: Shared) -> Result<(), ServerFailed> {
        if self.is_directory_behind()? {
            return Ok(());
        }
        let space = log::space(self.connection, shared.space(&self.identity()))?
            .filter(|row| row.id == space)
            .ok_or(ServerFailed::Damaged)?;
        let members = self.memory.membership(self.connection, &space)?;
        let readers = self.readers(shared);
        let mut wanted = BTreeMap::new();
        for (person, role) in readers {
            let phones = self.phones_of(person)?;
            if !phones.is_empty() && members.is_person_out(person) {
                self.grant(&space, (None, person, Some(role)))?;
            }
            wanted.extend(phones.into_iter().map(|key| (device_id(&key), (key, person, role))));
        }
        for device in members.devices() {
            let Some(standing) = members.standing(device) else { continue };
            let is_wanted = wanted.get(&device).is_some_and(|(_, person, _)| *person == standing.person);
            if let Some(key) = members.key_of(device).filter(|_| !is_wanted) {
                self.grant(&space, (Some(key), standing.person, None))?;
            }
        }
        for (device, (key, person, role)) in wanted {
            let is_in = members.standing(device).is_some_and(|held| held.person == person && held.role == role);
            if !is_in {
                self.grant(&space, (Some(key), person, Some(role)))?;
            }
        }
        Ok(())
    }

    fn grant(
        &mut self,
        space: &SpaceRow,
        (key, person, role): (Option<PublicKey>, PersonId, Option<Role>),
    ) -> Result<(), ServerFailed> {
        let grant = Grant { key, person, role, claimed_ms: self.now_ms };
        self.office_says(EntryKind::Grant, (space.space, MEMBERSHIP_DOCUMENT), minicbor::to_vec(grant)).map(|_| ())
    }

    /// The keys of the phones that are in for a person.
    fn phones_of(&mut self, person: PersonId) -> Result<Vec<PublicKey>, ServerFailed> {
        let own = person_space(&self.identity(), person);
        let Some(own) = log::space(self.connection, own)? else { return Ok(Vec::new()) };
        let members = self.memory.membership(self.connection, &own)?;
        let are_in = members.devices().into_iter().filter(|device| members.standing(*device).is_some());
        Ok(are_in.filter_map(|device| members.key_of(device)).collect())
    }

    /// Whether the directory waits for what phones bring back.
    pub(crate) fn is_directory_behind(&self) -> Result<bool, ServerFailed> {
        let directory = log::space(self.connection, directory_of(&self.identity()))?;
        Ok(directory.is_none_or(|directory| directory.recovery != Recovery::Closed))
    }

    /// Whether a phone may be invited to a space that it is in.
    pub(crate) fn may_read(&mut self, space: &SpaceRow, person: PersonId) -> Result<bool, ServerFailed> {
        let Some(shared) = self.memory.shared(self.connection, space.id)? else { return Ok(true) };
        Ok(self.readers(shared).contains_key(&person) || self.is_directory_behind()?)
    }

    /// Remembers what a filed paper makes of its space.
    pub(crate) fn note_filed(&mut self, filed: &Filed) -> Result<(), ServerFailed> {
        let space = shared::keep(self.connection, Shared::of(filed), &self.identity())?;
        self.memory.forget_shared(space);
        match Entry::read(&filed.entry) {
            Ok(signed) => shared::note_filed(self.connection, space, &signed.hash),
            Err(_) => Ok(()),
        }
    }
}
