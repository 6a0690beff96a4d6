//! API tokens (storage floor).

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{Error, Sql, decode, entity::token, keyset};
use crate::domain::{
    clock::Timestamp,
    id::{TokenId, UserId},
    page::{Page, PageRequest},
    secret::Digest,
    token::Token,
};

/// Stores a new token with the digest of its secret.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, new: &Token, digest: &Digest) -> Result<(), Error> {
    let row = token::Model {
        id: new.id.uuid(),
        user_id: new.user_id.uuid(),
        digest: digest.as_bytes().to_vec(),
        note: new.note.clone(),
        create_time: new.create_time.micros(),
        expire_time: new.expire_time.micros(),
    };
    token::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The token with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<Token>, Error> {
    Ok(token::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row))
}

/// The token whose secret has this digest; the digests are compared in constant time.
///
/// # Errors
/// When the database fails.
pub async fn find_by_digest(db: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Token>, Error> {
    let query = token::Entity::find().filter(token::Column::Digest.eq(digest.as_bytes().to_vec()));
    let Some(row) = query.one(db).await? else { return Ok(None) };
    let stored = decode("token digest", Digest::from_bytes(&row.digest))?;
    Ok((stored == *digest).then(|| from_row(row)))
}

/// How many tokens a user has, those that have ended too.
///
/// # Errors
/// When the database fails.
pub async fn count_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM token WHERE user_id = ");
    sql.bind(user.uuid());
    sql.count(db).await
}

/// One page of a user's tokens, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    request: &PageRequest,
) -> Result<Page<Token>, Error> {
    let query = token::Entity::find().filter(token::Column::UserId.eq(user.uuid()));
    let query = keyset::page(query, token::Column::Id, request);
    let rows = query.all(db).await?;
    Ok(Page::from_rows(rows.into_iter().map(from_row).collect(), request, |token| token.id.uuid()))
}

/// All tokens of a user, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn all_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Token>, Error> {
    let query = token::Entity::find().filter(token::Column::UserId.eq(user.uuid()));
    let rows = query.order_by_asc(token::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Deletes a token.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: TokenId) -> Result<(), Error> {
    token::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

/// Deletes all tokens of a user, and returns them in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Token>, Error> {
    let query = token::Entity::delete_many().filter(token::Column::UserId.eq(user.uuid()));
    let mut deleted: Vec<_> = query.exec_with_returning(db).await?.into_iter().map(from_row).collect();
    deleted.sort_by_key(|token| token.id.uuid());
    Ok(deleted)
}

fn from_row(row: token::Model) -> Token {
    Token {
        id: row.id.into(),
        user_id: row.user_id.into(),
        note: row.note,
        create_time: Timestamp::from_micros(row.create_time),
        expire_time: Timestamp::from_micros(row.expire_time),
    }
}
