//! Which part of a list is asked for, by index or by cursor (gateway floor): RFC 7644 §3.4.2.4, RFC 9865.

use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    cursor::{Cursor, Position},
    error::Failure,
    query::{DEFAULT_COUNT, MAX_RESULTS},
};
use crate::{
    domain::clock::Timestamp,
    scim::{
        Error, ScimType,
        message::{ListQuery, ListResponse},
    },
};

/// A part of a list.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// How many resources to pass over.
    pub(super) offset: u64,
    /// Only resources with a later id.
    pub(super) after: Option<String>,
    /// How many resources at most; with cursors one more than are shown, which tells whether there is a next page.
    pub(super) limit: u64,
    /// Whether the resources of the whole list must be counted: not for a later page by cursor, whose first page was. Of a
    /// list of all types each one is, since where one ends the next begins.
    pub(super) counts: bool,
    paging: Paging,
}

#[derive(Clone, Debug)]
enum Paging {
    Index { start: u64 },
    Cursor(Box<ByCursor>),
}

#[derive(Clone, Debug)]
struct ByCursor {
    /// What the cursors of this list are bound to.
    query: String,
    /// Whether the list goes by ids, so that a page can begin after one.
    by_id: bool,
    /// As counted for the first page.
    total: Option<u64>,
    now: Timestamp,
}

impl Window {
    /// The part of a list of one type that `asked` means.
    pub(super) fn of_type(
        scim: &Scim,
        session: &Session,
        name: &str,
        asked: &ListQuery,
    ) -> Result<Self, Failure> {
        Self::new(scim, session, name, asked.sort_by.is_none(), asked)
    }

    /// The part of a list of all types that `asked` means: users, then groups.
    pub(super) fn of_all(scim: &Scim, session: &Session, asked: &ListQuery) -> Result<Self, Failure> {
        Self::new(scim, session, "", false, asked)
    }

    fn new(
        scim: &Scim,
        session: &Session,
        name: &str,
        by_id: bool,
        asked: &ListQuery,
    ) -> Result<Self, Failure> {
        let count = asked.count.unwrap_or(DEFAULT_COUNT).min(MAX_RESULTS);
        let Some(cursor) = &asked.cursor else {
            let paging = Paging::Index { start: asked.start_index };
            return Ok(Self {
                offset: asked.start_index.saturating_sub(1),
                after: None,
                limit: count,
                counts: true,
                paging,
            });
        };
        if count == 0 {
            let detail = format!("with a cursor, count must be between 1 and {MAX_RESULTS}");
            return Err(Error::new(ScimType::InvalidCount, detail).into());
        }
        let query = binding(session, name, asked);
        let now = scim.services.now();
        let read = (!cursor.is_empty()).then(|| Cursor::read(cursor, &query, now)).transpose()?;
        let total = read.as_ref().map(|cursor| cursor.total);
        let (offset, after) = match read.map(|cursor| cursor.position) {
            None => (0, None),
            Some(Position::Offset(offset)) => (offset, None),
            Some(Position::After(id)) => (0, Some(id)),
        };
        let counts = total.is_none() || name.is_empty();
        let paging = Paging::Cursor(Box::new(ByCursor { query, by_id, total, now }));
        Ok(Self { offset, after, limit: count.saturating_add(1), counts, paging })
    }

    /// What is left of the window behind `found` resources out of a list of `total`.
    pub(super) fn behind(&self, total: u64, found: u64) -> Self {
        Self {
            offset: self.offset.saturating_sub(total),
            limit: self.limit.saturating_sub(found),
            ..self.clone()
        }
    }

    /// The body of the answer: the resources that were found in the window, of `total` in the list.
    pub(super) fn page(&self, total: u64, mut resources: Vec<Value>) -> Value {
        let cursor = match &self.paging {
            Paging::Index { start } => return ListResponse::indexed(total, *start, resources).to_json(),
            Paging::Cursor(cursor) => cursor,
        };
        let total = cursor.total.unwrap_or(total);
        let shown = self.limit.saturating_sub(1);
        let is_last = resources.len() as u64 <= shown;
        resources.truncate(usize::try_from(shown).unwrap_or(usize::MAX));
        let next = || Cursor { position: self.next(cursor, &resources), total, made: cursor.now };
        let next_cursor = (!is_last).then(|| next().write(&cursor.query));
        let items_per_page = resources.len() as u64;
        let total_results = Some(total);
        ListResponse { total_results, items_per_page, next_cursor, resources, ..ListResponse::default() }
            .to_json()
    }

    fn next(&self, cursor: &ByCursor, shown: &[Value]) -> Position {
        let last = shown.last().and_then(|resource| resource.get("id")).and_then(Value::as_str);
        match last.filter(|_| cursor.by_id) {
            Some(id) => Position::After(id.to_owned()),
            None => Position::Offset(self.offset.saturating_add(shown.len() as u64)),
        }
    }
}

/// The query that a cursor belongs to; `count` and the attributes shown may differ from page to page.
fn binding(session: &Session, name: &str, asked: &ListQuery) -> String {
    let filter = asked.filter.as_ref().map(ToString::to_string);
    let sort_by = asked.sort_by.as_ref().map(ToString::to_string);
    format!("{} {name:?} {filter:?} {sort_by:?} {:?}", session.token.id, asked.sort_order)
}
