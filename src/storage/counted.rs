//! Counting connections (storage floor).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// One more connection that is open, or is being made, as long as this is there.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicU32>);

impl Counted {
    /// Counts one.
    pub(super) fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
