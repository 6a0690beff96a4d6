//! `AuditService`: what is told of a change, in which order, and its pages.

use std::time::Duration;

use roster::domain::{clock::Clock, role::OrganizationRole as Rank, scim_token::ClientProfile};
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, each, manual_clock},
};

const LIST: &str = "buf.alpha.audit.v1alpha1.AuditService/ListAuditedEvents";
const ORGANIZATIONS: &str = "buf.alpha.registry.v1alpha1.OrganizationService";
const ALPHA: &str = "buf.alpha.registry.v1alpha1";

async fn all(server: &Harness, page_size: u32) -> Vec<Value> {
    server.ask_all(LIST, &json!({ "pageSize": page_size }), "events").await
}

/// What was told after the first `skip` events: the type, and the name of what it happened to.
async fn told(server: &Harness, skip: usize) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = all(server, 250).await.into_iter().skip(skip);
    events
        .map(|event| (text(&event["type"]).replace("EVENT_TYPE_", ""), text(&event["resource"]["name"])))
        .collect()
}

#[track_caller]
fn are(told: &[(String, String)], expected: &[(&str, &str)]) {
    let told: Vec<_> = told.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
    assert_eq!(told, expected);
}

async fn an_organizations_life_is_told_in_order(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let group = server.push_group("eng", &[&bob.user]).await;
    let skip = all(&server, 250).await.len();
    let acme = server.organization(&server.admin, "acme").await.to_string();
    let change = |method: &str, request: Value| {
        let method = format!("{ORGANIZATIONS}/{method}");
        let server = &server;
        async move { server.ask_admin(&method, request).await.unwrap() }
    };
    let member = |role: &str| json!({ "organizationId": acme, "userId": bob.id(), "organizationRole": role });
    let mapping = |role: &str| json!({ "organizationId": acme, "groupName": "eng", "roleOverride": role });
    change("AddOrganizationMember", member("ORGANIZATION_ROLE_MEMBER")).await;
    change("UpdateOrganizationMember", member("ORGANIZATION_ROLE_ADMIN")).await;
    change("AddOrganizationGroup", mapping("ORGANIZATION_ROLE_MACHINE")).await;
    change("UpdateOrganizationGroup", mapping("ORGANIZATION_ROLE_OWNER")).await;
    server.empty_group(group).await;
    change("RemoveOrganizationGroup", json!({ "organizationId": acme, "groupName": "eng" })).await;
    change("RemoveOrganizationMember", json!({ "organizationId": acme, "userId": bob.id() })).await;
    change("DeleteOrganization", json!({ "id": acme })).await;
    let events = all(&server, 250).await.split_off(skip);
    are(
        &told(&server, skip).await,
        &[
            ("ORGANIZATION_CREATED", "acme"),
            ("ORGANIZATION_MEMBER_ADDED", "root"),
            ("ORGANIZATION_MEMBER_ADDED", "bob"),
            ("ORGANIZATION_MEMBER_ROLES_CHANGED", "bob"),
            ("ORGANIZATION_IDP_GROUP_ADDED", "eng"),
            ("ORGANIZATION_IDP_GROUP_UPDATED", "eng"),
            ("ORGANIZATION_MEMBER_ROLES_CHANGED", "bob"),
            ("ORGANIZATION_MEMBER_ROLES_CHANGED", "bob"),
            ("ORGANIZATION_IDP_GROUP_REMOVED", "eng"),
            ("ORGANIZATION_MEMBER_REMOVED", "bob"),
            ("ORGANIZATION_DELETED", "acme"),
            ("ORGANIZATION_MEMBER_REMOVED", "root"),
        ],
    );
    let of_acme = json!({ "organizationId": acme, "organizationName": "acme" });
    let with = |more: Value| {
        let mut payload = of_acme.clone();
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let (direct, by_group) = ("ORGANIZATION_ROLE_SOURCE_DIRECT", "ORGANIZATION_ROLE_SOURCE_IDP_GROUP");
    let (admin, owner) = ("ORGANIZATION_ROLE_ADMIN", "ORGANIZATION_ROLE_OWNER");
    let added = json!({ "memberRole": "ORGANIZATION_ROLE_MEMBER", "memberRoleSource": direct });
    assert_eq!(events[2]["organizationMemberAdded"], with(added));
    let raised = json!({
        "oldRoles": [{ "role": admin, "source": direct }], "newRoles": [{ "role": owner, "source": by_group }],
    });
    assert_eq!(events[6]["organizationMemberRolesChanged"], with(raised));
    let mapped = json!({ "oldRoleOverride": "ORGANIZATION_ROLE_MACHINE", "newRoleOverride": owner });
    assert_eq!(events[5]["idpGroupUpdated"], with(mapped));
    assert_eq!(events[5]["resource"]["type"], "RESOURCE_TYPE_ORGANIZATION_IDP_GROUP");
    let removed = json!({ "memberRole": admin, "memberRoleSource": direct });
    assert_eq!(events[9]["organizationMemberRemoved"], with(removed));
    assert_eq!(
        events[2]["resource"],
        json!({ "type": "RESOURCE_TYPE_ORGANIZATION_MEMBER", "id": bob.id(), "name": "bob" })
    );
    // the group was emptied by the IdP
    assert_eq!(events[7]["actor"]["type"], "ACTOR_TYPE_SYSTEM");
}

async fn a_users_life_is_told_with_the_tokens(database: Database) {
    let server = Harness::on(database).await;
    let skip = all(&server, 250).await.len();
    let change = |method: &'static str, request: Value| {
        let server = &server;
        async move { server.ask_admin(&format!("{ALPHA}.{method}"), request).await.unwrap() }
    };
    let bob = change("UserService/CreateUser", json!({ "username": "bob" })).await["user"]["id"].clone();
    let end = "2026-12-24T18:00:00Z";
    change("TokenService/CreateToken", json!({ "userId": bob, "note": "ci", "expireTime": end })).await;
    let token = change("TokenService/ListTokens", json!({ "userId": bob })).await["tokens"][0]["id"].clone();
    change("TokenService/DeleteToken", json!({ "tokenId": token })).await;
    change("SCIMTokenService/CreateSCIMToken", json!({})).await;
    let scim = change("SCIMTokenService/ListSCIMTokens", json!({})).await["tokens"][0]["id"].clone();
    change("SCIMTokenService/DeleteSCIMToken", json!({ "tokenId": scim })).await;
    change("UserService/DeactivateUser", json!({ "id": bob })).await;
    let on = json!({ "values": [{ "userRef": { "name": "bob" }, "state": "USER_STATE_ACTIVE" }] });
    server.ask_admin("buf.registry.owner.v1.UserService/UpdateUsers", on).await.unwrap();
    change("AdminService/ForceDeleteUser", json!({ "userId": bob })).await;
    are(
        &told(&server, skip).await,
        &[
            ("USER_CREATED", "bob"),
            ("TOKEN_CREATED", "ci"),
            ("TOKEN_DELETED", "ci"),
            ("SCIM_TOKEN_CREATED", ""),
            ("SCIM_TOKEN_DELETED", ""),
            ("USER_DEACTIVATED", "bob"),
            ("USER_REACTIVATED", "bob"),
            ("USER_DELETED", "bob"),
        ],
    );
    let events = all(&server, 250).await.split_off(skip);
    assert_eq!(events[1]["tokenCreated"], json!({ "ownerId": bob, "tokenExpiryTime": end }));
    assert_eq!(events[2]["tokenDeleted"], json!({ "ownerId": bob }));
    assert_eq!(events[3]["scimTokenCreated"], json!({}));
    assert_eq!(events[3]["resource"], json!({ "type": "RESOURCE_TYPE_SCIM_TOKEN", "id": scim }));
    assert_eq!(events[7]["resource"], json!({ "type": "RESOURCE_TYPE_USER", "id": bob, "name": "bob" }));
    let actor = json!({ "type": "ACTOR_TYPE_USER", "id": server.admin.id(), "name": "root" });
    assert!(events.iter().all(|event| event["actor"] == actor), "{events:?}");
}

