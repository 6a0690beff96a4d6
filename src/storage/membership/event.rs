//! The events of changed roles, and the revision that counts them (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::{super::Sql, Error, effective_from, event_row, key_from, role_from, source_from};
use crate::domain::{
    actor::Caller,
    clock::Timestamp,
    membership::{Effective, EventFilter, Given, MemberKey, MembershipChange, MembershipEvent},
};

/// The advisory lock under which PostgreSQL gives out revisions.
const REVISION_LOCK: i64 = 0x726f_7374_6572_0001;

/// What a new event has.
const COLUMNS: &str = "time, organization_id, user_id, old_role, old_source, new_role, new_source, actor_kind, \
                       actor_id, request_id";

/// Writes one event for each of these changes, and returns the revision of the last one.
///
/// # Errors
/// When the database fails.
pub(super) async fn record(
    db: &impl ConnectionTrait,
    changes: &[&MembershipChange],
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<u64>, Error> {
    if changes.is_empty() {
        return Ok(None);
    }
    let rows = changes.iter().map(|change| event_row(change, caller, now));
    let mut sql = Sql::new("INSERT INTO membership_event (");
    sql.push(COLUMNS).push(") ");
    if db.get_database_backend() == DbBackend::Sqlite {
        sql.push("VALUES ").bind_rows(rows);
    } else {
        // one round trip: a row has its revision when the lock is held, from which it comes
        sql.push("SELECT event.* FROM (SELECT pg_advisory_xact_lock(").bind(REVISION_LOCK);
        sql.push(")) held, (VALUES ").bind_rows(rows).push(") event (").push(COLUMNS).push(")");
    }
    sql.push(" RETURNING revision");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let revisions: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    Ok(revisions.into_iter().max().and_then(|revision| u64::try_from(revision).ok()))
}

/// Holds the revisions until the transaction ends. A sequence gives out numbers when they are asked for, and
/// transactions commit in another order: without the lock, who has read revision 8 could miss a 7 that commits
/// later. With it, revisions become visible in their order. SQLite has one writer at a time.
pub(in crate::storage) async fn lock_revisions(db: &impl ConnectionTrait) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT pg_advisory_xact_lock(");
    sql.bind(REVISION_LOCK).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

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

/// At most `limit` events that `filter` lets through, after one revision and up to another, in order.
///
/// # Errors
/// When the database fails.
pub async fn events(
    db: &impl ConnectionTrait,
    filter: EventFilter,
    (after, until): (u64, u64),
    limit: u32,
) -> Result<Vec<MembershipEvent>, Error> {
    let mut sql = Sql::new(
        "SELECT organization_id, user_id, old_role, old_source, new_role, new_source, revision, time, actor_kind, \
         actor_id, request_id FROM membership_event WHERE revision > ",
    );
    sql.bind(number(after)).push(" AND revision <= ").bind(number(until));
    restrict(&mut sql, filter);
    sql.push(" ORDER BY revision LIMIT ").bind(i64::from(limit));
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(from_row).collect()
}

/// At most `limit` effective roles that `filter` lets through, after a key, in the order of keys.
///
/// # Errors
/// When the database fails.
pub async fn roles_after(
    db: &impl ConnectionTrait,
    filter: EventFilter,
    after: Option<MemberKey>,
    limit: u32,
) -> Result<Vec<(MemberKey, Effective)>, Error> {
    let mut sql =
        Sql::new("SELECT organization_id, user_id, role, source FROM organization_member WHERE 1 = 1");
    restrict(&mut sql, filter);
    if let Some((organization, user)) = after {
        let key: [Value; 2] = [organization.uuid().into(), user.uuid().into()];
        sql.push(" AND (organization_id, user_id) > (").bind_all(key).push(")");
    }
    sql.push(" ORDER BY organization_id, user_id LIMIT ").bind(i64::from(limit));
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok((key_from(row)?, effective_from(row)?))).collect()
}

fn restrict(sql: &mut Sql, filter: EventFilter) {
    if let Some(id) = filter.organization {
        sql.push(" AND organization_id = ").bind(id.uuid());
    }
    if let Some(id) = filter.user {
        sql.push(" AND user_id = ").bind(id.uuid());
    }
}

fn number(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

fn from_row(row: &QueryResult) -> Result<MembershipEvent, Error> {
    let (organization, user): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let change = MembershipChange {
        key: (organization.into(), user.into()),
        before: effective_at(row, 2)?,
        after: effective_at(row, 4)?,
    };
    let given = Given {
        time: Timestamp::from_micros(row.try_get_by_index(7)?),
        actor_kind: row.try_get_by_index(8)?,
        actor_id: row.try_get_by_index(9)?,
    };
    let revision = u64::try_from(row.try_get_by_index::<i64>(6)?).unwrap_or(0);
    Ok(MembershipEvent { revision, change, given, request_id: row.try_get_by_index(10)? })
}

fn effective_at(row: &QueryResult, column: usize) -> Result<Option<Effective>, Error> {
    let Some(role) = row.try_get_by_index::<Option<i16>>(column)? else { return Ok(None) };
    let source = source_from(row.try_get_by_index(column + 1)?)?;
    Ok(Some(Effective { role: role_from(role)?, source }))
}
