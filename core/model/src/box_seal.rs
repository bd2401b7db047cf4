//! The seal of a phone's box: how many envelopes it holds and a root over them, said once, before closing.
//!
//! The root commits to every envelope without naming one: each leaf is salted, and the salts stay on the phone. A box that
//! arrives late is known by it, and a phone without network reads its seal over the telephone as sixteen symbols. Source:
//! anonymity A18-A20.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::envelope::Envelope;
use crate::hash::ContentHash;
use crate::symbols::Sixteen;

/// Slots of a phone's box, so the most envelopes of one phone in one round.
pub const SLOTS: usize = 64;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;

/// Bits of the root that are read over the telephone; beside them seven bits of the count.
const SPOKEN_ROOT_BITS: u32 = 73;

/// A box of one phone and one round: a random name that stands on no envelope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct BoxId(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]);

impl BoxId {
    /// From random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// An envelope as the seal holds it; without the salt nobody can tell which.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Leaf(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl Leaf {
    /// From the bytes that a phone or a late batch holds.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Of an envelope under its salt, 32 random bytes that stay on the phone.
    pub fn of(envelope: &Envelope, salt: &[u8; SALT_BYTES]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/leaf/1");
        hash.update(salt);
        hash.update(envelope.id.as_bytes());
        hash.update(envelope.content().as_bytes());
        Self(hash.finalize().into())
    }
}

/// What a phone says of its box, once.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BoxSeal {
    /// Which box.
    #[n(0)]
    pub id: BoxId,
    /// Envelopes in it, at most [`SLOTS`].
    #[n(1)]
    pub count: u8,
    /// Over its leaves.
    #[n(2)]
    pub root: ContentHash,
}

/// More leaves than a box has slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a box has {SLOTS} slots")]
pub struct TooMany;

impl BoxSeal {
    /// Seals a box; the order of its slots is lost.
    pub fn of(id: BoxId, leaves: &[Leaf]) -> Result<Self, TooMany> {
        if leaves.len() > SLOTS {
            return Err(TooMany);
        }
        let mut sorted = leaves.to_vec();
        sorted.sort_unstable();
        let count = leaves.len() as u8;
        let mut hash = Sha256::new();
        hash.update(b"langnghe/box/1");
        hash.update(id.0);
        hash.update([count]);
        sorted.iter().for_each(|leaf| hash.update(leaf.0));
        Ok(Self { id, count, root: ContentHash::from_bytes(hash.finalize().into()) })
    }

    /// Whether these are all the leaves of this box.
    pub fn covers(&self, leaves: &[Leaf]) -> bool {
        Self::of(self.id, leaves).is_ok_and(|seal| seal == *self)
    }

    /// What a volunteer reads over the telephone.
    pub fn spoken(&self) -> SpokenSeal {
        let [first, ..] = self.root.as_bytes().as_chunks::<16>().0 else { unreachable!("a root has two halves") };
        let root = u128::from_be_bytes(*first) >> (u128::BITS - SPOKEN_ROOT_BITS);
        SpokenSeal(Sixteen::from_bits(u128::from(self.count) << SPOKEN_ROOT_BITS | root))
    }
}

/// A seal as sixteen symbols: seven bits of the count, 73 of the root. The clerk writes it down before closing; when the
/// box arrives, its whole seal must begin like this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpokenSeal(Sixteen);

/// Bytes of a spoken seal where it is written down.
const SPOKEN_BYTES: usize = 10;

impl SpokenSeal {
    /// How many envelopes it says.
    pub fn count(self) -> u8 {
        (self.0.bits() >> SPOKEN_ROOT_BITS) as u8
    }

    /// Reads what somebody typed after the telephone; `None` if it is not sixteen symbols, or says more than a box holds.
    pub fn from_typed(text: &str) -> Option<Self> {
        Sixteen::from_typed(text).map(Self).filter(|seal| usize::from(seal.count()) <= SLOTS)
    }
}

impl std::fmt::Display for SpokenSeal {
    /// Four groups of four.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl<C> Encode<C> for SpokenSeal {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.bytes(&self.0.bits().to_be_bytes()[16 - SPOKEN_BYTES..])?.ok()
    }
}

impl<'b, C> Decode<'b, C> for SpokenSeal {
    fn decode(input: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: [u8; SPOKEN_BYTES] =
            input.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("a spoken seal has ten bytes"))?;
        let mut bits = [0; 16];
        bits[16 - SPOKEN_BYTES..].copy_from_slice(&bytes);
        let seal = Self(Sixteen::from_bits(u128::from_be_bytes(bits)));
        let is_possible = usize::from(seal.count()) <= SLOTS;
        if is_possible { Ok(seal) } else { Err(minicbor::decode::Error::message("a box has 64 slots")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: BoxId = BoxId::from_bytes([1; 16]);

    fn leaves(count: u8) -> Vec<Leaf> {
        (0..count).map(|number| Leaf([number; 32])).collect()
    }

    fn seal(count: u8) -> BoxSeal {
        BoxSeal::of(ID, &leaves(count)).unwrap_or_else(|refused| panic!("{refused}"))
    }

    #[test]
    fn the_seal_does_not_know_the_order_of_its_slots() {
        let mut turned = leaves(15);
        turned.reverse();
        assert!(seal(15).covers(&turned) && seal(15).covers(&leaves(15)));
    }

    /// A20: one leaf more, one less, another one, another box.
    #[test]
    fn a_box_that_was_changed_after_its_seal_is_known() {
        let mut other = leaves(15);
        other[3] = Leaf([99; 32]);
        assert!(!seal(15).covers(&leaves(14)) && !seal(15).covers(&leaves(16)) && !seal(15).covers(&other));
        let elsewhere = BoxSeal::of(BoxId::from_bytes([2; 16]), &leaves(15));
        assert!(elsewhere.is_ok_and(|elsewhere| elsewhere != seal(15)));
        assert!(BoxSeal::of(ID, &leaves(65)).is_err());
    }

    /// A20: seven bits of the count, 73 of the root.
    #[test]
    fn a_seal_is_read_over_the_telephone() {
        for count in [0, 1, 15, 64] {
            let spoken = seal(count).spoken();
            let text = spoken.to_string();
            assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [4; 4], "{text}");
            assert_eq!(spoken.count(), count);
            let written = minicbor::to_vec(spoken).unwrap();
            assert!(minicbor::decode(&written).is_ok_and(|read: SpokenSeal| read == spoken));
            for typed in [text.clone(), text.to_lowercase(), text.replace(' ', ""), text.replace(' ', "-")] {
                assert!(SpokenSeal::from_typed(&typed) == Some(spoken), "{typed}");
            }
        }
        assert!(seal(15).spoken() != seal(16).spoken());
        for wrong in ["", "ABCD EFGH JKLM NPQ", "ABCD EFGH JKLM NPQRS", "0BCD EFGH JKLM NPQR", "9999 9999 9999 9999"] {
            assert!(SpokenSeal::from_typed(wrong).is_none(), "{wrong}");
        }
    }

    /// A19: without the salts nobody can match envelopes and seal.
    #[test]
    fn equal_envelopes_under_other_salts_are_other_leaves() {
        let envelope = crate::envelope::samples::sealed(&crate::envelope::samples::round(), 1);
        assert!(Leaf::of(&envelope, &[1; 32]) == Leaf::of(&envelope, &[1; 32]));
        assert!(Leaf::of(&envelope, &[1; 32]) != Leaf::of(&envelope, &[2; 32]));
    }
}
