//! What an error tells machines: `google.rpc.ErrorInfo` in `grpc-status-details-bin`, read by field numbers of
//! the published protos and not by our own types.

use std::collections::HashMap;

use prost::Message;
use tonic::Status;

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub(super) reason: String,
    #[prost(string, tag = "2")]
    pub(super) domain: String,
    #[prost(map = "string, string", tag = "3")]
    pub(super) metadata: HashMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) field_violations: Vec<FieldViolation>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FieldViolation {
    #[prost(string, tag = "1")]
    pub(super) field: String,
    #[prost(string, tag = "2")]
    pub(super) description: String,
}

fn detail<M: Message + Default>(status: &Status, name: &str) -> Option<M> {
    let rpc = RpcStatus::decode(status.details()).unwrap();
    assert_eq!(rpc.code, i32::from(status.code()), "{status:?}");
    let detail =
        rpc.details.iter().find(|detail| detail.type_url == format!("type.googleapis.com/{name}"))?;
    Some(M::decode(detail.value.as_slice()).unwrap())
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

/// When to try again, if that is told.
pub(crate) fn retry_delay_of(status: &Status) -> Option<prost_types::Duration> {
    detail::<RetryInfo>(status, "google.rpc.RetryInfo")?.retry_delay
}

fn info(status: &Status) -> ErrorInfo {
    let info: ErrorInfo = detail(status, "google.rpc.ErrorInfo").unwrap();
    assert_eq!(info.domain, "roster");
    info
}

/// The reason in an encoded `google.rpc.ErrorInfo`.
pub(crate) fn reason_in(info: &[u8]) -> String {
    ErrorInfo::decode(info).unwrap().reason
}

/// The reason of an error.
pub(crate) fn reason_of(status: &Status) -> String {
    info(status).reason
}

/// The field that an error names; empty when it names none.
pub(crate) fn field_of(status: &Status) -> String {
    info(status).metadata.remove("field").unwrap_or_default()
}

/// The fields that an error says are wrong, each with a description.
pub(crate) fn violations_of(status: &Status) -> Vec<String> {
    let told: BadRequest = detail(status, "google.rpc.BadRequest").unwrap_or_default();
    assert!(told.field_violations.iter().all(|violation| !violation.description.is_empty()), "{told:?}");
    told.field_violations.into_iter().map(|violation| violation.field).collect()
}
