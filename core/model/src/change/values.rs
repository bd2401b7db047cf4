//! Scalar values: their kind, their length and the shape of their bytes.

use super::bytes::Bytes;
use super::{COUNTER_STEP_MAX, ChangeRefused};

const KIND_BITS: u32 = 4;
const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const UNSIGNED: u8 = 3;
const SIGNED: u8 = 4;
const DOUBLE: u8 = 5;
const TEXT: u8 = 6;
const BYTES: u8 = 7;
const COUNTER: u8 = 8;
const TIME: u8 = 9;
const DOUBLE_BYTES: usize = 8;

/// What the rules about operations must tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Integer,
    Other,
}

/// Whether a number is added to a counter or only kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Step,
    Free,
}

/// Takes the bytes of `rows` values, all of the kind and length that `description` gives.
pub(super) fn check(bytes: &mut Bytes, description: u64, rows: u64, meaning: Meaning) -> Result<Kind, ChangeRefused> {
    let kind = (description & ((1 << KIND_BITS) - 1)) as u8;
    let length = description >> KIND_BITS;
    if length == 0 {
        check_one(kind, &[], meaning)?;
    } else {
        // Each round takes a byte at least, so that the bytes end before a claimed count does.
        for _ in 0..rows {
            check_one(kind, bytes.take(length)?, meaning)?;
        }
    }
    Ok(match kind {
        NULL => Kind::Null,
        UNSIGNED | SIGNED => Kind::Integer,
        _ => Kind::Other,
    })
}

fn check_one(kind: u8, value: &[u8], meaning: Meaning) -> Result<(), ChangeRefused> {
    let malformed = ChangeRefused::ValueMalformed { kind, length: value.len() as u64 };
    let is_well_formed = match kind {
        NULL | FALSE | TRUE => value.is_empty(),
        DOUBLE => value.len() == DOUBLE_BYTES,
        TEXT => std::str::from_utf8(value).is_ok(),
        BYTES => true,
        UNSIGNED | SIGNED | COUNTER | TIME => {
            let number = whole_number(kind, value).ok_or(malformed.clone())?;
            return if kind == COUNTER || meaning == Meaning::Step { check_step(number) } else { Ok(()) };
        }
        _ => false,
    };
    if is_well_formed { Ok(()) } else { Err(malformed) }
}

/// The number that fills all bytes; an unsigned one beyond the signed range counts as the highest of it.
fn whole_number(kind: u8, value: &[u8]) -> Option<i64> {
    let mut bytes = Bytes::new(value);
    let number = if kind == UNSIGNED {
        i64::try_from(bytes.unsigned().ok()?).unwrap_or(i64::MAX)
    } else {
        bytes.signed().ok()?
    };
    bytes.is_empty().then_some(number)
}

fn check_step(given: i64) -> Result<(), ChangeRefused> {
    let limit = COUNTER_STEP_MAX;
    if (-limit..=limit).contains(&given) { Ok(()) } else { Err(ChangeRefused::CounterStepTooLarge { given, limit }) }
}
