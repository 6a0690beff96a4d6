//! Tests of the parser, the printer and the check of filters (RFC 7644 §3.4.2.2); floor `scim`.

mod evaluation;
mod roundtrip;

use super::*;
use crate::scim::ScimType;
use crate::scim::testing::{probe, user};

fn parse(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn printed(text: &str) -> String {
    parse(text).to_string()
}

#[test]
fn precedence_is_grouping_not_and_or() {
    let p = |name: &str| Filter::Present(AttributePath::attribute(name));
    let expected = Filter::Or(vec![p("a"), Filter::And(vec![p("b"), Filter::Not(Box::new(p("c")))])]);
    assert_eq!(parse("a pr or b pr and not (c pr)"), expected);
    let grouped = Filter::And(vec![Filter::Or(vec![p("a"), p("b")]), p("c")]);
    assert_eq!(parse("(a pr or b pr) and c pr"), grouped);
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    let examples = [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ];
    for example in examples {
        assert_eq!(printed(example), example);
        parse(example).check(&user(), Unknown::Refuse).unwrap();
    }
}

#[test]
fn forms_beyond_the_grammar_are_read() {
    let cases = [
        (r#"USERNAME EQ "a""#, r#"USERNAME eq "a""#),
        ("active eq True and x EQ FALSE or y Eq Null", "active eq true and x eq false or y eq null"),
        ("not(a pr)", "not (a pr)"),
        ("NOT  ( a   pr ) AND b pr", "not (a pr) and b pr"),
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        ("emails[a pr or b pr].value pr", "emails[(a pr or b pr) and value pr]"),
        (r#"members.$ref eq "x""#, r#"members.$ref eq "x""#),
        (r#"a eq "q\"\\\u0041\n""#, r#"a eq "q\"\\A\n""#),
        ("a eq -1 and b gt 2.5e1", "a eq -1 and b gt 25.0"),
        ("(((a pr)))", "a pr"),
        ("not eq 1", "not eq 1"),
        (r#"a eq "and" and b eq "or""#, r#"a eq "and" and b eq "or""#),
    ];
    for (text, expected) in cases {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn malformed_filters_are_invalid_filter_with_the_place() {
    let cases = [
        ("", "byte 0"),
        ("   ", "byte 3"),
        ("a", "byte 1"),
        ("a xx 1", "\"xx\" is not an operator"),
        ("a eq", "byte 4"),
        ("a eq x", "a value is expected"),
        (r#"a eq "x"#, "closing quote"),
        (r#"a eq "\x""#, "JSON string"),
        ("a eq 01", "JSON number"),
        ("a eq 1e999", "too large"),
        ("a pr b pr", "byte 5"),
        ("(a pr", "')' is expected"),
        ("a pr)", "byte 4"),
        ("a[b pr", "']' is expected"),
        ("a[b[c pr]]", "within brackets"),
        ("a.b[c pr]", "brackets"),
        ("and a pr", "\"a\" is not an operator"),
        ("a pr and", "byte 8"),
        ("not a pr", "operator"),
        ("a eq\"x\"", "blank"),
        (r#"a eq "x"and b pr"#, "byte 8"),
        ("a eq 'x'", "a value is expected"),
        ("a == 1", "operator"),
        (r#"a eq "\u0000""#, "NUL"),
        ("a.b.c pr", "not an attribute path"),
        ("a[]", "attribute name"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Filter>().unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        assert!(error.detail.contains(expected), "{text}: {error}");
    }
}

#[test]
fn limits_are_told() {
    let deep = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
    let wide = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(deep(MAX_DEPTH).parse::<Filter>().is_ok() && wide(MAX_TERMS).parse::<Filter>().is_ok());
    let siblings = vec!["(a pr)"; MAX_DEPTH + 1].join(" and ");
    assert!(siblings.parse::<Filter>().is_ok(), "brackets side by side are not deep");
    let cases = [
        (deep(MAX_DEPTH + 1), "too deep"),
        (wide(MAX_TERMS + 1), "too many comparisons"),
        (format!("a eq \"{}\"", "x".repeat(MAX_LENGTH)), "bytes are too many"),
        ("(".repeat(10_000), "too deep"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Filter>().unwrap_err();
        assert!(error.detail.contains(expected), "{error}");
    }
}

#[test]
fn comparisons_that_make_no_sense_are_refused() {
    let cases = [
        ("flag gt true", false),
        ("flag eq \"True\"", true),
        ("flag eq \"yes\"", false),
        ("flag co \"t\"", false),
        ("blob ge \"aaaa\"", false),
        ("blob eq \"aaaa\"", true),
        ("size gt 5", true),
        ("size gt \"5\"", false),
        ("moment gt \"2020-01-01T00:00:00Z\"", true),
        ("moment gt \"soon\"", false),
        ("moment sw \"2020\"", false),
        ("text eq 5", false),
        ("text gt null", false),
        ("text eq null", true),
        ("badge eq \"x\"", false),
        ("badge pr", true),
        ("badge[colour eq \"x\"]", true),
        ("badge[colour gt 1]", false),
        ("hidden eq \"x\"", false),
        ("hidden pr", false),
        ("tags eq \"x\"", true),
        ("tags[value eq \"x\"]", true),
        ("not (flag lt false)", false),
    ];
    for (text, is_sound) in cases {
        let checked = parse(text).check(&probe(), Unknown::Unassigned);
        assert_eq!(checked.is_ok(), is_sound, "{text}: {checked:?}");
    }
}

#[test]
fn unknown_attributes_are_refused_only_on_demand() {
    for text in ["nope eq 1", "emails[nope pr]", "emails.nope pr", "urn:x:y:z pr"] {
        assert!(parse(text).check(&user(), Unknown::Unassigned).is_ok(), "{text}");
        let error = parse(text).check(&user(), Unknown::Refuse).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}
