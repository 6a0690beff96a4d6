//! E-mails that make a server admin of whoever an IdP pushes with them (services floor).
//!
//! Such an admin is one by the e-mail alone: when the e-mail goes, from the list or from the account, so does the role.
//! Who was made an admin by hand stays one.

mod preview;

pub use self::preview::{Effect, Proposal, preview};
use super::super::{
    Error, Kind, Reason, Services, Unit, access,
    audit::{self, Entry},
    standing, user as account,
};
use super::configured;
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot, Subject, SubjectKind},
        jit::{AdminEmail, decide, email_key, is_vouched_for},
        role::ServerRole,
        user::User,
    },
    quote::shown,
    storage::{
        self, Connection, Held, Holds,
        jit::{Lock, Standing},
    },
};

/// The e-mails that make a server admin, in the order of the addresses.
///
/// # Errors
/// The caller is no server admin.
pub async fn list_emails(services: &Services, caller: &Caller) -> Result<Vec<AdminEmail>, Error> {
    access::require_server_admin(caller)?;
    Ok(storage::jit::emails(services.store.reader()).await?)
}

/// Makes a server admin of whoever an IdP has pushed with this e-mail, or pushes later.
///
/// # Errors
/// The caller is no server admin; it is no e-mail; the configuration has it.
pub async fn add_email(services: &Services, caller: &Caller, email: &str) -> Result<AdminEmail, Error> {
    access::require_server_admin(caller)?;
    let key = &email_key(email)?;
    let write = services.change_holding(caller, alone(services, key).await?, |unit| async move {
        if let Some(found) = find(&*unit.tx, key).await? {
            require_not_configured(&found)?;
            return Ok(found);
        }
        put(&unit, email, key, false).await?;
        find(&*unit.tx, key).await?.ok_or_else(|| not_listed(email))
    });
    write.await
}

/// Takes an e-mail from the list, and the role from whoever is a server admin by it alone.
///
/// # Errors
/// The caller is no server admin; it is not in the list; the configuration has it; nobody else is an active server admin.
pub async fn remove_email(services: &Services, caller: &Caller, email: &str) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let key = &email_key(email)?;
    let write = services.change_holding(caller, alone(services, key).await?, |unit| async move {
        let found = find(&*unit.tx, key).await?.ok_or_else(|| not_listed(email))?;
        require_not_configured(&found)?;
        take(&unit, &found.email, key).await
    });
    write.await
}

/// What a change of the list holds: the list, and those whose role on the server hangs on this e-mail.
async fn alone(services: &Services, key: &str) -> Result<Holds, Error> {
    let people = storage::jit::people_with(services.store.reader(), key).await?;
    Ok(standing::of_users(people).alone([Held::Settings(Lock::Emails)]))
}

/// Adds an e-mail to the list, for the accounts that are there too.
pub(super) async fn put(unit: &Unit<'_>, email: &str, key: &str, configured: bool) -> Result<(), Error> {
    let set = storage::jit::set_by(unit.caller, unit.now, configured);
    storage::jit::put_email(&*unit.tx, key, email, &set).await?;
    record(unit, Action::AdminEmailAdded, email).await?;
    settle_email(unit, key).await
}

/// Takes an e-mail from the list.
pub(super) async fn take(unit: &Unit<'_>, email: &str, key: &str) -> Result<(), Error> {
    storage::jit::delete_email(&*unit.tx, key).await?;
    record(unit, Action::AdminEmailRemoved, email).await?;
    settle_email(unit, key).await
}

/// Makes a server admin of an account that its e-mail now makes one, or takes that back; and of those who have the e-mail too, or
/// have the one that it had before. The account is stored, and locked or new.
pub(in super::super) async fn settle(
    unit: &Unit<'_>,
    user: User,
    old_key: Option<&str>,
) -> Result<User, Error> {
    unit.require_shared(Held::Settings(Lock::Emails))?;
    if let Some(key) = old_key.filter(|key| user.person.email_key().as_deref() != Some(*key)) {
        settle_others(unit, key).await?;
    }
    let standing = standing(unit, &user).await?;
    settle_by(unit, user, standing).await
}

/// The same, of an account that was made just now, or whose standing is known.
pub(super) async fn settle_by(unit: &Unit<'_>, user: User, standing: Standing) -> Result<User, Error> {
    let Some(key) = user.person.email_key().filter(|_| standing.listed) else {
        return settle_one(unit, user, false, standing).await;
    };
    settle_email(unit, &key).await?;
    account::require_for_update(unit, user.id).await
}

/// One account less has this e-mail.
pub(in super::super) async fn settle_others(unit: &Unit<'_>, key: &str) -> Result<(), Error> {
    unit.require_shared(Held::Settings(Lock::Emails))?;
    if storage::jit::is_listed(&*unit.tx, key).await? { settle_email(unit, key).await } else { Ok(()) }
}

/// Of two accounts with the e-mail nobody can tell which is meant: it makes an admin of neither.
async fn settle_email(unit: &Unit<'_>, key: &str) -> Result<(), Error> {
    // it changes who is an admin beside the account at hand
    unit.require_alone(Held::Settings(Lock::Emails))?;
    let listed = storage::jit::is_listed(&*unit.tx, key).await?;
    let is_alone = listed && storage::jit::vouched_for(&*unit.tx, key).await?.len() == 1;
    let people = storage::jit::people_with(&*unit.tx, key).await?;
    // beside the account at hand, which may come after them: it does not wait
    if !storage::user::lock_at_once(&*unit.tx, &people).await? {
        return Err(storage::Error::outdated("an account with the e-mail").into());
    }
    for id in people {
        if let Some(user) = storage::user::find_for_update(&*unit.tx, id).await? {
            let standing = standing(unit, &user).await?;
            settle_one(unit, user, is_alone, standing).await?;
        }
    }
    Ok(())
}

