//! Machines fail: processes die, the server and phones go back to older copies, the clock of the server jumps.

use std::collections::BTreeSet;

use model::hash::EntryHash;
use rand::RngExt;
use server::log;

use super::World;
use crate::world::ghosts::{held_in, log_of};
use crate::world::servers::MembershipFile;

/// How far the server's clock jumps at most: somebody sets it by hand.
const JUMP_MS_MAX: i64 = 3 * 24 * 3_600_000;

impl World {
    /// The server or a phone is killed and started.
    pub fn restart(&mut self) {
        if self.random.random_bool(0.3) {
            self.server.start(self.now_ms);
            self.note("the server is killed and started".to_owned());
        } else {
            let index = self.below(self.phones.len());
            self.phones[index].restart();
            self.hang_up(index);
            self.note(format!("phone {index} is killed and started"));
        }
    }

    /// The server's database is copied.
    pub fn back_up(&mut self) {
        self.server.back_up();
        self.note("the server is copied".to_owned());
    }

    /// The server's database is lost, and an older copy takes its place; the membership file lay elsewhere. That it is lost
    /// too, and that the old server answers on, the World of the exchange tries.
    pub fn restore(&mut self) {
        if self.faults.restores == 0 || !self.server.has_backup() {
            return;
        }
        self.faults.restores -= 1;
        self.ghosts.server_restores += 1;
        // What this server had was early, also if the next one is told of it again.
        let had = self.logged();
        self.ghosts.ever.extend(had);
        let was_copied = self.server.is_copied();
        let is_copied = was_copied || self.faults.gains_copy;
        self.server = self.server.restored(self.now_ms, MembershipFile::Kept, is_copied);
        if is_copied && !was_copied {
            self.server.back_up();
        }
        self.note(format!("the server is restored, with a second copy from now on: {is_copied}"));
        self.mourn();
    }

    /// A phone is copied, or goes back to its copy.
    pub fn copy_or_revive(&mut self) {
        let index = self.below(self.phones.len());
        if self.faults.revivals == 0 {
            return;
        }
        if self.phones[index].has_copy() && self.random.random_bool(0.6) {
            self.faults.revivals -= 1;
            self.ghosts.phone_restores += 1;
            self.phones[index].revive();
            self.hang_up(index);
            self.note(format!("phone {index} is restored from its copy"));
            self.mourn();
        } else {
            self.phones[index].copy();
            self.note(format!("phone {index} is copied"));
        }
    }

    /// The server's clock is wrong from now on. It does not go back behind the beginning of the present life: that the next
    /// life begins later all the same is the work of a file beside the database, which is not simulated here.
    pub fn set_clock(&mut self) {
        let began_ms = self.server.office().epoch().started_ms as i64;
        let jump_ms = self.random.random_range(-JUMP_MS_MAX / 4..JUMP_MS_MAX);
        self.now_ms = (self.now_ms + jump_ms).max(began_ms + 1);
        self.office.note_clock(self.now_ms);
        self.note(format!("the server's clock says {}", self.now_ms));
    }

    /// After something went back: what no store holds any more is nobody's fault.
    fn mourn(&mut self) {
        let mut held: BTreeSet<EntryHash> = self.logged();
        for phone in &mut self.phones {
            let reader = phone.store().reader();
            for state in phone::store::spaces::all(reader).expect("spaces can be read") {
                held.extend(held_in(reader, state.space).iter().map(|held| held.hash));
            }
        }
        let lost = self.ghosts.typed.keys().filter(|hash| !held.contains(hash)).copied();
        self.ghosts.gone.extend(lost.collect::<Vec<_>>());
    }

    /// Everything in any log of the server.
    pub fn logged(&mut self) -> BTreeSet<EntryHash> {
        let office = self.server.office();
        let spaces = log::spaces(office.reader()).expect("the log can be read");
        spaces.iter().flat_map(|space| log_of(office, space.space)).map(|row| row.hash).collect()
    }
}
