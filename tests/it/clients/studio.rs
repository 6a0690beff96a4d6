//! `buf beta studio-agent`, which forwards the calls of Buf Studio to a server on this side of a firewall.

use std::process::Stdio;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost::Message;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::installed;
use crate::{app::App, storage::Database};

/// The page that the agent serves.
const STUDIO: &str = "https://studio.example";

/// `buf.alpha.studio.v1alpha1`, by the numbers of the published protos.
#[derive(Clone, PartialEq, Message)]
struct InvokeRequest {
    #[prost(string, tag = "1")]
    target: String,
    #[prost(message, repeated, tag = "2")]
    headers: Vec<Header>,
    #[prost(bytes = "vec", tag = "3")]
    body: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeResponse {
    #[prost(message, repeated, tag = "1")]
    headers: Vec<Header>,
    #[prost(bytes = "vec", tag = "2")]
    body: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, repeated, tag = "2")]
    value: Vec<String>,
}

fn header(key: &str, value: &str) -> Header {
    Header { key: key.to_owned(), value: vec![value.to_owned()] }
}

/// An agent on a port of its own, and its address.
async fn agent(home: &std::path::Path) -> (Child, String) {
    let all = installed("ROSTER_TEST_BUF");
    let mut command = Command::new(all.rsplit(':').next().unwrap());
    command.args(["beta", "studio-agent", "--port", "0", "--origin", STUDIO, "--log-format", "json"]);
    command.env("HOME", home).env("BUF_CONFIG_DIR", home).env("NO_PROXY", "127.0.0.1");
    let mut agent = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(agent.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("the agent ended without an address");
        if let Some((_, rest)) = line.split_once("\"address\":\"") {
            break rest.split('"').next().unwrap().to_owned();
        }
    };
    (agent, format!("http://{address}"))
}

#[tokio::test]
async fn studio_agent_forwards_a_call_with_its_token() {
    let app = App::start(Database::sqlite().await).await;
    let home = tempfile::tempdir().unwrap();
    let (_agent, url) = agent(home.path()).await;
    let invoke = async |token: &str| {
        let request = InvokeRequest {
            target: format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", app.url),
            headers: vec![
                header("Content-Type", "application/json"),
                header("Authorization", &format!("Bearer {token}")),
            ],
            body: b"{}".to_vec(),
        };
        let body = BASE64_STANDARD.encode(request.encode_to_vec());
        let post = reqwest::Client::new().post(&url).header("content-type", "text/plain");
        let answer = post.header("origin", STUDIO).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["access-control-allow-origin"], STUDIO);
        let answer = BASE64_STANDARD.decode(answer.text().await.unwrap()).unwrap();
        InvokeResponse::decode(&*answer).unwrap()
    };
    let found = invoke(&app.admin_token).await;
    let body: serde_json::Value = serde_json::from_slice(&found.body).unwrap();
    assert_eq!(body["user"]["username"], "root");
    // of an error the agent passes the headers on, and not the body
    let refused = invoke("wrong").await;
    assert!(refused.body.is_empty(), "{refused:?}");
    assert!(refused.headers.iter().any(|header| header.key == "X-Request-Id"), "{refused:?}");
}
