//! A server in this process and a bare phone that speaks real HTTP to it.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use model::document::{DocumentKind, Edit, WorkingDocument};
use model::door::DoorRefused;
use model::enrolment::{Enrolment, EnrolmentCode, EnrolmentRequest, Stage, is_answer_signed};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of, device_id};
use model::exchange::{
    Acknowledgement, Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Pushed, Reply, Request, SIGNATURE_HEADER,
    SpaceRequest, pack, read_signature, unpack_reply,
};
use model::handshake::{Challenge, Session, SessionRequest, public};
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, RoundId, SpaceId};
use model::membership::Role;
use model::round::{AreaNumber, record};
use model::time::Timestamp;
use reqwest::{Client, RequestBuilder, Response};
use server::door::MESSAGE_TYPE;
use server::running::{Running, start};
use server::settings::Settings;
use server::{enrolment, machine};

pub(crate) const LAN: PersonId = PersonId::from_bytes([7; 16]);

pub(crate) async fn serve(folder: &std::path::Path) -> Running {
    start(&Settings::of_folder(folder)).await.unwrap()
}

pub(crate) struct BarePhone {
    pub(crate) key: SigningKey,
    pub(crate) address: String,
    pub(crate) http: Client,
    pub(crate) bearer: String,
    sent: u32,
}

impl BarePhone {
    pub(crate) fn new(server: &Running, seed: u8) -> Self {
        let address = format!("http://{}", server.address);
        let http = crate::plain_client();
        Self { key: SigningKey::from_bytes(&[seed; 32]), address, http, bearer: String::new(), sent: 0 }
    }

    /// Let in as Lan's, with a session open.
    pub(crate) async fn member(server: &Running, seed: u8) -> Self {
        let mut phone = Self::new(server, seed);
        let key = public(&phone.key);
        let grant =
            move |office: &mut server::office::Office| office.grant_device(key, LAN, Role::Subject, machine::moment());
        server.door().writer.act(grant).await.unwrap();
        phone.open_session().await;
        phone
    }

    /// After the server was started again: another port, no session.
    pub(crate) async fn comes_back(&mut self, server: &Running) {
        self.address = format!("http://{}", server.address);
        self.open_session().await;
    }

    pub(crate) fn device(&self) -> DeviceId {
        device_id(&public(&self.key))
    }

    pub(crate) async fn challenge(&self) -> Challenge {
        let body = self.http.get(format!("{}/v1/challenge", self.address)).send().await.unwrap().bytes().await.unwrap();
        minicbor::decode(&body).unwrap()
    }

    pub(crate) async fn open_session(&mut self) {
        let request = SessionRequest::sign(&self.challenge().await, &self.key);
        let response = self.post("/v1/session").body(minicbor::to_vec(&request).unwrap()).send().await.unwrap();
        let session: Session = minicbor::decode(&response.bytes().await.unwrap()).unwrap();
        self.bearer = session.bearer();
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        let post = self.http.post(format!("{}{path}", self.address));
        post.header("content-type", MESSAGE_TYPE).header("authorization", &self.bearer)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let get = self.http.get(format!("{}{path}", self.address)).header("authorization", &self.bearer);
        get.send().await.unwrap()
    }

    /// A change that begins a record of a round, every time of another one.
    pub(crate) fn change(&mut self, space: SpaceId) -> Entry {
        let round = self.next_round();
        self.edit(&mut WorkingDocument::default(), (space, round), &record::begin(round, LAN))
    }

    /// Two changes to one record, the second on top of the first.
    pub(crate) fn two_changes(&mut self, space: SpaceId) -> [Entry; 2] {
        let (round, mut document) = (self.next_round(), WorkingDocument::default());
        let ticks = [record::ticks(AreaNumber(1), &BTreeSet::from([7]))];
        [&record::begin(round, LAN)[..], &ticks].map(|edits| self.edit(&mut document, (space, round), edits))
    }

    fn next_round(&mut self) -> RoundId {
        self.sent += 1;
        let mut round = *self.device().as_bytes();
        round[..4].copy_from_slice(&self.sent.to_be_bytes());
        RoundId::from_bytes(round)
    }

