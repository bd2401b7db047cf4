//! The poster of a published result: one sheet of A4 with one sentence that is legible from two metres.
//!
//! Source: look 7; anonymity A45. Colours have hatches and every bar its numbers, so that a grey copy says the same.

use askama::Template;
use model::publication::outcome::satisfied;
use model::publication::slices::HIDDEN_SENTENCE;
use model::publication::tables::overfull;
use model::publication::words::{ROUNDED_IN_WORDS, number, of_sides, percent};
use model::ratio::{Ratio, Rounding};

use crate::results::PublishedRound;
use crate::results::by_area::{AreaCard, cards, main_question};
use crate::results::chart::{Group, groups};
use crate::results::page::{StandingWords, standing};

/// Areas for which a poster has room; more stand on the page of the result.
const AREAS_MAX: usize = 24;

/// The poster of a published result.
#[derive(Template)]
#[template(path = "poster.html")]
pub struct Poster {
    heading: String,
    organiser: Option<String>,
    title: String,
    standing: StandingWords,
    reported: String,
    counted: String,
    headline: String,
    detail: Option<String>,
    eligible: String,
    issued: String,
    collected: String,
    valid: String,
    groups: Vec<Group>,
    /// By area: the question about the whole.
    main: Option<AreaCard>,
    areas: AreasShown,
    is_about_people: bool,
    overfull: Vec<String>,
    doubts: usize,
    set_aside_matters: bool,
    openers: String,
    recounters: Option<String>,
    side_min: u16,
    hidden: &'static str,
    rounded: &'static str,
}

/// What a poster says of areas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AreasShown {
    /// Each with its share or the sentence.
    Each,
    /// None of them may be shown.
    AllHidden,
    /// More than there is room for.
    TooMany,
    /// The round shows no areas, or asks nothing about the whole.
    None,
}

impl Poster {
    /// Of a published round.
    pub fn new(round: &PublishedRound) -> Self {
        let (definition, published, outcome) = (round.definition(), round.published(), round.outcome());
        let main = cards(round).into_iter().rfind(|card| card.is_open).filter(|_| main_question(round).is_some());
        let (headline, detail) = headline(round);
        Self {
            heading: round.place().or(round.organiser()).unwrap_or("Lắng Nghe").to_owned(),
            organiser: round.organiser().filter(|organiser| Some(*organiser) != round.place()).map(str::to_owned),
            title: definition.title.clone(),
            standing: standing(definition),
            reported: round.reported().vietnamese(),
            counted: outcome.counted.vietnamese(),
            headline,
            detail,
            eligible: number(definition.areas.iter().map(|area| area.eligible).sum()),
            issued: number(published.issued),
            collected: number(published.kinds.collected()),
            valid: number(published.kinds.valid),
            groups: groups(round),
            areas: shown(main.as_ref()),
            main,
            is_about_people: !definition.subjects().is_empty(),
            overfull: overfull(definition, published),
            doubts: outcome.went_on.len(),
            set_aside_matters: outcome.set_aside_matters,
            openers: round.openers(),
            recounters: round.recounters(),
            side_min: definition.side_min,
            hidden: HIDDEN_SENTENCE,
            rounded: ROUNDED_IN_WORDS,
        }
    }

    /// The poster as it is sent.
    pub fn html(&self) -> String {
        self.render().expect("a template of ours renders into memory")
    }
}

fn shown(main: Option<&AreaCard>) -> AreasShown {
    match main {
        None => AreasShown::None,
        Some(card) if card.all_hidden() => AreasShown::AllHidden,
        Some(card) if card.rows.len() > AREAS_MAX => AreasShown::TooMany,
        Some(_) => AreasShown::Each,
    }
}

/// The one sentence, and what it is exactly. People are named in their bars alone: a headline would rank them.
fn headline(round: &PublishedRound) -> (String, Option<String>) {
    let (definition, valid) = (round.definition(), number(round.published().kinds.valid));
    let subjects = definition.subjects().len();
    if subjects > 0 {
        let asked = if subjects == 1 { "một người".to_owned() } else { format!("{subjects} người") };
        return (format!("{valid} phiếu hợp lệ cho ý kiến về {asked}"), None);
    }
    let of_whole = main_question(round).and_then(|question| {
        let asked = definition.asked().nth(question.question.into())?.question;
        let share = satisfied(definition, question)?;
        let content = first_small(&of_sides(asked.options())[0]);
        let whole = number(u32::try_from(share.denominator.get()).ok()?);
        let detail = format!("{}: {} trên {whole} phiếu có ý kiến.", asked.label, percent(share));
        Some((format!("Cứ 100 phiếu có ý kiến thì {} phiếu {content}", of_hundred(share)), Some(detail)))
    });
    of_whole.unwrap_or_else(|| (format!("{valid} phiếu hợp lệ đã được kiểm và công bố"), None))
}

/// "74"; never a hundred where somebody said otherwise, and never none where somebody said so.
fn of_hundred(share: Ratio) -> String {
    let (whole, part) = (share.denominator.get(), share.numerator);
    match share.percent(0, Rounding::HalfUp).units() {
        0 if part > 0 => "chưa đến 1".to_owned(),
        100 if part < whole => "hơn 99".to_owned(),
        rounded => rounded.to_string(),
    }
}

fn first_small(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_never_says_that_all_agree_where_somebody_did_not() {
        for (part, whole, expected) in [
            (677, 910, "74"),
            (745, 1_000, "75"),
            (999, 1_000, "hơn 99"),
            (1, 1_000, "chưa đến 1"),
            (995, 1_000, "hơn 99"),
        ] {
            assert_eq!(Ratio::of(part, whole).map(of_hundred).as_deref(), Some(expected), "{part} of {whole}");
        }
    }
}
