//! Resources that refer to one another: made first without the references, then completed (gateway floor): RFC 7644
//! §3.7.1.

use std::collections::HashSet;

use super::Run;
use crate::quote::shown;
use crate::scim::{
    Error, Status,
    message::{BulkMethod, BulkOperation},
};

/// References that an error names; a resource may have as many as it likes.
const UNMADE_MAX: usize = 8;

/// A resource that was made without its references to `unmade`.
pub(super) struct Incomplete<'a> {
    pub(super) at: usize,
    pub(super) operation: &'a BulkOperation,
    pub(super) unmade: &'a HashSet<String>,
}

impl Run {
    /// Completes what can be, now that more resources are there.
    pub(super) async fn complete(&mut self, incomplete: &mut Vec<Incomplete<'_>>) {
        let is_ready = |one: &Incomplete<'_>| one.unmade.iter().all(|id| self.ids.contains_key(id));
        let (ready, rest) = std::mem::take(incomplete).into_iter().partition::<Vec<_>, _>(is_ready);
        *incomplete = rest;
        for one in ready {
            self.fill_in(&one).await;
        }
    }

    /// The whole resource is pushed again, now with its references.
    async fn fill_in(&mut self, one: &Incomplete<'_>) {
        let made = self.results.get(&one.at).cloned();
        let Some(id) = one.operation.bulk_id.as_ref().and_then(|id| self.ids.get(id)) else { return };
        let path = format!("{}/{id}", one.operation.path.trim_end_matches('/'));
        let whole = BulkOperation { method: BulkMethod::Put, path, version: None, ..one.operation.clone() };
        if self.one(one.at, &whole).await
            && let Some(result) = self.results.get_mut(&one.at)
        {
            // it was made, and the client shall hear so
            result.status = 201;
        } else if let (Some(made), Some(result)) = (made, self.results.get_mut(&one.at)) {
            result.version = made.version;
            result.location = made.location;
        }
    }

    /// Says of each that it was made, but without its references.
    pub(super) fn give_up(&mut self, incomplete: &[Incomplete<'_>]) {
        for one in incomplete {
            let made = self.results.get(&one.at).cloned();
            let unmade: Vec<_> = one
                .unmade
                .iter()
                .filter(|id| !self.ids.contains_key(*id))
                .map(shown)
                .take(UNMADE_MAX)
                .collect();
            let detail = format!(
                "the resource was made, but without its references to {unmade:?}, which were not made"
            );
            let location = made.as_ref().and_then(|made| made.location.clone());
            self.failed(
                one.at,
                location,
                &Error::plain(Status::Conflict, detail).at_operation(one.at).into(),
            );
        }
    }
}
