//! The file of an intake: the key that opens what is about services and the street, under one passphrase.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use model::envelope::PRIVATE_KEY_BYTES;
use model::identity::RoundId;
use model::round::{Fingerprint, RoundDefinition};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::IntakeRefused;
use crate::passphrase::{Locked, Passphrase, SALT_BYTES, Stretch};

/// The largest file that is taken for one.
pub const KEYS_BYTES_MAX: u64 = 4096;

const VERSION: u8 = 1;
const PLAIN_BYTES: usize = 2 * PRIVATE_KEY_BYTES;

/// What the intake has after its passphrase was right. Wiped.
pub struct IntakeKeys {
    /// Opens envelopes.
    pub private: Zeroizing<[u8; PRIVATE_KEY_BYTES]>,
    /// Signs packets.
    pub signing: SigningKey,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Head {
    #[n(0)]
    version: u8,
    #[n(1)]
    round: RoundId,
    #[cbor(n(2), with = "minicbor::bytes")]
    fingerprint: [u8; 10],
    #[n(3)]
    stretch: Stretch,
    #[cbor(n(4), with = "minicbor::bytes")]
    salt: [u8; SALT_BYTES],
}

/// The file.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct IntakeFile {
    #[n(0)]
    head: Head,
    #[n(1)]
    locked: Locked,
}

impl IntakeKeys {
    /// Fresh ones.
    pub fn drawn(random: &mut impl CryptoRng) -> Self {
        let (mut private, mut seed) = (Zeroizing::new([0; PRIVATE_KEY_BYTES]), Zeroizing::new([0; 32]));
        random.fill_bytes(private.as_mut());
        random.fill_bytes(seed.as_mut());
        Self { private, signing: SigningKey::from_bytes(&seed) }
    }
}

impl IntakeFile {
    /// Locks the keys of a round's intake.
    pub fn lock(
        keys: &IntakeKeys,
        round: &RoundDefinition,
        (passphrase, stretch): (&Passphrase, Stretch),
        random: &mut impl CryptoRng,
    ) -> Self {
        let mut salt = [0; SALT_BYTES];
        random.fill_bytes(&mut salt);
        let fingerprint = *round.fingerprint().as_bytes();
        let head = Head { version: VERSION, round: round.id, fingerprint, stretch, salt };
        let mut plain = Zeroizing::new([0; PLAIN_BYTES]);
        plain[..PRIVATE_KEY_BYTES].copy_from_slice(keys.private.as_slice());
        plain[PRIVATE_KEY_BYTES..].copy_from_slice(keys.signing.as_bytes());
        let key = passphrase.key(stretch, &salt).expect("what is written is within the bounds of what is read");
        let locked = Locked::lock(&key, (plain.as_slice(), &head.to_bytes()), random);
        Self { head, locked }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads a file of this round; asked before anybody types a passphrase.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, IntakeRefused> {
        let file: Self = minicbor::decode(bytes).map_err(|_| IntakeRefused::NoKey)?;
        if file.head.version != VERSION || file.to_bytes() != bytes {
            return Err(IntakeRefused::NoKey);
        }
        let is_of_round =
            file.head.round == round.id && Fingerprint::from_bytes(file.head.fingerprint) == round.fingerprint();
        if is_of_round { Ok(file) } else { Err(IntakeRefused::OtherRound) }
    }

    /// Opens it.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<IntakeKeys, IntakeRefused> {
        let key = passphrase.key(self.head.stretch, &self.head.salt).map_err(|_| IntakeRefused::NoKey)?;
        let plain = self.locked.unlock(&key, &self.head.to_bytes()).ok_or(IntakeRefused::WrongPassphrase)?;
        let ([private, signing], []) = plain.as_chunks::<PRIVATE_KEY_BYTES>() else {
            return Err(IntakeRefused::NoKey);
        };
        Ok(IntakeKeys { private: Zeroizing::new(*private), signing: SigningKey::from_bytes(signing) })
    }
}

impl Head {
    fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }
}
