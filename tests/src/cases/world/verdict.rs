//! The verdict at rest, on the real files.

use std::collections::BTreeSet;

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::entry::{Content, Entry, EntryKind, device_id};
use model::hash::EntryHash;
use model::identity::{PersonId, SpaceId};
use model::membership::{Membership, Role};
use model::paper::About;
use model::refusal::Refusal;
use model::signed_value::read_canonical;
use model::time::Day;
use phone::store::{documents, entries, spaces};
use server::log;

use super::World;
use super::people::{self, SUBJECTS, Version};
use super::procedure::{holds, writes_minutes};
use super::replay::Replay;
use super::rooms::Room;
use crate::world::ghosts::{Logged, held_in, log_of};
use crate::world::rest::Broken;

impl World {
    /// Everything that must hold once nothing changes any more.
    pub fn check_at_rest(&mut self) -> Broken {
        let logged = self.logged();
        self.check_received(&logged)?;
        self.check_told_in_force()?;
        for index in 0..self.phones.len() {
            self.check_typed(index, &logged)?;
            self.check_held(index)?;
        }
        self.check_filed()?;
        for room in Self::rooms() {
            self.check_room(room)?;
        }
        self.check_published()
    }

    /// C2. Without a second copy the promise covers one fault, not that server and phone both went back.
    fn check_received(&mut self, logged: &BTreeSet<EntryHash>) -> Broken {
        if let Some(lost) = self.ghosts.told_safely.difference(logged).next() {
            return Err(format!("C2: {lost:?} was shown as safely received, the server lacks it"));
        }
        let have_both_gone_back = self.ghosts.server_restores > 0 && self.ghosts.phone_restores > 0;
        let is_excused = |hash: &&EntryHash| have_both_gone_back || self.ghosts.gone.contains(*hash);
        match self.ghosts.told.difference(logged).find(|hash| !is_excused(hash)) {
            Some(lost) => Err(format!("C2: {lost:?} was shown as received, the server lacks it")),
            None => Ok(()),
        }
    }

    /// C10. Without a second copy, once more, only one of the two may have gone back.
    fn check_told_in_force(&mut self) -> Broken {
        let have_both_gone_back = self.ghosts.server_restores > 0 && self.ghosts.phone_restores > 0;
        if have_both_gone_back && !self.server.is_copied() {
            return Ok(());
        }
        let mut rows = self.rows_of_people();
        for person in SUBJECTS {
            let space = self.space_of(Room::Case(person));
            rows.extend(log_of(self.server.office(), space));
        }
        let void: BTreeSet<EntryHash> = rows.iter().filter(|row| !row.in_force).map(|row| row.hash).collect();
        match self.ghosts.told_in_force.intersection(&void).next() {
            Some(hash) => Err(format!("C10: {hash:?} was shown as in force and is now void")),
            None => Ok(()),
        }
    }

    /// C9, and that nothing is stuck (C1).
    fn check_typed(&mut self, index: usize, logged: &BTreeSet<EntryHash>) -> Broken {
        let reader = self.phones[index].store().reader();
        for (hash, _) in self.ghosts.typed.iter().filter(|(_, typed)| typed.phone == index) {
            let held = entries::find(reader, hash).map_err(|failed| failed.to_string())?;
            let is_here = held.as_ref().is_some_and(|held| held.refusal.is_some());
            if !is_here && !logged.contains(hash) && !self.ghosts.gone.contains(hash) {
                return Err(format!("C9: {hash:?} of phone {index} is neither in the log nor refused: {held:?}"));
            }
            match held.and_then(|held| held.refusal) {
                None
                | Some(
                    Refusal::NotAMember
                    | Refusal::NotAllowed
                    | Refusal::NotNow
                    | Refusal::Incomplete
                    | Refusal::DecidedAlready
                    | Refusal::Contradicts
                    | Refusal::BuildsOnRefused,
                ) => {}
                Some(reason) => return Err(format!("C9: phone {index} is honest, {hash:?} is refused: {reason}")),
            }
        }
        Ok(())
    }

