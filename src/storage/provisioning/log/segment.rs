//! Requests of the log that are stored together: one row, compressed (storage floor).
//!
//! A row for each request would be a change in each of many indexes, most of them at a place of their own; that cost more
//! than the requests themselves. Requests come in batches, are read seldom, and look alike.

use std::{borrow::Cow, time::Duration};

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Error, Sql, document,
    marks::{Kind, Marks},
    signed,
};
use crate::domain::{
    clock::Timestamp,
    id::ScimTokenId,
    provisioning::{LoggedBody, LoggedRequest, LoggedToken, Outcome, Resource, ResourceKind},
};

/// How hard is compressed: the fastest is within a fifth of the best here.
const LEVEL: i32 = 1;
/// What a row takes beside its bytes, with its part of the indexes; roughly.
const ROW_SIZE: usize = 256;

/// Requests that are written together, ready to be stored.
#[derive(Debug)]
pub(super) struct Segment {
    first_id: Uuid,
    last_id: Uuid,
    first_time: i64,
    last_time: i64,
    requests: usize,
    failures: usize,
    marks: Vec<u8>,
    packed: Vec<u8>,
}

impl Segment {
    /// None of no requests.
    pub(super) fn of(requests: &[LoggedRequest]) -> Result<Option<Self>, Error> {
        let ids = requests.iter().map(|request| request.id.uuid());
        let (Some(first_id), Some(last_id)) = (ids.clone().min(), ids.max()) else { return Ok(None) };
        let times = requests.iter().map(|request| request.time.micros());
        Ok(Some(Self {
            first_id,
            last_id,
            first_time: times.clone().min().unwrap_or_default(),
            last_time: times.max().unwrap_or_default(),
            requests: requests.len(),
            failures: requests.iter().filter(|request| request.outcome.is_failure()).count(),
            marks: marks(requests).to_bytes(),
            packed: pack(requests)?,
        }))
    }

    /// Stores it.
    pub(super) async fn insert(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        let number = |number: usize| signed(u64::try_from(number).unwrap_or(u64::MAX));
        let row: Vec<Value> = vec![
            self.last_id.into(),
            self.first_id.into(),
            self.first_time.into(),
            self.last_time.into(),
            number(self.requests).into(),
            number(self.failures).into(),
            number(self.packed.len() + self.marks.len() + ROW_SIZE).into(),
            self.marks.clone().into(),
            self.packed.clone().into(),
        ];
        let mut sql = Sql::new(
            "INSERT INTO provisioning_segment (last_id, first_id, first_time, last_time, requests, failures, size, \
             marks, packed) VALUES ",
        );
        sql.bind_rows([row]);
        db.execute_raw(sql.build(db.get_database_backend())).await?;
        Ok(())
    }
}

/// All that a segment may be asked for.
fn marks(requests: &[LoggedRequest]) -> Marks {
    let mut marks = Marks::default();
    for request in requests {
        marks.add(Kind::Method, &request.method);
        marks.add(Kind::Status, &request.outcome.status.to_string());
        marks.add(Kind::Request, &request.request_id);
        if let Some(id) = &request.client_request_id {
            marks.add(Kind::Request, id);
        }
        if let Some(token) = &request.token {
            marks.add(Kind::Token, &token.id.to_string());
        }
        for resource in request.resources() {
            add_resource(&mut marks, resource);
        }
    }
    marks
}

fn add_resource(marks: &mut Marks, resource: &Resource) {
    let kind = match resource.kind {
        ResourceKind::User => Kind::User,
        ResourceKind::Group => Kind::Group,
    };
    for key in resource.keys() {
        marks.add(kind, &key);
    }
    if let Some(key) = resource.external_key() {
        marks.add(Kind::ExternalId, &key);
    }
}

