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
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    #[prost(map = "string, string", tag = "3")]
    metadata: HashMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

fn detail(status: &Status, name: &str) -> Option<Vec<u8>> {
    let rpc = RpcStatus::decode(status.details()).unwrap();
    assert_eq!(rpc.code, i32::from(status.code()), "{status:?}");
    rpc.details.into_iter().find(|detail| detail.type_url.ends_with(name)).map(|detail| detail.value)
}

/// When to try again, if that is told.
pub(crate) fn retry_delay_of(status: &Status) -> Option<prost_types::Duration> {
    RetryInfo::decode(detail(status, "/google.rpc.RetryInfo")?.as_slice()).unwrap().retry_delay
}

fn info(status: &Status) -> ErrorInfo {
    let info = ErrorInfo::decode(detail(status, "/google.rpc.ErrorInfo").unwrap().as_slice()).unwrap();
    assert_eq!(info.domain, "roster");
    info
}

/// The reason of an error.
pub(crate) fn reason_of(status: &Status) -> String {
    info(status).reason
}

/// The field that an error names; empty when it names none.
pub(crate) fn field_of(status: &Status) -> String {
    info(status).metadata.remove("field").unwrap_or_default()
}
