//! Tests of taking resources in (RFC 7644 §3.3, §3.5.1); floor `scim`.

mod projection;

use serde_json::{Value, json};

use super::*;
use crate::scim::testing::{PROBE, group, object, probe, user};
use crate::scim::{Error, ScimType, urn};

fn accept(resource_type: &ResourceType, body: &Value) -> Result<Object, Error> {
    Incoming::read(resource_type, body)?.create()
}

fn with_schemas(mut body: Value) -> Value {
    body["schemas"] = json!([urn::USER]);
    body
}

fn create(body: Value) -> Result<Object, Error> {
    accept(&user(), &with_schemas(body))
}

fn probe_of(mut body: Value) -> Result<Value, Error> {
    body["schemas"] = json!([PROBE]);
    Ok(Value::Object(accept(&probe(), &body)?))
}

fn invalid(result: Result<Object, Error>, kind: ScimType, words: &str) {
    let error = result.expect_err(words);
    assert_eq!(error.scim_type, Some(kind), "{error}");
    assert!(error.detail.contains(words), "{error} lacks {words:?}");
}

#[test]
fn names_are_brought_into_their_spelling() {
    let body = json!({ "USERNAME": "a", "Name": { "GIVENNAME": "G" }, "emails": [{ "VALUE": "x", "Primary": true }] });
    let expected = json!({
        "schemas": [urn::USER], "userName": "a", "name": { "givenName": "G" }, "emails": [{ "value": "x", "primary": true }],
    });
    assert_eq!(Value::Object(create(body).unwrap()), expected);
}

#[test]
fn read_only_is_dropped_and_unknown_is_reported() {
    let body = json!({
        "userName": "a", "id": "mine", "meta": { "version": "1" }, "groups": [{ "value": "g" }], "shoeSize": 5,
        "name": { "nick": "x" }, urn::ENTERPRISE_USER: { "floor": 3, "manager": { "value": "m", "displayName": "M" } },
        "urn:example:unknown": { "a": 1 }, "department": "outside its URN",
    });
    let (body, user) = (with_schemas(body), user());
    let incoming = Incoming::read(&user, &body).unwrap();
    let mut ignored = incoming.ignored().to_vec();
    let expected = json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER], "userName": "a", urn::ENTERPRISE_USER: { "manager": { "value": "m" } },
    });
    assert_eq!(Value::Object(incoming.create().unwrap()), expected);
    ignored.sort();
    let floor = format!("{}:floor", urn::ENTERPRISE_USER);
    assert_eq!(ignored, ["department", "name.nick", "shoeSize", "urn:example:unknown", floor.as_str()]);
}

#[test]
fn null_and_empty_are_unassigned() {
    let body = json!({
        "userName": "a", "title": null, "emails": [], "roles": [null], "name": { "givenName": null },
        urn::ENTERPRISE_USER.to_uppercase(): { "department": null }, "addresses": [{}],
    });
    assert_eq!(Value::Object(create(body).unwrap()), json!({ "schemas": [urn::USER], "userName": "a" }));
}

#[test]
fn schemas_hold_the_base_and_nothing_foreign() {
    let sent = |schemas: Value| accept(&user(), &json!({ "schemas": schemas, "userName": "a" }));
    invalid(sent(json!([])), ScimType::InvalidValue, "schemas is required");
    let body = json!({ "schemas": [urn::GROUP, urn::USER], "userName": "a" });
    let user_type = user();
    let foreign = Incoming::read(&user_type, &body).unwrap();
    assert_eq!(foreign.ignored(), [urn::GROUP]);
    invalid(foreign.require_known().map(|()| Object::new()), ScimType::InvalidValue, urn::GROUP);
    let unknown = json!({ "schemas": [urn::USER], "userName": "a", "shoeSize": 4 });
    let unknown = Incoming::read(&user_type, &unknown).unwrap().require_known();
    invalid(unknown.map(|()| Object::new()), ScimType::InvalidSyntax, "shoeSize");
    invalid(sent(json!([urn::ENTERPRISE_USER])), ScimType::InvalidValue, "must hold the base schema");
    invalid(sent(json!([5])), ScimType::InvalidValue, "a number");
    invalid(accept(&user(), &json!({ "userName": "a" })), ScimType::InvalidValue, "schemas is required");
    assert!(sent(json!([urn::USER.to_uppercase()])).is_ok());
    let unused = sent(json!([urn::USER, urn::ENTERPRISE_USER])).unwrap();
    assert_eq!(unused["schemas"], json!([urn::USER]), "schemas tell what the resource holds");
}

#[test]
fn types_are_checked() {
    let good = json!({
        "text": "", "flag": false, "size": -5, "ratio": 1.5, "moment": "2020-01-01T00:00:00Z", "blob": "aGk", "link": "../x",
        "tags": ["a"], "badge": { "colour": "red" },
    });
    let mut expected = good.clone();
    expected["schemas"] = json!([PROBE]);
    assert_eq!(probe_of(good).unwrap(), expected);
    let bad = [
        json!({ "text": 5 }),
        json!({ "flag": "true" }),
        json!({ "size": 1.0 }),
        json!({ "size": "1" }),
        json!({ "ratio": "1" }),
        json!({ "moment": "today" }),
        json!({ "moment": 5 }),
        json!({ "blob": "§" }),
        json!({ "link": "a b" }),
        json!({ "tags": "a" }),
        json!({ "tags": [1] }),
        json!({ "text": ["a"] }),
        json!({ "badge": "x" }),
        json!({ "badge": [{ "colour": "red" }] }),
        json!({ "badge": { "colour": { "a": "b" } } }),
        json!({ "text": { "a": 1 } }),
    ];
    for body in bad {
        let name = body.as_object().unwrap().keys().next().unwrap().clone();
        let error = probe_of(body.clone()).expect_err(&body.to_string());
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{body}");
        assert!(error.detail.contains(&name), "{body}: {error}");
    }
}

