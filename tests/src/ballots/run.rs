//! Runs of many seeds, and the words in which a failing one is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::World;
use crate::world::run::scratch;
use crate::world::{Recipe, Violation};

/// A folder in memory where there is one; it goes with its run.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Of one seed.
    pub fn new(seed: u64) -> Self {
        Self(scratch(seed))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the faults of a run did, so that a test can say that they happened.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Envelopes that were counted, of all kinds.
    pub envelopes: u32,
    /// Phones that went back to a copy.
    pub revived: u32,
    /// Times that the server's boxes went back.
    pub server_lives: u32,
    /// Drafts resumed after a kill.
    pub resumed: u32,
    /// Slips that were used twice with different contents, or used and handed back.
    pub misused: u32,
    /// Rounds where something speaks against the count.
    pub named: u32,
    /// Rounds that the holders could not begin.
    pub broken: u32,
}

impl Seen {
    /// Together with another run.
    pub fn add(&mut self, other: Self) {
        self.envelopes += other.envelopes;
        self.revived += other.revived;
        self.server_lives += other.server_lives;
        self.resumed += other.resumed;
        self.misused += other.misused;
        self.named += other.named;
        self.broken += other.broken;
    }
}

/// Runs one seed from the first ballot to the count.
pub fn run(recipe: Recipe) -> Result<Seen, Violation> {
    let folder = Scratch::new(recipe.seed);
    let told = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(folder.path(), recipe.seed);
        let played = play(&mut world, recipe.events, folder.path());
        played.map_err(|what| Violation { what, trace: std::mem::take(&mut world.trace) })
    }));
    told.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation { what: what.unwrap_or_else(|| "it panicked".to_owned()), trace: Vec::new() })
    })
}

fn play(world: &mut World, events: u32, folder: &Path) -> Result<Seen, String> {
    for number in 0..events {
        world.step(number, events);
    }
    let opened = world.finish(&folder.join("hom.lnhp"));
    world.judge(opened.as_ref())?;
    Ok(Seen {
        envelopes: opened.as_ref().map_or(0, |opened| opened.kinds.in_box()),
        revived: world.phones.iter().map(|phone| phone.life).sum(),
        server_lives: world.ghosts.server_lives,
        resumed: world.ghosts.resumed,
        misused: opened.as_ref().map_or(0, |opened| opened.kinds.doubled + opened.kinds.returned),
        named: opened.as_ref().map_or(0, |opened| u32::from(!opened.against.is_empty())),
        broken: u32::from(opened.is_none()),
    })
}
