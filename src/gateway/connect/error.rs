//! Errors: a gRPC status as Connect's JSON, with its HTTP status (Connect, "Error Codes" and "Error and
//! `EndStreamResponse`").

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use prost_reflect::prost::Message;
use prost_reflect::prost_types::Any;
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use super::Options;

/// How a call ended, with the metadata that goes along.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) status: Status,
    pub(super) metadata: HeaderMap,
}

impl From<Status> for Ending {
    fn from(status: Status) -> Self {
        Self { status, metadata: HeaderMap::new() }
    }
}

impl Ending {
    /// The end of a call that was refused, with the metadata of its status.
    pub(super) fn of(status: Status) -> Self {
        let metadata = super::request::metadata(status.metadata().clone().into_headers());
        Self { status, metadata }
    }

    /// The end of a call whose answer below made no sense.
    pub(super) fn internal(text: impl std::fmt::Display) -> Self {
        Status::internal(text.to_string()).into()
    }

    /// The same end, with what every error has.
    pub(super) fn complete(self, options: Options) -> Self {
        let is_error = self.status.code() != Code::Ok;
        let status = if is_error { (options.complete)(&self.status) } else { self.status };
        Self { status, ..self }
    }

    /// The unary error answer, with another HTTP status than that of its code.
    pub(super) fn into_response_as(self, status: StatusCode) -> Response {
        let mut response = Response::new(Body::from(to_json(&self.status).to_string()));
        *response.status_mut() = status;
        *response.headers_mut() = self.metadata;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // for who counts: the status of HTTP does not tell it
        response.extensions_mut().insert(self.status.code());
        response
    }
}

impl IntoResponse for Ending {
    fn into_response(self) -> Response {
        let status = http_status(self.status.code());
        self.into_response_as(status)
    }
}

/// The status in a gRPC answer's headers or trailers, if there is one.
///
/// tonic calls a request that does not decode `internal`, as gRPC does; in Connect it is an invalid argument,
/// whichever the codec.
pub(super) fn status_in(headers: &HeaderMap) -> Option<Status> {
    const UNDECODABLE: &str = "failed to decode Protobuf message";
    let status = Status::from_header_map(headers)?;
    if status.code() == Code::Internal && status.message().starts_with(UNDECODABLE) {
        return Some(Status::invalid_argument(status.message()));
    }
    Some(status)
}

/// Connect's `Error` object.
pub(super) fn to_json(status: &Status) -> Value {
    let mut error = Map::new();
    error.insert("code".to_owned(), code_name(status.code()).into());
    if !status.message().is_empty() {
        error.insert("message".to_owned(), status.message().into());
    }
    let details = details(status);
    if !details.is_empty() {
        error.insert("details".to_owned(), details.into());
    }
    error.into()
}

/// Connect's `EndStreamResponse` object; trailing metadata of one name are listed in their order.
pub(super) fn end_of_stream(ending: &Ending) -> Value {
    let mut end = Map::new();
    if ending.status.code() != Code::Ok {
        end.insert("error".to_owned(), to_json(&ending.status));
    }
    if !ending.metadata.is_empty() {
        let names = ending.metadata.keys();
        let metadata = names.map(|name| (name.to_string(), values(&ending.metadata, name)));
        end.insert("metadata".to_owned(), metadata.collect());
    }
    end.into()
}

fn values(metadata: &HeaderMap, name: &header::HeaderName) -> Value {
    metadata.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

/// `google.rpc.Status`, which gRPC sends as `grpc-status-details-bin`.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// Details that do not decode are left out: they are an extra, the code and the text stand without them.
fn details(status: &Status) -> Vec<Value> {
    let decoded = RpcStatus::decode(status.details()).unwrap_or_default();
    decoded.details.iter().map(detail).collect()
}

/// "Type" is the message's name alone, "value" is unpadded base64.
fn detail(any: &Any) -> Value {
    let name = any.type_url.rsplit('/').next().unwrap_or_default();
    json!({ "type": name, "value": STANDARD_NO_PAD.encode(&any.value) })
}

/// The name of a code: Connect, "Error Codes", first column.
#[must_use]
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "canceled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}

/// Connect, "Error Codes", second column. 499 has no name in the registry, hence the detour.
fn http_status(code: Code) -> StatusCode {
    let number = match code {
        Code::Ok => 200,
        Code::Cancelled => 499,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => 400,
        Code::Unauthenticated => 401,
        Code::PermissionDenied => 403,
        Code::NotFound => 404,
        Code::AlreadyExists | Code::Aborted => 409,
        Code::ResourceExhausted => 429,
        Code::Unknown | Code::Internal | Code::DataLoss => 500,
        Code::Unimplemented => 501,
        Code::Unavailable => 503,
        Code::DeadlineExceeded => 504,
    };
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
