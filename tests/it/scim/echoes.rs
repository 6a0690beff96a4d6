//! Errors over values of any size: none comes back whole (the same rule as for the RPCs).

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use super::{Client, ENTERPRISE, GROUP, SEARCH, USER, path_of, user};
use crate::app::Answer;

/// Of a value at most so much is repeated.
const SHOWN: usize = 64;

/// What is asked, each with one long value.
fn requests(user_at: &str, group_at: &str) -> Vec<(&'static str, String, Value)> {
    let x = "x".repeat(8000);
    let patch = |at: &str, operation: Value| {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        ("PATCH", at.to_owned(), json!({ "schemas": schemas, "Operations": [operation] }))
    };
    let bulk = |operations: Value| {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
        ("POST", "/Bulk".to_owned(), json!({ "schemas": schemas, "Operations": operations }))
    };
    let get = |path: String| ("GET", path, Value::Null);
    let mut requests = vec![
        get(format!("/Users/{x}")),
        get(format!("/Groups/{x}")),
        get(format!("/{x}")),
        get(format!("/Me/{x}")),
        get(format!("/Schemas/{x}")),
        get(format!("/ResourceTypes/{x}")),
        get(format!("/Users?{x}=%ff")),
        get(format!("/Users?attributes={x}%20y")),
        get(format!("/Users?startIndex={x}")),
        get(format!("/Users?sortBy={x}")),
        get(format!("/Users?cursor={x}")),
        ("POST", "/Users".to_owned(), user(&x, json!({}))),
        ("POST", "/Users".to_owned(), user("a@example.com", json!({ "externalId": x }))),
        ("POST", "/Users".to_owned(), user("b@example.com", json!({ "active": x }))),
        ("POST", "/Users".to_owned(), user("c@example.com", json!({ "schemas": [USER, x] }))),
        ("POST", "/Users".to_owned(), user("d@example.com", json!({ x.clone(): 1 }))),
        ("POST", "/Users".to_owned(), user("e@example.com", json!({ x.clone(): { "y": "\u{0}" } }))),
        ("POST", "/Users".to_owned(), user("f@example.com", json!({ x.clone(): 1, x.to_uppercase(): 2 }))),
        ("POST", "/Users".to_owned(), user("g@example.com", json!({ ENTERPRISE: { x.clone(): 1 } }))),
        ("POST", "/Groups".to_owned(), json!({ "schemas": [GROUP], "displayName": x })),
        (
            "POST",
            "/Groups".to_owned(),
            json!({ "schemas": [GROUP], "displayName": "g", "members": [{ x.clone(): 1 }] }),
        ),
        ("POST", "/.search".to_owned(), json!({ "schemas": [SEARCH], "filter": format!("{x} eq") })),
        ("POST", "/.search".to_owned(), json!({ "schemas": [SEARCH], "sortBy": format!("{x} y") })),
        patch(user_at, json!({ "op": x, "path": "title", "value": "y" })),
        patch(user_at, json!({ "op": "replace", "path": x, "value": "y" })),
        patch(user_at, json!({ "op": "replace", "path": format!("{x} y"), "value": "y" })),
        patch(user_at, json!({ "op": "replace", "path": format!("emails[{x} eq 1]"), "value": "y" })),
        patch(
            user_at,
            json!({ "op": "replace", "path": format!("emails[type eq \"{x}\"].{x}"), "value": "y" }),
        ),
        patch(
            user_at,
            json!({ "op": "replace", "path": format!("emails[type eq \"{x}\"]"), "value": { "value": "y" } }),
        ),
        patch(user_at, json!({ "op": "replace", "path": format!("{ENTERPRISE}:{x}"), "value": "y" })),
        patch(user_at, json!({ "op": "replace", "value": { x.clone(): "y" } })),
        patch(user_at, json!({ "op": "replace", "value": { ENTERPRISE: { x.clone(): "y" } } })),
        patch(user_at, json!({ "op": "replace", "value": { format!("name.{x}"): "y" } })),
        patch(user_at, json!({ "op": "remove", "path": "emails", "value": [{ x.clone(): "y" }] })),
        patch(user_at, json!({ "op": "replace", "path": "active", "value": x })),
        patch(group_at, json!({ "op": "remove", "path": format!("members[value eq \"{x}\" or {x} pr]") })),
        patch(group_at, json!({ "op": "add", "path": "members", "value": [{ x.clone(): "y" }] })),
        patch(group_at, json!({ "op": "replace", "path": "displayName", "value": x })),
        bulk(json!([{ "method": "DELETE", "path": format!("/{x}/{x}") }])),
        bulk(json!([{ "method": "POST", "path": format!("/Users/{x}"), "bulkId": "1", "data": {} }])),
        bulk(json!([{ "method": "PUT", "path": format!("/Users/bulkId:{x}"), "data": {} }])),
        bulk(json!([{ "method": x, "path": "/Users", "data": {} }])),
        bulk(json!([
            { "method": "POST", "path": "/Users", "bulkId": x, "data": {} },
            { "method": "POST", "path": "/Users", "bulkId": x, "data": {} }
        ])),
    ];
    let filters = [
        format!("{x} eq 1"),
        x.clone(),
        format!("{x}:{x} pr"),
        format!("userName {x} \"y\""),
        format!("userName eq {x}"),
        format!("userName eq {}", "9".repeat(8000)),
        format!("active gt {x}"),
        format!("active eq \"{x}\""),
        format!("name eq \"{x}\""),
        format!("emails[{x} {x} {x}]"),
        format!("userName eq \"{x}\" {x}"),
        format!("urn:{x} co \"y\""),
    ];
    requests.extend(filters.iter().map(|filter| {
        let query: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        get(format!("/Users?filter={query}"))
    }));
    requests
}

/// What errors say, those of a bulk included.
fn details(body: &Value) -> Vec<String> {
    match body {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if name == "detail" => vec![text.clone()],
                value => details(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(details).collect(),
        _ => Vec::new(),
    }
}

fn is_bounded(answer: &Answer) -> bool {
    let repeats =
        |text: &String| ["x", "X", "9"].iter().any(|letter| text.contains(&letter.repeat(SHOWN + 1)));
    !details(&answer.body).iter().any(|text| repeats(text) || text.len() > 1024)
}

#[tokio::test]
async fn no_detail_repeats_a_long_value() {
    for profile in [ClientProfile::Generic, ClientProfile::Strict] {
        let client = Client::start().await.with_profile(profile).await;
        let (one, group) = (client.user("ann@example.com", json!({})).await, client.group("devs", &[]).await);
        let mut wrong = Vec::new();
        let mut refused = 0;
        for (method, path, body) in requests(&path_of(&one), &path_of(&group)) {
            let answer = match &body {
                Value::Null => client.get(&path).await,
                _ => client.send(method, &path, body.clone()).await,
            };
            refused += usize::from(answer.status >= 400);
            if !is_bounded(&answer) {
                wrong.push(format!(
                    "{method} {:.90} {:.200}: {:.300}",
                    path,
                    body.to_string(),
                    answer.body.to_string()
                ));
            }
        }
        assert!(refused >= 30, "only {refused} were refused");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
