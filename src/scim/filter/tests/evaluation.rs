//! Tests of evaluation (RFC 7644 §3.4.2.2, table 3); floor `scim`.

use serde_json::{Value, json};

use super::parse;
use crate::scim::testing::{object, probe, user};

fn person() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "Ab1", "externalId": "Ext", "userName": "BJensen@Example.com", "title": "", "active": false,
        "name": { "familyName": "Jensen" },
        "emails": [
            { "value": "bj@work.example", "type": "work", "primary": true },
            { "value": "babs@home.example", "type": "home" }, { "value": "odd@example" },
        ],
        "password": "t1meMa$heen",
        "meta": { "created": "2020-01-01T12:00:00+02:00", "resourceType": "User" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "IT", "manager": { "value": "m1" } },
    })
}

fn check(cases: &[(&str, bool)]) {
    let (user, person) = (user(), object(person()));
    for (text, expected) in cases {
        assert_eq!(parse(text).matches(&user, &person), *expected, "{text}");
    }
}

#[test]
fn strings_compare_by_case_exact() {
    check(&[
        (r#"userName eq "bjensen@example.com""#, true),
        (r#"id eq "ab1""#, false),
        (r#"id eq "Ab1""#, true),
        (r#"externalId eq "ext""#, false),
        (r#"userName sw "BJ""#, true),
        (r#"userName ew ".COM""#, true),
        (r#"userName co "SEN@""#, true),
        (r#"userName co "xx""#, false),
        (r#"userName gt "bi""#, true),
        (r#"userName lt "bi""#, false),
        (r#"userName ge "bjensen@EXAMPLE.com""#, true),
        (r#"userName le "a""#, false),
    ]);
}

#[test]
fn dates_compare_chronologically() {
    check(&[
        (r#"meta.created eq "2020-01-01T10:00:00Z""#, true),
        (r#"meta.created gt "2020-01-01T11:00:00Z""#, false),
        (r#"meta.created lt "2020-01-01T09:30:00-01:00""#, true),
        (r#"meta.created sw "2020""#, true),
    ]);
}

#[test]
fn any_value_of_a_list_matches() {
    check(&[
        (r#"emails.type eq "home""#, true),
        (r#"emails eq "BJ@work.example""#, true),
        (r#"emails co "home.ex""#, true),
        (r#"emails.type ne "work""#, true),
        (r#"emails.type eq "other""#, false),
        ("emails.primary eq true", true),
        (r#"schemas eq "URN:ietf:params:scim:schemas:core:2.0:User""#, true),
    ]);
}

#[test]
fn brackets_bind_one_and_the_same_value() {
    check(&[
        (r#"emails[type eq "work" and value co "home"]"#, false),
        (r#"emails.type eq "work" and emails.value co "home""#, true),
        (r#"emails[type eq "home"].value sw "babs""#, true),
        (r#"emails[type eq "work"].value sw "babs""#, false),
        ("emails[not (type pr)]", true),
        (r#"emails[type eq null and value ew "example"]"#, true),
        (r#"emails[type eq "work" and not (primary eq true)]"#, false),
        (r#"name[familyName eq "jensen"]"#, true),
    ]);
}

#[test]
fn presence_and_null() {
    check(&[
        ("title pr", false),
        ("title eq null", true),
        ("nickName pr", false),
        ("active pr", true),
        ("name pr", true),
        ("name.givenName pr", false),
        ("name.givenName eq null", true),
        ("emails pr", true),
        ("ims pr", false),
        ("userName ne null", true),
        ("emails.type pr", true),
        ("phoneNumbers.value eq null", true),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", true),
    ]);
}

#[test]
fn not_equal_holds_of_what_is_absent() {
    check(&[
        (r#"nickName ne "x""#, true),
        (r#"nickName eq "x""#, false),
        (r#"nickName co "x""#, false),
        (r#"nope ne "x""#, true),
        (r#"nope eq "x""#, false),
        ("nope pr", false),
        ("nope eq null", true),
        (r#"userName ne "bjensen@example.com""#, false),
    ]);
}

#[test]
fn extensions_and_complex_attributes_compare() {
    check(&[
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "it""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#, true),
        (r#"manager eq "m1""#, true),
        (r#"manager.value eq "M1""#, false),
        (r#"id eq "Ab1" and manager eq "m2""#, false),
        ("active eq false", true),
        (r#"active eq "False""#, true),
        ("active ne true", true),
        ("active gt false", false),
    ]);
}

#[test]
fn secrets_do_not_show() {
    check(&[(r#"password sw "t1""#, false), ("password pr", false), (r#"password ne "x""#, true)]);
}

#[test]
fn numbers_and_simple_lists_compare() {
    let resource = object(json!({ "size": 10, "ratio": 0.5, "tags": ["Red", "blue"], "blob": "aGk=" }));
    let cases = [
        ("size gt 9", true),
        ("size lt 9", false),
        ("size eq 10.0", true),
        ("ratio ge 0.5", true),
        ("ratio gt 5e-1", false),
        (r#"tags eq "red""#, true),
        (r#"tags[value eq "RED"]"#, true),
        (r#"tags ne "red""#, true),
        (r#"blob eq "aGk=""#, true),
        (r#"blob eq "agk=""#, false),
        (r#"size eq "10""#, false),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).matches(&probe(), &resource), expected, "{text}");
    }
}
