//! Gateway floor: what people get without anyone's doing, on the wire.

use super::{from_actor, from_role, proto};
use crate::{
    domain::{
        jit::{AdminEmail, JitOrganization, is_vouched_for},
        role::ServerRole,
    },
    gateway::rpc::convert::from_timestamp,
    services::jit::admin::Effect,
};

/// An organization that everyone joins.
pub(in crate::gateway::rpc) fn from_jit_organization(set: JitOrganization) -> proto::JitOrganization {
    proto::JitOrganization {
        organization_id: set.organization_id.to_string(),
        organization_name: set.organization_name,
        role: from_role(Some(set.role)),
        configured: set.set_by.configured,
        create_time: from_timestamp(set.set_by.given.time),
        actor: Some(from_actor(set.set_by.given)),
    }
}

/// An e-mail that makes a server admin.
pub(in crate::gateway::rpc) fn from_admin_email(found: AdminEmail) -> proto::AdminEmail {
    proto::AdminEmail {
        email: found.email,
        configured: found.set_by.configured,
        create_time: from_timestamp(found.set_by.given.time),
        actor: Some(from_actor(found.set_by.given)),
    }
}

/// What becomes of someone by a change of the e-mails.
pub(in crate::gateway::rpc) fn from_admin_effect(effect: Effect) -> proto::AdminEmailEffect {
    use proto::AdminEmailEffectKind as Wire;
    let kind = match (effect.user.server_role, effect.after) {
        (ServerRole::Member, ServerRole::Admin) => Wire::Added,
        (ServerRole::Admin, ServerRole::Member) => Wire::Removed,
        (ServerRole::Admin, ServerRole::Admin) | (ServerRole::Member, ServerRole::Member) => Wire::Staying,
    };
    proto::AdminEmailEffect {
        user_id: effect.user.id.to_string(),
        vouched_for: is_vouched_for(&effect.user),
        username: effect.user.username,
        kind: kind.into(),
        server_admin: effect.after == ServerRole::Admin,
    }
}
