//! The way of a parcel: a client of its own for every request, which knows nothing of the named road.
//!
//! No connection, session or header is shared with exchanges or with the parcel before; what every phone says of itself
//! is the same, and so is what it asks for. Source: anonymity A22, A50.

use std::sync::Arc;
use std::time::Duration;

use model::feedback::replies::REPLIES_BYTES_MAX;
use model::hash::PublicKey;
use model::identity::RoundId;
use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::runtime::Runtime;

use crate::failure::ExchangeFailed;
use crate::sync::http::Cancel;
use crate::sync::trust;

const ANSWER_SECONDS_MAX: u64 = 60;
const CONNECT_SECONDS_MAX: u64 = 15;

/// Bytes of a list, and of any other answer: a hundred thousand names are 1.6 MB.
const LIST_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What every phone calls itself here.
const AGENT: &str = "langnghe";

/// What became of a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It is on the server's disk.
    Taken,
    /// The server does not take it now; it stays here.
    Later,
}

/// Carries one parcel.
pub fn send(
    (address, server): (&str, &PublicKey),
    bytes: Vec<u8>,
    cancel: &Arc<Cancel>,
) -> Result<Sent, ExchangeFailed> {
    let request = |client: &Client| {
        let request = client.post(format!("{}/v1/drop", address.trim_end_matches('/')));
        request.header("content-type", "application/octet-stream").body(bytes)
    };
    let (status, _) = run(server, (request, LIST_BYTES_MAX), cancel)?;
    Ok(if status == StatusCode::NO_CONTENT { Sent::Taken } else { Sent::Later })
}

/// Fetches the whole newest list of a round; none if there is none yet.
pub fn list(
    (address, server): (&str, &PublicKey),
    round: RoundId,
    cancel: &Arc<Cancel>,
) -> Result<Option<Vec<u8>>, ExchangeFailed> {
    let request = |client: &Client| client.get(format!("{}/v1/received/{round}", address.trim_end_matches('/')));
    let (status, bytes) = run(server, (request, LIST_BYTES_MAX), cancel)?;
    Ok((status == StatusCode::OK).then_some(bytes))
}

/// Fetches all published answers; none if the server does not give them now. There is no code to send: everybody asks for
/// the same.
pub fn replies((address, server): (&str, &PublicKey), cancel: &Arc<Cancel>) -> Result<Option<Vec<u8>>, ExchangeFailed> {
    let request = |client: &Client| client.get(format!("{}/v1/replies", address.trim_end_matches('/')));
    let (status, bytes) = run(server, (request, REPLIES_BYTES_MAX), cancel)?;
    Ok((status == StatusCode::OK).then_some(bytes))
}

fn run(
    server: &PublicKey,
    (request, bytes_max): (impl FnOnce(&Client) -> RequestBuilder, usize),
    cancel: &Arc<Cancel>,
) -> Result<(StatusCode, Vec<u8>), ExchangeFailed> {
    let (runtime, client) = fresh(server).ok_or(ExchangeFailed::Unreachable)?;
    let request = request(&client);
    runtime.block_on(async {
        tokio::select! {
            () = cancel.wait() => Err(ExchangeFailed::Cancelled),
            answer = fetch(request, bytes_max) => answer,
        }
    })
}

fn fresh(server: &PublicKey) -> Option<(Runtime, Client)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let client = Client::builder()
        .tls_backend_preconfigured(trust::with_server(server)?)
        .user_agent(AGENT)
        .pool_max_idle_per_host(0)
        .http1_only()
        .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
        .redirect(reqwest::redirect::Policy::none())
        .build();
    Some((runtime, client.ok()?))
}

async fn fetch(request: RequestBuilder, bytes_max: usize) -> Result<(StatusCode, Vec<u8>), ExchangeFailed> {
    let mut response = request.send().await.map_err(|_| ExchangeFailed::Unreachable)?;
    let (status, mut bytes) = (response.status(), Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|_| ExchangeFailed::Unreachable)? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(ExchangeFailed::ForeignServer);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((status, bytes))
}
