//! Who a push means: whether its `userName` is free, and whose account it takes over (services floor).

use crate::{
    domain::{
        id::UserId,
        name,
        user::{Provenance, User, UserPush, UserType, holder},
    },
    quote::shown,
    services::{Error, Kind, Reason, Unit, provisioning::user::origin},
    storage,
};

/// No other user than `own` that an IdP owns has this `userName`.
pub(super) async fn require_free_user_name(unit: &Unit<'_>, key: &str, own: UserId) -> Result<(), Error> {
    match storage::user::find_pushed(&*unit.tx, key).await? {
        Some(other) if other.id != own => Err(taken(&other)),
        _ => Ok(()),
    }
}

/// Nobody takes the name under which SCIM shows a local user, but that user.
pub(super) async fn require_no_local(unit: &Unit<'_>, key: &str, own: UserId) -> Result<(), Error> {
    let named = storage::user::find_named(&*unit.tx, &[key.to_owned()]).await?;
    require_nobody(&named.iter().filter(|user| user.id != own).collect::<Vec<_>>())
}

fn require_nobody(others: &[&User]) -> Result<(), Error> {
    match others.iter().find(|other| other.is_visible_to_scim()) {
        Some(other) => Err(taken(other)),
        None => Ok(()),
    }
}

/// Whether SCIM shows another user under the name of this local one.
pub(super) async fn is_hidden(unit: &Unit<'_>, local: &User) -> Result<bool, Error> {
    if local.provenance != Provenance::Local {
        return Ok(false);
    }
    let Ok(key) = local.person.user_name_key() else { return Ok(false) };
    let named = storage::user::find_named(&*unit.tx, &[key]).await?;
    Ok(holder(&named).is_some_and(|holder| holder.id != local.id))
}

fn taken(other: &User) -> Error {
    let message = format!(
        "userName {:?} is taken by the user with id {}",
        shown(&other.person.user_name),
        other.scim_id
    );
    Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("userName")
}

/// The account that a new push means: the one that this IdP pushed with the same `externalId` before, and switched off or deleted; the
/// local user with this e-mail; or one that was deleted under this `userName`.
pub(super) async fn find_match(unit: &Unit<'_>, key: &str, push: &UserPush) -> Result<Option<User>, Error> {
    let mut emails = vec![name::key(&push.person.user_name)];
    // most often they are one, and each is looked for
    emails.extend(push.person.email_key().filter(|email| !emails.contains(email)));
    let external_id = push.person.external_id.as_deref().filter(|id| !id.is_empty());
    let found = storage::user::find_matches(&*unit.tx, key, &emails, external_id).await?;
    let same = same_person(unit, &found, external_id, (key, &emails)).await?;
    let others: Vec<_> = found.iter().filter(|user| same.is_none_or(|same| same.id != user.id)).collect();
    if let Some(other) = others.iter().find(|user| user.provenance.is_pushed() && has_user_name(user, key)) {
        return Err(taken(other));
    }
    let locals = others.iter().filter(|user| user.provenance == Provenance::Local);
    let (meant, named): (Vec<&User>, Vec<&User>) = locals.copied().partition(|user| is_meant(user, &emails));
    if let Some(same) = same {
        require_nobody(
            &[meant, named].concat().into_iter().filter(|user| has_user_name(user, key)).collect::<Vec<_>>(),
        )?;
        return Ok(Some(same.clone()));
    }
    // names that are prepared alike (RFC 8265) may not stand beside each other, and still need not be one person's
    require_nobody(&named)?;
    Ok(one_of(meant)?.or_else(|| deleted_as(&others, push)).cloned())
}

/// Whether a local account is the one of the person with these e-mails.
fn is_meant(local: &User, emails: &[String]) -> bool {
    let is_person = local.user_type == UserType::Personal;
    is_person && local.person.email_key().is_some_and(|email| emails.contains(&email))
}

/// The account of this IdP with the same `externalId`, or of any with that and the same name or e-mail. One that is active is never taken over; where several are, the id tells nobody
/// apart, and means none.
async fn same_person<'a>(
    unit: &Unit<'_>,
    found: &'a [User],
    external_id: Option<&str>,
    (key, emails): (&str, &[String]),
) -> Result<Option<&'a User>, Error> {
    let Some(external_id) = external_id else { return Ok(None) };
    let pushed = found.iter().filter(|user| user.provenance != Provenance::Local);
    let mut same = Vec::new();
    for user in pushed.filter(|user| user.person.external_id.as_deref() == Some(external_id)) {
        let is_alike =
            has_user_name(user, key) || user.person.email_key().is_some_and(|email| emails.contains(&email));
        if is_alike || origin::is_same(unit, user).await? {
            same.push(user);
        }
    }
    let (active, gone): (Vec<_>, Vec<_>) = same.into_iter().partition(|user| user.is_active());
    match active.as_slice() {
        [] => {}
        [one] => return Err(held(external_id, one)),
        _ => return Ok(None),
    }
    let (shown, deleted): (Vec<_>, Vec<_>) = gone.into_iter().partition(|user| user.is_visible_to_scim());
    Ok(only(&shown, key).or_else(|| only(&deleted, key).filter(|_| shown.is_empty())))
}

fn only<'a>(found: &[&'a User], key: &str) -> Option<&'a User> {
    let mut named = found.iter().filter(|user| has_user_name(user, key));
    match (found, named.next(), named.next()) {
        ([one], _, _) | (_, Some(one), None) => Some(one),
        _ => None,
    }
}

fn held(external_id: &str, other: &User) -> Error {
    let message = format!(
        "externalId {external_id:?} is that of the user with id {}, who is active; change that user, or deactivate it first",
        other.scim_id
    );
    Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("externalId")
}

/// Who is switched off is meant only when nobody else is.
fn one_of(locals: Vec<&User>) -> Result<Option<&User>, Error> {
    let (mut active, mut switched_off): (Vec<_>, Vec<_>) =
        locals.into_iter().partition(|user| user.is_active());
    let candidates = if active.is_empty() { &mut switched_off } else { &mut active };
    if candidates.len() > 1 {
        let message = "several local users have this e-mail address; give each their own, then try again";
        return Err(Error::new(Kind::AlreadyExists, Reason::Ambiguous, message).of_field("emails"));
    }
    Ok(candidates.pop())
}

fn deleted_as<'a>(found: &[&'a User], push: &UserPush) -> Option<&'a User> {
    let user_name = name::key(&push.person.user_name);
    let mut deleted = found.iter().filter(|user| user.provenance == Provenance::Deprovisioned);
    deleted.rfind(|user| name::key(&user.person.user_name) == user_name).copied()
}

fn has_user_name(user: &User, key: &str) -> bool {
    user.person.user_name_key().is_ok_and(|own| own == key)
}
