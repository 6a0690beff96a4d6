//! Tests of what clients send beside the RFC: Entra with and without its flag, and Okta; floor `scim`.

use serde_json::{Value, json};

use super::{Profile, Rule, patched, read, run};
use crate::scim::patch::dialect::rewrite_resource;
use crate::scim::testing::{group, object, user};
use crate::scim::{ScimType, urn};

fn rules(operations: Value) -> Vec<Rule> {
    read(&user(), operations, Profile::Generic).unwrap().rewrites.iter().map(|rewrite| rewrite.rule).collect()
}

#[test]
fn capitalised_words_and_string_booleans() {
    let operations = json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "Add", "path": "title", "value": "T" }]);
    assert_eq!(
        patched(json!({ "active": true }), operations.clone()),
        json!({ "active": false, "title": "T" })
    );
    assert_eq!(rules(operations), [Rule::CapitalisedOp, Rule::CapitalisedOp, Rule::StringBoolean]);
    let pathless = json!([{ "op": "replace", "value": { "active": "true", "emails": [{ "value": "x", "primary": "True" }] } }]);
    let expected = json!({ "active": true, "emails": [{ "value": "x", "primary": true }] });
    assert_eq!(patched(json!({}), pathless), expected);
}

/// One rule for all clients: `add` makes what is not there, `replace` only a value of a suggested type (RFC 7644
/// §3.5.2.1, §3.5.2.3).
#[test]
fn a_missing_value_is_made_by_one_rule() {
    let sub = |op: &str, path: &str| json!([{ "op": op, "path": path, "value": "w" }]);
    let made = json!({ "emails": [{ "type": "work", "value": "w" }] });
    for profile in Profile::ALL {
        let added = run(&user(), json!({}), sub("add", "emails[type eq \"work\"].value"), profile);
        assert_eq!(added.unwrap().1, made, "{profile:?}");
        let replaced = run(&user(), json!({}), sub("replace", "emails[type eq \"work\"].value"), profile);
        assert_eq!(replaced.is_ok_and(|(_, after)| after == made), !profile.is_strict(), "{profile:?}");
    }
    for op in ["replace", "Replace"] {
        for path in [
            "emails[type eq \"mine\"].value",
            "emails[value eq \"x\"].display",
            "emails[type eq \"work\" and primary eq true].value",
            "emails[type eq \"work\" or type eq \"home\"].value",
            "emails[type ne \"work\"].value",
            "emails[not (type eq \"work\")].value",
            "roles[type eq \"work\"].value",
            "phoneNumbers.value",
        ] {
            assert_eq!(super::refused(json!({}), sub(op, path)), ScimType::NoTarget, "{op} {path}");
        }
        let upper = run(&user(), json!({}), sub(op, "EMAILS[Type eq \"Work\"].VALUE"), Profile::Generic);
        assert_eq!(upper.unwrap().1, json!({ "emails": [{ "type": "Work", "value": "w" }] }));
    }
    let several = json!([
        { "op": "Add", "path": "addresses[type eq \"work\" and primary eq true].locality", "value": "L" },
        { "op": "Add", "path": "addresses[type eq \"work\"].country", "value": "DE" },
    ]);
    let expected =
        json!({ "addresses": [{ "type": "work", "primary": true, "locality": "L", "country": "DE" }] });
    assert_eq!(patched(json!({}), several), expected, "made once, and found by the next");
    let vague = json!([{ "op": "Add", "path": "emails[type ne \"work\"].value", "value": "w" }]);
    assert!(run(&user(), json!({}), vague, Profile::Entra).is_err(), "this describes no value");
}

/// The log tells of a value made only when one was.
#[test]
fn only_a_value_made_is_told() {
    let operations = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "w" }]);
    let made = |resource: Value| {
        let patch = read(&user(), operations.clone(), Profile::Generic).unwrap();
        let mut made = Vec::new();
        patch.apply_noting(&user(), &mut object(resource), &mut made).unwrap();
        assert!(patch.rewrites.is_empty());
        made.iter().map(|rewrite| (rewrite.rule, rewrite.place.clone())).collect::<Vec<_>>()
    };
    assert_eq!(made(json!({})), [(Rule::MissingValueMade, "emails".to_owned())]);
    assert_eq!(made(json!({ "emails": [{ "type": "work", "value": "old" }] })), []);
}

