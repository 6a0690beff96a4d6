//! Tests of the JSON intake; floor `scim`.

use proptest::prelude::*;
use serde_json::json;

use super::parse;
use crate::scim::ScimType;

#[test]
fn json_is_read_as_it_stands() {
    let text = r#"{"a":[1,-2,1.5,true,null,"\u00e9\ud83d\ude00"],"b":{}}"#;
    assert_eq!(parse(text.as_bytes()).unwrap(), json!({ "a": [1, -2, 1.5, true, null, "é😀"], "b": {} }));
    assert_eq!(parse("\u{feff}{}".as_bytes()).unwrap(), json!({}));
}

#[test]
fn what_is_not_usable_is_invalid_syntax() {
    let deep = "[".repeat(10_000);
    let nested = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    let bad: Vec<&[u8]> = vec![
        b"",
        b"  ",
        b"{",
        b"{} {}",
        b"\xff\xfe",
        b"{\"a\":1,\"A\":2}",
        b"{\"a\":{\"b\":1,\"b\":2}}",
        b"{a:1}",
        b"'a'",
        b"\"\\ud800\"",
        b"1e999",
        b"nul",
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for bytes in bad {
        let error = parse(bytes).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{error}");
    }
}

#[test]
fn sixty_four_levels_are_allowed() {
    let nested = format!("{}1{}", "[".repeat(64), "]".repeat(64));
    assert!(parse(nested.as_bytes()).is_ok());
}

#[test]
fn nul_is_refused_by_name() {
    let error = parse(br#"{"name":{"givenName":"a\u0000"}}"#).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
    assert!(error.detail.starts_with("name.givenName holds a NUL"), "{error}");
    assert!(parse(b"{\"a\\u0000\":1}").is_err());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn agrees_with_serde_json_on_what_both_take(text in r#"[\[\]{}:,"a1 ]{0,30}"#) {
        if let Ok(value) = parse(text.as_bytes()) {
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }
}
