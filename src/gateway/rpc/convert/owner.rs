//! Gateway floor: the types of `buf.registry.owner.v1` to domain and back.

pub(in crate::gateway::rpc) mod settings;
pub(in crate::gateway::rpc) mod user;

use std::collections::HashSet;

use super::{from_timestamp, required, to_id, to_known};
use crate::{
    domain::{
        id::{OrganizationId, UserId},
        organization::Organization,
        role::ServerRole,
        user::{User, UserState, UserType, VerificationStatus},
    },
    gateway::rpc::status::{Violations, each, invalid},
    proto::buf::registry::owner::v1 as proto,
    services::user::Ref,
};

/// Most items of a batch, and most refs of a filter.
const BATCH_MAX: usize = 250;

/// Checks the size of a batch: 1 to 250.
pub(in crate::gateway::rpc) fn check_batch<T>(field: &str, items: &[T]) -> Result<(), Violations> {
    if items.is_empty() {
        return Err(invalid(field, "must have at least one item"));
    }
    check_at_most(field, items)
}

fn check_at_most<T>(field: &str, items: &[T]) -> Result<(), Violations> {
    if items.len() > BATCH_MAX {
        return Err(invalid(field, format!("must have at most {BATCH_MAX} items")));
    }
    Ok(())
}

/// A batch of refs to organizations.
pub(in crate::gateway::rpc) fn to_organization_refs(
    field: &str,
    refs: Vec<proto::OrganizationRef>,
) -> Result<Vec<Ref<OrganizationId>>, Violations> {
    check_batch(field, &refs)?;
    let refs = refs.into_iter().enumerate();
    each(refs.map(|(index, one)| to_organization_ref(&format!("{field}[{index}]"), Some(one))))
}

/// A ref to an organization.
pub(in crate::gateway::rpc) fn to_organization_ref(
    field: &str,
    given: Option<proto::OrganizationRef>,
) -> Result<Ref<OrganizationId>, Violations> {
    match required(field, given.and_then(|given| given.value))? {
        proto::organization_ref::Value::Id(id) => Ok(Ref::Id(to_id(&format!("{field}.id"), &id)?)),
        proto::organization_ref::Value::Name(name) => Ok(Ref::Name(name)),
    }
}

/// The users that a list is restricted to; none when no user is named.
pub(in crate::gateway::rpc) fn to_user_filter(
    field: &str,
    refs: Vec<proto::UserRef>,
) -> Result<Option<Vec<Ref<UserId>>>, Violations> {
    check_at_most(field, &refs)?;
    let refs = refs.into_iter().enumerate();
    let users = each(refs.map(|(index, one)| to_user_ref(&format!("{field}[{index}]"), one)))?;
    Ok((!users.is_empty()).then_some(users))
}

/// A batch of refs to users.
pub(in crate::gateway::rpc) fn to_user_refs(
    field: &str,
    refs: Vec<proto::UserRef>,
) -> Result<Vec<Ref<UserId>>, Violations> {
    check_batch(field, &refs)?;
    let refs = refs.into_iter().enumerate();
    each(refs.map(|(index, one)| to_user_ref(&format!("{field}[{index}]"), one)))
}

/// The organizations that a list is restricted to.
pub(in crate::gateway::rpc) fn to_organization_filter(
    field: &str,
    refs: Vec<proto::OrganizationRef>,
) -> Result<Vec<Ref<OrganizationId>>, Violations> {
    if refs.is_empty() { Ok(Vec::new()) } else { to_organization_refs(field, refs) }
}

/// Each value of a batch by `parse`, which gets the path of the value for its errors.
pub(in crate::gateway::rpc) fn to_batch<V, T>(
    values: Vec<V>,
    parse: impl Fn(&str, V) -> Result<T, Violations>,
) -> Result<Vec<T>, Violations> {
    check_batch("values", &values)?;
    let values = values.into_iter().enumerate();
    each(values.map(|(index, value)| parse(&format!("values[{index}]"), value)))
}

/// Each number of a filter by `parse`, each once; UNSPECIFIED is none of the values.
pub(in crate::gateway::rpc) fn to_each<T>(
    field: &str,
    numbers: &[i32],
    parse: impl Fn(&str, i32) -> Result<Option<T>, Violations>,
) -> Result<Vec<T>, Violations> {
    let mut seen = HashSet::new();
    each(numbers.iter().enumerate().map(|(index, number)| {
        let path = format!("{field}[{index}]");
        if !seen.insert(*number) {
            return Err(invalid(field, "must not repeat a value"));
        }
        required(&path, parse(&path, *number)?)
    }))
}

