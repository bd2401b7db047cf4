//! Where the server put an entry, and its signed word for it.
//!
//! A server signs receipts by the page, one signature for up to [`PAGE_LEAVES_MAX`] entries: a signature per entry
//! would cost more than the whole rest of an exchange (measured 2026-11-21: 26 µs to sign, 47 µs to verify).
//! Source of the rules: exchange rules R3, R8, R12.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::entry::Entry;
use crate::hash::{ChainHash, EntryHash, PublicKey, Signature};
use crate::identity::SpaceId;

/// Receipts under one signature; a page is at most 15 KB, so that one entry may be brought back alone.
pub const PAGE_LEAVES_MAX: usize = 256;

/// One life of a server's database. A restore begins a new one; a phone never goes back to an earlier one.
///
/// Ordered by the start, then by the random part. Source: exchange rules R7, R20.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Epoch {
    /// When it started, UTC milliseconds by the server's clock; later than every epoch that the server knew.
    #[n(0)]
    pub started_ms: u64,
    /// Tells two epochs of one millisecond apart.
    #[n(1)]
    pub random: u64,
}

impl Epoch {
    /// Before every epoch: what a phone holds that never heard from a server.
    pub const NEVER: Self = Self { started_ms: 0, random: 0 };

    /// Sixteen bytes that sort as epochs do.
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.started_ms) << 64 | u128::from(self.random)).to_be_bytes()
    }

    /// Reads what [`Epoch::to_bytes`] wrote.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { started_ms: (both >> 64) as u64, random: both as u64 }
    }
}

/// A place in the history of a log: what a receipt states. Ordered as receipts are: by epoch, then by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Place {
    /// The epoch in which the server first stored the entry.
    #[n(0)]
    pub epoch: Epoch,
    /// Its number in the log of that epoch; the first row is 1.
    #[n(1)]
    pub number: u64,
}

/// One line of a page of receipts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptLeaf {
    /// Which entry.
    #[n(0)]
    pub hash: EntryHash,
    /// Where it was first stored.
    #[n(1)]
    pub place: Place,
    /// Whether it had effect at its place; of a change always true unless its author was not a member.
    #[n(2)]
    pub in_force: bool,
    /// When the server first had it, UTC milliseconds by its clock: what deadlines are judged by, also after a restore.
    #[n(3)]
    pub received_ms: i64,
}

/// Receipts of one space under one signature of the server.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ReceiptPage {
    /// The space of every entry named here.
    #[n(0)]
    pub space: SpaceId,
    /// At most [`PAGE_LEAVES_MAX`].
    #[n(1)]
    pub leaves: Vec<ReceiptLeaf>,
    /// By the server's identity key.
    #[n(2)]
    pub signature: Signature,
}

impl ReceiptPage {
    /// Signs one page. The caller cuts at [`PAGE_LEAVES_MAX`].
    pub fn sign(space: SpaceId, leaves: Vec<ReceiptLeaf>, server: &SigningKey) -> Self {
        let signature = Signature::from_bytes(server.sign(&signed_bytes(space, &leaves)).to_bytes());
        Self { space, leaves, signature }
    }

    /// Whether the server with this identity signed exactly these lines.
    pub fn is_signed_by(&self, server: &PublicKey) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(server.as_bytes()) else { return false };
        let signature = ed25519_dalek::Signature::from_bytes(self.signature.as_bytes());
        self.leaves.len() <= PAGE_LEAVES_MAX
            && key.verify_strict(&signed_bytes(self.space, &self.leaves), &signature).is_ok()
    }

    /// The line about one entry.
    pub fn leaf_of(&self, hash: &EntryHash) -> Option<&ReceiptLeaf> {
        self.leaves.iter().find(|leaf| leaf.hash == *hash)
    }
}

/// An entry's bytes and the server's word for it: how membership is handed to a device and kept outside the database.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ReceiptedEntry {
    /// The entry as signed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub entry: Vec<u8>,
    /// A page that names it.
    #[n(1)]
    pub page: ReceiptPage,
}

impl ReceiptedEntry {
    /// The entry and its receipt; `None` if the page is about something else.
    pub fn read(&self) -> Option<(Entry, ReceiptLeaf)> {
        let entry = Entry::read(&self.entry).ok()?;
        let leaf = *self.page.leaf_of(&entry.hash)?;
        Some((entry, leaf))
    }
}

fn signed_bytes(space: SpaceId, leaves: &[ReceiptLeaf]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/receipts/1");
    hash.update(space.as_bytes());
    for leaf in leaves {
        hash.update(leaf.hash.as_bytes());
        hash.update(leaf.place.epoch.started_ms.to_be_bytes());
        hash.update(leaf.place.epoch.random.to_be_bytes());
        hash.update(leaf.place.number.to_be_bytes());
        hash.update([u8::from(leaf.in_force)]);
        hash.update(leaf.received_ms.to_be_bytes());
    }
    hash.finalize().into()
}

impl ChainHash {
    /// The chain after one more row. It covers the receipt too, because the fold reads it (exchange rule R12).
    pub fn after(&self, hash: &EntryHash, place: &Place) -> Self {
        let mut digest = Sha256::new();
        digest.update(self.as_bytes());
        digest.update(hash.as_bytes());
        digest.update(place.epoch.started_ms.to_be_bytes());
        digest.update(place.epoch.random.to_be_bytes());
        digest.update(place.number.to_be_bytes());
        let digest: [u8; 32] = digest.finalize().into();
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        Self::from_bytes(short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u64) -> ReceiptLeaf {
        let place = Place { epoch: Epoch { started_ms: 5, random: 1 }, number };
        ReceiptLeaf { hash: EntryHash::from_bytes([number as u8; 32]), place, in_force: true, received_ms: 7 }
    }

    #[test]
    fn a_page_with_a_changed_line_is_not_signed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        let page = ReceiptPage::sign(SpaceId::from_bytes([1; 16]), vec![leaf(1), leaf(2)], &key);
        assert!(page.is_signed_by(&public));
        let mut changed = page.clone();
        changed.leaves[1].place.number = 3;
        assert!(!changed.is_signed_by(&public));
        let mut moved = page.clone();
        moved.space = SpaceId::from_bytes([2; 16]);
        assert!(!moved.is_signed_by(&public));
        let mut void = page.clone();
        void.leaves[0].in_force = false;
        assert!(!void.is_signed_by(&public));
        let mut early = page;
        early.leaves[0].received_ms -= 1;
        assert!(!early.is_signed_by(&public));
    }

    #[test]
    fn receipts_are_ordered_by_epoch_before_number() {
        let early = Place { epoch: Epoch { started_ms: 1, random: 9 }, number: 900 };
        let late = Place { epoch: Epoch { started_ms: 2, random: 0 }, number: 1 };
        assert!(early < late);
    }
}
