//! What leaves the opener: the published count with digests, a word for the recount, and what the holders said, signed by
//! the two who opened.
//!
//! Nothing else of a count can be written down. Source: anonymity A35-A38.

use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use minicbor::{Decode, Encode};
use sha2::Sha256;

use crate::handshake::{is_signed, public, sign};
use crate::hash::{ContentHash, Signature};
use crate::publication::PublishedTally;
use crate::publication::outcome::ConfidenceBand;
use crate::round::holder::OPENERS;
use crate::round::template::Side;
use crate::round::{About, Denominator, RoundDefinition};
use crate::sealing::RoundKey;
use crate::symbols::Sixteen;
use crate::tally::{CountBlocked, Tally};
use crate::text::check_prose;
use crate::time::Day;

/// Characters of the reason for which the holders went on.
pub const REASON_CHARS_MAX: u32 = 500;

const DOMAIN: &[u8] = b"langnghe/outcome/1";

/// A MAC over the exact count under a key that only the holders can make: two counts are compared without their numbers
/// (A38).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecountWord(Sixteen);

impl RecountWord {
    /// Of a count.
    pub fn of(round: &RoundDefinition, tally: &Tally, key: &RoundKey) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.recount_key()).expect("a MAC takes a key of any length");
        mac.update(b"langnghe/recount/1");
        mac.update(round.fingerprint().as_bytes());
        tally.feed(&mut |bytes| mac.update(bytes));
        Self(Sixteen::of_hash(&mac.finalize().into_bytes().into()))
    }
}

impl std::fmt::Display for RecountWord {
    /// Four groups of four symbols.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl std::fmt::Debug for RecountWord {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{self}")
    }
}

impl<C> Encode<C> for RecountWord {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.str(&self.0.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for RecountWord {
    fn decode(input: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let word = Sixteen::from_typed(input.str()?);
        word.map(Self).ok_or_else(|| minicbor::decode::Error::message("a recount word has sixteen symbols"))
    }
}

/// What the holders counted on paper, for the whole round (A8).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct PaperCount {
    /// Slips that were left.
    #[n(0)]
    pub unused: u32,
    /// Slips that were spoiled.
    #[n(1)]
    pub spoiled: u32,
    /// Blank stubs in the bag.
    #[n(2)]
    pub stubs: u32,
}

/// Something spoke against the count, and the holders went on (A36).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct WentOn {
    /// What.
    #[n(0)]
    pub blocked: CountBlocked,
    /// Why, at most [`REASON_CHARS_MAX`] characters; printed in the minutes.
    #[n(1)]
    pub reason: String,
}

/// The result of one opening.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Outcome {
    /// What may be known.
    #[n(0)]
    pub published: PublishedTally,
    /// Digest of the file that was opened.
    #[n(1)]
    pub input: ContentHash,
    /// Digest of the frozen box.
    #[n(2)]
    pub frozen_box: ContentHash,
    /// The day of the opening.
    #[n(3)]
    pub counted: Day,
    /// On paper.
    #[n(4)]
    pub paper: PaperCount,
    /// What spoke against it.
    #[n(5)]
    pub went_on: Vec<WentOn>,
    /// Ballots that were set aside could have changed a band (A38).
    #[n(6)]
    pub set_aside_matters: bool,
    /// For the recount.
    #[n(7)]
    pub recount: RecountWord,
    /// Digests of the text packets that left with it.
    #[n(8)]
    pub packets: Vec<ContentHash>,
}

/// An outcome with the signatures of the two who opened.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SignedOutcome {
    /// What they signed.
    #[n(0)]
    pub outcome: Outcome,
    /// Who, from 0 in the order of [`RoundDefinition::holders`], rising.
    #[n(1)]
    pub openers: [u8; OPENERS],
    /// In the same order.
    #[n(2)]
    pub signatures: [Signature; OPENERS],
}

/// Why an outcome is not published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutcomeRefused {
    /// Not the file of an outcome.
    #[error("this is not the result of an opening")]
    Unreadable,
    /// Not of this round, or not signed by two of its holders.
    #[error("the result is not signed by two holders of the round")]
    NotSigned,
    /// They went on without a reason, or where none helps.
    #[error("the holders went on where they may not, or without a reason")]
    NoReason,
    /// A round about people is counted by two pairs before it is published.
    #[error("a second pair of holders has not counted yet")]
    NotRecounted,
    /// The second pair has another word.
    #[error("the second pair of holders counted something else")]
    RecountDiffers,
}

