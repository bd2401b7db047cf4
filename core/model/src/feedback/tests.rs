use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::samples::{about_the_street, round};
use super::*;
use crate::envelope::samples::key;
use crate::envelope::{Envelope, OpeningRefused};

fn person() -> PersonId {
    PersonId::from_bytes([3; 16])
}

/// A47: the table of what opens for whom.
#[test]
fn what_is_said_about_people_and_offices_opens_for_two_of_three_alone() {
    let round = round();
    let table = [
        (FeedbackAbout::Work, false),
        (FeedbackAbout::Street, false),
        (FeedbackAbout::FrontOffice, true),
        (FeedbackAbout::Intake, true),
        (FeedbackAbout::Leaders, true),
        (FeedbackAbout::Person { person: person() }, true),
    ];
    let (holders, intake) = (key(7), key(8));
    for topic in Topic::ALL {
        for (about, is_protected) in table {
            for is_wanted in [false, true] {
                let said = Feedback { topic, about, ..about_the_street(1) };
                let mut random = ChaCha8Rng::seed_from_u64(1);
                let envelope = Envelope::seal_feedback(&round, (&said, is_wanted), &mut random).unwrap();
                let (theirs, other) = if is_protected || is_wanted { (&holders, &intake) } else { (&intake, &holders) };
                assert!(theirs.open_feedback(&round, &envelope).is_ok_and(|read| read == said), "{topic:?} {about:?}");
                let refused = other.open_feedback(&round, &envelope).err();
                assert!(refused == Some(OpeningRefused::DoesNotOpen), "{topic:?} {about:?}");
            }
        }
    }
}

/// A14, A47: neither size nor any byte outside says which key it is.
#[test]
fn two_envelopes_for_two_keys_are_as_unlike_as_any_two() {
    let round = round();
    let seal = |about, seed| {
        let said = Feedback { about, ..about_the_street(1) };
        Envelope::seal_feedback(&round, (&said, false), &mut ChaCha8Rng::seed_from_u64(seed)).unwrap().to_bytes()
    };
    let (one, other) = (seal(FeedbackAbout::Street, 1), seal(FeedbackAbout::Leaders, 2));
    assert!(one.len() == round.envelope_bytes() && other.len() == one.len());
    assert_eq!(one[..17], other[..17]);
    let same = one[17..].iter().zip(&other[17..]).filter(|(one, other)| one == other).count();
    assert!(same < one.len() / 128, "{same} of {} bytes are the same", one.len() - 17);
}

#[test]
fn a_round_that_takes_feedback_takes_no_ballot_and_the_other_way_round() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let ballot = crate::envelope::samples::ballot();
    assert!(Envelope::seal(&round(), &ballot, &mut random).is_err());
    let other = crate::round::samples::satisfaction();
    assert!(Envelope::seal_feedback(&other, (&about_the_street(1), false), &mut random).is_err());
}

proptest! {
    #[test]
    fn every_feedback_has_one_size_and_reads_as_written(
        topic in 0..9_usize,
        about in 0..6_usize,
        area in prop::option::of(1..3_u16),
        content in "[a-zàáđêơữỹ ]{1,300}x",
        proposal in "[a-zàáđêơữỹ \n]{0,80}",
        code in prop::option::of(any::<[u8; 8]>()),
    ) {
        let about = FeedbackAbout::KINDS.get(about).copied().unwrap_or(FeedbackAbout::Person { person: person() });
        let said = Feedback {
            topic: Topic::ALL[topic],
            about,
            area: area.map(AreaNumber),
            content: Zeroizing::new(content),
            proposal: Zeroizing::new(proposal),
            reply: code.map(ReplyCode::from_random),
        };
        let bytes = said.to_bytes(&round()).unwrap();
        prop_assert_eq!(bytes.len(), FEEDBACK_BYTES);
        prop_assert!(Feedback::read(&bytes, &round()) == Ok(said));
    }
}

#[test]
fn only_one_way_of_writing_it_is_read() {
    let bytes = about_the_street(1).to_bytes(&round()).unwrap().to_vec();
    assert!(Feedback::read(&bytes, &round()).is_ok());
    let places = [(0, 2), (1, 0), (1, 10), (2, 0), (2, 7), (3, 1), (20, 9), (21, 2), (22, 0xff), (bytes.len() - 1, 1)];
    for (place, value) in places {
        let mut changed = bytes.clone();
        changed[place] = value;
        assert!(Feedback::read(&changed, &round()).is_err(), "byte {place}");
    }
    assert!(Feedback::read(&bytes[1..], &round()).is_err());
}

#[test]
fn an_empty_text_a_long_one_and_an_unknown_area_are_refused() {
    let with = |content: &str, proposal: &str, area| {
        let said = Feedback {
            content: Zeroizing::new(content.to_owned()),
            proposal: Zeroizing::new(proposal.to_owned()),
            area,
            ..about_the_street(1)
        };
        said.check(&round())
    };
    assert_eq!(with(&"ữ".repeat(2_000), &"ữ".repeat(1_000), None), Ok(()));
    assert_eq!(with("  ", "", None), Err(FeedbackRefused::Content { refused: TextRefused::Blank }));
    let long = |given, limit| TextRefused::TooLong { given, limit };
    let content = |refused| Err(FeedbackRefused::Content { refused });
    assert_eq!(with(&"a".repeat(2_001), "", None), content(long(2_001, 2_000)));
    assert_eq!(with(&"😀".repeat(2_000), "", None), content(long(2_667, 2_000)), "four bytes each");
    let proposal = FeedbackRefused::Proposal { refused: long(1_001, 1_000) };
    assert_eq!(with("x", &"a".repeat(1_001), None), Err(proposal));
    assert_eq!(with("x", "", Some(AreaNumber(9))), Err(FeedbackRefused::NoArea));
}
