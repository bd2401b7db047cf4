//! The office appoints others, sends people and phones away, and lets in new ones.

use model::appointment::Appointment;
use model::enrolment::{EnrolmentCode, EnrolmentRequest};
use model::entry::device_id;
use model::identity::PersonId;
use model::membership::Role;
use model::time::Day;
use rand::RngExt;
use server::enrolment;

use super::World;
use super::people::{self, CHAIR, COMMUNE, HOA, LAN, OFFICE, PARTY, PERSONNEL, SECRETARIES, STRANGER};
use crate::world::people::{key_of, public};
use crate::world::phones::SimulatedPhone;

/// Who may come into an office or leave it; somebody may come to hold two roles over one person.
const POSTS: [(PersonId, Role, model::identity::UnitId); 10] = [
    (HOA, Role::Head, OFFICE),
    (CHAIR, Role::Head, COMMUNE),
    (PERSONNEL[0], Role::PersonnelOffice, COMMUNE),
    (PERSONNEL[1], Role::PersonnelOffice, COMMUNE),
    (SECRETARIES[0], Role::Secretary, COMMUNE),
    (SECRETARIES[1], Role::Secretary, COMMUNE),
    (PARTY, Role::PartyCommittee, COMMUNE),
    (STRANGER, Role::PartyCommittee, COMMUNE),
    (PARTY, Role::Secretary, COMMUNE),
    (HOA, Role::Authority, COMMUNE),
];

/// People and phones that may be sent away: whoever else is gone, every case goes on.
const SENT_AWAY_MAX: usize = 2;

/// Phones that may be let in beside the first ones.
const LATE_PHONES_MAX: usize = 3;

impl World {
    /// Somebody's role ends, or begins.
    pub fn appoint(&mut self) {
        let (person, role, unit) = POSTS[self.below(POSTS.len())];
        let today = people::day_of(self.now_ms);
        let yesterday = people::day_of(self.now_ms - 24 * 3_600_000);
        let mut appointed = self.office.appointed.clone();
        let is_post = |held: &&mut Appointment| (held.person, held.role, held.unit) == (person, role, unit);
        let word = match appointed.iter_mut().find(is_post) {
            Some(held) if held.to.is_none_or(|to| to >= today) => {
                held.to = Some(yesterday);
                "ends"
            }
            Some(held) => {
                held.to = None;
                "begins again"
            }
            None => {
                let from = Day::parse("2026-01-01").expect("a day of the calendar");
                appointed.push(Appointment { person, role, unit, over: None, from, to: None });
                "begins"
            }
        };
        self.office.publish(&mut self.server, appointed, self.now_ms);
        self.note(format!("{role:?} of {person:?} over {unit:?} {word}"));
    }

    /// The office says the same once more, as after a restore that lost it.
    pub fn publish_again(&mut self) {
        let appointed = self.office.appointed.clone();
        self.office.publish(&mut self.server, appointed, self.now_ms);
        self.note("the office says again who is appointed to what".to_owned());
    }

    /// A phone, or a person with every phone, is taken out of everything.
    pub fn send_away(&mut self) {
        if !self.faults.revokes || self.ghosts.sent_away.len() >= SENT_AWAY_MAX {
            return;
        }
        let index = self.below(self.phones.len());
        let (device, person) = (self.phones[index].device(), self.phones[index].author.person);
        let moment = self.server.moment(self.now_ms);
        let early = self.logged();
        let is_person = self.random.random_bool(0.3);
        if is_person {
            enrolment::revoke_person(self.server.office(), person, moment).expect("a person can be sent away");
            self.ghosts.people_away.insert(person);
        } else {
            enrolment::revoke_device(self.server.office(), device, moment).expect("a phone can be sent away");
        }
        for (other, phone) in self.phones.iter().enumerate() {
            if other == index || (is_person && phone.author.person == person) {
                self.ghosts.sent_away.insert(other);
                self.ghosts.early.entry(other).or_insert_with(|| early.clone());
            }
        }
        self.note(format!("phone {index} is sent away, with its person: {is_person}"));
    }

    /// Somebody comes with a further phone, also somebody who was sent away.
    pub fn let_in_late(&mut self) {
        if self.phones.len() >= people::FIRST_PHONES.len() + LATE_PHONES_MAX {
            return;
        }
        let others = [LAN, HOA, CHAIR, PERSONNEL[0], PARTY];
        let away: Vec<PersonId> = self.ghosts.sent_away.iter().map(|index| self.phones[*index].author.person).collect();
        let person = match self.random.random_bool(0.5) && !away.is_empty() {
            true => away[self.below(away.len())],
            false => others[self.below(others.len())],
        };
        self.let_in(person);
        self.note(format!("phone {} of {person:?} is let in", self.phones.len() - 1));
    }

    /// The whole way of a phone into the office: a code, a question, and somebody who compared the words.
    pub fn let_in(&mut self, person: PersonId) {
        let (index, now_ms) = (self.phones.len(), self.now_ms);
        let (key, code) = (key_of(index), [index as u8; 16]);
        let moment = self.server.moment(now_ms);
        let office = self.server.office();
        let address = "http://127.0.0.1".to_owned();
        let shown = EnrolmentCode { address, server: office.identity(), code };
        let asked = EnrolmentRequest::sign(&shown, &key, [index as u8; 16]);
        enrolment::keep_code(office.reader(), &code, (person, Role::Subject), now_ms).expect("a code can be kept");
        let nonce = enrolment::enrol(office, &asked, now_ms).expect("a phone can ask").expect("the code is good").nonce;
        let device = device_id(&public(&key));
        let given = enrolment::approve(office, (device, &nonce), moment).expect("a phone can be let in");
        let (given, server) = (given.expect("the phone waits"), office.identity());
        self.phones.push(SimulatedPhone::enrolled((&self.folder, index), person, server, &given));
    }
}
