//! A round of opinion as it is announced: what is asked, about whom, of whom, when, and who holds the key.
//!
//! The definition is signed by its three holders and never changes afterwards; its [`Fingerprint`] stands on every slip,
//! so whoever changes anything on the way (a key, a threshold, one area) makes every slip look mistyped. Results do not
//! exist before the round is counted. Source: anonymity A3, A6, A32, A41; domain 2.2.

pub mod announced;
pub mod area;
pub mod built_in;
pub mod holder;
pub mod record;
pub mod state;
pub mod template;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::ballot::BALLOT_BYTES_MAX;
use crate::feedback;
use crate::feedback::intake::Intake;
use crate::handshake::{is_signed, sign};
use crate::hash::{ContentHash, SealingKey, Signature};
use crate::identity::{PersonId, RoundId, UnitId};
use crate::text::{TextRefused, check_line};
use crate::time::Day;
use area::{Area, AreasRefused};
use holder::{HOLDERS, Holder, HolderRefused, Surroundings};
use template::{OpinionTemplate, TemplateRefused};

pub use area::AreaNumber;

/// People about whom one round asks.
pub const SUBJECTS_MAX: usize = 30;

/// Characters of a title, an electorate and a legal reference.
pub const TITLE_CHARS_MAX: u32 = 200;

/// The smallest group whose opinions are ever shown (anonymity A41).
pub const GROUP_MIN_LEAST: u16 = 5;

/// The largest that an office may ask for.
pub const GROUP_MIN_MOST: u16 = 50;

/// The group of a round about satisfaction, unless the office asks for more.
pub const GROUP_MIN_USUAL: u16 = 10;

/// The group of a round about confidence, unless the office asks for more.
pub const GROUP_MIN_CONFIDENCE: u16 = 20;

/// The smallest cell that is ever shown (anonymity A41).
pub const SIDE_MIN_LEAST: u16 = 5;

/// Days between opening and closing, and between closing and the grace date.
pub const DAYS_MAX: i32 = 366;

const DEFINITION_DOMAIN: &[u8] = b"langnghe/round/1";

/// The first 80 bits of the hash of a definition: what a slip is bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fingerprint([u8; 10]);

impl Fingerprint {
    /// From ten bytes.
    pub const fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// The ten bytes.
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

/// Everything about a round that must not change after it was announced.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct RoundDefinition {
    /// Its name for ever.
    #[n(0)]
    pub id: RoundId,
    /// What people call it, at most [`TITLE_CHARS_MAX`] characters.
    #[n(1)]
    pub title: String,
    /// The unit that organises it.
    #[n(2)]
    pub organiser: UnitId,
    /// Whom or what it asks about.
    #[n(3)]
    pub about: About,
    /// What it asks.
    #[n(4)]
    pub template: OpinionTemplate,
    /// Who may answer, in words, at most [`TITLE_CHARS_MAX`] characters.
    #[n(5)]
    pub electorate: String,
    /// Where they live: the smallest groups that are ever shown.
    #[n(6)]
    pub areas: Vec<Area>,
    /// Whether areas are shown beside the total (anonymity A40).
    #[n(7)]
    pub shows_areas: bool,
    /// The first day on which slips are drawn.
    #[n(8)]
    pub opens: Day,
    /// The last day on which a ballot is cast and a box sealed.
    #[n(9)]
    pub closes: Day,
    /// The last day on which a box that was sealed in time still arrives.
    #[n(10)]
    pub grace: Day,
    /// Opinions below which a slice is hidden, k.
    #[n(11)]
    pub group_min: u16,
    /// Opinions below which a cell is hidden, p.
    #[n(12)]
    pub side_min: u16,
    /// What the result is worth.
    #[n(13)]
    pub standing: Standing,
    /// Who holds the key.
    #[n(14)]
    pub holders: [Holder; HOLDERS],
    /// What envelopes are sealed to.
    #[n(15)]
    pub key: SealingKey,
    /// Digest of the slip book.
    #[n(16)]
    pub slip_book: ContentHash,
    /// Hash of the one admission key of all phones of the round (anonymity A23).
    #[n(17)]
    pub admission: ContentHash,
    /// Of what a share of low confidence is a share.
    #[n(18)]
    pub denominator: Denominator,
    /// Who takes in what is said of services and the street; only where residents say something of their own (A47).
    #[n(19)]
    pub intake: Option<Intake>,
}

