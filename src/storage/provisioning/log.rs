//! The provisioning log (storage floor).

mod document;
mod list;
mod retention;
mod usage;

pub use list::{find, list};
pub use retention::{delete_before, delete_beyond, first_beyond};
pub use usage::{delete_hours_before, delete_usage, usage_of};

use sea_orm::{ConnectionTrait, Value};

use super::super::{Error, Sql};
use crate::domain::{
    name::TEXT_MAX,
    provisioning::{LoggedBody, LoggedRequest, Resource},
};

/// Rows that one statement writes: well under the number of values that a database takes.
const ROWS: usize = 500;

/// Writes requests, and counts them as uses of their tokens.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, requests: &[LoggedRequest]) -> Result<(), Error> {
    if requests.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(
        "INSERT INTO provisioning_request (id, time, duration, request_id, scim_token_id, scim_token_description, \
         address, user_agent, method, path, query, status, failed, scim_type, detail, notes, lost_before, size, \
         operations, request_body, request_whole, response_body, response_whole) VALUES ",
    );
    sql.bind_rows(requests.iter().map(to_row));
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    let resources: Vec<_> = requests.iter().flat_map(resource_rows).collect();
    for rows in resources.chunks(ROWS) {
        let mut sql = Sql::new(
            "INSERT INTO provisioning_resource (request_id, kind, resource_id, name_key, external_id) VALUES ",
        );
        sql.bind_rows(rows.iter().cloned());
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    usage::count(db, requests).await
}

fn to_row(request: &LoggedRequest) -> Vec<Value> {
    let outcome = &request.outcome;
    let token = request.token.as_ref();
    let (notes, operations) = (document::notes(&request.notes).to_string(), document::operations(request));
    let (sent, answered) = (body(request.request_body.as_ref()), body(request.response_body.as_ref()));
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let size = ROW_SIZE
        + notes.len()
        + operations.len()
        + request.path.len()
        + request.query.len()
        + length(&sent.0)
        + length(&answered.0);
    vec![
        request.id.uuid().into(),
        request.time.micros().into(),
        i64::try_from(request.duration.as_micros()).unwrap_or(i64::MAX).into(),
        request.request_id.clone().into(),
        token.map(|token| token.id.uuid()).into(),
        token.map(|token| token.description.clone()).into(),
        request.address.clone().into(),
        request.user_agent.as_deref().map(clean).into(),
        request.method.clone().into(),
        clean(&request.path).into(),
        clean(&request.query).into(),
        status(outcome.status).into(),
        i16::from(outcome.is_failure()).into(),
        outcome.scim_type.clone().into(),
        outcome.detail.as_deref().map(clean).into(),
        notes.into(),
        signed(request.lost_before).into(),
        i64::try_from(size).unwrap_or(i64::MAX).into(),
        operations.into(),
        sent.0.into(),
        sent.1.into(),
        answered.0.into(),
        answered.1.into(),
    ]
}

/// What a row takes beside its long texts, in bytes, with its part of the indexes; roughly.
const ROW_SIZE: usize = 512;

fn body(body: Option<&LoggedBody>) -> (Option<String>, i16) {
    (body.map(|body| clean(&body.text)), i16::from(body.is_none_or(|body| body.is_whole)))
}

fn resource_rows(request: &LoggedRequest) -> Vec<Vec<Value>> {
    let own = request.notes.resource.iter();
    let of_operations = request.operations.iter().filter_map(|operation| operation.notes.resource.as_ref());
    let row = |resource: &Resource| -> Vec<Value> {
        vec![
            request.id.uuid().into(),
            resource.kind.code().into(),
            key(&resource.id).into(),
            key(&resource.name_key()).into(),
            resource.external_id.as_deref().map(key).into(),
        ]
    };
    own.chain(of_operations).map(row).collect()
}

/// The text as an index takes it: bounded, and without what PostgreSQL cannot keep.
fn key(text: &str) -> String {
    clean(text).chars().take(TEXT_MAX).collect()
}

/// PostgreSQL keeps no NUL.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn status(status: u16) -> i16 {
    i16::try_from(status).unwrap_or(0)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
