//! `POST /v1/exchange`: read outside the writer, answered after its commit.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use model::door::DoorRefused;
use model::entry::device_id;
use model::exchange::{
    MESSAGE_BYTES_MAX, MessageRefused, Reply, SIGNATURE_HEADER, pack, unpack_request, write_signature,
};
use model::hash::{PublicKey, Signature};

use crate::door::{Door, MESSAGE_TYPE, StopReason, TurnedAway, Welcome, message};
use crate::failure::ServerFailed;
use crate::folder::note_later_life;
use crate::prepared::Prepared;
use crate::writer::WriterRefused;

/// One exchange of one device; 204 when there is nothing new on either side.
pub async fn exchange(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    let key = door.key(request.headers())?;
    let device = device_id(&key);
    check_type(request.headers())?;
    // Kept until the answer is taken: the listener finds it in the response.
    let turn = Arc::new(door.turns.take(device).ok_or(DoorRefused::Busy)?);
    let welcome = door.welcome(device).await?;
    let (packed, _taken) = door.body(request, MESSAGE_BYTES_MAX, welcome.room).await?;
    let packed = Arc::new(packed);
    let prepared = prepare((&door.identity, welcome), Arc::clone(&packed), key).await?;
    stop_if_superseded(&door, &prepared)?;
    let reply = door.writer.exchange(device, prepared).await;
    if matches!(reply, Err(WriterRefused::Failed(ServerFailed::WentBack))) {
        tracing::error!("a phone holds receipts of this life for rows that are lost: a new life begins");
        door.stop.ask(StopReason::WentBack);
    }
    let reply = reply?;
    if reply.spaces.is_empty() && reply.invited.is_empty() {
        let signature = door.sessions.sign_reply(&packed, &[]);
        return Ok(signed(StatusCode::NO_CONTENT.into_response(), &signature));
    }
    let (reply, signature) = packed_reply(Arc::clone(&door), packed, reply).await?;
    let mut response = signed(message(reply), &signature);
    response.extensions_mut().insert(turn);
    Ok(response)
}

/// With the server's word in its header.
pub(crate) fn signed(mut response: Response<Body>, signature: &Signature) -> Response<Body> {
    let text = HeaderValue::try_from(write_signature(signature)).expect("letters and digits make a header");
    response.headers_mut().insert(SIGNATURE_HEADER, text);
    response
}

/// Whether the body claims to be a message of the named road.
pub fn check_type(head: &HeaderMap) -> Result<(), TurnedAway> {
    match head.get(header::CONTENT_TYPE) {
        Some(kind) if kind == MESSAGE_TYPE => Ok(()),
        Some(_) | None => Err(DoorRefused::Unreadable.into()),
    }
}

/// Unpacking, reading and verifying entries costs processor time, so it happens beside the sockets and before the
/// writer.
async fn prepare(
    (identity, welcome): (&PublicKey, Welcome<'_>),
    packed: Arc<Vec<u8>>,
    key: PublicKey,
) -> Result<Prepared, TurnedAway> {
    let _turn = welcome.unpacking.acquire().await.map_err(|_| DoorRefused::Stopping)?;
    let identity = *identity;
    let work = move || unpack_request(&packed).map(|request| Prepared::new(request, &identity).verified_with(&key));
    let read = tokio::task::spawn_blocking(work).await;
    // A panic in a decoder of foreign bytes is that request's trouble alone.
    let read = read.map_err(|_| DoorRefused::Unreadable)?;
    read.map_err(|refused| match refused {
        MessageRefused::TooLarge => DoorRefused::TooLarge.into(),
        MessageRefused::Unreadable => DoorRefused::Unreadable.into(),
    })
}

/// Packing and signing a large reply costs some milliseconds.
async fn packed_reply(
    door: Arc<Door>,
    request: Arc<Vec<u8>>,
    reply: Reply,
) -> Result<(Vec<u8>, Signature), TurnedAway> {
    let work = move || {
        let packed = pack(&reply);
        let signature = door.sessions.sign_reply(&request, &packed);
        (packed, signature)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| DoorRefused::CannotStore.into())
}

/// Whoever shows a newer life of this server under its own key proves that we are the old one (exchange rule R20). A
/// mere claim is answered like any other history, or one phone could stop the server for all. The next restore begins later
/// than that life, whatever its clock said.
fn stop_if_superseded(door: &Door, prepared: &Prepared) -> Result<(), TurnedAway> {
    let Some(newest) = prepared.proven_epoch(&door.identity).filter(|newest| *newest > door.epoch) else {
        return Ok(());
    };
    tracing::error!("a phone has seen a newer life of this server: this one stops");
    if let Err(failed) = note_later_life(&door.folder, newest) {
        tracing::error!(reason = %failed, "the newer life cannot be written down: a restore may begin before it");
    }
    door.stop.ask(StopReason::Superseded);
    Err(DoorRefused::Superseded.into())
}
