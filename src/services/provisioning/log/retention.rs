//! Keeping the provisioning log within its bounds (services floor).

use std::time::Duration;

use crate::{
    domain::{clock::Timestamp, id::ProvisioningRequestId},
    services::{Error, Services},
    storage::{
        Store,
        provisioning::{log as stored, removal},
    },
};

/// Segments that one transaction deletes: a long one would hold up the writes of others.
const BATCH: u32 = 100;
/// How long the counts of token uses by the hour are kept.
const HOURS_KEPT: Duration = Duration::from_hours(48);

/// How long a large removal that is not asked for again waits for an admin, or for the identity provider, at least.
const REMOVALS_KEPT: Duration = Duration::from_hours(7 * 24);

/// How often it is looked whether there is too much.
pub const PRUNE_EVERY: Duration = Duration::from_mins(10);

/// Deletes what is older than the log keeps, and the oldest of what is more than it keeps; tells how many requests. What
/// was written together goes together.
///
/// # Errors
/// When the database fails.
pub async fn prune(services: &Services) -> Result<u64, Error> {
    let settings = services.provisioning.log;
    let (store, now) = (&services.store, services.now());
    forget_others(store, now, settings.retention).await?;
    let mut deleted = delete(store, Excess::Before(now.minus(settings.retention))).await?;
    if let Some(last) = stored::first_beyond(store.reader(), settings.max_bytes).await? {
        deleted += delete(store, Excess::UpTo(last)).await?;
    }
    Ok(deleted)
}

/// Deletes what is kept beside the log.
async fn forget_others(store: &Store, now: Timestamp, retention: Duration) -> Result<(), Error> {
    let (hours, removals) = (now.minus(HOURS_KEPT), now.minus(retention.max(REMOVALS_KEPT)));
    let work = store.transaction(move |tx| async move {
        removal::delete_before(&*tx, removals).await?;
        stored::delete_hours_before(&*tx, hours).await
    });
    Ok(work.await?)
}

/// What is too much.
#[derive(Clone, Copy)]
enum Excess {
    /// What came before a moment.
    Before(Timestamp),
    /// A request, and all that ended before.
    UpTo(ProvisioningRequestId),
}

async fn delete(store: &Store, excess: Excess) -> Result<u64, Error> {
    let mut all = 0;
    loop {
        let work = store.transaction(move |tx| async move {
            match excess {
                Excess::Before(time) => stored::delete_before(&*tx, time, BATCH).await,
                Excess::UpTo(last) => stored::delete_beyond(&*tx, last, BATCH).await,
            }
        });
        let (segments, requests) = work.await?;
        all += requests;
        if segments < u64::from(BATCH) {
            return Ok(all);
        }
    }
}
