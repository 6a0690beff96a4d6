//! The OpenAPI document: open to read, with the extensions of the server, and held to by every answer.

use std::process::Stdio;

use roster::{domain::scim_token::ClientProfile, gateway::scim};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{app::App, clients::installed, storage::Database};

async fn document(app: &App) -> Value {
    let answer = reqwest::get(format!("{}/scim/v2/openapi.json", app.url)).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn it_needs_no_token_and_shows_the_servers_own_extensions() {
    let schema = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "urn:example:Badge", "name": "Badge",
        "attributes": [{ "name": "number", "type": "string", "multiValued": false, "required": false }],
    });
    let extensions = scim::Extensions::from_json(&schema.to_string()).unwrap();
    let app = App::start_with(Database::sqlite().await, extensions).await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.1");
    assert_eq!(document["servers"][0]["url"], format!("{}/scim/v2", app.url));
    let user = &document["components"]["schemas"]["User"]["properties"]["urn:example:Badge"];
    assert_eq!(user["properties"]["number"]["type"], "string");
    assert!(document["paths"]["/readiness"]["get"].is_object());
}

/// Requests made from the document, well-formed and broken, each time the same ones: no answer is a server's error,
/// and each has a status, a media type and a shape that the document names.
#[tokio::test]
async fn every_answer_is_one_that_the_document_names() {
    let app = App::start(Database::sqlite().await).await;
    let token = app.scim_token(ClientProfile::Generic).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(installed("ROSTER_TEST_SCHEMATHESIS"));
    command.arg("run").arg(format!("{}/scim/v2/openapi.json", app.url)).args([
        "--header",
        &format!("Authorization: Bearer {token}"),
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
         response_schema_conformance",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        "8",
        "--seed",
        "20261122",
        "--no-color",
    ]);
    command.current_dir(folder.path()).env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
}
