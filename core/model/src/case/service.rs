//! How long a cadre worked in the period, and what the pinned rules make of it: rated or not, up to which level.
//!
//! The office works it out once, when it files the record, so that every phone of the case finds the same without rules of
//! its own. Source: domain 2.1, guards.

use crate::case::findings::{Consequence, OutcomeBound};
use crate::document::Fields;
use crate::period::Period;
use crate::rating::{NotRatedReason, Outcome, Rating, SelfReview, YearOfWork, outcome, self_review};
use crate::rule_set::MonthRule;
use crate::self_assessment::fields::answer_name;
use crate::self_assessment::text_of;

/// Months of a year.
const MONTHS: u8 = 12;

/// What the personnel office signs about the time of a cadre's service. `SERVICE-RECORD` asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Months worked and missed.
    pub year: YearOfWork,
    /// Whole months at the unit that the cadre came from; 0 if they came from none.
    pub former_unit_months: u8,
    /// Whether the cadre left for another unit, which rates them.
    pub is_rated_elsewhere: bool,
}

impl ServiceRecord {
    /// Reads what was signed; `None` if a month is missing or is none.
    pub fn read(fields: &Fields) -> Option<Self> {
        let text = |key| text_of(fields, &answer_name(key));
        let months = |key| text(key)?.parse().ok().filter(|months| *months <= MONTHS);
        Some(Self {
            year: YearOfWork {
                worked_months: months("worked_months")?,
                absent_months: months("absent_months")?,
                has_maternity_leave: text("maternity_leave") == Some("yes"),
            },
            former_unit_months: months("former_unit_months").unwrap_or(0),
            is_rated_elsewhere: text("rated_elsewhere") == Some("yes"),
        })
    }

    /// What the rules of a cycle make of it. Months are counted of a year, so a quarter, a term or a single occasion binds
    /// nobody.
    pub fn consequence(&self, months: &MonthRule, period: Period) -> Consequence {
        if self.is_rated_elsewhere {
            let bound = OutcomeBound::NotRated { reason: NotRatedReason::RatedByNewUnit };
            return Consequence { bound, ..Consequence::default() };
        }
        if !matches!(period, Period::Year { .. }) {
            return Consequence::default();
        }
        let bound = match outcome(months, self.year, Rating::Excellent) {
            Outcome::NotRated { reason } => OutcomeBound::NotRated { reason },
            Outcome::Rated { rating: Rating::Excellent } => OutcomeBound::Open,
            Outcome::Rated { rating } => OutcomeBound::AtMost { rating },
        };
        let former = months.former_unit_comment_from_months.map(|months| months.value);
        Consequence {
            bound,
            needs_former_unit: former.is_some_and(|from| u32::from(self.former_unit_months) >= from),
            is_excused: self_review(months, self.year) == SelfReview::Excused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Quarter;
    use crate::rule_set::RuleSet;

    const YEAR: Period = Period::Year { year: 2026 };

    fn record(worked_months: u8, absent_months: u8) -> ServiceRecord {
        let year = YearOfWork { worked_months, absent_months, has_maternity_leave: false };
        ServiceRecord { year, former_unit_months: 0, is_rated_elsewhere: false }
    }

    fn under_335(record: &ServiceRecord, period: Period) -> Consequence {
        record.consequence(&RuleSet::decree_335().months, period)
    }

    /// Domain 2.1, guards: under 6 months, 3 to under 6 months of absence.
    #[test]
    fn months_bind_the_outcome_of_a_year() {
        let too_few = OutcomeBound::NotRated { reason: NotRatedReason::TooFewMonths };
        let capped = OutcomeBound::AtMost { rating: Rating::Completed };
        for (worked, absent, bound) in [
            (12, 0, OutcomeBound::Open),
            (10, 2, OutcomeBound::Open),
            (9, 3, capped),
            (7, 5, capped),
            (6, 6, capped),
            (5, 7, too_few),
            (0, 0, too_few),
        ] {
            assert_eq!(under_335(&record(worked, absent), YEAR).bound, bound, "{worked} worked, {absent} absent");
        }
    }

    #[test]
    fn a_quarter_binds_nobody_by_months() {
        let quarter = Period::Quarter { year: 2026, quarter: Quarter::First };
        assert_eq!(under_335(&record(2, 1), quarter), Consequence::default());
    }

    #[test]
    fn the_comment_of_a_former_unit_is_needed_from_six_months_on() {
        for (months, is_needed) in [(0, false), (5, false), (6, true), (11, true)] {
            let moved = ServiceRecord { former_unit_months: months, ..record(12, 0) };
            assert_eq!(under_335(&moved, YEAR).needs_former_unit, is_needed, "{months}");
        }
    }

    #[test]
    fn maternity_excuses_only_who_worked_too_little() {
        for (worked, is_excused) in [(5, true), (6, false)] {
            let mut record = record(worked, 12 - worked);
            record.year.has_maternity_leave = true;
            assert_eq!(under_335(&record, YEAR).is_excused, is_excused, "{worked}");
        }
    }

    #[test]
    fn whoever_left_is_rated_by_the_new_unit_in_every_period() {
        let left = ServiceRecord { is_rated_elsewhere: true, ..record(12, 0) };
        for period in [YEAR, Period::AdHoc { year: 2026 }] {
            let bound = OutcomeBound::NotRated { reason: NotRatedReason::RatedByNewUnit };
            assert_eq!(under_335(&left, period).bound, bound);
        }
    }
}
