//! Bodies without secrets, and bounded.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn secrets() -> Secrets {
    let schema = json!({
        "id": "urn:example:keys", "name": "Keys",
        "attributes": [
            { "name": "pin", "type": "string", "multiValued": false, "mutability": "writeOnly", "returned": "never" },
            { "name": "badge", "type": "complex", "multiValued": false, "subAttributes": [
                { "name": "code", "type": "string", "multiValued": false, "returned": "never" },
                { "name": "colour", "type": "string", "multiValued": false },
            ] },
        ],
    });
    let registry = Registry::standard().unwrap().with_extension("User", &schema, false).unwrap();
    Secrets::of(&registry)
}

fn print(value: &Value) -> String {
    secrets().print(value, 10_000).text
}

#[test]
fn a_secret_is_left_out_wherever_it_is_named() {
    let bodies = [
        json!({ "userName": "ann", "password": "hunter2" }),
        json!({ "PassWord": { "value": "hunter2" } }),
        json!({ "urn:example:keys": { "pin": "hunter2", "badge": { "colour": "red", "code": ["hunter2"] } } }),
        json!({ "urn:example:keys:badge.code": "hunter2" }),
        json!({ "Operations": [{ "op": "replace", "path": "password", "value": "hunter2" }] }),
        json!({ "Operations": [{ "op": "replace", "Path": "urn:example:keys:pin", "Value": "hunter2" }] }),
        json!({ "Operations": [{ "op": "replace", "value": { "password": "hunter2" } }] }),
        json!({ "Operations": [{ "method": "POST", "path": "/Users", "data": { "password": "hunter2" } }] }),
        json!({ "filter": "password eq \"hunter2\"" }),
        json!({ "Operations": [{ "op": "remove", "path": "emails[password eq \"hunter2\"]" }] }),
        json!({ "detail": "at 3: password eq \"hunter2\" is not allowed" }),
        json!({ "client_secret": "hunter2", "access_token": "hunter2" }),
    ];
    for body in bodies {
        let text = print(&body);
        assert!(!text.contains("hunter2") && text.contains(REDACTED), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    let body = json!({
        "userName": "password-reset@example.com", "emails": [{ "value": "token@example.com", "primary": true }],
        "Operations": [{ "op": "add", "path": "displayName", "value": "x" }], "filter": "userName eq \"a\"", "n": null,
    });
    assert_eq!(serde_json::from_str::<Value>(&print(&body)).unwrap(), body);
}

#[test]
fn a_query_that_names_a_secret_is_known() {
    assert!(secrets().are_named_in("filter=Password%20eq%20x"));
    assert!(!secrets().are_named_in("filter=userName eq \"passwords@example.com\""));
}

proptest! {
    /// Never much longer than the limit, and whole when it says so.
    #[test]
    fn a_print_is_bounded(texts in proptest::collection::vec("\\PC{0,40}", 0..30), limit in 0_usize..400) {
        let body = json!({ "list": texts, "password": "hunter2" });
        let printed = secrets().print(&body, limit);
        prop_assert!(printed.text.len() <= limit, "{}", printed.text);
        let parsed = serde_json::from_str::<Value>(&printed.text);
        prop_assert_eq!(printed.is_whole, parsed.is_ok_and(|parsed| parsed["list"] == body["list"]));
    }
}
