//! Revisions: which one a request has made, and waiting for one that its caller has seen (services floor).
//!
//! A revision counts the changes of effective roles on the whole server (`storage::membership`). A use case returns
//! what it made, and the revision goes beside it: every gateway tells it in one place.

use std::{cell::Cell, time::Duration};

use tokio::time::{Instant, timeout_at};

use super::{Error, Kind, News, Reason, Services};
use crate::{domain::Invalid, storage};

/// The header by which a read names the least revision that it must know.
pub const MIN_REVISION: &str = "Roster-Min-Revision";
/// How long a read waits for a revision before it is refused.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often the database is asked meanwhile.
const POLL: Duration = Duration::from_millis(50);

tokio::task_local! {
    /// The latest revision that the request under way has made.
    static MADE: Cell<Option<u64>>;
}

/// Runs a request, and tells with what it answers the revision that it made. None when it changed nothing; the one
/// that was there when its changes moved no role.
pub async fn of<T>(request: impl Future<Output = T>) -> (T, Option<u64>) {
    let told = async {
        let answer = request.await;
        (answer, made())
    };
    MADE.scope(Cell::new(None), told).await
}

/// The revision that the request under way has made; see [`of`].
#[must_use]
pub fn made() -> Option<u64> {
    MADE.try_with(Cell::get).ok().flatten()
}

/// The revision in a header named [`MIN_REVISION`].
///
/// # Errors
/// It is no number.
pub fn parse(text: &str) -> Result<u64, Invalid> {
    text.trim()
        .parse()
        .map_err(|_| Invalid::new(MIN_REVISION, "must be a revision: a number in decimal digits"))
}

impl Services {
    /// Waits until everything up to `revision` can be read here, for a bounded time.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when the revision has not come, as one of another server never does.
    pub async fn reach(&self, revision: u64) -> Result<(), Error> {
        let mut news = self.news.subscribe();
        let deadline = Instant::now() + PATIENCE;
        while news.borrow_and_update().revision < revision {
            let now = self.read_revision().await?;
            if now >= revision {
                break;
            }
            if Instant::now() >= deadline {
                return Err(not_reached(revision, now));
            }
            // a change of this process, or the next look
            let _ = timeout_at(Instant::now() + POLL, news.changed()).await;
        }
        Ok(())
    }

    /// A revision up to which everything can be read here: the latest that this process knows of, or that of the
    /// database when it knows of none.
    pub(super) async fn known_revision(&self) -> Result<u64, Error> {
        let News { revision, was_read, .. } = *self.news.borrow();
        if was_read || revision > 0 { Ok(revision) } else { self.read_revision().await }
    }

    /// The revision of the database, for all in this process to know.
    pub(super) async fn read_revision(&self) -> Result<u64, Error> {
        let revision = storage::membership::revision(self.store.reader()).await?;
        if self.news.borrow().revision < revision {
            // before anyone is told of it: what is remembered is from before
            self.memory.begin_epoch();
        }
        self.news.send_if_modified(|news| {
            let newer = news.revision < revision;
            news.revision = news.revision.max(revision);
            news.was_read = true;
            newer
        });
        Ok(revision)
    }

    /// Tells whoever waits in this process of a change, and the request under way of its revision.
    pub(super) async fn tell_change(&self, moved: Option<u64>) {
        let (mut known, mut was_read) = (0, false);
        self.news.send_modify(|news| {
            news.changes += 1;
            news.revision = news.revision.max(moved.unwrap_or(0));
            (known, was_read) = (news.revision, news.was_read || news.revision > 0);
        });
        if !was_read && MADE.try_with(|_| ()).is_ok() {
            // nothing is known yet, as after the start; the change is made in any case
            known = self.read_revision().await.unwrap_or(0);
        }
        // outside of a request nobody asks
        let _ = MADE.try_with(|made| made.set(made.get().max(Some(moved.unwrap_or(known)))));
    }
}

fn not_reached(wanted: u64, now: u64) -> Error {
    let message = format!("revision {wanted} has not come: this instance is at {now}; try again");
    Error::new(Kind::Unavailable, Reason::RevisionNotReached, message)
}
