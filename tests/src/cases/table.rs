//! The letters of a matrix as a text that people read: one line for all who may do the same.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::case::CaseState;
use model::case::paper::PaperKind;

use super::matrix::{COLUMNS, Letters, Sitting, Tried};

/// Where the letters of a line begin.
const INDENT: usize = 26;

/// The text of a sitting, under a heading.
pub fn text(heading: &str, sitting: &Sitting, letters: &Letters) -> String {
    let names: Vec<&str> = sitting.seats.iter().map(|seat| seat.name).collect();
    let columns: String = COLUMNS.iter().map(|(_, letter)| letter).collect();
    let mut out = format!("## {heading}\n\n{:INDENT$}{columns}\n", "");
    let mut block = |title: String, tried: Tried| {
        let lines = grouped(&names, tried, letters);
        for (index, (told, who)) in lines.iter().enumerate() {
            let title = if index == 0 { title.as_str() } else { "" };
            writeln!(out, "{title:INDENT$}{told}  {who}").expect("a text takes every line");
        }
    };
    block("reads".to_owned(), Tried::Read);
    for kind in PaperKind::ALL {
        block(format!("signs {kind:?}"), Tried::Sign(kind));
    }
    for to in CaseState::ALL {
        block(format!("goes to {to:?}"), Tried::Step(to));
    }
    for to in CaseState::ALL {
        for (told, who) in early(&names, to, letters) {
            writeln!(out, "{:INDENT$}{told}  {who}, before the paper of {to:?}", "").expect("a text takes every line");
        }
    }
    out
}

/// Equal lines together, those of one person first; the most common one is everybody else's.
fn grouped(names: &[&str], tried: Tried, letters: &Letters) -> Vec<(String, String)> {
    let mut lines: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        lines.entry(line(tried, index, letters)).or_default().push(name);
    }
    let mut lines: Vec<(String, Vec<&str>)> = lines.into_iter().collect();
    lines.sort_by_key(|(_, who)| (who.len(), names.iter().position(|name| name == &who[0])));
    let count = lines.len();
    let called = |(index, (told, who)): (usize, (String, Vec<&str>))| match (index + 1 == count, count) {
        (true, 1) => (told, "everybody".to_owned()),
        (true, _) if who.len() > 2 => (told, "everybody else".to_owned()),
        (true | false, _) => (told, who.join(", ")),
    };
    lines.into_iter().enumerate().map(called).collect()
}

/// Whoever is told something else while the paper of a step is not filed yet.
fn early(names: &[&str], to: CaseState, letters: &Letters) -> Vec<(String, String)> {
    let is_other =
        |index: &usize| line(Tried::StepEarly(to), *index, letters) != line(Tried::Step(to), *index, letters);
    let told = (0..names.len()).filter(is_other);
    told.map(|index| (line(Tried::StepEarly(to), index, letters), names[index].to_owned())).collect()
}

/// What somebody was told in every state; a blank where nobody looked.
fn line(tried: Tried, index: usize, letters: &Letters) -> String {
    (0..COLUMNS.len()).map(|column| letters.get(&(tried, column)).map_or(' ', |told| told[index])).collect()
}
