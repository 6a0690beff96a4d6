//! SCIM tokens (storage floor).

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Error, Sql, decode, entity::scim_token, keyset};
use crate::domain::{
    clock::Timestamp,
    id::{ScimTokenId, UserId},
    page::{Page, PageRequest},
    scim_token::{ClientProfile, ScimToken},
    secret::Digest,
};

/// Stores a new token with the digest of its secret.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, new: &ScimToken, digest: &Digest) -> Result<(), Error> {
    let row = scim_token::Model {
        id: new.id.uuid(),
        digest: digest.as_bytes().to_vec(),
        profile: new.profile.code(),
        created_by: new.created_by.map(UserId::uuid),
        create_time: new.create_time.micros(),
        expire_time: new.expire_time.map(Timestamp::micros),
        description: new.description.clone(),
    };
    scim_token::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The token with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: ScimTokenId) -> Result<Option<ScimToken>, Error> {
    scim_token::Entity::find_by_id(id.uuid()).one(db).await?.as_ref().map(from_row).transpose()
}

/// The token with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(db: &impl ConnectionTrait, id: ScimTokenId) -> Result<Option<ScimToken>, Error> {
    let query = scim_token::Entity::find_by_id(id.uuid()).lock_exclusive();
    query.one(db).await?.as_ref().map(from_row).transpose()
}

/// Stores the description and the profile of a token that is there already.
///
/// # Errors
/// When the database fails.
pub async fn update(db: &impl ConnectionTrait, changed: &ScimToken) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE scim_token SET description = ");
    sql.bind(changed.description.clone()).push(", profile = ").bind(changed.profile.code());
    sql.push(" WHERE id = ").bind(changed.id.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// The token whose secret has this digest; the digests are compared in constant time.
///
/// # Errors
/// When the database fails.
pub async fn find_by_digest(db: &impl ConnectionTrait, digest: &Digest) -> Result<Option<ScimToken>, Error> {
    let query = scim_token::Entity::find().filter(scim_token::Column::Digest.eq(digest.as_bytes().to_vec()));
    let Some(row) = query.one(db).await? else { return Ok(None) };
    let stored = decode("SCIM token digest", Digest::from_bytes(&row.digest))?;
    (stored == *digest).then(|| from_row(&row)).transpose()
}

/// One page of tokens, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<ScimToken>, Error> {
    let query = scim_token::Entity::find();
    let query = keyset::page(query, scim_token::Column::Id, request);
    let tokens: Result<Vec<_>, Error> = query.all(db).await?.iter().map(from_row).collect();
    Ok(Page::from_rows(tokens?, request, |token| token.id.uuid()))
}

/// How many tokens have not ended.
///
/// # Errors
/// When the database fails.
pub async fn count_in_force(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM scim_token WHERE expire_time IS NULL OR expire_time > ");
    sql.bind(now.micros());
    sql.count(db).await
}

/// At most 20 tokens that end before a moment, or have ended, the first to end first.
///
/// # Errors
/// When the database fails.
pub async fn list_ending(db: &impl ConnectionTrait, before: Timestamp) -> Result<Vec<ScimToken>, Error> {
    let end = scim_token::Column::ExpireTime;
    let query = scim_token::Entity::find().filter(end.lte(before.micros())).order_by_asc(end).limit(20);
    query.all(db).await?.iter().map(from_row).collect()
}

/// Deletes a token.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: ScimTokenId) -> Result<(), Error> {
    scim_token::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

fn from_row(row: &scim_token::Model) -> Result<ScimToken, Error> {
    Ok(ScimToken {
        id: row.id.into(),
        description: row.description.clone(),
        profile: decode("client profile", ClientProfile::from_code(row.profile))?,
        created_by: row.created_by.map(UserId::from),
        create_time: Timestamp::from_micros(row.create_time),
        expire_time: row.expire_time.map(Timestamp::from_micros),
    })
}