async fn tokens_that_a_deactivation_ends_are_told(database: Database) {
    let server = Harness::on(database).await;
    let idp = server.app.scim_token(ClientProfile::Okta).await;
    for by_scim in [false, true] {
        let name = if by_scim { "eve" } else { "bob" };
        let person = server.person(name).await;
        server.token_of(person.user.id, None).await;
        let skip = all(&server, 250).await.len();
        if by_scim {
            let found = format!("/Users?filter=userName%20eq%20%22{name}%40example.com%22");
            let found = server.app.scim(&idp, "GET", &found, &[], None).await;
            let path = format!("/Users/{}", found.body["Resources"][0]["id"].as_str().unwrap());
            let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
            // the first write links the account
            for (path_of, value) in [("title", json!("Ms")), ("active", json!(false))] {
                let operation = json!({ "op": "replace", "path": path_of, "value": value });
                let body = json!({ "schemas": [crate::scim::PATCH], "Operations": [operation] });
                let body = Some(body.to_string().into_bytes());
                assert_eq!(server.app.scim(&idp, "PATCH", &path, &headers, body).await.status, 200);
            }
        } else {
            let off = json!({ "id": person.id() });
            server.ask_admin(&format!("{ALPHA}.UserService/DeactivateUser"), off).await.unwrap();
        }
        let mut told = told(&server, skip).await;
        told.sort();
        told.retain(|(kind, _)| kind.starts_with("TOKEN") || kind == "USER_DEACTIVATED");
        are(&told, &[("TOKEN_DELETED", "test"), ("TOKEN_DELETED", "test"), ("USER_DEACTIVATED", name)]);
        let events = all(&server, 250).await.split_off(skip);
        let deleted = events.iter().find(|event| event["type"] == "EVENT_TYPE_TOKEN_DELETED").unwrap();
        assert_eq!(deleted["tokenDeleted"], json!({ "ownerId": person.id() }));
    }
}

