//! Reading the provisioning log (storage floor).
//!
//! Segments of several instances, or of two batches, may overlap a little; a page is complete when no segment that is
//! left can have a request that belongs on it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    Error, Sql,
    marks::{Kind, may_have},
    segment,
};
use crate::domain::{
    id::ProvisioningRequestId,
    page::{Page, PageRequest},
    provisioning::{LoggedRequest, RequestFilter},
};

/// Segments whose marks are looked at together.
const LOOK: i64 = 256;

/// One page of the requests that `filter` lets through, in the order of their ids.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &RequestFilter,
    request: &PageRequest,
) -> Result<Page<LoggedRequest>, Error> {
    let mut walk = Walk { filter, request, found: BTreeMap::new() };
    let mut last = None;
    while let Some(heads) = walk.heads(db, last).await? {
        for head in heads {
            if walk.is_full_before(&head) {
                return Ok(walk.page());
            }
            last = Some(head.edge(request.reverse));
            if head.may_have(filter) {
                walk.take(unpacked(db, head.last_id).await?);
            }
        }
    }
    Ok(walk.page())
}

/// One request.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    id: ProvisioningRequestId,
) -> Result<Option<LoggedRequest>, Error> {
    let mut sql = Sql::new("SELECT packed FROM provisioning_segment WHERE last_id >= ");
    sql.bind(id.uuid()).push(" AND first_id <= ").bind(id.uuid());
    for row in db.query_all_raw(sql.build(db.get_database_backend())).await? {
        let found = segment::unpack(&row)?.into_iter().find(|request| request.id == id);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn unpacked(db: &impl ConnectionTrait, last_id: Uuid) -> Result<Vec<LoggedRequest>, Error> {
    let mut sql = Sql::new("SELECT packed FROM provisioning_segment WHERE last_id = ");
    sql.bind(last_id);
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    // it may have grown too old meanwhile
    row.as_ref().map(segment::unpack).transpose().map(Option::unwrap_or_default)
}

/// What is known of a segment before it is unpacked.
struct Head {
    first_id: Uuid,
    last_id: Uuid,
    marks: Vec<u8>,
}

impl Head {
    fn from_row(row: &QueryResult) -> Result<Self, Error> {
        Ok(Self {
            first_id: row.try_get_by_index(0)?,
            last_id: row.try_get_by_index(1)?,
            marks: row.try_get_by_index(2)?,
        })
    }

    /// Where it begins, for one who comes from there: the order of a walk.
    fn edge(&self, reverse: bool) -> Uuid {
        if reverse { self.last_id } else { self.first_id }
    }

    fn may_have(&self, filter: &RequestFilter) -> bool {
        let has = |kind, text: &str| may_have(&self.marks, kind, text);
        let has_one = |kind, keys: [String; 2]| keys.iter().any(|key| has(kind, key));
        filter.user_keys().is_none_or(|keys| has_one(Kind::User, keys))
            && filter.group_keys().is_none_or(|keys| has_one(Kind::Group, keys))
            && filter.external_key().is_none_or(|key| has(Kind::ExternalId, &key))
            && filter.method.as_ref().is_none_or(|method| has(Kind::Method, method))
            && filter.status.is_none_or(|status| has(Kind::Status, &status.to_string()))
            && filter.token.is_none_or(|token| has(Kind::Token, &token.to_string()))
            && filter.request_id.as_ref().is_none_or(|id| has(Kind::Request, id))
    }
}

/// A walk over the segments, from one end of the log.
struct Walk<'a> {
    filter: &'a RequestFilter,
    request: &'a PageRequest,
    found: BTreeMap<Uuid, LoggedRequest>,
}

impl Walk<'_> {
    /// The next segments after the one that begins at `last`; none at the end of the log.
    async fn heads(&self, db: &impl ConnectionTrait, last: Option<Uuid>) -> Result<Option<Vec<Head>>, Error> {
        let (first, edge) =
            if self.request.reverse { ("first_id", "last_id") } else { ("last_id", "first_id") };
        let (later, order) = if self.request.reverse { (" < ", " DESC") } else { (" > ", "") };
        let mut sql = Sql::new("SELECT first_id, last_id, marks FROM provisioning_segment WHERE 1 = 1");
        if let Some(after) = self.request.after {
            sql.push(" AND ").push(first).push(later).bind(after);
        }
        if let Some(last) = last {
            sql.push(" AND ").push(edge).push(later).bind(last);
        }
        restrict(&mut sql, self.filter);
        sql.push(" ORDER BY ").push(edge).push(order).push(" LIMIT ").bind(LOOK);
        let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
        let heads: Vec<_> = rows.iter().map(Head::from_row).collect::<Result<_, _>>()?;
        Ok(Some(heads).filter(|heads| !heads.is_empty()))
    }

    /// Whether the page is full, with nothing in this segment or a later one that belongs before its end.
    fn is_full_before(&self, head: &Head) -> bool {
        let size = usize::try_from(self.request.size).unwrap_or(usize::MAX);
        let edge = head.edge(self.request.reverse);
        // one more than the page tells that there is a next one
        if self.request.reverse {
            self.found.keys().rev().nth(size).is_some_and(|end| *end > edge)
        } else {
            self.found.keys().nth(size).is_some_and(|end| *end < edge)
        }
    }

    fn take(&mut self, requests: Vec<LoggedRequest>) {
        for request in requests {
            let id = request.id.uuid();
            let is_later = |after| if self.request.reverse { id < after } else { id > after };
            if self.request.after.is_none_or(is_later) && self.filter.accepts(&request) {
                self.found.insert(id, request);
            }
        }
    }

    fn page(self) -> Page<LoggedRequest> {
        let size = usize::try_from(self.request.size).unwrap_or(usize::MAX).saturating_add(1);
        let found = self.found.into_values();
        let rows =
            if self.request.reverse { found.rev().take(size).collect() } else { found.take(size).collect() };
        Page::from_rows(rows, self.request, |request| request.id.uuid())
    }
}

/// What the database knows of whole segments.
fn restrict(sql: &mut Sql, filter: &RequestFilter) {
    if filter.failed {
        sql.push(" AND failures > 0");
    }
    if let Some(from) = filter.from {
        sql.push(" AND last_time >= ").bind(from.micros());
    }
    if let Some(until) = filter.until {
        sql.push(" AND first_time < ").bind(until.micros());
    }
}
