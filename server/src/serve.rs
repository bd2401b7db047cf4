//! One exchange, inside the writer's transaction: answers per entry, rows after the cursor.
//!
//! Everything it needs is an argument; the HTTP door and the World call the same function. Source: exchange rules R2,
//! R3, R6, R7, R9-R16.

use std::collections::{BTreeSet, HashSet};

use ed25519_dalek::SigningKey;
use model::entry::{Content, Entry, device_id};
use model::exchange::{
    Acknowledgement, Answered, EpochNotice, MISSING_MAX, Reply, Request, Row, Rows, SignedEpoch, SpaceReply,
    SpaceRequest,
};
use model::hash::{EntryHash, PublicKey, Signature};
use model::identity::{DeviceId, DocumentId, SpaceId};
use model::receipt::{Epoch, PAGE_LEAVES_MAX, Place, ReceiptLeaf, ReceiptPage};
use model::refusal::Refusal;
use rusqlite::Connection;

use crate::budget::ReplyBudget;
use crate::failure::ServerFailed;
use crate::limits::SPACE_ROWS_MAX;
use crate::log::{self, LogEntry, LogRow, Recovery, SpaceKind, SpaceRow, StoredRow};
use crate::memory::Memory;
use crate::past::Past;
use crate::prepared::Prepared;
use crate::rules::Rules;
use crate::safety::Safety;
use crate::shared;

/// The server as one transaction sees it.
pub struct Serving<'a> {
    /// The writer's open transaction.
    pub connection: &'a Connection,
    /// What the writer remembers.
    pub memory: &'a mut Memory,
    /// The identity key.
    pub key: &'a SigningKey,
    /// The present life.
    pub epoch: Epoch,
    /// Drawn at this start of the server; the office writes under it.
    pub incarnation: u64,
    /// What the directory decides.
    pub rules: &'a Rules,
    /// How far rows are safe.
    pub safety: &'a Safety,
    /// UTC milliseconds by this machine's clock.
    pub now_ms: i64,
    /// Membership rows stored by this transaction; they go into the sidecar before anybody is answered.
    pub granted: Vec<(Entry, SpaceId, StoredRow)>,
    /// Spaces that got rows, with their heads after each.
    pub moved: Vec<(SpaceId, u64)>,
    /// Items of the directory that a phone brought back and the table lacks so far.
    pub published: BTreeSet<DocumentId>,
    /// Whether a space has heard all of its phones, or something came back later: what waited for it can be done now.
    pub is_recovered: bool,
}

