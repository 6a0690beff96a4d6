//! Nothing goes that a request did not clearly name: every operation in every form, on members, on the lists of a user,
//! and on those of a declared type (RFC 7644 §3.5.2); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MemberOp, Profile, read, run};
use crate::scim::schema::{Registry, ResourceType};
use crate::scim::testing::{group, user};
use crate::scim::{Error, ScimType, urn};

/// What becomes of the members a and b; or why nothing does.
fn left(operation: Value, profile: Profile) -> Result<BTreeSet<String>, Error> {
    let patch = read(&group(), json!([operation]), profile)?;
    let (changes, _) = patch.split_members(&group(), "members")?;
    let group = group();
    let definition = group.attribute("members").unwrap();
    let ids =
        |members: Vec<Value>| members.into_iter().map(|member| member["value"].as_str().unwrap().to_owned());
    let mut held: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
    for change in changes {
        match change.op {
            MemberOp::Add(members) => held.extend(ids(members)),
            MemberOp::Remove(values) => held.retain(|id| !values.contains(id)),
            MemberOp::RemoveWhere(filter) => {
                let shown =
                    |id: &String| json!({ "value": id, "type": "User", "display": format!("Mx {id}") });
                held.retain(|id| !filter.matches_value(definition, &shown(id)));
            }
            MemberOp::RemoveAll => held.clear(),
            MemberOp::Replace(members) => held = ids(members).collect(),
            MemberOp::ReplaceWhere { .. } => unreachable!(),
        }
    }
    Ok(held)
}

/// Forms of a value, and whom each names of a and b; `None` is a form that names nobody, or cannot be read.
fn forms() -> Vec<(Value, Option<&'static str>)> {
    vec![
        (json!([{ "value": "a" }]), Some("a")),
        (json!([{ "VALUE": "a", "$ref": null, "type": "User", "display": "Mx b" }]), Some("a")),
        (json!([{ "value": "a", "$ref": "https://x.example/scim/v2/Users/b" }]), Some("a")),
        (json!({ "value": "a" }), Some("a")),
        (json!([{ "value": ["a"] }]), Some("a")),
        (json!("a"), Some("a")),
        (json!(["a"]), Some("a")),
        (json!("a,b"), Some("ab")),
        (json!("a, b"), Some("ab")),
        (json!("a b"), Some("ab")),
        (json!("a;b"), Some("ab")),
        (json!(" a\n"), Some("a")),
        (json!(["a b"]), Some("ab")),
        (json!([{ "value": "a,b" }]), Some("ab")),
        (json!({ "members": [{ "value": "a" }] }), Some("a")),
        (json!({ "Members": "a" }), Some("a")),
        (json!({ "members": ["a", "b"] }), Some("ab")),
        (json!({ format!("{}:members", urn::GROUP): [{ "value": "a" }] }), Some("a")),
        (json!([{ "$ref": "https://x.example/scim/v2/Users/a" }]), Some("a")),
        (json!([{ "$ref": "../Users/a", "value": null }]), Some("a")),
        (json!({ "$ref": "Users/a" }), Some("a")),
        (json!([{ "$REF": "/scim/v2/users/a/" }]), Some("a")),
        (json!([{ "value": "a" }, { "$ref": "../Users/b" }]), Some("ab")),
        // a form that is not read makes the whole request one that is refused
        (json!(null), None),
        (json!(""), None),
        (json!(" "), None),
        (json!(5), None),
        (json!(true), None),
        (json!({}), None),
        (json!([{}]), None),
        (json!([null]), None),
        (json!([""]), None),
        (json!([[]]), None),
        (json!([["a"]]), None),
        (json!([[{ "value": "a" }]]), None),
        (json!([{ "value": "" }]), None),
        (json!([{ "value": null, "type": "User" }]), None),
        (json!([{ "value": 5 }]), None),
        (json!([{ "value": { "value": "a" } }]), None),
        (json!({ "value": [{ "value": "a" }] }), None),
        (json!([{ "type": "User" }]), None),
        (json!([{ "displayName": "a", "type": "User" }]), None),
        (json!([{ "display": "Mx a" }]), None),
        (json!([{ "id": "a" }]), None),
        (json!([{ "userName": "a" }]), None),
        (json!([{ "$ref": "../Groups/a" }]), None),
        (json!([{ "$ref": "https://x.example/a" }]), None),
        (json!([{ "$ref": "a" }]), None),
        (json!([{ "$ref": null }]), None),
        (json!([{ "$ref": 5 }]), None),
        (json!([{ "value": "a" }, {}]), None),
        (json!([{ "value": "a" }, null]), None),
        (json!([{ "value": "a" }, { "type": "User" }]), None),
        (json!({ "members": null }), None),
        (json!({ "members": "" }), None),
        (json!({ "members": [{}] }), None),
        (json!({ "other": [{ "value": "a" }] }), None),
    ]
}

