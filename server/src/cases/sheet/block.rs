//! What a paper says, section by section: lines and prose, and tables where the law's form has a table.
//!
//! Which table follows from the kinds of the questions, not from a code, so that the office's own versions print as well.

use model::form::kind::QuestionKind;
use model::form::{Question, Section};

use crate::cases::account::Account;
use crate::cases::sheet::table::{Table, criteria_table, marks_table, met_table, points_table, tasks_table};
use crate::cases::sheet::{Signed, words};

/// What stands for a question that was shown and left open.
pub const LEFT_OPEN: &str = "(để trống)";

/// Questions side by side with the same options make a table from so many on.
const MARKED_MIN: usize = 2;

/// Columns of options that fit beside a question.
const MARKS_MAX: usize = 5;

/// The end of the key of a remark on a scored criterion.
const EVIDENCE: &str = "_evidence";

/// The end of the key of a remark on a criterion that is met or not.
const NOTE: &str = "_note";

/// The question before whose section the points are summed up.
const SELF_RATING: &str = "self_rating";

/// One piece of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Section(String),
    /// A question and its answer.
    Line(Line),
    /// A sentence of the form.
    Remark(String),
    /// A table.
    Table(Table),
    /// A line in the middle, in bold.
    Centre(String),
    /// An article of a decision.
    Article(Article),
}

/// An article of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// "Điều 1."
    pub label: String,
    /// What it rules; the first paragraph stands beside the label.
    pub paragraphs: Vec<String>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is asked.
    pub label: String,
    /// The answer, paragraph by paragraph.
    pub paragraphs: Vec<String>,
    /// Whether it stands below the question instead of beside it.
    pub is_prose: bool,
}

/// What is asked in a section, as far as it was shown.
struct Shown<'a> {
    section: &'a Section,
    questions: Vec<&'a Question>,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Criteria with points and evidence.
    Scored,
    /// Criteria that are met or not.
    Met,
    /// Anything else.
    Plain,
}

/// Everything that was shown to the author, with the answers.
pub fn blocks(signed: &Signed<'_>, account: Option<&Account>) -> Vec<Block> {
    let sections: Vec<Shown<'_>> =
        signed.form.template().sections.iter().filter_map(|section| shown(signed, section)).collect();
    let mut blocks = Vec::new();
    for group in sections.chunk_by(|one, next| one.layout == next.layout && one.layout != Layout::Plain) {
        let parts: Vec<(&str, Vec<&Question>)> =
            group.iter().map(|shown| (&*shown.section.title_vi, shown.questions.clone())).collect();
        match group[0].layout {
            Layout::Scored => blocks.extend(tabled(criteria_table(signed, &parts, EVIDENCE))),
            Layout::Met => blocks.extend(tabled(met_table(signed, &parts, NOTE))),
            Layout::Plain => blocks.extend(plain(signed, &group[0], account)),
        }
    }
    blocks
}

/// Every question that was shown and answered, but for these, as a line.
pub(super) fn shown_answers(signed: &Signed<'_>, is_left_out: impl Fn(&str) -> bool) -> Vec<Line> {
    let sections = signed.form.template().sections.iter().filter_map(|section| shown(signed, section));
    let questions = sections.flat_map(|shown| shown.questions);
    let questions = questions.filter(|question| !is_left_out(&question.key) && question.kind != QuestionKind::Note);
    questions.map(|question| line(signed, question)).filter(|line| line.paragraphs != [LEFT_OPEN]).collect()
}

fn shown<'a>(signed: &Signed<'_>, section: &'a Section) -> Option<Shown<'a>> {
    let is_shown = |question: &&Question| signed.completion.question(&question.key).is_some_and(|state| state.is_shown);
    let questions: Vec<&Question> = section.questions.iter().filter(is_shown).collect();
    let has = |key: &str| questions.iter().any(|question| question.key == key);
    let is_remark = |question: &Question, end: &str| question.key.strip_suffix(end).is_some_and(has);
    let all = |is_criterion: fn(&QuestionKind) -> bool, end: &str| {
        questions.iter().all(|question| is_criterion(&question.kind) || is_remark(question, end))
    };
    let layout = if all(is_scored, EVIDENCE) {
        Layout::Scored
    } else if all(is_met_or_not, NOTE) {
        Layout::Met
    } else {
        Layout::Plain
    };
    (!questions.is_empty()).then_some(Shown { section, questions, layout })
}

fn is_scored(kind: &QuestionKind) -> bool {
    matches!(kind, QuestionKind::Score { .. })
}

/// Two options that are points: all of them, or none.
fn is_met_or_not(kind: &QuestionKind) -> bool {
    match words::options(kind) {
        [met, unmet] => met.key.parse::<u32>().is_ok_and(|points| points > 0) && unmet.key == "0",
        _ => false,
    }
}

fn tabled(table: Table) -> [Block; 2] {
    [Block::Section(table.title.clone()), Block::Table(table)]
}

fn plain(signed: &Signed<'_>, shown: &Shown<'_>, account: Option<&Account>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if shown.questions.iter().any(|question| question.key == SELF_RATING)
        && let Some(table) = account.and_then(points_table)
    {
        blocks.extend(tabled(table));
    }
    blocks.push(Block::Section(shown.section.title_vi.clone()));
    for run in shown.questions.chunk_by(|one, next| may_be_marked(one) && share_options(one, next)) {
        if run.len() >= MARKED_MIN {
            blocks.push(Block::Table(marks_table(signed, run)));
        } else {
            blocks.extend(run.iter().flat_map(|question| question_blocks(signed, question)));
        }
    }
    blocks
}

fn may_be_marked(question: &Question) -> bool {
    matches!(question.kind, QuestionKind::Choice { .. }) && words::options(&question.kind).len() <= MARKS_MAX
}

/// Whether the options of one begin with those of the other.
fn share_options(one: &Question, next: &Question) -> bool {
    let (one, next) = (words::options(&one.kind), words::options(&next.kind));
    let both = one.len().min(next.len());
    both > 0 && next.len() <= MARKS_MAX && one[..both] == next[..both]
}

fn question_blocks(signed: &Signed<'_>, question: &Question) -> Vec<Block> {
    let remark = || Block::Remark(question.label_vi.clone());
    match question.kind {
        QuestionKind::Note => vec![remark()],
        QuestionKind::TaskTable => vec![remark(), Block::Table(tasks_table(&question.label_vi, &signed.tasks()))],
        _ => vec![Block::Line(line(signed, question))],
    }
}

fn line(signed: &Signed<'_>, question: &Question) -> Line {
    let state = signed.completion.question(&question.key);
    let calculated = state.and_then(|state| state.calculated.as_deref());
    let answer = match (signed.words(&question.key), calculated) {
        (Some(answer), _) => answer,
        (None, Some(value)) => words::calculated(value, question.calculated.as_deref()),
        (None, None) => LEFT_OPEN.to_owned(),
    };
    let paragraphs: Vec<String> =
        answer.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let is_prose = matches!(question.kind, QuestionKind::LongText { .. }) && answer != LEFT_OPEN;
    Line { label: label(question), paragraphs, is_prose }
}

/// A label that asks ends with its own sign.
fn label(question: &Question) -> String {
    let label = question.label_vi.trim().trim_end_matches('.');
    if label.ends_with(['?', ':']) { label.to_owned() } else { format!("{label}:") }
}
