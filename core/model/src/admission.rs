//! What lets a batch of envelopes in without saying who brings it: one key for all phones of a round.
//!
//! The definition holds the key's hash, so that no phone can be given a key of its own and be known by it. A batch has
//! one size whatever it holds. Source: anonymity A20-A23.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::box_seal::{BoxId, BoxSeal, Leaf, SALT_BYTES, SLOTS};
use crate::envelope::Envelope;
use crate::hash::ContentHash;
use crate::identity::RoundId;
use crate::round::RoundDefinition;

/// Envelopes that one request has room for; a larger batch goes in several, each over a connection of its own.
pub const BATCH_SLOTS: usize = 16;

/// The fewest that travel together before a box is sealed (A21).
pub const BATCH_LEAST: usize = 5;

/// Bytes of an admission key.
pub const ADMISSION_BYTES: usize = 32;

const MAC_BYTES: usize = 32;
const ROUND_BYTES: usize = 16;
const BOX_BYTES: usize = 16;
const LEAF_BYTES: usize = 32;

/// The admission key of a round, the same for all its phones.
#[derive(Clone, PartialEq, Eq)]
pub struct AdmissionKey([u8; ADMISSION_BYTES]);

/// Why a batch was not read. Nothing of it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BatchRefused {
    /// Not the one size of the round's batches, or broken inside.
    #[error("this is no batch of the round")]
    Unreadable,
    /// Made without the round's admission key.
    #[error("the batch does not carry the round's admission")]
    NotAdmitted,
    /// A late batch whose leaves do not make the seal, or whose envelopes are no leaves of it.
    #[error("the batch is not what the box's seal says")]
    NotOfTheSeal,
}

impl AdmissionKey {
    /// From random bytes.
    pub const fn from_bytes(bytes: [u8; ADMISSION_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, as they travel to the phones of the round.
    pub const fn as_bytes(&self) -> &[u8; ADMISSION_BYTES] {
        &self.0
    }

    /// What the definition holds of it.
    pub fn hash(&self) -> ContentHash {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/admission/1");
        hash.update(self.0);
        ContentHash::from_bytes(hash.finalize().into())
    }

    /// Whether it is the one that the holders signed.
    pub fn is_of(&self, round: &RoundDefinition) -> bool {
        self.hash() == round.admission
    }

    fn mac(&self, domain: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a MAC takes a key of any length");
        mac.update(domain);
        mac.update(body);
        mac
    }

    fn admit(&self, domain: &[u8], body: Vec<u8>) -> Vec<u8> {
        let mac: [u8; MAC_BYTES] = self.mac(domain, &body).finalize().into_bytes().into();
        [&mac[..], &body].concat()
    }

    fn admitted<'a>(&self, domain: &[u8], bytes: &'a [u8]) -> Result<&'a [u8], BatchRefused> {
        let (mac, body) = bytes.split_at_checked(MAC_BYTES).ok_or(BatchRefused::Unreadable)?;
        self.mac(domain, body).verify_slice(mac).map_err(|_| BatchRefused::NotAdmitted)?;
        Ok(body)
    }
}

/// The round that a batch names, read before anything else is; none if there is none.
pub fn round_of(bytes: &[u8]) -> Option<RoundId> {
    let round: [u8; ROUND_BYTES] = bytes.get(MAC_BYTES..MAC_BYTES + ROUND_BYTES)?.try_into().ok()?;
    Some(RoundId::from_bytes(round))
}

/// Envelopes of one round in the form in which they travel before the round closes.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// At most [`BATCH_SLOTS`].
    pub envelopes: Vec<Envelope>,
}

const BATCH_DOMAIN: &[u8] = b"langnghe/batch/1";

impl Batch {
    /// Bytes of every batch of a round.
    pub fn bytes_of(round: &RoundDefinition) -> usize {
        MAC_BYTES + ROUND_BYTES + 1 + BATCH_SLOTS * round.envelope_bytes()
    }

    /// As it travels: as long for one envelope as for sixteen.
    ///
    /// # Panics
    ///
    /// With more than [`BATCH_SLOTS`] envelopes, or one of another round.
    pub fn to_bytes(&self, round: &RoundDefinition, key: &AdmissionKey) -> Vec<u8> {
        assert!(self.envelopes.len() <= BATCH_SLOTS, "a batch has {BATCH_SLOTS} slots");
        let mut body = [&round.id.as_bytes()[..], &[self.envelopes.len() as u8]].concat();
        for envelope in &self.envelopes {
            assert!(envelope.round == round.id, "a batch is of one round");
            body.extend_from_slice(&envelope.to_bytes());
        }
        body.resize(Self::bytes_of(round) - MAC_BYTES, 0);
        key.admit(BATCH_DOMAIN, body)
    }