const PROFILES: [Profile; 3] = [Profile::Generic, Profile::Okta, Profile::Entra];

fn set(names: &str) -> BTreeSet<String> {
    names.chars().map(String::from).collect()
}

/// S1, S2, S4: a removal with a value takes away whom it names; or it is refused.
#[test]
fn a_removal_takes_whom_it_names_or_is_refused() {
    for (value, named) in forms() {
        for (op, path) in
            [("remove", "members"), ("Remove", "MEMBERS"), ("REMOVE", &format!("{}:members", urn::GROUP))]
        {
            for profile in PROFILES {
                let operation = json!({ "op": op, "path": path, "value": value });
                let left = left(operation.clone(), profile).map_err(|error| error.scim_type);
                let gone = named.map(|names| &set("ab") - &set(names));
                assert_eq!(left, gone.ok_or(Some(ScimType::InvalidValue)), "{operation} {profile:?}");
            }
        }
    }
    for value in [json!([]), json!({ "members": [] })] {
        let operation = json!({ "op": "remove", "path": "members", "value": value });
        assert_eq!(left(operation, Profile::Generic).unwrap(), set("ab"), "{value}");
    }
    assert_eq!(left(json!({ "op": "remove", "path": "members" }), Profile::Generic).unwrap(), set(""));
}

/// A value beside a filter narrows it, and never widens it.
#[test]
fn a_value_narrows_a_filter() {
    let all = "members[type eq \"User\"]";
    let cases = [
        (all, json!([{ "value": "a" }]), Ok("b")),
        (all, json!("a"), Ok("b")),
        (all, json!({ "members": [{ "value": "zz" }] }), Ok("ab")),
        ("members[value eq \"a\"]", json!([{ "value": "a" }]), Ok("b")),
        ("members[value eq \"a\"]", json!([{ "value": "b" }]), Ok("ab")),
        ("members[value eq \"a\"]", json!(null), Ok("b")),
        ("members[value eq \"a\"]", json!(""), Ok("b")),
        ("members[value eq \"a\" or value eq \"zz\"]", json!([]), Ok("b")),
        ("members[display eq \"Mx a\"]", json!([]), Ok("b")),
        (all, json!([{ "type": "User" }]), Err(())),
        (all, json!(5), Err(())),
    ];
    for (path, value, expected) in cases {
        let operation = json!({ "op": "remove", "path": path, "value": value });
        let left = left(operation.clone(), Profile::Generic).map_err(|_| ());
        assert_eq!(left, expected.map(set), "{operation}");
    }
}

/// S2, S3: an `add` never removes, and a `replace` in which somebody cannot be read is refused as a whole.
#[test]
fn add_and_replace_name_members_or_are_refused() {
    for (value, named) in forms() {
        let key = format!("{}:members", urn::GROUP);
        for (op, with) in [
            ("add", json!({ "path": "members", "value": value })),
            ("Add", json!({ "value": { "members": value } })),
            ("replace", json!({ "path": "Members", "value": value })),
            ("REPLACE", json!({ "value": { "Members": value } })),
            ("replace", json!({ "value": { (key.as_str()): value } })),
            ("replace", json!({ "value": { urn::GROUP: { "members": value } } })),
        ] {
            let mut operation = with.clone();
            operation["op"] = json!(op);
            let result = left(operation.clone(), Profile::Generic).map_err(|error| error.scim_type);
            let is_add = op.eq_ignore_ascii_case("add");
            let is_nothing = value.is_null() || value == json!({ "members": null });
            let is_blank = value == "" || value == json!({ "members": "" });
            let expected = match named {
                Some(names) if is_add => Ok(&set("ab") | &set(names)),
                Some(names) => Ok(set(names)),
                None if is_add && (is_nothing || is_blank) => Ok(set("ab")),
                // RFC 7643 §2.5: null is no value
                None if is_nothing => Ok(set("")),
                None => Err(Some(ScimType::InvalidValue)),
            };
            assert_eq!(result, expected, "{operation}");
        }
    }
}

