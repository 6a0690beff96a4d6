//! How long events are kept (services floor).

use std::time::Duration;

use super::super::super::{Error, Kind, Reason, Services};
use crate::storage;

/// Events that one transaction deletes.
const ROWS: u32 = 1_000;

/// How often old events are looked for: as often as makes no odds beside the time that they are kept.
pub(in super::super::super) fn forget_every(keep: Duration) -> Duration {
    (keep / 20).clamp(Duration::from_secs(1), Duration::from_hours(1))
}

/// Deletes the events that are older than they are kept, a few at a time, so that nobody waits for it.
pub(in super::super::super) async fn forget(services: &Services) -> Result<(), Error> {
    let time = services.now().minus(services.watching.keep_events);
    loop {
        let step = services.store.transaction(async |tx| storage::membership::forget(&*tx, time, ROWS).await);
        if step.await? < u64::from(ROWS) {
            return Ok(());
        }
    }
}

/// All events after `revision` must still be there. Asked after they were read: what was deleted in between was
/// read, or is refused.
pub(super) async fn require_kept(services: &Services, revision: u64) -> Result<(), Error> {
    let horizon = storage::membership::horizon(services.store.reader()).await?;
    if horizon <= revision {
        return Ok(());
    }
    let message = format!(
        "the changes after revision {revision} are not kept any more, only those after {horizon}; take a snapshot"
    );
    Err(Error::new(Kind::OutOfRange, Reason::RevisionForgotten, message).of_field("after_revision"))
}
