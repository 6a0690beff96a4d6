//! Accounts by what an IdP pushes (storage floor).

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Error, ROW_LOCK, from_row, rows, user};
use crate::domain::user::{Provenance, User, UserType};

/// The account an IdP owns under this `userName`.
///
/// # Errors
/// When the database fails.
pub async fn find_pushed(db: &impl ConnectionTrait, user_name_key: &str) -> Result<Option<User>, Error> {
    let query = user::Entity::find().filter(user::Column::PushedUserNameKey.eq(user_name_key));
    query.one(db).await?.map(from_row).transpose()
}

/// Everyone with one of these `userName`s whom SCIM may show, or shows: people whom an IdP owns, and local ones.
///
/// # Errors
/// When the database fails.
pub async fn find_named(db: &impl ConnectionTrait, user_name_keys: &[String]) -> Result<Vec<User>, Error> {
    let living = [Provenance::Local, Provenance::Provisioned, Provenance::Linked].map(Provenance::code);
    let query = user::Entity::find()
        .filter(user::Column::Provenance.is_in(living))
        .filter(user::Column::UserNameKey.is_in(user_name_keys));
    rows(query.order_by_asc(user::Column::Id), db).await
}

/// The accounts that a push of this person may mean, or meet, locked: people whom no IdP owns and whose e-mail is one of
/// `email_keys`, accounts that have this `userName`, and those that an IdP pushed with this `externalId`.
///
/// # Errors
/// When the database fails.
pub async fn find_matches(
    db: &impl ConnectionTrait,
    user_name_key: &str,
    email_keys: &[String],
    external_id: Option<&str>,
) -> Result<Vec<User>, Error> {
    let (local, deleted) = (Provenance::Local.code(), Provenance::Deprovisioned.code());
    let same_name = Condition::all()
        .add(user::Column::Provenance.is_in([local, deleted]))
        .add(user::Column::UserNameKey.eq(user_name_key));
    let same_mail = Condition::all()
        .add(user::Column::Provenance.eq(local))
        .add(user::Column::UserType.eq(UserType::Personal.code()))
        .add(user::Column::EmailKey.is_in(email_keys));
    let same_person = external_id.map(|id| {
        let pushed = [Provenance::Provisioned, Provenance::Linked, Provenance::Deprovisioned];
        Condition::all()
            .add(user::Column::ExternalId.eq(id))
            .add(user::Column::Provenance.is_in(pushed.map(Provenance::code)))
    });
    let pushed = user::Column::PushedUserNameKey.eq(user_name_key);
    let any = Condition::any().add(pushed).add(same_name).add(same_mail).add_option(same_person);
    rows(user::Entity::find().filter(any).order_by_asc(user::Column::Id).lock(ROW_LOCK), db).await
}