/// S3 in whole resources.
#[test]
fn whole_resources_name_members_or_are_refused() {
    use crate::scim::{patch::dialect::rewrite_resource, resource::Incoming};
    for (value, named) in forms() {
        let mut body = json!({ "schemas": [urn::GROUP], "displayName": "G", "members": value });
        rewrite_resource(&group(), &mut body, Profile::Generic);
        let group = group();
        let read = Incoming::read(&group, &body).map(|read| read.resource().get("members").cloned());
        let is_nothing = value.is_null() || value == json!({ "members": null });
        match named {
            Some(names) => {
                let members = read.unwrap_or_else(|error| panic!("{value}: {error}")).unwrap();
                let ids =
                    members.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned());
                assert_eq!(ids.collect::<BTreeSet<_>>(), set(names), "{value}");
            }
            None if is_nothing => assert_eq!(read, Ok(None), "{value}"),
            None => assert_eq!(read.map_err(|e| e.scim_type), Err(Some(ScimType::InvalidValue)), "{value}"),
        }
    }
    let required = left(json!({ "op": "replace", "path": "members", "value": [{}] }), Profile::Generic);
    assert!(required.unwrap_err().detail.contains("members[0].value is required"));
}

/// The lists of a user and of a declared type: the same for all.
#[test]
fn no_list_is_emptied_by_what_cannot_be_read() {
    let registry = Registry::standard().unwrap().with_test_resources().unwrap();
    let test = registry.resource_type("TestResource").unwrap();
    let user = user();
    let two = json!([{ "value": "x", "type": "work", "primary": true }, { "value": "y", "type": "home" }]);
    let addresses = json!([{ "country": "DE", "type": "work" }, { "country": "FR" }]);
    let lists: [(&ResourceType, &str, Value); 9] = [
        (&user, "emails", two.clone()),
        (&user, "phoneNumbers", two.clone()),
        (&user, "roles", two.clone()),
        (&user, "entitlements", two.clone()),
        (&user, "addresses", addresses),
        (test, "complexValues", two),
        (test, "stringValues", json!(["x", "y"])),
        (test, "integerValues", json!([1, 2])),
        (test, "booleanValues", json!([true])),
    ];
    let values = [
        json!(null),
        json!(""),
        json!({}),
        json!([{}]),
        json!([null]),
        json!([[]]),
        json!([[null]]),
        json!([["x"]]),
        json!([{ "nope": "x" }]),
        json!([{ "value": null }]),
        json!([{ "value": null, "nope": 1 }]),
        json!([{ "nope": null }]),
    ];
    for (resource_type, name, held) in lists {
        let before = json!({ (name): held });
        let run =
            |operation: &Value| run(resource_type, before.clone(), json!([operation]), Profile::Generic);
        for value in &values {
            for operation in [
                json!({ "op": "remove", "path": name, "value": value }),
                json!({ "op": "add", "path": name, "value": value }),
                json!({ "op": "add", "value": { (name): value } }),
                json!({ "op": "Add", "value": { (name.to_uppercase()): value } }),
                json!({ "op": "replace", "path": name, "value": value }),
                json!({ "op": "replace", "value": { (name): value } }),
            ] {
                // null is no value, and a replace with it says so (RFC 7643 §2.5)
                let is_replace = operation["op"] == "replace" && value.is_null();
                if let (Ok((_, after)), false) = (run(&operation), is_replace) {
                    assert_eq!(after, before, "{operation}");
                }
            }
            let blank = json!({ "op": "replace", "path": name, "value": "" });
            assert_eq!(
                run(&blank).map_err(|error| error.scim_type),
                Err(Some(ScimType::InvalidValue)),
                "{blank}"
            );
        }
        let listed = json!({ "op": "remove", "path": name, "value": [held[0]] });
        let after = run(&listed).unwrap().1;
        let rest = before[name].as_array().unwrap()[1..].to_vec();
        assert_eq!(after.get(name).cloned().unwrap_or(json!([])), json!(rest), "{listed}");
        assert_eq!(run(&json!({ "op": "remove", "path": name, "value": [] })).unwrap().1, before);
        assert_eq!(run(&json!({ "op": "remove", "path": name })).unwrap().1, json!({}));
    }
}

