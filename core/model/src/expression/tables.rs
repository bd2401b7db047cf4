//! What each sign and function gives: tables of an expression and its value.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::check::{Declared, Vocabulary};
use super::evaluate::Scope;
use super::value::{Value, ValueType};
use super::{Expression, ExpressionRefused, STEPS_MAX};
use crate::time::Day;

#[test]
fn comparison_with_blank_is_false_except_for_the_empty_text() {
    check("${five} = 5", "true");
    check("${five} != 5", "false");
    check("${five} < 5.5 and ${five} <= 5 and ${five} > 4 and ${five} >= 5", "true");
    check("${none} = 5", "false");
    check("${none} != 5", "false");
    check("${none} < 5", "false");
    check("not(${none} = 5)", "true");
    check("${none} = ''", "true");
    check("${none} != ''", "false");
    check("${five} != ''", "true");
    check("'' = ''", "true");
    check("${ticks} != ''", "true");
    check("${none} < ''", "false");
}

#[test]
fn choices_compare_with_texts_and_with_numbers() {
    check("${rating} = 'good'", "true");
    check("${rating} != 'bad'", "true");
    check("${share} = 50", "true");
    check("${share} >= 50 and 100 > ${share}", "true");
    check("${rating} < 5", "false");
    check("${name} = 'Nguyễn Thị Tốt'", "true");
    check("${name} = 'Nguye\u{302}\u{303}n Thị Tốt'", "true");
    check("true() = ${agreed}", "true");
    check("${born} < today() and ${born} = date('2024-02-29')", "true");
}

#[test]
fn truth_has_three_values() {
    check("false() and ${unclear}", "false");
    check("${unclear} and false()", "false");
    check("true() and ${unclear}", "");
    check("true() or ${unclear}", "true");
    check("${unclear} or false()", "");
    check("not(${unclear})", "");
    check("if(${unclear}, 1, 2)", "");
    check("if(${five} > 4, 'yes', 'no')", "yes");
    check("if(${none} > 4, 'yes', '')", "");
}

#[test]
fn arithmetic_is_exact_and_fails_to_blank() {
    check("0.1 + 0.2", "0.3");
    check("0.1 + 0.2 = 0.3", "true");
    check("10 - 4 - 3", "3");
    check("7 div 2", "3.5");
    check("-7 mod 3", "-1");
    check("7.5 mod 2", "1.5");
    check("2 * -3", "-6");
    check("-(0)", "0");
    check("1 div 0", "");
    check("1 mod 0", "");
    check("${none} + 1", "");
    check("-${none}", "");
    check("9999999999999999999999999999 * 9999999999999999999999999999", "");
    check("9999999999999999999999999999 * 9 - -9999999999999999999999999999", "");
    check("(1 div 3) * 3 = 1", "false");
}

#[test]
fn days_add_and_subtract() {
    check("today() - ${born}", "997");
    check("int((today() - ${born}) div 365.25)", "2");
    check("${born} + 366", "2025-03-01");
    check("${born} - 29", "2024-01-31");
    check("${born} + 0.5", "");
    check("${born} + 99999999999", "");
    check("date(${none_text}) - ${born}", "");
    check("date(concat('2026-', '11-22')) = today()", "true");
    check("date(concat('2026-', '13-22'))", "");
    check("string(today())", "2026-11-22");
}

#[test]
fn options_are_selected_and_counted() {
    check("selected(${ticks}, 'b')", "true");
    check("selected(${ticks}, 'c')", "false");
    check("selected(${rating}, 'good')", "true");
    check("selected(${no_ticks}, 'b')", "false");
    check("not(selected(${no_ticks}, 'b'))", "true");
    check("selected(${ticks}, ${none_text})", "false");
    check("count-selected(${ticks})", "2");
    check("count-selected(${rating})", "1");
    check("count-selected(${no_ticks})", "0");
}

#[test]
fn texts_are_measured_matched_and_joined() {
    check("string-length(${name})", "14");
    check("string-length(${none_text})", "0");
    check("string-length(${five})", "1");
    check("regex(${name}, 'Nguyễn .*')", "true");
    check("regex(${name}, 'Nguyễn')", "false");
    check("regex(${five}, '[0-9]')", "true");
    check("regex(${none_text}, '.*')", "false");
    check("concat(${name}, ': ', ${five}, ${none})", "Nguyễn Thị Tốt: 5");
    check("concat('', ${none_text})", "");
    check("coalesce(${none_text}, '', ${name}, 'x')", "Nguyễn Thị Tốt");
    check("coalesce(${none}, ${none})", "");
    check("number('12.50') + number(${share}) + number(true())", "63.5");
    check("number('twelve')", "");
}

