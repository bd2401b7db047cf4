//! The slip that a resident draws from a bag: its secret, how it is read, and what it leaves in the slip book.
//!
//! Slips are made by the holders' own program and printed; no server ever holds a secret or anything that can be
//! computed from one. A slip is checked against the fingerprint of its round, so a definition that was exchanged on the
//! way makes every slip look mistyped. Source: anonymity A1-A4.

pub mod book;

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::identity::RoundId;
use crate::round::{AreaNumber, Fingerprint};
use crate::symbols::{SYMBOLS, value_of};

/// Groups of a slip.
pub const GROUPS: usize = 4;

/// Symbols of a group: three of the secret, one that checks them.
pub const GROUP_SYMBOLS: usize = 4;

/// Secret symbols of a group.
const SECRET_SYMBOLS: usize = GROUP_SYMBOLS - 1;

/// Bits of a symbol.
const SYMBOL_BITS: usize = crate::symbols::SYMBOL_BITS as usize;

/// Bits of a secret.
const SECRET_BITS: usize = GROUPS * SECRET_SYMBOLS * SYMBOL_BITS;

const SQUARE_PREFIX: &str = "LN:";
const SQUARE_VERSION: u8 = 1;

/// Bytes of a secret where it is written down: 60 bits, big-endian, the first four zero.
pub const SECRET_BYTES: usize = 8;

/// Sixty random bits. Whoever has them can cast the ballot of this slip, so they are wiped, never printed by accident,
/// and never compared with an order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SlipSecret(u64);

impl Drop for SlipSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Why a text is no slip of this round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum SlipRefused {
    /// Not sixteen symbols.
    #[error("a slip has 16 symbols, not {given}")]
    WrongLength {
        /// How many were read.
        given: u32,
    },
    /// The group is mistyped, or of another round.
    #[error("group {number} is mistyped or of another round")]
    WrongGroup {
        /// From 1.
        number: u32,
    },
    /// The square picture is something else.
    #[error("this is not the picture of a slip")]
    NotASlip,
    /// The square picture is of a newer version.
    #[error("the slip is of a newer version of Lắng Nghe")]
    Newer,
    /// A slip, but of another round, or the round's definition was exchanged.
    #[error("the slip is of another round")]
    OtherRound,
}

impl SlipSecret {
    /// From random bytes; the first four bits are dropped.
    pub fn from_random(random: [u8; SECRET_BYTES]) -> Self {
        Self(u64::from_be_bytes(random) & ((1 << SECRET_BITS) - 1))
    }

    /// Reads what [`Self::to_bytes`] wrote; more than 60 bits are no secret.
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Option<Self> {
        let secret = u64::from_be_bytes(bytes);
        (secret >> SECRET_BITS == 0).then_some(Self(secret))
    }

    /// Its one way of being written inside an envelope and under a hash.
    pub fn to_bytes(&self) -> [u8; SECRET_BYTES] {
        self.0.to_be_bytes()
    }

    /// As printed: four groups of four symbols under the fingerprint of the round.
    pub fn groups(&self, fingerprint: &Fingerprint) -> [String; GROUPS] {
        std::array::from_fn(|group| {
            let symbols = self.symbols(group);
            let check = check_symbol(fingerprint, group, symbols);
            symbols.into_iter().chain([check]).map(char::from).collect()
        })
    }

    /// Reads what a person typed, in either case, with or without spaces, hyphens and dots.
    pub fn from_typed(text: &str, fingerprint: &Fingerprint) -> Result<Self, SlipRefused> {
        let typed = typed_symbols(text);
        if typed.len() != GROUPS * GROUP_SYMBOLS {
            return Err(SlipRefused::WrongLength { given: u32::try_from(typed.len()).unwrap_or(u32::MAX) });
        }
        let mut secret = 0;
        for (group, symbols) in typed.chunks(GROUP_SYMBOLS).enumerate() {
            let bits = group_bits(symbols, group, fingerprint);
            secret = secret << (SECRET_SYMBOLS * SYMBOL_BITS)
                | bits.ok_or(SlipRefused::WrongGroup { number: group as u32 + 1 })?;
        }
        Ok(Self(secret))
    }

    /// The text of the square picture: version, fingerprint, secret.
    pub fn square(&self, fingerprint: &Fingerprint) -> String {
        let bytes = [&[SQUARE_VERSION][..], fingerprint.as_bytes(), &self.to_bytes()].concat();
        format!("{SQUARE_PREFIX}{}", data_encoding::BASE32_NOPAD.encode(&bytes))
    }

