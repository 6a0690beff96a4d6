//! Server: one log line per request, when its answer has been sent or given up.
//!
//! The path is logged without its query, and no header or body: a Connect GET carries its message in the query,
//! and tokens travel in headers.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body::{Frame, SizeHint};
use tracing::Span;

use super::{metrics::Count, router::Observers, traces};

/// What asks every few seconds, for ever: a probe that fails is told elsewhere in the log.
const PROBES: [&str; 4] = ["/healthz", "/readyz", "/-/status", "/grpc.health.v1.Health/Check"];

/// Milliseconds, to the hundredth.
fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

/// What is known of a request; it is logged when it is dropped, so that no way out is missed: a client that went
/// away before the answer leaves a line without a status.
pub(super) struct Line {
    span: Span,
    method: Method,
    uri: Uri,
    address: Option<IpAddr>,
    started: Instant,
    status: Option<u16>,
    grpc: Option<String>,
    /// The trace that the request is in, if it is sent.
    trace_id: Option<String>,
    /// Counts when it is dropped, with the line.
    count: Option<Count>,
}

impl Line {
    /// The request came, to be logged in this span; tells the observers as well.
    pub(super) fn begin(span: Span, observers: &Observers, request: &mut Request<Body>) -> Self {
        let count = observers.requests.as_ref().map(|requests| requests.begin(request));
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            address: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
            started: Instant::now(),
            status: None,
            grpc: None,
            trace_id: observers.traces.then(|| traces::trace_id(&span)),
            count,
            span,
        }
    }

    /// The answer, which is logged when it is sent.
    pub(super) fn until_sent(mut self, response: Response) -> Response {
        if let Some(count) = &mut self.count {
            count.note(&response);
        }
        self.status = Some(response.status().as_u16());
        self.note(response.headers());
        response.map(|inner| Body::new(Logged { inner, line: self }))
    }

    /// gRPC puts its status into the trailers, or into the headers if there is nothing else to send.
    fn note(&mut self, headers: &HeaderMap) {
        let status = headers.get("grpc-status").and_then(|status| status.to_str().ok());
        self.grpc = status.map(str::to_owned).or_else(|| self.grpc.take());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _in_span = self.span.enter();
        let Self { status, grpc, trace_id, .. } = self;
        let (method, path) = (self.method.as_str(), self.uri.path());
        let address = self.address.map(tracing::field::display);
        let duration_ms = rounded(self.started.elapsed());
        let (grpc_status, trace_id) = (grpc.as_deref(), trace_id.as_deref());
        if PROBES.contains(&path) {
            tracing::debug!(method, path, address, status, grpc_status, duration_ms, trace_id, "request");
        } else {
            tracing::info!(method, path, address, status, grpc_status, duration_ms, trace_id, "request");
        }
        if let (Some(count), Some(_)) = (&self.count, trace_id) {
            traces::end(&self.span, count);
        }
    }
}

/// The body of an answer, polled inside the request's span.
struct Logged {
    inner: Body,
    line: Line,
}

impl http_body::Body for Logged {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { inner, line } = &mut *self;
        let frame = line.span.in_scope(|| Pin::new(inner).poll_frame(context));
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            frame.trailers_ref().into_iter().for_each(|trailers| line.note(trailers));
        }
        frame
    }

    // an answer without a body must end on its head, so nothing may be hidden
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