/// Makes all that is so by the list so, at the start: accounts and keys may have changed under it. The last server admin stays one.
pub(super) async fn settle_everyone(unit: &Unit<'_>) -> Result<(), Error> {
    for found in storage::jit::emails(&*unit.tx).await? {
        unless_last(settle_email(unit, &email_key(&found.email)?).await)?;
    }
    for id in storage::jit::marked(&*unit.tx).await? {
        if let Some(user) = storage::user::find_for_update(&*unit.tx, id).await? {
            unless_last(settle(unit, user, None).await.map(drop))?;
        }
    }
    Ok(())
}

fn unless_last(settled: Result<(), Error>) -> Result<(), Error> {
    match settled {
        Err(error) if error.reason == Reason::LastServerAdmin => Ok(()),
        other => other,
    }
}

async fn standing(unit: &Unit<'_>, user: &User) -> Result<Standing, Error> {
    let key = user.person.email_key();
    Ok(storage::jit::standing(&*unit.tx, user.id, key.as_deref()).await?)
}

/// Whoever an admin switched off is no admin by the e-mail until an admin says so.
async fn settle_one(unit: &Unit<'_>, user: User, is_meant: bool, standing: Standing) -> Result<User, Error> {
    let decided = decide(&user, is_meant && !standing.suspended, standing.marked);
    let Some(role) = decided else { return Ok(user) };
    if role == ServerRole::Member {
        account::keep_an_admin(unit, &user).await?;
    }
    storage::jit::mark(&*unit.tx, user.id, role == ServerRole::Admin).await?;
    let mut changed = User { server_role: role, ..user.clone() };
    account::store(unit, Action::UserServerRoleChanged, &user, &mut changed).await?;
    Ok(changed)
}

/// An admin gives the role on the server by hand, which the e-mail then does not take back; and may not take away
/// what the e-mail gives.
pub(in super::super) async fn by_hand(unit: &Unit<'_>, user: &User, role: ServerRole) -> Result<(), Error> {
    if role == ServerRole::Member && is_given(unit, user).await? {
        let message =
            format!("{} is a server admin by the e-mail; take that from the list first", user.username);
        return Err(Error::precondition(Reason::AdminByEmail, message).of_field("user_id"));
    }
    if role == ServerRole::Admin {
        storage::jit::suspend(&*unit.tx, user.id, false).await?;
    }
    Ok(storage::jit::mark(&*unit.tx, user.id, false).await?)
}

/// Whether the e-mail gives the role.
async fn is_given(unit: &Unit<'_>, user: &User) -> Result<bool, Error> {
    let standing = standing(unit, user).await?;
    let Some(key) = user.person.email_key().filter(|_| standing.listed && !standing.suspended) else {
        return Ok(false);
    };
    Ok(is_vouched_for(user) && storage::jit::vouched_for(&*unit.tx, &key).await?.len() == 1)
}

/// An admin switched the account, which is stored, on or off by hand: `was` is as it was before. A server admin who is switched off
/// is none again before an admin says so, whatever an IdP pushes.
pub(in super::super) async fn switched_by_hand(
    unit: &Unit<'_>,
    was: &User,
    user: User,
) -> Result<User, Error> {
    if user.is_active() {
        storage::jit::suspend(&*unit.tx, user.id, false).await?;
    } else if was.server_role == ServerRole::Admin {
        storage::jit::suspend(&*unit.tx, user.id, true).await?;
    }
    settle(unit, user, None).await
}

/// The role that an account has when an IdP switches it on again.
pub(in super::super) async fn role_after_return(unit: &Unit<'_>, user: &User) -> Result<ServerRole, Error> {
    if user.server_role == ServerRole::Admin && standing(unit, user).await?.suspended {
        storage::jit::mark(&*unit.tx, user.id, false).await?;
        return Ok(ServerRole::Member);
    }
    Ok(user.server_role)
}

async fn find(db: &impl Connection, key: &str) -> Result<Option<AdminEmail>, Error> {
    let all = storage::jit::emails(db).await?;
    Ok(all.into_iter().find(|found| email_key(&found.email).as_deref() == Ok(key)))
}

async fn record(unit: &Unit<'_>, action: Action, email: &str) -> Result<(), Error> {
    let subject = Subject { kind: SubjectKind::Server, id: String::new(), name: email.to_owned() };
    let listed = Snapshot::empty().with("email", email);
    let entry = Entry::new(action, subject);
    let entry = if action == Action::AdminEmailAdded {
        entry.changed(Snapshot::empty(), listed)
    } else {
        entry.changed(listed, Snapshot::empty())
    };
    audit::record(unit, entry).await
}

fn require_not_configured(found: &AdminEmail) -> Result<(), Error> {
    if found.set_by.configured { Err(configured().of_field("email")) } else { Ok(()) }
}

fn not_listed(email: &str) -> Error {
    let message = format!("{} makes nobody a server admin", shown(email));
    Error::new(Kind::NotFound, Reason::NotFound, message).of_field("email")
}
