//! Organizations that have one owner only (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, FromQueryResult};

use super::{from_row, organization};
use crate::{
    domain::{id::UserId, organization::Organization},
    storage::{Error, Sql},
};

/// Who owns what by the facts, also while switched off: by a role of their own, or through a group.
const OWNERS: &str = "(SELECT organization_id, user_id FROM organization_role WHERE role = 40 UNION SELECT \
    g.organization_id, m.user_id FROM idp_group_member m JOIN organization_group g ON g.group_id = m.group_id \
    WHERE g.role_override = 40)";

/// Locks the organizations that this user owns, in the order of their ids, until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT id FROM organization WHERE id IN (SELECT organization_id FROM ");
    sql.push(OWNERS).push(" owner WHERE user_id = ").bind(user.uuid());
    sql.push(") ORDER BY id FOR NO KEY UPDATE");
    db.query_all_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// The organizations whose only active owner this user is.
///
/// # Errors
/// When the database fails.
pub async fn list_active(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Organization>, Error> {
    list(db, "(SELECT organization_id, user_id FROM organization_member WHERE role = 40)", user).await
}

/// The organizations that nobody but this user owns, by the facts: also nobody who is switched off.
///
/// # Errors
/// When the database fails.
pub async fn list_by_facts(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Organization>, Error> {
    list(db, OWNERS, user).await
}

async fn list(db: &impl ConnectionTrait, owners: &str, user: UserId) -> Result<Vec<Organization>, Error> {
    let mut sql = Sql::new("SELECT o.* FROM organization o WHERE EXISTS (SELECT 1 FROM ");
    sql.push(owners).push(" mine WHERE mine.organization_id = o.id AND mine.user_id = ").bind(user.uuid());
    sql.push(") AND NOT EXISTS (SELECT 1 FROM ").push(owners);
    sql.push(" other WHERE other.organization_id = o.id AND other.user_id <> ").bind(user.uuid());
    sql.push(") ORDER BY o.id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let model = |row| <organization::Entity as EntityTrait>::Model::from_query_result(row, "");
    rows.iter().map(|row| from_row(model(row)?)).collect()
}
