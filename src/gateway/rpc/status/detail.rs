//! Gateway floor: the error details of `google.rpc` (`status.proto`, `error_details.proto`), as far as we
//! send them. By hand, since three messages do not pay for a dependency.

use std::{collections::BTreeMap, time::Duration};

use prost::{Message, Name, bytes::Bytes};
use prost_types::Any;
use tonic::Code;

/// The domain of our reasons.
const DOMAIN: &str = "roster";

/// `google.rpc.Status`: what `grpc-status-details-bin` holds.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`: the reason, for machines.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub(super) reason: String,
    #[prost(string, tag = "2")]
    pub(super) domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    pub(super) metadata: BTreeMap<String, String>,
}

/// `google.rpc.BadRequest`: the fields that break a rule.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) field_violations: Vec<FieldViolation>,
}

/// `google.rpc.BadRequest.FieldViolation`: one of them.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FieldViolation {
    #[prost(string, tag = "1")]
    pub(super) field: String,
    #[prost(string, tag = "2")]
    pub(super) description: String,
}

/// `google.rpc.RetryInfo`: when to try again.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    pub(super) retry_delay: Option<prost_types::Duration>,
}

impl Name for RetryInfo {
    const NAME: &'static str = "RetryInfo";
    const PACKAGE: &'static str = "google.rpc";
}

impl Name for ErrorInfo {
    const NAME: &'static str = "ErrorInfo";
    const PACKAGE: &'static str = "google.rpc";
}

impl Name for BadRequest {
    const NAME: &'static str = "BadRequest";
    const PACKAGE: &'static str = "google.rpc";
}

/// The details of an error for `reason`; a field that breaks a rule is named with the rule, and when to try again
/// is told if it is known.
pub(super) fn encode(
    code: Code,
    message: &str,
    reason: &str,
    field: Option<&str>,
    rule: &str,
    retry_after: Option<Duration>,
) -> Bytes {
    let mut details = vec![packed(&error_info(reason, field))];
    if let Some(field) = field.filter(|_| code == Code::InvalidArgument) {
        let violation = FieldViolation { field: field.to_owned(), description: rule.to_owned() };
        details.push(packed(&BadRequest { field_violations: vec![violation] }));
    }
    let delay = retry_after.and_then(|wait| wait.try_into().ok());
    details.extend(delay.map(|delay| packed(&RetryInfo { retry_delay: Some(delay) })));
    RpcStatus { code: code as i32, message: message.to_owned(), details }.encode_to_vec().into()
}

fn error_info(reason: &str, field: Option<&str>) -> ErrorInfo {
    let metadata = field.map(|field| ("field".to_owned(), field.to_owned())).into_iter().collect();
    ErrorInfo { reason: reason.to_owned(), domain: DOMAIN.to_owned(), metadata }
}

/// The message with the type URL that gRPC libraries expect.
fn packed<M: Name>(message: &M) -> Any {
    Any { type_url: format!("type.googleapis.com/{}", M::full_name()), value: message.encode_to_vec() }
}
