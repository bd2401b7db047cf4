//! Thirty-two letters and digits that nobody takes for one another, and eighty bits written in sixteen of them.
//!
//! Slips, seals over the telephone, recount words and reply codes are read aloud and typed by people.

/// Letters and digits without those that are taken for one another: I and 1, O and 0.
pub const SYMBOLS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Bits of a symbol.
pub const SYMBOL_BITS: u32 = 5;

/// Symbols of [`Sixteen`].
pub const SIXTEEN: usize = 16;

/// Symbols that stand together.
const GROUP: usize = 4;

/// Eighty bits that people read to one another: four groups of four.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sixteen(u128);

impl Sixteen {
    /// From the lower eighty bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits & ((1 << 80) - 1))
    }

    /// The eighty bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// From the first ten bytes of a hash.
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        let [first, _] = hash.as_chunks::<16>().0 else { unreachable!("a hash has two halves") };
        Self(u128::from_be_bytes(*first) >> 48)
    }

    /// Reads what somebody typed, in either case, with or without spaces and hyphens; none if it is not sixteen symbols.
    pub fn from_typed(text: &str) -> Option<Self> {
        let mut value = 0;
        let mut symbols = 0;
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            value = value << SYMBOL_BITS | u128::from(value_of(letter)?);
            symbols += 1;
            if symbols > SIXTEEN {
                return None;
            }
        }
        (symbols == SIXTEEN).then_some(Self(value))
    }
}

impl std::fmt::Display for Sixteen {
    /// Four groups of four.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for place in 0..SIXTEEN {
            let shift = SYMBOL_BITS * (SIXTEEN - 1 - place) as u32;
            let symbol = SYMBOLS[(self.0 >> shift) as usize % SYMBOLS.len()];
            let gap = if place > 0 && place % GROUP == 0 { " " } else { "" };
            write!(out, "{gap}{}", char::from(symbol))?;
        }
        Ok(())
    }
}

/// What a symbol stands for; none for any other letter.
pub fn value_of(letter: char) -> Option<u8> {
    let upper = letter.to_ascii_uppercase();
    SYMBOLS.iter().position(|symbol| char::from(*symbol) == upper).map(|place| place as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighty_bits_are_read_as_they_were_written() {
        for bits in [0, 1, 0xffff_ffff_ffff_ffff_ffff, 0x0123_4567_89ab_cdef_0123] {
            let text = Sixteen::from_bits(bits).to_string();
            assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [4; 4], "{text}");
            for typed in [text.clone(), text.to_lowercase(), text.replace(' ', ""), text.replace(' ', "-")] {
                assert!(Sixteen::from_typed(&typed).is_some_and(|read| read.bits() == bits), "{typed}");
            }
        }
        for wrong in ["", "ABCD EFGH JKLM NPQ", "ABCD EFGH JKLM NPQRS", "0BCD EFGH JKLM NPQR"] {
            assert!(Sixteen::from_typed(wrong).is_none(), "{wrong}");
        }
        assert_eq!(Sixteen::of_hash(&[0xff; 32]).to_string(), "9999 9999 9999 9999");
    }
}
