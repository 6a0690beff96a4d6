//! Tests of add, remove and replace, clause by clause (RFC 7644 §3.5.2.1 to §3.5.2.3); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

use serde_json::{Value, json};

use super::{Profile, patched, refused, run};
use crate::scim::testing::{object, probe, user};
use crate::scim::{ScimType, urn};

fn two_emails() -> Value {
    json!({ "emails": [{ "value": "w", "type": "work", "primary": true }, { "value": "h", "type": "home" }] })
}

fn is_unchanged(resource: Value, operations: Value) -> bool {
    let (changed, after) = run(&user(), resource.clone(), operations, Profile::Generic).unwrap();
    assert_eq!(after == resource, !changed, "the answer tells whether it changed");
    !changed
}

#[test]
fn add_sets_single_and_merges_complex() {
    assert_eq!(
        patched(json!({}), json!([{ "op": "add", "path": "title", "value": "T" }])),
        json!({ "title": "T" })
    );
    assert_eq!(
        patched(json!({ "title": "S" }), json!([{ "op": "add", "path": "TITLE", "value": "T" }])),
        json!({ "title": "T" })
    );
    let merged = patched(
        json!({ "name": { "givenName": "G" } }),
        json!([{ "op": "add", "path": "name", "value": { "familyName": "F" } }]),
    );
    assert_eq!(merged, json!({ "name": { "givenName": "G", "familyName": "F" } }));
    let sub = patched(json!({}), json!([{ "op": "add", "path": "name.givenName", "value": "G" }]));
    assert_eq!(sub, json!({ "name": { "givenName": "G" } }));
}

#[test]
fn add_appends_without_doubling() {
    let value = json!([{ "value": "x" }, { "value": "h", "type": "home" }]);
    let after = patched(two_emails(), json!([{ "op": "add", "path": "emails", "value": value }]));
    let mut expected = two_emails();
    expected["emails"].as_array_mut().unwrap().push(json!({ "value": "x" }));
    assert_eq!(after, expected);
    assert!(is_unchanged(
        two_emails(),
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "h", "type": "home" }] }])
    ));
    assert!(is_unchanged(two_emails(), json!([{ "op": "add", "value": two_emails() }])));
}

#[test]
fn a_new_primary_takes_over() {
    let added = patched(
        two_emails(),
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "n", "primary": true }] }]),
    );
    let flags: Vec<_> =
        added["emails"].as_array().unwrap().iter().map(|email| email["primary"].clone()).collect();
    assert_eq!(flags, [json!(false), json!(null), json!(true)]);
    let set = patched(
        two_emails(),
        json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]),
    );
    assert_eq!((&set["emails"][0]["primary"], &set["emails"][1]["primary"]), (&json!(false), &json!(true)));
    let two = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    let refused = run(
        &user(),
        json!({}),
        json!([{ "op": "replace", "path": "emails", "value": two }]),
        Profile::Strict,
    );
    assert_eq!(refused.unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn remove_takes_what_the_path_names() {
    let cases = [
        ("emails", json!({})),
        ("emails[type eq \"work\"]", json!({ "emails": [{ "value": "h", "type": "home" }] })),
        ("emails[value pr]", json!({})),
        ("emails[type eq \"other\"]", two_emails()),
        (
            "emails[type eq \"work\"].primary",
            json!({ "emails": [{ "value": "w", "type": "work" }, { "value": "h", "type": "home" }] }),
        ),
        ("emails.type", json!({ "emails": [{ "value": "w", "primary": true }, { "value": "h" }] })),
        ("title", two_emails()),
    ];
    for (path, expected) in cases {
        assert_eq!(patched(two_emails(), json!([{ "op": "remove", "path": path }])), expected, "{path}");
    }
    let last = json!({ "name": { "givenName": "G" } });
    assert_eq!(
        patched(last, json!([{ "op": "remove", "path": "name.givenName" }])),
        json!({}),
        "an empty parent is unassigned"
    );
}

#[test]
fn replace_is_an_add_where_nothing_is() {
    assert_eq!(
        patched(json!({}), json!([{ "op": "replace", "path": "title", "value": "T" }])),
        json!({ "title": "T" })
    );
    let sub = json!([{ "op": "replace", "path": "name.givenName", "value": "G" }]);
    assert_eq!(patched(json!({}), sub), json!({ "name": { "givenName": "G" } }));
}

#[test]
fn replace_merges_complex_and_replaces_lists() {
    let merged = patched(
        json!({ "name": { "givenName": "G", "familyName": "F" } }),
        json!([{ "op": "replace", "path": "name", "value": { "familyName": "X", "middleName": null } }]),
    );
    assert_eq!(merged, json!({ "name": { "givenName": "G", "familyName": "X" } }));
    let list =
        patched(two_emails(), json!([{ "op": "replace", "path": "emails", "value": [{ "value": "n" }] }]));
    assert_eq!(list, json!({ "emails": [{ "value": "n" }] }));
    let value = patched(
        two_emails(),
        json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "n", "type": "other" } }]),
    );
    assert_eq!(value["emails"][0], json!({ "value": "n", "type": "other" }), "the whole value gives way");
    let kept = patched(
        two_emails(),
        json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "n" } }]),
    );
    assert_eq!(
        kept["emails"][0],
        json!({ "value": "n", "type": "work" }),
        "what selected it stays true of it"
    );
    let all =
        patched(two_emails(), json!([{ "op": "replace", "path": "emails[value pr].display", "value": "D" }]));
    assert!(all["emails"].as_array().unwrap().iter().all(|email| email["display"] == "D"), "all that match");
}

