//! A simulated server: the real office over a folder in memory, its backup, and its death at any write.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use model::exchange::{Reply, Request};
use model::handshake::public;
use model::identity::{DeviceId, SpaceId};
use server::failure::ServerFailed;
use server::log;
use server::office::{DATABASE_FILE, MEMBERSHIP_FILE, Moment, Office};
use server::prepared::Prepared;
use server::safety::Safety;

/// The identity key of every simulated server; a restore keeps it.
pub fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// What becomes of the membership file when the database is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MembershipFile {
    /// It lay elsewhere.
    Kept,
    /// It went with the database.
    Lost,
}

/// A server process and its files.
pub struct SimulatedServer {
    folder: PathBuf,
    office: Option<Office>,
    safety: Safety,
    is_copied: bool,
    has_backup: bool,
    lives: u32,
}

impl SimulatedServer {
    /// A fresh server; the empty state is its first backup.
    pub fn new(folder: &Path, is_copied: bool, now_ms: i64) -> Self {
        let folder = folder.join("server-0");
        std::fs::create_dir_all(&folder).expect("the scratch folder can be written");
        let safety = if is_copied { Safety::of_two_copies(HashMap::new()) } else { Safety::of_one_copy() };
        let mut server = Self { folder, office: None, safety, is_copied, has_backup: false, lives: 0 };
        server.start(now_ms);
        server
    }

    /// The running office.
    pub fn office(&mut self) -> &mut Office {
        self.office.as_mut().expect("the server runs between steps")
    }

    /// Starts the process over its folder.
    pub fn start(&mut self, now_ms: i64) {
        self.office = None;
        let moment = self.moment(now_ms);
        let office = Office::open(&self.folder, server_key(), self.safety.clone(), moment);
        self.office = Some(office.expect("a folder of ours can be opened"));
    }

    /// One request, perhaps dying at the nth step of the database.
    pub fn serve(
        &mut self,
        device: DeviceId,
        request: &Request,
        now_ms: i64,
        dies_after: Option<u32>,
    ) -> Option<Reply> {
        let prepared = Prepared::new(request.clone(), &public(&server_key()));
        let moment = self.moment(now_ms);
        if let Some(steps) = dies_after {
            self.office().interrupt_after(Some(steps));
        }
        let reply = self.office().exchange(device, &prepared, moment);
        self.office().interrupt_after(None);
        match reply {
            Ok(reply) => Some(reply),
            Err(ServerFailed::Interrupted) => {
                self.start(now_ms);
                None
            }
            Err(failed) => panic!("the server failed: {failed}"),
        }
    }

    /// Length of the membership file, in bytes.
    pub fn membership_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join(MEMBERSHIP_FILE)).expect("the membership file is there").len()
    }

    /// The process dies while the membership file is written: it ends after so many bytes, in the middle of a record.
    pub fn die_in_membership_file(&mut self, bytes: u64, now_ms: i64) {
        self.office = None;
        let file = OpenOptions::new().write(true).open(self.folder.join(MEMBERSHIP_FILE));
        file.and_then(|file| file.set_len(bytes)).expect("the membership file can be cut");
        self.start(now_ms);
    }

    /// Copies the database; with a second copy this is that copy, and its heads become safe.
    pub fn back_up(&mut self) {
        self.checkpoint();
        std::fs::copy(self.folder.join(DATABASE_FILE), self.folder.join("backup.db")).expect("a copy can be written");
        self.has_backup = true;
        if self.is_copied {
            for space in log::spaces(self.office().reader()).expect("spaces can be read") {
                self.safety.note(space.space, space.head);
            }
        }
    }

    /// Whether there is a backup to go back to.
    pub fn has_backup(&self) -> bool {
        self.has_backup
    }

    /// A new server from the backup and, if it is kept, the membership file. The present one lives on as the old one.
    pub fn restored(&mut self, now_ms: i64, membership: MembershipFile, is_copied: bool) -> Self {
        self.checkpoint();
        self.lives += 1;
        let folder = self.folder.with_file_name(format!("server-{}", self.lives));
        std::fs::create_dir_all(&folder).expect("the scratch folder can be written");
        let copy = |from: &str, to: &str| {
            std::fs::copy(self.folder.join(from), folder.join(to)).expect("a copy can be read");
        };
        copy("backup.db", DATABASE_FILE);
        copy("backup.db", "backup.db");
        if membership == MembershipFile::Kept {
            copy(MEMBERSHIP_FILE, MEMBERSHIP_FILE);
        }
        let safety = self.safety_of_next(is_copied);
        let lives = self.lives;
        let mut next = Self { folder, office: None, safety, is_copied, has_backup: true, lives };
        next.start(now_ms);
        let moment = next.moment(now_ms);
        let is_lost = membership == MembershipFile::Lost;
        next.office().begin_new_life(is_lost, moment).expect("a new life can begin");
        next
    }

    /// The copy goes with the new server; what the old one says about it no longer grows.
    fn safety_of_next(&mut self, is_copied: bool) -> Safety {
        if !is_copied {
            return Safety::of_one_copy();
        }
        let mut heads = HashMap::new();
        if self.is_copied {
            for space in log::spaces(self.office().reader()).expect("spaces can be read") {
                heads.insert(space.space, self.safety.safe(space.space, u64::MAX));
            }
        }
        Safety::of_two_copies(heads)
    }

    /// Whether there is a second copy.
    pub fn is_copied(&self) -> bool {
        self.is_copied
    }

    /// Heads of every space in the backup, if it is the second copy.
    pub fn copied_head(&self, space: SpaceId) -> u64 {
        self.safety.safe(space, u64::MAX)
    }

    /// A moment of this server.
    pub fn moment(&self, now_ms: i64) -> Moment {
        Moment { now_ms, random: u64::from(self.lives) << 32 | now_ms as u64 & 0xffff_ffff }
    }

    fn checkpoint(&mut self) {
        let done = self.office().reader().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        done.expect("a checkpoint can be written");
    }
}
