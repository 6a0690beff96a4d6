//! The first server admin, and the way back in for one who is locked out (services floor).

use std::time::Duration;

use super::{
    Error, Kind, Reason, Services, Unit,
    audit::{self, Entry},
    token, user,
};
use crate::{
    domain::{
        actor::Caller,
        audit::Action,
        id::TokenId,
        name,
        role::ServerRole,
        secret::Secret,
        token::{MAX_LIFETIME, Token},
        user::{Provenance, User, UserState, UserType},
    },
    storage,
};

/// What `bootstrap` made.
#[derive(Debug)]
pub struct Bootstrapped {
    /// The admin.
    pub admin: User,
    /// The secret of a fresh token.
    pub secret: Secret,
    /// The account's other tokens that have not ended.
    pub others: Vec<Token>,
    /// Whether those were ended.
    pub revoked: bool,
}

/// How far `bootstrap` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Only where there is no server admin.
    No,
    /// Also for an account that is there: the break-glass of who can reach the database.
    Yes,
    /// The same, and the account's other tokens end.
    Revoking,
}

/// Makes the first server admin with a token of a year, as [`let_in`] does.
///
/// # Errors
/// The same.
pub async fn bootstrap(
    services: &Services,
    username: &str,
    email: Option<&str>,
    force: bool,
) -> Result<(User, Secret), Error> {
    let force = if force { Force::Yes } else { Force::No };
    let made = let_in(services, username, email, force).await?;
    Ok((made.admin, made.secret))
}

/// Makes the first server admin with a token of a year. With `force`, whoever is named gets a fresh token
/// and is made an active server admin, whatever was before. With an `email` the account has it afterwards.
///
/// # Errors
/// There is a server admin already and `force` is off; the name breaks a rule or is taken by an organization; an IdP owns the account,
/// and it has another e-mail; the e-mail is another account's.
pub async fn let_in(
    services: &Services,
    username: &str,
    email: Option<&str>,
    force: Force,
) -> Result<Bootstrapped, Error> {
    let revoked = force == Force::Revoking;
    let force = force != Force::No;
    let caller = &Caller::system("bootstrap");
    let write = services.change(caller, |unit| async move {
        let named = storage::user::find_by_username_for_update(&*unit.tx, username).await?;
        if !force && let Some(admin) = first_admin(&unit).await? {
            return Err(admin_exists(&admin));
        }
        let admin = match named {
            Some(user) if force => with_email(&unit, restore(&unit, user).await?, email).await?,
            Some(user) => return Err(taken(&user)),
            None => insert(&unit, username, email).await?,
        };
        let others = live_tokens(&unit, &admin).await?;
        if revoked {
            token::revoke(&unit, &admin, &others).await?;
        }
        let secret = mint(&unit, &admin, "bootstrap", MAX_LIFETIME).await?;
        Ok(Bootstrapped { admin, secret, others, revoked })
    });
    write.await
}

/// A token of `lifetime` for the admin of `serve --dev`: the one named, or else the first there is; made when
/// there is none.
///
/// # Errors
/// The name is taken by an account that is no server admin.
pub async fn development(services: &Services, username: &str, lifetime: Duration) -> Result<Secret, Error> {
    let caller = &Caller::system("serve --dev");
    let write = services.change(caller, |unit| async move {
        storage::user::hold_admins(&*unit.tx).await?;
        let admins = storage::user::active_admins(&*unit.tx).await?;
        let admin = match admins.iter().find(|admin| admin.username == username).or(admins.first()) {
            Some(admin) => admin.clone(),
            None => insert(&unit, username, None).await?,
        };
        mint(&unit, &admin, "serve --dev", lifetime).await
    });
    write.await
}

/// The tokens of an account that have not ended; quotas bound how many there are.
async fn live_tokens(unit: &Unit<'_>, user: &User) -> Result<Vec<Token>, Error> {
    let mut live = storage::token::all_of_user(&*unit.tx, user.id).await?;
    live.retain(|token| token.expire_time > unit.now);
    Ok(live)
}

async fn first_admin(unit: &Unit<'_>) -> Result<Option<User>, Error> {
    storage::user::hold_admins(&*unit.tx).await?;
    Ok(storage::user::active_admins(&*unit.tx).await?.into_iter().next())
}

async fn insert(unit: &Unit<'_>, username: &str, email: Option<&str>) -> Result<User, Error> {
    let new = user::NewUser {
        username: username.to_owned(),
        email: email.map(str::to_owned),
        user_type: UserType::Personal,
        server_role: ServerRole::Admin,
    };
    let admin = user::insert(unit, &new).await?;
    user::require_free_email(unit, &admin).await?;
    Ok(admin)
}

async fn restore(unit: &Unit<'_>, old: User) -> Result<User, Error> {
    // an admin by hand from now on, whatever becomes of the e-mail
    storage::jit::mark(&*unit.tx, old.id, false).await?;
    let mut admin = User { server_role: ServerRole::Admin, state: UserState::Active, ..old.clone() };
    if admin.provenance == Provenance::Deprovisioned {
        admin.provenance = Provenance::Local;
    }
    if admin == old {
        return Ok(old);
    }
    user::touch(unit, &mut admin);
    storage::user::update(&*unit.tx, &admin).await?;
    super::membership::derive(unit, &[admin.id], None).await?;
    let entry = Entry::new(Action::UserServerRoleChanged, audit::user(&admin));
    audit::record(unit, entry.changed(audit::user_snapshot(&old), audit::user_snapshot(&admin))).await?;
    Ok(admin)
}

/// Gives the account the e-mail that is asked for.
async fn with_email(unit: &Unit<'_>, admin: User, email: Option<&str>) -> Result<User, Error> {
    match email {
        Some(email) if admin.person.email_key() != Some(name::key(email)) => {
            user::put_email(unit, admin, Some(email)).await
        }
        _ => Ok(admin),
    }
}

async fn mint(unit: &Unit<'_>, admin: &User, note: &str, lifetime: Duration) -> Result<Secret, Error> {
    let token = Token {
        id: TokenId::generate(unit.now),
        user_id: admin.id,
        note: note.to_owned(),
        create_time: unit.now,
        expire_time: unit.now.plus(lifetime),
    };
    token::mint(unit, &token).await
}

fn admin_exists(admin: &User) -> Error {
    let message = format!(
        "there is a server admin already: {}; if nobody can sign in, run the command again with \
         --username {} --force, which prints a fresh token for that account",
        admin.username, admin.username
    );
    Error::new(Kind::AlreadyExists, Reason::AdminExists, message)
}

fn taken(user: &User) -> Error {
    let message = format!(
        "the name {} is taken by an account that is no active server admin; choose another --username, or make \
         it one with --force",
        user.username
    );
    Error::new(Kind::AlreadyExists, Reason::Taken, message)
}
