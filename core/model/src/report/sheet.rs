//! Reports as rows of text, ready for a spreadsheet.
//!
//! Headers and words are Vietnamese, numbers have a decimal comma. Writing a file is the server's work.

use crate::rating::Outcome;
use crate::ratio::{Ratio, Rounded, Rounding};
use crate::report::figures::{AssessmentReport, Progress, ProgressMark, ScoreRow};

/// Decimals of a percentage in a sheet.
pub(super) const PERCENT_DECIMALS: u8 = 2;

/// A table of text: one header, and rows as wide as it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct Sheet {
    /// Column names.
    pub header: Vec<String>,
    /// Cells; no cell begins with a sign that a spreadsheet would compute.
    pub rows: Vec<Vec<String>>,
}

/// The score table: one row per person, in the order of the report.
pub fn score_sheet(report: &AssessmentReport) -> Sheet {
    let header = [
        "TT",
        "Họ và tên",
        "Đơn vị",
        "Chức vụ, chức danh",
        "Điểm tiêu chí chung",
        "Điểm kết quả nhiệm vụ",
        "Tổng điểm",
        "Xếp loại theo điểm",
        "Tự xếp loại",
        "Tình trạng",
    ];
    sheet(&header, (1..).zip(&report.rows).map(|(number, row)| score_cells(number, row)).collect())
}

/// The progress of each unit, and of all together in the last row.
pub fn progress_sheet(report: &AssessmentReport) -> Sheet {
    let header = [
        "Đơn vị",
        "Phải nộp",
        "Chưa bắt đầu",
        "Đang làm",
        "Đã nộp",
        "Trong đó nộp muộn",
        "Tỷ lệ nộp",
        "Không xếp loại",
    ];
    let units = report.units.iter().map(|unit| progress_cells(&unit.unit_name, &unit.progress));
    sheet(&header, units.chain([progress_cells("Tổng số", &report.progress)]).collect())
}

pub(crate) fn sheet(header: &[&str], rows: Vec<Vec<String>>) -> Sheet {
    Sheet { header: header.iter().map(|name| (*name).to_owned()).collect(), rows }
}

fn score_cells(number: u32, row: &ScoreRow) -> Vec<String> {
    let points = |hundredths: Option<u32>| hundredths.map(|points| Rounded::hundredths(points).vietnamese());
    let cells = [
        Some(number.to_string()),
        Some(harmless(&row.name)),
        Some(harmless(&row.unit_name)),
        Some(harmless(&row.title)),
        points(row.general_hundredths),
        points(row.task_hundredths),
        points(row.total_hundredths),
        row.outcome.map(|outcome| outcome_words(outcome).to_owned()),
        row.self_rating.map(|rating| rating.label_vi().to_owned()),
        Some(mark_words(row.mark).to_owned()),
    ];
    cells.map(Option::unwrap_or_default).into()
}

fn progress_cells(unit_name: &str, progress: &Progress) -> Vec<String> {
    let number = |count: u32| Rounded::whole(u64::from(count)).vietnamese();
    let percent = |share: Ratio| share.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp);
    vec![
        harmless(unit_name),
        number(progress.expected),
        number(progress.not_started),
        number(progress.draft),
        number(progress.submitted),
        number(progress.late),
        progress.submitted_share.map(percent).unwrap_or_default(),
        number(progress.not_rated),
    ]
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Rated { rating } => rating.label_vi(),
        Outcome::NotRated { .. } => "Không xếp loại",
    }
}

fn mark_words(mark: ProgressMark) -> &'static str {
    match mark {
        ProgressMark::NotStarted => "Chưa bắt đầu",
        ProgressMark::Draft => "Đang làm",
        ProgressMark::Submitted => "Đã nộp",
        ProgressMark::Late => "Nộp muộn",
        ProgressMark::NotRated => "Không xếp loại",
    }
}

/// Text that a person typed, so that no spreadsheet takes it for a formula: such a cell gets a leading apostrophe.
pub(crate) fn harmless(text: &str) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rating::NotRatedReason;
    use crate::report::figures::{AssessmentState, Punctuality, ReportLine};
    use crate::report::summarise_assessments;
    use crate::report::tests::{line, submitted};
    use crate::rule_set::RuleSet;

    fn report(people: &[ReportLine]) -> AssessmentReport {
        summarise_assessments(&RuleSet::decree_335(), people)
    }

    #[test]
    fn a_score_table_reads_as_the_office_writes_it() {
        let people = [
            line(1, 1, submitted(8_417, Punctuality::Late)),
            line(2, 1, AssessmentState::Draft),
            line(3, 1, AssessmentState::NotRated { reason: NotRatedReason::TooFewMonths }),
        ];
        let Sheet { header, rows } = score_sheet(&report(&people));
        assert!(rows.iter().all(|row| row.len() == header.len()));
        let good = "Hoàn thành tốt nhiệm vụ";
        let expected =
            ["1", "Nguyễn Văn 1", "Khu phố 1", "Công chức", "30,00", "54,17", "84,17", good, good, "Nộp muộn"];
        assert_eq!(rows[0], expected);
        assert_eq!(rows[1][4..], ["", "", "", "", "", "Đang làm"]);
        assert_eq!(rows[2][7..], ["Không xếp loại", "", "Không xếp loại"]);
    }

    #[test]
    fn a_progress_table_ends_with_the_total() {
        let people = [
            line(1, 1, submitted(8_417, Punctuality::OnTime)),
            line(2, 2, AssessmentState::Draft),
            line(3, 2, AssessmentState::Missing),
        ];
        let Sheet { header, rows } = progress_sheet(&report(&people));
        assert_eq!((rows.len(), header.len()), (3, rows[0].len()));
        assert_eq!(rows[2], ["Tổng số", "3", "1", "1", "1", "0", "33,33 %", "0"]);
    }

    #[test]
    fn a_typed_formula_stays_text() {
        for (given, expected) in [("=1+1", "'=1+1"), (" @x", "' @x"), ("-", "'-"), ("Lan", "Lan")] {
            let mut line = line(1, 1, AssessmentState::Missing);
            line.name = given.into();
            assert_eq!(score_sheet(&report(&[line])).rows[0][1], expected);
        }
    }
}
