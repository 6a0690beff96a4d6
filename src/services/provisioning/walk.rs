//! Lists that are read page by page, by `startIndex` (services floor).
//!
//! Each page by itself would count the whole list, and pass over all that is before it. While the database is as it was,
//! the length of the list is remembered, and who stands last on a page, so that the next one begins there.

use crate::{
    domain::predicate::{Comparison, Field, Operand, Predicate, ResourcePage, ResourceQuery},
    services::{Error, Services, memory::Answers},
};

/// Most lists that are remembered, and most pages.
const LISTS: usize = 1_024;
/// The longest condition of such a list, in bytes of its text.
const LONGEST: usize = 1_000;

/// What is known of lists.
#[derive(Debug)]
pub(in crate::services) struct Walks {
    lengths: Answers<String, u64>,
    /// The id of who stands before a place.
    before: Answers<(String, u64), String>,
}

impl Default for Walks {
    fn default() -> Self {
        Self { lengths: Answers::new(LISTS), before: Answers::new(LISTS) }
    }
}

/// The page of `list` that `query` asks for. `read` is asked for less where the rest is known; `id` is what SCIM shows.
pub(in crate::services) async fn page<T>(
    services: &Services,
    list: &str,
    query: &ResourceQuery,
    id: impl Fn(&T) -> String,
    read: impl AsyncFnOnce(&ResourceQuery) -> Result<ResourcePage<T>, Error>,
) -> Result<ResourcePage<T>, Error> {
    let (walks, list) = (&services.memory.walks, format!("{list} {:?}", query.predicate));
    // a list with one user, by its name, is not worth a look
    let is_long = query.offset > 0 || query.predicate == Predicate::Constant(true);
    let epoch = if is_long { services.known_epoch().await } else { services.epoch() };
    let Some(now) = epoch.filter(|_| list.len() <= LONGEST) else { return read(query).await };
    let length = walks.lengths.get(epoch, &list).filter(|_| query.counts);
    let is_by_id = query.sort.is_none();
    let place = (list, query.offset);
    let before = if is_by_id { walks.before.get(epoch, &place) } else { None };
    let is_known = (length.is_some() || before.is_some()) && services.is_still(now).await;
    let (length, before) = if is_known { (length, before) } else { (None, None) };

    let mut asked = ResourceQuery { counts: query.counts && length.is_none(), ..query.clone() };
    // what is counted is the whole list
    if let Some(before) = before.filter(|_| !asked.counts) {
        let (field, operand) = (Field::Id, Operand::Text(before));
        let later = Predicate::Compare { field, comparison: Comparison::Greater, operand };
        asked.predicate = Predicate::All(vec![asked.predicate, later]);
        asked.offset = 0;
    }
    let mut page = read(&asked).await?;
    page.total = length.unwrap_or(page.total);

    let (list, offset) = place;
    let count = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    if let Some(last) = page.items.last().filter(|_| is_by_id && count == query.limit) {
        walks.before.put(epoch, (list.clone(), offset + count), &id(last));
    }
    // most lists are of one page
    if query.counts && page.total > count {
        walks.lengths.put(epoch, list, &page.total);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, sync::Arc};

    use super::*;
    use crate::{
        domain::{clock::SystemClock, predicate::Sort},
        storage::Store,
    };

    /// Reads a list of ten, and knows what was asked for.
    struct Walker {
        services: Services,
        asked: RefCell<Vec<ResourceQuery>>,
    }

    impl Walker {
        async fn new() -> Self {
            let store = Store::open("sqlite::memory:").await.unwrap();
            let services = Services::new(store, Arc::new(SystemClock));
            Self { services, asked: RefCell::default() }
        }

        /// The page, and the query for it if that is another one.
        async fn page(&self, query: &ResourceQuery) -> (Vec<u64>, u64, Option<ResourceQuery>) {
            let id = |number: &u64| format!("id{number}");
            let read = async |asked: &ResourceQuery| {
                self.asked.borrow_mut().push(asked.clone());
                let first = if asked.predicate == query.predicate { asked.offset } else { query.offset };
                let items: Vec<u64> = (0..10).skip(usize::try_from(first).unwrap()).take(4).collect();
                Ok(ResourcePage { total: if asked.counts { 10 } else { 0 }, items })
            };
            let page = page(&self.services, "things", query, id, read).await.unwrap();
            let asked = self.asked.borrow_mut().pop().unwrap();
            (page.items, page.total, (asked != *query).then_some(asked))
        }
    }

    fn at(offset: u64) -> ResourceQuery {
        ResourceQuery { predicate: Predicate::Constant(true), sort: None, offset, limit: 4, counts: true }
    }

    fn after(id: &str) -> ResourceQuery {
        let operand = Operand::Text(id.to_owned());
        let later = Predicate::Compare { field: Field::Id, comparison: Comparison::Greater, operand };
        let predicate = Predicate::All(vec![Predicate::Constant(true), later]);
        ResourceQuery { predicate, counts: false, ..at(0) }
    }

    #[tokio::test]
    async fn a_later_page_begins_where_the_last_one_ended() {
        let walker = Walker::new().await;
        assert_eq!(walker.page(&at(0)).await, (vec![0, 1, 2, 3], 10, None));
        assert_eq!(walker.page(&at(4)).await, (vec![4, 5, 6, 7], 10, Some(after("id3"))));
        assert_eq!(walker.page(&at(8)).await, (vec![8, 9], 10, Some(after("id7"))));
        // one that follows no other is passed over to, but nothing is counted again
        let apart = ResourceQuery { counts: false, ..at(3) };
        assert_eq!(walker.page(&at(3)).await, (vec![3, 4, 5, 6], 10, Some(apart)));
        // the end of one that was not full is nowhere
        let beyond = ResourceQuery { counts: false, ..at(10) };
        assert_eq!(walker.page(&at(10)).await, (vec![], 10, Some(beyond)));
    }

    #[tokio::test]
    async fn another_list_or_order_is_another_walk() {
        let walker = Walker::new().await;
        walker.page(&at(0)).await;
        let other = ResourceQuery { predicate: Predicate::Constant(false), ..at(4) };
        assert_eq!(walker.page(&other).await.2, None);
        let sorted =
            ResourceQuery { sort: Some(Sort { field: Field::UserName, descending: false }), ..at(4) };
        let asked = walker.page(&sorted).await.2.unwrap();
        assert_eq!(
            asked,
            ResourceQuery { counts: false, ..sorted },
            "its length is the same, its places are not"
        );
    }

    #[tokio::test]
    async fn a_change_ends_what_is_known() {
        let walker = Walker::new().await;
        walker.page(&at(0)).await;
        drop(walker.services.memory.new_epoch_after());
        assert_eq!(walker.page(&at(4)).await, (vec![4, 5, 6, 7], 10, None));
    }
}
