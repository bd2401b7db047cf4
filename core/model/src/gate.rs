//! The gate: may this entry enter this log?
//!
//! One function for requests and for files. Cheapest check first: size and header were checked when the entry was
//! read; here come author, sequence, counter, membership, role, decision, and only then the engine, on a copy, with the
//! result read back into the strict shape of its kind. Source: design 3, exchange rules R3, R10-R12, attacks of the
//! sync page 0.2. This module never stores anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use minicbor::{Decode, Encode};

use crate::change::ChangeHeader;
use crate::decision::{Decisions, is_in_force};
use crate::document::{DocumentKind, FIELDS_MAX, WorkingDocument};
use crate::entry::{Content, Entry, SUBMISSION_BYTES_MAX, Submit};
use crate::form::checked::CheckedForm;
use crate::hash::EntryHash;
use crate::identity::{DeviceId, SpaceId};
use crate::membership::{Membership, Role, Standing};
use crate::minutes;
use crate::paper;
use crate::permission::may_add;
use crate::receipt::Place;
use crate::refusal::Refusal;
use crate::self_assessment;
use crate::signed_value::canonical;
use crate::time::Day;
use deciding::{check_filed, check_status};
use kinds::{check_shape, kind_of, subject_of};

mod deciding;
pub mod kinds;

/// Changes of one document; beyond this a new one is begun that names the old.
pub const DOCUMENT_CHANGES_MAX: u32 = 10_000;

/// Bytes of all changes of one document.
pub const DOCUMENT_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Bytes of all submissions of one document, each of which is a whole copy of it, and as many of the steps of its case: a
/// side that filled its own room does not silence the other.
pub const DOCUMENT_DECISIONS_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Actors of one document: devices times incarnations.
pub const DOCUMENT_ACTORS_MAX: usize = 64;

/// How far an operation counter may be ahead of the document: honest replicas are ahead by what they have not sent.
/// With [`DOCUMENT_CHANGES_MAX`] changes an attacker reaches 10⁹ of the engine's 2³².
pub const COUNTER_SLACK: u64 = 100_000;

/// What the log says about one document without opening it.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct DocumentState {
    /// What it is for.
    #[n(0)]
    pub kind: DocumentKind,
    /// The last sequence number of each actor.
    #[n(1)]
    pub actors: BTreeMap<[u8; 16], u64>,
    /// The highest operation counter in use.
    #[n(2)]
    pub counter: u64,
    /// Changes stored.
    #[n(3)]
    pub changes: u32,
    /// Their bytes.
    #[n(4)]
    pub bytes: u64,
    /// What is in force.
    #[n(5)]
    pub decisions: Decisions,
    /// Fields when a change was last taken in; [`u32::MAX`] after something was taken back unread.
    #[n(6)]
    pub fields: u32,
    /// Bytes of its submissions; what an older server stored is not counted.
    #[n(7)]
    #[cbor(default)]
    pub submission_bytes: u64,
    /// Bytes of the steps of its case, likewise.
    #[n(8)]
    #[cbor(default)]
    pub step_bytes: u64,
    /// Operations of its changes; what an older server stored is not counted.
    #[n(9)]
    #[cbor(default)]
    pub operations: u64,
}

impl DocumentState {
    /// Of a document without changes.
    pub fn new(kind: DocumentKind) -> Self {
        Self {
            kind,
            actors: BTreeMap::new(),
            counter: 0,
            changes: 0,
            bytes: 0,
            decisions: Decisions::default(),
            fields: 0,
            submission_bytes: 0,
            step_bytes: 0,
            operations: 0,
        }
    }

    /// Takes in a stored change.
    pub fn record(&mut self, header: &ChangeHeader, bytes: usize) {
        let last = self.actors.entry(header.actor).or_default();
        *last = (*last).max(header.sequence);
        self.counter = self.counter.max(header.start_operation.saturating_add(header.operations).saturating_sub(1));
        self.changes += 1;
        self.bytes += bytes as u64;
        self.operations = self.operations.saturating_add(header.operations);
    }
}

/// Published form versions by fingerprint.
pub type Forms = BTreeMap<EntryHash, Arc<CheckedForm>>;

