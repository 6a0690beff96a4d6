//! Versions: P7.

use serde_json::json;

use super::*;

#[tokio::test]
async fn p7_a_version_is_a_weak_tag_and_changes_with_the_resource() {
    let client = Client::start().await;
    let made = client.post("/Users", user("a", json!({}))).await;
    let tag = made.headers["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let path = path_of(&made.body);
    let changed = client.put(&path, user("a", json!({ "title": "T" }))).await;
    assert_ne!(changed.headers["etag"].to_str().unwrap(), tag);
    assert_eq!(changed.headers["etag"].to_str().unwrap(), changed.body["meta"]["version"].as_str().unwrap());
}

#[tokio::test]
async fn p7_if_none_match_spares_the_body() {
    let client = Client::start().await;
    for resource in [client.user("a", json!({})).await, client.group("G", &[]).await] {
        let (path, tag) = (path_of(&resource), resource["meta"]["version"].as_str().unwrap().to_owned());
        let strong = tag.trim_start_matches("W/").to_owned();
        for known in [tag.as_str(), strong.as_str(), "*", &format!("W/\"other\", {tag}")] {
            let answer = client.raw("GET", &path, &[("if-none-match", known)], None).await;
            assert_eq!((answer.status, answer.body.is_null()), (304, true), "{known}");
            assert_eq!(answer.headers["etag"].to_str().unwrap(), tag);
        }
        assert_eq!(client.raw("GET", &path, &[("if-none-match", "W/\"other\"")], None).await.status, 200);
    }
}

#[tokio::test]
async fn p7_if_match_guards_every_write() {
    let client = Client::start().await;
    for resource in [client.user("a", json!({})).await, client.group("G", &[]).await] {
        let path = path_of(&resource);
        let name = if resource.get("userName").is_some() { "userName" } else { "displayName" };
        let whole = json!({ "schemas": [resource["schemas"][0]], name: "x", "externalId": "1" });
        let operations = [json!({ "op": "add", "path": "externalId", "value": "2" })];
        let change = json!({ "schemas": [PATCH], "Operations": operations });
        let tag = resource["meta"]["version"].as_str().unwrap().to_owned();
        for (method, body) in [("PUT", Some(&whole)), ("PATCH", Some(&change)), ("DELETE", None)] {
            let body = body.map(|body| body.to_string().into_bytes());
            let stale = client.raw(method, &path, &[("if-match", "W/\"stale\"")], body.clone()).await;
            refused(&stale, 412, None);
            let tag = if method == "PUT" { tag.clone() } else { "*".to_owned() };
            let done = client.raw(method, &path, &[("if-match", &tag)], body).await;
            assert!(done.status < 300, "{method} {}: {}", done.status, done.body);
        }
    }
}

#[tokio::test]
async fn p7_what_changes_nothing_leaves_the_version() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "title": "T" })).await;
    let path = path_of(&made);
    assert_eq!(client.put(&path, user("a", json!({ "title": "T" }))).await.body, made);
    assert_eq!(
        client.patch(&path, json!([{ "op": "replace", "path": "title", "value": "T" }])).await.body,
        made
    );
    let group = client.group("G", &[&made]).await;
    let again = json!([{ "op": "add", "path": "members", "value": [{ "value": made["id"] }] }]);
    assert_eq!(client.patch(&path_of(&group), again).await.body, group);
}
