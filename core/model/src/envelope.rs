//! The sealed envelope: outside it says only its format, its round and a random name.
//!
//! Nothing outside tells the slip, the area, the box, the author, the time or the order, and two envelopes of one slip
//! are as unlike as any two. Sealing takes the system's randomness from the caller; only two of three holders together
//! can open. Source: anonymity A12, A14, A15.

use hpke::rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ballot::{Ballot, BallotRefused, Given};
use crate::feedback::{FEEDBACK_BYTES, Feedback, FeedbackRefused};
use crate::hash::{ContentHash, SealingKey};
use crate::identity::RoundId;
use crate::round::RoundDefinition;
use crate::sealing::{Purpose, RoundKey, seal_bound};
use crate::slip::SlipSecret;

const FORMAT: u8 = 1;

/// Bytes before the sealed part: format, round, name.
const HEAD_BYTES: usize = 1 + 16 + ID_BYTES;

/// Bytes of an envelope's name.
pub const ID_BYTES: usize = 16;

/// What sealing adds: the sender's one-time key and the tag.
const SEAL_BYTES: usize = 32 + 16;

/// Bytes of a private key.
pub const PRIVATE_KEY_BYTES: usize = 32;

/// A random name that nothing was ever derived from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeId([u8; ID_BYTES]);

impl EnvelopeId {
    /// From random bytes.
    pub const fn from_bytes(bytes: [u8; ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
        &self.0
    }
}

/// A sealed ballot.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its round.
    pub round: RoundId,
    /// Its name.
    pub id: EnvelopeId,
    sealed: Vec<u8>,
}

/// Why nothing was sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealingFailed {
    /// The answers are not a ballot of the round.
    #[error(transparent)]
    Ballot(#[from] BallotRefused),
    /// What is said cannot be sent.
    #[error(transparent)]
    Feedback(#[from] FeedbackRefused),
    /// A ballot where feedback is taken, or the other way round.
    #[error("the round takes something else")]
    OtherKind,
    /// The round's key is no key.
    #[error("the key of the round is no key")]
    NoKey,
}

/// Why an envelope is not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpeningRefused {
    /// Of another size, format or round.
    #[error("the envelope is not of this round")]
    OtherRound,
    /// Sealed to another key, under another definition or another name.
    #[error("the envelope does not open")]
    DoesNotOpen,
    /// It opens, and nothing of this round is inside.
    #[error("the envelope holds nothing of this round")]
    NoBallot,
}

impl RoundDefinition {
    /// Bytes of every envelope of this round.
    pub fn envelope_bytes(&self) -> usize {
        let plain = if self.takes_feedback() { FEEDBACK_BYTES } else { self.ballot_bytes() };
        HEAD_BYTES + SEAL_BYTES + plain
    }

    /// What an envelope is bound to beside its key: fingerprint, template, name (A15).
    fn bound_to(&self, id: EnvelopeId) -> Vec<u8> {
        [self.fingerprint().as_bytes().as_slice(), self.template.hash().as_bytes(), id.as_bytes()].concat()
    }
}

impl Envelope {
    /// Seals a ballot under the round's key. `random` is the system's source, never a seeded one outside tests.
    pub fn seal(round: &RoundDefinition, ballot: &Ballot, random: &mut impl CryptoRng) -> Result<Self, SealingFailed> {
        if round.takes_feedback() {
            return Err(SealingFailed::OtherKind);
        }
        Self::seal_to(&round.key, round, &ballot.to_bytes(round)?, random)
    }

    /// Seals what a resident says to the key that it asks for, or to the holders' if the resident wants it protected.
    /// Nothing outside says which (anonymity A47).
    pub fn seal_feedback(
        round: &RoundDefinition,
        (feedback, is_wanted_protected): (&Feedback, bool),
        random: &mut impl CryptoRng,
    ) -> Result<Self, SealingFailed> {
        if !round.takes_feedback() {
            return Err(SealingFailed::OtherKind);
        }
        Self::seal_to(feedback.key(round, is_wanted_protected), round, &feedback.to_bytes(round)?, random)
    }

