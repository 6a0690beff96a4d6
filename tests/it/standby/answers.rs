//! What is read on a standby is what its primary answers, and what writes is refused in the form of each protocol.

use roster::{
    domain::{role::OrganizationRole, scim_token::ClientProfile},
    proto::buf::alpha::registry::v1alpha1::CreateOrganizationRequest,
};
use serde_json::{Value, json};
use tonic::Code;

use super::Pair;
use crate::{
    app::Answer,
    support::{Harness, reason_of, retry_delay_of},
};

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// An organization with members by hand and through a group; returns a SCIM token.
async fn furnish(server: &Harness) -> String {
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    server.member(acme, &bob, OrganizationRole::Admin).await;
    let map = json!({"organizationId": acme.to_string(), "groupName": "Engineering"});
    server.app.call("OrganizationService/AddOrganizationGroup", map).await;
    let token = server.app.scim_token(ClientProfile::Generic).await;
    let eve = push(server, &token, "/Users", json!({"schemas": [USER], "userName": "eve"})).await;
    let group = json!({"schemas": [GROUP], "displayName": "Engineering", "members": [{"value": eve["id"]}]});
    push(server, &token, "/Groups", group).await;
    token
}

async fn push(server: &Harness, token: &str, path: &str, resource: Value) -> Value {
    let answer = scim(server, token, "POST", path, resource).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

/// A SCIM request, which has a body if it is not null.
async fn scim(server: &Harness, token: &str, method: &str, path: &str, body: Value) -> Answer {
    let body = Some(body).filter(|body| !body.is_null());
    server.app.scim(token, method, path, &[], body.map(|body| body.to_string().into_bytes())).await
}

/// An answer without the address of the server that gave it.
fn anywhere(server: &Harness, answer: &Value) -> String {
    answer.to_string().replace(&server.app.url, "")
}

#[tokio::test]
async fn what_is_read_is_what_the_primary_answers() {
    let pair = Pair::new().await;
    let token = furnish(&pair.primary).await;
    pair.follow().await;
    let (bob, acme) = (json!({"name": "bob"}), json!({"name": "acme"}));
    for (method, request) in [
        ("buf.alpha.registry.v1alpha1.UserService/ListUsers", json!({})),
        ("buf.alpha.registry.v1alpha1.OrganizationService/GetOrganizationByName", json!({"name": "acme"})),
        ("buf.alpha.audit.v1alpha1.AuditService/ListAuditedEvents", json!({"pageSize": 50})),
        ("roster.v1.MembershipService/ListMemberships", json!({"organizationRef": acme})),
        (
            "roster.v1.MembershipService/CheckMembership",
            json!({"userRef": bob, "organizationRef": acme, "minimumRole": "ORGANIZATION_ROLE_ADMIN"}),
        ),
        ("roster.v1.MembershipService/ExplainMembership", json!({"userRef": bob, "organizationRef": acme})),
        ("roster.v1.IdpGroupService/ListIdpGroups", json!({})),
        ("roster.v1.ProvisioningService/GetReadiness", json!({})),
    ] {
        let there = pair.primary.ask_admin(method, request.clone()).await.unwrap();
        let here = pair.standby.ask_admin(method, request).await.unwrap();
        assert!(there != json!({}) || method.ends_with("GetReadiness"), "{method} tells nothing");
        assert_eq!(here, there, "{method}");
    }
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 9});
    for (method, path, body) in [
        ("GET", "/Users?filter=userName%20eq%20%22eve%22", Value::Null),
        ("GET", "/Users?sortBy=userName&count=1&startIndex=2", Value::Null),
        ("GET", "/Groups", Value::Null),
        ("GET", "/ServiceProviderConfig", Value::Null),
        ("GET", "/readiness", Value::Null),
        ("POST", "/.search", search),
    ] {
        let there = scim(&pair.primary, &token, method, path, body.clone()).await;
        let here = scim(&pair.standby, &token, method, path, body).await;
        assert_eq!((here.status, there.status), (200, 200), "{path}: {}", here.body);
        let (there, here) = (anywhere(&pair.primary, &there.body), anywhere(&pair.standby, &here.body));
        assert_eq!(here, there, "{path}");
    }
}

/// That SCIM says: not here, later.
fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!((&answer.body["schemas"], &answer.body["status"]), (&json!([ERROR]), &json!("503")));
    assert!(answer.body["detail"].as_str().unwrap().contains("only reads"), "{}", answer.body);
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_write_is_refused_in_the_form_of_each_protocol() {
    let pair = Pair::new().await;
    let token = furnish(&pair.primary).await;
    pair.follow().await;
    let standby = &pair.standby;

    let request = CreateOrganizationRequest { name: "other".to_owned() };
    let status = standby.admin_calls().organizations().create_organization(request).await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::Unavailable, "READ_ONLY"));
    assert_eq!(retry_delay_of(&status).unwrap().seconds, 1);

    let method = "buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization";
    let refusal = standby.ask_admin(method, json!({"name": "other"})).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.reason().as_str()), ("unavailable", "READ_ONLY"));
    let call = reqwest::Client::new().post(format!("{}/{method}", standby.app.url));
    let answer = call.bearer_auth(&standby.admin.token).json(&json!({"name": "other"})).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse().unwrap()));

    for (kind, schema) in [("/Users", USER), ("/Groups", GROUP)] {
        let listed = scim(standby, &token, "GET", kind, Value::Null).await.body;
        let one = format!("{kind}/{}", listed["Resources"][0]["id"].as_str().unwrap());
        let whole = json!({"schemas": [schema], "userName": "other", "displayName": "other"});
        let patch = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "displayName", "value": "other"}],
        });
        assert_refused(&scim(standby, &token, "POST", kind, whole.clone()).await);
        assert_refused(&scim(standby, &token, "PUT", &one, whole).await);
        assert_refused(&scim(standby, &token, "PATCH", &one, patch).await);
        assert_refused(&scim(standby, &token, "DELETE", &one, Value::Null).await);
    }
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a",
                        "data": {"schemas": [USER], "userName": "other"}}],
    });
    let bulk = scim(standby, &token, "POST", "/Bulk", bulk).await;
    assert_eq!((bulk.status, &bulk.body["Operations"][0]["status"]), (200, &json!("503")), "{}", bulk.body);

    let device = reqwest::Client::new().post(format!("{}/oauth2/device/registration", standby.app.url));
    let device = device.json(&json!({"client_name": "x"})).send().await.unwrap();
    assert_eq!(device.status(), 503);
    assert_eq!(device.json::<Value>().await.unwrap()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn what_is_read_is_in_no_provisioning_log_and_waits_for_none() {
    let pair = Pair::new().await;
    let token = furnish(&pair.primary).await;
    pair.follow().await;
    for _ in 0..3 {
        assert_eq!(scim(&pair.standby, &token, "GET", "/Users", Value::Null).await.status, 200);
    }
    let method = "roster.v1.ProvisioningService/ListProvisioningRequests";
    // whoever lists waits for what was recorded before
    pair.standby.ask_admin(method, json!({})).await.unwrap();
    let figures = pair.standby.services.figures();
    assert_eq!((figures.log_skipped, figures.log_lost, figures.log_waiting), (3, 0, 0));
    assert!(figures.read_only && !pair.primary.services.figures().read_only);
    let logged = pair.primary.ask_admin(method, json!({"pageSize": 50})).await.unwrap().to_string();
    assert!(logged.contains("POST") && !logged.contains("\"GET\""), "{logged}");
}
