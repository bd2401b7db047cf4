//! Results by area: two cells where they may be shown, one sentence where not, and nothing else of a hidden area.
//!
//! Source: anonymity A40-A44; look 6.

use model::ballot::Asked;
use model::publication::PublishedQuestion;
use model::publication::slices::{AreaCells, Slices};
use model::publication::words::{number, of_sides, percent};
use model::ratio::Ratio;
use model::round::About;

use crate::report::bar::{Segment, share_bar};
use crate::results::PublishedRound;

/// Question that says how content people are with the whole, in the templates that ship.
const OVERALL: &str = "overall";

/// One question by area.
pub struct AreaCard {
    /// What is asked, or who it is about.
    pub label: String,
    /// The post of whom it is about.
    pub post: Option<String>,
    /// What the two cells hold.
    pub sides: [String; 2],
    /// In the order of the definition.
    pub rows: Vec<AreaRow>,
    /// Whether it stands open on the page.
    pub is_open: bool,
}

/// One area.
pub struct AreaRow {
    /// Its name.
    pub name: String,
    /// None: hidden.
    pub shown: Option<AreaNumbers>,
}

/// Both cells of an area that is shown.
pub struct AreaNumbers {
    /// The better side, and the rest.
    pub cells: [String; 2],
    /// The better side of both.
    pub share: String,
    /// The same as a bar.
    pub bar: Vec<Segment>,
}

impl AreaCard {
    /// Whether no area may be shown.
    pub fn all_hidden(&self) -> bool {
        self.rows.iter().all(|row| row.shown.is_none())
    }

    /// Whether some area may not be shown.
    pub fn has_hidden(&self) -> bool {
        self.rows.iter().any(|row| row.shown.is_none())
    }
}

/// Participation and every question; none where the round shows no areas.
pub fn cards(round: &PublishedRound) -> Vec<AreaCard> {
    if !round.definition().shows_areas {
        return Vec::new();
    }
    let asked: Vec<Asked<'_>> = round.definition().asked().collect();
    let main = main_question(round).map(|question| question.question);
    let participation = AreaCard {
        label: "Tham gia: số phiếu thu về trên số phát ra".to_owned(),
        post: None,
        sides: ["Thu về".to_owned(), "Chưa về".to_owned()],
        rows: rows(round, &round.published().participation),
        is_open: true,
    };
    let questions = round.published().questions.iter().filter_map(|question| {
        let asked = asked.get(usize::from(question.question))?;
        Some(AreaCard {
            label: asked.subject.map_or(&asked.question.label, |subject| &subject.name).clone(),
            post: asked.subject.map(|subject| subject.post.clone()),
            sides: of_sides(asked.question.options()),
            rows: rows(round, &question.areas),
            is_open: main == Some(question.question),
        })
    });
    [participation].into_iter().chain(questions).collect()
}

/// What a round about a unit's work comes down to: the question about the whole, or the last one with options.
pub fn main_question(round: &PublishedRound) -> Option<&PublishedQuestion> {
    if !matches!(round.definition().about, About::Unit(_)) {
        return None;
    }
    let asked: Vec<Asked<'_>> = round.definition().asked().collect();
    let is_overall = |question: &&PublishedQuestion| {
        asked.get(usize::from(question.question)).is_some_and(|asked| asked.question.key == OVERALL)
    };
    let questions = &round.published().questions;
    questions.iter().find(is_overall).or_else(|| questions.last())
}

fn rows(round: &PublishedRound, slices: &Slices) -> Vec<AreaRow> {
    let shown = |area| slices.shown.iter().find(|shown| shown.area == area).map(numbers);
    let areas = round.definition().areas.iter();
    areas.map(|area| AreaRow { name: area.name.clone(), shown: shown(area.number) }).collect()
}

fn numbers(shown: &AreaCells) -> AreaNumbers {
    let [better, rest] = shown.cells;
    AreaNumbers {
        cells: shown.cells.map(number),
        share: Ratio::of(better.into(), u64::from(better) + u64::from(rest)).map(percent).unwrap_or_default(),
        bar: share_bar(better, better.saturating_add(rest)),
    }
}
