//! How far the writer of the log is behind (services floor).

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What waits to be written, and since when; clones are one.
#[derive(Clone, Debug, Default)]
pub(in crate::services) struct Lag {
    /// When each came, the first in front.
    waiting: Arc<Mutex<VecDeque<Instant>>>,
    lost: Arc<AtomicU64>,
    skipped: Arc<AtomicU64>,
}

impl Lag {
    /// A request waits from now on.
    pub(super) fn enter(&self) {
        self.lock().push_back(Instant::now());
    }

    /// The first so many wait no more.
    pub(super) fn leave(&self, count: usize) {
        let mut waiting = self.lock();
        let count = count.min(waiting.len());
        waiting.drain(..count);
    }

    /// The one that came last waits no more: there was no room for it.
    pub(super) fn withdraw(&self) {
        self.lock().pop_back();
    }

    /// So many will never be written.
    pub(super) fn lose(&self, count: u64) {
        self.lost.fetch_add(count, Ordering::Relaxed);
    }

    /// So many are not written, since this instance only reads.
    pub(super) fn skip(&self, count: u64) {
        self.skipped.fetch_add(count, Ordering::Relaxed);
    }

    /// How many wait.
    pub(in crate::services) fn waiting(&self) -> u64 {
        u64::try_from(self.lock().len()).unwrap_or(u64::MAX)
    }

    /// For how long the first of them does.
    pub(in crate::services) fn longest(&self) -> Duration {
        self.lock().front().map(Instant::elapsed).unwrap_or_default()
    }

    /// How many are not in the log and should be.
    pub(in crate::services) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// How many are not in the log since this instance only read.
    pub(in crate::services) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Instant>> {
        // each change is one insertion or removal
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_counted_until_it_is_written() {
        let lag = Lag::default();
        assert_eq!((lag.waiting(), lag.longest()), (0, Duration::ZERO));
        lag.enter();
        lag.enter();
        lag.enter();
        lag.withdraw();
        lag.lose(3);
        assert_eq!((lag.waiting(), lag.lost()), (2, 3));
        lag.leave(1);
        assert_eq!(lag.waiting(), 1);
        lag.leave(9);
        assert_eq!((lag.waiting(), lag.longest()), (0, Duration::ZERO));
    }
}
