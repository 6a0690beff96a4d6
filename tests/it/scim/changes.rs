//! PUT, PATCH and DELETE: U1 to U15, X1, X2.

use serde_json::json;

use super::*;

fn rich() -> Value {
    json!({
        "title": "T", "nickName": "N", "name": { "givenName": "G", "familyName": "F" },
        "emails": [{ "value": "w@x", "type": "work", "primary": true }, { "value": "h@x", "type": "home" }],
    })
}

#[tokio::test]
async fn u1_put_never_creates() {
    let client = Client::start().await;
    let path = "/Users/0198c0de0198c0de0198c0de0198c0de";
    refused(&client.put(path, user("a", json!({}))).await, 404, None);
    refused(&client.put("/Groups/none", json!({ "schemas": [GROUP], "displayName": "G" })).await, 404, None);
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn u2_u3_put_replaces_what_can_be_written() {
    let client = Client::start().await;
    let made = client.user("a", rich()).await;
    let path = path_of(&made);
    let put = client.put(&path, user("b", json!({ "title": "U", "id": "x" }))).await;
    assert_eq!((put.status, &put.body["id"], &put.body["userName"]), (200, &made["id"], &json!("b")));
    assert!(put.body.get("emails").is_none() && put.body.get("nickName").is_none(), "{}", put.body);
    assert_eq!(put.body, client.get(&path).await.body);
    refused(&client.put(&path, json!({ "schemas": [USER] })).await, 400, Some("invalidValue"));
    let group = client.group("G", &[&made]).await;
    let replaced = client.put(&path_of(&group), json!({ "schemas": [GROUP], "displayName": "H" })).await;
    assert_eq!((replaced.status, &replaced.body["displayName"]), (200, &json!("H")));
    assert!(replaced.body["members"].as_array().is_none_or(Vec::is_empty), "{}", replaced.body);
}

#[tokio::test]
async fn u4_u5_u6_a_patch_has_its_form() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let whole = async |body: Value| client.send("PATCH", &path, body).await;
    let bad = [
        (json!([]), "invalidSyntax"),
        (json!({ "Operations": [{ "op": "add", "value": { "title": "x" } }] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH], "Operations": [] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH], "Operations": ["x"] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH], "Operations": [{ "path": "title", "value": "x" }] }), "invalidSyntax"),
        (
            json!({ "schemas": [PATCH], "Operations": [{ "op": "move", "path": "title", "value": "x" }] }),
            "invalidSyntax",
        ),
    ];
    for (body, scim_type) in bad {
        let answer = whole(body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        refused(&answer, 400, Some(scim_type));
    }
    refused(&client.patch(&path, json!([{ "op": "remove" }])).await, 400, Some("noTarget"));
    for wrong in ["emails[", "emails[type eq", "a b", "name..x", "emails[type eq \"work\"]x", ""] {
        let answer = client.patch(&path, json!([{ "op": "replace", "path": wrong, "value": "x" }])).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.body);
    }
    refused(
        &client.patch(&path, json!([{ "op": "replace", "path": "name..x", "value": "x" }])).await,
        400,
        Some("invalidPath"),
    );
    refused(&client.patch(&path, json!([{ "op": "add", "path": "title" }])).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn u6_every_form_of_a_path_works() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let operations = json!([
        { "op": "replace", "path": "title", "value": "1" },
        { "op": "replace", "path": format!("{USER}:nickName"), "value": "2" },
        { "op": "replace", "path": "name.givenName", "value": "3" },
        { "op": "replace", "path": format!("{USER}:name.familyName"), "value": "4" },
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "5@x" },
        { "op": "replace", "path": format!("{USER}:emails[type eq \"home\"]"), "value": { "value": "6@x", "type": "home" } },
        { "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "7" },
        { "op": "add", "path": ENTERPRISE, "value": { "division": "8" } },
    ]);
    let body = client.patch(&path, operations).await.body;
    assert_eq!((&body["title"], &body["nickName"]), (&json!("1"), &json!("2")));
    assert_eq!(body["name"], json!({ "givenName": "3", "familyName": "4" }));
    let emails =
        json!([{ "value": "5@x", "type": "work", "primary": true }, { "value": "6@x", "type": "home" }]);
    assert_eq!(body["emails"], emails);
    assert_eq!(body[ENTERPRISE], json!({ "department": "7", "division": "8" }));
}

