//! What happened in truth: who cast what, what was said, what was lost. Only the judge reads it.

use std::collections::{BTreeMap, BTreeSet};

use model::ballot::Given;
use model::box_seal::BoxSeal;
use model::envelope::EnvelopeId;
use model::round::AreaNumber;
use model::slip::SlipSecret;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::rehearsal::rehearsal;

/// A slip's place in [`Ghosts::slips`].
pub type Slip = usize;

/// One ballot that was cast: its envelope has a name.
#[derive(Clone)]
pub struct Cast {
    /// Under which slip.
    pub slip: Slip,
    /// What stands in it.
    pub given: Vec<Given>,
}

/// One seal that a phone said.
#[derive(Clone)]
pub struct SaidSeal {
    /// What it said.
    pub seal: BoxSeal,
    /// It was on record before the round closed.
    pub is_in_time: bool,
}

/// A parcel that somebody on the network may have seen.
#[derive(Clone)]
pub struct Seen {
    /// Which phone, and in which of its lives.
    pub by: (usize, u32),
    /// How often the server had gone back before.
    pub server_lives: u32,
    /// What travelled together.
    pub names: BTreeSet<EnvelopeId>,
}

/// What happened in truth.
pub struct Ghosts {
    /// Slips as residents draw them, from both bags.
    pub slips: Vec<(AreaNumber, SlipSecret)>,
    /// How many of them are drawn.
    pub drawn: usize,
    /// Slips that were handed back.
    pub returned: BTreeSet<Slip>,
    /// Every ballot under a slip.
    pub cast: BTreeMap<EnvelopeId, Cast>,
    /// Envelopes of somebody who has the admission key and nothing else.
    pub junk: BTreeSet<EnvelopeId>,
    /// Seals.
    pub seals: Vec<SaidSeal>,
    /// Parcels.
    pub seen: Vec<Seen>,
    /// Names of every list that a phone could read.
    pub listed: BTreeSet<EnvelopeId>,
    /// How often the server's boxes went back.
    pub server_lives: u32,
    /// The server went back past a list that it had told.
    pub is_past_list: bool,
    /// A phone refused a list because the server had told another under its number.
    pub is_rewritten: bool,
    /// Drafts that were resumed after a kill.
    pub resumed: u32,
    /// Lines of the rolls per phone that its volunteer has not said yet.
    pub lines: BTreeMap<usize, BTreeMap<AreaNumber, BTreeSet<u32>>>,
}

impl Ghosts {
    /// Before anything happened: both bags are full and mixed.
    pub fn new(random: &mut ChaCha8Rng) -> Self {
        let areas = &rehearsal().holders.ceremony.slips;
        let of = |of: &opener::ceremony::AreaSlips| {
            of.secrets.iter().map(|secret| (of.area.number, secret.clone())).collect::<Vec<_>>()
        };
        let mut slips: Vec<_> = areas.iter().flat_map(of).collect();
        slips.shuffle(random);
        Self {
            slips,
            drawn: 0,
            returned: BTreeSet::new(),
            cast: BTreeMap::new(),
            junk: BTreeSet::new(),
            seals: Vec::new(),
            seen: Vec::new(),
            listed: BTreeSet::new(),
            server_lives: 0,
            is_past_list: false,
            is_rewritten: false,
            resumed: 0,
            lines: BTreeMap::new(),
        }
    }

    /// The office knows this seal, and the round is open.
    pub fn is_on_record(&mut self, seal: &BoxSeal) {
        self.seals.iter_mut().filter(|said| said.seal == *seal).for_each(|said| said.is_in_time = true);
    }

    /// Slips of which anything was cast: each resident put one stub into the bag.
    pub fn stubs(&self) -> BTreeSet<Slip> {
        self.cast.values().map(|cast| cast.slip).collect()
    }
}
