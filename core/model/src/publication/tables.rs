//! Every result as rows of text, for minutes, pages and files alike: drawn from published cells alone (anonymity A45).

use super::outcome::{Participation, band, satisfied};
use super::slices::Slices;
use super::words::{number, of_band, of_whole, percent};
use super::{PublishedQuestion, PublishedTally};
use crate::ballot::Asked;
use crate::round::RoundDefinition;
use crate::round::area::Area;
use crate::round::template::{OpinionOption, Side};

/// Questions beside each other in one table of areas.
const QUESTIONS_WIDE: usize = 4;

/// Questions with the same options.
pub struct ResultTable {
    /// What is asked of everybody in it, if it is asked about people.
    pub heading: Option<String>,
    /// What the first column names.
    pub first: &'static str,
    /// The options.
    pub options: Vec<String>,
    /// Whether people can say that they do not know.
    pub has_outside: bool,
    /// What the last column is.
    pub last: &'static str,
    /// In the order of the paper.
    pub rows: Vec<ResultRow>,
    /// Whether options were joined anywhere.
    pub has_joined: bool,
    /// Of what the share is a share, where it is one.
    pub whole: Option<&'static str>,
}

/// One question, or one person.
pub struct ResultRow {
    /// Index in [`PublishedTally::questions`].
    pub question: usize,
    /// What is asked, or who it is about.
    pub label: String,
    /// The post of whom it is about.
    pub post: Option<String>,
    /// None: too few answered.
    pub cells: Vec<ResultCell>,
    /// Who knows nothing or left it blank.
    pub outside: String,
    /// The share, or the band.
    pub last: String,
}

/// A number over one option or several.
pub struct ResultCell {
    /// How many options it stands over.
    pub span: usize,
    /// The options under one another's number.
    pub label: String,
    /// The number; joined options have a star.
    pub text: String,
}

/// A few questions beside each other, by area.
pub struct AreaTable {
    /// What is asked.
    pub columns: Vec<String>,
    /// In the order of the definition.
    pub rows: Vec<AreaRow>,
}

/// One area; a hidden one has no number.
pub struct AreaRow {
    /// Its name.
    pub name: String,
    /// Both cells of each question, where they may be shown.
    pub cells: Vec<Option<String>>,
}

/// Tables in the order of the paper.
pub fn results(round: &RoundDefinition, published: &PublishedTally) -> Vec<ResultTable> {
    let asked: Vec<Asked<'_>> = round.asked().collect();
    let mut tables: Vec<(Asked<'_>, ResultTable)> = Vec::new();
    for (index, question) in published.questions.iter().enumerate() {
        let Some(asked) = asked.get(usize::from(question.question)) else { continue };
        let row = ResultRow { question: index, ..row(round, published, (asked, question)) };
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
    let whole = asked.subject.map(|_| of_whole(round.denominator));
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
        Some(_) => band(round, published, question).map_or("không xác định", of_band).to_owned(),
        None => satisfied(round, question).map_or_else(|| "–".to_owned(), percent),
    };
    ResultRow {
        question: 0,
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
    for (index, option) in shown(options) {
        let of = question.total.iter().position(|cell| cell.options.contains(&(index as u8)));
        let Some(of) = of else { continue };
        let cell = &question.total[of];
        match cells.last_mut().filter(|_| before == Some(of)) {
            Some(wide) => {
                wide.span += 1;
                wide.label = format!("{}, {}", wide.label, option.label);
            }
            None => {
                let is_first = cell.options.first() == Some(&(index as u8));
                let text = match (is_first, cell.is_joined()) {
                    (true, false) => number(cell.count),
                    (true, true) => format!("{} *", number(cell.count)),
                    (false, _) => "gộp *".to_owned(),
                };
                cells.push(ResultCell { span: 1, label: option.label.clone(), text });
            }
        }
        before = Some(of);
    }
    cells
}

/// Participation and every question by area, a few questions beside each other; none if nothing is shown by area.
pub fn areas(round: &RoundDefinition, published: &PublishedTally) -> Vec<AreaTable> {
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
    let row = |area: &Area| {
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

/// One kind of envelope, as a line of the sum.
pub struct KindRow {
    /// What it is.
    pub label: &'static str,
    /// A share, in words.
    pub note: Option<String>,
    /// How many.
    pub count: String,
    /// Whether it is a part of the line above that is none.
    pub is_part: bool,
}

/// What became of the envelopes, as a sum (anonymity A37).
pub fn kinds(round: &RoundDefinition, published: &PublishedTally) -> Vec<KindRow> {
    let kinds = published.kinds;
    let shares = Participation::of(round, published);
    let whole = |label, count, note| KindRow { label, note, count: number(count), is_part: false };
    let part = |label, count, note| KindRow { label, note, count: number(count), is_part: true };
    let collected = shares.collected.map(|share| format!("mỗi lá thăm một phiếu; {} số phát ra", percent(share)));
    let valid = shares.valid.map(|share| format!("{} số thu về", percent(share)));
    vec![
        whole("Tổng số phong bì trong hòm", kinds.in_box(), None),
        part("Không thuộc đợt này (không mở được, hoặc lá thăm không có trong sổ)", kinds.not_of_this_round, None),
        part("Mang lá thăm đã trả lại", kinds.returned, None),
        part("Lặp lại của lá thăm đã có phong bì khác", kinds.repeated, None),
        whole("Phiếu thu về", kinds.collected(), collected),
        part("Hợp lệ", kinds.valid, valid),
        part("Không hợp lệ vì trùng mã: một lá thăm, nội dung khác nhau", kinds.doubled, None),
        part("Không hợp lệ vì sai mẫu", kinds.misformed, None),
    ]
}

/// Areas under whose slips more came back than were drawn, by name (anonymity A37).
pub fn overfull(round: &RoundDefinition, published: &PublishedTally) -> Vec<String> {
    let is_overfull = |area: &&Area| published.overfull.contains(&area.number);
    round.areas.iter().filter(is_overfull).map(|area| area.name.clone()).collect()
}
