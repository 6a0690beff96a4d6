//! Values of enums and of integers, in each place that a message has for them.

use prost_reflect::{DescriptorPool, MessageDescriptor};

use super::{Broken, walk};

/// What is refused.
fn unknown(message: &MessageDescriptor, json: &[u8]) -> Result<Vec<Broken>, serde_json::Error> {
    walk(message, json).map(|walked| walked.broken)
}

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
        r#"{"text":"COLOR_BLUE","number":[],"nested":"BLUE","list":{"color":"BLUE"},"many":"BLUE"}"#,
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
    assert_eq!(broken.len(), 256);
    assert!(broken.iter().all(|(_, rule)| rule.len() < 300 && rule.contains('…')), "{broken:?}");
}

/// The places of a message that has integers of a kind in the place of a `#`, each with its path.
const OF_INTEGERS: [(&str, &str); 5] = [
    (r#"{"number":#}"#, "number"),
    (r#"{"big":#}"#, "big"),
    (r#"{"unsigned":#,"text":"1e0"}"#, "unsigned"),
    (r#"{"numbers":[0,#]}"#, "numbers[1]"),
    (r#"{"nested":{"numberOf":{"1e0":#}}}"#, r#"nested.number_of["1e0"]"#),
];

#[test]
fn an_integer_is_read_in_each_of_its_forms() {
    let forms = [
        "1",
        "1.0",
        "1e0",
        "0.1e1",
        r#""1""#,
        r#""1e0""#,
        r#""1E0""#,
        r#""1.0""#,
        r#""10e-1""#,
        r#""0.1e+1""#,
    ];
    for (place, path) in OF_INTEGERS {
        for form in forms {
            let json = place.replace('#', form);
            let walked = walk(&choice(), json.as_bytes()).unwrap();
            assert_eq!(walked.broken, [], "{json}");
            let read = String::from_utf8(walked.json.into_owned()).unwrap();
            let expected = if form.starts_with('"') { place.replace('#', r#""1""#) } else { json };
            assert_eq!(read, expected, "{path}");
        }
    }
}

#[test]
fn an_integer_that_is_none_or_in_no_range_is_refused_with_its_path() {
    let in_none = [
        "1.5",
        "1e-1",
        "1e40",
        "18446744073709551616",
        r#""18446744073709551616""#,
        r#""1.8446744073709551616e19""#,
        "-9223372036854775809",
        r#""-9223372036854775809""#,
        r#""1.5""#,
        r#""x""#,
        r#""""#,
        r#"" 1""#,
        r#""+1""#,
    ];
    for (place, path) in OF_INTEGERS {
        for value in in_none {
            let broken = unknown(&choice(), place.replace('#', value).as_bytes()).unwrap();
            let [(field, rule)] = &broken[..] else { panic!("{place} {value}: {broken:?}") };
            assert_eq!(field, path, "{place} {value}");
            assert!(rule.starts_with("must be an integer from "), "{rule}");
        }
    }
    for (place, value) in [
        (r#"{"big":#}"#, "9223372036854775808"),
        (r#"{"number":#}"#, "2147483648"),
        (r#"{"unsigned":#}"#, "-1"),
    ] {
        assert_eq!(
            unknown(&choice(), place.replace('#', value).as_bytes()).unwrap().len(),
            1,
            "{place} {value}"
        );
    }
}
