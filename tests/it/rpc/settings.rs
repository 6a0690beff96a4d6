//! Settings, verification statuses and owners: the small RPCs of both generations.

use roster::domain::role::OrganizationRole as Rank;
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Refusal},
};

const ALPHA: &str = "buf.alpha.registry.v1alpha1";
const OWNER: &str = "buf.registry.owner.v1";

async fn alpha(server: &Harness, method: &str, request: Value) -> Result<Value, Refusal> {
    server.ask_admin(&format!("{ALPHA}.{method}"), request).await
}

async fn owner(server: &Harness, method: &str, request: Value) -> Result<Value, Refusal> {
    server.ask_admin(&format!("{OWNER}.{method}"), request).await
}

#[track_caller]
fn refused(outcome: Result<Value, Refusal>, code: &str, field: &str) {
    let refusal = outcome.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.field().as_str()), (code, field), "{refusal:?}");
}

async fn both_generations_show_the_same_settings(database: Database) {
    let server = Harness::on(database).await;
    let id = server.organization(&server.admin, "acme").await.to_string();
    let refs = json!({ "organizationRefs": [{ "name": "acme" }, { "id": id }] });
    let read = owner(&server, "OrganizationService/GetOrganizationSettings", refs.clone()).await.unwrap();
    let settings = json!({
        "organizationId": id,
        "baseModuleRole": "BASE_RESOURCE_ROLE_WRITE",
        "basePluginRole": "BASE_RESOURCE_ROLE_READ",
        "basePolicyRole": "BASE_RESOURCE_ROLE_READ",
    });
    assert_eq!(read["organizationSettings"], json!([settings, settings]));

    let value = json!({ "organizationRef": { "name": "acme" }, "baseModuleRole": "BASE_RESOURCE_ROLE_LIMITED_WRITE" });
    let update = "OrganizationService/UpdateOrganizationSettings";
    let changed = owner(&server, update, json!({ "values": [value] })).await.unwrap();
    assert_eq!(changed["organizationSettings"][0]["baseModuleRole"], "BASE_RESOURCE_ROLE_LIMITED_WRITE");
    let of_acme = json!({ "organizationId": id });
    let read = alpha(&server, "OrganizationService/GetOrganizationSettings", of_acme.clone()).await.unwrap();
    assert_eq!(read, json!({ "repositoryBaseRole": "REPOSITORY_ROLE_LIMITED_WRITE", "membersCount": 1 }));

    let mut request = of_acme;
    request["repositoryBaseRole"] = json!("REPOSITORY_ROLE_ADMIN");
    request["description"] = json!("Rockets");
    alpha(&server, update, request).await.unwrap();
    let read = owner(&server, "OrganizationService/GetOrganizationSettings", refs).await.unwrap();
    assert_eq!(read["organizationSettings"][1]["baseModuleRole"], "BASE_RESOURCE_ROLE_ADMIN");
}

async fn what_cannot_be_set_is_named_and_nothing_changes(database: Database) {
    let server = Harness::on(database).await;
    for name in ["acme", "bcme"] {
        server.organization(&server.admin, name).await;
    }
    let control =
        json!({ "resourceVisibilityControl": { "resourceVisibility": "RESOURCE_VISIBILITY_PRIVATE" } });
    for (key, value, field) in [
        ("baseModuleRole", json!(0), "base_module_role"),
        ("baseModuleRole", json!(9), "base_module_role"),
        ("basePluginRole", json!("BASE_RESOURCE_ROLE_WRITE"), "base_plugin_role"),
        ("basePolicyRole", json!("BASE_RESOURCE_ROLE_ADMIN"), "base_policy_role"),
        ("moduleVisibilityControl", control, "module_visibility_control"),
        ("policyVisibilityControl", json!({ "clear": false }), "policy_visibility_control"),
    ] {
        let first =
            json!({ "organizationRef": { "name": "acme" }, "baseModuleRole": "BASE_RESOURCE_ROLE_READ" });
        let mut second = json!({ "organizationRef": { "name": "bcme" } });
        second[key] = value;
        let values = json!({ "values": [first, second] });
        let outcome = owner(&server, "OrganizationService/UpdateOrganizationSettings", values).await;
        refused(outcome, "invalid_argument", &format!("values[1].{field}"));
    }
    let refs = json!({ "organizationRefs": [{ "name": "acme" }] });
    let read = owner(&server, "OrganizationService/GetOrganizationSettings", refs).await.unwrap();
    assert_eq!(read["organizationSettings"][0]["baseModuleRole"], "BASE_RESOURCE_ROLE_WRITE");
}

