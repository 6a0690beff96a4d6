//! Server: the accept loop: HTTP/1.1 and HTTP/2 without TLS (prior knowledge) on one port, drained at the end.

mod connection;

use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use connection::Connections;

/// What a connection may take; the default is what Roster serves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the head of a request, and before the first request of a connection: what stands idle longer is closed.
    pub header_timeout: Duration,
    /// Between two pings of an HTTP/2 connection.
    pub keep_alive: Duration,
    /// For the requests in flight once the server stops.
    pub drain: Duration,
    /// Requests at a time on one HTTP/2 connection (RFC 9113 §6.5.2, `SETTINGS_MAX_CONCURRENT_STREAMS`).
    pub streams: u32,
    /// The head of a request, in bytes (RFC 9113 §6.5.2, `SETTINGS_MAX_HEADER_LIST_SIZE`); at least 8 KiB.
    pub head: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            header_timeout: seconds(15),
            keep_alive: seconds(60),
            drain: seconds(20),
            streams: 256,
            head: 64 << 10,
        }
    }
}

/// Serves `app` until `stop`, then refuses connections and waits for the requests in flight, but not longer than
/// [`Limits::drain`].
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    serve_within(listener, app, watch::Sender::new(limits).subscribe(), stop).await;
}

/// The same, with limits that change: each connection has those of when it came.
pub async fn serve_within(
    listener: TcpListener,
    app: Router,
    limits: watch::Receiver<Limits>,
    stop: CancellationToken,
) {
    let abort = CancellationToken::new();
    // connections that outlive the drain end with this function
    let _at_the_end = abort.clone().drop_guard();
    let connections = Connections::new(app, limits.clone(), stop.clone(), abort);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => connections.spawn(stream, peer),
            Err(error) => recover(&error).await,
        }
    }
    drop(listener);
    let drain = limits.borrow().drain;
    if tokio::time::timeout(drain, connections.ended()).await.is_err() {
        tracing::warn!("requests were still in flight at the end of the drain");
    }
}

/// An accept that fails is the peer's doing (it is gone already) or a lack of descriptors, which only time cures.
async fn recover(error: &io::Error) {
    const PAUSE: Duration = Duration::from_millis(50);
    tracing::warn!(%error, "accept");
    tokio::time::sleep(PAUSE).await;
}
