//! Machines fail: processes die, servers and phones go back to older copies, an old server answers on.

use rand::RngExt;

use super::World;
use super::servers::MembershipFile;

impl World {
    /// The server or a phone is killed and started.
    pub fn restart(&mut self) {
        if self.random.random_bool(0.5) {
            let now_ms = self.now_ms;
            self.server.start(now_ms);
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

    /// The server's database is lost, and an older copy takes its place.
    pub fn restore(&mut self) {
        if self.faults.restores == 0 || !self.server.has_backup() {
            return;
        }
        self.faults.restores -= 1;
        self.last_acts();
        self.ghosts.server_restores += 1;
        // What this server had stays early even if the new one must be told of it again.
        self.look();
        let membership = if self.faults.loses_sidecar { MembershipFile::Lost } else { MembershipFile::Kept };
        let is_copied = self.server.is_copied() || self.faults.gains_copy;
        let has_gained = is_copied && !self.server.is_copied();
        let next = self.server.restored(self.now_ms, membership, is_copied);
        let before = std::mem::replace(&mut self.server, next);
        if has_gained {
            self.server.back_up();
            self.ghosts.copied_since = Some(self.server.office().epoch());
        }
        let is_split = self.faults.split && self.random.random_bool(0.7);
        self.old = is_split.then_some(before);
        self.note(format!("the server is restored, membership file {membership:?}, the old one answers: {is_split}"));
        if !is_split {
            self.mourn();
        }
        self.first_acts();
    }

    /// Somebody switches the old server off.
    pub fn stop_old(&mut self) {
        if self.old.take().is_some() {
            self.note("the old server stops".to_owned());
            self.mourn();
        }
    }

    /// A phone is copied, or goes back to its copy.
    pub fn copy_or_revive(&mut self) {
        let index = self.below(self.phones.len());
        if self.phones[index].has_copy() && self.faults.revivals > 0 && self.random.random_bool(0.5) {
            self.faults.revivals -= 1;
            self.ghosts.phone_restores += 1;
            self.phones[index].revive();
            self.hang_up(index);
            self.note(format!("phone {index} is restored from its copy"));
            self.mourn();
        } else if self.faults.revivals > 0 {
            self.phones[index].copy();
            self.note(format!("phone {index} is copied"));
        }
    }
}