    fn seal_to(
        key: &SealingKey,
        round: &RoundDefinition,
        plain: &[u8],
        random: &mut impl CryptoRng,
    ) -> Result<Self, SealingFailed> {
        let mut id = [0; ID_BYTES];
        random.fill_bytes(&mut id);
        let id = EnvelopeId(id);
        let sealed = seal_bound(key, (Purpose::Envelope, &round.bound_to(id)), plain, random);
        Ok(Self { round: round.id, id, sealed: sealed.map_err(|_| SealingFailed::NoKey)? })
    }

    /// As it lies in a box and travels.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[FORMAT][..], self.round.as_bytes(), self.id.as_bytes(), &self.sealed].concat()
    }

    /// Reads an envelope of this round; its size is checked, nothing is opened.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, OpeningRefused> {
        let Some((head, sealed)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
            return Err(OpeningRefused::OtherRound);
        };
        let is_ours = bytes.len() == round.envelope_bytes() && head[0] == FORMAT && head[1..17] == *round.id.as_bytes();
        let id = head.last_chunk().filter(|_| is_ours).ok_or(OpeningRefused::OtherRound)?;
        Ok(Self { round: round.id, id: EnvelopeId(*id), sealed: sealed.to_vec() })
    }

    /// Hash of what is sealed, for the seal of the box.
    pub fn content(&self) -> ContentHash {
        ContentHash::from_bytes(Sha256::digest(&self.sealed).into())
    }
}

/// What lay in one envelope. It is folded into counts and forgotten, never written or shown (anonymity A34).
pub struct Opened {
    /// Of the slip.
    pub secret: SlipSecret,
    /// The answers; none if what stands behind the secret is no ballot of the round.
    pub given: Option<Vec<Given>>,
    /// Hash of all of it: two envelopes of one slip with equal content are one ballot.
    pub content: ContentHash,
}

impl RoundKey {
    /// Opens one envelope.
    pub fn open(&self, round: &RoundDefinition, envelope: &Envelope) -> Result<Opened, OpeningRefused> {
        let plain = self.plain_of(round, envelope)?;
        let secret = Ballot::read_secret(&plain, round).map_err(|_| OpeningRefused::NoBallot)?;
        let given = Ballot::read(&plain, round).ok().map(|ballot| ballot.given);
        Ok(Opened { secret, given, content: ContentHash::from_bytes(Sha256::digest(&*plain).into()) })
    }

    /// Opens what a resident said, if it was sealed to this key: the holders' or the intake's.
    pub fn open_feedback(&self, round: &RoundDefinition, envelope: &Envelope) -> Result<Feedback, OpeningRefused> {
        let plain = self.plain_of(round, envelope)?;
        Feedback::read(&plain, round).map_err(|_| OpeningRefused::NoBallot)
    }

    fn plain_of(&self, round: &RoundDefinition, envelope: &Envelope) -> Result<Zeroizing<Vec<u8>>, OpeningRefused> {
        if envelope.round != round.id {
            return Err(OpeningRefused::OtherRound);
        }
        let plain = self.open_bound((Purpose::Envelope, &round.bound_to(envelope.id)), &envelope.sealed);
        plain.map_err(|_| OpeningRefused::DoesNotOpen)
    }
}

/// Envelopes of a made-up round, for tests.
#[cfg(test)]
pub(crate) mod samples {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    pub(crate) fn key(seed: u8) -> RoundKey {
        RoundKey::from_bytes(&Zeroizing::new([seed; PRIVATE_KEY_BYTES])).expect("any 32 bytes are a key")
    }

    pub(crate) fn round() -> RoundDefinition {
        RoundDefinition { key: key(7).public(), ..crate::round::samples::confidence() }
    }

    pub(crate) fn ballot() -> Ballot {
        let given = vec![Given::Option(0), Given::Option(2), Given::Blank];
        Ballot { secret: SlipSecret::from_random([3; 8]), given }
    }

