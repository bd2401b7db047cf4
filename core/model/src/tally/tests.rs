use std::marker::PhantomData;
use std::ops::Deref;

use minicbor::Encode;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::*;
use crate::publication::PublishedTally;
use crate::round::samples;
use crate::slip::SlipSecret;

/// A slip's number: secret and area follow from it.
type Slip = u32;

fn secret(slip: Slip) -> SlipSecret {
    let mut bytes = [0; 8];
    bytes[4..].copy_from_slice(&slip.to_be_bytes());
    SlipSecret::from_random(bytes)
}

fn area(slip: Slip) -> AreaNumber {
    AreaNumber(slip as u16 % 2 + 1)
}

fn book(round: &RoundDefinition, slips: u32) -> SlipBook {
    SlipBook::of((0..slips).map(|slip| (area(slip), secret(slip).tag(round.id, area(slip)))))
}

fn ballot(slip: Slip, options: [u8; 3]) -> Result<Opened, OpeningRefused> {
    let given = options.map(|option| if option > 2 { Given::Blank } else { Given::Option(option) });
    let content = ContentHash::from_bytes(Sha256::digest([&slip.to_be_bytes()[..], &options].concat()).into());
    Ok(Opened { secret: secret(slip), given: Some(given.to_vec()), content })
}

fn misformed(slip: Slip) -> Result<Opened, OpeningRefused> {
    Ok(Opened { secret: secret(slip), given: None, content: ContentHash::from_bytes([slip as u8; 32]) })
}

fn counted(round: &RoundDefinition, void: &[Slip], envelopes: Vec<Result<Opened, OpeningRefused>>) -> Tally {
    let book = book(round, 100);
    let void = void.iter().map(|slip| secret(*slip).tag(round.id, area(*slip))).collect();
    let mut counting = Counting::new(round, &book, &void);
    envelopes.into_iter().for_each(|envelope| counting.take(envelope));
    counting.finish().0
}

/// I3 and A37.
#[test]
fn every_kind_of_envelope_is_counted_and_the_sums_agree() {
    let round = samples::confidence();
    let tally = counted(
        &round,
        &[50, 51],
        vec![
            ballot(1, [0, 1, 2]),
            ballot(1, [0, 1, 2]),
            ballot(2, [0, 0, 9]),
            ballot(3, [0, 0, 0]),
            ballot(3, [2, 2, 2]),
            ballot(3, [2, 2, 2]),
            misformed(4),
            ballot(50, [2, 2, 2]),
            ballot(777, [2, 2, 2]),
            Err(OpeningRefused::DoesNotOpen),
            Err(OpeningRefused::OtherRound),
        ],
    );
    let expected = EnvelopeKinds { not_of_this_round: 3, returned: 1, repeated: 3, valid: 2, doubled: 1, misformed: 1 };
    assert_eq!(tally.kinds, expected);
    assert_eq!((tally.kinds.in_box(), tally.kinds.collected(), tally.kinds.of_this_round()), (11, 4, 8));
    for question in 0..3 {
        let answers = tally.answers(question);
        assert_eq!(answers.options.iter().sum::<u32>() + answers.blank, tally.kinds.valid);
    }
    assert_eq!(tally.answers(2), Answers { options: vec![0, 0, 1], blank: 1 });
    assert_eq!(tally.areas[&AreaNumber(2)].kinds.valid, 1, "slip 1");
    assert_eq!(tally.areas[&AreaNumber(1)].kinds.valid, 1, "slip 2");
}

/// A16: without secrets no count changes; with the secrets of used slips no option gains. 10,000 boxes in random order.
#[test]
fn whoever_stuffs_a_box_gains_nothing() {
    let round = samples::confidence();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..10_000 {
        let honest: Vec<(Slip, [u8; 3])> = (0..random.random_range(0..40))
            .map(|slip| (slip, std::array::from_fn(|_| random.random_range(0..4))))
            .collect();
        let votes = |honest: &[(Slip, [u8; 3])]| honest.iter().map(|(slip, options)| ballot(*slip, *options)).collect();
        let before = counted(&round, &[90], votes(&honest));
        // Without secrets: junk, guessed slips, copies of envelopes, slips that were handed back.
        let mut envelopes: Vec<Result<Opened, OpeningRefused>> = votes(&honest);
        for _ in 0..random.random_range(0..20) {
            envelopes.push(match random.random_range(0..4) {
                0 => Err(OpeningRefused::DoesNotOpen),
                1 => ballot(random.random_range(1_000..u32::MAX), [0, 0, 0]),
                2 if !honest.is_empty() => {
                    let (slip, options) = honest[random.random_range(0..honest.len())];
                    ballot(slip, options)
                }
                _ => ballot(90, [0, 0, 0]),
            });
        }
        envelopes.shuffle(&mut random);
        let after = counted(&round, &[90], envelopes);
        assert_eq!(after.kinds.valid, before.kinds.valid);
        assert!((0..3).all(|question| after.answers(question) == before.answers(question)));
        // With secrets of used slips: ballots for the first option.
        let mut envelopes: Vec<Result<Opened, OpeningRefused>> = votes(&honest);
        for (slip, _) in honest.iter().filter(|_| random.random_bool(0.3)) {
            envelopes.push(ballot(*slip, [0, 0, 0]));
        }
        envelopes.shuffle(&mut random);
        let after = counted(&round, &[90], envelopes);
        for question in 0..3 {
            let (was, is) = (before.answers(question), after.answers(question));
            assert!(was.options.iter().zip(&is.options).all(|(was, is)| is <= was), "an option gained");
        }
        let (was, is) = (before.kinds, after.kinds);
        assert_eq!(is.valid + is.doubled, was.valid, "who steals a used slip annuls it, visibly");
    }
}

