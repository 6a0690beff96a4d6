//! Many users, organizations and pairs of them in one query each, by ids or by names (storage floor).

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{super::Sql, Error, effective_from, key_from};
use crate::domain::{
    id::{OrganizationId, UserId},
    membership::{MemberKey, Roles},
    user::UserState,
};

/// The accounts with one of these ids or names; what is not there is left out.
///
/// # Errors
/// When the database fails.
pub async fn users(
    db: &impl ConnectionTrait,
    ids: &[UserId],
    names: &[String],
) -> Result<Vec<(UserId, String)>, Error> {
    let sql = named(
        r#"SELECT id, username FROM "user" WHERE username IN ("#,
        names,
        ids.iter().map(|id| id.uuid()),
    );
    rows(db, sql).await
}

/// Those of these accounts that are switched on.
///
/// # Errors
/// When the database fails.
pub async fn active(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<UserId>, Error> {
    let mut sql = Sql::new(r#"SELECT id FROM "user" WHERE state = "#);
    sql.bind(UserState::Active.code());
    sql.push(" AND id IN (").bind_all(ids.iter().map(|id| id.uuid())).push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
}

/// The organizations with one of these ids or names; what is not there is left out.
///
/// # Errors
/// When the database fails.
pub async fn organizations(
    db: &impl ConnectionTrait,
    ids: &[OrganizationId],
    names: &[String],
) -> Result<Vec<(OrganizationId, String)>, Error> {
    let sql =
        named("SELECT id, name FROM organization WHERE name IN (", names, ids.iter().map(|id| id.uuid()));
    rows(db, sql).await
}

fn named(select: &str, names: &[String], ids: impl Iterator<Item = Uuid>) -> Sql {
    let (names, ids): (BTreeSet<_>, BTreeSet<_>) = (names.iter().cloned().collect(), ids.collect());
    let mut sql = Sql::new(select);
    sql.bind_all(names).push(") OR id IN (").bind_all(ids).push(")");
    sql
}

async fn rows<Id: From<Uuid>>(db: &impl ConnectionTrait, sql: Sql) -> Result<Vec<(Id, String)>, Error> {
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index::<Uuid>(0)?.into(), row.try_get_by_index(1)?))).collect()
}

/// The effective roles of these, of members alone.
///
/// # Errors
/// When the database fails.
pub async fn roles_of(db: &impl ConnectionTrait, keys: &[MemberKey]) -> Result<Roles, Error> {
    if keys.is_empty() {
        return Ok(Roles::new());
    }
    let mut sql = Sql::new("SELECT organization_id, user_id, role, source FROM organization_member");
    sql.push(" WHERE (organization_id, user_id) IN (VALUES ");
    let pair = |key: &MemberKey| -> Vec<Value> { vec![key.0.uuid().into(), key.1.uuid().into()] };
    sql.bind_rows(keys.iter().collect::<BTreeSet<_>>().into_iter().map(pair)).push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok((key_from(row)?, effective_from(row)?))).collect()
}
