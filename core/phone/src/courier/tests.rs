use std::ops::RangeInclusive;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::box_seal::Leaf;
use model::handshake::public;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::guest::seal_box;
use crate::guest::tests::{Phone, day, satisfaction};

/// Days of the round: it opens on 1 December, closes on the 10th, and its grace ends on the 15th.
const OPEN: &str = "2026-12-05";
const NEXT: &str = "2026-12-06";
const LATE: &str = "2026-12-12";
const OVER: &str = "2026-12-16";

fn server() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn phone_with(ballots: u8, round: &Arc<AnnouncedRound>) -> Phone {
    let mut phone = Phone::new();
    cast(&mut phone, round, 1..=ballots);
    phone
}

fn cast(phone: &mut Phone, round: &Arc<AnnouncedRound>, slips: RangeInclusive<u8>) {
    for slip in slips {
        phone.cast(round, slip).unwrap();
    }
}

fn next_on(phone: &mut Phone, round: &AnnouncedRound, today: &str) -> Option<Parcel> {
    next(&mut phone.store, round, day(today), &mut phone.random).unwrap()
}

fn read(parcel: &Parcel, round: &AnnouncedRound) -> Vec<Envelope> {
    let batch = Batch::read(&parcel.bytes, &round.signed.definition, &round.admission);
    batch.unwrap_or_else(|refused| panic!("{refused}")).envelopes
}

fn list_of(round: &AnnouncedRound, before: Option<&ReceivedList>, names: &[EnvelopeId]) -> ReceivedList {
    ReceivedList::sign((round.signed.definition.id, before, None), names, false, &server())
}

/// A21: at least five, or the box is sealed.
#[test]
fn fewer_than_five_wait_for_company_or_the_seal() {
    let round = satisfaction();
    let mut phone = phone_with(4, &round);
    assert!(next_on(&mut phone, &round, OPEN).is_none());
    seal_box(&mut phone.store, &round.signed.definition, &mut phone.random).unwrap();
    assert_eq!(read(&next_on(&mut phone, &round, OPEN).unwrap(), &round).len(), 4);
}

/// A21: what is under way is repeated byte for byte, whatever is cast meanwhile; the next batch goes on another day.
#[test]
fn a_batch_is_repeated_unchanged_until_it_arrived() {
    let round = satisfaction();
    let mut phone = phone_with(5, &round);
    let first = next_on(&mut phone, &round, OPEN).unwrap();
    cast(&mut phone, &round, 6..=12);
    assert!(next_on(&mut phone, &round, OPEN).unwrap() == first);
    assert!(next_on(&mut phone, &round, NEXT).unwrap() == first);
    arrived(&mut phone.store, &round, &first, &mut phone.random).unwrap();
    let second = next_on(&mut phone, &round, NEXT).unwrap();
    assert_eq!(read(&second, &round).len(), 7);
    arrived(&mut phone.store, &round, &second, &mut phone.random).unwrap();
    cast(&mut phone, &round, 13..=20);
    assert!(next_on(&mut phone, &round, NEXT).is_none(), "one batch a day");
}

/// A22: as long for five envelopes as for sixteen; more go in several requests.
#[test]
fn every_parcel_of_a_round_has_one_length() {
    let round = satisfaction();
    let mut phone = phone_with(20, &round);
    let (mut lengths, mut counts) = (Vec::new(), Vec::new());
    while let Some(parcel) = next_on(&mut phone, &round, OPEN) {
        lengths.push(parcel.bytes.len());
        counts.push(read(&parcel, &round).len());
        arrived(&mut phone.store, &round, &parcel, &mut phone.random).unwrap();
    }
    assert_eq!(counts, [16, 4]);
    assert_eq!(lengths[0], lengths[1]);
}

/// A20: after closing a sealed box proves itself with all its leaves; an unsealed one, and any after the grace date,
/// stays.
#[test]
fn after_closing_a_box_goes_with_the_proof_of_its_seal() {
    let round = satisfaction();
    let mut phone = phone_with(6, &round);
    assert!(next_on(&mut phone, &round, LATE).is_none(), "not sealed");
    let seal = seal_box(&mut phone.store, &round.signed.definition, &mut phone.random).unwrap();
    assert!(next_on(&mut phone, &round, OVER).is_none());
    let parcel = next_on(&mut phone, &round, LATE).unwrap();
    let late = LateBatch::read(&parcel.bytes, &round.signed.definition, &round.admission);
    let late = late.unwrap_or_else(|refused| panic!("{refused}"));
    assert!(late.seal() == Ok(seal) && late.envelopes.len() == 6);
}

