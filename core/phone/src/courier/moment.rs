//! When a batch travels: at a random moment after the phone was last on the network under its name.
//!
//! Half an hour to eight hours later, nobody can tell which of the phones that were there it was. On the closing day, and
//! after two moments that passed without a network, it goes at once: late is worse than near. Source: anonymity A22.

use minicbor::{Decode, Encode};
use model::round::RoundDefinition;
use model::time::Timestamp;
use rand_core::CryptoRng;

use crate::store::{Store, StoreFailed, meta, set_meta};

const LEAST_MS: i64 = 30 * 60 * 1_000;
const MOST_MS: i64 = 8 * 3_600 * 1_000;

/// How long after its moment a batch may still go; later the moment is missed.
const WINDOW_MS: i64 = 60 * 60 * 1_000;

/// Missed moments after which it goes at once.
const MISSED_MAX: u32 = 2;

const NAME: &str = "delivery";

/// The moment that was drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Moment {
    /// UTC milliseconds by the phone's clock.
    #[n(0)]
    pub at_ms: i64,
    /// Moments before it that passed without a delivery.
    #[n(1)]
    pub missed: u32,
}

/// The moment that waits, if one was drawn.
pub fn drawn(store: &Store) -> Result<Option<Moment>, StoreFailed> {
    let Some(bytes) = meta(store.reader(), NAME)? else { return Ok(None) };
    minicbor::decode::<Option<Moment>>(&bytes).map_err(|_| StoreFailed::Damaged)
}

/// Draws a moment after a named exchange. One that still waits stays if it is far enough from this exchange, too; any
/// other is missed.
pub fn draw(store: &mut Store, now: Timestamp, random: &mut impl CryptoRng) -> Result<(), StoreFailed> {
    let missed = match drawn(store)? {
        Some(waits) if waits.at_ms >= now.utc_ms().saturating_add(LEAST_MS) => return Ok(()),
        Some(passed) => passed.missed.saturating_add(1),
        None => 0,
    };
    keep_later(store, (now, missed), random)
}

/// Draws anew where a moment passed without a network: what goes when the network is back goes beside everything that
/// waited for it.
pub fn renew(store: &mut Store, now: Timestamp, random: &mut impl CryptoRng) -> Result<(), StoreFailed> {
    match drawn(store)? {
        Some(passed) if passed.missed < MISSED_MAX && now.utc_ms() > passed.at_ms.saturating_add(WINDOW_MS) => {
            keep_later(store, (now, passed.missed + 1), random)
        }
        Some(_) | None => Ok(()),
    }
}

fn keep_later(
    store: &mut Store,
    (now, missed): (Timestamp, u32),
    random: &mut impl CryptoRng,
) -> Result<(), StoreFailed> {
    let span = (MOST_MS - LEAST_MS).unsigned_abs();
    let later = LEAST_MS + (random.next_u64() % span) as i64;
    let moment = Moment { at_ms: now.utc_ms().saturating_add(later), missed };
    keep(store, Some(moment))
}

/// Forgets the moment: something was delivered, or nothing was there to deliver.
pub fn clear(store: &mut Store) -> Result<(), StoreFailed> {
    keep(store, None)
}

/// Whether the batches of a round may go now.
pub fn is_now(waits: Option<Moment>, round: &RoundDefinition, now: Timestamp) -> bool {
    let is_pressing = now.vietnamese_day() >= round.closes;
    let is_in_window = |at_ms: i64| (at_ms..=at_ms.saturating_add(WINDOW_MS)).contains(&now.utc_ms());
    let is_time = |moment: Moment| is_in_window(moment.at_ms) || moment.missed >= MISSED_MAX;
    is_pressing || waits.is_some_and(is_time)
}

fn keep(store: &mut Store, moment: Option<Moment>) -> Result<(), StoreFailed> {
    let bytes = minicbor::to_vec(moment).expect("writing to memory cannot fail");
    store.transact(|transaction| set_meta(transaction, NAME, &bytes))
}
