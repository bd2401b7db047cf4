//! A real server and phones around a wire that counts: authors whose outboxes are full of forms, and the head of the unit
//! who reads them all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::entry::Entry;
use model::hash::PublicKey;
use model::identity::PersonId;
use model::rating::Rating;
use serde_json::Value;
use server::limits::SPACE_DOCUMENTS_MAX;

use super::forms;
use super::measure::{Cpu, disk_bytes, peak_bytes};
use crate::commune::Commune;
use crate::demo::office::Office;
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};
use crate::process::{Spoken, serve};
use crate::wire::{Passed, Wire};

/// Forms of one author: as many as a person's space holds.
const FORMS_PER_AUTHOR: u32 = SPACE_DOCUMENTS_MAX as u32;

/// Everything of the measurement.
pub struct Stage {
    folder: tempfile::TempDir,
    wire: Arc<Wire>,
    server: Spoken,
    /// Those who wrote the forms, each with a phone of their own.
    pub authors: Vec<Writer>,
}

/// One author of forms.
pub struct Writer {
    /// The key of their phone.
    pub key: PublicKey,
    /// The entries that wait in its outbox.
    pub entries: Vec<Entry>,
}

/// One exchange of a phone, or several after one another, both sides.
#[derive(Clone, Copy, Default)]
pub struct Step {
    /// CPU seconds of the phones.
    pub phone_s: f64,
    /// CPU seconds of the server.
    pub server_s: f64,
    /// On the wire, headers included.
    pub passed: Passed,
    /// Seconds that the phones waited.
    pub wall_s: f64,
    /// Exchanges.
    pub requests: u64,
    /// Entries that the server received.
    pub sent: u64,
    /// Entries that the phones received.
    pub received: u64,
    /// The most memory that one phone had.
    pub peak_bytes: u64,
}

impl Step {
    /// CPU seconds of both sides.
    pub fn cpu_s(&self) -> f64 {
        self.phone_s + self.server_s
    }

    /// Bytes both ways.
    pub fn bytes(&self) -> f64 {
        (self.passed.up + self.passed.down) as f64
    }

    /// This one and the next.
    pub fn and(self, next: Self) -> Self {
        Self {
            phone_s: self.phone_s + next.phone_s,
            server_s: self.server_s + next.server_s,
            passed: Passed { up: self.passed.up + next.passed.up, down: self.passed.down + next.passed.down },
            wall_s: self.wall_s + next.wall_s,
            requests: self.requests + next.requests,
            sent: self.sent + next.sent,
            received: self.received + next.received,
            peak_bytes: self.peak_bytes.max(next.peak_bytes),
        }
    }
}

impl Stage {
    /// Sets it up; none of this is measured.
    pub fn set(count: u32) -> Told<Self> {
        let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
        let (data, people) = (folder.path().join("server"), count.div_ceil(FORMS_PER_AUTHOR) as usize);
        let commune = Commune::of_units(1, &[vec![Rating::Good; people]]);
        let office = Office::open(&data, &commune)?;
        let wire = Wire::lay(office.address).map_err(failed("No network"))?;
        let people: Vec<PersonId> = commune.members.iter().map(|member| member.held.cadre.id).collect();
        let (head, others) = people.split_first().ok_or("nobody is in the commune")?;
        for (index, person) in people.iter().chain([head]).enumerate() {
            let pocket = Pocket::open(&phone_folder(folder.path(), index), "phone")?;
            let words = pocket.enrol(&office.code_for(*person, wire.address)?)?;
            office.approve(&words)?;
            pocket.join()?;
        }
        office.let_read((forms::key_of(&phone_folder(folder.path(), people.len()))?, *head), others)?;
        office.close()?;
        let mut authors = Vec::new();
        for (index, first) in (0..count).step_by(FORMS_PER_AUTHOR as usize).enumerate() {
            let numbers = first..count.min(first + FORMS_PER_AUTHOR);
            authors.push(forms::fill(&phone_folder(folder.path(), index), numbers)?);
        }
        let (server, address) = serve(&data)?;
        wire.lead_to(address);
        Ok(Self { folder, wire, server, authors })
    }

    /// A scratch file beside the server and the phones.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the phone of one author as a process.
    pub fn author(&self, index: usize) -> Told<Spoken> {
        let folder = phone_folder(self.folder.path(), index);
        let mut phone = Spoken::again(&["pocket", folder.to_str().ok_or("a folder's name is no text")?])?;
        phone.line()?;
        Ok(phone)
    }

    /// Starts the second phone of the first author, the head of the unit, who reads what all of them wrote.
    pub fn reader(&self) -> Told<Spoken> {
        self.author(self.authors.len())
    }

    /// Lets a phone synchronise and measures both sides.
    pub fn exchange(&self, phone: &mut Spoken) -> Told<Step> {
        let (passed, before) = (self.wire.passed(), Cpu::of(self.server.id())?);
        let told = ask(phone, "synchronise")?;
        let server_s = Cpu::of(self.server.id())?.since(before);
        let passed = self.wire.passed().since(passed);
        let seconds = |name: &str| told[name].as_f64().ok_or_else(|| format!("no {name}: {told}"));
        let count = |name: &str| told[name].as_u64().ok_or_else(|| format!("no {name}: {told}"));
        Ok(Step {
            phone_s: seconds("cpu_s")?,
            server_s,
            passed,
            wall_s: seconds("wall_s")?,
            requests: count("requests")?,
            sent: count("sent")?,
            received: count("received")?,
            peak_bytes: count("peak_bytes")?,
        })
    }

    /// The server's peak memory, and the disk of the server, of one author's phone and of the reader's, in bytes.
    pub fn sizes(&self) -> Told<[u64; 4]> {
        let phone = |index| disk_bytes(&phone_folder(self.folder.path(), index));
        Ok([peak_bytes(self.server.id())?, disk_bytes(&self.file("server"))?, phone(0)?, phone(self.authors.len())?])
    }

    /// Ends the server.
    pub fn strike(self) -> Told<()> {
        self.server.kill()
    }
}

/// Asks a phone's process for something; its answer is one line of JSON.
pub fn ask(phone: &mut Spoken, command: &str) -> Told<Value> {
    phone.tell(command)?;
    let line = phone.line()?;
    serde_json::from_str(&line).map_err(|_| format!("The phone said: {line}"))
}

fn phone_folder(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("phone-{index}"))
}
