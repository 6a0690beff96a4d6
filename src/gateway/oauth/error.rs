//! The one mapper from errors to OAuth's form (gateway floor): RFC 6749 §5.2, RFC 7591 §3.2.2.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::services::{self, Kind, Limited, Reason, chain};

/// Why a device gets no answer; the `buf` client prints the description.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) description: String,
    /// When to come back, if that is known.
    pub(super) retry_after: Option<HeaderValue>,
    /// The limit that is met, if one is.
    pub(super) limited: Option<Limited>,
}

impl Failure {
    /// The request is refused with `code`.
    pub(super) fn refused(code: &'static str, description: impl Into<String>) -> Self {
        let (status, description) = (StatusCode::BAD_REQUEST, description.into());
        Self { status, code, description, retry_after: None, limited: None }
    }

    /// The request is malformed.
    pub(super) fn invalid_request(description: impl Into<String>) -> Self {
        Self::refused("invalid_request", description)
    }

    /// The client is none that we know (RFC 6749 §5.2).
    pub(super) fn invalid_client() -> Self {
        let description = "the client is not registered, or registered too long ago: register it again";
        Self { status: StatusCode::UNAUTHORIZED, ..Self::refused("invalid_client", description) }
    }

    /// The body cannot be read.
    pub(super) fn of_body(status: StatusCode) -> Self {
        Self { status, ..Self::invalid_request("the body is too large or cannot be read") }
    }

    /// What hinders a use case; `invalid` is how the endpoint calls a value that breaks a rule.
    pub(super) fn of_service(error: &services::Error, invalid: &'static str) -> Self {
        let code = match error.kind {
            // asking again would not help
            Kind::TooMuch if error.reason == Reason::QuotaExceeded => "access_denied",
            Kind::TooMuch | Kind::Unavailable => "temporarily_unavailable",
            Kind::Internal => "server_error",
            Kind::PermissionDenied | Kind::Precondition => "access_denied",
            _ => invalid,
        };
        let (status, description) = tell(error);
        Self { status, code, description, retry_after: retry_after(error), limited: error.limited }
    }
}

/// The status and the words for the failure of a use case, for devices and people; what is our fault, or the
/// database's, is logged once, here.
pub(super) fn tell(error: &services::Error) -> (StatusCode, String) {
    let status = match error.kind {
        Kind::TooMuch if error.reason == Reason::QuotaExceeded => StatusCode::BAD_REQUEST,
        Kind::TooMuch => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    if error.is_failure() {
        tracing::error!(error = chain(error), "the request failed");
    }
    let internal = "internal error; the server's log has it under this request's x-request-id";
    let description = if error.kind == Kind::Internal { internal } else { &error.message };
    (status, description.to_owned())
}

/// In how many seconds to come back, if that is known (RFC 9110 §10.2.3).
pub(super) fn retry_after(error: &services::Error) -> Option<HeaderValue> {
    let wait = error.retry_after?;
    Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1).into())
}

/// The limit that is met, as headers.
pub(super) fn limits(limited: Option<Limited>) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let headers = limited.into_iter().flat_map(Limited::headers);
    headers.map(|(name, number)| (HeaderName::from_static(name), number.into()))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code, "error_description": self.description });
        let mut response = answer(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2: which scheme would help; a client has no credentials to send
            let challenge = HeaderValue::from_static("Bearer realm=\"oauth2\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let wait = self.retry_after.unwrap_or(HeaderValue::from_static("60"));
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response.headers_mut().extend(limits(self.limited));
        response
    }
}

/// A JSON answer that no cache keeps (RFC 6749 §5.1). The `buf` client wants exactly this media type.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
