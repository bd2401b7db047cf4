//! After a restore: who may bring what back, and what nobody may slip in beside it. A real server over real files, real
//! stores and sessions of phones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use ed25519_dalek::SigningKey;
use model::document::{DocumentKind, Edit};
use model::entry::{Entry, EntryDraft, EntryKind};
use model::exchange::{
    Acknowledgement, Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Pushed, Reply, Request, SpaceRequest,
};
use model::handshake::public;
use model::hash::EntryHash;
use model::identity::{DocumentId, PersonId, SpaceId};
use model::membership::Role;
use model::rating::Rating;
use model::receipt::{ReceiptPage, ReceiptedEntry};
use model::refusal::Refusal;
use model::self_assessment::subject;
use model::time::Timestamp;
use phone::store::entries::Held;
use phone::store::{Store, StoreKey, entries};
use phone::sync::session::{Pace, Parties, next_request, receive};
use phone::work::{Act, Author, Paper, Work};
use server::backup::{back_up, restore};
use server::failure::ServerFailed;
use server::inspection::inspect;
use server::office::{DATABASE_FILE, Office};
use server::prepared::Prepared;
use server::running::{Running, start};
use server::second_copy::SecondCopy;
use server::settings::Settings;
use server::{enrolment, machine};
use tests::commune::{Commune, filled};

const SEED: u64 = 335;

/// A device that is in neither the backup nor anybody's mind.
const NOWHERE: DocumentId = DocumentId::from_bytes([0x66; 16]);

/// An office's folder, its backup beside it, and the commune that it serves.
struct House {
    folder: tempfile::TempDir,
    settings: Settings,
    commune: Commune,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::of_folder(&folder.path().join("data"));
        Self { folder, settings, commune: Commune::generate(SEED) }
    }

    fn backup(&self) -> std::path::PathBuf {
        self.folder.path().join("backup.db")
    }

    /// Opened, with everything published.
    async fn opened(&self) -> Running {
        let server = start(&self.settings).await.unwrap();
        let items = self.commune.items();
        act(&server, move |office| office.publish(&items, machine::moment())).await;
        server
    }

    /// Set back to the backup; the membership file is the present one.
    async fn restored(&self, server: Running) -> Running {
        server.stop().await.unwrap();
        restore(&self.settings, &self.backup(), None).unwrap();
        start(&self.settings).await.unwrap()
    }

    /// The machine burnt; what is left is the backup with its own membership file, if any, and the identity key.
    async fn rebuilt(&self, server: Running, has_membership: bool) -> Running {
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
        assert_eq!(restore(&self.settings, &self.backup(), None).unwrap().is_membership_lost, !has_membership);
        start(&self.settings).await.unwrap()
    }

    fn cadre(&self, index: usize) -> PersonId {
        self.commune.members[index].held.cadre.id
    }

    async fn paper(&self, server: &Running, person: PersonId) -> Paper {
        let space = act(server, move |office| Ok(office.space_of(person))).await;
        let about = subject(self.commune.cycle.id, person);
        Paper { space, document: DocumentKind::SelfAssessment.document_about(space, &about) }
    }

    fn answers(&self, person: PersonId) -> Vec<Edit> {
        let member = self.commune.members.iter().find(|member| member.held.cadre.id == person).unwrap();
        filled(SEED, person, member.held.assignment.is_leader, Rating::Good)
    }

    fn form(&self) -> EntryHash {
        EntryHash::from_bytes(*self.commune.cycle.form.fingerprint.as_bytes())
    }
}

async fn act<T: Send + 'static>(
    server: &Running,
    work: impl FnOnce(&mut Office) -> Result<T, ServerFailed> + Send + 'static,
) -> T {
    server.door().writer.act(work).await.unwrap()
}

/// The real phone's store and session.
struct Handset {
    store: Store,
    work: Work,
    author: Author,
    parties: Parties,
    unknown: Vec<SpaceId>,
    given: Vec<ReceiptedEntry>,
    _folder: tempfile::TempDir,
}

