//! The page of one cycle as words and numbers ready to print. The template only lays them out.

use askama::Template;
use model::cycle::EvaluationCycle;
use model::identity::CycleId;
use model::rating::{Outcome, Rating};
use model::ratio::{Rounded, Rounding};
use model::report::figures::{AssessmentReport, ProgressMark, RatingDistribution, ScoreRow};
use model::report::summarise_assessments;
use model::time::{Day, Timestamp};

use crate::report::bar::{Segment, share_bar};
use crate::report::progress::{ProgressTable, progress_table};
use crate::report::quota::{QuotaSection, quota_section};
use crate::report::reading::{CycleReading, PaperReading, UnreadPaper};
use crate::report::score_row::{RowView, row_view};
use crate::safety::Copies;

/// Decimals of a percentage on the page.
const PERCENT_DECIMALS: u8 = 2;

/// The report of one cycle.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    /// What stands above every page.
    pub frame: Frame,
    /// By which law.
    pub law: String,
    /// Until when, and how far away that is.
    pub deadline: Deadline,
    /// Links to every cycle, this one marked; empty when it is the only one.
    pub cycles: Vec<CycleLink>,
    /// The cycle in addresses.
    pub cycle: CycleId,
    /// How far every unit is.
    pub progress: ProgressTable,
    /// How the levels are spread.
    pub levels: LevelTable,
    /// Whether too many are excellent.
    pub quota: QuotaSection,
    /// Everybody, unit by unit.
    pub units: Vec<UnitRows>,
    /// How many forms are missing after the last day; the first of them carries the anchor.
    pub overdue: u32,
    /// Whose submission cannot be read.
    pub unread: Vec<UnreadPaper>,
    /// Directory items that cannot be read.
    pub unread_items: u32,
}

/// What stands above and below every page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Name of the page.
    pub title: String,
    /// Name of the commune; none when the office did not publish one top unit.
    pub place: Option<String>,
    /// When the figures were read, by the server's clock.
    pub at: String,
    /// How many copies of the data there are.
    pub copies: Copies,
    /// Whether phones still bring back what a restore lost.
    pub is_recovering: bool,
}

/// The last day of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// `dd/MM/yyyy`.
    pub day: String,
    /// "còn 17 ngày", "hôm nay là ngày cuối" or "đã hết hạn".
    pub distance: String,
}

/// A link to the report of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleLink {
    /// Where to.
    pub cycle: CycleId,
    /// Its title.
    pub title: String,
    /// Whether it is the page that is shown.
    pub is_shown: bool,
}

/// The people of one unit.
#[derive(Debug, Clone)]
pub struct UnitRows {
    /// The unit's name.
    pub name: String,
    /// By name.
    pub rows: Vec<RowView>,
}

/// The four levels.
#[derive(Debug, Clone)]
pub struct LevelTable {
    /// The highest first.
    pub rows: Vec<LevelView>,
    /// People with a level: what the shares are of.
    pub rated: u32,
    /// People without, in no share.
    pub not_rated: u32,
}

/// One level.
#[derive(Debug, Clone)]
pub struct LevelView {
    /// Its full name.
    pub label: &'static str,
    /// People with it.
    pub count: u32,
    /// Their share; empty while nobody is rated.
    pub share: String,
    /// The share as a bar.
    pub bar: Vec<Segment>,
}

/// When and where a page is made.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// By the server's clock.
    pub now: Timestamp,
    /// How many copies of the data there are.
    pub copies: Copies,
    /// Whether phones still bring back what a restore lost.
    pub is_recovering: bool,
}

impl Situation {
    /// What stands around a page of this title.
    pub fn frame(&self, title: &str, place: Option<String>) -> Frame {
        let (clock, day) = (self.now.vietnamese_clock(), self.now.vietnamese_day().vietnamese());
        let Self { copies, is_recovering, .. } = *self;
        Frame { title: title.to_owned(), place, at: format!("{clock} ngày {day}"), copies, is_recovering }
    }
}

impl ReportPage {
    /// The page as it is sent.
    pub fn html(&self) -> String {
        self.render().expect("a template of ours renders into memory")
    }