impl Serving<'_> {
    /// The server's own device, author of the office's acts.
    pub fn office(&self) -> DeviceId {
        device_id(&self.identity())
    }

    /// The public half of the identity key.
    pub fn identity(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// Answers one device.
    pub fn exchange(&mut self, device: DeviceId, prepared: &Prepared) -> Result<Reply, ServerFailed> {
        self.memory.begin_request();
        let mut spaces = Vec::new();
        let mut budget = ReplyBudget::of(prepared.request().budget_bytes);
        for (index, asked) in prepared.request().spaces.iter().enumerate() {
            let is_shown = prepared.shows_enrolment(index, device);
            let answer = self.space(device, (prepared, index), (&mut budget, is_shown))?;
            if let Some(answer) = answer {
                spaces.push(SpaceReply { space: asked.space, at: asked.cursor, answer });
            }
        }
        let invited = self.invited(device, prepared.request())?;
        Ok(Reply { spaces, invited, server_ms: self.now_ms })
    }

    /// Spaces that this device may read and does not know. One that was sent away before it ever heard of a space is asked
    /// there all the same while the space recovers: nobody else can say that it has nothing to bring back (R10).
    fn invited(&mut self, device: DeviceId, request: &Request) -> Result<Vec<SpaceId>, ServerFailed> {
        let mut invited = Vec::new();
        for space in log::spaces_of(self.connection, device)? {
            let is_asked = request.spaces.iter().any(|asked| asked.space == space.space);
            let is_awaited = space.recovery == Recovery::Open;
            let standing = self.memory.membership(self.connection, &space)?.standing(device);
            let may_read = match standing {
                Some(standing) => self.may_read(&space, standing.person)?,
                None => false,
            };
            if !is_asked && (is_awaited || may_read) {
                invited.push(space.space);
            }
        }
        Ok(invited)
    }

    fn space(
        &mut self,
        device: DeviceId,
        (prepared, index): (&Prepared, usize),
        (budget, is_shown): (&mut ReplyBudget, bool),
    ) -> Result<Option<Answered>, ServerFailed> {
        let asked = &prepared.request().spaces[index];
        let known = log::space(self.connection, asked.space)?;
        let Some(mut space) = known.map_or_else(|| self.found_again(asked.space, is_shown), |known| Ok(Some(known)))?
        else {
            return Ok(Some(Answered::UnknownDevice));
        };
        let is_known = self.memory.membership(self.connection, &space)?.key_of(device).is_some();
        if !is_known && !is_shown {
            return Ok(Some(Answered::UnknownDevice));
        }
        self.check_reader(device, &mut space)?;
        if !log::is_prefix(self.connection, &space, self.epoch, &asked.cursor)? {
            if self.has_lost(&space, asked, prepared.pages_of_ours(index))? {
                return Err(ServerFailed::WentBack);
            }
            log::save_head(self.connection, &space)?;
            let lineage = log::lineage(self.connection, space.id, &asked.cursor)?;
            return Ok(Some(Answered::OtherEpoch(EpochNotice {
                present: SignedEpoch::sign(self.epoch, self.key),
                lineage,
            })));
        }
        let acknowledged = self.store_all(&mut space, prepared, index)?;
        self.keep_published(&mut space)?;
        self.note_back(&mut space, device, asked)?;
        log::save_head(self.connection, &space)?;
        self.answer(device, &space, asked, (acknowledged, budget))
    }

    /// A space that a restore lost altogether begins again when one of its devices shows its enrolment (R16). Nothing is
    /// known of it, not even whether that device was sent away: what has no old receipt waits until people close it.
    fn found_again(&self, space: SpaceId, is_shown: bool) -> Result<Option<SpaceRow>, ServerFailed> {
        if !is_shown {
            return Ok(None);
        }
        log::create_space(self.connection, space, SpaceKind::Person)?;
        if let Some(shared) = shared::all_of(self.rules, &self.identity()).remove(&space) {
            shared::keep(self.connection, shared, &self.identity())?;
        }
        let found = log::space(self.connection, space)?;
        Ok(found.map(|found| SpaceRow { recovery: Recovery::Blind, ..found }))
    }

    fn answer(
        &mut self,
        device: DeviceId,
        space: &SpaceRow,
        asked: &SpaceRequest,
        (acknowledged, budget): (Vec<(Option<EntryHash>, Acknowledgement)>, &mut ReplyBudget),
    ) -> Result<Option<Answered>, ServerFailed> {
        let readable = self.memory.membership(self.connection, space)?.readable_up_to(device, space.head);
        let safe = self.safety.safe(space.space, space.head).min(readable);
        // A server that cannot reach its second copy knows less of `safe` than the phone, and has nothing to tell it.
        if acknowledged.is_empty() && asked.cursor.number >= readable && asked.safe >= safe {
            return Ok(None);
        }
        let pushed = acknowledged.iter().enumerate();
        let pushed = pushed.filter_map(|(index, (hash, _))| Some(((*hash)?, index as u16))).collect();
        let range = asked.cursor.number..readable + 1;
        let found = log::rows_after(self.connection, space.id, range, (&pushed, budget))?;
        let has_more = asked.cursor.number + (found.len() as u64) < readable;
        let rows_by = self.sign(space.space, found.iter().map(leaf_of_row));
        let acknowledged_by = match is_told_by_rows(&acknowledged, &found) {
            true => Vec::new(),
            false => self.sign(space.space, acknowledged.iter().filter_map(leaf_of_answer)),
        };
        let rows = found.into_iter().map(|row| self.row(row)).collect();
        let acknowledgements = acknowledged.into_iter().map(|(_, answer)| answer).collect();
        let has_second_copy = self.safety.has_second_copy();
        Ok(Some(Answered::Rows(Rows {
            acknowledgements,
            acknowledged_by,
            rows,
            rows_by,
            has_more,
            safe,
            has_second_copy,
        })))
    }

    fn row(&self, row: LogRow) -> Row {
        let here = Place { epoch: self.epoch, number: row.stored.number };
        let first = (row.stored.first != here).then_some(row.stored.first);
        let (in_force, received_ms) = (row.stored.in_force, row.stored.received_ms);
        match row.entry {
            LogEntry::Pushed(index) => Row::Pushed { index, first, in_force, received_ms },
            LogEntry::Full(entry) => Row::Full { entry, first, in_force, received_ms },
        }
    }

    fn sign(&self, space: SpaceId, leaves: impl Iterator<Item = ReceiptLeaf>) -> Vec<Signature> {
        let leaves: Vec<ReceiptLeaf> = leaves.collect();
        let sign = |page: &[ReceiptLeaf]| ReceiptPage::sign(space, page.to_vec(), self.key).signature;
        leaves.chunks(PAGE_LEAVES_MAX).map(sign).collect()
    }

    fn store_all(
        &mut self,
        space: &mut SpaceRow,
        prepared: &Prepared,
        index: usize,
    ) -> Result<Vec<(Option<EntryHash>, Acknowledgement)>, ServerFailed> {
        let (asked, entries) = (&prepared.request().spaces[index], prepared.entries(index));
        let pasts = Past::of_all(asked, entries, prepared.pages_of_ours(index));
        let mut answers = Vec::with_capacity(entries.len());
        for (entry, past) in entries.iter().zip(pasts) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(refused) => {
                    answers.push((None, Acknowledgement::Refused(refused.into())));
                    continue;
                }
            };
            let is_signed = |key: &PublicKey| prepared.is_signed(entry, key);
            answers.push((Some(entry.hash), self.store(space, entry, past, is_signed)?));
        }
        Ok(answers)
    }

    /// Exchange rule R3, in its order.
    fn store(
        &mut self,
        space: &mut SpaceRow,
        entry: &Entry,
        past: Past,
        is_signed: impl Fn(&PublicKey) -> bool,
    ) -> Result<Acknowledgement, ServerFailed> {
        if let Past::Received(leaf) = &past
            && self.is_lost(space, leaf)?
        {
            return Err(ServerFailed::WentBack);
        }
        if let Some(stored) = log::find(self.connection, space.id, &entry.hash)? {
            return Ok(told(&stored));
        }
        // Whoever was given something of the office was given its receipt; without it an old act, a paper that was filed long
        // ago or an item of the directory would count as a new one.
        let is_of_office = entry.fields.device == self.office() || matches!(entry.content, Content::Grant(_));
        if is_of_office && !matches!(past, Past::Received(_)) {
            return Ok(refused(Refusal::NotAllowed));
        }
        let missing = self.missing(space, entry)?;
        if !missing.is_empty() {
            return Ok(Acknowledgement::Missing(missing));
        }
        let is_recovering = space.recovery != Recovery::Closed;
        let is_held_back = space.recovery != Recovery::Open || entry.is_decision();
        if past.is_unknown() && is_recovering && is_held_back {
            return Ok(Acknowledgement::Wait);
        }
        let office = self.office();
        let identity = self.identity();
        let membership = self.memory.membership(self.connection, space)?;
        let author = entry.fields.device;
        let key = if author == office { Some(identity) } else { membership.key_of(author) };
        let is_member = author == office || membership.standing(author).is_some();
        let is_own = author == office || membership.may_have_been(author, entry.fields.person);
        let past = if is_own { past } else { Past::Unknown };
        let Some(key) = key.filter(|_| is_member || !past.is_unknown()) else {
            let answer = if is_recovering { Acknowledgement::Wait } else { refused(Refusal::NotAMember) };
            return Ok(answer);
        };
        if !is_signed(&key) {
            return Ok(refused(Refusal::BadSignature));
        }
        if past.is_unknown() && space.head >= SPACE_ROWS_MAX {
            return Ok(refused(Refusal::DocumentFull));
        }
        if past.is_unknown() && needs_engine(entry) && self.memory.has_looked_enough() {
            return Ok(Acknowledgement::Wait);
        }
        self.admit(space, entry, past)
    }

    fn missing(&self, space: &SpaceRow, entry: &Entry) -> Result<Vec<EntryHash>, ServerFailed> {
        let mut missing = Vec::new();
        for hash in entry.dependencies() {
            if missing.len() < MISSING_MAX && log::find(self.connection, space.id, &hash)?.is_none() {
                missing.push(hash);
            }
        }
        Ok(missing)
    }

    /// A device that has nothing more to bring back counts as back; when all are, recovery closes, unless nobody knows who
    /// was sent away: the stolen device would be one of those that are back (exchange rule R10).
    fn note_back(&mut self, space: &mut SpaceRow, device: DeviceId, asked: &SpaceRequest) -> Result<(), ServerFailed> {
        if space.recovery != Recovery::Open || asked.entries.iter().any(|pushed| pushed.receipt.is_some()) {
            return Ok(());
        }
        let sql = "insert into back (space, device) values (?1, ?2) on conflict do nothing";
        self.connection.prepare_cached(sql)?.execute((space.id, device.as_bytes()))?;
        let devices = self.memory.membership(self.connection, space)?.devices();
        for device in devices {
            let sql = "select count(*) from back where space = ?1 and device = ?2";
            let is_back: i64 =
                self.connection.prepare_cached(sql)?.query_row((space.id, device.as_bytes()), |row| row.get(0))?;
            if is_back == 0 {
                return Ok(());
            }
        }
        space.recovery = Recovery::Closed;
        self.is_recovered = true;
        Ok(())
    }
}

