//! Connect, "Error Codes" and "Error and `EndStreamResponse`".

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use prost::Message;
use serde_json::{Value, json};

use super::echo::{Detail, PANIC};
use super::harness::{Raw, Server, envelope, envelopes};

/// The table of the specification, with gRPC's numbers.
const CODES: [(i32, &str, u16); 16] = [
    (1, "canceled", 499),
    (2, "unknown", 500),
    (3, "invalid_argument", 400),
    (4, "deadline_exceeded", 504),
    (5, "not_found", 404),
    (6, "already_exists", 409),
    (7, "permission_denied", 403),
    (8, "resource_exhausted", 429),
    (9, "failed_precondition", 400),
    (10, "aborted", 409),
    (11, "out_of_range", 400),
    (12, "unimplemented", 501),
    (13, "internal", 500),
    (14, "unavailable", 503),
    (15, "data_loss", 500),
    (16, "unauthenticated", 401),
];

#[tokio::test]
async fn each_code_has_its_http_status() {
    let server = Server::start().await;
    for (number, code, status) in CODES {
        let request = Raw::json("Fail", &json!({ "code": number, "message": "why not" }).to_string());
        let answer = server.send(&request).await;
        assert_eq!((answer.status, answer.json()), (status, json!({ "code": code, "message": "why not" })));
    }
}

#[tokio::test]
async fn an_error_of_a_binary_call_is_json() {
    let server = Server::start().await;
    // code = 5
    let answer = server.send(&Raw::post("Fail", "application/proto", [0x08, 5])).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!((answer.status, answer.json()), (404, json!({ "code": "not_found" })));
}

fn detailed() -> Value {
    json!({ "code": 3, "message": "100% «no»", "detail": "which", "metadata": "because" })
}

fn error_of_detailed() -> Value {
    let value = STANDARD_NO_PAD.encode(Detail { text: "which".into() }.encode_to_vec());
    let detail = json!({ "type": "roster.test.v1.Detail", "value": value });
    json!({ "code": "invalid_argument", "message": "100% «no»", "details": [detail] })
}

#[tokio::test]
async fn details_and_metadata_of_a_unary_error() {
    let server = Server::start().await;
    let answer = server.send(&Raw::json("Fail", &detailed().to_string())).await;
    assert_eq!(answer.json(), error_of_detailed());
    assert_eq!(answer.header("x-reason"), Some("because"));
}

#[tokio::test]
async fn details_and_metadata_of_a_broken_stream_are_in_its_last_envelope() {
    let server = Server::start().await;
    let body = envelope(0, detailed().to_string().as_bytes());
    let answer = server.send(&Raw::post("Break", "application/connect+json", body)).await;
    let envelopes = envelopes(&answer.body);
    let [(0, first), (2, end)] = envelopes.as_slice() else { panic!("{envelopes:?}") };
    let end: Value = serde_json::from_slice(end).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(first).unwrap()["text"], "first");
    assert_eq!(end, json!({ "error": error_of_detailed(), "metadata": { "x-reason": ["because"] } }));
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_says_nothing() {
    let server = Server::start().await;
    let answer = server.send(&Raw::json("Fail", &json!({ "code": PANIC }).to_string())).await;
    assert_eq!(
        (answer.status, answer.json()),
        (500, json!({ "code": "internal", "message": "internal error" }))
    );
    assert_eq!(server.send(&Raw::new("GET", "/panic")).await.status, 500);
}
