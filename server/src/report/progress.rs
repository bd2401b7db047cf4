//! How far every unit is.

use model::identity::UnitId;
use model::ratio::Rounding;
use model::report::figures::{AssessmentReport, Progress};

use crate::report::bar::{Segment, stacked_bar};
use crate::report::chip::Chip;
use crate::report::score_row::RowView;

/// Units, and all of them together.
#[derive(Debug, Clone)]
pub struct ProgressTable {
    /// By name.
    pub units: Vec<ProgressRow>,
    /// All together.
    pub total: ProgressRow,
    /// "87,50 %" of the expected forms; empty when none is expected.
    pub submitted_share: String,
}

/// One unit.
#[derive(Debug, Clone)]
pub struct ProgressRow {
    /// Its name.
    pub name: String,
    /// Its figures.
    pub progress: Progress,
    /// Done, doing, not begun.
    pub bar: Vec<Segment>,
    /// Complete, overdue, or how many are still to come.
    pub chip: Chip,
    /// Whether a form of it is overdue.
    pub is_overdue: bool,
}

/// The table of a report; `rows` know who is overdue.
pub(crate) fn progress_table(report: &AssessmentReport, rows: &[RowView]) -> ProgressTable {
    let overdue_in = |unit: UnitId| rows.iter().filter(|row| row.is_overdue && row.unit == unit).count() as u32;
    let overdue = rows.iter().filter(|row| row.is_overdue).count() as u32;
    let units = report.units.iter().map(|unit| row(&unit.unit_name, unit.progress, overdue_in(unit.unit)));
    let share = report.progress.submitted_share;
    ProgressTable {
        units: units.collect(),
        total: row("Tất cả", report.progress, overdue),
        submitted_share: share.map(|share| share.vietnamese_percent(2, Rounding::HalfUp)).unwrap_or_default(),
    }
}

fn row(name: &str, progress: Progress, overdue: u32) -> ProgressRow {
    let Progress { expected, not_started, draft, submitted, .. } = progress;
    let chip = match (overdue, expected - submitted) {
        (0, 0) if expected == 0 => Chip::plain("info", "Không phải nộp"),
        (0, 0) => Chip::plain("check", "Đủ"),
        (0, left) => Chip::plain("edit", format!("Còn {left} phiếu")),
        (overdue, _) => Chip::act(format!("{overdue} phiếu quá hạn")),
    };
    let bar = stacked_bar(&[("c-done", submitted), ("c-doing", draft), ("c-todo", not_started)]);
    ProgressRow { name: name.to_owned(), progress, bar, chip, is_overdue: overdue > 0 }
}
