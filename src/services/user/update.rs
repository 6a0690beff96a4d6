//! Changes of accounts by admins and by their owners (services floor).

use crate::{
    domain::{
        actor::Caller,
        audit::Action,
        id::UserId,
        name,
        role::ServerRole,
        user::{Provenance, User, UserPatch, UserState},
    },
    services::{
        Error, Reason, Services, Unit, access,
        audit::{self, Entry},
        jit, membership,
        reference::{Ref, split},
        standing, token,
    },
    storage::{self, Holds},
};

/// Changes accounts, all or none; answers in request order. Everyone changes the own description and URL; the
/// state and the verification status are for server admins.
///
/// An account that is switched off has no token that works and is in no organization when this returns. Its
/// roles and groups are kept, so that switching it on again gives them back; its tokens are gone.
///
/// # Errors
/// The caller may not; there is no such account; a value breaks a rule; it is the last active server admin and
/// would be switched off; it was deleted by the IdP and would be switched on.
pub async fn update(
    services: &Services,
    caller: &Caller,
    patches: &[(Ref<UserId>, UserPatch)],
) -> Result<Vec<User>, Error> {
    let switched = patches.iter().filter(|(_, patch)| patch.state.is_some());
    let switched: Vec<_> = switched.map(|(reference, _)| reference.clone()).collect();
    let holds = holds(services, &switched).await?;
    services.change_holding(caller, holds, |unit| async move { update_all(&unit, patches).await }).await
}

/// What a change holds that may take access away from the users whom these refs name, as far as they are there.
pub(super) async fn holds(services: &Services, refs: &[Ref<UserId>]) -> Result<Holds, Error> {
    let (mut ids, names) = split(refs);
    if !names.is_empty() {
        let found = storage::user::find_many_by_username(services.store.reader(), &names).await?;
        ids.extend(found.into_iter().map(|user| user.id));
    }
    Ok(if ids.is_empty() { Holds::nothing() } else { standing::of_users(ids) })
}

/// Switches an account off, as [`update`] does.
///
/// # Errors
/// The caller is no server admin; there is no such account; it is the last active server admin.
pub async fn deactivate(services: &Services, caller: &Caller, id: UserId) -> Result<(), Error> {
    let patch = UserPatch { state: Some(UserState::Deactivated), ..UserPatch::default() };
    update(services, caller, &[(Ref::Id(id), patch)]).await?;
    Ok(())
}

/// The users are held in the order of their ids, and memberships derived after the last of them has changed: from
/// then on the transaction may wait for nobody.
async fn update_all(unit: &Unit<'_>, patches: &[(Ref<UserId>, UserPatch)]) -> Result<Vec<User>, Error> {
    if patches.iter().any(|(_, patch)| patch.state.is_some() || patch.verification.is_some()) {
        access::require_server_admin(unit.caller)?;
    }
    let refs: Vec<_> = patches.iter().map(|(reference, _)| reference.clone()).collect();
    let ids = resolve(unit, &refs).await?;
    storage::user::lock(&*unit.tx, &ids).await?;
    let (mut changed, mut switched) = (Vec::with_capacity(ids.len()), Vec::new());
    for (index, (id, (_, patch))) in ids.into_iter().zip(patches).enumerate() {
        let old = require_for_update(unit, id).await?;
        let was_active = old.is_active();
        let new = update_one(unit, old, patch).await.map_err(|error| error.of_item(index))?;
        if new.is_active() != was_active {
            switched.push(id);
        }
        changed.push(new);
    }
    membership::derive(unit, &switched, None).await?;
    Ok(changed)
}

async fn update_one(unit: &Unit<'_>, old: User, patch: &UserPatch) -> Result<User, Error> {
    access::require_self_or_server_admin(unit.caller, old.id)?;
    let mut new = patched(&old, patch);
    name::check_description(&new.description)?;
    name::check_url(&new.url)?;
    if new == old {
        // an admin who switches off whom an IdP has switched off before: a push does not give the role back
        let again = patch.state == Some(UserState::Deactivated) && !old.is_active();
        return if again { jit::switched_by_hand(unit, &old, new).await } else { Ok(old) };
    }
    let action = match (old.is_active(), new.is_active()) {
        (true, false) => {
            switch_off(unit, &mut new).await?;
            Action::UserDeactivated
        }
        (false, true) => {
            require_revivable(&old)?;
            Action::UserReactivated
        }
        _ => Action::UserUpdated,
    };
    store(unit, action, &old, &mut new).await?;
    if new.is_active() == old.is_active() { Ok(new) } else { jit::switched_by_hand(unit, &old, new).await }
}

