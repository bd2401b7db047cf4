//! A resident at the phone: the slip opens the draft, answers are kept under it, and "Hoàn tất" puts the sealed ballot into
//! the box. What residents say on their own needs no slip and goes into the same box: see [`feedback`].
//!
//! Only who shows the slip again reads a draft: neither the volunteer's PIN nor a thief with the store's key does. Time and
//! randomness are arguments; randomness is the system's (anonymity A12). Source: anonymity A2, A3, A9, A11, A15, A17.

pub mod feedback;

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use model::ballot::{Ballot, BallotRefused, Given};
use model::box_seal::{BoxSeal, SALT_BYTES};
use model::envelope::{Envelope, SealingFailed};
use model::feedback::FeedbackRefused;
use model::round::announced::AnnouncedRound;
use model::round::{Fingerprint, RoundDefinition};
use model::slip::{SlipRefused, SlipSecret};
use model::slots::BoxFull;
use model::time::Day;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use self::feedback::FeedbackDraft;
use crate::store::ballot_box::{self, BallotBox, SealedDraft};
use crate::store::{Store, StoreFailed};

/// Memory of one stretching: what the cheapest phone has to spare, in KiB.
const STRETCH_KIB: u32 = 19 * 1024;

/// Passes over it.
const STRETCH_PASSES: u32 = 2;

const NONCE_BYTES: usize = 12;

