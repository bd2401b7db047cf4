//! What every request at the door shares: the writer, the sessions, the bodies under way, the wish to stop.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use model::door::DoorRefused;
use model::entry::device_id;
use model::handshake::read_bearer;
use model::hash::PublicKey;
use model::identity::DeviceId;
use model::receipt::Epoch;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::limits::{
    BODIES_BYTES_MAX, BODY_TIME_MAX, DROPS_BYTES_MAX, RETRY_AFTER_SECONDS, SMALL_BODY_BYTES_MAX, SMALL_BODY_TIME_MAX,
    STRANGERS_BYTES_MAX, STRANGERS_UNPACKING_MAX, UNPACKING_MAX,
};
use crate::live::Listeners;
use crate::machine;
use crate::moves::Moves;
use crate::session::Sessions;
use crate::turns::Turns;
use crate::writer::{Writer, WriterRefused};

/// The content type of messages of the named road: CBOR, packed for exchanges.
pub const MESSAGE_TYPE: &str = "application/x-langnghe";

/// The state behind all routes.
pub struct Door {
    /// The one writer.
    pub writer: Writer,
    /// The server's identity.
    pub identity: PublicKey,
    /// The present life; it only begins at a start.
    pub epoch: Epoch,
    /// The data folder.
    pub folder: PathBuf,
    /// Challenges and sessions.
    pub sessions: Sessions,
    /// Which spaces moved.
    pub moves: Moves,
    /// Phones that listen.
    pub listeners: Listeners,
    /// Whether the server shall stop, and why.
    pub stop: Stop,
    /// How the second copy does.
    pub copy: watch::Receiver<CopyState>,
    /// Exchanges under way, by device.
    pub(crate) turns: Arc<Turns>,
    /// Who was ever let in: at the start, and whoever came since.
    pub(crate) known: Mutex<HashSet<DeviceId>>,
    /// Bytes of bodies that may still be taken.
    pub(crate) bodies: Room,
    /// Bytes of bodies that may still be taken from strangers.
    pub(crate) strangers: Room,
    /// Bytes of bodies that may still be taken for the boxes.
    pub(crate) drops: Room,
    /// Requests that may still be unpacked at once.
    pub(crate) unpacking: Semaphore,
    /// The same for strangers.
    pub(crate) strangers_unpacking: Semaphore,
    /// The boxes of sealed envelopes.
    pub boxes: Arc<Boxes>,
}

/// What there is for one device at the door.
#[derive(Clone, Copy)]
pub struct Welcome<'a> {
    /// Where its bodies find room.
    pub room: &'a Room,
    /// Where its requests are unpacked.
    pub unpacking: &'a Semaphore,
}

/// Bytes that may still be taken.
pub type Room = Arc<Semaphore>;

/// How the continuous second copy does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyState {
    /// There is none: "received" covers one fault only.
    None,
    /// Holds everything, or is about to.
    Following,
    /// Cannot be written; `safe` stays where it was.
    Failed,
}

impl CopyState {
    /// The word in `/health`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Following => "following",
            Self::Failed => "failed",
        }
    }
}

/// Why a server stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// Somebody asked for it.
    Asked,
    /// A newer life of this server exists (exchange rule R20).
    Superseded,
    /// A phone proved that the whole folder went back in time.
    WentBack,
}

