//! When: instants in UTC milliseconds and civil days of Vietnam.
//!
//! Both are for named work only; what residents say carries no time at all. This module never reads the clock: the
//! caller says what time it is. Vietnam keeps UTC+7 all year, so the zone is a constant and no zone table is needed.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, offset};

/// Vietnam's clock: seven hours ahead of UTC, without summer time.
const VIETNAM: Offset = offset(7);

/// An instant of named work, in milliseconds since 1970-01-01T00:00Z.
///
/// Every `i64` is accepted, because a phone's clock may say anything; what it prints stops at the ends of [`Day`].
/// It orders nothing that must be safe from a wrong clock: the log numbers entries, this only labels them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00Z.
    pub const fn from_utc_ms(utc_ms: i64) -> Self {
        Self(utc_ms)
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub const fn utc_ms(self) -> i64 {
        self.0
    }

    /// The civil day in Vietnam at this instant; instants outside the calendar fall on its first or last day.
    ///
    /// Deadlines are Vietnamese days, so the day changes at 17:00 UTC.
    pub fn vietnamese_day(self) -> Day {
        let date = self.vietnamese().date();
        Day(date.clamp(Day::MIN.0, Day::MAX.0))
    }

    /// The instant at which the day in Vietnam began: of everything after it, it tells the day alone.
    pub fn day_began(self) -> Self {
        self.vietnamese_day().begins()
    }

    /// The wall clock in Vietnam at this instant, `HH:mm`.
    pub fn vietnamese_clock(self) -> String {
        let time = self.vietnamese().time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    fn vietnamese(self) -> DateTime {
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        VIETNAM.to_datetime(jiff::Timestamp::from_millisecond(self.0).unwrap_or(end))
    }
}

uniffi::custom_type!(Timestamp, i64, {
    lower: |timestamp| timestamp.utc_ms(),
    try_lift: |utc_ms| Ok(Timestamp::from_utc_ms(utc_ms)),
});

/// A text or a triple that is not a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written YYYY-MM-DD and stands in the calendar")]
pub struct NotADay;

/// A civil day, from 0001-01-01 to 9999-12-31, without clock and zone.
///
/// Prints and reads `YYYY-MM-DD`, everywhere the same: JSON, CBOR, phones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The first day that can be written.
    pub const MIN: Self = Self(jiff::civil::date(1, 1, 1));
    /// The last day that can be written.
    pub const MAX: Self = Self(jiff::civil::date(9999, 12, 31));

    /// From year 1 to 9999, month 1 to 12 and day of the month; refuses what the calendar does not have.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, NotADay> {
        let date = Date::new(year, month, day).map_err(|_| NotADay)?;
        if date < Self::MIN.0 { Err(NotADay) } else { Ok(Self(date)) }
    }

    /// Reads exactly `YYYY-MM-DD`; nothing shorter, signed or spaced.
    pub fn parse(text: &str) -> Result<Self, NotADay> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return Err(NotADay) };
        let year = number(&[*y1, *y2, *y3, *y4])?;
        let month = number(&[*m1, *m2])?;
        let day = number(&[*d1, *d2])?;
        Self::new(year, i8::try_from(month).map_err(|_| NotADay)?, i8::try_from(day).map_err(|_| NotADay)?)
    }

    /// As a Vietnamese reader writes it, `dd/MM/yyyy`.
    pub fn vietnamese(self) -> String {
        format!("{:02}/{:02}/{:04}", self.0.day(), self.0.month(), self.0.year())
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The instant at which it begins in Vietnam.
    pub fn begins(self) -> Timestamp {
        let began = VIETNAM.to_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()));
        let end = if self.0 == Self::MAX.0 { jiff::Timestamp::MAX } else { jiff::Timestamp::MIN };
        Timestamp(began.unwrap_or(end).as_millisecond())
    }

    /// The day that many days later, or `None` outside the calendar.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        self.0.checked_add(span).ok().filter(|date| *date >= Self::MIN.0).map(Self)
    }

    /// Whole days from this day to the other; negative when the other is earlier.
    pub fn days_until(self, other: Self) -> i32 {
        self.0.duration_until(other.0).as_hours().div_euclid(24) as i32
    }
}

/// Monday to Friday. Public holidays move from year to year and are announced late, so they count as working days here:
/// a clock that runs over one is in the office's disfavour, never in a resident's.
impl Day {
    /// Working days after this day up to the other one; none when the other is earlier.
    pub fn working_days_until(self, other: Self) -> u32 {
        let (days, first) = (self.days_until(other).max(0), self.0.weekday().to_monday_zero_offset());
        let rest = (1..=days % 7).filter(|later| (i32::from(first) + later) % 7 < 5).count();
        (days / 7 * 5) as u32 + rest as u32
    }

