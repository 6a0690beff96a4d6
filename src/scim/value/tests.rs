//! Tests of values (RFC 7643 §2.3, §2.5); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::*;
use crate::scim::testing::probe;

fn order(attribute: &str, left: Value, right: Value) -> Option<Ordering> {
    compare(probe().attribute(attribute).unwrap(), &left, &right)
}

#[test]
fn null_and_empty_containers_are_unassigned() {
    for value in [json!(null), json!([]), json!({}), json!([null]), json!({ "a": [] })] {
        assert!(is_unassigned(&value) && is_empty(&value), "{value}");
    }
    assert!(!is_unassigned(&json!("")) && is_empty(&json!("")));
    assert!(!is_empty(&json!(false)) && !is_empty(&json!(0)));
}

#[test]
fn no_character_beyond_ascii_folds_to_ascii() {
    for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_ascii()) {
        assert!(!fold(&format!("a{c}")).chars().skip(1).any(|c| c.is_ascii()), "{c:?}");
    }
    assert_eq!(fold("ÄßΣ\u{212a}"), "äßσ\u{212a}");
    assert_eq!((fold("ODOS"), fold("ΟΔΟΣ")), ("odos".to_owned(), "ΟΔΟΣ".to_lowercase()));
}

#[test]
fn dates_compare_in_time() {
    let same = order("moment", json!("2020-01-01T12:00:00+02:00"), json!("2020-01-01T10:00:00.000Z"));
    assert_eq!(same, Some(Ordering::Equal));
    let later = order("moment", json!("2020-01-01T12:00:00-05:00"), json!("2020-01-01T13:00:00Z"));
    assert_eq!(later, Some(Ordering::Greater));
    assert!(parse_date_time("2020-01-01T12:00:00").is_some(), "no offset is UTC");
    for bad in ["2020-01-01", "", "yesterday", "2020-13-01T00:00:00Z"] {
        assert!(parse_date_time(bad).is_none(), "{bad}");
    }
}

#[test]
fn numbers_compare_by_size_and_exactly() {
    assert_eq!(order("size", json!(9), json!(10)), Some(Ordering::Less));
    assert_eq!(order("ratio", json!(1), json!(1.0)), Some(Ordering::Equal));
    assert_eq!(
        order("size", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64)),
        Some(Ordering::Greater)
    );
    assert_eq!(order("size", json!(1), json!("1")), None);
}

#[test]
fn binary_may_be_standard_or_url_safe_base64() {
    assert_eq!(decode_binary("/+8="), decode_binary("_-8"));
    assert!(decode_binary("a").is_none() && decode_binary("ä").is_none());
}