#[test]
fn numbers_are_rounded_away_from_zero_and_cut_towards_it() {
    check("round(2.5)", "3");
    check("round(-2.5)", "-3");
    check("round(2.345, 2)", "2.35");
    check("round(2.345, 11)", "");
    check("round(2.345, -1)", "");
    check("round(2.345, 1.5)", "");
    check("round(${none}, 1)", "");
    check("int(2.9)", "2");
    check("int(-2.9)", "-2");
    check("int(-0.5)", "0");
    check("abs(-2.5)", "2.5");
}

#[test]
fn columns_are_summed_and_counted() {
    check("sum(${tasks/done})", "12.5");
    check("sum(${tasks/done}, ${five}, ${none})", "17.5");
    check("sum(${tasks/late})", "0");
    check("min(${tasks/done})", "2.5");
    check("max(${tasks/done}, 11)", "11");
    check("min(${tasks/late})", "");
    check("max(${none})", "");
    check("count(${tasks/done})", "2");
    check("count(${tasks/late})", "0");
    check("${ratio/numerator} div ${ratio/denominator}", "0.75");
    check("sum(${huge/done})", "");
}

#[test]
fn a_question_of_an_unknown_kind_fits_everywhere_and_is_blank() {
    check("${strange} = 'x'", "false");
    check("${strange} + 1", "");
    check("${strange} and true()", "");
    check("selected(${strange}, 'x')", "false");
    check("count(${strange/any})", "0");
    check("${strange} = ''", "true");
    check("today() - ${strange}", "");
}

#[test]
fn a_rule_may_speak_of_the_answer_itself() {
    let (mut vocabulary, values) = person();
    let rule = Expression::parse(". <= 10 and . != ${five}").unwrap();
    let rule = vocabulary.check_rule(&rule, &Declared::Value(ValueType::Number)).unwrap();
    let holds = |number: i64| {
        let itself = Value::Number(number.into());
        rule.evaluate(&Scope { values: &values, itself: &itself, today: today() })
    };
    assert_eq!((holds(4), holds(5), holds(11)), (Value::Flag(true), Value::Flag(false), Value::Flag(false)));
}

#[test]
fn steps_and_texts_are_limited() {
    let long = format!("concat({})", ["${long}"; 300].join(","));
    check(&long, "");
    let many = format!("sum({})", ["${huge/late}"; 100].join(","));
    let (mut vocabulary, values) = person();
    let checked = vocabulary.check_calculation(&Expression::parse(&many).unwrap()).unwrap();
    let scope = Scope { values: &values, itself: &Value::Blank, today: today() };
    assert_eq!(checked.evaluate_counting(&scope), (Value::Blank, STEPS_MAX + 1));
}

#[test]
fn what_does_not_fit_the_template_is_refused() {
    let wrong = |part: &str, expected, found| ExpressionRefused::WrongType { part: part.to_owned(), expected, found };
    refuse("${nobody} = 1", ExpressionRefused::UnknownQuestion { question: "nobody".to_owned() });
    refuse("sum(${tasks/colour})", ExpressionRefused::UnknownPart { part: "tasks/colour".to_owned() });
    refuse("${five/x}", ExpressionRefused::UnknownPart { part: "five/x".to_owned() });
    refuse("${tasks/done} + 1", ExpressionRefused::ColumnMisplaced { part: "tasks/done".to_owned() });
    refuse("${tasks}", ExpressionRefused::NoValue { question: "tasks".to_owned() });
    refuse("${ratio} = 1", ExpressionRefused::NoValue { question: "ratio".to_owned() });
    refuse("${remark} = ''", ExpressionRefused::NoValue { question: "remark".to_owned() });
    refuse(". = 1", ExpressionRefused::ItselfMisplaced);
    refuse("${name} + 1", incompatible("${name} + 1", ValueType::Text, ValueType::Number));
    refuse("${name} < 'x'", incompatible("${name} < 'x'", ValueType::Text, ValueType::Text));
    refuse("${ticks} = 'a'", incompatible("${ticks} = 'a'", ValueType::Choices, ValueType::Text));
    refuse("today() + today()", incompatible("today() + today()", ValueType::Day, ValueType::Day));
    refuse("if(true(), 1, 'x')", incompatible("if(true(), 1, 'x')", ValueType::Number, ValueType::Text));
    refuse("not(1)", wrong("1", ValueType::Flag, ValueType::Number));
    refuse("round('2')", wrong("'2'", ValueType::Number, ValueType::Text));
    refuse("count(${five})", wrong("${five}", ValueType::Column, ValueType::Number));
    refuse("selected(${name}, 'x')", wrong("${name}", ValueType::Choices, ValueType::Text));
    refuse("${ticks}", wrong("${ticks}", ValueType::Text, ValueType::Choices));
    refuse("regex(${name}, ${name})", ExpressionRefused::LiteralNeeded { part: "${name}".to_owned() });
    refuse("regex(${name}, '(')", ExpressionRefused::BadPattern { pattern: "(".to_owned() });
    refuse("date('2025-02-29')", ExpressionRefused::BadDay { day: "2025-02-29".to_owned() });
    for (text, question) in [("${rating} = 'goood'", "${rating}"), ("selected(${ticks}, 'goood')", "${ticks}")] {
        refuse(text, ExpressionRefused::UnknownOption { question: question.to_owned(), option: "goood".to_owned() });
    }
}

