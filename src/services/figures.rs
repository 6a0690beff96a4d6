//! What the use cases count, for who watches the server (services floor). Numbers alone: no name, no id.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Services, provisioning::tally::Tallied};
use crate::{domain::provisioning::PushEffect, storage::PoolUse};

/// The counts, since the process began.
#[derive(Debug, Default)]
pub(super) struct Figures {
    effect: Mutex<PushEffect>,
    large_removals: AtomicU64,
    held_removals: AtomicU64,
    watch_readers: AtomicU64,
}

/// All counts at one moment; each with the word for what it counts.
#[derive(Clone, Debug)]
pub struct Read {
    /// Changes of effective roles.
    pub membership_changes: [(&'static str, u64); 3],
    /// What identity providers did to users and groups.
    pub provisioning_changes: Vec<(&'static str, u64)>,
    /// Removals of many members at once: let through, or held.
    pub large_removals: [(&'static str, u64); 2],
    /// Requests that a rate limit refused.
    pub rate_limited: [(&'static str, u64); 5],
    /// Streams for which the log of memberships is read. One that is cut off is none of them, also while its reader has
    /// not heard of it.
    pub watch_readers: u64,
    /// Transactions that wait to begin.
    pub transactions_waiting: u64,
    /// Requests that wait to be written to the provisioning log.
    pub log_waiting: u64,
    /// For how long the first of them does.
    pub log_lag: Duration,
    /// Requests that the provisioning log does not have.
    pub log_lost: u64,
    /// Requests that it does not have since this instance only read.
    pub log_skipped: u64,
    /// Whether this instance only reads.
    pub read_only: bool,
    /// Connections to the database.
    pub pools: Vec<PoolUse>,
}

impl Figures {
    /// Counts what a change did, now that it is committed.
    pub(super) fn committed(&self, tallied: &Tallied) {
        *self.effect.lock().unwrap_or_else(PoisonError::into_inner) += tallied.effect;
        let large = u64::try_from(tallied.large_removals().len()).unwrap_or(u64::MAX);
        self.large_removals.fetch_add(large, Ordering::Relaxed);
    }

    /// Counts a change that was refused for what it would take away.
    pub(super) fn held(&self) {
        self.held_removals.fetch_add(1, Ordering::Relaxed);
    }
}

impl Services {
    /// What was counted, and how the database is used.
    #[must_use]
    pub fn figures(&self) -> Read {
        let figures = &self.figures;
        let effect = *figures.effect.lock().unwrap_or_else(PoisonError::into_inner);
        let is_pushed = |(name, _): &(&str, u64)| !name.starts_with("memberships_");
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Read {
            membership_changes: [
                ("added", effect.memberships_added),
                ("changed", effect.memberships_changed),
                ("removed", effect.memberships_removed),
            ],
            provisioning_changes: effect.counts().into_iter().filter(is_pushed).collect(),
            large_removals: [
                ("let_through", load(&figures.large_removals)),
                ("held", load(&figures.held_removals)),
            ],
            rate_limited: self.rate_limits.refused(),
            watch_readers: load(&figures.watch_readers),
            transactions_waiting: self.store.waiting(),
            log_waiting: self.journal.lag().waiting(),
            log_lag: self.journal.lag().longest(),
            log_lost: self.journal.lag().lost(),
            log_skipped: self.journal.lag().skipped(),
            read_only: self.store.was_standby(),
            pools: self.store.pools(),
        }
    }
}

/// Counts as a reader until it is dropped.
#[derive(Debug)]
pub(super) struct Reader(Arc<Figures>);

impl Reader {
    pub(super) fn new(figures: &Arc<Figures>) -> Self {
        figures.watch_readers.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(figures))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.watch_readers.fetch_sub(1, Ordering::Relaxed);
    }
}
