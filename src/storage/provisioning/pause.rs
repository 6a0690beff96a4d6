//! Pauses of provisioning (storage floor).

use sea_orm::{ConnectionTrait, QueryResult};

use super::super::{Error, Sql, decode};
use crate::domain::{clock::Timestamp, id::ScimTokenId, membership::Given, provisioning::Pause};

/// What [`from_row`] reads.
pub(in crate::storage) const COLUMNS: &str = "scope, reason, actor_kind, actor_id, time";

/// The pause of exactly this scope.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, scope: Option<ScimTokenId>) -> Result<Option<Pause>, Error> {
    let mut sql = select();
    sql.push(" WHERE scope = ").bind(to_scope(scope));
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    row.as_ref().map(|row| from_row(row, 0)).transpose()
}

/// All pauses.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Pause>, Error> {
    let mut sql = select();
    sql.push(" ORDER BY scope");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| from_row(row, 0)).collect()
}

/// Stores a pause, in place of the one of the same scope.
///
/// # Errors
/// When the database fails.
pub async fn put(db: &impl ConnectionTrait, pause: &Pause) -> Result<(), Error> {
    let given = &pause.given;
    let mut sql =
        Sql::new("INSERT INTO provisioning_pause (scope, reason, actor_kind, actor_id, time) VALUES ");
    sql.bind_rows([vec![
        to_scope(pause.scope).into(),
        pause.reason.clone().into(),
        given.actor_kind.clone().into(),
        given.actor_id.clone().into(),
        given.time.micros().into(),
    ]]);
    sql.push(
        " ON CONFLICT (scope) DO UPDATE SET reason = excluded.reason, actor_kind = excluded.actor_kind, ",
    );
    sql.push("actor_id = excluded.actor_id, time = excluded.time");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Takes the pause of exactly this scope back.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, scope: Option<ScimTokenId>) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM provisioning_pause WHERE scope = ");
    sql.bind(to_scope(scope));
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM provisioning_pause");
    sql
}

pub(in crate::storage) fn to_scope(scope: Option<ScimTokenId>) -> String {
    scope.map(|id| id.to_string()).unwrap_or_default()
}

/// The pause in the columns from `first` on.
pub(in crate::storage) fn from_row(row: &QueryResult, first: usize) -> Result<Pause, Error> {
    let scope: String = row.try_get_by_index(first)?;
    let scope = Some(scope).filter(|scope| !scope.is_empty());
    let scope = scope.map(|id| decode("scope of a pause", id.parse().ok())).transpose()?;
    let given = Given {
        actor_kind: row.try_get_by_index(first + 2)?,
        actor_id: row.try_get_by_index(first + 3)?,
        time: Timestamp::from_micros(row.try_get_by_index(first + 4)?),
    };
    Ok(Pause { scope, reason: row.try_get_by_index(first + 1)?, given })
}