    pub(crate) fn sealed(round: &RoundDefinition, seed: u64) -> Envelope {
        Envelope::seal(round, &ballot(), &mut ChaCha8Rng::seed_from_u64(seed)).expect("a ballot of the round")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::samples::{ballot, key, round, sealed};
    use super::*;
    use crate::hash::SealingKey;

    #[test]
    fn two_of_three_holders_read_what_a_resident_sealed() {
        let (round, envelope) = (round(), sealed(&round(), 1));
        let opened = key(7).open(&round, &envelope).unwrap_or_else(|refused| panic!("{refused}"));
        assert!(opened.secret == ballot().secret && opened.given == Some(ballot().given));
        let read = Envelope::read(&envelope.to_bytes(), &round).unwrap_or_else(|refused| panic!("{refused}"));
        assert!(read == envelope);
        assert_eq!(envelope.to_bytes().len(), round.envelope_bytes());
    }

    /// A14: outside stand format, round and a random name; everything else looks random.
    #[test]
    fn two_envelopes_of_one_slip_share_nothing_but_format_and_round() {
        let round = round();
        let (one, other) = (sealed(&round, 1).to_bytes(), sealed(&round, 2).to_bytes());
        assert_eq!(one[..17], other[..17]);
        let same = one[17..].iter().zip(&other[17..]).filter(|(one, other)| one == other).count();
        assert!(same <= 4, "{same} of {} bytes are the same", one.len() - 17);
    }

    /// A15: other name, round, template, key, definition.
    #[test]
    fn a_copy_under_another_name_round_template_or_definition_does_not_open() {
        let (round, envelope) = (round(), sealed(&round(), 1));
        let renamed = Envelope { id: EnvelopeId([9; 16]), ..envelope.clone() };
        assert!(key(7).open(&round, &renamed).err() == Some(OpeningRefused::DoesNotOpen));
        assert!(key(8).open(&round, &envelope).err() == Some(OpeningRefused::DoesNotOpen));
        let other = RoundDefinition { id: RoundId::from_bytes([1; 16]), ..round.clone() };
        assert!(key(7).open(&other, &envelope).err() == Some(OpeningRefused::OtherRound));
        let moved = Envelope { round: other.id, ..envelope.clone() };
        assert!(key(7).open(&other, &moved).err() == Some(OpeningRefused::DoesNotOpen));
        let mut asked = round.clone();
        asked.template.questions[0].label.push('?');
        assert!(key(7).open(&asked, &envelope).err() == Some(OpeningRefused::DoesNotOpen));
        let lowered = RoundDefinition { group_min: 5, ..round.clone() };
        assert!(key(7).open(&lowered, &envelope).err() == Some(OpeningRefused::DoesNotOpen));
    }

    #[test]
    fn one_changed_byte_anywhere_is_noticed() {
        let round = round();
        let bytes = sealed(&round, 1).to_bytes();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let opened = Envelope::read(&changed, &round).and_then(|envelope| key(7).open(&round, &envelope));
            assert!(opened.is_err(), "byte {place}");
        }
        assert!(Envelope::read(&bytes[1..], &round).is_err());
    }

    #[test]
    fn what_is_no_ballot_is_not_sealed() {
        let round = round();
        let short = Ballot { given: vec![Given::Blank], ..ballot() };
        let sealed = Envelope::seal(&round, &short, &mut ChaCha8Rng::seed_from_u64(1));
        assert!(sealed.err() == Some(SealingFailed::Ballot(BallotRefused::AnswerCount { given: 1, asked: 3 })));
        let without = RoundDefinition { key: SealingKey::from_bytes([0; 32]), ..round };
        let sealed = Envelope::seal(&without, &ballot(), &mut ChaCha8Rng::seed_from_u64(1));
        assert!(sealed.err() == Some(SealingFailed::NoKey), "a key of zeros is no key");
    }
}
