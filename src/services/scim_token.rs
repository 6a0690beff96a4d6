//! SCIM tokens: server admins make them, IdPs sign in with them (services floor).

use std::{collections::BTreeMap, time::Duration};

use super::{
    Error, Services, access,
    audit::{self, Entry},
    standing,
};
use crate::{
    domain::{
        actor::{Actor, Caller},
        audit::{Action, Snapshot, Subject, SubjectKind},
        clock::Timestamp,
        id::ScimTokenId,
        name,
        page::{Page, PageRequest},
        scim_token::{ClientProfile, NewScimToken, ScimToken, ScimTokenPatch, Usage, check_expire_time},
        secret::{Digest, Secret, SecretKind},
    },
    storage,
};

/// For how long back requests are counted.
const USAGE_WINDOW: Duration = Duration::from_hours(24);

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
    create_described(services, caller, NewScimToken { profile, expire_time, ..NewScimToken::default() }).await
}

/// As [`create`], with a description.
///
/// # Errors
/// The caller is no server admin; the time is in the past; the description is too long.
pub async fn create_described(
    services: &Services,
    caller: &Caller,
    new: NewScimToken,
) -> Result<(ScimToken, Secret), Error> {
    access::require_server_admin(caller)?;
    name::check_description(&new.description)?;
    let now = services.now();
    let token = ScimToken {
        id: ScimTokenId::generate(now),
        description: new.description,
        profile: new.profile,
        created_by: caller.user_id(),
        create_time: now,
        expire_time: check_expire_time(new.expire_time, now)?,
    };
    let secret = Secret::generate(SecretKind::Scim, &mut rand::rng());
    let (new, digest) = (&token, &secret.digest());
    let _changed = services.memory.new_token_epoch_after();
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

/// One token.
///
/// # Errors
/// The caller is no server admin; there is no such token.
pub async fn get(services: &Services, caller: &Caller, id: ScimTokenId) -> Result<ScimToken, Error> {
    access::require_server_admin(caller)?;
    require(storage::scim_token::find(services.store.reader(), id).await?, id)
}

/// How these tokens are used; nothing is said of those that never were. What was recorded here before is in it.
///
/// # Errors
/// The caller is no server admin.
pub async fn usage(
    services: &Services,
    caller: &Caller,
    ids: &[ScimTokenId],
) -> Result<BTreeMap<ScimTokenId, Usage>, Error> {
    access::require_server_admin(caller)?;
    services.journal.flush().await;
    let since = services.now().minus(USAGE_WINDOW);
    Ok(storage::provisioning::log::usage_of(services.store.reader(), ids, since).await?)
}

/// Changes a token's description or profile; its next request follows the new profile.
///
/// # Errors
/// The caller is no server admin; the description is too long; there is no such token.
pub async fn update(
    services: &Services,
    caller: &Caller,
    id: ScimTokenId,
    patch: &ScimTokenPatch,
) -> Result<ScimToken, Error> {
    access::require_server_admin(caller)?;
    name::check_description(patch.description.as_deref().unwrap_or_default())?;
    let _changed = services.memory.new_token_epoch_after();
    let write = services.change(caller, |unit| async move {
        let old = require(storage::scim_token::find_for_update(&*unit.tx, id).await?, id)?;
        let description = patch.description.clone().unwrap_or_else(|| old.description.clone());
        let profile = patch.profile.unwrap_or(old.profile);
        let new = ScimToken { description, profile, ..old.clone() };
        if new == old {
            return Ok(new);
        }
        storage::scim_token::update(&*unit.tx, &new).await?;
        let entry = Entry::new(Action::ScimTokenUpdated, subject(&new));
        audit::record(&unit, entry.changed(snapshot(&old), snapshot(&new))).await?;
        Ok(new)
    });
    write.await
}

pub(super) fn require(found: Option<ScimToken>, id: ScimTokenId) -> Result<ScimToken, Error> {
    found.ok_or_else(|| Error::not_found("SCIM token", id).of_field("token_id"))
}

/// Deletes a token: the IdP that has it is locked out at once.
///
/// # Errors
/// The caller is no server admin; there is no such token.
pub async fn delete(services: &Services, caller: &Caller, id: ScimTokenId) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let _changed = services.memory.new_token_epoch_after();
    let write = services.change_holding(caller, standing::of_scim_tokens(Some(id)), |unit| async move {
        let token = require(storage::scim_token::find_for_update(&*unit.tx, id).await?, id)?;
        storage::scim_token::delete(&*unit.tx, id).await?;
        storage::provisioning::pause::delete(&*unit.tx, Some(id)).await?;
        storage::provisioning::log::delete_usage(&*unit.tx, id).await?;
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
    let (digest, epoch, memory) =
        (secret.digest(), services.memory.token_epoch(), &services.memory.scim_tokens);
    let known = memory.get_or(epoch, *digest.as_bytes(), find_by_digest(services, &digest)).await?;
    let now = services.now();
    let is_alive = known.1.expire_time.is_none_or(|end| end > now);
    if is_alive { Ok(known) } else { Err(Error::unauthenticated()) }
}

async fn find_by_digest(services: &Services, digest: &Digest) -> Result<(Actor, ScimToken), Error> {
    let found = storage::scim_token::find_by_digest(services.store.reader(), digest).await?;
    let token = found.ok_or_else(Error::unauthenticated)?;
    Ok((Actor::ScimToken { id: token.id }, token))
}

fn subject(token: &ScimToken) -> Subject {
    Subject { kind: SubjectKind::ScimToken, id: token.id.to_string(), name: String::new() }
}

fn snapshot(token: &ScimToken) -> Snapshot {
    let end = token.expire_time.map(Timestamp::micros);
    let description = Some(&token.description).filter(|text| !text.is_empty());
    Snapshot::empty()
        .with("profile", token.profile)
        .with_some("description", description)
        .with_some("expire_time_micros", end)
}
