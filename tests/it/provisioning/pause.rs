//! Pausing provisioning: writes are refused, reads go on.

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use super::Idp;
use crate::{
    scim::{USER, refused},
    storage::{Database, on_both_databases},
};

on_both_databases! {
    a_pause_refuses_every_write_and_no_read;
    one_token_is_paused_and_another_goes_on;
}

pub(super) async fn first_token(idp: &Idp) -> String {
    let listed = idp.app.ours("ScimTokenService/ListScimTokens", json!({})).await;
    listed["scimTokens"][0]["id"].as_str().unwrap().to_owned()
}

async fn a_pause_refuses_every_write_and_no_read(database: Database) {
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    let team = idp.group("Team", &[]).await;
    let (user, group) = (format!("/Users/{ann}"), format!("/Groups/{team}"));
    let before: Vec<Value> =
        vec![idp.send("GET", &user, Value::Null).await.body, idp.send("GET", &group, Value::Null).await.body];
    let asked = json!({ "reason": "moving to another tenant" });
    let paused = idp.app.ours("ProvisioningService/PauseProvisioning", asked.clone()).await;
    assert_eq!(paused["pause"]["actor"]["id"], idp.app.admin.id.to_string());
    assert_eq!(idp.app.ours("ProvisioningService/PauseProvisioning", asked).await, paused);

    let write = json!({ "schemas": [USER], "userName": "bob" });
    let rename = json!({ "schemas": [crate::scim::GROUP], "displayName": "Crew" });
    let operation = json!({ "schemas": [crate::scim::PATCH], "Operations": [{ "op": "add", "path": "externalId", "value": "x" }] });
    let writes = [
        ("POST", "/Users", write.clone()),
        ("PUT", user.as_str(), write.clone()),
        ("PATCH", &user, operation.clone()),
        ("DELETE", &user, Value::Null),
        ("POST", "/Groups", rename.clone()),
        ("PUT", &group, rename),
        ("PATCH", &group, operation),
        ("DELETE", &group, Value::Null),
    ];
    for (method, path, body) in writes {
        let answer = idp.send(method, path, body).await;
        refused(&answer, 403, None);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("paused") && detail.contains("moving to another tenant"), "{detail}");
    }
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "b", "data": write }],
    });
    assert_eq!(idp.send("POST", "/Bulk", bulk).await.body["Operations"][0]["status"], "403");
    let after: Vec<Value> =
        vec![idp.send("GET", &user, Value::Null).await.body, idp.send("GET", &group, Value::Null).await.body];
    assert_eq!(after, before);
    assert_eq!(idp.send("GET", "/Users", Value::Null).await.body["totalResults"], 1);
    let search = json!({ "schemas": [crate::scim::SEARCH] });
    assert_eq!(idp.send("POST", "/Users/.search", search).await.status, 200);
    assert!(idp.warnings().await.contains(&("PROVISIONING_PAUSED".to_owned(), Vec::new())));
    let seen = idp.send("GET", "/readiness", Value::Null).await.body;
    assert_eq!(seen["warnings"][0]["code"], "PROVISIONING_PAUSED");

    for _ in 0..2 {
        idp.app.ours("ProvisioningService/ResumeProvisioning", json!({})).await;
    }
    idp.user("bob").await;
    assert!(!idp.warnings().await.iter().any(|(kind, _)| kind == "PROVISIONING_PAUSED"));
}

async fn one_token_is_paused_and_another_goes_on(database: Database) {
    let idp = Idp::start(database).await;
    let id = first_token(&idp).await;
    let other = idp.app.scim_token(ClientProfile::Okta).await;
    let asked = json!({ "scimTokenId": id, "reason": "too many changes" });
    idp.app.ours("ProvisioningService/PauseProvisioning", asked).await;
    let ann = json!({ "schemas": [USER], "userName": "ann" });
    assert_eq!(idp.send("POST", "/Users", ann.clone()).await.status, 403);
    assert_eq!(idp.send_as(&other, "POST", "/Users", ann).await.status, 201);
    assert!(idp.warnings().await.contains(&("PROVISIONING_PAUSED".to_owned(), vec![id.clone()])));
    let seen = idp.send_as(&other, "GET", "/readiness", Value::Null).await.body;
    assert!(!seen.to_string().contains("PROVISIONING_PAUSED"), "{seen}");

    // the pause of all is another one
    let rename = json!({ "op": "replace", "path": "userName", "value": "eve" });
    idp.app.ours("ProvisioningService/ResumeProvisioning", json!({})).await;
    assert_eq!(idp.patch("/Users/0190c0de00007000800000000badcafe", rename.clone()).await.status, 403);
    idp.app.ours("ProvisioningService/ResumeProvisioning", json!({ "scimTokenId": id })).await;
    assert_eq!(idp.patch("/Users/0190c0de00007000800000000badcafe", rename).await.status, 404);

    // a pause does not outlive its token
    let asked = json!({ "scimTokenId": id, "reason": "again" });
    idp.app.ours("ProvisioningService/PauseProvisioning", asked).await;
    idp.app.ours("ScimTokenService/DeleteScimToken", json!({ "scimTokenId": id })).await;
    assert!(!idp.warnings().await.iter().any(|(kind, _)| kind == "PROVISIONING_PAUSED"));
}
