//! Server: the id that ties a request to its log lines, its answer and its audit rows.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tracing::{Span, info_span};
use uuid::{Uuid, fmt::Simple};

use super::traces;

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 128;

/// Gives the request its id, in its header: the caller's own if it is a sane one, or a new `UUIDv7`.
///
/// Whatever is not visible ASCII could forge or break log lines, so it is not ours to repeat.
pub(super) fn give(request: &mut Request<Body>) -> HeaderValue {
    let given = request.headers().get(HEADER).filter(|given| is_sane(given.as_bytes()));
    if let Some(given) = given.cloned() {
        // of several, one
        request.headers_mut().insert(HEADER, given.clone());
        return given;
    }
    let mut buffer = [0; Simple::LENGTH];
    let made = Uuid::now_v7().as_simple().encode_lower(&mut buffer);
    let made = HeaderValue::from_str(made).unwrap_or_else(|_| HeaderValue::from_static("-"));
    request.headers_mut().insert(HEADER, made.clone());
    made
}

fn is_sane(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

/// The span of a request, with its id on every log line; in the trace of the caller where traces are sent.
pub(super) fn span(id: &HeaderValue, headers: &HeaderMap, is_traced: bool) -> Span {
    let id = id.to_str().unwrap_or_default();
    if is_traced { traces::span(id, headers) } else { info_span!("request", id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(incoming: &str) -> String {
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert(HEADER, HeaderValue::from_str(incoming).unwrap());
        let given = give(&mut request);
        assert_eq!(request.headers().get_all(HEADER).iter().collect::<Vec<_>>(), [&given]);
        given.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let longest = "x".repeat(MAX_LENGTH);
        for kept in ["a", "7f0c/42:b", &longest] {
            assert_eq!(id(kept), kept);
        }
        for replaced in ["", "a b", "a\tb", "é", &"x".repeat(MAX_LENGTH + 1)] {
            assert_eq!(Uuid::parse_str(&id(replaced)).unwrap().get_version_num(), 7, "{replaced:?}");
        }
    }
}
