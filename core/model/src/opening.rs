//! What the holders get in one file: the frozen box and everything that it must agree with.
//!
//! What is not in the file cannot be slipped in later, and a byte that was changed is a sentence, not a count. Source:
//! anonymity A33, A36.

pub mod container;

use std::collections::HashSet;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::box_seal::SpokenSeal;
use crate::envelope::{Envelope, EnvelopeId};
use crate::handshake::{is_signed, public, sign};
use crate::hash::{ContentHash, PublicKey, Signature};
use crate::outcome::SignedOutcome;
use crate::publication::Issued;
use crate::received::ReceivedList;
use crate::round::state::is_too_soon;
use crate::round::{RoundDefinition, SignedRound};
use crate::sealing::{Purpose, RoundKey};
use crate::slip::book::SlipBook;
use crate::slip::{SECRET_BYTES, SlipSecret, SlipTag};
use crate::time::Day;

/// Envelopes of one frozen box: four for every slip of the largest round would be more than this, and a box that large is
/// stuffed.
pub const ENVELOPES_MAX: u32 = 1_000_000;

const DOMAIN: &[u8] = b"langnghe/opening/1";
const BOX_DOMAIN: &[u8] = b"langnghe/frozen-box/1";

/// A round that was published before, so that the same is not asked and subtracted (A46).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EarlierRound {
    /// What was asked.
    #[n(0)]
    pub definition: RoundDefinition,
    /// What was published.
    #[n(1)]
    pub outcome: SignedOutcome,
}

/// Everything beside the envelopes, as the server writes it after the grace date.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OpeningInput {
    /// The round, signed by its three holders.
    #[n(0)]
    pub round: SignedRound,
    /// The slip book, sealed to the round's key at the ceremony.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub slip_book: Vec<u8>,
    /// Every list of received envelopes, from the first to the last.
    #[n(2)]
    pub lists: Vec<ReceivedList>,
    /// What every phone sealed, sorted.
    #[n(3)]
    pub seals: Vec<SpokenSeal>,
    /// Sealed lists of slips that were handed back unused, sorted.
    #[n(4)]
    pub returned: Vec<SealedBytes>,
    /// What the rolls say.
    #[n(5)]
    pub issued: Issued,
    /// What was published before about the same people or unit.
    #[n(6)]
    pub earlier: Vec<EarlierRound>,
    /// Envelopes in the box.
    #[n(7)]
    pub envelopes: u32,
    /// Digest over them, sorted by name.
    #[n(8)]
    pub frozen_box: ContentHash,
    /// Whose lists these are.
    #[n(9)]
    pub server: PublicKey,
    /// By the server, over all of it.
    #[n(10)]
    signature: Signature,
}

/// Bytes sealed to the round's key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct SealedBytes(#[cbor(n(0), with = "minicbor::bytes")] pub Vec<u8>);

/// Why the holders do not begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InputRefused {
    /// Not the file of a round, or of a newer version.
    #[error("this is not the file of a round")]
    Unreadable,
    /// Something was changed after the server had written it.
    #[error("the file was changed after the server had written it")]
    Changed,
    /// The definition is not the one that the holders signed.
    #[error("the round is not the one that the holders signed")]
    NotSigned,
    /// The lists of received envelopes are not one chain up to the last.
    #[error("the lists of received envelopes are not whole")]
    ListsBroken,
    /// The envelopes are not those that the server froze.
    #[error("the box is not the one that was frozen")]
    BoxChanged,
    /// Nothing is counted in a round that takes feedback.
    #[error("this round takes feedback, which is read and not counted")]
    Feedback,
    /// Nothing is read in a round of ballots.
    #[error("this round takes ballots, which are counted and not read")]
    Ballots,
    /// The grace date is not over.
    #[error("boxes may still arrive until the grace date is over")]
    TooEarly,
    /// The round was published, or the same was asked within ninety days.
    #[error("this was published already")]
    PublishedAlready,
    /// Two shares that do not make this round's key.
    #[error("these shares do not make the key of the round")]
    WrongKey,
    /// The slip book is not the one of the definition.
    #[error("the slip book is not the one of the ceremony")]
    BookChanged,
    /// A list of returned slips does not open, or holds something else.
    #[error("a list of returned slips cannot be read")]
    ReturnedBroken,
}

