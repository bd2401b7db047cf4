//! Runs of many seeds, and the words in which a failing one is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::{Recipe, Violation, World};

/// Steps shown before a violation.
const TRACE_MAX: usize = 400;

/// Runs one seed from nothing to rest.
pub fn run(recipe: Recipe) -> Result<(), Violation> {
    let folder = scratch(recipe.seed);
    let told = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(&folder, recipe.seed);
        let broken = play(&mut world, recipe.events);
        broken.map_err(|what| Violation {
            what,
            trace: world.trace.split_off(world.trace.len().saturating_sub(TRACE_MAX)),
        })
    }));
    let _ = std::fs::remove_dir_all(&folder);
    told.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation { what: what.unwrap_or_else(|| "it panicked".to_owned()), trace: Vec::new() })
    })
}

/// Opens one store before any thread does: two first openings at one moment have failed in the cipher library, about
/// once in fifty runs of the program (2026-11-22).
pub fn warm_up() {
    let folder = scratch(u64::MAX);
    let key = phone::store::StoreKey::from_slice(&[7; 32]).expect("a key has 32 bytes");
    drop(phone::store::Store::open(&folder.join("first.db"), &key).expect("a store of ours can be opened"));
    let _ = std::fs::remove_dir_all(&folder);
}

fn play(world: &mut World, events: u32) -> Result<(), String> {
    for _ in 0..events {
        world.step();
        if world.broken.is_some() {
            break;
        }
    }
    world.check_always()?;
    world.rest()
}

/// A folder in memory where there is one: 300 steps make about 2,000 commits.
pub(crate) fn scratch(seed: u64) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let root = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = root.join(format!("langnghe-world-{}-{seed}", std::process::id()));
    // A run that was killed may have left its folder, and numbers of processes come again.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    folder
}
