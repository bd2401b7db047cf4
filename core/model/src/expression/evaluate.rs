//! Computing a checked expression over the answers of one person.
//!
//! Total: every path ends in a value, each visit of a part costs a step, and after [`STEPS_MAX`] steps the value is blank.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::operate::{number_or_blank, operate, whole};
use super::pattern::Patterns;
use super::tree::{Function, Node, Operator};
use super::value::{Value, ValueType, decimal_from_text};
use super::{Expression, STEPS_MAX, TEXT_BYTES_MAX};
use crate::time::Day;

/// An expression whose names, types and patterns are known to fit its template.
///
/// Made only by [`super::check::Vocabulary`].
#[derive(Debug, Clone)]
pub struct CheckedExpression {
    expression: Expression,
    value_type: ValueType,
    patterns: Patterns,
}

/// What an evaluation may see.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Values by question key, `key/part` for ratios, `key/column` for tables; what is not here is blank.
    pub values: &'a BTreeMap<String, Value>,
    /// What `.` is; blank outside of "valid if".
    pub itself: &'a Value,
    /// What `today()` is.
    pub today: Day,
}

impl CheckedExpression {
    pub(super) fn new(expression: Expression, value_type: ValueType, patterns: Patterns) -> Self {
        Self { expression, value_type, patterns }
    }

    /// The type of every value of it that is not blank.
    pub fn value_type(&self) -> ValueType {
        self.value_type
    }

    /// The value over these answers.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Value {
        self.evaluate_counting(scope).0
    }

    /// The value and the steps it took, at most one more than [`STEPS_MAX`].
    pub(crate) fn evaluate_counting(&self, scope: &Scope<'_>) -> (Value, u32) {
        let mut evaluation = Evaluation { scope, patterns: &self.patterns, steps: 0 };
        let value = evaluation.value(&self.expression.tree).into_owned();
        let is_over = evaluation.steps > STEPS_MAX;
        (if is_over { Value::Blank } else { value }, evaluation.steps)
    }
}

struct Evaluation<'a> {
    scope: &'a Scope<'a>,
    patterns: &'a Patterns,
    steps: u32,
}

/// The bytes of text that cost one step.
const BYTES_PER_STEP: usize = 256;
/// The most places that `round` keeps.
const PLACES_MAX: i64 = 10;

