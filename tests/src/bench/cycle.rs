//! What a cycle costs in a province: everybody submits, one case is returned, every report is made, a head pulls.
//!
//! The server is the real one in this process; what it does is measured on its own thread. Nobody's phone has a store here:
//! their entries are made beforehand, and what would come down to a head is weighed as it would go over the line.

use std::path::Path;
use std::sync::Arc;

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::filed::subject;
use model::directory::{DirectoryItem, ItemKind};
use model::document::{DocumentKind, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, Status, Submit, actor_of, device_id};
use model::exchange::{BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Pushed, Request, SpaceRequest, pack};
use model::handshake::public;
use model::hash::EntryHash;
use model::identity::{DeviceId, PersonId, SpaceId, derive_bytes};
use model::membership::{Grant, Role};
use model::rating::Rating;
use model::self_assessment;
use model::signed_value::canonical;
use model::space::{case_space, person_space};
use model::time::{Day, Timestamp};
use server::failure::ServerFailed;
use server::machine;
use server::office::Office;
use server::prepared::Prepared;
use server::running::{Running, start};
use server::settings::Settings;
use tokio::runtime::Runtime;

use super::measure::{Cpu, forget_peak, peak_bytes, thread_cpu};
use super::report::Report;
use crate::commune::{Commune, Member, filled};
use crate::demo::{Told, failed};
use crate::wire::plain_client;

const SEED: u64 = 40_000;

/// Cadres of one unit, as of a commune.
const UNIT_PEOPLE: u32 = 300;

/// Submissions under one commit.
const GROUP: usize = 64;

/// Items or people that the office takes in at one time.
const SETTING: usize = 2_000;

/// Cases that are returned to learn what one costs.
const RETURNED: usize = 40;

/// Spaces that a phone asks for at one time.
const ASKED: usize = 50;

const MEGABYTE: f64 = 1e6;

/// The bar of a single act: its cost in a full office beside that in an office of one unit.
const GROWTH_MAX: f64 = 2.0;

/// A server over a folder, and everybody in the province.
struct Province {
    runtime: Runtime,
    server: Running,
    commune: Arc<Commune>,
}

/// Measures a cycle of so many cases.
pub fn measure(cases: u32) -> Told<Report> {
    let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
    let province = Province::settle(folder.path(), cases)?;
    let mut report = Report::default();
    report.figure("cases", province.commune.members.len() as u64);
    let (first, rest) = province.commune.members.split_at(UNIT_PEOPLE as usize);
    province.submit(first)?;
    let alone_s = province.give_back(&first[3..3 + RETURNED])?;
    let submitted_s = province.submit(rest)?;
    let among_all_s = province.give_back(&first[3 + RETURNED..3 + 2 * RETURNED])?;
    report.figure("submission_ms", 1e3 * submitted_s / rest.len() as f64);
    report.figure("returned_ms", 1e3 * among_all_s);
    report.at_most("returned_growth", among_all_s / alone_s, GROWTH_MAX);
    report.at_most("open_cycle_s", province.open_cycle()?, 10.0);
    report.figure("look_through_s", province.look_through()?);
    forget_peak();
    report.at_most("reports_s", province.reports()?, 2.0);
    report.at_most("reports_mb", peak_bytes(std::process::id())? as f64 / MEGABYTE, 512.0);
    report.at_most("bytes_per_case", province.pulled(first)?, 2_048.0);
    province.end()?;
    Ok(report)
}

fn key_of(person: PersonId) -> ed25519_dalek::SigningKey {
    let half = derive_bytes("a phone of the benchmark", &[person.as_bytes()]);
    ed25519_dalek::SigningKey::from_bytes(&[half, half].concat().try_into().expect("two halves are a key"))
}

impl Province {
    /// Publishes everybody, lets in a phone for each, and appoints three per unit; none of this is measured.
    fn settle(folder: &Path, cases: u32) -> Told<Self> {
        let runtime = Runtime::new().map_err(failed("No runtime could be started"))?;
        let units = cases.div_ceil(UNIT_PEOPLE).max(2) as usize;
        let commune = Commune::of_units(SEED, &vec![vec![Rating::Good; UNIT_PEOPLE as usize]; units]);
        let server =
            runtime.block_on(start(&Settings::of_folder(folder))).map_err(failed("The server did not start"))?;
        let province = Self { runtime, server, commune: Arc::new(commune) };
        eprintln!("{} cadres in {units} units are published and let in", province.commune.members.len());
        for items in province.commune.items().chunks(SETTING) {
            province.publish(items.to_vec())?;
        }
        let identity = province.server.identity;
        for members in province.commune.members.chunks(SETTING) {
            let grant = |member: &Member| {
                let person = member.held.cadre.id;
                let grant =
                    Grant { key: Some(public(&key_of(person))), person, role: Some(Role::Subject), claimed_ms: 1 };
                (person_space(&identity, person), grant)
            };
            let acts: Vec<_> = members.iter().map(grant).collect();
            province.act(move |office| office.acts(&acts, machine::moment()))?;
        }
        let roles = [Role::Head, Role::PersonnelOffice, Role::Authority];
        let units = province.commune.members.chunks(UNIT_PEOPLE as usize);
        let held = units.flat_map(|unit| roles.into_iter().zip(unit)).map(|(role, member)| appointment(role, member));
        province.publish(held.collect())?;
        Ok(province)
    }

