//! Errors of every size, as they are sent.

use prost::Message;

use super::*;
use crate::{gateway::rpc::status::refuse, proto::google_rpc::BadRequest};

fn reason(status: &Status) -> String {
    let rpc = RpcStatus::decode(status.details()).unwrap();
    assert_eq!((rpc.code, rpc.message.as_str()), (status.code() as i32, status.message()));
    ErrorInfo::decode(rpc.details[0].value.as_slice()).unwrap().reason
}

/// The fields that the details name, and how many more the message says there are.
fn told(status: &Status) -> (Vec<String>, usize) {
    let rpc = RpcStatus::decode(status.details()).unwrap();
    let named = BadRequest::decode(rpc.details[1].value.as_slice()).unwrap().field_violations;
    let more = status.message().rsplit_once("; and ").and_then(|(_, more)| more.strip_suffix(" more"));
    (named.into_iter().map(|one| one.field).collect(), more.map_or(0, |more| more.parse().unwrap()))
}

/// What headers take of it, as tonic encodes them.
fn in_headers(status: &Status) -> usize {
    let mut headers = http::HeaderMap::new();
    status.add_header(&mut headers).unwrap();
    ["grpc-message", "grpc-status-details-bin"].iter().map(|name| headers[*name].len()).sum()
}

#[test]
fn any_number_of_fields_stays_small_and_none_is_forgotten() {
    let rules =
        ["must be given", &"é\n".repeat(400), &"😀".repeat(400), &"must be 2 to 32 letters ".repeat(3)];
    for rule in rules {
        for count in [1, 2, 7, 18, 250, 5000] {
            let fields: Vec<_> =
                (0..count).map(|at| (format!("values[{at}].name"), rule.to_owned())).collect();
            let status = refuse(fields);
            let (named, more) = told(&status);
            assert_eq!(named.len() + more, count, "{status:?}");
            assert_eq!(named[0], "values[0].name");
            assert!(in_headers(&status) < MOST, "{count}: {} bytes", in_headers(&status));
            assert_eq!(in_headers(&complete(&status)), in_headers(&status), "nothing is left to cut");
        }
    }
    assert_eq!(told(&refuse(vec![("a".to_owned(), "is no \"x\"".to_owned()); 3])).1, 0, "all have room");
}

#[test]
fn a_path_of_any_length_stays_small() {
    for text in ["x", "\"", "é", "😀"] {
        let status = refuse(vec![(text.repeat(10_000), text.repeat(10_000))]);
        assert!(in_headers(&status) < MOST, "{text}: {} bytes", in_headers(&status));
    }
}

#[test]
fn a_message_of_any_length_stays_small() {
    for text in ["x", "é", "\"", "\n", "😀"] {
        for code in [Code::NotFound, Code::Internal, Code::Unknown] {
            let status = complete(&Status::new(code, text.repeat(20_000)));
            assert!(in_headers(&status) < MOST, "{text}: {} bytes", in_headers(&status));
            assert!(status.message().ends_with('…'));
        }
    }
    let large = Status::with_details(Code::NotFound, "gone", vec![b'\x1a'; 20_000].into());
    assert!(in_headers(&complete(&large)) < MOST, "details that are none are left out");
}

#[test]
fn an_error_of_the_protocol_gets_a_reason_and_another_keeps_its_own() {
    let bare = [
        (Status::internal("failed to decode Protobuf message: X"), "INVALID_REQUEST"),
        (Status::internal("internal error"), "INTERNAL"),
        (Status::invalid_argument("unmarshal message"), "INVALID_REQUEST"),
        (Status::deadline_exceeded("late"), "TOO_SLOW"),
        (Status::resource_exhausted("too large"), "MESSAGE_TOO_LARGE"),
        (Status::unimplemented("br"), "UNIMPLEMENTED"),
        (Status::cancelled("gone"), "CANCELLED"),
        (Status::unknown("HTTP 415"), "INVALID_REQUEST"),
    ];
    for (status, expected) in bare {
        assert_eq!(reason(&complete(&status)), expected, "{status:?}");
    }
    let ours = Status::from(crate::services::Error::unauthenticated());
    assert_eq!(reason(&complete(&ours)), "TOKEN_INVALID");
    assert_eq!(complete(&ours).details(), ours.details());
    assert!(complete(&Status::ok("")).details().is_empty());
}
