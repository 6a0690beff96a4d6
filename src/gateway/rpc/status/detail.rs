//! Gateway floor: the error details that go along with a status.

use std::time::Duration;

use prost::{Message, Name, bytes::Bytes};
use prost_types::Any;
use tonic::Code;

use crate::proto::google_rpc::{BadRequest, ErrorInfo, FieldViolation, RetryInfo, RpcStatus};

/// The domain of our reasons.
const DOMAIN: &str = "roster";

/// The details of an error for `reason`, about `field`; fields that break a rule are named with the rule, and when to try
/// again is told if it is known.
pub(super) fn encode(
    code: Code,
    message: &str,
    reason: &str,
    field: Option<&str>,
    field_violations: Vec<FieldViolation>,
    retry_after: Option<Duration>,
) -> Bytes {
    let mut details = vec![packed(&error_info(reason, field))];
    if !field_violations.is_empty() {
        details.push(packed(&BadRequest { field_violations }));
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
