//! Which spaces moved since the start, for everyone who waits for that: listening phones and the second copy.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use model::identity::SpaceId;
use tokio::sync::watch;

/// The newest head of every space that moved, and a bell; cheap to clone.
#[derive(Clone)]
pub struct Moves {
    heads: Arc<RwLock<HashMap<SpaceId, u64>>>,
    bell: watch::Sender<u64>,
}

impl Default for Moves {
    fn default() -> Self {
        Self { heads: Arc::default(), bell: watch::Sender::new(0) }
    }
}

impl Moves {
    /// After a commit.
    pub fn note(&self, moved: BTreeMap<SpaceId, u64>) {
        self.heads.write().unwrap_or_else(PoisonError::into_inner).extend(moved);
        self.bell.send_modify(|rings| *rings += 1);
    }

    /// Rings at every move.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// The head of a space, if it moved since the start.
    pub fn head(&self, space: SpaceId) -> Option<u64> {
        self.heads.read().unwrap_or_else(PoisonError::into_inner).get(&space).copied()
    }
}
