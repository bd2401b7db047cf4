//! The commune on a server: everybody with a device of their own, whose entries are made by the model alone, without a
//! phone's store. For tests that look at what the office sees.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use model::case::CaseState;
use model::document::{DocumentKind, Edit, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, Status, Submit, actor_of, device_id};
use model::exchange::{
    Acknowledgement, Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Pushed, Request, SpaceRequest,
};
use model::hash::{ChainHash, EntryHash, PublicKey};
use model::identity::{DocumentId, PersonId, SpaceId, derive_bytes};
use model::membership::{Grant, Role};
use model::self_assessment::subject;
use model::signed_value::canonical;
use model::time::Timestamp;
use server::office::{DATABASE_FILE, Moment, Office};
use server::prepared::Prepared;
use server::safety::Safety;

use super::Commune;

/// A server with the commune's directory.
pub struct ServedCommune {
    folder: tempfile::TempDir,
    /// The office at work.
    pub office: Office,
    /// Whose directory it is.
    pub commune: Commune,
}

/// What a paper's decisions stand on.
#[derive(Clone, Copy, Debug)]
pub struct Submitted {
    space: SpaceId,
    document: DocumentId,
    /// The submission.
    pub hash: EntryHash,
}

/// Somebody with a device in the space of a paper.
struct Author {
    key: SigningKey,
    person: PersonId,
}

impl Author {
    fn of(person: PersonId, role: &str) -> Self {
        let bytes = derive_bytes(role, &[person.as_bytes()]);
        let mut secret = [7; 32];
        secret[..16].copy_from_slice(&bytes);
        Self { key: SigningKey::from_bytes(&secret), person }
    }

    fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    fn entry(&self, kind: EntryKind, (space, document): (SpaceId, DocumentId), body: Vec<u8>) -> Entry {
        let (person, incarnation) = (self.person, INCARNATION);
        let draft = EntryDraft { kind, space, document, person, incarnation, body };
        Entry::sign(draft, &self.key).expect("a filled form fits into an entry")
    }
}

const INCARNATION: u64 = 1;

impl ServedCommune {
    /// A fresh server that published the commune.
    pub fn publish(commune: Commune, now_ms: i64) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let (key, moment) = (SigningKey::from_bytes(&[42; 32]), Moment { now_ms, random: 1 });
        let mut office = Office::open(folder.path(), key, Safety::of_one_copy(), moment).expect("a fresh folder opens");
        office.publish(&commune.items(), moment).expect("the directory can be published");
        Self { folder, office, commune }
    }

    /// The database, for a reader of its own.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE_FILE)
    }

    /// A cadre begins a paper and does not submit it.
    pub fn drafts(&mut self, person: PersonId, edits: &[Edit], now_ms: i64) {
        self.write(person, edits, now_ms);
    }

    /// A cadre fills in and submits a paper, which reaches the server at this time.
    pub fn submits(&mut self, person: PersonId, edits: &[Edit], now_ms: i64) -> Submitted {
        let (document, (space, id)) = self.write(person, edits, now_ms);
        let author = Author::of(person, "device of a cadre");
        let value = canonical(&document.fields().expect("our own fields can be read")).expect("nothing is disputed");
        let form = EntryHash::from_bytes(*self.commune.cycle.form.fingerprint.as_bytes());
        let submit = Submit { heads: document.heads(), value, form, over: None, claimed_ms: now_ms };
        let entry = author.entry(EntryKind::Submit, (space, id), body_of(&submit));
        self.push(&author, space, std::slice::from_ref(&entry), now_ms);
        Submitted { space, document: id, hash: entry.hash }
    }

    /// The head of the unit takes a step of a paper's case.
    pub fn decides(&mut self, submitted: Submitted, to: CaseState, now_ms: i64) {
        let head = Author::of(PersonId::from_bytes([200; 16]), "device of a head");
        let grant = Grant { key: Some(head.public()), person: head.person, role: Some(Role::Head), claimed_ms: now_ms };
        self.office.act(&[submitted.space], &grant, moment(now_ms)).expect("a grant is stored");
        let reason = (to == CaseState::Returned).then(|| "Bổ sung minh chứng cho mục B.".to_owned());
        let status = Status { follows: None, to, reason, about: submitted.hash, claimed_ms: now_ms };
        let entry = head.entry(EntryKind::Status, (submitted.space, submitted.document), body_of(&status));
        self.push(&head, submitted.space, &[entry], now_ms);
    }

    fn write(&mut self, person: PersonId, edits: &[Edit], now_ms: i64) -> (WorkingDocument, (SpaceId, DocumentId)) {
        let author = Author::of(person, "device of a cadre");
        self.office.grant_device(author.public(), person, Role::Subject, moment(now_ms)).expect("a grant is stored");
        let space = self.office.space_of(person);
        let about = subject(self.commune.cycle.id, person);
        let id = DocumentKind::SelfAssessment.document_about(space, &about);
        let mut document = WorkingDocument::default();
        let actor = actor_of(device_id(&author.public()), space, id, INCARNATION);
        let change =
            document.record(actor, Timestamp::from_utc_ms(now_ms), edits).expect("there is something to write");
        let entry = author.entry(EntryKind::Change, (space, id), change.bytes);
        self.push(&author, space, &[entry], now_ms);
        (document, (space, id))
    }

    fn push(&mut self, author: &Author, space: SpaceId, entries: &[Entry], now_ms: i64) {
        let cursor = Cursor { epoch: self.office.epoch(), number: 0, chain: ChainHash::EMPTY };
        let entries = entries.iter().map(|entry| Pushed { entry: entry.bytes.clone(), receipt: None }).collect();
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None };
        let request =
            Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: BUDGET_BYTES as u32, newest: None };
        let device = device_id(&author.public());
        let prepared = Prepared::new(request, &self.office.identity());
        let reply = self.office.exchange(device, &prepared, moment(now_ms)).expect("the server answers");
        let [answer] = &reply.spaces[..] else { panic!("one space was asked for") };
        let Answered::Rows(rows) = &answer.answer else { panic!("{:?}", answer.answer) };
        let is_stored = |told: &Acknowledgement| matches!(told, Acknowledgement::Stored { in_force: true, .. });
        assert!(rows.acknowledgements.iter().all(is_stored), "{:?}", rows.acknowledgements);
    }
}

fn moment(now_ms: i64) -> Moment {
    Moment { now_ms, random: 1 }
}

fn body_of(content: &impl minicbor::Encode<()>) -> Vec<u8> {
    minicbor::to_vec(content).expect("writing to memory cannot fail")
}