#[test]
fn without_a_match_replace_has_no_target_and_add_makes_it() {
    for path in ["emails[type eq \"spare\"].value", "emails[type eq \"spare\"]", "phoneNumbers.value"] {
        let value = if path.ends_with(']') { json!({ "value": "n" }) } else { json!("n") };
        let operation = |op: &str| json!([{ "op": op, "path": path, "value": value }]);
        assert_eq!(refused(two_emails(), operation("replace")), ScimType::NoTarget, "{path}");
        let added = patched(two_emails(), operation("add"));
        let list = if path.starts_with('e') { &added["emails"][2] } else { &added["phoneNumbers"][0] };
        assert_eq!(list["value"], "n", "{path}");
    }
}

/// S14: a `replace` with sub-attributes leaves the others (RFC 7644 §3.5.2.3), and with none leaves all.
#[test]
fn an_object_without_members_replaces_nothing() {
    let before = || json!({ "name": { "givenName": "G" }, urn::ENTERPRISE_USER: { "manager": { "value": "m" }, "department": "D" } });
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    for op in ["add", "replace", "Replace"] {
        let forms = [
            json!({ "op": op, "path": "name", "value": {} }),
            json!({ "op": op, "value": { "name": {} } }),
            json!({ "op": op, "path": "name", "value": [{}] }),
            json!({ "op": op, "path": "name", "value": { "unknown": 1 } }),
            json!({ "op": op, "path": manager, "value": {} }),
            json!({ "op": op, "path": "manager", "value": {} }),
            json!({ "op": op, "value": { (manager.clone()): {} } }),
            json!({ "op": op, "value": { urn::ENTERPRISE_USER: { "manager": {} } } }),
            json!({ "op": op, "path": urn::ENTERPRISE_USER, "value": {} }),
            json!({ "op": op, "path": "title", "value": {} }),
        ];
        for form in forms {
            let after = run(&user(), before(), json!([form]), Profile::Generic);
            // what cannot be read is refused, and removes nothing either
            assert!(after.is_err() || after.unwrap().1 == before(), "{form}");
        }
    }
    assert!(is_unchanged(before(), json!([{ "op": "replace", "path": "name", "value": {} }])));
}

