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

/// Things that are asked for by id or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<Id> {
    /// By id.
    pub ids: Vec<Id>,
    /// By name.
    pub names: Vec<String>,
}

/// Nothing.
impl<Id> Default for Wanted<Id> {
    fn default() -> Self {
        Self { ids: Vec::new(), names: Vec::new() }
    }
}

/// Accounts with their registry names, and organizations with theirs.
pub type Named = (Vec<(UserId, String)>, Vec<(OrganizationId, String)>);

/// The accounts and the organizations that are wanted; what is not there is left out.
///
/// # Errors
/// When the database fails.
pub async fn named(
    db: &impl ConnectionTrait,
    users: &Wanted<UserId>,
    organizations: &Wanted<OrganizationId>,
) -> Result<Named, Error> {
    let mut sql = Sql::new(r#"SELECT 1, id, username FROM "user" WHERE username IN ("#);
    push_wanted(&mut sql, &users.names, users.ids.iter().map(|id| id.uuid()));
    sql.push(" UNION ALL SELECT 2, id, name FROM organization WHERE name IN (");
    push_wanted(&mut sql, &organizations.names, organizations.ids.iter().map(|id| id.uuid()));
    let (mut users, mut organizations) = (Vec::new(), Vec::new());
    for row in db.query_all_raw(sql.build(db.get_database_backend())).await? {
        let (kind, id, name): (i32, Uuid, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        if kind == 1 {
            users.push((id.into(), name));
        } else {
            organizations.push((id.into(), name));
        }
    }
    Ok((users, organizations))
}

fn push_wanted(sql: &mut Sql, names: &[String], ids: impl Iterator<Item = Uuid>) {
    let (names, ids): (BTreeSet<_>, BTreeSet<_>) = (names.iter().cloned().collect(), ids.collect());
    sql.bind_all(names).push(") OR id IN (").bind_all(ids).push(")");
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
