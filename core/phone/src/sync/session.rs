//! The named road without input or output: what to send next, and what a reply means.
//!
//! The store is asked and told; bytes are carried by somebody else (reqwest in the app, the World in tests). Each reply
//! is applied space by space, each in one transaction, and only to the cursor that it answers. Source: exchange rules
//! R2, R5-R9, R13, R17 and their table of answers.

use model::exchange::{
    Answered, BUDGET_BYTES, ENTRIES_MAX, EXCHANGE_VERSION, PUSH_BYTES, Pushed, Reply, Request, SpaceRequest,
};
use model::hash::{EntryHash, PublicKey};
use model::identity::{DeviceId, SpaceId};
use model::receipt::ReceiptPage;

use crate::account;
use crate::store::outbox::Unsent;
use crate::store::spaces::SpaceState;
use crate::store::{Store, StoreFailed, entries, outbox, spaces};
use crate::sync::{apply, fork};

/// Entries that one request carries; small in the World, so that batches break everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Entries per request, at most [`ENTRIES_MAX`].
    pub entries: usize,
    /// Bytes of entries per request.
    pub push_bytes: usize,
    /// Bytes of rows asked for.
    pub budget_bytes: usize,
}

impl Pace {
    /// What the app uses.
    pub const FULL: Self = Self { entries: ENTRIES_MAX, push_bytes: PUSH_BYTES, budget_bytes: BUDGET_BYTES };
}

/// Who talks to whom.
#[derive(Clone, Debug)]
pub struct Parties {
    /// This device.
    pub device: DeviceId,
    /// The server's identity, from the enrolment code.
    pub server: PublicKey,
}

/// A request and what must be remembered to read its reply.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The message.
    pub request: Request,
    /// Per space of the request, the pushed entries in order.
    pub pushed: Vec<Vec<EntryHash>>,
    /// Per space of the request, the latest number that the server had named by then ahead of its row; 0 if none.
    pub ahead: Vec<u64>,
}

impl Outgoing {
    /// Entries on their way.
    pub fn entries(&self) -> usize {
        self.pushed.iter().map(Vec::len).sum()
    }
}

/// Something the office should hear of; nothing was changed because of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Alarm {
    /// A server of an earlier life answered (exchange rule R20).
    OldServer,
    /// The server has lost rows of this life: its folder went back as a whole. It is shown the proof next time, if there
    /// is one, and everything is brought back.
    WentBack,
    /// A reply whose signatures do not fit.
    ForgedReply,
    /// A reply that is not what a server of ours sends.
    BrokenReply,
}

/// What a reply did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Spaces whose rows or answers changed something here.
    pub moved: Vec<SpaceId>,
    /// Whether another request is worth making at once.
    pub has_more: bool,
    /// Spaces where the device must show its enrolment and its newest receipt next time.
    pub unknown: Vec<SpaceId>,
    /// What the office should hear of.
    pub alarms: Vec<Alarm>,
}

/// What applying one space's answer did.
pub(crate) enum Applied {
    /// It answered another cursor, or named what is not held: dropped whole.
    Dropped,
    /// It says of its own life that what this phone holds of it is not so.
    Contradicted,
    /// The same, and this phone has no proof left to show: its log begins anew, and all of it is brought back.
    ReadAnew,
    /// Taken in.
    Taken {
        /// Something changed here.
        is_moved: bool,
        /// More waits on either side.
        has_more: bool,
    },
    /// Dropped whole, and the office should hear of it.
    Alarmed(Alarm),
}

/// The request that this phone would send now.
pub fn next_request(store: &Store, pace: Pace, unknown: &[SpaceId]) -> Result<Outgoing, StoreFailed> {
    let budget_bytes = pace.budget_bytes as u32;
    let newest = spaces::newest_epoch(store.reader())?;
    let mut request = Request { version: EXCHANGE_VERSION, spaces: Vec::new(), budget_bytes, newest };
    let (mut pushed, mut ahead) = (Vec::new(), Vec::new());
    let (mut entries_left, mut bytes_left) = (pace.entries, pace.push_bytes);
    for (state, is_bringing_back) in bringing_back_first(store)? {
        // A request without old receipts says "I have none": a space whose receipts find no room is asked next time.
        if is_bringing_back && (entries_left == 0 || bytes_left == 0) {
            continue;
        }
        let unsent = match bytes_left {
            0 => Vec::new(),
            _ => outbox::next(store.reader(), state.space, (entries_left, bytes_left), entries_left == pace.entries)?,
        };
        if is_bringing_back && unsent.is_empty() {
            continue;
        }
        entries_left = entries_left.saturating_sub(unsent.len());
        bytes_left = bytes_left.saturating_sub(unsent.iter().map(|entry| entry.bytes.len()).sum());
        pushed.push(unsent.iter().map(|entry| entry.hash).collect());
        ahead.push(outbox::told_ahead(store.reader(), state.space)?);
        let (entries, mut receipts) = with_receipts(store, unsent)?;
        let mut enrolment = None;
        if unknown.contains(&state.space) {
            enrolment = account::enrolment(store.reader(), state.space)?;
            receipts.extend(entries::newest_page(store.reader(), state.space, state.cursor.epoch)?);
        }
        let SpaceState { space, cursor, safe, .. } = state;
        request.spaces.push(SpaceRequest { space, cursor, safe, entries, receipts, enrolment });
    }
    Ok(Outgoing { request, pushed, ahead })
}

