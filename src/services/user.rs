//! Accounts as admins and services see them (services floor). What IdPs push is in
//! [`super::provisioning`].

mod delete;
mod email;
pub mod import;
pub mod merge;
mod update;

pub use delete::{delete, delete_self, force_delete};
pub(super) use delete::{remove, require_deletable};
pub use email::{create_person, get_account, set_email};
pub(super) use email::{put_email, require_free_email};
pub use update::{deactivate, update, update_server_role};
pub(super) use update::{
    keep_an_admin, last_admin, require_active, require_for_update, store, switch_off, touch,
};

pub use super::reference::Ref;
use super::{
    Error, Services, Unit, access,
    audit::{self, Entry},
    jit, owner,
    reference::{in_order, split},
    standing,
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
    storage::{self, Connection},
};

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
            let found = storage::user::find(db, *id).await?.filter(|user| !user.is_deleted());
            found.ok_or_else(|| Error::not_found("user", id).of_field("id"))
        }
        Ref::Name(name) => {
            let found = storage::user::find_by_username(db, name).await?.filter(|user| !user.is_deleted());
            found.ok_or_else(|| Error::not_found("user", name).of_field("username"))
        }
    }
}

/// The accounts that these refs name, in request order.
///
/// # Errors
/// The caller is no user; one of them is not there.
pub async fn get_many(
    services: &Services,
    caller: &Caller,
    refs: &[Ref<UserId>],
) -> Result<Vec<User>, Error> {
    access::require_user(caller)?;
    find_many(services.store.reader(), refs).await
}

async fn find_many(db: &impl Connection, refs: &[Ref<UserId>]) -> Result<Vec<User>, Error> {
    let (ids, names) = split(refs);
    let mut found = storage::user::find_many(db, &ids).await?;
    found.extend(storage::user::find_many_by_username(db, &names).await?);
    found.retain(|user| !user.is_deleted());
    in_order(refs, "user", found, |user| (user.id, user.username.clone()))
}

/// One page of the accounts, in the order of their names.
///
/// # Errors
/// The caller is no user.
pub async fn list_by_name(
    services: &Services,
    caller: &Caller,
    filter: &UserFilter,
    request: &PageRequest<String>,
) -> Result<Page<User>, Error> {
    access::require_user(caller)?;
    Ok(storage::user::list_by_name(services.store.reader(), filter, request).await?)
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
    let holds = standing::of_people();
    services.change_holding(caller, holds, |unit| async move { insert(&unit, new).await }).await
}

/// What a new account says of itself, and what the operator says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Free text, at most 350 characters.
    pub description: String,
    /// A URL, at most 255 characters.
    pub url: String,
    /// Whether the operator vouches for it.
    pub verification: Option<VerificationStatus>,
}

/// Makes accounts, all or none; answers in request order.
///
/// # Errors
/// The caller is no server admin; a value breaks a rule; a name is taken.
pub async fn create_many(
    services: &Services,
    caller: &Caller,
    new: &[(NewUser, Profile)],
) -> Result<Vec<User>, Error> {
    access::require_server_admin(caller)?;
    let write = services.change_holding(caller, standing::of_people(), |unit| async move {
        let mut made = Vec::with_capacity(new.len());
        for (index, (new, profile)) in new.iter().enumerate() {
            let one = insert_with(&unit, new, profile).await;
            made.push(one.map_err(|error| error.of_item(index))?);
        }
        Ok(made)
    });
    write.await
}

/// Makes an account in this transaction.
pub(super) async fn insert(unit: &Unit<'_>, new: &NewUser) -> Result<User, Error> {
    insert_with(unit, new, &Profile::default()).await
}

async fn insert_with(unit: &Unit<'_>, new: &NewUser, profile: &Profile) -> Result<User, Error> {
    name::check_name("username", &new.username)?;
    name::check_description(&profile.description)?;
    name::check_url(&profile.url)?;
    let email = new.email.clone().filter(|email| !email.is_empty());
    if let Some(email) = &email {
        name::check_email("email", email)?;
    }
    let user = User {
        username: new.username.clone(),
        user_type: new.user_type,
        server_role: new.server_role,
        person: Person::local(&new.username, email),
        description: profile.description.clone(),
        url: profile.url.clone(),
        verification: profile.verification.unwrap_or(VerificationStatus::Unverified),
        ..blank(unit)
    };
    owner::take_name(unit, "username", &user.username, user.id.uuid().into()).await?;
    storage::user::insert(&*unit.tx, &user).await?;
    let entry = Entry::new(Action::UserCreated, audit::user(&user));
    audit::record(unit, entry.changed(Snapshot::empty(), audit::user_snapshot(&user))).await?;
    jit::welcome(unit, user).await
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
        pushed_by: None,
        person: Person::default(),
        create_time: unit.now,
        update_time: unit.now,
        version: 1,
    }
}
