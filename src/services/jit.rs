//! What people get without anyone's doing: organizations that everyone joins, and e-mails that make a server admin
//! (services floor).
//!
//! The settings are facts like any other: what follows from them follows in the transaction that changes them, for the
//! accounts that are there, and in the transaction that makes an account.

pub mod admin;
mod configuration;
mod preview;

pub use self::{
    admin::{add_email, list_emails, remove_email},
    configuration::{Configuration, configure},
    preview::{Proposal, preview},
};
pub(super) use self::{
    admin::{by_hand, role_after_return, settle, settle_others, switched_by_hand},
    configuration::adopt,
};

use super::{
    Error, Kind, Reason, Services, Unit, access,
    audit::{self, Entry},
    membership, organization,
    reference::Ref,
};
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::OrganizationId,
        jit::{JitOrganization, check_role},
        organization::Organization,
        role::OrganizationRole,
        user::{User, UserType},
    },
    storage::{self, Held, Holds, jit::Lock},
};

/// The organizations that everyone joins, in the order of their creation.
///
/// # Errors
/// The caller is no server admin.
pub async fn list_organizations(services: &Services, caller: &Caller) -> Result<Vec<JitOrganization>, Error> {
    access::require_server_admin(caller)?;
    Ok(storage::jit::organizations(services.store.reader(), None).await?)
}

/// Makes everyone a member of an organization, with this role at least: every active person, and whoever comes later.
///
/// # Errors
/// The caller is no server admin; there is no such organization; the role is OWNER; the configuration sets it.
pub async fn set_organization(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    role: OrganizationRole,
) -> Result<JitOrganization, Error> {
    access::require_server_admin(caller)?;
    check_role(role)?;
    let organization = &find(services, caller, organization).await?;
    let write = services.change_holding(caller, alone(Lock::Organizations), |unit| async move {
        require_not_configured(current(&unit, organization.id).await?.as_ref())?;
        if put(&unit, organization, role, false).await? {
            derive_everyone(&unit, organization.id).await?;
        }
        current(&unit, organization.id).await?.ok_or_else(|| not_set(organization))
    });
    write.await
}

/// Takes the role of [`set_organization`] back from everyone. Other roles stay.
///
/// # Errors
/// The caller is no server admin; there is no such organization, or nobody joins it; the configuration sets it.
pub async fn remove_organization(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let organization = &find(services, caller, organization).await?;
    let write = services.change_holding(caller, alone(Lock::Organizations), |unit| async move {
        let set = current(&unit, organization.id).await?;
        require_not_configured(set.as_ref())?;
        take(&unit, organization, &set.ok_or_else(|| not_set(organization))?).await
    });
    write.await
}

/// Gives an account that was made just now what the settings give it.
pub(super) async fn welcome(unit: &Unit<'_>, user: User) -> Result<User, Error> {
    if user.user_type != UserType::Personal {
        return Ok(user);
    }
    for lock in [Lock::Organizations, Lock::Emails] {
        unit.require_shared(Held::Settings(lock))?;
    }
    let key = user.person.email_key();
    let standing = storage::jit::standing(&*unit.tx, user.id, key.as_deref()).await?;
    let user = admin::settle_by(unit, user, standing).await?;
    if standing.joins {
        membership::derive(unit, &[user.id], None).await?;
    }
    Ok(user)
}

async fn find(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
) -> Result<Organization, Error> {
    let named = |error: Error| error.of_field("organization_ref");
    let found =
        organization::get(services, caller, std::slice::from_ref(organization)).await.map_err(named)?;
    found.into_iter().next().ok_or_else(|| named(Error::not_found("organization", "")))
}

async fn current(unit: &Unit<'_>, id: OrganizationId) -> Result<Option<JitOrganization>, Error> {
    Ok(storage::jit::organizations(&*unit.tx, Some(id)).await?.into_iter().next())
}

/// Sets the role; `false` when it was set so already.
async fn put(
    unit: &Unit<'_>,
    organization: &Organization,
    role: OrganizationRole,
    configured: bool,
) -> Result<bool, Error> {
    let old = current(unit, organization.id).await?;
    if old.as_ref().is_some_and(|old| old.role == role && old.set_by.configured == configured) {
        return Ok(false);
    }
    let set = storage::jit::set_by(unit.caller, unit.now, configured);
    storage::jit::put_organization(&*unit.tx, organization.id, role, &set).await?;
    let before = old.map_or(Snapshot::empty(), |old| snapshot(old.role));
    record(unit, organization, before, snapshot(role)).await?;
    Ok(true)
}

async fn take(unit: &Unit<'_>, organization: &Organization, old: &JitOrganization) -> Result<(), Error> {
    storage::jit::delete_organization(&*unit.tx, organization.id).await?;
    record(unit, organization, snapshot(old.role), Snapshot::empty()).await?;
    derive_everyone(unit, organization.id).await
}

async fn derive_everyone(unit: &Unit<'_>, organization: OrganizationId) -> Result<(), Error> {
    let people = storage::jit::people(&*unit.tx).await?;
    membership::derive(unit, &people, Some(organization)).await?;
    Ok(())
}

/// What a change of these settings holds.
fn alone(lock: Lock) -> Holds {
    Holds::nothing().alone([Held::Settings(lock)])
}

fn snapshot(role: OrganizationRole) -> Snapshot {
    Snapshot::empty().with("role", role)
}

async fn record(
    unit: &Unit<'_>,
    organization: &Organization,
    before: Snapshot,
    after: Snapshot,
) -> Result<(), Error> {
    let entry = Entry::new(Action::OrganizationJitRoleSet, audit::organization(organization));
    audit::record(unit, entry.of(organization.id).changed(before, after)).await
}

fn require_not_configured(set: Option<&JitOrganization>) -> Result<(), Error> {
    if set.is_some_and(|set| set.set_by.configured) {
        Err(configured().of_field("organization_ref"))
    } else {
        Ok(())
    }
}

fn configured() -> Error {
    let message = "the configuration of the server sets this, and it changes there alone";
    Error::precondition(Reason::Configured, message)
}

fn not_set(organization: &Organization) -> Error {
    let message = format!("{} is no organization that everyone joins", organization.name);
    Error::new(Kind::NotFound, Reason::NotFound, message).of_field("organization_ref")
}
