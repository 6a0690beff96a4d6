//! Tests of what clients send beside the RFC: Entra with and without its flag, and Okta; floor `scim`.

use serde_json::{Value, json};

use super::{Profile, Rule, patched, read, run};
use crate::scim::patch::dialect::rewrite_resource;
use crate::scim::testing::{group, user};
use crate::scim::urn;

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

#[test]
fn a_missing_value_is_made_for_entra_alone() {
    let sub = |op: &str| json!([{ "op": op, "path": "emails[type eq \"work\"].value", "value": "w" }]);
    let made = json!({ "emails": [{ "type": "work", "value": "w" }] });
    for (op, profile) in [
        ("Add", Profile::Generic),
        ("Replace", Profile::Okta),
        ("add", Profile::Entra),
        ("replace", Profile::Entra),
    ] {
        assert_eq!(run(&user(), json!({}), sub(op), profile).unwrap().1, made, "{op} {profile:?}");
    }
    assert!(run(&user(), json!({}), sub("replace"), Profile::Okta).is_err());
    let marked_elsewhere = json!([sub("add")[0], { "op": "Replace", "path": "title", "value": "T" }]);
    assert_eq!(patched(json!({}), marked_elsewhere)["emails"], made["emails"]);
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
        for op in ["Add", "replace", "Remove"] {
            let before = json!({ urn::ENTERPRISE_USER: { "manager": { "value": "m1" } } });
            assert_eq!(
                patched(before, json!([{ "op": op, "path": path, "value": "" }])),
                json!({}),
                "{op} {path}"
            );
        }
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

#[test]
fn okta_repeats_the_id() {
    let run = |id: &str| {
        let operations = json!([{ "op": "replace", "value": { "id": id, "displayName": "new" } }]);
        run(&group(), json!({ "id": "1", "displayName": "old" }), operations, Profile::Okta)
    };
    assert_eq!(run("1").unwrap().1, json!({ "id": "1", "displayName": "new" }));
    assert!(run("2").is_err());
}

#[test]
fn whole_resources_are_met_by_profile() {
    let body = || {
        json!({
            "schemas": [urn::GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "displayName": "G", "members": { "value": "1" },
        })
    };
    let mut generic = body();
    let rewrites = rewrite_resource(&group(), &mut generic, Profile::Generic);
    assert_eq!(rewrites.iter().map(|rewrite| rewrite.rule).collect::<Vec<_>>(), [Rule::LegacyUri]);
    assert_eq!((&generic["schemas"], &generic["members"]), (&json!([urn::GROUP]), &json!({ "value": "1" })));
    let mut entra = body();
    rewrite_resource(&group(), &mut entra, Profile::Entra);
    assert_eq!(entra["members"], json!([{ "value": "1" }]));
    let mut person = json!({ "active": "False", "nickName": "True", urn::ENTERPRISE_USER: { "manager": [{ "value": "m" }] } });
    rewrite_resource(&user(), &mut person, Profile::Generic);
    assert_eq!(
        person,
        json!({ "active": false, "nickName": "True", urn::ENTERPRISE_USER: { "manager": { "value": "m" } } })
    );
    let mut lower = json!({ "active": "false" });
    rewrite_resource(&user(), &mut lower, Profile::Generic);
    assert_eq!(lower, json!({ "active": "false" }), "no client writes this, so the RFC holds");
}