    /// C6, and that nothing is stuck (C1).
    fn check_held(&mut self, index: usize) -> Broken {
        let person = self.phones[index].author.person;
        let device = self.phones[index].device();
        let server = self.server.office().identity();
        let mut allowed = vec![self.server.office().directory(), model::space::person_space(&server, person)];
        for room in Self::rooms() {
            let space = self.space_of(room);
            if self.members(space)?.is_some_and(|members| members.key_of(device).is_some()) {
                allowed.push(space);
            }
        }
        let reader = self.phones[index].store().reader();
        for state in spaces::all(reader).map_err(|failed| failed.to_string())? {
            let held = held_in(reader, state.space);
            if let Some(stuck) = held.iter().find(|held| held.is_unsent) {
                return Err(format!("C1: phone {index} is stuck with {:?}", stuck.hash));
            }
            let is_foreign = held.iter().any(|held| held.device != device);
            if !allowed.contains(&state.space) && is_foreign {
                return Err(format!("C6: phone {index} of {person:?} holds rows of {:?}", state.space));
            }
        }
        Ok(())
    }

    fn members(&mut self, space: SpaceId) -> Result<Option<std::sync::Arc<Membership>>, String> {
        let office = self.server.office();
        let known = log::space(office.reader(), space).map_err(|failed| failed.to_string())?;
        known.map(|_| office.members(space).map_err(|failed| failed.to_string())).transpose()
    }

    /// Every signed paper that was filed in one of these rooms.
    fn filed_in(&mut self, rooms: &[Room]) -> Result<BTreeSet<Vec<u8>>, String> {
        let mut filed = BTreeSet::new();
        for room in rooms {
            let space = self.space_of(*room);
            for row in log_of(self.server.office(), space).iter().filter(|row| row.kind == EntryKind::File) {
                if let Content::File(paper) = self.stored(&row.hash)?.content {
                    filed.insert(paper.entry);
                }
            }
        }
        Ok(filed)
    }

    /// C3: whatever counts where it was written lies in the case.
    fn check_filed(&mut self) -> Broken {
        let filed = self.filed_in(&SUBJECTS.map(Room::Case))?;
        for row in self.rows_of_people() {
            if row.kind != EntryKind::Submit || !row.in_force {
                continue;
            }
            if !filed.contains(&self.stored(&row.hash)?.bytes) {
                return Err(format!("C3: {:?} counts and is not filed in its case", row.hash));
            }
        }
        let author = |bytes: &Vec<u8>| Entry::read(bytes).map(|entry| (entry.hash, entry.fields.person, entry.content));
        for bytes in &filed {
            let (hash, signer, content) = author(bytes).map_err(|refused| refused.to_string())?;
            let Content::Submit(submit) = content else { return Err(format!("C3: {hash:?} is no submission")) };
            let about = read_canonical(&submit.value).and_then(|fields| About::read(&fields, signer));
            let about = about.ok_or(format!("C3: {hash:?} is filed and belongs into no case"))?;
            let typed = self.ghosts.typed.get(&hash).and_then(|typed| typed.signed);
            if typed != Some((about.kind, about.person)) {
                return Err(format!("C3: {about:?} is filed, its author signed {typed:?}"));
            }
        }
        Ok(())
    }

    /// The rows of everybody's own papers, and of the minutes.
    fn rows_of_people(&mut self) -> Vec<Logged> {
        let server = self.server.office().identity();
        let people: BTreeSet<PersonId> = people::FIRST_PHONES.into_iter().collect();
        let own = people.into_iter().map(|person| model::space::person_space(&server, person));
        let minutes = SUBJECTS.map(|person| self.space_of(Room::Minutes(person)));
        let spaces: Vec<SpaceId> = own.chain(minutes).collect();
        spaces.into_iter().flat_map(|space| log_of(self.server.office(), space)).collect()
    }

