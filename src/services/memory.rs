//! Answers that are given again while the database is as it was (services floor).
//!
//! An answer belongs to the epoch in which it was asked for. A new epoch begins with every change that this
//! process makes, before the change is answered; and when the database is seen to have changed otherwise, by another
//! instance or another program. That is looked for every `PERIOD`; when it could not be for `STALE`, nothing
//! is remembered any more. So a change made here counts at once, and one made elsewhere well within a second.

use std::{
    future::Future,
    hash::Hash,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use quick_cache::{UnitWeighter, Weighter, sync::Cache};
use tokio::time::{MissedTickBehavior, interval};

use super::{Services, membership::Remembered as Memberships};
use crate::{
    domain::{actor::Actor, scim_token::ScimToken, token::Token},
    storage::Store,
};

/// How often changes made elsewhere are looked for.
const PERIOD: Duration = Duration::from_millis(100);
/// For how long an epoch is believed in without a look.
const STALE: Duration = Duration::from_millis(500);
/// Most tokens of each kind that are remembered.
const TOKENS: usize = 4_096;

/// All that is remembered.
#[derive(Debug)]
pub(super) struct Memory {
    epochs: Epochs,
    pub(super) api_tokens: Answers<[u8; 32], (Actor, Token)>,
    pub(super) scim_tokens: Answers<[u8; 32], (Actor, ScimToken)>,
    pub(super) memberships: Memberships,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            epochs: Epochs::default(),
            api_tokens: Answers::new(TOKENS),
            scim_tokens: Answers::new(TOKENS),
            memberships: Memberships::default(),
        }
    }
}

impl Memory {
    /// The epoch now, to be taken before the database is asked; none while nothing is remembered.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        self.epochs.now()
    }

    /// Begins a new epoch when the value is dropped: at the end of a change, however it ends.
    pub(super) fn new_epoch_after(&self) -> impl Drop + use<'_> {
        NewEpoch(&self.epochs)
    }
}

/// A time in which the database did not change, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

#[derive(Debug)]
struct Epochs {
    current: AtomicU64,
    /// When the database was last looked at, in microseconds since the start; 0 before the first look.
    looked: AtomicU64,
    /// Whether anybody asked since then: nobody looks for nothing.
    wanted: AtomicBool,
    started: Instant,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            current: AtomicU64::new(0),
            looked: AtomicU64::new(0),
            wanted: AtomicBool::new(false),
            started: Instant::now(),
        }
    }
}

impl Epochs {
    fn now(&self) -> Option<Epoch> {
        self.wanted.store(true, Ordering::Relaxed);
        let looked = self.looked.load(Ordering::Acquire);
        let is_believed = looked > 0 && self.micros().saturating_sub(looked) < micros(STALE);
        is_believed.then(|| Epoch(self.current.load(Ordering::Acquire)))
    }

    fn begin(&self) {
        self.current.fetch_add(1, Ordering::AcqRel);
    }

    fn micros(&self) -> u64 {
        micros(self.started.elapsed())
    }

    /// Looks whether the database still is as it was at the last look, and tells how it is.
    async fn look(&self, store: &Store, last: Option<String>) -> Option<String> {
        let before = self.micros();
        let Ok(now) = store.fingerprint().await else { return None };
        if last.as_ref() != Some(&now) {
            self.begin();
        }
        self.looked.store(before.max(1), Ordering::Release);
        Some(now)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

struct NewEpoch<'a>(&'a Epochs);

impl Drop for NewEpoch<'_> {
    fn drop(&mut self) {
        self.0.begin();
    }
}

/// What takes so many bytes, roughly.
pub trait Size {
    /// How many.
    fn size(&self) -> usize;
}

/// Weighs answers by the bytes that they take.
#[derive(Clone, Debug)]
pub struct BySize;

/// What an answer takes beside its question and itself.
const OVERHEAD: usize = 200;

impl<V: Size> Weighter<String, (Epoch, V)> for BySize {
    fn weight(&self, question: &String, (_, answer): &(Epoch, V)) -> u64 {
        u64::try_from(question.len() + answer.size() + OVERHEAD).unwrap_or(u64::MAX)
    }
}

/// A bounded number of answers to questions of one kind.
#[derive(Debug)]
pub struct Answers<K, V, W = UnitWeighter>(Cache<K, (Epoch, V), W>);

impl<K: Hash + Eq + Clone, V: Clone> Answers<K, V> {
    /// At most so many.
    pub(super) fn new(most: usize) -> Self {
        Self(Cache::new(most))
    }
}

impl<V: Size + Clone> Answers<String, V, BySize> {
    /// At most so many bytes of answers, of so many bytes each as a rule.
    #[must_use]
    pub fn by_size(most: usize, usual: usize) -> Self {
        let capacity = u64::try_from(most).unwrap_or(u64::MAX);
        Self(Cache::with_weighter(most / usual.max(1), capacity, BySize))
    }
}

impl<K: Hash + Eq + Clone, V: Clone, W: Weighter<K, (Epoch, V)> + Clone> Answers<K, V, W> {
    /// The answer, if it is of this epoch.
    #[must_use]
    pub fn get(&self, epoch: Option<Epoch>, question: &K) -> Option<V> {
        let epoch = epoch?;
        let (given, answer) = self.0.get(question)?;
        (given == epoch).then_some(answer)
    }

    /// The answer, if it is of this epoch, or else what `ask` answers.
    pub(super) async fn get_or<E>(
        &self,
        epoch: Option<Epoch>,
        question: K,
        ask: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        if let Some(answer) = self.get(epoch, &question) {
            return Ok(answer);
        }
        let answer = ask.await?;
        self.put(epoch, question, &answer);
        Ok(answer)
    }

    /// Keeps an answer that was asked for in this epoch.
    pub fn put(&self, epoch: Option<Epoch>, question: K, answer: &V) {
        if let Some(epoch) = epoch {
            self.0.insert(question, (epoch, answer.clone()));
        }
    }
}

impl Services {
    /// The epoch now, to be taken before something is asked that is to be remembered; none while nothing is. None either where
    /// other instances serve the same database: what a client has changed by one of them it must find by every other at
    /// once, and only changes of roles have a revision to ask for.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        self.store.has_one_server().then(|| self.memory.epoch()).flatten()
    }

    /// Lets answers be remembered, as long as this runs: looks for changes that other processes make.
    pub async fn look_for_changes(self) {
        let mut period = interval(PERIOD);
        period.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (epochs, mut last) = (&self.memory.epochs, None);
        loop {
            period.tick().await;
            if epochs.wanted.swap(false, Ordering::Relaxed) {
                last = epochs.look(&self.store, last).await;
            }
        }
    }
}
