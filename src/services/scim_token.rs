//! SCIM tokens: server admins make them, IdPs sign in with them (services floor).

use super::{
    Error, Services, access,
    audit::{self, Entry},
};
use crate::{
    domain::{
        actor::{Actor, Caller},
        audit::{Action, Snapshot, Subject, SubjectKind},
        clock::Timestamp,
        id::ScimTokenId,
        page::{Page, PageRequest},
        scim_token::{ClientProfile, ScimToken, check_expire_time},
        secret::{Secret, SecretKind},
    },
    storage,
};

/// Makes a SCIM token that ends at `expire_time`, or never; the secret is shown here and never again.
///
/// # Errors
/// The caller is no server admin; the time is in the past.
pub async fn create(
    services: &Services,
    caller: &Caller,
    expire_time: Option<Timestamp>,
    profile: ClientProfile,
) -> Result<(ScimToken, Secret), Error> {
    access::require_server_admin(caller)?;
    let now = services.now();
    let token = ScimToken {
        id: ScimTokenId::generate(now),
        profile,
        created_by: caller.user_id(),
        create_time: now,
        expire_time: check_expire_time(expire_time, now)?,
    };
    let secret = Secret::generate(SecretKind::Scim, &mut rand::rng());
    let (new, digest) = (&token, &secret.digest());
    let write = services.change(caller, |unit| async move {
        storage::scim_token::insert(&*unit.tx, new, digest).await?;
        let entry = Entry::new(Action::ScimTokenCreated, subject(new));
        audit::record(&unit, entry.changed(Snapshot::empty(), snapshot(new))).await
    });
    write.await?;
    Ok((token, secret))
}

/// One page of the tokens.
///
/// # Errors
/// The caller is no server admin.
pub async fn list(
    services: &Services,
    caller: &Caller,
    request: &PageRequest,
) -> Result<Page<ScimToken>, Error> {
    access::require_server_admin(caller)?;
    Ok(storage::scim_token::list(services.store.reader(), request).await?)
}

/// Deletes a token: the IdP that has it is locked out at once.
///
/// # Errors
/// The caller is no server admin; there is no such token.
pub async fn delete(services: &Services, caller: &Caller, id: ScimTokenId) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let found = storage::scim_token::find(&*unit.tx, id).await?;
        let token = found.ok_or_else(|| Error::not_found("SCIM token", id).of_field("token_id"))?;
        storage::scim_token::delete(&*unit.tx, id).await?;
        let entry = Entry::new(Action::ScimTokenDeleted, subject(&token));
        audit::record(&unit, entry.changed(snapshot(&token), Snapshot::empty())).await
    });
    write.await
}

/// The token whose secret this is, with the actor that it makes of who has it.
///
/// # Errors
/// [`super::Kind::Unauthenticated`] when there is none, or it has ended.
pub async fn authenticate(services: &Services, secret: &str) -> Result<(Actor, ScimToken), Error> {
    let secret = Secret::parse(SecretKind::Scim, secret).ok_or_else(Error::unauthenticated)?;
    let found = storage::scim_token::find_by_digest(services.store.reader(), &secret.digest()).await?;
    let now = services.now();
    let alive = found.filter(|token| token.expire_time.is_none_or(|end| end > now));
    let token = alive.ok_or_else(Error::unauthenticated)?;
    Ok((Actor::ScimToken { id: token.id }, token))
}

fn subject(token: &ScimToken) -> Subject {
    Subject { kind: SubjectKind::ScimToken, id: token.id.to_string(), name: String::new() }
}

fn snapshot(token: &ScimToken) -> Snapshot {
    let end = token.expire_time.map(Timestamp::micros);
    Snapshot::empty().with("profile", token.profile).with_some("expire_time_micros", end)
}