/// The whole of a share of low confidence; laws differ, so it stands in the definition. Source: domain 3.5, R10.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Denominator {
    /// Marks given to this subject.
    #[n(0)]
    Answers,
    /// Ballots that count, also where this subject was left blank.
    #[n(1)]
    ValidBallots,
    /// Ballots that came back.
    #[n(2)]
    Collected,
}

/// Whom or what a round asks about.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum About {
    /// These people, in this order; never in the order of a result.
    #[n(0)]
    People(#[n(0)] Vec<Subject>),
    /// The work of a unit.
    #[n(1)]
    Unit(#[n(0)] UnitId),
}

/// Somebody about whom a round asks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Subject {
    /// Who.
    #[n(0)]
    pub person: PersonId,
    /// Full name, as printed.
    #[n(1)]
    pub name: String,
    /// The post, as printed.
    #[n(2)]
    pub post: String,
}

/// What a result is worth.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Standing {
    /// "Phiếu có giá trị tham khảo": nothing follows from it by law, and every page says so.
    #[n(0)]
    Consultative,
    /// A law gives it effect.
    #[n(1)]
    Legal {
        /// Which, at most [`TITLE_CHARS_MAX`] characters.
        #[n(0)]
        reference: String,
    },
}

/// Why a round cannot be announced.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RoundRefused {
    /// A title, name or reference.
    #[error("{place}: {refused}")]
    Text {
        /// Which.
        place: &'static str,
        /// Why.
        refused: TextRefused,
    },
    /// What it asks.
    #[error(transparent)]
    Template(#[from] TemplateRefused),
    /// Questions about subjects without subjects, the other way round, a subject twice, or more than [`SUBJECTS_MAX`].
    #[error("the questions and the people whom they are about do not fit")]
    Subjects,
    /// More questions and texts than a ballot has room for.
    #[error("a ballot of {given} bytes, at most {limit} are allowed")]
    BallotTooLarge {
        /// Bytes of a ballot.
        given: usize,
        /// [`BALLOT_BYTES_MAX`].
        limit: usize,
    },
    /// Its areas.
    #[error(transparent)]
    Areas(#[from] AreasRefused),
    /// Days in the wrong order, or too far apart.
    #[error("opening, closing and grace date follow each other within a year")]
    Days,
    /// A group or a cell smaller than is ever shown, or a group without two cells.
    #[error("groups of {group_min} and cells of {side_min} are not allowed")]
    Thresholds {
        /// k.
        group_min: u16,
        /// p.
        side_min: u16,
    },
    /// Feedback without an intake, an intake without feedback, or its officers.
    #[error("a round that takes feedback has an intake with names, and no other round has one")]
    Intake,
    /// A holder.
    #[error("holder {number}: {refused}")]
    Holder {
        /// From 1.
        number: usize,
        /// Why.
        refused: HolderRefused,
    },
}

impl RoundDefinition {
    /// Whether it may be announced.
    pub fn check(&self, around: &Surroundings<'_>) -> Result<(), RoundRefused> {
        line("title", &self.title)?;
        line("electorate", &self.electorate)?;
        if let Standing::Legal { reference } = &self.standing {
            line("reference", reference)?;
        }
        self.template.check()?;
        self.check_subjects()?;
        self.check_intake()?;
        let (given, limit) = (self.ballot_bytes(), BALLOT_BYTES_MAX);
        if given > limit {
            return Err(RoundRefused::BallotTooLarge { given, limit });
        }
        self.check_thresholds()?;
        area::check(&self.areas, self.group_min, !self.takes_feedback())?;
        self.check_days()?;
        let refused = |(index, refused)| RoundRefused::Holder { number: index + 1, refused };
        holder::check(&self.holders, &self.about, around).map_err(refused)
    }

    /// What every slip and every envelope of the round is bound to.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(DEFINITION_DOMAIN);
        hash.update(self.to_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        Fingerprint(*digest.first_chunk().expect("a digest has more than ten bytes"))
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// People whom it asks about; none if it asks about a unit.
    pub fn subjects(&self) -> &[Subject] {
        match &self.about {
            About::People(subjects) => subjects,
            About::Unit(_) => &[],
        }
    }

    /// Slips that were printed for all areas.
    pub fn slips(&self) -> u32 {
        self.areas.iter().map(|area| area.slips).sum()
    }

    /// Signs it as one of the holders.
    pub fn signed_by(&self, key: &SigningKey) -> Signature {
        sign(&[DEFINITION_DOMAIN, &self.to_bytes()], key)
    }

    fn check_subjects(&self) -> Result<(), RoundRefused> {
        let subjects = self.subjects();
        for (index, subject) in subjects.iter().enumerate() {
            line("subject", &subject.name)?;
            line("post", &subject.post)?;
            if subjects[..index].iter().any(|other| other.person == subject.person) {
                return Err(RoundRefused::Subjects);
            }
        }
        let asks_about_people = self.template.questions.iter().any(|question| question.is_per_subject);
        let fits = asks_about_people != subjects.is_empty() && subjects.len() <= SUBJECTS_MAX;
        if fits { Ok(()) } else { Err(RoundRefused::Subjects) }
    }

    fn check_intake(&self) -> Result<(), RoundRefused> {
        let is_sound = match &self.intake {
            Some(intake) => self.template == built_in::free() && intake.is_sound(),
            None => self.template.code != feedback::TEMPLATE_CODE,
        };
        if is_sound { Ok(()) } else { Err(RoundRefused::Intake) }
    }

    /// A group must be large enough to have two cells that are shown.
    fn check_thresholds(&self) -> Result<(), RoundRefused> {
        let (group_min, side_min) = (self.group_min, self.side_min);
        let is_allowed =
            (GROUP_MIN_LEAST..=GROUP_MIN_MOST).contains(&group_min) && (SIDE_MIN_LEAST..=group_min).contains(&side_min);
        if is_allowed { Ok(()) } else { Err(RoundRefused::Thresholds { group_min, side_min }) }
    }

    fn check_days(&self) -> Result<(), RoundRefused> {
        let follows = |from: Day, to: Day| (0..=DAYS_MAX).contains(&from.days_until(to));
        let is_right = follows(self.opens, self.closes) && follows(self.closes, self.grace);
        if is_right { Ok(()) } else { Err(RoundRefused::Days) }
    }
}

/// A definition with the signatures of its holders, as it travels: nobody seals under anything else.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SignedRound {
    /// What they signed.
    #[n(0)]
    pub definition: RoundDefinition,
    /// In the order of [`RoundDefinition::holders`].
    #[n(1)]
    pub signatures: [Signature; HOLDERS],
}

/// What came is no round that three holders signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the definition is not the one that the three holders signed")]
pub struct NotSigned;

impl SignedRound {
    /// Reads what the directory holds; every holder's signature must fit, and there is one way of writing it.
    pub fn read(bytes: &[u8]) -> Result<Self, NotSigned> {
        let signed: Self = minicbor::decode(bytes).map_err(|_| NotSigned)?;
        if signed.is_signed() && signed.to_bytes() == bytes { Ok(signed) } else { Err(NotSigned) }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Whether all three signed exactly this.
    pub fn is_signed(&self) -> bool {
        let bytes = self.definition.to_bytes();
        let parts: [&[u8]; 2] = [DEFINITION_DOMAIN, &bytes];
        let mut pairs = self.definition.holders.iter().zip(&self.signatures);
        pairs.all(|(holder, signature)| is_signed(&parts, signature, &holder.key))
    }
}

fn line(place: &'static str, text: &str) -> Result<(), RoundRefused> {
    check_line(text, TITLE_CHARS_MAX).map_err(|refused| RoundRefused::Text { place, refused })
}

#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
mod tests;
