//! How decided levels are spread, and whether too many are excellent. Source: domain specification 6, R8.
//!
//! The levels of decisions, never those of a form. Whoever is not rated is counted beside, in no denominator (invariant
//! I15). Nothing is hidden here: who has which level is published in the unit.

use std::collections::BTreeMap;

use super::figures::{LevelShare, QuotaFinding, QuotaScope, RatingDistribution};
use super::sheet::{PERCENT_DECIMALS, Sheet, harmless, sheet};
use super::unit_names;
use crate::identity::UnitId;
use crate::quota::{QuotaStanding, check_quota};
use crate::rating::{Outcome, Rating, RatingCounts};
use crate::ratio::{Ratio, Rounded, Rounding};
use crate::rule_set::Quota;
use crate::text::{normalised, sort_key};

/// Somebody whose year is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedPerson {
    /// Their unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The group of similar duties.
    pub duty_group: String,
    /// What the decision in force says.
    pub outcome: Outcome,
}

/// The decided levels of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedReport {
    /// Over everybody who is rated.
    pub distribution: RatingDistribution,
    /// By unit, in the order of names; numbers in names by value.
    pub units: Vec<UnitLevels>,
    /// The quota in each unit, then in each group of similar duties.
    pub quotas: Vec<QuotaFinding>,
}

/// The decided levels of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLevels {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// People of each level.
    pub counts: RatingCounts,
    /// People without a level, in no share.
    pub not_rated: u32,
}

/// Spreads and checks the decided levels. Cannot fail; equal people in any order give equal reports.
pub fn summarise_decisions(quota: &Quota, people: &[DecidedPerson]) -> DecidedReport {
    let unit_names = unit_names(people.iter().map(|person| (person.unit, person.unit_name.as_str())));
    let mut by_unit = BTreeMap::<UnitId, Vec<Outcome>>::new();
    let mut by_group = BTreeMap::<(String, String), Vec<Outcome>>::new();
    for person in people {
        by_unit.entry(person.unit).or_default().push(person.outcome);
        let group = normalised(&person.duty_group);
        by_group.entry((sort_key(&group), group)).or_default().push(person.outcome);
    }
    let units = by_unit.into_iter().map(|(unit, outcomes)| {
        let (unit_name, counts) = (unit_names[&unit].to_owned(), counts(&outcomes));
        UnitLevels { unit, unit_name, counts, not_rated: not_rated(&outcomes) }
    });
    let mut units: Vec<UnitLevels> = units.collect();
    units.sort_by_cached_key(|unit| (sort_key(&unit.unit_name), unit.unit));
    let in_units = units.iter().map(|unit| QuotaFinding {
        scope: QuotaScope::InUnit { unit: unit.unit, unit_name: unit.unit_name.clone() },
        check: check_quota(quota, &unit.counts),
    });
    let in_groups = by_group.into_iter().map(|((_, duty_group), outcomes)| QuotaFinding {
        scope: QuotaScope::InDutyGroup { duty_group },
        check: check_quota(quota, &counts(&outcomes)),
    });
    let quotas = in_units.chain(in_groups).collect();
    let all: Vec<Outcome> = people.iter().map(|person| person.outcome).collect();
    DecidedReport { distribution: distribution(&all), units, quotas }
}

/// The spread as rows: each unit, and all of them in the last row.
pub fn distribution_sheet(report: &DecidedReport) -> Sheet {
    let header = [
        "Đơn vị",
        "Được xếp loại",
        "Hoàn thành xuất sắc nhiệm vụ",
        "Hoàn thành tốt nhiệm vụ",
        "Hoàn thành nhiệm vụ",
        "Không hoàn thành nhiệm vụ",
        "Tỷ lệ xuất sắc",
        "Không xếp loại",
    ];
    let RatingDistribution { levels, not_rated, .. } = &report.distribution;
    let count = |rating| levels.iter().find(|level| level.rating == rating).map_or(0, |level| level.count);
    let total = RatingCounts {
        excellent: count(Rating::Excellent),
        good: count(Rating::Good),
        completed: count(Rating::Completed),
        not_completed: count(Rating::NotCompleted),
    };
    let units = report.units.iter().map(|unit| level_cells(&unit.unit_name, &unit.counts, unit.not_rated));
    sheet(&header, units.chain([level_cells("Tổng số", &total, *not_rated)]).collect())
}

/// The quota as rows, in the order of the report.
pub fn quota_sheet(report: &DecidedReport) -> Sheet {
    let header = ["Tính trong", "Tên", "Xuất sắc", "Tốt", "Mức cao nhất", "Vượt", "Ghi chú"];
    let row = |finding: &QuotaFinding| {
        let (kind, name) = match &finding.scope {
            QuotaScope::InUnit { unit_name, .. } => ("Đơn vị", unit_name),
            QuotaScope::InDutyGroup { duty_group } => ("Nhóm nhiệm vụ", duty_group),
        };
        let check = &finding.check;
        let note = match check.standing {
            QuotaStanding::Kept => "Trong mức",
            QuotaStanding::KeptIfOutstanding => "Chỉ được nếu công nhận thành tích xuất sắc",
            QuotaStanding::Exceeded => "Vượt mức",
        };
        let numbers = [check.excellent, check.good, check.allowed, check.surplus].map(whole);
        let words = [kind.to_owned(), harmless(name)];
        words.into_iter().chain(numbers).chain([note.to_owned()]).collect()
    };
    sheet(&header, report.quotas.iter().map(row).collect())
}

