//! Large removals (storage floor).

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use super::super::{Error, Sql, decode};
use crate::domain::{
    clock::Timestamp,
    id::LargeRemovalId,
    membership::Given,
    page::{Page, PageRequest},
    provisioning::{LargeRemoval, OrganizationRemoval, RemovalState},
};

const SELECT: &str = "SELECT id, scim_token_id, request_id, time, state, organizations, release_actor_kind, \
    release_actor_id, release_time FROM large_removal";

/// Stores a removal that took place.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, removal: &LargeRemoval) -> Result<(), Error> {
    put(db, removal, None).await.map(drop)
}

/// Stores a removal that was refused. One with the same `fingerprint` that waits already is kept, and told of the new
/// request; returns the id of the one that waits.
///
/// # Errors
/// When the database fails.
pub async fn hold(
    db: &impl ConnectionTrait,
    removal: &LargeRemoval,
    fingerprint: &str,
) -> Result<LargeRemovalId, Error> {
    put(db, removal, Some(fingerprint)).await
}

async fn put(
    db: &impl ConnectionTrait,
    removal: &LargeRemoval,
    fingerprint: Option<&str>,
) -> Result<LargeRemovalId, Error> {
    let mut sql = Sql::new(
        "INSERT INTO large_removal (id, scim_token_id, request_id, time, state, organizations, fingerprint) VALUES ",
    );
    let row: Vec<Value> = vec![
        removal.id.uuid().into(),
        removal.token.uuid().into(),
        removal.request_id.clone().into(),
        removal.time.micros().into(),
        removal.state.code().into(),
        to_json(&removal.organizations).to_string().into(),
        fingerprint.map(str::to_owned).into(),
    ];
    sql.bind_rows([row]);
    sql.push(
        " ON CONFLICT (fingerprint) DO UPDATE SET request_id = excluded.request_id, time = excluded.time",
    );
    sql.push(" RETURNING id");
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let id = row.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?;
    Ok(id.map_or(removal.id, LargeRemovalId::from))
}

/// Lets the released removal with this fingerprint through, once: it is done then. Tells whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn take_released(
    db: &impl ConnectionTrait,
    fingerprint: &str,
    request_id: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut sql = Sql::new("UPDATE large_removal SET fingerprint = NULL, state = ");
    sql.bind(RemovalState::Done.code()).push(", time = ").bind(now.micros());
    sql.push(", request_id = ").bind(request_id.to_owned()).push(" WHERE fingerprint = ");
    sql.bind(fingerprint.to_owned()).push(" AND state = ").bind(RemovalState::Released.code());
    Ok(db.execute_raw(sql.build(db.get_database_backend())).await?.rows_affected() > 0)
}

/// The removal with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    id: LargeRemovalId,
) -> Result<Option<LargeRemoval>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE id = ").bind(id.uuid());
    if db.get_database_backend() == sea_orm::DbBackend::Postgres {
        sql.push(" FOR NO KEY UPDATE");
    }
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    row.as_ref().map(from_row).transpose()
}

/// Stores that a removal is released.
///
/// # Errors
/// When the database fails.
pub async fn release(db: &impl ConnectionTrait, id: LargeRemovalId, given: &Given) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE large_removal SET state = ");
    sql.bind(RemovalState::Released.code()).push(", release_actor_kind = ").bind(given.actor_kind.clone());
    sql.push(", release_actor_id = ").bind(given.actor_id.clone());
    sql.push(", release_time = ").bind(given.time.micros()).push(" WHERE id = ").bind(id.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// One page of removals, in the order in which they were first asked for.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<LargeRemoval>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE 1 = 1").keyset("id", request);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let removals: Result<Vec<_>, Error> = rows.iter().map(from_row).collect();
    Ok(Page::from_rows(removals?, request, |removal| removal.id.uuid()))
}

/// At most 20 removals that wait for an admin, or took place since a moment.
///
/// # Errors
/// When the database fails.
pub async fn list_pressing(db: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<LargeRemoval>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE state = ").bind(RemovalState::Held.code()).push(" OR (state = ");
    sql.bind(RemovalState::Done.code()).push(" AND time >= ").bind(since.micros());
    sql.push(") ORDER BY state DESC, id DESC LIMIT 20");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(from_row).collect()
}

/// Deletes removals that were last asked for before a moment.
///
/// # Errors
/// When the database fails.
pub async fn delete_before(db: &impl ConnectionTrait, time: Timestamp) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM large_removal WHERE time < ");
    sql.bind(time.micros());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Where a removal is large, as JSON.
pub(super) fn to_json(organizations: &[OrganizationRemoval]) -> serde_json::Value {
    let each = organizations.iter().map(|removal| {
        json!({
            "id": removal.organization_id.to_string(), "name": removal.name,
            "removed": removal.removed, "members": removal.members,
        })
    });
    each.collect()
}

/// Where a removal is large, from JSON.
pub(super) fn from_json(document: &serde_json::Value) -> Vec<OrganizationRemoval> {
    let removal = |value: &serde_json::Value| {
        Some(OrganizationRemoval {
            organization_id: value["id"].as_str()?.parse().ok()?,
            name: value["name"].as_str()?.to_owned(),
            removed: value["removed"].as_u64()?,
            members: value["members"].as_u64()?,
        })
    };
    document.as_array().into_iter().flatten().filter_map(removal).collect()
}

fn from_row(row: &QueryResult) -> Result<LargeRemoval, Error> {
    let organizations: String = row.try_get_by_index(5)?;
    let organizations = serde_json::from_str(&organizations).ok();
    Ok(LargeRemoval {
        id: row.try_get_by_index::<Uuid>(0)?.into(),
        token: row.try_get_by_index::<Uuid>(1)?.into(),
        request_id: row.try_get_by_index(2)?,
        time: Timestamp::from_micros(row.try_get_by_index(3)?),
        state: decode("state of a removal", RemovalState::from_code(row.try_get_by_index(4)?))?,
        organizations: from_json(&decode("organizations of a removal", organizations)?),
        released: released_at(row)?,
    })
}

fn released_at(row: &QueryResult) -> Result<Option<Given>, Error> {
    let Some(actor_kind) = row.try_get_by_index(6)? else { return Ok(None) };
    let time = row.try_get_by_index::<Option<i64>>(8)?.unwrap_or_default();
    let actor_id = row.try_get_by_index::<Option<String>>(7)?.unwrap_or_default();
    Ok(Some(Given { actor_kind, actor_id, time: Timestamp::from_micros(time) }))
}
