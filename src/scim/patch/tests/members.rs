//! Tests of setting members apart (RFC 7644 §3.5.2); floor `scim`.

#![expect(clippy::needless_pass_by_value, reason = "tests read best with json! in place")]

use serde_json::{Value, json};

use super::{MemberOp, Profile, read};
use crate::scim::testing::group;
use crate::scim::{Error, ScimType, urn};

fn split(operations: Value) -> Result<(Vec<MemberOp>, usize), Error> {
    let patch = read(&group(), operations, Profile::Generic)?;
    let (members, rest) = patch.split_members(&group(), "members")?;
    Ok((members.into_iter().map(|member| member.op).collect(), rest.operations.len()))
}

fn one(operation: Value) -> MemberOp {
    let (mut members, rest) = split(json!([operation])).unwrap();
    assert_eq!((members.len(), rest), (1, 0));
    members.remove(0)
}

#[test]
fn every_form_is_told_apart() {
    let remove = |ids: &[&str]| MemberOp::Remove(ids.iter().map(|id| (*id).to_owned()).collect());
    let cases = [
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "1", "display": "x" }] }),
            MemberOp::Add(vec![json!({ "value": "1" })]),
        ),
        (
            json!({ "op": "Add", "path": "MEMBERS", "value": [{ "$ref": null, "value": "1" }] }),
            MemberOp::Add(vec![json!({ "value": "1" })]),
        ),
        (json!({ "op": "add", "value": { "Members": ["1"] } }), MemberOp::Add(vec![json!({ "value": "1" })])),
        (
            json!({ "op": "add", "value": { format!("{}:members", urn::GROUP): { "value": "1" } } }),
            MemberOp::Add(vec![json!({ "value": "1" })]),
        ),
        (
            json!({ "op": "replace", "path": "members", "value": [{ "value": "1" }] }),
            MemberOp::Replace(vec![json!({ "value": "1" })]),
        ),
        (json!({ "op": "replace", "path": "members", "value": [] }), MemberOp::RemoveAll),
        (json!({ "op": "remove", "path": "members" }), MemberOp::RemoveAll),
        (json!({ "op": "remove", "path": "members[value eq \"a\"]" }), remove(&["a"])),
        (json!({ "op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]" }), remove(&["a", "b"])),
        (
            json!({ "op": "Remove", "path": "members", "value": [{ "value": "a" }, { "value": "b", "$ref": null }] }),
            remove(&["a", "b"]),
        ),
        (
            json!({ "op": "remove", "path": format!("{}:members[VALUE eq \"a\"]", urn::GROUP) }),
            remove(&["a"]),
        ),
        (
            json!({ "op": "remove", "path": "members[type eq \"Group\"]" }),
            MemberOp::RemoveWhere("type eq \"Group\"".parse().unwrap()),
        ),
    ];
    for (operation, expected) in cases {
        assert_eq!(one(operation.clone()), expected, "{operation}");
    }
}

#[test]
fn a_value_path_gives_way_to_a_member() {
    let expected = MemberOp::ReplaceWhere {
        filter: "value eq \"a\"".parse().unwrap(),
        value: json!({ "value": "b" }),
        creates_missing: false,
    };
    assert_eq!(
        one(json!({ "op": "replace", "path": "members[value eq \"a\"]", "value": { "value": "b" } })),
        expected
    );
}

#[test]
fn an_empty_removal_list_never_empties_the_group() {
    assert_eq!(split(json!([{ "op": "remove", "path": "members", "value": [] }])).unwrap(), (Vec::new(), 0));
}

#[test]
fn the_rest_stays_in_order() {
    let operations = json!([
        { "op": "replace", "value": { "id": "1", "displayName": "A", "members": [{ "value": "1" }] } },
        { "op": "remove", "path": "members[value eq \"2\"]" }, { "op": "replace", "path": "displayName", "value": "B" },
    ]);
    let (members, rest) =
        read(&group(), operations, Profile::Okta).unwrap().split_members(&group(), "members").unwrap();
    assert_eq!(members.iter().map(|member| member.index).collect::<Vec<_>>(), [0, 1]);
    let mut resource = crate::scim::testing::object(json!({ "id": "1", "displayName": "old" }));
    assert!(rest.apply(&group(), &mut resource).unwrap());
    assert_eq!(resource["displayName"], "B");
}

#[test]
fn bad_members_are_refused_with_their_place() {
    let cases = [
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "1" }, { "type": "User" }] }),
            ScimType::InvalidValue,
            "members[1].value",
        ),
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": 5 }] }),
            ScimType::InvalidValue,
            "members[0].value must be a string",
        ),
        (
            json!({ "op": "replace", "path": "members[value eq \"a\"].value", "value": "b" }),
            ScimType::Mutability,
            "cannot be changed",
        ),
        (
            json!({ "op": "replace", "path": "members.display", "value": "b" }),
            ScimType::Mutability,
            "readOnly",
        ),
    ];
    for (operation, kind, words) in cases {
        let error =
            split(json!([{ "op": "replace", "path": "displayName", "value": "x" }, operation])).unwrap_err();
        assert_eq!((error.scim_type, error.operation), (Some(kind), Some(1)), "{error}");
        assert!(error.detail.contains(words), "{error}");
    }
}
