//! The sheet of answers that goes to the intake: only there lie the codes under which each is sealed.
//!
//! Source: anonymity A50.

use std::io::Write;
use std::path::Path;

use model::feedback::answers::{AnswerSheet, AnsweredCase};
use model::feedback::replies::SLOTS_MOST;
use model::identity::RoundId;
use model::time::Day;
use rusqlite::Connection;

use super::{CaseState, KeptCase, Step, StepKind, cases, note_step};
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::rounds::opening::put;

/// Days for which an answer goes on every sheet.
const ANSWER_DAYS: i64 = 365;

/// Writes for one kind of readers every answer of the last year for which somebody waits or waited, and notes the day; how many there are. Which of
/// them a public file holds only those know who have the codes: a code that was answered is gone from their ledger. More
/// than one file holds are left to the newest.
pub fn write(
    connection: &Connection,
    (round, is_protected): (RoundId, bool),
    (to, today): (&Path, Day),
) -> Result<u32, ServerFailed> {
    if to.exists() {
        return Err(fault(to, FileCause::Exists));
    }
    let is_waiting = |kept: &KeptCase| {
        kept.case.awaits_reply
            && kept.is_protected == is_protected
            && matches!(kept.state(), CaseState::Answered | CaseState::HandedOver)
    };
    let mut waiting: Vec<KeptCase> = cases(connection, Some(round))?.into_iter().filter(is_waiting).collect();
    waiting
        .retain(|kept| kept.answer().is_some_and(|(_, day)| day.plus_days(ANSWER_DAYS).is_none_or(|end| today <= end)));
    waiting.sort_by_key(|kept| std::cmp::Reverse(kept.answer().map(|(_, day)| day)));
    waiting.truncate(SLOTS_MOST);
    let answered = |kept: &KeptCase| {
        let (text, _) = kept.answer()?;
        Some(AnsweredCase { case: kept.case.id, text: text.to_owned() })
    };
    let sheet = AnswerSheet { round, answers: waiting.iter().filter_map(answered).collect() };
    put(to, |file| file.write_all(&sheet.to_bytes()).map_err(at(to)))?;
    let transaction = connection.unchecked_transaction()?;
    for kept in waiting.iter().filter(|kept| kept.step_of(StepKind::HandedOver).is_none()) {
        let step = Step { kind: StepKind::HandedOver, day: today, unit: None, text: None };
        note_step(&transaction, kept.case.id, &step)?;
    }
    transaction.commit()?;
    Ok(sheet.answers.len() as u32)
}