    /// A stored entry, read again.
    pub fn stored(&mut self, hash: &EntryHash) -> Result<Entry, String> {
        let sql = "select bytes from entry where hash = ?1";
        let reader = self.server.office().reader();
        let bytes: Result<Vec<u8>, _> = reader.query_row(sql, [hash.as_bytes()], |row| row.get(0));
        Entry::read(&bytes.map_err(|failed| failed.to_string())?).map_err(|refused| refused.to_string())
    }

    /// C4, C5, C7 and C8 of what lies in one place.
    fn check_room(&mut self, room: Room) -> Broken {
        let space = self.space_of(room);
        if self.members(space)?.is_none() {
            return Ok(());
        }
        let rows = log_of(self.server.office(), space);
        let office = device_id(&self.server.office().identity());
        let mut replay = Replay::default();
        replay.went_back = self.ghosts.server_restores > 0;
        for row in rows.iter().filter(|row| row.in_force) {
            let entry = self.stored(&row.hash)?;
            match (&entry.content, room) {
                (Content::Grant(grant), _) => self.check_grant(grant, room)?,
                (Content::File(filed), Room::Case(person)) => {
                    replay.file(filed).map_err(|why| format!("C4: {:?} of {person:?}: {why}", row.hash))?;
                }
                (Content::File(filed), Room::Unit) if filed.paper == PaperKind::Publication => {}
                (Content::Status(status), Room::Case(person)) => {
                    let is_office = row.device == office;
                    let roles = (!is_office).then(|| self.roles_then(&entry, row, person));
                    let told = replay.step(roles.as_ref(), status.to);
                    told.map_err(|why| format!("C4: {:?} of {person:?} counts, and {why}", row.hash))?;
                    self.check_not_sent_away(row)?;
                }
                (Content::Change(_) | Content::Submit(_), Room::Minutes(person)) => {
                    let roles = self.roles_then(&entry, row, person);
                    let is_signed = matches!(entry.content, Content::Submit(_));
                    if !roles.iter().any(|role| writes_minutes(*role) && (!is_signed || *role == Role::Secretary)) {
                        return Err(format!("C4: {roles:?} wrote {:?} in the minutes of {person:?}", row.hash));
                    }
                    self.check_not_sent_away(row)?;
                }
                _ => return Err(format!("C4: {:?} does not belong into {room:?}", row.hash)),
            }
        }
        self.check_views(room, &rows)
    }

    /// The roles that the author of a row held over somebody when the server first had it.
    fn roles_then(&mut self, entry: &Entry, row: &Logged, subject: PersonId) -> BTreeSet<Role> {
        let sql = "select received_ms from entry where hash = ?1";
        let reader = self.server.office().reader();
        let received = reader.query_row(sql, [row.hash.as_bytes()], |row| row.get::<_, i64>(0));
        let received_ms = received.expect("the log can be read");
        let (person, day) = (entry.fields.person, people::day_of(received_ms));
        let held = |role: &Role| self.was_said(received_ms, (person, *role), (subject, day));
        Role::ALL.into_iter().filter(held).collect()
    }

    /// Whether somebody held a role over a cadre, by what the office said when the server's clock was there. After a restore
    /// the directory may hold an item of one publication beside older ones of another, until the office says all again.
    pub fn was_said(&self, clock_ms: i64, held: (PersonId, Role), (subject, day): (PersonId, Day)) -> bool {
        let is_its_own = |said: &&Appointment| (said.person, said.role) == held;
        let mixed = |own: &[Appointment], rest: &[Appointment]| {
            let own = own.iter().filter(is_its_own);
            let rest = rest.iter().filter(|said| !is_its_own(said));
            let said: Vec<Appointment> = own.chain(rest).cloned().collect();
            holds(&said, held, subject, day)
        };
        self.said_at(clock_ms).any(|said| holds(said, held, subject, day))
            || self.ghosts.server_restores > 0
                && self.said_at(clock_ms).any(|own| self.said_at(clock_ms).any(|rest| mixed(own, rest)))
    }

