//! What the office reads: how far the assessments are, how they are spread, and who stands where.
//!
//! A pure fold over [`ReportLine`]s: the order of the input never matters, so phone, server and test print the same. Only
//! named work appears here, and of residents what an open meeting put into a signed paper: [`residence`]. Nothing of a
//! round does.

pub mod case_sheet;
pub mod compliance;
pub mod decided;
pub mod figures;
pub mod gap;
pub mod group_min;
pub mod residence;
pub mod sheet;
pub mod waiting;

use std::collections::BTreeMap;

use crate::identity::UnitId;
use crate::quota::check_quota;
use crate::rating::{Outcome, Rating, RatingCounts, level, outcome};
use crate::ratio::Ratio;
use crate::report::figures::{
    AssessmentReport, AssessmentState, LevelShare, Progress, ProgressMark, Punctuality, QuotaFinding, QuotaScope,
    RatingDistribution, ReportLine, ScoreRow, UnitProgress,
};
use crate::rule_set::RuleSet;
use crate::text::{normalised, sort_key};

/// The report of one cycle under its pinned rule set. Cannot fail; equal lines in any order give equal reports.
pub fn summarise_assessments(rules: &RuleSet, people: &[ReportLine]) -> AssessmentReport {
    let rows = sorted_rows(rules, people);
    let by_unit: Vec<&[ScoreRow]> = rows.chunk_by(|one, next| one.unit == next.unit).collect();
    AssessmentReport {
        rule_set_code: rules.code.clone(),
        rule_set_version: rules.version,
        progress: progress(&rows),
        units: by_unit.iter().map(|rows| unit_progress(rows)).collect(),
        distribution: distribution(&rows),
        quotas: quotas(rules, &by_unit, &rows),
        rows,
    }
}

fn sorted_rows(rules: &RuleSet, people: &[ReportLine]) -> Vec<ScoreRow> {
    let unit_names = unit_names(people.iter().map(|line| (line.unit, line.unit_name.as_str())));
    let mut rows: Vec<ScoreRow> = people.iter().map(|line| row(rules, line, unit_names[&line.unit])).collect();
    rows.sort();
    rows.sort_by_cached_key(|row| (sort_key(&row.unit_name), row.unit, sort_key(&row.name)));
    rows
}

/// One name per unit. Two phones may know a unit under two names; the smaller name stands for all of its rows.
fn unit_names<'a>(units: impl Iterator<Item = (UnitId, &'a str)>) -> BTreeMap<UnitId, &'a str> {
    let mut names = BTreeMap::new();
    for (unit, given) in units {
        let name = names.entry(unit).or_insert(given);
        *name = given.min(*name);
    }
    names
}

fn row(rules: &RuleSet, line: &ReportLine, unit_name: &str) -> ScoreRow {
    let mut row = ScoreRow {
        person: line.person,
        name: line.name.clone(),
        unit: line.unit,
        unit_name: unit_name.to_owned(),
        title: line.title.clone(),
        duty_group: normalised(&line.duty_group),
        is_leader: line.is_leader,
        mark: ProgressMark::NotStarted,
        general_hundredths: None,
        task_hundredths: None,
        total_hundredths: None,
        outcome: None,
        self_rating: None,
    };
    match &line.state {
        AssessmentState::Missing => {}
        AssessmentState::Draft => row.mark = ProgressMark::Draft,
        AssessmentState::NotRated { reason } => {
            row.mark = ProgressMark::NotRated;
            row.outcome = Some(Outcome::NotRated { reason: *reason });
        }
        AssessmentState::Submitted { results, violation, year, self_rating, punctuality } => {
            let rating = level(rules, results, *violation);
            let outcome = year.map_or(Outcome::Rated { rating }, |year| outcome(&rules.months, year, rating));
            row.mark = submitted_mark(outcome, *punctuality);
            let score = results.score.as_ref();
            row.general_hundredths = score.map(|score| score.general_hundredths);
            row.task_hundredths = score.map(|score| score.task_hundredths);
            row.total_hundredths = score.map(|score| score.total_hundredths);
            row.outcome = Some(outcome);
            row.self_rating = Some(*self_rating);
        }
    }
    row
}

fn submitted_mark(outcome: Outcome, punctuality: Punctuality) -> ProgressMark {
    match (outcome, punctuality) {
        (Outcome::NotRated { .. }, _) => ProgressMark::NotRated,
        (Outcome::Rated { .. }, Punctuality::OnTime) => ProgressMark::Submitted,
        (Outcome::Rated { .. }, Punctuality::Late) => ProgressMark::Late,
    }
}

fn progress(rows: &[ScoreRow]) -> Progress {
    let count = |mark| rows.iter().filter(|row| row.mark == mark).count() as u32;
    let (not_started, draft) = (count(ProgressMark::NotStarted), count(ProgressMark::Draft));
    let late = count(ProgressMark::Late);
    let submitted = count(ProgressMark::Submitted) + late;
    let expected = not_started + draft + submitted;
    let submitted_share = Ratio::of(u64::from(submitted), u64::from(expected));
    Progress {
        expected,
        not_started,
        draft,
        submitted,
        late,
        not_rated: count(ProgressMark::NotRated),
        submitted_share,
    }
}

