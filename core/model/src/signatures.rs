//! Author signatures, one or many at once.
//!
//! The server verifies the entries of a request as one batch before it stores them, a phone the rows of a reply. Both
//! follow ZIP 215: its rules give the same answer alone and in any batch, so what one server took in no phone can find
//! forged. Strict single verification beside ordinary batches does not have this property: a device could craft a
//! signature that passes in some batches only.
//!
//! The weights of a batch are drawn from a hash over everything in it, so this module needs no randomness.

use ed25519_zebra::batch::{Item, Verifier};
use ed25519_zebra::{Signature, VerificationKeyBytes};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use crate::entry::{Entry, device_id};
use crate::hash::PublicKey;

/// Signatures waiting to be verified together.
#[derive(Default)]
pub struct SignatureBatch {
    verifier: Verifier,
    transcript: Sha256,
    is_hopeless: bool,
}

impl SignatureBatch {
    /// Adds an entry and the key that its device has; a key of another device can never verify.
    pub fn add(&mut self, entry: &Entry, key: &PublicKey) {
        self.is_hopeless |= device_id(key) != entry.fields.device;
        let (message, signature) = (entry.signed_bytes(), entry.fields.signature.as_bytes());
        self.transcript.update(key.as_bytes());
        self.transcript.update(message);
        self.transcript.update(signature);
        let key = VerificationKeyBytes::from(*key.as_bytes());
        self.verifier.queue(Item::from((key, Signature::from_bytes(signature), &message)));
    }

    /// Whether every one fits.
    pub fn holds(self) -> bool {
        let weights = ChaCha20Rng::from_seed(self.transcript.finalize().into());
        !self.is_hopeless && self.verifier.verify(weights).is_ok()
    }
}
