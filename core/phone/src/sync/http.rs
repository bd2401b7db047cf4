//! The named road over HTTP: a session by signed challenge, then exchanges. The only file that speaks HTTP.
//!
//! Blocking for the caller, who is on a thread of the platform's own; inside, one small runtime per client, so that a
//! cancel ends a request at once instead of after its timeout. The phone's clock is not asked.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use model::exchange::{
    MESSAGE_BYTES_MAX, Reply, Request, SIGNATURE_HEADER, is_reply_signed, pack, read_signature, unpack_reply,
};
use model::handshake::{Challenge, Session, SessionRequest};
use model::hash::{PublicKey, Signature};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use super::trust;
use crate::failure::ExchangeFailed;

/// No reply within this is the ordinary case in the hills.
const REPLY_SECONDS_MAX: u64 = 60;

/// No connection within this.
const CONNECT_SECONDS_MAX: u64 = 15;

/// The longest that a server may ask to wait.
const WAIT_SECONDS_MAX: u32 = 3_600;

/// Ends an exchange under way, from any thread; what was committed stays.
#[derive(Default, uniffi::Object)]
pub struct Cancel {
    notify: Notify,
    is_set: std::sync::atomic::AtomicBool,
}

impl Cancel {
    /// Whether it was cancelled.
    pub fn is_set(&self) -> bool {
        self.is_set.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Ends the exchange.
    pub(crate) fn set(&self) {
        self.is_set.store(true, std::sync::atomic::Ordering::Release);
        self.notify.notify_waiters();
        self.notify.notify_one();
    }

    pub(crate) async fn wait(&self) {
        if !self.is_set() {
            self.notify.notified().await;
        }
    }
}

/// A reply and what it weighed.
pub struct Answer {
    /// None when there was nothing new.
    pub reply: Option<Reply>,
    /// Bytes of the request's body.
    pub bytes_up: u64,
    /// Bytes of the reply's body.
    pub bytes_down: u64,
}

/// A connection to one server.
pub struct Line {
    runtime: Runtime,
    client: Client,
    address: String,
    server: PublicKey,
    bearer: Option<String>,
}

impl Line {
    /// Opens a line to a server address like `https://192.168.1.10:7335`.
    pub fn open(address: &str, server: PublicKey) -> Result<Self, ExchangeFailed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let tls = trust::with_server(&server).ok_or(ExchangeFailed::Unreachable)?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(Duration::from_secs(REPLY_SECONDS_MAX))
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let (Ok(runtime), Ok(client)) = (runtime, client) else { return Err(ExchangeFailed::Unreachable) };
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { runtime, client, address, server, bearer: None })
    }

    /// One exchange. A session that the server forgot is opened anew once.
    pub fn exchange(
        &mut self,
        request: &Request,
        key: &SigningKey,
        cancel: &Arc<Cancel>,
    ) -> Result<Answer, ExchangeFailed> {
        let body = pack(request);
        let bytes_up = body.len() as u64;
        for _ in 0..2 {
            let bearer = match &self.bearer {
                Some(bearer) => bearer.clone(),
                None => self.sign_in(key, cancel)?,
            };
            let sent = self.request(Method::POST, "/v1/exchange").header("authorization", &bearer).body(body.clone());
            let Fetched { status, bytes, signature } = self.run(sent, cancel)?;
            self.bearer = Some(bearer);
            let is_answer = matches!(status, StatusCode::OK | StatusCode::NO_CONTENT);
            let is_ours = signature.is_some_and(|by| is_reply_signed(&body, &bytes, &by, &self.server));
            if is_answer && !is_ours {
                return Err(ExchangeFailed::ForeignServer);
            }
            match status {
                StatusCode::OK => {
                    let reply = unpack_reply(&bytes).map_err(|_| ExchangeFailed::ForeignServer)?;
                    return Ok(Answer { reply: Some(reply), bytes_up, bytes_down: bytes.len() as u64 });
                }
                StatusCode::NO_CONTENT => return Ok(Answer { reply: None, bytes_up, bytes_down: 0 }),
                StatusCode::UNAUTHORIZED => self.bearer = None,
                _ => return Err(ExchangeFailed::ForeignServer),
            }
        }
        Err(ExchangeFailed::ForeignServer)
    }

    /// A message of another door, with or without a session. Nothing of the answer is believed yet.
    pub fn call(
        &mut self,
        (method, path): (Method, &str),
        body: Vec<u8>,
        key: Option<&SigningKey>,
        cancel: &Arc<Cancel>,
    ) -> Result<Fetched, ExchangeFailed> {
        let mut request = self.request(method, path).body(body);
        if let Some(key) = key {
            let bearer = self.sign_in(key, cancel)?;
            request = request.header("authorization", &bearer);
            self.bearer = Some(bearer);
        }
        self.run(request, cancel)
    }

    /// Whether it leads to this server at this address.
    pub fn leads_to(&self, address: &str, server: &PublicKey) -> bool {
        self.address == address.trim_end_matches('/') && self.server == *server
    }

    fn sign_in(&self, key: &SigningKey, cancel: &Arc<Cancel>) -> Result<String, ExchangeFailed> {
        let challenge: Challenge = read(&self.run(self.request(Method::GET, "/v1/challenge"), cancel)?)?;
        if !challenge.is_signed_by(&self.server) {
            return Err(ExchangeFailed::ForeignServer);
        }
        let answer = minicbor::to_vec(SessionRequest::sign(&challenge, key)).expect("writing to memory cannot fail");
        let session: Session = read(&self.run(self.request(Method::POST, "/v1/session").body(answer), cancel)?)?;
        Ok(session.bearer())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.address));
        request.header("content-type", "application/x-langnghe")
    }

    fn run(&self, request: RequestBuilder, cancel: &Arc<Cancel>) -> Result<Fetched, ExchangeFailed> {
        self.runtime.block_on(async {
            tokio::select! {
                () = cancel.wait() => Err(ExchangeFailed::Cancelled),
                answer = fetch(request) => answer,
            }
        })
    }
}

