//! Values of a round of opinion, ready to show: to the volunteer, and to the resident who holds the phone.

use model::identity::RoundId;
use model::round::state::RoundState;

/// A round as the volunteer's list shows it. It says nothing of any ballot.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct RoundItem {
    /// Which.
    pub round: RoundId,
    /// What people call it.
    pub title: String,
    /// Where it stands today, by the phone's clock.
    pub state: RoundState,
    /// Whether residents say something of their own in it, without a slip, instead of answering questions.
    pub takes_feedback: bool,
    /// Whether nothing follows from it by law; shown everywhere.
    pub is_consultative: bool,
    /// The first and the last day, `dd/MM/yyyy`.
    pub opens: String,
    /// See `opens`.
    pub closes: String,
    /// Its areas, by number.
    pub areas: Vec<AreaItem>,
    /// Ballots that were ever cast into this phone's box.
    pub cast: u32,
    /// Ballots that are still on this phone because the server has not said that it keeps them.
    pub waiting: u32,
    /// What the volunteer reads over the telephone once the box is sealed: four groups of four.
    pub seal: Option<String>,
}

/// An area of a round.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct AreaItem {
    /// Its number.
    pub number: u16,
    /// Its name.
    pub name: String,
}

/// The slip that a resident shows.
#[derive(Clone, uniffi::Enum)]
pub enum ShownSlip {
    /// What the camera read in the square picture.
    Square {
        /// As it was read.
        text: String,
    },
    /// What was typed.
    Typed {
        /// Four groups of four.
        text: String,
    },
}

/// One question to the resident.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct BallotQuestion {
    /// What is asked.
    pub label: String,
    /// About whom, with the post; none for a question about the whole.
    pub subject: Option<String>,
    /// What may be chosen, in the order of the paper; empty for a text.
    pub options: Vec<String>,
    /// Characters of a text.
    pub chars_max: Option<u16>,
    /// What was given so far; none before anything was, also before a deliberate blank.
    pub given: Option<BallotAnswer>,
}

/// What a resident gives to one question.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum BallotAnswer {
    /// Left blank on purpose.
    Blank,
    /// The option of this index.
    Option {
        /// From 0.
        index: u8,
    },
    /// A text.
    Text {
        /// As it was written.
        text: String,
    },
}

/// What in a text may give its writer or somebody else away. It warns and never forbids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, uniffi::Enum)]
pub enum Telling {
    /// A number that may be a telephone's, a house's or a paper's.
    Number,
    /// A street, a lane, a house.
    Address,
    /// Somebody whom the office lists.
    Name,
}