/// How a resident shows the slip.
pub enum Shown<'a> {
    /// The text of the square picture.
    Square(&'a str),
    /// Four groups of four.
    Typed(&'a str),
}

/// Why a resident cannot go on. Nothing that was answered is lost unless it says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuestRefused {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
    /// The slip is mistyped, of another round, or something else.
    #[error(transparent)]
    Slip(#[from] SlipRefused),
    /// The round takes nothing today, or its box is sealed.
    #[error("nothing is cast in this round now")]
    NotOpen,
    /// Somebody else's draft waits; it opens with its own slip alone, or is erased.
    #[error("another resident's answers wait for their slip")]
    DraftWaits,
    /// An answer that the question does not have.
    #[error(transparent)]
    Ballot(#[from] BallotRefused),
    /// What is said cannot be sent.
    #[error(transparent)]
    Feedback(#[from] FeedbackRefused),
    /// Something of the feedback was not chosen yet.
    #[error("{what} is not chosen")]
    NotChosen {
        /// `topic` or `about`.
        what: &'static str,
    },
    /// Nobody touched the feedback for [`feedback::DRAFT_SECONDS_MAX`]; it is gone.
    #[error("what was said is erased")]
    Erased,
    /// The phone's box has no room; another phone of the round takes the ballot.
    #[error("the box of this phone is full")]
    BoxFull,
    /// The round's key is no key.
    #[error("nothing can be sealed for this round")]
    NoKey,
    /// A ballot where feedback is taken, or the other way round.
    #[error("the round takes something else")]
    OtherKind,
}

impl From<SealingFailed> for GuestRefused {
    fn from(failed: SealingFailed) -> Self {
        match failed {
            SealingFailed::Ballot(refused) => Self::Ballot(refused),
            SealingFailed::Feedback(refused) => Self::Feedback(refused),
            SealingFailed::NoKey => Self::NoKey,
            SealingFailed::OtherKind => Self::OtherKind,
        }
    }
}

/// Who holds the phone, and what is in memory because of it: one resident's, and nothing once the frame is left.
#[derive(Default)]
pub enum Resident {
    /// Nobody.
    #[default]
    Nobody,
    /// Somebody with a slip.
    Ballot(Guest),
    /// Somebody who says something of their own.
    Feedback(FeedbackDraft),
}

impl Resident {
    /// The ballot under way, if that is what is under way.
    pub fn ballot(&mut self) -> Option<&mut Guest> {
        match self {
            Self::Ballot(guest) => Some(guest),
            Self::Nobody | Self::Feedback(_) => None,
        }
    }

    /// The feedback under way, if that is what is under way.
    pub fn feedback(&mut self) -> Option<&mut FeedbackDraft> {
        match self {
            Self::Feedback(draft) => Some(draft),
            Self::Nobody | Self::Ballot(_) => None,
        }
    }

    /// Takes the ballot out to cast it; feedback stays where it is.
    pub fn take_ballot(&mut self) -> Option<Guest> {
        match std::mem::take(self) {
            Self::Ballot(guest) => Some(guest),
            other => {
                *self = other;
                None
            }
        }
    }
}

/// Someone with a slip.
pub struct Guest {
    round: Arc<AnnouncedRound>,
    secret: SlipSecret,
    incarnation: u64,
    salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
    given: Vec<Option<Given>>,
}

impl Guest {
    /// The resident shows a slip. What was answered under it before is there again.
    pub fn begin(
        (store, incarnation): (&Store, u64),
        round: Arc<AnnouncedRound>,
        shown: &Shown<'_>,
        today: Day,
        random: &mut impl CryptoRng,
    ) -> Result<Self, GuestRefused> {
        let definition = &round.signed.definition;
        if definition.takes_feedback() {
            return Err(GuestRefused::OtherKind);
        }
        open_box(store, definition, today)?;
        let secret = read_slip(shown, &definition.fingerprint())?;
        let kept = ballot_box::draft(store.reader())?.filter(|draft| draft.incarnation == incarnation);
        let mut salt = [0; 16];
        random.fill_bytes(&mut salt);
        let salt = kept.as_ref().map_or(salt, |draft| draft.salt);
        let key = stretched(&secret, &salt);
        let asked = definition.asked().count();
        let mut guest = Self { secret, incarnation, salt, key, given: vec![None; asked], round };
        if let Some(draft) = kept {
            guest.given = guest.opened(&draft).ok_or(GuestRefused::DraftWaits)?;
        }
        Ok(guest)
    }

    /// The round.
    pub fn round(&self) -> &RoundDefinition {
        &self.round.signed.definition
    }

    /// What was answered so far; none where nothing was, also not blank.
    pub fn given(&self) -> &[Option<Given>] {
        &self.given
    }

    /// Takes an answer; when this returns, it is on disk under the slip.
    pub fn answer(
        &mut self,
        store: &mut Store,
        question: usize,
        given: Given,
        random: &mut impl CryptoRng,
    ) -> Result<(), GuestRefused> {
        let mut next = self.given.clone();
        let number = question as u32 + 1;
        *next.get_mut(question).ok_or(BallotRefused::OtherKind { number })? = Some(given);
        let before = std::mem::replace(&mut self.given, next);
        let kept = self
            .sealed(random)
            .and_then(|draft| store.transact(|transaction| Ok(ballot_box::keep_draft(transaction, &draft)?)));
        kept.inspect_err(|_| self.given = before)
    }

    /// "Xoá và làm lại": every answer is gone, the slip is as it was.
    pub fn start_over(&mut self, store: &mut Store) -> Result<(), GuestRefused> {
        erase(store)?;
        self.given.iter_mut().for_each(|given| *given = None);
        Ok(())
    }

    /// "Hoàn tất": the sealed ballot lies in the box and the draft is gone, in one transaction. What was not answered is
    /// blank. Returns how many ballots the box holds.
    pub fn cast(self, store: &mut Store, random: &mut impl CryptoRng) -> Result<usize, GuestRefused> {
        put(store, self.round(), &self.ballot(), random)
    }

    fn ballot(&self) -> Ballot {
        let given = self.given.iter().map(|given| given.clone().unwrap_or(Given::Blank)).collect();
        Ballot { secret: self.secret.clone(), given }
    }

    /// The draft under the slip: which questions were answered, and the ballot as it stands, in one size.
    fn sealed(&self, random: &mut impl CryptoRng) -> Result<SealedDraft, GuestRefused> {
        let ballot = self.ballot().to_bytes(self.round())?;
        let mut plain = Zeroizing::new(Vec::with_capacity(self.given.len() + ballot.len()));
        plain.extend(self.given.iter().map(|given| u8::from(given.is_some())));
        plain.extend_from_slice(&ballot);
        let mut nonce = [0; NONCE_BYTES];
        random.fill_bytes(&mut nonce);
        let payload = Payload { msg: &plain, aad: &self.beside() };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload).expect("what fits into memory can be sealed");
        let sealed = [&nonce[..], &sealed].concat();
        Ok(SealedDraft { round: self.round().id, incarnation: self.incarnation, salt: self.salt, sealed })
    }

    fn opened(&self, draft: &SealedDraft) -> Option<Vec<Option<Given>>> {
        let (nonce, sealed) = draft.sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: &self.beside() };
        let plain = Zeroizing::new(self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()?);
        let (answered, ballot) = plain.split_at_checked(self.given.len())?;
        let mut ballot = Ballot::read(ballot, self.round()).ok()?;
        let given = std::mem::take(&mut ballot.given);
        Some(given.into_iter().zip(answered).map(|(given, is_given)| (*is_given == 1).then_some(given)).collect())
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(*self.key))
    }

    /// A draft is good for its round on this device until a restore.
    fn beside(&self) -> Vec<u8> {
        [&b"langnghe/guest-draft/1"[..], self.round().id.as_bytes(), &self.incarnation.to_be_bytes()].concat()
    }
}

