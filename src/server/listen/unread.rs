//! A body that nobody reads to its end, since the answer was given before: read on and thrown away, for a while.
//!
//! Over HTTP/1.1 a client that is still sending sees a broken pipe in place of the answer when the connection is closed
//! on it (RFC 9112 §9.6). Over HTTP/2 the stream may be reset without an error then (RFC 9113 §8.1), which clients such
//! as curl 7.88 take for one all the same. What is thrown away costs no memory, and there are so many at once, of so many
//! bytes and seconds; who is beyond that is closed on.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::services::rate_limit::{Share, Shares};

/// How much is read on, in bytes: twice the largest body that is taken by default.
const MAX_BYTES: usize = 32 << 20;
/// How long.
const MAX_TIME: Duration = Duration::from_secs(15);

/// Those that are read on, of all connections; clones are one.
#[derive(Clone, Debug)]
pub(super) struct Discards(Shares);

impl Default for Discards {
    fn default() -> Self {
        Self(Shares::new(256, 64))
    }
}

/// What becomes of a body that is not read to its end.
pub(super) struct Unread {
    peer: SocketAddr,
    discards: Discards,
    /// Whether the client waits for a word before it sends the body (RFC 9110 §10.1.1).
    waits: bool,
    /// Whether somebody asked for the body, and so gave the word.
    pub(super) asked: bool,
}

impl Unread {
    /// Of this request.
    pub(super) fn of(request: &Request<Incoming>, peer: SocketAddr, discards: &Discards) -> Self {
        let waits = request.version() == Version::HTTP_11 && request.headers().contains_key(header::EXPECT);
        Self { peer, discards: discards.clone(), waits, asked: false }
    }

    /// Reads on in a task of its own.
    pub(super) fn read_on(&self, body: Incoming) {
        if self.waits && !self.asked {
            return;
        }
        let Some(share) = self.discards.0.take(Some(self.peer.ip())) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(MAX_TIME, discard(body, share)));
        }
    }
}

async fn discard(mut body: Incoming, _share: Share) {
    let mut count = 0;
    while let Some(Ok(frame)) = body.frame().await {
        count += frame.data_ref().map_or(0, Bytes::len);
        if count > MAX_BYTES {
            return;
        }
    }
}
