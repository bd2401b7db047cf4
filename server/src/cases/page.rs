//! The page of one case: whom it waits for, its papers with earlier versions, its steps, and what the cadre counted.

use askama::Template;
use model::cadre::CadreInPost;
use model::case::filed::check_ground;
use model::case::{CaseState, STEPS, StepRefused};
use model::identity::{CycleId, PersonId};
use model::membership::Role;
use model::report::waiting::{days_overdue, due_day};
use model::time::{Day, Timestamp};

use crate::cases::account::Account;
use crate::cases::file::{CaseFile, FiledPaper, TakenStep};
use crate::cases::filter::place_label;
use crate::cases::list::next_words;
use crate::report::bar::{Segment, share_bar};
use crate::report::chip::Chip;
use crate::report::directory::Directory;
use crate::report::page::{Frame, points};

/// The page.
#[derive(Template)]
#[template(path = "case.html")]
pub struct CasePage {
    /// What stands above every page; its title is the cadre's name.
    pub frame: Frame,
    /// The cycle in addresses.
    pub cycle: CycleId,
    /// Its title.
    pub cycle_title: String,
    /// "Chuyên viên, Phòng Kinh tế".
    pub post: String,
    /// Where the case is.
    pub place: &'static str,
    /// Whom it waits for; none once it is filed.
    pub waits: Option<String>,
    /// Whether the form was submitted and nobody is appointed to look at it.
    pub is_unfiled: bool,
    /// Until when, or how late it is.
    pub due: Option<Chip>,
    /// Whether it is late.
    pub is_overdue: bool,
    /// Papers, newest kind by kind in the order of the procedure, earlier versions below.
    pub papers: Vec<PaperRow>,
    /// Steps in the order in which they were taken.
    pub steps: Vec<StepRow>,
    /// What may come next.
    pub next: Vec<NextRow>,
    /// The figures of the self-assessment.
    pub score: Option<ScoreBox>,
    /// Rows that cannot be read.
    pub unread: u32,
}

/// One paper.
#[derive(Debug, Clone)]
pub struct PaperRow {
    /// Its name, with the version where there are several.
    pub label: String,
    /// The way to it.
    pub link: String,
    /// Who signed it, and as what.
    pub author: String,
    /// When it reached the server.
    pub filed: String,
    /// Whether it counts.
    pub chip: Chip,
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// Where it led.
    pub label: &'static str,
    /// When and by whom.
    pub taken: String,
    /// Why.
    pub reason: Option<String>,
}

/// A step that may come next.
#[derive(Debug, Clone)]
pub struct NextRow {
    /// Where it leads.
    pub label: &'static str,
    /// Who takes it, and what is missing.
    pub needs: String,
}

/// The figures of a self-assessment.
#[derive(Debug, Clone)]
pub struct ScoreBox {
    /// Name, points of the most, bar; empty under a law without points.
    pub parts: Vec<(&'static str, String, Vec<Segment>)>,
    /// What it comes to and what the cadre chose.
    pub sentence: String,
}

/// Everything that a page of one case is made from.
pub struct OneCase<'a> {
    /// What the office published.
    pub directory: &'a Directory,
    /// The cycle.
    pub cycle: &'a model::cycle::EvaluationCycle,
    /// Whose case.
    pub person: PersonId,
    /// What lies in it.
    pub file: &'a CaseFile,
    /// Whether a self-assessment was submitted that lies in no case, because nobody is appointed.
    pub has_unfiled: bool,
    /// What the cadre counted, if a self-assessment lies in it and can be counted.
    pub account: Option<Account>,
    /// Today in Vietnam.
    pub today: Day,
}

impl CasePage {
    /// The page.
    pub fn new(case: &OneCase<'_>, frame: Frame) -> Self {
        let (cycle, file) = (case.cycle, case.file);
        let is_unfiled = file.state().is_none() && case.has_unfiled;
        let state = if is_unfiled { Some(CaseState::Submitted) } else { file.state() };
        let since = file.steps.last().map_or(cycle.opens, |step| step.received.vietnamese_day());
        let due_day = due_day(cycle, state, since);
        let overdue = days_overdue(due_day, case.today);
        let next = next_rows(case);
        let due = match (overdue, due_day) {
            (Some(days), _) => Some(Chip::act(format!("Quá hạn {days} ngày"))),
            (None, Some(due)) => Some(Chip::waiting(format!("Hạn {}", due.vietnamese()))),
            (None, None) => None,
        };
        Self {
            cycle: cycle.id,
            cycle_title: cycle.title.clone(),
            post: post_of(case.directory, case.person),
            place: place_label(state),
            waits: match is_unfiled {
                true => Some("văn phòng phân công người xét".to_owned()),
                false => (!next.is_empty()).then(|| next_words(state)),
            },
            is_unfiled,
            due,
            is_overdue: overdue.is_some(),
            papers: paper_rows(case),
            steps: file.steps.iter().map(|step| step_row(step, case)).collect(),
            next,
            score: case.account.as_ref().map(score_box),
            unread: file.unread,
            frame,
        }
    }
}

