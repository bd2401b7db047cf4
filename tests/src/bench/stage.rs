//! A real server and two phones of one person around a wire that counts; the first phone's outbox is full of forms.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::entry::Entry;
use serde_json::Value;

use super::forms;
use super::measure::{Cpu, disk_bytes, peak_bytes};
use crate::commune::Commune;
use crate::demo::office::Office;
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};
use crate::process::{Spoken, serve};
use crate::wire::{Passed, Wire};

/// Everything of the measurement.
pub struct Stage {
    folder: tempfile::TempDir,
    wire: Arc<Wire>,
    server: Spoken,
    /// The entries that wait in the first phone's outbox.
    pub entries: Vec<Entry>,
}

/// One exchange of a phone, both sides.
pub struct Step {
    /// CPU seconds of the phone.
    pub phone_s: f64,
    /// CPU seconds of the server.
    pub server_s: f64,
    /// On the wire, headers included.
    pub passed: Passed,
    /// What the phone said.
    pub told: Value,
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

    /// A number that the phone said.
    pub fn number(&self, name: &str) -> f64 {
        self.told[name].as_f64().unwrap_or(f64::NAN)
    }
}

impl Stage {
    /// Sets it up; none of this is measured.
    pub fn set(count: u32) -> Told<Self> {
        let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
        let (data, commune) = (folder.path().join("server"), Commune::generate(1));
        let office = Office::open(&data, &commune)?;
        let wire = Wire::lay(office.address).map_err(failed("No network"))?;
        let person = commune.members[0].held.cadre.id;
        for index in 0..2 {
            let pocket = Pocket::open(&phone_folder(folder.path(), index), "phone")?;
            let words = pocket.enrol(&office.code_for(person, wire.address)?)?;
            office.approve(&words)?;
            pocket.join()?;
        }
        office.close()?;
        let entries = forms::fill(&phone_folder(folder.path(), 0), count)?;
        let (server, address) = serve(&data)?;
        wire.lead_to(address);
        Ok(Self { folder, wire, server, entries })
    }

    /// A scratch file beside the server and the phones.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts one of the two phones as a process.
    pub fn phone(&self, index: usize) -> Told<Spoken> {
        let folder = phone_folder(self.folder.path(), index);
        let mut phone = Spoken::again(&["pocket", folder.to_str().ok_or("a folder's name is no text")?])?;
        phone.line()?;
        Ok(phone)
    }

    /// Lets a phone synchronise and measures both sides.
    pub fn exchange(&self, phone: &mut Spoken) -> Told<Step> {
        let (passed, before) = (self.wire.passed(), Cpu::of(self.server.id())?);
        let told = ask(phone, "synchronise")?;
        let server_s = Cpu::of(self.server.id())?.since(before);
        let passed = self.wire.passed().since(passed);
        let phone_s = told["cpu_s"].as_f64().ok_or("the phone does not say its CPU time")?;
        Ok(Step { phone_s, server_s, passed, told })
    }

    /// The server's peak memory, and the disk of server and phones, in bytes.
    pub fn sizes(&self) -> Told<[u64; 4]> {
        let disk = |folder: PathBuf| disk_bytes(&folder);
        Ok([
            peak_bytes(self.server.id())?,
            disk(self.file("server"))?,
            disk(phone_folder(self.folder.path(), 0))?,
            disk(phone_folder(self.folder.path(), 1))?,
        ])
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