/// S15: of a list within a value, too, only what is listed goes.
#[test]
fn of_a_list_within_a_value_only_what_is_listed_goes() {
    let registry = crate::scim::schema::Registry::standard().unwrap().with_test_resources().unwrap();
    let resource_type = registry.resource_type("TestResource").unwrap();
    let before = || json!({ "complexValue": { "stringValues": ["x", "y"], "integerValues": [1, 2], "stringValue": "s" } });
    let remove = |path: &str, value: Value| {
        let operations = json!([{ "op": "remove", "path": path, "value": value }]);
        run(resource_type, before(), operations, Profile::Generic)
    };
    let left = |path: &str, value: Value| {
        let after = remove(path, value.clone()).unwrap_or_else(|error| panic!("{path} {value}: {error}")).1;
        after["complexValue"].clone()
    };
    for value in [json!(["zzz"]), json!([]), json!("zzz"), json!({ "stringValues": ["zzz"] })] {
        assert_eq!(left("complexValue.stringValues", value.clone()), before()["complexValue"], "{value}");
    }
    for value in [json!(["x"]), json!("X"), json!({ "stringValues": ["x"] }), json!(["x", "zzz"])] {
        assert_eq!(left("complexValue.stringValues", value.clone())["stringValues"], json!(["y"]), "{value}");
    }
    assert_eq!(left("complexValue.integerValues", json!([2]))["integerValues"], json!([1]));
    assert!(left("complexValue.stringValues", json!(["x", "y"])).get("stringValues").is_none());
    for value in [json!(null), json!(""), json!([null]), json!([5]), json!({}), json!([["x"]])] {
        let refused = remove("complexValue.stringValues", value.clone()).map_err(|error| error.scim_type);
        assert_eq!(refused, Err(Some(ScimType::InvalidValue)), "{value}");
    }
    let part = left("complexValue", json!({ "stringValues": ["x"], "stringValue": "other" }));
    assert_eq!(part, json!({ "stringValues": ["y"], "integerValues": [1, 2], "stringValue": "s" }));
}

/// S16: the value keeps what the filter says of it, in every form; to the letter it is replaced as a whole.
#[test]
fn a_replaced_value_is_still_what_selected_it() {
    let path = "emails[type eq \"work\" and primary eq true]";
    let forms = [
        json!({ "op": "replace", "path": path, "value": { "value": "n" } }),
        json!({ "op": "Replace", "path": path, "value": [{ "value": "n" }] }),
        json!({ "op": "replace", "path": path, "value": "n" }),
        json!({ "op": "replace", "value": { (path): { "value": "n" } } }),
    ];
    for form in forms {
        let after = patched(two_emails(), json!([form]));
        assert_eq!(after["emails"][0], json!({ "value": "n", "type": "work", "primary": true }), "{form}");
    }
    let strict = json!([{ "op": "replace", "path": path, "value": { "value": "n" } }]);
    let after = run(&user(), two_emails(), strict, Profile::Strict).unwrap().1;
    assert_eq!(after["emails"][0], json!({ "value": "n" }));
}

/// S17: the service provider keeps `schemas`, and an operation on it is refused unless it asks for what is so.
#[test]
fn schemas_cannot_be_patched() {
    let before = || json!({ urn::ENTERPRISE_USER: { "department": "D" } });
    let department = json!({ "op": "remove", "path": format!("{}:department", urn::ENTERPRISE_USER) });
    let refusals = [
        json!([{ "op": "add", "path": "schemas", "value": ["urn:example:other"] }]),
        json!([{ "op": "replace", "path": "schemas", "value": [urn::USER] }]),
        json!([{ "op": "remove", "path": "schemas" }]),
        json!([{ "op": "remove", "path": "schemas", "value": [urn::ENTERPRISE_USER] }]),
        json!([{ "op": "remove", "path": format!("schemas[value eq \"{}\"]", urn::ENTERPRISE_USER) }]),
        json!([{ "op": "add", "path": "schemas", "value": [urn::ENTERPRISE_USER] }, department]),
    ];
    for operations in refusals {
        assert_eq!(refused(before(), operations.clone()), ScimType::Mutability, "{operations}");
    }
    let allowed = [
        json!([{ "op": "add", "path": "schemas", "value": [urn::ENTERPRISE_USER] }]),
        json!([{ "op": "replace", "path": "schemas", "value": [urn::ENTERPRISE_USER, urn::USER] }]),
        json!([{ "op": "remove", "path": "schemas", "value": ["urn:example:other"] }]),
        json!([{ "op": "replace", "path": "schemas", "value": [urn::USER] }, department]),
    ];
    for operations in allowed {
        let after = run(&user(), before(), operations.clone(), Profile::Generic);
        assert!(after.is_ok(), "{operations}: {after:?}");
    }
}

