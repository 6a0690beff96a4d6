//! Tests of paths (RFC 7644 §3.5.2, §3.10); floor `scim`.

use proptest::prelude::*;

use super::*;
use crate::scim::testing::user;
use crate::scim::{ScimType, urn};

fn canonical(text: &str) -> Option<String> {
    let user = user();
    let found = user.resolve(&text.parse().unwrap())?;
    Some(match found {
        Target::Schema(schema) => schema.id.clone(),
        Target::Attribute(found) => found.canonical(),
    })
}

#[test]
fn every_form_resolves_without_regard_to_case() {
    let manager = format!("{}:manager.value", urn::ENTERPRISE_USER);
    let cases = [
        ("USERNAME".to_owned(), "userName".to_owned()),
        ("name.FamilyName".to_owned(), "name.familyName".to_owned()),
        ("emails.$REF".to_owned(), String::new()),
        ("groups.$REF".to_owned(), "groups.$ref".to_owned()),
        (format!("{}:userName", urn::USER), "userName".to_owned()),
        (format!("{}:NAME.givenname", urn::USER.to_uppercase()), "name.givenName".to_owned()),
        (manager.to_uppercase(), manager.clone()),
        (urn::ENTERPRISE_USER.to_lowercase(), urn::ENTERPRISE_USER.to_owned()),
        (urn::USER.to_owned(), urn::USER.to_owned()),
        ("manager".to_owned(), format!("{}:manager", urn::ENTERPRISE_USER)),
        ("meta.lastmodified".to_owned(), "meta.lastModified".to_owned()),
        (format!("{}:userName", urn::ENTERPRISE_USER), String::new()),
        ("urn:example:other:userName".to_owned(), String::new()),
        ("nope".to_owned(), String::new()),
    ];
    for (text, expected) in cases {
        assert_eq!(canonical(&text).unwrap_or_default(), expected, "{text}");
    }
}

#[test]
fn a_uri_may_end_in_what_is_no_name() {
    let path: AttributePath = "urn:example:ext:2.0".parse().unwrap();
    assert_eq!((path.uri.as_deref(), path.name.as_str()), (Some("urn:example:ext:2.0"), ""));
}

#[test]
fn malformed_paths_are_invalid_path() {
    for text in [
        "",
        "a b",
        "1a",
        "a.",
        ".a",
        "a.b.c",
        "a[",
        "a[]",
        "a.b[c pr]",
        "a[b pr]c",
        "a[b pr].",
        "[a pr]",
        "a]",
        ":a",
    ] {
        let error = text.parse::<ValuePath>().unwrap_err();
        let is_filter = text == "a[" || text == "a[]";
        let expected = if is_filter { ScimType::InvalidFilter } else { ScimType::InvalidPath };
        assert_eq!(error.scim_type, Some(expected), "{text}: {error}");
    }
}

#[test]
fn value_paths_have_filter_and_sub_attribute() {
    let text = format!("{}:emails[type eq \"work\" and primary eq True].value", urn::USER);
    let path: ValuePath = text.parse().unwrap();
    assert!(path.filter.is_some());
    assert_eq!(path.attribute.sub.as_deref(), Some("value"));
    assert_eq!(path.to_string(), text.replace("True", "true"));
}

proptest! {
    #[test]
    fn no_input_panics(text in ".{0,60}") {
        let _ = text.parse::<AttributePath>();
        let _ = text.parse::<ValuePath>();
    }

    #[test]
    fn near_paths_do_not_panic_and_print_back(text in r#"(urn:x:2\.0:)?[a$é]{1,3}(\.[b$]{0,2})?(\[[a ="eqpr()]{0,12}\])?(\.c)?"#) {
        if let Ok(path) = text.parse::<ValuePath>() {
            prop_assert_eq!(path.to_string().parse::<ValuePath>().unwrap(), path);
        }
    }
}
