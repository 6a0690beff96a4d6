//! Groups on the wire and inside (gateway floor). Here a PatchOp becomes attributes and changes of members: the SCIM
//! library does not know groups, and the services do not know PATCH.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Scim,
    map_resource::{self, Common, location},
    search,
};
use crate::{
    domain::idp_group::{GroupAttributes, GroupView, IdpGroup, Member, MemberChange, MemberTest},
    scim::{
        Error, ScimType,
        filter::Filter,
        patch::{MemberOp, MemberOperation, Patch},
        schema::{Attribute, ResourceType},
        value::{Object, elements},
    },
};

/// What the server computes, or keeps elsewhere than in the document.
const NOT_IN_DOCUMENT: [&str; 5] = ["schemas", "id", "meta", "externalId", "members"];

/// The whole resource, canonical; without members when these were not read.
pub(super) fn to_resource(scim: &Scim, view: &GroupView) -> Object {
    let group = &view.group;
    let mut resource = map_resource::document(&group.push.document).unwrap_or_default();
    resource.insert("displayName".to_owned(), group.push.display_name.clone().into());
    if let Some(members) = &view.members {
        let members = members.iter().map(|member| to_value(scim, member));
        resource.insert("members".to_owned(), members.collect());
    }
    let common = Common {
        id: &group.id,
        external_id: group.push.external_id.as_ref(),
        created: group.create_time,
        modified: group.update_time,
        version: group.version,
    };
    map_resource::complete(scim, &scim.group, &mut resource, &common);
    resource
}

/// The resource without its members, canonical.
pub(super) fn without_members(scim: &Scim, group: &IdpGroup) -> Object {
    to_resource(scim, &GroupView { group: group.clone(), members: None })
}

fn to_value(scim: &Scim, member: &Member) -> Value {
    let reference = location(scim, &scim.user, member.value);
    json!({ "value": member.value.to_string(), "$ref": reference, "display": member.display, "type": "User" })
}

/// What a resource, canonical, says of a group but its members.
pub(super) fn to_attributes(resource_type: &ResourceType, resource: &Object) -> GroupAttributes {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut document = resource.clone();
    document.retain(|name, _| !NOT_IN_DOCUMENT.contains(&name.as_str()));
    GroupAttributes {
        display_name: text("displayName").unwrap_or_default(),
        external_id: text("externalId"),
        search: Value::Object(search::document(resource_type, &document)).to_string(),
        document: Value::Object(document).to_string(),
    }
}

/// The members of a whole resource, canonical: these and no others.
///
/// # Errors
/// `invalidValue` for a member without a `value`: it names nobody.
pub(super) fn to_members(resource: &Object) -> Result<MemberChange, Error> {
    let members = resource.get("members").map(elements).unwrap_or_default();
    let values = values(members);
    if values.len() < members.len() || values.iter().any(String::is_empty) {
        let detail = "every one of members must have a value: the id of the member";
        return Err(Error::new(ScimType::InvalidValue, detail));
    }
    Ok(MemberChange::Replace(values))
}

/// What a PATCH says of the members, and the rest of it.
pub(super) fn split_members(scim: &Scim, patch: Patch) -> Result<(Vec<MemberChange>, Patch), Error> {
    let (members, rest) = patch.split_members(&scim.group, "members")?;
    Ok((members.into_iter().flat_map(|operation| member_changes(scim, operation)).collect(), rest))
}

/// The attributes of `current` after a PATCH; none when it leaves them as they are.
pub(super) fn patched(
    scim: &Scim,
    patch: &Patch,
    current: &IdpGroup,
) -> Result<Option<GroupAttributes>, Error> {
    let mut resource = without_members(scim, current);
    let is_changed = patch.apply(&scim.group, &mut resource)?;
    Ok(is_changed.then(|| to_attributes(&scim.group, &resource)))
}

fn member_changes(scim: &Scim, operation: MemberOperation) -> Vec<MemberChange> {
    match operation.op {
        MemberOp::Add(members) => vec![MemberChange::Add(values(&members))],
        MemberOp::Remove(values) => vec![MemberChange::Remove(values)],
        MemberOp::RemoveWhere(filter) => vec![MemberChange::RemoveWhere(test(scim, filter))],
        MemberOp::RemoveAll => vec![MemberChange::Replace(Vec::new())],
        MemberOp::Replace(members) => vec![MemberChange::Replace(values(&members))],
        MemberOp::ReplaceWhere { filter, value, creates_missing } => {
            let values = values(&[value]);
            vec![MemberChange::ReplaceWhere {
                test: test(scim, filter),
                values,
                must_match: !creates_missing,
            }]
        }
    }
}

fn values(members: &[Value]) -> Vec<String> {
    let value = |member: &Value| member.get("value").and_then(Value::as_str).map(str::to_owned);
    members.iter().filter_map(value).collect()
}

/// A filter as a test of members, which sees them as the wire shows them.
fn test(scim: &Scim, filter: Filter) -> MemberTest {
    let (scim, definition, weight) = (scim.clone(), members_of(&scim.group), filter.weight());
    let names = Box::new(move |member: &Member| {
        definition.as_ref().is_some_and(|members| filter.matches_value(members, &to_value(&scim, member)))
    });
    MemberTest { weight, names }
}

fn members_of(resource_type: &Arc<ResourceType>) -> Option<Attribute> {
    resource_type.attribute("members").cloned()
}
