//! What stays with those who read: what was read already, and the codes that wait for an answer.
//!
//! It is locked under a key that only the readers can make, so it lies on a stick like any file. The last packet and the
//! last answers are inside, because the ledger is written first: whatever is cut off afterwards is written again from it.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use model::envelope::{EnvelopeId, ID_BYTES};
use model::feedback::code::{CODE_BYTES, ReplyCode};
use model::identity::FeedbackId;
use model::round::RoundDefinition;
use model::time::Day;
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::{IntakeRefused, Reader};
use crate::passphrase::Locked;

/// The largest ledger that is read: a million names and everything that waits.
pub const LEDGER_BYTES_MAX: u64 = 64 * 1024 * 1024;

const DOMAIN: &[u8] = b"langnghe/intake-ledger/1";

/// The plain ledger. Codes are wiped; it cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ledger {
    /// The day of the last batch.
    #[n(0)]
    pub last: Day,
    /// Envelopes that were read, sorted; nothing says which batch they were in.
    #[n(1)]
    seen: BTreeSet<Name>,
    /// Who waits for an answer.
    #[n(2)]
    pub(super) awaited: Vec<Awaited>,
    /// The packet of the last batch.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub packet: Vec<u8>,
    /// The last file of answers.
    #[n(4)]
    pub replies: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
struct Name(#[cbor(n(0), with = "minicbor::bytes")] [u8; ID_BYTES]);

/// A code that waits.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Awaited {
    /// For the answer to what.
    #[n(0)]
    pub(super) about: AnswerTo,
    #[cbor(n(1), with = "minicbor::bytes")]
    code: [u8; CODE_BYTES],
}

/// What an answer is to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) enum AnswerTo {
    /// The office answers this case.
    #[n(0)]
    Case(#[n(0)] FeedbackId),
    /// A denunciation or complaint: where it belongs.
    #[n(1)]
    Denounced,
    /// What the commune can do nothing about.
    #[n(2)]
    OutOfScope,
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.code.zeroize();
    }
}

impl Ledger {
    /// Before the first batch: the clock of five working days runs from the opening of the round.
    pub fn begun(round: &RoundDefinition) -> Self {
        Self { last: round.opens, seen: BTreeSet::new(), awaited: Vec::new(), packet: Vec::new(), replies: None }
    }

    /// Whether an envelope was read in an earlier batch.
    pub fn has_seen(&self, id: EnvelopeId) -> bool {
        self.seen.contains(&Name(*id.as_bytes()))
    }

    pub(super) fn see(&mut self, ids: impl IntoIterator<Item = EnvelopeId>) {
        self.seen.extend(ids.into_iter().map(|id| Name(*id.as_bytes())));
    }

    pub(super) fn awaits(&mut self, about: AnswerTo, code: &ReplyCode) {
        self.awaited.push(Awaited { about, code: code.to_bytes() });
    }

    /// As it lies on the stick: under a key that only these readers can make.
    pub fn to_bytes(&self, round: &RoundDefinition, reader: &Reader, random: &mut impl CryptoRng) -> Vec<u8> {
        let plain = Zeroizing::new(minicbor::to_vec(self).expect("writing to memory cannot fail"));
        let locked = Locked::lock(reader.key.ledger_key(), (&plain, &beside(round)), random);
        minicbor::to_vec(locked).expect("writing to memory cannot fail")
    }

    /// Reads what these readers wrote.
    pub fn read(bytes: &[u8], round: &RoundDefinition, reader: &Reader) -> Result<Self, IntakeRefused> {
        let locked: Locked = minicbor::decode(bytes).map_err(|_| IntakeRefused::NoLedger)?;
        let plain = locked.unlock(reader.key.ledger_key(), &beside(round)).ok_or(IntakeRefused::NoLedger)?;
        minicbor::decode(&plain).map_err(|_| IntakeRefused::NoLedger)
    }
}

fn beside(round: &RoundDefinition) -> Vec<u8> {
    [DOMAIN, round.id.as_bytes()].concat()
}

impl Awaited {
    /// The code.
    pub(super) fn code(&self) -> Option<ReplyCode> {
        ReplyCode::from_bytes(self.code)
    }
}
