//! First push of many phones, pull to a fresh phone, nothing new, one change among many: both sides, beside the floor of the same run.

use serde_json::Value;

use super::floor;
use super::parts::{self, Parts};
use super::pocket::PAGE;
use super::report::Report;
use super::stage::{Stage, Step, ask};
use crate::demo::{Told, failed};
use crate::process::Spoken;

/// Forms of the small run, from which growth is told.
const FORMS_SMALL: u32 = 1_000;

/// What the office says in the space of somebody else: who writes there, and who reads along.
const ACTS_PER_SPACE: u32 = 2;

const MEGABYTE: f64 = 1e6;

/// What one size came to.
struct Run {
    forms: u32,
    push: Step,
    pull: Step,
    /// Of a cadre's phone: their own space and the directory.
    nothing: Step,
    /// Of the head's phone, which names every space it reads, some 46 bytes each.
    nothing_to_read: Step,
    one_up: Step,
    one_down: Step,
    list: Value,
    floor: Value,
    parts: Parts,
    sizes: [u64; 4],
}

/// Measures so many forms, and a thousand to see how the cost grows.
pub fn measure(forms: u32) -> Told<Report> {
    let small = Run::of(FORMS_SMALL.min(forms))?;
    let run = Run::of(forms)?;
    let mut report = Report::default();
    report.figure("forms", forms);
    run.figures(&mut report);
    run.bars(&mut report);
    report.figure("cpu_us_per_form_small", small.cpu_us_per_form());
    report.figure("cpu_us_per_form", run.cpu_us_per_form());
    report.at_most("growth", run.cpu_us_per_form() / small.cpu_us_per_form(), 1.3);
    Ok(report)
}

impl Run {
    fn of(forms: u32) -> Told<Self> {
        eprintln!("{forms} forms: the outboxes are filled …");
        let stage = Stage::set(forms)?;
        let mut push = Step::default();
        for index in 1..stage.authors.len() {
            let mut author = stage.author(index)?;
            push = push.and(stage.exchange(&mut author)?);
            author.kill()?;
        }
        let mut author = stage.author(0)?;
        push = push.and(stage.exchange(&mut author)?);
        let nothing = stage.exchange(&mut author)?;
        let mut reader = stage.reader()?;
        let pull = stage.exchange(&mut reader)?;
        let list = ask(&mut reader, "list")?;
        let nothing_to_read = stage.exchange(&mut reader)?;
        let listed = list["papers"].as_u64().ok_or_else(|| format!("no list: {list}"))?;
        expect("listed", listed, PAGE)?;
        expect("sent", push.sent, forms)?;
        let grants = ACTS_PER_SPACE * (stage.authors.len() as u32 - 1);
        expect("received", pull.received, forms + grants)?;
        ask(&mut author, "edit")?;
        let (one_up, one_down) = (stage.exchange(&mut author)?, stage.exchange(&mut reader)?);
        expect("sent", one_up.sent, 1)?;
        expect("received", one_down.received, 1)?;
        let sizes = stage.sizes()?;
        author.kill()?;
        reader.kill()?;
        let file = stage.file("bodies");
        let entries = stage.authors.iter().flat_map(|author| &author.entries);
        floor::write(&file, entries.map(|entry| entry.fields.body.as_slice()))?;
        let floor = floor_of(&file)?;
        let parts = parts::measure(&stage.authors)?;
        stage.strike()?;
        Ok(Self { forms, push, pull, nothing, nothing_to_read, one_up, one_down, list, floor, parts, sizes })
    }

    fn cpu_us_per_form(&self) -> f64 {
        (self.push.cpu_s() + self.pull.cpu_s()) / f64::from(self.forms) * 1e6
    }

    fn floor(&self, name: &str) -> f64 {
        self.floor[name].as_f64().unwrap_or(f64::NAN)
    }

    fn figures(&self, report: &mut Report) {
        let steps = [
            ("push", &self.push),
            ("pull", &self.pull),
            ("noop", &self.nothing),
            ("noop_of_reader", &self.nothing_to_read),
            ("one_up", &self.one_up),
            ("one_down", &self.one_down),
        ];
        for (name, step) in steps {
            report.figure(&format!("{name}_phone_s"), step.phone_s);
            report.figure(&format!("{name}_server_s"), step.server_s);
            report.figure(&format!("{name}_bytes_up"), step.passed.up);
            report.figure(&format!("{name}_bytes_down"), step.passed.down);
            report.figure(&format!("{name}_exchanges"), step.requests);
            report.figure(&format!("{name}_wall_s"), step.wall_s);
        }
        for (name, value) in self.floor.as_object().into_iter().flatten() {
            report.figure(&format!("floor_{name}"), value.clone());
        }
        let Parts { push_signatures_s, push_gate_s, pull_signatures_s, pull_gate_s } = self.parts;
        report.figure("push_signatures_s", push_signatures_s);
        report.figure("push_gate_s", push_gate_s);
        report.figure("pull_signatures_s", pull_signatures_s);
        report.figure("pull_gate_s", pull_gate_s);
        for (name, bytes) in ["server_peak", "server_disk", "author_disk", "reader_disk"].iter().zip(self.sizes) {
            report.figure(&format!("{name}_bytes"), bytes);
        }
        report.figure("author_peak_bytes", self.push.peak_bytes);
        report.figure("reader_peak_bytes", self.pull.peak_bytes);
        report.figure("list_papers", self.list["papers"].clone());
    }

    fn bars(&self, report: &mut Report) {
        report.at_most("push_bytes", self.push.bytes() / self.floor("push_bytes"), 1.5);
        report.at_most("push_cpu", self.push.cpu_s() / self.floor("push_s"), 8.0);
        let bare = self.push.cpu_s() - self.parts.push_signatures_s - self.parts.push_gate_s;
        report.at_most("push_cpu_bare", bare / self.floor("push_s"), 2.0);
        report.at_most("pull_bytes", self.pull.bytes() / self.floor("pull_bytes"), 1.5);
        report.at_most("pull_cpu", self.pull.cpu_s() / self.floor("pull_s"), 8.0);
        let bare = self.pull.cpu_s() - self.parts.pull_signatures_s - self.parts.pull_gate_s;
        report.at_most("pull_cpu_bare", bare / self.floor("pull_s"), 2.0);
        report.at_most("noop_bytes", self.nothing.bytes(), 1024.0);
        report.at_most("noop_requests", self.nothing.requests as f64, 1.0);
        report.at_most("one_change_bytes", self.one_up.bytes() + self.one_down.bytes(), 5_120.0);
        let peak = self.push.peak_bytes.max(self.pull.peak_bytes) as f64;
        report.at_most("phone_memory", peak / MEGABYTE, 80.0);
        report.at_most("first_list_ms", self.list["wall_ms"].as_f64().unwrap_or(f64::NAN), LIST_MS_MAX);
    }
}

/// A list that is there within this was not waited for.
const LIST_MS_MAX: f64 = 200.0;

fn expect(name: &str, given: u64, count: u32) -> Told<()> {
    if given == u64::from(count) { Ok(()) } else { Err(format!("{name} is {given} instead of {count}")) }
}

fn floor_of(file: &std::path::Path) -> Told<Value> {
    let mut process = Spoken::again(&["floor", file.to_str().ok_or("a file's name is no text")?])?;
    let line = process.line()?;
    process.finish()?;
    serde_json::from_str(&line).map_err(failed("The floor said nothing"))
}
