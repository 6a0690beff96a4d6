//! Accounts as admins and services see them (services floor). What IdPs push is in
//! [`super::provisioning`].

use super::{
    Error, Kind, Reason, Services, Unit, access,
    audit::{self, Entry},
    membership,
};
pub use crate::storage::user::UserFilter;
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{ScimUserId, UserId},
        name,
        page::{Page, PageRequest},
        role::ServerRole,
        user::{Person, Provenance, User, UserState, UserType, VerificationStatus},
    },
    storage,
};

/// A user or an organization by one of its two unique names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref<Id> {
    /// By id.
    Id(Id),
    /// By registry name.
    Name(String),
}

/// The account of the caller.
///
/// # Errors
/// The caller is no user.
pub async fn current(services: &Services, caller: &Caller) -> Result<User, Error> {
    let id = access::require_user(caller)?;
    get(services, caller, &Ref::Id(id)).await
}

/// The account with this id or name; every user may see it.
///
/// # Errors
/// There is none; the caller is no user.
pub async fn get(services: &Services, caller: &Caller, user: &Ref<UserId>) -> Result<User, Error> {
    access::require_user(caller)?;
    let db = services.store.reader();
    match user {
        Ref::Id(id) => {
            let found = storage::user::find(db, *id).await?;
            found.ok_or_else(|| Error::not_found("user", id).of_field("id"))
        }
        Ref::Name(name) => {
            let found = storage::user::find_by_username(db, name).await?;
            found.ok_or_else(|| Error::not_found("user", name).of_field("username"))
        }
    }
}

/// One page of the accounts, in the order of creation.
///
/// # Errors
/// The caller is no user.
pub async fn list(
    services: &Services,
    caller: &Caller,
    filter: &UserFilter,
    request: &PageRequest,
) -> Result<Page<User>, Error> {
    access::require_user(caller)?;
    Ok(storage::user::list(services.store.reader(), filter, request).await?)
}

/// How many accounts there are.
///
/// # Errors
/// The caller is no user.
pub async fn count(services: &Services, caller: &Caller, filter: &UserFilter) -> Result<u64, Error> {
    access::require_user(caller)?;
    Ok(storage::user::count(services.store.reader(), filter).await?)
}

/// A new account that no IdP has pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// Its registry name.
    pub username: String,
    /// The person's e-mail, by which an IdP finds the account.
    pub email: Option<String>,
    /// A person or a machine.
    pub user_type: UserType,
    /// Its role on the server.
    pub server_role: ServerRole,
}

/// Makes an account.
///
/// # Errors
/// The caller is no server admin; the name breaks a rule or is taken.
pub async fn create(services: &Services, caller: &Caller, new: &NewUser) -> Result<User, Error> {
    access::require_server_admin(caller)?;
    services.change(caller, |unit| async move { insert(&unit, new).await }).await
}

/// Makes an account in this transaction.
pub(super) async fn insert(unit: &Unit<'_>, new: &NewUser) -> Result<User, Error> {
    name::check_name("username", &new.username)?;
    let email = new.email.clone().filter(|email| !email.is_empty());
    check_email(email.as_deref())?;
    let user = User {
        username: new.username.clone(),
        user_type: new.user_type,
        server_role: new.server_role,
        person: Person::local(&new.username, email),
        ..blank(unit)
    };
    if !storage::owner_name::take(&*unit.tx, &user.username, user.id.uuid()).await? {
        let message = format!("the name {} is taken", user.username);
        return Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("username"));
    }
    storage::user::insert(&*unit.tx, &user).await?;
    let entry = Entry::new(Action::UserCreated, audit::user(&user));
    audit::record(unit, entry.changed(Snapshot::empty(), audit::user_snapshot(&user))).await?;
    Ok(user)
}

/// An account of this moment with nothing in it yet.
pub(super) fn blank(unit: &Unit<'_>) -> User {
    let id = UserId::generate(unit.now);
    User {
        id,
        scim_id: ScimUserId::of_account(id),
        username: String::new(),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
        state: UserState::Active,
        description: String::new(),
        url: String::new(),
        verification: VerificationStatus::Unverified,
        provenance: Provenance::Local,
        person: Person::default(),
        create_time: unit.now,
        update_time: unit.now,
        version: 1,
    }
}