    fn act<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office) -> Result<T, ServerFailed> + Send + 'static,
    ) -> Told<T> {
        self.runtime.block_on(self.server.door().writer.act(work)).map_err(failed("The office could not act"))
    }

    fn publish(&self, items: Vec<DirectoryItem>) -> Told<()> {
        self.act(move |office| office.publish(&items, machine::moment()))
    }

    /// Everybody signs and sends; CPU seconds of the writer.
    fn submit(&self, members: &[Member]) -> Told<f64> {
        let mut spent_s = 0.0;
        for group in members.chunks(GROUP) {
            let requests: Vec<_> = group.iter().map(|member| self.submission(member)).collect();
            spent_s += self.exchanged(requests)?;
        }
        Ok(spent_s)
    }

    fn exchanged(&self, requests: Vec<(DeviceId, Prepared)>) -> Told<f64> {
        self.act(move |office| {
            let (replies, spent_s) =
                thread_cpu(|| office.exchange_all(&requests, machine::moment())).map_err(|_| ServerFailed::Defect)?;
            for reply in replies? {
                let model::exchange::Answered::Rows(rows) = &reply?.spaces[0].answer else {
                    return Err(ServerFailed::Defect);
                };
                let is_stored = |told: &model::exchange::Acknowledgement| {
                    matches!(told, model::exchange::Acknowledgement::Stored { in_force: true, .. })
                };
                if !rows.acknowledgements.iter().all(is_stored) {
                    return Err(ServerFailed::Defect);
                }
            }
            Ok(spent_s)
        })
    }

    /// A filled-in form and its signature, as a phone sends them.
    fn submission(&self, member: &Member) -> (DeviceId, Prepared) {
        let (person, cycle) = (member.held.cadre.id, self.commune.cycle.id);
        let key = key_of(person);
        let space = person_space(&self.server.identity, person);
        let document = DocumentKind::SelfAssessment.document_about(space, &self_assessment::subject(cycle, person));
        let mut form = WorkingDocument::default();
        let actor = actor_of(device_id(&public(&key)), space, document, 1);
        let edits = filled(SEED, person, member.held.assignment.is_leader, member.quality);
        let change = form.record(actor, Timestamp::from_utc_ms(1), &edits).expect("a form has answers");
        let value = canonical(&form.fields().expect("its own form")).expect("nobody disputes it");
        let pin = EntryHash::from_bytes(*self.commune.cycle.form.fingerprint.as_bytes());
        let submit = Submit { heads: form.heads(), value, form: pin, over: None, claimed_ms: 1 };
        let body = minicbor::to_vec(submit).expect("writing to memory cannot fail");
        let sign = |kind, body| {
            let draft = EntryDraft { kind, space, document, person, incarnation: 1, body };
            Entry::sign(draft, &key).expect("a form fits into an entry")
        };
        let entries = [sign(EntryKind::Change, change.bytes), sign(EntryKind::Submit, body)];
        self.request(&key, asked(space, &self.start(), &entries))
    }

    fn request(&self, key: &ed25519_dalek::SigningKey, space: SpaceRequest) -> (DeviceId, Prepared) {
        let key = public(key);
        (device_id(&key), Prepared::new(requesting(vec![space]), &self.server.identity).verified_with(&key))
    }

    fn start(&self) -> Cursor {
        Cursor { epoch: self.server.door().epoch, ..Cursor::START }
    }

    /// The head returns these cases one by one; CPU seconds of the writer for one.
    fn give_back(&self, members: &[Member]) -> Told<f64> {
        let head = key_of(self.commune.members[0].held.cadre.id);
        let mut spent_s = 0.0;
        for member in members {
            let (cycle, person) = (self.commune.cycle.id, member.held.cadre.id);
            let space = case_space(&self.server.identity, cycle, person);
            let document = DocumentKind::Case.document_about(space, &subject(cycle, person));
            let decisions = self.act(move |office| {
                let row = server::log::space(office.reader(), space)?.ok_or(ServerFailed::Damaged)?;
                server::log::document(office.reader(), row.id, document)
            })?;
            let decisions = decisions.ok_or("a case did not begin")?.decisions;
            let about = decisions.papers.values().next().ok_or("a case is empty")?.hash;
            let (follows, reason) = (decisions.status.map(|status| status.hash), Some("Thiếu minh chứng.".to_owned()));
            let status = Status { follows, to: CaseState::Returned, reason, about, claimed_ms: 1 };
            let body = minicbor::to_vec(status).expect("writing to memory cannot fail");
            let by = self.commune.members[0].held.cadre.id;
            let draft = EntryDraft { kind: EntryKind::Status, space, document, person: by, incarnation: 1, body };
            let step = Entry::sign(draft, &head).expect("a step is small");
            spent_s += self.exchanged(vec![self.request(&head, asked(space, &self.start(), &[step]))])?;
        }
        Ok(spent_s / members.len() as f64)
    }

    /// The office opens one more cycle; CPU seconds of the writer.
    fn open_cycle(&self) -> Told<f64> {
        let mut next = self.commune.cycle.clone();
        next.id = model::identity::CycleId::from_bytes([77; 16]);
        let body = serde_json::to_string(&next).map_err(failed("A cycle cannot be written"))?;
        let item = DirectoryItem { kind: ItemKind::Cycle, code: next.id.to_string(), body };
        self.act(move |office| {
            let (done, spent_s) =
                thread_cpu(|| office.publish(&[item], machine::moment())).map_err(|_| ServerFailed::Defect)?;
            done.map(|()| spent_s)
        })
    }

    /// The daily look through all cases; CPU seconds of the writer.
    fn look_through(&self) -> Told<f64> {
        self.act(|office| {
            let (done, spent_s) =
                thread_cpu(|| office.look_after_all_cases(machine::moment())).map_err(|_| ServerFailed::Defect)?;
            done.map(|()| spent_s)
        })
    }

    /// The page of all reports and every file; CPU seconds of this process.
    fn reports(&self) -> Told<f64> {
        let cycle = self.commune.cycle.id;
        let files = server::cases::reports::ReportName::ALL.map(|(_, word)| format!("/reports/{word}.csv"));
        let before = Cpu::own()?;
        for page in ["/reports".to_owned()].into_iter().chain(files) {
            let address = format!("http://{}/cases/{cycle}{page}", self.server.pages);
            let fetch = async { plain_client().get(address).send().await?.error_for_status()?.bytes().await };
            self.runtime.block_on(fetch).map_err(failed("A report could not be read"))?;
        }
        Ok(Cpu::own()?.since(before))
    }

    /// What comes down to the head of a unit who knows nothing yet: bytes for each case.
    fn pulled(&self, members: &[Member]) -> Told<f64> {
        let head = key_of(members[0].held.cadre.id);
        let device = device_id(&public(&head));
        let spaces = members.iter().skip(1).map(|member| {
            asked(case_space(&self.server.identity, self.commune.cycle.id, member.held.cadre.id), &self.start(), &[])
        });
        let spaces: Vec<SpaceRequest> = spaces.collect();
        let mut bytes = 0;
        for spaces in spaces.chunks(ASKED) {
            let prepared = Prepared::new(requesting(spaces.to_vec()), &self.server.identity);
            let prepared = prepared.verified_with(&public(&head));
            let reply = self.act(move |office| office.exchange(device, &prepared, machine::moment()))?;
            bytes += pack(&reply).len();
        }
        Ok(bytes as f64 / spaces.len() as f64)
    }

    fn end(self) -> Told<()> {
        self.runtime.block_on(self.server.stop()).map_err(failed("The server did not stop cleanly"))
    }
}

fn asked(space: SpaceId, cursor: &Cursor, entries: &[Entry]) -> SpaceRequest {
    let pushed = |entry: &Entry| Pushed { entry: entry.bytes.clone(), receipt: None };
    let entries = entries.iter().map(pushed).collect();
    SpaceRequest { space, cursor: *cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None }
}

fn requesting(spaces: Vec<SpaceRequest>) -> Request {
    Request { version: EXCHANGE_VERSION, spaces, budget_bytes: BUDGET_BYTES as u32, newest: None }
}

fn appointment(role: Role, member: &Member) -> DirectoryItem {
    let (person, unit) = (member.held.cadre.id, member.held.assignment.unit);
    let from = Day::parse("2026-01-01").expect("a day of the calendar");
    let held = Appointment { person, role, unit, over: None, from, to: None };
    DirectoryItem { kind: ItemKind::Appointment, code: format!("{role:?} {person}"), body: held.to_json() }
}
