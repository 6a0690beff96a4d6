//! Extension schemas that an operator declares: A18, A20, A21 with them.

use roster::gateway::scim::Extensions;
use serde_json::json;

use super::*;

pub(crate) const BADGE: &str = "urn:example:params:scim:schemas:badge:2.0:User";

/// An extension with every data type and most characteristics.
pub(crate) fn badge() -> Value {
    let attribute = |name: &str, kind: &str| json!({ "name": name, "type": kind, "multiValued": false, "required": false });
    let with = |name: &str, key: &str, value: &str| {
        let mut attribute = attribute(name, "string");
        attribute[key] = value.into();
        attribute
    };
    let mut tags = attribute("tags", "string");
    tags["multiValued"] = true.into();
    let mut exact = attribute("exact", "string");
    exact["caseExact"] = true.into();
    let mut doors = attribute("doors", "complex");
    doors["multiValued"] = true.into();
    doors["subAttributes"] =
        json!([attribute("value", "string"), attribute("floor", "integer"), attribute("open", "boolean")]);
    let mut holder = attribute("holder", "complex");
    holder["subAttributes"] = json!([attribute("since", "dateTime"), attribute("name", "string")]);
    let mut secret = with("secret", "mutability", "writeOnly");
    secret["returned"] = "never".into();
    json!({ "id": BADGE, "name": "Badge", "description": "A badge.", "attributes": [
        attribute("level", "integer"), attribute("weight", "decimal"), attribute("valid", "boolean"),
        attribute("issued", "dateTime"), attribute("photo", "binary"), attribute("link", "reference"), tags, exact, doors, holder,
        secret, with("serial", "mutability", "immutable"), with("maker", "mutability", "readOnly"),
        with("onRequest", "returned", "request"), with("always", "returned", "always"),
    ] })
}

pub(crate) async fn client(declared: Value, database: Database) -> Client {
    let extensions = Extensions::from_json(&declared.to_string()).unwrap();
    Client::of(App::start_with(database, extensions).await).await
}

#[tokio::test]
async fn a_declared_extension_is_served_and_stored() {
    let client = client(badge(), Database::sqlite().await).await;
    let schema = client.get(&format!("/Schemas/{BADGE}")).await;
    assert_eq!((schema.status, &schema.body["name"]), (200, &json!("Badge")));
    let extensions = client.get("/ResourceTypes/User").await.body["schemaExtensions"].clone();
    assert!(
        extensions.as_array().unwrap().contains(&json!({ "schema": BADGE, "required": false })),
        "{extensions}"
    );
    let values = json!({
        "level": 3, "weight": 1.5, "valid": false, "issued": "2020-01-01T00:00:00+02:00", "photo": "aGk=", "link": "https://x.example/",
        "tags": ["a", "B"], "doors": [{ "value": "north", "floor": 1, "open": true }], "holder": { "name": "H" }, "always": "x",
    });
    let made = client.user("a", json!({ "schemas": [USER, BADGE], BADGE: values })).await;
    assert_eq!((&made["schemas"], &made[BADGE]), (&json!([USER, BADGE]), &values));
    assert_eq!(client.get(&path_of(&made)).await.body, made);
    for (filter, matches) in [
        ("level ge 3", true),
        ("level gt 3", false),
        ("weight lt 2", true),
        ("valid eq false", true),
        ("tags eq \"b\"", true),
        ("issued eq \"2019-12-31T22:00:00Z\"", true),
        ("doors[floor eq 1 and open eq true]", true),
        ("doors[floor eq 2]", false),
    ] {
        let found = client.names(&format!("/Users?filter={BADGE}:{filter}")).await;
        assert_eq!(!found.is_empty(), matches, "{filter}");
    }
}

#[tokio::test]
async fn a_declared_extension_is_checked_and_patched() {
    let client = client(badge(), Database::sqlite().await).await;
    for wrong in [
        json!({ "level": 1.5 }),
        json!({ "valid": "x" }),
        json!({ "doors": [{ "floor": "1" }] }),
        json!({ "photo": "§" }),
    ] {
        refused(&client.post("/Users", user("w", json!({ BADGE: wrong }))).await, 400, Some("invalidValue"));
    }
    let path = path_of(&client.user("a", json!({})).await);
    let operations = json!([
        { "op": "add", "path": format!("{BADGE}:level"), "value": 7 },
        { "op": "add", "path": format!("{BADGE}:doors"), "value": [{ "value": "north", "floor": 1 }, { "value": "south", "floor": 2 }] },
        { "op": "replace", "path": format!("{BADGE}:doors[floor eq 2].value"), "value": "west" },
        { "op": "add", "value": { format!("{BADGE}:exact"): "Ab" } },
    ]);
    let patched = client.patch(&path, operations).await.body;
    let doors = json!([{ "value": "north", "floor": 1 }, { "value": "west", "floor": 2 }]);
    assert_eq!(patched[BADGE], json!({ "level": 7, "doors": doors, "exact": "Ab" }));
    let removed = client.patch(&path, json!([{ "op": "remove", "path": BADGE }])).await.body;
    assert_eq!((&removed["schemas"], removed.get(BADGE)), (&json!([USER]), None));
}

#[tokio::test]
async fn a18_a_required_extension_must_be_there() {
    let client = client(json!({ "schema": badge(), "required": true }), Database::sqlite().await).await;
    refused(&client.post("/Users", user("a", json!({}))).await, 400, Some("invalidValue"));
    let path = path_of(&client.user("a", json!({ BADGE: { "level": 1 } })).await);
    refused(&client.put(&path, user("a", json!({}))).await, 400, Some("invalidValue"));
    let gone = client.patch(&path, json!([{ "op": "remove", "path": BADGE }])).await;
    assert_eq!(gone.status, 400, "{}", gone.body);
}

#[tokio::test]
async fn a20_a21_g5_characteristics_are_kept() {
    let client = client(badge(), Database::sqlite().await).await;
    let sent = json!({ "serial": "1", "maker": "mine", "secret": "s3cret", "onRequest": "r", "always": "x", "level": 1 });
    let made = client.user("a", json!({ BADGE: sent })).await;
    let path = path_of(&made);
    assert!(made[BADGE].get("maker").is_none() && !made.to_string().contains("s3cret"));
    let read = client.get(&path).await.body;
    assert_eq!(read[BADGE], json!({ "serial": "1", "always": "x", "level": 1 }));
    let asked = client.get(&format!("{path}?attributes={BADGE}:onRequest,{BADGE}:secret")).await.body;
    assert_eq!(asked[BADGE], json!({ "onRequest": "r", "always": "x" }));
    let change =
        |name: &str| json!([{ "op": "replace", "path": format!("{BADGE}:{name}"), "value": "other" }]);
    refused(&client.patch(&path, change("serial")).await, 400, Some("mutability"));
    refused(&client.patch(&path, change("maker")).await, 400, Some("mutability"));
    refused(
        &client.put(&path, user("a", json!({ BADGE: { "serial": "2" } }))).await,
        400,
        Some("mutability"),
    );
    assert_eq!(
        client.put(&path, user("a", json!({ BADGE: { "level": 2 } }))).await.body[BADGE]["serial"],
        "1"
    );
}
