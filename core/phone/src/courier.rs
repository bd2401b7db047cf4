//! What of a box travels when: batches, late boxes, and the list by which an envelope may be forgotten.
//!
//! No network here: a parcel is bytes for whoever carries it. Which envelopes travel together is decided once and kept, so
//! that a broken line repeats the same bytes; a batch is put together once a day at most. Source: anonymity A20-A24, A30.

pub mod line;
pub mod moment;

use model::admission::{BATCH_LEAST, BATCH_SLOTS, Batch, LateBatch};
use model::box_seal::SALT_BYTES;
use model::envelope::{Envelope, EnvelopeId};
use model::hash::PublicKey;
use model::received::{NotAList, ReceivedList};
use model::round::announced::AnnouncedRound;
use model::slots::{Slot, Stage};
use model::time::Day;
use rand_core::CryptoRng;

use crate::store::ballot_box::{self, BallotBox, KnownList};
use crate::store::{Store, StoreFailed};

/// Bytes on their way, and what they carry.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The whole body of the request.
    pub bytes: Vec<u8>,
    names: Vec<EnvelopeId>,
}

/// Why a list is not believed. Nothing is forgotten because of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListRefused {
    /// Not a list of our server.
    #[error(transparent)]
    Foreign(#[from] NotAList),
    /// The server signed another list under a number that it had used: what it had listed may be gone.
    #[error("the server changed what it had listed")]
    Rewritten,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

/// What travels now, if anything does. From the closing day's end on, a sealed box goes as a late one.
pub fn next(
    store: &mut Store,
    round: &AnnouncedRound,
    today: Day,
    random: &mut impl CryptoRng,
) -> Result<Option<Parcel>, StoreFailed> {
    let definition = &round.signed.definition;
    let Some(mut found) = ballot_box::find(store.reader(), definition)? else { return Ok(None) };
    let is_late = today > definition.closes;
    if today < definition.opens || today > definition.grace || (is_late && !found.is_sealed) {
        return Ok(None);
    }
    if is_due(&found, today) {
        let cast = found.slots.used_mut().iter_mut().filter(|slot| slot.stage == Stage::Cast);
        cast.for_each(|slot| slot.stage = Stage::Sent);
        found.batch_day = Some(today);
        store.transact(|transaction| ballot_box::write(transaction, definition, &found, random))?;
        ballot_box::cut_journal(store)?;
    }
    Ok(parcel(&found, round, is_late))
}

/// The server has it: what travelled stays until a list names it.
pub fn arrived(
    store: &mut Store,
    round: &AnnouncedRound,
    parcel: &Parcel,
    random: &mut impl CryptoRng,
) -> Result<(), StoreFailed> {
    change(store, round, random, |found| {
        let sent = found.slots.used_mut().iter_mut().filter(|slot| parcel.names.contains(&slot.envelope.id));
        sent.for_each(|slot| slot.stage = Stage::Taken);
    })
}

/// The server began a new life: what it took and has not listed may be lost, so it travels again.
pub fn send_again(store: &mut Store, round: &AnnouncedRound, random: &mut impl CryptoRng) -> Result<(), StoreFailed> {
    change(store, round, random, |found| {
        let taken = found.slots.used_mut().iter_mut().filter(|slot| slot.stage == Stage::Taken);
        taken.for_each(|slot| slot.stage = Stage::Sent);
    })
}

/// Forgets what the server's list names, and keeps the list's link of the chain.
pub fn take_list(
    store: &mut Store,
    round: &AnnouncedRound,
    (bytes, server): (&[u8], &PublicKey),
    random: &mut impl CryptoRng,
) -> Result<(), ListRefused> {
    let (definition, list) = (&round.signed.definition, ReceivedList::read(bytes, server)?);
    let link =
        KnownList { number: list.number, digest: list.digest(), signature: list.signature, is_last: list.is_last };
    if list.round != definition.id {
        return Err(NotAList.into());
    }
    match ballot_box::newest_list(store.reader(), definition.id)? {
        // What an older copy of this phone brings may stand on it without having travelled from here when it came.
        Some(known) if known == link => {}
        Some(known) if is_rewritten(&known, &list) => return Err(ListRefused::Rewritten),
        Some(_) | None => store.transact(|transaction| ballot_box::keep_list(transaction, definition.id, &link))?,
    }
    Ok(change(store, round, random, |found| found.slots.let_go(|envelope| list.has(&envelope.id)))?)
}

/// Whether a list must be asked for: something travelled that none names yet.
pub fn awaits_list(store: &Store, round: &AnnouncedRound) -> Result<bool, StoreFailed> {
    let found = ballot_box::find(store.reader(), &round.signed.definition)?;
    Ok(found.is_some_and(|found| found.slots.used().iter().any(|slot| slot.stage == Stage::Taken)))
}

/// A list before the known one, another under the same number, or a next one that does not follow it.
fn is_rewritten(known: &KnownList, list: &ReceivedList) -> bool {
    let is_next = list.number == known.number + 1;
    list.number <= known.number || known.is_last || (is_next && list.previous != known.digest)
}

fn is_due(found: &BallotBox, today: Day) -> bool {
    let slots = found.slots.used();
    let count = |stage: Stage| slots.iter().filter(|slot| slot.stage == stage).count();
    let is_enough = count(Stage::Cast) >= BATCH_LEAST || (found.is_sealed && count(Stage::Cast) > 0);
    let is_first_today = found.batch_day != Some(today) || found.is_sealed;
    count(Stage::Sent) == 0 && is_enough && is_first_today
}

/// The first envelopes of what is under way, by name: names are random, and the same ones come first each time.
fn parcel(found: &BallotBox, round: &AnnouncedRound, is_late: bool) -> Option<Parcel> {
    let mut sent: Vec<&Slot> = found.slots.used().iter().filter(|slot| slot.stage == Stage::Sent).collect();
    sent.sort_unstable_by_key(|slot| slot.envelope.id);
    sent.truncate(BATCH_SLOTS);
    if sent.is_empty() {
        return None;
    }
    let names = sent.iter().map(|slot| slot.envelope.id).collect();
    let (definition, key) = (&round.signed.definition, &round.admission);
    let bytes = if is_late {
        let envelopes = sent.iter().map(|slot| salted(slot)).collect();
        LateBatch { of: found.id, leaves: found.slots.leaves(), envelopes }.to_bytes(definition, key)
    } else {
        Batch { envelopes: sent.iter().map(|slot| slot.envelope.clone()).collect() }.to_bytes(definition, key)
    };
    Some(Parcel { bytes, names })
}

fn salted(slot: &Slot) -> ([u8; SALT_BYTES], Envelope) {
    (slot.salt, slot.envelope.clone())
}

fn change(
    store: &mut Store,
    round: &AnnouncedRound,
    random: &mut impl CryptoRng,
    work: impl FnOnce(&mut BallotBox),
) -> Result<(), StoreFailed> {
    let definition = &round.signed.definition;
    let Some(mut found) = ballot_box::find(store.reader(), definition)? else { return Ok(()) };
    work(&mut found);
    store.transact(|transaction| ballot_box::write(transaction, definition, &found, random))?;
    ballot_box::cut_journal(store)
}

#[cfg(test)]
mod tests;