/// What the gate knows about the log that the entry wants to enter.
pub struct Gate<'a> {
    /// Whose log.
    pub space: SpaceId,
    /// The server's own device, author of the office's acts.
    pub office: DeviceId,
    /// Members by the rows so far.
    pub membership: &'a Membership,
    /// The document's state, if it exists.
    pub state: Option<&'a DocumentState>,
    /// Forms that a submission may follow.
    pub forms: &'a Forms,
    /// The day in Vietnam by the server's clock, for rules that ask for it.
    pub today: Day,
    /// In the space of a case or of its minutes: the roles that the author holds over the cadre today, by the directory. Who is in the space
    /// may read; what they may do, these say.
    pub held: &'a [Role],
}

/// An entry that passed. Only the gate makes one.
#[derive(Debug)]
pub struct Admitted {
    /// The document's state with the entry taken in; none for membership.
    pub state: Option<DocumentState>,
    /// Whether it has effect at its place.
    pub in_force: bool,
}

/// An entry that passed every check that needs no engine. Only the gate makes one.
pub struct Weighed<'a, 'e> {
    gate: &'a Gate<'a>,
    entry: &'e Entry,
    standing: Option<Standing>,
}

impl<'a> Gate<'a> {
    /// The cheap half: address, author, role, sequence, counter, room, decision.
    pub fn weigh<'e>(&'a self, entry: &'e Entry) -> Result<Weighed<'a, 'e>, Refusal> {
        if entry.fields.space != self.space {
            return Err(Refusal::WrongSpace);
        }
        let standing = self.standing(entry)?;
        match &entry.content {
            Content::Grant(_) | Content::File(_) if standing.is_some() => return Err(Refusal::NotAllowed),
            Content::Grant(_) => {}
            Content::File(filed) => check_filed(filed, entry)?,
            Content::Change(header) => self.check_change(entry, header, standing)?,
            Content::Submit(_) => self.check_decision(entry, standing).map(|_| ())?,
            Content::Status(status) => {
                let state = self.check_decision(entry, standing)?;
                check_status(status, state, standing.map(|_| self.held))?;
            }
        }
        Ok(Weighed { gate: self, entry, standing })
    }

    /// Takes back an entry for which this server once gave a receipt: never refused, in force or void (R3, R11, R12).
    pub fn take_back(&self, entry: &Entry, first: Place) -> Admitted {
        let in_force = is_in_force(entry, first, self.office, self.membership, &self.decisions());
        let state = match &entry.content {
            Content::Grant(_) => None,
            Content::Change(header) => {
                // The document is not opened here. What was received had a kind; of one that this version does not know
                // nothing is remembered, and what comes later of it finds no document to belong to.
                let begun = DocumentKind::of(entry.fields.document).map(DocumentState::new);
                self.state.cloned().or(begun).map(|mut state| {
                    state.record(header, entry.fields.body.len());
                    state.fields = u32::MAX;
                    state
                })
            }
            Content::Submit(_) | Content::Status(_) => self.state.cloned(),
            Content::File(_) => Some(self.filed_into(entry)),
        };
        Admitted { state: state.map(|state| with_decision(state, entry, in_force)), in_force }
    }

    /// The document into which something is filed; the first paper begins it.
    fn filed_into(&self, entry: &Entry) -> DocumentState {
        let kind = DocumentKind::of(entry.fields.document).unwrap_or(DocumentKind::Case);
        self.state.cloned().unwrap_or_else(|| DocumentState::new(kind))
    }

    fn decisions(&self) -> Decisions {
        self.state.map(|state| state.decisions.clone()).unwrap_or_default()
    }

    /// The author's standing; none for the office, which may do everything.
    fn standing(&self, entry: &Entry) -> Result<Option<Standing>, Refusal> {
        if entry.fields.device == self.office {
            return Ok(None);
        }
        let standing = self.membership.standing(entry.fields.device).ok_or(Refusal::NotAMember)?;
        if standing.person != entry.fields.person {
            return Err(Refusal::NotAMember);
        }
        Ok(Some(standing))
    }

    fn check_decision(&self, entry: &Entry, standing: Option<Standing>) -> Result<&'a DocumentState, Refusal> {
        let state = self.state.ok_or(Refusal::WrongDocument)?;
        check_role(standing, self.held, (state.kind, entry))?;
        if !state.decisions.fits(&entry.content) {
            return Err(Refusal::DecidedAlready);
        }
        let stored = match &entry.content {
            Content::Submit(_) => state.submission_bytes,
            Content::Status(_) => state.step_bytes,
            Content::Change(_) | Content::Grant(_) | Content::File(_) => 0,
        };
        let is_full = stored + entry.bytes.len() as u64 > DOCUMENT_DECISIONS_BYTES_MAX;
        if standing.is_some() && is_full { Err(Refusal::DocumentFull) } else { Ok(state) }
    }

    fn check_change(&self, entry: &Entry, header: &ChangeHeader, standing: Option<Standing>) -> Result<(), Refusal> {
        if !entry.is_bound_to_its_fields() {
            return Err(Refusal::WrongActor);
        }
        let last = self.state.and_then(|state| state.actors.get(&header.actor).copied()).unwrap_or(0);
        let counter = self.state.map_or(0, |state| state.counter);
        if header.sequence <= last {
            return Err(Refusal::Equivocation);
        }
        if header.sequence != last + 1 {
            return Err(Refusal::SequenceNotNext);
        }
        if header.start_operation > counter + 1 + COUNTER_SLACK {
            return Err(Refusal::CounterTooFar);
        }
        // Limits keep members from filling a document; the office must be able to speak whatever they did.
        let Some(state) = self.state.filter(|_| standing.is_some()) else { return Ok(()) };
        let is_full = state.changes >= DOCUMENT_CHANGES_MAX
            || state.bytes + entry.fields.body.len() as u64 > DOCUMENT_BYTES_MAX
            || (last == 0 && state.actors.len() >= DOCUMENT_ACTORS_MAX);
        if is_full { Err(Refusal::DocumentFull) } else { Ok(()) }
    }
}

