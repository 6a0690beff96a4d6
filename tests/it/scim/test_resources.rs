//! `/TestResources`: a type that is a declaration, with every data type and characteristic (A6 to A9, A19 to A22, G2 to G5).

use std::collections::BTreeSet;

use roster::{
    gateway::scim,
    scim::schema::{Attribute, ResourceType, Returned},
};
use serde_json::json;

use super::*;

pub(crate) const TEST: &str = "urn:roster:params:scim:schemas:test:2.0:TestResource";
const EXTENSION: &str = "urn:roster:params:scim:schemas:extension:test:2.0:TestResource";

crate::storage::on_both_databases! {
    every_value_is_kept_and_given_back;
    writes_obey_mutability;
    answers_obey_returned;
    unique_values_belong_to_one_resource;
}

pub(super) async fn client(database: Database) -> Client {
    Client::of(App::start_with_test_resources(database).await).await
}

/// The body of a resource.
pub(crate) fn thing(mut attributes: Value) -> Value {
    attributes["schemas"] = json!([TEST]);
    for name in ["required", "always"] {
        if attributes[name].is_null() {
            attributes[name] = "r".into();
        }
    }
    attributes
}

impl Client {
    pub(super) async fn thing(&self, attributes: Value) -> Value {
        let made = self.post("/TestResources", thing(attributes)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }
}

/// The paths of all attributes and parts that somebody may read.
pub(crate) fn readable(resource_type: &ResourceType) -> Vec<String> {
    let is_readable = |attribute: &Attribute| attribute.returned != Returned::Never;
    let all = resource_type.all_attributes().filter(|found| is_readable(found.attribute));
    let paths = all.flat_map(|found| {
        let subs = found.attribute.sub_attributes.iter().filter(|sub| is_readable(sub));
        let subs: Vec<_> = subs.map(|sub| format!("{}.{}", found.canonical(), sub.name)).collect();
        [found.canonical()].into_iter().chain(subs)
    });
    paths.collect()
}

#[tokio::test]
async fn they_are_there_when_asked_for_alone() {
    let client = Client::start().await;
    refused(&client.get("/TestResources").await, 404, None);
    refused(&client.get("/ResourceTypes/TestResource").await, 404, None);
    refused(&client.get(&format!("/Schemas/{TEST}")).await, 404, None);
}

#[tokio::test]
async fn the_schema_has_every_kind_of_attribute() {
    let client = client(Database::sqlite().await).await;
    let resource_type = client.get("/ResourceTypes/TestResource").await.body;
    assert_eq!(
        (&resource_type["endpoint"], &resource_type["schema"]),
        (&json!("/TestResources"), &json!(TEST))
    );
    let schema = client.get(&format!("/Schemas/{TEST}")).await.body;
    let attributes = schema["attributes"].as_array().unwrap();
    let subs = |is_list: bool| {
        let complex = attributes.iter().find(|one| one["type"] == "complex" && one["multiValued"] == is_list);
        complex.unwrap()["subAttributes"].as_array().unwrap()
    };
    for (place, list) in [("itself", attributes), ("complex", subs(false)), ("list of complex", subs(true))] {
        let values = |name: &str| -> BTreeSet<_> {
            list.iter().map(|one| one[name].as_str().unwrap_or_default().to_owned()).collect()
        };
        let expect = |name: &str, words: &str| {
            let missing: Vec<_> = words.split(' ').filter(|word| !values(name).contains(*word)).collect();
            assert!(missing.is_empty(), "{place}: {name} lacks {missing:?}");
        };
        expect("type", "string boolean decimal integer dateTime binary reference");
        expect("mutability", "readWrite readOnly immutable writeOnly");
        expect("returned", "always never default request");
        expect("uniqueness", "none server global");
        assert!(
            [true, false].iter().all(|exact| list.iter().any(|one| one["caseExact"] == *exact)),
            "{place}"
        );
        assert!(list.iter().any(|one| one["canonicalValues"].is_array()), "{place}");
        assert!(list.iter().all(|one| one["description"].as_str().is_some_and(|text| !text.is_empty())));
    }
    assert!(attributes.iter().any(|one| one["required"] == true));
    for kind in ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"] {
        let of_kind =
            |is_list: bool| attributes.iter().any(|one| one["type"] == kind && one["multiValued"] == is_list);
        assert!(of_kind(true) && of_kind(false), "{kind} is to be there alone and in lists");
    }
}

fn simple() -> Value {
    json!({
        "stringValue": "Text", "booleanValue": false, "decimalValue": 1.5, "integerValue": -7,
        "dateTimeValue": "2020-02-29T12:00:00.5+02:00", "binaryValue": "aGk=", "referenceValue": "https://x.example/",
    })
}

