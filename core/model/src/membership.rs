//! Who is in a space: a fold over its membership rows.
//!
//! A device counts while it *and* its person are in. Per name the act with the latest receipt counts, whatever its
//! place in the log; a person who was taken out comes back with devices that are let in after that. Source: exchange rule
//! R12.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::entry::device_id;
use crate::hash::PublicKey;
use crate::identity::{DeviceId, PersonId};
use crate::receipt::Place;

/// Membership acts in one space; beyond this the office starts a new space.
pub const MEMBERSHIP_ACTS_MAX: usize = 10_000;

/// What somebody is in a space. Numbers are on the wire and never reused.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode, Serialize, Deserialize, uniffi::Enum,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The cadre whose own papers these are.
    #[n(1)]
    Subject,
    /// The head of the unit.
    #[n(2)]
    Head,
    /// The personnel office.
    #[n(3)]
    PersonnelOffice,
    /// Reads only.
    #[n(4)]
    Supervisor,
    /// Leads the Front's committee where the cadre lives.
    #[n(5)]
    FrontHead,
    /// Led the unit from which the cadre was transferred.
    #[n(6)]
    FormerHead,
    /// The party committee of the unit.
    #[n(7)]
    PartyCommittee,
    /// Writes the minutes of the unit's review.
    #[n(8)]
    Secretary,
    /// Decides on the level.
    #[n(9)]
    Authority,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Subject,
        Self::Head,
        Self::PersonnelOffice,
        Self::Supervisor,
        Self::FrontHead,
        Self::FormerHead,
        Self::PartyCommittee,
        Self::Secretary,
        Self::Authority,
    ];

    /// Number in a database.
    pub const fn number(self) -> i64 {
        self as i64 + 1
    }

    /// The role with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }

    /// Name on a Vietnamese screen.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Subject => "cán bộ",
            Self::Head => "trưởng đơn vị",
            Self::PersonnelOffice => "tổ chức cán bộ",
            Self::Supervisor => "giám sát",
            Self::FrontHead => "trưởng ban công tác Mặt trận",
            Self::FormerHead => "trưởng đơn vị cũ",
            Self::PartyCommittee => "cấp ủy",
            Self::Secretary => "thư ký cuộc họp",
            Self::Authority => "cấp có thẩm quyền",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Subject => "cadre",
            Self::Head => "head",
            Self::PersonnelOffice => "personnel",
            Self::Supervisor => "supervisor",
            Self::FrontHead => "head of the Front committee",
            Self::FormerHead => "former head",
            Self::PartyCommittee => "party committee",
            Self::Secretary => "secretary",
            Self::Authority => "authority",
        }
    }
}

/// An act of the office about a device or, without a key, about a person on every device.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// The device's key; none when the act is about the person.
    #[n(0)]
    pub key: Option<PublicKey>,
    /// Whose device, or which person.
    #[n(1)]
    pub person: PersonId,
    /// The role that is given; none takes the name out.
    #[n(2)]
    pub role: Option<Role>,
    /// UTC milliseconds by the server's clock.
    #[n(3)]
    pub claimed_ms: i64,
}

/// Whom an act names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Member {
    /// One device.
    Device(DeviceId),
    /// A person, on every device of theirs, also those enrolled later.
    Person(PersonId),
}

impl Grant {
    /// Whom it names.
    pub fn member(&self) -> Member {
        self.key.as_ref().map_or(Member::Person(self.person), |key| Member::Device(device_id(key)))
    }
}

/// Somebody who is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Whose device it is.
    pub person: PersonId,
    /// What they are here.
    pub role: Role,
}

#[derive(Clone, Debug)]
struct Act {
    place: Place,
    number: u64,
    grant: Grant,
    member: Member,
}

/// Membership of one space as far as a log prefix tells.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    acts: Vec<Act>,
}

impl Membership {
    /// Takes in a membership row that is in force. `number` is its place in the present log.
    pub fn record(&mut self, place: Place, number: u64, grant: Grant) {
        let member = grant.member();
        self.acts.push(Act { place, number, grant, member });
    }

    /// Acts taken in so far.
    pub fn acts(&self) -> usize {
        self.acts.len()
    }

    /// The device's standing by all rows so far.
    pub fn standing(&self, device: DeviceId) -> Option<Standing> {
        self.standing_where(device, |_| true)
    }

    /// The device's standing at the moment of an old receipt, by the acts received before it.
    pub fn standing_at(&self, device: DeviceId, place: Place) -> Option<Standing> {
        self.standing_where(device, |act| act.place < place)
    }

    /// The key of a device that was ever let in, or named, in this log.
    pub fn key_of(&self, device: DeviceId) -> Option<PublicKey> {
        self.acts.iter().rev().find(|act| act.member == Member::Device(device)).and_then(|act| act.grant.key)
    }

    /// The person of a device that was ever let in.
    pub fn person_of(&self, device: DeviceId) -> Option<PersonId> {
        self.acts.iter().rev().find(|act| act.member == Member::Device(device)).map(|act| act.grant.person)
    }

    /// Whether a device was ever let in as this person's, as far as the log tells; phones change hands.
    pub fn may_have_been(&self, device: DeviceId, person: PersonId) -> bool {
        let mut about = self.acts.iter().filter(|act| act.member == Member::Device(device)).peekable();
        about.peek().is_none() || about.any(|act| act.grant.person == person)
    }

    /// Whether the person was taken out and not brought back since.
    pub fn is_person_out(&self, person: PersonId) -> bool {
        let about = self.acts.iter().filter(|act| act.member == Member::Person(person));
        about.max_by_key(|act| act.place).is_some_and(|act| act.grant.role.is_none())
    }

