//! Gateway floor: the enums of users in `buf.registry.owner.v1` to domain.

use crate::{
    domain::{
        role::ServerRole,
        user::{UserState, UserType, VerificationStatus},
    },
    gateway::rpc::convert::to_known,
    gateway::rpc::status::Violations,
    proto::buf::registry::owner::v1 as proto,
};

/// A state of accounts; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_user_state(
    field: &str,
    number: i32,
) -> Result<Option<UserState>, Violations> {
    Ok(match to_known(field, number)? {
        proto::UserState::Unspecified => None,
        proto::UserState::Active => Some(UserState::Active),
        proto::UserState::Inactive => Some(UserState::Deactivated),
    })
}

/// A type of accounts; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_user_type(
    field: &str,
    number: i32,
) -> Result<Option<UserType>, Violations> {
    Ok(match to_known(field, number)? {
        proto::UserType::Unspecified => None,
        proto::UserType::Standard => Some(UserType::Personal),
        proto::UserType::Bot => Some(UserType::Machine),
        proto::UserType::System => Some(UserType::System),
    })
}

/// A role on the server; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_server_role(
    field: &str,
    number: i32,
) -> Result<Option<ServerRole>, Violations> {
    Ok(match to_known(field, number)? {
        proto::UserInstanceRole::Unspecified => None,
        proto::UserInstanceRole::Admin => Some(ServerRole::Admin),
        proto::UserInstanceRole::Member => Some(ServerRole::Member),
    })
}

/// A verification status; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_verification(
    field: &str,
    number: i32,
) -> Result<Option<VerificationStatus>, Violations> {
    use proto::UserVerificationStatus as Wire;
    Ok(match to_known(field, number)? {
        Wire::Unspecified => None,
        Wire::Unverified => Some(VerificationStatus::Unverified),
        Wire::Verified => Some(VerificationStatus::VerifiedPublisher),
        Wire::Official => Some(VerificationStatus::Official),
    })
}
