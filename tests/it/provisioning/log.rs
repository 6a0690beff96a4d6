//! The provisioning log: what every request was, and what it did.

use std::sync::Arc;

use roster::{
    domain::{
        actor::Caller, clock::SystemClock, page::PageRequest, provisioning::RequestFilter,
        scim_token::ClientProfile,
    },
    services::{Services, provisioning::log},
    storage::Store,
};
use serde_json::{Value, json};

use super::Idp;
use crate::{
    scim::{GROUP, PATCH, USER},
    storage::{Database, on_both_databases},
};

on_both_databases! {
    a_request_is_recorded_with_its_effect;
    a_bulk_request_is_one_record_with_its_operations;
    filters_are_combined_and_pages_follow;
    who_has_no_token_is_recorded_without_the_secret;
    what_a_clean_stop_finds_waiting_is_written;
    texts_that_no_index_takes_are_recorded;
}

fn summary(request: &Value) -> &str {
    request["effect"]["summary"].as_str().unwrap()
}

async fn a_request_is_recorded_with_its_effect(database: Database) {
    let idp = Idp::start(database).await;
    idp.organization("acme", "Team").await;
    let (ann, bob) = (idp.user("ann").await, idp.user("bob").await);
    let team = idp.group("Team", &[]).await;
    let path = format!("/Groups/{team}");
    let add = json!({ "op": "Add", "path": "members", "value": [{ "value": ann }, { "value": bob }, { "value": "nobody" }] });
    assert_eq!(idp.patch(&path, add).await.status, 200);
    let found = idp.latest().await;
    let request = &found["request"];
    assert_eq!(summary(request), "1 group changed, +2 −0 members, +2 −0 memberships");
    assert_eq!((&request["method"], &request["status"]), (&json!("PATCH"), &json!(200)));
    assert_eq!(request["path"], format!("/scim/v2/Groups/{team}"));
    let resource = json!({ "kind": "PROVISIONING_RESOURCE_KIND_GROUP", "id": team, "name": "Team" });
    assert_eq!(request["resource"], resource);
    assert_eq!(request["rewrites"], json!([{ "operation": "0", "rule": "CapitalisedOp", "place": "Add" }]));
    assert_eq!(request["unknownMembers"], json!(["nobody"]));
    assert_eq!(
        (&request["client"], &request["address"]),
        (&json!("Okta SCIM Client 1.0.0"), &json!("127.0.0.1"))
    );
    let tokens = idp.app.ours("ScimTokenService/ListScimTokens", json!({})).await;
    assert_eq!(request["scimTokenId"], tokens["scimTokens"][0]["id"]);
    assert!(
        request["duration"].as_str().unwrap().ends_with('s')
            && request["requestId"].as_str().unwrap().len() == 32
    );
    let sent: Value = serde_json::from_str(found["requestBody"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(sent["Operations"][0]["value"][2]["value"], "nobody");
    let answered: Value = serde_json::from_str(found["responseBody"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(answered["id"], team);
    let curl = found["curl"].as_str().unwrap();
    let begin = format!("curl -sSg --path-as-is -X PATCH \"$ROSTER\"/scim/v2/Groups/{team} -H ");
    assert!(curl.starts_with(&begin), "{curl}");
    assert!(!curl.contains(&idp.token), "{curl}");

    // every kind of write, as the transaction saw it
    let off = json!({ "op": "replace", "path": "active", "value": false });
    idp.patch(&format!("/Users/{ann}"), off.clone()).await;
    assert_eq!(summary(&idp.latest().await["request"]), "1 user deactivated, +0 −1 memberships");
    idp.patch(&format!("/Users/{ann}"), off).await;
    assert_eq!(summary(&idp.latest().await["request"]), "nothing changed");
    idp.send("DELETE", &format!("/Users/{bob}"), Value::Null).await;
    let request = idp.latest().await["request"].clone();
    assert_eq!(summary(&request), "1 user deactivated, +0 −1 members, +0 −1 memberships");
    assert_eq!((&request["resource"]["id"], &request["resource"]["name"]), (&json!(bob), &json!("bob")));
    idp.send("DELETE", &path, Value::Null).await;
    assert_eq!(summary(&idp.latest().await["request"]), "1 group deleted, +0 −1 members");
    let failed =
        idp.send("POST", "/Users", json!({ "schemas": [USER], "userName": "ANN", "externalId": "7" })).await;
    let request = idp.latest().await["request"].clone();
    assert_eq!(
        (failed.status, &request["status"], &request["scimType"]),
        (409, &json!(409), &json!("uniqueness"))
    );
    assert_eq!(request["detail"], failed.body["detail"]);
    let resource = json!({ "kind": "PROVISIONING_RESOURCE_KIND_USER", "name": "ANN", "externalId": "7" });
    assert_eq!((&request["resource"], summary(&request)), (&resource, "nothing changed"));
}

async fn a_bulk_request_is_one_record_with_its_operations(database: Database) {
    let idp = Idp::start(database).await;
    let user = |name: &str| json!({ "schemas": [USER], "userName": name });
    let team = json!({ "schemas": [GROUP], "displayName": "Team", "members": [{ "value": "bulkId:a" }] });
    let off =
        json!({ "schemas": [PATCH], "Operations": [{ "op": "Replace", "path": "active", "value": false }] });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": user("ann") },
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": user("ann") },
            { "method": "POST", "path": "/Groups", "bulkId": "c", "data": team },
            { "method": "PATCH", "path": "/Users/bulkId:a", "data": off },
        ],
    });
    let done = idp.send("POST", "/Bulk", bulk).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let found = idp.latest().await;
    let request = &found["request"];
    assert_eq!(summary(request), "1 user created, 1 user deactivated, 1 group created, +1 −0 members");
    let operations: Vec<_> = request["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| {
            (operation["method"].as_str().unwrap(), operation["status"].as_u64().unwrap(), summary(operation))
        })
        .collect();
    let expected = [
        ("POST", 201, "1 user created"),
        ("POST", 409, "nothing changed"),
        ("POST", 201, "1 group created, +1 −0 members"),
        ("PATCH", 200, "1 user deactivated"),
    ];
    assert_eq!(operations, expected);
    assert_eq!(request["operations"][1]["scimType"], "uniqueness");
    assert_eq!(request["operations"][3]["rewrites"][0]["rule"], "CapitalisedOp");
    // it is found by what its operations were about
    let bulks = async |filter: Value| idp.log(filter).await.len();
    assert_eq!(bulks(json!({ "user": "ANN" })).await, 1);
    assert_eq!(bulks(json!({ "group": "team" })).await, 1);
    assert_eq!(bulks(json!({ "user": "team" })).await, 0);
}