impl<'a> Evaluation<'a> {
    fn value(&mut self, node: &Node) -> Cow<'a, Value> {
        if !self.spend(1) {
            return Cow::Owned(Value::Blank);
        }
        let value = match node {
            Node::Reference(reference) => return self.found(reference.path()),
            Node::Itself => return Cow::Borrowed(self.scope.itself),
            Node::Number(number) => Value::Number(*number),
            Node::Text(text) => Value::text(text),
            Node::Flag(flag) => Value::Flag(*flag),
            Node::Negate(inner) => match *self.value(inner) {
                Value::Number(number) => number_or_blank(Some(-number)),
                _ => Value::Blank,
            },
            Node::All(parts) => self.chain(parts, false),
            Node::Any(parts) => self.chain(parts, true),
            Node::Pair { operator, left, right } => self.pair(*operator, left, right),
            Node::Call { function, arguments } => return self.call(*function, arguments),
        };
        Cow::Owned(value)
    }

    fn spend(&mut self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(STEPS_MAX);
        self.steps = self.steps.saturating_add(steps).min(STEPS_MAX + 1);
        self.steps <= STEPS_MAX
    }

    fn found(&self, path: &str) -> Cow<'a, Value> {
        self.scope.values.get(path).map_or(Cow::Owned(Value::Blank), Cow::Borrowed)
    }

    /// `and` ends at the first false, `or` at the first true; without one, a blank part leaves the whole blank.
    fn chain(&mut self, parts: &[Node], ends_at: bool) -> Value {
        let mut result = Value::Flag(!ends_at);
        for part in parts {
            match *self.value(part) {
                Value::Flag(flag) if flag == ends_at => return Value::Flag(ends_at),
                Value::Flag(_) => {}
                _ => result = Value::Blank,
            }
        }
        result
    }

    fn pair(&mut self, operator: Operator, left: &Node, right: &Node) -> Value {
        let asks_for_presence = left.is_empty_text() || right.is_empty_text();
        let (left, right) = (self.value(left), self.value(right));
        let are_blank = *left == Value::Blank && *right == Value::Blank;
        match operator {
            Operator::Equal if asks_for_presence => Value::Flag(are_blank),
            Operator::NotEqual if asks_for_presence => Value::Flag(!are_blank),
            _ => operate(operator, &left, &right),
        }
    }

    fn call(&mut self, function: Function, arguments: &[Node]) -> Cow<'a, Value> {
        match (function, arguments) {
            (Function::If, [condition, then, otherwise]) => match *self.value(condition) {
                Value::Flag(true) => self.value(then),
                Value::Flag(false) => self.value(otherwise),
                _ => Cow::Owned(Value::Blank),
            },
            (Function::Coalesce, choices) => self.first_present(choices),
            (Function::Selected, [question, option]) => Cow::Owned(self.selected(question, option)),
            (Function::Regex, [text, pattern]) => Cow::Owned(self.regex(text, pattern)),
            (Function::Round, [number, places @ ..]) => Cow::Owned(self.round(number, places.first())),
            (Function::Concat, texts) => Cow::Owned(self.concat(texts)),
            (Function::Sum, numbers) => Cow::Owned(self.sum(numbers)),
            (Function::Min, numbers) => Cow::Owned(number_or_blank(self.numbers(numbers).into_iter().min())),
            (Function::Max, numbers) => Cow::Owned(number_or_blank(self.numbers(numbers).into_iter().max())),
            (Function::Count, columns) => Cow::Owned(count(self.numbers(columns).len())),
            (Function::Today, _) => Cow::Owned(Value::Day(self.scope.today)),
            (function, [argument]) => {
                let value = self.value(argument);
                Cow::Owned(apply(function, &value))
            }
            (_, _) => Cow::Owned(Value::Blank),
        }
    }

    fn first_present(&mut self, choices: &[Node]) -> Cow<'a, Value> {
        let mut values = choices.iter().map(|choice| self.value(choice));
        values.find(|value| **value != Value::Blank).unwrap_or(Cow::Owned(Value::Blank))
    }

    fn selected(&mut self, question: &Node, option: &Node) -> Value {
        let (chosen, option) = (self.value(question), self.value(option));
        let Value::Text(option) = &*option else { return Value::Flag(false) };
        Value::Flag(match &*chosen {
            Value::Text(key) => key == option,
            Value::Keys(keys) => keys.contains(option),
            _ => false,
        })
    }

    fn regex(&mut self, text: &Node, pattern: &Node) -> Value {
        let text = self.value(text).printed();
        let Node::Text(pattern) = pattern else { return Value::Blank };
        if text.is_empty() || !self.spend(text.len() / BYTES_PER_STEP) {
            return Value::Flag(false);
        }
        self.patterns.matches(pattern, &text).map_or(Value::Blank, Value::Flag)
    }

    fn round(&mut self, number: &Node, places: Option<&Node>) -> Value {
        let number = self.value(number);
        let places = places.map_or(Cow::Owned(Value::Number(Decimal::ZERO)), |places| self.value(places));
        let (Value::Number(number), Value::Number(places)) = (&*number, &*places) else { return Value::Blank };
        let places = whole(*places).filter(|places| (0..=PLACES_MAX).contains(places));
        let Some(places) = places.and_then(|places| u32::try_from(places).ok()) else { return Value::Blank };
        number_or_blank(Some(number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)))
    }

    fn concat(&mut self, texts: &[Node]) -> Value {
        let mut joined = String::new();
        for text in texts {
            joined.push_str(&self.value(text).printed());
            let is_held = joined.len() <= TEXT_BYTES_MAX && self.spend(joined.len() / BYTES_PER_STEP);
            if !is_held {
                return Value::Blank;
            }
        }
        Value::text(&joined)
    }

    fn sum(&mut self, numbers: &[Node]) -> Value {
        let mut numbers = self.numbers(numbers).into_iter();
        number_or_blank(numbers.try_fold(Decimal::ZERO, Decimal::checked_add))
    }

    /// All numbers of all arguments; what is blank is left out.
    fn numbers(&mut self, arguments: &[Node]) -> Vec<Decimal> {
        let mut numbers = Vec::new();
        for argument in arguments {
            match &*self.value(argument) {
                Value::Number(number) => numbers.push(*number),
                Value::Column(column) if self.spend(column.len()) => numbers.extend(column),
                _ => {}
            }
        }
        numbers
    }
}

/// The functions of one value.
fn apply(function: Function, value: &Value) -> Value {
    match (function, value) {
        (Function::StringLength, value) => count(value.printed().chars().count()),
        (Function::CountSelected, Value::Keys(keys)) => count(keys.len()),
        (Function::CountSelected, value) => count(usize::from(*value != Value::Blank)),
        (Function::Text, value) => Value::text(&value.printed()),
        (Function::Not, Value::Flag(flag)) => Value::Flag(!flag),
        (Function::Date, Value::Text(day)) => Day::parse(day).map_or(Value::Blank, Value::Day),
        (Function::Number, Value::Text(text)) => number_or_blank(decimal_from_text(text)),
        (Function::Number, Value::Flag(flag)) => count(usize::from(*flag)),
        (Function::Number, Value::Number(number)) => Value::Number(*number),
        (Function::Int, Value::Number(number)) => number_or_blank(Some(number.trunc())),
        (Function::Absolute, Value::Number(number)) => Value::Number(number.abs()),
        (_, _) => Value::Blank,
    }
}

fn count(count: usize) -> Value {
    Value::Number(Decimal::from(count))
}
