//! The use of SCIM tokens: the last one, and counts by the hour, written with the log (storage floor).

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{Error, Sql, signed};
use crate::domain::{
    clock::Timestamp,
    id::ScimTokenId,
    provisioning::LoggedRequest,
    scim_token::{TokenUse, Usage},
};

const HOUR: i64 = 3_600_000_000;

/// What the requests of a batch say of their tokens, in the order of their ids: two instances that write at once do not
/// wait for one another in a circle.
#[derive(Debug, Default)]
pub(super) struct Uses {
    last: BTreeMap<ScimTokenId, TokenUse>,
    /// Requests and failures, by token and hour.
    hours: BTreeMap<(ScimTokenId, i64), (u64, u64)>,
}

impl Uses {
    pub(super) fn of(requests: &[LoggedRequest]) -> Self {
        let mut uses = Self::default();
        for request in requests {
            let Some(token) = &request.token else { continue };
            let counts = uses.hours.entry((token.id, request.time.micros().div_euclid(HOUR))).or_default();
            counts.0 += 1;
            counts.1 += u64::from(request.outcome.is_failure());
            if uses.last.get(&token.id).is_none_or(|latest| request.time >= latest.time) {
                // PostgreSQL keeps no NUL
                let user_agent = request.user_agent.as_ref().map(|name| name.replace('\0', "\u{fffd}"));
                let (time, address) = (request.time, request.address.clone());
                uses.last.insert(token.id, TokenUse { time, address, user_agent });
            }
        }
        uses
    }

    /// Counts them.
    pub(super) async fn count(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        if self.last.is_empty() {
            return Ok(());
        }
        self.put_last(db).await?;
        self.add_hours(db).await
    }

    async fn put_last(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        let mut sql =
            Sql::new("INSERT INTO scim_token_use (scim_token_id, time, address, user_agent) VALUES ");
        sql.bind_rows(self.last.iter().map(|(id, last)| -> Vec<Value> {
            let (address, user_agent) = (last.address.clone(), last.user_agent.clone());
            vec![id.uuid().into(), last.time.micros().into(), address.into(), user_agent.into()]
        }));
        sql.push(
            " ON CONFLICT (scim_token_id) DO UPDATE SET time = excluded.time, address = excluded.address, ",
        );
        sql.push("user_agent = excluded.user_agent WHERE excluded.time >= scim_token_use.time");
        db.execute_raw(sql.build(db.get_database_backend())).await?;
        Ok(())
    }

    async fn add_hours(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        let mut sql =
            Sql::new("INSERT INTO scim_token_hour (scim_token_id, hour, requests, failures) VALUES ");
        sql.bind_rows(self.hours.iter().map(|((id, hour), (requests, failures))| -> Vec<Value> {
            vec![id.uuid().into(), (*hour).into(), signed(*requests).into(), signed(*failures).into()]
        }));
        sql.push(" ON CONFLICT (scim_token_id, hour) DO UPDATE SET requests = scim_token_hour.requests + ");
        sql.push("excluded.requests, failures = scim_token_hour.failures + excluded.failures");
        db.execute_raw(sql.build(db.get_database_backend())).await?;
        Ok(())
    }
}

/// The use of each of these tokens that was used; requests are counted from the hour of `since` on.
///
/// # Errors
/// When the database fails.
pub async fn usage_of(
    db: &impl ConnectionTrait,
    tokens: &[ScimTokenId],
    since: Timestamp,
) -> Result<BTreeMap<ScimTokenId, Usage>, Error> {
    let mut sql = Sql::new(
        "SELECT u.scim_token_id, u.time, u.address, u.user_agent, CAST(COALESCE(SUM(h.requests), 0) AS bigint), \
         CAST(COALESCE(SUM(h.failures), 0) AS bigint) FROM scim_token_use u \
         LEFT JOIN scim_token_hour h ON h.scim_token_id = u.scim_token_id AND h.hour >= ",
    );
    sql.bind(since.micros().div_euclid(HOUR)).push(" WHERE u.scim_token_id IN (");
    sql.bind_all(tokens.iter().map(|id| id.uuid()));
    sql.push(") GROUP BY u.scim_token_id, u.time, u.address, u.user_agent");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let usage = rows.iter().map(|row| {
        let last = TokenUse {
            time: Timestamp::from_micros(row.try_get_by_index(1)?),
            address: row.try_get_by_index(2)?,
            user_agent: row.try_get_by_index(3)?,
        };
        let count = |column| Ok::<_, Error>(u64::try_from(row.try_get_by_index::<i64>(column)?).unwrap_or(0));
        let usage = Usage { last: Some(last), requests: count(4)?, failures: count(5)? };
        Ok((row.try_get_by_index::<Uuid>(0)?.into(), usage))
    });
    usage.collect()
}

/// Deletes the counts of hours before a moment.
///
/// # Errors
/// When the database fails.
pub async fn delete_hours_before(db: &impl ConnectionTrait, time: Timestamp) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM scim_token_hour WHERE hour < ");
    sql.bind(time.micros().div_euclid(HOUR));
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Deletes what is kept of the use of one token.
///
/// # Errors
/// When the database fails.
pub async fn delete_usage(db: &impl ConnectionTrait, token: ScimTokenId) -> Result<(), Error> {
    for table in ["DELETE FROM scim_token_use", "DELETE FROM scim_token_hour"] {
        let mut sql = Sql::new(table);
        sql.push(" WHERE scim_token_id = ").bind(token.uuid());
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}
