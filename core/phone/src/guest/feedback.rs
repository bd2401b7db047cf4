//! What a resident says on their own, until it is sealed into the box.
//!
//! There is no slip under which it could be kept, so it lies in memory alone, never on disk, at most
//! [`DRAFT_SECONDS_MAX`] after it was last touched and never past leaving the frame. Time and randomness are arguments.
//! Source: anonymity A9, A11, A12, A17, A47, A50.

use std::sync::Arc;
use std::time::Instant;

use model::box_seal::SLOTS;
use model::envelope::Envelope;
use model::feedback::code::{CODE_BYTES, ReplyCode};
use model::feedback::{CONTENT_CHARS_MAX, Feedback, FeedbackAbout, FeedbackRefused, PROPOSAL_CHARS_MAX, Topic};
use model::identity::PersonId;
use model::round::announced::AnnouncedRound;
use model::round::{AreaNumber, RoundDefinition};
use model::slip::GROUPS;
use model::text::check_prose;
use model::time::Timestamp;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{GuestRefused, KeptDraft, open_box, put_sealed};
use crate::store::{Store, ballot_box};

/// How long a feedback that nobody touches stays in memory. Source: anonymity A9.
pub const DRAFT_SECONDS_MAX: u64 = 15 * 60;

/// What the phone's two clocks show. One stands still while the phone sleeps, the other can be set back; whichever says
/// that more time went by is believed.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// Runs on, whatever somebody sets.
    pub running: Instant,
    /// On the wall.
    pub wall: Timestamp,
}

impl Clocks {
    /// Whole seconds since an earlier look; never too few.
    fn seconds_since(self, earlier: Self) -> u64 {
        let running = self.running.saturating_duration_since(earlier.running).as_secs();
        let wall_ms = self.wall.utc_ms().saturating_sub(earlier.wall.utc_ms());
        running.max(u64::try_from(wall_ms / 1_000).unwrap_or(0))
    }
}

/// As far as a resident came; nothing is chosen beforehand. It cannot be printed by accident, and is wiped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// What it is about in general.
    pub topic: Option<Topic>,
    /// Whom or what it is about.
    pub about: Option<FeedbackAbout>,
    /// Where, if the resident says so.
    pub area: Option<AreaNumber>,
    /// What is said; unfinished, or empty.
    pub content: Zeroizing<String>,
    /// What is proposed; unfinished, or empty.
    pub proposal: Zeroizing<String>,
    /// Whether an answer is awaited.
    pub wants_reply: bool,
}

impl Said {
    /// What cannot become good by being finished.
    fn check(&self, round: &RoundDefinition) -> Result<(), FeedbackRefused> {
        let content = check_prose(&self.content, CONTENT_CHARS_MAX);
        content.map_err(|refused| FeedbackRefused::Content { refused })?;
        let proposal = check_prose(&self.proposal, PROPOSAL_CHARS_MAX);
        proposal.map_err(|refused| FeedbackRefused::Proposal { refused })?;
        let has = |number| round.areas.iter().any(|area| area.number == number);
        if self.area.is_none_or(has) { Ok(()) } else { Err(FeedbackRefused::NoArea) }
    }

    fn finished(&self, random: &mut impl CryptoRng) -> Result<Feedback, GuestRefused> {
        Ok(Feedback {
            topic: self.topic.ok_or(GuestRefused::NotChosen { what: "topic" })?,
            about: self.about.ok_or(GuestRefused::NotChosen { what: "about" })?,
            area: self.area,
            content: self.content.clone(),
            proposal: self.proposal.clone(),
            reply: self.wants_reply.then(|| {
                let mut bytes = Zeroizing::new([0; CODE_BYTES]);
                random.fill_bytes(bytes.as_mut());
                ReplyCode::from_random(*bytes)
            }),
        })
    }
}

impl Drop for Said {
    /// The texts wipe themselves; so that nobody reads either whom they were about, that is written over.
    fn drop(&mut self) {
        let nobody = FeedbackAbout::Person { person: PersonId::from_bytes([0; 16]) };
        (self.topic, self.about, self.area, self.wants_reply) = (None, Some(nobody), None, false);
        std::hint::black_box(self);
    }
}

/// A feedback under way.
pub struct FeedbackDraft {
    round: Arc<AnnouncedRound>,
    touched: Clocks,
    /// None once it is cast or erased.
    said: Option<Said>,
}

impl FeedbackDraft {
    /// A resident begins. A box without room says so now: what is typed here cannot be carried to another phone.
    pub fn begin(store: &Store, round: Arc<AnnouncedRound>, clocks: Clocks) -> Result<Self, GuestRefused> {
        let definition = &round.signed.definition;
        if !definition.takes_feedback() {
            return Err(GuestRefused::OtherKind);
        }
        let found = open_box(store, definition, clocks.wall.vietnamese_day())?;
        if found.is_some_and(|found| found.slots.count() == SLOTS) {
            return Err(GuestRefused::BoxFull);
        }
        Ok(Self { round, touched: clocks, said: Some(Said::default()) })
    }

    /// The round.
    pub fn round(&self) -> &RoundDefinition {
        &self.round.signed.definition
    }

    /// What was said so far; looking touches nothing. After [`DRAFT_SECONDS_MAX`] it is erased and stays so.
    pub fn said(&mut self, clocks: Clocks) -> Result<&Said, GuestRefused> {
        if self.seconds_left(clocks) == 0 {
            self.said = None;
        }
        self.said.as_ref().ok_or(GuestRefused::Erased)
    }

    /// Seconds until it is erased if nobody touches it.
    pub fn seconds_left(&self, clocks: Clocks) -> u64 {
        DRAFT_SECONDS_MAX.saturating_sub(clocks.seconds_since(self.touched))
    }

    /// Takes what the resident has so far; what is refused leaves what was there before.
    pub fn say(&mut self, said: Said, clocks: Clocks) -> Result<(), GuestRefused> {
        self.said(clocks)?;
        said.check(self.round())?;
        (self.said, self.touched) = (Some(said), clocks);
        Ok(())
    }

    /// "Hoàn tất": it lies sealed in the box and is gone from memory; if it is refused, everything stays as it was. Gives
    /// the code under which the answer will be found, as it is shown, once: it is kept nowhere.
    pub fn cast(
        &mut self,
        store: &mut Store,
        is_wanted_protected: bool,
        clocks: Clocks,
        random: &mut impl CryptoRng,
    ) -> Result<Option<[String; GROUPS]>, GuestRefused> {
        let feedback = self.said(clocks)?.finished(random)?;
        put(store, self.round(), (&feedback, is_wanted_protected), random)?;
        self.said = None;
        Ok(feedback.reply.as_ref().map(|code| code.groups(&self.round().fingerprint())))
    }
}

/// Seals what a resident says and puts it into the box, to the holders if the resident wants it protected. A ballot that
/// waits for its slip stays. Returns how many envelopes the box ever took.
pub fn put(
    store: &mut Store,
    round: &RoundDefinition,
    feedback: (&Feedback, bool),
    random: &mut impl CryptoRng,
) -> Result<usize, GuestRefused> {
    let envelope = Envelope::seal_feedback(round, feedback, random)?;
    let count = put_sealed(store, round, envelope, KeptDraft::Stays, random)?;
    // It is in the box whatever becomes of the journal, which every save cuts again. To call it a failure would have it
    // said twice, for no slip tells the second from the first, and would lose the code that is inside.
    drop(ballot_box::cut_journal(store));
    Ok(count)
}

#[cfg(test)]
pub(crate) mod tests;
