//! The error details of `google.rpc` (`status.proto`, `error_details.proto`), as far as we send and read them
//! (proto floor). By hand, since four messages do not pay for a dependency.

use std::collections::BTreeMap;

use prost::{Message as _, Name};
use prost_types::Any;

/// `google.rpc.Status`: what `grpc-status-details-bin` holds.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RpcStatus {
    /// The code of the status.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// The sentence for people.
    #[prost(string, tag = "2")]
    pub message: String,
    /// What else there is to say, each with its type.
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`: the reason, for machines.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ErrorInfo {
    /// A stable word: `SCREAMING_SNAKE`.
    #[prost(string, tag = "1")]
    pub reason: String,
    /// Whose word it is.
    #[prost(string, tag = "2")]
    pub domain: String,
    /// What it is about.
    #[prost(btree_map = "string, string", tag = "3")]
    pub metadata: BTreeMap<String, String>,
}

/// `google.rpc.BadRequest`: the fields that break a rule.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BadRequest {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub field_violations: Vec<FieldViolation>,
}

/// `google.rpc.BadRequest.FieldViolation`: one of them.
#[derive(Clone, PartialEq, prost::Message)]
pub struct FieldViolation {
    /// The path of the field.
    #[prost(string, tag = "1")]
    pub field: String,
    /// The rule that it breaks.
    #[prost(string, tag = "2")]
    pub description: String,
}

/// `google.rpc.RetryInfo`: when to try again.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RetryInfo {
    /// How long to wait before.
    #[prost(message, optional, tag = "1")]
    pub retry_delay: Option<prost_types::Duration>,
}

impl ErrorInfo {
    /// The one in the details of a gRPC status (`grpc-status-details-bin`), if there is one.
    #[must_use]
    pub fn of(details: &[u8]) -> Option<Self> {
        let status = RpcStatus::decode(details).ok()?;
        let each = status.details.iter();
        each.filter(|any| any.type_url.ends_with("/google.rpc.ErrorInfo"))
            .find_map(|any| Self::decode(any.value.as_slice()).ok())
    }
}

impl Name for ErrorInfo {
    const NAME: &'static str = "ErrorInfo";
    const PACKAGE: &'static str = "google.rpc";
}

impl Name for RetryInfo {
    const NAME: &'static str = "RetryInfo";
    const PACKAGE: &'static str = "google.rpc";
}

impl Name for BadRequest {
    const NAME: &'static str = "BadRequest";
    const PACKAGE: &'static str = "google.rpc";
}
