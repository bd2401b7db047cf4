//! The minutes of a count, "Biên bản kiểm phiếu": A4, from what two holders signed and from nothing else.
//!
//! Whatever stands on it was published before; no exact count can reach this module. Source: anonymity A8, A37, A38, A45;
//! look 7.

use askama::Template;
use model::outcome::{OutcomeRefused, SignedOutcome};
use model::publication::outcome::Participation;
use model::publication::slices::HIDDEN_SENTENCE;
use model::publication::tables::{self, AreaTable, KindRow, ResultTable};
use model::publication::words::{self, number, percent};
use model::round::state::DAYS_UNTIL_PURGE;
use model::round::{RoundDefinition, SignedRound, Standing};
use model::symbols::Sixteen;
use model::tally::CountBlocked;

/// What minutes are made of.
pub struct MinutesOf<'a> {
    /// What three holders signed.
    pub round: &'a SignedRound,
    /// What two of them counted.
    pub outcome: &'a SignedOutcome,
    /// What another pair counted.
    pub recount: Option<&'a SignedOutcome>,
}

#[derive(Template)]
#[template(path = "minutes.html")]
struct Document {
    title: String,
    day: DayWords,
    legal: Option<String>,
    electorate: String,
    organs: Vec<String>,
    openers: String,
    slips: SlipRow,
    printed_differ: Option<u32>,
    stubs_differ: Option<(u32, u32)>,
    overfull: Vec<String>,
    kinds: Vec<KindRow>,
    went_on: Vec<(String, String)>,
    box_is_whole: bool,
    recount: RecountWords,
    set_aside_matters: bool,
    results: Vec<ResultTable>,
    areas: Vec<AreaTable>,
    shows_areas: bool,
    group_min: u16,
    side_min: u16,
    packets: usize,
    hidden: &'static str,
    purge_days: i64,
    signatures: Vec<String>,
    fingerprint: String,
    input: String,
    frozen_box: String,
}

struct DayWords {
    day: String,
    month: String,
    year: String,
}

struct SlipRow {
    eligible: String,
    printed: String,
    issued: String,
    unused: String,
    spoiled: String,
    stubs: String,
    drawn: Option<String>,
}

struct RecountWords {
    /// None: it stays hidden until another pair has counted.
    word: Option<String>,
    second: Option<String>,
}

/// The minutes as a page. A recount by the same pair, or with another word, is refused.
pub fn document(of: &MinutesOf<'_>) -> Result<String, OutcomeRefused> {
    let round = &of.round.definition;
    if of.recount.is_some() {
        of.outcome.check_recount(round, of.recount)?;
    }
    Ok(view(of, round).render().expect("writing to memory cannot fail"))
}

fn view(of: &MinutesOf<'_>, round: &RoundDefinition) -> Document {
    let outcome = &of.outcome.outcome;
    let published = &outcome.published;
    let went_on = outcome.went_on.iter().map(|went| (words::of_blocked(went.blocked), went.reason.clone()));
    Document {
        title: round.title.clone(),
        day: day_words(outcome.counted),
        legal: match &round.standing {
            Standing::Consultative => None,
            Standing::Legal { reference } => Some(reference.clone()),
        },
        electorate: round.electorate.clone(),
        organs: round.holders.iter().map(|holder| format!("{} ({})", holder.name, holder.body)).collect(),
        openers: names(round, of.outcome),
        slips: slips(round, of.outcome),
        printed_differ: printed_differ(round, of.outcome),
        stubs_differ: stubs_differ(of.outcome),
        overfull: tables::overfull(round, published),
        kinds: tables::kinds(round, published),
        went_on: went_on.collect(),
        box_is_whole: !outcome.went_on.iter().any(|went| is_of_box(went.blocked)),
        recount: RecountWords {
            word: of.outcome.check_recount(round, of.recount).is_ok().then(|| outcome.recount.to_string()),
            second: of.recount.map(|second| names(round, second)),
        },
        set_aside_matters: outcome.set_aside_matters,
        results: tables::results(round, published),
        areas: tables::areas(round, published),
        shows_areas: round.shows_areas,
        group_min: round.group_min,
        side_min: round.side_min,
        packets: outcome.packets.len(),
        hidden: HIDDEN_SENTENCE,
        purge_days: DAYS_UNTIL_PURGE,
        signatures: signatures(of, round),
        fingerprint: sixteen(round.fingerprint().as_bytes()),
        input: outcome.input.to_string(),
        frozen_box: outcome.frozen_box.to_string(),
    }
}

fn day_words(day: model::time::Day) -> DayWords {
    let text = day.vietnamese();
    let mut parts = text.split('/').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    DayWords { day: next(), month: next(), year: next() }
}

fn names(round: &RoundDefinition, outcome: &SignedOutcome) -> String {
    let name = |opener: &u8| round.holders.get(usize::from(*opener)).map(|holder| holder.name.clone());
    outcome.openers.iter().filter_map(name).collect::<Vec<String>>().join(", ")
}

fn slips(round: &RoundDefinition, outcome: &SignedOutcome) -> SlipRow {
    let (published, paper) = (&outcome.outcome.published, outcome.outcome.paper);
    let eligible: u32 = round.areas.iter().map(|area| area.eligible).sum();
    SlipRow {
        eligible: number(eligible),
        printed: number(round.slips()),
        issued: number(published.issued),
        unused: number(paper.unused),
        spoiled: number(paper.spoiled),
        stubs: number(paper.stubs),
        drawn: Participation::of(round, published).drawn.map(percent),
    }
}

/// Whether envelopes are missing, apart from what lies on the table.
fn is_of_box(blocked: CountBlocked) -> bool {
    match blocked {
        CountBlocked::ListedMissing { .. } | CountBlocked::SealsDiffer { .. } | CountBlocked::TooFew { .. } => true,
        CountBlocked::SlipsDiffer { .. } | CountBlocked::StubsDiffer { .. } => false,
    }
}

/// How many slips are not accounted for: printed = issued + unused + spoiled (A8).
fn printed_differ(round: &RoundDefinition, outcome: &SignedOutcome) -> Option<u32> {
    let paper = outcome.outcome.paper;
    let found = u64::from(outcome.outcome.published.issued) + u64::from(paper.unused) + u64::from(paper.spoiled);
    let differ = found.abs_diff(round.slips().into());
    (differ > 0).then(|| u32::try_from(differ).unwrap_or(u32::MAX))
}

/// Stubs and the slips that left an envelope, if they differ: only paper shows ballots that a changed app dropped (A8).
fn stubs_differ(outcome: &SignedOutcome) -> Option<(u32, u32)> {
    let kinds = outcome.outcome.published.kinds;
    let (stubs, sealed) = (outcome.outcome.paper.stubs, kinds.of_this_round() - kinds.repeated);
    (stubs != sealed).then_some((stubs, sealed))
}

fn signatures(of: &MinutesOf<'_>, round: &RoundDefinition) -> Vec<String> {
    let second = of.recount.map(|second| second.openers).into_iter().flatten();
    let mut signed: Vec<u8> = of.outcome.openers.into_iter().chain(second).collect();
    signed.sort_unstable();
    signed.dedup();
    signed.iter().filter_map(|opener| round.holders.get(usize::from(*opener))).map(|of| of.name.clone()).collect()
}

/// Eighty bits as people read them to one another.
fn sixteen(bytes: &[u8; 10]) -> String {
    let bits = bytes.iter().fold(0, |bits, byte| bits << u8::BITS | u128::from(*byte));
    Sixteen::from_bits(bits).to_string()
}

#[cfg(test)]
mod tests;
