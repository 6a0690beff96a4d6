//! Reading the provisioning log (storage floor).

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::{Error, Sql, document, key, status};
use crate::{
    domain::{
        clock::Timestamp,
        id::ProvisioningRequestId,
        name,
        page::{Page, PageRequest},
        provisioning::{LoggedBody, LoggedRequest, LoggedToken, Outcome, RequestFilter, ResourceKind},
    },
    storage::decode,
};

const COLUMNS: &str = "r.id, r.time, r.duration, r.request_id, r.scim_token_id, r.scim_token_description, r.address, \
    r.user_agent, r.method, r.path, r.query, r.status, r.scim_type, r.detail, r.notes, r.lost_before";

/// One page of the requests that `filter` lets through, without bodies and operations.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &RequestFilter,
    request: &PageRequest,
) -> Result<Page<LoggedRequest>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM provisioning_request r WHERE 1 = 1");
    restrict(&mut sql, filter);
    restrict_resource(&mut sql, filter);
    sql.keyset("r.id", request);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let requests: Result<Vec<_>, Error> = rows.iter().map(from_row).collect();
    Ok(Page::from_rows(requests?, request, |request| request.id.uuid()))
}

fn restrict(sql: &mut Sql, filter: &RequestFilter) {
    if filter.failed {
        // as the index says it
        sql.push(" AND r.failed = 1");
    }
    if let Some(method) = &filter.method {
        sql.push(" AND r.method = ").bind(method.clone());
    }
    if let Some(code) = filter.status {
        sql.push(" AND r.status = ").bind(status(code));
    }
    if let Some(token) = filter.token {
        sql.push(" AND r.scim_token_id = ").bind(token.uuid());
    }
    if let Some(id) = &filter.request_id {
        sql.push(" AND r.request_id = ").bind(id.clone());
    }
    if let Some(from) = filter.from {
        sql.push(" AND r.time >= ").bind(from.micros());
    }
    if let Some(until) = filter.until {
        sql.push(" AND r.time < ").bind(until.micros());
    }
}

fn restrict_resource(sql: &mut Sql, filter: &RequestFilter) {
    const OF: &str = " AND r.id IN (SELECT s.request_id FROM provisioning_resource s WHERE ";
    for (kind, wanted) in [(ResourceKind::User, &filter.user), (ResourceKind::Group, &filter.group)] {
        let Some(wanted) = wanted else { continue };
        sql.push(OF).push("s.kind = ").bind(kind.code()).push(" AND (s.resource_id = ").bind(key(wanted));
        sql.push(" OR s.name_key = ").bind(key(&name::folded(wanted))).push("))");
    }
    if let Some(id) = &filter.external_id {
        sql.push(OF).push("s.external_id = ").bind(key(id)).push(")");
    }
}

/// One request, with its bodies and operations.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    id: ProvisioningRequestId,
) -> Result<Option<LoggedRequest>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS)
        .push(", r.operations, r.request_body, r.request_whole, r.response_body, r.response_whole");
    sql.push(" FROM provisioning_request r WHERE r.id = ").bind(id.uuid());
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    row.as_ref().map(whole_from).transpose()
}

fn whole_from(row: &QueryResult) -> Result<LoggedRequest, Error> {
    Ok(LoggedRequest {
        operations: document::to_operations(&json_at(row, 16)?),
        request_body: body_at(row, 17)?,
        response_body: body_at(row, 19)?,
        ..from_row(row)?
    })
}

fn from_row(row: &QueryResult) -> Result<LoggedRequest, Error> {
    let micros: i64 = row.try_get_by_index(2)?;
    let code: i16 = row.try_get_by_index(11)?;
    Ok(LoggedRequest {
        id: row.try_get_by_index::<Uuid>(0)?.into(),
        time: Timestamp::from_micros(row.try_get_by_index(1)?),
        duration: Duration::from_micros(u64::try_from(micros).unwrap_or(0)),
        request_id: row.try_get_by_index(3)?,
        token: token_at(row)?,
        address: row.try_get_by_index(6)?,
        user_agent: row.try_get_by_index(7)?,
        method: row.try_get_by_index(8)?,
        path: row.try_get_by_index(9)?,
        query: row.try_get_by_index(10)?,
        outcome: Outcome {
            status: u16::try_from(code).unwrap_or(0),
            scim_type: row.try_get_by_index(12)?,
            detail: row.try_get_by_index(13)?,
        },
        notes: document::to_notes(&json_at(row, 14)?),
        operations: Vec::new(),
        request_body: None,
        response_body: None,
        lost_before: u64::try_from(row.try_get_by_index::<i64>(15)?).unwrap_or(0),
    })
}

fn token_at(row: &QueryResult) -> Result<Option<LoggedToken>, Error> {
    let Some(id) = row.try_get_by_index::<Option<Uuid>>(4)? else { return Ok(None) };
    let description = row.try_get_by_index::<Option<String>>(5)?.unwrap_or_default();
    Ok(Some(LoggedToken { id: id.into(), description }))
}

fn json_at(row: &QueryResult, column: usize) -> Result<Value, Error> {
    let text: String = row.try_get_by_index(column)?;
    decode("document of a logged request", serde_json::from_str(&text).ok())
}

fn body_at(row: &QueryResult, column: usize) -> Result<Option<LoggedBody>, Error> {
    let Some(text) = row.try_get_by_index::<Option<String>>(column)? else { return Ok(None) };
    Ok(Some(LoggedBody { text, is_whole: row.try_get_by_index::<i16>(column + 1)? != 0 }))
}
