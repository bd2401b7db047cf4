//! The tables of self-assessments and opinions, as the forms of their laws have them.

use model::answer::Answer;
use model::form::Question;
use model::form::kind::QuestionKind;
use model::ratio::{Rounded, Rounding};
use model::task::TaskLine;

use crate::cases::account::Account;
use crate::cases::sheet::block::LEFT_OPEN;
use crate::cases::sheet::{Signed, words};
use crate::report::page::points;

/// What stands in the column that was chosen.
pub const MARK: &str = "x";

/// Decimals of a share.
const PERCENT_DECIMALS: u8 = 2;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is called, above it and for screen readers.
    pub title: String,
    /// Its class: the widths of its columns.
    pub class: &'static str,
    /// The header row.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// What it is.
    pub kind: RowKind,
    /// As many cells as the header; a group has one.
    pub cells: Vec<String>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A title over the rows below it.
    Group,
    /// Figures.
    Plain,
    /// The sum of the rows above.
    Sum,
}

impl TableRow {
    fn plain(cells: Vec<String>) -> Self {
        Self { kind: RowKind::Plain, cells }
    }

    /// Whether it is a title over the rows below it.
    pub fn is_group(&self) -> bool {
        self.kind == RowKind::Group
    }

    /// Whether it sums up.
    pub fn is_sum(&self) -> bool {
        self.kind == RowKind::Sum
    }
}

/// Sections of a form with the questions in them that were shown.
pub type Parts<'a> = [(&'a str, Vec<&'a Question>)];

/// Criteria with the points that the cadre gave, and the evidence. Source: domain specification 3.2 and 5.2, part A.
pub(super) fn criteria_table(signed: &Signed<'_>, parts: &Parts<'_>, evidence: &str) -> Table {
    let (mut given, mut most) = (0, 0);
    let mut rows = Vec::new();
    for (title, questions) in parts {
        rows.push(group(title));
        let mut number = 0;
        for question in questions {
            let QuestionKind::Score { max_hundredths, .. } = question.kind else { continue };
            number += 1;
            most += max_hundredths;
            let score = match signed.answer(&question.key) {
                Some(Answer::Score { points_hundredths }) => {
                    given += points_hundredths;
                    points(*points_hundredths)
                }
                _ => LEFT_OPEN.to_owned(),
            };
            let remark = signed.words(&format!("{}{evidence}", question.key)).unwrap_or_default();
            let cells = [number.to_string(), question.label_vi.clone(), points(max_hundredths), score, remark];
            rows.push(TableRow::plain(cells.into()));
        }
    }
    let title = format!("A. Tiêu chí chung (tối đa {} điểm)", whole_points(most));
    let sum = ["", "Tổng điểm tiêu chí chung", &points(most), &points(given), ""].map(str::to_owned);
    rows.push(TableRow { kind: RowKind::Sum, cells: sum.into() });
    let head = ["TT", "Tiêu chí", "Điểm tối đa", "Điểm tự chấm", "Minh chứng"].map(str::to_owned);
    Table { title, class: "criteria", head: head.into(), rows }
}

/// Criteria that are met or not. Source: domain specification 3.3 and 5.3, table A of Quy định 366.
pub(super) fn met_table(signed: &Signed<'_>, parts: &Parts<'_>, note: &str) -> Table {
    let (mut given, mut most) = (0, 0);
    let mut rows = Vec::new();
    for (title, questions) in parts {
        rows.push(group(title));
        let mut number = 0;
        for question in questions {
            let [met, _] = words::options(&question.kind) else { continue };
            let all: u32 = met.key.parse().unwrap_or(0);
            number += 1;
            most += all;
            let chosen = match signed.answer(&question.key) {
                Some(Answer::Choice { option }) => option.parse::<u32>().ok(),
                _ => None,
            };
            given += chosen.unwrap_or(0);
            let mark = |is_chosen: bool| if is_chosen { MARK.to_owned() } else { String::new() };
            let remark = signed.words(&format!("{}{note}", question.key)).unwrap_or_default();
            rows.push(TableRow::plain(vec![
                number.to_string(),
                question.label_vi.clone(),
                mark(chosen.is_some_and(|points| points > 0)),
                mark(chosen == Some(0)),
                points(all),
                chosen.map_or_else(|| LEFT_OPEN.to_owned(), points),
                remark,
            ]));
        }
    }
    let title = format!("A. Tiêu chí chung (tối đa {} điểm)", whole_points(most));
    let sum = ["", "Tổng điểm", "", "", &points(most), &points(given), ""].map(str::to_owned);
    rows.push(TableRow { kind: RowKind::Sum, cells: sum.into() });
    let head = ["TT", "Tiêu chí", "Đảm bảo", "Không đảm bảo", "Điểm tối đa", "Điểm đạt", "Ghi chú"];
    Table { title, class: "met", head: head.map(str::to_owned).into(), rows }
}