/// The wish to stop; the first reason stays.
#[derive(Clone)]
pub struct Stop(watch::Sender<Option<StopReason>>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Stop {
    /// Asks for the stop.
    pub fn ask(&self, reason: StopReason) {
        self.0.send_if_modified(|asked| {
            let is_first = asked.is_none();
            *asked = asked.or(Some(reason));
            is_first
        });
    }

    /// Waits for it.
    pub async fn asked(&self) -> StopReason {
        let mut asked = self.0.subscribe();
        let reason = asked.wait_for(Option::is_some).await.ok().and_then(|reason| *reason);
        reason.unwrap_or(StopReason::Asked)
    }
}

impl Door {
    /// Over a running writer.
    pub fn new(
        (writer, boxes): (Writer, Arc<Boxes>),
        sessions: Sessions,
        moves: Moves,
        (identity, epoch): (PublicKey, Epoch),
        folder: &Path,
    ) -> Self {
        Self {
            writer,
            identity,
            epoch,
            folder: folder.to_owned(),
            sessions,
            moves,
            listeners: Listeners::default(),
            stop: Stop::default(),
            copy: watch::channel(CopyState::None).1,
            turns: Arc::default(),
            known: Mutex::default(),
            bodies: Arc::new(Semaphore::new(BODIES_BYTES_MAX)),
            strangers: Arc::new(Semaphore::new(STRANGERS_BYTES_MAX)),
            drops: Arc::new(Semaphore::new(DROPS_BYTES_MAX)),
            unpacking: Semaphore::new(UNPACKING_MAX),
            strangers_unpacking: Semaphore::new(STRANGERS_UNPACKING_MAX),
            boxes,
        }
    }

    /// Whose request this is.
    pub fn device(&self, head: &axum::http::HeaderMap) -> Result<DeviceId, TurnedAway> {
        self.key(head).map(|key| device_id(&key))
    }

    /// The key of the device whose request this is.
    pub fn key(&self, head: &axum::http::HeaderMap) -> Result<PublicKey, TurnedAway> {
        let bearer = head.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(read_bearer);
        let token = bearer.ok_or(DoorRefused::NoSession)?;
        Ok(self.sessions.key(&token, machine::tick())?)
    }

    /// What there is for a device. Anybody can make keys and open sessions with them, so who was never let in shares little
    /// with all the others.
    pub async fn welcome(&self, device: DeviceId) -> Result<Welcome<'_>, TurnedAway> {
        Ok(match self.is_known(device).await? {
            true => Welcome { room: &self.bodies, unpacking: &self.unpacking },
            false => Welcome { room: &self.strangers, unpacking: &self.strangers_unpacking },
        })
    }

    /// Whether a device was ever let in.
    pub async fn is_known(&self, device: DeviceId) -> Result<bool, TurnedAway> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&device) {
            return Ok(true);
        }
        if self.writer.act(move |office| office.spaces_of(device)).await?.is_empty() {
            return Ok(false);
        }
        known().insert(device);
        Ok(true)
    }

    /// Reads a body of at most so many bytes, as sent. The permit keeps its room until it is dropped. Room is taken as
    /// bytes come, not as they are announced: an announcement costs whoever makes it nothing.
    pub async fn body(
        &self,
        request: Request<Body>,
        bytes_max: usize,
        room: &Room,
    ) -> Result<(Vec<u8>, OwnedSemaphorePermit), TurnedAway> {
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if announced.and_then(|digits| digits.parse().ok()).is_some_and(|announced: usize| announced > bytes_max) {
            return Err(DoorRefused::TooLarge.into());
        }
        let time = if bytes_max > SMALL_BODY_BYTES_MAX { BODY_TIME_MAX } else { SMALL_BODY_TIME_MAX };
        let read = tokio::time::timeout(time, read(request.into_body(), bytes_max, room));
        Ok(read.await.map_err(|_| DoorRefused::TooSlow)??)
    }
}

async fn read(mut body: Body, bytes_max: usize, room: &Room) -> Result<(Vec<u8>, OwnedSemaphorePermit), DoorRefused> {
    let take = |bytes: usize| Arc::clone(room).try_acquire_many_owned(bytes as u32);
    let (mut bytes, mut taken) = (Vec::new(), take(0).map_err(|_| DoorRefused::Busy)?);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| DoorRefused::Unreadable)?.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(DoorRefused::TooLarge);
        }
        taken.merge(take(data.len()).map_err(|_| DoorRefused::Busy)?);
        bytes.extend_from_slice(&data);
    }
    Ok((bytes, taken))
}

/// An answer of the door that is not what was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TurnedAway(pub DoorRefused);

impl From<DoorRefused> for TurnedAway {
    fn from(refused: DoorRefused) -> Self {
        Self(refused)
    }
}

impl From<WriterRefused> for TurnedAway {
    fn from(refused: WriterRefused) -> Self {
        Self(match refused {
            WriterRefused::Busy | WriterRefused::Failed(ServerFailed::Busy | ServerFailed::Interrupted) => {
                DoorRefused::Busy
            }
            WriterRefused::Stopping => DoorRefused::Stopping,
            WriterRefused::Failed(ServerFailed::Superseded | ServerFailed::WentBack) => DoorRefused::Superseded,
            WriterRefused::Failed(_) => DoorRefused::CannotStore,
        })
    }
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.0.body()));
        *response.status_mut() = StatusCode::from_u16(self.0.status()).expect("statuses are written in the model");
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if matches!(self.0, DoorRefused::Busy | DoorRefused::Stopping | DoorRefused::CannotStore | DoorRefused::BoxFull)
        {
            head.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// A message of the named road.
pub fn message(bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MESSAGE_TYPE));
    response
}
