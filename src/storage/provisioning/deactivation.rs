//! Deactivations that were refused (storage floor).

use sea_orm::ConnectionTrait;

use super::super::{Error, Sql};
use crate::domain::{id::UserId, provisioning::RefusedDeactivation};

/// Stores a refused deactivation, in place of an earlier one of the same user.
///
/// # Errors
/// When the database fails.
pub async fn put(db: &impl ConnectionTrait, refused: &RefusedDeactivation) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO refused_deactivation (user_id, scim_token_id, request_id, detail, time) VALUES ",
    );
    sql.bind_rows([vec![
        refused.user.uuid().into(),
        refused.token.uuid().into(),
        refused.request_id.clone().into(),
        refused.detail.clone().into(),
        refused.time.micros().into(),
    ]]);
    sql.push(" ON CONFLICT (user_id) DO UPDATE SET scim_token_id = excluded.scim_token_id, ");
    sql.push("request_id = excluded.request_id, detail = excluded.detail, time = excluded.time");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Whether a deactivation of this user was refused.
///
/// # Errors
/// When the database fails.
pub async fn exists(db: &impl ConnectionTrait, user: UserId) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT 1 FROM refused_deactivation WHERE user_id = ");
    sql.bind(user.uuid());
    Ok(db.query_one_raw(sql.build(db.get_database_backend())).await?.is_some())
}

/// Forgets that a deactivation of this user was refused.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM refused_deactivation WHERE user_id = ");
    sql.bind(user.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}
