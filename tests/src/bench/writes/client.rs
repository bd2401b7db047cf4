//! One connection with a device of its own: signs in, sends what was prepared, waits when it is asked to.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use model::document::{DocumentKind, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, Submit, actor_of};
use model::exchange::{Acknowledgement, Answered, Cursor, EXCHANGE_VERSION, Pushed, Row, Rows};
use model::exchange::{Request, SpaceRequest, pack, unpack_reply};
use model::handshake::{Challenge, Session, SessionRequest};
use model::hash::EntryHash;
use model::rating::Rating;
use model::receipt::{Epoch, Place};
use model::self_assessment::subject;
use model::signed_value::canonical;
use model::time::Timestamp;
use reqwest::{RequestBuilder, StatusCode};

use crate::bench::forms::{Author, heading};
use crate::commune::FilledForm;
use crate::demo::{Told, failed};
use crate::wire::plain_client;

/// Rows wanted back: its own few, which come as numbers.
const BUDGET_BYTES: u32 = 64 * 1024;

const CLAIMED_MS: i64 = 1_780_000_000_000;

/// One device at its connection.
pub(super) struct Client {
    /// Who.
    pub(super) author: Author,
    http: reqwest::Client,
    address: SocketAddr,
    bearer: String,
    cursor: Cursor,
    prepared: Vec<[Entry; 2]>,
}

/// What one connection saw.
#[derive(Default)]
pub(super) struct Sent {
    /// From the request to the acknowledgement, waiting included.
    pub(super) times: Vec<Duration>,
    /// Times it was asked to come again.
    pub(super) refused: u32,
    /// Of these without a word for how long.
    pub(super) refused_without_wait: u32,
}

impl Client {
    pub(super) fn new(author: Author, address: SocketAddr, epoch: Epoch) -> Self {
        let (http, bearer, prepared) = (plain_client(), String::new(), Vec::new());
        Self { author, http, address, bearer, cursor: Cursor { epoch, ..Cursor::START }, prepared }
    }

    /// Hands itself over to a task; what stays behind is empty.
    pub(super) fn take(&mut self) -> Self {
        let device = phone::device::Device {
            key: self.author.device.key.clone(),
            incarnation: 1,
            home: None,
            application: None,
        };
        let author = Author { person: self.author.person, space: self.author.space, device };
        let empty =
            Self { author, prepared: Vec::new(), bearer: self.bearer.clone(), http: self.http.clone(), ..*self };
        std::mem::replace(self, empty)
    }

    /// Fills in and signs so many forms of periods of their own.
    pub(super) fn prepare(&mut self, round: u32, count: u32) {
        self.prepared = (0..count).map(|number| self.submission(round * 1_000 + number)).collect();
    }

    fn submission(&self, number: u32) -> [Entry; 2] {
        let Author { person, space, device } = &self.author;
        let (person, space) = (*person, *space);
        let mut heading = heading(person, number);
        heading.is_leader = false;
        let about = subject(heading.cycle, person);
        let id = DocumentKind::SelfAssessment.document_about(space, &about);
        let edits = FilledForm::drawn(u64::from(number), person, Rating::Good).edits(&heading);
        let mut document = WorkingDocument::default();
        let actor = actor_of(device.id(), space, id, device.incarnation);
        let change = document.record(actor, Timestamp::from_utc_ms(CLAIMED_MS), &edits).expect("a form says something");
        let value = canonical(&document.fields().expect("our own fields")).expect("nothing is disputed");
        let form = EntryHash::from_bytes(*heading.form.fingerprint.as_bytes());
        let submit = Submit { heads: document.heads(), value, form, over: None, claimed_ms: CLAIMED_MS };
        let submit = minicbor::to_vec(&submit).expect("writing to memory cannot fail");
        [(EntryKind::Change, change.bytes), (EntryKind::Submit, submit)].map(|(kind, body)| {
            let draft = EntryDraft { kind, space, document: id, person, incarnation: device.incarnation, body };
            Entry::sign(draft, &device.key).expect("a form fits into an entry")
        })
    }

