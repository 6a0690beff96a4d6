//! Who a push means: whether its `userName` is free, and whose account it takes over (services floor).

use crate::{
    domain::{
        id::UserId,
        name,
        user::{Provenance, User, UserPush},
    },
    quote::shown,
    services::{Error, Kind, Reason, Unit},
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
    let locals = storage::user::find_local(&*unit.tx, key).await?;
    match locals.iter().find(|local| local.is_visible_to_scim() && local.id != own) {
        Some(other) => Err(taken(other)),
        None => Ok(()),
    }
}

fn taken(other: &User) -> Error {
    let message = format!(
        "userName {:?} is taken by the user with id {}",
        shown(&other.person.user_name),
        other.scim_id
    );
    Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("userName")
}

/// The account that a new push means: one that was deleted under this `userName`, or the local user with this
/// e-mail. No user that an IdP owns has the `userName`.
pub(super) async fn find_match(unit: &Unit<'_>, key: &str, push: &UserPush) -> Result<Option<User>, Error> {
    let mut emails = vec![name::key(&push.person.user_name)];
    // most often they are one, and each is looked for
    emails.extend(push.person.email_key().filter(|email| !emails.contains(email)));
    let found = storage::user::find_matches(&*unit.tx, key, &emails).await?;
    if let Some(other) = found.iter().find(|user| user.provenance.is_pushed() && has_user_name(user, key)) {
        return Err(taken(other));
    }
    // one that was switched off and renamed is a person who left, however the account began
    let is_held = |user: &&User| user.provenance == Provenance::Linked && user.is_active();
    if let Some(linked) = found.iter().find(is_held) {
        let message =
            format!("this person is the user with id {}, which is provisioned already", linked.scim_id);
        return Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("userName"));
    }
    let free = found.into_iter().filter(|user| !user.provenance.is_pushed());
    let (local, deleted): (Vec<_>, Vec<_>) = free.partition(|user| user.provenance == Provenance::Local);
    // who is switched off is meant only when nobody else is
    let (mut active, mut switched_off): (Vec<_>, Vec<_>) = local.into_iter().partition(User::is_active);
    let candidates = if active.is_empty() { &mut switched_off } else { &mut active };
    if candidates.len() > 1 {
        let message = "several local users have this e-mail address; give each their own, then try again";
        return Err(Error::new(Kind::AlreadyExists, Reason::Ambiguous, message).of_field("emails"));
    }
    // names that are prepared alike (RFC 8265) may not stand beside each other, and still need not be one person's
    let own = deleted
        .into_iter()
        .rfind(|user| name::key(&user.person.user_name) == name::key(&push.person.user_name));
    Ok(candidates.pop().or(own))
}

fn has_user_name(user: &User, key: &str) -> bool {
    user.person.user_name_key().is_ok_and(|own| own == key)
}
