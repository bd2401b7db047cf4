//! The three who hold the key of a round, and who may not be one of them.
//!
//! Two of the three can open everything, so none may be a party to what is asked. Source: anonymity A32.

use minicbor::{Decode, Encode};

use crate::cadre::CadreInPost;
use crate::hash::PublicKey;
use crate::identity::{PersonId, UnitId};
use crate::round::About;
use crate::text::{TextRefused, check_line};
use crate::unit::tree::UnitTree;

/// Holders of a round.
pub const HOLDERS: usize = 3;

/// How many of them open it.
pub const OPENERS: usize = 2;

/// Characters of a holder's name and of the body that sent them.
pub const NAME_CHARS_MAX: u32 = 100;

/// One of the three.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Holder {
    /// As it is printed in the minutes.
    #[n(0)]
    pub name: String,
    /// The body that sent them, for example "Hội Phụ nữ phường".
    #[n(1)]
    pub body: String,
    /// Who it is, if the directory knows them.
    #[n(2)]
    pub person: Option<PersonId>,
    /// The key with which they sign the definition and the count.
    #[n(3)]
    pub key: PublicKey,
}

/// Why somebody may not hold a share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HolderRefused {
    /// The name or the body.
    #[error("a holder's name or body: {0}")]
    Text(TextRefused),
    /// The same person or key twice.
    #[error("the three holders are three people with three keys")]
    Twice,
    /// They are asked about.
    #[error("a subject of the round holds no share")]
    IsSubject,
    /// They lead a unit at or above a subject's.
    #[error("a superior of a subject holds no share")]
    IsSuperior,
    /// A subject leads their unit or one above it.
    #[error("a subordinate of a subject holds no share")]
    IsSubordinate,
    /// They belong to the body that is rated.
    #[error("a member of the rated body holds no share")]
    IsRated,
    /// They run the server.
    #[error("who runs the server holds no share")]
    IsOperator,
    /// More than one is from the office.
    #[error("at most one holder is from the office")]
    TwoFromOffice,
}

/// What is known about people when a round is announced.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The organisation on that day.
    pub units: &'a UnitTree,
    /// Everybody with a post.
    pub posts: &'a [CadreInPost],
    /// People who run the server.
    pub operators: &'a [PersonId],
    /// People of the office that organises the round.
    pub office: &'a [PersonId],
}

/// Whether these three may hold the key of a round about these people or this unit; else who may not, and why.
pub fn check(
    holders: &[Holder; HOLDERS],
    about: &About,
    around: &Surroundings<'_>,
) -> Result<(), (usize, HolderRefused)> {
    for (index, holder) in holders.iter().enumerate() {
        let refused = |refused| (index, refused);
        check_line(&holder.name, NAME_CHARS_MAX).map_err(|text| refused(HolderRefused::Text(text)))?;
        check_line(&holder.body, NAME_CHARS_MAX).map_err(|text| refused(HolderRefused::Text(text)))?;
        let is_same = |other: &Holder| {
            other.key == holder.key
                || other.name == holder.name
                || (other.person.is_some() && other.person == holder.person)
        };
        if holders[..index].iter().any(is_same) {
            return Err(refused(HolderRefused::Twice));
        }
        if let Some(person) = holder.person {
            around.check_person(person, about).map_err(refused)?;
        }
        let is_from_office = |holder: &Holder| holder.person.is_some_and(|person| around.office.contains(&person));
        if is_from_office(holder) && holders[..index].iter().any(is_from_office) {
            return Err(refused(HolderRefused::TwoFromOffice));
        }
    }
    Ok(())
}

impl Surroundings<'_> {
    fn check_person(&self, person: PersonId, about: &About) -> Result<(), HolderRefused> {
        if self.operators.contains(&person) {
            return Err(HolderRefused::IsOperator);
        }
        match about {
            About::People(subjects) => {
                subjects.iter().try_for_each(|subject| self.check_beside(person, subject.person))
            }
            About::Unit(unit) => {
                let is_member = self.units_of(person).any(|of| self.units.is_at_or_below(of, *unit));
                if is_member { Err(HolderRefused::IsRated) } else { Ok(()) }
            }
        }
    }

    fn check_beside(&self, person: PersonId, subject: PersonId) -> Result<(), HolderRefused> {
        if subject == person {
            Err(HolderRefused::IsSubject)
        } else if self.leads(person, subject) {
            Err(HolderRefused::IsSuperior)
        } else if self.leads(subject, person) {
            Err(HolderRefused::IsSubordinate)
        } else {
            Ok(())
        }
    }

    /// Whether one leads a unit that is the other's or above it.
    fn leads(&self, one: PersonId, other: PersonId) -> bool {
        let led = self.posts.iter().filter(|held| held.cadre.id == one && held.assignment.is_leader);
        led.into_iter().any(|led| self.units_of(other).any(|of| self.units.is_at_or_below(of, led.assignment.unit)))
    }

    fn units_of(&self, person: PersonId) -> impl Iterator<Item = UnitId> {
        self.posts.iter().filter(move |held| held.cadre.id == person).map(|held| held.assignment.unit)
    }
}