pub(crate) fn told(stored: &StoredRow) -> Acknowledgement {
    let StoredRow { number, first, in_force, received_ms } = *stored;
    Acknowledgement::Stored { first, number, in_force, received_ms }
}

pub(crate) fn refused(refusal: Refusal) -> Acknowledgement {
    Acknowledgement::Refused(refusal)
}

fn needs_engine(entry: &Entry) -> bool {
    matches!(entry.content, Content::Change(_) | Content::Submit(_))
}

/// Whether every stored entry comes as a row of the same reply, whose receipt is signed already.
fn is_told_by_rows(acknowledged: &[(Option<EntryHash>, Acknowledgement)], rows: &[LogRow]) -> bool {
    let come: HashSet<&EntryHash> = rows.iter().map(|row| &row.hash).collect();
    let is_told = |(hash, answer): &(Option<EntryHash>, Acknowledgement)| match answer {
        Acknowledgement::Stored { .. } => hash.as_ref().is_some_and(|hash| come.contains(hash)),
        Acknowledgement::Refused(_) | Acknowledgement::Missing(_) | Acknowledgement::Wait => true,
    };
    acknowledged.iter().all(is_told)
}

fn leaf_of_row(row: &LogRow) -> ReceiptLeaf {
    let StoredRow { first: place, in_force, received_ms, .. } = row.stored;
    ReceiptLeaf { hash: row.hash, place, in_force, received_ms }
}

fn leaf_of_answer((hash, answer): &(Option<EntryHash>, Acknowledgement)) -> Option<ReceiptLeaf> {
    match (hash, answer) {
        (Some(hash), Acknowledgement::Stored { first, in_force, received_ms, .. }) => {
            let (place, in_force, received_ms) = (*first, *in_force, *received_ms);
            Some(ReceiptLeaf { hash: *hash, place, in_force, received_ms })
        }
        _ => None,
    }
}
