//! The facts of one account that become those of another (storage floor).

use sea_orm::ConnectionTrait;

use super::super::{Error, Sql};
use crate::domain::id::UserId;

/// Gives `into` the roles of `from` that are higher than its own, or that it lacks, and the organizations that `from` made,
/// with the names of those that are deleted.
///
/// # Errors
/// When the database fails.
pub async fn move_roles(db: &impl ConnectionTrait, from: UserId, into: UserId) -> Result<(), Error> {
    delete_roles(db, into, from, "other.role > organization_role.role").await?;
    delete_roles(db, from, into, "1 = 1").await?;
    give(db, "organization_role", from, into).await?;
    give(db, "organization_creator", from, into).await?;
    give(db, "retired_name", from, into).await?;
    give_by(db, ("retired_name", "keeper_id"), from, into).await
}

/// Deletes the roles of `of` where `other` has one of the same source in the same organization, and `and`.
async fn delete_roles(db: &impl ConnectionTrait, of: UserId, other: UserId, and: &str) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM organization_role WHERE user_id = ");
    sql.bind(of.uuid()).push(" AND EXISTS (SELECT 1 FROM organization_role other WHERE other.user_id = ");
    sql.bind(other.uuid()).push(" AND other.organization_id = organization_role.organization_id");
    sql.push(" AND other.source = organization_role.source AND ").push(and).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Gives `into`, who is in none, the groups of `from`, and what is known of a refused deactivation.
///
/// # Errors
/// When the database fails.
pub async fn move_resource(db: &impl ConnectionTrait, from: UserId, into: UserId) -> Result<(), Error> {
    give(db, "idp_group_member", from, into).await?;
    super::super::provisioning::deactivation::delete(db, into).await?;
    give(db, "refused_deactivation", from, into).await
}

async fn give(db: &impl ConnectionTrait, table: &str, from: UserId, into: UserId) -> Result<(), Error> {
    give_by(db, (table, "user_id"), from, into).await
}

async fn give_by(
    db: &impl ConnectionTrait,
    (table, column): (&str, &str),
    from: UserId,
    into: UserId,
) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE ");
    sql.push(table).push(" SET ").push(column).push(" = ").bind(into.uuid());
    sql.push(" WHERE ").push(column).push(" = ").bind(from.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}
