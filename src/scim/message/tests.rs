//! Tests of messages (RFC 7644 §3.4, §3.7, RFC 9865); floor `scim`.

mod bulk;

use serde_json::json;

use super::*;
use crate::scim::ScimType;
use crate::scim::sort::SortOrder;
use crate::scim::urn;

fn query(parameters: &[(&str, &str)]) -> Result<ListQuery, Error> {
    ListQuery::from_parameters(parameters.iter().copied())
}

#[test]
fn parameters_are_read() {
    let read = query(&[
        ("filter", "userName eq \"a\""),
        ("sortBy", "name.familyName"),
        ("sortOrder", "Descending"),
        ("startIndex", "3"),
        ("count", "10"),
        ("attributes", "userName, emails.value"),
        ("attributes", "id"),
        ("unknown", "x"),
    ])
    .unwrap();
    assert_eq!(read.filter.unwrap().to_string(), "userName eq \"a\"");
    assert_eq!((read.sort_order, read.start_index, read.count), (SortOrder::Descending, 3, Some(10)));
    assert_eq!(read.projection.attributes, ["userName", "emails.value", "id"]);
    assert_eq!(query(&[]).unwrap(), ListQuery::default());
    assert_eq!(query(&[("startIndex", ""), ("sortBy", " ")]).unwrap(), ListQuery::default());
    for empty in ["", " "] {
        let error = query(&[("filter", empty)]).unwrap_err();
        assert_eq!(
            error.scim_type,
            Some(ScimType::InvalidFilter),
            "everyone is not what an empty filter means"
        );
    }
}

#[test]
fn paging_is_clamped() {
    let paging = |start: &str, count: &str| {
        query(&[("startIndex", start), ("count", count)]).map(|q| (q.start_index, q.count))
    };
    assert_eq!(paging("0", "-1").unwrap(), (1, Some(0)));
    assert_eq!(paging("-7", "0").unwrap(), (1, Some(0)));
    assert_eq!(paging("99999999999999999999", "2").unwrap().0, i64::MAX.unsigned_abs());
    for (start, count) in [("x", "1"), ("1", "1.5"), ("1", "-"), ("1e3", "1")] {
        assert_eq!(
            paging(start, count).unwrap_err().scim_type,
            Some(ScimType::InvalidValue),
            "{start} {count}"
        );
    }
}

#[test]
fn a_cursor_makes_its_own_errors() {
    assert_eq!(query(&[("cursor", "")]).unwrap().cursor.as_deref(), Some(""), "the first page");
    let bad = query(&[("cursor", "abc"), ("count", "x")]).unwrap_err();
    assert_eq!(bad.scim_type, Some(ScimType::InvalidCount));
}

#[test]
fn bad_parameters_have_their_own_type() {
    let kind = |name: &str, value: &str| query(&[(name, value)]).unwrap_err().scim_type;
    assert_eq!(kind("filter", "a xx 1"), Some(ScimType::InvalidFilter));
    assert_eq!(kind("sortBy", "a b"), Some(ScimType::InvalidPath));
    assert_eq!(kind("sortOrder", "up"), Some(ScimType::InvalidValue));
    let both = query(&[("attributes", "a"), ("excludedAttributes", "b")]).unwrap_err();
    assert_eq!(both.scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn a_search_request_says_what_a_query_string_says() {
    let body = json!({
        "schemas": [urn::SEARCH_REQUEST], "filter": "a pr", "sortBy": "b", "sortOrder": "descending", "startIndex": 0,
        "COUNT": 5, "excludedAttributes": ["members", "x"], "cursor": null, "extra": 1,
    });
    let parameters = [
        ("filter", "a pr"),
        ("sortBy", "b"),
        ("sortOrder", "descending"),
        ("startIndex", "0"),
        ("count", "5"),
        ("excludedAttributes", "members,x"),
    ];
    assert_eq!(ListQuery::from_search_request(&body).unwrap(), query(&parameters).unwrap());
}

#[test]
fn a_bad_search_request_is_refused() {
    let with = |name: &str, value: Value| json!({ "schemas": [urn::SEARCH_REQUEST], name: value });
    let bad = [
        json!([]),
        json!({}),
        json!({ "schemas": [urn::PATCH_OP] }),
        with("filter", json!(5)),
        with("count", json!("5")),
        with("count", json!(1.5)),
        with("attributes", json!([5])),
    ];
    for body in bad {
        assert!(ListQuery::from_search_request(&body).is_err(), "{body}");
    }
}

#[test]
fn a_list_response_has_what_its_paging_needs() {
    let expected = json!({
        "schemas": [urn::LIST_RESPONSE], "totalResults": 7, "itemsPerPage": 1, "startIndex": 3, "Resources": [{ "id": "1" }],
    });
    assert_eq!(ListResponse::indexed(7, 3, vec![json!({ "id": "1" })]).to_json(), expected);
    let cursor = ListResponse { next_cursor: Some("n".to_owned()), ..ListResponse::default() };
    assert_eq!(
        cursor.to_json(),
        json!({ "schemas": [urn::LIST_RESPONSE], "itemsPerPage": 0, "nextCursor": "n", "Resources": [] })
    );
}