impl Weighed<'_, '_> {
    /// Whether the engine must look at it.
    pub fn needs_document(&self) -> bool {
        matches!(self.entry.content, Content::Change(_) | Content::Submit(_))
    }

    /// The other half: the engine, on a copy that holds the stored changes. `place` is the receipt that the entry would
    /// get. A change is in the document afterwards; after a refusal the document must be thrown away.
    pub fn admit(self, place: Place, document: &mut WorkingDocument) -> Result<Admitted, Refusal> {
        let (gate, entry) = (self.gate, self.entry);
        let state = match &entry.content {
            Content::Grant(_) => None,
            Content::Change(header) => Some(self.apply(header, document)?),
            Content::Submit(submit) => {
                self.check_submit(submit, document)?;
                gate.state.cloned()
            }
            Content::Status(_) => gate.state.cloned(),
            Content::File(_) => Some(gate.filed_into(entry)),
        };
        let in_force = is_in_force(entry, place, gate.office, gate.membership, &gate.decisions());
        Ok(Admitted { state: state.map(|state| with_decision(state, entry, in_force)), in_force })
    }

    fn apply(&self, header: &ChangeHeader, document: &mut WorkingDocument) -> Result<DocumentState, Refusal> {
        let (gate, entry) = (self.gate, self.entry);
        // A change that counts again from below may give one number to two operations of its author.
        let counts_on = header.start_operation > gate.state.map_or(0, |state| state.counter);
        match header.is_fresh && counts_on {
            true => document.admit_fresh(&entry.fields.body)?,
            false => document.admit(&entry.fields.body)?,
        };
        let fields = document.fields()?;
        let before = gate.state.map_or(0, |state| state.fields as usize);
        if fields.len() > FIELDS_MAX.max(before) {
            return Err(Refusal::TooLarge);
        }
        let kind = kind_of(&fields).ok_or(Refusal::WrongDocument)?;
        if gate.state.is_some_and(|state| state.kind != kind) {
            return Err(Refusal::WrongDocument);
        }
        check_role(self.standing, gate.held, (kind, entry))?;
        let subject = subject_of(kind, &fields).ok_or(Refusal::BrokenDocument)?;
        if kind.document_about(gate.space, &subject) != entry.fields.document {
            return Err(Refusal::WrongDocument);
        }
        let author = self.standing.map(|standing| standing.person);
        check_shape(kind, &fields, author)?;
        let mut state = gate.state.cloned().unwrap_or_else(|| DocumentState::new(kind));
        state.record(header, entry.fields.body.len());
        state.fields = fields.len() as u32;
        Ok(state)
    }

