//! Members at rest: who is out counts no more, what came before still does, nobody else is refused (P10, P12, P15).

use std::collections::BTreeSet;

use model::entry::{Content, EntryKind, device_id};
use model::hash::EntryHash;
use model::identity::{DeviceId, SpaceId};
use phone::store::entries;
use phone::store::spaces::SpaceState;

use super::World;
use super::ghosts::{Logged, held_in, log_of};
use super::rest::Broken;

impl World {
    /// All properties about members.
    pub fn check_members(&mut self) -> Broken {
        let rows = self.rows();
        self.check_acts(&rows)?;
        self.check_counted(&rows)?;
        (0..self.spaces.len()).try_for_each(|space| self.check_revoked(space))?;
        (0..self.phones.len()).try_for_each(|index| self.check_shut(index))
    }

    /// Whether the server counts this phone as a member.
    pub fn is_member(&mut self, index: usize, space: SpaceId) -> bool {
        let device = self.phones[index].device();
        self.server.office().members(space).expect("members can be read").standing(device).is_some()
    }

    /// Whether a revocation ever named this phone or its person.
    pub fn is_touched(&self, index: usize) -> bool {
        self.is_device_touched(&self.phones[index].device())
    }

    fn is_device_touched(&self, device: &DeviceId) -> bool {
        let of_person = self.phones.iter().filter(|phone| phone.device() == *device);
        self.ghosts.touched.contains(device)
            || of_person.into_iter().any(|phone| self.ghosts.touched_persons.contains(&phone.author.person))
    }

    /// What the office was told is in the log, whatever was restored (P1 of the office, rule R19).
    fn check_acts(&self, rows: &[Logged]) -> Broken {
        let logged: BTreeSet<EntryHash> = rows.iter().map(|row| row.hash).collect();
        let is_excused = |act: &&EntryHash| self.drawn.loses_sidecar && self.ghosts.gone.contains(*act);
        match self.ghosts.acts.difference(&logged).find(|act| !is_excused(act)) {
            Some(act) => Err(format!("P1: the office was told of {act:?}, the log lacks it")),
            None => Ok(()),
        }
    }

    /// What a revoked device sent after the office was told counts nowhere (P10). An old server that answers on may take
    /// some of it (exchange rule R20).
    fn check_revoked(&mut self, space: usize) -> Broken {
        let rows = log_of(self.server.office(), self.spaces[space]);
        for (index, early) in self.devices_out(space).into_iter().filter(|_| !self.drawn.split) {
            let device = self.phones[index].device();
            let is_late = |row: &&Logged| row.device == device && !early.contains(&row.hash);
            if let Some(row) = rows.iter().filter(is_late).find(|row| row.in_force) {
                return Err(format!("P10: {:?} came after its author was revoked, and counts", row.hash));
            }
        }
        Ok(())
    }

    /// With the membership file an act may be lost that nobody holds; then nobody can know who was in by it.
    pub fn is_act_lost(&self) -> bool {
        self.ghosts.acts.iter().any(|act| self.ghosts.gone.contains(act))
    }

    /// Without the membership file acts come back in any order, or not at all: who was in by an act that is not there yet
    /// counts as out (exchange rules R3, R12).
    pub fn is_file_lost(&self) -> bool {
        self.drawn.loses_sidecar && self.ghosts.server_restores > 0
    }

    /// What counted before a revocation still does (P10).
    fn check_counted(&self, rows: &[Logged]) -> Broken {
        let is_known = |row: &Logged| !(self.is_file_lost() && self.is_device_touched(&row.device));
        let counted = |row: &&Logged| row.kind == EntryKind::Change && self.ghosts.counted.contains(&row.hash);
        let counted = |row: &&Logged| counted(row) && is_known(row);
        match rows.iter().filter(counted).find(|row| !row.in_force) {
            Some(row) => Err(format!("P10: {:?} counted before, and no longer does", row.hash)),
            None => Ok(()),
        }
    }

    /// Nobody who was never revoked is refused an edit (P12).
    fn check_shut(&mut self, index: usize) -> Broken {
        for space in self.spaces {
            let held = held_in(self.phones[index].store().reader(), space);
            for held in held.iter().filter(|held| held.refusal.is_some() && held.kind == EntryKind::Change) {
                if !self.builds_on_touched(index, &held.hash) {
                    return Err(format!("P12: {:?} is refused, its author was never revoked", held.hash));
                }
            }
        }
        Ok(())
    }

    fn builds_on_touched(&mut self, index: usize, hash: &EntryHash) -> bool {
        let mut under = vec![*hash];
        let mut seen = BTreeSet::new();
        while let Some(hash) = under.pop() {
            let entry = entries::entry_of(self.phones[index].store().reader(), &hash).expect("entries can be read");
            let Some(entry) = entry.filter(|_| seen.insert(hash)) else { continue };
            if self.is_device_touched(&entry.fields.device) {
                return true;
            }
            under.extend(entry.dependencies());
        }
        false
    }

    /// A revoked device holds the log up to the row by which it went out, and nothing after (P15). What it read while it
    /// was in by an act that was lost with the membership file stays with it.
    pub fn check_reader(&mut self, index: usize, space: SpaceId, state: &SpaceState) -> Broken {
        let (held, way_out) = (state.cursor.number, self.way_out(index, space)?);
        if held == way_out || (held > way_out && self.is_file_lost()) {
            return Ok(());
        }
        Err(format!("P15: revoked phone {index} holds {held} rows, it went out by row {way_out}"))
    }

    /// The first revocation since which the phone was never in; per name the act of the latest receipt counts, and a person
    /// who was sent away comes back with what is let in after that.
    fn way_out(&mut self, index: usize, space: SpaceId) -> Result<u64, String> {
        let (device, person) = (self.phones[index].device(), self.phones[index].author.person);
        let (mut of_device, mut of_person, mut sent_away, mut way_out) = (None, None, None, 0);
        let rows = log_of(self.server.office(), space);
        for (number, row) in (1..).zip(&rows).filter(|(_, row)| row.kind == EntryKind::Grant && row.in_force) {
            let Content::Grant(grant) = self.stored(&row.hash)?.content else { continue };
            let last = match (&grant.key, grant.person == person) {
                (Some(key), _) if device_id(key) == device => &mut of_device,
                (None, true) => &mut of_person,
                _ => continue,
            };
            if last.is_none_or(|(place, _)| place < row.first) {
                *last = Some((row.first, grant.role.is_some()));
            }
            if grant.key.is_none() && grant.role.is_none() {
                sent_away = sent_away.max(Some(row.first));
            }
            let is_let_in = of_device.is_some_and(|(place, is_in)| is_in && sent_away.is_none_or(|away| away < place));
            let is_in = is_let_in && of_person.is_none_or(|(_, is_in)| is_in);
            way_out = match (is_in, way_out) {
                (true, _) => 0,
                (false, 0) if grant.role.is_none() => number,
                (false, before) => before,
            };
        }
        Ok(way_out)
    }
}
