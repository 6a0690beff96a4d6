//! Server: the accept loop: HTTP/1.1 and HTTP/2 on one port, with TLS (by ALPN) or without (by prior knowledge),
//! bounded in number and time, drained at the end.
//!
//! Nobody is kept out by those who only hang on: where there is no place for a connection, one of who is not known, or
//! that has let the server wait longest, loses its own.

mod activity;
mod answering;
mod arriving;
mod connection;
pub mod fault;
mod framing;
mod offers;
mod places;
mod stream;
mod unread;

use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::tls::Tls;
use connection::Connections;

/// What connections may take; the default is what Roster serves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the handshake of TLS, the head of a request, and the first request of a connection.
    pub head: Duration,
    /// For the body of a request, beyond the time that it takes at [`Limits::body_rate`].
    pub body: Duration,
    /// Bytes a second at which a body may arrive without using up its time.
    pub body_rate: u32,
    /// Between two requests of a connection.
    pub idle: Duration,
    /// How long a client may take nothing of an answer.
    pub write: Duration,
    /// Between two pings of an HTTP/2 connection.
    pub ping: Duration,
    /// For the requests in flight once the server stops.
    pub drain: Duration,
    /// Connections at a time.
    pub connections: usize,
    /// Requests at a time on one HTTP/2 connection (RFC 9113 §6.5.2, `SETTINGS_MAX_CONCURRENT_STREAMS`).
    pub streams: u32,
    /// The head of a request, in bytes (RFC 9113 §6.5.2, `SETTINGS_MAX_HEADER_LIST_SIZE`); at least 8 KiB.
    pub head_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            head: seconds(15),
            body: seconds(20),
            body_rate: 1 << 10,
            idle: seconds(120),
            write: seconds(30),
            ping: seconds(60),
            drain: seconds(20),
            connections: 8192,
            streams: 256,
            head_bytes: 64 << 10,
        }
    }
}

/// Serves `app` until `stop`, then refuses connections and waits for the requests in flight, but not longer than
/// [`Limits::drain`].
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    serve_within(listener, None, app, watch::Sender::new(limits).subscribe(), stop).await;
}

/// The same, with TLS if there is a certificate, and with limits that change: each connection has those of when
/// it came.
pub async fn serve_within(
    listener: TcpListener,
    tls: Option<Tls>,
    app: Router,
    limits: watch::Receiver<Limits>,
    stop: CancellationToken,
) {
    let abort = CancellationToken::new();
    // connections that outlive the drain end with this function
    let _at_the_end = abort.clone().drop_guard();
    let connections = Connections::new(app, tls, limits.clone(), stop.clone(), abort);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => connections.spawn(stream, peer),
            Err(error) => recover(&error, &connections).await,
        }
    }
    drop(listener);
    let drain = limits.borrow().drain;
    if tokio::time::timeout(drain, connections.ended()).await.is_err() {
        tracing::warn!("requests were still in flight at the end of the drain");
    }
}

/// An accept that fails is the peer's doing (it is gone already) or a lack of descriptors, which those who hang on
/// make up for, and time.
async fn recover(error: &io::Error, connections: &Connections) {
    const PAUSE: Duration = Duration::from_millis(20);
    tracing::warn!(%error, "accept");
    connections.make_room();
    tokio::time::sleep(PAUSE).await;
}
