//! Content codings, both ways, for unary messages and for envelopes.

use std::io::{Read, Write};

use super::harness::{Answer, Raw, case, check, envelope, envelopes, is_error};

pub(super) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn gunzip(data: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(data).read_to_string(&mut text).unwrap();
    text
}

fn zstd(data: &[u8]) -> Vec<u8> {
    zstd::encode_all(data, 1).unwrap()
}

fn long_json() -> String {
    format!(r#"{{"text":"{}"}}"#, "x".repeat(3000))
}

fn is_long(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|json| json["text"] == "x".repeat(3000))
}

fn sent(coding: &str, body: Vec<u8>) -> Raw {
    Raw::post("Echo", "application/json", body).header("content-encoding", coding)
}

#[tokio::test]
async fn requests() {
    let long = long_json();
    let arrives = |answer: &Answer| answer.status == 200 && is_long(&answer.text());
    let plain = |raw: Raw| raw.header("accept-encoding", "identity");
    check(vec![
        case("gzip", plain(sent("gzip", gzip(long.as_bytes()))), arrives),
        case("zstd", plain(sent("zstd", zstd(long.as_bytes()))), arrives),
        case("identity", sent("identity", long.clone().into()), arrives),
        case(
            "unsupported ones are unimplemented, and the message lists the others",
            sent("br", vec![1]),
            |answer| is_error(answer, 501, "unimplemented") && answer.text().contains("gzip,zstd"),
        ),
        case("what is not gzip", sent("gzip", b"garbage".to_vec()), |answer| {
            is_error(answer, 400, "invalid_argument")
        }),
        case("half of it", sent("gzip", gzip(long.as_bytes())[..30].to_vec()), |answer| {
            is_error(answer, 400, "invalid_argument")
        }),
        case(
            "servers must not attempt to decompress zero-length content",
            Raw::post("Echo", "application/proto", "").header("content-encoding", "gzip"),
            |answer| answer.status == 200,
        ),
    ])
    .await;
}

#[tokio::test]
async fn bombs() {
    let zeros = vec![b' '; 64 << 20];
    let is_refused = |answer: &Answer| is_error(answer, 429, "resource_exhausted");
    let stream = envelope(1, &gzip(&zeros));
    check(vec![
        case("a gzip bomb", sent("gzip", gzip(&zeros)), is_refused),
        case("a zstd bomb", sent("zstd", zstd(&zeros)), is_refused),
        case(
            "a bomb in an envelope",
            Raw::post("Collect", "application/connect+json", stream)
                .header("connect-content-encoding", "gzip"),
            |answer| answer.status == 200 && answer.text().contains("resource_exhausted"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn answers() {
    let long = long_json();
    let accepting = |codings: &str| Raw::json("Echo", &long).header("accept-encoding", codings);
    let is_gzip =
        |answer: &Answer| answer.header("content-encoding") == Some("gzip") && is_long(&gunzip(&answer.body));
    let is_plain = |answer: &Answer| answer.header("content-encoding").is_none() && is_long(&answer.text());
    check(vec![
        case("gzip", accepting("gzip"), is_gzip),
        case("the most preferred comes first", accepting("zstd, gzip"), |answer| {
            let text = zstd::decode_all(answer.body.as_slice()).unwrap_or_default();
            answer.header("content-encoding") == Some("zstd") && is_long(&String::from_utf8_lossy(&text))
        }),
        case("unknown ones are passed over", accepting("br, gzip"), is_gzip),
        case("all clients accept identity", accepting("br"), is_plain),
        case("who lists nothing and compresses nothing", Raw::json("Echo", &long), is_plain),
        case("who lists nothing accepts what was sent", sent("gzip", gzip(long.as_bytes())), is_gzip),
        case(
            "small answers are not worth it",
            Raw::json("Echo", r#"{"text":"hi"}"#).header("accept-encoding", "gzip"),
            |answer| answer.header("content-encoding").is_none() && answer.json()["text"] == "hi",
        ),
    ])
    .await;
}

#[tokio::test]
async fn envelopes_of_streams() {
    let long = long_json();
    let body = [envelope(1, &gzip(long.as_bytes())), envelope(0, long.as_bytes())].concat();
    let stream =
        Raw::post("Converse", "application/connect+json", body).header("connect-content-encoding", "gzip");
    check(vec![
        case(
            "each message may be compressed or not, and each answer",
            stream.clone().header("connect-accept-encoding", "gzip"),
            |answer| {
                let all = envelopes(&answer.body);
                let packed = |(flags, data): &(u8, Vec<u8>)| *flags == 1 && is_long(&gunzip(data));
                answer.header("connect-content-encoding") == Some("gzip")
                    && all.len() == 3
                    && all[..2].iter().all(packed)
            },
        ),
        case(
            "the client says what it accepts",
            stream.header("connect-accept-encoding", "identity"),
            |answer| {
                let all = envelopes(&answer.body);
                let plain =
                    |(flags, data): &(u8, Vec<u8>)| *flags == 0 && is_long(&String::from_utf8_lossy(data));
                answer.header("connect-content-encoding").is_none()
                    && all.len() == 3
                    && all[..2].iter().all(plain)
            },
        ),
        case(
            "the bit must be 0 without an encoding",
            Raw::post("Converse", "application/connect+json", envelope(1, b"{}")),
            |answer| answer.text().contains(r#""code":"internal""#),
        ),
        case(
            "an unsupported encoding",
            Raw::post("Converse", "application/connect+json", envelope(0, b"{}"))
                .header("connect-content-encoding", "br"),
            |answer| {
                answer.status == 200
                    && answer.text().contains("unimplemented")
                    && answer.text().contains("gzip,zstd")
            },
        ),
    ])
    .await;
}