    /// Reads a batch of this round.
    pub fn read(bytes: &[u8], round: &RoundDefinition, key: &AdmissionKey) -> Result<Self, BatchRefused> {
        if bytes.len() != Self::bytes_of(round) {
            return Err(BatchRefused::Unreadable);
        }
        let body = key.admitted(BATCH_DOMAIN, bytes)?;
        let (head, slots) = body.split_at(ROUND_BYTES + 1);
        let count = usize::from(head[ROUND_BYTES]);
        if head[..ROUND_BYTES] != *round.id.as_bytes() || count > BATCH_SLOTS {
            return Err(BatchRefused::Unreadable);
        }
        let (used, rest) = slots.split_at(count * round.envelope_bytes());
        if rest.iter().any(|byte| *byte != 0) {
            return Err(BatchRefused::Unreadable);
        }
        let read = |slot| Envelope::read(slot, round).map_err(|_| BatchRefused::Unreadable);
        let envelopes: Result<Vec<Envelope>, BatchRefused> = used.chunks(round.envelope_bytes()).map(read).collect();
        Ok(Self { envelopes: envelopes? })
    }
}

/// Envelopes of a box that was sealed in time and arrives after closing, with what proves it: every leaf of the box, and
/// the salts of those that come now (A20).
#[derive(Clone, PartialEq, Eq)]
pub struct LateBatch {
    /// Which box.
    pub of: BoxId,
    /// All its leaves, also of envelopes that arrived in time, sorted.
    pub leaves: Vec<Leaf>,
    /// At most [`BATCH_SLOTS`], each with its salt.
    pub envelopes: Vec<([u8; SALT_BYTES], Envelope)>,
}

const LATE_DOMAIN: &[u8] = b"langnghe/late/1";
const LATE_HEAD_BYTES: usize = ROUND_BYTES + BOX_BYTES + 2 + SLOTS * LEAF_BYTES;

impl LateBatch {
    /// Bytes of every late batch of a round.
    pub fn bytes_of(round: &RoundDefinition) -> usize {
        MAC_BYTES + LATE_HEAD_BYTES + BATCH_SLOTS * (SALT_BYTES + round.envelope_bytes())
    }

    /// As it travels.
    ///
    /// # Panics
    ///
    /// With more leaves or envelopes than there is room for.
    pub fn to_bytes(&self, round: &RoundDefinition, key: &AdmissionKey) -> Vec<u8> {
        assert!(self.leaves.len() <= SLOTS && self.envelopes.len() <= BATCH_SLOTS, "a box has {SLOTS} slots");
        let counts = [self.leaves.len() as u8, self.envelopes.len() as u8];
        let mut body = [&round.id.as_bytes()[..], self.of.as_bytes(), &counts].concat();
        self.leaves.iter().for_each(|leaf| body.extend_from_slice(leaf.as_bytes()));
        body.resize(LATE_HEAD_BYTES, 0);
        for (salt, envelope) in &self.envelopes {
            body.extend_from_slice(salt);
            body.extend_from_slice(&envelope.to_bytes());
        }
        body.resize(Self::bytes_of(round) - MAC_BYTES, 0);
        key.admit(LATE_DOMAIN, body)
    }

    /// Reads a late batch of this round.
    pub fn read(bytes: &[u8], round: &RoundDefinition, key: &AdmissionKey) -> Result<Self, BatchRefused> {
        if bytes.len() != Self::bytes_of(round) {
            return Err(BatchRefused::Unreadable);
        }
        let body = key.admitted(LATE_DOMAIN, bytes)?;
        let (head, slots) = body.split_at(LATE_HEAD_BYTES);
        let (named, of) = head.split_at(ROUND_BYTES);
        let (of, counted) = of.split_first_chunk::<BOX_BYTES>().ok_or(BatchRefused::Unreadable)?;
        let (leaves, envelopes) = (usize::from(counted[0]), usize::from(counted[1]));
        if *named != *round.id.as_bytes() || leaves > SLOTS || envelopes > BATCH_SLOTS {
            return Err(BatchRefused::Unreadable);
        }
        let (chunks, _) = counted[2..].as_chunks::<LEAF_BYTES>();
        let leaves = chunks[..leaves].iter().map(|leaf| Leaf::from_bytes(*leaf)).collect();
        let read = |slot: &[u8]| {
            let (salt, envelope) = slot.split_first_chunk::<SALT_BYTES>().ok_or(BatchRefused::Unreadable)?;
            Ok((*salt, Envelope::read(envelope, round).map_err(|_| BatchRefused::Unreadable)?))
        };
        let slot_bytes = SALT_BYTES + round.envelope_bytes();
        let read: Result<Vec<_>, BatchRefused> = slots.chunks(slot_bytes).take(envelopes).map(read).collect();
        let batch = Self { of: BoxId::from_bytes(*of), leaves, envelopes: read? };
        if batch.to_bytes(round, key) == bytes { Ok(batch) } else { Err(BatchRefused::Unreadable) }
    }

