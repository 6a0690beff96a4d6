//! The error details of `google.rpc`, as far as we send and read them (proto floor).

use prost::Message as _;

#[expect(clippy::pedantic, unreachable_pub, reason = "generated code; its style is not ours")]
mod generated {
    tonic::include_proto!("google.rpc");
}

pub use generated::{BadRequest, ErrorInfo, RetryInfo, Status as RpcStatus, bad_request::FieldViolation};

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
