//! How far an entry has come: the words that cannot lie.

use crate::store::entries::Held;

/// Where an entry is, as a person is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, uniffi::Enum)]
pub enum Delivery {
    /// Refused; somebody must look.
    Refused,
    /// On this phone, waiting for a network or for the server's second copy.
    Waiting,
    /// The server has it, by a verified receipt, as safely as it promises (exchange rule R13).
    Received,
}

impl Delivery {
    /// Of one entry, where rows up to `safe` are safe. Only the present place counts, never the number in an old receipt.
    pub fn of(held: &Held, safe: u64) -> Self {
        match held.place() {
            _ if held.refusal.is_some() => Self::Refused,
            Some(place) if place <= safe => Self::Received,
            Some(_) | None => Self::Waiting,
        }
    }
}