/// One request in a segment.
#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    id: Cow<'a, str>,
    time: i64,
    /// In microseconds.
    duration: u64,
    request_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_request_id: Option<Cow<'a, str>>,
    token: Option<(Cow<'a, str>, Cow<'a, str>)>,
    address: Option<Cow<'a, str>>,
    user_agent: Option<Cow<'a, str>>,
    method: Cow<'a, str>,
    path: Cow<'a, str>,
    query: Cow<'a, str>,
    status: u16,
    scim_type: Option<Cow<'a, str>>,
    detail: Option<Cow<'a, str>>,
    notes: serde_json::Value,
    operations: serde_json::Value,
    sent: Option<PackedBody<'a>>,
    answered: Option<PackedBody<'a>>,
    lost_before: u64,
}

/// Its text, and whether that is all of it.
type PackedBody<'a> = (Cow<'a, str>, bool);

fn pack(requests: &[LoggedRequest]) -> Result<Vec<u8>, Error> {
    let packed: Vec<_> = requests.iter().map(Packed::of).collect();
    let text = serde_json::to_vec(&packed).map_err(|_| Error::Corrupt("logged request"))?;
    zstd::bulk::compress(&text, LEVEL).map_err(|_| Error::Corrupt("logged request"))
}

/// The requests of the segment in this row, whose first column is `packed`; in no order.
pub(super) fn unpack(row: &QueryResult) -> Result<Vec<LoggedRequest>, Error> {
    let packed: Vec<u8> = row.try_get_by_index(0)?;
    read(&packed).ok_or(Error::Corrupt("segment of the provisioning log"))
}

fn read(packed: &[u8]) -> Option<Vec<LoggedRequest>> {
    let text = zstd::stream::decode_all(packed).ok()?;
    let packed: Vec<Packed<'_>> = serde_json::from_slice(&text).ok()?;
    packed.into_iter().map(Packed::into_request).collect()
}

impl<'a> Packed<'a> {
    fn of(request: &'a LoggedRequest) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let body = |body: &'a Option<LoggedBody>| {
            body.as_ref().map(|body| (Cow::Borrowed(body.text.as_str()), body.is_whole))
        };
        let token = request.token.as_ref();
        Self {
            id: Cow::Owned(request.id.uuid().simple().to_string()),
            time: request.time.micros(),
            duration: u64::try_from(request.duration.as_micros()).unwrap_or(u64::MAX),
            request_id: Cow::Borrowed(&request.request_id),
            client_request_id: text(&request.client_request_id),
            token: token.map(|token| (Cow::Owned(token.id.to_string()), Cow::Borrowed(&*token.description))),
            address: text(&request.address),
            user_agent: text(&request.user_agent),
            method: Cow::Borrowed(&request.method),
            path: Cow::Borrowed(&request.path),
            query: Cow::Borrowed(&request.query),
            status: request.outcome.status,
            scim_type: text(&request.outcome.scim_type),
            detail: text(&request.outcome.detail),
            notes: document::notes(&request.notes),
            operations: document::operations(request),
            sent: body(&request.request_body),
            answered: body(&request.response_body),
            lost_before: request.lost_before,
        }
    }

    fn into_request(self) -> Option<LoggedRequest> {
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let body = |body: Option<PackedBody<'_>>| {
            body.map(|(text, is_whole)| LoggedBody { text: text.into_owned(), is_whole })
        };
        let token = match self.token {
            Some((id, description)) => {
                let id: ScimTokenId = id.parse().ok()?;
                Some(LoggedToken { id, description: description.into_owned() })
            }
            None => None,
        };
        Some(LoggedRequest {
            id: Uuid::try_parse(&self.id).ok()?.into(),
            time: Timestamp::from_micros(self.time),
            duration: Duration::from_micros(self.duration),
            request_id: self.request_id.into_owned(),
            client_request_id: text(self.client_request_id),
            token,
            address: text(self.address),
            user_agent: text(self.user_agent),
            method: self.method.into_owned(),
            path: self.path.into_owned(),
            query: self.query.into_owned(),
            outcome: Outcome {
                status: self.status,
                scim_type: text(self.scim_type),
                detail: text(self.detail),
            },
            notes: document::to_notes(&self.notes),
            operations: document::to_operations(&self.operations),
            request_body: body(self.sent),
            response_body: body(self.answered),
            lost_before: self.lost_before,
        })
    }
}
