//! Connect, "Streaming-Request" and "Streaming-Response".

use prost::Message;
use serde_json::{Value, json};

use super::echo::{EchoRequest, EchoResponse};
use super::harness::{Answer, Raw, case, check, envelope, envelopes, path};

fn json_stream(method: &str, messages: &[&str]) -> Raw {
    let body: Vec<u8> = messages.iter().flat_map(|message| envelope(0, message.as_bytes())).collect();
    Raw::post(method, "application/connect+json", body)
}

/// The texts of the messages, and the end-of-stream message, which must be the last and the only one.
fn parts(answer: &Answer) -> (Vec<Value>, Value) {
    let mut all = envelopes(&answer.body);
    let (flags, end) = all.pop().expect("an end-of-stream message");
    assert_eq!(flags, 2, "{answer:?}");
    assert!(all.iter().all(|(flags, _)| *flags == 0), "{answer:?}");
    let texts = all.iter().map(|(_, data)| serde_json::from_slice::<Value>(data).unwrap()["text"].clone());
    (texts.collect(), serde_json::from_slice(&end).unwrap())
}

fn ends_with(answer: &Answer, code: &str) -> bool {
    let (texts, end) = parts(answer);
    answer.status == 200 && texts.is_empty() && end["error"]["code"] == code
}

fn answers(answer: &Answer, texts: &[&str]) -> bool {
    answer.status == 200
        && answer.header("content-type") == Some("application/connect+json")
        && parts(answer) == (texts.iter().map(|text| json!(text)).collect(), json!({}))
}

#[tokio::test]
async fn shapes() {
    let (a, b) = (r#"{"text":"a"}"#, r#"{"text":"b"}"#);
    check(vec![
        case("one in, many out", json_stream("Expand", &[r#"{"text":"a","count":3}"#]), |answer| {
            answers(answer, &["a", "a", "a"])
        }),
        case("one in, none out", json_stream("Expand", &["{}"]), |answer| answers(answer, &[])),
        case("many in, one out", json_stream("Collect", &[a, b, a]), |answer| answers(answer, &["aba"])),
        case("none in, one out", json_stream("Collect", &[]), |answer| parts(answer).1 == json!({})),
        case("many in, many out", json_stream("Converse", &[a, b]), |answer| answers(answer, &["a", "b"])),
        case("none in, none out", json_stream("Converse", &[]), |answer| answers(answer, &[])),
    ])
    .await;
}

#[tokio::test]
async fn the_binary_codec() {
    let message = EchoRequest { text: "hi".into(), count: 1, ..EchoRequest::default() };
    let body = envelope(0, &message.encode_to_vec());
    check(vec![case("binary", Raw::post("Expand", "application/connect+proto", body), |answer| {
        let all = envelopes(&answer.body);
        let text = EchoResponse::decode(all[0].1.as_slice()).map(|message| message.text);
        answer.header("content-type") == Some("application/connect+proto")
            && text.is_ok_and(|text| text == "hi")
            && all[1] == (2, b"{}".to_vec())
    })])
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_end_of_the_stream() {
    let stream = |method, body: Vec<u8>| Raw::post(method, "application/connect+json", body);
    check(vec![
        case("no message where one is due", json_stream("Expand", &[]), |answer| {
            ends_with(answer, "unimplemented")
        }),
        case("two messages where one is due", json_stream("Expand", &["{}", "{}"]), |answer| {
            ends_with(answer, "unimplemented")
        }),
        case("malformed JSON", json_stream("Collect", &["{"]), |answer| {
            ends_with(answer, "invalid_argument")
        }),
        case(
            "malformed protobuf",
            Raw::post("Collect", "application/connect+proto", envelope(0, &[0x0a, 0xff])),
            |answer| ends_with(answer, "invalid_argument"),
        ),
        case("the end inside an envelope", stream("Collect", vec![0, 0, 0, 0, 9, b'{']), |answer| {
            ends_with(answer, "invalid_argument")
        }),
        case(
            "request streams must always leave this bit unset",
            stream("Collect", envelope(2, b"{}")),
            |answer| ends_with(answer, "invalid_argument"),
        ),
        case(
            "the six most significant bits are reserved",
            stream("Collect", envelope(0x80, b"{}")),
            |answer| ends_with(answer, "invalid_argument"),
        ),
        case("a message above the limit", stream("Collect", vec![0, 0x7f, 0, 0, 0]), |answer| {
            ends_with(answer, "resource_exhausted")
        }),
        case(
            "an unknown version",
            json_stream("Collect", &[]).header("connect-protocol-version", "2"),
            |answer| ends_with(answer, "invalid_argument"),
        ),
        case(
            "a malformed time-out",
            json_stream("Collect", &[]).header("connect-timeout-ms", "x"),
            |answer| ends_with(answer, "invalid_argument"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn heads() {
    check(vec![
        case(
            "the answer lists the encodings that the server accepts",
            json_stream("Converse", &[]),
            |answer| answer.header("connect-accept-encoding") == Some("gzip,zstd"),
        ),
        case("a unary method takes no stream", json_stream("Echo", &["{}"]), |answer| answer.status == 415),
        case("an unknown codec", Raw::post("Expand", "application/connect+xml", ""), |answer| {
            answer.status == 415
        }),
        case(
            "streams are POSTs",
            Raw::new("GET", path("Expand") + "?encoding=json&message=%7B%7D"),
            |answer| answer.status == 405 && answer.header("allow") == Some("POST"),
        ),
        case(
            "an unknown method",
            Raw::new("POST", path("Nothing")).header("content-type", "application/connect+json"),
            // "Streaming-Response": 200 whatever happens, and the error in the last envelope
            |answer| {
                let envelopes = envelopes(&answer.body);
                let [(2, end)] = envelopes.as_slice() else { return false };
                let end: Value = serde_json::from_slice(end).unwrap();
                answer.status == 200 && end["error"]["code"] == "unimplemented"
            },
        ),
    ])
    .await;
}
