//! Rest: from now on nothing fails and nobody types. Then what people were told must be true.
//!
//! The properties P1 to P14 are those of the checked model of the exchange; here they are looked at in the real files.

use std::collections::{BTreeMap, BTreeSet};

use model::entry::{Content, EntryKind};
use model::exchange::{pack, unpack_reply, unpack_request};
use model::hash::EntryHash;
use model::identity::DeviceId;
use phone::store::entries::Held;
use phone::store::{documents, entries};
use server::log;

use super::World;
use super::ghosts::{Logged, held_by, log_of};

/// Rounds of all phones after which everything must be still.
const ROUNDS_MAX: u32 = 40;

/// Exchanges of one phone in one round.
const EXCHANGES_MAX: u32 = 400;

/// A property that does not hold, in words.
pub type Broken = Result<(), String>;

impl World {
    /// Runs on without faults until nothing changes, then looks at everything.
    pub fn rest(&mut self) -> Broken {
        self.network.clear();
        if self.old.take().is_some() {
            self.mourn();
        }
        if self.is_copied {
            self.server.back_up();
        }
        self.settle()?;
        if self.is_copied {
            self.server.back_up();
            self.settle()?;
        }
        self.check_always()?;
        self.check_at_rest()
    }

    fn settle(&mut self) -> Broken {
        let is_turned = self.random_bool();
        for _ in 0..ROUNDS_MAX {
            let mut is_still = true;
            let count = self.phones.len();
            for index in 0..count {
                let index = if is_turned { count - 1 - index } else { index };
                is_still &= !self.exchange_until_still(index)?;
            }
            if is_still {
                return Ok(());
            }
        }
        Err("P8: exchanges without faults never come to rest".to_owned())
    }

    fn random_bool(&mut self) -> bool {
        self.below(2) == 1
    }

    fn exchange_until_still(&mut self, index: usize) -> Result<bool, String> {
        let mut has_moved = false;
        for _ in 0..EXCHANGES_MAX {
            let before = self.state_of(index);
            let outgoing = self.phones[index].outgoing(super::PUSH_ENTRIES_MAX);
            let request = unpack_request(&pack(&outgoing.request)).map_err(|refused| refused.to_string())?;
            let (device, now_ms) = (self.phones[index].device(), self.now_ms);
            let reply = self.server.serve(device, &request, now_ms, None).ok_or("the server died at rest")?;
            let reply = unpack_reply(&pack(&reply)).map_err(|refused| refused.to_string())?;
            let progress = self.phones[index].take(&outgoing, &reply, None).ok_or("a phone died at rest")?;
            if !progress.alarms.is_empty() {
                return Err(format!("phone {index} raised {:?} at rest", progress.alarms));
            }
            self.listen(index);
            if self.state_of(index) == before {
                return Ok(has_moved);
            }
            has_moved = true;
        }
        Err(format!("P8: phone {index} exchanges for ever"))
    }

    fn state_of(&mut self, index: usize) -> (Vec<Held>, phone::store::spaces::SpaceState) {
        let space = self.papers[0].space;
        (held_by(self.phones[index].store().reader()), self.phones[index].space(space))
    }

