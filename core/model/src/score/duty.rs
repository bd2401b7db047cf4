//! What a post is scored and rated by, beside criteria and task lines.

use crate::ratio::Ratio;
use crate::rule_set::{Post, TaskShare};

/// Which formula applies, with what it needs beside the task lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Leads nobody: under Nghị định 335/2025 (a + b + c) / 3.
    NonLeader,
    /// Leads: under Nghị định 335/2025 (a + b + c + d + đ + e) / 6. Each judged share in percent, one of the rule set's values; none until answered.
    Leader {
        /// d: result of the field or unit in charge.
        unit_result_percent: Option<u8>,
        /// đ: ability to organise.
        organising_percent: Option<u8>,
        /// e: ability to unite.
        uniting_percent: Option<u8>,
        /// How the led units are rated; none until answered, and never asked for by a law that rates by points alone.
        units: Option<LedUnits>,
    },
}

impl Duty {
    /// The kind of post whose criteria and shares apply.
    pub fn post(self) -> Post {
        match self {
            Self::NonLeader => Post::Other,
            Self::Leader { .. } => Post::Leading,
        }
    }

    pub(super) fn judged_percent(self, share: TaskShare) -> Option<u8> {
        match (self, share) {
            (Self::Leader { unit_result_percent, .. }, TaskShare::UnitResult) => unit_result_percent,
            (Self::Leader { organising_percent, .. }, TaskShare::Organising) => organising_percent,
            (Self::Leader { uniting_percent, .. }, TaskShare::Uniting) => uniting_percent,
            (Self::Leader { .. }, TaskShare::Quantity | TaskShare::Quality | TaskShare::Progress) => None,
            (Self::NonLeader, _) => None,
        }
    }

    /// How the led units are rated; none of somebody who leads none, and none until answered.
    pub fn units(self) -> Option<LedUnits> {
        match self {
            Self::NonLeader => None,
            Self::Leader { units, .. } => units,
        }
    }
}

/// How the units that a leader is directly in charge of are rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct LedUnits {
    /// Units in charge; zero for a leader without a unit of their own.
    pub led: u32,
    /// Of them, units rated completed or higher.
    pub completed: u32,
    /// Of those, units rated good or excellent.
    pub good: u32,
}

impl LedUnits {
    /// Whether good units are among the completed and those among the led.
    pub fn is_sound(self) -> bool {
        self.good <= self.completed && self.completed <= self.led
    }

    /// So many of the led units. Of no unit at all nothing is missing, so whoever leads none meets every share.
    pub fn share(self, units: u32) -> Ratio {
        Ratio::of(u64::from(units), u64::from(self.led)).unwrap_or(Ratio::percent_of_one(100))
    }
}
