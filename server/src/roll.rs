//! The roll of an office: its people, and of each phone whether it waits, is in, or is out, since when.
//!
//! Read from the directory, from the phones that asked, and from the membership of every space; so also a phone that
//! only the membership file remembered after a restore is on it.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use model::entry::{Content, Entry, device_id};
use model::identity::{DeviceId, PersonId};
use model::membership::{Member, Membership, Role};
use model::receipt::Place;
use model::text::sort_key;
use model::time::Timestamp;
use rusqlite::Connection;

use crate::enrolment;
use crate::failure::ServerFailed;
use crate::log::{self, SpaceRow, StoredRow};
use crate::office::Office;
use crate::people;

/// Somebody whom the office knows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Listed {
    /// Who.
    #[n(0)]
    pub person: PersonId,
    /// As in the directory; empty for somebody whom it does not know.
    #[n(1)]
    pub name: String,
    /// Their phones; a phone that is in and asks again is here twice.
    #[n(2)]
    pub phones: Vec<ListedPhone>,
}

/// One phone of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ListedPhone {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// As what it is, was or shall be in.
    #[n(1)]
    pub role: Role,
    /// Whether it is in.
    #[n(2)]
    pub state: PhoneState,
    /// Since when, by the server's clock; none for a request of before this was written down.
    #[n(3)]
    pub since: Option<Timestamp>,
}

/// Whether a phone is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum PhoneState {
    /// Waits for the four words.
    #[n(1)]
    Waiting,
    /// Reads and sends.
    #[n(2)]
    In,
    /// Was taken out.
    #[n(3)]
    Out,
}

/// Characters of a phone's short name: enough for a commune, and asked for in full when two begin alike.
pub const SHORT_CHARS: usize = 8;

impl Listed {
    /// Somebody whom the directory does not know and who has no phone.
    pub fn unnamed(person: PersonId) -> Self {
        Self { person, name: String::new(), phones: Vec::new() }
    }

    /// The name of the directory, or the id.
    pub fn called(&self) -> String {
        if self.name.is_empty() { self.person.to_string() } else { self.name.clone() }
    }
}

impl ListedPhone {
    /// The beginning of its id.
    pub fn short(&self) -> String {
        self.device.to_string().chars().take(SHORT_CHARS).collect()
    }
}

/// Everybody, by name.
pub fn everybody(office: &mut Office) -> Result<Vec<Listed>, ServerFailed> {
    let mut phones = phones(office)?;
    let mut listed = Vec::new();
    for (person, name) in people::names(office.reader())? {
        listed.push(Listed { person, name, phones: phones.remove(&person).unwrap_or_default() });
    }
    let unnamed = phones.into_iter().map(|(person, phones)| Listed { phones, ..Listed::unnamed(person) });
    listed.extend(unnamed);
    listed.sort_by_cached_key(|listed| (listed.name.is_empty(), sort_key(&listed.name), listed.person));
    Ok(listed)
}

/// Some people of the roll.
pub fn of(office: &mut Office, people: &[PersonId]) -> Result<Vec<Listed>, ServerFailed> {
    Ok(everybody(office)?.into_iter().filter(|listed| people.contains(&listed.person)).collect())
}

fn phones(office: &mut Office) -> Result<BTreeMap<PersonId, Vec<ListedPhone>>, ServerFailed> {
    let mut seen: BTreeMap<DeviceId, (PersonId, ListedPhone)> = BTreeMap::new();
    for space in log::spaces(office.reader())? {
        let members = office.members(space.space)?;
        for (person, phone) in phones_of(&acts(office.reader(), &space)?, &members) {
            // A phone that is in anywhere is in.
            let known = seen.entry(phone.device).or_insert((person, phone));
            if known.1.state > phone.state {
                *known = (person, phone);
            }
        }
    }
    let mut phones: BTreeMap<PersonId, Vec<ListedPhone>> = BTreeMap::new();
    for applicant in enrolment::waiting(office.reader())? {
        let (device, role) = (device_id(&applicant.key), applicant.role);
        let since = applicant.asked_ms.map(Timestamp::from_utc_ms);
        phones.entry(applicant.person).or_default().push(ListedPhone {
            device,
            role,
            state: PhoneState::Waiting,
            since,
        });
    }
    for (person, phone) in seen.into_values() {
        phones.entry(person).or_default().push(phone);
    }
    phones.values_mut().for_each(|phones| phones.sort_by_key(|phone| (phone.state, phone.device)));
    Ok(phones)
}

/// What one row of a membership log says.
struct Act {
    member: Member,
    place: Place,
    role: Option<Role>,
    received: Timestamp,
}

fn acts(connection: &Connection, space: &SpaceRow) -> Result<Vec<Act>, ServerFailed> {
    let rows = log::membership_rows(connection, space.id)?.into_iter();
    let read = |(entry, row): (Entry, StoredRow)| match entry.content {
        Content::Grant(grant) => {
            let (member, role, received) = (grant.member(), grant.role, Timestamp::from_utc_ms(row.received_ms));
            Some(Act { member, place: row.first, role, received })
        }
        Content::Change(_) | Content::Submit(_) | Content::Status(_) | Content::File(_) => None,
    };
    Ok(rows.filter_map(read).collect())
}

fn phones_of(acts: &[Act], members: &Membership) -> Vec<(PersonId, ListedPhone)> {
    let last = |member: Member| acts.iter().filter(|act| act.member == member).max_by_key(|act| act.place);
    let listed = members.devices().into_iter().filter_map(|device| {
        let (own, person) = (Member::Device(device), members.person_of(device)?);
        let given = acts.iter().filter(|act| act.member == own && act.role.is_some()).max_by_key(|act| act.place)?;
        let (state, act) = match members.standing(device) {
            Some(_) => (PhoneState::In, given),
            None => (
                PhoneState::Out,
                [last(own), last(Member::Person(person))].into_iter().flatten().find(|act| act.role.is_none())?,
            ),
        };
        Some((person, ListedPhone { device, role: given.role?, state, since: Some(act.received) }))
    });
    listed.collect()
}
