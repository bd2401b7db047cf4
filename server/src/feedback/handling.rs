//! What the office does with one case: it gives the paraphrase to a unit, and it answers once.
//!
//! A unit never gets the text, only the paraphrase. Source: anonymity A49; domain 5.7.

use model::feedback::replies::check_reply;
use model::identity::UnitId;
use model::text::{TextRefused, normalised};
use model::time::Day;
use rusqlite::Connection;

use super::{CaseState, KeptCase, Step, StepKind, note_step};
use crate::failure::ServerFailed;

/// Why nothing was done with a case.
#[derive(Debug, thiserror::Error)]
pub enum HandlingRefused {
    /// What was answered is not handled any more.
    #[error("the case was answered")]
    Answered,
    /// What the resident could not be given.
    #[error("the answer: {0}")]
    Text(#[from] TextRefused),
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Gives a case to a unit. To the same unit again changes nothing.
pub fn route(connection: &Connection, kept: &KeptCase, unit: UnitId, today: Day) -> Result<(), HandlingRefused> {
    match kept.state() {
        CaseState::Received | CaseState::Routed if kept.unit() == Some(unit) => Ok(()),
        CaseState::Received | CaseState::Routed => {
            let step = Step { kind: StepKind::Routed, day: today, unit: Some(unit), text: None };
            Ok(note_step(connection, kept.case.id, &step)?)
        }
        CaseState::Answered | CaseState::HandedOver => Err(HandlingRefused::Answered),
    }
}

/// Answers a case, once.
pub fn answer(connection: &Connection, kept: &KeptCase, text: &str, today: Day) -> Result<(), HandlingRefused> {
    if kept.answer().is_some() {
        return Err(HandlingRefused::Answered);
    }
    let text = normalised(text.trim());
    check_reply(&text)?;
    let step = Step { kind: StepKind::Answered, day: today, unit: None, text: Some(text) };
    Ok(note_step(connection, kept.case.id, &step)?)
}
