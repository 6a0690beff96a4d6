//! Which requests have begun to commit: from then on they are not given up (storage floor).

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

tokio::task_local! {
    /// The request under way.
    static CURRENT: Commits;
}

/// Whether a request has begun to commit a transaction; clones are of one request.
#[derive(Clone, Debug, Default)]
pub struct Commits(Arc<AtomicBool>);

impl Commits {
    /// Runs a request, whose transactions are noted here.
    pub async fn of<F: Future>(&self, request: F) -> F::Output {
        CURRENT.scope(self.clone(), request).await
    }

    /// Whether one has begun to commit: what it wrote may be there, whatever becomes of the request.
    #[must_use]
    pub fn have_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The transaction of the request under way begins to commit.
pub(super) fn begin() {
    // outside of a request nobody asks
    let _ = CURRENT.try_with(|commits| commits.0.store(true, Ordering::Release));
}
