//! The namespace that users and organizations share (storage floor).

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Error, Sql};

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

/// Gives `name` back.
///
/// # Errors
/// When the database fails.
pub async fn release(db: &impl ConnectionTrait, name: &str) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM owner_name WHERE name = ");
    sql.bind(name);
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}
