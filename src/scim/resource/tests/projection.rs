//! Tests of giving resources out (RFC 7644 §3.4.2.5, §3.9); floor `scim`.

use serde_json::{Value, json};

use crate::scim::ScimType;
use crate::scim::resource::{Projection, project};
use crate::scim::testing::{PROBE, object, probe, user};
use crate::scim::urn;

fn projection(attributes: &[&str], excluded: &[&str]) -> Projection {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Projection::new(owned(attributes), owned(excluded)).unwrap()
}

fn person() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER], "id": "1", "userName": "a", "password": "p", "title": "T",
        "name": { "givenName": "G", "familyName": "F" }, "meta": { "version": "1", "location": "l" },
        "emails": [{ "value": "x", "type": "work" }, { "value": "y" }],
        urn::ENTERPRISE_USER: { "department": "D", "manager": { "value": "m", "$ref": "r" } },
    })
}

fn shown(attributes: &[&str], excluded: &[&str]) -> Value {
    let mut shown = project(&user(), object(person()), &projection(attributes, excluded));
    assert_eq!(shown["schemas"], person()["schemas"], "schemas are always returned");
    assert_eq!(shown["id"], "1", "the id is always returned");
    shown.as_object_mut().unwrap().retain(|name, _| name != "schemas" && name != "id");
    shown
}

#[test]
fn by_default_all_but_secrets() {
    let mut expected = person();
    expected
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !["schemas", "id", "password"].contains(&name.as_str()));
    assert_eq!(shown(&[], &[]), expected);
}

#[test]
fn attributes_select_at_every_level() {
    let manager = format!("{}:manager.value", urn::ENTERPRISE_USER);
    let qualified = format!("{}:NAME.givenName", urn::USER.to_lowercase());
    let cases: Vec<(Vec<&str>, Value)> = vec![
        (vec!["USERNAME", "nope"], json!({ "userName": "a" })),
        (vec!["nope"], json!({})),
        (vec!["password"], json!({})),
        (vec![&qualified], json!({ "name": { "givenName": "G" } })),
        (vec!["emails.type"], json!({ "emails": [{ "type": "work" }] })),
        (vec!["emails.type", "emails"], json!({ "emails": person()["emails"] })),
        (vec![&manager], json!({ urn::ENTERPRISE_USER: { "manager": { "value": "m" } } })),
        (vec![urn::ENTERPRISE_USER], json!({ urn::ENTERPRISE_USER: person()[urn::ENTERPRISE_USER] })),
        (vec!["meta.version"], json!({ "meta": { "version": "1" } })),
    ];
    for (attributes, expected) in cases {
        assert_eq!(shown(&attributes, &[]), expected, "{attributes:?}");
    }
}

#[test]
fn excluded_attributes_go_at_every_level() {
    let department = format!("{}:department", urn::ENTERPRISE_USER);
    let all = shown(&[], &["id", "schemas", "name.GIVENNAME", "EMAILS", "meta", &department, "nope"]);
    let expected = json!({
        "userName": "a", "title": "T", "name": { "familyName": "F" },
        urn::ENTERPRISE_USER: { "manager": { "value": "m", "$ref": "r" } },
    });
    assert_eq!(all, expected);
    assert!(shown(&[], &[urn::ENTERPRISE_USER]).get(urn::ENTERPRISE_USER).is_none());
}

#[test]
fn returned_is_honoured_for_attributes_and_sub_attributes() {
    let resource = object(json!({
        "schemas": [PROBE], "id": "1", "text": "t", "always": "a", "onRequest": "r", "hidden": "h",
        "badge": { "colour": "red", "secret": "s", "stamp": "!" },
    }));
    let shown = |attributes: &[&str], excluded: &[&str]| {
        let mut shown = project(&probe(), resource.clone(), &projection(attributes, excluded));
        shown.as_object_mut().unwrap().retain(|name, _| name != "schemas" && name != "id");
        shown
    };
    assert_eq!(
        shown(&[], &[]),
        json!({ "text": "t", "always": "a", "badge": { "colour": "red", "stamp": "!" } })
    );
    assert_eq!(shown(&["onrequest", "hidden"], &[]), json!({ "always": "a", "onRequest": "r" }));
    assert_eq!(
        shown(&["badge.secret"], &[]),
        json!({ "always": "a", "badge": { "secret": "s", "stamp": "!" } })
    );
    assert_eq!(shown(&["badge"], &[]), json!({ "always": "a", "badge": { "colour": "red", "stamp": "!" } }));
    assert_eq!(shown(&[PROBE], &[]), shown(&[], &[]), "a schema asks for what it returns by default");
    let expected = json!({ "text": "t", "always": "a", "badge": { "colour": "red", "stamp": "!" } });
    assert_eq!(shown(&[], &["always", "badge.stamp"]), expected);
}

#[test]
fn both_lists_at_once_are_refused() {
    let both = Projection::new(vec!["a".to_owned()], vec!["b".to_owned()]).unwrap_err();
    assert_eq!(both.scim_type, Some(ScimType::InvalidValue));
    assert!(Projection::new(vec![" ".to_owned()], vec!["b".to_owned()]).is_ok());
}

#[test]
fn a_costly_attribute_need_not_be_read() {
    let members = &"groups".parse().unwrap();
    assert!(
        projection(&[], &[]).includes(&user(), members)
            && projection(&["groups.value"], &[]).includes(&user(), members)
    );
    assert!(
        !projection(&["id"], &[]).includes(&user(), members)
            && !projection(&[], &["GROUPS"]).includes(&user(), members)
    );
}
