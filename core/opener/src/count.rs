//! The count: two holders open the box in memory, and what may be known leaves it.
//!
//! Steps are types: a [`FrozenBox`] and two unlocked shares are an [`Opening`], that is counted into a [`Count`], and a
//! count with everything that people say about it becomes a [`Leaving`], the only thing that is ever written. Source:
//! anonymity A34-A39.

use model::opening::{InputRefused, OpenedInput};
use model::outcome::{Outcome, PaperCount, REASON_CHARS_MAX, RecountWord, SignedOutcome, WentOn, set_aside_matters};
use model::publication::{PublishedTally, publishable};
use model::round::RoundDefinition;
use model::round::holder::OPENERS;
use model::round::template::OpinionKind;
use model::tally::{CountBlocked, Counting, EnvelopeKinds, QuestionTexts, Tally};
use model::text::check_prose;
use model::time::Day;
use rand_core::CryptoRng;
use zeroize::Zeroize;

use crate::frozen::{BoxRefused, FrozenBox};
use crate::packet::{Packet, Screeners};
use crate::share::OpenerKeys;

/// A box that two holders opened.
pub struct Opening {
    frozen: FrozenBox,
    keys: OpenerKeys,
    opened: OpenedInput,
}

/// An exact count. Nothing of it can be written; it is wiped as far as the system lets us.
pub struct Count {
    opening: Opening,
    tally: Tally,
    texts: Vec<QuestionTexts>,
    blocked: Vec<CountBlocked>,
}

/// What people say about a count.
pub struct Said {
    /// What lay on the table.
    pub paper: PaperCount,
    /// Why they go on, one for each of [`Count::against`] in its order.
    pub reasons: Vec<String>,
    /// The day.
    pub today: Day,
    /// Who reads the texts; none leaves them in the box.
    pub screeners: Option<Screeners>,
}

/// What leaves the opener.
pub struct Leaving {
    /// Signed by the two who opened.
    pub outcome: SignedOutcome,
    /// Texts for the screeners.
    pub packets: Vec<Packet>,
}

/// Why a count does not leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CountRefused {
    /// Something speaks against it where no reason helps.
    #[error(transparent)]
    Blocked(CountBlocked),
    /// Something speaks against it, and nobody said why they go on.
    #[error("a reason is missing: {0}")]
    NoReason(CountBlocked),
    /// More slips lie on the table than were printed: the numbers are wrong.
    #[error("{left} slips are left of {printed}")]
    Paper {
        /// Unused and spoiled together.
        left: u64,
        /// At the ceremony.
        printed: u32,
    },
    /// A reason for nothing.
    #[error("{given} reasons for {needed} differences")]
    Superfluous {
        /// Reasons.
        given: usize,
        /// What speaks against the count.
        needed: usize,
    },
    /// A reason that cannot be printed.
    #[error("the reason is too long or has signs that cannot be printed")]
    Reason,
}

impl Opening {
    /// Opens slip book and returned slips.
    pub fn new(frozen: FrozenBox, keys: OpenerKeys) -> Result<Self, InputRefused> {
        let opened = OpenedInput::open(&frozen.input, &keys.round)?;
        Ok(Self { frozen, keys, opened })
    }

    /// The round.
    pub fn round(&self) -> &RoundDefinition {
        &self.frozen.input.round.definition
    }

    /// How many envelopes there are.
    pub fn envelopes(&self) -> u32 {
        self.frozen.input.envelopes
    }

    /// Opens every envelope in random order. `progress` hears how many are done.
    pub fn count(self, random: &mut impl CryptoRng, mut progress: impl FnMut(u32)) -> Result<Count, BoxRefused> {
        let round = &self.frozen.input.round.definition;
        let mut counting = Counting::new(round, &self.opened.book, &self.opened.returned);
        let mut done = 0;
        self.frozen.each_in_random_order(random, |envelope| {
            counting.take(self.keys.round.open(round, &envelope));
            done += 1;
            progress(done);
        })?;
        let (tally, texts) = counting.finish();
        let blocked = tally.blocked(round, self.frozen.missing, self.frozen.input.sealed());
        Ok(Count { opening: self, tally, texts, blocked })
    }
}

impl Count {
    /// The round.
    pub fn round(&self) -> &RoundDefinition {
        self.opening.round()
    }

    /// What became of the envelopes; printed in the minutes as it is (A37).
    pub fn kinds(&self) -> EnvelopeKinds {
        self.tally.kinds
    }

