//! The results of every question as cells of a table, drawn from published cells alone.

use model::ballot::Asked;
use model::publication::outcome::{ConfidenceBand, band, satisfied};
use model::publication::slices::Slices;
use model::publication::{PublishedQuestion, PublishedTally};
use model::round::template::{OpinionOption, Side};
use model::round::{Denominator, RoundDefinition};

use super::{number, percent};

/// Questions beside each other in one table of areas.
const QUESTIONS_WIDE: usize = 4;

/// Questions with the same options.
pub(super) struct ResultTable {
    /// What is asked of everybody in it, if it is asked about people.
    pub(super) heading: Option<String>,
    /// What the first column names.
    pub(super) first: &'static str,
    /// The options.
    pub(super) options: Vec<String>,
    /// Whether people can say that they do not know.
    pub(super) has_outside: bool,
    /// What the last column is.
    pub(super) last: &'static str,
    pub(super) rows: Vec<ResultRow>,
    /// Whether options were joined anywhere.
    pub(super) has_joined: bool,
    /// Of what the share is a share, where it is one.
    pub(super) whole: Option<&'static str>,
}

/// One question, or one person.
pub(super) struct ResultRow {
    pub(super) label: String,
    pub(super) post: Option<String>,
    /// None: too few answered.
    pub(super) cells: Vec<ResultCell>,
    pub(super) outside: String,
    pub(super) last: String,
}

/// A number over one option or several.
pub(super) struct ResultCell {
    pub(super) span: usize,
    pub(super) text: String,
}

/// Up to [`QUESTIONS_WIDE`] questions by area.
pub(super) struct AreaTable {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<AreaRow>,
}

/// One area; a hidden one has no number.
pub(super) struct AreaRow {
    pub(super) name: String,
    pub(super) cells: Vec<Option<String>>,
}

/// Tables in the order of the paper.
pub(super) fn results(round: &RoundDefinition, published: &PublishedTally) -> Vec<ResultTable> {
    let asked: Vec<Asked<'_>> = round.asked().collect();
    let mut tables: Vec<(Asked<'_>, ResultTable)> = Vec::new();
    for question in &published.questions {
        let Some(asked) = asked.get(usize::from(question.question)) else { continue };
        let row = row(round, published, (asked, question));
        let has_joined = row.cells.iter().any(|cell| cell.text.ends_with('*'));
        match tables.last_mut().filter(|(before, _)| are_alike(before, asked)) {
            Some((_, table)) => {
                table.rows.push(row);
                table.has_joined |= has_joined;
            }
            None => {
                let table = ResultTable { rows: vec![row], has_joined, ..empty(round, asked) };
                tables.push((*asked, table));
            }
        }
    }
    tables.into_iter().map(|(_, table)| table).collect()
}

/// About people, one table holds one question; else all questions in a row with the same options.
fn are_alike(one: &Asked<'_>, other: &Asked<'_>) -> bool {
    one.question.options() == other.question.options()
        && one.subject.is_some() == other.subject.is_some()
        && (one.subject.is_none() || one.question.key == other.question.key)
}

fn empty(round: &RoundDefinition, asked: &Asked<'_>) -> ResultTable {
    let options = shown(asked.question.options()).map(|(_, option)| option.label.clone()).collect();
    let has_outside = asked.question.options().iter().any(|option| option.side == Side::Outside);
    let (heading, first, last) = match asked.subject {
        Some(_) => (Some(asked.question.label.clone()), "Họ tên, chức vụ", "Mức"),
        None => (None, "Câu hỏi", "Tỷ lệ hài lòng trở lên"),
    };
    let whole = asked.subject.map(|_| match round.denominator {
        Denominator::Answers => "số ý kiến đã ghi cho người ấy",
        Denominator::ValidBallots => "số phiếu hợp lệ",
        Denominator::Collected => "số phiếu thu về",
    });
    ResultTable { heading, first, options, has_outside, last, rows: Vec::new(), has_joined: false, whole }
}

fn shown(options: &[OpinionOption]) -> impl Iterator<Item = (usize, &OpinionOption)> {
    options.iter().enumerate().filter(|(_, option)| option.side != Side::Outside)
}

fn row(
    round: &RoundDefinition,
    published: &PublishedTally,
    (asked, question): (&Asked<'_>, &PublishedQuestion),
) -> ResultRow {
    let last = match asked.subject {
        Some(_) => band(round, published, question).map_or("không xác định", in_words).to_owned(),
        None => satisfied(round, question).map_or_else(|| "–".to_owned(), percent),
    };
    ResultRow {
        label: asked.subject.map_or(&asked.question.label, |subject| &subject.name).clone(),
        post: asked.subject.map(|subject| subject.post.clone()),
        cells: cells(asked.question.options(), question),
        outside: number(question.outside),
        last,
    }
}

/// One cell for every published one, as wide as its options. Options that were joined and do not stand side by side on
/// the paper share the number of the first.
fn cells(options: &[OpinionOption], question: &PublishedQuestion) -> Vec<ResultCell> {
    let mut cells: Vec<ResultCell> = Vec::new();
    let mut before = None;
    for (index, _) in shown(options) {
        let of = question.total.iter().position(|cell| cell.options.contains(&(index as u8)));
        let Some(of) = of else { continue };
        let cell = &question.total[of];
        match cells.last_mut().filter(|_| before == Some(of)) {
            Some(wide) => wide.span += 1,
            None => {
                let is_first = cell.options.first() == Some(&(index as u8));
                let text = match (is_first, cell.is_joined()) {
                    (true, false) => number(cell.count),
                    (true, true) => format!("{} *", number(cell.count)),
                    (false, _) => "gộp *".to_owned(),
                };
                cells.push(ResultCell { span: 1, text });
            }
        }
        before = Some(of);
    }
    cells
}

fn in_words(band: ConfidenceBand) -> &'static str {
    match band {
        ConfidenceBand::NotMoreThanHalf => "thấp: không quá nửa",
        ConfidenceBand::MoreThanHalf => "thấp: quá nửa",
        ConfidenceBand::TwoThirds => "thấp: từ 2/3 trở lên",
    }
}

/// Participation and every question by area, a few questions beside each other; none if nothing is shown by area.
pub(super) fn areas(round: &RoundDefinition, published: &PublishedTally) -> Vec<AreaTable> {
    let asked: Vec<Asked<'_>> = round.asked().collect();
    let participation = ("Thu về / chưa về".to_owned(), &published.participation);
    let questions = published.questions.iter().filter_map(|question| {
        let asked = asked.get(usize::from(question.question))?;
        let label = asked.subject.map_or(&asked.question.label, |subject| &subject.name);
        Some((label.clone(), &question.areas))
    });
    let columns: Vec<(String, &Slices)> = [participation].into_iter().chain(questions).collect();
    if columns.iter().all(|(_, slices)| slices.shown.is_empty()) {
        return Vec::new();
    }
    columns.chunks(QUESTIONS_WIDE).map(|columns| area_table(round, columns)).collect()
}

fn area_table(round: &RoundDefinition, columns: &[(String, &Slices)]) -> AreaTable {
    let row = |area: &model::round::area::Area| {
        let cell = |(_, slices): &(String, &Slices)| {
            let shown = slices.shown.iter().find(|shown| shown.area == area.number)?;
            Some(format!("{} / {}", number(shown.cells[0]), number(shown.cells[1])))
        };
        AreaRow { name: area.name.clone(), cells: columns.iter().map(cell).collect() }
    };
    AreaTable {
        columns: columns.iter().map(|(label, _)| label.clone()).collect(),
        rows: round.areas.iter().map(row).collect(),
    }
}
