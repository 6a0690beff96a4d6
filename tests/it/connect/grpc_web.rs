//! gRPC-Web over HTTP/1.1, binary and text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;

use super::echo::{EchoRequest, EchoResponse};
use super::harness::{Answer, Raw, case, check, envelope, envelopes, path};

/// The bit that marks trailers.
const TRAILERS: u8 = 0x80;

fn hi() -> Vec<u8> {
    envelope(0, &EchoRequest { text: "hi".into(), count: 1, ..EchoRequest::default() }.encode_to_vec())
}

fn says_hi(body: &[u8]) -> bool {
    let envelopes = envelopes(body);
    let [(0, message), (TRAILERS, trailers)] = envelopes.as_slice() else { return false };
    let text = EchoResponse::decode(message.as_slice()).unwrap().text;
    text == "hi" && String::from_utf8_lossy(trailers).contains("grpc-status:0")
}

#[tokio::test]
async fn calls() {
    let text = STANDARD.encode(hi());
    check(vec![
        case("binary", Raw::post("Echo", "application/grpc-web+proto", hi()), |answer| says_hi(&answer.body)),
        case("the sub-format may be left out", Raw::post("Echo", "application/grpc-web", hi()), |answer| {
            says_hi(&answer.body)
        }),
        case("a server stream", Raw::post("Expand", "application/grpc-web", hi()), |answer| {
            says_hi(&answer.body)
        }),
        case(
            "text",
            Raw::post("Echo", "application/grpc-web-text", text)
                .header("accept", "application/grpc-web-text"),
            |answer| says_hi(&texts(&answer.body)),
        ),
        case(
            "the answer has the request's type",
            Raw::post("Echo", "application/grpc-web+proto", hi()),
            |answer| answer.header("content-type") == Some("application/grpc-web+proto"),
        ),
    ])
    .await;
}

/// The bytes of base64 pieces, each padded on its own.
fn texts(body: &[u8]) -> Vec<u8> {
    body.chunks(4).flat_map(|piece| STANDARD.decode(piece).unwrap()).collect()
}

fn status(answer: &Answer) -> Option<String> {
    let in_body = || answer.text().split("grpc-status:").nth(1).map(|rest| rest.trim().to_owned());
    answer.header("grpc-status").map(str::to_owned).or_else(in_body)
}

#[tokio::test]
async fn errors() {
    let unknown = |target: String| {
        Raw::new("POST", target).header("content-type", "application/grpc-web+proto").body(envelope(0, b""))
    };
    let not_found = envelope(0, &[0x08, 5]);
    check(vec![
        case("an unknown method", unknown(path("Nothing")), |answer| {
            answer.status == 200 && status(answer).as_deref() == Some("12")
        }),
        case("an unknown service", unknown("/no.such.Service/Method".into()), |answer| {
            answer.status == 200 && status(answer).as_deref() == Some("12")
        }),
        case("an error", Raw::post("Fail", "application/grpc-web+proto", not_found), |answer| {
            answer.status == 200 && status(answer).as_deref() == Some("5")
        }),
        case(
            "an oversized message is resource_exhausted",
            Raw::post("Echo", "application/grpc-web+proto", envelope(0, &vec![0; 5 << 20])),
            |answer| status(answer).as_deref() == Some("8"),
        ),
    ])
    .await;
}