/// A template and one person's answers to it.
pub(super) fn person() -> (Vocabulary, BTreeMap<String, Value>) {
    let number = |number: i64| Value::Number(number.into());
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let column = |numbers: &[i64]| Value::Column(numbers.iter().map(|tenths| Decimal::new(*tenths, 1)).collect());
    let rows = [
        ("five", Declared::Value(ValueType::Number), number(5)),
        ("none", Declared::Value(ValueType::Number), Value::Blank),
        ("none_text", Declared::Value(ValueType::Text), Value::Blank),
        ("name", Declared::Value(ValueType::Text), Value::text("Nguyễn Thị Tốt")),
        ("long", Declared::Value(ValueType::Text), Value::text(&"dài ".repeat(1_000))),
        ("agreed", Declared::Value(ValueType::Flag), Value::Flag(true)),
        ("unclear", Declared::Value(ValueType::Flag), Value::Blank),
        ("born", Declared::Value(ValueType::Day), Value::Day(Day::parse("2024-02-29").unwrap())),
        ("rating", Declared::OneOf(keys(&["good", "bad"])), Value::text("good")),
        ("share", Declared::OneOf(keys(&["100", "50"])), Value::text("50")),
        ("ticks", Declared::SomeOf(keys(&["a", "b", "c"])), Value::Keys(keys(&["a", "b"]))),
        ("no_ticks", Declared::SomeOf(keys(&["a", "b"])), Value::Blank),
        ("ratio", Declared::Ratio, Value::Blank),
        ("tasks", Declared::Table(&["done", "late"]), Value::Blank),
        ("huge", Declared::Table(&["done", "late"]), Value::Blank),
        ("remark", Declared::Nothing, Value::Blank),
        ("strange", Declared::Unknown, Value::Blank),
    ];
    let mut vocabulary = Vocabulary::default();
    let mut values = BTreeMap::new();
    for (key, declared, value) in rows {
        vocabulary.declare(key, declared);
        values.insert(key.to_owned(), value);
    }
    values.insert("ratio/numerator".to_owned(), number(3));
    values.insert("ratio/denominator".to_owned(), number(4));
    values.insert("tasks/done".to_owned(), column(&[25, 100]));
    values.insert("huge/done".to_owned(), Value::Column(vec![Decimal::MAX, Decimal::MAX]));
    values.insert("huge/late".to_owned(), column(&[10; 200]));
    (vocabulary, values)
}

/// The day of all tables.
pub(super) fn today() -> Day {
    Day::parse("2026-11-22").unwrap()
}

fn check(text: &str, printed: &str) {
    let (mut vocabulary, values) = person();
    let expression = Expression::parse(text).unwrap();
    let checked = vocabulary.check_calculation(&expression).unwrap_or_else(|refused| panic!("{text:.60}: {refused}"));
    let value = checked.evaluate(&Scope { values: &values, itself: &Value::Blank, today: today() });
    assert_eq!(value.printed(), printed, "{text:.60}");
}

fn refuse(text: &str, refused: ExpressionRefused) {
    let (mut vocabulary, _) = person();
    let expression = Expression::parse(text).unwrap();
    assert_eq!(vocabulary.check_calculation(&expression).map(|_| ()), Err(refused), "{text}");
}

fn incompatible(part: &str, left: ValueType, right: ValueType) -> ExpressionRefused {
    ExpressionRefused::Incompatible { part: part.to_owned(), left, right }
}