/// The spaces, first those to which old receipts are owed: what merely waits must not take their room (R10).
fn bringing_back_first(store: &Store) -> Result<Vec<(SpaceState, bool)>, StoreFailed> {
    let mut all = Vec::new();
    for state in spaces::all(store.reader())? {
        all.push((state, outbox::has_receipted(store.reader(), state.space)?));
    }
    all.sort_by_key(|(_, is_bringing_back)| !is_bringing_back);
    Ok(all)
}

/// Takes a reply in. Every space is a transaction of its own; what was dropped is asked again by the next request.
pub fn receive(
    store: &mut Store,
    parties: &Parties,
    outgoing: &Outgoing,
    reply: &Reply,
) -> Result<Progress, StoreFailed> {
    let mut progress = Progress::default();
    follow_invited(store, &reply.invited, &mut progress)?;
    for answer in &reply.spaces {
        let asked = outgoing.request.spaces.iter().position(|asked| asked.space == answer.space);
        let Some(index) = asked else {
            progress.alarms.push(Alarm::BrokenReply);
            continue;
        };
        let is_answer = outgoing.request.spaces[index].cursor == answer.at;
        let applied = match &answer.answer {
            _ if !is_answer => Applied::Dropped,
            Answered::UnknownDevice => {
                progress.unknown.push(answer.space);
                Applied::Dropped
            }
            Answered::OtherEpoch(notice) => {
                let shown = outgoing.request.spaces[index].receipts.last();
                fork::take(store, parties, (answer.space, answer.at), shown, notice)?
            }
            Answered::Rows(rows) => {
                let said = (outgoing.pushed[index].as_slice(), outgoing.ahead[index]);
                apply::take(store, parties, (answer.space, answer.at), said, rows)?
            }
        };
        match applied {
            Applied::Dropped => {}
            Applied::Contradicted => {
                progress.alarms.push(Alarm::WentBack);
                progress.unknown.push(answer.space);
                progress.has_more = true;
            }
            Applied::ReadAnew => {
                progress.alarms.push(Alarm::WentBack);
                progress.moved.push(answer.space);
                progress.has_more = true;
            }
            Applied::Alarmed(alarm) => progress.alarms.push(alarm),
            Applied::Taken { is_moved, has_more } => {
                progress.has_more |= has_more;
                if is_moved {
                    progress.moved.push(answer.space);
                }
            }
        }
    }
    for (asked, ahead) in outgoing.request.spaces.iter().zip(&outgoing.ahead) {
        let is_silent = reply.spaces.iter().all(|answer| answer.space != asked.space);
        if is_silent && apply::nothing_new(store, parties, (asked.space, asked.cursor), *ahead)? {
            progress.moved.push(asked.space);
        }
    }
    Ok(progress)
}

fn follow_invited(store: &mut Store, invited: &[SpaceId], progress: &mut Progress) -> Result<(), StoreFailed> {
    if invited.is_empty() {
        return Ok(());
    }
    progress.has_more = true;
    store.transact(|transaction| invited.iter().try_for_each(|space| spaces::follow(transaction, *space)))
}

fn with_receipts(store: &Store, unsent: Vec<Unsent>) -> Result<(Vec<Pushed>, Vec<ReceiptPage>), StoreFailed> {
    let (mut pages, mut receipts, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for entry in unsent {
        let receipt = match entry.page {
            None => None,
            Some(page) => Some(match pages.iter().position(|known| *known == page) {
                Some(index) => index as u16,
                None => {
                    receipts.push(entries::page(store.reader(), page)?);
                    pages.push(page);
                    (pages.len() - 1) as u16
                }
            }),
        };
        entries.push(Pushed { entry: entry.bytes, receipt });
    }
    Ok((entries, receipts))
}
