//! Connect, "Timeout", and gRPC's. Nothing here waits longer than the one millisecond that it asks for.

use super::harness::{Answer, Raw, Server, case, check, envelope, envelopes, is_error};

fn within(milliseconds: &str) -> Raw {
    Raw::json("Echo", "{}").header("connect-timeout-ms", milliseconds)
}

#[tokio::test]
async fn notation() {
    let is_refused = |answer: &Answer| is_error(answer, 400, "invalid_argument");
    let mut cases = vec![
        case("the handler sees gRPC's notation", within("1500"), |answer| {
            answer.json()["headers"]["grpc-timeout"] == "1500m"
        }),
        case("more than 100 days", within("9999999999"), |answer| {
            answer.json()["headers"]["grpc-timeout"] == "9999999S"
        }),
        case(
            "a grpc-timeout is no word of Connect",
            Raw::json("Echo", "{}").header("grpc-timeout", "0n"),
            |answer| answer.status == 200,
        ),
    ];
    for text in ["12345678901", "-1", "1.5", "1s", "", "0", "000"] {
        cases.push(case("integer of at most 10 digits", within(text), is_refused));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_unary_call_ends_at_its_deadline() {
    let hang = Raw::json("Hang", "{}").header("connect-timeout-ms", "1");
    let answer = Server::start().await.send(&hang).await;
    assert!(is_error(&answer, 504, "deadline_exceeded"), "{answer:?}");
}

#[tokio::test]
async fn a_stream_ends_at_its_deadline_even_after_it_has_begun() {
    let server = Server::start().await;
    let stall = Raw::post("Stall", "application/connect+json", envelope(0, b"{}"))
        .header("connect-timeout-ms", "200");
    let answer = server.send(&stall).await;
    let envelopes = envelopes(&answer.body);
    let [(0, _), (2, end)] = envelopes.as_slice() else { panic!("{envelopes:?}") };
    assert!(String::from_utf8_lossy(end).contains("deadline_exceeded"), "{answer:?}");
}

#[tokio::test]
async fn grpc_web_has_the_same_deadline() {
    let server = Server::start().await;
    let body = envelope(0, b"");
    let hang = Raw::post("Hang", "application/grpc-web+proto", body).header("grpc-timeout", "1m");
    assert_eq!(server.send(&hang).await.header("grpc-status"), Some("4"));
}

#[tokio::test]
async fn a_malformed_grpc_timeout_is_refused() {
    let server = Server::start().await;
    for text in ["1s", "1.5S", "S", "5", "1234567890S", "123456789m", ""] {
        let body = envelope(0, b"");
        let echo = Raw::post("Echo", "application/grpc-web+proto", body).header("grpc-timeout", text);
        assert_eq!(server.send(&echo).await.header("grpc-status"), Some("3"), "{text:?}");
    }
    let body = envelope(0, b"");
    let over = Raw::post("Echo", "application/grpc-web+proto", body).header("grpc-timeout", "0n");
    assert_eq!(server.send(&over).await.header("grpc-status"), Some("4"));
}