    /// Reads a square picture for the round with this fingerprint.
    pub fn from_square(text: &str, fingerprint: &Fingerprint) -> Result<Self, SlipRefused> {
        let coded = text.trim().strip_prefix(SQUARE_PREFIX).ok_or(SlipRefused::NotASlip)?;
        let bytes = data_encoding::BASE32_NOPAD.decode(coded.as_bytes()).map_err(|_| SlipRefused::NotASlip)?;
        let (version, bytes) = bytes.split_first().ok_or(SlipRefused::NotASlip)?;
        if *version > SQUARE_VERSION {
            return Err(SlipRefused::Newer);
        }
        let (of, secret) = bytes.split_at_checked(fingerprint.as_bytes().len()).ok_or(SlipRefused::NotASlip)?;
        let secret: [u8; SECRET_BYTES] = secret.try_into().map_err(|_| SlipRefused::NotASlip)?;
        if of != fingerprint.as_bytes() {
            return Err(SlipRefused::OtherRound);
        }
        Self::from_bytes(secret).ok_or(SlipRefused::NotASlip)
    }

    /// What the slip book holds of this slip. Only who opened an envelope or has the slip can compute it.
    pub fn tag(&self, round: RoundId, area: AreaNumber) -> SlipTag {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/slip/1");
        hash.update(round.as_bytes());
        hash.update(area.0.to_be_bytes());
        hash.update(self.to_bytes());
        SlipTag(hash.finalize().into())
    }

    fn symbols(&self, group: usize) -> [u8; SECRET_SYMBOLS] {
        std::array::from_fn(|index| {
            let place = group * SECRET_SYMBOLS + index;
            let shift = SECRET_BITS - SYMBOL_BITS * (place + 1);
            SYMBOLS[(self.0 >> shift) as usize % SYMBOLS.len()]
        })
    }
}

/// Whether one typed group is whole and right, so that a mistake is shown at once. Groups count from 1.
pub fn is_group_right(text: &str, number: u32, fingerprint: &Fingerprint) -> bool {
    let (typed, group) = (typed_symbols(text), (number as usize).wrapping_sub(1));
    group < GROUPS && typed.len() == GROUP_SYMBOLS && group_bits(&typed, group, fingerprint).is_some()
}

/// What the slip book holds of one slip.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlipTag([u8; 32]);

impl SlipTag {
    /// From the bytes of a slip book.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes for a slip book.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn typed_symbols(text: &str) -> Vec<u8> {
    let is_symbol = |letter: &char| !letter.is_whitespace() && !matches!(letter, '-' | '.' | '–');
    text.chars().filter(is_symbol).map(|letter| u8::try_from(letter.to_ascii_uppercase()).unwrap_or(b'?')).collect()
}

fn group_bits(symbols: &[u8], group: usize, fingerprint: &Fingerprint) -> Option<u64> {
    let [first, second, third, check] = *symbols else { return None };
    let secret = [first, second, third];
    let values = secret.map(|symbol| value_of(char::from(symbol)));
    let bits = values.into_iter().try_fold(0, |bits, value| Some(bits << SYMBOL_BITS | u64::from(value?)))?;
    (check_symbol(fingerprint, group, secret) == check).then_some(bits)
}