/// A value is the one that has this `value` and this `type` (RFC 7643 §2.4).
#[test]
fn a_listed_value_is_named_with_its_type() {
    let before = json!({ "emails": [{ "value": "x", "type": "work" }, { "value": "x", "type": "home" }, { "value": "y" }] });
    let left = |path: &str, value: Value| {
        let operations = json!([{ "op": "remove", "path": path, "value": value }]);
        let after = run(&user(), before.clone(), operations, Profile::Generic).map(|(_, after)| after);
        after.map(|after| after["emails"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(left("emails", json!([{ "value": "x", "type": "work" }])), Ok(2));
    assert_eq!(left("emails", json!([{ "value": "X" }])), Ok(1));
    assert_eq!(left("emails", json!("x")), Ok(1));
    assert_eq!(left("emails.value", json!("y")), Ok(2), "a part of those that have it");
    for value in [
        json!("x, y"),
        json!([{ "type": "work" }]),
        json!([{ "display": "x" }]),
        json!([{ "value": "x", "type": 5 }]),
    ] {
        assert!(left("emails", value.clone()).is_err(), "{value}");
    }
    for value in [json!(null), json!([null]), json!({}), json!(5)] {
        assert!(left("emails.value", value.clone()).is_err(), "{value}");
    }
}

/// S2 within values: an `add` of null sets nothing and removes nothing.
#[test]
fn an_add_of_nothing_within_a_value_changes_nothing() {
    let before = json!({ "name": { "givenName": "G" }, "emails": [{ "value": "x", "type": "work", "display": "D" }], "title": "T" });
    for (path, value) in [
        ("name", json!({ "givenName": null })),
        ("name.givenName", json!(null)),
        ("emails", json!([{ "value": "x", "type": "work", "display": null }])),
        ("emails[type eq \"work\"]", json!({ "display": null })),
        ("emails[type eq \"work\"].display", json!(null)),
        ("emails[type eq \"work\"]", json!("")),
        ("emails[type eq \"work\"]", json!(null)),
        ("title", json!(null)),
    ] {
        let operations = json!([{ "op": "add", "path": path, "value": value }]);
        let (changed, after) = run(&user(), before.clone(), operations, Profile::Generic).unwrap();
        assert!(!changed && after == before, "{path} {value}");
    }
    for value in [json!({}), json!(""), json!([null]), json!([])] {
        let path = "emails[type eq \"work\"]";
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        let after = run(&user(), before.clone(), operations, Profile::Generic);
        let is_list = value == json!([]);
        assert!(is_list || after.is_err() || after.unwrap().1 == before, "{value}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("")),
        Just(json!("a")),
        Just(json!("zz")),
        Just(json!(5)),
        Just(json!([])),
        Just(json!({})),
        Just(json!("../Users/a")),
        Just(json!("../Groups/b")),
        Just(json!("User")),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let key =
            prop::sample::select(vec!["value", "$ref", "type", "display", "members", "id", "VALUE", "nope"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..3).prop_map(|members| {
                Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    /// Whatever the value is: nobody goes but who stands in it, and an `add` takes nobody away.
    #[test]
    fn nobody_goes_who_is_not_named(value in any_value(), profile in prop::sample::select(Profile::ALL.to_vec())) {
        let text = value.to_string();
        for path in ["members", "members[type eq \"User\"]"] {
            let operation = json!({ "op": "remove", "path": path, "value": value });
            if let Ok(left) = left(operation, profile) {
                // beside a filter a value that says nothing leaves the filter as it is
                let says_nothing = path.contains('[') && ["null", "\"\"", "[]"].contains(&text.as_str());
                prop_assert!(left.contains("b") || says_nothing, "{} {}", path, text);
                prop_assert!(left.contains("a") || says_nothing || text.contains("\"a\"") || text.contains("Users/a"));
            }
        }
        let operation = json!({ "op": "add", "path": "members", "value": value });
        if let Ok(left) = left(operation, profile) {
            prop_assert!(left.is_superset(&set("ab")));
        }
        let operation = json!({ "op": "replace", "path": "members", "value": value });
        if let Ok(left) = left(operation, profile) {
            let clears = text == "null" || text == "[]" || !left.is_empty() || text == r#"{"members":null}"# || text == r#"{"members":[]}"#;
            prop_assert!(clears, "{}", text);
        }
    }
}
