//! Honest bytes, damaged: every bit, every length, and at random under a repaired checksum.

use super::chunk;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Steps of damage to one change, at most.
const STEPS_MAX: usize = 4;
/// Bytes with a meaning in the format: ends of the number ranges, small runs, no run.
const TELLING_BYTES: [u8; 12] = [0x00, 0x01, 0x02, 0x03, 0x3f, 0x40, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/// The bytes with one bit turned, for every bit.
pub fn bit_flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

/// The first bytes, for every length short of the whole.
pub fn truncations(bytes: &[u8]) -> impl Iterator<Item = &[u8]> + '_ {
    (0..bytes.len()).map(|length| &bytes[..length])
}

/// The same, but sealed again, so that the damage lies behind a right length and checksum.
pub fn sealed_bit_flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    bit_flips(chunk::contents(bytes)).map(|contents| chunk::sealed(chunk::PLAIN, &contents))
}

/// Endless damage from a seed; the same seed always gives the same.
pub struct Mutations {
    random: ChaCha8Rng,
    honest: Vec<Vec<u8>>,
}

impl Mutations {
    /// Damage to the given plain chunks.
    pub fn new(seed: u64, honest: Vec<Vec<u8>>) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), honest }
    }

    /// Which honest chunk was taken, and a damaged copy of it under a right checksum.
    pub fn damaged(&mut self) -> (usize, Vec<u8>) {
        let place = self.random.random_range(0..self.honest.len());
        let mut contents = chunk::contents(&self.honest[place]).to_vec();
        for _ in 0..self.random.random_range(1..=STEPS_MAX) {
            self.damage(&mut contents);
        }
        (place, chunk::sealed(chunk::PLAIN, &contents))
    }

    fn damage(&mut self, contents: &mut Vec<u8>) {
        if contents.is_empty() {
            return;
        }
        let place = self.random.random_range(0..contents.len());
        let telling = TELLING_BYTES[self.random.random_range(0..TELLING_BYTES.len())];
        match self.random.random_range(0..8) {
            0 => contents[place] ^= 1 << self.random.random_range(0..8),
            1 => contents[place] = self.random.random(),
            2 | 3 => contents[place] = telling,
            4 => contents[place] = contents[place].wrapping_add(1),
            5 => contents.insert(place, telling),
            6 => drop(contents.remove(place)),
            _ => self.splice(contents, place),
        }
    }

    /// Overwrites a stretch with one from another honest chunk.
    fn splice(&mut self, contents: &mut [u8], place: usize) {
        let other = self.random.random_range(0..self.honest.len());
        let other = chunk::contents(&self.honest[other]);
        let start = self.random.random_range(0..other.len());
        let length = self.random.random_range(1..16).min(other.len() - start).min(contents.len() - place);
        contents[place..place + length].copy_from_slice(&other[start..start + length]);
    }
}
