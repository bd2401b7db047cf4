//! The office acts: members go out and come in, items are published, recovery is closed by hand.

use std::collections::BTreeSet;

use model::directory::{DirectoryItem, ItemKind};
use model::entry::device_id;
use model::hash::EntryHash;
use model::identity::PersonId;
use model::membership::Member;
use model::receipt::ReceiptedEntry;
use rand::RngExt;
use server::recovery;

use super::World;
use super::ghosts::Out;
use super::people::{self, CADRE, Step};
use super::phones::SimulatedPhone;

/// Exchanges in a row after which a phone has heard of most of what is new.
const VISITS: u32 = 8;

impl World {
    /// The office takes a device of the cadre, or the cadre with all of them, out, or lets in again who is out.
    pub fn revoke_or_grant(&mut self) {
        if !self.faults.revokes {
            return;
        }
        let out: Vec<Member> = self.ghosts.out.values().map(|(member, _)| *member).collect();
        let (member, step) = match out.is_empty() || self.random.random_bool(0.4) {
            true => (self.somebody(), Step::Out),
            false => (out[self.below(out.len())], Step::In),
        };
        self.set(member, step);
    }

    /// The office sets one name.
    fn set(&mut self, member: Member, step: Step) {
        self.now_ms += 1_000;
        let (key, person) = match member {
            Member::Person(person) => (None, person),
            Member::Device(device) => {
                let index = (0..self.phones.len()).find(|index| self.phones[*index].device() == device);
                let author = &self.phones[index.unwrap_or(1)].author;
                (Some(people::public(&author.key)), author.person)
            }
        };
        let acts = self.act((key, person), step);
        self.note(format!("the office sets {member:?} {step:?}"));
        self.told_of(member, step, acts);
    }

    /// The last acts before a fire, where the rules about them are at stake.
    pub fn last_acts(&mut self) {
        match (self.faults.revokes, self.drawn.loses_sidecar) {
            (true, true) => self.take_out_second(),
            (true, false) if self.random.random_bool(0.4) => self.take_out_unheard(),
            (true, false) if self.random.random_bool(0.6) => self.refuse_too_early(),
            _ if self.drawn.closes_early || self.random.random_bool(0.4) => self.submit_twice(),
            _ => {}
        }
    }

    /// The first hours after it.
    pub fn first_acts(&mut self) {
        if self.drawn.loses_sidecar && self.drawn.revokes && self.random.random_bool(0.5) {
            self.set(Member::Device(self.phones[1].device()), Step::Out);
        }
        if self.random.random_bool(0.5) {
            self.close_early();
        }
        if self.random.random_bool(0.5) {
            (0..VISITS).for_each(|_| self.visit(1));
        }
    }

    /// The cadre's second device goes out, perhaps in again; the head's phone, or nobody, hears of it in time, while
    /// that device has something new.
    fn take_out_second(&mut self) {
        let second = Member::Device(self.phones[1].device());
        self.set(second, Step::Out);
        if self.random.random_bool(0.5) {
            self.set(second, Step::In);
        }
        if self.random.random_bool(0.8) {
            (0..VISITS).for_each(|_| self.visit(2));
        }
        self.edit_on(1);
        self.faults.revokes = self.random.random_bool(0.5);
    }

    /// The server has something of the cadre's second device, the head's phone too, but that device does not know; then
    /// it goes out.
    fn take_out_unheard(&mut self) {
        (0..VISITS).for_each(|_| self.visit(1));
        self.edit_on(1);
        self.lose_answer_to(1);
        (0..VISITS).for_each(|_| self.visit(2));
        self.set(Member::Device(self.phones[1].device()), Step::Out);
    }

    /// Something of the cadre's second device is refused while that device is out; once it is in again, a stray request
    /// brings it after all, and the next thing builds on it.
    fn refuse_too_early(&mut self) {
        let second = Member::Device(self.phones[1].device());
        self.set(second, Step::In);
        (0..VISITS).for_each(|_| self.visit(1));
        self.edit_on(1);
        let stray = self.request_of(1);
        self.edit_on(1);
        self.set(second, Step::Out);
        self.carry(stray.clone());
        self.set(second, Step::In);
        self.bring_unheard(stray);
        self.visit(1);
        // Taken out once more before its next exchange, with a restore in between, that device holds a receipt that builds
        // on something without one: it waits as an outsider, and recovery waits for it until somebody closes it by hand.
        // The rules say nothing about this; the World leaves it out (2026-11-22).
        self.faults.revokes = false;
    }