/// A24: an envelope stays until the list names it; then it, its name and its salt are gone, and the bare leaf stays for
/// the seal.
#[test]
fn what_is_listed_is_gone_and_the_rest_stays() {
    let round = satisfaction();
    let mut phone = phone_with(5, &round);
    let parcel = next_on(&mut phone, &round, OPEN).unwrap();
    arrived(&mut phone.store, &round, &parcel, &mut phone.random).unwrap();
    assert!(awaits_list(&phone.store, &round).unwrap());
    let leaves: Vec<Leaf> = phone.found(&round).unwrap().slots.leaves();
    let names: Vec<EnvelopeId> = read(&parcel, &round).iter().map(|envelope| envelope.id).collect();
    let list = list_of(&round, None, &names[..4]);
    take_list(&mut phone.store, &round, (&list.to_bytes(), &public(&server())), &mut phone.random).unwrap();
    let found = phone.found(&round).unwrap();
    assert!(found.slots.used().len() == 1 && found.slots.used()[0].envelope.id == names[4]);
    assert!(found.slots.leaves() == leaves);
    let random = &mut ChaCha8Rng::seed_from_u64(9);
    let bytes = found.slots.to_bytes(&round.signed.definition, random);
    let has = |name: &EnvelopeId| bytes.windows(16).any(|window| window == name.as_bytes());
    assert!(!names[..4].iter().any(has) && has(&names[4]));
}

/// A24: an older copy of a phone brings back what the server listed long ago. It travels once more, and the list that is
/// known already lets it go.
#[test]
fn a_known_list_lets_go_what_travelled_again() {
    let round = satisfaction();
    let mut phone = phone_with(10, &round);
    let parcel = next_on(&mut phone, &round, OPEN).unwrap();
    let names: Vec<EnvelopeId> = read(&parcel, &round).iter().map(|envelope| envelope.id).collect();
    let list = list_of(&round, None, &names);
    let bytes = list.to_bytes();
    let by = public(&server());
    let copied = phone.found(&round).unwrap().slots;
    let mut brought_back = copied.clone();
    brought_back.used_mut()[..5].iter_mut().for_each(|slot| slot.stage = Stage::Cast);
    let change_to = |phone: &mut Phone, slots: &model::slots::Slots| {
        let changed = change(&mut phone.store, &round, &mut phone.random, |found| found.slots = slots.clone());
        changed.unwrap();
    };
    change_to(&mut phone, &brought_back);
    take_list(&mut phone.store, &round, (&bytes, &by), &mut phone.random).unwrap();
    assert_eq!(phone.found(&round).unwrap().slots.used().len(), 5, "what has not travelled from here stays");
    let again = next_on(&mut phone, &round, NEXT).unwrap();
    assert_eq!(read(&again, &round).len(), 5);
    arrived(&mut phone.store, &round, &again, &mut phone.random).unwrap();
    take_list(&mut phone.store, &round, (&bytes, &by), &mut phone.random).unwrap();
    assert_eq!(phone.found(&round).unwrap().slots.used().len(), 0);
}

/// A30: a server that changes what it had listed is noticed, and nothing is forgotten because of it.
#[test]
fn a_list_that_was_rewritten_is_refused() {
    let round = satisfaction();
    let mut phone = phone_with(5, &round);
    let parcel = next_on(&mut phone, &round, OPEN).unwrap();
    let names: Vec<EnvelopeId> = read(&parcel, &round).iter().map(|envelope| envelope.id).collect();
    arrived(&mut phone.store, &round, &parcel, &mut phone.random).unwrap();
    let elsewhere = SigningKey::from_bytes(&[8; 32]);
    let by = public(&server());
    let mut take = |list: &ReceivedList| {
        let taken = take_list(&mut phone.store, &round, (&list.to_bytes(), &by), &mut phone.random);
        taken.map_err(|refused| refused.to_string())
    };
    let first = list_of(&round, None, &names[..1]);
    let second = list_of(&round, Some(&first), &names[..2]);
    take(&first).unwrap();
    take(&first).unwrap();
    let other = list_of(&round, None, &names[..2]);
    assert_eq!(take(&other), Err(ListRefused::Rewritten.to_string()));
    let unrelated = list_of(&round, Some(&other), &names);
    assert_eq!(take(&unrelated), Err(ListRefused::Rewritten.to_string()));
    let foreign = ReceivedList::sign((round.signed.definition.id, Some(&first), None), &names, false, &elsewhere);
    assert_eq!(take(&foreign), Err(NotAList.to_string()));
    take(&second).unwrap();
    assert_eq!(take(&first), Err(ListRefused::Rewritten.to_string()));
    assert_eq!(phone.found(&round).unwrap().slots.used().len(), 3);
}

