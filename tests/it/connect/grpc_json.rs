//! gRPC and gRPC-Web with messages in JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};

use super::compression::gzip;
use super::harness::{Answer, Raw, Server, case, check, envelope, envelopes};

const WEB: &str = "application/grpc-web+json";
const GRPC: &str = "application/grpc+json";

fn messages(bodies: &[&str]) -> Vec<u8> {
    bodies.iter().flat_map(|body| envelope(0, body.as_bytes())).collect()
}

fn web(method: &str, bodies: &[&str]) -> Raw {
    Raw::post(method, WEB, messages(bodies))
}

/// The messages of an answer, and its trailers as gRPC-Web writes them.
fn read(answer: &Answer) -> (Vec<Value>, String) {
    let (mut read, mut trailers) = (Vec::new(), String::new());
    for (flags, data) in envelopes(&answer.body) {
        if flags == 0x80 {
            trailers = String::from_utf8(data).unwrap();
        } else {
            assert_eq!(flags, 0);
            read.push(serde_json::from_slice(&data).unwrap());
        }
    }
    (read, trailers)
}

fn texts(answer: &Answer) -> Vec<Value> {
    read(answer).0.iter().map(|message| message["text"].clone()).collect()
}

#[tokio::test]
async fn grpc_web_in_every_shape() {
    let hi = r#"{"text":"hi","big_number":"1e0","later":1}"#;
    let packed = Raw::post("Echo", WEB, envelope(1, &gzip(hi.as_bytes()))).header("grpc-encoding", "gzip");
    check(vec![
        case("one message each way", web("Echo", &[hi]), |answer| {
            let (messages, trailers) = read(answer);
            answer.header("content-type") == Some(WEB)
                && messages[0]["text"] == "hi"
                && messages[0]["bigNumber"] == "1"
                && trailers.contains("grpc-status:0")
        }),
        case("compressed", packed, |answer| texts(answer) == ["hi"]),
        case(
            "what is accepted stays uncompressed",
            web("Echo", &[hi]).header("grpc-accept-encoding", "gzip"),
            |answer| texts(answer) == ["hi"],
        ),
        case("many out", web("Expand", &[r#"{"text":"hi","count":2}"#]), |answer| texts(answer).len() == 2),
        case(
            "an error has its details",
            web("Fail", &[r#"{"code":5,"message":"gone","detail":"d"}"#]),
            |answer| {
                let details = STANDARD_NO_PAD.decode(
                    answer.header("grpc-status-details-bin").unwrap_or_default().trim_end_matches('='),
                );
                answer.header("grpc-status") == Some("5")
                    && answer.header("grpc-message") == Some("gone")
                    && details.is_ok_and(|details| !details.is_empty())
            },
        ),
        // as gRPC calls what cannot be decoded
        case("malformed JSON", web("Echo", &["{"]), |answer| answer.header("grpc-status") == Some("13")),
        case("another form", web("Echo", &[r#"{"text":{}}"#]), |answer| {
            answer.header("grpc-status") == Some("13")
        }),
        case("an unknown coding", web("Echo", &[hi]).header("grpc-encoding", "br"), |answer| {
            answer.header("grpc-status") == Some("12")
        }),
        case("an unknown method", web("Nothing", &[hi]), |answer| answer.header("grpc-status") == Some("12")),
    ])
    .await;
}

#[tokio::test]
async fn grpc_over_either_version_of_http() {
    let server = Server::start().await;
    let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let body = messages(&[&json!({ "text": "hi" }).to_string()]);
    let request =
        http.post(server.url(&super::harness::path("Echo"))).header("content-type", GRPC).body(body.clone());
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &GRPC.parse().unwrap()));
    let read = envelopes(&answer.bytes().await.unwrap());
    let message: Value = serde_json::from_slice(&read[0].1).unwrap();
    assert_eq!(message["text"], "hi");

    let old = server.send(&Raw::post("Echo", GRPC, body).header("te", "trailers")).await;
    assert_eq!(old.trailer("grpc-status"), Some("0"), "{old:?}");
}
