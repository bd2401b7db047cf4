//! `POST /v1/exchange`: read outside the writer, answered after its commit.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use model::door::DoorRefused;
use model::entry::device_id;
use model::exchange::{MESSAGE_BYTES_MAX, MessageRefused, Reply, pack, unpack_request};
use model::hash::PublicKey;
use model::identity::DeviceId;

use crate::door::{Door, MESSAGE_TYPE, StopReason, TurnedAway, message};
use crate::prepared::Prepared;

/// One exchange of one device; 204 when there is nothing new on either side.
pub async fn exchange(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    let key = door.key(request.headers())?;
    let device = device_id(&key);
    check_type(request.headers())?;
    let (packed, _room) = door.body(request, MESSAGE_BYTES_MAX).await?;
    let prepared = prepare(&door, packed, key).await?;
    stop_if_superseded(&door, device, &prepared).await?;
    let reply = door.writer.exchange(device, prepared).await?;
    if reply.spaces.is_empty() && reply.invited.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(message(packed_reply(reply).await?))
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
async fn prepare(door: &Door, packed: Vec<u8>, key: PublicKey) -> Result<Prepared, TurnedAway> {
    let _turn = door.unpacking.acquire().await.map_err(|_| DoorRefused::Stopping)?;
    let work = move || unpack_request(&packed).map(|request| Prepared::new(request).verified_with(&key));
    let read = tokio::task::spawn_blocking(work).await;
    // A panic in a decoder of foreign bytes is that request's trouble alone.
    let read = read.map_err(|_| DoorRefused::Unreadable)?;
    read.map_err(|refused| match refused {
        MessageRefused::TooLarge => DoorRefused::TooLarge.into(),
        MessageRefused::Unreadable => DoorRefused::Unreadable.into(),
    })
}

/// Packing a large reply costs some milliseconds.
async fn packed_reply(reply: Reply) -> Result<Vec<u8>, TurnedAway> {
    let packed = tokio::task::spawn_blocking(move || pack(&reply)).await;
    packed.map_err(|_| DoorRefused::CannotStore.into())
}

/// A member that has seen a newer life of this server shows that we are the old one (exchange rule R20). A stranger
/// can show anything: it is turned away, and the server goes on.
async fn stop_if_superseded(door: &Door, device: DeviceId, prepared: &Prepared) -> Result<(), TurnedAway> {
    if prepared.newest_epoch() <= door.epoch {
        return Ok(());
    }
    let is_member = door.writer.act(move |office| Ok(!office.spaces_of(device)?.is_empty())).await?;
    if is_member {
        tracing::error!("a member has seen a newer life of this server: this one stops");
        door.stop.ask(StopReason::Superseded);
    }
    Err(DoorRefused::Superseded.into())
}