    /// Everything that speaks against this count.
    pub fn blocked(&self) -> &[CountBlocked] {
        &self.blocked
    }

    /// Questions of which texts will leave.
    pub fn texts(&self) -> usize {
        self.texts.len()
    }

    /// What will be public.
    pub fn published(&self) -> PublishedTally {
        publishable(self.round(), &self.tally, &self.opening.frozen.input.issued)
    }

    /// For the comparison with another pair.
    pub fn word(&self) -> RecountWord {
        RecountWord::of(self.round(), &self.tally, &self.opening.keys.round)
    }

    /// Signs what may be known as the two who opened.
    pub fn conclude(self, said: Said, random: &mut impl CryptoRng) -> Result<Leaving, CountRefused> {
        let went_on = with_reasons(&self.against(said.paper)?, &said.reasons)?;
        let round = self.round();
        let packets: Vec<Packet> = match &said.screeners {
            Some(screeners) => self.texts.iter().map(|texts| Packet::seal(screeners, round, texts, random)).collect(),
            None => Vec::new(),
        };
        let input = &self.opening.frozen.input;
        let outcome = Outcome {
            published: self.published(),
            input: input.digest(),
            frozen_box: input.frozen_box,
            counted: said.today,
            paper: said.paper,
            went_on,
            set_aside_matters: set_aside_matters(round, &self.tally),
            recount: self.word(),
            packets: packets.iter().map(Packet::digest).collect(),
        };
        let outcome = SignedOutcome::sign(outcome, round, self.opening.keys.signing.each_ref());
        Ok(Leaving { outcome: outcome.expect("the keys were those of two holders"), packets })
    }

    /// Everything that speaks against this count beside what lies on the table: [`Self::blocked`], slips that nobody can
    /// account for, stubs that are not the envelopes (A8).
    pub fn against(&self, paper: PaperCount) -> Result<Vec<CountBlocked>, CountRefused> {
        let (printed, kinds) = (self.round().slips(), self.kinds());
        let left = u64::from(paper.unused) + u64::from(paper.spoiled);
        if left > printed.into() {
            return Err(CountRefused::Paper { left, printed });
        }
        let mut against = self.blocked.clone();
        let found = self.published().issued.saturating_add(left as u32);
        if found != printed {
            against.push(CountBlocked::SlipsDiffer { printed, found });
        }
        let (stubs, sealed) = (paper.stubs, kinds.of_this_round() - kinds.repeated);
        if stubs != sealed {
            against.push(CountBlocked::StubsDiffer { stubs, sealed });
        }
        Ok(against)
    }
}

/// Whether the holders may go on for these reasons, one for each thing that speaks against the count.
pub fn with_reasons(against: &[CountBlocked], reasons: &[String]) -> Result<Vec<WentOn>, CountRefused> {
    let with_reason = |(index, blocked): (usize, &CountBlocked)| {
        let reason = reasons.get(index).map(|reason| reason.trim()).unwrap_or_default();
        match blocked {
            blocked if !blocked.may_go_on_with_a_reason() => Err(CountRefused::Blocked(*blocked)),
            blocked if reason.is_empty() => Err(CountRefused::NoReason(*blocked)),
            _ if check_prose(reason, REASON_CHARS_MAX).is_err() => Err(CountRefused::Reason),
            blocked => Ok(WentOn { blocked: *blocked, reason: reason.to_owned() }),
        }
    };
    let went_on = against.iter().enumerate().map(with_reason).collect::<Result<_, _>>()?;
    let (given, needed) = (reasons.len(), against.len());
    if given > needed { Err(CountRefused::Superfluous { given, needed }) } else { Ok(went_on) }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.texts.iter_mut().for_each(|texts| texts.texts.zeroize());
        for answers in self.tally.areas.values_mut().flat_map(|area| &mut area.answers) {
            answers.options.zeroize();
            answers.blank.zeroize();
        }
    }
}

/// Whether these two holders, from 1, are the pair that counted first: asked before they open anything again (A38).
pub fn is_same_pair(first: &SignedOutcome, mut holders: [u8; OPENERS]) -> bool {
    holders.sort_unstable();
    first.openers.map(|opener| opener + 1) == holders
}

/// Whether a round asks for anything in words, so that screeners are needed.
pub fn asks_for_texts(round: &RoundDefinition) -> bool {
    round.asked().any(|asked| matches!(asked.question.kind, OpinionKind::Text { .. }))
}
