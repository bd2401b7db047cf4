//! Answers that a resident finds with a code that is never sent.
//!
//! Once a month one public file holds all of them, each sealed under its code and all of one size, filled up with noise
//! to a multiple of [`SLOTS_STEP`] and sorted by their sealed bytes. Everybody fetches the same file and looks inside
//! with their own code, in a browser or on a phone without a network. The sealing is what every browser can do by itself:
//! PBKDF2 with SHA-256 and AES-256 in GCM. Source: anonymity A50.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use data_encoding::{BASE64, HEXLOWER};
use hpke::rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::code::ReplyCode;
use crate::identity::RoundId;
use crate::round::{Fingerprint, RoundDefinition};
use crate::text::{TextRefused, check_prose, normalised};
use crate::time::Day;

/// Characters of an answer.
pub const REPLY_CHARS_MAX: u32 = 800;

/// Answers of a file are a multiple of this; most are noise.
pub const SLOTS_STEP: usize = 32;

/// Answers of one file.
pub const SLOTS_MOST: usize = 1_024;

/// Bytes of the largest file that is read.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of all public files together, as a phone fetches them.
pub const REPLIES_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A guess at a code costs this many rounds of SHA-256; a code has 60 random bits.
const ROUNDS: u32 = 200_000;

const VERSION: u32 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const LENGTH_BYTES: usize = 2;
const BYTES_PER_CHAR: usize = 3;
const PLAIN_BYTES: usize = LENGTH_BYTES + REPLY_CHARS_MAX as usize * BYTES_PER_CHAR;

/// Bytes of one sealed answer.
const SLOT_BYTES: usize = NONCE_BYTES + PLAIN_BYTES + TAG_BYTES;

/// The public answers of one month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplyFile {
    /// Of which round.
    pub round: RoundId,
    /// Against which codes are checked while they are typed.
    pub fingerprint: Fingerprint,
    /// The day it was made.
    pub day: Day,
    salt: [u8; SALT_BYTES],
    slots: Vec<Vec<u8>>,
}

/// How it is written: a text that every browser reads.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    round: String,
    fingerprint: String,
    day: Day,
    rounds: u32,
    salt: String,
    slots: Vec<String>,
}

/// Why no file was made or read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RepliesRefused {
    /// An answer that cannot be written.
    #[error("an answer: {0}")]
    Text(TextRefused),
    /// More than [`SLOTS_MOST`].
    #[error("one file holds {SLOTS_MOST} answers")]
    TooMany,
    /// Another file, or a broken one.
    #[error("this is no file of answers")]
    Unreadable,
}

impl ReplyFile {
    /// Seals answers, each under its code. `random` is the system's source.
    pub fn seal(
        round: &RoundDefinition,
        day: Day,
        replies: &[(ReplyCode, String)],
        random: &mut impl CryptoRng,
    ) -> Result<Self, RepliesRefused> {
        let count = replies.len().max(1).next_multiple_of(SLOTS_STEP);
        if count > SLOTS_MOST {
            return Err(RepliesRefused::TooMany);
        }
        let mut salt = [0; SALT_BYTES];
        random.fill_bytes(&mut salt);
        let mut slots = Vec::with_capacity(count);
        for (code, text) in replies {
            slots.push(sealed(code, &salt, text, random)?);
        }
        slots.resize_with(count, || {
            let mut noise = vec![0; SLOT_BYTES];
            random.fill_bytes(&mut noise);
            noise
        });
        slots.sort_unstable();
        Ok(Self { round: round.id, fingerprint: round.fingerprint(), day, salt, slots })
    }

    /// The answer under this code; none if there is none in this file.
    pub fn open(&self, code: &ReplyCode) -> Option<String> {
        let cipher = cipher(code, &self.salt);
        self.slots.iter().find_map(|slot| {
            let (nonce, sealed) = slot.split_first_chunk::<NONCE_BYTES>()?;
            let plain = cipher.decrypt(&Nonce::from(*nonce), sealed).ok()?;
            let (length, text) = plain.split_first_chunk::<LENGTH_BYTES>()?;
            let text = text.get(..usize::from(u16::from_be_bytes(*length)))?;
            Some(std::str::from_utf8(text).ok()?.to_owned())
        })
    }

    /// As it is published.
    pub fn to_text(&self) -> String {
        let written = Written {
            version: VERSION,
            round: self.round.to_string(),
            fingerprint: HEXLOWER.encode(self.fingerprint.as_bytes()),
            day: self.day,
            rounds: ROUNDS,
            salt: BASE64.encode(&self.salt),
            slots: self.slots.iter().map(|slot| BASE64.encode(slot)).collect(),
        };
        serde_json::to_string(&written).expect("texts and numbers can be written")
    }

    /// Reads a published file; what has other sizes is none.
    pub fn read(text: &str) -> Result<Self, RepliesRefused> {
        Self::parsed(text).ok_or(RepliesRefused::Unreadable)
    }