impl Handset {
    async fn enrolled(server: &Running, seed: u8, person: PersonId, role: Role) -> Self {
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
    async fn synchronise(&mut self, server: &Running) {
        for _ in 0..12 {
            let outgoing = next_request(&self.store, Pace::FULL, &self.unknown).unwrap();
            let reply = self.ask(server, outgoing.request.clone()).await;
            let progress = receive(&mut self.store, &self.parties, &outgoing, &reply).unwrap();
            assert_eq!(progress.alarms, []);
            self.work.forget(&progress.moved);
            self.unknown.clone_from(&progress.unknown);
        }
    }

    async fn ask(&self, server: &Running, request: Request) -> Reply {
        let (device, key) = (self.author.device(), public(&self.author.key));
        let prepared = Prepared::new(request).verified_with(&key);
        server.door().writer.exchange(device, prepared).await.unwrap()
    }

    /// Pushes one entry into a space, with or without a page of receipts; what the server says to it.
    async fn push(
        &self,
        server: &Running,
        space: SpaceId,
        entry: &Entry,
        page: Option<ReceiptPage>,
    ) -> Acknowledgement {
        let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
        let entries = vec![Pushed { entry: entry.bytes.clone(), receipt: page.as_ref().map(|_| 0) }];
        let receipts = page.into_iter().collect();
        let enrolment = self.given.iter().find(|given| given.read().unwrap().0.fields.space == space).cloned();
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment };
        let budget_bytes = BUDGET_BYTES as u32;
        let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes, newest: None };
        let reply = self.ask(server, request).await;
        match reply.spaces.into_iter().next().unwrap().answer {
            Answered::Rows(rows) => rows.acknowledgements.into_iter().next().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn edit(&mut self, paper: Paper, edits: &[Edit]) -> EntryHash {
        let act = Act { store: &mut self.store, author: &self.author, claimed: Timestamp::from_utc_ms(0) };
        self.work.edit(act, paper, edits).unwrap().unwrap()
    }

    fn submit(&mut self, paper: Paper, form: EntryHash) -> EntryHash {
        let act = Act { store: &mut self.store, author: &self.author, claimed: Timestamp::from_utc_ms(0) };
        self.work.submit(act, paper, form).unwrap()
    }

    fn held(&self, hash: &EntryHash) -> Held {
        entries::find(self.store.reader(), hash).unwrap().unwrap()
    }

    fn entry(&self, hash: &EntryHash) -> Entry {
        entries::entry_of(self.store.reader(), hash).unwrap().unwrap()
    }

    fn page(&self, hash: &EntryHash) -> ReceiptPage {
        entries::page(self.store.reader(), self.held(hash).page.unwrap()).unwrap()
    }

    fn changes(&self, space: SpaceId) -> Vec<EntryHash> {
        let sql = "select hash from entry where space = ?1 and kind = 1 order by id";
        let mut statement = self.store.reader().prepare(sql).unwrap();
        let rows = statement.query_map([space.as_bytes()], |row| row.get(0).map(EntryHash::from_bytes)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// A change of somebody else, signed anew by this phone under other fields: the engine gives it the same address.
    fn signed_anew(&self, original: &Entry, space: SpaceId, document: DocumentId) -> Entry {
        let (person, body) = (original.fields.person, original.fields.body.clone());
        let draft = EntryDraft { kind: EntryKind::Change, space, document, person, incarnation: 1, body };
        let forged = Entry::sign(draft, &self.author.key).unwrap();
        assert_eq!(forged.hash, original.hash);
        forged
    }
}

fn is_in_force(told: &Acknowledgement) -> bool {
    matches!(told, Acknowledgement::Stored { in_force: true, .. })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_does_not_speak_for_a_change_that_was_signed_anew_under_other_fields() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 11, lan, Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 12, lan, Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let paper = house.paper(&server, lan).await;
    let change = own.edit(paper, &house.answers(lan));
    own.synchronise(&server).await;
    thief.synchronise(&server).await;
    let submission = own.submit(paper, house.form());
    own.synchronise(&server).await;
    let device = thief.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;

    let server = house.restored(server).await;
    let forged = thief.signed_anew(&thief.entry(&change), paper.space, NOWHERE);
    let told = thief.push(&server, paper.space, &forged, Some(thief.page(&change))).await;
    assert!(!is_in_force(&told), "{told:?}");
    own.synchronise(&server).await;
    let held = own.held(&submission);
    assert!(held.number.is_some() && held.in_force == Some(true), "{held:?}");
    let state = act(&server, move |office| {
        let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
        server::log::document(office.reader(), space.id, paper.document)
    });
    assert_eq!(state.await.unwrap().decisions.submitted, Some(submission));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_cadres_phone_brings_anything_into_the_directory() {
    let house = House::new();
    let server = start(&house.settings).await.unwrap();
    let mut honest = Handset::enrolled(&server, 21, house.cadre(2), Role::Subject).await;
    let mut thief = Handset::enrolled(&server, 22, house.cadre(3), Role::Subject).await;
    back_up(&house.settings, &house.backup()).unwrap();
    server.stop().await.unwrap();
    let server = house.opened().await;
    honest.synchronise(&server).await;
    thief.synchronise(&server).await;
    let directory = act(&server, |office| Ok(office.directory())).await;
    let published = honest.changes(directory);

    let server = house.restored(server).await;
    let victim = thief.entry(&published[0]);
    let elsewhere = SpaceId::from_bytes([0x77; 16]);
    for (space, document) in [(elsewhere, NOWHERE), (directory, NOWHERE), (directory, victim.fields.document)] {
        let forged = thief.signed_anew(&victim, space, document);
        let told = thief.push(&server, directory, &forged, Some(thief.page(&victim.hash))).await;
        assert!(matches!(told, Acknowledgement::Refused(_) | Acknowledgement::Wait), "{told:?}");
    }
    honest.synchronise(&server).await;
    let mut newcomer = Handset::enrolled(&server, 23, house.cadre(4), Role::Subject).await;
    newcomer.synchronise(&server).await;
    assert_eq!(newcomer.changes(directory).len(), published.len());
    inspect(&house.settings.data.join(DATABASE_FILE)).unwrap();
    let items = house.commune.items();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_does_not_come_in_by_leaving_its_receipt_out() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut honest = Handset::enrolled(&server, 31, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let mut out = Handset::enrolled(&server, 32, lan, Role::Subject).await;
    honest.synchronise(&server).await;
    out.synchronise(&server).await;
    let device = out.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    honest.synchronise(&server).await;

    let server = house.rebuilt(server, true).await;
    for given in out.given.clone() {
        let entry = given.read().unwrap().0;
        let told = out.push(&server, entry.fields.space, &entry, None).await;
        assert_eq!(told, Acknowledgement::Refused(Refusal::NotAllowed));
    }
    honest.synchronise(&server).await;
    assert_eq!(act(&server, move |office| office.spaces_of(device)).await, []);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_space_of_a_cadre_who_is_younger_than_the_backup_is_found_again() {
    for has_membership in [true, false] {
        let house = House::new();
        let server = house.opened().await;
        back_up(&house.settings, &house.backup()).unwrap();
        let lan = house.cadre(2);
        let mut own = Handset::enrolled(&server, 41, lan, Role::Subject).await;
        let paper = house.paper(&server, lan).await;
        own.edit(paper, &house.answers(lan));
        let submission = own.submit(paper, house.form());
        own.synchronise(&server).await;

        let server = house.rebuilt(server, has_membership).await;
        own.synchronise(&server).await;
        assert!(own.unknown.is_empty(), "the phone is known again");
        let state = act(&server, move |office| {
            let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
            server::log::document(office.reader(), space.id, paper.document)
        });
        let state = state.await.expect("the paper is back");
        assert_eq!(state.decisions.submitted, Some(submission), "membership file: {has_membership}");
        server.stop().await.unwrap();
    }
}

/// The copy's disk is away while a backup is restored, and the phones bring everything back in another order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_copy_whose_spaces_grew_in_another_order_begins_anew() {
    let house = House::new();
    let copy = house.folder.path().join("copy");
    let server = house.opened().await;
    let people = [house.cadre(2), house.cadre(3)];
    let mut phones = Vec::new();
    for (seed, person) in (61..).zip(people) {
        phones.push(Handset::enrolled(&server, seed, person, Role::Subject).await);
    }
    back_up(&house.settings, &house.backup()).unwrap();
    let papers = [house.paper(&server, people[0]).await, house.paper(&server, people[1]).await];
    let submit = |phone: &mut Handset, index: usize| {
        phone.edit(papers[index], &house.answers(people[index]));
        phone.submit(papers[index], house.form())
    };
    let first = submit(&mut phones[0], 0);
    phones[0].synchronise(&server).await;
    let database = house.settings.data.join(DATABASE_FILE);
    SecondCopy::open(&copy, &database).unwrap().follow().unwrap();

    let server = house.restored(server).await;
    let second = submit(&mut phones[1], 1);
    for phone in phones.iter_mut().rev() {
        phone.synchronise(&server).await;
    }
    for phone in &mut phones {
        phone.synchronise(&server).await;
    }
    let submissions = [(papers[0], first), (papers[1], second)];
    SecondCopy::open(&copy, &database).unwrap().follow().unwrap();
    let set_aside = std::fs::read_dir(&copy).unwrap().flatten();
    assert_eq!(set_aside.filter(|file| file.file_name().to_string_lossy().starts_with("set-aside")).count(), 1);
    server.stop().await.unwrap();
    assert_eq!(inspect(&copy.join(DATABASE_FILE)), inspect(&database));

    let from_copy = House { settings: Settings::of_folder(&house.folder.path().join("again")), ..house };
    std::fs::create_dir(&from_copy.settings.data).unwrap();
    let key = "identity.key";
    std::fs::copy(database.with_file_name(key), from_copy.settings.data.join(key)).unwrap();
    restore(&from_copy.settings, &copy.join(DATABASE_FILE), None).unwrap();
    let server = start(&from_copy.settings).await.unwrap();
    for (paper, submission) in submissions {
        let state = act(&server, move |office| {
            let space = server::log::space(office.reader(), paper.space)?.ok_or(ServerFailed::Damaged)?;
            server::log::document(office.reader(), space.id, paper.document)
        });
        assert_eq!(state.await.unwrap().decisions.submitted, Some(submission));
    }
    server.stop().await.unwrap();
}
