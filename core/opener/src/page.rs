//! The pages: the same steps for people around one laptop, in the browser of this machine and nowhere else.
//!
//! They are served on the loopback address under a random path, without scripts, without anything from elsewhere, and
//! nothing is cached. Everything is in memory; ending the program ends it. Source: anonymity A33; look 10.

mod ceremony_way;
mod count_way;
mod feedback_way;
mod form;
mod paper_way;
mod places;
mod printing;
mod screen;
mod stage;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::ceremony::Ceremony;
use crate::desk::say;
use crate::failure::OpenerFailed;
use crate::unfinished::Unfinished;
use crate::{machine, words};
use ceremony_way::CeremonyStage;
use form::Form;
use stage::{Stage, Stayed, Step};

const LOOK: &str = include_str!("../assets/opener.css");

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Bytes of the random part of an address.
const ROOT_BYTES: usize = 16;

/// Where the pages are.
struct Pages {
    table: Arc<Table>,
    listener: TcpListener,
    address: SocketAddr,
}

/// What all requests share.
struct Table {
    session: Mutex<Session>,
    root: String,
    host: String,
    ended: Notify,
}

/// The people at the laptop: one at a time, however many windows are open.
struct Session {
    /// None only while a step is under way.
    stage: Option<Stage>,
    refused: Option<String>,
    /// Counts the steps: a button that is pressed twice is one step, for a step can wipe what is not printed yet.
    at: u32,
}

/// Shows the pages until somebody ends them.
pub fn show() -> Result<(), OpenerFailed> {
    serve(Stage::Start)
}

/// Shows the sheets of a ceremony that was held at the terminal, area by area, until they are printed and gone.
pub fn print(ceremony: Ceremony, folder: PathBuf, unfinished: Unfinished) -> Result<(), OpenerFailed> {
    serve(CeremonyStage::printing(ceremony, folder, unfinished).into())
}

fn serve(stage: Stage) -> Result<(), OpenerFailed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(|_| OpenerFailed::NoPage)?.block_on(async {
        let pages = Pages::begin(stage).await?;
        let url = pages.url();
        say(&format!("Trang ở địa chỉ này, chỉ mở được trên máy này: {url}"));
        open_browser(&url);
        pages.until_ended().await
    })
}

impl Pages {
    /// Takes a free port of this machine.
    async fn begin(stage: Stage) -> Result<Self, OpenerFailed> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|_| OpenerFailed::NoPage)?;
        let address = listener.local_addr().map_err(|_| OpenerFailed::NoPage)?;
        let random: [u8; ROOT_BYTES] = machine::random();
        let root = format!("/{}", data_encoding::HEXLOWER.encode(&random));
        let session = Mutex::new(Session { stage: Some(stage), refused: None, at: 0 });
        let table = Arc::new(Table { session, root, host: address.to_string(), ended: Notify::new() });
        Ok(Self { table, listener, address })
    }

    /// Where a browser finds them.
    fn url(&self) -> String {
        format!("http://{}{}/", self.address, self.table.root)
    }

    /// Answers until somebody presses the last button.
    async fn until_ended(self) -> Result<(), OpenerFailed> {
        let table = Arc::clone(&self.table);
        let ended = async move { table.ended.notified().await };
        let served = axum::serve(self.listener, routes(self.table)).with_graceful_shutdown(ended).await;
        served.map_err(|_| OpenerFailed::NoPage)
    }
}

fn routes(table: Arc<Table>) -> Router {
    let pages = Router::new()
        .route("/", get(show_stage).post(take_step))
        .route("/to", get(show_sheets))
        .route("/look.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], LOOK) }));
    let root = table.root.clone();
    let guard = from_fn_with_state(Arc::clone(&table), guarded);
    Router::new().nest(&format!("{root}/"), pages).layer(guard).with_state(table)
}

/// Answers only to this address, so that no page from elsewhere reaches it under another name, and caches nothing.
async fn guarded(State(table): State<Arc<Table>>, request: Request, next: Next) -> Response {
    let head = request.headers();
    let says = |name: &str| head.get(name).and_then(|value| value.to_str().ok());
    let is_foreign = says("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if says("host") != Some(&table.host) || is_foreign {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn show_stage(State(table): State<Arc<Table>>) -> Response {
    let page = table.with_session(|session, root| {
        session.step(Stage::settled);
        let stage = session.stage.as_ref().expect("a stage stands between two steps");
        stage.screen().page(root, (session.refused.as_deref(), session.at))
    });
    html(page.await)
}

/// One step. The body may hold a passphrase: it is read once, into places that are wiped.
async fn take_step(State(table): State<Arc<Table>>, body: Bytes) -> Response {
    let form = Form::read(&body);
    drop(body);
    let has_ended = table.with_session(move |session, _| {
        if form.number("at") == Some(session.at) {
            session.refused = None;
            session.step(|stage| stage.answered(&form));
            session.at += 1;
        }
        matches!(session.stage, Some(Stage::Ended))
    });
    if has_ended.await {
        table.ended.notify_one();
        let page = Stage::Ended.screen().page(&table.root, (None, 0));
        return html(page);
    }
    Redirect::to(&format!("{}/", table.root)).into_response()
}

/// The sheets of the area that is being printed, made anew for every look and wiped after it.
async fn show_sheets(State(table): State<Arc<Table>>) -> Response {
    let sheets = table.with_session(|session, _| session.stage.as_mut().and_then(Stage::sheets)).await;
    let Some(sheets) = sheets else { return StatusCode::NOT_FOUND.into_response() };
    let style = sheets.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap_or_default();
    let hash = data_encoding::BASE64.encode(&Sha256::digest(style));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'");
    let mut response = html(sheets.to_string());
    let policy = HeaderValue::from_str(&policy).expect("a hash is letters and digits");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn html(page: String) -> Response {
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    (head, Body::from(page)).into_response()
}

impl Table {
    /// Steps read files and stretch passphrases, which would hold up every other answer.
    async fn with_session<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Session, &str) -> T + Send + 'static,
    ) -> T {
        let table = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let mut session = table.session.lock().unwrap_or_else(PoisonError::into_inner);
            act(&mut session, &table.root)
        });
        done.await.expect("a step that breaks ends the program")
    }
}

impl Session {
    fn step(&mut self, act: impl FnOnce(Stage) -> Step) {
        let stage = self.stage.take().unwrap_or(Stage::Start);
        let stage = match act(stage) {
            Ok(stage) => stage,
            Err(Stayed { stage, failed }) => {
                self.refused = Some(words::of_failure(&failed));
                stage
            }
        };
        self.stage = Some(stage);
    }
}

/// Asks the desktop to open the address; where there is none, people type it from the terminal.
fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

#[cfg(test)]
mod tests;
