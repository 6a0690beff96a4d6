//! What the provisioning log keeps no longer (storage floor).

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Error, Sql, signed};
use crate::domain::{clock::Timestamp, id::ProvisioningRequestId};

/// Deletes at most `limit` requests that came before a moment; tells how many.
///
/// # Errors
/// When the database fails.
pub async fn delete_before(db: &impl ConnectionTrait, time: Timestamp, limit: u32) -> Result<u64, Error> {
    delete_where(db, limit, |sql| {
        sql.push("time < ").bind(time.micros());
    })
    .await
}

/// The latest request that, with all later ones, takes more than `max` bytes.
///
/// # Errors
/// When the database fails.
pub async fn first_beyond(
    db: &impl ConnectionTrait,
    max: u64,
) -> Result<Option<ProvisioningRequestId>, Error> {
    let mut sql = Sql::new(
        "SELECT id FROM (SELECT id, SUM(size) OVER (ORDER BY id DESC) AS total FROM provisioning_request) s \
         WHERE total > ",
    );
    sql.bind(signed(max)).push(" ORDER BY id DESC LIMIT 1");
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let id = row.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?;
    Ok(id.map(ProvisioningRequestId::from))
}

/// Deletes at most `limit` requests, `last` and earlier ones; tells how many.
///
/// # Errors
/// When the database fails.
pub async fn delete_beyond(
    db: &impl ConnectionTrait,
    last: ProvisioningRequestId,
    limit: u32,
) -> Result<u64, Error> {
    delete_where(db, limit, |sql| {
        sql.push("id <= ").bind(last.uuid());
    })
    .await
}

async fn delete_where(
    db: &impl ConnectionTrait,
    limit: u32,
    condition: impl FnOnce(&mut Sql),
) -> Result<u64, Error> {
    let mut sql =
        Sql::new("DELETE FROM provisioning_request WHERE id IN (SELECT id FROM provisioning_request WHERE ");
    condition(&mut sql);
    sql.push(" ORDER BY id LIMIT ").bind(i64::from(limit)).push(")");
    Ok(db.execute_raw(sql.build(db.get_database_backend())).await?.rows_affected())
}
