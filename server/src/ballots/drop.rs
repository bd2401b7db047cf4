//! `POST /v1/drop` and `GET /v1/received/{round}`: envelopes come in and the day's list goes out, and nobody is asked who
//! he is.
//!
//! A request that names its caller in any way is refused, so that no client does it by mistake for long. Answers are of
//! one size. Nothing is logged. Source: anonymity A21-A24, A28, A30.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use model::door::DoorRefused;
use model::identity::RoundId;
use model::time::Timestamp;

use super::boxes::{Admitted, DropRefused};
use crate::door::{Door, TurnedAway, message};
use crate::limits::DROP_BYTES_MAX;
use crate::machine;
use crate::rounds::{self, recorded};

/// Everything that a request for the boxes may say about itself; `user-agent` is one word for all phones.
const ALLOWED: [HeaderName; 6] = [
    header::HOST,
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONNECTION,
    header::USER_AGENT,
];

/// The one word by which phones of every kind call themselves here.
pub const AGENT: &str = "langnghe";

/// Takes a batch.
pub async fn take(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    if names_somebody(request.headers()) || request.uri().query().is_some() {
        return Err(DoorRefused::NamesSomebody.into());
    }
    let (bytes, _room) = door.body(request, DROP_BYTES_MAX, &door.drops).await?;
    let now = Timestamp::from_utc_ms(machine::now_ms());
    let (boxes, today) = (Arc::clone(&door.boxes), now.vietnamese_day());
    let admitted = blocking(move || boxes.admit(&bytes, today)).await?;
    if let Some(round) = late(&admitted) {
        let seal = admitted.seal;
        let is_in_time = door.writer.act(move |office| match (rounds::find(office.reader(), round)?, seal) {
            (Some(kept), Some(seal)) => recorded::is_in_time(office.reader(), kept.definition(), &seal),
            (None, _) | (_, None) => Ok(false),
        });
        if !is_in_time.await? {
            return Err(DoorRefused::RoundClosed.into());
        }
    }
    let boxes = Arc::clone(&door.boxes);
    blocking(move || boxes.put(&admitted, now.day_began().utc_ms())).await?;
    let mut taken = Response::new(Body::empty());
    *taken.status_mut() = StatusCode::NO_CONTENT;
    Ok(taken)
}

/// Tells the whole of the newest list.
pub async fn list(
    State(door): State<Arc<Door>>,
    Path(round): Path<String>,
    head: HeaderMap,
) -> Result<Response<Body>, TurnedAway> {
    if names_somebody(&head) {
        return Err(DoorRefused::NamesSomebody.into());
    }
    let round = RoundId::parse(&round).map_err(|_| DoorRefused::NotFound)?;
    let (boxes, today) = (Arc::clone(&door.boxes), Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day());
    let list = blocking(move || {
        boxes.begin_day(today)?;
        Ok(boxes.list(round))
    });
    let list = list.await?.ok_or(DoorRefused::NotFound)?;
    Ok(message(list.to_bytes()))
}

fn late(admitted: &Admitted) -> Option<RoundId> {
    admitted.seal.is_some().then_some(admitted.round)
}

fn names_somebody(head: &HeaderMap) -> bool {
    let is_ours = |value: &axum::http::HeaderValue| value == AGENT;
    head.keys().any(|name| !ALLOWED.contains(name)) || !head.get_all(header::USER_AGENT).iter().all(is_ours)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DropRefused> + Send + 'static,
) -> Result<T, TurnedAway> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| DoorRefused::CannotStore)?;
    done.map_err(|refused| TurnedAway(refused.into()))
}

impl From<DropRefused> for DoorRefused {
    fn from(refused: DropRefused) -> Self {
        match refused {
            DropRefused::Unreadable => Self::Unreadable,
            DropRefused::NotAdmitted => Self::NotAdmitted,
            DropRefused::Closed => Self::RoundClosed,
            DropRefused::Full => Self::BoxFull,
            DropRefused::Failed(_) => Self::CannotStore,
        }
    }
}
