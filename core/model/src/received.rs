//! The list of envelopes that the server will still have after a restore: whole, sorted, signed, chained.
//!
//! A phone keeps an envelope until a list contains its name, and fetches the whole list only. Every phone keeps the
//! chain's digests, so a server that drops what it has listed is caught at the opening. Source: anonymity A24, A27, A30,
//! A36, A48.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::envelope::{EnvelopeId, ID_BYTES};
use crate::feedback::batch::WAIT_WORKING_DAYS;
use crate::handshake::{is_signed, sign};
use crate::hash::{ContentHash, PublicKey, Signature};
use crate::identity::RoundId;
use crate::time::Day;

/// Names by which a list grows at least, but for the last one: a smaller step would show who was under way (A27).
pub const LIST_STEP: usize = 20;

const DOMAIN: &[u8] = b"langnghe/received/1";

/// Names of everything that arrived and is in the safe copy.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReceivedList {
    /// Of which round.
    #[n(0)]
    pub round: RoundId,
    /// From 1.
    #[n(1)]
    pub number: u32,
    /// Digest of the list before; zeros for the first.
    #[n(2)]
    pub previous: ContentHash,
    /// Nothing is taken any more.
    #[n(3)]
    pub is_last: bool,
    /// All names, sorted, one after another.
    #[cbor(n(4), with = "minicbor::bytes")]
    names: Vec<u8>,
    /// By the server's identity key.
    #[n(5)]
    pub signature: Signature,
    /// The day on which feedback was listed: the next list counts from it. None in a round of ballots.
    #[n(6)]
    pub day: Option<Day>,
}

/// What came is no list of this server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the list of received envelopes is not one that the server signed")]
pub struct NotAList;

