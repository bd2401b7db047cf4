//! The continuous second copy of the named road: a database of the same schema in another folder, best on another disk.
//!
//! A thread of its own copies after each commit what the copy lacks, in one transaction with FULL sync, and only then
//! tells [`Safety`]. It never holds up the writer: it reads a snapshot. A copy that fails is told to health and log,
//! `safe` stays where it was, and the thread tries again. Source: exchange rules R13, R19.

use std::path::PathBuf;
use std::thread::JoinHandle;

use model::handshake::public;
use tokio::sync::watch;

use crate::door::{CopyState, Stop, StopReason};
use crate::failure::ServerFailed;
use crate::file_fault::at;
use crate::folder::{EPOCH_FILE, IDENTITY_FILE, read_key, write_whole};
use crate::limits::COPY_RETRY_PAUSE;
use crate::machine;
use crate::moves::Moves;
use crate::office::{DATABASE_FILE, MEMBERSHIP_FILE};
use crate::safety::Safety;
use crate::second_copy::SecondCopy;
use crate::sidecar::Sidecar;

/// The thread that copies.
pub struct Copier {
    thread: JoinHandle<()>,
    stop: Stop,
}

/// What it copies from and to.
#[derive(Clone, Debug)]
pub struct CopyPaths {
    /// The data folder.
    pub folder: PathBuf,
    /// The membership file.
    pub membership: PathBuf,
    /// The folder of the copy.
    pub copy: PathBuf,
}

struct Copying {
    paths: CopyPaths,
    safety: Safety,
    state: watch::Sender<CopyState>,
    bell: watch::Receiver<u64>,
    stop: Stop,
    open: Option<SecondCopy>,
    membership_bytes: Option<u64>,
}

impl Copier {
    /// Starts it; `open` is what was found at the start of the server, if it could be opened.
    pub fn start(
        (paths, open): (CopyPaths, Option<SecondCopy>),
        safety: Safety,
        moves: &Moves,
    ) -> (Self, watch::Receiver<CopyState>) {
        let (state, shown) = watch::channel(CopyState::Following);
        let (bell, stop) = (moves.bell(), Stop::default());
        let copying = Copying { paths, safety, state, bell, stop: stop.clone(), open, membership_bytes: None };
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new().name("copier".to_owned());
        let thread = thread.spawn(move || runtime.block_on(copying.work()));
        (Self { thread: thread.expect("a machine that cannot start one thread runs no server"), stop }, shown)
    }

    /// Copies the last commit and ends; the writer has ended before.
    pub fn finish(self) -> Result<(), ServerFailed> {
        self.stop.ask(StopReason::Asked);
        self.thread.join().map_err(|_| ServerFailed::Defect)
    }
}

impl Copying {
    async fn work(mut self) {
        loop {
            self.bell.mark_unchanged();
            let pause = self.copy_and_tell();
            let is_stopping = tokio::select! {
                biased;
                rung = self.bell.changed(), if pause.is_none() => rung.is_err(),
                () = tokio::time::sleep(pause.unwrap_or(COPY_RETRY_PAUSE)), if pause.is_some() => false,
                _ = self.stop.asked() => true,
            };
            if is_stopping {
                break;
            }
        }
        // The writer has ended before us, so this round takes its last commit.
        self.copy_and_tell();
    }

    /// One round; after a failure it says how long to wait.
    fn copy_and_tell(&mut self) -> Option<std::time::Duration> {
        let copied = self.copy();
        self.safety.note_outcome(copied.is_ok());
        let state = if copied.is_ok() { CopyState::Following } else { CopyState::Failed };
        let was = self.state.send_replace(state);
        match copied {
            Ok(()) if was == CopyState::Failed => tracing::info!("the second copy follows again"),
            Err(failed) if was != CopyState::Failed => {
                tracing::error!(reason = %failed, "the second copy cannot be written; what is safe stays where it is");
            }
            Ok(()) | Err(_) => {}
        }
        (state == CopyState::Failed).then_some(COPY_RETRY_PAUSE)
    }

    fn copy(&mut self) -> Result<(), ServerFailed> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => SecondCopy::open(&self.paths.copy, &self.paths.folder.join(DATABASE_FILE))?,
        };
        self.copy_files()?;
        for (space, head) in open.follow()? {
            self.safety.note(space, head);
        }
        self.open = Some(open);
        Ok(())
    }

    /// Identity, life and membership: a copy without them could not become the server.
    fn copy_files(&mut self) -> Result<(), ServerFailed> {
        let bytes = std::fs::metadata(&self.paths.membership)?.len();
        let names = [IDENTITY_FILE, EPOCH_FILE, MEMBERSHIP_FILE];
        let is_whole = names.iter().all(|name| self.paths.copy.join(name).exists());
        if is_whole && self.membership_bytes == Some(bytes) {
            return Ok(());
        }
        for name in [IDENTITY_FILE, EPOCH_FILE] {
            write_whole(&self.paths.copy, name, &std::fs::read(self.paths.folder.join(name))?)?;
        }
        self.copy_membership()?;
        self.membership_bytes = Some(bytes);
        Ok(())
    }

    /// Adds the acts that the copy lacks. What it knows beyond ours stays: it may be all that is left of an act that a
    /// folder lost when it went back.
    fn copy_membership(&self) -> Result<(), ServerFailed> {
        let copied = self.paths.copy.join(MEMBERSHIP_FILE);
        // The membership file itself may lie in the copy's folder.
        if copied.canonicalize().ok() == self.paths.membership.canonicalize().ok() {
            return Ok(());
        }
        let key = read_key(&self.paths.folder.join(IDENTITY_FILE))?.ok_or(ServerFailed::IdentityLost)?;
        let mut followed = match Sidecar::open(&copied) {
            Err(ServerFailed::MembershipForeign { .. }) => {
                let set_aside = format!("set-aside-{}.membership", machine::now_ms());
                std::fs::rename(&copied, self.paths.copy.join(set_aside)).map_err(at(&copied))?;
                Sidecar::open(&copied)?
            }
            opened => opened?,
        };
        let lacking = followed.lacking(&self.paths.membership, &public(&key))?;
        followed.append(&lacking)
    }
}