    /// Opens a session.
    pub(super) async fn sign_in(&mut self) -> Told<()> {
        let challenge = self.http.get(format!("http://{}/v1/challenge", self.address));
        let challenge: Challenge = minicbor::decode(&fetched(challenge).await?).map_err(failed("The challenge"))?;
        let answer = SessionRequest::sign(&challenge, &self.author.device.key);
        let answer = minicbor::to_vec(&answer).expect("writing to memory cannot fail");
        let session = self.http.post(format!("http://{}/v1/session", self.address)).body(answer);
        let session: Session = minicbor::decode(&fetched(session).await?).map_err(failed("The session"))?;
        self.bearer = session.bearer();
        Ok(())
    }

    /// Sends everything that was prepared, one after the other.
    pub(super) async fn send_all(&mut self) -> Told<Sent> {
        let mut sent = Sent::default();
        for entries in std::mem::take(&mut self.prepared) {
            let started = Instant::now();
            self.send(&entries, &mut sent).await?;
            sent.times.push(started.elapsed());
        }
        Ok(sent)
    }

    async fn send(&mut self, entries: &[Entry; 2], sent: &mut Sent) -> Told<()> {
        let pushed = entries.iter().map(|entry| Pushed { entry: entry.bytes.clone(), receipt: None }).collect();
        let (space, cursor) = (self.author.space, self.cursor);
        let asked = SpaceRequest { space, cursor, safe: 0, entries: pushed, receipts: Vec::new(), enrolment: None };
        let body =
            pack(&Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: BUDGET_BYTES, newest: None });
        loop {
            let request = self.http.post(format!("http://{}/v1/exchange", self.address)).body(body.clone());
            let request =
                request.header("content-type", "application/x-langnghe").header("authorization", &self.bearer);
            let answer = request.send().await.map_err(failed("An exchange"))?;
            match answer.status() {
                StatusCode::OK => {
                    let bytes = answer.bytes().await.map_err(failed("An exchange"))?;
                    return self.take_in(entries, &bytes);
                }
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                    sent.refused += 1;
                    let wait = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                    sent.refused_without_wait += u32::from(wait.is_none());
                    tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
                }
                other => return Err(format!("An exchange was answered with {other}")),
            }
        }
    }

    /// Both entries must be in the log; the cursor moves on.
    fn take_in(&mut self, entries: &[Entry; 2], bytes: &[u8]) -> Told<()> {
        let reply = unpack_reply(bytes).map_err(failed("A reply"))?;
        let Some(Answered::Rows(rows)) = reply.spaces.iter().map(|space| &space.answer).next() else {
            return Err("A reply without rows".to_owned());
        };
        let is_stored = |told: &Acknowledgement| matches!(told, Acknowledgement::Stored { in_force: true, .. });
        if rows.acknowledgements.len() != entries.len() || !rows.acknowledgements.iter().all(is_stored) {
            return Err(format!("A submission was not stored: {:?}", rows.acknowledgements));
        }
        self.advance(entries, rows)
    }

    fn advance(&mut self, entries: &[Entry; 2], rows: &Rows) -> Told<()> {
        for row in &rows.rows {
            let (hash, first) = match row {
                Row::Full { entry, first, .. } => (Entry::read(entry).map_err(failed("A row"))?.hash, first),
                Row::Pushed { index, first, .. } => (entries[usize::from(*index)].hash, first),
            };
            self.cursor.number += 1;
            let here = Place { epoch: self.cursor.epoch, number: self.cursor.number };
            self.cursor.chain = self.cursor.chain.after(&hash, &first.unwrap_or(here));
        }
        Ok(())
    }
}

async fn fetched(request: RequestBuilder) -> Told<Vec<u8>> {
    let request = request.header("content-type", "application/x-langnghe");
    let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed("The door"))?;
    Ok(answer.bytes().await.map_err(failed("The door"))?.to_vec())
}
