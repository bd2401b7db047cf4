//! What the core tells the app of its own accord: that something changed, so that screens read again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use model::identity::SpaceId;

use crate::sync::session::Alarm;

/// Implemented by Kotlin and Swift. Called on the thread that did the work, with the papers free to be read;
/// an exchange must not be begun from here, because one may be under way.
#[uniffi::export(with_foreign)]
pub trait Listener: Send + Sync {
    /// Papers of these spaces changed, by this phone or by an exchange.
    fn changed(&self, spaces: Vec<SpaceId>);

    /// An exchange goes on: entries sent so far, entries that wait, rows received so far.
    fn progressed(&self, sent: u64, waiting: u64, received: u64);

    /// Something that the office should hear of.
    fn alarmed(&self, alarm: Alarm);
}

/// Tells the app, if it listens. A listener of the app that throws arrives here as a panic and ends here: what it was
/// told about is already committed, and the intent went well.
pub(crate) fn ring(listener: Option<&Arc<dyn Listener>>, tell: impl FnOnce(&dyn Listener)) {
    if let Some(listener) = listener {
        // The panic itself was printed by the hook; the app that threw has nothing more to hear.
        let _ = catch_unwind(AssertUnwindSafe(|| tell(listener.as_ref())));
    }
}