fn check_email(email: Option<&str>) -> Result<(), Error> {
    let Some(email) = email else { return Ok(()) };
    name::check_length("email", email, name::TEXT_MAX)?;
    let well_formed =
        email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if well_formed && !email.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(crate::domain::Invalid::new("email", "must be an e-mail address").into())
}

/// Switches an account off: no token works, and every organization is without it, when this returns. Its
/// roles and groups are kept, so that switching it on again gives them back; its tokens are gone.
///
/// # Errors
/// The caller is no server admin; there is no such account; it is the last active server admin.
pub async fn deactivate(services: &Services, caller: &Caller, id: UserId) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let user = require_for_update(&unit, id).await?;
        if !user.is_active() {
            return Ok(());
        }
        let mut changed = user.clone();
        switch_off(&unit, &mut changed).await?;
        touch(&unit, &mut changed);
        storage::user::update(&*unit.tx, &changed).await?;
        let entry = Entry::new(Action::UserDeactivated, audit::user(&user));
        audit::record(&unit, entry.changed(audit::user_snapshot(&user), audit::user_snapshot(&changed)))
            .await?;
        membership::derive(&unit, &[id], None).await?;
        Ok(())
    });
    write.await
}

/// Turns the state of `user` to deactivated and deletes its tokens; the caller stores it and derives.
pub(super) async fn switch_off(unit: &Unit<'_>, user: &mut User) -> Result<(), Error> {
    keep_an_admin(unit, user).await?;
    storage::token::delete_of_user(&*unit.tx, user.id).await?;
    user.state = UserState::Deactivated;
    Ok(())
}

/// Counts one change of `user`.
pub(super) fn touch(unit: &Unit<'_>, user: &mut User) {
    user.update_time = unit.now;
    user.version += 1;
}

/// Gives an account a role on the server.
///
/// # Errors
/// The caller is no server admin; there is no such account; it is the last active server admin; it is
/// switched off.
pub async fn update_server_role(
    services: &Services,
    caller: &Caller,
    id: UserId,
    role: ServerRole,
) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let user = require_for_update(&unit, id).await?;
        if user.server_role == role {
            return Ok(());
        }
        match role {
            ServerRole::Member => keep_an_admin(&unit, &user).await?,
            ServerRole::Admin => require_active(&user)?,
        }
        let mut changed = User { server_role: role, ..user.clone() };
        touch(&unit, &mut changed);
        storage::user::update(&*unit.tx, &changed).await?;
        let entry = Entry::new(Action::UserServerRoleChanged, audit::user(&user));
        audit::record(&unit, entry.changed(audit::user_snapshot(&user), audit::user_snapshot(&changed))).await
    });
    write.await
}

/// The server must not be left without an active admin.
async fn keep_an_admin(unit: &Unit<'_>, user: &User) -> Result<(), Error> {
    if user.server_role != ServerRole::Admin || !user.is_active() {
        return Ok(());
    }
    let admins = storage::user::active_admins_for_update(&*unit.tx).await?;
    if admins.iter().any(|admin| admin.id != user.id) {
        return Ok(());
    }
    let message = format!("{} is the last active server admin; make someone else one first", user.username);
    Err(Error::precondition(Reason::LastServerAdmin, message))
}

/// The account with this id, locked until the transaction ends.
pub(super) async fn require_for_update(unit: &Unit<'_>, id: UserId) -> Result<User, Error> {
    let found = storage::user::find_for_update(&*unit.tx, id).await?;
    found.ok_or_else(|| Error::not_found("user", id).of_field("user_id"))
}

/// Only an account that is switched on.
pub(super) fn require_active(user: &User) -> Result<(), Error> {
    if user.is_active() {
        return Ok(());
    }
    let message = format!("user {} is deactivated", user.username);
    Err(Error::precondition(Reason::UserDeactivated, message).of_field("user_id"))
}
