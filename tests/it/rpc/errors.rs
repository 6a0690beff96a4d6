//! Errors as clients take them: every one has its reason, also those of the protocol, and none is large.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use reqwest::{Method, RequestBuilder};
use roster::proto::buf::registry::owner::v1::{CreateUsersRequest, create_users_request};
use serde_json::Value;
use tonic::Code;

use crate::support::{Harness, reason_in, reason_of, violations_of};

const GET_USER: &str = "buf.alpha.registry.v1alpha1.UserService/GetUser";
const LIST_USERS: &str = "buf.registry.owner.v1.UserService/ListUsers";

/// A request, the HTTP status, the code and the reason of its answer.
type Case<'a> = (&'a str, RequestBuilder, u16, &'a str, &'a str);

fn cases(server: &Harness) -> Vec<Case<'static>> {
    let at = |verb: Method, path: &str| {
        let request = reqwest::Client::new().request(verb, format!("{}/{path}", server.app.url));
        request.bearer_auth(&server.admin.token)
    };
    let post =
        |media: &str, body: &'static str| at(Method::POST, GET_USER).header("content-type", media).body(body);
    let json = |body: &'static str| post("application/json", body);
    let get = |query: &str| at(Method::GET, &format!("{LIST_USERS}?{query}"));
    vec![
        ("malformed JSON", json("{"), 400, "invalid_argument", "INVALID_REQUEST"),
        ("another form", json(r#"{"id": {}}"#), 400, "invalid_argument", "INVALID_REQUEST"),
        (
            "malformed protobuf",
            post("application/proto", "\u{a}\u{7f}"),
            400,
            "invalid_argument",
            "INVALID_REQUEST",
        ),
        (
            "an unknown coding",
            json("{}").header("content-encoding", "br"),
            501,
            "unimplemented",
            "UNIMPLEMENTED",
        ),
        (
            "no coding",
            json("{}").header("content-encoding", "gzip"),
            400,
            "invalid_argument",
            "INVALID_REQUEST",
        ),
        ("no time", json("{}").header("connect-timeout-ms", "0"), 400, "invalid_argument", "INVALID_REQUEST"),
        (
            "another version",
            json("{}").header("connect-protocol-version", "2"),
            400,
            "invalid_argument",
            "INVALID_REQUEST",
        ),
        (
            "an integer that is none",
            get("encoding=json&message=%7B%22pageSize%22%3A-1%7D"),
            400,
            "invalid_argument",
            "INVALID_FIELD",
        ),
        ("a query without its message", get("encoding=json"), 400, "invalid_argument", "INVALID_REQUEST"),
        ("a codec that is none", get("encoding=xml&message="), 415, "unknown", "INVALID_REQUEST"),
        ("a type that is none", post("text/plain", "{}"), 415, "unknown", "INVALID_REQUEST"),
        ("a verb that is none", at(Method::PUT, GET_USER), 405, "unknown", "INVALID_REQUEST"),
        (
            "a method that is none",
            at(Method::POST, &format!("{GET_USER}s")).json(&1),
            501,
            "unimplemented",
            "UNIMPLEMENTED",
        ),
        (
            "a service that is none",
            at(Method::POST, "no.such.Service/Get").json(&1),
            501,
            "unimplemented",
            "UNIMPLEMENTED",
        ),
        (
            "a message that is too large",
            at(Method::POST, GET_USER).header("content-type", "application/json").body(" ".repeat(5 << 20)),
            429,
            "resource_exhausted",
            "MESSAGE_TOO_LARGE",
        ),
        ("what the use case refuses", json(r#"{"id":"x"}"#), 400, "invalid_argument", "INVALID_FIELD"),
    ]
}

fn reasons(error: &Value) -> Vec<String> {
    let details = error["details"].as_array().cloned().unwrap_or_default();
    let infos = details.iter().filter(|detail| detail["type"] == "google.rpc.ErrorInfo");
    infos
        .map(|info| STANDARD_NO_PAD.decode(info["value"].as_str().unwrap()).unwrap())
        .map(|info| reason_in(&info))
        .collect()
}

#[tokio::test]
async fn every_error_of_the_protocol_has_a_reason() {
    let server = Harness::start().await;
    for (what, request, http, code, reason) in cases(&server) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let error: Value = answer.json().await.unwrap();
        assert_eq!((status, error["code"].as_str()), (http, Some(code)), "{what}: {error}");
        assert_eq!(reasons(&error), [reason], "{what}: {error}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn as_many_wrong_fields_as_fit_are_named_and_the_rest_is_counted() {
    let server = Harness::start().await;
    for count in [1, 18, 250] {
        let value = |at| create_users_request::Value { name: format!("Bad Name {at}"), ..Default::default() };
        let request = CreateUsersRequest { values: (0..count).map(value).collect() };
        let status = server.admin_calls().owner_users().create_users(request).await.unwrap_err();
        assert_eq!((status.code(), reason_of(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
        let mut headers = http::HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        let size = headers["grpc-message"].len() + headers["grpc-status-details-bin"].len();
        assert!(size < 4 << 10, "{count}: {size} bytes");
        let named = violations_of(&status);
        assert_eq!(named[0], "values[0].name");
        let more = count - named.len();
        let tells = status.message().ends_with(&format!("; and {more} more"));
        assert_eq!(tells, more > 0, "{status:?}");
    }
}

#[tokio::test]
async fn a_compressed_answer_by_get_varies_by_what_is_accepted() {
    let server = Harness::start().await;
    for at in 0..30 {
        server.person(&format!("some-person-{at}")).await;
    }
    let url = format!(
        "{}/{LIST_USERS}?connect=v1&encoding=json&message=%7B%22pageSize%22%3A100%7D",
        server.app.url
    );
    for (accepted, coding) in
        [("gzip", Some("gzip")), ("GZIP;q=1", Some("gzip")), ("Zstd", Some("zstd")), ("identity", None)]
    {
        let request = reqwest::Client::new().get(&url).bearer_auth(&server.admin.token);
        let answer = request.header("accept-encoding", accepted).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("content-encoding").as_deref(), coding, "{accepted}");
        let vary = header("vary").unwrap_or_default().to_ascii_lowercase();
        assert!(vary.contains("accept-encoding"), "{accepted}: {vary:?}");
    }
}
