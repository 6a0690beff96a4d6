//! Users as an IdP pushes them (services floor).
//!
//! A person who is there already is taken over, never doubled: one whom the same IdP pushed before by the `externalId`, a local user by
//! the e-mail, an account that the IdP deleted before by its `userName`.

mod matching;
mod origin;
mod username;

use self::matching::{find_match, is_hidden, require_free_user_name, require_no_local};

use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::ScimUserId,
        predicate::{ResourcePage, ResourceQuery},
        role::ServerRole,
        user::{Provenance, ProvisionedUser, User, UserPush, UserState},
    },
    services::{
        Error, Retryable, Services, Unit, access,
        audit::{self, Entry},
        jit, membership,
        provisioning::walk,
        standing, user as account,
    },
    storage::{self, Connection},
};

/// Makes the user that a push describes, or takes over the account of the same person.
///
/// # Errors
/// [`Kind::AlreadyExists`](crate::services::Kind::AlreadyExists) when an IdP owns an account of this `userName`, or has an active user with this
/// `externalId`, or when several local users share the e-mail; an attribute breaks a rule.
pub async fn create(services: &Services, caller: &Caller, push: &UserPush) -> Result<ProvisionedUser, Error> {
    access::require_scim(caller)?;
    let key = &push.person.user_name_key()?;
    push.person.check()?;
    let write = services.change_holding(caller, standing::of_people(), |unit| async move {
        match find_match(&unit, key, push).await? {
            Some(found) => one_with_groups(&*unit.tx, take_over(&unit, found, push).await?).await,
            // nobody is in a group before there is a SCIM id
            None => Ok(ProvisionedUser { user: insert(services, &unit, push).await?, groups: Vec::new() }),
        }
    });
    write.await
}

async fn insert(services: &Services, unit: &Unit<'_>, push: &UserPush) -> Result<User, Error> {
    let mut user = User {
        person: push.person.clone(),
        state: if push.active { UserState::Active } else { UserState::Deactivated },
        provenance: Provenance::Provisioned,
        pushed_by: origin::of(unit.caller),
        ..account::blank(unit)
    };
    username::insert(services, unit, &mut user).await?;
    unit.tally.user(&user, |effect| &mut effect.users_created);
    let entry = Entry::new(Action::UserCreated, audit::user(&user));
    audit::record(unit, entry.changed(Snapshot::empty(), audit::user_snapshot(&user))).await?;
    jit::welcome(unit, user).await
}

/// Gives an account that is there already to the IdP.
async fn take_over(unit: &Unit<'_>, found: User, push: &UserPush) -> Result<User, Error> {
    let mut user = found.clone();
    if found.provenance == Provenance::Deprovisioned {
        // the SCIM resource that was deleted must stay gone: RFC 7643 §3.1 forbids the reuse of its id
        user.scim_id = ScimUserId::generate(unit.now);
        user.provenance = Provenance::Provisioned;
    }
    if origin::is_other(unit, &found) {
        // the same person by all that is known, but rights over the server are not given back on that
        user.server_role = ServerRole::Member;
    }
    write(unit, &found, user, push).await
}

/// Changes a user as `decide` says after a look at it; all in one transaction. A change that changes nothing
/// leaves the user's time and version alone. A local user is linked by it.
///
/// # Errors
/// There is no such user; [`Kind::AlreadyExists`](crate::services::Kind::AlreadyExists) when another one has its new `userName`; it is the last active
/// server admin and would be switched off; what `decide` fails with.
pub async fn update<E, D>(
    services: &Services,
    caller: &Caller,
    id: ScimUserId,
    decide: D,
) -> Result<ProvisionedUser, E>
where
    E: From<Error> + Retryable,
    D: Fn(&ProvisionedUser) -> Result<UserPush, E> + Sync,
{
    access::require_scim(caller)?;
    let decide = &decide;
    let write = services.change_holding(caller, standing::of_pushed(id), |unit| async move {
        let old = require_for_update(&unit, id).await?;
        let push = decide(&old)?;
        Ok::<_, E>(replace(&unit, old, &push).await?)
    });
    write.await
}

async fn replace(unit: &Unit<'_>, old: ProvisionedUser, push: &UserPush) -> Result<ProvisionedUser, Error> {
    let key = push.person.user_name_key()?;
    push.person.check()?;
    require_free_user_name(unit, &key, old.user.id).await?;
    let renamed = old.user.person.user_name_key().ok().as_ref() != Some(&key);
    if renamed {
        require_no_local(unit, &key, old.user.id).await?;
    }
    let same = old.user.person == push.person && old.user.is_active() == push.active;
    if same && old.user.provenance.is_pushed() {
        return Ok(old);
    }
    let user = write(unit, &old.user, old.user.clone(), push).await?;
    Ok(ProvisionedUser { user, ..old })
}