#[tokio::test]
async fn u7_operations_run_in_order_or_not_at_all() {
    let client = Client::start().await;
    let made = client.user("a", rich()).await;
    let path = path_of(&made);
    let order = json!([
        { "op": "add", "path": "title", "value": "one" }, { "op": "remove", "path": "title" },
        { "op": "add", "path": "title", "value": "two" },
    ]);
    assert_eq!(client.patch(&path, order).await.body["title"], "two");
    let before = client.get(&path).await.body;
    let broken = json!([{ "op": "replace", "path": "title", "value": "x" }, { "op": "replace", "path": "id", "value": "y" }]);
    refused(&client.patch(&path, broken).await, 400, Some("mutability"));
    assert_eq!(client.get(&path).await.body, before);
    let group = client.group("G", &[&made]).await;
    let broken =
        json!([{ "op": "remove", "path": "members" }, { "op": "replace", "path": "meta", "value": "y" }]);
    refused(&client.patch(&path_of(&group), broken).await, 400, Some("mutability"));
    assert_eq!(client.get(&path_of(&group)).await.body, group);
}

#[tokio::test]
async fn u9_one_value_is_primary_after_a_patch() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let add = json!([{ "op": "add", "path": "emails", "value": [{ "value": "n@x", "primary": true }] }]);
    let emails = client.patch(&path, add).await.body["emails"].clone();
    let primary: Vec<_> = emails
        .as_array()
        .unwrap()
        .iter()
        .filter(|email| email["primary"] == true)
        .map(|email| &email["value"])
        .collect();
    assert_eq!(primary, ["n@x"], "{emails}");
    let set = json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]);
    let emails = client.patch(&path, set).await.body["emails"].clone();
    let count = emails.as_array().unwrap().iter().filter(|email| email["primary"] == true).count();
    assert_eq!(count, 1, "{emails}");
}

#[tokio::test]
async fn u10_u11_add_appends_merges_and_sets() {
    let client = Client::start().await;
    let made = client.user("a", rich()).await;
    let path = path_of(&made);
    let operations = json!([
        { "op": "add", "path": "emails", "value": [{ "value": "o@x", "type": "other" }] },
        { "op": "add", "path": "emails", "value": { "value": "p@x", "type": "other" } },
        { "op": "add", "path": "name", "value": { "middleName": "M" } },
        { "op": "add", "value": { "title": "U", "emails": [{ "value": "q@x" }] } },
    ]);
    let patched = client.patch(&path, operations).await;
    assert_eq!(patched.status, 200);
    assert_eq!(patched.body["emails"].as_array().unwrap().len(), 5, "{}", patched.body);
    assert_eq!(patched.body["name"], json!({ "givenName": "G", "familyName": "F", "middleName": "M" }));
    assert_eq!(patched.body["title"], "U");
    let same = json!([{ "op": "add", "path": "title", "value": "U" }, { "op": "add", "path": "emails", "value": [{ "value": "q@x" }] }]);
    assert_eq!(client.patch(&path, same).await.body["meta"], patched.body["meta"], "nothing changed");
}

#[tokio::test]
async fn u12_remove_takes_what_the_path_names() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let removed =
        async |target: &str| client.patch(&path, json!([{ "op": "remove", "path": target }])).await.body;
    assert!(removed("title").await.get("title").is_none());
    assert_eq!(removed("name.givenName").await["name"], json!({ "familyName": "F" }));
    assert!(removed("name.familyName").await.get("name").is_none(), "emptied is unassigned");
    assert_eq!(
        removed("emails[type eq \"work\"]").await["emails"],
        json!([{ "value": "h@x", "type": "home" }])
    );
    assert!(removed("emails").await.get("emails").is_none());
    for target in ["userName", "id", "schemas"] {
        let answer = client.patch(&path, json!([{ "op": "remove", "path": target }])).await;
        assert_eq!(answer.status, 400, "{target}: {}", answer.body);
        refused(&answer, 400, Some("mutability"));
    }
}