#[test]
fn null_clears() {
    let name = json!({ "name": { "givenName": "G", "familyName": "F" }, "title": "T" });
    let operations = json!([{ "op": "replace", "path": "title", "value": null }, { "op": "replace", "path": "name", "value": { "givenName": null } }]);
    assert_eq!(patched(name.clone(), operations), json!({ "name": { "familyName": "F" } }));
    assert!(is_unchanged(name, json!([{ "op": "add", "path": "title", "value": null }])), "adding nothing");
    assert_eq!(patched(two_emails(), json!([{ "op": "replace", "path": "emails", "value": [] }])), json!({}));
}

#[test]
fn mutability_is_kept() {
    let cases = [
        json!({ "op": "replace", "path": "id", "value": "2" }),
        json!({ "op": "remove", "path": "meta" }),
        json!({ "op": "add", "path": "groups", "value": [{ "value": "g" }] }),
        json!({ "op": "remove", "path": "userName" }),
        json!({ "op": "replace", "path": "userName", "value": null }),
        json!({ "op": "replace", "path": "meta.version", "value": "2" }),
        json!({ "op": "replace", "path": format!("{}:manager.displayName", urn::ENTERPRISE_USER), "value": "M" }),
    ];
    for operation in cases {
        let kind =
            refused(json!({ "id": "1", "userName": "a", "meta": { "version": "1" } }), json!([operation]));
        assert_eq!(kind, ScimType::Mutability, "{operation}");
    }
    let blank = json!([{ "op": "replace", "path": "userName", "value": "" }]);
    assert_eq!(refused(json!({ "userName": "a" }), blank), ScimType::InvalidValue);
}

#[test]
fn immutable_is_set_once() {
    let apply =
        |resource: Value, operation: Value| run(&probe(), resource, json!([operation]), Profile::Generic);
    let add = json!({ "op": "add", "path": "fixed", "value": "A" });
    assert_eq!(apply(json!({}), add.clone()).unwrap().1, json!({ "fixed": "A" }));
    assert!(!apply(json!({ "fixed": "A" }), add.clone()).unwrap().0, "the same value changes nothing");
    let serial = json!({ "op": "replace", "path": "badge.serial", "value": "2" });
    assert_eq!(apply(json!({}), serial.clone()).unwrap().1, json!({ "badge": { "serial": "2" } }));
    let set = json!({ "fixed": "B", "badge": { "serial": "1" } });
    for operation in [
        add,
        serial,
        json!({ "op": "remove", "path": "fixed" }),
        json!({ "op": "remove", "path": "badge.serial" }),
    ] {
        let error = apply(set.clone(), operation.clone()).expect_err(&operation.to_string());
        assert_eq!(error.scim_type, Some(ScimType::Mutability), "{operation}");
    }
}

