//! The file that each of the three holders takes home: half a key for every other holder, and the key with which they
//! sign, locked with a passphrase.
//!
//! Two files of one round and two passphrases open it; one file tells nothing. Outside it says only whose it is and how
//! dear a guess is. Source: anonymity A32, A52.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use model::handshake::public;
use model::identity::RoundId;
use model::round::holder::{HOLDERS, OPENERS};
use model::round::{Fingerprint, RoundDefinition};
use model::sealing::RoundKey;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::passphrase::{Locked, Passphrase, SALT_BYTES, Stretch};
use crate::sharing::{self, Halves, KEY_BYTES};

/// The largest file that is taken for a share.
pub const SHARE_BYTES_MAX: u64 = 4096;

const VERSION: u8 = 1;
const SUM_BYTES: usize = 8;
const PLAIN_BYTES: usize = 3 * KEY_BYTES;

/// Why a share does not help to open a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShareRefused {
    /// Another file, or of a newer version.
    #[error("this is no share")]
    Unreadable,
    /// It was a share, and bytes of it changed.
    #[error("the share is damaged")]
    Damaged,
    /// Of another round, or of a round with another definition.
    #[error("the share of holder {holder} is of another round")]
    OtherRound {
        /// From 1.
        holder: u8,
    },
    /// The passphrase is another one.
    #[error("the passphrase does not open the share of holder {holder}")]
    WrongPassphrase {
        /// From 1.
        holder: u8,
    },
    /// One share, or both of one holder.
    #[error("two different holders are needed")]
    OneHolder,
    /// Two good shares that do not make the round's key.
    #[error("these shares do not make the key of the round")]
    WrongKey,
}

/// What stands outside, bound to what is inside.
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
    holder: u8,
    #[n(4)]
    stretch: Stretch,
    #[cbor(n(5), with = "minicbor::bytes")]
    salt: [u8; SALT_BYTES],
}

/// The file of one holder.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Share {
    #[n(0)]
    head: Head,
    #[n(1)]
    locked: Locked,
    /// Tells a damaged file from a wrong passphrase.
    #[cbor(n(2), with = "minicbor::bytes")]
    sum: [u8; SUM_BYTES],
}

/// What one holder has after the passphrase was right. Wiped.
pub struct HolderKeys {
    /// Half a key for each of the others.
    pub halves: Halves,
    /// What they sign with.
    pub signing: SigningKey,
}

/// What two holders have together. Wiped.
pub struct OpenerKeys {
    /// The round's key.
    pub round: RoundKey,
    /// What the two sign with.
    pub signing: [SigningKey; OPENERS],
    /// Who they are, from 0, rising.
    pub holders: [usize; OPENERS],
}

impl Share {
    /// Locks what a holder keeps.
    pub fn lock(
        keys: &HolderKeys,
        round: &RoundDefinition,
        (passphrase, stretch): (&Passphrase, Stretch),
        random: &mut impl CryptoRng,
    ) -> Self {
        let mut salt = [0; SALT_BYTES];
        random.fill_bytes(&mut salt);
        let (fingerprint, holder) = (*round.fingerprint().as_bytes(), keys.halves.holder() as u8 + 1);
        let head = Head { version: VERSION, round: round.id, fingerprint, holder, stretch, salt };
        let mut plain = Zeroizing::new([0; PLAIN_BYTES]);
        let [first, second] = keys.halves.halves();
        plain[..KEY_BYTES].copy_from_slice(keys.signing.as_bytes());
        plain[KEY_BYTES..2 * KEY_BYTES].copy_from_slice(first.as_slice());
        plain[2 * KEY_BYTES..].copy_from_slice(second.as_slice());
        let key = passphrase.key(stretch, &salt).expect("what is written is within the bounds of what is read");
        let locked = Locked::lock(&key, (plain.as_slice(), &head.to_bytes()), random);
        let sum = sum_of(&head, &locked);
        Self { head, locked, sum }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads a file; whether it is of a round is said by [`Self::check`].
    pub fn read(bytes: &[u8]) -> Result<Self, ShareRefused> {
        let share: Self = minicbor::decode(bytes).map_err(|_| ShareRefused::Unreadable)?;
        let head = &share.head;
        if head.version != VERSION || !(1..=HOLDERS as u8).contains(&head.holder) {
            return Err(ShareRefused::Unreadable);
        }
        let is_whole = share.sum == sum_of(head, &share.locked) && share.to_bytes() == bytes;
        if is_whole { Ok(share) } else { Err(ShareRefused::Damaged) }
    }

    /// Whose it is, from 1 in the order of the round's holders.
    pub fn holder(&self) -> u8 {
        self.head.holder
    }

    /// Whether it is of this round; asked before anybody types a passphrase.
    pub fn check(&self, round: &RoundDefinition) -> Result<(), ShareRefused> {
        let is_of_round =
            self.head.round == round.id && Fingerprint::from_bytes(self.head.fingerprint) == round.fingerprint();
        if is_of_round { Ok(()) } else { Err(ShareRefused::OtherRound { holder: self.head.holder }) }
    }

    /// Opens it with its holder's passphrase.
    pub fn unlock(&self, passphrase: &Passphrase, round: &RoundDefinition) -> Result<HolderKeys, ShareRefused> {
        self.check(round)?;
        let holder = self.head.holder;
        let key = passphrase.key(self.head.stretch, &self.head.salt).map_err(|_| ShareRefused::Damaged)?;
        let plain = self.locked.unlock(&key, &self.head.to_bytes());
        let plain = plain.ok_or(ShareRefused::WrongPassphrase { holder })?;
        let ([signing, first, second], []) = plain.as_chunks::<KEY_BYTES>() else {
            return Err(ShareRefused::Damaged);
        };
        let signing = SigningKey::from_bytes(signing);
        let index = usize::from(holder) - 1;
        let halves = Halves::of(index, [Zeroizing::new(*first), Zeroizing::new(*second)]);
        match halves {
            Some(halves) if round.holders[index].key == public(&signing) => Ok(HolderKeys { halves, signing }),
            _ => Err(ShareRefused::Damaged),
        }
    }
}

impl OpenerKeys {
    /// What two holders make together; none of it if they are one, or if their halves make another key.
    pub fn of(one: HolderKeys, other: HolderKeys, round: &RoundDefinition) -> Result<Self, ShareRefused> {
        let [one, other] = if one.halves.holder() < other.halves.holder() { [one, other] } else { [other, one] };
        let key = sharing::together(&one.halves, &other.halves).ok_or(ShareRefused::OneHolder)?;
        let key = RoundKey::from_bytes(&key).filter(|key| key.public() == round.key);
        let holders = [one.halves.holder(), other.halves.holder()];
        Ok(Self { round: key.ok_or(ShareRefused::WrongKey)?, signing: [one.signing, other.signing], holders })
    }
}

impl Head {
    fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }
}

fn sum_of(head: &Head, locked: &Locked) -> [u8; SUM_BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/share/1");
    hash.update(head.to_bytes());
    hash.update(minicbor::to_vec(locked).expect("writing to memory cannot fail"));
    let digest: [u8; 32] = hash.finalize().into();
    *digest.first_chunk().expect("a digest has more than eight bytes")
}