/// The digest of a frozen box: envelopes go in sorted by name, so that no order of theirs is in it.
pub struct BoxDigest {
    hash: Sha256,
    count: u32,
    last: Option<EnvelopeId>,
    is_sorted: bool,
}

impl Default for BoxDigest {
    fn default() -> Self {
        let mut hash = Sha256::new();
        hash.update(BOX_DOMAIN);
        Self { hash, count: 0, last: None, is_sorted: true }
    }
}

impl BoxDigest {
    /// Takes the next envelope.
    pub fn take(&mut self, envelope: &Envelope) {
        self.is_sorted &= self.last.is_none_or(|last| last < envelope.id);
        self.last = Some(envelope.id);
        self.count += 1;
        self.hash.update(envelope.to_bytes());
    }

    /// How many there are, and the digest; none if a name stood twice or out of order.
    pub fn finish(self) -> Option<(u32, ContentHash)> {
        let digest = ContentHash::from_bytes(self.hash.finalize().into());
        self.is_sorted.then_some((self.count, digest))
    }
}

impl OpeningInput {
    /// Signs it as the server. `seals` and `returned` are sorted here: nothing tells which phone they came from.
    pub fn signed(mut self, server: &SigningKey) -> Self {
        self.seals.sort_unstable();
        self.returned.sort_unstable();
        self.server = public(server);
        self.signature = Signature::from_bytes([0; 64]);
        self.signature = sign(&[DOMAIN, self.digest().as_bytes()], server);
        self
    }

    /// No signature yet; for [`Self::signed`].
    fn unsigned() -> Signature {
        Signature::from_bytes([0; 64])
    }

