//! All routes of the server, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use model::door::DoorRefused;
use model::handshake::SessionRequest;

use crate::ballots::drop;
use crate::door::{Door, TurnedAway, message};
use crate::limits::SMALL_BODY_BYTES_MAX;
use crate::report::answer;
use crate::{enrolling, exchanging, live, machine};

/// The door for phones, what is published for everybody, and, where nobody from elsewhere comes in, the pages for the
/// office.
pub fn routes(door: Arc<Door>, results: Router<Arc<Door>>, pages: Option<Router<Arc<Door>>>) -> Router {
    let phones = Router::new()
        .route("/v1/challenge", get(challenge))
        .route("/v1/session", post(session))
        .route("/v1/exchange", post(exchanging::exchange))
        .route("/v1/live", get(live::listen))
        .route("/v1/drop", post(drop::take))
        .route("/v1/received/{round}", get(drop::list))
        .route("/v1/enrol", post(enrolling::enrol))
        .route("/v1/enrolment", get(enrolling::enrolment))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .layer(map_response(phone_headers));
    // Whoever types the address alone reads what is published; on the office's machine the pages begin there.
    let pages = pages.unwrap_or_else(|| Router::new().route("/", get(|| async { Redirect::to("/results") })));
    let pages = results.merge(pages).layer(map_response(page_headers));
    phones.merge(pages).fallback(nothing_here).with_state(door)
}

/// The pages for the office, beside what is published for everybody.
pub fn page_routes(door: Arc<Door>, results: Router<Arc<Door>>, pages: Router<Arc<Door>>) -> Router {
    results.merge(pages).layer(map_response(page_headers)).fallback(nothing_here).with_state(door)
}

/// A word for a program, a page for somebody who reads.
async fn nothing_here(head: HeaderMap) -> Response<Body> {
    let accepted = head.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") { answer::no_page() } else { TurnedAway(DoorRefused::NotFound).into_response() }
}

async fn challenge(State(door): State<Arc<Door>>) -> Response<Body> {
    let challenge = door.sessions.challenge(machine::random(), machine::tick());
    message(minicbor::to_vec(&challenge).expect("writing to memory cannot fail"))
}

async fn session(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    let (body, _room) = door.body(request, SMALL_BODY_BYTES_MAX, &door.bodies).await?;
    let request: SessionRequest = minicbor::decode(&body).map_err(|_| DoorRefused::Unreadable)?;
    let session = door.sessions.open(&request, machine::random(), machine::tick())?;
    Ok(message(minicbor::to_vec(&session).expect("writing to memory cannot fail")))
}

/// Alive: the process answers. Says also whether there is a second copy, for whoever watches the server.
async fn health(State(door): State<Arc<Door>>) -> Response<Body> {
    let copy = *door.copy.borrow();
    json(&serde_json::json!({ "status": "alive", "second_copy": copy.word() }))
}

/// Ready: the writer answers, and what it was last asked to store it could store.
async fn ready(State(door): State<Arc<Door>>) -> Result<Response<Body>, TurnedAway> {
    door.writer.act(|office| office.rows()).await?;
    match door.writer.tally().last_failure() {
        None => Ok(json(&serde_json::json!({ "status": "ready" }))),
        Some(_) => Err(DoorRefused::CannotStore.into()),
    }
}

fn json(value: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(value.to_string()));
    set(&mut response, header::CONTENT_TYPE, "application/json");
    response
}

/// Few bytes on purpose: a phone in the hills pays for each of them.
async fn phone_headers(mut response: Response<Body>) -> Response<Body> {
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Strict unless a page says otherwise. Source: security 3.
async fn page_headers(mut response: Response<Body>) -> Response<Body> {
    set(&mut response, header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    set(&mut response, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(&mut response, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                           base-uri 'none'; require-trusted-types-for 'script'";

fn set(response: &mut Response<Body>, name: HeaderName, value: &'static str) {
    response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
}
