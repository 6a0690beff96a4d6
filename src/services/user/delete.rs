//! Deleting accounts for good (services floor).
//!
//! A deleted account is out of everything: no token, no group, no role, no organization; nothing shows it and no
//! push revives it. Its row stays for the audit log, and its name with it, so that nobody can pose as who had it.

use super::update::{holds, require_for_update, resolve, switch_off, touch};
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
        idp_group, jit, membership, organization,
        reference::Ref,
        standing,
    },
    storage::{
        self,
        idp_group::members::lock_groups_of,
        organization::sole_owner::{self, list_active, list_by_facts},
    },
};

/// Deletes accounts, all or none. One may be named twice.
///
/// # Errors
/// The caller is no server admin; one of them is not there, or is the last active server admin; an organization
/// would lose all its owners.
pub async fn delete(services: &Services, caller: &Caller, refs: &[Ref<UserId>]) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let holds = holds(services, refs).await?;
    let write = services.change_holding(caller, holds, |unit| async move {
        let ids = resolve(&unit, refs).await?;
        hold(&unit, &ids).await?;
        let mut gone = Vec::with_capacity(ids.len());
        for (index, id) in ids.into_iter().enumerate() {
            if !gone.contains(&id) {
                gone.push(id);
                delete_one(&unit, &gone, id).await.map_err(|error| error.of_item(index))?;
            }
        }
        membership::derive(&unit, &gone, None).await?;
        Ok(())
    });
    write.await
}

/// Deletes the caller's own account.
///
/// # Errors
/// The caller is no user; an IdP owns the account; it is the last active server admin, or the only owner of an
/// organization.
pub async fn delete_self(services: &Services, caller: &Caller) -> Result<(), Error> {
    let id = access::require_user(caller)?;
    let write = services.change_holding(caller, standing::of_users([id]), |unit| async move {
        hold(&unit, &[id]).await?;
        require_deletable(&require_for_update(&unit, id).await?)?;
        delete_one(&unit, &[id], id).await?;
        membership::derive(&unit, &[id], None).await?;
        Ok(())
    });
    write.await
}

/// Holds what the deletion of these accounts changes, in the order in which everyone holds it: organizations,
/// groups, users.
pub(super) async fn hold(unit: &Unit<'_>, users: &[UserId]) -> Result<(), Error> {
    sole_owner::lock(&*unit.tx, users).await?;
    lock_groups_of(&*unit.tx, users).await?;
    Ok(storage::user::lock(&*unit.tx, users).await?)
}

/// Deletes the account `id`, the last of those that go in this transaction so far.
async fn delete_one(unit: &Unit<'_>, gone: &[UserId], id: UserId) -> Result<(), Error> {
    let user = require_for_update(unit, id).await?;
    if let Some(organization) = list_active(&*unit.tx, gone).await?.into_iter().next() {
        let message = format!(
            "without {} the organization {} would have no owner; make someone else an owner first",
            user.username, organization.name
        );
        return Err(Error::precondition(Reason::LastOwner, message));
    }
    withdraw(unit, user, Provenance::Deleted).await
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
    let write = services.change_holding(caller, standing::of_users([id]), |unit| async move {
        sole_owner::lock(&*unit.tx, &[id]).await?;
        lock_groups_of(&*unit.tx, &[id]).await?;
        let organizations = list_by_facts(&*unit.tx, &[id]).await?;
        let mut users = organization::vacate(&unit, &organizations).await?;
        users.push(id);
        storage::user::lock(&*unit.tx, &users).await?;
        let user = require_for_update(&unit, id).await?;
        withdraw(&unit, user.clone(), Provenance::Deleted).await?;
        membership::derive(&unit, &users, None).await?;
        organization::erase(&unit, &organizations).await?;
        Ok((user, organizations))
    });
    write.await
}

/// Takes an account out of everything; `provenance` says who deleted it.
pub(in crate::services) async fn remove(
    unit: &Unit<'_>,
    user: User,
    provenance: Provenance,
) -> Result<(), Error> {
    let id = user.id;
    withdraw(unit, user, provenance).await?;
    membership::derive(unit, &[id], None).await?;
    Ok(())
}

/// Takes an account out of all facts; its memberships are still to be derived.
async fn withdraw(unit: &Unit<'_>, old: User, provenance: Provenance) -> Result<(), Error> {
    let mut user = old.clone();
    switch_off(unit, &mut user).await?;
    user.provenance = provenance;
    // whoever comes back under this name gets no more than a new user would
    user.server_role = ServerRole::Member;
    touch(unit, &mut user);
    storage::user::update(&*unit.tx, &user).await?;
    idp_group::leave_all(unit, user.id).await?;
    storage::organization::delete_roles_of_user(&*unit.tx, user.id).await?;
    storage::jit::mark(&*unit.tx, user.id, false).await?;
    if let Some(key) = old.person.email_key() {
        jit::settle_others(unit, &key).await?;
    }
    let entry = Entry::new(Action::UserDeleted, audit::user(&old));
    audit::record(unit, entry.changed(audit::user_snapshot(&old), audit::user_snapshot(&user))).await
}
