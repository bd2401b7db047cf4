//! Bytes that only the holders of a round's key can read, beside its envelopes: the slip book, a list of returned slips,
//! texts for the screeners.
//!
//! The same HPKE suite as for envelopes; every purpose has its own `info`. Source: anonymity A4, A8, A39.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::envelope::PRIVATE_KEY_BYTES;
use crate::hash::SealingKey;
use crate::identity::RoundId;

type Suite = X25519HkdfSha256;

const ONE_TIME_BYTES: usize = 32;

/// What is sealed; each has its own `info`, so that one never opens as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A ballot in its envelope.
    Envelope,
    /// The slip book of a round.
    SlipBook,
    /// Slips that were handed back unused.
    ReturnedSlips,
}

/// Sealed to a key that is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the key of the round is no key")]
pub struct NoKey;

/// Sealed to another key, for another purpose or round, or changed on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this was not sealed for this round")]
pub struct DoesNotOpen;

impl Purpose {
    const fn info(self) -> &'static [u8] {
        match self {
            Self::Envelope => b"langnghe/envelope/1",
            Self::SlipBook => b"langnghe/sealed-slip-book/1",
            Self::ReturnedSlips => b"langnghe/sealed-returned-slips/1",
        }
    }
}

/// Seals bytes of a round. `random` is the system's source, never a seeded one outside tests.
pub fn seal(
    (key, round): (&SealingKey, RoundId),
    purpose: Purpose,
    plain: &[u8],
    random: &mut impl CryptoRng,
) -> Result<Vec<u8>, NoKey> {
    seal_bound(key, (purpose, round.as_bytes()), plain, random)
}

/// Seals to a key, bound to what stands beside the sealed bytes.
pub(crate) fn seal_bound(
    key: &SealingKey,
    (purpose, bound_to): (Purpose, &[u8]),
    plain: &[u8],
    random: &mut impl CryptoRng,
) -> Result<Vec<u8>, NoKey> {
    let key = <Suite as Kem>::PublicKey::from_bytes(key.as_bytes()).map_err(|_| NoKey)?;
    let sealed = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeS::Base,
        &key,
        purpose.info(),
        plain,
        bound_to,
        random,
    );
    let (one_time, sealed) = sealed.map_err(|_| NoKey)?;
    Ok([one_time.to_bytes().as_slice(), &sealed].concat())
}

/// The private half of a round's key, put together by two holders.
pub struct RoundKey {
    private: <Suite as Kem>::PrivateKey,
    recount: Zeroizing<[u8; 32]>,
    ledger: Zeroizing<[u8; 32]>,
}

impl RoundKey {
    /// From its bytes, wiped afterwards.
    pub fn from_bytes(bytes: &Zeroizing<[u8; PRIVATE_KEY_BYTES]>) -> Option<Self> {
        let private = <Suite as Kem>::PrivateKey::from_bytes(bytes.as_slice()).ok()?;
        let derived = |domain: &[u8]| {
            let mut hash = Sha256::new();
            hash.update(domain);
            hash.update(**bytes);
            Zeroizing::new(hash.finalize().into())
        };
        let (recount, ledger) = (derived(b"langnghe/recount-key/1"), derived(b"langnghe/intake-ledger-key/1"));
        Some(Self { private, recount, ledger })
    }

    /// What is sealed to it.
    pub fn public(&self) -> SealingKey {
        let bytes: [u8; 32] = Suite::sk_to_pk(&self.private).to_bytes().into();
        SealingKey::from_bytes(bytes)
    }

    /// Opens what [`seal`] sealed for this purpose and round.
    pub fn open_sealed(
        &self,
        round: RoundId,
        purpose: Purpose,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
        self.open_bound((purpose, round.as_bytes()), sealed)
    }

    pub(crate) fn open_bound(
        &self,
        (purpose, bound_to): (Purpose, &[u8]),
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
        let (one_time, sealed) = sealed.split_at_checked(ONE_TIME_BYTES).ok_or(DoesNotOpen)?;
        let one_time = <Suite as Kem>::EncappedKey::from_bytes(one_time).map_err(|_| DoesNotOpen)?;
        let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &self.private,
            &one_time,
            purpose.info(),
            sealed,
            bound_to,
        );
        plain.map(Zeroizing::new).map_err(|_| DoesNotOpen)
    }

    /// A key for what those who read feedback keep between two batches; it tells nothing of the private key.
    pub fn ledger_key(&self) -> &Zeroizing<[u8; 32]> {
        &self.ledger
    }

    /// A key for the word by which two counts are compared; it tells nothing of the private key (A38).
    pub(crate) fn recount_key(&self) -> &[u8; 32] {
        &self.recount
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const ROUND: RoundId = RoundId::from_bytes([5; 16]);

    fn key(seed: u8) -> RoundKey {
        RoundKey::from_bytes(&Zeroizing::new([seed; PRIVATE_KEY_BYTES])).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_one_key_one_round_and_one_purpose() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let sealed = seal((&key(7).public(), ROUND), Purpose::SlipBook, b"tags", &mut random).unwrap();
        let open = |key: RoundKey, round, purpose| key.open_sealed(round, purpose, &sealed);
        assert!(open(key(7), ROUND, Purpose::SlipBook).is_ok_and(|plain| *plain == b"tags"));
        assert!(open(key(8), ROUND, Purpose::SlipBook).is_err());
        assert!(open(key(7), RoundId::from_bytes([6; 16]), Purpose::SlipBook).is_err());
        assert!(open(key(7), ROUND, Purpose::ReturnedSlips).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key(7).open_sealed(ROUND, Purpose::SlipBook, &changed).is_err(), "byte {place}");
        }
    }
}
