//! Emails of local accounts, by which an IdP finds them (services floor).

use super::{
    NewUser, Profile, Ref, User, insert_with,
    update::{require_for_update, resolve, store},
};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        audit::Action,
        id::UserId,
        name,
        user::{Person, Provenance, UserType},
    },
    services::{Error, Kind, Reason, Services, Unit, access, jit},
    storage,
};

/// Makes the account of a person, with an email that nobody else has.
///
/// # Errors
/// The caller is no server admin; a value breaks a rule; the name or the email is taken.
pub async fn create_person(
    services: &Services,
    caller: &Caller,
    new: &NewUser,
    profile: &Profile,
) -> Result<User, Error> {
    access::require_server_admin(caller)?;
    check(&Person::local(&new.username, new.email.clone().filter(|email| !email.is_empty())))?;
    let write = services.change(caller, |unit| async move {
        let made = insert_with(&unit, new, profile).await?;
        require_free_email(&unit, &made).await?;
        Ok(made)
    });
    write.await
}

/// An account with what is known of it, the email as well.
///
/// # Errors
/// The caller is no server admin; there is no such account.
pub async fn get_account(services: &Services, caller: &Caller, user: &Ref<UserId>) -> Result<User, Error> {
    access::require_server_admin(caller)?;
    let found = super::find_many(services.store.reader(), std::slice::from_ref(user)).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("user", user).of_field("user_ref"))
}

/// Gives a local account an email, or takes it away.
///
/// # Errors
/// The caller is no server admin; there is no such account; an IdP owns it, or it is no person's; the email breaks a rule, or is
/// the SCIM `userName` of another account.
pub async fn set_email(
    services: &Services,
    caller: &Caller,
    user: &Ref<UserId>,
    email: Option<&str>,
) -> Result<User, Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let ids = resolve(&unit, std::slice::from_ref(user)).await.map_err(of_ref)?;
        let id = ids.into_iter().next().ok_or_else(|| Error::not_found("user", user))?;
        let old = require_for_update(&unit, id).await.map_err(of_ref)?;
        put_email(&unit, old, email).await
    });
    write.await
}

fn of_ref(error: Error) -> Error {
    error.renamed("user_id", "user_ref")
}

/// Stores the email of an account that is locked.
pub(in crate::services) async fn put_email(
    unit: &Unit<'_>,
    old: User,
    email: Option<&str>,
) -> Result<User, Error> {
    let mut new = with_email(&old, email)?;
    if new == old {
        return Ok(old);
    }
    require_free_email(unit, &new).await?;
    store(unit, Action::UserUpdated, &old, &mut new).await?;
    jit::settle(unit, new, old.person.email_key().as_deref()).await
}

/// The account with this email.
pub(super) fn with_email(old: &User, email: Option<&str>) -> Result<User, Error> {
    require_own(old)?;
    let person = Person::local(&old.username, email.map(str::to_owned));
    check(&person)?;
    let same = old.person.email == person.email;
    Ok(User { person: if same { old.person.clone() } else { person }, ..old.clone() })
}

/// The email of a local person, if there is one, is an address that SCIM can show as `userName`.
pub(super) fn check(person: &Person) -> Result<(), Invalid> {
    let Some(email) = &person.email else { return Ok(()) };
    name::check_email("email", email)?;
    person.user_name_key().map(drop).map_err(|broken| Invalid::new("email", broken.rule))
}

/// Only the account of a person whom no IdP owns.
fn require_own(user: &User) -> Result<(), Error> {
    if user.user_type != UserType::Personal {
        let message = format!("{} is no person, and has no email", user.username);
        return Err(Error::new(Kind::Invalid, Reason::InvalidField, message).of_field("user_ref"));
    }
    let (reason, message) = match user.provenance {
        Provenance::Local => return Ok(()),
        Provenance::Provisioned | Provenance::Linked => {
            (Reason::ProvisionedUser, "is owned by the identity provider; change the email there")
        }
        Provenance::Deprovisioned | Provenance::Deleted => (
            Reason::UserDeleted,
            "was deleted by the identity provider, and comes back when it pushes them again",
        ),
    };
    Err(Error::precondition(reason, format!("{} {message}", user.username)).of_field("user_ref"))
}

/// No other account holds the `userName` that SCIM would show this one under, if it has an email.
pub(in crate::services) async fn require_free_email(unit: &Unit<'_>, user: &User) -> Result<(), Error> {
    // one that is made in this transaction is not there to be merged
    let own = Some(user.username.as_str()).filter(|_| user.create_time != unit.now);
    let Ok(key) = user.person.user_name_key() else { return Ok(()) };
    if user.person.email.is_none() {
        return Ok(());
    }
    let named = storage::user::find_named(&*unit.tx, &[key]).await?;
    match named.iter().find(|other| is_rival_of(other, Some(user.id))) {
        Some(other) => Err(taken(other, own)),
        None => Ok(()),
    }
}

/// Whether `other` holds what the account `own`, or a new one, would be shown under. A local account that is switched off gives way.
pub(super) fn is_rival_of(other: &User, own: Option<UserId>) -> bool {
    let holds = other.provenance.is_pushed() || other.is_active();
    own != Some(other.id) && holds && other.is_visible_to_scim()
}

/// The error for an address that `other` holds, for the account of this name, or for one that does not exist yet.
pub(super) fn taken(other: &User, own: Option<&str>) -> Error {
    let (is, who) = if other.provenance.is_pushed() {
        ("the userName of", "whom an identity provider pushes")
    } else {
        ("the email of", "a local account")
    };
    let name = &other.username;
    let merge =
        own.map(|own| format!("; if both are one person, merge them: roster user merge {name} {own}"));
    let message = format!("the address is {is} {name}, {who}{}", merge.unwrap_or_default());
    Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("email")
}
