//! Gateway floor: how provisioning goes, on the wire.

use super::{from_actor, proto};
use crate::{
    domain::provisioning::{Pause, WarningKind},
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
