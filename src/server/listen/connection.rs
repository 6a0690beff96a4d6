//! One connection, from accept to close.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, uri::Scheme};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::Limits;
use super::answering::InFlight;
use super::arriving::Arriving;
use super::fault::Fault;
use super::framing::{Ambiguity, Framed};
use super::places::{Place, Places};
use super::stream::Watched;
use super::unread::{Discards, Unread};
use crate::server::metrics::process;
use crate::server::tls::Tls;

/// hyper takes no less for the head of a request of HTTP/1.1, in bytes.
const LEAST_HEAD: u32 = 8 << 10;
/// What a client of HTTP/2 may send of one request, and of all, before it is read, in bytes (RFC 9113 §5.2).
const STREAM_WINDOW: u32 = 512 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;
/// What is kept of one answer for a client of HTTP/2 that does not take it, in bytes.
const SEND_BUFFER: usize = 64 << 10;
/// Descriptors that connections leave to everything else: the database, other ports, files.
const RESERVED: usize = 128;
/// How long a connection that was told to end may take for it.
const FAREWELL: Duration = Duration::from_secs(5);

/// All connections, and what they share.
pub(super) struct Connections {
    shared: Shared,
    places: Places,
    tasks: TaskTracker,
}

#[derive(Clone)]
struct Shared {
    app: Router,
    tls: Option<Tls>,
    limits: watch::Receiver<Limits>,
    stop: CancellationToken,
    abort: CancellationToken,
    discards: Discards,
    /// Connections at most, whatever the configuration says: as many as the system gives descriptors for.
    most: usize,
}

impl Connections {
    /// Connections that take no new requests after `stop`, and break off at `abort`.
    pub(super) fn new(
        app: Router,
        tls: Option<Tls>,
        limits: watch::Receiver<Limits>,
        stop: CancellationToken,
        abort: CancellationToken,
    ) -> Self {
        let (discards, most) = (Discards::default(), most_connections());
        let shared = Shared { app, tls, limits, stop, abort, discards, most };
        Self { shared, places: Places::default(), tasks: TaskTracker::new() }
    }

    /// Serves one connection in its own task.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr) {
        let limits = *self.shared.limits.borrow();
        let limit = limits.connections.min(self.shared.most);
        let Some(place) = self.places.take(limit) else {
            tracing::warn!(%peer, limit, "every connection is busy; this one is refused");
            return;
        };
        // gRPC writes small frames, which Nagle's algorithm would hold back; a failure costs time only
        let _ = stream.set_nodelay(true);
        let shared = self.shared.clone();
        self.tasks.spawn(async move {
            let evicted = place.activity.evicted.clone();
            tokio::select! {
                () = shared.serve(stream, peer, limits, &place) => {}
                () = evicted.cancelled() => tracing::debug!(%peer, "the connection made room for another"),
                () = shared.abort.cancelled() => {}
            }
        });
    }

    /// Ends the connection that is worth least.
    pub(super) fn make_room(&self) {
        self.places.make_room();
    }

    /// Waits until none is left.
    pub(super) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Shared {
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, limits: Limits, place: &Place) {
        let Some(tls) = &self.tls else {
            return self.speak(stream, Scheme::HTTP, peer, limits, place).await;
        };
        match tokio::time::timeout(limits.head, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream, Scheme::HTTPS, peer, limits, place).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake"),
            Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
        }
    }

    async fn speak<S>(&self, stream: S, scheme: Scheme, peer: SocketAddr, limits: Limits, place: &Place)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = &place.activity;
        let ambiguity = Ambiguity::default();
        let stream = Framed::new(Watched::new(stream, Arc::clone(activity), limits.write), ambiguity.clone());
        let stream = TokioIo::new(stream);
        let service = service_fn(|mut request: Request<Incoming>| {
            let in_flight = InFlight::begin(activity, &request);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(scheme.clone());
            if let Some(fault) = Fault::of(&request, &ambiguity) {
                request.extensions_mut().insert(fault);
            }
            request.extensions_mut().insert(activity.recognized.clone());
            let unread = Unread::of(&request, peer, &self.discards);
            let request = request.map(|body| Body::new(Arriving::new(body, activity, limits, unread)));
            let answer = self.app.clone().oneshot(request);
            async { answer.await.map(|response| in_flight.until_sent(response)) }
        });
        let http = builder(limits);
        let connection = http.serve_connection(stream, service);
        tokio::pin!(connection);
        let is_stopping = tokio::select! {
            result = connection.as_mut() => return log_end(peer, result),
            () = self.stop.cancelled() => true,
            () = activity.overdue(limits) => false,
            () = activity.untaken(limits.write) => return log_untaken(peer),
        };
        if !is_stopping && !activity.is_idle() {
            return tracing::debug!(%peer, "no request came in time");
        }
        connection.as_mut().graceful_shutdown();
        let farewell = async {
            if is_stopping { activity.overdue(limits).await } else { tokio::time::sleep(FAREWELL).await }
        };
        tokio::select! {
            result = connection => log_end(peer, result),
            () = activity.untaken(limits.write) => log_untaken(peer),
            () = farewell => {}
        }
    }
}

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    let head = limits.head_bytes.max(LEAST_HEAD);
    // `Activity` has the time-out of the head: hyper's own is for idle connections as well
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(usize::try_from(head).unwrap_or(usize::MAX));
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .keep_alive_interval(limits.ping)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(head);
    http
}

/// As many as the process has descriptors for, but for those that it needs besides; half of few.
fn most_connections() -> usize {
    let Some(most) = process::most_descriptors() else { return usize::MAX };
    most.saturating_sub(RESERVED).max(most / 2)
}

fn log_untaken(peer: SocketAddr) {
    tracing::debug!(%peer, "the client takes nothing of an answer");
}

fn log_end(peer: SocketAddr, result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        tracing::debug!(%peer, error, "connection");
    }
}
