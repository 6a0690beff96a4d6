//! Messages that would be far larger in memory than they are on the wire: refused before they are decoded, whatever the
//! protocol, of callers who are known as well.

use std::io::Write;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};
use roster::domain::scim_token::ClientProfile;
use serde_json::Value;

use super::envelope;
use crate::{app::App, storage::Database};

const CREATE: &str = "buf.registry.owner.v1.UserService/CreateUsers";
const GET: &str = "buf.registry.owner.v1.UserService/GetUsers";
const LENGTH: usize = 3 << 20;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn list(before: &str, item: &str, after: &str) -> Vec<u8> {
    format!("{before}{}{}{after}", item.repeat(LENGTH / item.len()), item.trim_end_matches(',')).into_bytes()
}

/// Lists of nothing in JSON.
fn texts() -> [Vec<u8>; 5] {
    [
        list(r#"{"values":["#, "{},", "]}"),
        list(r#"{"values":["#, r#"{"name":"a"},"#, "]}"),
        list(r#"{"values":[{"#, r#""name":"","#, "}]}"),
        list(r#"{"unknown":["#, "[],", "]}"),
        list(r#"{"unknown":["#, "0,", "]}"),
    ]
}

/// The same in binary protobuf: empty values, values with an empty name, one value of many fields, and fields unknown.
fn messages() -> [Vec<u8>; 4] {
    let inner = [0x0a, 0].repeat(1 << 19);
    [
        [0x0a, 0].repeat(LENGTH / 2),
        [0x0a, 2, 0x0a, 0].repeat(LENGTH / 4),
        [&[0x0a, 0x80, 0x80, 0x40][..], &inner].concat(),
        [0x78, 0].repeat(LENGTH / 2),
    ]
}

/// Calls a method as the server admin; the status, a header, and the text of the answer.
async fn post(
    app: &App,
    method: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, Option<String>, String) {
    let mut post = reqwest::Client::new().post(format!("{}/{method}", app.url)).bearer_auth(&app.admin_token);
    for (name, value) in headers {
        post = post.header(*name, *value);
    }
    let answer = post.body(body).send().await.unwrap();
    let grpc = answer.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned());
    (answer.status().as_u16(), grpc, answer.text().await.unwrap())
}

fn assert_too_many((status, _, text): &(u16, Option<String>, String), what: &str) {
    assert_eq!(*status, 429, "{what}: {text}");
    let error: Value = serde_json::from_str(text).unwrap();
    assert_eq!(error["code"], "resource_exhausted", "{what}");
    assert!(error["message"].as_str().unwrap().contains("for its length"), "{what}: {text}");
}

#[tokio::test]
async fn a_message_of_many_empty_values_is_refused_by_connect() {
    let app = App::start(Database::sqlite().await).await;
    let kinds = [("application/json", Vec::from(texts())), ("application/proto", Vec::from(messages()))];
    for (media_type, bodies) in kinds {
        for (number, body) in bodies.into_iter().enumerate() {
            let what = format!("{media_type} {number}");
            let packed = [("content-type", media_type), ("content-encoding", "gzip")];
            assert_too_many(&post(&app, CREATE, &packed, gzip(&body)).await, &what);
            assert_too_many(&post(&app, CREATE, &packed[..1], body).await, &what);
        }
    }
}

#[tokio::test]
async fn a_message_of_many_empty_values_is_refused_in_a_query() {
    let app = App::start(Database::sqlite().await).await;
    let text = BASE64_URL_SAFE_NO_PAD.encode(gzip(&list(r#"{"userRefs":["#, "{},", "]}")));
    let url = format!("{}/{GET}?connect=v1&encoding=json&compression=gzip&base64=1&message={text}", app.url);
    let answer = reqwest::Client::new().get(url).bearer_auth(&app.admin_token).send().await.unwrap();
    let status = answer.status().as_u16();
    assert_too_many(&(status, None, answer.text().await.unwrap()), "GET");
}

#[tokio::test]
async fn a_message_of_many_empty_values_is_refused_by_grpc_and_grpc_web() {
    let app = App::start(Database::sqlite().await).await;
    for (number, message) in messages().into_iter().enumerate() {
        for media_type in ["application/grpc", "application/grpc+proto", "application/grpc-web"] {
            let what = format!("{media_type} {number}");
            let plain = [("content-type", media_type), ("te", "trailers")];
            let (_, grpc, text) = post(&app, CREATE, &plain, envelope(0, &message)).await;
            assert_eq!(grpc.as_deref(), Some("8"), "{what} {text}");
            let packed = [&plain[..], &[("grpc-encoding", "gzip")]].concat();
            let (_, grpc, text) = post(&app, CREATE, &packed, envelope(1, &gzip(&message))).await;
            assert_eq!(grpc.as_deref(), Some("8"), "{what} {text}");
        }
    }
}

/// Each end that reads SCIM's JSON.
#[tokio::test]
async fn a_body_of_many_small_values_is_refused_by_scim() {
    let app = App::start(Database::sqlite().await).await;
    let token = app.scim_token(ClientProfile::Generic).await;
    for (item, length) in [
        (r#"{"a":0},"#, 16 << 20),
        (r#"{"a":0},"#, 900 << 10),
        ("[[]],", 900 << 10),
        (r#"{"":{}},"#, 900 << 10),
    ] {
        for (method, path) in [
            ("POST", "/Users"),
            ("PUT", "/Users/7"),
            ("PATCH", "/Users/7"),
            ("POST", "/Groups"),
            ("PATCH", "/Groups/7"),
            ("POST", "/Bulk"),
            ("POST", "/.search"),
            ("POST", "/Users/.search"),
        ] {
            let body = format!(r#"{{"schemas":[{}0]}}"#, item.repeat((length - 100) / item.len()));
            let answer = app.scim(&token, method, path, &[], Some(body.into_bytes())).await;
            assert_eq!(answer.status, 413, "{method} {path} {item} {length}: {}", answer.body);
            assert_eq!(answer.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        }
    }
}

#[tokio::test]
async fn an_honest_group_of_many_passes() {
    let app = App::start(Database::sqlite().await).await;
    let token = app.scim_token(ClientProfile::Generic).await;
    let members: Vec<_> = (0..20_000).map(|number| format!(r#"{{"value":"{number:032x}"}}"#)).collect();
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"all","members":[{}]}}"#,
        members.join(",")
    );
    let answer =
        app.scim(&token, "POST", "/Groups?attributes=displayName", &[], Some(body.into_bytes())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}
