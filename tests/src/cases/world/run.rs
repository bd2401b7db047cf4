//! Runs of many seeds, and the words in which a failing one is told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::entry::{Content, EntryKind};

use super::people::SUBJECTS;
use super::{Seen, World};
use crate::ballots::run::Scratch;
use crate::world::ghosts::log_of;
use crate::world::{Recipe, Violation};

/// Steps shown before a violation.
const TRACE_MAX: usize = 4_000;

impl Seen {
    /// Together with another run.
    pub fn add(&mut self, other: Self) {
        self.filed += other.filed;
        self.steps += other.steps;
        self.refused += other.refused;
        self.decided += other.decided;
        self.published += other.published;
        self.excused += other.excused;
        self.minutes += other.minutes;
        self.decided_again += other.decided_again;
        self.restores += other.restores;
    }
}

/// Runs one seed from nothing to rest.
pub fn run(recipe: Recipe) -> Result<Seen, Violation> {
    let folder = Scratch::new(recipe.seed);
    let mut world = World::new(folder.path(), recipe.seed);
    let told = catch_unwind(AssertUnwindSafe(|| {
        (0..recipe.events).for_each(|_| world.step());
        world.rest().map(|()| world.seen())
    }));
    let told = told.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(what.unwrap_or_else(|| "it panicked".to_owned()))
    });
    let kept = world.trace.len().saturating_sub(TRACE_MAX);
    told.map_err(|what| Violation { what, trace: world.trace.split_off(kept) })
}

impl World {
    fn seen(&mut self) -> Seen {
        let mut seen = Seen { restores: self.ghosts.server_restores, ..Seen::default() };
        for person in SUBJECTS {
            let case = self.case_of(person);
            let (mut was_decided, mut decisions) = (false, 0);
            for row in log_of(self.server.office(), case.space).iter().filter(|row| row.in_force) {
                seen.filed += u32::from(row.kind == EntryKind::File);
                seen.steps += u32::from(row.kind == EntryKind::Status);
                let to = match self.stored(&row.hash).map(|entry| entry.content) {
                    Ok(Content::Status(status)) => Some(status.to),
                    Ok(Content::File(filed)) => {
                        decisions += u32::from(filed.paper == PaperKind::Decision);
                        seen.minutes += u32::from(filed.paper == PaperKind::Minutes);
                        None
                    }
                    Ok(_) | Err(_) => None,
                };
                was_decided |= to == Some(CaseState::Decided);
                seen.published += u32::from(to == Some(CaseState::Published));
                seen.excused += u32::from(to == Some(CaseState::Excused));
            }
            seen.decided += u32::from(was_decided);
            seen.decided_again += decisions.saturating_sub(1);
        }
        for phone in &mut self.phones {
            let sql = "select count(*) from entry where refusal is not null";
            seen.refused += phone.store().reader().query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap_or(0);
        }
        seen
    }
}