/// Questions with the same options, one column each.
pub(super) fn marks_table(signed: &Signed<'_>, questions: &[&Question]) -> Table {
    let options = questions.iter().map(|question| words::options(&question.kind)).max_by_key(|options| options.len());
    let options = options.unwrap_or_default();
    let row = |question: &&Question| {
        let chosen = match signed.answer(&question.key) {
            Some(Answer::Choice { option }) => option.as_str(),
            _ => "",
        };
        let mark = |option: &model::form::kind::ChoiceOption| {
            if option.key == chosen { MARK.to_owned() } else { String::new() }
        };
        TableRow::plain(std::iter::once(question.label_vi.clone()).chain(options.iter().map(mark)).collect())
    };
    let head = std::iter::once("Nội dung".to_owned()).chain(options.iter().map(|option| option.label_vi.clone()));
    let (head, rows) = (head.collect(), questions.iter().map(row).collect());
    Table { title: String::new(), class: "marks", head, rows }
}

/// The table of tasks. Source: domain specification 4.2, `TaskLine`; part B of the self-assessments.
pub(super) fn tasks_table(title: &str, tasks: &[TaskLine]) -> Table {
    let head = [
        "TT",
        "Sản phẩm, công việc",
        "Hệ số",
        "Được giao",
        "Hoàn thành",
        "Vượt mức",
        "Không đạt chất lượng",
        "Chậm tiến độ",
        "Minh chứng, ghi chú",
    ];
    let whole = |count: u32| Rounded::whole(count.into()).vietnamese();
    let row = |(number, task): (usize, &TaskLine)| {
        let cause = if task.is_cause_objective { "Nguyên nhân khách quan." } else { "" };
        let remark = [cause, &*task.evidence].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        TableRow::plain(vec![
            number.to_string(),
            task.name.clone(),
            points(task.coefficient_hundredths),
            whole(task.assigned),
            whole(task.done),
            whole(task.exceeded),
            whole(task.quality_failures.into()),
            whole(task.delays.into()),
            remark,
        ])
    };
    let rows = (1..).zip(tasks).map(row).collect();
    Table { title: title.to_owned(), class: "tasks", head: head.map(str::to_owned).into(), rows }
}

/// What the self-assessment comes to; none under a law without points.
pub(super) fn points_table(account: &Account) -> Option<Table> {
    let score = account.results.score.as_ref()?;
    let share = |value: &model::score::ShareValue| {
        let share = value.value.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp);
        TableRow::plain(vec![value.share.label_vi().to_owned(), share])
    };
    let mut rows: Vec<TableRow> = score.shares.iter().map(share).collect();
    let sum = |label: &str, value: String| TableRow { kind: RowKind::Sum, cells: vec![label.to_owned(), value] };
    rows.push(sum("Điểm tiêu chí chung (A)", points(score.general_hundredths)));
    rows.push(sum("Điểm kết quả thực hiện nhiệm vụ (B)", points(score.task_hundredths)));
    rows.push(sum("Tổng điểm (A + B)", points(score.total_hundredths)));
    rows.push(sum("Mức theo điểm", account.level.label_vi().to_owned()));
    let head = ["Nội dung", "Kết quả"].map(str::to_owned).into();
    Some(Table { title: "Tổng hợp điểm".to_owned(), class: "points", head, rows })
}

fn group(title: &str) -> TableRow {
    TableRow { kind: RowKind::Group, cells: vec![title.to_owned()] }
}

/// Whole points lose their empty decimals.
fn whole_points(hundredths: u32) -> String {
    if hundredths.is_multiple_of(100) { (hundredths / 100).to_string() } else { points(hundredths) }
}