/// Seals a ballot and puts it into the box; the draft is gone, in one transaction. Returns how many ballots the box holds.
pub fn put(
    store: &mut Store,
    round: &RoundDefinition,
    ballot: &Ballot,
    random: &mut impl CryptoRng,
) -> Result<usize, GuestRefused> {
    let envelope = Envelope::seal(round, ballot, random)?;
    let count = put_sealed(store, round, envelope, KeptDraft::Goes, random)?;
    ballot_box::cut_journal(store)?;
    Ok(count)
}

/// What becomes of the draft on disk when an envelope goes into the box.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeptDraft {
    /// It was this ballot's.
    Goes,
    /// It is of somebody else, who comes back with the slip.
    Stays,
}

/// "Hoàn tất", of a ballot and of feedback: one transaction. Returns how many envelopes the box ever took.
fn put_sealed(
    store: &mut Store,
    round: &RoundDefinition,
    envelope: Envelope,
    draft: KeptDraft,
    random: &mut impl CryptoRng,
) -> Result<usize, GuestRefused> {
    let mut salt = [0; SALT_BYTES];
    random.fill_bytes(&mut salt);
    store.transact(|transaction| {
        let mut found = ballot_box::find(transaction, round)?.unwrap_or_else(|| BallotBox::begun(random));
        if found.is_sealed {
            return Err(GuestRefused::NotOpen);
        }
        found.slots.put(envelope, salt).map_err(|BoxFull| GuestRefused::BoxFull)?;
        ballot_box::write(transaction, round, &found, random)?;
        if draft == KeptDraft::Goes {
            ballot_box::erase_draft(transaction)?;
        }
        Ok(found.slots.count())
    })
}

/// The box of a round that takes something today, if one was begun.
fn open_box(store: &Store, round: &RoundDefinition, today: Day) -> Result<Option<BallotBox>, GuestRefused> {
    let found = ballot_box::find(store.reader(), round)?;
    let is_open = (round.opens..=round.closes).contains(&today);
    if !is_open || found.as_ref().is_some_and(|found| found.is_sealed) {
        return Err(GuestRefused::NotOpen);
    }
    Ok(found)
}

/// Erases the draft, whoever began it; asked once before.
pub fn erase(store: &mut Store) -> Result<(), GuestRefused> {
    store.transact(ballot_box::erase_draft)?;
    Ok(ballot_box::cut_journal(store)?)
}

/// Seals the box of a round: what it says stands for ever, and nothing is cast any more. A box that was sealed says the
/// same again; one that was never begun is sealed empty.
pub fn seal_box(
    store: &mut Store,
    round: &RoundDefinition,
    random: &mut impl CryptoRng,
) -> Result<BoxSeal, GuestRefused> {
    store.transact(|transaction| {
        let mut found = ballot_box::find(transaction, round)?.unwrap_or_else(|| BallotBox::begun(random));
        if !found.is_sealed {
            found.is_sealed = true;
            ballot_box::write(transaction, round, &found, random)?;
        }
        Ok(found.slots.seal(found.id))
    })
}

fn read_slip(shown: &Shown<'_>, fingerprint: &Fingerprint) -> Result<SlipSecret, SlipRefused> {
    match shown {
        Shown::Square(text) => SlipSecret::from_square(text, fingerprint),
        Shown::Typed(text) => SlipSecret::from_typed(text, fingerprint),
    }
}

/// Sixty random bits behind a dear guess.
fn stretched(secret: &SlipSecret, salt: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let params = Params::new(STRETCH_KIB, STRETCH_PASSES, 1, Some(32)).expect("the numbers are within the bounds");
    let (mut key, secret) = (Zeroizing::new([0; 32]), Zeroizing::new(secret.to_bytes()));
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_slice(), salt, key.as_mut())
        .expect("secret and salt are as long as they must be");
    key
}

#[cfg(test)]
pub(crate) mod tests;
