//! A device whose app asks nobody: it builds, signs and sends whatever it is told to.
//!
//! No store, no lists, no offers: every entry is made from its parts, so that the server alone decides.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use model::case::CaseState;
use model::document::{Edit, WorkingDocument};
use model::enrolment::{EnrolmentCode, EnrolmentRequest};
use model::entry::{Entry, EntryDraft, EntryKind, Status, Submit, actor_of, device_id};
use model::exchange::{Acknowledgement, Answered, Cursor, Pushed, Reply, Request, SpaceRequest};
use model::handshake::public;
use model::hash::{EntryHash, PublicKey};
use model::identity::{DeviceId, DocumentId, PersonId, SpaceId};
use model::membership::Role;
use model::receipt::ReceiptedEntry;
use model::refusal::Refusal;
use model::signed_value::canonical;
use model::space::person_space;
use model::time::Timestamp;
use phone::work::Paper;
use server::enrolment;

use super::chamber::{Chamber, asking};

/// What the server said to something that was pushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// In the log.
    Stored,
    /// Not taken, and why.
    Refused(Refusal),
    /// It builds on what the server does not have.
    Missing,
    /// Later.
    Wait,
    /// For this device there is no such space.
    Unknown,
}

impl Told {
    fn of(answer: &Acknowledgement) -> Self {
        match answer {
            Acknowledgement::Stored { .. } => Self::Stored,
            Acknowledgement::Refused(refusal) => Self::Refused(*refusal),
            Acknowledgement::Missing(_) => Self::Missing,
            Acknowledgement::Wait => Self::Wait,
        }
    }
}

/// A device in somebody's hand.
#[derive(Clone)]
pub struct Pen {
    pub key: SigningKey,
    pub person: PersonId,
    /// The server's identity.
    pub server: PublicKey,
    pub given: Vec<ReceiptedEntry>,
    drafts: BTreeMap<DocumentId, Draft>,
}

/// A paper that was begun here.
#[derive(Clone)]
struct Draft {
    document: WorkingDocument,
    changes: Vec<Entry>,
    form: EntryHash,
}

impl Pen {
    /// Let in by the office.
    pub fn of(chamber: &mut Chamber, seed: u8, person: PersonId) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let moment = chamber.moment();
        let given = chamber.office.grant_device(public(&key), person, Role::Subject, moment).unwrap();
        Self { key, person, server: chamber.identity(), given, drafts: BTreeMap::new() }
    }

    /// Let in by the whole way: a code, a question, and somebody who compared the words. Whoever was sent away comes back.
    pub fn enrolled(chamber: &mut Chamber, seed: u8, person: PersonId) -> Self {
        let (key, code) = (SigningKey::from_bytes(&[seed; 32]), [seed; 16]);
        let (server, moment) = (chamber.identity(), chamber.moment());
        let shown = EnrolmentCode { address: "http://127.0.0.1".to_owned(), server, code };
        let asked = EnrolmentRequest::sign(&shown, &key, [seed; 16]);
        let (office, now_ms) = (&mut chamber.office, moment.now_ms);
        enrolment::keep_code(office.reader(), &code, (person, Role::Subject), now_ms).unwrap();
        let nonce = enrolment::enrol(office, &asked, now_ms).unwrap().unwrap().nonce;
        let given = enrolment::approve(office, (device_id(&public(&key)), &nonce), moment).unwrap().unwrap();
        Self { key, person, server, given, drafts: BTreeMap::new() }
    }

    pub fn device(&self) -> DeviceId {
        device_id(&public(&self.key))
    }

    /// Where this person's own papers lie.
    pub fn own_space(&self) -> SpaceId {
        person_space(&self.server, self.person)
    }

    /// Begins a paper with these edits and fills it in at once.
    pub fn begin(&mut self, paper: Paper, edits: &[Edit], form: EntryHash) {
        self.drafts.insert(paper.document, Draft { document: WorkingDocument::default(), changes: Vec::new(), form });
        self.amend(paper, edits);
    }

    /// Goes on with a paper that was begun here.
    pub fn amend(&mut self, paper: Paper, edits: &[Edit]) {
        let actor = actor_of(self.device(), paper.space, paper.document, 1);
        let draft = self.drafts.get_mut(&paper.document).expect("it was begun here");
        let change = draft.document.record(actor, Timestamp::from_utc_ms(0), edits).expect("it edits something");
        let change = self.signed(EntryKind::Change, paper, change.bytes);
        self.drafts.get_mut(&paper.document).expect("it was begun here").changes.push(change);
    }

    /// The change with which a paper was begun here.
    pub fn change(&self, paper: Paper) -> &Entry {
        &self.changes(paper)[0]
    }

    /// All that was written in a paper here.
    pub fn changes(&self, paper: Paper) -> &[Entry] {
        &self.drafts[&paper.document].changes
    }

    /// The signed paper, as it stands; it names the submission that it corrects.
    pub fn submission(&self, paper: Paper, over: Option<EntryHash>) -> Entry {
        let Draft { document, form, .. } = &self.drafts[&paper.document];
        let value = canonical(&document.fields().unwrap()).expect("one device disputes nothing");
        let submit = Submit { heads: document.heads(), value, form: *form, over, claimed_ms: 0 };
        self.signed(EntryKind::Submit, paper, minicbor::to_vec(submit).unwrap())
    }

    /// A step of a case.
    pub fn step(&self, case: Paper, (follows, to): (Option<EntryHash>, CaseState), about: EntryHash) -> Entry {
        let reason = Some("Thiếu minh chứng mục B.".to_owned());
        let status = Status { follows, to, reason, about, claimed_ms: 0 };
        self.signed(EntryKind::Status, case, minicbor::to_vec(status).unwrap())
    }

    /// Anything, under this device's own signature.
    pub fn signed(&self, kind: EntryKind, Paper { space, document }: Paper, body: Vec<u8>) -> Entry {
        let draft = EntryDraft { kind, space, document, person: self.person, incarnation: 1, body };
        Entry::sign(draft, &self.key).expect("an entry of the tests is small")
    }

    /// Sends entries into a space; what the server said to each of them.
    pub fn push(&self, chamber: &mut Chamber, space: SpaceId, entries: &[&Entry]) -> Vec<Told> {
        let reply = self.ask(chamber, &self.pushing(chamber, space, entries));
        match reply.spaces.as_slice() {
            [only] => match &only.answer {
                Answered::Rows(rows) => rows.acknowledgements.iter().map(Told::of).collect(),
                Answered::UnknownDevice => vec![Told::Unknown; entries.len()],
                Answered::OtherEpoch(_) => panic!("the tests name the present life"),
            },
            other => panic!("one space was asked for, {} came", other.len()),
        }
    }

    /// The request that sends entries into a space.
    pub fn pushing(&self, chamber: &Chamber, space: SpaceId, entries: &[&Entry]) -> Request {
        let pushed = |entry: &&Entry| Pushed { entry: entry.bytes.clone(), receipt: None };
        let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
        let (entries, receipts) = (entries.iter().map(pushed).collect(), Vec::new());
        asking(vec![SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment: None }])
    }

    pub fn ask(&self, chamber: &mut Chamber, request: &Request) -> Reply {
        chamber.ask((self.device(), &public(&self.key)), request)
    }
}
