//! Gateway floor: how provisioning goes, on the wire.

use super::{from_actor, proto};
use crate::{
    domain::provisioning::{LargeRemoval, OrganizationRemoval, Pause, RemovalState, WarningKind},
    gateway::rpc::convert::from_timestamp,
    services::provisioning::readiness::Warning,
};

/// A warning.
pub(in crate::gateway::rpc) fn from_warning(warning: Warning) -> proto::ProvisioningWarning {
    proto::ProvisioningWarning {
        kind: from_kind(warning.kind).into(),
        sentence: warning.what,
        consequence: warning.why.to_owned(),
        remedy: warning.fix.to_owned(),
        subjects: warning.subjects,
    }
}

fn from_kind(kind: WarningKind) -> proto::ProvisioningWarningKind {
    use proto::ProvisioningWarningKind as Kind;
    match kind {
        WarningKind::NoOrganizationGroup => Kind::NoOrganizationGroup,
        WarningKind::UnmappedGroups => Kind::UnmappedGroups,
        WarningKind::UnpushedGroupNames => Kind::UnpushedGroupNames,
        WarningKind::UsersWithoutWorkEmail => Kind::UsersWithoutWorkEmail,
        WarningKind::SharedLocalEmails => Kind::SharedLocalEmails,
        WarningKind::OrganizationsWithoutOwner => Kind::OrganizationsWithoutOwner,
        WarningKind::UnknownGroupMembers => Kind::UnknownGroupMembers,
        WarningKind::TokenExpiresSoon => Kind::TokenExpiresSoon,
        WarningKind::TokenExpired => Kind::TokenExpired,
        WarningKind::ProvisioningPaused => Kind::ProvisioningPaused,
        WarningKind::LargeRemoval => Kind::LargeRemoval,
        WarningKind::LargeRemovalHeld => Kind::LargeRemovalHeld,
        WarningKind::SharedAdminEmails => Kind::SharedAdminEmails,
        WarningKind::DeactivationRefused => Kind::DeactivationRefused,
        WarningKind::PossibleDuplicate => Kind::PossibleDuplicate,
        WarningKind::LocalUsersWithoutEmail => Kind::LocalUsersWithoutEmail,
    }
}

/// A pause.
pub(in crate::gateway::rpc) fn from_pause(pause: Pause) -> proto::ProvisioningPause {
    proto::ProvisioningPause {
        scim_token_id: pause.scope.map(|id| id.to_string()).unwrap_or_default(),
        reason: pause.reason,
        create_time: from_timestamp(pause.given.time),
        actor: Some(from_actor(pause.given)),
    }
}

/// A large removal.
pub(in crate::gateway::rpc) fn from_large_removal(removal: LargeRemoval) -> proto::LargeRemoval {
    let state = match removal.state {
        RemovalState::Done => proto::LargeRemovalState::Done,
        RemovalState::Held => proto::LargeRemovalState::Held,
        RemovalState::Released => proto::LargeRemovalState::Released,
    };
    proto::LargeRemoval {
        id: removal.id.to_string(),
        state: state.into(),
        scim_token_id: removal.token.to_string(),
        request_id: removal.request_id,
        time: from_timestamp(removal.time),
        organizations: removal.organizations.into_iter().map(from_organization_removal).collect(),
        release_time: removal.released.as_ref().and_then(|given| from_timestamp(given.time)),
        release_actor: removal.released.map(from_actor),
    }
}

/// What a large removal takes from one organization.
pub(super) fn from_organization_removal(removal: OrganizationRemoval) -> proto::OrganizationRemoval {
    proto::OrganizationRemoval {
        organization_id: removal.organization_id.to_string(),
        organization_name: removal.name,
        removed_count: removal.removed,
        member_count: removal.members,
    }
}
