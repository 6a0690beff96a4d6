//! What the provisioning log keeps no longer (storage floor).

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Error, Sql, signed};
use crate::domain::{clock::Timestamp, id::ProvisioningRequestId};

/// Deletes at most `limit` segments of which all requests came before a moment; tells how many segments and requests.
///
/// # Errors
/// When the database fails.
pub async fn delete_before(
    db: &impl ConnectionTrait,
    time: Timestamp,
    limit: u32,
) -> Result<(u64, u64), Error> {
    delete_where(db, limit, |sql| {
        sql.push("last_time < ").bind(time.micros());
    })
    .await
}

/// The end of the latest segment that, with all later ones, takes more than `max` bytes.
///
/// # Errors
/// When the database fails.
pub async fn first_beyond(
    db: &impl ConnectionTrait,
    max: u64,
) -> Result<Option<ProvisioningRequestId>, Error> {
    let mut sql = Sql::new(
        "SELECT last_id FROM (SELECT last_id, SUM(size) OVER (ORDER BY last_id DESC) AS total \
         FROM provisioning_segment) s WHERE total > ",
    );
    sql.bind(signed(max)).push(" ORDER BY last_id DESC LIMIT 1");
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let id = row.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?;
    Ok(id.map(ProvisioningRequestId::from))
}

/// Deletes at most `limit` segments, the one that ends at `last` and earlier ones; tells how many segments and
/// requests.
///
/// # Errors
/// When the database fails.
pub async fn delete_beyond(
    db: &impl ConnectionTrait,
    last: ProvisioningRequestId,
    limit: u32,
) -> Result<(u64, u64), Error> {
    delete_where(db, limit, |sql| {
        sql.push("last_id <= ").bind(last.uuid());
    })
    .await
}

async fn delete_where(
    db: &impl ConnectionTrait,
    limit: u32,
    condition: impl FnOnce(&mut Sql),
) -> Result<(u64, u64), Error> {
    let mut sql = Sql::new(
        "DELETE FROM provisioning_segment WHERE last_id IN (SELECT last_id FROM provisioning_segment WHERE ",
    );
    condition(&mut sql);
    sql.push(" ORDER BY last_id LIMIT ").bind(i64::from(limit)).push(") RETURNING requests");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let requests: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let segments = u64::try_from(requests.len()).unwrap_or(u64::MAX);
    Ok((segments, requests.into_iter().filter_map(|requests| u64::try_from(requests).ok()).sum()))
}