async fn every_value_is_kept_and_given_back(database: Database) {
    let client = client(database).await;
    let mut sent = simple();
    for (name, value) in simple().as_object().unwrap() {
        sent[format!("{name}s")] = json!([value]);
    }
    let mut part = simple();
    part["exact"] = "Ab".into();
    part["suggested"] = "three".into();
    sent["complexValues"] =
        json!([part, { "value": "v", "type": "work", "primary": true, "$ref": "../Users/1" }]);
    part["stringValues"] = json!(["a", "b"]);
    sent["complexValue"] = part;
    sent[EXTENSION] = json!({ "note": "n", "level": 3 });
    sent["externalId"] = "E".into();
    let made = client.post("/TestResources", thing(sent.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&made.body[name], value, "{name}");
    }
    assert_eq!(made.body["schemas"], json!([TEST, EXTENSION]));
    assert_eq!(made.body["meta"]["resourceType"], "TestResource");
    assert_eq!(made.headers["location"].to_str().unwrap(), made.body["meta"]["location"].as_str().unwrap());
    assert_eq!(made.headers["etag"].to_str().unwrap(), made.body["meta"]["version"].as_str().unwrap());
    let path = path_of(&made.body);
    assert_eq!(client.get(&path).await.body, made.body);
    let tag = made.headers["etag"].to_str().unwrap();
    assert_eq!(client.raw("GET", &path, &[("if-none-match", tag)], None).await.status, 304);
    let put = client.put(&path, thing(json!({ "stringValue": "T2" }))).await;
    assert_eq!(
        (put.status, &put.body["stringValue"], put.body.get("complexValue")),
        (200, &json!("T2"), None)
    );
    assert_eq!(client.raw("DELETE", &path, &[("if-match", tag)], None).await.status, 412);
    assert_eq!(client.delete(&path).await.status, 204);
    for method in ["GET", "DELETE"] {
        refused(&client.raw(method, &path, &[], None).await, 404, None);
    }
    refused(&client.put(&path, thing(json!({}))).await, 404, None);
}

async fn writes_obey_mutability(database: Database) {
    let client = client(database).await;
    let sent = json!({ "immutable": "i", "readOnly": "mine", "writeOnly": "w", "immutableValues": ["a"],
        "complexValue": { "immutable": "i", "readOnly": "mine", "stringValue": "s" } });
    let made = client.thing(sent).await;
    let path = path_of(&made);
    assert_eq!(
        (made.get("readOnly"), &made["complexValue"]),
        (None, &json!({ "immutable": "i", "stringValue": "s" }))
    );
    for wrong in [json!({ "immutable": "j" }), json!({ "complexValue": { "immutable": "j" } })] {
        refused(&client.put(&path, thing(wrong)).await, 400, Some("mutability"));
    }
    let kept = client.put(&path, thing(json!({ "immutable": "i", "readOnly": "x" }))).await;
    assert_eq!((kept.status, &kept.body["immutable"], kept.body.get("readOnly")), (200, &json!("i"), None));
    for (op, target) in [
        ("replace", "immutable"),
        ("remove", "immutable"),
        ("add", "readOnly"),
        ("remove", "immutableValues"),
        ("add", "complexValue.readOnly"),
        ("add", "readOnlyComplex.value"),
        ("add", "immutableValues"),
    ] {
        let value = if target == "immutableValues" { json!(["b"]) } else { json!("z") };
        let mut change = json!([{ "op": op, "path": target }]);
        if op != "remove" {
            change[0]["value"] = value;
        }
        refused(&client.patch(&path, change).await, 400, Some("mutability"));
    }
    let fresh = path_of(&client.thing(json!({})).await);
    let once = client.patch(&fresh, json!([{ "op": "add", "path": "immutable", "value": "once" }])).await;
    assert_eq!((once.status, &once.body["immutable"]), (200, &json!("once")));
    refused(&client.post("/TestResources", json!({ "schemas": [TEST] })).await, 400, Some("invalidValue"));
    refused(
        &client.post("/TestResources", thing(json!({ "withRequired": { "display": "d" } }))).await,
        400,
        Some("invalidValue"),
    );
}

