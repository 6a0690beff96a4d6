//! Batches whose end nobody hears (storage floor).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{runtime::Handle, sync::watch};

use super::shared::Outcome;

/// How many batches have ended otherwise than somebody here thinks: they failed, or whoever waited was given up before.
/// Clones share the count.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubts(Arc<AtomicU64>);

impl Doubts {
    /// One more.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// One more at the end of a batch, unless that is heard before this is dropped.
    pub(super) fn unless_heard(&self, outcome: watch::Receiver<Outcome>) -> Unheard {
        Unheard { outcome, doubts: self.clone(), is_heard: false }
    }
}

/// The end of a batch, for which somebody waits.
pub(super) struct Unheard {
    outcome: watch::Receiver<Outcome>,
    doubts: Doubts,
    is_heard: bool,
}

impl Unheard {
    /// Waits for it; none if the batch is gone.
    pub(super) async fn hear(mut self) -> Outcome {
        let known = self.outcome.wait_for(Option::is_some).await.map(|known| known.clone());
        self.is_heard = true;
        known.ok().flatten()
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        if self.is_heard {
            return;
        }
        let (mut outcome, doubts) = (self.outcome.clone(), self.doubts.clone());
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // what was written may be there only now, after others have asked for it
                drop(outcome.wait_for(Option::is_some).await);
                doubts.add();
            });
        }
    }
}
