//! Bulk requests: B1 to B8.

use serde_json::json;

use super::*;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

async fn bulk(client: &Client, operations: Value) -> Vec<Value> {
    let answer = client.post("/Bulk", json!({ "schemas": [BULK], "Operations": operations })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    answer.body["Operations"].as_array().unwrap().clone()
}

fn new_user(bulk_id: &str, name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(name, json!({})) })
}

fn new_group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({ "value": member })).collect();
    let data = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// The path of what an operation made.
fn made(client: &Client, result: &Value) -> String {
    let base = format!("{}/scim/v2", client.app.url);
    result["location"].as_str().unwrap().strip_prefix(&base).unwrap().to_owned()
}

#[tokio::test]
async fn b1_every_operation_is_answered_for() {
    let client = Client::start().await;
    let (a, b) = (client.user("a", json!({})).await, client.user("b", json!({})).await);
    let results = bulk(&client, json!([
        new_user("new", "c"),
        { "method": "PUT", "path": path_of(&a), "data": user("a", json!({ "title": "T" })) },
        { "method": "patch", "path": path_of(&a), "bulkId": "mine",
          "data": { "schemas": [PATCH], "Operations": [{ "op": "add", "path": "nickName", "value": "N" }] } },
        { "method": "DELETE", "path": path_of(&b) },
    ]))
    .await;
    assert_eq!(statuses(&results), ["201", "200", "200", "204"]);
    let methods: Vec<_> = results.iter().map(|result| result["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["POST", "PUT", "patch", "DELETE"]);
    assert_eq!((&results[0]["bulkId"], &results[2]["bulkId"]), (&json!("new"), &json!("mine")));
    assert!(results.iter().all(|result| result.get("response").is_none()));
    let read = client.get(&made(&client, &results[0])).await.body;
    assert_eq!((&read["userName"], &read["meta"]["version"]), (&json!("c"), &results[0]["version"]));
    let read = client.get(&made(&client, &results[2])).await.body;
    assert_eq!(
        (&read["title"], &read["nickName"], &read["meta"]["version"]),
        (&json!("T"), &json!("N"), &results[2]["version"])
    );
    assert_eq!(results[3]["location"], b["meta"]["location"]);
    assert_eq!(client.get(&path_of(&b)).await.status, 404);
}

#[tokio::test]
async fn b2_b6_failures_are_told_and_the_rest_goes_on() {
    let client = Client::start().await;
    let a = client.user("a", json!({})).await;
    let operations = json!([
        new_user("one", "A"),
        { "method": "PATCH", "path": path_of(&a), "data": { "schemas": [PATCH], "Operations": [{ "op": "remove" }] } },
        { "method": "DELETE", "path": "/Users/none" },
        { "method": "PUT", "path": path_of(&a), "version": "W/\"stale\"", "data": user("a", json!({})) },
        { "method": "POST", "path": "/Nothing", "bulkId": "x", "data": {} },
        { "method": "DELETE", "path": "/Users" },
        { "method": "FETCH", "path": "/Users", "bulkId": "odd" },
        "nonsense",
        new_user("two", "b"),
    ]);
    let results = bulk(&client, operations.clone()).await;
    assert_eq!(statuses(&results), ["409", "400", "404", "412", "404", "405", "400", "400", "201"]);
    for result in &results[..8] {
        let body = &result["response"];
        assert_eq!((&body["schemas"], &body["status"]), (&json!([ERROR]), &result["status"]), "{result}");
        assert!(body["detail"].is_string() && result.get("version").is_none());
    }
    assert_eq!(results[0]["response"]["scimType"], "uniqueness");
    assert!(results[0].get("location").is_none(), "a failed POST has no place");
    assert_eq!(
        (&results[1]["location"], &results[1]["response"]["scimType"]),
        (&a["meta"]["location"], &json!("noTarget"))
    );
    assert_eq!(results[6]["bulkId"], "odd");
    let body = json!({ "schemas": [BULK], "failOnErrors": 2, "Operations": operations });
    let stopped = client.post("/Bulk", body).await.body["Operations"].as_array().unwrap().clone();
    assert_eq!(statuses(&stopped), ["409", "400"]);
}

#[tokio::test]
async fn b3_a_post_needs_a_bulk_id_of_its_own() {
    let client = Client::start().await;
    let nameless = json!({ "method": "POST", "path": "/Users", "data": user("a", json!({})) });
    let results = bulk(&client, json!([nameless, new_user("x", "b"), new_user("x", "c")])).await;
    assert_eq!(statuses(&results), ["400", "201", "400"]);
    assert_eq!(results[2]["bulkId"], "x");
    assert_eq!(client.names("/Users").await, ["b"]);
}

#[tokio::test]
async fn b4_references_are_resolved_forward_in_data_and_paths() {
    let client = Client::start().await;
    let results = bulk(&client, json!([
        new_group("g", "Tour Guides", &["bulkId:alice"]),
        { "method": "PATCH", "path": "/Groups/bulkId:g",
          "data": { "schemas": [PATCH], "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "bulkId:bob" }] }] } },
        new_user("alice", "Alice"),
        { "method": "POST", "path": "/Users", "bulkId": "bob",
          "data": user("Bob", json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "manager": { "value": "bulkId:alice" } } })) },
        { "method": "PATCH", "path": "/Groups/bulkId:g", "data": { "schemas": [PATCH],
          "Operations": [{ "op": "remove", "path": "members[value eq \"bulkId:alice\"]" }] } },
    ]))
    .await;
    assert_eq!(statuses(&results), ["201", "200", "201", "201", "200"]);
    let id = |at: usize| results[at]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    let group = client.get(&made(&client, &results[0])).await.body;
    let members: Vec<_> =
        group["members"].as_array().unwrap().iter().map(|m| m["value"].as_str().unwrap()).collect();
    assert_eq!(members, [id(3)]);
    assert_eq!(client.get(&made(&client, &results[3])).await.body[ENTERPRISE]["manager"]["value"], id(2));
    let unknown = bulk(&client, json!([new_group("h", "H", &["bulkId:nobody"])])).await;
    assert_eq!(statuses(&unknown), ["409"]);
    assert!(unknown[0].get("location").is_none());
}

fn managed(bulk_id: &str, name: &str, manager: &str) -> Value {
    let data = user(
        name,
        json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "manager": { "value": manager }, "department": "D" } }),
    );
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

