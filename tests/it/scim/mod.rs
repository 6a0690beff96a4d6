//! Conformance: each requirement of `docs/scim.md`, tried over HTTP against the whole application.
//!
//! A test is called by the number of its requirement (`q7_…` for Q7), so that the document and the tests find each other.

mod agreement;
mod bulk;
mod changes;
mod cursors;
mod data;
mod discovery;
mod document;
mod echoes;
mod extensions;
mod field;
mod limits;
mod openapi;
mod pages;
mod patch_grid;
mod patches;
mod persons;
mod protocol;
mod queries;
mod resources;
mod root;
mod test_resource_lists;
pub(crate) mod test_resources;
mod tester;
mod versions;

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App},
    storage::Database,
};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// A provisioning client without a profile, and the server it talks to.
pub(crate) struct Client {
    pub(crate) app: App,
    token: String,
}

impl Client {
    pub(crate) async fn start() -> Self {
        Self::of(App::start(Database::sqlite().await).await).await
    }

    pub(crate) async fn of(app: App) -> Self {
        let token = app.scim_token(ClientProfile::Generic).await;
        Self { app, token }
    }

    /// The same server, asked with a token of this profile.
    pub(crate) async fn with_profile(self, profile: ClientProfile) -> Self {
        let token = self.app.scim_token(profile).await;
        Self { token, ..self }
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.app.scim(&self.token, method, path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, &[], None).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/scim+json")];
        self.raw(method, path, &headers, Some(body.to_string().into_bytes())).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, body).await
    }

    /// A PATCH with these operations.
    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        self.send("PATCH", path, json!({ "schemas": [PATCH], "Operations": operations })).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.raw("DELETE", path, &[], None).await
    }

    /// A new user of this name with these attributes; the resource.
    pub(crate) async fn user(&self, name: &str, attributes: Value) -> Value {
        let made = self.post("/Users", user(name, attributes)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }

    /// A new group of this name with these members; the resource.
    pub(crate) async fn group(&self, name: &str, members: &[&Value]) -> Value {
        let members: Vec<_> = members.iter().map(|user| json!({ "value": user["id"] })).collect();
        let made = self
            .post("/Groups", json!({ "schemas": [GROUP], "displayName": name, "members": members }))
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }

    /// The `userName`s (or names of groups) that a list answers with, in its order.
    pub(crate) async fn names(&self, path: &str) -> Vec<String> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        names(&answer.body)
    }
}

/// The body of a user of this name with these attributes.
pub(crate) fn user(name: &str, mut attributes: Value) -> Value {
    attributes["userName"] = name.into();
    if attributes["schemas"].is_null() {
        attributes["schemas"] = json!([USER]);
    }
    attributes
}

pub(crate) fn names(list: &Value) -> Vec<String> {
    let name = |found: &Value| {
        let name =
            found.get("userName").or_else(|| found.get("displayName")).or_else(|| found.get("required"));
        name.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    list["Resources"].as_array().into_iter().flatten().map(name).collect()
}

pub(crate) fn path_of(resource: &Value) -> String {
    let kind = resource["meta"]["resourceType"].as_str().unwrap();
    format!("/{kind}s/{}", resource["id"].as_str().unwrap())
}

/// Holds an answer to the form of an error (P2).
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, scim_type: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(answer.body["schemas"], json!([ERROR]), "{}", answer.body);
    assert_eq!(answer.body["status"], status.to_string(), "{}", answer.body);
    assert_eq!(answer.body.get("scimType").and_then(Value::as_str), scim_type, "{}", answer.body);
    assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.len() > 8), "{}", answer.body);
}
