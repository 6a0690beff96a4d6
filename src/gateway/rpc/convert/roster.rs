//! Gateway floor: the types of `roster.v1` to domain and back.

mod idp_group;
mod jit;
mod maintenance;
mod membership;
mod provisioning;
mod provisioning_log;
mod scim_token;
mod user;
mod watch;

pub(in crate::gateway::rpc) use idp_group::{
    from_effect, from_idp_group, from_organization_group, from_pushed_member, from_release,
};
pub(in crate::gateway::rpc) use jit::{from_admin_effect, from_admin_email, from_jit_organization};
pub(in crate::gateway::rpc) use maintenance::from_maintenance;
pub(in crate::gateway::rpc) use membership::{from_decision, from_explanation, from_held};
pub(in crate::gateway::rpc) use provisioning::{from_large_removal, from_pause, from_warning};
pub(in crate::gateway::rpc) use provisioning_log::{
    from_logged_body, from_logged_request, to_request_filter,
};
pub(in crate::gateway::rpc) use scim_token::{from_scim_token, from_used_token, to_profile};
pub(in crate::gateway::rpc) use user::{from_account, from_import, from_merge, to_import_row};
pub(in crate::gateway::rpc) use watch::from_told;

use super::{required, to_id, to_known};
use crate::{
    domain::{
        id::{OrganizationId, UserId},
        membership::{Effective, Given},
        role::{OrganizationRole, RoleSource},
    },
    gateway::rpc::status::Violations,
    proto::roster::v1 as proto,
    services::user::Ref,
};

/// An organization role; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_role(
    field: &str,
    number: i32,
) -> Result<Option<OrganizationRole>, Violations> {
    Ok(match to_known(field, number)? {
        proto::OrganizationRole::Unspecified => None,
        proto::OrganizationRole::Member => Some(OrganizationRole::Member),
        proto::OrganizationRole::Machine => Some(OrganizationRole::Machine),
        proto::OrganizationRole::Admin => Some(OrganizationRole::Admin),
        proto::OrganizationRole::Owner => Some(OrganizationRole::Owner),
    })
}

/// An organization role on the wire; UNSPECIFIED for none.
fn from_role(role: Option<OrganizationRole>) -> i32 {
    let role = match role {
        None => proto::OrganizationRole::Unspecified,
        Some(OrganizationRole::Member) => proto::OrganizationRole::Member,
        Some(OrganizationRole::Machine) => proto::OrganizationRole::Machine,
        Some(OrganizationRole::Admin) => proto::OrganizationRole::Admin,
        Some(OrganizationRole::Owner) => proto::OrganizationRole::Owner,
    };
    role.into()
}

fn from_source(source: Option<RoleSource>) -> i32 {
    let source = match source {
        None => proto::RoleSource::Unspecified,
        Some(RoleSource::Direct) => proto::RoleSource::Direct,
        Some(RoleSource::Jit) => proto::RoleSource::Jit,
        Some(RoleSource::IdpGroup) => proto::RoleSource::IdpGroup,
    };
    source.into()
}

/// A role and its source on the wire; both UNSPECIFIED for none.
fn from_effective(effective: Option<Effective>) -> (i32, i32) {
    (from_role(effective.map(|held| held.role)), from_source(effective.map(|held| held.source)))
}

/// A ref to a user, which must be given.
pub(in crate::gateway::rpc) fn to_user_ref(
    field: &str,
    given: Option<proto::UserRef>,
) -> Result<Ref<UserId>, Violations> {
    match required(field, given.and_then(|given| given.value))? {
        proto::user_ref::Value::Id(id) => Ok(Ref::Id(to_id(&format!("{field}.id"), &id)?)),
        proto::user_ref::Value::Name(name) => Ok(Ref::Name(name)),
    }
}

/// A ref to an organization, which must be given.
pub(in crate::gateway::rpc) fn to_organization_ref(
    field: &str,
    given: Option<proto::OrganizationRef>,
) -> Result<Ref<OrganizationId>, Violations> {
    match required(field, given.and_then(|given| given.value))? {
        proto::organization_ref::Value::Id(id) => Ok(Ref::Id(to_id(&format!("{field}.id"), &id)?)),
        proto::organization_ref::Value::Name(name) => Ok(Ref::Name(name)),
    }
}

/// Who did something.
fn from_actor(given: Given) -> proto::Actor {
    let kind = match given.actor_kind.as_str() {
        "user" => proto::ActorKind::User,
        "scim_token" => proto::ActorKind::ScimToken,
        "system" => proto::ActorKind::System,
        _ => proto::ActorKind::Unspecified,
    };
    proto::Actor { kind: kind.into(), id: given.actor_id }
}
