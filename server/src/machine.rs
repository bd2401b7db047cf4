//! This machine's clock and randomness: the only place of the server that asks for either.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use rand_core::CryptoRng;

use crate::failure::ServerFailed;
use crate::office::Moment;

/// 2026-01-01: this server did not exist before.
const CLOCK_EARLIEST_MS: i64 = 1_767_225_600_000;

/// 2051-01-01: a clock beyond it is taken for wrong.
const CLOCK_LATEST_MS: i64 = 2_556_144_000_000;

/// A server that was not used for so long is rarer than a clock that jumped.
const IDLE_MS_MAX: i64 = 5 * 365 * 24 * 3_600 * 1_000;

/// Now, with 64 fresh random bits.
pub fn moment() -> Moment {
    Moment { now_ms: now_ms(), random: u64::from_be_bytes(random()) }
}

/// How far this process lives ahead of the clock.
static AHEAD_MS: AtomicI64 = AtomicI64::new(0);

/// Lets this process live so much later than the clock says: for the demo and tests of deadlines.
pub fn live_ahead(ms: i64) {
    AHEAD_MS.store(ms, Ordering::SeqCst);
}

/// UTC milliseconds; before 1970 reads as 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(AHEAD_MS.load(Ordering::SeqCst))
}

/// An instant of a file's times.
pub fn instant(utc_ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(utc_ms.unsigned_abs())
}

/// A tick of the clock that only goes forward; for waiting, never for dates.
pub fn tick() -> Instant {
    Instant::now()
}

/// The randomness of the operating system.
pub fn randomness() -> impl CryptoRng {
    UnwrapErr(SysRng)
}

/// Random bytes of the operating system.
pub fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness once it has started");
    bytes
}

/// Refuses a clock that is years off: deadlines are judged by it. `latest_ms` is the last moment that the data folder
/// knows, if it knows one. A clock that is a little behind is only told to the operator, because an earlier start may
/// have been the wrong one.
pub fn check_clock(now_ms: i64, latest_ms: Option<i64>) -> Result<(), ServerFailed> {
    let latest = latest_ms.map_or(CLOCK_LATEST_MS, |latest| latest.saturating_add(IDLE_MS_MAX));
    let is_plausible = (CLOCK_EARLIEST_MS..=latest.min(CLOCK_LATEST_MS)).contains(&now_ms);
    if is_plausible { Ok(()) } else { Err(ServerFailed::ClockWrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MS: i64 = 365 * 24 * 3_600 * 1_000;
    const NOW_MS: i64 = CLOCK_EARLIEST_MS + YEAR_MS;

    #[test]
    fn a_clock_thirty_years_off_is_refused() {
        for (now_ms, latest_ms, expected) in [
            (NOW_MS, None, Ok(())),
            (NOW_MS, Some(NOW_MS - YEAR_MS), Ok(())),
            (NOW_MS, Some(NOW_MS + YEAR_MS), Ok(())),
            (NOW_MS - 30 * YEAR_MS, None, Err(ServerFailed::ClockWrong)),
            (NOW_MS + 30 * YEAR_MS, None, Err(ServerFailed::ClockWrong)),
            (NOW_MS + 6 * YEAR_MS, Some(NOW_MS), Err(ServerFailed::ClockWrong)),
            (0, Some(NOW_MS), Err(ServerFailed::ClockWrong)),
        ] {
            assert_eq!(check_clock(now_ms, latest_ms), expected);
        }
    }
}
