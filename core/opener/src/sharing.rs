//! One key for three people, any two of whom restore it.
//!
//! Every pair has a random pad of its own: one of the two keeps the pad, the other one the key under it. Whoever has two
//! pads of different pairs has two random texts. Source: anonymity A32.

use model::round::holder::HOLDERS;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// A key that is shared, or half of one.
pub type Half = Zeroizing<[u8; KEY_BYTES]>;

/// What one holder keeps: a half for each of the two others, in their order.
pub struct Halves {
    holder: usize,
    of: [Half; HOLDERS - 1],
}

/// Splits a key among the holders.
pub fn split(key: &Half, random: &mut impl CryptoRng) -> [Halves; HOLDERS] {
    let empty = || Zeroizing::new([0; KEY_BYTES]);
    let mut halves: [Halves; HOLDERS] = std::array::from_fn(|holder| Halves { holder, of: [empty(), empty()] });
    for one in 0..HOLDERS {
        for other in one + 1..HOLDERS {
            let mut pad = empty();
            random.fill_bytes(pad.as_mut());
            *halves[other].half_for(one) = under(key, &pad);
            *halves[one].half_for(other) = pad;
        }
    }
    halves
}

/// Puts a key together from what two holders keep; none if both are one holder.
pub fn together(one: &Halves, other: &Halves) -> Option<Half> {
    (one.holder != other.holder).then(|| under(one.place_of(other.holder), other.place_of(one.holder)))
}

impl Halves {
    /// From what a share holds.
    pub fn of(holder: usize, halves: [Half; HOLDERS - 1]) -> Option<Self> {
        (holder < HOLDERS).then_some(Self { holder, of: halves })
    }

    /// Whose they are, from 0.
    pub fn holder(&self) -> usize {
        self.holder
    }

    /// Both halves one after the other.
    pub fn halves(&self) -> &[Half; HOLDERS - 1] {
        &self.of
    }

    fn place_of(&self, other: usize) -> &Half {
        &self.of[index(self.holder, other)]
    }

    fn half_for(&mut self, other: usize) -> &mut Half {
        &mut self.of[index(self.holder, other)]
    }
}

/// Where the half for `other` stands: the others in their order, without oneself.
fn index(holder: usize, other: usize) -> usize {
    other - usize::from(other > holder)
}

fn under(one: &Half, other: &Half) -> Half {
    let mut sum = Zeroizing::new([0; KEY_BYTES]);
    for (byte, (one, other)) in sum.iter_mut().zip(one.iter().zip(other.iter())) {
        *byte = one ^ other;
    }
    sum
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn any_two_of_three_restore_the_key_and_nobody_twice() {
        let key = Zeroizing::new([42; KEY_BYTES]);
        let halves = split(&key, &mut ChaCha8Rng::seed_from_u64(1));
        for one in 0..HOLDERS {
            for other in 0..HOLDERS {
                let restored = together(&halves[one], &halves[other]);
                assert!(restored.is_some() == (one != other) && restored.is_none_or(|restored| restored == key));
            }
        }
    }

    /// One share is as likely under any key: the pads of two keys that differ only there are the same bytes for one
    /// holder, and where a holder has the key under a pad, the pad is not among what they have.
    #[test]
    fn one_share_tells_nothing_of_the_key() {
        let (zeros, ones) = (Zeroizing::new([0; KEY_BYTES]), Zeroizing::new([255; KEY_BYTES]));
        let of = |key: &Half| split(key, &mut ChaCha8Rng::seed_from_u64(2));
        let (zeros, ones) = (of(&zeros), of(&ones));
        assert!(zeros[0].of == ones[0].of, "the first keeps pads alone");
        for holder in [1, 2] {
            let [first, second] = &zeros[holder].of;
            assert!(first != second && under(first, second).iter().any(|byte| *byte != 0 && *byte != 255));
        }
    }
}
