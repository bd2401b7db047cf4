//! An evaluation cycle: a period, the rules that it pins, and until when.

use serde::{Deserialize, Serialize};

use crate::form::pin::FormPin;
use crate::identity::CycleId;
use crate::time::Day;

/// Characters of a cycle's title.
pub const TITLE_CHARS_MAX: usize = 200;

/// One period in which cadres account for their work. Source: domain 4.2, `EvaluationCycle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct EvaluationCycle {
    /// Its name for ever.
    pub id: CycleId,
    /// What people call it, at most [`TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// [`crate::rule_set::RuleSet::code`] of the rules that it pins.
    pub rule_set_code: String,
    /// Their version.
    pub rule_set_version: u32,
    /// The form that it pins.
    pub form: FormPin,
    /// The first day on which forms are filled in.
    pub opens: Day,
    /// The last day on which a submission is in time.
    pub closes: Day,
}

impl EvaluationCycle {
    /// Whether a submission that reached the server on this day came after the deadline.
    pub fn is_late(&self, received: Day) -> bool {
        received > self.closes
    }
}
