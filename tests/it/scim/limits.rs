//! How much one request may ask for: values of an attribute, operations times values.

use super::*;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// So many values.
fn many(count: usize) -> Value {
    (0..count).map(|n| json!({ "value": format!("v{n}@x"), "type": "t" })).collect()
}

#[tokio::test]
async fn an_attribute_has_a_thousand_values_at_most() {
    let client = Client::start().await;
    for name in ["emails", "phoneNumbers", "ims", "roles"] {
        let made = client.user(&format!("{name}@x"), json!({ name: many(1_000) })).await;
        let path = path_of(&made);
        let too_many = user("b", json!({ name: many(1_001) }));
        refused(&client.post("/Users", too_many.clone()).await, 400, Some("invalidValue"));
        refused(&client.put(&path, too_many).await, 400, Some("invalidValue"));
        for op in ["add", "replace"] {
            let one = json!([{ "op": op, "path": name, "value": many(1_001) }]);
            refused(&client.patch(&path, one).await, 400, Some("invalidValue"));
        }
    }
    let addresses: Value = (0..1_001).map(|n| json!({ "streetAddress": n.to_string() })).collect();
    refused(
        &client.post("/Users", user("c", json!({ "addresses": addresses }))).await,
        400,
        Some("invalidValue"),
    );
    // members are kept one by one
    let members: Value = (0..2_000).map(|n| json!({ "value": format!("{n:032x}") })).collect();
    let group = json!({ "schemas": [GROUP], "displayName": "g", "members": members });
    assert_eq!(client.post("/Groups", group).await.status, 201);
}

#[tokio::test]
async fn operations_times_values_are_bounded_alone_and_in_bulk() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "emails": many(1_000) })).await;
    let path = path_of(&made);
    let operations: Value = (0..400)
        .map(|n| json!({ "op": "replace", "path": format!("emails[value eq \"v{n}@x\"].display"), "value": "d" }))
        .collect();
    refused(&client.patch(&path, operations.clone()).await, 413, None);
    let one =
        json!({ "method": "PATCH", "path": path, "data": { "schemas": [PATCH], "Operations": operations } });
    let bulk = json!({ "schemas": [BULK], "Operations": [one.clone(), one] });
    let answer = client.post("/Bulk", bulk).await;
    let statuses: Vec<_> =
        answer.body["Operations"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, ["413", "413"], "{}", answer.body);
    assert_eq!(client.get(&path).await.body["meta"]["version"], made["meta"]["version"]);
}

#[tokio::test]
async fn members_are_asked_about_so_often() {
    let client = Client::start().await;
    let someone = client.user("a", json!({})).await;
    let group = client.group("g", &[&someone]).await;
    let path = path_of(&group);
    let ask = |n: usize| json!({ "op": "remove", "path": format!("members[display eq \"nobody {n}\"]") });
    let few: Value = (0..30).map(ask).collect();
    assert!([200, 204].contains(&client.patch(&path, few).await.status));
    let many: Value = (0..1_000).map(ask).collect();
    refused(&client.patch(&path, many).await, 413, None);
    // by their ids as often as there are operations
    let id = someone["id"].clone();
    let by_id: Value = (0..1_000)
        .map(|n| json!({ "op": if n % 2 == 0 { "remove" } else { "add" }, "path": "members", "value": [{ "value": id }] }))
        .collect();
    assert!([200, 204].contains(&client.patch(&path, by_id).await.status));
    let held = client.get(&path).await.body;
    assert_eq!(held["members"][0]["value"], id);
}

#[tokio::test]
async fn entra_is_bounded_as_everyone() {
    let app = App::start(Database::sqlite().await).await;
    let token = app.scim_token(ClientProfile::Entra).await;
    let client = Client { app, token };
    let made = client.user("a", json!({})).await;
    let value: serde_json::Map<_, _> =
        (0..3_000).map(|n| (format!("emails[type eq \"t{n}\"].value"), json!("x@x"))).collect();
    let answer = client.patch(&path_of(&made), json!([{ "op": "Add", "value": value }])).await;
    refused(&answer, 413, None);
}
