//! Gateway floor: the types of `buf.alpha.registry.v1alpha1` to domain and back.

use super::{from_timestamp, to_known};
use crate::{
    domain::{
        membership::OrganizationMember,
        organization::{Organization, OrganizationGroup, OrganizationMembership},
        role::{OrganizationRole, RepositoryRole, RoleSource, ServerRole},
        scim_token::ScimToken,
        token::Token,
        user::{User, UserState, UserType, VerificationStatus},
    },
    gateway::rpc::status::Violations,
    proto::buf::alpha::registry::v1alpha1 as proto,
};

/// An organization role; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_organization_role(
    field: &str,
    number: i32,
) -> Result<Option<OrganizationRole>, Violations> {
    Ok(match to_known(field, number)? {
        proto::OrganizationRole::Unspecified => None,
        proto::OrganizationRole::Owner => Some(OrganizationRole::Owner),
        proto::OrganizationRole::Admin => Some(OrganizationRole::Admin),
        proto::OrganizationRole::Member => Some(OrganizationRole::Member),
        proto::OrganizationRole::Machine => Some(OrganizationRole::Machine),
    })
}

/// An organization role on the wire.
pub(in crate::gateway::rpc) fn from_organization_role(role: OrganizationRole) -> proto::OrganizationRole {
    match role {
        OrganizationRole::Owner => proto::OrganizationRole::Owner,
        OrganizationRole::Admin => proto::OrganizationRole::Admin,
        OrganizationRole::Machine => proto::OrganizationRole::Machine,
        OrganizationRole::Member => proto::OrganizationRole::Member,
    }
}

/// A role on the server; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_server_role(
    field: &str,
    number: i32,
) -> Result<Option<ServerRole>, Violations> {
    Ok(match to_known(field, number)? {
        proto::ServerRole::Unspecified => None,
        proto::ServerRole::Admin => Some(ServerRole::Admin),
        proto::ServerRole::Member => Some(ServerRole::Member),
    })
}

/// A role on repositories; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_repository_role(
    field: &str,
    number: i32,
) -> Result<Option<RepositoryRole>, Violations> {
    Ok(match to_known(field, number)? {
        proto::RepositoryRole::Unspecified => None,
        proto::RepositoryRole::Owner => Some(RepositoryRole::Owner),
        proto::RepositoryRole::Admin => Some(RepositoryRole::Admin),
        proto::RepositoryRole::Write => Some(RepositoryRole::Write),
        proto::RepositoryRole::LimitedWrite => Some(RepositoryRole::LimitedWrite),
        proto::RepositoryRole::Read => Some(RepositoryRole::Read),
    })
}

/// A role on repositories on the wire.
pub(in crate::gateway::rpc) fn from_repository_role(role: RepositoryRole) -> proto::RepositoryRole {
    match role {
        RepositoryRole::Owner => proto::RepositoryRole::Owner,
        RepositoryRole::Admin => proto::RepositoryRole::Admin,
        RepositoryRole::Write => proto::RepositoryRole::Write,
        RepositoryRole::LimitedWrite => proto::RepositoryRole::LimitedWrite,
        RepositoryRole::Read => proto::RepositoryRole::Read,
    }
}

/// A state of accounts; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_user_state(
    field: &str,
    number: i32,
) -> Result<Option<UserState>, Violations> {
    Ok(match to_known(field, number)? {
        proto::UserState::Unspecified => None,
        proto::UserState::Active => Some(UserState::Active),
        proto::UserState::Deactivated => Some(UserState::Deactivated),
    })
}

/// A type of accounts; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_user_type(
    field: &str,
    number: i32,
) -> Result<Option<UserType>, Violations> {
    Ok(match to_known(field, number)? {
        proto::UserType::Unspecified => None,
        proto::UserType::Personal => Some(UserType::Personal),
        proto::UserType::Machine => Some(UserType::Machine),
        proto::UserType::System => Some(UserType::System),
    })
}

fn from_user_type(user_type: UserType) -> proto::UserType {
    match user_type {
        UserType::Personal => proto::UserType::Personal,
        UserType::Machine => proto::UserType::Machine,
        UserType::System => proto::UserType::System,
    }
}

