//! The provisioning log (storage floor).

mod document;
mod list;
mod marks;
mod retention;
mod segment;
mod usage;

pub use list::{find, list};
pub use retention::{delete_before, delete_beyond, first_beyond};
pub use usage::{delete_hours_before, delete_usage, usage_of};

use sea_orm::ConnectionTrait;

use self::{segment::Segment, usage::Uses};
use super::super::{Error, Sql};
use crate::domain::provisioning::LoggedRequest;

/// Requests that are written together, ready to be stored: the work of that is done before a transaction begins.
#[derive(Debug)]
pub struct Batch {
    segment: Option<Segment>,
    uses: Uses,
}

impl Batch {
    /// Of these requests.
    ///
    /// # Errors
    /// When they cannot be packed.
    pub fn of(requests: &[LoggedRequest]) -> Result<Self, Error> {
        Ok(Self { segment: Segment::of(requests)?, uses: Uses::of(requests) })
    }

    /// Writes the requests, and counts them as uses of their tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        if let Some(segment) = &self.segment {
            segment.insert(db).await?;
        }
        self.uses.count(db).await
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
