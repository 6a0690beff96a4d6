//! Server: reads on after an early answer.
//!
//! On HTTP/1.1 an answer that comes before the request was read closes the connection, and a client that is still
//! sending sees a broken pipe in place of the answer (RFC 9112 §9.6). So a request body that is dropped unread is
//! read on for a bounded while.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;

/// How much is read on, in bytes.
const MAX_BYTES: usize = 8 << 20;
/// How long.
const MAX_TIME: Duration = Duration::from_secs(2);

/// Makes the request's body read on when it is dropped. HTTP/2 resets one stream and needs none of this.
#[must_use]
pub fn layer(request: Request<Body>) -> Request<Body> {
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return request;
    }
    request.map(|body| Body::new(Drained(Some(body))))
}

/// A body until its end; then nothing is left to read on.
struct Drained(Option<Body>);

impl http_body::Body for Drained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.0.as_mut() else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(http_body::Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(MAX_TIME, read_on(body)));
        }
    }
}

async fn read_on(mut body: Body) {
    let mut count = 0;
    while let Some(Ok(frame)) = body.frame().await {
        count += frame.data_ref().map_or(0, Bytes::len);
        if count > MAX_BYTES {
            return;
        }
    }
}
