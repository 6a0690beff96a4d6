//! Server: the id that ties a request to its log lines, its answer and its audit rows.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::traces;

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 128;

/// The request's id, in its extensions; visible ASCII of at most 128 characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's id if it is a sane one, or a new `UUIDv7`.
    ///
    /// Whatever is not visible ASCII could forge or break log lines, so it is not ours to repeat.
    fn of(incoming: Option<&HeaderValue>) -> Self {
        let text = incoming.and_then(|value| value.to_str().ok()).filter(|text| is_sane(text));
        match text {
            Some(text) => Self(text.into()),
            None => Self(Uuid::now_v7().simple().to_string().into()),
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_sane(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Middleware, outermost: gives the request its id (as an extension, and as the header for the floors that know
/// headers only), puts it on every log line, and into the answer.
pub async fn layer(State(is_traced): State<bool>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers().get(HEADER));
    let span = if is_traced {
        traces::span(id.as_str(), request.headers())
    } else {
        info_span!("request", id = id.as_str())
    };
    let header = HeaderValue::try_from(id.as_str()).ok();
    if let Some(value) = header.clone() {
        request.headers_mut().insert(HEADER, value);
    }
    request.extensions_mut().insert(id);
    let mut response = next.run(request).instrument(span).await;
    if let Some(value) = header {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(incoming: &str) -> RequestId {
        RequestId::of(HeaderValue::from_str(incoming).ok().as_ref())
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let longest = "x".repeat(MAX_LENGTH);
        for kept in ["a", "7f0c/42:b", &longest] {
            assert_eq!(id(kept).as_str(), kept);
        }
        for replaced in ["", "a b", "a\tb", "é", &"x".repeat(MAX_LENGTH + 1)] {
            assert_eq!(Uuid::parse_str(id(replaced).as_str()).unwrap().get_version_num(), 7, "{replaced:?}");
        }
    }
}
