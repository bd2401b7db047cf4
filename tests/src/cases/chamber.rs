//! The office's server over a folder, of which twins are made: what one may do is tried on a twin, and the chamber stays
//! where it is.
//!
//! The door and the World call the same function. Its clock stands still, so two answers differ by what the server knows
//! and by nothing else.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};

use model::appointment::Appointment;
use model::directory::{DirectoryItem, ItemKind};
use model::entry::{Content, Entry};
use model::exchange::{
    Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Reply, Request, Row, SpaceRequest, pack, unpack_request,
};
use model::form::built_in;
use model::gate::DocumentState;
use model::hash::PublicKey;
use model::identity::{DeviceId, SpaceId};
use model::membership::Grant;
use phone::work::Paper;
use server::log;
use server::office::{DATABASE_FILE, MEMBERSHIP_FILE, Moment, Office};
use server::prepared::Prepared;
use server::safety::Safety;

use crate::commune::Commune;
use crate::world::servers::server_key;

/// A day of the cycle's year on which every appointment of the tests holds.
pub const NOW_MS: i64 = 1_796_000_000_000;

/// A server at work.
pub struct Chamber {
    folder: tempfile::TempDir,
    pub office: Office,
    pub now_ms: i64,
}

impl Chamber {
    /// A fresh server that published the commune and the forms of every paper.
    pub fn of(commune: &Commune) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = open(folder.path(), NOW_MS);
        let mut chamber = Self { folder, office, now_ms: NOW_MS };
        let form = |form: model::form::FormTemplate| DirectoryItem {
            kind: ItemKind::Form,
            code: format!("{} {}", form.code, form.version),
            body: form.to_json(),
        };
        chamber.publish(&commune.items());
        chamber.publish(&built_in::all().into_iter().map(form).collect::<Vec<_>>());
        chamber
    }

    /// Another server that knows everything that this one knows.
    pub fn twin(&mut self) -> Self {
        self.office.settle().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for file in [DATABASE_FILE, MEMBERSHIP_FILE] {
            std::fs::copy(self.folder.path().join(file), folder.path().join(file)).unwrap();
        }
        let office = open(folder.path(), self.now_ms);
        Self { folder, office, now_ms: self.now_ms }
    }

    /// What this server was is kept beside it, for a restore.
    pub fn back_up(&mut self) {
        self.office.settle().unwrap();
        std::fs::copy(self.folder.path().join(DATABASE_FILE), self.copy()).unwrap();
    }

    /// The database is that of the backup again, the membership file the present one; a new life begins.
    pub fn restore(&mut self) {
        self.office.settle().unwrap();
        std::fs::copy(self.copy(), self.folder.path().join(DATABASE_FILE)).unwrap();
        self.now_ms += 60_000;
        self.office = open(self.folder.path(), self.now_ms);
        self.office.begin_new_life(false, self.moment()).unwrap();
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("backup.db")
    }

    pub fn moment(&self) -> Moment {
        Moment { now_ms: self.now_ms, random: 335 }
    }

    pub fn identity(&self) -> PublicKey {
        self.office.identity()
    }

    pub fn publish(&mut self, items: &[DirectoryItem]) {
        let moment = self.moment();
        self.office.publish(items, moment).unwrap();
    }

    /// The office appoints people; a second word about the same person, role and unit replaces the first.
    pub fn appoint(&mut self, appointed: &[Appointment]) {
        let item = |held: &Appointment| DirectoryItem {
            kind: ItemKind::Appointment,
            code: format!("{:?} {} {} {:?}", held.role, held.person, held.unit, held.over),
            body: held.to_json(),
        };
        self.publish(&appointed.iter().map(item).collect::<Vec<_>>());
    }

    /// Answers a request as it comes over the line.
    pub fn ask(&mut self, (device, key): (DeviceId, &PublicKey), request: &Request) -> Reply {
        let request = unpack_request(&pack(request)).expect("a request of the tests can be read");
        let prepared = Prepared::new(request, &self.identity()).verified_with(key);
        let moment = self.moment();
        self.office.exchange(device, &prepared, moment).unwrap()
    }

    /// What the log says about a case; none where there is none.
    pub fn case(&self, case: Paper) -> Option<DocumentState> {
        let space = log::space(self.office.reader(), case.space).unwrap()?;
        log::document(self.office.reader(), space.id, case.document).unwrap()
    }

    /// Every act by which somebody was let into a space or out of it, in the order of the log.
    pub fn grants(&self, space: SpaceId) -> Vec<Grant> {
        let Some(row) = log::space(self.office.reader(), space).unwrap() else { return Vec::new() };
        let acts = log::membership_rows(self.office.reader(), row.id).unwrap().into_iter();
        let grant = |(entry, _): (Entry, log::StoredRow)| match entry.content {
            Content::Grant(grant) => Some(grant),
            _ => None,
        };
        acts.filter_map(grant).collect()
    }
}

fn open(folder: &Path, now_ms: i64) -> Office {
    Office::open(folder, server_key(), Safety::of_one_copy(), Moment { now_ms, random: 335 }).unwrap()
}

/// A request of somebody who holds nothing yet of these spaces.
pub fn asking(spaces: Vec<SpaceRequest>) -> Request {
    Request { version: EXCHANGE_VERSION, spaces, budget_bytes: BUDGET_BYTES as u32, newest: None }
}

/// Nothing but the question what is in a space.
pub fn reading(space: SpaceId, cursor: Cursor) -> SpaceRequest {
    SpaceRequest { space, cursor, safe: 0, entries: Vec::new(), receipts: Vec::new(), enrolment: None }
}

/// The entries that came down with a reply.
pub fn come_down(reply: &Reply) -> Vec<Entry> {
    let rows = reply.spaces.iter().flat_map(|space| match &space.answer {
        Answered::Rows(rows) => rows.rows.as_slice(),
        Answered::OtherEpoch(_) | Answered::UnknownDevice => &[],
    });
    let full = |row: &Row| match row {
        Row::Full { entry, .. } => Some(Entry::read(entry).unwrap()),
        Row::Pushed { .. } => None,
    };
    rows.filter_map(full).collect()
}
