//! The one mapper from errors to SCIM's form (gateway floor): RFC 7644 §3.12.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::http;
use crate::{
    quote::bounded,
    scim::{self, ScimType, error::body},
    services::{self, Kind, Limited, Reason, Retryable, chain},
};

/// Characters of a `detail`.
const DETAIL_MAX: usize = 1024;

/// Why a request is not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// A mistake of the protocol.
    Protocol(scim::Error),
    /// A use case refused, or failed.
    Service(services::Error),
    /// A mistake of HTTP alone.
    Http(StatusCode, String),
}

impl Failure {
    /// A mistake of HTTP alone.
    pub(super) fn status(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Http(status, detail.into())
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self::Protocol(error)
    }
}

impl From<services::Error> for Failure {
    fn from(error: services::Error) -> Self {
        Self::Service(error)
    }
}

impl Retryable for Failure {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_conflict())
    }
}

impl Failure {
    /// RFC 9110 §10.2.3, in seconds.
    fn retry_after(&self) -> u64 {
        let wait = match self {
            Self::Service(error) => error.retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::Service(error) = self { error.limited } else { None }
    }

    /// What the client is told, when it is refused for good: neither for what is not there, nor only for now.
    pub(super) fn refusal(&self) -> Option<String> {
        if matches!(self, Self::Service(error) if error.is_failure()) {
            return None;
        }
        let (status, body) = self.to_json();
        let is_final = status.is_client_error()
            && ![StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::TOO_MANY_REQUESTS]
                .contains(&status);
        let detail = body.get("detail").and_then(Value::as_str).unwrap_or_default();
        is_final.then(|| detail.chars().take(255).collect())
    }

    /// The status and the body that tell of it.
    pub(super) fn to_json(&self) -> (StatusCode, Value) {
        let (status, scim_type, detail) = match self {
            Self::Protocol(error) => (code(error.status), error.scim_type, error.detail.clone()),
            Self::Service(error) => of_service(error),
            Self::Http(status, detail) => (*status, None, detail.clone()),
        };
        (status, body(status.as_u16(), scim_type, &bounded(&detail, DETAIL_MAX)))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (retry_after, limited) = (self.retry_after(), self.limited());
        let (status, body) = self.to_json();
        let mut response = http::json(status, body);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"scim\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
        }
        for (name, number) in limited.iter().flat_map(|limited| limited.headers()) {
            response.headers_mut().insert(name, number.into());
        }
        response
    }
}

fn code(status: scim::Status) -> StatusCode {
    StatusCode::from_u16(status.code()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// The table of `docs/architecture.md`, section 5.
fn of_service(error: &services::Error) -> (StatusCode, Option<ScimType>, String) {
    let (status, scim_type) = match error.kind {
        Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, None),
        Kind::PermissionDenied | Kind::Precondition => (StatusCode::FORBIDDEN, None),
        Kind::NotFound if error.reason == Reason::NoTarget => {
            (StatusCode::BAD_REQUEST, Some(ScimType::NoTarget))
        }
        Kind::NotFound => (StatusCode::NOT_FOUND, None),
        Kind::AlreadyExists => (StatusCode::CONFLICT, Some(ScimType::Uniqueness)),
        Kind::Invalid if error.reason == Reason::TooMuchWork => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Kind::Invalid | Kind::OutOfRange => (StatusCode::BAD_REQUEST, Some(ScimType::InvalidValue)),
        Kind::Immutable => (StatusCode::BAD_REQUEST, Some(ScimType::Mutability)),
        Kind::VersionMismatch => (StatusCode::PRECONDITION_FAILED, None),
        Kind::TooMuch => (StatusCode::TOO_MANY_REQUESTS, None),
        Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    if !error.is_failure() {
        return (status, scim_type, error.message.clone());
    }
    // told once, here, with its causes; of what is our fault the client has the request id alone
    tracing::error!(error = chain(error), "the request failed");
    let internal = "internal error; the server's log has it under this request's x-request-id";
    let detail = if error.kind == Kind::Internal { internal } else { &error.message };
    (status, scim_type, detail.to_owned())
}
