//! The code under which a resident finds the answer: made on the phone, shown once, sealed inside, never sent.
//!
//! It looks like a slip and is checked like one, group by group, against the fingerprint of its round, so that a slip is
//! never taken for a code of another round. Source: anonymity A50.

use crate::round::Fingerprint;
use crate::slip::{GROUPS, SECRET_BYTES, SlipRefused, SlipSecret};

/// Bytes of a code where it is written down.
pub const CODE_BYTES: usize = SECRET_BYTES;

/// Sixty random bits. Whoever has them reads the answer; wiped, and never printed by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReplyCode(SlipSecret);

impl ReplyCode {
    /// From random bytes.
    pub fn from_random(random: [u8; CODE_BYTES]) -> Self {
        Self(SlipSecret::from_random(random))
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: [u8; CODE_BYTES]) -> Option<Self> {
        SlipSecret::from_bytes(bytes).map(Self)
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> [u8; CODE_BYTES] {
        self.0.to_bytes()
    }

    /// As it is shown: four groups of four, each with its check symbol.
    pub fn groups(&self, fingerprint: &Fingerprint) -> [String; GROUPS] {
        self.0.groups(fingerprint)
    }

    /// Reads what a person typed, without a network.
    pub fn from_typed(text: &str, fingerprint: &Fingerprint) -> Result<Self, SlipRefused> {
        SlipSecret::from_typed(text, fingerprint).map(Self)
    }
}
