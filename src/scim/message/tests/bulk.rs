//! Tests of bulk messages and references (RFC 7644 §3.7); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::super::*;
use crate::scim::urn;

fn request(operations: Value) -> Vec<Result<BulkOperation, Error>> {
    let body = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
    BulkRequest::parse(&body, 10).unwrap().operations
}

fn post(id: &str, data: Value) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": data })
}

fn planned(operations: Value) -> BulkPlan {
    let operations = request(operations);
    plan(&operations.iter().map(|op| op.as_ref().ok()).collect::<Vec<_>>())
}

#[test]
fn one_bad_operation_does_not_spoil_the_others() {
    let read = request(json!([
        post("a", json!({})), { "method": "delete", "path": "/Users/1" }, { "method": "POST", "path": "/Users", "data": {} },
        { "method": "GET", "path": "/Users" }, { "method": "PUT", "path": "Users/1", "data": {} }, { "method": "PUT", "path": "/Users/1" },
        post("a", json!({})), 5,
    ]));
    assert_eq!(
        read.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, true, false, false, false, false, false, false]
    );
    let words = ["bulkId is required", "method", "path", "data is required", "used twice", "object"];
    for (result, words) in read.iter().skip(2).zip(words) {
        assert!(result.as_ref().unwrap_err().detail.contains(words), "{result:?}");
    }
    assert_eq!(read[4].as_ref().unwrap_err().operation, Some(4));
}

#[test]
fn the_request_is_checked() {
    let parse = |body: Value| BulkRequest::parse(&body, 1);
    assert!(parse(json!({ "Operations": [] })).is_err());
    assert!(parse(json!({ "schemas": [urn::BULK_REQUEST] })).is_err());
    assert!(parse(json!({ "schemas": [urn::BULK_REQUEST], "failOnErrors": "x", "Operations": [] })).is_err());
    let many = parse(json!({ "schemas": [urn::BULK_REQUEST], "Operations": [1, 2] })).unwrap_err();
    assert_eq!(many.status.code(), 413);
    assert!(many.detail.contains("maxOperations (1)"), "{many}");
    let fine = parse(json!({ "schemas": [urn::BULK_REQUEST], "failOnErrors": 2, "Operations": [] })).unwrap();
    assert_eq!(fine.fail_on_errors, Some(2));
}

#[test]
fn references_are_resolved_in_data_and_paths() {
    let operation = request(json!([{
        "method": "PATCH", "path": "/Groups/bulkId:g", "data": { "Operations": [
            { "op": "add", "path": "members[value eq \"bulkId:u\"]", "value": [{ "value": "bulkId:u", "$ref": "../Users/bulkId:u" }] },
            { "op": "add", "path": "displayName", "value": "a text on bulkId:u is none" },
        ] },
    }]))
    .remove(0)
    .unwrap();
    assert_eq!(operation.references().into_iter().collect::<Vec<_>>(), ["g", "u"]);
    let ids = HashMap::from([("g".to_owned(), "G1".to_owned()), ("u".to_owned(), "U1".to_owned())]);
    let resolved = operation.resolved(&ids).unwrap();
    assert_eq!(resolved.path, "/Groups/G1");
    let first = &resolved.data["Operations"][0];
    assert_eq!(first["path"], "members[value eq \"U1\"]");
    assert_eq!(first["value"], json!([{ "value": "U1", "$ref": "../Users/U1" }]));
    assert_eq!(resolved.data["Operations"][1]["value"], "a text on bulkId:u is none");
    assert_eq!(operation.resolved(&HashMap::new()).unwrap_err().status.code(), 409);
}

#[test]
fn what_is_referred_to_runs_first() {
    let forward = planned(json!([
        post("a", json!({ "x": "bulkId:c" })),
        post("b", json!({})),
        post("c", json!({ "x": "bulkId:b" }))
    ]));
    assert_eq!((forward.order, forward.circular), (vec![1, 2, 0], HashMap::new()));
    let plain = planned(
        json!([post("a", json!({})), { "method": "DELETE", "path": "/Users/1" }, post("b", json!({ "x": "bulkId:a" }))]),
    );
    assert_eq!(plain.order, [0, 1, 2], "the client's order stays");
    let broken = planned(json!([post("a", json!({ "x": "bulkId:nowhere" })), 5]));
    assert_eq!((broken.order, broken.circular.len()), (vec![0, 1], 0));
}

#[test]
fn a_circle_is_opened() {
    let data = json!({ "displayName": "A", "members": [{ "value": "bulkId:b" }, { "value": "bulkId:z" }], "manager": { "value": "bulkId:b" } });
    let operations = json!([post("a", data), post("b", json!({ "x": "bulkId:a" }))]);
    let plan = planned(operations.clone());
    assert_eq!(plan.order, [1, 0]);
    assert_eq!(plan.circular, HashMap::from([(1, HashSet::from(["a".to_owned()]))]));
    let first = request(operations).remove(0).unwrap().without(&HashSet::from(["b".to_owned()]));
    assert_eq!(first.data, json!({ "displayName": "A", "members": [{ "value": "bulkId:z" }] }));
    let own = planned(json!([post("a", json!({ "manager": { "value": "bulkId:a" } }))]));
    assert_eq!(own.circular.len(), 1, "a resource may refer to itself");
}

#[test]
fn the_response_has_string_statuses() {
    let result = BulkResult {
        method: "POST".to_owned(),
        bulk_id: Some("a".to_owned()),
        version: None,
        location: Some("l".to_owned()),
        status: 201,
        response: None,
    };
    let expected = json!({
        "schemas": [urn::BULK_RESPONSE], "Operations": [{ "method": "POST", "bulkId": "a", "location": "l", "status": "201" }],
    });
    assert_eq!(bulk_response(&[result]), expected);
}
