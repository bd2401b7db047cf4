//! An office over real files and the phones of its commune, for facts about restores and hostile members: a real server,
//! real stores and sessions.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};

use crate::commune::{Commune, filled};
use ed25519_dalek::SigningKey;
use model::document::{DocumentKind, Edit};
use model::enrolment::{EnrolmentCode, EnrolmentRequest};
use model::entry::{Entry, EntryDraft, EntryKind};
use model::exchange::{
    Acknowledgement, Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Pushed, Reply, Request, SpaceRequest, pack,
    unpack_request,
};
use model::handshake::public;
use model::hash::EntryHash;
use model::identity::{DocumentId, PersonId, SpaceId};
use model::membership::Role;
use model::rating::Rating;
use model::receipt::{ReceiptPage, ReceiptedEntry};
use model::self_assessment::subject;
use model::time::Timestamp;
use phone::store::entries::Held;
use phone::store::{Store, StoreKey, entries};
use phone::sync::session::{Alarm, Pace, Parties, next_request, receive};
use phone::work::{Act, Author, Paper, Work};
use server::backup::restore;
use server::door::StopReason;
use server::failure::ServerFailed;
use server::office::Office;
use server::prepared::Prepared;
use server::running::{Running, start};
use server::settings::Settings;
use server::writer::WriterRefused;
use server::{enrolment, machine};

pub const SEED: u64 = 335;

/// A device that is in neither the backup nor anybody's mind.
pub const NOWHERE: DocumentId = DocumentId::from_bytes([0x66; 16]);

/// An office's folder, its backup beside it, and the commune that it serves.
pub struct House {
    pub folder: tempfile::TempDir,
    pub settings: Settings,
    pub commune: Commune,
}