    /// What the office said when the server's clock was there; after a restore everything that it ever said.
    fn said_at(&self, clock_ms: i64) -> impl Iterator<Item = &[Appointment]> {
        let has_gone_back = self.ghosts.server_restores > 0;
        let is_then = move |version: &&Version| {
            let (from, to) = version.clock_ms;
            has_gone_back || (from <= clock_ms && clock_ms <= to)
        };
        self.office.history.iter().filter(is_then).map(|version| version.appointed.as_slice())
    }

    /// C11: what a case published, and nothing else, is read in the unit.
    fn check_published(&mut self) -> Broken {
        let shown = self.filed_in(&[Room::Unit])?;
        let filed = self.filed_in(&SUBJECTS.map(Room::Case))?;
        if self.ghosts.server_restores == 0 && !shown.is_subset(&filed) {
            return Err("C11: the unit reads what was not published".to_owned());
        }
        for person in SUBJECTS {
            let decisions = self.decided_on_server(person);
            let state = decisions.status.map(|status| status.to);
            let is_public = matches!(state, Some(CaseState::Published | CaseState::Archived));
            let Some(at) = decisions.papers.get(&PaperKind::Publication).filter(|_| is_public) else { continue };
            let Content::File(paper) = self.stored(&at.hash)?.content else { continue };
            if !shown.contains(&paper.entry) {
                return Err(format!("C11: the result of {person:?} is published, and the unit cannot read it"));
            }
        }
        Ok(())
    }

    fn check_not_sent_away(&self, row: &Logged) -> Broken {
        let index = self.phones.iter().position(|phone| phone.device() == row.device);
        let early = index.and_then(|index| self.ghosts.early.get(&index));
        let is_late = early.is_some_and(|early| !early.contains(&row.hash));
        if is_late { Err(format!("C8: {:?} came after its phone was sent away, and counts", row.hash)) } else { Ok(()) }
    }

    /// C5: whoever is in holds the same rows and shows the same state.
    fn check_views(&mut self, room: Room, rows: &[Logged]) -> Broken {
        let at = self.space_of(room);
        let space = log::space(self.server.office().reader(), at).map_err(|failed| failed.to_string())?;
        let space = space.ok_or("the space is gone")?;
        let members = self.server.office().members(at).map_err(|failed| failed.to_string())?;
        for index in 0..self.phones.len() {
            let (device, person) = (self.phones[index].device(), self.phones[index].author.person);
            let (is_in, may_read) = (members.standing(device).is_some(), self.may_read(person, room));
            let is_away = self.ghosts.sent_away.contains(&index);
            match (is_in, may_read) {
                (true, false) => return Err(format!("C7: phone {index} reads {room:?}, and its person's role ended")),
                (false, true) if !is_away => {
                    return Err(format!("C7: phone {index} may read {room:?} and is not in it"));
                }
                (false, _) => continue,
                (true, true) => {}
            }
            let reader = self.phones[index].store().reader();
            let held = spaces::state(reader, at).map_err(|failed| failed.to_string())?;
            let held = held.ok_or(format!("C5: phone {index} is in {room:?} and does not know it"))?;
            if (held.cursor.number, held.cursor.chain) != (rows.len() as u64, space.chain) {
                return Err(format!("C5: phone {index} holds other rows of {room:?} than the server"));
            }
            self.check_shown(index, room)?;
        }
        Ok(())
    }

    fn check_shown(&mut self, index: usize, room: Room) -> Broken {
        let Room::Case(person) = room else { return Ok(()) };
        let (case, decided) = (self.case_of(person), self.decided_on_server(person));
        let reader = self.phones[index].store().reader();
        let row = documents::find(reader, case.space, case.document).map_err(|failed| failed.to_string())?;
        match row.map(|row| row.decisions).unwrap_or_default() == decided {
            true => Ok(()),
            false => Err(format!("C5: phone {index} shows the case of {person:?} otherwise than the server")),
        }
    }
}