#[test]
fn dotted_and_urn_keys_without_a_path() {
    let value = json!({
        "name.givenName": "G", "displayName": "D", "emails[type eq \"work\"].value": "w",
        format!("{}:employeeNumber", urn::ENTERPRISE_USER): "7", format!("{}:title", urn::USER): "T",
        "emails": [{ "type": "work", "value": "old" }],
    });
    let after =
        patched(json!({ "name": { "familyName": "F" } }), json!([{ "op": "replace", "value": value }]));
    let expected = json!({
        "name": { "givenName": "G", "familyName": "F" }, "displayName": "D", "title": "T",
        "emails": [{ "type": "work", "value": "w" }], urn::ENTERPRISE_USER: { "employeeNumber": "7" },
    });
    assert_eq!(after, expected);
}

#[test]
fn every_form_of_manager() {
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    let forms = [
        json!("m2"),
        json!({ "value": "m2" }),
        json!([{ "$ref": "../Users/m2", "value": "m2" }]),
        json!({ "$ref": null, "value": "m2" }),
    ];
    for path in [manager.as_str(), "manager"] {
        for form in &forms {
            let before = json!({ urn::ENTERPRISE_USER: { "manager": { "value": "m1", "$ref": "../Users/m1", "displayName": "M" } } });
            let after = patched(before, json!([{ "op": "Replace", "path": path, "value": form }]));
            let manager = &after[urn::ENTERPRISE_USER]["manager"];
            assert_eq!(manager["value"], "m2", "{form}");
            assert!(
                manager.get("displayName").is_none() && manager["$ref"] != "../Users/m1",
                "{form}: {manager}"
            );
        }
        for op in ["replace", "Remove"] {
            let before = json!({ urn::ENTERPRISE_USER: { "manager": { "value": "m1" } } });
            assert_eq!(
                patched(before, json!([{ "op": op, "path": path, "value": "" }])),
                json!({}),
                "{op} {path}"
            );
        }
        let before = json!({ urn::ENTERPRISE_USER: { "manager": { "value": "m1" } } });
        let after = patched(before.clone(), json!([{ "op": "Add", "path": path, "value": "" }]));
        assert_eq!(after, before, "an add never removes");
    }
}

#[test]
fn a_lone_value_joins_the_list() {
    let added = patched(json!({}), json!([{ "op": "add", "path": "emails", "value": { "value": "x" } }]));
    assert_eq!(added, json!({ "emails": [{ "value": "x" }] }));
    let bare = patched(json!({}), json!([{ "op": "add", "path": "roles", "value": ["admin"] }]));
    assert_eq!(bare, json!({ "roles": [{ "value": "admin" }] }));
}

#[test]
fn removal_with_a_list_removes_those_alone() {
    let before = json!({ "emails": [{ "value": "a" }, { "value": "b" }, { "value": "c" }], "addresses": [{ "country": "DE", "type": "x" }, { "country": "DE" }] });
    let operations = json!([
        { "op": "Remove", "path": "emails", "value": [{ "value": "a" }, { "value": "c", "$ref": null }, { "value": "zz" }] },
        { "op": "Remove", "path": "addresses", "value": [{ "country": "de", "type": "X" }] }, { "op": "Remove", "path": "emails", "value": [] },
    ]);
    assert_eq!(
        patched(before, operations),
        json!({ "emails": [{ "value": "b" }], "addresses": [{ "country": "DE" }] })
    );
}