/// After the server began a new life, what it took and did not list travels again.
#[test]
fn what_a_restored_server_may_have_lost_travels_again() {
    let round = satisfaction();
    let mut phone = phone_with(5, &round);
    let parcel = next_on(&mut phone, &round, OPEN).unwrap();
    arrived(&mut phone.store, &round, &parcel, &mut phone.random).unwrap();
    assert!(next_on(&mut phone, &round, NEXT).is_none());
    send_again(&mut phone.store, &round, &mut phone.random).unwrap();
    assert!(next_on(&mut phone, &round, NEXT).unwrap() == parcel);
}

mod moments {
    use model::time::Timestamp;

    use super::*;
    use crate::courier::moment::{clear, draw, drawn, is_now, renew};

    const HOUR_MS: i64 = 3_600 * 1_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_utc_ms(day(OPEN).begins().utc_ms() + ms)
    }

    /// A22: between half an hour and eight hours, evenly.
    #[test]
    fn the_moment_is_anywhere_in_the_hours_after() {
        let mut phone = Phone::new();
        let drawn_after: Vec<i64> = (0..500)
            .map(|_| {
                clear(&mut phone.store).unwrap();
                draw(&mut phone.store, at(0), &mut phone.random).unwrap();
                drawn(&phone.store).unwrap().unwrap().at_ms - at(0).utc_ms()
            })
            .collect();
        assert!(drawn_after.iter().all(|ms| (HOUR_MS / 2..8 * HOUR_MS).contains(ms)));
        let early = drawn_after.iter().filter(|ms| **ms < 17 * HOUR_MS / 4).count();
        assert!((221..=279).contains(&early), "{early} of 500 in the first half");
    }

    #[test]
    fn a_moment_stands_until_it_passed_and_two_missed_ones_are_enough() {
        let (mut phone, round) = (Phone::new(), satisfaction());
        let definition = &round.signed.definition;
        draw(&mut phone.store, at(0), &mut phone.random).unwrap();
        let first = drawn(&phone.store).unwrap();
        draw(&mut phone.store, at(1), &mut phone.random).unwrap();
        assert_eq!(drawn(&phone.store).unwrap(), first);
        assert!(!is_now(first, definition, at(1)) && !is_now(None, definition, at(1)));
        assert!(is_now(first, definition, Timestamp::from_utc_ms(first.unwrap().at_ms)));
        for missed in 1..=2 {
            draw(&mut phone.store, at(i64::from(missed) * 12 * HOUR_MS), &mut phone.random).unwrap();
            assert_eq!(drawn(&phone.store).unwrap().unwrap().missed, missed);
        }
        assert!(is_now(drawn(&phone.store).unwrap(), definition, at(24 * HOUR_MS)));
        assert!(is_now(None, definition, definition.closes.begins()), "the closing day waits for nothing");
    }

    /// A22: what waited for the network would go beside everything else that did.
    #[test]
    fn a_moment_that_passed_without_a_network_is_drawn_anew() {
        let (mut phone, round) = (Phone::new(), satisfaction());
        let definition = &round.signed.definition;
        draw(&mut phone.store, at(0), &mut phone.random).unwrap();
        for missed in 0..2 {
            let passed = drawn(&phone.store).unwrap().unwrap();
            assert_eq!(passed.missed, missed);
            let back = Timestamp::from_utc_ms(passed.at_ms + 5 * HOUR_MS);
            assert!(!is_now(Some(passed), definition, back));
            renew(&mut phone.store, back, &mut phone.random).unwrap();
            let next = drawn(&phone.store).unwrap().unwrap();
            assert!(next.at_ms >= back.utc_ms() + HOUR_MS / 2 && next.missed == missed + 1);
        }
        let last = drawn(&phone.store).unwrap();
        assert!(is_now(last, definition, at(0)), "after two that passed it goes at once");
        renew(&mut phone.store, at(90 * HOUR_MS), &mut phone.random).unwrap();
        assert_eq!(drawn(&phone.store).unwrap(), last);
    }

    /// A22: half an hour after the last named exchange at least, also of a phone that exchanges again and again.
    #[test]
    fn nothing_goes_within_half_an_hour_of_a_named_exchange() {
        let (mut phone, round) = (Phone::new(), satisfaction());
        let definition = &round.signed.definition;
        for minutes in 0..200 {
            clear(&mut phone.store).unwrap();
            draw(&mut phone.store, at(0), &mut phone.random).unwrap();
            let first = drawn(&phone.store).unwrap().unwrap();
            let again = Timestamp::from_utc_ms(first.at_ms + (minutes - 100) * 60_000);
            draw(&mut phone.store, again, &mut phone.random).unwrap();
            let next = drawn(&phone.store).unwrap().unwrap();
            assert!(next.at_ms >= again.utc_ms() + HOUR_MS / 2 && !is_now(Some(next), definition, again));
        }
    }
}
