//! How many exchanges one device has under way: a member who takes more memory than its share takes it from itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::identity::DeviceId;

use crate::limits::TURNS_MAX;

/// Exchanges under way, by device; no more devices than connections.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<DeviceId, usize>>);

/// One of them, until it is dropped.
pub struct Turn {
    turns: Arc<Turns>,
    device: DeviceId,
}

impl Turns {
    /// Takes a turn; none is free while [`TURNS_MAX`] are under way.
    pub fn take(self: &Arc<Self>, device: DeviceId) -> Option<Turn> {
        let mut open = self.open();
        let count = open.entry(device).or_default();
        let is_free = *count < TURNS_MAX;
        *count += usize::from(is_free);
        is_free.then(|| Turn { turns: Arc::clone(self), device })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<DeviceId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut open = self.turns.open();
        if let Some(count) = open.get_mut(&self.device) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.device);
            }
        }
    }
}