/// Somebody of the directory.
pub(crate) fn held(directory: &Directory, person: PersonId) -> Option<&CadreInPost> {
    directory.cadres.iter().find(|held| held.cadre.id == person)
}

/// Their full name.
pub(crate) fn name_of(directory: &Directory, person: PersonId) -> String {
    held(directory, person)
        .map_or_else(|| "người không còn trong danh bạ".to_owned(), |held| held.cadre.full_name.clone())
}

fn post_of(directory: &Directory, person: PersonId) -> String {
    let Some(held) = held(directory, person) else { return String::new() };
    match directory.units.get(&held.assignment.unit) {
        Some(unit) => format!("{}, {}", held.assignment.title, unit.name_vi),
        None => held.assignment.title.clone(),
    }
}

/// `18:40 ngày 05/12/2026`.
pub(crate) fn moment_words(at: Timestamp) -> String {
    format!("{} ngày {}", at.vietnamese_clock(), at.vietnamese_day().vietnamese())
}

fn paper_rows(case: &OneCase<'_>) -> Vec<PaperRow> {
    let OneCase { directory, cycle, person, file, .. } = *case;
    let row = |paper: &FiledPaper, number: usize, all: usize| {
        let (kind, path) = (paper.kind, format!("/cases/{}/{person}/papers/{}", cycle.id, paper.kind.word()));
        let author = name_of(directory, paper.entry.fields.person);
        PaperRow {
            label: if all > 1 { format!("{}, bản {number}", kind.label_vi()) } else { kind.label_vi().to_owned() },
            link: if paper.is_newest { path } else { format!("{path}/{}", paper.hash) },
            author: format!("{author}, {}", kind.author().label_vi()),
            filed: moment_words(paper.filed),
            chip: match paper.is_newest {
                true => Chip::plain("check", "Bản mới nhất"),
                false => Chip::plain("info", "Đã có bản thay"),
            },
        }
    };
    let mut rows = Vec::new();
    for kind in model::case::paper::PaperKind::ALL {
        let versions: Vec<&FiledPaper> = file.papers.iter().filter(|paper| paper.kind == kind).collect();
        let all = versions.len();
        rows.extend(versions.iter().enumerate().rev().map(|(place, paper)| row(paper, place + 1, all)));
    }
    rows
}

fn step_row(step: &TakenStep, case: &OneCase<'_>) -> StepRow {
    let by = match step.by {
        Some(person) => name_of(case.directory, person),
        None => "máy chủ ghi khi nhận phiếu".to_owned(),
    };
    StepRow {
        label: step.to.label_vi(),
        taken: format!("{}, {by}", moment_words(step.received)),
        reason: step.reason.clone().filter(|reason| !reason.trim().is_empty()),
    }
}

fn next_rows(case: &OneCase<'_>) -> Vec<NextRow> {
    let state = case.file.state();
    let row = |step: &model::case::Step| {
        let author = step.about.author();
        if step.by.is_empty() {
            let needs = format!("{} nộp {}", author.label_vi(), lower(step.about.label_vi()));
            return NextRow { label: step.to.label_vi(), needs };
        }
        let by: Vec<&str> = step.by.iter().copied().map(Role::label_vi).collect();
        let missing = match check_ground(step, &case.file.decisions) {
            Err(StepRefused::NoPaper { paper }) => {
                format!(", sau khi {} ký {}", paper.author().label_vi(), lower(paper.label_vi()))
            }
            Err(StepRefused::TwoDecisions) => ", sau khi có quyết định mới thay hai quyết định cùng số".to_owned(),
            Ok(_) | Err(_) => String::new(),
        };
        let needs = format!("{}{missing}", by.join(" hoặc "));
        NextRow { label: step.to.label_vi(), needs }
    };
    STEPS.iter().filter(|step| step.from == state).map(row).collect()
}

/// A name of a paper within a sentence.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn score_box(account: &Account) -> ScoreBox {
    let chosen = account.self_rating.map_or("chưa chọn", model::rating::Rating::label_vi);
    let Some(score) = &account.results.score else {
        let sentence = format!("Mức theo điều kiện: {}. Tự xếp loại: {chosen}.", account.level.label_vi());
        return ScoreBox { parts: Vec::new(), sentence };
    };
    let part =
        |name, given: u32, most: u32| (name, format!("{} / {}", points(given), most / 100), share_bar(given, most));
    let parts = vec![
        part("Tiêu chí chung", score.general_hundredths, GENERAL_MOST),
        part("Kết quả thực hiện nhiệm vụ", score.task_hundredths, TASKS_MOST),
    ];
    let (total, level) = (points(score.total_hundredths), account.level.label_vi());
    ScoreBox { parts, sentence: format!("{total} / 100. Mức theo điểm: {level}. Tự xếp loại: {chosen}.") }
}

/// The most points of the general criteria, in hundredths. Source: domain specification 4.1, [`model::score::Score`].
const GENERAL_MOST: u32 = 3_000;

/// The most points of the tasks.
const TASKS_MOST: u32 = 7_000;
