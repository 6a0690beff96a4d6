//! The namespace that users and organizations share (storage floor).

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Error, Sql};
use crate::domain::id::UserId;

/// Takes `name` for the owner with this id; `false` when it is taken.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &impl ConnectionTrait, name: &str, owner: Uuid) -> Result<bool, Error> {
    let mut sql = Sql::new("INSERT INTO owner_name (name, owner_id) VALUES (");
    sql.bind(name).push(", ").bind(owner).push(") ON CONFLICT (name) DO NOTHING");
    let done = db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(done.rows_affected() == 1)
}

/// Which of `names` are taken.
///
/// # Errors
/// When the database fails.
pub async fn taken(db: &impl ConnectionTrait, names: &[String]) -> Result<HashSet<String>, Error> {
    let mut sql = Sql::new("SELECT name FROM owner_name WHERE name IN (");
    sql.bind_all(names.iter().cloned()).push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Keeps `name`, whose owner is deleted, from being [taken](take). It counts among those of the user who made the owner, and the
/// `keeper` may take it again.
///
/// # Errors
/// When the database fails.
pub async fn retire(
    db: &impl ConnectionTrait,
    name: &str,
    maker: Option<UserId>,
    keeper: Option<UserId>,
) -> Result<(), Error> {
    let mut sql = Sql::new("INSERT INTO retired_name (name, user_id, keeper_id) VALUES (");
    sql.bind(name)
        .push(", ")
        .bind_all([maker, keeper].map(|id| id.map(UserId::uuid)))
        .push(") ON CONFLICT (name) DO NOTHING");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Takes a name that is [retired](retire) for the owner with this id; `false` when it is not, or not for this `keeper`.
///
/// # Errors
/// When the database fails.
pub async fn take_again(
    db: &impl ConnectionTrait,
    name: &str,
    owner: Uuid,
    keeper: Option<UserId>,
) -> Result<bool, Error> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new("DELETE FROM retired_name WHERE name = ");
    sql.bind(name);
    if let Some(keeper) = keeper {
        sql.push(" AND keeper_id = ").bind(keeper.uuid());
    }
    if db.execute_raw(sql.build(backend)).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let mut sql = Sql::new("UPDATE owner_name SET owner_id = ");
    sql.bind(owner).push(" WHERE name = ").bind(name);
    db.execute_raw(sql.build(backend)).await?;
    Ok(true)
}
