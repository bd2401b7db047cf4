//! What one change costs the server, and what an attack can make it pay. Every attack meets a server of its own, in a
//! process of its own, so that its peak of memory is its own.

use std::time::Instant;

use ed25519_dalek::SigningKey;
use model::document::{Edit, Scalar, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, SignedFields, actor_of, device_id};
use model::exchange::{Acknowledgement, Answered, Cursor, EXCHANGE_VERSION, Pushed, Request, SpaceRequest};
use model::exchange::{pack, unpack_request};
use model::handshake::public;
use model::hash::Signature;
use model::identity::{DocumentId, PersonId};
use model::membership::Role;
use model::time::Timestamp;
use phone::device::Device;
use serde_json::{Value, json};
use server::office::{Moment, Office};
use server::prepared::Prepared;
use server::safety::Safety;

use super::forms::Author;
use super::measure::{current_bytes, forget_peak, peak_bytes, thread_cpu};
use super::report::Report;
use crate::attacks;
use crate::attacks::chunk;
use crate::demo::{Told, failed};
use crate::process::Spoken;

/// Ordinary changes of each kind.
const CHANGES: u32 = 500;

const MEGABYTE: f64 = 1e6;

const MOMENT: Moment = Moment { now_ms: 1_780_000_000_000, random: 7 };

/// The document that attacks write to.
const DOCUMENT: DocumentId = DocumentId::from_bytes([4; 16]);

/// Where the type of a chunk stands: after four bytes of magic and four of checksum.
const CHUNK_TYPE_AT: usize = 8;

/// An attack: what it is called, and its bytes.
type Attack = (&'static str, fn() -> Vec<u8>);

/// Bodies of entries that must be refused.
const ATTACKS: &[Attack] = &[
    ("run_length_bomb_million", || attacks::run_length_bomb(1_000_000)),
    ("run_length_bomb_five_million", || attacks::run_length_bomb(5_000_000)),
    ("deflate_bomb", || attacks::deflate_bomb(1 << 26)),
    ("counter_poison", || attacks::counter_poison(attacks::POISONED_START)),
    ("equivocation", || attacks::equivocation()[0].clone()),
    ("forged_actor", || attacks::forged_actor().forged),
    ("document_chunk", attacks::document_chunk),
    ("bundle_chunk", attacks::bundle_chunk),
    ("message_present", attacks::message_present),
    ("key_bomb", || attacks::key_bomb(1_000, 60_000)),
    ("predecessor_bomb", || attacks::predecessor_bomb(100_000)),
    ("predecessor_invented", attacks::predecessor_invented),
    ("stranger_named", attacks::stranger_named),
    ("object_missing", attacks::object_missing),
    ("run_split", attacks::run_split),
    ("deletion_run", || attacks::deletion_run(4_000)),
    ("unknown_dependency", || attacks::unknown_dependency()[1].clone()),
    ("noise", || vec![0x5a; 40_000]),
    ("oversize", || vec![0x5a; 1 << 20]),
];

/// A server with one cadre and her phone.
struct Door {
    _folder: tempfile::TempDir,
    office: Office,
    author: Author,
}

/// Measures everything.
pub fn measure() -> Told<Report> {
    let mut report = Report::default();
    let (form_ms, edit_ms) = ordinary()?;
    report.figure("form_ms", form_ms);
    report.figure("edit_ms", edit_ms);
    report.at_most("change_cpu_ms", form_ms.max(edit_ms), 2.0);
    for number in 0..=2 * ATTACKS.len() {
        let mut process = Spoken::again(&["attack", &number.to_string()])?;
        let line = process.line()?;
        process.finish()?;
        let told: Value = serde_json::from_str(&line).map_err(failed("An attack said nothing"))?;
        let (name, value) =
            (told["name"].as_str().unwrap_or_default(), |key: &str| told[key].as_f64().unwrap_or(f64::NAN));
        report.at_most(&format!("{name}_ms"), value("wall_ms"), 500.0);
        report.at_most(&format!("{name}_megabytes"), value("bytes") / MEGABYTE, 64.0);
    }
    Ok(report)
}

/// One attack in this process: first all of them as they are, then under the attacker's own actor, which gets further;
/// the last number is a request that unpacks to 64 megabytes.
pub fn attack(number: usize) -> Told<Value> {
    let Some((name, body)) = ATTACKS.get(number % ATTACKS.len()).filter(|_| number < 2 * ATTACKS.len()) else {
        return request_bomb();
    };
    let mut door = Door::open()?;
    let (name, body) = match number < ATTACKS.len() {
        true => ((*name).to_owned(), body()),
        false => (format!("own_{name}"), door.under_own_actor(body())),
    };
    let entry = door.wrap(body);
    let (answer, costs) = weighed(|| door.push(entry))?;
    match answer? {
        Acknowledgement::Refused(_) | Acknowledgement::Missing(_) => Ok(told(&name, costs)),
        other => Err(format!("{name} was not refused: {other:?}")),
    }
}

fn request_bomb() -> Told<Value> {
    let request = Request { version: EXCHANGE_VERSION, spaces: Vec::new(), budget_bytes: 0, newest: None };
    let mut bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).map_err(failed("zeros cannot be packed"))?;
    bomb.extend_from_slice(&pack(&request));
    let (read, costs) = weighed(|| unpack_request(&bomb))?;
    if read.is_ok() { Err("a bomb was unpacked".to_owned()) } else { Ok(told("request_bomb", costs)) }
}

