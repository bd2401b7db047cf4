//! A published result as rows for a spreadsheet: one row a number, from published cells alone.
//!
//! Source: anonymity A40-A45. A hidden area has its name and the one sentence, and nothing else.

use super::cells::Cell;
use super::outcome::{Participation, band, satisfied};
use super::slices::{HIDDEN_SENTENCE, Slices};
use super::tables::kinds;
use super::words::{CONSULTATIVE, number, of_band, of_sides, of_whole, percent};
use super::{PublishedQuestion, PublishedTally};
use crate::ballot::Asked;
use crate::ratio::Ratio;
use crate::report::sheet::{Sheet, harmless, sheet};
use crate::round::template::OpinionOption;
use crate::round::{RoundDefinition, Standing};

const HEADER: [&str; 8] = ["Mục", "Câu hỏi", "Họ tên", "Khu vực", "Nội dung", "Số", "Tỷ lệ", "Ghi chú"];

/// One row before it is text.
#[derive(Default)]
struct Line<'a> {
    section: &'a str,
    question: &'a str,
    person: &'a str,
    area: &'a str,
    what: String,
    count: Option<u32>,
    share: Option<Ratio>,
    note: String,
}

/// The sheet of a result. Where it is consultative, the first row says so.
pub fn result_sheet(round: &RoundDefinition, published: &PublishedTally) -> Sheet {
    let mut rows = vec![title(round)];
    rows.extend(of_slips(round, published).map(row));
    rows.extend(kinds(round, published).into_iter().map(|kind| {
        let (section, what, note) =
            ("Phong bì".to_owned(), kind.label.to_owned(), kind.note.unwrap_or_default().replace('\u{a0}', " "));
        let empty = String::new;
        vec![section, empty(), empty(), empty(), what, kind.count, empty(), note]
    }));
    let parts = ["Thu về".to_owned(), "Chưa về".to_owned()];
    let participation = Line { section: "Tham gia theo khu vực", ..Line::default() };
    rows.extend(by_area(round, &published.participation, &participation, &parts));
    let asked: Vec<Asked<'_>> = round.asked().collect();
    for question in &published.questions {
        if let Some(asked) = asked.get(usize::from(question.question)) {
            rows.extend(of_question((round, published), *asked, question));
        }
    }
    sheet(&HEADER, rows)
}

fn title(round: &RoundDefinition) -> Vec<String> {
    let standing = match &round.standing {
        Standing::Consultative => CONSULTATIVE.to_owned(),
        Standing::Legal { reference } => reference.clone(),
    };
    row(Line { section: "Đợt lấy ý kiến", what: round.title.clone(), note: standing, ..Line::default() })
}

fn of_slips(round: &RoundDefinition, published: &PublishedTally) -> impl Iterator<Item = Line<'static>> {
    let eligible = round.areas.iter().map(|area| area.eligible).sum();
    let shares = Participation::of(round, published);
    let line = |what: &str, count, share| Line {
        section: "Lá thăm",
        what: what.to_owned(),
        count: Some(count),
        share,
        ..Line::default()
    };
    [line("Người được trả lời", eligible, None), line("Phát ra", published.issued, shares.drawn)].into_iter()
}

fn of_question(
    (round, published): (&RoundDefinition, &PublishedTally),
    asked: Asked<'_>,
    question: &PublishedQuestion,
) -> Vec<Vec<String>> {
    let options = asked.question.options();
    let person = asked.subject.map_or("", |subject| &subject.name);
    let line = |section| Line { section, question: &asked.question.label, person, ..Line::default() };
    let opinions = question.total.iter().map(|cell| u64::from(cell.count)).sum();
    let mut rows = Vec::new();
    for cell in &question.total {
        let share = Ratio::of(cell.count.into(), opinions);
        let note = if cell.is_joined() { of_joined(round) } else { String::new() };
        let what = labels(options, cell);
        rows.push(row(Line { what, count: Some(cell.count), share, note, ..line("Kết quả chung") }));
    }
    if question.total.is_empty() {
        rows.push(row(Line { note: HIDDEN_SENTENCE.to_owned(), ..line("Kết quả chung") }));
    }
    let sides = of_sides(options);
    match asked.subject {
        None => rows.extend(satisfied(round, question).map(|share| {
            let (count, what) = (u32::try_from(share.numerator).ok(), sides[0].clone());
            row(Line { what, count, share: Some(share), ..line("Kết quả chung") })
        })),
        Some(_) => rows.extend(band(round, published, question).map(|band| {
            let note = format!("Tính trên {}", of_whole(round.denominator));
            row(Line { what: of_band(band).to_owned(), note, ..line("Mức") })
        })),
    }
    let what = "Không biết hoặc để trống".to_owned();
    rows.push(row(Line { what, count: Some(question.outside), ..line("Kết quả chung") }));
    rows.extend(by_area(round, &question.areas, &line("Theo khu vực"), &sides));
    rows
}

