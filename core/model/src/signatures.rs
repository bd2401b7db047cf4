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

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    use ed25519_dalek::SigningKey;
    use sha2::Sha512;

    use super::*;
    use crate::entry::{EntryDraft, EntryKind, Submit};
    use crate::handshake::public;
    use crate::hash::{EntryHash, Signature};
    use crate::identity::{DocumentId, PersonId, SpaceId};

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[4; 32])
    }

    fn honest(number: i64) -> Entry {
        let form = EntryHash::from_bytes([1; 32]);
        let submit = Submit { heads: Vec::new(), value: Vec::new(), form, over: None, claimed_ms: number };
        let draft = EntryDraft {
            kind: EntryKind::Submit,
            space: SpaceId::from_bytes([1; 16]),
            document: DocumentId::from_bytes([2; 16]),
            person: PersonId::from_bytes([3; 16]),
            incarnation: 1,
            body: minicbor::to_vec(&submit).unwrap(),
        };
        Entry::sign(draft, &key()).unwrap()
    }

    /// Signed by the right key with a point of small order mixed in: some verifiers take it, some do not.
    fn crafted(number: i64) -> Entry {
        let mut entry = honest(number);
        let nonce = Scalar::from(number as u64 + 7);
        let commitment = &nonce * ED25519_BASEPOINT_TABLE + EIGHT_TORSION[1 + number as usize % 7];
        let commitment = commitment.compress().to_bytes();
        let challenge = Sha512::new()
            .chain_update(commitment)
            .chain_update(public(&key()).as_bytes())
            .chain_update(entry.signed_bytes())
            .finalize();
        let response = nonce + Scalar::from_bytes_mod_order_wide(&challenge.into()) * key().to_scalar();
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&commitment);
        signature[32..].copy_from_slice(response.as_bytes());
        entry.fields.signature = Signature::from_bytes(signature);
        entry
    }

    fn forged(number: i64) -> Entry {
        let mut entry = honest(number);
        entry.fields.signature = honest(number + 1).fields.signature;
        entry
    }

    fn holds(entries: &[Entry]) -> bool {
        let mut batch = SignatureBatch::default();
        entries.iter().for_each(|entry| batch.add(entry, &public(&key())));
        batch.holds()
    }

    #[test]
    fn a_signature_means_the_same_alone_and_in_every_company() {
        for number in 0..56 {
            for entry in [honest(number), crafted(number), forged(number)] {
                let alone = entry.is_signed_by(&public(&key()));
                let company: Vec<Entry> = (0..number % 5).map(crafted).chain([entry]).collect();
                assert_eq!(holds(&company), alone, "{number}");
            }
        }
        assert!(crafted(0).is_signed_by(&public(&key())) && !forged(0).is_signed_by(&public(&key())));
    }

    #[test]
    fn a_batch_of_nothing_holds_and_one_under_another_devices_key_does_not() {
        assert!(holds(&[]));
        let mut batch = SignatureBatch::default();
        batch.add(&honest(1), &public(&SigningKey::from_bytes(&[5; 32])));
        assert!(!batch.holds());
    }
}
