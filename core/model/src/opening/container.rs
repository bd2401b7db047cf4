//! The file of an opening as it lies on a stick: a mark, the [`OpeningInput`], the envelopes one after another.
//!
//! ```text
//! LNHP  version  length of the input, 4 bytes big-endian  the input  envelopes, each of the round's one size, by name
//! ```
//!
//! The envelopes stand outside the input, so that whoever opens them holds one at a time. This module frames bytes; files
//! are read and written by the opener and the server. Source: anonymity A33.

use super::{InputRefused, OpeningInput};

/// Bytes before the input.
pub const START_BYTES: usize = MARK.len() + 1 + LENGTH_BYTES;

/// Bytes of an input: every day's list of a round with a hundred thousand envelopes fits.
pub const INPUT_BYTES_MAX: u32 = 512 * 1024 * 1024;

const MARK: &[u8; 4] = b"LNHP";
const VERSION: u8 = 1;
const LENGTH_BYTES: usize = 4;

impl OpeningInput {
    /// Everything that stands before the envelopes.
    ///
    /// # Panics
    ///
    /// If it is longer than [`INPUT_BYTES_MAX`].
    pub fn framed(&self) -> Vec<u8> {
        let input = self.to_bytes();
        let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
        assert!(length <= INPUT_BYTES_MAX, "an input has at most {INPUT_BYTES_MAX} bytes");
        [&MARK[..], &[VERSION], &length.to_be_bytes(), &input].concat()
    }

    /// Bytes of all envelopes, which follow.
    pub fn envelopes_bytes(&self) -> u64 {
        u64::from(self.envelopes) * self.round.definition.envelope_bytes() as u64
    }
}

/// How many bytes the input has; refuses another file and a newer version.
pub fn input_bytes(start: &[u8; START_BYTES]) -> Result<u32, InputRefused> {
    let (mark, rest) = start.split_at(MARK.len());
    let (version, length) = rest.split_at(1);
    let length = length.try_into().map(u32::from_be_bytes).map_err(|_| InputRefused::Unreadable)?;
    let is_ours = mark == MARK && version == [VERSION] && length <= INPUT_BYTES_MAX;
    if is_ours { Ok(length) } else { Err(InputRefused::Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::PublicKey;
    use crate::round::samples;

    #[test]
    fn a_file_says_how_long_its_parts_are() {
        let round = samples::signed(samples::confidence());
        let mut input = OpeningInput::of(round, vec![1, 2, 3], PublicKey::from_bytes([4; 32]));
        input.envelopes = 3;
        let framed = input.framed();
        let (start, rest) = framed.split_first_chunk::<START_BYTES>().unwrap();
        assert_eq!(input_bytes(start), Ok(rest.len() as u32));
        assert_eq!(rest, input.to_bytes());
        assert_eq!(input.envelopes_bytes(), 3 * input.round.definition.envelope_bytes() as u64);
    }

    #[test]
    fn another_file_a_newer_version_and_a_boundless_input_are_refused() {
        let starts: [&[u8; START_BYTES]; 4] =
            [b"LNHQ\x01\0\0\0\x01", b"LNHP\x02\0\0\0\x01", b"LNHP\x01\x20\0\0\x01", b"\x89PNG\r\n\x1a\n\0"];
        for start in starts {
            assert_eq!(input_bytes(start), Err(InputRefused::Unreadable));
        }
        assert_eq!(input_bytes(b"LNHP\x01\x20\0\0\0"), Ok(INPUT_BYTES_MAX));
    }
}
