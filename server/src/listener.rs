//! The accept loop: how many connections, how long a head and an answer may take, and how they end at a stop.
//!
//! Encrypted for phones and plain for browsers, at one door: the first byte tells. HTTP/1.1 alone: one request at a time
//! leaves a client nothing to hold but one answer. No address of a client is kept or logged.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::door::Stop;
use crate::limits::{
    ANSWER_TIME_MAX, BUFFER_BYTES_MAX, CONNECTIONS_MAX, HEAD_TIME_MAX, HEARTBEAT, PIECE_BYTES_MAX, REQUEST_TIME_MAX,
    RETRY_AFTER_SECONDS, STOP_TIME_MAX,
};
use crate::peers::Peers;
use crate::turns::Turn;
use crate::{machine, tls};

/// Serves until the stop, then until every running answer is sent or its time is over.
pub async fn serve(listener: TcpListener, (router, tls): (Router, TlsAcceptor), stop: Stop) {
    let (places, peers) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), Peers::default());
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let Ok(place) = place.await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.asked() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(share) = peers.take(peer) else { continue };
                // The pages of the office ask who is near; nothing else does.
                let (router, stop) = (router.clone().layer(Extension(ConnectInfo(peer))), stop.clone());
                let tls = tls.clone();
                tokio::spawn(async move {
                    greet(stream, (router, tls), stop).await;
                    drop((place, share));
                });
            }
            // Out of file handles: what is open goes on, new ones wait in the backlog.
            Err(_) => tokio::time::sleep(Duration::from_secs(u64::from(RETRY_AFTER_SECONDS))).await,
        }
    }
    drop(listener);
    let all = places.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(STOP_TIME_MAX, all).await.is_err() {
        tracing::warn!("connections that did not end in time are cut");
    }
}

/// Finds out how a client speaks. Whoever says nothing for as long as a head may take is gone.
async fn greet(stream: TcpStream, (router, tls): (Router, TlsAcceptor), stop: Stop) {
    // Answers are small and whole; waiting to fill a packet costs 40 ms.
    let _ = stream.set_nodelay(true);
    let greeted = async {
        match tls::is_begun(&stream).await? {
            true => Some(Greeted::Encrypted(Box::new(tls.accept(stream).await.ok()?))),
            false => Some(Greeted::Plain(stream)),
        }
    };
    let greeted = tokio::select! {
        greeted = tokio::time::timeout(HEAD_TIME_MAX, greeted) => greeted,
        _ = stop.asked() => return,
    };
    match greeted {
        Ok(Some(Greeted::Plain(stream))) => serve_connection(stream, router, stop).await,
        Ok(Some(Greeted::Encrypted(stream))) => serve_connection(stream, router, stop).await,
        Ok(None) | Err(_) => {}
    }
}

/// How a client speaks.
enum Greeted {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

async fn serve_connection<S: AsyncRead + AsyncWrite + Unpin + 'static>(stream: S, router: Router, stop: Stop) {
    let ends = Ends::new();
    let router = router.layer(from_fn_with_state(ends.clone(), follow));
    let mut builder = Builder::new();
    builder.max_buf_size(BUFFER_BYTES_MAX);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        // How a connection broke is the phone's matter: it asks again.
        _ = connection.as_mut() => return,
        // The engine itself would wait for ever for a head, and for an answer to be taken.
        () = ends.passed() => return,
        _ = stop.asked() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// When a connection is over unless its client moves.
#[derive(Clone)]
struct Ends(Arc<watch::Sender<Instant>>);

impl Ends {
    /// The first head must be whole in time.
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(machine::tick() + HEAD_TIME_MAX)))
    }

    fn within(&self, time: Duration) {
        self.0.send_replace(machine::tick() + time);
    }

    async fn passed(&self) {
        let mut ends = self.0.subscribe();
        loop {
            let known = *ends.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep_until(known.into()) => return,
                changed = ends.changed() => changed.expect("we hold the other end"),
            }
        }
    }
}

/// Follows a request from its head to the last byte of its answer.
async fn follow(State(ends): State<Ends>, request: Request, next: Next) -> Response {
    ends.within(REQUEST_TIME_MAX);
    let mut response = next.run(request).await;
    ends.within(ANSWER_TIME_MAX);
    let turn = response.extensions_mut().remove();
    response.map(|body| Body::new(Answer { body, rest: Bytes::new(), ends, _turn: turn }))
}

/// A body that is handed over in pieces, so that it is gone when its client has taken nearly all of it, not before.
struct Answer {
    body: Body,
    /// What was taken out of the body and not handed over yet.
    rest: Bytes,
    ends: Ends,
    _turn: Option<Arc<Turn>>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let answer = &mut *self;
        // A line to a listener has no length. It is asked for more as long as its heartbeats are taken.
        if answer.body.size_hint().exact().is_none() {
            answer.ends.within(2 * HEARTBEAT);
        }
        if answer.rest.is_empty() {
            match ready!(Pin::new(&mut answer.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => answer.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(broken)) => return Poll::Ready(Some(Err(broken))),
                None => return Poll::Ready(None),
            }
        }
        let piece = answer.rest.split_to(answer.rest.len().min(PIECE_BYTES_MAX));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.size_hint();
        left.exact().map_or(left, |bytes| SizeHint::with_exact(bytes + self.rest.len() as u64))
    }
}

impl Drop for Answer {
    /// The next head must be whole in time.
    fn drop(&mut self) {
        self.ends.within(HEAD_TIME_MAX);
    }
}
