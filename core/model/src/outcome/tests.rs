use std::collections::BTreeMap;

use super::*;
use crate::envelope::samples::key;
use crate::publication::{Issued, publishable};
use crate::round::samples;
use crate::tally::{Answers, AreaTally, EnvelopeKinds};

/// Thirty ballots about three people in two areas; `low` of the first area's fifteen are against the first.
fn tally(low: u32, doubled: u32) -> Tally {
    let kinds = |valid, doubled| EnvelopeKinds { valid, doubled, ..EnvelopeKinds::default() };
    let answers = |low: u32| vec![Answers { options: vec![15 - low, 0, low], blank: 0 }; 3];
    let area = |low, doubled| AreaTally { kinds: kinds(15, doubled), answers: answers(low) };
    let areas = [(crate::round::AreaNumber(1), area(low, doubled)), (crate::round::AreaNumber(2), area(7, 0))];
    Tally { kinds: kinds(30, doubled), areas: BTreeMap::from(areas) }
}

fn outcome(round: &RoundDefinition, tally: &Tally) -> Outcome {
    Outcome {
        published: publishable(round, tally, &Issued::default()),
        input: ContentHash::from_bytes([1; 32]),
        frozen_box: ContentHash::from_bytes([2; 32]),
        counted: Day::parse("2026-12-16").unwrap(),
        paper: PaperCount::default(),
        went_on: Vec::new(),
        set_aside_matters: set_aside_matters(round, tally),
        recount: RecountWord::of(round, tally, &key(7)),
        packets: Vec::new(),
    }
}

fn signed(outcome: &Outcome, pair: [usize; 2]) -> SignedOutcome {
    let (round, keys) = (samples::confidence(), samples::holder_keys());
    SignedOutcome::sign(outcome.clone(), &round, pair.map(|number| &keys[number])).unwrap()
}

/// A38: one count altered changes the word.
#[test]
fn the_word_of_a_recount_changes_with_every_number() {
    let round = samples::confidence();
    let word = |tally: &Tally| RecountWord::of(&round, tally, &key(7));
    let right = word(&tally(7, 0));
    assert!(word(&tally(7, 0)) == right);
    assert!(word(&tally(8, 0)) != right && word(&tally(7, 1)) != right);
    let mut turned = tally(7, 0);
    turned.areas.values_mut().for_each(|area| area.answers[2].options.swap(0, 2));
    assert!(word(&turned) != right);
    assert!(RecountWord::of(&round, &tally(7, 0), &key(8)) != right, "nobody else can make it");
}

#[test]
fn an_outcome_is_signed_by_two_holders_of_its_round() {
    let (round, keys) = (samples::confidence(), samples::holder_keys());
    let outcome = outcome(&round, &tally(7, 0));
    let bytes = signed(&outcome, [2, 0]).to_bytes();
    assert!(SignedOutcome::read(&bytes, &round).is_ok_and(|read| read.openers == [0, 2] && read.outcome == outcome));
    assert!(SignedOutcome::sign(outcome.clone(), &round, [&keys[1], &keys[1]]).is_none());
    let stranger = SigningKey::from_bytes(&[77; 32]);
    assert!(SignedOutcome::sign(outcome, &round, [&keys[1], &stranger]).is_none());
    let other = RoundDefinition { group_min: 30, ..round.clone() };
    assert_eq!(SignedOutcome::read(&bytes, &other).err(), Some(OutcomeRefused::NotSigned));
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(SignedOutcome::read(&changed, &round).is_err(), "byte {place}");
    }
}

/// A38: another pair, the same word.
#[test]
fn a_round_about_people_is_published_after_a_second_pair_found_the_same() {
    let round = samples::confidence();
    let (counted, altered) = (outcome(&round, &tally(7, 0)), outcome(&round, &tally(8, 0)));
    let first = signed(&counted, [0, 1]);
    assert_eq!(first.check_recount(&round, None), Err(OutcomeRefused::NotRecounted));
    assert_eq!(first.check_recount(&round, Some(&first)), Err(OutcomeRefused::NotRecounted));
    assert_eq!(first.check_recount(&round, Some(&signed(&altered, [1, 2]))), Err(OutcomeRefused::RecountDiffers));
    assert_eq!(first.check_recount(&round, Some(&signed(&counted, [1, 2]))), Ok(()));
}

/// A36: the first two may go on with a reason, the last never.
#[test]
fn the_holders_go_on_with_a_reason_or_not_at_all() {
    let round = samples::confidence();
    let checked = |blocked, reason: &str| {
        let went_on = vec![WentOn { blocked, reason: reason.to_owned() }];
        let outcome = Outcome { went_on, ..outcome(&round, &tally(7, 0)) };
        SignedOutcome::read(&signed(&outcome, [0, 1]).to_bytes(), &round).err()
    };
    let (missing, differ) =
        (CountBlocked::ListedMissing { missing: 2 }, CountBlocked::SealsDiffer { sealed: 3, in_box: 2 });
    let reason = "Một điện thoại bị mất trước khi gửi hết.";
    assert_eq!((checked(missing, reason), checked(differ, reason)), (None, None));
    assert_eq!(checked(missing, " "), Some(OutcomeRefused::NoReason));
    assert_eq!(checked(CountBlocked::TooFew { valid: 4, least: 20 }, reason), Some(OutcomeRefused::NoReason));
}

/// A38: 15 of 30 are not more than half; with one of two set-aside ballots they would be.
#[test]
fn the_minutes_say_when_set_aside_ballots_could_change_a_band() {
    let round = samples::confidence();
    for (low, doubled, matters) in
        [(7, 0, false), (7, 1, false), (7, 3, true), (8, 1, true), (1, 4, false), (13, 0, false)]
    {
        assert_eq!(set_aside_matters(&round, &tally(low, doubled)), matters, "{low} low, {doubled} set aside");
    }
}
