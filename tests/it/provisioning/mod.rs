//! What an IdP does, as admins oversee it: pauses, the log of its requests, and large removals.

mod bodies;
mod deactivations;
mod log;
mod pause;
mod remembered;
mod removals;
mod retention;
mod secrets;
mod settings;
mod usage;

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App},
    scim::{GROUP, PATCH, USER},
    storage::Database,
};

/// An application with an IdP.
struct Idp {
    app: App,
    token: String,
}

impl Idp {
    async fn start(database: Database) -> Self {
        Self::of(App::start(database).await).await
    }

    async fn of(app: App) -> Self {
        let token = app.scim_token(ClientProfile::Generic).await;
        Self { app, token }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send_as(&self.token, method, path, body).await
    }

    async fn send_as(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/scim+json"), ("user-agent", "Okta SCIM Client 1.0.0")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let bytes = (!body.is_null()).then(|| body.to_string().into_bytes());
        self.app.scim(token, method, path, &headers, bytes).await
    }

    async fn user(&self, name: &str) -> String {
        let made = self.send("POST", "/Users", json!({ "schemas": [USER], "userName": name })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    async fn group(&self, name: &str, members: &[String]) -> String {
        let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        let group = json!({ "schemas": [GROUP], "displayName": name, "members": members });
        let made = self.send("POST", "/Groups", group).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, path: &str, operation: Value) -> Answer {
        self.send("PATCH", path, json!({ "schemas": [PATCH], "Operations": [operation] })).await
    }

    /// An organization to which this group is mapped; its id.
    async fn organization(&self, name: &str, group: &str) -> String {
        let made = self.app.call("OrganizationService/CreateOrganization", json!({ "name": name })).await;
        let id = made["organization"]["id"].as_str().unwrap().to_owned();
        let mapping = json!({ "organizationId": id, "groupName": group });
        self.app.call("OrganizationService/AddOrganizationGroup", mapping).await;
        id
    }

    /// The requests of the log that a filter lets through, the latest first.
    async fn log(&self, filter: Value) -> Vec<Value> {
        let listed = self.app.ours("ProvisioningService/ListProvisioningRequests", filter).await;
        listed["requests"].as_array().cloned().unwrap_or_default()
    }

    /// The latest request of the log, with its bodies.
    async fn latest(&self) -> Value {
        let latest = self.log(json!({ "pageSize": 1 })).await;
        let asked = json!({ "provisioningRequestId": latest[0]["id"] });
        self.app.ours("ProvisioningService/GetProvisioningRequest", asked).await
    }

    /// The kinds of warnings that admins see, with their subjects.
    async fn warnings(&self) -> Vec<(String, Vec<String>)> {
        let answer = self.app.ours("ProvisioningService/GetReadiness", json!({})).await;
        assert_eq!(answer["ready"].as_bool().unwrap_or(false), answer["warnings"].is_null(), "{answer}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let warning = |warning: &Value| {
            assert!(
                ["sentence", "consequence", "remedy"].iter().all(|part| !text(&warning[*part]).is_empty())
            );
            let kind = text(&warning["kind"]).replace("PROVISIONING_WARNING_KIND_", "");
            (kind, warning["subjects"].as_array().into_iter().flatten().map(text).collect())
        };
        answer["warnings"].as_array().into_iter().flatten().map(warning).collect()
    }
}
