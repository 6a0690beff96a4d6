//! Values of enums, in each place that a message has for them.

use prost_reflect::{DescriptorPool, MessageDescriptor};

use super::unknown;

fn choice() -> MessageDescriptor {
    let set = include_bytes!(concat!(env!("OUT_DIR"), "/test_descriptor.bin"));
    let pool = DescriptorPool::decode(set.as_slice()).unwrap();
    pool.get_message_by_name("roster.test.v1.Choice").unwrap()
}

/// The places of a message that has this JSON in the place of a `#`, each with its path.
const PLACES: [(&str, &str); 16] = [
    (r#"{"color":#}"#, "color"),
    (r#"{"optionalColor":#}"#, "optional_color"),
    (r#"{"optional_color":#}"#, "optional_color"),
    (r#"{"many":["COLOR_RED",#]}"#, "many[1]"),
    (r#"{"byName":{"a \"b\"":#}}"#, r#"by_name["a \"b\""]"#),
    (r#"{"by_number":{"7":{"color":#}}}"#, r#"by_number["7"].color"#),
    (r#"{"nested":{"nested":{"many":[#]}}}"#, "nested.nested.many[0]"),
    (r#"{"list":[{},{"color":1},{"color":#}]}"#, "list[2].color"),
    (r#"{"thisColor":#}"#, "this_color"),
    (r#"{"that_choice":{"color":#}}"#, "that_choice.color"),
    (r#"{"another":#}"#, "renamed"),
    (r#"{"renamed":#}"#, "renamed"),
    (r#"{"color":#,"color":"COLOR_RED"}"#, "color"),
    (r#"{"color":"COLOR_RED","color":#}"#, "color"),
    (r#"{"colo\u0072":#}"#, "color"),
    (r#"{"list":[{"list":[{"byName":{"":#}}]}]}"#, r#"list[0].list[0].by_name[""]"#),
];

#[test]
fn a_name_that_the_schema_does_not_know_is_refused_wherever_it_stands() {
    let values = [
        r#""RED""#,
        r#""color_red""#,
        r#""COLOR_BLUE""#,
        r#""COLOR_RED ""#,
        r#""""#,
        r#""1""#,
        r#""null""#,
        r#""C\u004fLOR_BLUE""#,
    ];
    for (place, path) in PLACES {
        for value in values {
            let broken = unknown(&choice(), place.replace('#', value).as_bytes()).unwrap();
            let [(field, rule)] = &broken[..] else { panic!("{place} {value}: {broken:?}") };
            assert_eq!(field, path, "{place} {value}");
            let known = "is not a value of Color: COLOR_UNSPECIFIED, COLOR_RED, COLOR_GREEN";
            assert!(rule.ends_with(known), "{rule}");
        }
    }
}

#[test]
fn what_is_no_value_of_an_enum_at_all_is_refused_too() {
    for (place, path) in PLACES {
        for value in ["true", "1.5", "1e0", "[]", "{}", r#"[["x"]]"#, r#"{"a":{"b":1}}"#, "2147483648"] {
            let broken = unknown(&choice(), place.replace('#', value).as_bytes()).unwrap();
            let [(field, rule)] = &broken[..] else { panic!("{place} {value}: {broken:?}") };
            assert_eq!(field, path, "{place} {value}");
            assert!(rule.starts_with("must be the name of a value of Color: "), "{rule}");
        }
    }
}

#[test]
fn known_names_and_all_numbers_go_by() {
    for (place, _) in PLACES {
        for value in
            [r#""COLOR_RED""#, r#""COLOR_UNSPECIFIED""#, r#""C\u004fLOR_RED""#, "0", "99", "-1", "null"]
        {
            assert_eq!(
                unknown(&choice(), place.replace('#', value).as_bytes()).unwrap(),
                [],
                "{place} {value}"
            );
        }
    }
}

#[test]
fn nothing_else_is_looked_at() {
    for json in [
        "null",
        "[]",
        "7",
        r#"{"later":{"color":"BLUE"},"colour":"BLUE"}"#,
        r#"{"free":{"color":"BLUE","many":["BLUE"]}}"#,
        r#"{"text":"COLOR_BLUE","number":"BLUE","nested":"BLUE","list":{"color":"BLUE"},"many":"BLUE"}"#,
    ] {
        assert_eq!(unknown(&choice(), json.as_bytes()).unwrap(), [], "{json}");
    }
    for text in ["", "{", r#"{"color":"#, "nonsense"] {
        assert!(unknown(&choice(), text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn what_is_told_has_a_limit() {
    let json = format!(r#"{{"many":[{}]}}"#, vec![format!("{:?}", "é".repeat(1000)); 1000].join(","));
    let broken = unknown(&choice(), json.as_bytes()).unwrap();
    assert_eq!(broken.len(), 16);
    assert!(broken.iter().all(|(_, rule)| rule.len() < 300 && rule.contains('…')), "{broken:?}");
}
