//! Tests of PATCH (RFC 7644 §3.5.2); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

mod clients;
mod examples;
mod members;
mod operations;
mod properties;
mod removals;
mod work;

use serde_json::{Value, json};

use super::*;
use crate::scim::schema::ResourceType;
use crate::scim::testing::{group, object, user};
use crate::scim::{Error, ScimType, urn};

pub(super) fn body(operations: Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

pub(super) fn read(
    resource_type: &ResourceType,
    operations: Value,
    profile: Profile,
) -> Result<Patch, Error> {
    Patch::parse(resource_type, &body(operations), profile)
}

/// Carries out `operations` on `resource`; the change, and the resource without `schemas`.
pub(super) fn run(
    resource_type: &ResourceType,
    resource: Value,
    operations: Value,
    profile: Profile,
) -> Result<(bool, Value), Error> {
    let mut resource = object(resource);
    let before = resource.clone();
    let result = read(resource_type, operations, profile)?.apply(resource_type, &mut resource);
    if result != Ok(true) {
        assert_eq!(resource, before, "an error, or no change, leaves the resource alone");
    }
    resource.remove("schemas");
    Ok((result?, Value::Object(resource)))
}

/// The user `resource` after `operations` under the generic profile.
pub(super) fn patched(resource: Value, operations: Value) -> Value {
    run(&user(), resource, operations, Profile::Generic).unwrap().1
}

pub(super) fn refused(resource: Value, operations: Value) -> ScimType {
    let error =
        run(&user(), resource, operations.clone(), Profile::Generic).expect_err(&operations.to_string());
    assert!(error.operation.is_some(), "{error}");
    error.scim_type.unwrap()
}

#[test]
fn the_message_is_checked() {
    let bad = [
        json!([]),
        json!({}),
        json!({ "Operations": [{ "op": "add" }] }),
        json!({ "schemas": [urn::PATCH_OP] }),
        json!({ "schemas": [urn::PATCH_OP], "Operations": [] }),
        json!({ "schemas": [urn::PATCH_OP], "Operations": {} }),
        json!({ "schemas": [urn::USER], "Operations": [{ "op": "remove", "path": "title" }] }),
        body(json!([5])),
        body(json!([{ "path": "title", "value": "x" }])),
        body(json!([{ "op": "move", "path": "title" }])),
    ];
    for body in bad {
        let error = Patch::parse(&user(), &body, Profile::Generic).expect_err(&body.to_string());
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}: {error}");
    }
    let any_case = json!({ "SCHEMAS": [urn::PATCH_OP.to_lowercase()], "operations": [{ "OP": "remove", "PATH": "title" }] });
    assert_eq!(Patch::parse(&user(), &any_case, Profile::Generic).unwrap().operations.len(), 1);
}

#[test]
fn too_many_operations_are_a_413() {
    let many = json!(vec![json!({ "op": "remove", "path": "title" }); MAX_OPERATIONS + 1]);
    let error = read(&user(), many, Profile::Generic).unwrap_err();
    assert_eq!(error.status.code(), 413);
}

#[test]
fn bad_operations_are_refused_with_their_index() {
    let cases = [
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": "" }), ScimType::NoTarget),
        (json!({ "op": "add", "path": "title" }), ScimType::InvalidValue),
        (json!({ "op": "replace" }), ScimType::InvalidValue),
        (json!({ "op": "add", "value": "x" }), ScimType::InvalidValue),
        (json!({ "op": "add", "path": "a b", "value": 1 }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": 5, "value": 1 }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": "title[value eq \"x\"]", "value": 1 }), ScimType::InvalidPath),
        (json!({ "op": "add", "path": "emails[type eq", "value": 1 }), ScimType::InvalidFilter),
        (json!({ "op": "add", "path": "emails[primary gt true]", "value": {} }), ScimType::InvalidFilter),
        (json!({ "op": "add", "path": "emails[nope eq 1]", "value": {} }), ScimType::InvalidFilter),
        (json!({ "op": "remove", "path": urn::USER }), ScimType::NoTarget),
    ];
    for (operation, expected) in cases {
        let operations = json!([{ "op": "remove", "path": "title" }, operation]);
        let error = read(&user(), operations.clone(), Profile::Generic).expect_err(&operations.to_string());
        assert_eq!((error.scim_type, error.operation), (Some(expected), Some(1)), "{operations}: {error}");
        assert!(error.detail.starts_with("Operations[1]: "), "{error}");
    }
}

/// S11: one rule, wherever an unknown attribute stands.
#[test]
fn unknown_attributes_are_left_out_and_told() {
    let whole = urn::USER;
    let cases = [
        (json!({ "op": "add", "value": { "shoeSize": 4 } }), "shoeSize"),
        (json!({ "op": "add", "path": "shoeSize", "value": 4 }), "shoeSize"),
        (json!({ "op": "remove", "path": "emails.nope" }), "emails.nope"),
        (json!({ "op": "replace", "path": "urn:example:2.0:User:a", "value": 4 }), "urn:example:2.0:User:a"),
        (json!({ "op": "replace", "path": "nope[type eq \"x\"]", "value": 4 }), "nope"),
        (json!({ "op": "add", "value": { "urn:example:2.0:User": { "a": 1 } } }), "urn:example:2.0:User"),
        (
            json!({ "op": "add", "value": { whole: { "nope": 1 } } }),
            "urn:ietf:params:scim:schemas:core:2.0:User:nope",
        ),
        (json!({ "op": "add", "path": "emails", "value": [{ "value": "x", "nope": 1 }] }), "emails.nope"),
    ];
    for (operation, name) in cases {
        let operations = json!([operation, { "op": "replace", "path": "active", "value": false }]);
        let patch = read(&user(), operations.clone(), Profile::Generic).unwrap();
        assert_eq!(patch.ignored, [name], "{operation}");
        assert!(patch.rewrites.is_empty(), "{operation}");
        let mut resource = object(json!({ "active": true }));
        assert!(patch.apply(&user(), &mut resource).unwrap());
        assert_eq!(resource["active"], false, "{operation}");
        let strict = read(&user(), operations, Profile::Strict).expect_err(name);
        assert_eq!((strict.status.code(), strict.operation), (400, Some(0)), "{operation}");
    }
}

#[test]
fn every_rule_has_a_name_and_a_reason() {
    for rule in Rule::ALL {
        assert!(!rule.name().is_empty() && rule.reason().len() > 30, "{rule:?}");
    }
    assert_eq!(group().name, "Group");
}
