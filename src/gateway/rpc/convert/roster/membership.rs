//! Gateway floor: memberships of `roster.v1` on the wire.

use super::{from_actor, from_effective, from_role, proto};
use crate::{
    domain::{
        membership::{Decision, Explanation, Membership, SourcedGrant, Through},
        organization::OrganizationGroup,
    },
    gateway::rpc::convert::from_timestamp,
};

/// A decision.
pub(in crate::gateway::rpc) fn from_decision(decision: Decision) -> proto::MembershipDecision {
    let (organization, user) = decision.key;
    proto::MembershipDecision {
        user_id: user.to_string(),
        organization_id: organization.to_string(),
        is_member: decision.role.is_some(),
        role: from_role(decision.role),
        satisfied: decision.satisfied,
    }
}

/// A membership with its grants.
pub(in crate::gateway::rpc) fn from_held(held: Membership) -> proto::Membership {
    let (role, source) = from_effective(Some(held.effective));
    let (organization, user) = held.key;
    proto::Membership {
        organization_id: organization.to_string(),
        organization_name: held.organization_name,
        user_id: user.to_string(),
        username: held.username,
        role,
        source,
        grants: from_grants(held.grants),
    }
}

fn from_grants(grants: Vec<SourcedGrant>) -> Vec<proto::MembershipGrant> {
    grants.into_iter().map(from_grant).collect()
}

fn from_grant(sourced: SourcedGrant) -> proto::MembershipGrant {
    let (role, source) = from_effective(Some(sourced.grant.effective));
    proto::MembershipGrant {
        role,
        source,
        create_time: from_timestamp(sourced.given.time),
        actor: Some(from_actor(sourced.given)),
        group: sourced.through.map(from_through),
    }
}

fn from_through(through: Through) -> proto::GroupGrant {
    proto::GroupGrant {
        idp_group_id: through.group.id.to_string(),
        group_name: through.group.display_name,
        organization_group_id: through.organization_group_id.to_string(),
        request_id: through.request_id,
    }
}

/// Why someone is a member, or not.
pub(in crate::gateway::rpc) fn from_explanation(
    explanation: Explanation,
    revision: u64,
) -> proto::ExplainMembershipResponse {
    let (role, source) = from_effective(explanation.effective);
    let (organization, user) = explanation.key;
    proto::ExplainMembershipResponse {
        user_id: user.to_string(),
        organization_id: organization.to_string(),
        role,
        source,
        grants: from_grants(explanation.grants),
        deactivated: explanation.deactivated,
        withheld_grants: from_grants(explanation.withheld),
        joinable_groups: explanation.joinable.into_iter().map(from_joinable).collect(),
        revision,
    }
}

fn from_joinable(mapping: OrganizationGroup) -> proto::JoinableGroup {
    proto::JoinableGroup {
        role: from_role(Some(mapping.role())),
        idp_group_id: mapping.group_id.map(|id| id.to_string()).unwrap_or_default(),
        organization_group_id: mapping.id.to_string(),
        group_name: mapping.group_name,
    }
}
