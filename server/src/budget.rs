//! What one reply may weigh, over all its spaces.

use model::exchange::BUDGET_BYTES;

/// What a row costs in a reply beside its entry.
const ROW_OVERHEAD_BYTES: usize = 16;

/// Bytes of rows that one reply still has room for. Shared by its spaces: a phone with many of them must be able to
/// unpack what it is sent, and naming one space many times earns nothing.
#[derive(Debug)]
pub struct ReplyBudget {
    bytes_left: usize,
    has_rows: bool,
}

impl ReplyBudget {
    /// What the phone asks for, at most [`BUDGET_BYTES`].
    pub fn of(asked_bytes: u32) -> Self {
        Self { bytes_left: (asked_bytes as usize).min(BUDGET_BYTES), has_rows: false }
    }

    /// Takes room for a row of so many bytes. The first row of a reply always has room, or a large entry would never
    /// arrive.
    pub fn takes(&mut self, entry_bytes: usize) -> bool {
        let bytes = entry_bytes + ROW_OVERHEAD_BYTES;
        if self.has_rows && bytes > self.bytes_left {
            self.bytes_left = 0;
            return false;
        }
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.has_rows = true;
        true
    }
}
