//! The example requests of RFC 7644 §3.5.2, in their order; floor `scim`.

use serde_json::{Value, json};

use super::{MemberOp, Profile, patched, read};
use crate::scim::testing::group;

const BABS: &str = "2819c223-7f76-453a-919d-413861904646";
const MANDY: &str = "902c246b-6245-4190-8e05-00816be7344a";

fn members(operations: Value) -> Vec<MemberOp> {
    let patch = read(&group(), operations, Profile::Generic).unwrap();
    assert!(patch.rewrites.is_empty(), "the RFC needs no tolerance: {:?}", patch.rewrites);
    let (members, rest) = patch.split_members(&group(), "members").unwrap();
    assert!(rest.operations.is_empty());
    members.into_iter().map(|member| member.op).collect()
}

fn babs() -> Value {
    json!({ "value": BABS, "$ref": format!("https://example.com/v2/Users/{BABS}"), "display": "Babs Jensen" })
}

fn stored(id: &str) -> Value {
    json!({ "value": id, "$ref": format!("https://example.com/v2/Users/{id}") })
}

#[test]
fn members_are_added_removed_and_replaced() {
    let add = json!({ "op": "add", "path": "members", "value": [babs()] });
    assert_eq!(members(json!([add])), [MemberOp::Add(vec![stored(BABS)])]);
    assert_eq!(members(json!([{ "op": "remove", "path": "members" }])), [MemberOp::RemoveAll]);
    let remove = json!({ "op": "remove", "path": format!("members[value eq \"{BABS}\"]") });
    assert_eq!(members(json!([remove])), [MemberOp::Remove(vec![BABS.to_owned()])]);
    assert_eq!(
        members(json!([remove, add])),
        [MemberOp::Remove(vec![BABS.to_owned()]), MemberOp::Add(vec![stored(BABS)])]
    );
    let both = json!({ "op": "replace", "path": "members", "value": [babs(), stored(MANDY)] });
    assert_eq!(members(json!([both])), [MemberOp::Replace(vec![stored(BABS), stored(MANDY)])]);
}

#[test]
fn attributes_are_added_and_replaced_without_a_path() {
    let value = json!({ "emails": [{ "value": "babs@jensen.org", "type": "home" }], "nickname": "Babs" });
    let before =
        || json!({ "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }] });
    let added = patched(before(), json!([{ "op": "add", "value": value }]));
    let mut expected = before();
    expected["emails"].as_array_mut().unwrap().push(value["emails"][0].clone());
    expected["nickName"] = json!("Babs");
    assert_eq!(added, expected);
    let replaced = patched(before(), json!([{ "op": "replace", "value": value }]));
    assert_eq!(replaced, json!({ "emails": value["emails"], "nickName": "Babs" }));
}

#[test]
fn one_email_is_removed() {
    let path = "emails[type eq \"work\" and value ew \"example.com\"]";
    let other = json!({ "value": "a@example.org", "type": "work" });
    let before = json!({ "emails": [{ "value": "b@EXAMPLE.com", "type": "work" }, other] });
    assert_eq!(patched(before, json!([{ "op": "remove", "path": path }])), json!({ "emails": [other] }));
}

#[test]
fn the_work_address_is_replaced_and_its_street_alone() {
    let home = json!({ "type": "home", "country": "US" });
    let before = || json!({ "addresses": [{ "type": "work", "streetAddress": "1 Old Street", "region": "NY" }, home] });
    let new = json!({ "type": "work", "streetAddress": "911 Universal City Plaza", "country": "US", "primary": true });
    let whole = json!([{ "op": "replace", "path": "addresses[type eq \"work\"]", "value": new }]);
    assert_eq!(patched(before(), whole), json!({ "addresses": [new, home] }));
    let street = json!([{ "op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave" }]);
    let expected = json!({ "type": "work", "streetAddress": "1010 Broadway Ave", "region": "NY" });
    assert_eq!(patched(before(), street), json!({ "addresses": [expected, home] }));
}