    /// What must hold at every moment: no duplicates (P2), dependencies first (P9), one entry per actor and number (P7),
    /// and with a second copy nothing shown as received that the copy lacks (P1).
    pub fn check_always(&mut self) -> Broken {
        let space = self.papers[0].space;
        let rows = log_of(self.server.office(), space);
        let mut seen = BTreeSet::new();
        let mut numbers: BTreeMap<([u8; 16], u64), EntryHash> = BTreeMap::new();
        for row in &rows {
            if !seen.insert(row.hash) {
                return Err(format!("P2: {:?} is stored twice", row.hash));
            }
            let entry = self.stored(&row.hash)?;
            if let Some(missing) = entry.dependencies().iter().find(|hash| !seen.contains(hash)) {
                return Err(format!("P9: {:?} is stored before {missing:?}", row.hash));
            }
            if let Content::Change(header) = &entry.content
                && let Some(other) = numbers.insert((header.actor, header.sequence), row.hash)
            {
                return Err(format!("P7: {other:?} and {:?} have one actor and number", row.hash));
            }
        }
        self.check_chain(&rows)?;
        if !self.is_copied {
            return Ok(());
        }
        let copied = self.server.copied_head(space) as usize;
        let copied: BTreeSet<EntryHash> = rows.iter().take(copied).map(|row| row.hash).collect();
        match self.ghosts.told.iter().find(|hash| !copied.contains(hash)) {
            Some(hash) if self.old.is_none() => Err(format!("P1: {hash:?} is shown as received, the copy lacks it")),
            Some(_) | None => Ok(()),
        }
    }

    fn check_chain(&mut self, rows: &[Logged]) -> Broken {
        let space = self.papers[0].space;
        let office = self.server.office();
        let head = log::space(office.reader(), space).map_err(|failed| failed.to_string())?;
        let head = head.ok_or("the space is gone")?;
        if head.head as usize != rows.len() {
            return Err(format!("the head is {}, the log has {} rows", head.head, rows.len()));
        }
        let mut chain = model::hash::ChainHash::EMPTY;
        for row in rows {
            let stored = log::find(office.reader(), head.id, &row.hash).map_err(|failed| failed.to_string())?;
            chain = chain.after(&row.hash, &stored.ok_or("a row is gone")?.first);
        }
        if chain == head.chain { Ok(()) } else { Err("the chain does not hold".to_owned()) }
    }

    fn stored(&mut self, hash: &EntryHash) -> Result<model::entry::Entry, String> {
        let sql = "select bytes from entry where hash = ?1";
        let office = self.server.office();
        let bytes: Vec<u8> =
            office.reader().query_row(sql, [hash.as_bytes()], |row| row.get(0)).map_err(|failed| failed.to_string())?;
        model::entry::Entry::read(&bytes).map_err(|refused| refused.to_string())
    }

    fn check_at_rest(&mut self) -> Broken {
        let space = self.papers[0].space;
        let rows = log_of(self.server.office(), space);
        let logged: BTreeSet<EntryHash> = rows.iter().map(|row| row.hash).collect();
        let in_force: BTreeSet<EntryHash> = rows.iter().filter(|row| row.in_force).map(|row| row.hash).collect();
        for index in 0..self.phones.len() {
            self.check_phone(index, &logged)?;
        }
        self.check_received(&logged)?;
        self.check_told(&rows, &in_force)?;
        self.check_revoked(&rows)?;
        self.check_corrections(&rows)
    }

    /// What was shown as received is in the log (P1). Without a second copy the promise covers one fault: after server
    /// and phone both went back, the phone may have lost the receipt and see its entry refused, but never silently.
    fn check_received(&mut self, logged: &BTreeSet<EntryHash>) -> Broken {
        let is_beyond_promise = !self.is_copied && self.ghosts.server_restores > 0 && self.ghosts.phone_restores > 0;
        let told: Vec<EntryHash> = self.ghosts.told.difference(logged).copied().collect();
        for hash in told {
            let is_excused = self.ghosts.gone.contains(&hash) || (is_beyond_promise && self.is_shown_as_refused(&hash));
            if !is_excused {
                return Err(format!("P1: {hash:?} was shown as received, the server will not have it"));
            }
        }
        Ok(())
    }

    /// Whether the author's phone holds the entry and shows it as refused; one that is simply not there is not shown.
    fn is_shown_as_refused(&mut self, hash: &EntryHash) -> bool {
        let Some(typed) = self.ghosts.typed.get(hash) else { return false };
        let index = typed.phone;
        let held = entries::find(self.phones[index].store().reader(), hash).expect("entries can be read");
        held.is_some_and(|held| held.refusal.is_some())
    }

