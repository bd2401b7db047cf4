//! The page of a published result, and the list of all, as words and numbers ready to print.

use askama::Template;
use model::identity::RoundId;
use model::publication::outcome::{Participation, satisfied};
use model::publication::slices::HIDDEN_SENTENCE;
use model::publication::tables::{KindRow, kinds, overfull};
use model::publication::words::{CONSULTATIVE, ROUNDED_IN_WORDS, number, of_blocked, percent};
use model::ratio::Ratio;
use model::round::{RoundDefinition, Standing};

use crate::results::PublishedRound;
use crate::results::by_area::{AreaCard, cards, main_question};
use crate::results::chart::{Group, groups};

/// Who reads a result. What stands on it is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The office, among its own pages.
    Office,
    /// Anybody.
    Anybody,
}

/// The page of a published result.
#[derive(Template)]
#[template(path = "result.html")]
pub struct ResultPage {
    home: &'static str,
    is_office: bool,
    place: Option<String>,
    round: RoundId,
    title: String,
    electorate: String,
    standing: StandingWords,
    counted: String,
    reported: String,
    figures: Vec<Figure>,
    groups: Vec<Group>,
    cards: Vec<AreaCard>,
    shows_areas: bool,
    kinds: Vec<KindRow>,
    overfull: Vec<String>,
    went_on: Vec<(String, String)>,
    set_aside_matters: bool,
    openers: String,
    recounters: Option<String>,
    recount_word: Option<String>,
    group_min: u16,
    side_min: u16,
    hidden: &'static str,
    rounded: &'static str,
}

/// What a result is worth, in words.
pub struct StandingWords {
    /// "Phiếu có giá trị tham khảo", or the law.
    pub label: String,
    /// Whether nothing follows from it.
    pub is_consultative: bool,
}

/// A number at the head of a page.
pub struct Figure {
    /// What it is.
    pub label: String,
    /// The number.
    pub number: String,
    /// Of what it is a share, in words.
    pub share: Option<String>,
}

/// The list of published results.
#[derive(Template)]
#[template(path = "results.html")]
pub struct ResultList {
    home: &'static str,
    place: Option<String>,
    rounds: Vec<ListedResult>,
}

struct ListedResult {
    round: RoundId,
    title: String,
    reported: String,
    standing: StandingWords,
}

impl ResultPage {
    /// Of a published round.
    pub fn new(round: &PublishedRound, reader: Reader) -> Self {
        let (definition, outcome) = (round.definition(), round.outcome());
        let is_office = reader == Reader::Office;
        let went_on = outcome.went_on.iter().map(|went| (of_blocked(went.blocked), went.reason.clone()));
        Self {
            home: if is_office { "/" } else { "/results" },
            is_office,
            place: round.place().map(str::to_owned),
            round: definition.id,
            title: definition.title.clone(),
            electorate: definition.electorate.clone(),
            standing: standing(definition),
            counted: outcome.counted.vietnamese(),
            reported: round.reported().vietnamese(),
            figures: figures(round),
            groups: groups(round),
            cards: cards(round),
            shows_areas: definition.shows_areas,
            kinds: kinds(definition, round.published()),
            overfull: overfull(definition, round.published()),
            went_on: went_on.collect(),
            set_aside_matters: outcome.set_aside_matters,
            openers: round.openers(),
            recounters: round.recounters(),
            recount_word: round.recount_word(),
            group_min: definition.group_min,
            side_min: definition.side_min,
            hidden: HIDDEN_SENTENCE,
            rounded: ROUNDED_IN_WORDS,
        }
    }

    /// The page as it is sent.
    pub fn html(&self) -> String {
        self.render().expect("a template of ours renders into memory")
    }
}

impl ResultList {
    /// Of all published rounds, the newest first.
    pub fn new(rounds: &[PublishedRound], place: Option<String>) -> Self {
        let listed = |round: &PublishedRound| ListedResult {
            round: round.definition().id,
            title: round.definition().title.clone(),
            reported: round.reported().vietnamese(),
            standing: standing(round.definition()),
        };
        Self { home: "/results", place, rounds: rounds.iter().map(listed).collect() }
    }

    /// The page as it is sent.
    pub fn html(&self) -> String {
        self.render().expect("a template of ours renders into memory")
    }
}

/// What a round's result is worth.
pub fn standing(round: &RoundDefinition) -> StandingWords {
    match &round.standing {
        Standing::Consultative => StandingWords { label: CONSULTATIVE.to_owned(), is_consultative: true },
        Standing::Legal { reference } => StandingWords { label: reference.clone(), is_consultative: false },
    }
}

/// Who took part (R12), and how content they are with the whole where that is asked (R11).
fn figures(round: &PublishedRound) -> Vec<Figure> {
    let (definition, published) = (round.definition(), round.published());
    let shares = Participation::of(definition, published);
    let eligible: u32 = definition.areas.iter().map(|area| area.eligible).sum();
    let figure = |label: &str, count: u32, share: Option<Ratio>, of: String| Figure {
        label: label.to_owned(),
        number: number(count),
        share: share.map(|share| format!("{} {of}", percent(share))),
    };
    let mut figures = vec![
        figure("Phát ra", published.issued, shares.drawn, format!("của {} người được trả lời", number(eligible))),
        figure("Thu về", published.kinds.collected(), shares.collected, "số phát ra".to_owned()),
        figure("Hợp lệ", published.kinds.valid, shares.valid, "số thu về".to_owned()),
    ];
    figures.extend(main_question(round).and_then(|question| {
        let label = definition.asked().nth(question.question.into())?.question.label.clone();
        let share = satisfied(definition, question)?;
        let of = format!("trên {} phiếu có ý kiến", number(u32::try_from(share.denominator.get()).ok()?));
        Some(Figure { label, number: percent(share), share: Some(of) })
    }));
    figures
}