    /// Devices that were ever let in, revoked ones too (exchange rule R10).
    pub fn devices(&self) -> Vec<DeviceId> {
        let mut devices: Vec<DeviceId> = self
            .acts
            .iter()
            .filter_map(|act| match act.member {
                Member::Device(device) if act.grant.role.is_some() => Some(device),
                Member::Device(_) | Member::Person(_) => None,
            })
            .collect();
        devices.sort_unstable();
        devices.dedup();
        devices
    }

    /// Up to which row a device may read: all while it is in, else the revocation by which it went out (R15). What is
    /// said of it or of its person while it is out opens nothing more.
    pub fn readable_up_to(&self, device: DeviceId, head: u64) -> u64 {
        if self.standing(device).is_some() {
            return head;
        }
        let person = self.person_of(device);
        let is_about = |member: Member| match member {
            Member::Device(named) => named == device,
            Member::Person(named) => Some(named) == person,
        };
        let mut went_out = None;
        for act in self.acts.iter().filter(|act| is_about(act.member)) {
            if self.standing_where(device, |before| before.number <= act.number).is_some() {
                went_out = None;
            } else if act.grant.role.is_none() {
                went_out = went_out.or(Some(act.number));
            }
        }
        went_out.unwrap_or(0)
    }

    fn standing_where(&self, device: DeviceId, counts: impl Fn(&Act) -> bool) -> Option<Standing> {
        let latest = |member: Member| {
            let about = self.acts.iter().filter(|act| act.member == member && counts(act));
            about.max_by_key(|act| act.place)
        };
        let own = latest(Member::Device(device))?;
        let role = own.grant.role?;
        let person = own.grant.person;
        // Whoever comes back comes back with phones that are let in again: one that was lost before stays out, also if the
        // log learns of it only later.
        let sent_away = |act: &&Act| act.member == Member::Person(person) && act.grant.role.is_none() && counts(act);
        let is_out_since = self.acts.iter().filter(sent_away).any(|act| act.place > own.place);
        let is_person_out = latest(Member::Person(person)).is_some_and(|act| act.grant.role.is_none());
        (!is_person_out && !is_out_since).then_some(Standing { person, role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::Epoch;

    const LAN: PersonId = PersonId::from_bytes([1; 16]);

    fn key(seed: u8) -> PublicKey {
        PublicKey::from_bytes([seed; 32])
    }

    fn at(epoch: u64, number: u64) -> Place {
        Place { epoch: Epoch { started_ms: epoch, random: 0 }, number }
    }

    fn device(seed: u8, role: Option<Role>) -> Grant {
        Grant { key: Some(key(seed)), person: LAN, role, claimed_ms: 0 }
    }

    fn person(role: Option<Role>) -> Grant {
        Grant { key: None, person: LAN, role, claimed_ms: 0 }
    }

    #[test]
    fn a_device_is_in_while_it_and_its_person_are_in() {
        let mut space = Membership::default();
        space.record(at(1, 1), 1, device(1, Some(Role::Subject)));
        space.record(at(1, 2), 2, device(2, Some(Role::Subject)));
        assert!(space.standing(device_id(&key(1))).is_some());
        space.record(at(1, 3), 3, device(1, None));
        assert_eq!(space.standing(device_id(&key(1))), None);
        assert!(space.standing(device_id(&key(2))).is_some());
        space.record(at(1, 4), 4, person(None));
        assert_eq!(space.standing(device_id(&key(2))), None);
        space.record(at(1, 5), 5, person(Some(Role::Subject)));
        for seed in [1, 2] {
            assert_eq!(space.standing(device_id(&key(seed))), None, "a person's return brings back no phone of before");
        }
        space.record(at(1, 6), 6, device(2, Some(Role::Subject)));
        assert!(space.standing(device_id(&key(2))).is_some());
        space.record(at(1, 2), 7, device(3, Some(Role::Subject)));
        assert_eq!(space.standing(device_id(&key(3))), None, "nor one that the log had forgotten");
    }

    #[test]
    fn the_latest_receipt_counts_whatever_its_place_in_the_log() {
        let mut space = Membership::default();
        space.record(at(1, 9), 1, device(1, None));
        space.record(at(1, 1), 2, device(1, Some(Role::Subject)));
        assert_eq!(space.standing(device_id(&key(1))), None);
        assert!(space.standing_at(device_id(&key(1)), at(1, 5)).is_some());
        assert_eq!(space.standing_at(device_id(&key(1)), at(2, 1)), None);
    }

    #[test]
    fn a_revoked_device_reads_up_to_its_revocation() {
        let mut space = Membership::default();
        space.record(at(1, 1), 1, device(1, Some(Role::Subject)));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 40);
        space.record(at(1, 20), 20, person(None));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 20);
        assert_eq!(space.readable_up_to(device_id(&key(7)), 40), 0, "a stranger reads nothing");
    }

    #[test]
    fn a_device_that_is_out_reads_no_further_when_it_or_its_person_is_revoked_again() {
        let mut space = Membership::default();
        space.record(at(1, 1), 1, device(1, Some(Role::Subject)));
        space.record(at(1, 10), 10, device(1, None));
        space.record(at(1, 20), 20, device(1, None));
        space.record(at(1, 30), 30, person(None));
        space.record(at(1, 35), 35, person(Some(Role::Subject)));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 10);
        space.record(at(1, 36), 36, device(1, Some(Role::Subject)));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 40, "it was let in again");
        space.record(at(1, 38), 38, person(None));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 38);
    }

    #[test]
    fn a_revocation_that_stands_before_its_older_grant_is_read() {
        let mut space = Membership::default();
        space.record(at(1, 9), 5, person(None));
        space.record(at(1, 1), 7, device(1, Some(Role::Subject)));
        assert_eq!(space.readable_up_to(device_id(&key(1)), 40), 5);
    }
}
