//! When what came may be read, and in which order.
//!
//! One text that is read when it arrives belongs to the day and the visits of that day. So texts are read five at a time,
//! or after five working days, in an order that is chance; the date of all of them is the batch's. Source: anonymity A48.

use std::collections::BTreeMap;

use hpke::rand_core::CryptoRng;

use super::Feedback;
use crate::chance::shuffle;
use crate::round::AreaNumber;
use crate::time::Day;

/// Texts that may be read together at any time.
pub const BATCH_LEAST: usize = 5;

/// Working days since the last batch after which fewer may be read.
pub const WAIT_WORKING_DAYS: u32 = 5;

/// Texts of one batch; more wait for the next.
pub const BATCH_MOST: usize = 500;

/// Whether so many texts may be read today. `since` is the day of the last batch, or of the opening of the round.
pub fn may_read(waiting: usize, since: Day, today: Day) -> bool {
    waiting >= BATCH_LEAST || (waiting > 0 && since.working_days_until(today) >= WAIT_WORKING_DAYS)
}

/// Puts a batch into random order. An area stays only where `group_min` texts of the batch share it.
pub fn mix(batch: &mut [Feedback], group_min: u16, random: &mut impl CryptoRng) {
    let mut shared: BTreeMap<AreaNumber, u16> = BTreeMap::new();
    for area in batch.iter().filter_map(|feedback| feedback.area) {
        *shared.entry(area).or_default() += 1;
    }
    for feedback in batch.iter_mut() {
        feedback.area = feedback.area.filter(|area| shared[area] >= group_min);
    }
    shuffle(batch, random);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::samples::about_the_street;
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn five_texts_may_be_read_at_once_and_fewer_after_five_working_days() {
        let monday = day("2026-12-07");
        for (waiting, today, expected) in [
            (5, "2026-12-07", true),
            (4, "2026-12-11", false),
            (4, "2026-12-13", false),
            (4, "2026-12-14", true),
            (1, "2026-12-14", true),
            (0, "2027-12-14", false),
            (4, "2026-11-01", false),
        ] {
            assert_eq!(may_read(waiting, monday, day(today)), expected, "{waiting} on {today}");
        }
    }

    #[test]
    fn an_area_stays_only_where_enough_texts_share_it() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut batch: Vec<Feedback> = (0..12)
            .map(|number| Feedback {
                area: [Some(AreaNumber(1)), Some(AreaNumber(2)), None]
                    [usize::from(number > 9) + usize::from(number > 10)],
                ..about_the_street(number)
            })
            .collect();
        mix(&mut batch, 10, &mut random);
        let with = |area| batch.iter().filter(|feedback| feedback.area == area).count();
        assert_eq!((with(Some(AreaNumber(1))), with(Some(AreaNumber(2))), with(None)), (10, 0, 2));
    }

    /// A48: which place a text had in the box is not in the order in which it is read.
    #[test]
    fn the_order_of_a_batch_is_chance() {
        let mut first_read = BTreeMap::<String, u32>::new();
        for seed in 0..600 {
            let mut batch: Vec<Feedback> = (0..6).map(about_the_street).collect();
            mix(&mut batch, 10, &mut ChaCha8Rng::seed_from_u64(seed));
            *first_read.entry(batch[0].content.to_string()).or_default() += 1;
        }
        assert!(first_read.len() == 6 && first_read.values().all(|count| (60..140).contains(count)), "{first_read:?}");
    }
}
