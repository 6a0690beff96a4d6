//! What a change of an organization that everyone joins would do, by the plan of the real change (services floor).

use super::super::{Error, Services, access, membership::USERS, organization_group::Preview, reference::Ref};
use super::{find, not_set, require_not_configured};
use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        jit::check_role,
        membership::{Effective, Grant, MembershipChange, effective, effects},
        role::{OrganizationRole, RoleSource},
    },
    storage::{self, Connection, membership::Scope},
};

/// A change of one organization that everyone joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// As [`super::set_organization`].
    Set(OrganizationRole),
    /// As [`super::remove_organization`].
    Remove,
}

/// What `proposal` would do to the members of the organization; nothing is written.
///
/// # Errors
/// Those of the change.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    proposal: Proposal,
) -> Result<Preview, Error> {
    access::require_server_admin(caller)?;
    if let Proposal::Set(role) = proposal {
        check_role(role)?;
    }
    let organization = find(services, caller, organization).await?;
    let db = services.store.reader();
    let set = storage::jit::organizations(db, Some(organization.id)).await?.into_iter().next();
    require_not_configured(set.as_ref())?;
    if proposal == Proposal::Remove && set.is_none() {
        return Err(not_set(&organization));
    }
    let mut all = Vec::new();
    for people in storage::jit::people(db).await?.chunks(USERS) {
        all.extend(of_people(db, organization.id, people, proposal).await?);
    }
    Ok(Preview::of(all))
}

async fn of_people(
    db: &impl Connection,
    organization: OrganizationId,
    people: &[UserId],
    proposal: Proposal,
) -> Result<Vec<MembershipChange>, Error> {
    let scope = Scope { users: Some(people), organization: Some(organization) };
    let now = storage::membership::grants(db, scope).await?;
    let mut then: Vec<Grant> = now.clone();
    then.retain(|grant| grant.effective.source != RoleSource::Jit);
    if let Proposal::Set(role) = proposal {
        let held = Effective { role, source: RoleSource::Jit };
        let active = storage::membership::active(db, people).await?;
        then.extend(active.into_iter().map(|user| Grant { key: (organization, user), effective: held }));
    }
    Ok(effects(&effective(now), &effective(then)))
}