async fn filters_are_combined_and_pages_follow(database: Database) {
    let idp = Idp::start(database).await;
    let other = idp.app.scim_token(ClientProfile::Okta).await;
    let ann = json!({ "schemas": [USER], "userName": "Ann@Example.com", "externalId": "00u1" });
    let ann = idp.send("POST", "/Users", ann).await.body["id"].as_str().unwrap().to_owned();
    idp.group("Team", &[]).await;
    let missing = idp.send_as(&other, "GET", "/Users/0190c0de00007000800000000badcafe", Value::Null).await;
    idp.send("GET", &format!("/Users/{ann}"), Value::Null).await;
    idp.send("GET", "/Users?filter=userName%20eq%20%22ann%22", Value::Null).await;
    let all = idp.log(json!({})).await;
    let told = |requests: &[Value]| {
        let one = |request: &Value| format!("{} {}", request["method"].as_str().unwrap(), request["status"]);
        requests.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(told(&all), ["GET 200", "GET 200", "GET 404", "POST 201", "POST 201"]);
    assert_eq!(all[0]["query"], "filter=userName%20eq%20%22ann%22");
    let request_id = missing.headers["x-request-id"].to_str().unwrap();
    let (start, end) = (&all[3]["time"], &all[2]["time"]);
    let cases = [
        (json!({ "failedOnly": true }), vec![2]),
        (json!({ "user": ann }), vec![1, 4]),
        (json!({ "user": "ANN@example.com" }), vec![1, 4]),
        (json!({ "group": "TEAM" }), vec![3]),
        (json!({ "externalId": "00u1" }), vec![1, 4]),
        (json!({ "method": "POST" }), vec![3, 4]),
        (json!({ "status": 404 }), vec![2]),
        (json!({ "status": 0 }), vec![]),
        (json!({ "scimTokenId": all[2]["scimTokenId"] }), vec![2]),
        (json!({ "requestId": request_id }), vec![2]),
        (json!({ "startTime": start, "endTime": end }), vec![3]),
        (json!({ "user": ann, "method": "GET" }), vec![1]),
        (json!({ "user": ann, "failedOnly": true }), vec![]),
    ];
    for (filter, expected) in cases {
        let found = idp.log(filter.clone()).await;
        let expected: Vec<_> = expected.into_iter().map(|at: usize| all[at].clone()).collect();
        assert_eq!(found, expected, "{filter}");
    }
    for reverse in [false, true] {
        let (mut seen, mut page_token) = (Vec::new(), json!(""));
        while let Some(token) = page_token.as_str().map(str::to_owned) {
            let asked = json!({ "pageSize": 2, "pageToken": token, "reverse": reverse });
            let page = idp.app.ours("ProvisioningService/ListProvisioningRequests", asked).await;
            seen.extend(page["requests"].as_array().unwrap().clone());
            page_token = page["nextPageToken"].clone();
        }
        if reverse {
            seen.reverse();
        }
        assert_eq!(seen, all);
    }
}

async fn who_has_no_token_is_recorded_without_the_secret(database: Database) {
    let idp = Idp::start(database).await;
    let wrong = format!("{}0", idp.token);
    let answer = idp.send_as(&wrong, "POST", "/Users", json!({ "schemas": [USER], "userName": "eve" })).await;
    assert_eq!(answer.status, 401);
    let found = idp.latest().await;
    assert_eq!((&found["request"]["status"], &found["request"]["scimTokenId"]), (&json!(401), &Value::Null));
    assert_eq!((&found["requestBody"], &found["request"]["resource"]), (&Value::Null, &Value::Null));
    assert!(!found.to_string().contains("roster_scim_"), "{found}");
    assert_eq!(idp.log(json!({ "failedOnly": true, "status": 401 })).await.len(), 1);
    // discovery needs no token, and what is not there is a request as well
    for (path, status) in [("/Schemas", 200), ("/Nothing", 404)] {
        idp.send_as(&wrong, "GET", path, Value::Null).await;
        assert_eq!(idp.latest().await["request"]["status"], status);
    }
    // a flood is counted and not kept
    for _ in 0..100 {
        idp.send_as(&wrong, "GET", "/Users", Value::Null).await;
    }
    idp.user("ann").await;
    let kept = idp.log(json!({ "pageSize": 250 })).await;
    let lost =
        |request: &Value| request["lostBefore"].as_str().map_or(0, |count| count.parse::<u64>().unwrap());
    let lost: u64 = kept.iter().map(lost).sum();
    assert!((1..=100).contains(&lost), "{kept:?}");
}

async fn what_a_clean_stop_finds_waiting_is_written(database: Database) {
    let url = database.url.clone();
    let idp = Idp::start(database).await;
    for n in 0..50 {
        idp.user(&format!("user{n}")).await;
    }
    idp.app.services.clone().close().await.unwrap();
    let services = Services::new(Store::open(&url).await.unwrap(), Arc::new(SystemClock));
    let (page, filter) = (PageRequest::new(250, "", true).unwrap(), RequestFilter::default());
    let listed = log::list(&services, &Caller::system("test"), &filter, &page).await;
    assert_eq!(listed.unwrap().items.len(), 50);
}

async fn texts_that_no_index_takes_are_recorded(database: Database) {
    let idp = Idp::start(database).await;
    let long = "x".repeat(9_000);
    for odd in ["a\u{0}b".to_owned(), long.clone()] {
        let body = json!({ "schemas": [USER], "userName": odd, "externalId": odd });
        assert_eq!(idp.send("POST", "/Users", body).await.status, 400);
        assert_eq!(idp.latest().await["request"]["status"], 400);
    }
    idp.send("GET", &format!("/Users/{long}?attributes={long}"), Value::Null).await;
    assert_eq!(idp.log(json!({ "user": long })).await.len(), 2);
    assert_eq!(idp.log(json!({})).await.len(), 3);
}
