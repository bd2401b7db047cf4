//! What residents wrote, on its way to two named screeners: per question, shuffled, without choice or area.
//!
//! Both passphrases open it, neither alone does: the two keys that they make are one key together. Inside it is filled up
//! to whole pages, so that its size does not tell how much was written. Source: anonymity A39, A52.

use minicbor::{Decode, Encode};
use model::chance::shuffle;
use model::hash::ContentHash;
use model::identity::RoundId;
use model::round::RoundDefinition;
use model::tally::QuestionTexts;
use model::text::check_line;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::passphrase::{KEY_BYTES, Locked, Passphrase, SALT_BYTES, Stretch};

/// Who screens.
pub const SCREENERS: usize = 2;

/// Characters of a screener's name.
pub const SCREENER_CHARS_MAX: u32 = 100;

/// The largest packet: every ballot of a round of a hundred thousand with a full text.
pub const PACKET_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What a packet is filled up to.
const PAGE_BYTES: usize = 16 * 1024;

const VERSION: u8 = 1;
const LENGTH_BYTES: usize = 8;

/// Why a packet does not open, or is not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PacketRefused {
    /// The two screeners are two people with names.
    #[error("the screeners are two people with names")]
    Screeners,
    /// A screener without a name.
    #[error("a screener has no name")]
    Unnamed,
    /// Another file, or of a newer version.
    #[error("this is no packet of texts")]
    Unreadable,
    /// One of the two passphrases is another one, or the file is damaged.
    #[error("these two passphrases do not open the packet")]
    DoesNotOpen,
}

/// The two who screen, and the key that they make together.
pub struct Screeners {
    names: [String; SCREENERS],
    stretch: Stretch,
    salts: [[u8; SALT_BYTES]; SCREENERS],
    key: Zeroizing<[u8; KEY_BYTES]>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Head {
    #[n(0)]
    version: u8,
    #[n(1)]
    round: RoundId,
    #[n(2)]
    question: u16,
    #[n(3)]
    screeners: [String; SCREENERS],
    #[n(4)]
    stretch: Stretch,
    #[cbor(n(5), with = "minicbor::bytes")]
    first_salt: [u8; SALT_BYTES],
    #[cbor(n(6), with = "minicbor::bytes")]
    second_salt: [u8; SALT_BYTES],
}

/// A packet of the texts of one question.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Packet {
    #[n(0)]
    head: Head,
    #[n(1)]
    locked: Locked,
}

/// What the screeners read.
#[derive(Encode, Decode)]
#[cbor(array)]
pub struct Texts {
    /// What was asked.
    #[n(0)]
    pub question: String,
    /// What was written, in random order. Wiped.
    #[n(1)]
    pub texts: Vec<String>,
}

impl Drop for Texts {
    fn drop(&mut self) {
        self.texts.zeroize();
    }
}

impl Screeners {
    /// Two people with their passphrases.
    pub fn new(
        names: [String; SCREENERS],
        passphrases: &[Passphrase; SCREENERS],
        stretch: Stretch,
        random: &mut impl CryptoRng,
    ) -> Result<Self, PacketRefused> {
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(PacketRefused::Unnamed);
        }
        let is_name = |name: &String| check_line(name, SCREENER_CHARS_MAX).is_ok();
        if names[0].trim() == names[1].trim() || !names.iter().all(is_name) {
            return Err(PacketRefused::Screeners);
        }
        let mut salts = [[0; SALT_BYTES]; SCREENERS];
        salts.iter_mut().for_each(|salt| random.fill_bytes(salt));
        let key = key_of(passphrases, stretch, &salts)?;
        Ok(Self { names, stretch, salts, key })
    }
}

impl Packet {
    /// Seals the texts of one question to the screeners.
    pub fn seal(
        screeners: &Screeners,
        round: &RoundDefinition,
        texts: &QuestionTexts,
        random: &mut impl CryptoRng,
    ) -> Self {
        let asked = round.asked().nth(texts.question).expect("texts are of a question of their round");
        let mut shuffled = texts.texts.clone();
        shuffle(&mut shuffled, random);
        let inside = Texts { question: asked.question.label.clone(), texts: shuffled };
        let inside = Zeroizing::new(minicbor::to_vec(&inside).expect("writing to memory cannot fail"));
        let size = (LENGTH_BYTES + inside.len()).next_multiple_of(PAGE_BYTES);
        let mut plain = Zeroizing::new(Vec::with_capacity(size));
        plain.extend_from_slice(&(inside.len() as u64).to_be_bytes());
        plain.extend_from_slice(&inside);
        plain.resize(size, 0);
        let head = Head {
            version: VERSION,
            round: round.id,
            question: texts.question as u16,
            screeners: screeners.names.clone(),
            stretch: screeners.stretch,
            first_salt: screeners.salts[0],
            second_salt: screeners.salts[1],
        };
        let locked = Locked::lock(&screeners.key, (&plain, &head.to_bytes()), random);
        Self { head, locked }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, PacketRefused> {
        let packet: Self = minicbor::decode(bytes).map_err(|_| PacketRefused::Unreadable)?;
        let is_ours = packet.head.version == VERSION && packet.to_bytes() == bytes;
        if is_ours { Ok(packet) } else { Err(PacketRefused::Unreadable) }
    }

    /// Who opens it.
    pub fn screeners(&self) -> &[String; SCREENERS] {
        &self.head.screeners
    }

    /// What the outcome says of it.
    pub fn digest(&self) -> ContentHash {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/text-packet/1");
        hash.update(self.to_bytes());
        ContentHash::from_bytes(hash.finalize().into())
    }

    /// Opens it for both.
    pub fn open(&self, passphrases: &[Passphrase; SCREENERS]) -> Result<Texts, PacketRefused> {
        let salts = [self.head.first_salt, self.head.second_salt];
        let key = key_of(passphrases, self.head.stretch, &salts)?;
        let plain = self.locked.unlock(&key, &self.head.to_bytes()).ok_or(PacketRefused::DoesNotOpen)?;
        let (length, inside) = plain.split_first_chunk::<LENGTH_BYTES>().ok_or(PacketRefused::Unreadable)?;
        let length = usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let inside = inside.get(..length).ok_or(PacketRefused::Unreadable)?;
        minicbor::decode(inside).map_err(|_| PacketRefused::Unreadable)
    }
}

impl Head {
    fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }
}

/// A hash over both keys: without one of the two it is as good as random.
fn key_of(
    passphrases: &[Passphrase; SCREENERS],
    stretch: Stretch,
    salts: &[[u8; SALT_BYTES]; SCREENERS],
) -> Result<Zeroizing<[u8; KEY_BYTES]>, PacketRefused> {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/screeners/1");
    for (passphrase, salt) in passphrases.iter().zip(salts) {
        let key = passphrase.key(stretch, salt).map_err(|_| PacketRefused::Unreadable)?;
        hash.update(key.as_slice());
    }
    Ok(Zeroizing::new(hash.finalize().into()))
}
