//! A day of the calendar as expressions and answers know it.
//!
//! This module never asks what day it is; today is always an argument.

use jiff::ToSpan;
use jiff::civil::Date;

/// A day of the Gregorian calendar, years 0001 to 9999, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDay(Date);

impl CalendarDay {
    /// Reads exactly `YYYY-MM-DD`; `None` for another spelling or a day that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_spelled = bytes.len() == 10
            && bytes.iter().enumerate().all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_spelled {
            return None;
        }
        let year = text[..4].parse().ok().filter(|year| *year > 0)?;
        Date::new(year, text[5..7].parse().ok()?, text[8..].parse().ok()?).ok().map(Self)
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Days from `earlier` to this day; negative when `earlier` is later.
    pub fn days_since(self, earlier: Self) -> i64 {
        i64::from((self.0 - earlier.0).get_days())
    }

    /// The day that many days later, or `None` outside the calendar.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        // Ten thousand years hold fewer days than this; jiff panics on spans beyond its own limits.
        const DAYS_MAX: u64 = 4_000_000;
        if days.unsigned_abs() > DAYS_MAX {
            return None;
        }
        self.0.checked_add(days.days()).ok().filter(|day| day.year() > 0).map(Self)
    }
}

impl std::fmt::Display for CalendarDay {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_what_it_prints() {
        for text in ["2026-11-22", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(CalendarDay::parse(text).unwrap().to_string(), text);
        }
        for refused in
            ["2025-02-29", "2026-13-01", "22/11/2026", "2026-1-01", "0000-01-01", "-001-01-01", "２026-01-01"]
        {
            assert_eq!(CalendarDay::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn days_count_over_a_leap_year_and_end_with_the_calendar() {
        let new_year = CalendarDay::parse("2024-01-01").unwrap();
        let next = CalendarDay::parse("2025-01-01").unwrap();
        assert_eq!(next.days_since(new_year), 366);
        assert_eq!(new_year.days_since(next), -366);
        assert_eq!(new_year.plus_days(366), Some(next));
        assert_eq!(new_year.plus_days(i64::MAX), None);
        assert_eq!(new_year.plus_days(-3_999_999), None);
    }
}
