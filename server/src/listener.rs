//! The accept loop: how many connections, how long a head may take, and how they end at a stop.
//!
//! No address of a client is kept or logged.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};

use hyper::body::{Frame, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::door::Stop;
use crate::limits::{CONNECTIONS_MAX, HEAD_TIME_MAX, RETRY_AFTER_SECONDS, STOP_TIME_MAX, STREAMS_MAX};

/// Serves until the stop, then until every running answer is sent or its time is over.
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let Ok(place) = place.await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.asked() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // The pages of the office ask who is near; nothing else does.
                let (router, stop) = (router.clone().layer(Extension(ConnectInfo(peer))), stop.clone());
                tokio::spawn(async move {
                    serve_connection(stream, router, stop).await;
                    drop(place);
                });
            }
            // Out of file handles: what is open goes on, new ones wait in the backlog.
            Err(_) => tokio::time::sleep(std::time::Duration::from_secs(u64::from(RETRY_AFTER_SECONDS))).await,
        }
    }
    drop(listener);
    let all = places.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(STOP_TIME_MAX, all).await.is_err() {
        tracing::warn!("connections that did not end in time are cut");
    }
}

async fn serve_connection(stream: TcpStream, router: Router, stop: Stop) {
    let running = Arc::new(Running::default());
    let router = router.layer(from_fn_with_state(Arc::clone(&running), count));
    // Answers are small and whole; waiting to fill a packet costs 40 ms.
    let _ = stream.set_nodelay(true);
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        // How a connection broke is the phone's matter: it asks again.
        _ = connection.as_mut() => return,
        // The engine waits for ever for the first bytes, and for the next request of an HTTP/2 connection.
        () = running.until_quiet() => return,
        _ = stop.asked() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// The requests of one connection, from their heads to the last bytes of their answers.
#[derive(Default)]
struct Running {
    begun: AtomicU64,
    now: AtomicUsize,
}

impl Running {
    /// Waits until nothing was asked and nothing answered for [`HEAD_TIME_MAX`].
    async fn until_quiet(&self) {
        let mut known = None;
        loop {
            let begun = self.begun.load(Ordering::SeqCst);
            if known == Some(begun) && self.now.load(Ordering::SeqCst) == 0 {
                return;
            }
            known = Some(begun);
            tokio::time::sleep(HEAD_TIME_MAX).await;
        }
    }
}

async fn count(State(running): State<Arc<Running>>, request: Request, next: Next) -> Response {
    running.begun.fetch_add(1, Ordering::SeqCst);
    running.now.fetch_add(1, Ordering::SeqCst);
    let place = Place(running);
    next.run(request).await.map(|body| Body::new(Counted { body, _place: place }))
}

struct Place(Arc<Running>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A body that counts until it is sent.
struct Counted {
    body: Body,
    _place: Place,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
