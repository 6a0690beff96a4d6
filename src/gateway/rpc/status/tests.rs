use prost::Message;

use super::*;
use crate::proto::google_rpc::{BadRequest, ErrorInfo, FieldViolation, RpcStatus};

fn details(status: &Status) -> (RpcStatus, ErrorInfo) {
    let rpc = RpcStatus::decode(status.details()).unwrap();
    assert_eq!(rpc.details[0].type_url, "type.googleapis.com/google.rpc.ErrorInfo");
    let info = ErrorInfo::decode(rpc.details[0].value.as_slice()).unwrap();
    (rpc, info)
}

#[test]
fn a_broken_rule_names_its_field_and_reason() {
    let status = Status::from(Invalid::new("page_size", "must be at most 250"));
    assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "page_size: must be at most 250"));
    let (rpc, info) = details(&status);
    assert_eq!((rpc.code, rpc.message.as_str()), (3, status.message()));
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INVALID_FIELD", "roster"));
    assert_eq!(info.metadata["field"], "page_size");
    let bad = BadRequest::decode(rpc.details[1].value.as_slice()).unwrap();
    let expected = FieldViolation { field: "page_size".into(), description: "must be at most 250".into() };
    assert_eq!(bad.field_violations, [expected]);
}

#[test]
fn an_item_of_a_batch_is_told_by_its_path() {
    let error = || Error::from(Invalid::new("name", "is reserved")).of_item(3);
    assert_eq!(of_values(error()).message(), "values[3].name: is reserved");
    assert_eq!(details(&of_refs("user_refs")(error())).1.metadata["field"], "user_refs[3]");
    let gone = of_values(Error::not_found("organization", "acme").of_item(0));
    assert_eq!(gone.message(), "organization acme was not found");
    assert_eq!(details(&gone).1.metadata["field"], "values[0]");
}

#[test]
fn the_text_of_an_internal_error_stays_inside() {
    let error = Error::new(Kind::Internal, Reason::Internal, "the disk of db-7 is full").of_field("id");
    let status = Status::from(error);
    assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    let (rpc, info) = details(&status);
    assert_eq!((rpc.message.as_str(), info.reason.as_str()), ("internal error", "INTERNAL"));
    assert!(info.metadata.is_empty());
    assert_eq!(chain(std::error::Error::source(&status).unwrap()), "the disk of db-7 is full");
}

#[test]
fn what_the_client_did_is_no_failure_of_ours() {
    let status = Status::from(Error::unauthenticated());
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(std::error::Error::source(&status).is_none());
}