impl House {
    #[expect(clippy::new_without_default, reason = "a folder is made")]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::of_folder(&folder.path().join("data"));
        Self { folder, settings, commune: Commune::generate(SEED) }
    }

    pub fn backup(&self) -> PathBuf {
        self.folder.path().join("backup.db")
    }

    /// Opened, with everything published.
    pub async fn opened(&self) -> Running {
        let server = start(&self.settings).await.unwrap();
        let items = self.commune.items();
        act(&server, move |office| office.publish(&items, machine::moment())).await;
        server
    }

    /// Set back to the backup; the membership file is the present one.
    pub async fn restored(&self, server: Running) -> Running {
        server.stop().await.unwrap();
        restore(&self.settings, &self.backup(), None).unwrap();
        start(&self.settings).await.unwrap()
    }

    /// The machine burnt; what is left is the backup with its own membership file, if any, and the identity key.
    pub async fn rebuilt(&self, server: Running, has_membership: bool) -> Running {
        server.stop().await.unwrap();
        let key = self.settings.data.join("identity.key");
        let digits = std::fs::read(&key).unwrap();
        std::fs::remove_dir_all(&self.settings.data).unwrap();
        std::fs::create_dir(&self.settings.data).unwrap();
        std::fs::write(&key, digits).unwrap();
        if !has_membership {
            let beside = std::fs::read_dir(self.folder.path()).unwrap().flatten().map(|entry| entry.path());
            beside.filter(|path| path.extension().is_some_and(|ending| ending == "membership")).for_each(|path| {
                std::fs::remove_file(path).unwrap();
            });
        }
        let restored = restore(&self.settings, &self.backup(), None).unwrap();
        assert!(restored.is_membership_lost, "what lies beside a backup is as old as the backup");
        start(&self.settings).await.unwrap()
    }

    /// What a copy of the whole disk would hold.
    pub fn keep_snapshot(&self) {
        copy_files(&self.settings.data, &self.snapshot());
    }

    /// The whole data folder is that of the snapshot again.
    pub fn go_back(&self) {
        std::fs::remove_dir_all(&self.settings.data).unwrap();
        copy_files(&self.snapshot(), &self.settings.data);
    }

    fn snapshot(&self) -> PathBuf {
        self.folder.path().join("snapshot")
    }

    /// Synchronises as the app does; a server that is proved to have gone back ends and is started anew, as `serve` does.
    pub async fn talks(&self, phone: &mut Handset, server: Running) -> (Running, Vec<Alarm>) {
        let (mut server, mut alarms) = (server, Vec::new());
        for _ in 0..12 {
            let outgoing = next_request(&phone.store, Pace::FULL, &phone.unknown).unwrap();
            let request = unpack_request(&pack(&outgoing.request)).unwrap();
            let prepared = Prepared::new(request, &server.identity).verified_with(&public(&phone.author.key));
            match server.door().writer.exchange(phone.author.device(), prepared).await {
                Ok(reply) => {
                    let progress = receive(&mut phone.store, &phone.parties, &outgoing, &reply).unwrap();
                    phone.work.forget(&progress.moved);
                    phone.unknown.clone_from(&progress.unknown);
                    alarms.extend(progress.alarms);
                }
                Err(WriterRefused::Failed(ServerFailed::WentBack)) => {
                    server.stop_handle().ask(StopReason::WentBack);
                    assert_eq!(server.until_stopped().await, Err(ServerFailed::WentBack));
                    server = start(&self.settings).await.unwrap();
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        (server, alarms)
    }

    pub fn cadre(&self, index: usize) -> PersonId {
        self.commune.members[index].held.cadre.id
    }

    pub async fn paper(&self, server: &Running, person: PersonId) -> Paper {
        let space = act(server, move |office| Ok(office.space_of(person))).await;
        let about = subject(self.commune.cycle.id, person);
        Paper { space, document: DocumentKind::SelfAssessment.document_about(space, &about) }
    }

    pub fn answers(&self, person: PersonId) -> Vec<Edit> {
        let member = self.commune.members.iter().find(|member| member.held.cadre.id == person).unwrap();
        filled(SEED, person, member.held.assignment.is_leader, Rating::Good)
    }

    pub fn form(&self) -> EntryHash {
        EntryHash::from_bytes(*self.commune.cycle.form.fingerprint.as_bytes())
    }
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten().filter(|file| file.file_type().unwrap().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

pub async fn act<T: Send + 'static>(
    server: &Running,
    work: impl FnOnce(&mut Office) -> Result<T, ServerFailed> + Send + 'static,
) -> T {
    server.door().writer.act(work).await.unwrap()
}

/// The real phone's store and session.
pub struct Handset {
    pub store: Store,
    pub work: Work,
    pub author: Author,
    pub parties: Parties,
    pub unknown: Vec<SpaceId>,
    pub given: Vec<ReceiptedEntry>,
    _folder: tempfile::TempDir,
}

impl Handset {
    pub async fn enrolled(server: &Running, seed: u8, person: PersonId, role: Role) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let device = public(&key);
        let given = act(server, move |office| office.grant_device(device, person, role, machine::moment())).await;
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("p.db"), &StoreKey::from_slice(&[seed; 32]).unwrap()).unwrap();
        store.transact(|transaction| phone::account::enrol(transaction, &given)).unwrap();
        let author = Author { key, person, incarnation: u64::from(seed) };
        let parties = Parties { device: author.device(), server: server.identity };
        Self { store, work: Work::default(), author, parties, unknown: Vec::new(), given, _folder: folder }
    }

    /// Sends and receives until nothing moves; an alarm of the phone is a failure.
    pub async fn synchronise(&mut self, server: &Running) {
        for _ in 0..12 {
            let outgoing = next_request(&self.store, Pace::FULL, &self.unknown).unwrap();
            let reply = self.ask(server, outgoing.request.clone()).await;
            let progress = receive(&mut self.store, &self.parties, &outgoing, &reply).unwrap();
            assert_eq!(progress.alarms, []);
            self.work.forget(&progress.moved);
            self.unknown.clone_from(&progress.unknown);
        }
    }

    pub async fn ask(&self, server: &Running, request: Request) -> Reply {
        let request = unpack_request(&pack(&request)).expect("a phone's request can be read");
        let (device, key) = (self.author.device(), public(&self.author.key));
        let prepared = Prepared::new(request, &server.identity).verified_with(&key);
        server.door().writer.exchange(device, prepared).await.unwrap()
    }

    /// Pushes one entry into a space, with or without a page of receipts; what the server says to it.
    pub async fn push(
        &self,
        server: &Running,
        space: SpaceId,
        entry: &Entry,
        page: Option<ReceiptPage>,
    ) -> Acknowledgement {
        let entries = vec![Pushed { entry: entry.bytes.clone(), receipt: page.as_ref().map(|_| 0) }];
        self.push_all(server, space, (entries, page.into_iter().collect())).await.remove(0)
    }

    /// Pushes entries into a space with these pages of receipts; what the server says to each.
    pub async fn push_all(
        &self,
        server: &Running,
        space: SpaceId,
        (entries, receipts): (Vec<Pushed>, Vec<ReceiptPage>),
    ) -> Vec<Acknowledgement> {
        let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
        let enrolment = self.given.iter().find(|given| given.read().unwrap().0.fields.space == space).cloned();
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment };
        let budget_bytes = BUDGET_BYTES as u32;
        let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes, newest: None };
        let reply = self.ask(server, request).await;
        match reply.spaces.into_iter().next().unwrap().answer {
            Answered::Rows(rows) => rows.acknowledgements,
            other => panic!("{other:?}"),
        }
    }

    pub fn edit(&mut self, paper: Paper, edits: &[Edit]) -> EntryHash {
        let act = Act { store: &mut self.store, author: &self.author, claimed: Timestamp::from_utc_ms(0) };
        self.work.edit(act, paper, edits).unwrap().unwrap()
    }

    pub fn submit(&mut self, paper: Paper, form: EntryHash) -> EntryHash {
        let act = Act { store: &mut self.store, author: &self.author, claimed: Timestamp::from_utc_ms(0) };
        self.work.submit(act, paper, form).unwrap()
    }

    pub fn held(&self, hash: &EntryHash) -> Held {
        entries::find(self.store.reader(), hash).unwrap().unwrap()
    }

    pub fn entry(&self, hash: &EntryHash) -> Entry {
        entries::entry_of(self.store.reader(), hash).unwrap().unwrap()
    }

    pub fn page(&self, hash: &EntryHash) -> ReceiptPage {
        entries::page(self.store.reader(), self.held(hash).page.unwrap()).unwrap()
    }

    pub fn changes(&self, space: SpaceId) -> Vec<EntryHash> {
        let sql = "select hash from entry where space = ?1 and kind = 1 order by id";
        let mut statement = self.store.reader().prepare(sql).unwrap();
        let rows = statement.query_map([space.as_bytes()], |row| row.get(0).map(EntryHash::from_bytes)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// A change of somebody else, signed anew by this phone under other fields: the engine gives it the same address.
    pub fn signed_anew(&self, original: &Entry, space: SpaceId, document: DocumentId) -> Entry {
        let (person, body) = (original.fields.person, original.fields.body.clone());
        let draft = EntryDraft { kind: EntryKind::Change, space, document, person, incarnation: 1, body };
        let forged = Entry::sign(draft, &self.author.key).unwrap();
        assert_eq!(forged.hash, original.hash);
        forged
    }
}

pub fn is_in_force(told: &Acknowledgement) -> bool {
    matches!(told, Acknowledgement::Stored { in_force: true, .. })
}

/// The office's present decision about a paper.
pub async fn submitted(server: &Running, paper: Paper) -> Option<EntryHash> {
    act(server, move |office| {
        let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
        Ok(server::log::document(office.reader(), space.id, paper.document)?
            .and_then(|state| state.decisions.submitted))
    })
    .await
}

/// Where an entry stands in the log of a space, and whether it is in force.
pub async fn logged(server: &Running, space: SpaceId, hash: EntryHash) -> Option<(u64, bool)> {
    act(server, move |office| {
        let Some(space) = server::log::space(office.reader(), space)? else { return Ok(None) };
        Ok(server::log::find(office.reader(), space.id, &hash)?.map(|row| (row.number, row.in_force)))
    })
    .await
}

/// Another phone asks for this person and the office says yes.
pub async fn another_phone(server: &Running, seed: u8, person: PersonId) {
    let code = [seed; 16];
    let key = SigningKey::from_bytes(&[seed; 32]);
    let text = EnrolmentCode { address: "http://127.0.0.1".to_owned(), server: server.identity, code };
    let asked = EnrolmentRequest::sign(&text, &key, [seed; 16]);
    act(server, move |office| {
        enrolment::keep_code(office.reader(), &code, (person, Role::Subject), machine::now_ms())?;
        let nonce = enrolment::enrol(office, &asked, machine::now_ms())?.unwrap().nonce;
        enrolment::approve(office, (model::entry::device_id(&public(&key)), &nonce), machine::moment())
    })
    .await
    .unwrap();
}
