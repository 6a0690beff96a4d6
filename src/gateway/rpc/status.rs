//! Gateway floor: the one mapper from the errors of use cases to gRPC statuses.
//!
//! Each status tells machines the reason by a `google.rpc.ErrorInfo`, and the field by a
//! `google.rpc.BadRequest`, in `grpc-status-details-bin`.

mod bound;
mod detail;
mod violation;

use std::sync::Arc;

use axum::response::Response;
use http::HeaderMap;
use tonic::{Code, Status};

pub(super) use self::violation::{All, Violations, at, each, invalid};
pub use self::{bound::complete, violation::refuse};
use crate::{
    domain::Invalid,
    proto::google_rpc::FieldViolation,
    services::{Error, Kind, Reason, chain},
};

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let field = error.field.map(str::to_owned);
        status(error, field)
    }
}

impl From<Invalid> for Status {
    fn from(invalid: Invalid) -> Self {
        Error::from(invalid).into()
    }
}

/// A method that the published API has and this server does not offer.
pub(super) fn unimplemented(sentence: &str) -> Status {
    let info = detail::error_info(detail::UNIMPLEMENTED, None);
    let details = detail::encode(Code::Unimplemented, sentence, &info, Vec::new(), None);
    Status::with_details(Code::Unimplemented, sentence, details)
}

/// Whether an answer is the bare `unimplemented` with which tonic answers a method that a service does not have.
pub(super) fn is_without_a_word(answer: &HeaderMap) -> bool {
    let is_unimplemented = answer.get("grpc-status").is_some_and(|status| status == "12");
    is_unimplemented && !answer.contains_key("grpc-message")
}

/// The error of an item of the batch `values`: its field is told with its place.
pub(super) fn of_values(error: Error) -> Status {
    let item = error.item.map(|index| format!("values[{index}]"));
    let path = item.map(|item| match error.field {
        Some(field) => format!("{item}.{field}"),
        None => item,
    });
    status(error, path)
}

/// The error of an item of a list of refs.
pub(super) fn of_refs(list: &'static str) -> impl Fn(Error) -> Status {
    move |error| {
        let path = error.item.map(|index| format!("{list}[{index}]"));
        status(error, path)
    }
}

/// What is our fault, or the database's, is logged once and here, with the id that the client also has.
pub(super) fn log_failure(response: &Response, request_id: &str) {
    if let Some(status) = response.extensions().get::<Status>() {
        log(status, request_id);
    }
}

/// The same, of a status that is told in another form than gRPC's.
pub(super) fn log(status: &Status, request_id: &str) {
    let Some(error) = std::error::Error::source(status) else { return };
    tracing::error!(request_id, code = ?status.code(), error = chain(error), "the call failed");
}

/// The status of `error`, which is about the field at `path`.
fn status(error: Error, path: Option<String>) -> Status {
    let code = code(error.kind);
    let path = path.filter(|_| error.kind != Kind::Internal);
    let rule = rule(&error);
    let message = match (&path, error.kind) {
        (_, Kind::Internal) => "internal error".to_owned(),
        (Some(path), Kind::Invalid | Kind::Immutable) => format!("{path}: {rule}"),
        _ => error.message.clone(),
    };
    let violation = |path: &String| FieldViolation { field: path.clone(), description: rule.to_owned() };
    let violations = path.as_ref().filter(|_| code == Code::InvalidArgument).map(violation);
    let violations = violations.into_iter().collect();
    let info = detail::error_info(error.reason.word(), path.as_deref());
    let details = detail::encode(code, &message, &info, violations, error.retry_after);
    let mut status = Status::with_details(code, message, details);
    if let Some(wait) = error.retry_after {
        // gRPC clients read the detail, and those of Connect see the header (RFC 9110 §10.2.3)
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        status.metadata_mut().insert("retry-after", seconds.max(1).into());
    }
    for (name, number) in error.limited.iter().flat_map(|limited| limited.headers()) {
        status.metadata_mut().insert(name, number.into());
    }
    if error.is_failure() {
        status.set_source(Arc::new(error));
    }
    status
}

/// The message without the name of the field that the domain puts in front.
pub(super) fn rule(error: &Error) -> &str {
    let bare = error.field.and_then(|field| error.message.strip_prefix(field)?.strip_prefix(": "));
    bare.unwrap_or(&error.message)
}

const fn code(kind: Kind) -> Code {
    match kind {
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::PermissionDenied => Code::PermissionDenied,
        Kind::NotFound => Code::NotFound,
        Kind::AlreadyExists => Code::AlreadyExists,
        Kind::Invalid | Kind::Immutable => Code::InvalidArgument,
        Kind::Precondition => Code::FailedPrecondition,
        Kind::OutOfRange => Code::OutOfRange,
        Kind::VersionMismatch => Code::Aborted,
        Kind::TooMuch => Code::ResourceExhausted,
        Kind::Unavailable => Code::Unavailable,
        Kind::Internal => Code::Internal,
    }
}

#[cfg(test)]
mod tests;
