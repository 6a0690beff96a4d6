//! The events of changed roles, and the revision that counts them (storage floor).

use sea_orm::ConnectionTrait;

use super::{super::Sql, Error};

/// The revision of the latest change of an effective role; 0 before the first.
///
/// # Errors
/// When the database fails.
pub async fn revision(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let sql = Sql::new("SELECT COALESCE(MAX(revision), 0) FROM membership_event");
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let revision = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(revision).unwrap_or(0))
}
