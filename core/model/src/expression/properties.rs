//! The language is total: laws over arbitrary texts, trees and answers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::evaluate::Scope;
use super::tables::{person, today};
use super::tree::{Function, Node, Operator, Reference};
use super::value::Value;
use super::{Expression, STEPS_MAX};
use crate::time::Day;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(expression) = Expression::parse(&String::from_utf8_lossy(&bytes)) {
            evaluate(&expression, &person().1);
        }
    }

    #[test]
    fn arbitrary_words_never_panic(words in prop::collection::vec(word(), 0..60)) {
        if let Ok(expression) = Expression::parse(&words.concat()) {
            evaluate(&expression, &person().1);
        }
    }

    #[test]
    fn a_tree_is_read_back_from_its_print(node in tree()) {
        let printed = Expression { tree: node.clone() }.to_string();
        if let Ok(read) = Expression::parse(&printed) {
            prop_assert_eq!(read.tree, node, "{}", printed);
        }
    }

    #[test]
    fn every_small_tree_is_within_the_limits(node in small_tree()) {
        let printed = Expression { tree: node.clone() }.to_string();
        prop_assert_eq!(Expression::parse(&printed).map(|read| read.tree), Ok(node), "{}", printed);
    }

    #[test]
    fn any_tree_ends_over_any_answers(node in tree(), values in answers()) {
        evaluate(&Expression { tree: node }, &values);
    }

    #[test]
    fn a_day_moves_there_and_back(first in any_day(), second in any_day()) {
        prop_assert_eq!(first.plus_days(i64::from(first.days_until(second))), Some(second));
    }
}

/// Evaluates without asking whether names and types fit, which is more than a checked expression ever meets.
fn evaluate(expression: &Expression, values: &BTreeMap<String, Value>) {
    let itself = Value::text("itself");
    let scope = Scope { values, itself: &itself, today: today() };
    let value_type = super::value::ValueType::Anything;
    let unchecked = super::evaluate::CheckedExpression::new(expression.clone(), value_type, Default::default());
    let (first, steps) = unchecked.evaluate_counting(&scope);
    assert!(steps <= STEPS_MAX + 1);
    assert_eq!(unchecked.evaluate(&scope), first, "the same answers give the same value");
    // What was checked promises a flag over values of the declared types, which a form gives.
    let (mut vocabulary, fitting) = person();
    let scope = Scope { values: &fitting, ..scope };
    if let Ok(checked) = vocabulary.check_condition(expression) {
        assert!(matches!(checked.evaluate(&scope), Value::Flag(_) | Value::Blank));
    }
}

/// Words that make many texts nearly, and some wholly, an expression.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "=",
        "!=",
        "<=",
        " div ",
        " mod ",
        " and ",
        " or ",
        "1",
        "0.5",
        ".",
        "'x'",
        "''",
        "${five}",
        "${tasks/done}",
        "${none}",
        "${ratio/numerator}",
        "\"",
        "$",
        "{",
        "tốt",
    ];
    let functions = Function::ALL.map(|function| format!("{}(", function.name()));
    let all: Vec<String> = words.iter().map(|word| (*word).to_owned()).chain(functions).collect();
    prop::sample::select(all)
}

fn tree() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(6, 120, 5, grown)
}

fn small_tree() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(4, 30, 3, grown)
}

fn leaf() -> impl Strategy<Value = Node> {
    let paths = ["five", "none", "name", "born", "agreed", "ticks", "tasks/done", "huge/late", "ratio/numerator"];
    prop_oneof![
        (0..10_000i64, 0..5u32).prop_map(|(digits, scale)| Node::Number(Decimal::new(digits, scale))),
        "[a-zA-Z0-9 ạế(),.'+-]{0,8}".prop_map(Node::Text),
        any::<bool>().prop_map(Node::Flag),
        Just(Node::Itself),
        prop::sample::select(paths.to_vec()).prop_map(|path| Node::Reference(Reference::parse(path).unwrap())),
    ]
}

fn grown(inner: impl Strategy<Value = Node> + Clone + 'static) -> impl Strategy<Value = Node> {
    let parts = prop::collection::vec(inner.clone(), 2..5);
    prop_oneof![
        inner.clone().prop_map(|inner| Node::Negate(Box::new(inner))),
        parts.clone().prop_map(all_of),
        parts.prop_map(any_of),
        (operator(), inner.clone(), inner.clone()).prop_map(|(operator, left, right)| Node::Pair {
            operator,
            left: Box::new(left),
            right: Box::new(right)
        }),
        (prop::sample::select(&Function::ALL[..]), prop::collection::vec(inner, 5)).prop_map(called),
    ]
}

/// A chain whose first part is a chain of the same kind is one longer chain.
fn all_of(mut parts: Vec<Node>) -> Node {
    match parts.remove(0) {
        Node::All(first) => Node::All(first.into_iter().chain(parts).collect()),
        first => Node::All(std::iter::once(first).chain(parts).collect()),
    }
}

fn any_of(mut parts: Vec<Node>) -> Node {
    match parts.remove(0) {
        Node::Any(first) => Node::Any(first.into_iter().chain(parts).collect()),
        first => Node::Any(std::iter::once(first).chain(parts).collect()),
    }
}

fn called((function, mut arguments): (Function, Vec<Node>)) -> Node {
    let most = (*function.argument_counts().end()).min(arguments.len());
    arguments.truncate(most);
    Node::Call { function, arguments }
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Remainder,
    ])
}

fn any_day() -> impl Strategy<Value = Day> {
    (1..=9999u16, 1..=12u8, 1..=28u8)
        .prop_map(|(year, month, day)| Day::parse(&format!("{year:04}-{month:02}-{day:02}")).unwrap())
}

fn answers() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let paths = ["five", "name", "born", "agreed", "ticks", "tasks/done", "huge/late", "ratio/numerator"];
    prop::collection::btree_map(prop::sample::select(paths.to_vec()).prop_map(str::to_owned), value(), 0..8)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Blank),
        ".{0,20}".prop_map(|text| Value::text(&text)),
        decimal().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Flag),
        any_day().prop_map(Value::Day),
        prop::collection::vec("[a-c]{1,2}", 0..4).prop_map(Value::Keys),
        prop::collection::vec(decimal(), 0..300).prop_map(Value::Column),
    ]
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let extremes = [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28)];
    prop_oneof![
        prop::sample::select(extremes.to_vec()),
        (any::<i64>(), 0..=28u32).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        any::<[u8; 16]>().prop_map(Decimal::deserialize),
    ]
}
