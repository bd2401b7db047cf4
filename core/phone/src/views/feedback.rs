//! Values of feedback, ready to show to the resident who holds the phone. None of them can be printed by accident.

use model::feedback::{FeedbackAbout, Topic};
use model::identity::PersonId;

use super::ballot::AreaItem;

/// What can be chosen; nothing is chosen beforehand.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct FeedbackChoices {
    /// In the order in which they are offered.
    pub topics: Vec<TopicChoice>,
    /// In the order in which they are offered.
    pub abouts: Vec<AboutChoice>,
    /// Everybody whom the office lists, by name.
    pub people: Vec<ListedPerson>,
    /// The areas of the round.
    pub areas: Vec<AreaItem>,
    /// Characters of what is said.
    pub content_chars_max: u32,
    /// Characters of what is proposed.
    pub proposal_chars_max: u32,
}

/// What it can be about in general.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct TopicChoice {
    /// Which.
    pub topic: Topic,
    /// What people read.
    pub label: String,
}

/// Whom or what it can be about.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct AboutChoice {
    /// Which; none where the person is still to be chosen from the list.
    pub about: Option<FeedbackAbout>,
    /// What people read.
    pub label: String,
    /// Whether it opens for two of three holders alone.
    pub is_protected: bool,
}

/// Somebody whom the office lists.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct ListedPerson {
    /// Who.
    pub person: PersonId,
    /// The full name.
    pub name: String,
    /// The post.
    pub post: String,
}

/// As far as a resident came. Texts may be unfinished and empty until it is cast.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct FeedbackGiven {
    /// What it is about in general; none before it was chosen.
    pub topic: Option<Topic>,
    /// Whom or what it is about; none before it was chosen.
    pub about: Option<FeedbackAbout>,
    /// The number of an area of the round, if the resident says where.
    pub area: Option<u16>,
    /// What is said.
    pub content: String,
    /// What is proposed.
    pub proposal: String,
    /// Whether an answer is awaited; then a code is shown at the end.
    pub wants_reply: bool,
}

/// What stands behind a code.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ReplyFound {
    /// The office answered.
    Answered {
        /// As it was written.
        text: String,
        /// The day of its file, `dd/MM/yyyy`.
        day: String,
    },
    /// The code is right, and what was fetched here last holds no answer for it.
    NotYet,
}
