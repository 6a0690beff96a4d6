//! Requests that two servers would read differently, and which are therefore refused.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Version, header};

use super::framing::Ambiguity;
use crate::gateway::scim;

/// What is wrong with a request, for those who answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault(&'static str);

impl Fault {
    /// What is wrong with this request, if anything is.
    pub(super) fn of<B>(request: &http::Request<B>, ambiguity: &Ambiguity) -> Option<Self> {
        let (version, headers) = (request.version(), request.headers());
        let foreign =
            "the URL has a character that must be percent-encoded, as a blank is by %20 and a quote by %22";
        let target = ambiguity.has_foreign_target().then_some(foreign);
        let faults = [target, host(version, headers), coding(headers, ambiguity)];
        faults.into_iter().flatten().next().map(Self)
    }
}

/// RFC 9112 §3.2: one, and in HTTP/1.1 no fewer. In HTTP/2 it is optional beside `:authority` (RFC 9113 §8.3.1).
fn host(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => Some("the request has no Host"),
        (_, Some(_)) => Some("the request has more than one Host"),
        (Some(host), None) if !is_host(host.as_bytes()) => Some("the Host is malformed"),
        _ => None,
    }
}

/// A name or address, with or without a port, and no user; nothing where the target has no authority.
fn is_host(host: &[u8]) -> bool {
    host.is_empty() || (Authority::try_from(host).is_ok() && !host.contains(&b'@'))
}

/// RFC 9112 §6.1: we know no transfer coding but this, and a length beside it is no one's to believe (§6.3).
fn coding(headers: &HeaderMap, ambiguity: &Ambiguity) -> Option<&'static str> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next()?;
    if codings.next().is_some() || !first.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
        return Some("the Transfer-Encoding must be chunked, and nothing else");
    }
    let both = ambiguity.is_found() || headers.contains_key(header::CONTENT_LENGTH);
    both.then_some("the request has a Content-Length beside its Transfer-Encoding")
}

impl Fault {
    /// The answer to a request of this path, in the form that is spoken there; the connection ends with it.
    pub fn answer(self, path: &str) -> Response {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        if segments.next() != Some("scim") {
            return self.into_response();
        }
        let mut response = scim::bad_request(self.0);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

impl IntoResponse for Fault {
    /// The connection ends with it: where the next request would begin is as unclear as this one is.
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, [(header::CONNECTION, "close")], self.0).into_response()
    }
}

/// The answer to a faulty request, for routes that have nothing else around them.
pub async fn refuse(request: Request, next: Next) -> Response {
    match request.extensions().get::<Fault>() {
        Some(fault) => fault.into_response(),
        None => next.run(request).await,
    }
}