/// Seconds and bytes of memory at the peak beyond what was held before. By the wall, because the system counts CPU time
/// in steps that are longer than most attacks last; on a busy machine this says too much, never too little.
fn weighed<T>(work: impl FnOnce() -> T) -> Told<(T, (f64, u64))> {
    forget_peak();
    let (before, started) = (current_bytes()?, Instant::now());
    let done = work();
    let wall_s = started.elapsed().as_secs_f64();
    let bytes = peak_bytes(std::process::id())?.saturating_sub(before);
    Ok((done, (wall_s, bytes)))
}

fn told(name: &str, (wall_s, bytes): (f64, u64)) -> Value {
    json!({ "name": name, "wall_ms": wall_s * 1e3, "bytes": bytes })
}

/// CPU milliseconds of the whole server for a form that is new, and for a small edit of one that is there.
fn ordinary() -> Told<(f64, f64)> {
    let mut door = Door::open()?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for number in 0..CHANGES {
        let [form, edit] = door.form_and_edit(number);
        first.push(form);
        second.push(edit);
    }
    Ok((door.mean_ms(first)?, door.mean_ms(second)?))
}

impl Door {
    fn open() -> Told<Self> {
        let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
        let server = SigningKey::from_bytes(&[42; 32]);
        let office = Office::open(folder.path(), server, Safety::of_one_copy(), MOMENT);
        let mut office = office.map_err(failed("The office does not open"))?;
        let (key, person) = (SigningKey::from_bytes(&[9; 32]), PersonId::from_bytes([1; 16]));
        let granted = office.grant_device(public(&key), person, Role::Subject, MOMENT);
        granted.map_err(failed("The device is not let in"))?;
        let (space, device) = (office.space_of(person), Device { key, incarnation: 1, home: None, application: None });
        Ok(Self { _folder: folder, office, author: Author { person, space, device } })
    }

    /// A plain change with the honest actor exchanged for the one under which this device may write.
    fn under_own_actor(&self, body: Vec<u8>) -> Vec<u8> {
        let Author { space, device, .. } = &self.author;
        let actor = actor_of(device.id(), *space, DOCUMENT, device.incarnation);
        let place = body.windows(actor.len()).position(|bytes| bytes == attacks::HONEST_ACTOR);
        let Some(place) = place.filter(|_| body[CHUNK_TYPE_AT] == chunk::PLAIN) else { return body };
        let mut own = body;
        own[place..place + actor.len()].copy_from_slice(&actor);
        chunk::sealed(chunk::PLAIN, chunk::contents(&own))
    }

    /// The bytes of an entry around any body, as a hostile device would make them.
    fn wrap(&self, body: Vec<u8>) -> Vec<u8> {
        let Author { person, space, device } = &self.author;
        let document = DOCUMENT;
        let (kind, incarnation, device) = (EntryKind::Change, device.incarnation, &device.key);
        let (space, person) = (*space, *person);
        let draft = EntryDraft { kind, space, document, person, incarnation, body: body.clone() };
        if let Ok(entry) = Entry::sign(draft, device) {
            return entry.bytes;
        }
        let (device, signature) = (device_id(&public(device)), Signature::from_bytes([0; 64]));
        let fields = SignedFields { kind, space, document, person, device, incarnation, body, signature };
        minicbor::to_vec(&fields).expect("writing to memory cannot fail")
    }

    fn form_and_edit(&self, number: u32) -> [Vec<u8>; 2] {
        let Author { person, space, device } = &self.author;
        let form = self.author.form(number);
        let document = form.fields.document;
        let mut open = WorkingDocument::open(std::iter::once(form.fields.body.as_slice()));
        let actor = actor_of(device.id(), *space, document, device.incarnation);
        let text = Scalar::Text("Bổ sung: đã hoàn thành.".to_owned());
        let edit = Edit { field: "a/strengths".to_owned(), value: Some(text) };
        let change = open.record(actor, Timestamp::from_utc_ms(MOMENT.now_ms), &[edit]);
        let body = change.expect("an edit changes something").bytes;
        let (kind, incarnation) = (EntryKind::Change, device.incarnation);
        let draft = EntryDraft { kind, space: *space, document, person: *person, incarnation, body };
        let edit = Entry::sign(draft, &device.key).expect("an edit fits into an entry");
        [form.bytes, edit.bytes]
    }

    fn mean_ms(&mut self, entries: Vec<Vec<u8>>) -> Told<f64> {
        let count = entries.len() as f64;
        let (stored, cpu_s) = thread_cpu(|| entries.into_iter().try_for_each(|entry| self.store(entry)))?;
        stored.map(|()| cpu_s / count * 1e3)
    }

    fn store(&mut self, entry: Vec<u8>) -> Told<()> {
        match self.push(entry)? {
            Acknowledgement::Stored { in_force: true, .. } => Ok(()),
            other => Err(format!("An honest change was not stored: {other:?}")),
        }
    }

    fn push(&mut self, entry: Vec<u8>) -> Told<Acknowledgement> {
        let cursor = Cursor { epoch: self.office.epoch(), ..Cursor::START };
        let (space, entries) = (self.author.space, vec![Pushed { entry, receipt: None }]);
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None };
        let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 1, newest: None };
        let prepared = Prepared::new(request, &self.office.identity());
        let reply = self.office.exchange(self.author.device.id(), &prepared, MOMENT);
        match reply.map_err(failed("The server failed"))?.spaces.first().map(|space| &space.answer) {
            Some(Answered::Rows(rows)) => rows.acknowledgements.first().cloned().ok_or("no answer".to_owned()),
            other => Err(format!("no rows: {other:?}")),
        }
    }
}
