//! The provisioning log: every SCIM request, kept beside the request's way and shown to admins (services floor).

mod lag;
mod retention;
mod writer;

pub use retention::{PRUNE_EVERY, prune};
pub(in crate::services) use writer::Journal;

use std::time::Duration;

use crate::{
    domain::{
        actor::Caller,
        id::ProvisioningRequestId,
        page::{Page, PageRequest},
        provisioning::{LoggedRequest, RequestFilter},
    },
    services::{Error, Services, access},
    storage::provisioning::log as stored,
};

/// How much the log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// For how long.
    pub retention: Duration,
    /// How many bytes of requests, bodies included; the oldest go first.
    pub max_bytes: u64,
    /// How many bytes of each body.
    pub body_bytes: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { retention: Duration::from_hours(30 * 24), max_bytes: 256 << 20, body_bytes: 8 << 10 }
    }
}

/// Gives a request to the log. It is written a moment later, with others. Waits only when far too many wait already.
pub async fn record(services: &Services, request: LoggedRequest) {
    services.journal.push(&services.store, request).await;
}

/// As [`record`], where nothing can wait: the request is counted as lost when too many wait already.
pub fn record_now(services: &Services, request: LoggedRequest) {
    services.journal.push_now(&services.store, request);
}

/// How many bytes of each body the log keeps.
#[must_use]
pub fn body_bytes(services: &Services) -> usize {
    services.provisioning.log.body_bytes
}

/// Counts a request that is not to be kept.
pub fn skip(services: &Services) {
    services.journal.lose(1);
}

/// One page of the log, in the order in which the requests ended. What was recorded here before is in it.
///
/// # Errors
/// The caller is no server admin.
pub async fn list(
    services: &Services,
    caller: &Caller,
    filter: &RequestFilter,
    request: &PageRequest,
) -> Result<Page<LoggedRequest>, Error> {
    access::require_server_admin(caller)?;
    services.journal.flush().await;
    Ok(stored::list(services.store.reader(), filter, request).await?)
}

/// One request, with its bodies.
///
/// # Errors
/// The caller is no server admin; the log does not have it, or no more.
pub async fn get(
    services: &Services,
    caller: &Caller,
    id: ProvisioningRequestId,
) -> Result<LoggedRequest, Error> {
    access::require_server_admin(caller)?;
    services.journal.flush().await;
    let found = stored::find(services.store.reader(), id).await?;
    found.ok_or_else(|| Error::not_found("provisioning request", id).of_field("provisioning_request_id"))
}
