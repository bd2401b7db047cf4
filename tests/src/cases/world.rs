//! A World of cases: an office, everybody who has to do with three evaluations, and what goes wrong between them.
//!
//! Server and phones are those of [`crate::world`], real code over real files, and so are the faults. People fill in papers,
//! sign them and take steps, in turn and out of turn; the office appoints others, sends phones away and lets in new ones.
//! Afterwards everything runs on without faults until nothing changes, and what people were told must be true.
//!
#![doc = include_str!("world/PROPERTIES.md")]

pub mod appointing;
pub mod deeds;
pub mod disasters;
pub mod network;
pub mod papers;
pub mod people;
pub mod procedure;
pub mod replay;
pub mod rest;
pub mod rooms;
pub mod run;
pub mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::case::paper::PaperKind;
use model::hash::EntryHash;
use model::identity::{CycleId, PersonId};
use phone::work::Paper;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::world::Message;
use crate::world::faults::Faults;
use crate::world::phones::SimulatedPhone;
use crate::world::servers::SimulatedServer;
use people::Office;

/// The cycle in which everybody is evaluated.
pub const CYCLE: CycleId = CycleId::from_bytes([77; 16]);

/// An entry as its author made it.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    /// Index of the phone.
    pub phone: usize,
    /// Where it lies.
    pub paper: Paper,
    /// The paper that was signed; none for an edit and for a step.
    pub signed: Option<(PaperKind, PersonId)>,
}

/// The memory of the people, outside every system that could forget it.
#[derive(Default)]
pub struct Ghosts {
    /// Everything that was committed on a phone before its person went on.
    pub typed: BTreeMap<EntryHash, Typed>,
    /// Shown as received.
    pub told: BTreeSet<EntryHash>,
    /// Shown as received in a life of the server that has a second copy.
    pub told_safely: BTreeSet<EntryHash>,
    /// Signatures and steps shown as received and in force.
    pub told_in_force: BTreeSet<EntryHash>,
    /// What no store on earth holds any more.
    pub gone: BTreeSet<EntryHash>,
    /// How often the server went back to a backup.
    pub server_restores: u32,
    /// How often a phone went back to a copy.
    pub phone_restores: u32,
    /// People and phones that a revocation ever named, by the index of the phone.
    pub sent_away: BTreeSet<usize>,
    /// People who were taken out with every phone.
    pub people_away: BTreeSet<PersonId>,
    /// What stood in a log that was lost since.
    pub ever: BTreeSet<EntryHash>,
    /// What phones that were sent away had by then in any log.
    pub early: BTreeMap<usize, BTreeSet<EntryHash>>,
}

/// What a run came to, so that a test can say that it happened.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Papers that lie in a case.
    pub filed: u32,
    /// Steps in force.
    pub steps: u32,
    /// Entries that were refused.
    pub refused: u32,
    /// Cases that went as far as a decision.
    pub decided: u32,
    /// Cases whose result the people of the unit read.
    pub published: u32,
    /// Cases that began with the word that there is no self-assessment.
    pub excused: u32,
    /// Minutes that were signed.
    pub minutes: u32,
    /// Decisions beyond the first of a case.
    pub decided_again: u32,
    /// Times that the server went back.
    pub restores: u32,
}

/// Everybody around three cases.
pub struct World {
    folder: PathBuf,
    /// Everything random.
    pub random: ChaCha8Rng,
    /// UTC milliseconds of the true clock.
    pub now_ms: i64,
    /// The server at work.
    pub server: SimulatedServer,
    /// Every device.
    pub phones: Vec<SimulatedPhone>,
    /// Messages under way.
    pub network: Vec<Message>,
    /// What the office appointed.
    pub office: Office,
    /// What people were told.
    pub ghosts: Ghosts,
    /// What was done in this run.
    pub trace: Vec<String>,
    /// Which faults this run may have.
    pub faults: Faults,
}

impl World {
    /// An office with its people, each with a phone that has heard of everybody.
    pub fn new(folder: &Path, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let is_copied = random.random_bool(0.5);
        let faults = Faults::draw(&mut random);
        let now_ms = people::FIRST_MS;
        let mut server = SimulatedServer::new(folder, is_copied, now_ms);
        let office = Office::opened(&mut server, now_ms);
        let (phones, network, ghosts) = (Vec::new(), Vec::new(), Ghosts::default());
        let (folder, trace) = (folder.to_owned(), Vec::new());
        let mut world = Self { folder, random, now_ms, server, phones, network, office, ghosts, trace, faults };
        for person in people::FIRST_PHONES {
            world.let_in(person);
        }
        world
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// Writes down what is done.
    pub fn note(&mut self, step: String) {
        self.trace.push(step);
    }

    /// The case of somebody.
    pub fn case_of(&mut self, person: PersonId) -> Paper {
        people::case_of(&self.server.office().identity(), person)
    }
}
