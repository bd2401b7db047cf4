//! `GET /v1/live`: says which space moved, so that a phone in use asks at once. Never what moved.
//!
//! Server-sent events: `event: moved`, data `{"space":"…","head":n}`. Only spaces that the device may read at that
//! moment; a burst is one event; one line per device, the newest.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use model::door::DoorRefused;
use model::identity::{DeviceId, SpaceId};
use tokio::sync::{oneshot, watch};

use crate::door::{Door, TurnedAway};
use crate::limits::{HEARTBEAT, LISTENER_PAUSE, LISTENERS_MAX, LISTENING_TIME_MAX};
use crate::machine;

/// Devices that listen now; each holds the other end of its newest line.
#[derive(Default)]
pub struct Listeners(Mutex<HashMap<DeviceId, oneshot::Sender<()>>>);

impl Listeners {
    /// Takes a device's place; its older line ends. None is free when as many as allowed listen.
    fn take(&self, device: DeviceId) -> Option<oneshot::Receiver<()>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= LISTENERS_MAX {
            open.retain(|_, line| !line.is_closed());
        }
        if open.len() >= LISTENERS_MAX && !open.contains_key(&device) {
            return None;
        }
        let (line, replaced) = oneshot::channel();
        open.insert(device, line);
        Some(replaced)
    }
}

/// Opens the line.
pub async fn listen(State(door): State<Arc<Door>>, head: HeaderMap) -> Result<Response<Body>, TurnedAway> {
    let device = door.device(&head)?;
    if !door.is_known(device).await? {
        return Err(DoorRefused::UnknownDevice.into());
    }
    let bell = door.moves.bell();
    let replaced = door.listeners.take(device).ok_or(DoorRefused::Busy)?;
    let ends = machine::tick() + LISTENING_TIME_MAX;
    let told = told_now(&door, device).await.ok_or(DoorRefused::Busy)?;
    let line = Line { door, device, bell, replaced, ends, told, waiting: Vec::new() };
    let events: std::pin::Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(stream::unfold(line, Line::next));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response())
}

struct Line {
    door: Arc<Door>,
    device: DeviceId,
    bell: watch::Receiver<u64>,
    replaced: oneshot::Receiver<()>,
    ends: Instant,
    /// Heads that the phone was told, or that it can ask for itself right after opening the line.
    told: HashMap<SpaceId, u64>,
    waiting: Vec<(SpaceId, u64)>,
}

impl Line {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some((space, head)) = self.waiting.pop() {
                self.told.insert(space, head);
                let event = Event::default().event("moved").data(format!("{{\"space\":\"{space}\",\"head\":{head}}}"));
                return Some((Ok(event), self));
            }
            tokio::select! {
                rung = self.bell.changed() => rung.ok()?,
                _ = &mut self.replaced => return None,
                _ = self.door.stop.asked() => return None,
                () = tokio::time::sleep_until(self.ends.into()) => return None,
            }
            tokio::time::sleep(LISTENER_PAUSE).await;
            self.bell.mark_unchanged();
            let now = told_now(&self.door, self.device).await?;
            self.waiting = now.into_iter().filter(|(space, head)| self.told.get(space) != Some(head)).collect();
        }
    }
}

/// Heads of what the device may read now; `None` when the writer cannot say, and the phone comes again.
async fn told_now(door: &Door, device: DeviceId) -> Option<HashMap<SpaceId, u64>> {
    let spaces = door.writer.act(move |office| office.spaces_of(device)).await.ok()?;
    Some(spaces.into_iter().filter_map(|space| Some((space, door.moves.head(space)?))).collect())
}
