//! How far the rows of each space survive: what `safe` means on this server.
//!
//! With a continuous second copy `safe` is what that copy holds; without one it is the head, the promise covers one
//! fault, and every page says so. Source: exchange rule R13.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use model::identity::SpaceId;

/// Heads of the second copy, shared between the writer and the copier.
#[derive(Clone, Default)]
pub struct Safety {
    copied: Option<Arc<RwLock<HashMap<SpaceId, u64>>>>,
    is_failing: Arc<AtomicBool>,
}

/// How many copies of the data there are, as a page says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Copies {
    /// No second one was asked for.
    One,
    /// Both hold everything, or are about to.
    Two,
    /// A second one was asked for and cannot be written.
    SecondFails,
}

impl Copies {
    /// Whether both hold everything.
    pub fn are_two(self) -> bool {
        self == Self::Two
    }

    /// Whether the second one cannot be written.
    pub fn second_fails(self) -> bool {
        self == Self::SecondFails
    }
}

impl Safety {
    /// Without a second copy.
    pub fn of_one_copy() -> Self {
        Self::default()
    }

    /// With a second copy that holds these heads so far.
    pub fn of_two_copies(heads: HashMap<SpaceId, u64>) -> Self {
        Self { copied: Some(Arc::new(RwLock::new(heads))), is_failing: Arc::default() }
    }

    /// Whether there is a second copy.
    pub fn has_second_copy(&self) -> bool {
        self.copied.is_some()
    }

    /// The second copy could be written just now, or could not.
    pub fn note_outcome(&self, is_written: bool) {
        self.is_failing.store(!is_written, Ordering::Relaxed);
    }

    /// How many copies there are.
    pub fn copies(&self) -> Copies {
        match (self.has_second_copy(), self.is_failing.load(Ordering::Relaxed)) {
            (false, _) => Copies::One,
            (true, false) => Copies::Two,
            (true, true) => Copies::SecondFails,
        }
    }

    /// The last safe row of a space with this head.
    pub fn safe(&self, space: SpaceId, head: u64) -> u64 {
        let Some(copied) = &self.copied else { return head };
        let copied = copied.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        copied.get(&space).copied().unwrap_or(0).min(head)
    }

    /// The second copy now holds this row.
    pub fn note(&self, space: SpaceId, number: u64) {
        if let Some(copied) = &self.copied {
            let mut copied = copied.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            copied.insert(space, number);
        }
    }
}