    fn members(&mut self) -> BTreeSet<DeviceId> {
        let space = self.papers[0].space;
        let devices: Vec<DeviceId> = self.phones.iter().map(|phone| phone.device()).collect();
        let membership = self.server.office().members(space).expect("members can be read");
        devices.into_iter().filter(|device| membership.standing(*device).is_some()).collect()
    }

    fn check_phone(&mut self, index: usize, logged: &BTreeSet<EntryHash>) -> Broken {
        let space = self.papers[0].space;
        let is_member = self.members().contains(&self.phones[index].device());
        let head = log::space(self.server.office().reader(), space).map_err(|failed| failed.to_string())?;
        let (head, epoch) = (head.ok_or("the space is gone")?, self.server.office().epoch());
        let cursor = self.phones[index].space(space).cursor;
        let held = held_by(self.phones[index].store().reader());
        if let Some(stuck) = held.iter().find(|held| held.is_unsent) {
            return Err(format!("P8: phone {index} is stuck with {:?}", stuck.hash));
        }
        if is_member && (cursor.number, cursor.chain, cursor.epoch) != (head.head, head.chain, epoch) {
            return Err(format!("P3: phone {index} and the server hold different logs"));
        }
        let device = self.phones[index].device();
        for held in &held {
            let is_logged = logged.contains(&held.hash);
            let is_own = held.device == device;
            if !is_logged && held.refusal.is_none() && !self.ghosts.gone.contains(&held.hash) {
                return Err(format!("P4: {:?} on phone {index} is neither in the log nor refused", held.hash));
            }
            if is_own && is_logged && held.refusal.is_some() && (is_member || !self.faults.closes_early) {
                return Err(format!("P6: phone {index} shows {:?} as refused, the server has it", held.hash));
            }
        }
        self.check_typed(index, &held, logged)?;
        if is_member { self.check_view(index) } else { Ok(()) }
    }

    fn check_typed(&self, index: usize, held: &[Held], logged: &BTreeSet<EntryHash>) -> Broken {
        let here: BTreeSet<EntryHash> = held.iter().map(|held| held.hash).collect();
        for (hash, typed) in &self.ghosts.typed {
            let is_known = here.contains(hash) || logged.contains(hash) || self.ghosts.gone.contains(hash);
            if typed.phone == index && !is_known {
                return Err(format!("P4: {hash:?} typed on phone {index} is gone"));
            }
        }
        Ok(())
    }

    /// Replicas are equal in what they show: fields, decisions in force, own decisions that do not count (P3, P5).
    fn check_view(&mut self, index: usize) -> Broken {
        for paper in self.papers.clone() {
            let office = self.server.office();
            let space = log::space(office.reader(), paper.space).map_err(|failed| failed.to_string())?;
            let space = space.ok_or("the space is gone")?.id;
            let changes =
                log::changes_of(office.reader(), space, paper.document).map_err(|failed| failed.to_string())?;
            let state = log::document(office.reader(), space, paper.document).map_err(|failed| failed.to_string())?;
            let theirs = model::document::WorkingDocument::open(changes.iter().map(Vec::as_slice));
            let phone = &mut self.phones[index];
            let connection = phone.store.as_ref().ok_or("the app is dead")?.reader();
            let ours = phone.work.open(connection, paper).map_err(|failed| failed.to_string())?;
            if ours.fields() != theirs.fields() || ours.heads() != theirs.heads() {
                return Err(format!("P3: phone {index} shows another paper than the server"));
            }
            let row = documents::find(connection, paper.space, paper.document).map_err(|failed| failed.to_string())?;
            let decided = row.map(|row| row.decisions).unwrap_or_default();
            if decided != state.map(|state| state.decisions).unwrap_or_default() {
                return Err(format!("P5: phone {index} shows another decision in force than the server"));
            }
            let fresh =
                entries::changes_of(connection, paper.space, paper.document).map_err(|failed| failed.to_string())?;
            let reopened = model::document::WorkingDocument::open(fresh.iter().map(Vec::as_slice));
            if reopened.heads() != ours.heads() {
                return Err(format!("phone {index} keeps an open paper that is not the stored one"));
            }
        }
        Ok(())
    }