#[tokio::test]
async fn b5_a_circle_is_made_first_and_then_completed() {
    let client = Client::start().await;
    let results = bulk(
        &client,
        json!([
            managed("x", "x", "bulkId:y"),
            managed("y", "y", "bulkId:z"),
            managed("z", "z", "bulkId:x"),
            managed("s", "s", "bulkId:s"),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201"; 4], "{results:?}");
    let mut read = Vec::new();
    for result in &results {
        read.push(client.get(&made(&client, result)).await.body);
        assert_eq!(read.last().unwrap()["meta"]["version"], result["version"]);
        assert_eq!(read.last().unwrap()[ENTERPRISE]["department"], "D");
    }
    for (at, manager) in [(0, 1), (1, 2), (2, 0), (3, 3)] {
        assert_eq!(read[at][ENTERPRISE]["manager"]["value"], read[manager]["id"]);
    }
}

#[tokio::test]
async fn b5_a_circle_that_breaks_is_a_conflict_that_says_what_was_made() {
    let client = Client::start().await;
    client.user("taken", json!({})).await;
    let results =
        bulk(&client, json!([managed("x", "taken", "bulkId:y"), managed("y", "free", "bulkId:x")])).await;
    assert_eq!(statuses(&results), ["409", "409"]);
    assert_eq!(results[0]["response"]["scimType"], "uniqueness");
    assert!(results[1]["response"]["detail"].as_str().unwrap().contains("without its references"));
    assert_eq!(client.get(&made(&client, &results[1])).await.body["userName"], "free");
}

#[tokio::test]
async fn b7_the_limits_are_told_and_kept() {
    let client = Client::start().await;
    let limits = client.get("/ServiceProviderConfig").await.body["bulk"].clone();
    assert_eq!(limits["supported"], true);
    let most = limits["maxOperations"].as_u64().unwrap();
    let one = json!({ "method": "DELETE", "path": "/Users/none" });
    let many = |number: u64| json!({ "schemas": [BULK], "Operations": vec![one.clone(); usize::try_from(number).unwrap()] });
    let over = client.post("/Bulk", many(most + 1)).await;
    refused(&over, 413, None);
    assert!(over.body["detail"].as_str().unwrap().contains(&most.to_string()));
    assert_eq!(client.post("/Bulk", many(most)).await.status, 200);
    let size = limits["maxPayloadSize"].as_u64().unwrap();
    let body = vec![b' '; usize::try_from(size).unwrap() + 1];
    let over = client.raw("POST", "/Bulk", &[("content-type", "application/scim+json")], Some(body)).await;
    refused(&over, 413, None);
    assert!(over.body["detail"].as_str().unwrap().contains(&size.to_string()));
}

#[tokio::test]
async fn b8_the_clients_order_stays() {
    let client = Client::start().await;
    let a = client.user("a", json!({})).await;
    let results = bulk(
        &client,
        json!([
            { "method": "DELETE", "path": path_of(&a) },
            new_user("again", "a"),
            { "method": "PUT", "path": "/Users/bulkId:again", "data": user("b", json!({})) },
            new_user("free", "a"),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["204", "201", "200", "201"]);
    assert_eq!(client.names("/Users?sortBy=userName").await, ["a", "b"]);
}

#[tokio::test]
async fn b1_what_is_no_bulk_request_is_refused() {
    let client = Client::start().await;
    let bad = [
        json!([]),
        json!({ "Operations": [] }),
        json!({ "schemas": [BULK] }),
        json!({ "schemas": [BULK], "Operations": {} }),
        json!({ "schemas": [BULK], "failOnErrors": "x", "Operations": [] }),
    ];
    for body in bad {
        refused(&client.post("/Bulk", body).await, 400, Some("invalidSyntax"));
    }
}