fn patched(old: &User, patch: &UserPatch) -> User {
    let patch = patch.clone();
    User {
        description: patch.description.unwrap_or_else(|| old.description.clone()),
        url: patch.url.unwrap_or_else(|| old.url.clone()),
        verification: patch.verification.unwrap_or(old.verification),
        state: patch.state.unwrap_or(old.state),
        ..old.clone()
    }
}

/// What the IdP deleted comes back when the IdP pushes the person again, with a SCIM resource of its own.
fn require_revivable(user: &User) -> Result<(), Error> {
    if user.provenance != Provenance::Deprovisioned {
        return Ok(());
    }
    let message = format!(
        "user {} was deleted by the identity provider, and comes back when it pushes them again",
        user.username
    );
    Err(Error::precondition(Reason::UserDeleted, message).of_field("state"))
}

/// Stores a changed account with its row in the audit log.
pub(in crate::services) async fn store(
    unit: &Unit<'_>,
    action: Action,
    old: &User,
    new: &mut User,
) -> Result<(), Error> {
    touch(unit, new);
    storage::user::update(&*unit.tx, new).await?;
    let entry = Entry::new(action, audit::user(old));
    audit::record(unit, entry.changed(audit::user_snapshot(old), audit::user_snapshot(new))).await
}

/// Turns the state of `user` to deactivated and deletes its tokens; the caller stores it and derives.
pub(in crate::services) async fn switch_off(unit: &Unit<'_>, user: &mut User) -> Result<(), Error> {
    standing::take_from(unit, user)?;
    keep_an_admin(unit, user).await?;
    token::delete_all(unit, user).await?;
    user.state = UserState::Deactivated;
    Ok(())
}

/// Counts one change of `user`.
pub(in crate::services) fn touch(unit: &Unit<'_>, user: &mut User) {
    user.update_time = unit.now;
    user.version += 1;
}

/// Gives an account a role on the server.
///
/// # Errors
/// The caller is no server admin; there is no such account; it is the last active server admin, or one by its
/// e-mail; it is switched off.
pub async fn update_server_role(
    services: &Services,
    caller: &Caller,
    id: UserId,
    role: ServerRole,
) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change_holding(caller, standing::of_users([id]), |unit| async move {
        let user = require_for_update(&unit, id).await?;
        jit::by_hand(&unit, &user, role).await?;
        if user.server_role == role {
            return Ok(());
        }
        match role {
            ServerRole::Member => keep_an_admin(&unit, &user).await?,
            ServerRole::Admin => require_active(&user)?,
        }
        let mut changed = User { server_role: role, ..user.clone() };
        store(&unit, Action::UserServerRoleChanged, &user, &mut changed).await
    });
    write.await
}

/// The server must not be left without an active admin.
pub(in crate::services) async fn keep_an_admin(unit: &Unit<'_>, user: &User) -> Result<(), Error> {
    if user.server_role != ServerRole::Admin {
        return Ok(());
    }
    standing::take_from(unit, user)?;
    // not the rows of all admins: two who go at once would wait for each other
    storage::user::hold_admins(&*unit.tx).await?;
    let admins = storage::user::active_admins(&*unit.tx).await?;
    let is_one = admins.iter().any(|admin| admin.id == user.id);
    if !is_one || admins.iter().any(|admin| admin.id != user.id) {
        return Ok(());
    }
    Err(last_admin(user))
}

/// The server would have no admin without `user`.
pub(in crate::services) fn last_admin(user: &User) -> Error {
    let message = format!("{} is the last active server admin; make someone else one first", user.username);
    Error::precondition(Reason::LastServerAdmin, message)
}

/// The ids of the accounts that these refs name, in request order.
pub(super) async fn resolve(unit: &Unit<'_>, refs: &[Ref<UserId>]) -> Result<Vec<UserId>, Error> {
    let found = super::find_many(&*unit.tx, refs).await.map_err(|error| error.of_field("user_id"))?;
    Ok(found.into_iter().map(|user| user.id).collect())
}

/// The account with this id, locked until the transaction ends.
pub(in crate::services) async fn require_for_update(unit: &Unit<'_>, id: UserId) -> Result<User, Error> {
    let found = storage::user::find_for_update(&*unit.tx, id).await?.filter(|user| !user.is_deleted());
    found.ok_or_else(|| Error::not_found("user", id).of_field("user_id"))
}

/// Only an account that is switched on.
pub(in crate::services) fn require_active(user: &User) -> Result<(), Error> {
    if user.is_active() {
        return Ok(());
    }
    let message = format!("user {} is deactivated", user.username);
    Err(Error::precondition(Reason::UserDeactivated, message).of_field("user_id"))
}
