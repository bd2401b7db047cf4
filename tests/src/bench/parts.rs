//! What signatures and the gate cost alone, over the very entries that were exchanged: the part of the work that the
//! floor does not do at all.

use std::iter::Sum;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::document::WorkingDocument;
use model::entry::{Entry, device_id};
use model::gate::{Forms, Gate};
use model::handshake::public;
use model::hash::PublicKey;
use model::identity::SpaceId;
use model::membership::{Grant, Membership, Role};
use model::receipt::{Epoch, PAGE_LEAVES_MAX, Place, ReceiptLeaf, ReceiptPage};
use model::signatures::SignatureBatch;
use model::time::Timestamp;

use super::measure::thread_cpu;
use super::stage::Writer;
use crate::demo::Told;

/// Entries that a message of a megabyte carries; their signatures are verified as one batch.
const ENTRIES_PER_MESSAGE: usize = 580;

/// CPU seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    /// The server verifies the authors in batches and signs both lists of receipts; the phone verifies one.
    pub push_signatures_s: f64,
    /// The server reads every entry and lets the gate decide.
    pub push_gate_s: f64,
    /// The server signs receipts; the phone verifies them, and the authors in batches.
    pub pull_signatures_s: f64,
    /// The phone reads every entry once.
    pub pull_gate_s: f64,
}

impl Sum for Parts {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, next| Self {
            push_signatures_s: sum.push_signatures_s + next.push_signatures_s,
            push_gate_s: sum.push_gate_s + next.push_gate_s,
            pull_signatures_s: sum.pull_signatures_s + next.pull_signatures_s,
            pull_gate_s: sum.pull_gate_s + next.pull_gate_s,
        })
    }
}

/// Runs of which the middle one counts: the parts are taken off what was measured once, so their own noise weighs.
const RUNS: usize = 3;

/// Measures them in a thread beside the first one, where the server's writer works too.
pub fn measure(authors: &[Writer]) -> Told<Parts> {
    let runs: Vec<Parts> = std::thread::scope(|scope| {
        let worker = scope.spawn(|| (0..RUNS).map(|_| measure_once(authors)).collect::<Told<Vec<Parts>>>());
        worker.join().expect("a run does not panic")
    })?;
    let middle = |part: fn(&Parts) -> f64| {
        let mut seconds: Vec<f64> = runs.iter().map(part).collect();
        seconds.sort_by(f64::total_cmp);
        seconds[RUNS / 2]
    };
    Ok(Parts {
        push_signatures_s: middle(|parts| parts.push_signatures_s),
        push_gate_s: middle(|parts| parts.push_gate_s),
        pull_signatures_s: middle(|parts| parts.pull_signatures_s),
        pull_gate_s: middle(|parts| parts.pull_gate_s),
    })
}

fn measure_once(authors: &[Writer]) -> Told<Parts> {
    let parts = authors.iter().map(|author| parts_of(&author.entries, author.key));
    parts.sum()
}

fn parts_of(entries: &[Entry], key: PublicKey) -> Told<Parts> {
    let Some(first) = entries.first() else { return Ok(Parts::default()) };
    let space = first.fields.space;
    let (_, batch_s) =
        thread_cpu(|| assert!(entries.chunks(ENTRIES_PER_MESSAGE).all(|rows| is_batch_signed(rows, &key))))?;
    let server = SigningKey::from_bytes(&[42; 32]);
    let (pages, sign_s) = thread_cpu(|| signed_pages(space, entries, &server))?;
    let (_, pages_s) = thread_cpu(|| assert!(pages.iter().all(|page| page.is_signed_by(&public(&server)))))?;
    let (read, read_s) = thread_cpu(|| entries.iter().map(|entry| Entry::read(&entry.bytes)).collect::<Vec<_>>())?;
    let read: Vec<Entry> = read.into_iter().map(|entry| entry.expect("our own entry can be read")).collect();
    let (_, gate_s) = thread_cpu(|| admit_all(&read, space, key))?;
    Ok(Parts {
        push_signatures_s: batch_s + 2.0 * sign_s + pages_s,
        push_gate_s: read_s + gate_s,
        pull_signatures_s: batch_s + sign_s + pages_s,
        pull_gate_s: read_s,
    })
}

fn is_batch_signed(rows: &[Entry], key: &PublicKey) -> bool {
    let mut batch = SignatureBatch::default();
    rows.iter().for_each(|entry| batch.add(entry, key));
    batch.holds()
}

fn signed_pages(space: SpaceId, entries: &[Entry], server: &SigningKey) -> Vec<ReceiptPage> {
    let leaf = |(number, entry): (usize, &Entry)| {
        let place = Place { epoch: Epoch { started_ms: 1, random: 1 }, number: number as u64 };
        ReceiptLeaf { hash: entry.hash, place, in_force: true, received_ms: 1_780_000_000_000 }
    };
    let leaves: Vec<ReceiptLeaf> = entries.iter().enumerate().map(leaf).collect();
    leaves.chunks(PAGE_LEAVES_MAX).map(|page| ReceiptPage::sign(space, page.to_vec(), server)).collect()
}

/// Every entry through the gate as the first change of its document.
fn admit_all(entries: &[Entry], space: SpaceId, key: PublicKey) {
    let (membership, forms) = (members(entries, key), Forms::default());
    let office = device_id(&PublicKey::from_bytes([1; 32]));
    let today = Timestamp::from_utc_ms(1_780_000_000_000).vietnamese_day();
    for (number, entry) in entries.iter().enumerate() {
        let gate = Gate { space, office, membership: &membership, state: None, forms: &forms, today, held: &[] };
        let place = Place { epoch: Epoch { started_ms: 1, random: 1 }, number: number as u64 + 2 };
        let weighed = gate.weigh(entry).expect("an honest form passes");
        weighed.admit(place, &mut WorkingDocument::default()).expect("an honest form passes");
    }
}

/// The author alone.
pub fn members(entries: &[Entry], key: PublicKey) -> Arc<Membership> {
    let mut membership = Membership::default();
    if let Some(first) = entries.first() {
        let grant = Grant { key: Some(key), person: first.fields.person, role: Some(Role::Subject), claimed_ms: 0 };
        membership.record(Place { epoch: Epoch { started_ms: 1, random: 1 }, number: 1 }, 1, grant);
    }
    Arc::new(membership)
}
