//! API tokens: users make them, and sign in with them (services floor).

use super::{
    Error, Reason, Services, Unit, access,
    audit::{self, Entry},
    quota, standing,
};
use crate::{
    domain::{
        actor::{Actor, Caller},
        audit::{Action, Snapshot, Subject, SubjectKind},
        clock::Timestamp,
        id::{TokenId, UserId},
        name,
        page::{Page, PageRequest},
        secret::{Digest, Secret, SecretKind},
        token::{NOTE_MAX, Token, check_expire_time},
        user::{User, UserType},
    },
    storage,
};

/// What a new token is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for, at most 255 characters.
    pub note: String,
    /// When it ends: in the future, at most a year ahead; a year ahead when there is none.
    pub expire_time: Option<Timestamp>,
    /// Whose it is; the caller's when there is none.
    pub user_id: Option<UserId>,
}

/// Makes an API token; the secret is shown here and never again. Users make their own; the tokens of
/// machine users are made by server admins.
///
/// # Errors
/// The caller may not; the user is not there or switched off, or has too many; the note or the time breaks a rule.
pub async fn create(services: &Services, caller: &Caller, new: &NewToken) -> Result<(Token, Secret), Error> {
    let user_id = match new.user_id {
        Some(id) => id,
        None => access::require_user(caller)?,
    };
    access::require_self_or_server_admin(caller, user_id)?;
    name::check_length("note", &new.note, NOTE_MAX)?;
    let now = services.now();
    let token = Token {
        id: TokenId::generate(now),
        user_id,
        note: new.note.clone(),
        create_time: now,
        expire_time: check_expire_time(new.expire_time, now)?,
    };
    let token = &token;
    let write = services.change(caller, |unit| async move {
        quota::token_by_caller(services, &unit, token.user_id).await?;
        Ok((token.clone(), mint(&unit, token).await?))
    });
    write.await
}

/// Only whoever may make tokens of `owner`: those of machine users are made by server admins.
pub(super) fn require_maker(caller: &Caller, owner: &User) -> Result<(), Error> {
    if owner.user_type == UserType::Personal { Ok(()) } else { access::require_server_admin(caller) }
}

/// Stores a token of an active user who may have one, and returns its secret.
pub(super) async fn mint(unit: &Unit<'_>, token: &Token) -> Result<Secret, Error> {
    let found = storage::user::find_for_update(&*unit.tx, token.user_id).await?;
    let owner = found.ok_or_else(|| Error::not_found("user", token.user_id).of_field("user_id"))?;
    if !owner.is_active() {
        let message = format!("user {} is deactivated", owner.username);
        return Err(Error::precondition(Reason::UserDeactivated, message).of_field("user_id"));
    }
    require_maker(unit.caller, &owner)?;
    let secret = Secret::generate(SecretKind::Api, &mut rand::rng());
    storage::token::insert(&*unit.tx, token, &secret.digest()).await?;
    let entry = Entry::new(Action::TokenCreated, subject(token));
    audit::record(unit, entry.changed(Snapshot::empty(), snapshot(token, &owner))).await?;
    Ok(secret)
}

/// The token with this id.
///
/// # Errors
/// There is none that the caller may see: one's own, and for server admins everyone's.
pub async fn get(services: &Services, caller: &Caller, id: TokenId) -> Result<Token, Error> {
    let found = storage::token::find(services.store.reader(), id).await?;
    let seen = found.filter(|token| access::require_self_or_server_admin(caller, token.user_id).is_ok());
    seen.ok_or_else(|| Error::not_found("token", id).of_field("token_id"))
}

/// One page of a user's tokens; of the caller's own when no user is named.
///
/// # Errors
/// The caller may not see them.
pub async fn list(
    services: &Services,
    caller: &Caller,
    user_id: Option<UserId>,
    request: &PageRequest,
) -> Result<Page<Token>, Error> {
    let user_id = match user_id {
        Some(id) => id,
        None => access::require_user(caller)?,
    };
    access::require_self_or_server_admin(caller, user_id)?;
    Ok(storage::token::list(services.store.reader(), user_id, request).await?)
}

/// Deletes a token: it opens nothing any more, at once.
///
/// # Errors
/// There is none that the caller may see.
pub async fn delete(services: &Services, caller: &Caller, id: TokenId) -> Result<(), Error> {
    let token = &get(services, caller, id).await?;
    // what the token is used for right now ends before, or is refused
    let holds = standing::of_users([token.user_id]);
    let write = services.change_holding(caller, holds, |unit| async move {
        let owner = storage::user::find_for_update(&*unit.tx, token.user_id).await?;
        let owner = owner.ok_or_else(|| Error::not_found("user", token.user_id))?;
        storage::token::delete(&*unit.tx, id).await?;
        record_deletion(&unit, &owner, token).await
    });
    write.await
}

/// Deletes all tokens of `owner`, each with its row in the audit log.
pub(super) async fn delete_all(unit: &Unit<'_>, owner: &User) -> Result<(), Error> {
    standing::take_from(unit, owner)?;
    for token in &storage::token::delete_of_user(&*unit.tx, owner.id).await? {
        record_deletion(unit, owner, token).await?;
    }
    Ok(())
}

async fn record_deletion(unit: &Unit<'_>, owner: &User, token: &Token) -> Result<(), Error> {
    let entry = Entry::new(Action::TokenDeleted, subject(token));
    audit::record(unit, entry.changed(snapshot(token, owner), Snapshot::empty())).await
}

/// Ends these tokens of `owner`.
pub(super) async fn revoke(unit: &Unit<'_>, owner: &User, tokens: &[Token]) -> Result<(), Error> {
    standing::take_from(unit, owner)?;
    for token in tokens {
        storage::token::delete(&*unit.tx, token.id).await?;
        record_deletion(unit, owner, token).await?;
    }
    Ok(())
}

/// The user whose secret this is, and the token.
///
/// # Errors
/// [`super::Kind::Unauthenticated`] when there is no such token, it has ended, or its user is switched off.
pub async fn authenticate(services: &Services, secret: &str) -> Result<(Actor, Token), Error> {
    let secret = Secret::parse(SecretKind::Api, secret).ok_or_else(Error::unauthenticated)?;
    let (digest, epoch, memory) = (secret.digest(), services.memory.epoch(), &services.memory.api_tokens);
    let known = memory.get_or(epoch, *digest.as_bytes(), find_by_digest(services, &digest)).await?;
    if known.1.expire_time > services.now() { Ok(known) } else { Err(Error::unauthenticated()) }
}

async fn find_by_digest(services: &Services, digest: &Digest) -> Result<(Actor, Token), Error> {
    let db = services.store.reader();
    let token = storage::token::find_by_digest(db, digest).await?.ok_or_else(Error::unauthenticated)?;
    let owner = storage::user::find(db, token.user_id).await?.filter(User::is_active);
    let owner = owner.ok_or_else(Error::unauthenticated)?;
    Ok((actor(owner, token.id), token))
}

/// The user who signs in with this token.
pub(super) fn actor(user: User, token: TokenId) -> Actor {
    Actor::User { id: user.id, username: user.username, server_role: user.server_role, token }
}

fn subject(token: &Token) -> Subject {
    Subject { kind: SubjectKind::Token, id: token.id.to_string(), name: token.note.clone() }
}

fn snapshot(token: &Token, owner: &User) -> Snapshot {
    Snapshot::empty()
        .with("user", &owner.username)
        .with("user_id", owner.id)
        .with("expire_time_micros", token.expire_time.micros())
}
