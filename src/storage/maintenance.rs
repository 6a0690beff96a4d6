//! The maintenance mode: one row while it lasts (storage floor).

use sea_orm::ConnectionTrait;

use super::{Error, Sql};
use crate::domain::{clock::Timestamp, maintenance::Maintenance, membership::Given};

/// The message of the maintenance that is under way, as a part of another query.
pub(super) const MESSAGE: &str = "(SELECT message FROM maintenance)";

/// The maintenance that is under way.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Maintenance>, Error> {
    let sql = Sql::new("SELECT message, actor_kind, actor_id, time FROM maintenance");
    let Some(row) = db.query_one_raw(sql.build(db.get_database_backend())).await? else { return Ok(None) };
    let given = Given {
        actor_kind: row.try_get_by_index(1)?,
        actor_id: row.try_get_by_index(2)?,
        time: Timestamp::from_micros(row.try_get_by_index(3)?),
    };
    Ok(Some(Maintenance { message: row.try_get_by_index(0)?, given }))
}

/// Stores the maintenance, in place of the one that is under way.
///
/// # Errors
/// When the database fails.
pub async fn put(db: &impl ConnectionTrait, maintenance: &Maintenance) -> Result<(), Error> {
    let given = &maintenance.given;
    let mut sql = Sql::new("INSERT INTO maintenance (id, message, actor_kind, actor_id, time) VALUES ");
    sql.bind_rows([vec![
        1.into(),
        maintenance.message.clone().into(),
        given.actor_kind.clone().into(),
        given.actor_id.clone().into(),
        given.time.micros().into(),
    ]]);
    sql.push(
        " ON CONFLICT (id) DO UPDATE SET message = excluded.message, actor_kind = excluded.actor_kind, ",
    );
    sql.push("actor_id = excluded.actor_id, time = excluded.time");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Ends the maintenance.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait) -> Result<(), Error> {
    db.execute_raw(Sql::new("DELETE FROM maintenance").build(db.get_database_backend())).await?;
    Ok(())
}
