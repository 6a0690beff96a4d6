//! Deleting accounts for good (services floor).
//!
//! A deleted account is out of everything: no token, no group, no role, no organization; nothing shows it and no
//! push revives it. Its row stays for the audit log, and its name with it, so that nobody can pose as who had it.

use std::collections::BTreeSet;

use super::update::{require_for_update, resolve_for_update, switch_off, touch};
use crate::{
    domain::{
        actor::Caller,
        audit::Action,
        id::UserId,
        organization::Organization,
        role::ServerRole,
        user::{Provenance, User, UserType},
    },
    services::{
        Error, Kind, Reason, Services, Unit, access,
        audit::{self, Entry},
        idp_group, membership, organization,
        reference::Ref,
    },
    storage::{self, organization::sole_owner},
};

/// Deletes accounts, all or none. One may be named twice.
///
/// # Errors
/// The caller is no server admin; one of them is not there, is the last active server admin, or the only owner
/// of an organization.
pub async fn delete(services: &Services, caller: &Caller, refs: &[Ref<UserId>]) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let mut gone = BTreeSet::new();
        for (index, reference) in refs.iter().enumerate() {
            delete_one(&unit, reference, &mut gone).await.map_err(|error| error.of_item(index))?;
        }
        Ok(())
    });
    write.await
}

async fn delete_one(
    unit: &Unit<'_>,
    reference: &Ref<UserId>,
    gone: &mut BTreeSet<String>,
) -> Result<(), Error> {
    if gone.contains(&reference.to_string()) {
        return Ok(());
    }
    let user = resolve_for_update(unit, reference).await?;
    gone.extend([user.id.to_string(), user.username.clone()]);
    keep_owners(unit, &user).await?;
    remove(unit, user, Provenance::Deleted).await
}

/// Deletes the caller's own account.
///
/// # Errors
/// The caller is no user; an IdP owns the account; it is the last active server admin, or the only owner of an
/// organization.
pub async fn delete_self(services: &Services, caller: &Caller) -> Result<(), Error> {
    let id = access::require_user(caller)?;
    let write = services.change(caller, |unit| async move {
        let user = require_for_update(&unit, id).await?;
        require_deletable(&user)?;
        keep_owners(&unit, &user).await?;
        remove(&unit, user, Provenance::Deleted).await
    });
    write.await
}

/// People delete themselves where no IdP would bring them back; machines are deleted by server admins.
pub(in crate::services) fn require_deletable(user: &User) -> Result<(), Error> {
    if user.user_type != UserType::Personal {
        let message = "only a server admin may delete a machine user";
        return Err(Error::new(Kind::PermissionDenied, Reason::ServerAdminRequired, message));
    }
    if user.provenance.is_pushed() {
        let message = "the identity provider owns this account; it is deleted there";
        return Err(Error::precondition(Reason::ProvisionedUser, message));
    }
    Ok(())
}

async fn keep_owners(unit: &Unit<'_>, user: &User) -> Result<(), Error> {
    sole_owner::lock(&*unit.tx, user.id).await?;
    let Some(organization) = sole_owner::list_active(&*unit.tx, user.id).await?.into_iter().next() else {
        return Ok(());
    };
    let message = format!(
        "{} is the only owner of the organization {}; make someone else an owner first",
        user.username, organization.name
    );
    Err(Error::precondition(Reason::LastOwner, message))
}

/// Deletes an account with the organizations that nobody else owns, also nobody who is switched off; returns
/// both as they were.
///
/// # Errors
/// The caller is no server admin; there is no such account; it is the last active server admin.
pub async fn force_delete(
    services: &Services,
    caller: &Caller,
    id: UserId,
) -> Result<(User, Vec<Organization>), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let user = require_for_update(&unit, id).await?;
        sole_owner::lock(&*unit.tx, id).await?;
        let organizations = sole_owner::list_by_facts(&*unit.tx, id).await?;
        for owned in &organizations {
            organization::remove(&unit, owned).await?;
        }
        remove(&unit, user.clone(), Provenance::Deleted).await?;
        Ok((user, organizations))
    });
    write.await
}

/// Takes an account out of everything; `provenance` says who deleted it.
pub(in crate::services) async fn remove(
    unit: &Unit<'_>,
    old: User,
    provenance: Provenance,
) -> Result<(), Error> {
    let mut user = old.clone();
    switch_off(unit, &mut user).await?;
    user.provenance = provenance;
    // whoever comes back comes back as a plain user
    user.server_role = ServerRole::Member;
    touch(unit, &mut user);
    storage::user::update(&*unit.tx, &user).await?;
    idp_group::leave_all(unit, user.id).await?;
    storage::organization::delete_roles_of_user(&*unit.tx, user.id).await?;
    storage::jit::mark(&*unit.tx, user.id, false).await?;
    membership::derive(unit, &[user.id], None).await?;
    let entry = Entry::new(Action::UserDeleted, audit::user(&old));
    audit::record(unit, entry.changed(audit::user_snapshot(&old), audit::user_snapshot(&user))).await
}
