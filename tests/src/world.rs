//! The World: one server and its phones in one process, with seeded time, randomness, network and storage.
//!
//! Everything is real code over real files: the phone's store and session, the server's office. Only what lies between
//! them is made up: messages are lost, repeated, reordered, cut and brought to an old server; processes die at any
//! write; phones and server go back to older copies. Afterwards everything runs on without faults until nothing
//! changes, and what people were told must be true.
//!
#![doc = include_str!("world/PROPERTIES.md")]

pub mod acts;
pub mod always;
pub mod decisions;
pub mod disasters;
pub mod faults;
pub mod ghosts;
pub mod members;
pub mod network;
pub mod people;
pub mod phones;
pub mod rest;
pub mod run;
pub mod servers;
pub mod steps;
pub mod verdict;

use std::path::{Path, PathBuf};

use faults::Faults;
use ghosts::Ghosts;
use model::directory::{DirectoryItem, ItemKind};
use model::form::kind::QuestionKind;
use model::form::{FormTemplate, Question, Section};
use model::identity::SpaceId;
use people::{CADRE, HEAD, OwnPaper, Step};
use phones::SimulatedPhone;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use servers::SimulatedServer;

/// What one run is made of.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Everything that happens follows from it.
    pub seed: u64,
    /// Steps before the faults stop.
    pub events: u32,
}

/// A fact that did not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which property, and of what.
    pub what: String,
    /// The last steps before it.
    pub trace: Vec<String>,
}

/// A message under way.
#[derive(Clone)]
pub enum Message {
    /// To the server, as packed.
    Request {
        /// Index of the phone.
        from: usize,
        /// What the phone must remember to read the reply.
        outgoing: Box<phone::sync::session::Outgoing>,
    },
    /// To a phone, as packed; empty for "nothing new".
    Reply {
        /// Index of the phone.
        to: usize,
        /// The request that it answers.
        outgoing: Box<phone::sync::session::Outgoing>,
        /// Packed bytes.
        bytes: Vec<u8>,
    },
}

/// One simulated commune.
pub struct World {
    folder: PathBuf,
    /// Everything random.
    pub random: ChaCha8Rng,
    /// UTC milliseconds of the true clock.
    pub now_ms: i64,
    /// The server at work.
    pub server: SimulatedServer,
    /// A server that was restored elsewhere and does not know it.
    pub old: Option<SimulatedServer>,
    /// Every device.
    pub phones: Vec<SimulatedPhone>,
    /// Messages under way.
    pub network: Vec<Message>,
    /// What people were told.
    pub ghosts: Ghosts,
    /// The cadre's space, the head's, and the directory.
    pub spaces: [SpaceId; 3],
    /// The papers in them.
    pub papers: Vec<OwnPaper>,
    /// What is done in this run.
    pub trace: Vec<String>,
    /// Whether the server keeps a second copy from the start.
    pub is_copied: bool,
    /// The form that is filled in.
    pub form: FormTemplate,
    /// Which faults this run may have.
    pub faults: Faults,
    /// The same as they were drawn, before any was used up.
    pub drawn: Faults,
    /// A property that was broken on the way.
    pub broken: Option<String>,
}

impl World {
    /// Builds a commune: a cadre with two devices, and the head of the unit.
    pub fn new(folder: &Path, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let is_copied = random.random_bool(0.5);
        let faults = Faults::draw(&mut random);
        let now_ms = 1_780_000_000_000;
        let mut server = SimulatedServer::new(folder, is_copied, now_ms);
        let form = small_form();
        let body = form.to_json();
        let item = DirectoryItem { kind: ItemKind::Form, code: form.code.clone(), body };
        let moment = server.moment(now_ms);
        server.office().publish(&[item], moment).expect("a form can be published");
        let identity = server.office().identity();
        let mut phones = Vec::new();
        for (index, person) in [CADRE, CADRE, HEAD].into_iter().enumerate() {
            let key = people::public(&people::key_of(index));
            let records = people::act(&mut server, (Some(key), person), Step::In, now_ms + index as i64);
            phones.push(SimulatedPhone::enrolled((folder, index), person, identity, &records));
        }
        let spaces = people::roles(&mut server, CADRE).map(|(space, _)| space);
        let papers = people::papers(&mut server);
        let copied_since = is_copied.then(|| server.office().epoch());
        let ghosts = Ghosts { copied_since, ..Ghosts::default() };
        let (folder, network, trace, broken) = (folder.to_owned(), Vec::new(), Vec::new(), None);
        let (drawn, old) = (faults, None);
        Self {
            folder,
            random,
            now_ms,
            server,
            old,
            phones,
            network,
            ghosts,
            spaces,
            papers,
            trace,
            is_copied,
            form,
            faults,
            drawn,
            broken,
        }
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// Writes a step into the trace.
    pub fn note(&mut self, step: String) {
        self.trace.push(step);
    }
}

/// A form of three texts, none required, so that a paper can be submitted at any time.
fn small_form() -> FormTemplate {
    let questions = (0..3).map(|index| Question {
        key: format!("q{index}"),
        label_vi: format!("Câu {index}"),
        kind: QuestionKind::ShortText { length_max: 200 },
        ..Question::default()
    });
    let section = Section {
        key: "all".to_owned(),
        title_vi: "Tất cả".to_owned(),
        questions: questions.collect(),
        ..Section::default()
    };
    FormTemplate {
        code: "SA-TEST".to_owned(),
        version: 1,
        title_vi: "Phiếu thử".to_owned(),
        legal_reference: "thử".to_owned(),
        sections: vec![section],
        ..FormTemplate::default()
    }
}
