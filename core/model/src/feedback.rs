//! What a resident says on their own: about what, in their words, and whether they wait for an answer.
//!
//! It travels like a ballot: an envelope of one size in the same box. Which of two keys it is sealed to shows nowhere
//! outside: what is said about people, the Front's office, those who take it in or the leaders opens for two of three
//! holders; what is said about services and the street opens for the intake. Source: anonymity A47-A51; domain 5.7.

pub mod answers;
pub mod batch;
pub mod case;
pub mod code;
pub mod figures;
pub mod intake;
pub mod replies;

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use crate::ballot::NoBallot;
use crate::hash::SealingKey;
use crate::identity::PersonId;
use crate::round::{AreaNumber, RoundDefinition};
use crate::text::{TextRefused, check_prose, length_chars, normalised};
use code::{CODE_BYTES, ReplyCode};

/// Characters of what is said.
pub const CONTENT_CHARS_MAX: u32 = 2_000;

/// Characters of what is proposed.
pub const PROPOSAL_CHARS_MAX: u32 = 1_000;

/// The code of the template under which a round takes feedback instead of ballots.
pub const TEMPLATE_CODE: &str = "FREE";

const VERSION: u8 = 1;

/// UTF-8 bytes that one character may take on average; Vietnamese letters take at most three.
const BYTES_PER_CHAR: usize = 3;

const LENGTH_BYTES: usize = 2;
const PERSON_BYTES: usize = 16;
const AREA_BYTES: usize = 2;
const CONTENT_BYTES: usize = LENGTH_BYTES + CONTENT_CHARS_MAX as usize * BYTES_PER_CHAR;
const PROPOSAL_BYTES: usize = LENGTH_BYTES + PROPOSAL_CHARS_MAX as usize * BYTES_PER_CHAR;

/// Bytes of every feedback inside its envelope: version, topic, about, person, area, whether an answer is awaited, code,
/// texts.
pub const FEEDBACK_BYTES: usize = 3 + PERSON_BYTES + AREA_BYTES + 1 + CODE_BYTES + CONTENT_BYTES + PROPOSAL_BYTES;

/// What it is about in general. Numbers are inside envelopes and never reused. Source: domain 5.7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, uniffi::Enum)]
#[cbor(index_only)]
pub enum Topic {
    /// How people are received.
    #[n(1)]
    Service,
    /// Papers and procedures.
    #[n(2)]
    Procedures,
    /// Land and building.
    #[n(3)]
    Land,
    /// Environment and cleanliness.
    #[n(4)]
    Environment,
    /// Public order.
    #[n(5)]
    Order,
    /// Welfare.
    #[n(6)]
    Welfare,
    /// Roads, water, light.
    #[n(7)]
    Works,
    /// Openness and democracy.
    #[n(8)]
    Openness,
    /// Anything else.
    #[n(9)]
    Other,
}

impl Topic {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Service,
        Self::Procedures,
        Self::Land,
        Self::Environment,
        Self::Order,
        Self::Welfare,
        Self::Works,
        Self::Openness,
        Self::Other,
    ];

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Service => "Thái độ phục vụ",
            Self::Procedures => "Thủ tục hành chính",
            Self::Land => "Đất đai, xây dựng",
            Self::Environment => "Môi trường, vệ sinh",
            Self::Order => "An ninh trật tự",
            Self::Welfare => "An sinh xã hội",
            Self::Works => "Hạ tầng",
            Self::Openness => "Công khai, dân chủ",
            Self::Other => "Khác",
        }
    }

    const fn number(self) -> u8 {
        self as u8 + 1
    }

    fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.number() == number)
    }
}

/// Whom or what it is about. It decides who can open it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Encode, Decode, uniffi::Enum)]
pub enum FeedbackAbout {
    /// The work of a post or a unit.
    #[n(0)]
    Work,
    /// The street, the neighbourhood.
    #[n(1)]
    Street,
    /// The office of the Front.
    #[n(2)]
    FrontOffice,
    /// Those who take feedback in.
    #[n(3)]
    Intake,
    /// The leaders of the commune.
    #[n(4)]
    Leaders,
    /// Somebody whom the office lists.
    #[n(5)]
    Person {
        /// Who.
        #[n(0)]
        person: PersonId,
    },
}

impl FeedbackAbout {
    /// All but a person, in the order in which they are offered.
    pub const KINDS: [Self; 5] = [Self::Work, Self::Street, Self::FrontOffice, Self::Intake, Self::Leaders];

    /// Whether it opens for two of three holders alone: the office that reads may be the one spoken of (A47).
    pub const fn is_protected(self) -> bool {
        !matches!(self, Self::Work | Self::Street)
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Work => "Công việc của một chức danh, bộ phận",
            Self::Street => "Đường phố, khu dân cư",
            Self::FrontOffice => "Văn phòng Mặt trận",
            Self::Intake => "Người tiếp nhận góp ý",
            Self::Leaders => "Lãnh đạo xã, phường",
            Self::Person { .. } => "Một cá nhân cụ thể",
        }
    }

    fn written(self) -> (u8, [u8; PERSON_BYTES]) {
        match self {
            Self::Work => (1, [0; PERSON_BYTES]),
            Self::Street => (2, [0; PERSON_BYTES]),
            Self::FrontOffice => (3, [0; PERSON_BYTES]),
            Self::Intake => (4, [0; PERSON_BYTES]),
            Self::Leaders => (5, [0; PERSON_BYTES]),
            Self::Person { person } => (6, *person.as_bytes()),
        }
    }

    fn of_written(kind: u8, person: [u8; PERSON_BYTES]) -> Option<Self> {
        match kind {
            6 => Some(Self::Person { person: PersonId::from_bytes(person) }),
            1..=5 => Some(Self::KINDS[usize::from(kind) - 1]),
            _ => None,
        }
    }
}

