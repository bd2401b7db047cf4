//! Answers as bars: the options of a question from the best to the worst, drawn from published cells alone.
//!
//! Source: look 6; anonymity A41, A45.

use model::ballot::Asked;
use model::publication::cells::Cell;
use model::publication::tables::{ResultRow, ResultTable, results};
use model::round::template::{OpinionOption, Side};

use crate::report::bar::{Segment, percent_bar};
use crate::results::PublishedRound;

/// Questions with the same options: their bars, and the table of their numbers.
pub struct Group {
    /// What is asked of everybody in it, if it is asked about people.
    pub heading: Option<String>,
    /// What the colours mean.
    pub key: Vec<KeyEntry>,
    /// In the order of the paper.
    pub bars: Vec<Bar>,
    /// The same in numbers.
    pub table: ResultTable,
}

/// An option and its colour.
pub struct KeyEntry {
    /// Class of the fill.
    pub class: &'static str,
    /// The option.
    pub label: String,
}

/// One question, or one person.
pub struct Bar {
    /// What is asked, or who it is about.
    pub label: String,
    /// The post of whom it is about.
    pub post: Option<String>,
    /// Whether options are joined in it.
    pub is_joined: bool,
    /// Empty: too few answered.
    pub segments: Vec<Segment>,
    /// Every published cell in words: "Tín nhiệm cao 120".
    pub counts: Vec<String>,
    /// The share, or the band.
    pub last: String,
}

/// How strongly an option leans; joined options lean as the mildest of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leaning {
    None,
    Mild(Towards),
    Strong(Towards),
}

/// Which side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Towards {
    For,
    Rest,
}

/// Everything that was asked with options, in the order of the paper.
pub fn groups(round: &PublishedRound) -> Vec<Group> {
    let asked: Vec<Asked<'_>> = round.definition().asked().collect();
    let of_table = |table: ResultTable| {
        let question = |row: &ResultRow| &round.published().questions[row.question];
        let asked_in = |row: &ResultRow| asked[usize::from(question(row).question)];
        let options = table.rows.first().map(|row| asked_in(row).question.options()).unwrap_or_default();
        let bar = |row: &ResultRow| bar(row, options, &question(row).total);
        Group { heading: table.heading.clone(), key: key(options), bars: table.rows.iter().map(bar).collect(), table }
    };
    results(round.definition(), round.published()).into_iter().map(of_table).collect()
}

fn bar(row: &ResultRow, options: &[OpinionOption], cells: &[Cell]) -> Bar {
    let mut cells: Vec<&Cell> = cells.iter().collect();
    cells.sort_by_key(|cell| cell.options.first().copied());
    let drawn: Vec<(&'static str, u32)> = cells.iter().map(|cell| (class_of(options, cell), cell.count)).collect();
    let label = |index: &u8| options.get(usize::from(*index)).map(|option| &*option.label);
    let in_words = |cell: &&Cell| {
        let labels: Vec<&str> = cell.options.iter().filter_map(label).collect();
        let star = if cell.is_joined() { " *" } else { "" };
        format!("{}: {}{star}", labels.join(", "), model::publication::words::number(cell.count))
    };
    Bar {
        label: row.label.clone(),
        post: row.post.clone(),
        is_joined: cells.iter().any(|cell| cell.is_joined()),
        segments: percent_bar(&drawn),
        counts: cells.iter().map(in_words).collect(),
        last: row.last.clone(),
    }
}

fn key(options: &[OpinionOption]) -> Vec<KeyEntry> {
    let inside = options.iter().enumerate().filter(|(_, option)| option.side != Side::Outside);
    inside
        .map(|(index, option)| KeyEntry { class: class(leaning(options, index)), label: option.label.clone() })
        .collect()
}

/// Options that were joined take the colour of the mildest of them.
fn class_of(options: &[OpinionOption], cell: &Cell) -> &'static str {
    let leanings = || cell.options.iter().map(|index| leaning(options, usize::from(*index)));
    let sides = cell.options.iter().filter_map(|index| options.get(usize::from(*index))).map(|option| option.side);
    let is_mixed = sides.clone().any(|side| side == Side::For) && sides.clone().any(|side| side == Side::Rest);
    class(if is_mixed { Leaning::None } else { leanings().min().unwrap_or(Leaning::None) })
}

/// Options of a side stand from the strong one inwards; of three and more on the worse side the first is neither.
fn leaning(options: &[OpinionOption], index: usize) -> Leaning {
    let Some(option) = options.get(index) else { return Leaning::None };
    let same = |other: &OpinionOption| other.side == option.side;
    let (before, of_side) = (
        options[..index].iter().filter(|other| same(other)).count(),
        options.iter().filter(|other| same(other)).count(),
    );
    match option.side {
        Side::For if before == 0 => Leaning::Strong(Towards::For),
        Side::For => Leaning::Mild(Towards::For),
        Side::Rest if of_side > 2 && before == 0 => Leaning::None,
        Side::Rest if of_side > 1 && before + 1 == of_side => Leaning::Strong(Towards::Rest),
        Side::Rest => Leaning::Mild(Towards::Rest),
        Side::Outside => Leaning::None,
    }
}

fn class(leaning: Leaning) -> &'static str {
    match leaning {
        Leaning::Strong(Towards::Rest) => "l-1",
        Leaning::Mild(Towards::Rest) => "l-2",
        Leaning::None => "l-3",
        Leaning::Mild(Towards::For) => "l-4",
        Leaning::Strong(Towards::For) => "l-5",
    }
}

#[cfg(test)]
mod tests {
    use model::round::built_in;

    use super::*;

    fn classes(template: &model::round::template::OpinionTemplate) -> Vec<&'static str> {
        key(template.questions[0].options()).iter().map(|entry| entry.class).collect()
    }

    #[test]
    fn options_have_colours_from_blue_to_brown() {
        for (template, expected) in [
            (built_in::satisfaction(), vec!["l-5", "l-4", "l-3", "l-2", "l-1"]),
            (built_in::satisfaction_new_countryside(), vec!["l-5", "l-2"]),
            (built_in::confidence(), vec!["l-5", "l-4", "l-2"]),
        ] {
            assert_eq!(classes(&template), expected, "{}", template.code);
        }
    }

    #[test]
    fn joined_options_take_the_colour_of_the_mildest() {
        let template = built_in::satisfaction();
        let options = template.questions[0].options();
        for (joined, expected) in
            [(vec![0, 1], "l-4"), (vec![3, 4], "l-2"), (vec![2, 3, 4], "l-3"), (vec![0, 1, 2, 3, 4], "l-3")]
        {
            assert_eq!(class_of(options, &Cell { options: joined.clone(), count: 9 }), expected, "{joined:?}");
        }
    }
}
