//! Who may do what (services floor).
//!
//! Server admins may do everything. What one may not see is not found; what one may see and not do is
//! denied.

use super::{Error, Kind, Reason, Unit};
use crate::{
    domain::{
        actor::{Actor, Caller},
        id::{OrganizationId, UserId},
        organization::Organization,
        role::OrganizationRole,
    },
    storage::{self, Connection, Reader},
};

/// Only server admins.
pub(super) fn require_server_admin(caller: &Caller) -> Result<(), Error> {
    if caller.actor.is_server_admin() {
        return Ok(());
    }
    Err(denied(Reason::ServerAdminRequired, "only a server admin may do this"))
}

/// Only users; returns which.
pub(super) fn require_user(caller: &Caller) -> Result<UserId, Error> {
    caller.user_id().ok_or_else(|| denied(Reason::UserRequired, "only a user may do this"))
}

/// Only the user `id`, and server admins.
pub(super) fn require_self_or_server_admin(caller: &Caller, id: UserId) -> Result<(), Error> {
    if caller.user_id() == Some(id) { Ok(()) } else { require_server_admin(caller) }
}

/// Only SCIM tokens, and the program itself.
pub(super) fn require_scim(caller: &Caller) -> Result<(), Error> {
    match caller.actor {
        Actor::ScimToken { .. } | Actor::System => Ok(()),
        Actor::User { .. } => Err(denied(Reason::ScimTokenRequired, "only a SCIM token may do this")),
    }
}

/// The role of the caller in an organization; server admins rank with owners.
pub(super) async fn role_in(
    db: &Reader,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<Option<OrganizationRole>, Error> {
    if caller.actor.is_server_admin() {
        return Ok(Some(OrganizationRole::Owner));
    }
    stored_role(db, caller, organization).await
}

async fn stored_role(
    db: &impl Connection,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<Option<OrganizationRole>, Error> {
    let Some(user) = caller.user_id() else { return Ok(None) };
    let effective = storage::membership::find(db, organization, user).await?;
    Ok(effective.map(|effective| effective.role))
}

/// The same within a change, which counts on the role: it is confirmed before the change is committed.
async fn role_for(unit: &Unit<'_>, organization: OrganizationId) -> Result<Option<OrganizationRole>, Error> {
    if unit.caller.actor.is_server_admin() {
        return Ok(Some(OrganizationRole::Owner));
    }
    let role = stored_role(&*unit.tx, unit.caller, organization).await?;
    if let Some(role) = role {
        unit.relied.note(organization, role);
    }
    Ok(role)
}

/// The organization, if the caller may see it, with the caller's role in it.
pub(super) async fn see(
    db: &Reader,
    caller: &Caller,
    organization: Option<Organization>,
    named: &str,
) -> Result<(Organization, OrganizationRole), Error> {
    let organization = organization.ok_or_else(|| unseen(named))?;
    let role = role_in(db, caller, organization.id).await?;
    Ok((organization, role.ok_or_else(|| unseen(named))?))
}

/// The same within a change.
pub(super) async fn see_for(
    unit: &Unit<'_>,
    organization: Option<Organization>,
    named: &str,
) -> Result<(Organization, OrganizationRole), Error> {
    let organization = organization.ok_or_else(|| unseen(named))?;
    let role = role_for(unit, organization.id).await?;
    Ok((organization, role.ok_or_else(|| unseen(named))?))
}

fn unseen(named: &str) -> Error {
    Error::not_found("organization", named)
}

/// Those of the organizations that the caller may see: one query for all.
pub(super) async fn visible(
    db: &impl Connection,
    caller: &Caller,
    mut organizations: Vec<Organization>,
) -> Result<Vec<Organization>, Error> {
    if caller.actor.is_server_admin() {
        return Ok(organizations);
    }
    let Some(user) = caller.user_id() else { return Ok(Vec::new()) };
    let scope = storage::membership::Scope { users: Some(&[user]), organization: None };
    let roles = storage::membership::roles(db, scope).await?;
    organizations.retain(|organization| roles.contains_key(&(organization.id, user)));
    Ok(organizations)
}

/// As [`see`], by id, and with at least the role `least`.
pub(super) async fn require_role(
    db: &Reader,
    caller: &Caller,
    id: OrganizationId,
    least: OrganizationRole,
) -> Result<(Organization, OrganizationRole), Error> {
    let found = storage::organization::find(db, id).await?;
    let (organization, role) = see(db, caller, found, &id.to_string()).await?;
    require_rank(role, least)?;
    Ok((organization, role))
}

/// The same within a change.
pub(super) async fn require_role_for(
    unit: &Unit<'_>,
    id: OrganizationId,
    least: OrganizationRole,
) -> Result<(Organization, OrganizationRole), Error> {
    let found = storage::organization::find(&*unit.tx, id).await?;
    let (organization, role) = see_for(unit, found, &id.to_string()).await?;
    require_rank(role, least)?;
    Ok((organization, role))
}

/// The role of the caller must be at least `least`.
pub(super) fn require_rank(role: OrganizationRole, least: OrganizationRole) -> Result<(), Error> {
    if role >= least {
        return Ok(());
    }
    Err(denied(Reason::OrganizationRoleTooLow, &format!("needs the role {least} in the organization")))
}

/// Nobody may give, change or take away a role above the own one: admins manage all but owners.
pub(super) fn require_not_above(
    own: OrganizationRole,
    roles: impl IntoIterator<Item = OrganizationRole>,
) -> Result<(), Error> {
    match roles.into_iter().max() {
        Some(highest) if highest > own => require_rank(own, highest),
        _ => Ok(()),
    }
}

fn denied(reason: Reason, message: &str) -> Error {
    Error::new(Kind::PermissionDenied, reason, message)
}