/// What one resident says. It cannot be printed by accident; texts are wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Feedback {
    /// What it is about in general.
    pub topic: Topic,
    /// Whom or what it is about.
    pub about: FeedbackAbout,
    /// Where, if the resident says so.
    pub area: Option<AreaNumber>,
    /// What is said, at most [`CONTENT_CHARS_MAX`] characters.
    pub content: Zeroizing<String>,
    /// What is proposed, at most [`PROPOSAL_CHARS_MAX`] characters; may be empty.
    pub proposal: Zeroizing<String>,
    /// Under which an answer will be found; none if none is awaited.
    pub reply: Option<ReplyCode>,
}

/// Why nothing was sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum FeedbackRefused {
    /// What is said.
    #[error("what is said: {refused}")]
    Content {
        /// Why.
        refused: TextRefused,
    },
    /// What is proposed.
    #[error("what is proposed: {refused}")]
    Proposal {
        /// Why.
        refused: TextRefused,
    },
    /// An area that the round does not have.
    #[error("the round has no such area")]
    NoArea,
}

impl RoundDefinition {
    /// Whether residents say something of their own in it instead of answering questions.
    pub fn takes_feedback(&self) -> bool {
        self.intake.is_some()
    }
}

impl Feedback {
    /// Whether it can be sealed in this round.
    pub fn check(&self, round: &RoundDefinition) -> Result<(), FeedbackRefused> {
        let refused = |refused| FeedbackRefused::Content { refused };
        if self.content.trim().is_empty() {
            return Err(refused(TextRefused::Blank));
        }
        check_text(&self.content, CONTENT_CHARS_MAX).map_err(refused)?;
        check_text(&self.proposal, PROPOSAL_CHARS_MAX).map_err(|refused| FeedbackRefused::Proposal { refused })?;
        let has = |number| round.areas.iter().any(|area| area.number == number);
        if self.area.is_none_or(has) { Ok(()) } else { Err(FeedbackRefused::NoArea) }
    }

    /// The key to which it is sealed: the holders' if it is protected or the resident wants it to be, else the intake's.
    pub fn key<'a>(&self, round: &'a RoundDefinition, is_wanted_protected: bool) -> &'a SealingKey {
        match &round.intake {
            Some(intake) if !self.about.is_protected() && !is_wanted_protected => &intake.key,
            _ => &round.key,
        }
    }

    /// The plaintext: its one way of being written, in its one size.
    pub fn to_bytes(&self, round: &RoundDefinition) -> Result<Zeroizing<Vec<u8>>, FeedbackRefused> {
        self.check(round)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(FEEDBACK_BYTES));
        let (kind, person) = self.about.written();
        bytes.extend_from_slice(&[VERSION, self.topic.number(), kind]);
        bytes.extend_from_slice(&person);
        bytes.extend_from_slice(&self.area.map_or(0, |area| area.0).to_be_bytes());
        bytes.push(u8::from(self.reply.is_some()));
        bytes.extend_from_slice(&self.reply.as_ref().map_or([0; CODE_BYTES], ReplyCode::to_bytes));
        put(&mut bytes, &self.content, CONTENT_BYTES);
        put(&mut bytes, &self.proposal, PROPOSAL_BYTES);
        Ok(bytes)
    }

    /// Reads a plaintext; only what [`Self::to_bytes`] writes is one.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, NoBallot> {
        let feedback = Self::parsed(bytes).ok_or(NoBallot)?;
        let written = feedback.to_bytes(round).map_err(|_| NoBallot)?;
        if written.as_slice() == bytes { Ok(feedback) } else { Err(NoBallot) }
    }

    fn parsed(bytes: &[u8]) -> Option<Self> {
        let (&[version, topic, kind], rest) = bytes.split_first_chunk()?;
        let (person, rest) = rest.split_first_chunk::<PERSON_BYTES>()?;
        let (area, rest) = rest.split_first_chunk::<AREA_BYTES>()?;
        let (&is_awaited, rest) = rest.split_first()?;
        let (code, rest) = rest.split_first_chunk::<CODE_BYTES>()?;
        let (content, proposal) = rest.split_at_checked(CONTENT_BYTES)?;
        let area = u16::from_be_bytes(*area);
        Some(Self {
            topic: Topic::of_number(topic).filter(|_| version == VERSION)?,
            about: FeedbackAbout::of_written(kind, *person)?,
            area: (area > 0).then_some(AreaNumber(area)),
            content: taken(content)?,
            proposal: taken(proposal)?,
            reply: if is_awaited == 1 { Some(ReplyCode::from_bytes(*code)?) } else { None },
        })
    }
}

fn check_text(text: &str, chars_max: u32) -> Result<(), TextRefused> {
    check_prose(text, chars_max)?;
    let bytes = Zeroizing::new(normalised(text)).len();
    let fits = bytes <= chars_max as usize * BYTES_PER_CHAR;
    let given = length_chars(text).max(bytes.div_ceil(BYTES_PER_CHAR) as u32);
    if fits { Ok(()) } else { Err(TextRefused::TooLong { given, limit: chars_max }) }
}

/// A text with its length before it, zeros up to its one size.
fn put(bytes: &mut Vec<u8>, text: &str, size: usize) {
    let (text, end) = (Zeroizing::new(normalised(text)), bytes.len() + size);
    bytes.extend_from_slice(&(text.len() as u16).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(end, 0);
}

fn taken(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let (length, text) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let text = text.get(..usize::from(u16::from_be_bytes(*length)))?;
    Some(Zeroizing::new(std::str::from_utf8(text).ok()?.to_owned()))
}

#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
mod tests;
