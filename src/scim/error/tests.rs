//! Tests of errors (RFC 7644 §3.12); floor `scim`.

use serde_json::json;

use super::{Error, ScimType, Status};

#[test]
fn body_has_a_string_status_and_the_scim_type() {
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409", "scimType": "uniqueness", "detail": "userName is taken",
    });
    assert_eq!(Error::new(ScimType::Uniqueness, "userName is taken").to_json(), expected);
}

#[test]
fn body_without_a_type_has_no_scim_type() {
    let body = Error::plain(Status::PayloadTooLarge, "too much").to_json();
    assert_eq!((body["status"].as_str(), body.get("scimType")), (Some("413"), None));
}

#[test]
fn sensitive_is_a_403_and_all_cursor_errors_are_400() {
    assert_eq!(ScimType::Sensitive.status().code(), 403);
    for kind in [ScimType::InvalidCursor, ScimType::ExpiredCursor, ScimType::InvalidCount] {
        assert_eq!(kind.status().code(), 400, "{kind}");
    }
}

#[test]
fn the_first_operation_named_stays() {
    let error = Error::value("bad").at_operation(3).at_operation(0);
    assert_eq!((error.operation, error.detail.as_str()), (Some(3), "Operations[3]: bad"));
}
