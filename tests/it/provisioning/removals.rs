//! Large removals: told of, and held where that is configured.

use std::sync::Arc;

use roster::{
    domain::{clock::SystemClock, provisioning::RemovalRule},
    services::{membership, provisioning::Settings},
};
use serde_json::{Value, json};

use super::Idp;
use crate::{
    app::{Answer, App},
    scim::refused,
    storage::{Database, on_both_databases},
};

on_both_databases! {
    a_large_removal_is_done_and_told_of;
    a_large_removal_waits_for_its_release;
    a_bulk_request_is_one_request;
    what_is_not_large_goes_through;
}

/// An IdP with a group of so many users, mapped to `acme`, which has its maker as a member besides.
async fn acme(database: Database, hold: bool, members: usize) -> (Idp, String, Vec<String>) {
    let removal = RemovalRule { hold, ..RemovalRule::default() };
    let settings = Settings { removal, ..Settings::default() };
    let idp = Idp::of(App::provisioned(database, Arc::new(SystemClock), settings).await).await;
    idp.organization("acme", "Team").await;
    let mut users = Vec::new();
    for n in 0..members {
        users.push(idp.user(&format!("user{n}")).await);
    }
    let team = idp.group("Team", &users).await;
    (idp, format!("/Groups/{team}"), users)
}

async fn remove(idp: &Idp, group: &str, users: &[String]) -> Answer {
    let values: Vec<_> = users.iter().map(|id| json!({ "value": id })).collect();
    idp.patch(group, json!({ "op": "Remove", "path": "members", "value": values })).await
}

async fn removals(idp: &Idp) -> Vec<Value> {
    let listed = idp.app.ours("ProvisioningService/ListLargeRemovals", json!({})).await;
    listed["largeRemovals"].as_array().cloned().unwrap_or_default()
}

async fn members(idp: &Idp) -> usize {
    let asked = json!({ "organizationRef": { "name": "acme" }, "pageSize": 250 });
    let listed = idp.app.ours("MembershipService/ListMemberships", asked).await;
    listed["memberships"].as_array().unwrap().len()
}

async fn a_large_removal_is_done_and_told_of(database: Database) {
    let (idp, group, users) = acme(database, false, 19).await;
    assert_eq!(remove(&idp, &group, &users[..11]).await.status, 200);
    assert_eq!(members(&idp).await, 9);
    let request = idp.latest().await["request"].clone();
    let told = &request["largeRemovals"][0];
    assert_eq!(
        (&told["organizationName"], &told["removedCount"], &told["memberCount"]),
        (&json!("acme"), &json!("11"), &json!("20"))
    );
    let found = removals(&idp).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("LARGE_REMOVAL_STATE_DONE")));
    assert_eq!(found[0]["requestId"], request["requestId"]);
    let subject = format!("{}: 11 of the 20 members of acme", found[0]["id"].as_str().unwrap());
    assert!(idp.warnings().await.contains(&("LARGE_REMOVAL".to_owned(), vec![subject])));
    let seen = idp.send("GET", "/readiness", Value::Null).await.body;
    assert_eq!(seen["warnings"][0]["code"], "LARGE_REMOVAL");
}

async fn a_large_removal_waits_for_its_release(database: Database) {
    let (idp, group, users) = acme(database, true, 19).await;
    let before = idp.send("GET", &group, Value::Null).await.body;
    for _ in 0..2 {
        let answer = remove(&idp, &group, &users[..11]).await;
        refused(&answer, 403, None);
        assert!(
            answer.body["detail"].as_str().unwrap().contains("11 of the 20 members of acme"),
            "{}",
            answer.body
        );
    }
    assert_eq!(idp.send("GET", &group, Value::Null).await.body, before, "nothing was removed");
    let found = removals(&idp).await;
    assert_eq!(
        (found.len(), &found[0]["state"]),
        (1, &json!("LARGE_REMOVAL_STATE_HELD")),
        "the same change waits once"
    );
    let id = &found[0]["id"];
    let request = idp.log(json!({ "failedOnly": true })).await[0].clone();
    assert_eq!((&request["heldLargeRemovalId"], &request["requestId"]), (id, &found[0]["requestId"]));
    assert_eq!(request["effect"]["summary"], "nothing changed");
    assert!(idp.warnings().await.iter().any(|(kind, _)| kind == "LARGE_REMOVAL_HELD"));

    for _ in 0..2 {
        let released =
            idp.app.ours("ProvisioningService/ReleaseLargeRemoval", json!({ "largeRemovalId": id })).await;
        assert_eq!(released["largeRemoval"]["state"], "LARGE_REMOVAL_STATE_RELEASED");
        assert_eq!(released["largeRemoval"]["releaseActor"]["id"], idp.app.admin.id.to_string());
    }
    // another change is not what was released
    refused(&remove(&idp, &group, &users[..12]).await, 403, None);
    // the same one is, in whatever form it comes
    let left: Vec<_> = users[11..].iter().map(|id| json!({ "value": id })).collect();
    let replace = json!({ "op": "replace", "path": "members", "value": left });
    assert_eq!(idp.patch(&group, replace.clone()).await.status, 200);
    assert_eq!(members(&idp).await, 9);
    assert_eq!(idp.latest().await["request"]["largeRemovals"][0]["removedCount"], "11");
    let found = removals(&idp).await;
    assert_eq!(found.last().unwrap()["state"], "LARGE_REMOVAL_STATE_DONE");

    // once, and not again
    let all: Vec<_> = users.iter().map(|id| json!({ "value": id })).collect();
    assert_eq!(idp.patch(&group, json!({ "op": "add", "path": "members", "value": all })).await.status, 200);
    refused(&idp.patch(&group, replace).await, 403, None);
    assert_eq!(membership::check(&idp.app.services).await.unwrap(), []);
}

async fn a_bulk_request_is_one_request(database: Database) {
    let (idp, _, users) = acme(database, true, 19).await;
    let delete = |user: &String| json!({ "method": "DELETE", "path": format!("/Users/{user}") });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": users.iter().map(delete).collect::<Vec<_>>(),
    });
    let done = idp.send("POST", "/Bulk", bulk).await.body;
    let statuses: Vec<_> =
        done["Operations"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses[..10], vec![json!("204"); 10]);
    assert_eq!(statuses[10..], vec![json!("403"); 9]);
    assert_eq!((members(&idp).await, removals(&idp).await.len()), (10, 1));
    let request = idp.latest().await["request"].clone();
    assert_eq!(request["heldLargeRemovalId"], removals(&idp).await[0]["id"]);
}

async fn what_is_not_large_goes_through(database: Database) {
    let (idp, group, users) = acme(database, true, 19).await;
    // half is not more than half, and nine are not ten
    assert_eq!(remove(&idp, &group, &users[..10]).await.status, 200);
    assert_eq!(remove(&idp, &group, &users[10..]).await.status, 200);
    assert_eq!((members(&idp).await, removals(&idp).await.len()), (1, 0));
}
