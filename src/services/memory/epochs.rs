//! Times in which the database did not change, as far as is known (services floor).

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::{sync::Mutex, time::timeout};

use crate::{
    services::moment::{Moment, STALE},
    storage::{Fingerprint, Store},
};

/// A time in which the database did not change, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

/// The epochs, one after the other.
#[derive(Debug)]
pub(super) struct Epochs {
    current: AtomicU64,
    /// Those of SCIM tokens.
    tokens: AtomicU64,
    /// When the database was last looked at.
    looked: RwLock<Option<Moment>>,
    /// Whether anybody asked since then: nobody looks for nothing.
    wanted: AtomicBool,
    /// How it was then. Whoever looks holds this.
    last: Mutex<Option<Fingerprint>>,
    /// How many have asked for a look of their own, and how many of these have had one.
    asked: AtomicU64,
    served: AtomicU64,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            current: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            looked: RwLock::default(),
            wanted: AtomicBool::new(false),
            last: Mutex::default(),
            asked: AtomicU64::new(0),
            served: AtomicU64::new(0),
        }
    }
}

impl Epochs {
    /// The epoch now, as of the last look.
    pub(super) fn now(&self) -> Option<Epoch> {
        self.are_believed().then(|| self.current())
    }

    /// The same of SCIM tokens.
    pub(super) fn of_tokens(&self) -> Option<Epoch> {
        self.are_believed().then(|| Epoch(self.tokens.load(Ordering::Acquire)))
    }

    fn are_believed(&self) -> bool {
        self.wanted.store(true, Ordering::Relaxed);
        // each change is one assignment
        let looked = *self.looked.read().unwrap_or_else(PoisonError::into_inner);
        looked.is_some_and(|looked| !looked.is_stale())
    }

    /// Begins a new one, of everything: nobody knows what was changed.
    pub(super) fn begin(&self) {
        self.tokens.fetch_add(1, Ordering::AcqRel);
        self.begin_here();
    }

    /// Begins a new one of everything but SCIM tokens, for a change made here.
    pub(super) fn begin_here(&self) {
        self.current.fetch_add(1, Ordering::AcqRel);
    }

    /// Looks, if anybody has asked since the last time.
    pub(super) async fn look_if_wanted(&self, store: &Store) {
        if self.wanted.swap(false, Ordering::Relaxed) {
            self.look(store, &mut *self.last.lock().await).await;
        }
    }

    /// The epoch now; if it is not known, after a look.
    pub(super) async fn known(&self, store: &Store) -> Option<Epoch> {
        if let Some(now) = self.now() {
            return Some(now);
        }
        let mut last = self.last.lock().await;
        // another one may have looked meanwhile
        if self.now().is_none() {
            self.look(store, &mut last).await;
        }
        drop(last);
        self.now()
    }

    /// Whether this still is the epoch, by a look that begins after this is called. All who wait for a look share one.
    pub(super) async fn is_still(&self, store: &Store, epoch: Epoch) -> bool {
        let place = self.asked.fetch_add(1, Ordering::AcqRel);
        let mut last = self.last.lock().await;
        if self.served.load(Ordering::Acquire) <= place {
            let asked = self.asked.load(Ordering::Acquire);
            self.look(store, &mut last).await;
            self.served.store(asked, Ordering::Release);
        }
        drop(last);
        self.current() == epoch
    }

    fn current(&self) -> Epoch {
        Epoch(self.current.load(Ordering::Acquire))
    }

    /// Looks whether the database still is as it was at the last look; if not, or if it does not tell, a new epoch
    /// begins.
    async fn look(&self, store: &Store, last: &mut Option<Fingerprint>) {
        let before = Moment::now();
        // not there any more if this is given up
        let known = last.take();
        // a database that does not answer must not hold up those who wait for the look
        let Ok(Ok(now)) = timeout(STALE, store.fingerprint()).await else { return self.begin() };
        if !known.is_some_and(|known| store.is_as(&now, &known)) {
            self.begin();
        }
        *last = Some(now);
        *self.looked.write().unwrap_or_else(PoisonError::into_inner) = Some(before);
    }
}
