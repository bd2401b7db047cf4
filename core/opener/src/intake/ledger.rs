//! What stays with those who read: what was read already, and the codes that wait for an answer.
//!
//! It is locked under a key that only the readers can make, so it lies on a stick like any file. The last packet and the
//! last answers are inside, because the ledger is written first: whatever is cut off afterwards is written again from it.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use model::envelope::{EnvelopeId, ID_BYTES};
use model::feedback::code::{CODE_BYTES, ReplyCode};
use model::feedback::replies::ReplyFile;
use model::hash::ContentHash;
use model::identity::FeedbackId;
use model::received::ReceivedList;
use model::round::RoundDefinition;
use model::time::Day;
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::reading::check_day;
use super::{IntakeRefused, Reader};
use crate::passphrase::Locked;

/// The largest ledger that is read: a million names and everything that waits.
pub const LEDGER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes by which a ledger grows: its size does not tell how many wait.
const STEP_BYTES: usize = 64 * 1024;

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
    /// Who waits for an answer, or found it lately.
    #[n(2)]
    pub(super) awaited: Vec<Awaited>,
    /// The packet of the last batch.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub packet: Vec<u8>,
    /// The last file of answers.
    #[n(4)]
    pub replies: Option<String>,
    /// Envelopes of a batch that was begun and not ended: the next one is exactly these, or whoever stops and begins again
    /// reads what came in between alone.
    #[n(5)]
    begun: BTreeSet<Name>,
    /// The newest list of received envelopes that was seen: a box that does not continue it is not read.
    #[n(6)]
    list: Option<(u32, ContentHash)>,
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
    /// The answer and the day on which it was sealed first: until it is dead it stands in every file (A50).
    #[n(2)]
    pub(super) sealed: Option<(Day, String)>,
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
        Self {
            last: round.opens,
            seen: BTreeSet::new(),
            awaited: Vec::new(),
            packet: Vec::new(),
            replies: None,
            begun: BTreeSet::new(),
            list: None,
        }
    }

    /// Whether an envelope was read in an earlier batch.
    pub fn has_seen(&self, id: EnvelopeId) -> bool {
        self.seen.contains(&Name(*id.as_bytes()))
    }

    /// Whether an envelope is in the batch that may be read now: any that was not read, or those of a batch that was begun.
    pub(super) fn may_read(&self, id: EnvelopeId) -> bool {
        if self.begun.is_empty() { !self.has_seen(id) } else { self.begun.contains(&Name(*id.as_bytes())) }
    }

    /// How many envelopes a batch that was begun has.
    pub(super) fn under_way(&self) -> usize {
        self.begun.len()
    }

    /// A batch begins with these.
    pub(super) fn begin(&mut self, ids: &[EnvelopeId]) {
        self.begun = ids.iter().map(|id| Name(*id.as_bytes())).collect();
    }

    /// The batch is ended.
    pub(super) fn end(&mut self) {
        let read = std::mem::take(&mut self.begun);
        self.seen.extend(read);
    }

    /// Takes the newest list of a box that continues what was seen before.
    pub(super) fn follow(&mut self, lists: &[ReceivedList]) -> Result<(), IntakeRefused> {
        let known = |(number, digest): (u32, ContentHash)| {
            lists.iter().any(|list| list.number == number && list.digest() == digest)
        };
        if !self.list.is_none_or(known) {
            return Err(IntakeRefused::BoxWentBack);
        }
        self.list = lists.last().map(|list| (list.number, list.digest()));
        Ok(())
    }

    /// Dates what was made under a clock that ran ahead: a server takes nothing from a day that has not come. Under a clock
    /// that shows a day on which nobody reads this round, nothing is dated.
    pub fn mend(&mut self, round: &RoundDefinition, reader: &Reader, today: Day) -> Result<(), IntakeRefused> {
        check_day(round, round.opens, today)?;
        if let Some(packet) = reader.dated_anew(&self.packet, today) {
            self.packet = packet;
        }
        let made = self.replies.as_ref().and_then(|text| ReplyFile::read(text).ok());
        if let Some(mut file) = made.filter(|file| file.day > today) {
            file.day = today;
            self.replies = Some(file.to_text());
        }
        self.last = self.last.min(today);
        for awaited in &mut self.awaited {
            awaited.sealed = awaited.sealed.take().map(|(day, text)| (day.min(today), text));
        }
        Ok(())
    }

    pub(super) fn awaits(&mut self, about: AnswerTo, code: &ReplyCode) {
        self.awaited.push(Awaited { about, code: code.to_bytes(), sealed: None });
    }

    /// As it lies on the stick: under a key that only these readers can make.
    pub fn to_bytes(&self, round: &RoundDefinition, reader: &Reader, random: &mut impl CryptoRng) -> Vec<u8> {
        let inside = Zeroizing::new(minicbor::to_vec(self).expect("writing to memory cannot fail"));
        let mut plain = Zeroizing::new((inside.len() as u32).to_be_bytes().to_vec());
        plain.extend_from_slice(&inside);
        let padded = plain.len().next_multiple_of(STEP_BYTES);
        plain.resize(padded, 0);
        let locked = Locked::lock(reader.key.ledger_key(), (&plain, &beside(round)), random);
        minicbor::to_vec(locked).expect("writing to memory cannot fail")
    }

    /// Reads what these readers wrote.
    pub fn read(bytes: &[u8], round: &RoundDefinition, reader: &Reader) -> Result<Self, IntakeRefused> {
        let locked: Locked = minicbor::decode(bytes).map_err(|_| IntakeRefused::NoLedger)?;
        let plain = locked.unlock(reader.key.ledger_key(), &beside(round)).ok_or(IntakeRefused::NoLedger)?;
        let inside =
            plain.split_first_chunk().and_then(|(length, rest)| rest.get(..u32::from_be_bytes(*length) as usize));
        inside.and_then(|inside| minicbor::decode(inside).ok()).ok_or(IntakeRefused::NoLedger)
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