/// Stores what a push says over `user`, which was `old`.
async fn write(unit: &Unit<'_>, old: &User, mut user: User, push: &UserPush) -> Result<User, Error> {
    let action = match (old.provenance, old.is_active(), push.active) {
        (Provenance::Local, _, _) => Action::UserLinked,
        (_, true, false) => Action::UserDeactivated,
        (_, false, true) => Action::UserReactivated,
        _ => Action::UserUpdated,
    };
    if old.provenance == Provenance::Local {
        user.provenance = Provenance::Linked;
        // an IdP may bring an account back that an admin switched off, but no rights over the server
        if !old.is_active() {
            user.server_role = ServerRole::Member;
        }
    }
    user.person = push.person.clone();
    user.pushed_by = origin::of(unit.caller);
    if push.active && !old.is_active() {
        user.server_role = jit::role_after_return(unit, &user).await?;
    }
    match (old.is_active(), push.active) {
        (true, false) => account::switch_off(unit, &mut user).await?,
        (_, true) => user.state = UserState::Active,
        (false, false) => {}
    }
    account::touch(unit, &mut user);
    storage::user::update(&*unit.tx, &user).await?;
    let gone = old.is_active() && !user.is_active();
    unit.tally.user(
        &user,
        |effect| {
            if gone { &mut effect.users_deactivated } else { &mut effect.users_changed }
        },
    );
    let entry = Entry::new(action, audit::user(&user));
    audit::record(unit, entry.changed(audit::user_snapshot(old), audit::user_snapshot(&user))).await?;
    let moved = old.state != user.state;
    if moved || old.provenance != user.provenance || old.person.email_key() != user.person.email_key() {
        user = jit::settle(unit, user, old.person.email_key().as_deref()).await?;
    }
    if moved {
        membership::derive(unit, &[user.id], None).await?;
    }
    Ok(user)
}

/// Deletes a user if `check` lets it: SCIM does not know it any more and its `userName` is free; it is in no
/// group and no organization. The account stays, deactivated, for the audit trail, and a later push of the same
/// person revives it.
///
/// # Errors
/// There is no such user; it is the last active server admin; what `check` fails with.
pub async fn delete<E, C>(services: &Services, caller: &Caller, id: ScimUserId, check: C) -> Result<(), E>
where
    E: From<Error> + Retryable,
    C: Fn(&User) -> Result<(), E> + Sync,
{
    access::require_scim(caller)?;
    let check = &check;
    let write = services.change_holding(caller, standing::of_pushed(id), |unit| async move {
        hold_groups(&unit, id).await?;
        let old = require_for_update(&unit, id).await?.user;
        check(&old)?;
        unit.tally.user(&old, |effect| &mut effect.users_deactivated);
        Ok::<_, E>(account::remove(&unit, old, Provenance::Deprovisioned).await?)
    });
    write.await
}

/// Groups are held before users, by everyone who changes both.
async fn hold_groups(unit: &Unit<'_>, id: ScimUserId) -> Result<(), Error> {
    if let Some(user) = storage::user::find_by_scim_id(&*unit.tx, id).await? {
        storage::idp_group::members::lock_groups_of(&*unit.tx, &[user.id]).await?;
    }
    Ok(())
}

/// The user with this SCIM id.
///
/// # Errors
/// There is none that SCIM shows.
pub async fn get(services: &Services, caller: &Caller, id: ScimUserId) -> Result<ProvisionedUser, Error> {
    access::require_scim(caller)?;
    let found = storage::provisioning::find_user(services.store.reader(), id).await?;
    found.ok_or_else(|| not_found(id))
}

/// The users that SCIM shows and `query` asks for.
///
/// # Errors
/// When the database fails.
pub async fn list(
    services: &Services,
    caller: &Caller,
    query: &ResourceQuery,
) -> Result<ResourcePage<ProvisionedUser>, Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let read = async |query: &_| Ok(storage::provisioning::list_users(db, query).await?);
    walk::page(services, "users", query, |listed| listed.user.scim_id.to_string(), read).await
}

async fn require_for_update(unit: &Unit<'_>, id: ScimUserId) -> Result<ProvisionedUser, Error> {
    let found = match storage::user::find_by_scim_id_for_update(&*unit.tx, id).await? {
        Some(found) => Some(found),
        // a merge that was waited for may have given the resource to another account, which a new look sees
        None => storage::user::find_by_scim_id_for_update(&*unit.tx, id).await?,
    };
    let user = found.filter(User::is_visible_to_scim).ok_or_else(|| not_found(id))?;
    if is_hidden(unit, &user).await? {
        return Err(not_found(id));
    }
    one_with_groups(&*unit.tx, user).await
}

fn not_found(id: ScimUserId) -> Error {
    Error::not_found("user", id)
}

async fn one_with_groups(db: &impl Connection, user: User) -> Result<ProvisionedUser, Error> {
    let groups = storage::idp_group::members::list_of_users(db, &[user.id]).await?;
    Ok(ProvisionedUser { user, groups: groups.into_iter().map(|(_, group)| group).collect() })
}
