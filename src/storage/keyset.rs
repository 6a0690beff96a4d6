//! Keyset paging over an id column (storage floor).

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::domain::page::PageRequest;

/// Restricts `query` to the page, and to one row more, which tells that there is a next page.
pub(super) fn page<E: EntityTrait>(query: Select<E>, key: E::Column, request: &PageRequest) -> Select<E> {
    let query = match (request.after, request.reverse) {
        (None, _) => query,
        (Some(after), false) => query.filter(key.gt(after)),
        (Some(after), true) => query.filter(key.lt(after)),
    };
    let query = if request.reverse { query.order_by_desc(key) } else { query.order_by_asc(key) };
    query.limit(u64::from(request.size) + 1)
}