#[test]
fn the_order_of_envelopes_changes_nothing() {
    let round = samples::confidence();
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let drawn: Vec<(Slip, [u8; 3])> =
        (0..200).map(|_| (random.random_range(0..120), std::array::from_fn(|_| random.random_range(0..4)))).collect();
    let votes =
        |drawn: &[(Slip, [u8; 3])]| counted(&round, &[5], drawn.iter().map(|(slip, of)| ballot(*slip, *of)).collect());
    let first = votes(&drawn);
    for _ in 0..200 {
        let mut turned = drawn.clone();
        turned.shuffle(&mut random);
        assert!(votes(&turned) == first);
    }
}

/// A36.
#[test]
fn a_count_that_does_not_add_up_is_stopped() {
    let round = samples::confidence();
    let votes = |count: u32| counted(&round, &[], (0..count).map(|slip| ballot(slip, [0, 1, 2])).collect());
    assert_eq!(votes(20).blocked(&round, 0, 20), []);
    assert_eq!(votes(20).blocked(&round, 1, 20), [CountBlocked::ListedMissing { missing: 1 }]);
    assert_eq!(votes(20).blocked(&round, 0, 22), [CountBlocked::SealsDiffer { sealed: 22, in_box: 20 }]);
    assert_eq!(votes(19).blocked(&round, 0, 19), [CountBlocked::TooFew { valid: 19, least: 20 }]);
    let reasons = [
        CountBlocked::ListedMissing { missing: 1 },
        CountBlocked::SealsDiffer { sealed: 2, in_box: 1 },
        CountBlocked::TooFew { valid: 1, least: 20 },
    ];
    assert_eq!(reasons.map(|reason| reason.may_go_on_with_a_reason()), [true, true, false]);
}

/// A39.
#[test]
fn texts_come_without_their_ballots_and_only_from_enough_of_them() {
    let round = samples::satisfaction();
    let book = book(&round, 100);
    let none = HashSet::new();
    let mut counting = Counting::new(&round, &book, &none);
    for slip in 0..12_u32 {
        let mut given = vec![Given::Option(0); 8];
        given.push(Given::Text(format!("lời {}", (slip * 7) % 12)));
        given.push(if slip < 9 { Given::Text("x".to_owned()) } else { Given::Blank });
        let content = ContentHash::from_bytes([slip as u8; 32]);
        counting.take(Ok(Opened { secret: secret(slip), given: Some(given), content }));
    }
    let (tally, texts) = counting.finish();
    assert_eq!(texts.iter().map(|texts| (texts.question, texts.texts.len())).collect::<Vec<_>>(), [(8, 12)]);
    assert!(texts[0].texts.is_sorted());
    assert_eq!(tally.answers(9).blank, 3);
}

/// Says of a type whether anything can write it: the first answer is found only where it is so.
struct Probe<T>(PhantomData<T>);

impl<T: Encode<()>> Probe<T> {
    fn is_written(&self) -> bool {
        true
    }
}

struct Otherwise;

impl Otherwise {
    fn is_written(&self) -> bool {
        false
    }
}

impl<T> Deref for Probe<T> {
    type Target = Otherwise;

    fn deref(&self) -> &Otherwise {
        &Otherwise
    }
}

/// A35: the exact count is written nowhere, because nothing can write it; what is published can be written.
#[test]
fn the_exact_tally_has_no_way_of_being_written() {
    let (tally, area, answers) =
        (Probe::<Tally>(PhantomData), Probe::<AreaTally>(PhantomData), Probe::<Answers>(PhantomData));
    assert_eq!([tally.is_written(), area.is_written(), answers.is_written()], [false; 3]);
    assert!(Probe::<PublishedTally>(PhantomData).is_written(), "the probe finds what can be written");
}
