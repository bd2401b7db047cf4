use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::box_seal::{BoxId, BoxSeal, Leaf};
use crate::envelope::samples::{key, sealed};
use crate::round::samples;
use crate::sealing::seal;

fn server() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn secret(number: u32) -> SlipSecret {
    let mut bytes = [0; SECRET_BYTES];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    SlipSecret::from_random(bytes)
}

/// A round whose holders printed slips 0, 1, 2, … of its areas in their order.
fn round() -> (RoundDefinition, SlipBook) {
    let mut round = RoundDefinition { key: key(7).public(), ..samples::confidence() };
    let areas = round.areas.iter().flat_map(|area| vec![area.number; area.slips as usize]);
    let tags = areas.zip(0..).map(|(area, number)| (area, secret(number).tag(round.id, area)));
    let book = SlipBook::of(tags.collect::<Vec<_>>());
    round.slip_book = book.digest();
    (round, book)
}

fn envelopes(round: &RoundDefinition, count: u64) -> Vec<Envelope> {
    let mut envelopes: Vec<Envelope> = (0..count).map(|seed| sealed(round, seed)).collect();
    envelopes.sort_by_key(|envelope| envelope.id);
    envelopes
}

fn frozen(envelopes: &[Envelope]) -> Option<(u32, ContentHash)> {
    let mut digest = BoxDigest::default();
    envelopes.iter().for_each(|envelope| digest.take(envelope));
    digest.finish()
}

/// A whole file of 25 envelopes in two lists, two seals and one list of returned slips.
fn input() -> (OpeningInput, Vec<Envelope>) {
    let (round, book) = round();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let key = (&round.key, round.id);
    let slip_book = seal(key, Purpose::SlipBook, &book.to_bytes(), &mut random).unwrap();
    let slips: Vec<u8> = [90, 91].into_iter().flat_map(|number| secret(number).to_bytes()).collect();
    let returned = vec![SealedBytes(seal(key, Purpose::ReturnedSlips, &slips, &mut random).unwrap())];
    let envelopes = envelopes(&round, 25);
    let names: Vec<EnvelopeId> = envelopes.iter().map(|envelope| envelope.id).collect();
    let first = ReceivedList::sign((round.id, None, None), &names[..20], false, &server());
    let last = ReceivedList::sign((round.id, Some(&first), None), &names, true, &server());
    let of_box = |number: u8, count: u8| {
        let leaves: Vec<Leaf> = (0..count).map(|leaf| Leaf::from_bytes([leaf; 32])).collect();
        BoxSeal::of(BoxId::from_bytes([number; 16]), &leaves).unwrap_or_else(|refused| panic!("{refused}")).spoken()
    };
    let (count, frozen_box) = frozen(&envelopes).unwrap();
    let empty = OpeningInput::of(samples::signed(round), slip_book, public(&server()));
    let (lists, seals) = (vec![first, last], vec![of_box(1, 15), of_box(2, 10)]);
    let input = OpeningInput { lists, seals, returned, envelopes: count, frozen_box, ..empty };
    (input.signed(&server()), envelopes)
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn today() -> Day {
    day("2026-12-16")
}

fn checked(input: &OpeningInput, envelopes: &[Envelope]) -> Result<(), InputRefused> {
    OpeningInput::read(&input.to_bytes())?.check(frozen(envelopes), today())
}

#[test]
fn the_holders_begin_with_a_whole_file() {
    let (input, envelopes) = input();
    assert_eq!(checked(&input, &envelopes), Ok(()));
    let opened = OpenedInput::open(&input, &key(7)).unwrap_or_else(|refused| panic!("{refused}"));
    let area = input.round.definition.areas[1].number;
    assert!(opened.returned.contains(&secret(90).tag(input.round.definition.id, area)));
    assert!(!opened.returned.contains(&secret(89).tag(input.round.definition.id, area)));
    let in_box: HashSet<EnvelopeId> = envelopes.iter().map(|envelope| envelope.id).collect();
    assert_eq!((input.missing(&in_box), input.sealed()), (0, 25));
}

/// A33: one byte changed anywhere in the file.
#[test]
fn a_file_with_one_changed_byte_is_refused() {
    let (input, _) = input();
    let bytes = input.to_bytes();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(OpeningInput::read(&changed).is_err(), "byte {place}");
    }
}

