//! Connect, "Unary-Request" and "Unary-Response".

use prost::Message;
use serde_json::json;

use super::echo::{EchoRequest, EchoResponse};
use super::harness::{Answer, Case, Raw, case, check, is_error, path};

const HI: &str = r#"{"text":"hi"}"#;

fn says_hi(answer: &Answer) -> bool {
    answer.status == 200
        && answer.header("content-type") == Some("application/json")
        && answer.json()["text"] == "hi"
}

fn hi_in_protobuf() -> Vec<u8> {
    EchoRequest { text: "hi".into(), ..EchoRequest::default() }.encode_to_vec()
}

fn is_hi_in_protobuf(answer: &Answer) -> bool {
    let message = EchoResponse::decode(answer.body.as_slice());
    answer.header("content-type") == Some("application/proto")
        && message.is_ok_and(|message| message.text == "hi")
}

#[tokio::test]
async fn codecs() {
    check(vec![
        case("a JSON request has a JSON answer", Raw::json("Echo", HI), says_hi),
        case(
            "a binary request has a binary answer",
            Raw::post("Echo", "application/proto", hi_in_protobuf()),
            is_hi_in_protobuf,
        ),
        case(
            "JSON may say that it is UTF-8",
            Raw::post("Echo", "Application/JSON; charset=\"UTF-8\"", HI),
            says_hi,
        ),
        case(
            "field names are camelCase or as in the schema, 64-bit numbers text or number",
            Raw::json("Echo", r#"{"big_number": "9007199254740993"}"#),
            |answer| answer.json()["bigNumber"] == "9007199254740993",
        ),
        case("camelCase", Raw::json("Echo", r#"{"bigNumber": 7}"#), |answer| {
            answer.json()["bigNumber"] == "7"
        }),
        case("unknown fields are ignored", Raw::json("Echo", r#"{"text":"hi","later":[{"x":1}]}"#), says_hi),
        case("an empty binary message is a message", Raw::post("Echo", "application/proto", ""), |answer| {
            answer.status == 200
        }),
    ])
    .await;
}

#[tokio::test]
async fn malformed_messages_are_the_clients_fault() {
    let bodies = ["", "{", "[]", "null", "nonsense", r#"{"text": 1}"#, r#"{"text":"hi"} trailing"#];
    let json = bodies.map(|body| {
        case("malformed JSON", Raw::json("Echo", body), |answer| is_error(answer, 400, "invalid_argument"))
    });
    let mut cases: Vec<Case> = json.into_iter().collect();
    cases.push(case("malformed protobuf", Raw::post("Echo", "application/proto", [0x0a, 0xff]), |answer| {
        is_error(answer, 400, "invalid_argument")
    }));
    check(cases).await;
}

#[tokio::test]
async fn protocol_versions() {
    let version = |value| Raw::json("Echo", HI).header("connect-protocol-version", value);
    check(vec![
        case("clients should send this header, and curl does not", Raw::json("Echo", HI), says_hi),
        case("version 1", version("1"), says_hi),
        case("no other version exists", version("2"), |answer| is_error(answer, 400, "invalid_argument")),
        case("an empty version is none", version(""), |answer| is_error(answer, 400, "invalid_argument")),
    ])
    .await;
}

#[tokio::test]
async fn metadata() {
    let request = Raw::json("Echo", HI)
        .header("x-echo", "back")
        .header("data-bin", "AQI")
        .header("grpc-accept-encoding", "gzip")
        .header("connect-protocol-version", "1");
    check(vec![
        case("leading metadata are HTTP headers", request.clone(), |answer| {
            answer.header("x-echo") == Some("back")
        }),
        case("binary metadata go on as they came", request.clone(), |answer| {
            answer.json()["headers"]["data-bin"] == "AQI"
        }),
        case("what belongs to Connect's framing stays above", request, |answer| {
            let headers = &answer.json()["headers"];
            let gone = ["connect-protocol-version", "content-length", "grpc-accept-encoding", "connection"];
            says_hi(answer) && gone.iter().all(|name| headers[name].is_null())
        }),
        case("no header of gRPC's framing comes back", Raw::json("Echo", HI), |answer| {
            ["grpc-status", "grpc-message", "trailer"].iter().all(|name| answer.header(name).is_none())
        }),
    ])
    .await;
}

#[tokio::test]
async fn verbs_and_types() {
    let is_415 = |answer: &Answer| {
        answer.status == 415
            && answer.header("accept-post").is_some_and(|types| types.contains("application/proto"))
    };
    let mut cases = vec![case("a request without a type", Raw::new("POST", path("Echo")), is_415)];
    let types = [
        "application/foo",
        "image/jpeg",
        "application/json; charset=latin1",
        "application/proto; charset=utf-8",
        "application/grpc+thrift",
        "application/grpc-web+thrift",
        "application/grpc-web-text+json",
        "application/grpcfoo",
        "application/connect+proto",
    ];
    for name in types {
        let says = "if the server doesn't support the message codec, it must respond with 415";
        cases.push(case(says, Raw::post("Echo", name, HI), is_415));
    }
    cases.push(case("a streaming method takes no unary type", Raw::json("Expand", HI), is_415));
    for verb in ["PUT", "DELETE", "PATCH", "HEAD", "GET"] {
        cases.push(case(
            "a method with side effects takes POST only",
            Raw::new(verb, path("Echo")),
            |answer| answer.status == 405 && answer.header("allow") == Some("POST"),
        ));
    }
    cases.push(case("a method without takes GET too", Raw::new("DELETE", path("Read")), |answer| {
        answer.status == 405 && answer.header("allow") == Some("GET, POST")
    }));
    check(cases).await;
}

#[tokio::test]
async fn unknown_methods() {
    let post = |target: &str| Raw::new("POST", target).header("content-type", "application/json").body("{}");
    check(vec![
        case("an unknown service", post("/no.such.Service/Method"), |answer| {
            is_error(answer, 501, "unimplemented")
        }),
        case("an unknown method", post(&path("Nothing")), |answer| is_error(answer, 501, "unimplemented")),
        case("paths are case-sensitive", post(&path("echo")), |answer| {
            is_error(answer, 501, "unimplemented")
        }),
        case("by GET", Raw::new("GET", path("Nothing") + "?encoding=json&message=%7B%7D"), |answer| {
            is_error(answer, 501, "unimplemented")
        }),
        case("by a browser that looks around", Raw::new("GET", "/favicon.ico"), |answer| {
            answer.status == 404 && answer.body.is_empty()
        }),
        case("plain routes stand beside", Raw::new("GET", "/healthz"), |answer| answer.text() == "ok"),
    ])
    .await;
}

#[tokio::test]
async fn message_sizes() {
    let text = |length: usize| json!({ "text": "x".repeat(length) }).to_string();
    check(vec![
        case("3 MiB is a message", Raw::json("Echo", &text(3 << 20)), |answer| {
            answer.status == 200 && answer.json()["text"].as_str().is_some_and(|text| text.len() == 3 << 20)
        }),
        case("5 MiB is too much", Raw::json("Echo", &text(5 << 20)), |answer| {
            is_error(answer, 429, "resource_exhausted")
        }),
        case(
            "also with a wrong type, the answer arrives",
            Raw::post("Echo", "image/jpeg", text(5 << 20)),
            |answer| answer.status == 415,
        ),
    ])
    .await;
}
