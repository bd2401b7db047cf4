//! Each rule about one answer, with the answers on both sides of it.

use proptest::prelude::*;

use super::*;
use crate::form::samples::{every_kind, options, question};

fn check(kind: QuestionKind, answer: Answer) -> Result<Answer, AnswerRejected> {
    answer.check(&question("q", kind)).map(CheckedAnswer::into_answer)
}

fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

fn number(decimal: &str) -> Answer {
    Answer::Number { decimal: decimal.to_owned() }
}

fn chosen(keys: &[&str]) -> Answer {
    Answer::Options { options: keys.iter().map(|key| (*key).to_owned()).collect() }
}

fn points(points_hundredths: u32) -> Answer {
    Answer::Score { points_hundredths }
}

#[test]
fn text_is_counted_in_characters_after_normalisation() {
    let short = || QuestionKind::ShortText { length_max: 3 };
    assert_eq!(check(short(), text("to\u{302}\u{301}t")), Ok(text("tốt")));
    assert_eq!(check(short(), text("tốtt")), Err(AnswerRejected::TooLong { given: 4, limit: 3 }));
    assert_eq!(check(short(), text(" \u{a0} ")), Err(AnswerRejected::Empty));
    assert_eq!(check(short(), text("")), Err(AnswerRejected::Empty));
    let flood = "a".repeat(70_000);
    assert_eq!(check(short(), text(&flood)), Err(AnswerRejected::TooLong { given: 70_000, limit: 3 }));
}

#[test]
fn control_characters_are_refused_and_line_breaks_belong_to_long_texts() {
    let short = || QuestionKind::ShortText { length_max: 20 };
    let long = || QuestionKind::LongText { length_max: 20 };
    assert_eq!(check(short(), text("a\nb")), Err(AnswerRejected::ForbiddenCharacter { position: 2 }));
    assert_eq!(check(long(), text("a\r\nb\rc\nd")), Ok(text("a\nb\nc\nd")));
    for hidden in ["a\u{0}", "a\t", "a\u{7f}", "a\u{202e}", "a\u{85}"] {
        assert_eq!(check(long(), text(hidden)), Err(AnswerRejected::ForbiddenCharacter { position: 2 }), "{hidden:?}");
    }
}

#[test]
fn numbers_have_limits_and_decimals() {
    let kind = |min: &str, max: &str| QuestionKind::Number {
        min: Some(min.to_owned()),
        max: Some(max.to_owned()),
        decimals: 2,
    };
    let range = || kind("-1.5", "10");
    assert_eq!(check(range(), number("10.00")), Ok(number("10")));
    assert_eq!(check(range(), number("-0")), Ok(number("0")));
    assert_eq!(check(range(), number("-1.51")), Err(AnswerRejected::BelowLimit { limit: "-1.5".to_owned() }));
    assert_eq!(check(range(), number("10.01")), Err(AnswerRejected::AboveLimit { limit: "10".to_owned() }));
    assert_eq!(check(range(), number("1.234")), Err(AnswerRejected::TooManyDecimals { given: 3, limit: 2 }));
    assert_eq!(check(range(), number("1,5")), Err(AnswerRejected::NotANumber));
    assert_eq!(check(range(), number("1e1")), Err(AnswerRejected::NotANumber));
}

#[test]
fn options_exist_and_are_chosen_once() {
    let one = || QuestionKind::Choice { options: options(&["a", "b"]) };
    let choice = |key: &str| Answer::Choice { option: key.to_owned() };
    assert_eq!(check(one(), choice("b")), Ok(choice("b")));
    assert_eq!(check(one(), choice("c")), Err(AnswerRejected::UnknownOption));
    let some = || QuestionKind::MultiChoice { options: options(&["a", "b", "c"]), chosen_max: 2 };
    assert_eq!(check(some(), chosen(&["c", "a"])), Ok(chosen(&["a", "c"])));
    assert_eq!(check(some(), chosen(&[])), Err(AnswerRejected::Empty));
    assert_eq!(check(some(), chosen(&["a", "a"])), Err(AnswerRejected::RepeatedOption));
    assert_eq!(check(some(), chosen(&["a", "d"])), Err(AnswerRejected::UnknownOption));
    assert_eq!(check(some(), chosen(&["a", "b", "c"])), Err(AnswerRejected::TooManyOptions { given: 3, limit: 2 }));
}

#[test]
fn zero_points_are_an_answer() {
    let score = || QuestionKind::Score { max_hundredths: 250, step_hundredths: 25 };
    assert_eq!(check(score(), points(0)), Ok(points(0)));
    assert_eq!(check(score(), points(250)), Ok(points(250)));
    assert_eq!(check(score(), points(251)), Err(AnswerRejected::AboveLimit { limit: "2.5".to_owned() }));
    assert_eq!(check(score(), points(30)), Err(AnswerRejected::NotAStep { step_hundredths: 25 }));
}

