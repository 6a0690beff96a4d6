//! Tests of versions (RFC 7644 §3.14); floor `scim`.

use super::{ETag, ETagList};

#[test]
fn tags_are_printed_and_read() {
    for text in ["W/\"a330bc54f0671c9\"", "\"1\"", "W/\"\""] {
        assert_eq!(text.parse::<ETag>().unwrap().to_string(), text);
    }
    assert_eq!("abc".parse::<ETag>().unwrap().to_string(), "\"abc\"");
    for bad in ["", "W/", "\"", "a b", "\"a\"b\"", "W/\"a"] {
        assert!(bad.parse::<ETag>().is_err(), "{bad}");
    }
}

#[test]
fn lists_match_weakly() {
    let current = ETag::weak("2");
    let matches = |text: &str| text.parse::<ETagList>().unwrap().contains(&current);
    assert!(matches("*") && matches("\"1\", W/\"2\"") && matches("\"2\""));
    assert!(!matches("W/\"1\", \"1,2\"") && !matches("W/\"22\""));
    assert!("".parse::<ETagList>().is_err() && "a b".parse::<ETagList>().is_err());
}
