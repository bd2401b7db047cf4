//! Random order from randomness that the caller hands over.

use hpke::rand_core::CryptoRng;

/// Puts a list into random order, each order as likely as any other.
pub fn shuffle<T>(list: &mut [T], random: &mut impl CryptoRng) {
    for last in (1..list.len()).rev() {
        list.swap(last, below(last as u64 + 1, random) as usize);
    }
}

/// A random number below a bound. Numbers of the last, incomplete round are drawn again: a remainder alone would prefer
/// the small ones.
fn below(bound: u64, random: &mut impl CryptoRng) -> u64 {
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let drawn = random.next_u64();
        if drawn < fair {
            return drawn % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn every_order_of_three_is_as_likely_as_any_other() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut list = [1, 2, 3];
            shuffle(&mut list, &mut random);
            *seen.entry(list).or_insert(0_u32) += 1;
        }
        assert!(seen.len() == 6 && seen.values().all(|count| (850..1_150).contains(count)), "{seen:?}");
    }
}
