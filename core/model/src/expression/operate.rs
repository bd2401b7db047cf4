//! What the signs between two values mean. Every function is total: what has no result is blank or false.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::tree::Operator;
use super::value::{Value, decimal_from_text};

/// `left operator right` for two values that were computed.
pub(super) fn operate(operator: Operator, left: &Value, right: &Value) -> Value {
    let is_ordered_as = |wanted: fn(Ordering) -> bool| Value::Flag(order(left, right).is_some_and(wanted));
    match operator {
        Operator::Equal => is_ordered_as(Ordering::is_eq),
        Operator::NotEqual => is_ordered_as(Ordering::is_ne),
        Operator::Less => is_ordered_as(Ordering::is_lt),
        Operator::LessOrEqual => is_ordered_as(Ordering::is_le),
        Operator::Greater => is_ordered_as(Ordering::is_gt),
        Operator::GreaterOrEqual => is_ordered_as(Ordering::is_ge),
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
            compute(operator, left, right)
        }
    }
}

/// How two values stand to each other; `None` when they cannot be compared, and always when one is blank.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Flag(left), Value::Flag(right)) => Some(left.cmp(right)),
        (Value::Day(left), Value::Day(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Number(right)) => Some(decimal_from_text(left)?.cmp(right)),
        (Value::Number(left), Value::Text(right)) => Some(left.cmp(&decimal_from_text(right)?)),
        _ => None,
    }
}

fn compute(operator: Operator, left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => number_or_blank(calculate(operator, *left, *right)),
        (Value::Day(left), Value::Day(right)) if operator == Operator::Subtract => {
            Value::Number(right.days_until(*left).into())
        }
        (Value::Day(day), Value::Number(days)) => {
            let days = whole(*days).map(|days| if operator == Operator::Subtract { -days } else { days });
            days.and_then(|days| day.plus_days(days)).map_or(Value::Blank, Value::Day)
        }
        _ => Value::Blank,
    }
}

fn calculate(operator: Operator, left: Decimal, right: Decimal) -> Option<Decimal> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        Operator::Remainder => left.checked_rem(right),
        Operator::Equal | Operator::NotEqual | Operator::Less => None,
        Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => None,
    }
}

/// A number, or blank when there is none; zero has no sign.
pub(super) fn number_or_blank(number: Option<Decimal>) -> Value {
    match number {
        Some(number) if number.is_zero() => Value::Number(Decimal::ZERO),
        Some(number) => Value::Number(number),
        None => Value::Blank,
    }
}

/// A number without a fraction, small enough to count days or places; never the least `i64`, so it can be negated.
pub(super) fn whole(number: Decimal) -> Option<i64> {
    number.to_i64().filter(|whole| number.is_integer() && *whole > i64::MIN)
}