/// Two rows for an area that is shown, one without a number for one that is hidden.
fn by_area(round: &RoundDefinition, slices: &Slices, of: &Line<'_>, parts: &[String; 2]) -> Vec<Vec<String>> {
    if !round.shows_areas {
        return Vec::new();
    }
    let lines = round.areas.iter().flat_map(|area| {
        let line = || Line {
            section: of.section,
            question: of.question,
            person: of.person,
            area: &area.name,
            ..Line::default()
        };
        let Some(shown) = slices.shown.iter().find(|shown| shown.area == area.number) else {
            return vec![row(Line { note: HIDDEN_SENTENCE.to_owned(), ..line() })];
        };
        let whole = shown.cells.iter().map(|cell| u64::from(*cell)).sum();
        let part = |(count, what): (&u32, &String)| {
            let share = Ratio::of((*count).into(), whole);
            row(Line { what: what.clone(), count: Some(*count), share, ..line() })
        };
        shown.cells.iter().zip(parts).map(part).collect()
    });
    lines.collect()
}

fn labels(options: &[OpinionOption], cell: &Cell) -> String {
    let label = |index: &u8| options.get(usize::from(*index)).map(|option| &*option.label);
    cell.options.iter().filter_map(label).collect::<Vec<_>>().join("; ")
}

/// Why options stand together.
fn of_joined(round: &RoundDefinition) -> String {
    format!("Gộp các mức liền nhau, trong đó một mức dưới {} phiếu", round.side_min)
}

fn row(line: Line<'_>) -> Vec<String> {
    let Line { section, question, person, area, what, count, share, note } = line;
    let count = count.map(number).unwrap_or_default();
    let share = share.map(percent).unwrap_or_default().replace('\u{a0}', " ");
    let texts = [section, question, person, area, &what].map(harmless);
    texts.into_iter().chain([count, share, harmless(&note)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::slices::AreaCells;
    use crate::round::{AreaNumber, samples};
    use crate::tally::EnvelopeKinds;

    fn published(round: &RoundDefinition) -> PublishedTally {
        let cell = |options: &[u8], count| Cell { options: options.to_vec(), count };
        let shown = AreaCells { area: AreaNumber(1), cells: [30, 12] };
        let slices = Slices { shown: vec![shown], hidden: vec![AreaNumber(2)] };
        let total = vec![cell(&[0], 41), cell(&[1], 30), cell(&[2, 3, 4], 11)];
        let question = PublishedQuestion { question: 0, total, outside: 3, areas: slices.clone() };
        let (kinds, issued) = (EnvelopeKinds { valid: 85, ..EnvelopeKinds::default() }, 100);
        let (fingerprint, overfull) = ([0; 10], Vec::new());
        let questions = vec![question];
        PublishedTally { round: round.id, fingerprint, kinds, issued, overfull, participation: slices, questions }
    }

    #[test]
    fn every_published_number_is_one_row_and_a_hidden_area_has_none() {
        let round = samples::satisfaction();
        let Sheet { header, rows } = result_sheet(&round, &published(&round));
        assert!(rows.iter().all(|row| row.len() == header.len()));
        assert_eq!(rows[0][7], CONSULTATIVE);
        let of_area = |name: &str| rows.iter().filter(|row| row[3] == name).collect::<Vec<_>>();
        let numbers = |name: &str| of_area(name).iter().map(|row| row[5].clone()).collect::<Vec<_>>();
        assert_eq!(numbers("Tổ 1"), ["30", "12", "30", "12"]);
        assert_eq!(numbers("Tổ 2"), ["", ""]);
        assert!(of_area("Tổ 2").iter().all(|row| row[7] == HIDDEN_SENTENCE && row[4].is_empty() && row[6].is_empty()));
        let joined = rows.iter().find(|row| row[7].starts_with("Gộp")).expect("options were joined");
        assert_eq!(joined[4..7], ["Bình thường; Không hài lòng; Rất không hài lòng", "11", "13,41 %"]);
        let rate = rows.iter().find(|row| row[4] == "Hài lòng trở lên" && row[3].is_empty()).expect("a rate");
        assert_eq!(rate[5..7], ["71", "86,59 %"]);
    }

    #[test]
    fn a_round_that_shows_no_areas_has_no_row_of_one() {
        let round = RoundDefinition { shows_areas: false, ..samples::satisfaction() };
        let rows = result_sheet(&round, &published(&round)).rows;
        assert!(rows.iter().all(|row| row[3].is_empty()));
    }
}
