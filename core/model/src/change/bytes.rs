//! Foreign bytes, read from the front; numbers only in their shortest form.

use super::ChangeRefused;

const VALUE_BITS: u8 = 0x7f;
const MORE: u8 = 0x80;
const SIGN: u8 = 0x40;
/// Bits that all bytes but the tenth of a 64-bit number hold.
const LAST_SHIFT: u32 = 63;

/// What is left to read. Nothing is copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `needed` bytes. The number may be foreign: it is compared before anything is done with it.
    pub(super) fn take(&mut self, needed: u64) -> Result<&'a [u8], ChangeRefused> {
        let left = self.rest.len() as u64;
        if needed > left {
            return Err(ChangeRefused::EndsEarly { needed, left });
        }
        let (taken, rest) = self.rest.split_at(needed as usize);
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], ChangeRefused> {
        let mut array = [0; LENGTH];
        array.copy_from_slice(self.take(LENGTH as u64)?);
        Ok(array)
    }

    /// An unsigned LEB128 number of at most 64 bits.
    pub(super) fn unsigned(&mut self) -> Result<u64, ChangeRefused> {
        let mut number = 0;
        for shift in (0..=LAST_SHIFT).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & VALUE_BITS) << shift;
            if byte & MORE == 0 {
                let overlong = shift > 0 && byte == 0;
                let overflows = shift == LAST_SHIFT && byte > 1;
                return if overlong || overflows { Err(ChangeRefused::NumberMalformed) } else { Ok(number) };
            }
        }
        Err(ChangeRefused::NumberMalformed)
    }

    /// A signed LEB128 number of at most 64 bits.
    pub(super) fn signed(&mut self) -> Result<i64, ChangeRefused> {
        let mut number = 0;
        let mut before = 0;
        for shift in (0..=LAST_SHIFT).step_by(7) {
            let [byte] = self.array()?;
            number |= i64::from(byte & VALUE_BITS) << shift;
            if byte & MORE == 0 {
                return if is_last_signed_byte(byte, before, shift) {
                    Ok(extend_sign(number, byte, shift))
                } else {
                    Err(ChangeRefused::NumberMalformed)
                };
            }
            before = byte;
        }
        Err(ChangeRefused::NumberMalformed)
    }

    /// Bytes behind their own length.
    pub(super) fn text(&mut self) -> Result<&'a [u8], ChangeRefused> {
        let length = self.unsigned()?;
        self.take(length)
    }
}

/// The tenth byte holds one bit and its sign; a byte that only repeats the sign before it is superfluous.
fn is_last_signed_byte(byte: u8, before: u8, shift: u32) -> bool {
    if shift == 0 {
        return true;
    }
    let repeats_sign = if before & SIGN == 0 { byte == 0 } else { byte == VALUE_BITS };
    let overflows = shift == LAST_SHIFT && byte != 0 && byte != VALUE_BITS;
    !repeats_sign && !overflows
}

fn extend_sign(number: i64, last: u8, shift: u32) -> i64 {
    if last & SIGN != 0 && shift < LAST_SHIFT { number | (-1 << (shift + 7)) } else { number }
}
