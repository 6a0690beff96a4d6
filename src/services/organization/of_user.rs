//! Organizations as one user is in them (services floor).

use super::{find, list};
use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        organization::{Organization, OrganizationMembership},
        page::{Page, PageRequest},
    },
    services::{Error, Services, user::Ref},
    storage,
};

/// One page of the organizations that a user is in and the caller may see, with the user's role.
///
/// # Errors
/// The caller is no user; there is no such user.
pub async fn list_of_user(
    services: &Services,
    caller: &Caller,
    user: UserId,
    request: &PageRequest,
) -> Result<Page<OrganizationMembership>, Error> {
    let page = list(services, caller, Some(&[Ref::Id(user)]), request).await;
    let page = page.map_err(|error| if error.item.is_some() { error.of_field("user_id") } else { error })?;
    let scope = storage::membership::Scope { users: Some(&[user]), organization: None };
    let roles = storage::membership::roles(services.store.reader(), scope).await?;
    let with_role = |organization: Organization| {
        // who left between the two reads is left out
        let effective = roles.get(&(organization.id, user))?;
        Some(OrganizationMembership { role: effective.role, organization })
    };
    let items = page.items.into_iter().filter_map(with_role).collect();
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// The role of a user in an organization.
///
/// # Errors
/// The caller may not see the organization; the user is not in it.
pub async fn get_of_user(
    services: &Services,
    caller: &Caller,
    user: UserId,
    id: OrganizationId,
) -> Result<OrganizationMembership, Error> {
    let db = services.store.reader();
    let (organization, _) = find(db, caller, &Ref::Id(id)).await?;
    let effective = storage::membership::find(db, id, user).await?;
    let role = effective.ok_or_else(|| Error::not_found("member", user).of_field("user_id"))?.role;
    Ok(OrganizationMembership { organization, role })
}
