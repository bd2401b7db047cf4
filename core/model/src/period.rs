//! The stretch of time that an evaluation is about.
//!
//! Not the days on which forms are filled in: those are the cycle's own. Source: domain specification 4.2.

use serde::{Deserialize, Serialize};

/// The first and the last year that a period may name.
pub const YEARS: std::ops::RangeInclusive<u16> = 2000..=2100;

/// What an evaluation is about. In JSON `{"quarter":{"year":2026,"quarter":"third"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Period {
    /// Năm: one calendar year.
    Year {
        /// The year.
        year: u16,
    },
    /// Quý: three months of a year.
    Quarter {
        /// The year.
        year: u16,
        /// Which three months.
        quarter: Quarter,
    },
    /// Nhiệm kỳ: the years for which a body was elected.
    Term {
        /// The year of the election.
        first_year: u16,
        /// The year of the next one.
        last_year: u16,
    },
    /// Đột xuất: once, when it is needed.
    AdHoc {
        /// The year in which it is needed.
        year: u16,
    },
}

/// A quarter of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Quarter {
    /// January to March.
    First,
    /// April to June.
    Second,
    /// July to September.
    Third,
    /// October to December.
    Fourth,
}

impl Quarter {
    /// As it is printed, in Roman figures.
    pub fn roman(self) -> &'static str {
        match self {
            Self::First => "I",
            Self::Second => "II",
            Self::Third => "III",
            Self::Fourth => "IV",
        }
    }
}

impl Period {
    /// Whether its years are among [`YEARS`], and a term does not end before it begins.
    pub fn is_sound(self) -> bool {
        match self {
            Self::Year { year } | Self::Quarter { year, .. } | Self::AdHoc { year } => YEARS.contains(&year),
            Self::Term { first_year, last_year } => {
                YEARS.contains(&first_year) && YEARS.contains(&last_year) && first_year < last_year
            }
        }
    }

    /// As the head of a Vietnamese form says it.
    pub fn label_vi(self) -> String {
        match self {
            Self::Year { year } => format!("Năm {year}"),
            Self::Quarter { year, quarter } => format!("Quý {} năm {year}", quarter.roman()),
            Self::Term { first_year, last_year } => format!("Nhiệm kỳ {first_year} - {last_year}"),
            Self::AdHoc { year } => format!("Đột xuất năm {year}"),
        }
    }

    /// The same in English.
    pub fn label_en(self) -> String {
        match self {
            Self::Year { year } => format!("Year {year}"),
            Self::Quarter { year, quarter } => format!("Quarter {} of {year}", quarter.roman()),
            Self::Term { first_year, last_year } => format!("Term {first_year} - {last_year}"),
            Self::AdHoc { year } => format!("When needed, {year}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THIRD: Period = Period::Quarter { year: 2026, quarter: Quarter::Third };
    const TERM: Period = Period::Term { first_year: 2025, last_year: 2030 };

    #[test]
    fn a_period_reads_as_the_head_of_a_form() {
        let check = |period: Period, expected: [&str; 2]| assert_eq!([period.label_vi(), period.label_en()], expected);
        check(Period::Year { year: 2026 }, ["Năm 2026", "Year 2026"]);
        check(THIRD, ["Quý III năm 2026", "Quarter III of 2026"]);
        check(TERM, ["Nhiệm kỳ 2025 - 2030", "Term 2025 - 2030"]);
        check(Period::AdHoc { year: 2026 }, ["Đột xuất năm 2026", "When needed, 2026"]);
    }

    #[test]
    fn years_lie_in_one_century_and_a_term_lasts() {
        let check = |period: Period, expected| assert_eq!(period.is_sound(), expected, "{period:?}");
        check(Period::Year { year: 1999 }, false);
        check(Period::Year { year: 2000 }, true);
        check(Period::AdHoc { year: 2100 }, true);
        check(Period::Quarter { year: 2101, quarter: Quarter::First }, false);
        check(TERM, true);
        check(Period::Term { first_year: 2025, last_year: 2025 }, false);
        check(Period::Term { first_year: 2099, last_year: 2104 }, false);
    }

    #[test]
    fn the_words_on_the_wire_never_change() {
        let check = |period: Period, json: &str| {
            assert_eq!(serde_json::to_string(&period).unwrap(), json);
            assert_eq!(serde_json::from_str::<Period>(json).unwrap(), period);
        };
        check(Period::Year { year: 2026 }, r#"{"year":{"year":2026}}"#);
        check(THIRD, r#"{"quarter":{"year":2026,"quarter":"third"}}"#);
        check(TERM, r#"{"term":{"first_year":2025,"last_year":2030}}"#);
        check(Period::AdHoc { year: 2026 }, r#"{"ad_hoc":{"year":2026}}"#);
        let roman = [Quarter::First, Quarter::Second, Quarter::Third, Quarter::Fourth].map(Quarter::roman);
        assert_eq!(roman, ["I", "II", "III", "IV"]);
        assert!(serde_json::from_str::<Period>(r#"{"quarter":{"year":2026,"quarter":"fifth"}}"#).is_err());
        assert!(serde_json::from_str::<Period>(r#"{"year":{"year":2026,"month":3}}"#).is_err());
    }
}