async fn a_scim_token_is_named_by_its_description(database: Database) {
    let server = Harness::on(database).await;
    let new = json!({ "description": "Okta, production" });
    let made = server.app.ours("ScimTokenService/CreateScimToken", new).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    let acme = server.organization(&server.admin, "acme").await.to_string();
    let mapping = json!({ "organizationId": acme, "groupName": "Devs" });
    server.ask_admin(&format!("{ORGANIZATIONS}/AddOrganizationGroup"), mapping).await.unwrap();
    let skip = all(&server, 250).await.len();
    let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
    let post = async |path: &str, body: Value| {
        let body = Some(body.to_string().into_bytes());
        let answer = server.app.scim(&secret, "POST", path, &headers, body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    };
    let ann = post("/Users", json!({ "schemas": [crate::scim::USER], "userName": "ann" })).await;
    let members = json!([{ "value": ann }]);
    post("/Groups", json!({ "schemas": [crate::scim::GROUP], "displayName": "Devs", "members": members }))
        .await;
    // that the mapping has found its group is no change of it
    are(&told(&server, skip).await, &[("USER_CREATED", "ann"), ("ORGANIZATION_MEMBER_ADDED", "ann")]);
    for event in all(&server, 250).await.split_off(skip) {
        assert_eq!(event["actor"]["name"], "Okta, production", "{event}");
        assert_eq!(event["actor"]["type"], "ACTOR_TYPE_SYSTEM");
    }
}

async fn an_event_names_the_request_it_came_with(database: Database) {
    let server = Harness::on(database).await;
    let url = format!("{}/{ORGANIZATIONS}/CreateOrganization", server.app.url);
    let call = reqwest::Client::new().post(url).bearer_auth(&server.admin.token);
    let call = call.header("user-agent", "test/1").json(&json!({ "name": "acme" }));
    let answer = call.send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let events = all(&server, 250).await;
    let [.., created, added] = events.as_slice() else { panic!("{events:?}") };
    let request = json!({ "userAgent": "test/1", "ip": "127.0.0.1", "traceId": id });
    assert_eq!((&created["metadata"], &added["metadata"]), (&request, &request));
    assert_eq!(added["actor"]["name"], "root");
}

async fn pages_hold_every_event_once_while_more_come(database: Database) {
    let server = Harness::on(database).await;
    let people = [server.person("ann").await, server.person("bob").await];
    for n in 0..3 {
        let id = server.organization(&people[0], &format!("org-{n}")).await;
        server.member(id, &people[1], Rank::Member).await;
    }
    let whole = all(&server, 250).await;
    let ids = each(&whole, "eventId");
    assert!(ids.len() > 12 && ids.iter().collect::<std::collections::HashSet<_>>().len() == ids.len());
    for page_size in [1, 2, 3, 7] {
        assert_eq!(each(&all(&server, page_size).await, "eventId"), ids, "{page_size}");
    }
    let first = server.ask_admin(LIST, json!({ "pageSize": 4 })).await.unwrap();
    server.organization(&people[0], "late").await;
    let request = json!({ "pageSize": 250, "pageToken": first["nextPageToken"] });
    let rest = server.ask_admin(LIST, request).await.unwrap();
    let rest = each(rest["events"].as_array().unwrap(), "eventId");
    assert_eq!(rest[..ids.len() - 4], ids[4..]);
    assert_eq!(rest.len(), ids.len() - 4 + 2, "the late ones come last");
}

async fn a_range_of_time_has_its_start_and_not_its_end(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let mut times = Vec::new();
    for name in ["one", "two", "three"] {
        clock.advance(Duration::from_secs(1));
        times.push(clock.now());
        let new = json!({ "values": [{ "name": name }] });
        server.ask_admin("buf.registry.owner.v1.UserService/CreateUsers", new).await.unwrap();
    }
    let written = |micros: i64| json!(format!("2027-01-15T08:00:{:02}Z", micros / 1_000_000 - 1_800_000_000));
    let [one, two, three] = [0, 1, 2].map(|at: usize| written(times[at].micros()));
    for (start, end, expected) in [
        (&two, &Value::Null, vec!["two", "three"]),
        (&one, &three, vec!["one", "two"]),
        (&three, &one, vec![]),
        (&two, &two, vec![]),
    ] {
        let request = json!({ "pageSize": 1, "start": start, "end": end });
        let found = server.ask_all(LIST, &request, "events").await;
        let names: Vec<_> = found.iter().map(|event| event["resource"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{request}");
    }
    for (request, field) in [
        (json!({}), "page_size"),
        (json!({ "pageSize": 251 }), "page_size"),
        (json!({ "pageSize": 1, "pageToken": "a1x" }), "page_token"),
    ] {
        let refusal = server.ask_admin(LIST, request).await.unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.violations()),
            ("invalid_argument", vec![field.to_owned()])
        );
    }
}

on_both_databases! {
    an_organizations_life_is_told_in_order;
    a_users_life_is_told_with_the_tokens;
    tokens_that_a_deactivation_ends_are_told;
    a_scim_token_is_named_by_its_description;
    an_event_names_the_request_it_came_with;
    pages_hold_every_event_once_while_more_come;
    a_range_of_time_has_its_start_and_not_its_end;
}
