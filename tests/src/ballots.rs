//! The World of the anonymous road: one server and three volunteers' phones under faults, from the first ballot to the
//! count.
//!
//! Everything is real code over real files: the phones' stores, boxes and couriers, the office, the collection boxes, the
//! holders' opening. Made up is what lies between: residents, messages that are lost, repeated and reordered, days that
//! pass, phones and servers that go back to older copies. Randomness of the phones follows from the seed; that of the
//! server's boxes and of the opening is the system's, and nothing that is judged depends on it.
//!
#![doc = include_str!("ballots/PROPERTIES.md")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

pub mod canaries;
pub mod finish;
pub mod ghosts;
pub mod messages;
pub mod phones;
pub mod rehearsal;
pub mod residents;
pub mod run;
pub mod servers;
pub mod steps;
pub mod verdict;

use std::path::Path;

use model::time::Day;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use ghosts::Ghosts;
use messages::Flight;
use phones::Pocket;
use rehearsal::{first_day, moment, person, rehearsal};
use servers::CommuneServer;

/// Volunteers of one round here.
const VOLUNTEERS: usize = 3;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// What may go wrong in one run; drawn per seed, so that rare mixes get whole runs of their own.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Of a hundred messages, how many are lost on the way there; as many answers are lost on the way back.
    pub losses_percent: u32,
    /// How often phones are restored from older copies.
    pub revivals: u8,
    /// A phone is restored on the closing day although its seal is on record, and goes on.
    pub revives_sealed: bool,
    /// A phone is restored once more after the round closed.
    pub revives_late: bool,
    /// How often the server's box is lost.
    pub box_losses: u8,
    /// The whole folder of the boxes may go back, past a list that was told.
    pub goes_past_list: bool,
    /// A phone is lost before it sealed.
    pub loses_phone: bool,
    /// Slips are used twice, or used although they were handed back.
    pub misuses: bool,
    /// Somebody with the admission key drops junk.
    pub junk: bool,
    /// Processes die in the middle of a write.
    pub kills: bool,
    /// Seals that come too late, or not at all, of a hundred.
    pub late_seals_percent: u32,
    /// Seals that are read over the telephone, of a hundred said in time.
    pub spoken_percent: u32,
    /// Ballots through the whole of the guest mode, with its dear stretching.
    pub guests: u8,
}

/// One simulated round.
pub struct World {
    /// Everything random of phones and people.
    pub random: ChaCha8Rng,
    /// Milliseconds since the first day began.
    pub ms: i64,
    /// The server.
    pub server: CommuneServer,
    /// The volunteers' phones.
    pub phones: Vec<Pocket>,
    /// Parcels under way.
    pub flights: Vec<Flight>,
    /// What happened in truth.
    pub ghosts: Ghosts,
    /// Which faults this run may have.
    pub faults: Faults,
    /// What is done in this run.
    pub trace: Vec<String>,
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self {
            losses_percent: 0,
            revivals: 0,
            revives_sealed: false,
            revives_late: false,
            box_losses: 0,
            goes_past_list: false,
            loses_phone: false,
            misuses: false,
            junk: false,
            kills: false,
            late_seals_percent: 0,
            spoken_percent: 0,
            guests: 0,
        }
    }

    /// Draws the faults of a run; three in ten have none but a bad network.
    pub fn draw(random: &mut ChaCha8Rng) -> Self {
        let is_calm = random.random_bool(0.3);
        let mut of_ten = |tenths: u32| random.random_ratio(tenths, 10) && !is_calm;
        Self {
            revivals: if of_ten(5) { 2 } else { 0 },
            revives_sealed: of_ten(2),
            revives_late: of_ten(2),
            box_losses: u8::from(of_ten(4)),
            goes_past_list: of_ten(2),
            loses_phone: of_ten(1),
            misuses: of_ten(5),
            junk: of_ten(4),
            kills: of_ten(5),
            late_seals_percent: if of_ten(3) { 30 } else { 0 },
            spoken_percent: 15,
            losses_percent: [2, 15, 40][random.random_range(0..3)],
            guests: u8::from(random.random_bool(0.12)),
        }
    }
}

impl World {
    /// Lays out a round that opens today.
    pub fn new(folder: &Path, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let faults = Faults::draw(&mut random);
        let (server, phones) = rehearsal().lay_out(folder);
        let server = CommuneServer::start(&server, moment(5));
        let identity = server.identity();
        let phones = phones.iter().enumerate().take(VOLUNTEERS);
        let phones =
            phones.map(|(index, folder)| Pocket::open((folder, person(index)), identity, &mut random)).collect();
        let ghosts = Ghosts::new(&mut random);
        Self { random, ms: 10_000, server, phones, flights: Vec::new(), ghosts, faults, trace: Vec::new() }
    }

    /// The day by every clock.
    pub fn today(&self) -> Day {
        first_day().plus_days(self.ms / DAY_MS).expect("a day of the calendar")
    }

    /// UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        moment(self.ms).now_ms
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// So many times of a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.random.random_ratio(percent, 100)
    }

    /// Writes a step into the trace.
    pub fn note(&mut self, step: String) {
        self.trace.push(format!("day {}: {step}", self.ms / DAY_MS));
    }
}