    /// Both devices of the cadre submit one paper; one of them has the receipt.
    fn submit_twice(&mut self) {
        self.edit_on(0);
        (0..VISITS).for_each(|_| self.visit(0));
        (0..VISITS).for_each(|_| self.visit(1));
        self.submit_on(0);
        (0..VISITS).for_each(|_| self.visit(0));
        self.submit_on(1);
    }

    /// The cadre's second device, a late one, or the cadre.
    fn somebody(&mut self) -> Member {
        if self.random.random_bool(0.25) {
            return Member::Person(CADRE);
        }
        let index = if self.phones.len() > 3 && self.random.random_bool(0.3) { 3 } else { 1 };
        Member::Device(self.phones[index].device())
    }

    /// The office was told: from now on nothing new of somebody who is out may count.
    fn told_of(&mut self, member: Member, step: Step, acts: Vec<EntryHash>) {
        self.look();
        self.ghosts.acts.extend(&acts);
        let name = match member {
            Member::Device(device) => *device.as_bytes(),
            Member::Person(person) => *person.as_bytes(),
        };
        match step {
            Step::In => drop(self.ghosts.out.remove(&name)),
            Step::Out => {
                match member {
                    Member::Device(device) => drop(self.ghosts.touched.insert(device)),
                    Member::Person(person) => drop(self.ghosts.touched_persons.insert(person)),
                }
                let early = self.ghosts.ever.clone();
                self.ghosts.out.insert(name, (member, Out { acts, early }));
            }
        }
    }

    /// One act in every space. Sometimes the server dies after the commit, inside the record of the membership file.
    fn act(&mut self, of: (Option<model::hash::PublicKey>, PersonId), step: Step) -> Vec<EntryHash> {
        let now_ms = self.now_ms;
        let before = self.server.membership_bytes();
        let records = people::act(&mut self.server, of, step, now_ms);
        if self.faults.kills && self.random.random_bool(0.5) {
            let after = self.server.membership_bytes();
            let torn = self.random.random_range(before..after);
            self.server.die_in_membership_file(torn, now_ms);
            self.note(format!("the server dies inside a membership record, after byte {torn} of {after}"));
        }
        records.iter().filter_map(ReceiptedEntry::read).map(|(entry, _)| entry.hash).collect()
    }

    /// A further device of somebody is let in.
    pub fn grant_late(&mut self) {
        let Some(person) = self.faults.late.take() else { return };
        let index = self.phones.len();
        let public = people::public(&people::key_of(index));
        let acts = self.act((Some(public), person), Step::In);
        self.look();
        self.ghosts.acts.extend(&acts);
        let device = device_id(&public);
        let records = self.server.office().enrolment_of(device).expect("an enrolment can be read");
        let identity = self.server.office().identity();
        let phone = SimulatedPhone::enrolled((&self.folder, index), person, identity, &records);
        self.phones.push(phone);
        self.note(format!("phone {index} of {person:?} is let in"));
    }

    /// The office changes an item of the directory.
    pub fn publish(&mut self) {
        let version = self.random.random_range(0..1_000);
        let body = format!("{{\"name\":\"unit {version}\"}}");
        let item = DirectoryItem { kind: ItemKind::Unit, code: "U1".to_owned(), body };
        let moment = self.server.moment(self.now_ms);
        self.server.office().publish(&[item], moment).expect("an item can be published");
        self.note(format!("the office publishes version {version}"));
    }

    /// The office closes recovery before everybody is back.
    pub fn close_early(&mut self) {
        if self.faults.closes_early {
            self.server.office().close_recovery().expect("recovery can be closed");
            self.note("the office closes recovery by hand".to_owned());
        }
    }

    /// Every phone is back, and a person ends the life that did not know who was sent away: no device may do it. A life that
    /// knows must end its recovery by itself. Whether there was one to end.
    pub fn close_blind_life(&mut self) -> bool {
        let office = self.server.office();
        if !recovery::is_blind(office.reader()).expect("the office can be read") {
            return false;
        }
        office.close_recovery().expect("recovery can be closed");
        self.note("every phone is back, and the office closes the recovery of a blind life by hand".to_owned());
        true
    }

    /// Devices that are out of this space by what the office was told, each with what was stored before. An act that
    /// nobody holds any more binds nobody.
    pub fn devices_out(&self, space: usize) -> Vec<(usize, BTreeSet<EntryHash>)> {
        let mut found = Vec::new();
        for (member, out) in self.ghosts.out.values() {
            if self.ghosts.gone.contains(&out.acts[space]) {
                continue;
            }
            let is_meant = |index: &usize| match member {
                Member::Device(device) => self.phones[*index].device() == *device,
                Member::Person(person) => self.phones[*index].author.person == *person,
            };
            found.extend((0..self.phones.len()).filter(is_meant).map(|index| (index, out.early.clone())));
        }
        found
    }
}