/// Answers of a server that is there and cannot take this in now: full, stopping, without room on its disk, or too slow a
/// line.
const LATER: [StatusCode; 5] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::INSUFFICIENT_STORAGE,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::CONFLICT,
];

/// What came back, as it came.
pub struct Fetched {
    /// Of the answer.
    pub status: StatusCode,
    /// Its body.
    pub bytes: Vec<u8>,
    /// Of its header, if there is one.
    pub signature: Option<Signature>,
}

async fn fetch(request: RequestBuilder) -> Result<Fetched, ExchangeFailed> {
    let mut response = request.send().await.map_err(|_| ExchangeFailed::Unreachable)?;
    let status = response.status();
    if LATER.contains(&status) {
        return Err(ExchangeFailed::Busy { seconds: wait_of(&response) });
    }
    if status == StatusCode::UPGRADE_REQUIRED {
        return Err(ExchangeFailed::AppTooOld);
    }
    let signature = signature_of(&response);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| ExchangeFailed::Unreachable)? {
        if bytes.len() + chunk.len() > MESSAGE_BYTES_MAX {
            return Err(ExchangeFailed::ForeignServer);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { status, bytes, signature })
}

fn signature_of(response: &Response) -> Option<Signature> {
    read_signature(response.headers().get(SIGNATURE_HEADER)?.to_str().ok()?)
}

fn wait_of(response: &Response) -> u32 {
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    header.and_then(|text| text.parse().ok()).unwrap_or(1).min(WAIT_SECONDS_MAX)
}

fn read<T: for<'b> minicbor::Decode<'b, ()>>(fetched: &Fetched) -> Result<T, ExchangeFailed> {
    match fetched.status {
        StatusCode::OK => minicbor::decode(&fetched.bytes).map_err(|_| ExchangeFailed::ForeignServer),
        _ => Err(ExchangeFailed::ForeignServer),
    }
}
