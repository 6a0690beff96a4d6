//! Forgetting old events (storage floor).

use sea_orm::ConnectionTrait;

use super::{super::Sql, Error};
use crate::domain::clock::Timestamp;

/// Deletes the oldest events, at most `limit`, as far as all of them are from before `time`; returns how many. Only the
/// beginning of the log goes, so what is kept has no hole, and never its end, which tells the revision.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &impl ConnectionTrait, time: Timestamp, limit: u32) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT revision, time FROM membership_event ORDER BY revision LIMIT ");
    sql.bind(i64::from(limit) + 1);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    let rows: Vec<(i64, i64)> = rows.collect::<Result<_, Error>>()?;
    // the last row that was read may be the end of the log
    let (_, oldest) = rows.split_last().unwrap_or((&(0, 0), &[]));
    let Some((last, _)) = oldest.iter().take_while(|(_, at)| *at < time.micros()).last() else {
        return Ok(0);
    };
    let mut sql = Sql::new("DELETE FROM membership_event WHERE revision <= ");
    sql.bind(*last);
    let deleted = db.execute_raw(sql.build(db.get_database_backend())).await?.rows_affected();
    let mut sql = Sql::new("UPDATE membership_horizon SET revision = ");
    sql.bind(*last);
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(deleted)
}

/// The revision of the last event that is deleted; 0 when there is none.
///
/// # Errors
/// When the database fails.
pub async fn horizon(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let sql = Sql::new("SELECT revision FROM membership_horizon");
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let revision = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(revision).unwrap_or(0))
}