    fn edit(&self, open: &mut WorkingDocument, (space, round): (SpaceId, RoundId), edits: &[Edit]) -> Entry {
        let document = DocumentKind::RoundRecord.document_about(space, &record::subject(round, LAN));
        let actor = actor_of(self.device(), space, document, 1);
        let made = open.record(actor, Timestamp::from_utc_ms(0), edits).unwrap();
        let draft =
            EntryDraft { kind: EntryKind::Change, space, document, person: LAN, incarnation: 1, body: made.bytes };
        Entry::sign(draft, &self.key).unwrap()
    }

    pub(crate) async fn exchange(&self, request: &Request) -> Response {
        self.post("/v1/exchange").body(pack(request)).send().await.unwrap()
    }

    /// Pushes entries from the very beginning of a space; `None` for 204.
    pub(crate) async fn push(&self, space: SpaceId, cursor: Cursor, entries: &[Entry]) -> Option<Reply> {
        let response = self.exchange(&request_of(space, cursor, entries)).await;
        match response.status().as_u16() {
            204 => None,
            200 => Some(unpack_reply(&response.bytes().await.unwrap()).unwrap()),
            other => panic!("status {other}"),
        }
    }

    pub(crate) async fn enrol(&self, code: &EnrolmentCode) -> Result<Stage, DoorRefused> {
        let body = minicbor::to_vec(EnrolmentRequest::sign(code, &self.key, machine::random())).unwrap();
        let response = self.post("/v1/enrol").body(body.clone()).send().await.unwrap();
        answer_of(response, &body, &code.server).await
    }

    pub(crate) async fn enrolment(&self) -> Result<Stage, DoorRefused> {
        let server = self.challenge().await.server;
        answer_of(self.get("/v1/enrolment").await, public(&self.key).as_bytes(), &server).await
    }
}

/// What the server with this identity answered, under its signature.
async fn answer_of(response: Response, asked: &[u8], server: &PublicKey) -> Result<Stage, DoorRefused> {
    let is_answer = response.status().is_success();
    let signature = response.headers().get(SIGNATURE_HEADER).and_then(|text| read_signature(text.to_str().ok()?));
    let body = response.bytes().await.unwrap();
    if !is_answer {
        return Err(DoorRefused::read(&body).unwrap());
    }
    assert!(is_answer_signed(asked, &body, &signature.unwrap(), server));
    Ok(minicbor::decode::<Enrolment>(&body).unwrap().stage)
}

/// The words at the office of the device that waits.
pub(crate) async fn words_of(server: &Running, device: DeviceId) -> String {
    let find = move |office: &mut server::office::Office| {
        Ok(enrolment::find(office.reader(), device)?.map(|applicant| applicant.words(&office.identity()).join(" ")))
    };
    server.door().writer.act(find).await.unwrap().unwrap()
}

pub(crate) fn request_of(space: SpaceId, cursor: Cursor, entries: &[Entry]) -> Request {
    let pushed = entries.iter().map(|entry| Pushed { entry: entry.bytes.clone(), receipt: None }).collect();
    let space = SpaceRequest { space, cursor, safe: 0, entries: pushed, receipts: Vec::new(), enrolment: None };
    Request { version: EXCHANGE_VERSION, spaces: vec![space], budget_bytes: BUDGET_BYTES as u32, newest: None }
}

/// Where a space begins in the server's present life.
pub(crate) fn beginning(server: &Running) -> Cursor {
    Cursor { epoch: server.door().epoch, ..Cursor::START }
}

/// The space of Lan's own papers.
pub(crate) async fn own_space(server: &Running) -> SpaceId {
    server.door().writer.act(|office| Ok(office.space_of(LAN))).await.unwrap()
}

pub(crate) async fn refusal(response: Response) -> DoorRefused {
    DoorRefused::read(&response.bytes().await.unwrap()).unwrap()
}

/// Entries of a reply's first space that were stored.
pub(crate) fn stored(reply: &Reply) -> usize {
    let Answered::Rows(rows) = &reply.spaces[0].answer else { panic!("{:?}", reply.spaces[0].answer) };
    rows.acknowledgements.iter().filter(|answer| matches!(answer, Acknowledgement::Stored { .. })).count()
}

/// A code for Lan's device, as the office makes it.
pub(crate) async fn code_for(server: &Running, code: [u8; 16], now_ms: i64) -> EnrolmentCode {
    let keep = move |office: &mut server::office::Office| {
        enrolment::keep_code(office.reader(), &code, (LAN, Role::Subject), now_ms)
    };
    server.door().writer.act(keep).await.unwrap();
    EnrolmentCode { address: format!("http://{}", server.address), server: server.identity, code }
}
