//! Server and phones die by signal 9 under load, again and again; nothing that anybody was told may be untrue.
//!
//! A phone is a process that types, submits and synchronises without pause, and prints an entry when the core called it
//! saved and when it is shown as received. The server is the real program. Lines decide when the next one dies; nothing
//! waits for time.

mod ledger;
pub mod phone;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::commune::Commune;
use crate::demo::office::Office;
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};
use crate::process::{Spoken, serve};
use crate::wire::Wire;
use ledger::Ledger;
pub use verdict::Verdict;

/// Everything random follows from it, save the moment within a line at which a process dies.
const SEED: u64 = 99;

/// Phones at work; the first two are of one cadre.
const PHONES: usize = 4;

/// Lines between two kills, at most.
const LINES_MAX: u32 = 24;

/// Kills for which one cycle has enough room: a paper takes in some hundred entries per phone.
const KILLS_PER_CYCLE: u32 = 6;

/// One line of one life of a phone.
struct Heard {
    phone: usize,
    life: u32,
    line: String,
}

/// A phone's place in the run.
struct Seat {
    folder: PathBuf,
    life: u32,
    process: Spoken,
}

/// Everything at work.
struct Run {
    folder: PathBuf,
    wire: Arc<Wire>,
    server: Option<Spoken>,
    seats: Vec<Seat>,
    heard: Receiver<Heard>,
    tell: Sender<Heard>,
    ledger: Ledger,
    random: ChaCha8Rng,
}

/// Kills so often, then lets everything settle and compares what was told with what is there.
pub fn run(kills: u32) -> Told<Verdict> {
    let folder = tempfile::tempdir().map_err(failed("No scratch folder"))?;
    let mut run = Run::prepare(folder.path(), kills)?;
    for number in 0..kills {
        let lines = run.random.random_range(1..=LINES_MAX);
        match number % 2 {
            0 => run.kill_server(lines)?,
            _ => {
                let phone = run.random.random_range(0..PHONES);
                run.kill_phone(phone, lines)?;
            }
        }
    }
    run.settle(kills)
}

impl Run {
    fn prepare(folder: &Path, kills: u32) -> Told<Self> {
        let commune = Commune::generate(SEED);
        let data = folder.join("server");
        let office = Office::open(&data, &commune)?;
        office.publish(cycles(&commune, kills / KILLS_PER_CYCLE + 4))?;
        let wire = Wire::lay(office.address).map_err(failed("No network"))?;
        let mut folders = Vec::new();
        for index in 0..PHONES {
            let member = &commune.members[index.saturating_sub(1)];
            let phone = folder.join(format!("phone-{index}"));
            let pocket = Pocket::open(&phone, &member.held.cadre.full_name)?;
            let words = pocket.enrol(&office.code_for(member.held.cadre.id, wire.address)?)?;
            office.approve(&words)?;
            pocket.join()?;
            folders.push(phone);
        }
        office.close()?;
        let (server, address) = serve(&data)?;
        wire.lead_to(address);
        let (tell, heard) = channel();
        let seats = folders.into_iter().enumerate().map(|(phone, folder)| Seat::open(phone, folder, 0, &tell));
        let seats = seats.collect::<Told<Vec<Seat>>>()?;
        let (ledger, random) = (Ledger::default(), ChaCha8Rng::seed_from_u64(SEED));
        let (folder, server) = (folder.to_owned(), Some(server));
        Ok(Self { folder, wire, server, seats, heard, tell, ledger, random })
    }

    fn kill_server(&mut self, lines: u32) -> Told<()> {
        for _ in 0..lines {
            self.hear()?;
        }
        if let Some(server) = self.server.take() {
            server.kill()?;
        }
        let (server, address) = serve(&self.folder.join("server"))?;
        self.server = Some(server);
        self.wire.lead_to(address);
        Ok(())
    }

    fn kill_phone(&mut self, phone: usize, lines: u32) -> Told<()> {
        let life = self.seats[phone].life;
        let mut heard = 0;
        while heard < lines {
            let (from, of) = self.hear()?;
            heard += u32::from(from == phone && of == life);
        }
        let seat = self.seats.remove(phone);
        seat.process.kill()?;
        self.seats.insert(phone, Seat::open(phone, seat.folder, life + 1, &self.tell)?);
        Ok(())
    }

    /// Takes one line into the ledger.
    fn hear(&mut self) -> Told<(usize, u32)> {
        let Heard { phone, life, line } = self.heard.recv().map_err(failed("Nobody speaks"))?;
        self.ledger.note(phone, &line)?;
        Ok((phone, life))
    }

    /// Ends every phone by one more kill, brings everything home, and looks.
    fn settle(mut self, kills: u32) -> Told<Verdict> {
        let mut folders = Vec::new();
        for seat in self.seats.drain(..) {
            folders.push(seat.folder);
            seat.process.kill()?;
        }
        drop(self.tell);
        // What a process printed before it died counts; the readers end with their pipes.
        while let Ok(Heard { phone, line, .. }) = self.heard.recv() {
            self.ledger.note(phone, &line)?;
        }
        let pockets: Vec<Pocket> = folders.iter().map(|folder| Pocket::open(folder, "a phone")).collect::<Told<_>>()?;
        // Twice, so that each also has what the others sent last.
        for pocket in pockets.iter().chain(&pockets) {
            pocket.send()?;
        }
        if let Some(server) = self.server.take() {
            server.kill()?;
        }
        verdict::compare(&self.ledger, &pockets, &self.folder.join("server"), kills)
    }
}

impl Seat {
    fn open(phone: usize, folder: PathBuf, life: u32, tell: &Sender<Heard>) -> Told<Self> {
        let path = folder.to_str().ok_or("the scratch folder has a name that is no text")?;
        let mut process = Spoken::again(&["--phone", path])?;
        let lines = process.take_lines().ok_or("the phone's process says nothing")?;
        let tell = tell.clone();
        std::thread::spawn(move || {
            use std::io::BufRead;
            // A line that was cut by the kill has no end and says nothing.
            for line in lines.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if tell.send(Heard { phone, life, line }).is_err() {
                    return;
                }
            }
        });
        Ok(Self { folder, life, process })
    }
}

/// Copies of the commune's cycle under other names.
fn cycles(commune: &Commune, count: u32) -> Vec<model::directory::DirectoryItem> {
    let cycle = |number: u32| {
        let mut cycle = commune.cycle.clone();
        let id = model::identity::derive_bytes("cycle of the kills", &[&number.to_be_bytes()]);
        cycle.id = model::identity::CycleId::from_bytes(id);
        let body = serde_json::to_string(&cycle).expect("a trade type can be written as JSON");
        model::directory::DirectoryItem { kind: model::directory::ItemKind::Cycle, code: cycle.id.to_string(), body }
    };
    (0..count).map(cycle).collect()
}
