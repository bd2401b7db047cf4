//! Feedback through the door: what a resident says without a slip, from the first tap to the code that is shown once.
//!
//! It is held in memory and nowhere else. Nothing of it is logged or told to a listener (anonymity A11), and randomness is
//! the system's (A12).

use model::feedback::{CONTENT_CHARS_MAX, FeedbackAbout, PROPOSAL_CHARS_MAX, Topic};
use model::identity::{PersonId, RoundId};
use model::round::AreaNumber;
use model::text::{folded, sort_key};
use zeroize::Zeroizing;

use super::rounds::{areas, round_of};
use super::{Phone, clocks, randomness};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::guest::feedback::{FeedbackDraft, Said};
use crate::guest::{GuestRefused, Resident};
use crate::telling::names_one;
use crate::views::feedback::{AboutChoice, FeedbackChoices, FeedbackGiven, ListedPerson, TopicChoice};

#[uniffi::export]
impl Phone {
    /// A resident begins to say something of their own; what somebody left in memory before is wiped.
    pub fn begin_feedback(&self, round: RoundId) -> Result<(), Failure> {
        let desk = self.desk();
        let draft = FeedbackDraft::begin(&desk.store, round_of(&desk, round)?, clocks())?;
        *self.resident() = Resident::Feedback(draft);
        Ok(())
    }

    /// What can be chosen for the feedback under way.
    pub fn feedback_choices(&self) -> Result<FeedbackChoices, Failure> {
        let desk = self.desk();
        let areas = self.with_feedback(|draft| {
            draft.said(clocks())?;
            Ok(areas(draft.round()))
        })?;
        Ok(FeedbackChoices {
            topics: Topic::ALL.map(|topic| TopicChoice { topic, label: topic.label().to_owned() }).into(),
            abouts: abouts(),
            people: people(&desk, ""),
            areas,
            content_chars_max: CONTENT_CHARS_MAX,
            proposal_chars_max: PROPOSAL_CHARS_MAX,
        })
    }

    /// Those whom the office lists and whose name or post has this text in it, typed with marks or without.
    pub fn feedback_people(&self, text: String) -> Vec<ListedPerson> {
        people(&self.desk(), &Zeroizing::new(text))
    }

    /// What was given so far. Looking keeps nothing alive: it is erased a quarter of an hour after it was last set.
    pub fn feedback(&self) -> Result<FeedbackGiven, Failure> {
        self.with_feedback(|draft| draft.said(clocks()).map(given))
    }

    /// Seconds until it is erased if nobody touches it; the screen looks again then, so that memory is wiped in time.
    pub fn feedback_seconds_left(&self) -> Result<u32, Failure> {
        self.with_feedback(|draft| {
            let clocks = clocks();
            draft.said(clocks)?;
            Ok(draft.seconds_left(clocks) as u32)
        })
    }

    /// Keeps what the resident has so far, in memory. What is refused leaves what was there before.
    pub fn set_feedback(&self, draft: FeedbackGiven) -> Result<(), Failure> {
        let said = said(draft);
        let desk = self.desk();
        let is_unknown = |person: &PersonId| !desk.directory.cadres.contains_key(person);
        if matches!(&said.about, Some(FeedbackAbout::Person { person }) if is_unknown(person)) {
            return Err(Failure::NotHere);
        }
        self.with_feedback(|draft| draft.say(said, clocks()))
    }

    /// Whether the screen offers that two of three holders alone open it: somebody whom the office lists is named, and
    /// what it is about does not protect it already (anonymity A47).
    pub fn offers_protection(&self) -> Result<bool, Failure> {
        let desk = self.desk();
        let names = || desk.directory.cadres.values().map(|listed| listed.cadre.full_name.as_str());
        self.with_feedback(|draft| {
            let said = draft.said(clocks())?;
            let is_open = said.about.is_none_or(|about| !about.is_protected());
            Ok(is_open && (names_one(&said.content, names()) || names_one(&said.proposal, names())))
        })
    }

    /// "Hoàn tất": it is sealed in the box, nobody on this phone can read it any more, and nothing of it is in memory. The
    /// four groups of the code if an answer is awaited: they are given this once and stored nowhere. If it is refused, it
    /// stays as it was.
    pub fn cast_feedback(&self, protect: bool) -> Result<Option<Vec<String>>, Failure> {
        let (mut desk, mut resident) = (self.desk(), self.resident());
        let draft = resident.feedback().ok_or(Failure::NotHere)?;
        let code = draft.cast(&mut desk.store, protect, clocks(), &mut randomness())?;
        *resident = Resident::Nobody;
        Ok(code.map(Vec::from))
    }
}

impl Phone {
    fn with_feedback<T>(&self, work: impl FnOnce(&mut FeedbackDraft) -> Result<T, GuestRefused>) -> Result<T, Failure> {
        let mut resident = self.resident();
        Ok(work(resident.feedback().ok_or(Failure::NotHere)?)?)
    }
}

/// The kinds, and last a person of the list.
fn abouts() -> Vec<AboutChoice> {
    let choice = |about: FeedbackAbout, chosen| AboutChoice {
        about: chosen,
        label: about.label().to_owned(),
        is_protected: about.is_protected(),
    };
    let somebody = FeedbackAbout::Person { person: PersonId::from_bytes([0; 16]) };
    let kinds = FeedbackAbout::KINDS.map(|about| choice(about, Some(about)));
    kinds.into_iter().chain([choice(somebody, None)]).collect()
}

fn people(desk: &Desk, text: &str) -> Vec<ListedPerson> {
    let wanted = Zeroizing::new(folded(text.trim()));
    let mut people: Vec<ListedPerson> = desk
        .directory
        .cadres
        .values()
        .map(|listed| ListedPerson {
            person: listed.cadre.id,
            name: listed.cadre.full_name.clone(),
            post: listed.assignment.title.clone(),
        })
        .filter(|listed| [&listed.name, &listed.post].iter().any(|known| folded(known).contains(wanted.as_str())))
        .collect();
    people.sort_by_cached_key(|listed| (sort_key(&listed.name), listed.person));
    people
}

fn given(said: &Said) -> FeedbackGiven {
    FeedbackGiven {
        topic: said.topic,
        about: said.about,
        area: said.area.map(|area| area.0),
        content: said.content.to_string(),
        proposal: said.proposal.to_string(),
        wants_reply: said.wants_reply,
    }
}

/// The texts are moved, not copied, so that they are wiped.
fn said(given: FeedbackGiven) -> Said {
    Said {
        topic: given.topic,
        about: given.about,
        area: given.area.map(AreaNumber),
        content: Zeroizing::new(given.content),
        proposal: Zeroizing::new(given.proposal),
        wants_reply: given.wants_reply,
    }
}