/// The source of a role on the wire.
pub(in crate::gateway::rpc) fn from_source(source: RoleSource) -> proto::OrganizationRoleSource {
    match source {
        RoleSource::Direct => proto::OrganizationRoleSource::Direct,
        RoleSource::Jit => proto::OrganizationRoleSource::Jit,
        RoleSource::IdpGroup => proto::OrganizationRoleSource::IdpGroup,
    }
}

/// A verification status; UNSPECIFIED is "nobody vouches".
pub(in crate::gateway::rpc) fn to_verification(
    field: &str,
    number: i32,
) -> Result<VerificationStatus, Violations> {
    Ok(match to_known(field, number)? {
        proto::VerificationStatus::Unspecified => VerificationStatus::Unverified,
        proto::VerificationStatus::VerifiedPublisher => VerificationStatus::VerifiedPublisher,
        proto::VerificationStatus::Official => VerificationStatus::Official,
    })
}

/// This enum has no word for "nobody vouches".
fn from_verification(verification: VerificationStatus) -> proto::VerificationStatus {
    match verification {
        VerificationStatus::Unverified => proto::VerificationStatus::Unspecified,
        VerificationStatus::VerifiedPublisher => proto::VerificationStatus::VerifiedPublisher,
        VerificationStatus::Official => proto::VerificationStatus::Official,
    }
}

/// An account.
pub(in crate::gateway::rpc) fn from_user(user: User) -> proto::User {
    proto::User {
        id: user.id.to_string(),
        create_time: from_timestamp(user.create_time),
        update_time: from_timestamp(user.update_time),
        deactivated: !user.is_active(),
        username: user.username,
        description: user.description,
        url: user.url,
        verification_status: from_verification(user.verification).into(),
        user_type: from_user_type(user.user_type).into(),
    }
}

/// A member of an organization.
pub(in crate::gateway::rpc) fn from_member(member: OrganizationMember) -> proto::OrganizationUser {
    proto::OrganizationUser {
        user: Some(from_user(member.user)),
        organization_id: member.organization_id.to_string(),
        organization_role: from_organization_role(member.effective.role).into(),
        organization_role_source: from_source(member.effective.source).into(),
    }
}

/// An organization.
pub(in crate::gateway::rpc) fn from_organization(organization: Organization) -> proto::Organization {
    proto::Organization {
        id: organization.id.to_string(),
        create_time: from_timestamp(organization.create_time),
        update_time: from_timestamp(organization.update_time),
        name: organization.name,
        description: organization.description,
        url: organization.url,
        verification_status: from_verification(organization.verification).into(),
    }
}

/// An organization with someone's role in it.
pub(in crate::gateway::rpc) fn from_membership(
    membership: OrganizationMembership,
) -> proto::OrganizationMembership {
    proto::OrganizationMembership {
        organization: Some(from_organization(membership.organization)),
        organization_role: from_organization_role(membership.role).into(),
    }
}

/// A mapped group; UNSPECIFIED when nothing overrides its role.
pub(in crate::gateway::rpc) fn from_group(
    group: OrganizationGroup,
) -> proto::get_organization_settings_response::IdPGroup {
    let role = group.role_override.map(from_organization_role);
    let role_override = role.unwrap_or(proto::OrganizationRole::Unspecified).into();
    proto::get_organization_settings_response::IdPGroup { name: group.group_name, role_override }
}

/// An API token.
pub(in crate::gateway::rpc) fn from_token(token: Token) -> proto::Token {
    proto::Token {
        id: token.id.to_string(),
        create_time: from_timestamp(token.create_time),
        expire_time: from_timestamp(token.expire_time),
        note: token.note,
    }
}

/// A SCIM token; without an end when it has none.
#[expect(clippy::needless_pass_by_value, reason = "like its siblings, to map lists")]
pub(in crate::gateway::rpc) fn from_scim_token(token: ScimToken) -> proto::ScimToken {
    proto::ScimToken {
        id: token.id.to_string(),
        create_time: from_timestamp(token.create_time),
        expire_time: token.expire_time.and_then(from_timestamp),
    }
}
