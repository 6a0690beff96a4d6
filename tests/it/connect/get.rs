//! Connect, "Unary-Get-Request".

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use prost::Message;

use super::compression::gzip;
use super::echo::EchoRequest;
use super::harness::{Answer, Raw, case, check, is_error, path};

/// `{"text":"hi"}`
const HI: &str = "%7B%22text%22%3A%22hi%22%7D";

fn get(query: &str) -> Raw {
    Raw::new("GET", format!("{}?{query}", path("Read")))
}

fn says_hi(answer: &Answer) -> bool {
    answer.status == 200
        && answer.header("content-type") == Some("application/json")
        && answer.json()["text"] == "hi"
}

fn is_refused(answer: &Answer) -> bool {
    is_error(answer, 400, "invalid_argument")
}

#[tokio::test]
async fn queries() {
    check(vec![
        case("percent-encoded JSON", get(&format!("connect=v1&encoding=json&message={HI}")), says_hi),
        case(
            "in any order, unknown parameters allowed",
            get(&format!("message={HI}&utm=1&encoding=json")),
            says_hi,
        ),
        case("an empty message is one", get("encoding=proto&message="), |answer| answer.status == 200),
        case("the version is v1", get(&format!("connect=v2&encoding=json&message={HI}")), is_refused),
        case("an encoding is due", get(&format!("message={HI}")), is_refused),
        case("a message is due", get("encoding=json"), is_refused),
        case("415 for an unknown codec", get(&format!("encoding=xml&message={HI}")), |answer| {
            answer.status == 415
        }),
        case("malformed JSON", get("encoding=json&message=%7B"), is_refused),
        case(
            "time-outs remain headers",
            get(&format!("encoding=json&message={HI}")).header("connect-timeout-ms", "5000"),
            |answer| answer.json()["headers"]["grpc-timeout"] == "5000m",
        ),
        case(
            "and are checked",
            get(&format!("encoding=json&message={HI}")).header("connect-timeout-ms", "soon"),
            is_refused,
        ),
    ])
    .await;
}

#[tokio::test]
async fn base64_messages() {
    // the bytes of this text need both letters that the URL-safe alphabet has of its own
    let message = EchoRequest { text: "hi?>~\u{3fb}".into(), ..EchoRequest::default() };
    let proto = message.encode_to_vec();
    let arrives =
        |answer: &Answer| answer.status == 200 && answer.body.windows(5).any(|part| part == b"hi?>~");
    let padded = URL_SAFE.encode(&proto).replace('=', "%3D");
    let unpadded = URL_SAFE_NO_PAD.encode(&proto);
    check(vec![
        case("URL-safe base64", get(&format!("encoding=proto&base64=1&message={unpadded}")), arrives),
        case("may be padded", get(&format!("encoding=proto&base64=1&message={padded}")), arrives),
        case("is checked", get("encoding=proto&base64=1&message=%21%21"), is_refused),
        case(
            "other values of base64 are ignored",
            get(&format!("encoding=json&base64=0&message={HI}")),
            says_hi,
        ),
    ])
    .await;
}

#[tokio::test]
async fn compressed_messages() {
    let packed = URL_SAFE_NO_PAD.encode(gzip(br#"{"text":"hi"}"#));
    let query =
        |compression: &str| format!("encoding=json&base64=1&compression={compression}&message={packed}");
    check(vec![
        case("gzip", get(&query("gzip")), says_hi),
        case(
            "unsupported ones are unimplemented, and the message lists the others",
            get(&query("br")),
            |answer| is_error(answer, 501, "unimplemented") && answer.text().contains("gzip,zstd"),
        ),
        case("zero length is not decompressed", get("encoding=proto&compression=gzip&message="), |answer| {
            answer.status == 200
        }),
    ])
    .await;
}
