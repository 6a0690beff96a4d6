//! Whether anybody on a connection was recognized by a token (services floor).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A mark on a connection, for who authenticates its requests; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Recognized(Arc<AtomicBool>);

impl Recognized {
    /// A token that is in force came.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether one came.
    #[must_use]
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