    /// The day so many working days later; the last of the calendar where that is.
    pub fn plus_working_days(self, count: u32) -> Self {
        let weeks = self.plus_days(i64::from(count / 5) * 7).unwrap_or(Self::MAX);
        let mut day = weeks;
        while weeks.working_days_until(day) < count % 5 {
            let Some(next) = day.plus_days(1) else { return Self::MAX };
            day = next;
        }
        day
    }
}

/// Up to four ASCII digits as a number.
fn number(digits: &[u8]) -> Result<i16, NotADay> {
    digits.iter().try_fold(0, |number: i16, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + i16::from(digit - b'0')),
        _ => Err(NotADay),
    })
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Day({self})")
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<C> minicbor::Encode<C> for Day {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.str(&self.to_string())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Day {
    fn decode(input: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::parse(input.str()?).map_err(|_| minicbor::decode::Error::message("a day is written YYYY-MM-DD"))
    }
}

uniffi::custom_type!(Day, String, {
    lower: |day| day.to_string(),
    try_lift: |text| Ok(Day::parse(&text)?),
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn the_vietnamese_day_begins_at_17_utc() {
        let check = |utc: &str, expected: (&str, &str)| {
            let utc_ms = utc.parse::<jiff::Timestamp>().unwrap().as_millisecond();
            let timestamp = Timestamp::from_utc_ms(utc_ms);
            assert_eq!((timestamp.vietnamese_day(), &*timestamp.vietnamese_clock()), (day(expected.0), expected.1));
        };
        check("2026-11-21T16:59:59.999Z", ("2026-11-21", "23:59"));
        check("2026-11-21T17:00:00Z", ("2026-11-22", "00:00"));
        check("2025-12-31T17:00:00Z", ("2026-01-01", "00:00"));
        check("2028-02-28T17:00:00Z", ("2028-02-29", "00:00"));
        check("1969-12-31T23:59:59Z", ("1970-01-01", "06:59"));
    }

    #[test]
    fn a_mad_clock_stops_at_the_ends_of_the_calendar() {
        assert_eq!(Timestamp::from_utc_ms(i64::MIN).vietnamese_day(), Day::MIN);
        assert_eq!(Timestamp::from_utc_ms(i64::MAX).vietnamese_day(), Day::MAX);
    }

    #[test]
    fn a_day_is_read_only_as_it_is_printed() {
        assert_eq!(day("2025-06-30").vietnamese(), "30/06/2025");
        for text in
            ["2025-6-30", "2025-02-29", "0000-01-01", "+025-01-01", "2025-01-01 ", "2025/01/01", "", "２０２５-01-01"]
        {
            assert_eq!(Day::parse(text), Err(NotADay), "{text}");
        }
    }

    #[test]
    fn days_between_are_counted_across_years() {
        assert_eq!(day("2025-06-30").days_until(day("2025-07-01")), 1);
        assert_eq!(day("2025-07-01").days_until(day("2025-06-30")), -1);
        assert_eq!(day("2024-01-01").days_until(day("2025-01-01")), 366);
        assert_eq!(Day::MIN.days_until(Day::MAX), 3_652_058);
    }

    #[test]
    fn days_are_added_up_to_the_ends_of_the_calendar() {
        assert_eq!(day("2024-01-01").plus_days(366), Some(day("2025-01-01")));
        assert_eq!(Day::MIN.plus_days(3_652_058), Some(Day::MAX));
        for days in [3_652_059, -1, i64::MAX, i64::MIN] {
            assert_eq!(Day::MIN.plus_days(days), None, "{days}");
        }
    }

    proptest! {
        #[test]
        fn a_day_survives_text_json_and_cbor(utc_ms in any::<i64>()) {
            let day = Timestamp::from_utc_ms(utc_ms).vietnamese_day();
            prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
            prop_assert_eq!(serde_json::from_str::<Day>(&serde_json::to_string(&day).unwrap()).unwrap(), day);
            prop_assert_eq!(minicbor::decode::<Day>(&minicbor::to_vec(day).unwrap()).unwrap(), day);
        }

        #[test]
        fn a_timestamp_is_a_bare_number_on_the_wire(utc_ms in any::<i64>()) {
            let timestamp = Timestamp::from_utc_ms(utc_ms);
            prop_assert_eq!(minicbor::to_vec(timestamp).unwrap(), minicbor::to_vec(utc_ms).unwrap());
            prop_assert_eq!(serde_json::to_string(&timestamp).unwrap(), utc_ms.to_string());
        }

        #[test]
        fn days_sort_as_their_texts(one in any::<i64>(), other in any::<i64>()) {
            let (one, other) = (Timestamp::from_utc_ms(one).vietnamese_day(), Timestamp::from_utc_ms(other).vietnamese_day());
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }
    }
}