    fn parsed(text: &str) -> Option<Self> {
        if text.len() > FILE_BYTES_MAX {
            return None;
        }
        let written: Written = serde_json::from_str(text).ok()?;
        let slot = |slot: &String| BASE64.decode(slot.as_bytes()).ok().filter(|slot| slot.len() == SLOT_BYTES);
        let slots: Vec<Vec<u8>> = written.slots.iter().map(slot).collect::<Option<_>>()?;
        let is_padded = !slots.is_empty() && slots.len() <= SLOTS_MOST && slots.len().is_multiple_of(SLOTS_STEP);
        let is_ours = written.version == VERSION && written.rounds == ROUNDS && is_padded && slots.is_sorted();
        let fingerprint = HEXLOWER.decode(written.fingerprint.as_bytes()).ok()?.try_into().ok()?;
        is_ours.then_some(Self {
            round: RoundId::parse(&written.round).ok()?,
            fingerprint: Fingerprint::from_bytes(fingerprint),
            day: written.day,
            salt: BASE64.decode(written.salt.as_bytes()).ok()?.try_into().ok()?,
            slots,
        })
    }
}

fn sealed(
    code: &ReplyCode,
    salt: &[u8; SALT_BYTES],
    text: &str,
    random: &mut impl CryptoRng,
) -> Result<Vec<u8>, RepliesRefused> {
    check_reply(text).map_err(RepliesRefused::Text)?;
    let text = normalised(text);
    let mut plain = Zeroizing::new((text.len() as u16).to_be_bytes().to_vec());
    plain.extend_from_slice(text.as_bytes());
    plain.resize(PLAIN_BYTES, 0);
    let mut nonce = [0; NONCE_BYTES];
    random.fill_bytes(&mut nonce);
    let sealed = cipher(code, salt).encrypt(&Nonce::from(nonce), plain.as_slice());
    Ok([&nonce[..], &sealed.expect("what fits into memory can be sealed")].concat())
}

/// Whether a text can be an answer.
pub fn check_reply(text: &str) -> Result<(), TextRefused> {
    if text.trim().is_empty() {
        return Err(TextRefused::Blank);
    }
    check_prose(text, REPLY_CHARS_MAX)?;
    let given = normalised(text).len();
    let too_long = TextRefused::TooLong { given: given.div_ceil(BYTES_PER_CHAR) as u32, limit: REPLY_CHARS_MAX };
    if given > PLAIN_BYTES - LENGTH_BYTES { Err(too_long) } else { Ok(()) }
}

fn cipher(code: &ReplyCode, salt: &[u8; SALT_BYTES]) -> Aes256Gcm {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha256>(&code.to_bytes(), salt, ROUNDS, key.as_mut());
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::samples::round;
    use super::*;

    fn code(number: u8) -> ReplyCode {
        ReplyCode::from_random([number; 8])
    }

    fn file(count: u8) -> ReplyFile {
        let replies: Vec<_> = (0..count).map(|number| (code(number), format!("Đã thay đèn số {number}."))).collect();
        let day = Day::parse("2026-12-31").unwrap();
        ReplyFile::seal(&round(), day, &replies, &mut ChaCha8Rng::seed_from_u64(1)).unwrap()
    }

    #[test]
    fn a_code_opens_its_answer_and_no_other() {
        let file = ReplyFile::read(&file(3).to_text()).unwrap();
        assert_eq!(file.open(&code(1)).as_deref(), Some("Đã thay đèn số 1."));
        assert_eq!(file.open(&code(9)), None);
        assert_eq!(file.fingerprint, round().fingerprint());
    }

    /// A50: how many answers a month had is not in the file.
    #[test]
    fn a_file_is_as_long_for_no_answer_as_for_thirty_two() {
        let bytes = file(0).to_text().len();
        assert_eq!(file(3).to_text().len(), bytes);
        assert_eq!(file(3).slots.len(), SLOTS_STEP);
        let sizes = |file: &ReplyFile| file.slots.iter().all(|slot| slot.len() == SLOT_BYTES);
        assert!(sizes(&file(3)) && file(3).slots.is_sorted(), "noise and answers are mixed by their bytes");
    }

    #[test]
    fn a_broken_file_is_none() {
        let text = file(1).to_text();
        assert_eq!(ReplyFile::read(&text[1..]), Err(RepliesRefused::Unreadable));
        for (from, to) in [("\"version\":1", "\"version\":2"), ("200000", "1"), ("\"slots\":[", "\"slots\":[\"QQ==\",")]
        {
            let changed = text.replacen(from, to, 1);
            assert!(changed != text && ReplyFile::read(&changed) == Err(RepliesRefused::Unreadable), "{from}");
        }
    }

    #[test]
    fn an_answer_has_bounds() {
        assert_eq!(check_reply(&"ữ".repeat(800)), Ok(()));
        assert_eq!(check_reply(" "), Err(TextRefused::Blank));
        assert_eq!(check_reply(&"a".repeat(801)), Err(TextRefused::TooLong { given: 801, limit: 800 }));
        assert_eq!(check_reply(&"😀".repeat(700)), Err(TextRefused::TooLong { given: 934, limit: 800 }));
    }
}
