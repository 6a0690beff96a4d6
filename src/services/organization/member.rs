//! Members that an admin adds, changes and removes by hand: direct roles (services floor).

use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{OrganizationId, UserId},
        membership::{Effective, effective},
        organization::{Organization, RoleGrant},
        role::{OrganizationRole, RoleSource},
        user::User,
    },
    services::{
        Error, Kind, Reason, Services, Unit, access,
        audit::{self, Entry},
        membership, user,
    },
    storage::{self, membership::Scope},
};

/// A direct role to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectRole {
    /// In which organization.
    pub organization_id: OrganizationId,
    /// To whom.
    pub user_id: UserId,
    /// Which.
    pub role: OrganizationRole,
}

/// Adds a member by hand. Adding again with the same role changes nothing.
///
/// # Errors
/// The caller may not give this role; the user is not there or switched off, has another direct role, or has
/// a higher role by a group.
pub async fn add(services: &Services, caller: &Caller, new: DirectRole) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, new.organization_id).await?;
        access::require_not_above(own, [new.role])?;
        let user = user::require_for_update(&unit, new.user_id).await?;
        user::require_active(&user)?;
        match direct_role(&unit, new).await? {
            Some(role) if role == new.role => return Ok(()),
            Some(role) => {
                let message = format!("user {} is a member already, with the role {role}", user.username);
                return Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("user_id"));
            }
            None => {}
        }
        set(&unit, &organization, &user, new).await
    });
    write.await
}

/// Changes a member's direct role.
///
/// # Errors
/// The caller may not change this role, or give the new one; the user is not a member, or has a higher role by
/// a group; the organization would have no owner.
pub async fn update(services: &Services, caller: &Caller, new: DirectRole) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, new.organization_id).await?;
        let user = user::require_for_update(&unit, new.user_id).await?;
        let held = membership::require_member(&unit, new.organization_id, new.user_id).await?;
        access::require_not_above(own, [held.role, new.role])?;
        set(&unit, &organization, &user, new).await
    });
    write.await
}

/// Takes away a member's direct role. Roles by groups stay; who is no member stays none.
///
/// # Errors
/// The caller may not; the user is a member through a group alone; the organization would have no owner.
pub async fn remove(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, organization).await?;
        let user = user::require_for_update(&unit, user).await?;
        // the fact and not the derived role alone: a member who is switched off keeps the fact, and would come
        // back with it
        let direct =
            storage::organization::find_role(&*unit.tx, organization.id, user.id, RoleSource::Direct);
        let direct = direct.await?;
        let held = storage::membership::find(&*unit.tx, organization.id, user.id).await?;
        access::require_not_above(own, direct.into_iter().chain(held.map(|held| held.role)))?;
        let Some(role) = direct else {
            return if held.is_none() {
                Ok(())
            } else {
                Err(not_by_hand(&unit, &organization, &user).await?)
            };
        };
        storage::organization::delete_role(&*unit.tx, organization.id, user.id, RoleSource::Direct).await?;
        let before = Snapshot::empty().with("role", role).with("source", RoleSource::Direct);
        record(&unit, &organization, &user, before, Snapshot::empty()).await?;
        membership::derive_keeping_owner(&unit, &[user.id], organization.id).await?;
        Ok(())
    });
    write.await
}

/// Why a member without a direct role cannot be taken out by hand.
async fn not_by_hand(unit: &Unit<'_>, organization: &Organization, user: &User) -> Result<Error, Error> {
    let scope = Scope { users: Some(&[user.id]), organization: Some(organization.id) };
    let grants = storage::membership::grants(&*unit.tx, scope).await?;
    let through_group = grants.iter().any(|grant| grant.effective.source == RoleSource::IdpGroup);
    let (reason, message) = if through_group {
        let why = "is a member through a group of the identity provider; remove them from the group there, or remove \
                   the group from the organization";
        (Reason::MemberThroughGroup, why)
    } else {
        (Reason::MemberByDefault, "is a member as everyone is; a server admin can change that for all")
    };
    Ok(Error::precondition(reason, format!("{} {message}", user.username)).of_field("user_id"))
}

/// The organization, locked, with the role of a caller who may manage members.
async fn manage(unit: &Unit<'_>, id: OrganizationId) -> Result<(Organization, OrganizationRole), Error> {
    storage::organization::find_for_update(&*unit.tx, id).await?;
    access::require_role_for(unit, id, OrganizationRole::Admin).await
}

async fn direct_role(unit: &Unit<'_>, of: DirectRole) -> Result<Option<OrganizationRole>, Error> {
    let grants = grants(unit, of).await?;
    let direct = grants.into_iter().find(|grant| grant.effective.source == RoleSource::Direct);
    Ok(direct.map(|grant| grant.effective.role))
}

async fn grants(unit: &Unit<'_>, of: DirectRole) -> Result<Vec<crate::domain::membership::Grant>, Error> {
    let scope = Scope { users: Some(&[of.user_id]), organization: Some(of.organization_id) };
    Ok(storage::membership::grants(&*unit.tx, scope).await?)
}

/// Sets a direct role that is not below what another source gives.
async fn set(
    unit: &Unit<'_>,
    organization: &Organization,
    user: &User,
    new: DirectRole,
) -> Result<(), Error> {
    let grants = grants(unit, new).await?;
    let others = grants.iter().copied().filter(|grant| grant.effective.source != RoleSource::Direct);
    if let Some(held) = effective(others).into_values().next()
        && held.role > new.role
    {
        return Err(below(user, held));
    }
    let before = effective(grants).into_values().next();
    let (organization_id, user_id) = (organization.id, user.id);
    let grant = RoleGrant { organization_id, user_id, source: RoleSource::Direct, role: new.role };
    storage::organization::put_role(&*unit.tx, &grant, unit.caller, unit.now).await?;
    let before = before.map_or(Snapshot::empty(), |held| {
        Snapshot::empty().with("role", held.role).with("source", held.source)
    });
    let after = Snapshot::empty().with("role", new.role).with("source", RoleSource::Direct);
    record(unit, organization, user, before, after).await?;
    membership::derive_keeping_owner(unit, &[user_id], organization_id).await?;
    Ok(())
}

fn below(user: &User, held: Effective) -> Error {
    let (reason, through) = match held.source {
        RoleSource::Jit => (Reason::BelowJitRole, "as everyone has it"),
        _ => (Reason::BelowGroupRole, "through a group of the identity provider"),
    };
    let message =
        format!("{} has the role {} {through}; a direct role cannot be lower", user.username, held.role);
    Error::precondition(reason, message).of_field("organization_role")
}

async fn record(
    unit: &Unit<'_>,
    organization: &Organization,
    user: &User,
    before: Snapshot,
    after: Snapshot,
) -> Result<(), Error> {
    let entry = Entry::new(Action::OrganizationRoleSet, audit::user(user)).of(organization.id);
    audit::record(unit, entry.changed(before, after)).await
}
