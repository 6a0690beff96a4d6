//! Work that is done from time to time, by one of the instances that share a database (storage floor).

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Error, Sql};
use crate::domain::clock::Timestamp;

/// Whether the work of this name is due; then it is due again at `next`, and whoever else asks is told no. Asked in a
/// transaction of its own, so that of many instances one alone is told yes.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    db: &impl ConnectionTrait,
    name: &str,
    now: Timestamp,
    next: Timestamp,
) -> Result<bool, Error> {
    let mut sql = Sql::new("INSERT INTO job (name, due_time) VALUES (");
    sql.bind_all([Value::from(name), now.micros().into()]).push(") ON CONFLICT (name) DO NOTHING");
    db.execute_raw(build(db, sql)).await?;
    let mut sql = Sql::new("UPDATE job SET due_time = ");
    sql.bind(next.micros()).push(" WHERE name = ").bind(name).push(" AND due_time <= ").bind(now.micros());
    Ok(db.execute_raw(build(db, sql)).await?.rows_affected() == 1)
}

fn build(db: &impl ConnectionTrait, sql: Sql) -> Statement {
    sql.build(db.get_database_backend())
}
