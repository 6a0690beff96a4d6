//! Gateway floor: duties that tonic has in its own transport server only, and which nobody has behind axum.
//!
//! - The deadline of `grpc-timeout`, for the head of the answer and for its stream; our own for the head. One that is malformed
//!   is refused.
//! - `RESOURCE_EXHAUSTED` for a message above the size limit, where tonic says `OUT_OF_RANGE` (gRPC, "Status
//!   codes": "message larger than the limit" is `RESOURCE_EXHAUSTED`).
//! - `INTERNAL` for a handler that panics.
//! - The details that every error has, also one that a layer of the protocol made, and a bound on their size.
//!
//! It also tells how each call [`Ended`], for who counts: only here all calls are gRPC, whatever was spoken before.

mod body;
mod ended;

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::time::Instant;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::services::deadline::{Late, within};
use body::GuardedBody;
pub use ended::Ended;

/// An error as it is sent.
pub type Complete = fn(&Status) -> Status;

/// Puts a [`Guard`] in front of gRPC routes.
#[derive(Clone, Copy, Debug)]
pub struct GuardLayer {
    /// How long a call may take until the head of its answer, whatever its client allows; a stream may go on.
    pub patience: Option<Duration>,
    /// What an error becomes before it is sent.
    pub complete: Complete,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, told: *self }
    }
}

/// gRPC routes whose calls end at their deadline.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    inner: S,
    told: GuardLayer,
}

impl<S, B> Service<Request<B>> for Guard<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let GuardLayer { patience, complete } = self.told;
        let ended = request.extensions().get::<Ended>().cloned().unwrap_or_default();
        let allowed = match timeout(request.headers()) {
            Ok(allowed) => allowed,
            Err(refused) => return ready(Ok(ended.by(&complete(&refused)))).boxed(),
        };
        let at = |time: Duration| Instant::now().checked_add(time);
        let (deadline, patience) = (allowed.and_then(at), patience.and_then(at));
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        async move {
            let answer = match deadline.into_iter().chain(patience).min() {
                None => answer.await,
                Some(at) => match within(at, answer).await {
                    Ok(answer) => answer,
                    Err(late) => return Ok(ended.by(&complete(&deadline_exceeded(late)))),
                },
            };
            // the hook that logs a panic has run; its text is not the caller's business
            let Ok(answer) = answer else {
                return Ok(ended.by(&complete(&Status::internal("internal error"))));
            };
            answer.map(|response| guarded(response, deadline, ended, complete))
        }
        .boxed()
    }
}

/// gRPC over HTTP/2, "Timeout": at most eight digits and a unit.
///
/// # Errors
/// It is malformed, or has no time in it: such a call is over before it begins, and so is not begun.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let mut values = headers.get_all("grpc-timeout").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let time = value.to_str().ok().filter(|_| values.next().is_none()).and_then(parsed);
    match time {
        Some(Duration::ZERO) => Err(deadline_exceeded(Late::Undone)),
        Some(time) => Ok(Some(time)),
        None => Err(Status::invalid_argument(
            "grpc-timeout must be 1 to 8 digits and one unit of H, M, S, m, u, n",
        )),
    }
}

fn parsed(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    in_unit(digits.parse().ok()?, unit)
}

fn in_unit(value: u64, unit: &str) -> Option<Duration> {
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

fn deadline_exceeded(late: Late) -> Status {
    Status::deadline_exceeded(late.message())
}

fn guarded(
    mut response: Response<Body>,
    deadline: Option<Instant>,
    ended: Ended,
    complete: Complete,
) -> Response<Body> {
    correct(response.headers_mut(), complete);
    ended.note(response.headers());
    response.map(|inner| Body::new(GuardedBody::new(inner, deadline, ended, complete)))
}

/// The headers or trailers of an error, as they are sent.
fn correct(headers: &mut HeaderMap, complete: Complete) {
    correct_code(headers);
    let Some(status) = Status::from_header_map(headers).filter(|status| status.code() != Code::Ok) else {
        return;
    };
    let bare =
        Status::with_details(status.code(), status.message(), Bytes::copy_from_slice(status.details()));
    let complete = complete(&bare);
    headers.remove("grpc-message");
    headers.remove("grpc-status-details-bin");
    if complete.add_header(headers).is_err() {
        headers.insert("grpc-status", i32::from(complete.code()).into());
    }
}

/// Code 11 with tonic's text for an oversized message (percent-encoded, as gRPC sends it) becomes code 8.
fn correct_code(headers: &mut HeaderMap) {
    const TOO_LARGE: &[u8] = b"message%20length%20too%20large";
    let is_out_of_range = headers.get("grpc-status").is_some_and(|status| status == "11");
    let text = headers.get("grpc-message").map(HeaderValue::as_bytes).unwrap_or_default();
    if is_out_of_range && text.windows(TOO_LARGE.len()).any(|part| part == TOO_LARGE) {
        headers.insert("grpc-status", HeaderValue::from_static("8"));
    }
}

#[cfg(test)]
mod tests;