#[test]
fn an_error_never_repeats_the_value() {
    let error = create(json!({ "userName": "a", "password": ["hunter2", "x"] })).unwrap_err();
    assert!(error.detail.contains("password") && !error.detail.contains("hunter2"), "{error}");
}

#[test]
fn required_attributes_have_a_value() {
    for body in [json!({}), json!({ "userName": null }), json!({ "userName": "" })] {
        invalid(create(body), ScimType::InvalidValue, "userName is required");
    }
    let unnamed = json!({ "schemas": [urn::GROUP], "members": [] });
    invalid(accept(&group(), &unnamed), ScimType::InvalidValue, "displayName is required");
    invalid(accept(&user(), &json!([1])), ScimType::InvalidSyntax, "a list");
}

#[test]
fn one_value_at_most_is_primary_and_none_stands_twice() {
    let two = json!({ "userName": "a", "emails": [{ "value": "x", "primary": true }, { "value": "y", "primary": true }] });
    invalid(create(two), ScimType::InvalidValue, "emails has 2 values");
    let twice = json!({ "userName": "a", "emails": [{ "value": "x" }, { "VALUE": "x" }] });
    assert_eq!(create(twice).unwrap()["emails"], json!([{ "value": "x" }]));
}

#[test]
fn qualified_names_are_put_in_place() {
    let body = json!({ format!("{}:userName", urn::USER): "a", format!("{}:department", urn::ENTERPRISE_USER): "IT" });
    let resource = create(body).unwrap();
    assert_eq!(resource["userName"], "a");
    assert_eq!(resource[urn::ENTERPRISE_USER], json!({ "department": "IT" }));
}

fn replace(current: Value, mut body: Value) -> Result<Object, Error> {
    body["schemas"] = json!([PROBE]);
    Incoming::read(&probe(), &body)?.replace(&object(current))
}

#[test]
fn a_replacement_leaves_read_only_values() {
    let current = json!({ "id": "1", "made": "us", "text": "old", "meta": { "version": "1" } });
    let resource = replace(current, json!({ "made": "them", "id": "2" })).unwrap();
    let expected = json!({ "schemas": [PROBE], "id": "1", "made": "us", "meta": { "version": "1" } });
    assert_eq!(Value::Object(resource), expected);
}

#[test]
fn immutable_values_must_match() {
    let fixed = json!({ "fixed": "A", "badge": { "serial": "1", "colour": "red" } });
    invalid(replace(fixed.clone(), json!({ "fixed": "B" })), ScimType::Mutability, "fixed is immutable");
    invalid(
        replace(fixed.clone(), json!({ "badge": { "serial": "2" } })),
        ScimType::Mutability,
        "badge.serial",
    );
    let kept = replace(fixed.clone(), json!({ "text": "x" })).unwrap();
    assert_eq!(kept["fixed"], "A", "not repeated is not changed");
    let same = replace(fixed, json!({ "fixed": "a", "badge": { "serial": "1", "colour": "blue" } })).unwrap();
    assert_eq!((&same["fixed"], &same["badge"]["colour"]), (&json!("A"), &json!("blue")));
    assert_eq!(replace(json!({}), json!({ "fixed": "new" })).unwrap()["fixed"], "new", "unset may be set");
}

#[test]
fn parts_that_a_client_cannot_write_stay() {
    let current = json!({ "badge": { "serial": "1", "maker": "M", "colour": "red" } });
    let badge = replace(current.clone(), json!({ "badge": { "colour": "blue" } })).unwrap()["badge"].clone();
    assert_eq!(badge, json!({ "serial": "1", "maker": "M", "colour": "blue" }));
    assert_eq!(replace(current, json!({})).unwrap().get("badge"), None, "the whole may go");
    let manager = |id: &str, name: Option<&str>| {
        let manager =
            name.map_or_else(|| json!({ "value": id }), |name| json!({ "value": id, "displayName": name }));
        json!({ "schemas": [urn::USER], "userName": "a", urn::ENTERPRISE_USER: { "manager": manager } })
    };
    let current = object(manager("1", Some("One")));
    let put = |id: &str| Incoming::read(&user(), &manager(id, None)).unwrap().replace(&current).unwrap();
    assert_eq!(put("1")[urn::ENTERPRISE_USER]["manager"]["displayName"], "One");
    assert_eq!(
        put("2")[urn::ENTERPRISE_USER]["manager"],
        json!({ "value": "2" }),
        "another's name is not theirs"
    );
}

#[test]
fn a_required_extension_must_be_there() {
    let schema = json!({ "id": "urn:example:badge", "attributes": [
        { "name": "number", "type": "string", "multiValued": false, "required": true },
        { "name": "colour", "type": "string", "multiValued": false } ] });
    let registry = crate::scim::testing::registry().with_extension("User", &schema, true).unwrap();
    let user = registry.resource_type("User").unwrap();
    let sent =
        |badge: Value| accept(user, &with_schemas(json!({ "userName": "a", "urn:example:badge": badge })));
    invalid(sent(json!(null)), ScimType::InvalidValue, "extension urn:example:badge is required");
    invalid(sent(json!({ "colour": "red" })), ScimType::InvalidValue, "urn:example:badge:number is required");
    assert_eq!(sent(json!({ "number": "7" })).unwrap()["schemas"], json!([urn::USER, "urn:example:badge"]));
}