    fn check_told(&mut self, rows: &[Logged], in_force: &BTreeSet<EntryHash>) -> Broken {
        let is_residue = (self.faults.closes_early && !self.is_copied) || (self.faults.split && self.faults.revokes);
        for hash in self.ghosts.told_in_force.clone() {
            let is_decision = self.ghosts.typed.get(&hash).is_some_and(|typed| typed.kind != EntryKind::Change);
            if !is_decision || in_force.contains(&hash) || self.ghosts.gone.contains(&hash) {
                continue;
            }
            if !(is_residue && self.is_noticed(&hash)) {
                return Err(format!("P5: decision {hash:?} was shown as in force and is now void"));
            }
        }
        for row in rows.iter().filter(|row| row.kind != EntryKind::Grant && !row.in_force) {
            let is_void_decision = row.kind != EntryKind::Change;
            if is_void_decision && self.author_holds(row) && !self.is_noticed(&row.hash) {
                return Err(format!("P5: the author of {:?} is not told that it does not count", row.hash));
            }
        }
        Ok(())
    }

    fn author_holds(&mut self, row: &Logged) -> bool {
        let members = self.members();
        let author = self.phones.iter_mut().find(|phone| phone.device() == row.device);
        author.is_some_and(|phone| {
            let held = entries::find(phone.store().reader(), &row.hash).expect("entries can be read");
            members.contains(&row.device) && held.is_some()
        })
    }

    /// Whether the author's phone shows that the decision does not count.
    fn is_noticed(&mut self, hash: &EntryHash) -> bool {
        let Some(typed) = self.ghosts.typed.get(hash) else { return true };
        let index = typed.phone;
        let held = entries::find(self.phones[index].store().reader(), hash).expect("entries can be read");
        held.is_none_or(|held| held.refusal.is_some() || held.in_force == Some(false))
    }

    /// What a revoked device sent after the office was told counts nowhere; what was stored before still counts (P10).
    /// Nobody who was never revoked is refused an edit (P12).
    fn check_revoked(&mut self, rows: &[Logged]) -> Broken {
        if let Some(devices) = self.ghosts.revoked.clone().filter(|_| !self.faults.split) {
            let is_late = |row: &&Logged| devices.contains(&row.device) && !self.ghosts.early.contains(&row.hash);
            if let Some(row) = rows.iter().filter(is_late).find(|row| row.in_force) {
                return Err(format!("P10: {:?} came after its author was revoked, and counts", row.hash));
            }
        }
        for index in 0..self.phones.len() {
            let held = held_by(self.phones[index].store().reader());
            for held in held.iter().filter(|held| held.refusal.is_some()) {
                let is_edit = self.ghosts.typed.get(&held.hash).is_some_and(|typed| typed.kind == EntryKind::Change);
                if is_edit && !self.builds_on_touched(index, &held.hash) {
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
            if self.ghosts.touched.contains(&entry.fields.device) {
                return true;
            }
            under.extend(entry.dependencies());
        }
        false
    }

    /// The submissions in force of a paper are a chain; each names the one that it replaces (P14).
    fn check_corrections(&mut self, rows: &[Logged]) -> Broken {
        for paper in self.papers.clone() {
            let mut last = None;
            let of_paper = rows.iter().filter(|row| row.document == paper.document && row.in_force);
            for row in of_paper.filter(|row| row.kind == EntryKind::Submit) {
                let entry = self.stored(&row.hash)?;
                if let Content::Submit(submit) = &entry.content
                    && submit.over != last
                {
                    return Err(format!("P14: {:?} replaced a submission that it does not name", row.hash));
                }
                last = Some(row.hash);
            }
        }
        Ok(())
    }
}