    /// A round's file before anything is in it.
    pub fn of(round: SignedRound, slip_book: Vec<u8>, server: PublicKey) -> Self {
        Self {
            round,
            slip_book,
            lists: Vec::new(),
            seals: Vec::new(),
            returned: Vec::new(),
            issued: Issued::default(),
            earlier: Vec::new(),
            envelopes: 0,
            frozen_box: ContentHash::from_bytes([0; 32]),
            server,
            signature: Self::unsigned(),
        }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Digest of everything in it, for the minutes.
    pub fn digest(&self) -> ContentHash {
        let unsigned = Self { signature: Self::unsigned(), ..self.clone() };
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(unsigned.to_bytes());
        ContentHash::from_bytes(hash.finalize().into())
    }

    /// Reads what the server wrote, as it was written.
    pub fn read(bytes: &[u8]) -> Result<Self, InputRefused> {
        let input: Self = minicbor::decode(bytes).map_err(|_| InputRefused::Unreadable)?;
        let is_theirs = is_signed(&[DOMAIN, input.digest().as_bytes()], &input.signature, &input.server);
        if is_theirs && input.to_bytes() == bytes { Ok(input) } else { Err(InputRefused::Changed) }
    }

    /// Whether feedback may be read from a box that still takes more: everything of [`Self::check`] but the end of the
    /// round, for an intake reads while a round runs (A48).
    pub fn check_running(&self, so_far: Option<(u32, ContentHash)>) -> Result<(), InputRefused> {
        if !self.round.is_signed() {
            return Err(InputRefused::NotSigned);
        }
        if !self.round.definition.takes_feedback() {
            return Err(InputRefused::Ballots);
        }
        if !self.lists.is_empty() && !self.is_chain() {
            return Err(InputRefused::ListsBroken);
        }
        let is_whole = self.envelopes <= ENVELOPES_MAX && so_far == Some((self.envelopes, self.frozen_box));
        if is_whole { Ok(()) } else { Err(InputRefused::BoxChanged) }
    }

    /// Whether the holders may begin on this day. `frozen` is what [`BoxDigest`] says of the envelopes in the file.
    pub fn check(&self, frozen: Option<(u32, ContentHash)>, today: Day) -> Result<(), InputRefused> {
        let definition = &self.round.definition;
        if !self.round.is_signed() {
            return Err(InputRefused::NotSigned);
        }
        if definition.takes_feedback() {
            return Err(InputRefused::Feedback);
        }
        if !self.is_chain() || !self.lists.last().is_some_and(|last| last.is_last) {
            return Err(InputRefused::ListsBroken);
        }
        if self.envelopes > ENVELOPES_MAX || frozen != Some((self.envelopes, self.frozen_box)) {
            return Err(InputRefused::BoxChanged);
        }
        if today <= definition.grace {
            return Err(InputRefused::TooEarly);
        }
        let is_again = |earlier: &EarlierRound| {
            earlier.definition.id == definition.id || is_too_soon(&earlier.definition, definition)
        };
        if self.earlier.iter().any(is_again) { Err(InputRefused::PublishedAlready) } else { Ok(()) }
    }

    /// Names of the lists that are not in the box: taken away after they had arrived (A36).
    pub fn missing(&self, in_box: &HashSet<EnvelopeId>) -> u32 {
        let listed = self.lists.last().into_iter().flat_map(ReceivedList::names);
        listed.filter(|name| !in_box.contains(name)).count() as u32
    }

    /// Envelopes that all phones together sealed.
    pub fn sealed(&self) -> u32 {
        self.seals.iter().map(|seal| u32::from(seal.count())).sum()
    }

    /// Whether the lists are one chain from the first on.
    fn is_chain(&self) -> bool {
        let round = self.round.definition.id;
        let is_signed = |list: &ReceivedList| ReceivedList::read(&list.to_bytes(), &self.server).is_ok();
        let begins = self.lists.first().is_some_and(|first| first.number == 1 && first.round == round);
        let follows = self.lists.windows(2).all(|pair| pair[1].follows(&pair[0]));
        begins && follows && self.lists.iter().all(is_signed)
    }
}

/// What two holders opened beside the envelopes.
pub struct OpenedInput {
    /// Every slip that was printed.
    pub book: SlipBook,
    /// Slips that were handed back unused.
    pub returned: HashSet<SlipTag>,
}

impl OpenedInput {
    /// Opens slip book and returned slips with the round's key.
    pub fn open(input: &OpeningInput, key: &RoundKey) -> Result<Self, InputRefused> {
        let round = &input.round.definition;
        if key.public() != round.key {
            return Err(InputRefused::WrongKey);
        }
        let book = key.open_sealed(round.id, Purpose::SlipBook, &input.slip_book);
        let book = book.map_err(|_| InputRefused::BookChanged)?;
        let book = SlipBook::read(&book, &round.slip_book).map_err(|_| InputRefused::BookChanged)?;
        let printed = round.areas.iter().map(|area| (area.number, area.slips)).collect();
        if book.counts() != printed {
            return Err(InputRefused::BookChanged);
        }
        let mut returned = HashSet::new();
        for sealed in &input.returned {
            let plain = key.open_sealed(round.id, Purpose::ReturnedSlips, &sealed.0);
            let plain = plain.map_err(|_| InputRefused::ReturnedBroken)?;
            let (secrets, rest) = plain.as_chunks::<SECRET_BYTES>();
            if !rest.is_empty() {
                return Err(InputRefused::ReturnedBroken);
            }
            for secret in secrets {
                let secret = SlipSecret::from_bytes(*secret).ok_or(InputRefused::ReturnedBroken)?;
                returned.extend(round.areas.iter().map(|area| secret.tag(round.id, area.number)));
            }
        }
        Ok(Self { book, returned })
    }
}

#[cfg(test)]
mod tests;