/// S12: what GET returned, sent back.
#[test]
fn read_only_attributes_without_a_path_are_left_out() {
    let before = json!({ "id": "1", "displayName": "old", "meta": { "version": "W/\"1\"" } });
    for (id, version) in [("1", "W/\"1\""), ("2", "other")] {
        let value = json!({ "id": id, "displayName": "new", "meta": { "version": version }, "schemas": [urn::GROUP] });
        let operations = json!([{ "op": "replace", "value": value }]);
        let after = run(&group(), before.clone(), operations.clone(), Profile::Generic).unwrap().1;
        assert_eq!(after, json!({ "id": "1", "displayName": "new", "meta": before["meta"] }));
        assert!(run(&group(), before.clone(), operations.clone(), Profile::Strict).is_err());
        let rules = read(&group(), operations, Profile::Generic).unwrap().rewrites;
        let rules: Vec<_> = rules.iter().map(|rewrite| rewrite.rule).collect();
        assert_eq!(rules, [Rule::ResourceId, Rule::ReadOnlyIgnored]);
    }
    let full = json!({
        "id": "1", "userName": "a", "groups": [{ "value": "g" }], "active": true, "meta": { "version": "1" },
        urn::ENTERPRISE_USER: { "manager": { "value": "m", "displayName": "M" }, "department": "D" },
    });
    let after = patched(full.clone(), json!([{ "op": "replace", "value": full }]));
    assert_eq!(after, full);
    let path = json!([{ "op": "replace", "path": "groups", "value": [] }]);
    assert_eq!(super::refused(full, path), ScimType::Mutability, "a path asks for it");
}

/// S8
#[test]
fn a_filter_after_a_single_value_asks_whether_it_is_that() {
    let manager = |id: &str| json!({ urn::ENTERPRISE_USER: { "manager": { "value": id } } });
    for path in ["manager", &format!("{}:manager", urn::ENTERPRISE_USER)] {
        let remove = |id: &str| json!([{ "op": "remove", "path": format!("{path}[value eq \"{id}\"]") }]);
        assert_eq!(patched(manager("m"), remove("m")), json!({}));
        assert_eq!(patched(manager("m"), remove("n")), manager("m"));
        assert!(run(&user(), manager("m"), remove("m"), Profile::Strict).is_err());
        let value = json!({ "value": "n" });
        let replace = |id: &str| json!([{ "op": "replace", "path": format!("{path}[value eq \"{id}\"]"), "value": value }]);
        assert_eq!(patched(manager("m"), replace("m")), manager("n"));
        assert_eq!(super::refused(manager("m"), replace("x")), ScimType::NoTarget);
        let listed =
            |id: &str| json!([{ "op": "Remove", "path": path, "value": [{ "value": id, "$ref": null }] }]);
        assert_eq!(patched(manager("m"), listed("m")), json!({}));
        assert_eq!(patched(manager("m"), listed("n")), manager("m"), "only the one that is named");
    }
    let simple = json!([{ "op": "remove", "path": "title[value eq \"x\"]" }]);
    assert_eq!(super::refused(json!({ "title": "x" }), simple), ScimType::InvalidPath);
}

/// S10
#[test]
fn the_first_of_several_primary_values_is() {
    let values = json!([
        { "value": "a", "type": "work", "primary": true }, { "value": "a", "type": "home", "primary": "True" },
        { "value": "A", "PRIMARY": true, "type": "other" },
    ]);
    let flags = |after: &Value| {
        let list = after["emails"].as_array().unwrap().clone();
        list.iter().map(|email| email["primary"].as_bool().unwrap_or_default()).collect::<Vec<_>>()
    };
    let forms = [
        json!({ "op": "add", "path": "emails", "value": values }),
        json!({ "op": "replace", "path": "emails", "value": values }),
        json!({ "op": "replace", "value": { "emails": values } }),
    ];
    for form in forms {
        assert_eq!(flags(&patched(json!({}), json!([form]))), [true, false, false], "{form}");
        assert!(rules(json!([form])).contains(&Rule::SecondPrimary));
        assert!(run(&user(), json!({}), json!([form]), Profile::Strict).is_err(), "{form}");
    }
    let others = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    let two = json!([{ "op": "replace", "path": "emails", "value": others }]);
    assert_eq!(
        super::refused(json!({}), two),
        ScimType::InvalidValue,
        "which of them is meant, nobody knows"
    );
    let mut body = json!({ "emails": values });
    let rewrites = rewrite_resource(&user(), &mut body, Profile::Generic);
    assert!(rewrites.iter().any(|rewrite| rewrite.rule == Rule::SecondPrimary));
    assert_eq!(body["emails"][2], json!({ "value": "A", "type": "other" }));
    let untyped =
        json!([{ "value": "a", "type": "work", "primary": true }, { "value": "a", "primary": true }]);
    let added = patched(json!({}), json!([{ "op": "add", "path": "emails", "value": untyped }]));
    assert_eq!(added["emails"], json!([{ "value": "a", "type": "work", "primary": true }]));
}

