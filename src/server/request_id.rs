//! Server: the id that ties a request to its log lines, its answer and its audit rows.
//!
//! It is always our own, so that no two requests have one: a client that chose it could make its requests look like those of
//! somebody else. What the client calls its request goes along beside it.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tracing::{Span, field::Empty, info_span};
use uuid::{Uuid, fmt::Simple};

use super::traces;

/// The header: what a client calls its request, and what we call it in the answer.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The header with the client's own id, towards the gateways and in the answer.
pub const CLIENT: HeaderName = HeaderName::from_static("x-client-request-id");

const MAX_LENGTH: usize = 128;

/// The ids of a request.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    own: HeaderValue,
    client: Option<HeaderValue>,
}

/// Gives the request its id, a new `UUIDv7`, in its header; the client's own, if it is a sane one, goes into the other.
///
/// Whatever is not visible ASCII could forge or break log lines, so it is not ours to repeat.
pub(super) fn give(request: &mut Request<Body>) -> Ids {
    let headers = request.headers_mut();
    // of several, one; and the second header is ours alone
    let client = headers.remove(HEADER).filter(|given| is_sane(given.as_bytes()));
    headers.remove(CLIENT);
    let mut buffer = [0; Simple::LENGTH];
    let made = Uuid::now_v7().as_simple().encode_lower(&mut buffer);
    let own = HeaderValue::from_str(made).unwrap_or_else(|_| HeaderValue::from_static("-"));
    let ids = Ids { own, client };
    ids.tell(headers);
    ids
}

fn is_sane(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

impl Ids {
    /// Writes them into the headers of the request, or of its answer.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(HEADER, self.own.clone());
        if let Some(client) = &self.client {
            headers.insert(CLIENT, client.clone());
        }
    }
}

/// The span of a request, with its ids on every log line, and whose it is once the gateway knows (`actor`, `token`); in the trace of the caller where traces are sent.
pub(super) fn span(ids: &Ids, headers: &HeaderMap, is_traced: bool) -> Span {
    let id = ids.own.to_str().unwrap_or_default();
    let client_request_id = ids.client.as_ref().and_then(|client| client.to_str().ok());
    if is_traced {
        traces::span(id, client_request_id, headers)
    } else {
        info_span!("request", id, client_request_id, actor = Empty, token = Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Our id, and the client's, as the request and its answer have them.
    fn ids(incoming: &[(HeaderName, &str)]) -> (String, Option<String>) {
        let mut request = Request::new(Body::empty());
        for (name, value) in incoming {
            request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        }
        let (mut answer, ids) = (HeaderMap::new(), give(&mut request));
        ids.tell(&mut answer);
        assert_eq!(request.headers(), &answer);
        let text = |name: HeaderName| answer.get(name).map(|value| value.to_str().unwrap().to_owned());
        (text(HEADER).unwrap(), text(CLIENT))
    }

    #[test]
    fn our_id_is_always_new_and_a_sane_one_of_the_client_goes_along() {
        let longest = "x".repeat(MAX_LENGTH);
        for kept in ["a", "7f0c/42:b", &longest, "0190d5a0f6d77c0e8000000000000000"] {
            let (one, client) = ids(&[(HEADER, kept), (CLIENT, "forged")]);
            let (other, _) = ids(&[(HEADER, kept)]);
            assert_eq!(Uuid::parse_str(&one).unwrap().get_version_num(), 7, "{kept:?}");
            assert_eq!(client.as_deref(), Some(kept));
            assert!(one != other && one != kept);
        }
        for dropped in ["", "a b", "a\tb", "é", &"x".repeat(MAX_LENGTH + 1)] {
            let (own, client) = ids(&[(HEADER, dropped), (CLIENT, "forged")]);
            assert_eq!((own.len(), client), (32, None), "{dropped:?}");
        }
        assert_eq!(ids(&[(HEADER, "a"), (HEADER, "b")]).1.as_deref(), Some("a"));
    }
}
