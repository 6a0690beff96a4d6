//! One connection, from accept to close.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

use super::Limits;

/// hyper takes no less for the head of a request of HTTP/1.1, in bytes.
const LEAST_HEAD: u32 = 8 << 10;

/// All connections, and what they share.
pub(super) struct Connections {
    app: Router,
    limits: watch::Receiver<Limits>,
    stop: CancellationToken,
    abort: CancellationToken,
    tasks: TaskTracker,
}

impl Connections {
    /// Connections that take no new requests after `stop`, and break off at `abort`.
    pub(super) fn new(
        app: Router,
        limits: watch::Receiver<Limits>,
        stop: CancellationToken,
        abort: CancellationToken,
    ) -> Self {
        Self { app, limits, stop, abort, tasks: TaskTracker::new() }
    }

    /// Serves one connection in its own task.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr) {
        // gRPC writes small frames, which Nagle's algorithm would hold back; a failure costs time only
        let _ = stream.set_nodelay(true);
        let seen = Arc::new(AtomicBool::new(false));
        let service = TowerToHyperService::new(service(self.app.clone(), peer, Arc::clone(&seen)));
        let limits = *self.limits.borrow();
        let connection = builder(limits).serve_connection(TokioIo::new(stream), service).into_owned();
        let (stop, silence) = (self.stop.clone(), silence(seen, limits.header_timeout));
        let abort = self.abort.clone().cancelled_owned();
        self.tasks.spawn(async move {
            tokio::pin!(connection, abort);
            tokio::select! {
                result = connection.as_mut() => return log_end(peer, result),
                () = stop.cancelled() => {}
                () = silence => {}
                () = abort.as_mut() => return,
            }
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = connection => log_end(peer, result),
                () = abort => {}
            }
        });
    }

    /// Waits until none is left.
    pub(super) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    let head = limits.head.max(LEAST_HEAD);
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(usize::try_from(head).unwrap_or(usize::MAX));
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .keep_alive_interval(limits.keep_alive)
        .adaptive_window(true)
        .max_header_list_size(head);
    http
}

/// The application for one connection: it knows the peer, and that a request came.
fn service(
    app: Router,
    peer: SocketAddr,
    seen: Arc<AtomicBool>,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone {
    app.map_request(move |mut request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    })
}

/// Ends if no request came in time. hyper's own time-out starts only once it knows which HTTP is spoken.
async fn silence(seen: Arc<AtomicBool>, limit: Duration) {
    tokio::time::sleep(limit).await;
    if seen.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

fn log_end(peer: SocketAddr, result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        tracing::debug!(%peer, error, "connection");
    }
}
