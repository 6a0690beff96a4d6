//! Errors of every RPC, over texts of any size: no value comes back whole, and clients have room for what does.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, Kind, MethodDescriptor, Value};
use roster::proto::DESCRIPTOR;
use serde_json::Value as Json;

use super::places::{name, places, spoil};
use super::world::{CALLERS, World};
use super::{path, rows};
use crate::support::Harness;

/// More than any field takes.
const LENGTH: usize = 8000;
/// Of a value at most so much is repeated.
const SHOWN: usize = 64;
/// Of message and details together, in bytes.
const MOST: usize = 4 << 10;

/// A valid request but for one long text, in each place of every RPC that answers once.
fn cases(world: &World, text: &str) -> Vec<(MethodDescriptor, String, DynamicMessage)> {
    let pool = DescriptorPool::decode(DESCRIPTOR).unwrap();
    let mut cases = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        if method.is_server_streaming() {
            continue;
        }
        for place in places(&method.input(), |kind| matches!(kind, Kind::String)) {
            let row = rows().into_iter().find(|row| row.method == path(&method)).unwrap();
            let request = world.filled(row.request);
            let mut json = serde_json::Deserializer::from_str(&request);
            let strict = DeserializeOptions::new();
            let mut message =
                DynamicMessage::deserialize_with_options(method.input(), &mut json, &strict).unwrap();
            spoil(&mut message, &place, &Value::String(text.to_owned()));
            cases.push((method.clone(), name(&place), message));
        }
    }
    assert!(cases.len() >= 100, "too few texts were found: {}", cases.len());
    cases
}

/// The headers of the answer by gRPC-Web, in which an error comes without a body.
async fn by_grpc_web(
    world: &World,
    method: &MethodDescriptor,
    message: &DynamicMessage,
) -> Vec<(String, String)> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    let body = [&[0], length.as_slice(), &bytes].concat();
    let request = reqwest::Client::new()
        .post(world.url_of(method))
        .header("content-type", "application/grpc-web+proto")
        .bearer_auth(world.token(CALLERS - 1))
        .body(body);
    let answer = request.send().await.unwrap();
    let headers = answer.headers().iter();
    headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

/// What is wrong with an error: it is large, or has no reason.
fn complaint(headers: &[(String, String)]) -> Option<String> {
    let of = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if of("grpc-status").is_none_or(|status| status == "0") {
        return None;
    }
    let (message, details) =
        (of("grpc-message").unwrap_or_default(), of("grpc-status-details-bin").unwrap_or_default());
    if message.len() + details.len() >= MOST {
        return Some(format!("{} + {} bytes", message.len(), details.len()));
    }
    let details = STANDARD_NO_PAD.decode(details.trim_end_matches('=')).unwrap();
    let has_reason = details.windows(20).any(|part| part == b"google.rpc.ErrorInfo");
    (!has_reason).then(|| format!("no reason: {message}"))
}

fn repeats(answer: &str) -> bool {
    answer.contains(&"x".repeat(SHOWN + 1))
}

async fn by_connect(world: &World, method: &MethodDescriptor, message: &DynamicMessage) -> Json {
    let request = reqwest::Client::new().post(world.url_of(method)).json(message);
    request.bearer_auth(world.token(CALLERS - 1)).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn no_error_repeats_a_long_text_or_is_large() {
    let server = Harness::start().await;
    let (world, mut wrong) = (World::new(&server).await, Vec::new());
    for piece in ["x", "\"", "😀"] {
        for (method, place, message) in cases(&world, &piece.repeat(LENGTH)) {
            let answer = by_connect(&world, &method, &message).await;
            let is_error = answer["code"].is_string();
            if is_error && repeats(&answer.to_string()) {
                wrong.push(format!("{} {place}: {answer}", path(&method)));
            }
            if is_error && !answer["details"].to_string().contains("google.rpc.ErrorInfo") {
                wrong.push(format!("{} {place}: no reason: {answer}", path(&method)));
            }
            if let Some(complaint) = complaint(&by_grpc_web(&world, &method, &message).await) {
                wrong.push(format!("{} {place} of {piece}: {complaint}", path(&method)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
