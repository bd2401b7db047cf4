//! The verdict at rest, on the real files.

use std::collections::BTreeSet;

use model::entry::{Content, Entry, EntryKind};
use model::hash::EntryHash;
use model::identity::{PersonId, SpaceId};
use model::membership::{Grant, Membership};
use model::paper::About;
use model::refusal::Refusal;
use model::signed_value::read_canonical;
use phone::store::{documents, entries, spaces};
use server::log;

use super::World;
use super::known;
use super::people::{self, SUBJECTS, Version};
use super::procedure::{Replay, holds, reads};
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
        for person in SUBJECTS {
            self.check_case(person)?;
        }
        Ok(())
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
        for space in self.case_spaces() {
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
        for space in self.case_spaces() {
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

    /// C3: whatever counts in its author's own space lies in the case.
    fn check_filed(&mut self) -> Broken {
        let mut filed = BTreeSet::new();
        for space in self.case_spaces() {
            for row in log_of(self.server.office(), space).iter().filter(|row| row.kind == EntryKind::File) {
                if let Content::File(paper) = self.stored(&row.hash)?.content {
                    filed.insert(paper.entry);
                }
            }
        }
        let is_excused = known::A_LOST_CASE_IS_NOT_FILED_ANEW && self.ghosts.server_restores > 0;
        for row in self.rows_of_people() {
            if row.kind != EntryKind::Submit || !row.in_force {
                continue;
            }
            if !filed.contains(&self.stored(&row.hash)?.bytes) && !is_excused {
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

    fn rows_of_people(&mut self) -> Vec<Logged> {
        let server = self.server.office().identity();
        let people: BTreeSet<PersonId> = people::FIRST_PHONES.into_iter().collect();
        let spaces = people.into_iter().map(|person| model::space::person_space(&server, person));
        spaces.flat_map(|space| log_of(self.server.office(), space)).collect()
    }

    /// A stored entry, read again.
    pub fn stored(&mut self, hash: &EntryHash) -> Result<Entry, String> {
        let sql = "select bytes from entry where hash = ?1";
        let reader = self.server.office().reader();
        let bytes: Result<Vec<u8>, _> = reader.query_row(sql, [hash.as_bytes()], |row| row.get(0));
        Entry::read(&bytes.map_err(|failed| failed.to_string())?).map_err(|refused| refused.to_string())
    }

    /// C4, C5, C7 and C8 of one case.
    fn check_case(&mut self, person: PersonId) -> Broken {
        let case = self.case_of(person);
        if self.members(case.space)?.is_none() {
            return Ok(());
        }
        let rows = log_of(self.server.office(), case.space);
        let (mut replay, mut members) = (Replay::default(), Membership::default());
        for (number, row) in (1..).zip(&rows).filter(|(_, row)| row.in_force) {
            let entry = self.stored(&row.hash)?;
            match &entry.content {
                Content::Grant(grant) => {
                    self.check_grant(grant, person)?;
                    members.record(row.first, number, grant.clone());
                }
                Content::File(filed) => replay.file(filed.paper),
                Content::Status(status) => {
                    let role = members.standing(row.device).or(members.standing_at(row.device, row.first));
                    let told = replay.step(role.map(|standing| standing.role), status.to);
                    told.map_err(|why| format!("C4: {:?} of {person:?} counts, and {why}", row.hash))?;
                    self.check_not_sent_away(row)?;
                }
                Content::Change(_) | Content::Submit(_) => {
                    return Err(format!("C4: {:?} lies in a case and was not filed", row.hash));
                }
            }
        }
        self.check_views(person, &rows)
    }

    /// C7. After a restore the server may not know for a while what the office said last.
    fn check_grant(&self, grant: &Grant, subject: PersonId) -> Broken {
        let Some(role) = grant.role else { return Ok(()) };
        let day = people::day_of(grant.claimed_ms);
        let is_then = |version: &&Version| {
            let (from, to) = version.clock_ms;
            self.ghosts.server_restores > 0 || (from <= grant.claimed_ms && grant.claimed_ms <= to)
        };
        let held = |version: &Version| holds(&version.appointed, (grant.person, role), subject, day);
        if reads(role) && self.office.history.iter().filter(is_then).any(held) {
            return Ok(());
        }
        Err(format!("C7: {:?} was let into the case of {subject:?} as {role:?}", grant.person))
    }

    fn check_not_sent_away(&self, row: &Logged) -> Broken {
        let index = self.phones.iter().position(|phone| phone.device() == row.device);
        let early = index.and_then(|index| self.ghosts.early.get(&index));
        let is_late = early.is_some_and(|early| !early.contains(&row.hash));
        if is_late { Err(format!("C8: {:?} came after its phone was sent away, and counts", row.hash)) } else { Ok(()) }
    }

    /// C5: whoever is in holds the same rows and shows the same state.
    fn check_views(&mut self, person: PersonId, rows: &[Logged]) -> Broken {
        let case = self.case_of(person);
        let space = log::space(self.server.office().reader(), case.space).map_err(|failed| failed.to_string())?;
        let space = space.ok_or("the case is gone")?;
        let state = log::document(self.server.office().reader(), space.id, case.document);
        let decided = state.map_err(|failed| failed.to_string())?.map(|state| state.decisions).unwrap_or_default();
        let members = self.server.office().members(case.space).map_err(|failed| failed.to_string())?;
        for index in 0..self.phones.len() {
            let device = self.phones[index].device();
            if members.standing(device).is_none() {
                self.check_outside(index, person)?;
                continue;
            }
            let reader = self.phones[index].store().reader();
            let held = spaces::state(reader, case.space).map_err(|failed| failed.to_string())?;
            let held = held.ok_or(format!("C5: phone {index} is in the case of {person:?} and does not know it"))?;
            if (held.cursor.number, held.cursor.chain) != (rows.len() as u64, space.chain) {
                return Err(format!("C5: phone {index} holds other rows of the case of {person:?} than the server"));
            }
            let row = documents::find(reader, case.space, case.document).map_err(|failed| failed.to_string())?;
            if row.map(|row| row.decisions).unwrap_or_default() != decided {
                return Err(format!("C5: phone {index} shows the case of {person:?} otherwise than the server"));
            }
            self.check_still_in(index, person)?;
        }
        Ok(())
    }

    /// Whoever is in a case may read it today.
    fn check_still_in(&self, index: usize, subject: PersonId) -> Broken {
        if self.may_read(index, subject) || known::AN_ENDED_ROLE_READS_ON {
            return Ok(());
        }
        Err(format!("C7: phone {index} reads the case of {subject:?}, and its person's role ended"))
    }

    /// Whoever may read a case today is in it.
    fn check_outside(&self, index: usize, subject: PersonId) -> Broken {
        let is_away = self.ghosts.sent_away.contains(&index);
        if is_away || !self.may_read(index, subject) || known::A_LATE_PHONE_WAITS_FOR_THE_NEXT_PAPER {
            return Ok(());
        }
        Err(format!("C7: phone {index} may read the case of {subject:?} and is not in it"))
    }

    fn may_read(&self, index: usize, subject: PersonId) -> bool {
        let (person, day) = (self.phones[index].author.person, people::day_of(self.now_ms));
        let all = model::membership::Role::ALL.into_iter().filter(|role| reads(*role));
        all.into_iter().any(|role| holds(&self.office.appointed, (person, role), subject, day))
    }
}