#[tokio::test]
async fn u13_replace_sets_merges_and_needs_a_match() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", rich()).await);
    let replaced = async |target: &str, value: Value| {
        client.patch(&path, json!([{ "op": "replace", "path": target, "value": value }])).await
    };
    assert_eq!(replaced("displayName", json!("D")).await.body["displayName"], "D", "absent: an add");
    let name = replaced("name", json!({ "givenName": "H" })).await.body["name"].clone();
    assert_eq!(name, json!({ "givenName": "H", "familyName": "F" }));
    let emails = replaced("emails", json!([{ "value": "z@x" }])).await.body["emails"].clone();
    assert_eq!(emails, json!([{ "value": "z@x" }]));
    refused(&replaced("emails[type eq \"fax\"].value", json!("x")).await, 400, Some("noTarget"));
    refused(&replaced("emails[type eq \"fax\"]", json!({ "value": "x" })).await, 400, Some("noTarget"));
    let pathless = client
        .patch(&path, json!([{ "op": "replace", "value": { "title": "V", "nickName": null } }]))
        .await
        .body;
    assert!(pathless["title"] == "V" && pathless.get("nickName").is_none(), "{pathless}");
}

#[tokio::test]
async fn u14_schemas_follow_the_extension() {
    let client = Client::start().await;
    let path = path_of(&client.user("a", json!({})).await);
    let added = client
        .patch(&path, json!([{ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "IT" }]));
    assert_eq!(added.await.body["schemas"], json!([USER, ENTERPRISE]));
    let removed = client
        .patch(&path, json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]))
        .await
        .body;
    assert_eq!(removed["schemas"], json!([USER]));
    assert!(removed.get(ENTERPRISE).is_none());
}

#[tokio::test]
async fn u15_a22_unique_values_stay_unique() {
    let client = Client::start().await;
    client.user("taken", json!({})).await;
    client.group("Taken", &[]).await;
    let (own, group) =
        (path_of(&client.user("own", json!({})).await), path_of(&client.group("Own", &[]).await));
    refused(&client.put(&own, user("TAKEN", json!({}))).await, 409, Some("uniqueness"));
    let rename = |name: &str, to: &str| json!([{ "op": "replace", "path": name, "value": to }]);
    refused(&client.patch(&own, rename("userName", "Taken")).await, 409, Some("uniqueness"));
    refused(&client.patch(&group, rename("displayName", "taken")).await, 409, Some("uniqueness"));
    refused(
        &client.put(&group, json!({ "schemas": [GROUP], "displayName": "taken" })).await,
        409,
        Some("uniqueness"),
    );
    assert_eq!(
        client.patch(&own, rename("userName", "OWN")).await.body["userName"],
        "OWN",
        "own name in another case"
    );
}

#[tokio::test]
async fn x1_x2_what_is_deleted_is_gone_everywhere() {
    let client = Client::start().await;
    let made = client.user("a", json!({})).await;
    let group = path_of(&client.group("G", &[&made]).await);
    let path = path_of(&made);
    let deleted = client.delete(&path).await;
    assert!(deleted.status == 204 && deleted.body.is_null());
    refused(&client.get(&path).await, 404, None);
    refused(&client.put(&path, user("a", json!({}))).await, 404, None);
    refused(&client.patch(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await, 404, None);
    refused(&client.delete(&path).await, 404, None);
    assert_eq!(client.get(r#"/Users?filter=userName eq "a""#).await.body["totalResults"], 0);
    assert!(client.get(&group).await.body["members"].as_array().is_none_or(Vec::is_empty));
    client.user("a", json!({})).await;
    assert_eq!(client.delete(&group).await.status, 204);
    refused(&client.delete(&group).await, 404, None);
}

#[tokio::test]
async fn u8_members_are_added_and_removed_one_by_one() {
    let client = Client::start().await;
    let (a, b) = (client.user("a", json!({})).await, client.user("b", json!({})).await);
    let path = path_of(&client.group("G", &[&a]).await);
    let members = async |operations: Value| {
        let body = client.patch(&path, operations).await.body;
        let list = body["members"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<_> =
            list.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let (id_a, id_b) = (a["id"].as_str().unwrap().to_owned(), b["id"].as_str().unwrap().to_owned());
    let both = vec![id_a.clone(), id_b.clone()];
    assert_eq!(
        members(json!([{ "op": "add", "path": "members", "value": [{ "value": id_b }] }])).await,
        both
    );
    assert_eq!(
        members(json!([{ "op": "remove", "path": format!("members[value eq \"{id_a}\"]") }])).await,
        [&*id_b]
    );
    assert_eq!(
        members(json!([{ "op": "replace", "path": "members", "value": [{ "value": id_a }] }])).await,
        [&*id_a]
    );
    assert!(members(json!([{ "op": "remove", "path": "members" }])).await.is_empty());
    let change =
        json!([{ "op": "replace", "path": format!("members[value eq \"{id_b}\"].display"), "value": "x" }]);
    assert_eq!(client.patch(&path, change).await.status, 400);
}