impl SignedOutcome {
    /// Signs as two holders of the round; none if the keys are not two of its three.
    pub fn sign(outcome: Outcome, round: &RoundDefinition, keys: [&SigningKey; OPENERS]) -> Option<Self> {
        let number_of = |key: &SigningKey| round.holders.iter().position(|holder| holder.key == public(key));
        let mut signed = [(number_of(keys[0])?, keys[0]), (number_of(keys[1])?, keys[1])];
        signed.sort_by_key(|(number, _)| *number);
        let digest = outcome_bytes(&outcome);
        let openers = signed.map(|(number, _)| number as u8);
        let signatures = signed.map(|(_, key)| sign(&[DOMAIN, &digest], key));
        (openers[0] < openers[1]).then_some(Self { outcome, openers, signatures })
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads the outcome of this round.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, OutcomeRefused> {
        let signed: Self = minicbor::decode(bytes).map_err(|_| OutcomeRefused::Unreadable)?;
        if signed.to_bytes() != bytes {
            return Err(OutcomeRefused::Unreadable);
        }
        signed.check(round)?;
        Ok(signed)
    }

    fn check(&self, round: &RoundDefinition) -> Result<(), OutcomeRefused> {
        let published = &self.outcome.published;
        let is_of_round = published.round == round.id && published.fingerprint() == round.fingerprint();
        let digest = outcome_bytes(&self.outcome);
        let is_theirs = |(number, signature): (&u8, &Signature)| {
            let holder = round.holders.get(usize::from(*number));
            holder.is_some_and(|holder| is_signed(&[DOMAIN, &digest], signature, &holder.key))
        };
        let are_two = self.openers[0] < self.openers[1];
        if !is_of_round || !are_two || !self.openers.iter().zip(&self.signatures).all(is_theirs) {
            return Err(OutcomeRefused::NotSigned);
        }
        let is_right = |WentOn { blocked, reason }: &WentOn| {
            let says_why = !reason.trim().is_empty() && check_prose(reason, REASON_CHARS_MAX).is_ok();
            blocked.may_go_on_with_a_reason() && says_why
        };
        if self.outcome.went_on.iter().all(is_right) { Ok(()) } else { Err(OutcomeRefused::NoReason) }
    }

    /// Whether it may be published: a round about people only after another pair found the same word in the same box (A38).
    pub fn check_recount(&self, round: &RoundDefinition, second: Option<&Self>) -> Result<(), OutcomeRefused> {
        let Some(second) = second else {
            return match round.about {
                About::People(_) => Err(OutcomeRefused::NotRecounted),
                About::Unit(_) => Ok(()),
            };
        };
        second.check(round)?;
        if second.openers == self.openers {
            return Err(OutcomeRefused::NotRecounted);
        }
        let (one, other) = (&self.outcome, &second.outcome);
        let is_same = one.recount == other.recount
            && one.published == other.published
            && (one.input, one.frozen_box) == (other.input, other.frozen_box);
        if is_same { Ok(()) } else { Err(OutcomeRefused::RecountDiffers) }
    }
}

/// Whether ballots that were set aside (doubled or of the wrong form) could have moved a subject into another band, had
/// all of them said the same. The minutes say so (A38).
pub fn set_aside_matters(round: &RoundDefinition, tally: &Tally) -> bool {
    let set_aside = tally.kinds.doubled + tally.kinds.misformed;
    let about_people = round.asked().enumerate().filter(|(_, asked)| asked.subject.is_some());
    let mut questions = about_people.filter(|(_, asked)| !asked.question.options().is_empty());
    questions.any(|(index, asked)| {
        let counts = tally.answers(index).options;
        let of_side = |wanted: Side| -> u32 {
            let sides = asked.question.options().iter().map(|option| option.side);
            counts.iter().zip(sides).filter(|(_, side)| *side == wanted).map(|(count, _)| count).sum()
        };
        let (high, low) = (of_side(Side::For), of_side(Side::Rest));
        let whole = |more: u32| match round.denominator {
            Denominator::Answers => high + low + more,
            Denominator::ValidBallots => tally.kinds.valid + more,
            Denominator::Collected => tally.kinds.collected(),
        };
        let band = ConfidenceBand::of(low, whole(0));
        let moved = [ConfidenceBand::of(low, whole(set_aside)), ConfidenceBand::of(low + set_aside, whole(set_aside))];
        moved.into_iter().any(|other| other != band)
    })
}

fn outcome_bytes(outcome: &Outcome) -> Vec<u8> {
    minicbor::to_vec(outcome).expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests;
