//! What the writer did since the start, for benchmarks and for `/ready`: numbers only.

use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use model::exchange::Reply;

use crate::failure::ServerFailed;

/// Counters of the writer.
#[derive(Default)]
pub struct Tally {
    commits: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    largest_group: AtomicU64,
    is_failing: AtomicBool,
    last_failure: RwLock<Option<ServerFailed>>,
}

/// The counters at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Transactions of exchanges.
    pub commits: u64,
    /// Exchanges in them; divided by the commits this is the mean group.
    pub requests: u64,
    /// Bytes of pushed entries in them.
    pub bytes: u64,
    /// Exchanges in the largest.
    pub largest_group: u64,
}

impl Tally {
    /// The counters now.
    pub fn counted(&self) -> Counted {
        Counted {
            commits: self.commits.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            largest_group: self.largest_group.load(Ordering::Relaxed),
        }
    }

    /// Why the last group could not be stored, if it could not.
    pub fn last_failure(&self) -> Option<ServerFailed> {
        self.last_failure.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub(crate) fn note_group(&self, requests: usize, bytes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(requests as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.largest_group.fetch_max(requests as u64, Ordering::Relaxed);
    }

    /// Keeps the reason while nothing can be stored; the first failure and the end of it are logged once.
    pub(crate) fn note_outcome(&self, replies: &[Result<Reply, ServerFailed>]) {
        let failure =
            if replies.iter().any(Result::is_ok) { None } else { replies.iter().find_map(|r| r.as_ref().err()) };
        let was_failing = self.is_failing.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            None if was_failing => tracing::info!("the writer stores again"),
            Some(failed) if !was_failing => tracing::error!(reason = %failed, "the writer cannot store"),
            None if !was_failing => return,
            None | Some(_) => {}
        }
        *self.last_failure.write().unwrap_or_else(std::sync::PoisonError::into_inner) = failure.cloned();
    }
}
