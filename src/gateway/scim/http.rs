//! Bodies in and out (gateway floor): RFC 7644 §3.8.

use std::{
    error::Error,
    io::{self, ErrorKind},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::Value;

use super::{
    Scim,
    error::Failure,
    record::{Record, Told},
};
use crate::{
    scim::{self, etag::ETag, json::parse},
    services::provisioning::log,
};

/// The media type of every answer; it has no charset parameter.
pub(super) const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/scim+json");

/// An answer with a JSON body; the record is told of it.
pub(super) fn json(status: StatusCode, body: Value) -> Response {
    let sent = Bytes::from(body.to_string());
    let mut response = Response::new(Body::from(sent.clone()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, MEDIA_TYPE);
    response.extensions_mut().insert(Told::Now { value: Arc::new(body), sent });
    response
}

/// What a handler answers with.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Option<Value>,
    /// `meta.location`, told in a header beside a resource.
    pub(super) location: Option<String>,
    /// `meta.version`
    pub(super) version: Option<ETag>,
}

impl Answer {
    /// 200 with a body.
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), location: None, version: None }
    }

    /// No body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, body: None, location: None, version: None }
    }

    /// The same, of this version.
    pub(super) fn of(self, version: ETag) -> Self {
        Self { version: Some(version), ..self }
    }

    /// The same, of the resource at `location`.
    pub(super) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// The same, as the answer to a creation.
    pub(super) fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => json(self.status, body),
            None => self.status.into_response(),
        };
        let headers =
            [(header::LOCATION, self.location), (header::ETAG, self.version.map(|tag| tag.to_string()))];
        for (name, value) in headers {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The JSON body of a request.
pub(super) struct Json(pub(super) Value);

impl FromRequest<Scim> for Json {
    type Rejection = Failure;

    async fn from_request(request: Request, scim: &Scim) -> Result<Self, Failure> {
        let (max, record) = (max_body(scim, request.uri().path()), Record::of(request.extensions()));
        check_media_type(request.headers())?;
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if declared.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > max) {
            return Err(too_large(max));
        }
        let bytes = axum::body::to_bytes(request.into_body(), max).await;
        let bytes = bytes.map_err(|error| if is_late(&error) { too_slow() } else { too_large(max) })?;
        let body = parse(&bytes)?;
        record.body(&body, &scim.secrets, log::body_bytes(&scim.services));
        Ok(Self(body))
    }
}

/// A search has a filter, and names of attributes.
const MAX_SEARCH: usize = 1 << 20;

/// The largest body at this path, in bytes.
fn max_body(scim: &Scim, path: &str) -> usize {
    if path.ends_with("/.search") { scim.max_body.min(MAX_SEARCH) } else { scim.max_body }
}

/// Whether the server in front gave the body up; else it is the limit, or a connection that broke, and then nobody
/// reads the answer.
fn is_late(error: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == ErrorKind::TimedOut)
}

/// RFC 9110 §15.5.9
fn too_slow() -> Failure {
    Failure::status(StatusCode::REQUEST_TIMEOUT, "the body arrived too slowly")
}

fn too_large(max: usize) -> Failure {
    let detail = format!("the body is larger than {max} bytes");
    scim::Error::plain(scim::Status::PayloadTooLarge, detail).into()
}

/// `application/scim+json` or `application/json`, with or without parameters; some clients send none at all.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let coding =
        headers.get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap_or_default().trim());
    if coding.is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")) {
        let detail = "the Content-Encoding must be identity: send the body without compression";
        return Err(Failure::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let Some(sent) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = sent.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if ["application/scim+json", "application/json"].iter().any(|known| known.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    let detail = "the Content-Type must be application/scim+json or application/json";
    Err(Failure::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}
