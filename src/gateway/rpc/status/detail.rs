//! Gateway floor: the error details that go along with a status.

use std::time::Duration;

use prost::{Message, Name, bytes::Bytes};
use prost_types::Any;
use tonic::{Code, Status};

use crate::{
    proto::google_rpc::{BadRequest, ErrorInfo, FieldViolation, RetryInfo, RpcStatus},
    services::Reason,
};

/// The domain of our reasons.
const DOMAIN: &str = "roster";
/// The reason of what this server does not serve.
pub(super) const UNIMPLEMENTED: &str = "UNIMPLEMENTED";

/// The details of an error that `info` gives the reason of; fields that break a rule are named with the rule, and when to
/// try again is told if it is known.
pub(super) fn encode(
    code: Code,
    message: &str,
    info: &ErrorInfo,
    field_violations: Vec<FieldViolation>,
    retry_after: Option<Duration>,
) -> Bytes {
    let mut details = vec![packed(info)];
    if !field_violations.is_empty() {
        details.push(packed(&BadRequest { field_violations }));
    }
    let delay = retry_after.and_then(|wait| wait.try_into().ok());
    details.extend(delay.map(|delay| packed(&RetryInfo { retry_delay: Some(delay) })));
    RpcStatus { code: code as i32, message: message.to_owned(), details }.encode_to_vec().into()
}

/// The reason, and the field that it concerns.
pub(super) fn error_info(reason: &str, field: Option<&str>) -> ErrorInfo {
    let metadata = field.map(|field| ("field".to_owned(), field.to_owned())).into_iter().collect();
    ErrorInfo { reason: reason.to_owned(), domain: DOMAIN.to_owned(), metadata }
}

/// Whether this is a message of that type.
pub(super) fn is<M: Name>(detail: &Any) -> bool {
    detail.type_url.rsplit('/').next() == Some(M::full_name().as_str())
}

/// The reason of an error that a layer of the protocol made, which knows none.
pub(super) fn reason_of(status: &Status) -> &'static str {
    // tonic calls a message that is none an internal error, as gRPC does
    const UNDECODABLE: &str = "failed to decode Protobuf message";
    match status.code() {
        Code::Internal if status.message().starts_with(UNDECODABLE) => "INVALID_REQUEST",
        Code::InvalidArgument | Code::OutOfRange | Code::Unknown => "INVALID_REQUEST",
        Code::Unauthenticated => Reason::TokenInvalid.word(),
        Code::NotFound => Reason::NotFound.word(),
        Code::ResourceExhausted => "MESSAGE_TOO_LARGE",
        Code::DeadlineExceeded => Reason::TooSlow.word(),
        Code::Unimplemented => UNIMPLEMENTED,
        Code::Cancelled => "CANCELLED",
        Code::Unavailable => "UNAVAILABLE",
        _ => Reason::Internal.word(),
    }
}

/// The message with the type URL that gRPC libraries expect.
pub(super) fn packed<M: Name>(message: &M) -> Any {
    Any { type_url: format!("type.googleapis.com/{}", M::full_name()), value: message.encode_to_vec() }
}
