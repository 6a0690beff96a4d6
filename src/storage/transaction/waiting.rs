//! How many transactions wait to begin (storage floor).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts those who wait; clones share the count.
#[derive(Clone, Debug, Default)]
pub(in crate::storage) struct Waiting(Arc<AtomicU64>);

/// One who waits, until this is dropped.
pub(super) struct Turn(Waiting);

impl Waiting {
    /// Begins to wait.
    pub(super) fn begin(&self) -> Turn {
        self.0.fetch_add(1, Ordering::Relaxed);
        Turn(self.clone())
    }

    /// How many wait now.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