/// Five bits of a hash over fingerprint, group and symbols (A2).
fn check_symbol(fingerprint: &Fingerprint, group: usize, symbols: [u8; SECRET_SYMBOLS]) -> u8 {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/slip-check/1");
    hash.update(fingerprint.as_bytes());
    hash.update([group as u8 + 1]);
    hash.update(symbols);
    let digest: [u8; 32] = hash.finalize().into();
    SYMBOLS[usize::from(digest[0]) % SYMBOLS.len()]
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const OURS: Fingerprint = Fingerprint::from_bytes([7; 10]);
    const OTHER: Fingerprint = Fingerprint::from_bytes([8; 10]);

    fn drawn(random: &mut ChaCha8Rng) -> SlipSecret {
        SlipSecret::from_random(random.random())
    }

    #[test]
    fn a_slip_reads_as_printed_however_it_is_typed() {
        let secret = drawn(&mut ChaCha8Rng::seed_from_u64(1));
        let groups = secret.groups(&OURS);
        assert!(groups.iter().all(|group| group.len() == GROUP_SYMBOLS));
        for text in
            [groups.concat(), groups.join(" "), groups.join("-").to_lowercase(), format!(" {} ", groups.join(". "))]
        {
            assert!(SlipSecret::from_typed(&text, &OURS) == Ok(secret.clone()), "{text}");
        }
        for (index, group) in groups.iter().enumerate() {
            assert!(is_group_right(group, index as u32 + 1, &OURS));
            assert!(!is_group_right(&group[..3], index as u32 + 1, &OURS));
        }
    }

    #[test]
    fn the_square_picture_holds_version_fingerprint_and_secret() {
        let secret = drawn(&mut ChaCha8Rng::seed_from_u64(2));
        let square = secret.square(&OURS);
        assert!(
            square.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b':'),
            "{square}"
        );
        assert!(SlipSecret::from_square(&square, &OURS) == Ok(secret));
        assert!(SlipSecret::from_square(&square, &OTHER) == Err(SlipRefused::OtherRound));
        assert!(SlipSecret::from_square("https://example.vn", &OURS) == Err(SlipRefused::NotASlip));
        assert!(SlipSecret::from_square(&square[..square.len() - 4], &OURS) == Err(SlipRefused::NotASlip));
        let newer = [&[9][..], OURS.as_bytes(), &[0; 8]].concat();
        let newer = format!("LN:{}", data_encoding::BASE32_NOPAD.encode(&newer));
        assert!(SlipSecret::from_square(&newer, &OURS) == Err(SlipRefused::Newer));
    }

    #[test]
    fn a_text_of_another_length_says_how_long_it_is() {
        assert!(SlipSecret::from_typed("ABCD EFGH", &OURS) == Err(SlipRefused::WrongLength { given: 8 }));
        assert!(SlipSecret::from_typed("", &OURS) == Err(SlipRefused::WrongLength { given: 0 }));
        let secret = drawn(&mut ChaCha8Rng::seed_from_u64(3));
        let mut groups = secret.groups(&OURS);
        groups[2] = "0O1I".to_owned();
        assert!(SlipSecret::from_typed(&groups.concat(), &OURS) == Err(SlipRefused::WrongGroup { number: 3 }));
    }

    /// A2: of wrong symbols and of neighbours in the wrong order at most one in 32 per group passes.
    #[test]
    fn a_wrong_symbol_passes_once_in_thirty_two_groups() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let (mut tried, mut passed) = (0_u64, 0_u64);
        for _ in 0..100_000 {
            let groups = drawn(&mut random).groups(&OURS);
            let number = random.random_range(0..GROUPS);
            let right = groups[number].as_bytes();
            for index in 0..GROUP_SYMBOLS {
                let mut wrong = right.to_vec();
                wrong[index] = SYMBOLS[random.random_range(0..SYMBOLS.len())];
                let mut swapped = right.to_vec();
                swapped.swap(index, (index + 1) % GROUP_SYMBOLS);
                for group in [wrong, swapped] {
                    if group != right {
                        tried += 1;
                        let text = String::from_utf8(group).unwrap();
                        passed += u64::from(is_group_right(&text, number as u32 + 1, &OURS));
                    }
                }
            }
        }
        // Three standard deviations of 700,000 tries at 1/32 are 2 % of it.
        assert!(passed * 32 * 100 <= tried * 102, "{passed} of {tried}");
    }

    /// A2: a slip under another fingerprint passes four groups with 2⁻²⁰.
    #[test]
    fn a_slip_of_another_round_looks_mistyped() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let passes = |secret: SlipSecret| SlipSecret::from_typed(&secret.groups(&OURS).concat(), &OTHER).is_ok();
        let passed = (0..100_000).filter(|_| passes(drawn(&mut random))).count();
        assert!(passed <= 2, "{passed} of 100,000 passed");
    }

    #[test]
    fn a_tag_depends_on_round_area_and_secret() {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let (one, other) = (drawn(&mut random), drawn(&mut random));
        let (round, area) = (RoundId::from_bytes([1; 16]), AreaNumber(1));
        let tag = one.tag(round, area);
        assert!(tag == one.tag(round, area));
        assert!(tag != other.tag(round, area));
        assert!(tag != one.tag(RoundId::from_bytes([2; 16]), area));
        assert!(tag != one.tag(round, AreaNumber(2)));
    }

    #[test]
    fn more_than_sixty_bits_are_no_secret() {
        assert!(SlipSecret::from_bytes([0x10, 0, 0, 0, 0, 0, 0, 0]).is_none());
        let most = SlipSecret::from_random([0xff; 8]);
        assert!(SlipSecret::from_bytes(most.to_bytes()).is_some_and(|read| read == most));
        assert_eq!(most.groups(&OURS).map(|group| group[..3].to_owned()), ["999"; 4]);
    }
}
