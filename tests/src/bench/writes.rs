//! Durable, acknowledged submissions per second over real HTTP, beside what the disk under them can force.
//!
//! A submission is one exchange with a filled form and its `SUBMIT`, made and signed before the clock runs. Server and
//! clients share this process, so the clients' CPU time counts against the server.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use model::identity::{PersonId, derive_bytes};
use model::membership::Role;
use phone::device::Device;
use server::machine;
use server::running::{self, Running};
use server::settings::Settings;
use tokio::runtime::Runtime;

use super::forms::Author;
use super::report::Report;
use crate::commune::Commune;
use crate::demo::{Told, failed};
use client::{Client, Sent};

mod client;

/// Connections, and submissions of each.
const LEVELS: [(usize, u32); 4] = [(1, 100), (8, 50), (64, 20), (500, 3)];

/// The level of the two bars about speed.
const SPEED_LEVEL: usize = 64;

/// The level of the two bars about patience.
const CROWD_LEVEL: usize = 500;

/// Forced writes of one look at the disk.
const FORCED_WRITES: u32 = 100;

/// A page of the database.
const PAGE_BYTES: usize = 4_096;

/// What one level came to.
struct Level {
    connections: usize,
    per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    mean_group: f64,
    forced_per_s: f64,
    refused: u32,
    refused_without_wait: u32,
    lost: u64,
}

/// Measures every level.
pub fn measure() -> Told<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(failed("No runtime could be started"))?;
    let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
    let running = runtime.block_on(running::start(&Settings::of_folder(folder.path())));
    let running = running.map_err(failed("The server did not start"))?;
    let mut clients = runtime.block_on(enrol(&running))?;
    let mut report = Report::default();
    for (round, (connections, each)) in LEVELS.into_iter().enumerate() {
        eprintln!("{connections} connections:");
        let prepare = |client: &mut Client| client.prepare(round as u32, each);
        clients[..connections].iter_mut().for_each(prepare);
        let level = level(&runtime, &running, &mut clients[..connections], folder.path())?;
        level.tell(&mut report);
    }
    runtime.block_on(running.stop()).map_err(failed("The server did not stop cleanly"))?;
    Ok(report)
}

/// Publishes the commune and lets a device in per connection.
async fn enrol(running: &Running) -> Told<Vec<Client>> {
    let items = Commune::generate(1).items();
    let publish = running.door().writer.act(move |office| office.publish(&items, machine::moment()));
    publish.await.map_err(failed("The commune could not be published"))?;
    let mut clients = Vec::new();
    for number in 0..CROWD_LEVEL as u32 {
        let person = PersonId::from_bytes(derive_bytes("person of the benchmark", &[&number.to_be_bytes()]));
        let mut seed = [3; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let device = Device { key: SigningKey::from_bytes(&seed), incarnation: 1, home: None, application: None };
        let key = device.public_key();
        let grant = running.door().writer.act(move |office| {
            office.grant_device(key, person, Role::Subject, machine::moment())?;
            Ok((office.space_of(person), office.epoch()))
        });
        let (space, epoch) = grant.await.map_err(failed("A device could not be let in"))?;
        clients.push(Client::new(Author { person, space, device }, running.address, epoch));
    }
    Ok(clients)
}

fn level(runtime: &Runtime, running: &Running, clients: &mut [Client], folder: &Path) -> Told<Level> {
    runtime.block_on(async {
        for client in clients.iter_mut() {
            client.sign_in().await?;
        }
        Told::Ok(())
    })?;
    let connections = clients.len();
    let rows_before = rows(runtime, running)?;
    let (tally, forced) = (running.door().writer.tally().counted(), forced_per_s(folder)?);
    let started = Instant::now();
    let sent = runtime.block_on(all(clients))?;
    let wall_s = started.elapsed().as_secs_f64();
    let counted = running.door().writer.tally().counted();
    let forced_per_s = (forced + forced_per_s(folder)?) / 2.0;
    let submissions: usize = sent.iter().map(|sent| sent.times.len()).sum();
    let mut times: Vec<Duration> = sent.iter().flat_map(|sent| sent.times.iter().copied()).collect();
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    Ok(Level {
        connections,
        per_s: submissions as f64 / wall_s,
        p50_ms: at(50),
        p99_ms: at(99),
        mean_group: (counted.requests - tally.requests) as f64 / (counted.commits - tally.commits).max(1) as f64,
        forced_per_s,
        refused: sent.iter().map(|sent| sent.refused).sum(),
        refused_without_wait: sent.iter().map(|sent| sent.refused_without_wait).sum(),
        // A form and its submission each.
        lost: (rows_before + 2 * submissions as u64).saturating_sub(rows(runtime, running)?),
    })
}

/// All connections at once, until each has sent what it prepared.
async fn all(clients: &mut [Client]) -> Told<Vec<Sent>> {
    let mut tasks = tokio::task::JoinSet::new();
    for client in clients.iter_mut() {
        let mut taken = client.take();
        tasks.spawn(async move { taken.send_all().await.map(|sent| (taken, sent)) });
    }
    let mut sent = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (client, what) = done.map_err(failed("A connection broke off"))??;
        if let Some(place) = clients.iter_mut().find(|place| place.author.person == client.author.person) {
            *place = client;
        }
        sent.push(what);
    }
    Ok(sent)
}

fn rows(runtime: &Runtime, running: &Running) -> Told<u64> {
    runtime.block_on(running.door().writer.act(|office| office.rows())).map_err(failed("The rows cannot be counted"))
}

/// How often a second this disk forces a page: the machine's own limit for whoever commits alone.
fn forced_per_s(folder: &Path) -> Told<f64> {
    let mut file = File::create(folder.join("forced")).map_err(failed("No file on the server's disk"))?;
    let started = Instant::now();
    for _ in 0..FORCED_WRITES {
        let write = file.write_all(&[0x5a; PAGE_BYTES]).and_then(|()| file.sync_data());
        write.map_err(failed("The disk cannot be forced"))?;
    }
    Ok(f64::from(FORCED_WRITES) / started.elapsed().as_secs_f64())
}

impl Level {
    fn tell(&self, report: &mut Report) {
        let connections = self.connections;
        let figures = [
            ("per_s", self.per_s),
            ("p50_ms", self.p50_ms),
            ("p99_ms", self.p99_ms),
            ("mean_group", self.mean_group),
            ("forced_per_s", self.forced_per_s),
            ("refused", f64::from(self.refused)),
        ];
        for (name, value) in figures {
            report.figure(&format!("writes_{connections}_{name}"), value);
        }
        if connections == SPEED_LEVEL {
            report.at_least("writes_64", self.per_s, 200.0);
            report.at_least("writes_64_of_disk", self.per_s / (self.forced_per_s * self.mean_group), 0.5);
        }
        if connections == CROWD_LEVEL {
            report.at_most("writes_500_refused_without_wait", f64::from(self.refused_without_wait), 0.0);
        }
        report.at_most(&format!("writes_{connections}_lost"), self.lost as f64, 0.0);
    }
}