impl ReceivedList {
    /// The list after `previous`. Names are sorted here; the order in which envelopes came is in nothing. What was listed
    /// stays listed, also when it is lost: then the opening says how many are missing, and the holders may go on with a
    /// reason (A36).
    pub fn sign(
        (round, previous, day): (RoundId, Option<&Self>, Option<Day>),
        names: &[EnvelopeId],
        is_last: bool,
        server: &SigningKey,
    ) -> Self {
        let mut sorted: Vec<EnvelopeId> =
            previous.into_iter().flat_map(Self::names).chain(names.iter().copied()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut list = Self {
            round,
            number: previous.map_or(1, |previous| previous.number + 1),
            previous: previous.map_or(ContentHash::from_bytes([0; 32]), Self::digest),
            is_last,
            names: sorted.iter().flat_map(|name| *name.as_bytes()).collect(),
            signature: Signature::from_bytes([0; 64]),
            day,
        };
        list.signature = sign(&[DOMAIN, list.digest().as_bytes()], server);
        list
    }

    /// Reads a list that this server signed; there is one way of writing it.
    pub fn read(bytes: &[u8], server: &PublicKey) -> Result<Self, NotAList> {
        let list: Self = minicbor::decode(bytes).map_err(|_| NotAList)?;
        let (names, rest) = list.names.as_chunks::<ID_BYTES>();
        let is_whole = rest.is_empty() && names.is_sorted_by(|one, next| one < next) && list.to_bytes() == bytes;
        let is_theirs = is_signed(&[DOMAIN, list.digest().as_bytes()], &list.signature, server);
        if is_whole && is_theirs { Ok(list) } else { Err(NotAList) }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// What the next list and every phone hold of it.
    pub fn digest(&self) -> ContentHash {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(self.round.as_bytes());
        hash.update(self.number.to_be_bytes());
        hash.update(self.previous.as_bytes());
        hash.update([u8::from(self.is_last)]);
        hash.update(self.day.map_or_else(String::new, |day| day.to_string()));
        hash.update(&self.names);
        ContentHash::from_bytes(hash.finalize().into())
    }

    /// How many names it has.
    pub fn len(&self) -> usize {
        self.names.len() / ID_BYTES
    }

    /// Whether nothing has arrived.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether the server has this envelope for good.
    pub fn has(&self, name: &EnvelopeId) -> bool {
        self.names.as_chunks::<ID_BYTES>().0.binary_search(name.as_bytes()).is_ok()
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = EnvelopeId> {
        self.names.as_chunks::<ID_BYTES>().0.iter().map(|name| EnvelopeId::from_bytes(*name))
    }

    /// Whether this is the list after another one, with everything that stood there.
    pub fn follows(&self, before: &Self) -> bool {
        let is_next = self.round == before.round && self.number == before.number + 1 && !before.is_last;
        is_next && self.previous == before.digest() && before.names().all(|name| self.has(&name))
    }

    /// Whether a server may say this now: enough names that stood in no list that no small group stands out, or the end
    /// (A27). `waited` is how many working days feedback has waited since the last list or the opening; few who speak
    /// would wait for ever otherwise (A48).
    pub fn is_due(fresh: usize, waited: Option<u32>, is_last: bool) -> bool {
        let waited_long = waited.is_some_and(|days| days >= WAIT_WORKING_DAYS);
        is_last || fresh >= LIST_STEP || (fresh > 0 && waited_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::public;

    const ROUND: RoundId = RoundId::from_bytes([5; 16]);

    fn server() -> SigningKey {
        SigningKey::from_bytes(&[9; 32])
    }

    fn names(numbers: impl IntoIterator<Item = u8>) -> Vec<EnvelopeId> {
        numbers.into_iter().map(|number| EnvelopeId::from_bytes([number; ID_BYTES])).collect()
    }

    fn list(before: Option<&ReceivedList>, numbers: impl IntoIterator<Item = u8>) -> ReceivedList {
        ReceivedList::sign((ROUND, before, None), &names(numbers), false, &server())
    }

    #[test]
    fn a_list_does_not_know_in_which_order_envelopes_came() {
        assert!(list(None, 0..40) == list(None, (0..40).rev()));
        let read = ReceivedList::read(&list(None, 0..40).to_bytes(), &public(&server()));
        assert!(read == Ok(list(None, 0..40)));
        assert!(list(None, 0..40).has(&names([39])[0]) && !list(None, 0..40).has(&names([40])[0]));
    }

    #[test]
    fn a_list_with_one_changed_byte_or_of_another_server_is_none() {
        let bytes = list(None, 0..20).to_bytes();
        assert!(ReceivedList::read(&bytes, &public(&SigningKey::from_bytes(&[8; 32]))).is_err());
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(ReceivedList::read(&changed, &public(&server())).is_err(), "byte {place}");
        }
    }

    /// A30: dropping after listing must be provable.
    #[test]
    fn a_list_without_a_name_of_the_one_before_does_not_follow_it() {
        let first = list(None, 0..20);
        assert!(list(Some(&first), 0..40).follows(&first));
        assert!(list(Some(&first), 1..40) == list(Some(&first), 0..40), "what was listed stays listed");
        let mut dropped = list(None, 1..40);
        (dropped.number, dropped.previous) = (2, first.digest());
        dropped.signature = sign(&[DOMAIN, dropped.digest().as_bytes()], &server());
        let dropped = ReceivedList::read(&dropped.to_bytes(), &public(&server()));
        assert!(dropped.is_ok_and(|dropped| !dropped.follows(&first)), "a name is missing");
        assert!(!list(None, 0..40).follows(&first), "another chain");
        let last = ReceivedList::sign((ROUND, Some(&first), None), &names(0..21), true, &server());
        assert!(last.follows(&first) && !list(Some(&last), 0..41).follows(&last), "nothing follows the last");
    }

    /// A27: only with twenty new names or at the freeze.
    #[test]
    fn a_list_grows_by_twenty_or_ends() {
        for (fresh, is_last, is_due) in [(0, false, false), (19, false, false), (20, false, true), (1, true, true)] {
            assert_eq!(ReceivedList::is_due(fresh, None, is_last), is_due, "{fresh}");
        }
    }

    /// A48: or the one who spoke in a quiet street would never be read.
    #[test]
    fn feedback_waits_for_five_working_days_at_most() {
        for (fresh, waited, is_due) in [(1, 4, false), (1, 5, true), (0, 90, false), (20, 0, true), (19, 4, false)] {
            assert_eq!(ReceivedList::is_due(fresh, Some(waited), false), is_due, "{fresh} after {waited}");
        }
    }
}