/// The order of a list of users.
pub(in crate::gateway::rpc) fn to_order(
    field: &str,
    order: i32,
) -> Result<proto::list_users_request::Order, Violations> {
    to_known(field, order)
}

/// A ref to a user.
pub(in crate::gateway::rpc) fn to_user_ref(
    field: &str,
    given: proto::UserRef,
) -> Result<Ref<UserId>, Violations> {
    match required(field, given.value)? {
        proto::user_ref::Value::Id(id) => Ok(Ref::Id(to_id(&format!("{field}.id"), &id)?)),
        proto::user_ref::Value::Name(name) => Ok(Ref::Name(name)),
    }
}

/// Whether the latest organization comes first, as it does when nothing is said.
pub(in crate::gateway::rpc) fn to_reverse(field: &str, order: i32) -> Result<bool, Violations> {
    use proto::list_organizations_request::Order;
    Ok(to_known::<Order>(field, order)? != Order::CreateTimeAsc)
}

/// A verification status; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_verification(
    field: &str,
    number: i32,
) -> Result<Option<VerificationStatus>, Violations> {
    use proto::OrganizationVerificationStatus as Wire;
    Ok(match to_known(field, number)? {
        Wire::Unspecified => None,
        Wire::Unverified => Some(VerificationStatus::Unverified),
        Wire::Verified => Some(VerificationStatus::VerifiedPublisher),
        Wire::Official => Some(VerificationStatus::Official),
    })
}

/// Checks a visibility: organizations are seen by their members and by server admins, by nobody else, so none
/// can be PUBLIC.
pub(in crate::gateway::rpc) fn check_visibility(field: &str, number: Option<i32>) -> Result<(), Violations> {
    use proto::OrganizationVisibility as Wire;
    match to_known(field, number.unwrap_or_default())? {
        Wire::Unspecified | Wire::Private => Ok(()),
        Wire::Public => Err(invalid(
            field,
            "must be PRIVATE: organizations of this server are seen by their members only",
        )),
    }
}

/// An organization.
pub(in crate::gateway::rpc) fn from_organization(organization: Organization) -> proto::Organization {
    use proto::OrganizationVerificationStatus as Wire;
    let verification = match organization.verification {
        VerificationStatus::Unverified => Wire::Unverified,
        VerificationStatus::VerifiedPublisher => Wire::Verified,
        VerificationStatus::Official => Wire::Official,
    };
    proto::Organization {
        id: organization.id.to_string(),
        create_time: from_timestamp(organization.create_time),
        update_time: from_timestamp(organization.update_time),
        name: organization.name,
        description: organization.description,
        url: organization.url,
        verification_status: verification.into(),
        visibility: proto::OrganizationVisibility::Private.into(),
    }
}

/// An account, with its role on the server.
pub(in crate::gateway::rpc) fn from_user(user: User) -> proto::User {
    let (user_type, state, verification, role) = enums(&user);
    proto::User {
        id: user.id.to_string(),
        create_time: from_timestamp(user.create_time),
        update_time: from_timestamp(user.update_time),
        name: user.username,
        r#type: user_type.into(),
        state: state.into(),
        description: user.description,
        url: user.url,
        verification_status: verification.into(),
        user_instance_role: role.into(),
    }
}

fn enums(
    user: &User,
) -> (proto::UserType, proto::UserState, proto::UserVerificationStatus, proto::UserInstanceRole) {
    let user_type = match user.user_type {
        UserType::Personal => proto::UserType::Standard,
        UserType::Machine => proto::UserType::Bot,
        UserType::System => proto::UserType::System,
    };
    let state = match user.state {
        UserState::Active => proto::UserState::Active,
        UserState::Deactivated => proto::UserState::Inactive,
    };
    let verification = match user.verification {
        VerificationStatus::Unverified => proto::UserVerificationStatus::Unverified,
        VerificationStatus::VerifiedPublisher => proto::UserVerificationStatus::Verified,
        VerificationStatus::Official => proto::UserVerificationStatus::Official,
    };
    // who is switched off keeps the role for the time after, and may do nothing until then
    let role = match user.server_role {
        ServerRole::Admin if user.is_active() => proto::UserInstanceRole::Admin,
        ServerRole::Admin | ServerRole::Member => proto::UserInstanceRole::Member,
    };
    (user_type, state, verification, role)
}