async fn answers_obey_returned(database: Database) {
    let client = client(database).await;
    let sent = json!({ "always": "a", "never": "n", "onRequest": "r", "writeOnly": "w", "stringValue": "s",
        "onRequestComplex": { "value": "v", "number": 1 }, "complexValue": { "onRequest": "r", "never": "n", "stringValue": "s" } });
    // RFC 7643 §7: returned in response to a write "if the attribute was specified by the client"
    let made = client.thing(sent).await;
    assert_eq!(
        (&made["onRequest"], &made["onRequestComplex"]),
        (&json!("r"), &json!({ "value": "v", "number": 1 }))
    );
    assert_eq!(made["complexValue"], json!({ "onRequest": "r", "stringValue": "s" }));
    assert!(made.get("never").is_none() && made.get("writeOnly").is_none(), "{made}");
    let path = path_of(&made);
    let read = client.get(&path).await.body;
    assert!(read.get("onRequest").is_none() && read["complexValue"].get("onRequest").is_none(), "{read}");
    let asked = client.get(&format!("{path}?attributes=onRequest,never,complexValue.onRequest")).await.body;
    assert_eq!(
        (&asked["onRequest"], &asked["always"], &asked["complexValue"]),
        (&json!("r"), &json!("a"), &json!({ "onRequest": "r" }))
    );
    assert!(asked.get("stringValue").is_none() && asked.get("never").is_none(), "{asked}");
    let excluded = client
        .get(&format!("{path}?excludedAttributes=always,stringValue,complexValue.stringValue"))
        .await
        .body;
    assert_eq!(
        (&excluded["always"], excluded.get("stringValue"), excluded.get("complexValue")),
        (&json!("a"), None, None)
    );
    let patched = client.patch(&path, json!([{ "op": "replace", "path": "onRequest", "value": "q" }, { "op": "add", "path": "stringValue", "value": "t" }])).await.body;
    assert_eq!((&patched["onRequest"], patched.get("onRequestComplex")), (&json!("q"), None));
    let put = client
        .put(
            &format!("{path}?attributes=stringValue"),
            thing(json!({ "onRequest": "p", "stringValue": "u" })),
        )
        .await
        .body;
    assert_eq!((put.get("onRequest"), &put["stringValue"]), (None, &json!("u")));
    let found = client.get(r#"/TestResources?filter=never eq "n""#).await;
    refused(&found, 400, Some("invalidFilter"));
}

async fn unique_values_belong_to_one_resource(database: Database) {
    let client = client(database).await;
    let held = json!({ "uniqueOnServer": "Name", "uniqueGlobally": "Exact", "uniqueNumber": 7, "uniqueValues": ["a", "b"],
        "complexValue": { "uniqueOnServer": "part" }, "complexValues": [{ "uniqueOnServer": "one" }, { "uniqueOnServer": "two" }] });
    let first = path_of(&client.thing(held.clone()).await);
    let second = path_of(&client.thing(json!({})).await);
    for taken in [
        json!({ "uniqueOnServer": "NAME" }),
        json!({ "uniqueGlobally": "Exact" }),
        json!({ "uniqueNumber": 7 }),
        json!({ "uniqueValues": ["c", "B"] }),
        json!({ "complexValue": { "uniqueOnServer": "PART" } }),
        json!({ "complexValues": [{ "uniqueOnServer": "Two" }] }),
    ] {
        let detail = client.post("/TestResources", thing(taken.clone())).await;
        refused(&detail, 409, Some("uniqueness"));
        assert!(detail.body["detail"].as_str().unwrap().contains("nique"), "{}", detail.body);
        refused(&client.put(&second, thing(taken.clone())).await, 409, Some("uniqueness"));
        refused(
            &client.patch(&second, json!([{ "op": "add", "value": taken }])).await,
            409,
            Some("uniqueness"),
        );
    }
    client.thing(json!({ "uniqueGlobally": "exact", "uniqueOnServer": "part" })).await;
    assert_eq!(client.put(&first, thing(held.clone())).await.status, 200, "its own values");
    let freed = client.patch(&first, json!([{ "op": "remove", "path": "uniqueNumber" }])).await;
    assert_eq!(freed.status, 200);
    assert_eq!(
        client.patch(&second, json!([{ "op": "add", "path": "uniqueNumber", "value": 7 }])).await.status,
        200
    );
    assert_eq!(client.delete(&first).await.status, 204);
    let mut again = held;
    again["uniqueNumber"] = 8.into();
    client.thing(again).await;
    let long = "x".repeat(600);
    refused(
        &client.post("/TestResources", thing(json!({ "uniqueOnServer": long }))).await,
        400,
        Some("invalidValue"),
    );
}

/// What an outside suite brings: a type of its own, at a path of its own.
#[tokio::test]
async fn a_declared_type_is_served_in_place_of_ours() {
    let declaration = json!({
        "resourceType": { "name": "Device", "endpoint": "/Devices", "schema": "urn:example:scim:Device" },
        "schemas": [{ "id": "urn:example:scim:Device", "name": "Device", "attributes": [
            { "name": "serial", "type": "string", "multiValued": false, "required": true, "uniqueness": "server" },
            { "name": "tags", "type": "string", "multiValued": true },
        ]}],
    });
    let declaration = scim::Declaration::from_json(&declaration.to_string()).unwrap();
    let client = Client::of(App::start_with_declaration(Database::sqlite().await, declaration).await).await;
    assert!(client.get("/ResourceTypes").await.body.to_string().contains("/Devices"));
    assert_eq!(client.get("/Schemas/urn:example:scim:Device").await.status, 200);
    assert_eq!(client.get("/TestResources").await.status, 404);
    let device =
        |serial: &str| json!({ "schemas": ["urn:example:scim:Device"], "serial": serial, "tags": ["a"] });
    let made = client.post("/Devices", device("s1")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    refused(&client.post("/Devices", device("S1")).await, 409, Some("uniqueness"));
    let path = path_of(&made.body);
    let patched = client.patch(&path, json!([{ "op": "add", "path": "tags", "value": ["b"] }])).await;
    assert_eq!(patched.body["tags"], json!(["a", "b"]));
    assert_eq!(client.get("/Devices?filter=tags%20eq%20%22b%22").await.body["totalResults"], 1);
    assert_eq!(client.delete(&path).await.status, 204);
}