/// A33: each part, changed by whoever runs the server and can sign the file again.
#[test]
fn a_server_that_changes_a_part_and_signs_again_is_found_out() {
    let (input, envelopes) = input();
    let changed = |change: fn(&mut OpeningInput)| {
        let mut other = input.clone();
        change(&mut other);
        checked(&other.signed(&server()), &envelopes)
    };
    let swapped = changed(|input| input.round.definition.group_min = 5);
    assert_eq!(swapped, Err(InputRefused::NotSigned));
    assert_eq!(changed(|input| drop(input.lists.pop())), Err(InputRefused::ListsBroken));
    assert_eq!(changed(|input| drop(input.lists.remove(0))), Err(InputRefused::ListsBroken));
    assert_eq!(changed(|input| input.envelopes = 24), Err(InputRefused::BoxChanged));
    assert_eq!(checked(&input, &envelopes[1..]), Err(InputRefused::BoxChanged));
    let mut turned = envelopes.clone();
    turned.swap(0, 1);
    assert_eq!(checked(&input, &turned), Err(InputRefused::BoxChanged), "an order of arrival");
    let mut book = input.clone();
    book.slip_book[40] ^= 1;
    assert_eq!(OpenedInput::open(&book, &key(7)).err(), Some(InputRefused::BookChanged));
    let mut returned = input.clone();
    returned.returned[0].0[40] ^= 1;
    assert_eq!(OpenedInput::open(&returned, &key(7)).err(), Some(InputRefused::ReturnedBroken));
    assert_eq!(OpenedInput::open(&input, &key(8)).err(), Some(InputRefused::WrongKey));
}

/// A36: an envelope of a signed list that is not in the box.
#[test]
fn what_was_listed_and_is_gone_is_missing() {
    let (input, envelopes) = input();
    let in_box: HashSet<EnvelopeId> = envelopes[3..].iter().map(|envelope| envelope.id).collect();
    assert_eq!(input.missing(&in_box), 3);
}

#[test]
fn nothing_is_opened_before_the_grace_date_is_over() {
    let (input, envelopes) = input();
    assert_eq!(input.check(frozen(&envelopes), day("2026-12-15")), Err(InputRefused::TooEarly));
}

/// A33: who wrote the file tells no phone by the order of its parts.
#[test]
fn a_file_does_not_know_in_which_order_seals_came() {
    let (input, _) = input();
    let mut turned = input.clone();
    turned.seals.reverse();
    assert!(turned.signed(&server()).to_bytes() == input.to_bytes());
}

/// A48: what is read while a round runs is signed, of feedback, chained and whole.
#[test]
fn a_running_box_is_refused_where_it_is_not_what_the_server_has() {
    let signed = samples::signed(crate::feedback::samples::round());
    let (round, nothing) = (signed.definition.id, frozen(&[]));
    let mut input = OpeningInput::of(signed, Vec::new(), public(&server()));
    (input.envelopes, input.frozen_box) = nothing.unwrap();
    assert_eq!(input.check_running(nothing), Ok(()));
    assert_eq!(input.check_running(Some((1, input.frozen_box))), Err(InputRefused::BoxChanged));
    assert_eq!(input.check_running(None), Err(InputRefused::BoxChanged));
    let first = ReceivedList::sign((round, None, None), &[], false, &server());
    let second = ReceivedList::sign((round, Some(&first), None), &[], false, &server());
    let with = |lists: Vec<ReceivedList>| OpeningInput { lists, ..input.clone() }.check_running(nothing);
    assert_eq!(with(vec![first.clone(), second.clone()]), Ok(()));
    assert_eq!(with(vec![second]), Err(InputRefused::ListsBroken));
    let mut renamed = input.clone();
    renamed.round.definition.title.push('!');
    assert_eq!(renamed.check_running(nothing), Err(InputRefused::NotSigned));
    let (ballots, envelopes) = self::input();
    assert_eq!(ballots.check_running(frozen(&envelopes)), Err(InputRefused::Ballots));
    assert_eq!(input.check(nothing, Day::MAX), Err(InputRefused::Feedback), "and it is never counted");
}