fn distribution(outcomes: &[Outcome]) -> RatingDistribution {
    let counts = counts(outcomes);
    let rated = counts.rated();
    let levels = Rating::ALL.map(|rating| {
        let count = counts.count(rating);
        LevelShare { rating, count, share: Ratio::of(count.into(), rated.into()) }
    });
    RatingDistribution { rated, not_rated: not_rated(outcomes), levels: levels.into() }
}

fn counts(outcomes: &[Outcome]) -> RatingCounts {
    RatingCounts::of(outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Rated { rating } => Some(*rating),
        Outcome::NotRated { .. } => None,
    }))
}

fn not_rated(outcomes: &[Outcome]) -> u32 {
    outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotRated { .. })).count() as u32
}

fn level_cells(name: &str, counts: &RatingCounts, not_rated: u32) -> Vec<String> {
    let share = Ratio::of(counts.excellent.into(), counts.rated().into());
    let share = share.map(|share| share.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp));
    let levels = Rating::ALL.map(|rating| whole(counts.count(rating)));
    let first = [harmless(name), whole(counts.rated())];
    first.into_iter().chain(levels).chain([share.unwrap_or_default(), whole(not_rated)]).collect()
}

fn whole(number: u32) -> String {
    Rounded::whole(number.into()).vietnamese()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rating::NotRatedReason;
    use crate::rule_set::RuleSet;

    fn people(unit: u8, duty_group: &str, outcomes: &[(u32, Option<Rating>)]) -> Vec<DecidedPerson> {
        let person = |rating: &Option<Rating>| DecidedPerson {
            unit: UnitId::from_bytes([unit; 16]),
            unit_name: format!("Phòng {unit}"),
            duty_group: duty_group.into(),
            outcome: rating
                .map_or(Outcome::NotRated { reason: NotRatedReason::TooFewMonths }, |rating| Outcome::Rated { rating }),
        };
        outcomes.iter().flat_map(|(count, rating)| (0..*count).map(move |_| person(rating))).collect()
    }

    fn report(people: &[DecidedPerson]) -> DecidedReport {
        summarise_decisions(&RuleSet::decree_335().quota, people)
    }

    /// The worked numbers of R8: 4 of 20 keep the quota, 5 of 20 are one too many, 1 of none is one too many.
    #[test]
    fn the_surplus_is_exact_in_each_unit_and_each_group() {
        let (excellent, good) = (Some(Rating::Excellent), Some(Rating::Good));
        let mut all = people(1, "Chuyên môn", &[(4, excellent), (20, good)]);
        all.extend(people(2, "Chuyên môn", &[(5, excellent), (20, good)]));
        all.extend(people(3, "Lãnh đạo", &[(1, excellent)]));
        let found: Vec<(u32, u32)> =
            report(&all).quotas.iter().map(|found| (found.check.allowed, found.check.surplus)).collect();
        assert_eq!(found, [(4, 0), (4, 1), (0, 1), (8, 1), (0, 1)]);
    }

    #[test]
    fn whoever_is_not_rated_is_in_no_denominator() {
        let report = report(&people(1, "Chuyên môn", &[(1, Some(Rating::Good)), (3, None)]));
        assert_eq!((report.distribution.rated, report.distribution.not_rated), (1, 3));
        assert_eq!(report.distribution.levels[1].share, Ratio::of(1, 1));
        assert_eq!(distribution_sheet(&report).rows[1], ["Tổng số", "1", "0", "1", "0", "0", "0,00 %", "3"]);
        let nobody = summarise_decisions(&RuleSet::decree_335().quota, &[]);
        assert_eq!(nobody.distribution.levels[0].share, None);
    }

    #[test]
    fn sheets_are_as_wide_as_their_headers_and_compute_nothing() {
        let mut all = people(1, "=1+1", &[(5, Some(Rating::Excellent)), (20, Some(Rating::Good))]);
        all[0].unit_name = "Phòng 1".into();
        let report = report(&all);
        for Sheet { header, rows } in [distribution_sheet(&report), quota_sheet(&report)] {
            assert!(rows.iter().all(|row| row.len() == header.len()));
        }
        let note = "Chỉ được nếu công nhận thành tích xuất sắc";
        assert_eq!(quota_sheet(&report).rows[1], ["Nhóm nhiệm vụ", "'=1+1", "5", "20", "4", "1", note]);
    }
}