    fn check_submit(&self, submit: &Submit, document: &WorkingDocument) -> Result<(), Refusal> {
        if self.entry.bytes.len() > SUBMISSION_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        if submit.heads.is_empty() {
            return Err(Refusal::ValueDiffers);
        }
        let fields = document.fields_at(&submit.heads)?;
        let value = canonical(&fields).ok_or(Refusal::Incomplete)?;
        if value != submit.value {
            return Err(Refusal::ValueDiffers);
        }
        let form = self.gate.forms.get(&submit.form).ok_or(Refusal::UnknownForm)?;
        let by = (self.entry.fields.person, self.gate.today);
        match self.gate.state.map(|state| state.kind) {
            Some(DocumentKind::Paper) => paper::check_complete(&fields, form, &submit.form, by),
            Some(DocumentKind::Minutes) => minutes::check_complete(&fields, form, &submit.form, by.1),
            _ => self_assessment::check_complete(&fields, form, &submit.form, by),
        }
    }
}

/// In a shared space the roles that the author holds today decide, elsewhere the one that was given with the space.
fn check_role(standing: Option<Standing>, held: &[Role], (kind, entry): (DocumentKind, &Entry)) -> Result<(), Refusal> {
    let Some(standing) = standing else { return Ok(()) };
    let own = [standing.role];
    let roles = if held.is_empty() { &own } else { held };
    let may = roles.iter().any(|role| may_add(*role, kind, entry.fields.kind));
    if may { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn with_decision(mut state: DocumentState, entry: &Entry, in_force: bool) -> DocumentState {
    if in_force {
        state.decisions.record(entry);
    }
    match &entry.content {
        Content::Submit(_) => state.submission_bytes += entry.bytes.len() as u64,
        Content::Status(_) => state.step_bytes += entry.bytes.len() as u64,
        Content::Change(_) | Content::Grant(_) | Content::File(_) => {}
    }
    state
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::directory::{DirectoryItem, ItemKind};
    use crate::entry::{EntryDraft, EntryKind, actor_of, device_id};
    use crate::hash::PublicKey;
    use crate::identity::PersonId;
    use crate::receipt::Epoch;
    use crate::time::Timestamp;

    #[test]
    fn a_directory_item_that_a_phone_brings_back_is_still_of_the_directory() {
        let key = SigningKey::from_bytes(&[42; 32]);
        let author = device_id(&PublicKey::from_bytes(key.verifying_key().to_bytes()));
        let office = device_id(&PublicKey::from_bytes([1; 32]));
        let (space, now) = (SpaceId::from_bytes([1; 16]), Timestamp::from_utc_ms(1_780_000_000_000));
        let item = DirectoryItem { kind: ItemKind::Unit, code: "U1".to_owned(), body: "{}".to_owned() };
        let document = item.document(space);
        let actor = actor_of(author, space, document, 1);
        let change = WorkingDocument::default().record(actor, now, &item.edits()).expect("it edits something");
        let (kind, person) = (EntryKind::Change, PersonId::from_bytes([2; 16]));
        let draft = EntryDraft { kind, space, document, person, incarnation: 1, body: change.bytes };
        let entry = Entry::sign(draft, &key).expect("an item is a small entry");
        let (membership, forms, today) = (Membership::default(), Forms::new(), now.vietnamese_day());
        let gate = Gate { space, office, membership: &membership, state: None, forms: &forms, today, held: &[] };
        let first = Place { epoch: Epoch { started_ms: 1, random: 0 }, number: 1 };
        let state = gate.take_back(&entry, first).state.expect("a change has a document");
        assert_eq!(state.kind, DocumentKind::Directory);
    }

    #[test]
    fn a_state_that_was_written_before_decisions_were_counted_is_read() {
        let mut state = DocumentState::new(DocumentKind::SelfAssessment);
        (state.changes, state.fields) = (3, 40);
        let written = minicbor::to_vec(&state).expect("writing to memory cannot fail");
        // A map of ten with the last three keys, each of them followed by a zero, cut off.
        let mut old = written[..written.len() - 6].to_vec();
        old[0] -= 3;
        assert_eq!((written[0], &written[written.len() - 6..]), (0xaa, &[7, 0, 8, 0, 9, 0][..]));
        assert_eq!(minicbor::decode(&old).ok(), Some(state));
    }
}
