//! What the receipts of a request prove: that an entry was stored, and that everything it builds on was stored before.
//!
//! A phone can lose the answer about an entry and hear the one about the next, which builds on it. If the server is then
//! set back, the first comes without a receipt; it is vouched for by the second (exchange rules R3, R8).

use std::collections::HashMap;

use model::entry::{Entry, EntryRefused};
use model::exchange::SpaceRequest;
use model::hash::EntryHash;
use model::receipt::ReceiptLeaf;

use crate::failure::ServerFailed;
use crate::log::{self, SpaceRow};
use crate::serve::Serving;

/// What is known of an entry's past.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Past {
    /// No receipt speaks of it.
    Unknown,
    /// It has a receipt of its own.
    Received(ReceiptLeaf),
    /// Something with a receipt builds on it: the server had it then at the latest, and whoever was in then had written it.
    BuiltOn(ReceiptLeaf),
}

impl Past {
    /// Of every entry of a space's request, in its order: what builds on an entry stands after it. `pages` says which of
    /// the request's receipts are of this space and signed by this server.
    pub(crate) fn of_all(asked: &SpaceRequest, entries: &[Result<Entry, EntryRefused>], pages: &[bool]) -> Vec<Self> {
        let mut built_on: HashMap<EntryHash, ReceiptLeaf> = HashMap::new();
        let mut pasts = vec![Self::Unknown; entries.len()];
        for (at, pushed) in asked.entries.iter().enumerate().rev() {
            // A receipt names an address, and speaks for the fields only if these make the address.
            let Ok(entry) = &entries[at] else { continue };
            if entry.fields.space != asked.space || !entry.is_bound_to_its_fields() {
                continue;
            }
            let page = pushed.receipt.map(usize::from).filter(|index| pages.get(*index) == Some(&true));
            let leaf = page.and_then(|index| asked.receipts[index].leaf_of(&entry.hash)).copied();
            let Some(vouching) = leaf.or_else(|| built_on.get(&entry.hash).copied()) else { continue };
            pasts[at] = leaf.map_or(Self::BuiltOn(vouching), Self::Received);
            for hash in entry.dependencies() {
                let earliest = built_on.entry(hash).or_insert(vouching);
                if vouching.place < earliest.place {
                    *earliest = vouching;
                }
            }
        }
        pasts
    }

    /// Whether a server of ours never had it, as far as anybody shows.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl Serving<'_> {
    /// Whether a phone with another history shows a receipt of something that is lost.
    pub(crate) fn has_lost(
        &self,
        space: &SpaceRow,
        asked: &SpaceRequest,
        pages: &[bool],
    ) -> Result<bool, ServerFailed> {
        // A phone that was contradicted shows one page, the last of its request.
        let shown = asked.receipts.last().filter(|_| pages.last() == Some(&true));
        for leaf in shown.into_iter().flat_map(|page| &page.leaves) {
            if self.is_lost(space, leaf)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a receipt of this very life names a row that the log does not have there: the whole folder went back, and
    /// going on would give two rows one number (exchange rule R7).
    pub(crate) fn is_lost(&self, space: &SpaceRow, leaf: &ReceiptLeaf) -> Result<bool, ServerFailed> {
        if leaf.place.epoch != self.epoch {
            return Ok(false);
        }
        let found = log::find(self.connection, space.id, &leaf.hash)?;
        Ok(found.is_none_or(|found| found.first != leaf.place))
    }
}
