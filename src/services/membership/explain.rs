//! Memberships with every grant behind them, and why someone is a member or not (services floor).

use std::collections::HashMap;

use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{self, Explanation, MemberKey, Membership, SourcedGrant},
        page::{Page, PageRequest},
        user::UserState,
    },
    services::{
        Error, Services, organization,
        user::{self, Ref},
    },
    storage::{self, membership::Scope},
};

/// One page of an organization's members with every grant, in the order of their accounts' creation.
///
/// # Errors
/// There is no such organization that the caller may see.
pub async fn list_members(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    request: &PageRequest,
) -> Result<Page<Membership>, Error> {
    let organization = see(services, caller, organization).await?;
    let page = storage::membership::list(services.store.reader(), organization.id, request).await?;
    let users: Vec<UserId> = page.items.iter().map(|member| member.user.id).collect();
    let scope = Scope { users: Some(&users), organization: Some(organization.id) };
    let rows = page
        .map(|member| ((organization.id, member.user.id), organization.name.clone(), member.user.username));
    with_grants(services, rows, scope).await
}

/// One page of the organizations that a user is in and the caller may see, with every grant, in the order of
/// the organizations' creation.
///
/// # Errors
/// There is no such user; the caller is no user.
pub async fn list_of_user(
    services: &Services,
    caller: &Caller,
    user: &Ref<UserId>,
    request: &PageRequest,
) -> Result<Page<Membership>, Error> {
    let user = find_user(services, caller, user).await?;
    let page = organization::list_of_user(services, caller, user.id, request).await?;
    let scope = Scope { users: Some(&[user.id]), organization: None };
    let rows =
        page.map(|held| ((held.organization.id, user.id), held.organization.name, user.username.clone()));
    with_grants(services, rows, scope).await
}

/// The role is that of the grants, which were read at one moment: who left since the page was read is left
/// out.
async fn with_grants(
    services: &Services,
    page: Page<(MemberKey, String, String)>,
    scope: Scope<'_>,
) -> Result<Page<Membership>, Error> {
    let mut grants: HashMap<MemberKey, Vec<SourcedGrant>> = HashMap::new();
    let all = storage::membership::sources(services.store.reader(), scope).await?;
    for sourced in all.into_iter().filter(|sourced| sourced.active) {
        grants.entry(sourced.grant.key).or_default().push(sourced);
    }
    let complete = |(key, organization_name, username)| {
        let mut grants = grants.remove(&key)?;
        membership::sort(&mut grants);
        let effective = grants.first()?.grant.effective;
        Some(Membership { key, organization_name, username, effective, grants })
    };
    let items = page.items.into_iter().filter_map(complete).collect();
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// Why a user is a member of an organization, or what would make them one, with a revision: every change up to
/// it is in the answer.
///
/// # Errors
/// There is no such user; there is no such organization that the caller may see.
pub async fn explain(
    services: &Services,
    caller: &Caller,
    user: &Ref<UserId>,
    organization: &Ref<OrganizationId>,
) -> Result<(Explanation, u64), Error> {
    let organization = see(services, caller, organization).await?;
    let db = services.store.reader();
    let revision = storage::membership::revision(db).await?;
    let user = find_user(services, caller, user).await?;
    let scope = Scope { users: Some(&[user.id]), organization: Some(organization.id) };
    let grants = storage::membership::sources(db, scope).await?;
    let mappings = storage::organization_group::list(db, organization.id).await?;
    // the grants tell of one moment, and the account was read before
    let active = grants.first().map_or(user.state == UserState::Active, |sourced| sourced.active);
    Ok((membership::explain((organization.id, user.id), active, grants, mappings), revision))
}

pub(super) async fn see(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
) -> Result<crate::domain::organization::Organization, Error> {
    let named = |error: Error| error.of_field("organization_ref");
    let found =
        organization::get(services, caller, std::slice::from_ref(organization)).await.map_err(named)?;
    found.into_iter().next().ok_or_else(|| named(Error::not_found("organization", "")))
}

pub(super) async fn find_user(
    services: &Services,
    caller: &Caller,
    user: &Ref<UserId>,
) -> Result<crate::domain::user::User, Error> {
    let found = user::get(services, caller, user).await;
    found.map_err(|error| error.renamed("id", "user_ref").renamed("username", "user_ref"))
}
