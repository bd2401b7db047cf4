//! Random order from randomness that the caller hands over.

use hpke::rand_core::CryptoRng;

/// Puts a list into random order, each order as likely as any other.
pub fn shuffle<T>(list: &mut [T], random: &mut impl CryptoRng) {
    draw_last(list, list.len(), random);
}

/// Draws so many of a list and puts them at its end in random order; it costs as much as is drawn, however long the list.
pub fn draw_last<T>(list: &mut [T], count: usize, random: &mut impl CryptoRng) {
    for last in (1..list.len()).rev().take(count) {
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
    fn each_of_a_list_is_drawn_as_often_as_any_other() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let mut drawn = [0_u32; 10];
        let mut list: Vec<usize> = (0..10).collect();
        for _ in 0..5_000 {
            draw_last(&mut list, 2, &mut random);
            list[8..].iter().for_each(|number| drawn[*number] += 1);
        }
        assert!(drawn.iter().all(|count| (850..1_150).contains(count)), "{drawn:?}");
    }

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