#[test]
fn extensions_come_and_go_in_schemas() {
    let department = format!("{}:department", urn::ENTERPRISE_USER);
    let mut resource = object(json!({ "schemas": [urn::USER], "userName": "a" }));
    let mut apply = |operations: Value| {
        let patch = super::read(&user(), operations, Profile::Generic).unwrap();
        assert!(patch.apply(&user(), &mut resource).unwrap());
        (resource["schemas"].clone(), resource.get(urn::ENTERPRISE_USER).cloned())
    };
    let both = json!([urn::USER, urn::ENTERPRISE_USER]);
    let added = apply(json!([{ "op": "add", "path": department, "value": "D" }]));
    assert_eq!(added, (both.clone(), Some(json!({ "department": "D" }))));
    assert_eq!(apply(json!([{ "op": "remove", "path": department }])), (json!([urn::USER]), None));
    let whole = json!({ "department": "E", "costCenter": "C" });
    let added = apply(json!([{ "op": "add", "path": urn::ENTERPRISE_USER, "value": whole }]));
    assert_eq!(added, (both.clone(), Some(whole.clone())));
    let replaced =
        apply(json!([{ "op": "replace", "value": { urn::ENTERPRISE_USER: { "costCenter": "X" } } }]));
    assert_eq!(replaced, (both, Some(json!({ "department": "E", "costCenter": "X" }))));
    assert_eq!(apply(json!([{ "op": "remove", "path": urn::ENTERPRISE_USER }])), (json!([urn::USER]), None));
}

#[test]
fn an_extension_has_its_required_attributes_or_is_gone() {
    let attribute = |name: &str, required: bool| json!({ "name": name, "type": "string", "multiValued": false, "required": required });
    let schema = json!({ "id": "urn:example:badge", "attributes": [attribute("number", true), attribute("colour", false)] });
    let registry = crate::scim::testing::registry().with_extension("User", &schema, false).unwrap();
    let user = registry.resource_type("User").unwrap();
    let run = |resource: Value, operation: Value| run(user, resource, json!([operation]), Profile::Generic);
    let part = json!({ "op": "add", "path": "urn:example:badge:colour", "value": "red" });
    assert_eq!(run(json!({}), part).unwrap_err().scim_type, Some(ScimType::InvalidValue));
    let full = json!({ "urn:example:badge": { "number": "7", "colour": "red" } });
    let number = json!({ "op": "remove", "path": "urn:example:badge:number" });
    assert_eq!(run(full.clone(), number).unwrap_err().scim_type, Some(ScimType::Mutability));
    assert_eq!(run(full, json!({ "op": "remove", "path": "urn:example:badge" })).unwrap().1, json!({}));
    assert!(!run(json!({}), json!({ "op": "replace", "value": { "urn:example:badge": null } })).unwrap().0);
}

#[test]
fn operations_run_in_order_and_all_or_none() {
    let operations = json!([
        { "op": "add", "path": "title", "value": "A" }, { "op": "replace", "path": "title", "value": "B" },
        { "op": "add", "path": "emails", "value": [{ "value": "x", "type": "other" }] },
        { "op": "replace", "path": "emails[type eq \"other\"].value", "value": "y" },
    ]);
    assert_eq!(
        patched(json!({}), operations),
        json!({ "title": "B", "emails": [{ "value": "y", "type": "other" }] })
    );
    let failing = json!([{ "op": "add", "path": "title", "value": "A" }, { "op": "remove", "path": "id" }]);
    let error = run(&user(), json!({ "id": "1" }), failing, Profile::Generic).unwrap_err();
    assert_eq!((error.scim_type, error.operation), (Some(ScimType::Mutability), Some(1)));
}

#[test]
fn wrong_kinds_of_value_are_refused() {
    let cases = [
        json!({ "op": "add", "path": "title", "value": 5 }),
        json!({ "op": "replace", "path": "active", "value": "maybe" }),
        json!({ "op": "replace", "path": "name", "value": 5 }),
        json!({ "op": "replace", "path": "name", "value": "G F" }),
        json!({ "op": "add", "path": "emails", "value": 5 }),
        json!({ "op": "replace", "path": "title", "value": ["a", "b"] }),
        json!({ "op": "add", "path": urn::ENTERPRISE_USER, "value": "x" }),
    ];
    for operation in cases {
        assert_eq!(refused(json!({}), json!([operation])), ScimType::InvalidValue, "{operation}");
    }
}