/// Whoever the client is, and whether or not the token says so.
#[test]
fn whole_resources_are_met_in_every_profile_but_strict() {
    let body = || {
        json!({
            "schemas": [urn::GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "displayName": "G", "members": { "value": "1" },
        })
    };
    let person = || json!({ "active": "False", "nickName": "True", urn::ENTERPRISE_USER: { "manager": [{ "value": "m" }] } });
    for profile in [Profile::Generic, Profile::Okta, Profile::Entra] {
        let mut group_body = body();
        let rewrites = rewrite_resource(&group(), &mut group_body, profile);
        let used: Vec<_> = rewrites.iter().map(|rewrite| rewrite.rule).collect();
        assert_eq!(used, [Rule::LoneValue, Rule::LegacyUri]);
        assert_eq!(group_body["schemas"], json!([urn::GROUP]));
        assert_eq!(group_body["members"], json!([{ "value": "1" }]));
        let mut user_body = person();
        rewrite_resource(&user(), &mut user_body, profile);
        let expected = json!({ "active": false, "nickName": "True", urn::ENTERPRISE_USER: { "manager": { "value": "m" } } });
        assert_eq!(user_body, expected);
    }
    for (resource_type, sent) in [(group(), body()), (user(), person())] {
        let mut read = sent.clone();
        assert!(rewrite_resource(&resource_type, &mut read, Profile::Strict).is_empty());
        assert_eq!(read, sent);
    }
}

/// No tolerance is used for a strict token: what needs one is refused.
#[test]
fn a_strict_token_takes_the_rfc_alone() {
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    let forms = [
        json!({ "op": "Replace", "path": "title", "value": "T" }),
        json!({ "op": "replace", "path": "active", "value": "True" }),
        json!({ "op": "replace", "value": { "name.givenName": "G" } }),
        json!({ "op": "replace", "value": { (manager.clone()): { "value": "m" } } }),
        json!({ "op": "replace", "path": "manager", "value": { "value": "m" } }),
        json!({ "op": "add", "path": "emails", "value": { "value": "x" } }),
        json!({ "op": "add", "path": "emails", "value": ["x"] }),
        json!({ "op": "add", "path": "emails", "value": { "emails": [{ "value": "x" }] } }),
        json!({ "op": "replace", "path": manager, "value": [{ "value": "m" }] }),
        json!({ "op": "replace", "path": manager, "value": "m" }),
        json!({ "op": "replace", "path": manager, "value": "" }),
        json!({ "op": "remove", "path": "emails", "value": [{ "value": "x" }] }),
        json!({ "op": "replace", "value": [{ "title": "T" }] }),
        json!({ "op": "replace", "value": { "shoeSize": 4 } }),
        json!({ "op": "replace", "path": "shoeSize", "value": 4 }),
        json!({ "op": "add", "path": "emails", "value": [{ "value": "x", "shoeSize": 4 }] }),
    ];
    let before = json!({ "id": "1", "emails": [{ "value": "x" }] });
    for form in forms {
        let result = run(&user(), before.clone(), json!([form]), Profile::Strict);
        assert_eq!(result.map_err(|error| error.status.code()), Err(400), "{form}");
        assert!(run(&user(), before.clone(), json!([form]), Profile::Generic).is_ok(), "{form}");
    }
}