    /// The seal that it proves: all leaves make one root, and every envelope that comes is one of them.
    pub fn seal(&self) -> Result<BoxSeal, BatchRefused> {
        let is_leaf = |(salt, envelope): &([u8; SALT_BYTES], Envelope)| self.leaves.contains(&Leaf::of(envelope, salt));
        let is_sorted = self.leaves.is_sorted_by(|one, next| one < next);
        if !is_sorted || !self.envelopes.iter().all(is_leaf) {
            return Err(BatchRefused::NotOfTheSeal);
        }
        BoxSeal::of(self.of, &self.leaves).map_err(|_| BatchRefused::NotOfTheSeal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::samples::sealed;
    use crate::round::samples;

    fn key() -> AdmissionKey {
        AdmissionKey::from_bytes([4; 32])
    }

    fn round() -> RoundDefinition {
        RoundDefinition { admission: key().hash(), ..crate::envelope::samples::round() }
    }

    fn batch(count: u64) -> Batch {
        Batch { envelopes: (0..count).map(|seed| sealed(&round(), seed)).collect() }
    }

    fn late(count: u64) -> LateBatch {
        let envelopes: Vec<_> = (0..count).map(|seed| ([seed as u8; SALT_BYTES], sealed(&round(), seed))).collect();
        let mut leaves: Vec<Leaf> = envelopes.iter().map(|(salt, envelope)| Leaf::of(envelope, salt)).collect();
        leaves.sort_unstable();
        LateBatch { of: BoxId::from_bytes([1; 16]), leaves, envelopes }
    }

    /// A22: byte lengths are equal for one envelope and for fifteen.
    #[test]
    fn a_batch_is_as_long_for_one_envelope_as_for_fifteen() {
        for count in [0, 1, 15, 16] {
            let bytes = batch(count).to_bytes(&round(), &key());
            assert_eq!(bytes.len(), Batch::bytes_of(&round()));
            assert!(Batch::read(&bytes, &round(), &key()) == Ok(batch(count)));
            assert_eq!(round_of(&bytes), Some(round().id));
            let bytes = late(count).to_bytes(&round(), &key());
            assert_eq!(bytes.len(), LateBatch::bytes_of(&round()));
            assert!(LateBatch::read(&bytes, &round(), &key()) == Ok(late(count)));
        }
    }

    /// A23: another key is refused by the phone, because the definition holds the hash of the one key.
    #[test]
    fn a_phone_takes_no_admission_key_but_the_one_of_the_definition() {
        assert!(key().is_of(&round()));
        assert!(!AdmissionKey::from_bytes([5; 32]).is_of(&round()));
    }

    #[test]
    fn a_batch_without_the_admission_or_with_one_changed_byte_is_refused() {
        let bytes = batch(3).to_bytes(&round(), &key());
        let other = AdmissionKey::from_bytes([5; 32]);
        assert!(Batch::read(&bytes, &round(), &other).err() == Some(BatchRefused::NotAdmitted));
        for place in (0..bytes.len()).step_by(13) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(Batch::read(&changed, &round(), &key()).is_err(), "byte {place}");
        }
        assert!(Batch::read(&bytes[1..], &round(), &key()).err() == Some(BatchRefused::Unreadable));
        let elsewhere = RoundDefinition { id: RoundId::from_bytes([9; 16]), ..samples::confidence() };
        assert!(Batch::read(&bytes, &elsewhere, &key()).is_err());
        assert!(LateBatch::read(&bytes, &round(), &key()).is_err());
    }

    /// A20: one leaf more, another ciphertext.
    #[test]
    fn a_late_batch_proves_its_seal_or_nothing() {
        let sealed_box = late(6);
        let seal = sealed_box.seal().unwrap_or_else(|refused| panic!("{refused}"));
        assert!(seal.covers(&sealed_box.leaves) && seal.count == 6);
        let part = LateBatch { envelopes: sealed_box.envelopes[..2].to_vec(), ..sealed_box.clone() };
        assert!(part.seal() == Ok(seal), "the rest arrived in time");
        let mut more = sealed_box.clone();
        more.leaves.push(Leaf::from_bytes([255; 32]));
        assert!(more.seal().is_ok_and(|other| other != seal));
        let mut other = sealed_box.clone();
        other.envelopes[0].1 = sealed(&round(), 99);
        assert!(other.seal() == Err(BatchRefused::NotOfTheSeal));
        let mut twice = sealed_box;
        twice.leaves[1] = twice.leaves[0];
        assert!(twice.seal() == Err(BatchRefused::NotOfTheSeal));
    }
}
