//! Creation, reading, projection: C1 to C5, G1 to G5.

use serde_json::json;

use super::*;

#[tokio::test]
async fn c1_c4_a_creation_answers_with_the_whole_resource_and_its_place() {
    let client = Client::start().await;
    let made = client.post("/Users", user("a", json!({ "title": "T" }))).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["location"].to_str().unwrap(), made.body["meta"]["location"].as_str().unwrap());
    assert_eq!(made.headers["etag"].to_str().unwrap(), made.body["meta"]["version"].as_str().unwrap());
    assert_eq!(client.get(&path_of(&made.body)).await.body, made.body);
    let group = client.post("/Groups", json!({ "schemas": [GROUP], "displayName": "G" })).await;
    assert_eq!((group.status, &group.body["meta"]["resourceType"]), (201, &json!("Group")));
    assert_eq!(group.headers["location"].to_str().unwrap(), group.body["meta"]["location"].as_str().unwrap());
}

#[tokio::test]
async fn c2_a_new_user_is_active_unless_said_otherwise() {
    let client = Client::start().await;
    assert_eq!(client.user("a", json!({})).await["active"], true);
    assert_eq!(client.user("b", json!({ "active": false })).await["active"], false);
}

#[tokio::test]
async fn c3_a_duplicate_is_a_conflict() {
    let client = Client::start().await;
    client.user("a", json!({})).await;
    client.group("G", &[]).await;
    refused(&client.post("/Users", user("A", json!({}))).await, 409, Some("uniqueness"));
    let group = json!({ "schemas": [GROUP], "displayName": "g" });
    refused(&client.post("/Groups", group).await, 409, Some("uniqueness"));
}

#[tokio::test]
async fn c5_a_bad_body_is_told_by_its_kind() {
    let client = Client::start().await;
    let raw = async |body: &str| {
        let headers = [("content-type", "application/scim+json")];
        client.raw("POST", "/Users", &headers, Some(body.as_bytes().to_vec())).await
    };
    for body in ["", "{", "[]", "null", "\"x\"", "{\"schemas\":", "{'a':1}"] {
        refused(&raw(body).await, 400, Some("invalidSyntax"));
    }
    refused(&client.post("/Users", json!({ "schemas": [USER] })).await, 400, Some("invalidValue"));
    let unknown = client.user("a", json!({ "shoeSize": 46 })).await;
    assert!(unknown.get("shoeSize").is_none());
}

#[tokio::test]
async fn g1_what_is_not_there_is_404() {
    let client = Client::start().await;
    for path in [
        "/Users/none",
        "/Users/0198c0de0198c0de0198c0de0198c0de",
        "/Groups/none",
        "/Users/a%20b",
        "/Users/%00",
    ] {
        refused(&client.get(path).await, 404, None);
    }
}

fn keys(resource: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = resource.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn rich() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "title": "T", "name": { "givenName": "G", "familyName": "F" },
        "emails": [{ "value": "a@x", "type": "work" }], ENTERPRISE: { "department": "IT", "costCenter": "1" },
    })
}

#[tokio::test]
async fn g2_attributes_choose() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let shown = async |asked: &str| client.get(&format!("{path}?attributes={asked}")).await.body;
    assert_eq!(keys(&shown("userName").await), ["id", "schemas", "userName"]);
    assert_eq!(keys(&shown("userName,%20title").await), ["id", "schemas", "title", "userName"]);
    assert_eq!(shown("name.givenName").await["name"], json!({ "givenName": "G" }));
    assert_eq!(shown("emails.value").await["emails"], json!([{ "value": "a@x" }]));
    assert_eq!(keys(&shown(&format!("{USER}:userName")).await), ["id", "schemas", "userName"]);
    assert_eq!(shown(&format!("{ENTERPRISE}:department")).await[ENTERPRISE], json!({ "department": "IT" }));
    assert_eq!(shown(ENTERPRISE).await[ENTERPRISE], json!({ "department": "IT", "costCenter": "1" }));
    assert_eq!(keys(&shown("nothing").await), ["id", "schemas"]);
    assert_eq!(keys(&shown("meta.location").await["meta"]), ["location"]);
}

#[tokio::test]
async fn g3_excluded_attributes_go() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let shown =
        async |excluded: &str| client.get(&format!("{path}?excludedAttributes={excluded}")).await.body;
    assert!(shown("title").await.get("title").is_none());
    assert_eq!(shown("id,schemas,userName").await["id"].as_str().map(str::len), Some(32), "always returned");
    assert_eq!(shown("name.givenName").await["name"], json!({ "familyName": "F" }));
    assert_eq!(shown("emails.type").await["emails"], json!([{ "value": "a@x" }]));
    assert!(shown(ENTERPRISE).await.get(ENTERPRISE).is_none());
    assert_eq!(shown(&format!("{ENTERPRISE}:department")).await[ENTERPRISE], json!({ "costCenter": "1" }));
}

#[tokio::test]
async fn g4_projection_works_on_every_answer() {
    let client = Client::start().await;
    let made = client.post("/Users?attributes=title", user("a", rich())).await;
    assert_eq!(keys(&made.body), ["id", "schemas", "title"]);
    assert!(made.headers.contains_key("location"));
    let path = format!("/Users/{}", made.body["id"].as_str().unwrap());
    let list = client.get("/Users?attributes=title").await.body;
    assert_eq!(keys(&list["Resources"][0]), ["id", "schemas", "title"]);
    let search = json!({ "schemas": [SEARCH], "attributes": ["title"] });
    assert_eq!(
        keys(&client.post("/Users/.search", search).await.body["Resources"][0]),
        ["id", "schemas", "title"]
    );
    let put = client.put(&format!("{path}?attributes=title"), user("a", rich())).await.body;
    assert_eq!(keys(&put), ["id", "schemas", "title"]);
    let operations =
        json!({ "schemas": [PATCH], "Operations": [{ "op": "add", "path": "title", "value": "U" }] });
    let patched = client.send("PATCH", &format!("{path}?excludedAttributes=name"), operations).await;
    assert!(patched.status == 200 && patched.body.get("name").is_none() && patched.body["title"] == "U");
    refused(
        &client.get(&format!("{path}?attributes=a&excludedAttributes=b")).await,
        400,
        Some("invalidValue"),
    );
}

#[tokio::test]
async fn g4_members_are_left_out_when_nobody_asks_for_them() {
    let client = Client::start().await;
    let made = client.user("a", json!({})).await;
    let path = path_of(&client.group("G", &[&made]).await);
    assert!(client.get(&format!("{path}?excludedAttributes=members")).await.body.get("members").is_none());
    let shown = client.get(&format!("{path}?attributes=members.value")).await.body;
    assert_eq!(shown["members"], json!([{ "value": made["id"] }]));
}
