//! Gateway floor: groups of IdPs and their mappings of `roster.v1` on the wire.

use super::{from_actor, from_effective, from_role, proto};
use crate::{
    domain::{
        idp_group::{GroupRelease, ListedGroup, PushedMember},
        membership::{Effect, MembershipChange},
        organization::ListedMapping,
    },
    gateway::rpc::convert::from_timestamp,
};

/// A pushed group.
pub(in crate::gateway::rpc) fn from_idp_group(listed: ListedGroup) -> proto::IdpGroup {
    let group = listed.group;
    proto::IdpGroup {
        id: group.id.to_string(),
        display_name: group.push.display_name,
        external_id: group.push.external_id.unwrap_or_default(),
        member_count: group.member_count,
        organization_count: listed.organization_count,
        create_time: from_timestamp(group.create_time),
        update_time: from_timestamp(group.update_time),
    }
}

/// A member of a pushed group.
pub(in crate::gateway::rpc) fn from_pushed_member(member: PushedMember) -> proto::IdpGroupMember {
    proto::IdpGroupMember {
        user_id: member.user_id.to_string(),
        username: member.username,
        scim_user_name: member.user_name,
        deactivated: !member.active,
        create_time: from_timestamp(member.given.time),
        actor: Some(from_actor(member.given)),
        request_id: member.request_id,
    }
}

/// A mapping.
pub(in crate::gateway::rpc) fn from_organization_group(listed: ListedMapping) -> proto::OrganizationGroup {
    let mapping = listed.mapping;
    proto::OrganizationGroup {
        id: mapping.id.to_string(),
        organization_id: mapping.organization_id.to_string(),
        organization_name: listed.organization_name,
        role: from_role(Some(mapping.role())),
        idp_group_id: mapping.group_id.map(|id| id.to_string()).unwrap_or_default(),
        member_count: listed.member_count,
        create_time: from_timestamp(mapping.create_time),
        group_name: mapping.group_name,
    }
}

/// What becomes of one user, with their name.
pub(in crate::gateway::rpc) fn from_effect(
    (change, username): (MembershipChange, String),
) -> proto::MembershipEffect {
    let (old_role, old_source) = from_effective(change.before);
    let (new_role, new_source) = from_effective(change.after);
    let kind = match change.effect() {
        Effect::Added => proto::MembershipEffectKind::Added,
        Effect::Changed => proto::MembershipEffectKind::Changed,
        Effect::Removed => proto::MembershipEffectKind::Removed,
        Effect::Staying => proto::MembershipEffectKind::Staying,
    };
    let user_id = change.key.1.to_string();
    proto::MembershipEffect {
        user_id,
        username,
        kind: kind.into(),
        old_role,
        old_source,
        new_role,
        new_source,
    }
}

/// A release.
pub(in crate::gateway::rpc) fn from_release(release: GroupRelease) -> proto::IdpGroupRelease {
    proto::IdpGroupRelease {
        organization_id: release.organization_id.to_string(),
        organization_name: release.organization_name,
        group_name: release.group_name,
        idp_group_id: release.group_id.map(|id| id.to_string()).unwrap_or_default(),
        create_time: from_timestamp(release.given.time),
        actor: Some(from_actor(release.given)),
    }
}