    /// The page of a cycle among all cycles, the newest first.
    pub fn new(reading: &CycleReading, cycles: &[EvaluationCycle], situation: Situation) -> Self {
        let report = summary(reading);
        let (cycle, today) = (&reading.cycle, situation.now.vietnamese_day());
        let rows = rows(&report, reading, today);
        let overdue = rows.iter().filter(|row| row.is_overdue).count() as u32;
        Self {
            frame: situation.frame(&cycle.title, reading.place.clone()),
            law: reading.rules.legal_reference.clone(),
            deadline: deadline(cycle, today),
            cycles: links(cycles, cycle.id),
            cycle: cycle.id,
            progress: progress_table(&report, &rows),
            levels: levels(&report.distribution),
            quota: quota_section(&reading.rules, &report.quotas, "Theo điểm"),
            units: by_unit(rows),
            overdue,
            unread: reading.unread.clone(),
            unread_items: reading.unread_items,
        }
    }
}

/// The figures of a reading, for the page and for the sheets.
pub fn summary(reading: &CycleReading) -> AssessmentReport {
    let lines: Vec<_> = reading.papers.iter().map(|paper| paper.line.clone()).collect();
    summarise_assessments(&reading.rules, &lines)
}

/// A level in a narrow column; its full name stands in the distribution.
pub(crate) fn short_label(rating: Rating) -> &'static str {
    match rating {
        Rating::Excellent => "Xuất sắc",
        Rating::Good => "Tốt",
        Rating::Completed => "Hoàn thành",
        Rating::NotCompleted => "Không hoàn thành",
    }
}

/// An outcome in a narrow column.
pub(crate) fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Rated { rating } => short_label(rating),
        Outcome::NotRated { .. } => "Không xếp loại",
    }
}

/// Hundredths of a point as they are written, `84,17`.
pub(crate) fn points(hundredths: u32) -> String {
    Rounded::hundredths(hundredths).vietnamese()
}

fn rows(report: &AssessmentReport, reading: &CycleReading, today: Day) -> Vec<RowView> {
    let row = |row: &ScoreRow| {
        let paper: Option<&PaperReading> = reading.papers.iter().find(|paper| paper.line.person == row.person);
        row_view(row, paper, (&reading.cycle, today))
    };
    let mut rows: Vec<RowView> = report.rows.iter().map(row).collect();
    if let Some(first) = rows.iter_mut().find(|row| row.is_overdue) {
        first.is_first_overdue = true;
    }
    rows
}

/// The rows stand by unit already; each unit gets its heading.
fn by_unit(rows: Vec<RowView>) -> Vec<UnitRows> {
    let units = rows.chunk_by(|one, next| one.unit == next.unit);
    units.map(|rows| UnitRows { name: rows[0].unit_name.clone(), rows: rows.to_vec() }).collect()
}

fn deadline(cycle: &EvaluationCycle, today: Day) -> Deadline {
    let distance = match (today.days_until(cycle.opens), today.days_until(cycle.closes)) {
        (until_open, _) if until_open > 0 => format!("bắt đầu từ {}", cycle.opens.vietnamese()),
        (_, 0) => "hôm nay là ngày cuối".to_owned(),
        (_, left) if left > 0 => format!("còn {left} ngày"),
        _ => "đã hết hạn".to_owned(),
    };
    Deadline { day: cycle.closes.vietnamese(), distance }
}

fn links(cycles: &[EvaluationCycle], shown: CycleId) -> Vec<CycleLink> {
    let link = |cycle: &EvaluationCycle| {
        let (cycle, title) = (cycle.id, cycle.title.clone());
        CycleLink { cycle, title, is_shown: cycle == shown }
    };
    if cycles.len() > 1 { cycles.iter().map(link).collect() } else { Vec::new() }
}

fn levels(distribution: &RatingDistribution) -> LevelTable {
    let view = |level: &model::report::figures::LevelShare| LevelView {
        label: level.rating.label_vi(),
        count: level.count,
        share: level
            .share
            .map(|share| share.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp))
            .unwrap_or_default(),
        bar: share_bar(level.count, distribution.rated),
    };
    LevelTable {
        rows: distribution.levels.iter().map(view).collect(),
        rated: distribution.rated,
        not_rated: distribution.not_rated,
    }
}

/// Whether a form is in.
pub(crate) fn is_submitted(mark: ProgressMark) -> bool {
    match mark {
        ProgressMark::Submitted | ProgressMark::Late => true,
        ProgressMark::NotStarted | ProgressMark::Draft | ProgressMark::NotRated => false,
    }
}
