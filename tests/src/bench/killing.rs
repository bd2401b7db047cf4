//! The kills as a part of the benchmarks: two thousand of them.

use super::report::Report;
use crate::demo::Told;
use crate::kill;

/// Kills so often and counts what is gone.
pub fn measure(kills: u32) -> Told<Report> {
    let verdict = kill::run(kills)?;
    let mut report = Report::default();
    let figures = [("saved", verdict.saved), ("received", verdict.received), ("refused", verdict.refused)];
    report.figure("kills", kills);
    for (name, count) in figures.into_iter().chain([("rows", verdict.rows)]) {
        report.figure(name, count);
    }
    report.at_most("received_lost", verdict.received_lost as f64, 0.0);
    report.at_most("saved_lost", verdict.saved_lost as f64, 0.0);
    report.at_most("duplicated", verdict.duplicated as f64, 0.0);
    report.at_most("untrue", verdict.untrue as f64, 0.0);
    Ok(report)
}
