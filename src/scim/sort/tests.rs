//! Tests of sorting (RFC 7644 §3.4.2.3); floor `scim`.

use serde_json::{Value, json};

use super::{SortOrder, compare};
use crate::scim::testing::{object, user};

fn sorted(by: &str, order: SortOrder, resources: &[Value]) -> Vec<String> {
    let (user, by) = (user(), by.parse().unwrap());
    let mut resources: Vec<_> = resources.iter().cloned().map(object).collect();
    resources.sort_by(|left, right| compare(&user, &by, order, left, right));
    resources.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn strings_sort_by_case_exact() {
    let all = [
        json!({ "id": "b", "userName": "b" }),
        json!({ "id": "A", "userName": "A" }),
        json!({ "id": "C", "userName": "C" }),
    ];
    assert_eq!(sorted("userName", SortOrder::Ascending, &all), ["A", "b", "C"]);
    assert_eq!(sorted("id", SortOrder::Ascending, &all), ["A", "C", "b"]);
}

#[test]
fn unassigned_is_last_and_first_when_descending() {
    let all =
        [json!({ "id": "none" }), json!({ "id": "x", "title": "x" }), json!({ "id": "y", "title": "y" })];
    assert_eq!(sorted("title", SortOrder::Ascending, &all), ["x", "y", "none"]);
    assert_eq!(sorted("title", SortOrder::Descending, &all), ["none", "y", "x"]);
}

#[test]
fn multi_valued_sorts_by_primary_or_first() {
    let all = [
        json!({ "id": "1", "emails": [{ "value": "a" }, { "value": "z", "primary": true }] }),
        json!({ "id": "2", "emails": [{ "value": "m" }, { "value": "a" }] }),
    ];
    assert_eq!(sorted("emails", SortOrder::Ascending, &all), ["2", "1"]);
    assert_eq!(sorted("emails.value", SortOrder::Descending, &all), ["1", "2"]);
}

#[test]
fn dates_sort_in_time_and_unknown_keeps_the_order() {
    let at = |id: &str, time: &str| json!({ "id": id, "meta": { "created": time } });
    let all = [at("late", "2020-01-01T00:30:00-01:00"), at("early", "2020-01-01T01:00:00Z")];
    assert_eq!(sorted("meta.created", SortOrder::Ascending, &all), ["early", "late"]);
    assert_eq!(sorted("nope", SortOrder::Ascending, &all), ["late", "early"]);
    let secrets = [json!({ "id": "z", "password": "z" }), json!({ "id": "a", "password": "a" })];
    assert_eq!(sorted("password", SortOrder::Ascending, &secrets), ["z", "a"], "secrets do not show");
}