#[test]
fn levels_ratios_and_days_have_ranges() {
    let level = |level| Answer::Level { level };
    assert_eq!(check(QuestionKind::Likert5, level(5)), Ok(level(5)));
    assert_eq!(check(QuestionKind::Likert5, level(0)), Err(AnswerRejected::LevelOutOfRange { limit: 5 }));
    assert_eq!(check(QuestionKind::Likert3, level(4)), Err(AnswerRejected::LevelOutOfRange { limit: 3 }));
    let ratio = |numerator, denominator| Answer::Ratio { numerator, denominator };
    assert_eq!(check(QuestionKind::Ratio, ratio(46, 45)), Ok(ratio(46, 45)));
    assert_eq!(check(QuestionKind::Ratio, ratio(0, 0)), Err(AnswerRejected::NoDenominator));
    let day = |day: &str| Answer::Date { day: day.to_owned() };
    assert_eq!(check(QuestionKind::Date, day("2024-02-29")), Ok(day("2024-02-29")));
    assert_eq!(check(QuestionKind::Date, day("29/02/2024")), Err(AnswerRejected::NotADay));
    let out = AnswerRejected::DayOutOfRange { year_first: 1900, year_last: 2100 };
    assert_eq!(check(QuestionKind::Date, day("0204-02-29")), Err(out));
}

#[test]
fn an_answer_of_another_kind_is_rejected() {
    let wrong = AnswerRejected::WrongKind { expected: "likert5".to_owned() };
    assert_eq!(check(QuestionKind::Likert5, points(1)), Err(wrong));
    for kind in [QuestionKind::TaskTable, QuestionKind::Note, QuestionKind::Calculated] {
        assert_eq!(check(kind, Answer::Acknowledged), Err(AnswerRejected::NotAsked));
    }
    let newer = QuestionKind::Unknown { body: Default::default() };
    assert_eq!(check(newer, Answer::Acknowledged), Err(AnswerRejected::NeedsNewerApp));
}

#[test]
fn the_wire_form_is_that_of_the_first_release() {
    let cases = [
        (text("tốt"), r#"{"kind":"text","text":"tốt"}"#),
        (number("1.5"), r#"{"kind":"number","decimal":"1.5"}"#),
        (Answer::Choice { option: "a".to_owned() }, r#"{"kind":"choice","option":"a"}"#),
        (chosen(&["a"]), r#"{"kind":"options","options":["a"]}"#),
        (Answer::Level { level: 3 }, r#"{"kind":"level","level":3}"#),
        (points(0), r#"{"kind":"score","points_hundredths":0}"#),
        (
            Answer::YesNoNotApplicable { reply: Reply::NotApplicable },
            r#"{"kind":"yes_no_not_applicable","reply":"not_applicable"}"#,
        ),
        (Answer::Ratio { numerator: 1, denominator: 2 }, r#"{"kind":"ratio","numerator":1,"denominator":2}"#),
        (Answer::Date { day: "2026-11-22".to_owned() }, r#"{"kind":"date","day":"2026-11-22"}"#),
        (Answer::Acknowledged, r#"{"kind":"acknowledged"}"#),
    ];
    for (answer, wire) in cases {
        assert_eq!(serde_json::to_string(&answer).unwrap(), wire);
        assert_eq!(serde_json::from_str::<Answer>(wire).unwrap(), answer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn checking_twice_changes_nothing(kind in prop::sample::select(every_kind()), answer in any_answer()) {
        let asked = question("q", kind);
        if let Ok(checked) = answer.check(&asked) {
            prop_assert_eq!(checked.clone().into_answer().check(&asked), Ok(checked));
        }
    }
}

/// Answers of every kind, about half of which fit some question.
pub(crate) fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        ".{0,25}".prop_map(|text| Answer::Text { text }),
        "-?[0-9]{1,4}(\\.[0-9]{1,3})?".prop_map(|decimal| Answer::Number { decimal }),
        "[a-d]".prop_map(|option| Answer::Choice { option }),
        prop::collection::vec("[a-d]", 0..4).prop_map(|options| Answer::Options { options }),
        (0..7u8).prop_map(|level| Answer::Level { level }),
        (0..12u32).prop_map(|steps| Answer::Score { points_hundredths: steps * 25 }),
        prop::sample::select(vec![Reply::Yes, Reply::No, Reply::NotApplicable])
            .prop_map(|reply| Answer::YesNoNotApplicable { reply }),
        (0..9u32, 0..9u32).prop_map(|(numerator, denominator)| Answer::Ratio { numerator, denominator }),
        "20[0-2][0-9]-[01][0-9]-[0-3][0-9]".prop_map(|day| Answer::Date { day }),
        Just(Answer::Acknowledged),
    ]
}