async fn verification_statuses_are_the_operators_word(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let id = server.organization(&bob, "acme").await.to_string();
    for (alpha_name, owner_name) in
        [("OFFICIAL", "OFFICIAL"), ("VERIFIED_PUBLISHER", "VERIFIED"), ("UNSPECIFIED", "UNVERIFIED")]
    {
        let status = format!("VERIFICATION_STATUS_{alpha_name}");
        let request = json!({ "userId": bob.id(), "verificationStatus": status });
        alpha(&server, "AdminService/UpdateUserVerificationStatus", request).await.unwrap();
        let request = json!({ "organizationId": id, "verificationStatus": status });
        alpha(&server, "AdminService/UpdateOrganizationVerificationStatus", request).await.unwrap();
        let refs = json!({ "ownerRefs": [{ "name": "acme" }, { "name": "bob" }] });
        let owners = owner(&server, "OwnerService/GetOwners", refs).await.unwrap();
        let [of_acme, of_bob] = [&owners["owners"][0]["organization"], &owners["owners"][1]["user"]];
        assert_eq!(of_acme["verificationStatus"], format!("ORGANIZATION_VERIFICATION_STATUS_{owner_name}"));
        assert_eq!(of_bob["verificationStatus"], format!("USER_VERIFICATION_STATUS_{owner_name}"));
    }
    let unknown = json!({ "userId": bob.id(), "verificationStatus": 3 });
    let outcome = alpha(&server, "AdminService/UpdateUserVerificationStatus", unknown).await;
    refused(outcome, "invalid_argument", "verification_status");
}

async fn owners_are_found_by_id_and_name_in_request_order(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await.to_string();
    let refs =
        json!({ "ownerRefs": [{ "name": "bob" }, { "id": acme }, { "id": ann.id() }, { "name": "acme" }] });
    let found = server.ask(&ann, "buf.registry.owner.v1.OwnerService/GetOwners", refs.clone()).await.unwrap();
    let names = found["owners"].as_array().unwrap().iter().map(|owner| {
        let one = owner.get("user").or_else(|| owner.get("organization")).unwrap();
        one["name"].as_str().unwrap()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["bob", "acme", "ann", "acme"]);
    // who is no member does not see the organization
    let hidden = server.ask(&bob, "buf.registry.owner.v1.OwnerService/GetOwners", refs).await;
    refused(hidden, "not_found", "owner_refs[1]");
    for (refs, code, field) in [
        (json!([]), "invalid_argument", "owner_refs"),
        (json!([{ "name": "ann" }, {}]), "invalid_argument", "owner_refs[1]"),
        (json!([{ "id": "acme" }]), "invalid_argument", "owner_refs[0].id"),
        (json!([{ "name": "ann" }, { "name": "nobody" }]), "not_found", "owner_refs[1]"),
    ] {
        refused(owner(&server, "OwnerService/GetOwners", json!({ "ownerRefs": refs })).await, code, field);
    }
    let by_name = alpha(&server, "OwnerService/GetOwnerByName", json!({ "name": "bob" })).await.unwrap();
    assert_eq!(by_name["owner"]["user"]["username"], "bob");
    let by_name = alpha(&server, "OwnerService/GetOwnerByName", json!({ "name": "acme" })).await.unwrap();
    assert_eq!(by_name["owner"]["organization"]["id"], acme);
}

async fn everyone_describes_themselves(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let update = format!("{ALPHA}.UserService/UpdateUserSettings");
    let request = json!({ "userId": bob.id(), "description": "Pilot", "url": "https://example.com" });
    server.ask(&bob, &update, request).await.unwrap();
    server.ask(&bob, &update, json!({ "userId": bob.id(), "url": "" })).await.unwrap();
    let read = alpha(&server, "UserService/GetUser", json!({ "id": bob.id() })).await.unwrap();
    assert_eq!((&read["user"]["description"], read["user"].get("url")), (&json!("Pilot"), None));
    let long = json!({ "userId": bob.id(), "description": "é".repeat(351) });
    refused(server.ask(&bob, &update, long).await, "invalid_argument", "description");
    let nobody = json!({ "userId": "0".repeat(32), "description": "x" });
    refused(server.ask(&bob, &update, nobody).await, "not_found", "user_id");
}

async fn batches_of_organizations_go_whole_and_one_may_be_named_twice(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let mut ids = Vec::new();
    for name in ["acme", "bcme", "ccme"] {
        let id = server.organization(&server.admin, name).await;
        server.member(id, &bob, Rank::Owner).await;
        ids.push(id.to_string());
    }
    server.organization(&server.admin, "hidden").await;
    let delete = format!("{OWNER}.OrganizationService/DeleteOrganizations");
    let refs = json!([{ "name": "acme" }, { "name": "hidden" }]);
    refused(
        server.ask(&bob, &delete, json!({ "organizationRefs": refs })).await,
        "not_found",
        "organization_refs[1]",
    );
    let refs = json!([{ "name": "bcme" }, { "name": "acme" }, { "id": ids[1] }]);
    server.ask(&bob, &delete, json!({ "organizationRefs": refs })).await.unwrap();
    let list = format!("{OWNER}.OrganizationService/ListOrganizations");
    let left = server.ask(&bob, &list, json!({})).await.unwrap();
    assert_eq!(left["organizations"].as_array().unwrap().len(), 1, "{left}");
    assert!(roster::services::membership::check(&server.services).await.unwrap().is_empty());
}

on_both_databases! {
    both_generations_show_the_same_settings;
    what_cannot_be_set_is_named_and_nothing_changes;
    verification_statuses_are_the_operators_word;
    owners_are_found_by_id_and_name_in_request_order;
    everyone_describes_themselves;
    batches_of_organizations_go_whole_and_one_may_be_named_twice;
}
