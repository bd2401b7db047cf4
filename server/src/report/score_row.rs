//! One person of the score table, in words.

use model::case::CaseState;
use model::cycle::EvaluationCycle;
use model::identity::UnitId;
use model::report::figures::{ProgressMark, ScoreRow};
use model::time::Day;

use crate::report::chip::Chip;
use crate::report::page::{is_submitted, outcome_label, points, short_label};
use crate::report::reading::PaperReading;

/// One person.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Full name.
    pub name: String,
    /// Their unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The post as it is written.
    pub title: String,
    /// What the form says; none until it is in.
    pub score: Option<ScoreView>,
    /// Why there is no score; empty when there is one.
    pub without_score: &'static str,
    /// How far, late or not, and what became of it.
    pub chips: Vec<Chip>,
    /// A day or a word under the chips; possibly empty.
    pub note: String,
    /// Not submitted, and the last day is over. A form that came late is there, and nobody has to act.
    pub is_overdue: bool,
    /// Whether a link to the overdue leads here.
    pub is_first_overdue: bool,
}

/// The points and levels of a form.
#[derive(Debug, Clone)]
pub struct ScoreView {
    /// Of 30; a dash under a law without points, here and in the next two.
    pub general: String,
    /// Of 70.
    pub task: String,
    /// Of 100.
    pub total: String,
    /// The level by points and tasks, not a decision.
    pub level: &'static str,
    /// What the person chose.
    pub self_rating: &'static str,
}

/// The row as it is shown on a day.
pub(crate) fn row_view(
    row: &ScoreRow,
    paper: Option<&PaperReading>,
    (cycle, today): (&EvaluationCycle, Day),
) -> RowView {
    let received = paper.and_then(|paper| paper.received);
    let days_late = days_late(row.mark, received, (cycle, today));
    let mut chips = vec![progress_chip(row.mark, days_late)];
    if is_submitted(row.mark) {
        chips.extend(paper.and_then(|paper| paper.case).map(case_chip));
    }
    RowView {
        name: row.name.clone(),
        unit: row.unit,
        unit_name: row.unit_name.clone(),
        title: row.title.clone(),
        score: score(row),
        without_score: if row.mark == ProgressMark::NotRated { "Không có điểm" } else { "Chưa nộp" },
        chips,
        note: note(row.mark, received, days_late),
        is_overdue: days_late.is_some() && !is_submitted(row.mark),
        is_first_overdue: false,
    }
}

fn score(row: &ScoreRow) -> Option<ScoreView> {
    let points = |hundredths: Option<u32>| hundredths.map_or_else(|| "–".to_owned(), points);
    Some(ScoreView {
        general: points(row.general_hundredths),
        task: points(row.task_hundredths),
        total: points(row.total_hundredths),
        level: row.outcome.map(outcome_label)?,
        self_rating: row.self_rating.map(short_label)?,
    })
}

/// How many days after the last one the form came, or still has not come; none in time.
fn days_late(mark: ProgressMark, received: Option<Day>, (cycle, today): (&EvaluationCycle, Day)) -> Option<u32> {
    let until = match mark {
        ProgressMark::Submitted | ProgressMark::NotRated => return None,
        ProgressMark::Late => received.unwrap_or(today),
        ProgressMark::Draft | ProgressMark::NotStarted => today,
    };
    u32::try_from(cycle.closes.days_until(until)).ok().filter(|days| *days > 0)
}

fn progress_chip(mark: ProgressMark, days_late: Option<u32>) -> Chip {
    match (mark, days_late) {
        (ProgressMark::Late, Some(days)) => Chip::plain("check", format!("Nộp muộn {days} ngày")),
        (ProgressMark::Late, None) => Chip::plain("check", "Nộp muộn"),
        (_, Some(days)) => Chip::act(format!("Quá hạn {days} ngày")),
        (ProgressMark::NotStarted, None) => Chip::plain("assignment", "Chưa bắt đầu"),
        (ProgressMark::Draft, None) => Chip::plain("edit", "Đang làm"),
        (ProgressMark::Submitted, None) => Chip::plain("check", "Đã nộp"),
        (ProgressMark::NotRated, None) => Chip::plain("info", "Không xếp loại"),
    }
}

fn case_chip(case: CaseState) -> Chip {
    match case {
        CaseState::Returned => Chip::waiting(case.label_vi()),
        CaseState::OpinionsOpen => Chip::plain("check", "Đã tiếp nhận"),
        _ => Chip::plain("check", case.label_vi()),
    }
}

fn note(mark: ProgressMark, received: Option<Day>, days_late: Option<u32>) -> String {
    match (mark, received, days_late) {
        (_, Some(day), _) => format!("nộp {}", day.vietnamese()),
        (ProgressMark::NotStarted, None, Some(_)) => "chưa bắt đầu".to_owned(),
        (ProgressMark::Draft, None, Some(_)) => "đang làm".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use model::identity::{CycleId, PersonId};

    use model::cycle::CycleScope;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn view(mark: ProgressMark, received: Option<&str>, today: &str) -> RowView {
        let rules = model::rule_set::RuleSet::decree_335();
        let cycle = EvaluationCycle {
            id: CycleId::from_bytes([1; 16]),
            title: "Năm 2026".into(),
            period: model::period::Period::Year { year: 2026 },
            rule_set_code: rules.code,
            rule_set_version: rules.version,
            form: model::form::built_in::civil_servant_self_assessment().pin(),
            opens: day("2026-11-15"),
            closes: day("2026-12-10"),
            scope: CycleScope::default(),
        };
        let row = ScoreRow {
            person: PersonId::from_bytes([1; 16]),
            name: "Trần Thị Lan".into(),
            unit: UnitId::from_bytes([1; 16]),
            unit_name: "Phòng Kinh tế".into(),
            title: "Chuyên viên".into(),
            duty_group: "Chuyên môn".into(),
            is_leader: false,
            mark,
            general_hundredths: None,
            task_hundredths: None,
            total_hundredths: None,
            outcome: None,
            self_rating: None,
        };
        let line = model::report::figures::ReportLine {
            person: row.person,
            name: row.name.clone(),
            unit: row.unit,
            unit_name: row.unit_name.clone(),
            title: row.title.clone(),
            duty_group: row.duty_group.clone(),
            is_leader: false,
            state: model::report::figures::AssessmentState::Missing,
        };
        let paper = PaperReading { line, received: received.map(day), case: None };
        row_view(&row, Some(&paper), (&cycle, day(today)))
    }

    #[test]
    fn what_is_missing_after_the_last_day_is_overdue_and_what_came_late_is_late() {
        let check = |mark, received, today: &str, word: &str, note: &str| {
            let view = view(mark, received, today);
            assert_eq!((&*view.chips[0].word, &*view.note), (word, note));
            assert_eq!(view.is_overdue, word.starts_with("Quá hạn"));
        };
        check(ProgressMark::NotStarted, None, "2026-12-10", "Chưa bắt đầu", "");
        check(ProgressMark::NotStarted, None, "2026-12-11", "Quá hạn 1 ngày", "chưa bắt đầu");
        check(ProgressMark::Draft, None, "2026-12-13", "Quá hạn 3 ngày", "đang làm");
        check(ProgressMark::Submitted, Some("2026-12-10"), "2026-12-13", "Đã nộp", "nộp 10/12/2026");
        check(ProgressMark::Late, Some("2026-12-12"), "2026-12-20", "Nộp muộn 2 ngày", "nộp 12/12/2026");
        check(ProgressMark::NotRated, None, "2026-12-20", "Không xếp loại", "");
    }
}