fn unit_progress(rows: &[ScoreRow]) -> UnitProgress {
    UnitProgress { unit: rows[0].unit, unit_name: rows[0].unit_name.clone(), progress: progress(rows) }
}

fn rating_counts<'a>(rows: impl IntoIterator<Item = &'a ScoreRow>) -> RatingCounts {
    RatingCounts::of(rows.into_iter().filter_map(|row| match row.outcome {
        Some(Outcome::Rated { rating }) => Some(rating),
        Some(Outcome::NotRated { .. }) | None => None,
    }))
}

fn distribution(rows: &[ScoreRow]) -> RatingDistribution {
    let counts = rating_counts(rows);
    let rated = counts.rated();
    let levels = Rating::ALL.map(|rating| {
        let count = counts.count(rating);
        LevelShare { rating, count, share: Ratio::of(u64::from(count), u64::from(rated)) }
    });
    let is_not_rated = |row: &&ScoreRow| row.mark == ProgressMark::NotRated;
    RatingDistribution { rated, not_rated: rows.iter().filter(is_not_rated).count() as u32, levels: levels.into() }
}

fn quotas(rules: &RuleSet, by_unit: &[&[ScoreRow]], rows: &[ScoreRow]) -> Vec<QuotaFinding> {
    let in_units = by_unit.iter().map(|rows| QuotaFinding {
        scope: QuotaScope::InUnit { unit: rows[0].unit, unit_name: rows[0].unit_name.clone() },
        check: check_quota(&rules.quota, &rating_counts(*rows)),
    });
    let mut by_group = BTreeMap::<(String, &str), Vec<&ScoreRow>>::new();
    for row in rows {
        by_group.entry((sort_key(&row.duty_group), &row.duty_group)).or_default().push(row);
    }
    let in_groups = by_group.into_iter().map(|((_, duty_group), rows)| QuotaFinding {
        scope: QuotaScope::InDutyGroup { duty_group: duty_group.to_owned() },
        check: check_quota(&rules.quota, &rating_counts(rows)),
    });
    in_units.chain(in_groups).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::PersonId;
    use crate::quota::QuotaStanding;
    use crate::rating::{NotRatedReason, OverridingFinding, Violation, YearOfWork};
    use crate::rule_set::level_tests::scored;

    pub(crate) fn line(number: u8, unit: u8, state: AssessmentState) -> ReportLine {
        ReportLine {
            person: PersonId::from_bytes([number; 16]),
            name: format!("Nguyễn Văn {number}"),
            unit: UnitId::from_bytes([unit; 16]),
            unit_name: format!("Khu phố {unit}"),
            title: "Công chức".into(),
            duty_group: if number.is_multiple_of(2) { "Chuyên môn".into() } else { "Văn phòng".into() },
            is_leader: false,
            state,
        }
    }

    pub(crate) fn submitted(total_hundredths: u32, punctuality: Punctuality) -> AssessmentState {
        let (violation, self_rating) = (Violation::Absent, Rating::Good);
        let results = scored(total_hundredths);
        AssessmentState::Submitted { results, violation, year: None, self_rating, punctuality }
    }

    fn summarise(people: &[ReportLine]) -> AssessmentReport {
        summarise_assessments(&RuleSet::decree_335(), people)
    }

    fn any_line() -> impl Strategy<Value = ReportLine> {
        let state = prop_oneof![
            Just(AssessmentState::Missing),
            Just(AssessmentState::Draft),
            (0..=10_000_u32).prop_map(|total| submitted(total, Punctuality::OnTime)),
            (0..=10_000_u32).prop_map(|total| submitted(total, Punctuality::Late)),
            Just(AssessmentState::NotRated { reason: NotRatedReason::TooFewMonths }),
        ];
        (any::<u8>(), 0..12_u8, state).prop_map(|(number, unit, state)| line(number, unit, state))
    }

    #[test]
    fn progress_leaves_out_whoever_is_not_rated() {
        let report = summarise(&[
            line(1, 1, AssessmentState::Missing),
            line(2, 1, AssessmentState::Draft),
            line(3, 1, submitted(9_500, Punctuality::Late)),
            line(4, 2, AssessmentState::NotRated { reason: NotRatedReason::RatedByNewUnit }),
        ]);
        let expected = Progress {
            expected: 3,
            not_started: 1,
            draft: 1,
            submitted: 1,
            late: 1,
            not_rated: 0,
            submitted_share: Ratio::of(1, 3),
        };
        assert_eq!(report.units[0].progress, expected);
        assert_eq!(report.units[1].progress.submitted_share, None);
        assert_eq!(report.progress, Progress { not_rated: 1, ..expected });
    }

    #[test]
    fn levels_are_spread_over_rated_people_only() {
        let totals = [9_000, 8_999, 7_000, 6_999, 5_000, 4_999];
        let mut people: Vec<_> =
            (1..).zip(totals).map(|(at, total)| line(at, 1, submitted(total, Punctuality::OnTime))).collect();
        people.push(line(9, 1, AssessmentState::NotRated { reason: NotRatedReason::TooFewMonths }));
        let distribution = summarise(&people).distribution;
        assert_eq!((distribution.rated, distribution.not_rated), (6, 1));
        let counts: Vec<_> = distribution.levels.iter().map(|level| (level.count, level.share)).collect();
        assert_eq!(counts, [(1, Ratio::of(1, 6)), (2, Ratio::of(1, 3)), (2, Ratio::of(1, 3)), (1, Ratio::of(1, 6))]);
    }

    #[test]
    fn months_and_findings_decide_the_level_of_a_row() {
        let check = |given_violation, worked_months, absent_months, expected| {
            let mut line = line(1, 1, submitted(9_500, Punctuality::OnTime));
            if let AssessmentState::Submitted { violation, year, .. } = &mut line.state {
                *violation = given_violation;
                *year = Some(YearOfWork { worked_months, absent_months, has_maternity_leave: false });
            }
            assert_eq!(summarise(&[line]).rows[0].outcome, Some(expected));
        };
        let disciplined = Violation::Overriding { finding: OverridingFinding::Disciplined };
        check(Violation::Absent, 12, 0, Outcome::Rated { rating: Rating::Excellent });
        check(Violation::Absent, 8, 4, Outcome::Rated { rating: Rating::Completed });
        check(Violation::Absent, 5, 7, Outcome::NotRated { reason: NotRatedReason::TooFewMonths });
        check(disciplined, 12, 0, Outcome::Rated { rating: Rating::NotCompleted });
    }

    #[test]
    fn the_quota_is_found_per_unit_and_per_duty_group() {
        // Unit 1: one excellent, five good, all in the even group. Unit 2: one excellent alone, in the odd group.
        let mut people =
            vec![line(2, 1, submitted(9_000, Punctuality::OnTime)), line(3, 2, submitted(9_000, Punctuality::OnTime))];
        people.extend((2..7).map(|at| line(2 * at, 1, submitted(7_000, Punctuality::OnTime))));
        let quotas = summarise(&people).quotas;
        let found: Vec<_> = quotas.iter().map(|quota| (quota.check.standing, quota.check.surplus)).collect();
        let (kept, exceeded) = ((QuotaStanding::Kept, 0), (QuotaStanding::Exceeded, 1));
        assert_eq!(found, [kept, exceeded, kept, exceeded]);
        assert_eq!(quotas[2].scope, QuotaScope::InDutyGroup { duty_group: "Chuyên môn".into() });
    }

    #[test]
    fn rows_stand_by_unit_then_name_with_numbers_by_value() {
        let people =
            [(1, 10), (12, 2), (3, 2), (2, 2)].map(|(number, unit)| line(number, unit, AssessmentState::Missing));
        let rows = summarise(&people).rows;
        let order: Vec<u8> = rows.iter().map(|row| row.person.as_bytes()[0]).collect();
        assert_eq!(order, [2, 3, 12, 1]);
    }

    #[test]
    fn nobody_gives_an_empty_report() {
        let report = summarise(&[]);
        assert_eq!((report.rows.len(), report.units.len(), report.quotas.len()), (0, 0, 0));
        assert!(report.distribution.levels.iter().all(|level| level.share.is_none()));
    }

    proptest! {
        #[test]
        fn the_order_of_the_input_never_matters(
            (people, shuffled) in prop::collection::vec(any_line(), 0..40)
                .prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
        ) {
            prop_assert_eq!(summarise(&people), summarise(&shuffled));
        }

        #[test]
        fn sums_add_up(people in prop::collection::vec(any_line(), 0..40)) {
            let AssessmentReport { progress, units, distribution, rows, .. } = summarise(&people);
            let sum = |figure: fn(&Progress) -> u32| units.iter().map(|unit| figure(&unit.progress)).sum::<u32>();
            prop_assert_eq!(sum(|progress| progress.expected), progress.expected);
            prop_assert_eq!(sum(|progress| progress.late), progress.late);
            prop_assert_eq!((progress.expected + progress.not_rated) as usize, people.len());
            prop_assert_eq!(rows.len(), people.len());
            prop_assert_eq!(distribution.rated, progress.submitted);
            prop_assert_eq!(distribution.levels.iter().map(|level| level.count).sum::<u32>(), distribution.rated);
        }

        #[test]
        fn whoever_is_not_rated_changes_no_share(people in prop::collection::vec(any_line(), 0..40)) {
            let rated: Vec<_> = people.iter().filter(|line| !matches!(line.state, AssessmentState::NotRated { .. })).cloned().collect();
            let (all, rated) = (summarise(&people), summarise(&rated));
            prop_assert_eq!(all.progress.submitted_share, rated.progress.submitted_share);
            prop_assert_eq!(all.distribution.levels, rated.distribution.levels);
        }
    }
}
