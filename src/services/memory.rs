//! Answers that are given again while the database is as it was (services floor).
//!
//! An answer belongs to the epoch in which it was asked for. A new epoch begins with every change that this
//! process makes, before the change is answered (one of SCIM tokens with changes of those alone); and when the database is seen to have changed otherwise, by another
//! instance or another program. That is looked for every `PERIOD`; when it could not be for half a second, nothing
//! is remembered any more. So a change made here counts at once, and one made elsewhere well within a second. Where
//! that is not enough, it is looked for before an answer is given again, once for all who ask meanwhile.

mod epochs;

use std::{future::Future, hash::Hash, time::Duration};

use quick_cache::{UnitWeighter, Weighter, sync::Cache};
use tokio::time::{MissedTickBehavior, interval};

pub use self::epochs::Epoch;
use self::epochs::Epochs;
use super::{Services, membership::Remembered as Memberships, provisioning::walk::Walks};
use crate::domain::{actor::Actor, scim_token::ScimToken, token::Token};

/// How often changes made elsewhere are looked for.
const PERIOD: Duration = Duration::from_millis(100);
/// Most tokens of each kind that are remembered.
const TOKENS: usize = 4_096;

/// All that is remembered.
#[derive(Debug)]
pub(super) struct Memory {
    epochs: Epochs,
    pub(super) api_tokens: Answers<[u8; 32], (Actor, Token)>,
    pub(super) scim_tokens: Answers<[u8; 32], (Actor, ScimToken)>,
    pub(super) memberships: Memberships,
    /// Lists that are read page by page.
    pub(super) walks: Walks,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            epochs: Epochs::default(),
            api_tokens: Answers::new(TOKENS),
            scim_tokens: Answers::new(TOKENS),
            memberships: Memberships::default(),
            walks: Walks::default(),
        }
    }
}

impl Memory {
    /// The epoch now, to be taken before the database is asked; none while nothing is remembered.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        self.epochs.now()
    }

    /// The same for SCIM tokens, which stay as they are while the IdPs that have them push.
    pub(super) fn token_epoch(&self) -> Option<Epoch> {
        self.epochs.of_tokens()
    }

    /// Begins a new epoch, of SCIM tokens as well: something was changed elsewhere.
    pub(super) fn begin_epoch(&self) {
        self.epochs.begin();
    }

    /// Begins a new epoch when the value is dropped: at the end of a change that is made here, however it ends.
    pub(super) fn new_epoch_after(&self) -> impl Drop + use<'_> {
        AtEnd(|| self.epochs.begin_here())
    }

    /// The same after a change of SCIM tokens.
    pub(super) fn new_token_epoch_after(&self) -> impl Drop + use<'_> {
        AtEnd(|| self.epochs.begin())
    }
}

/// Does something at its end.
struct AtEnd<F: Fn()>(F);

impl<F: Fn()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        self.0();
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
    /// The epoch now, to be taken before something is asked that is to be remembered; none while nothing is.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        self.memory.epoch()
    }

    /// The same after a look, if that is what it takes: for what is worth more than that.
    pub(super) async fn known_epoch(&self) -> Option<Epoch> {
        self.memory.epochs.known(&self.store).await
    }

    /// Whether this still is the epoch: whether nothing has changed, also by other instances on the same database, up to
    /// the moment of asking. What a client has changed by one of them it must find by every other at once. SQLite has one
    /// server, which knows.
    pub async fn is_still(&self, epoch: Epoch) -> bool {
        self.store.has_one_server() || self.memory.epochs.is_still(&self.store, epoch).await
    }

    /// Lets answers be remembered, as long as this runs: looks for changes that other processes make.
    pub async fn look_for_changes(self) {
        let mut period = interval(PERIOD);
        period.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            period.tick().await;
            self.memory.epochs.look_if_wanted(&self.store).await;
        }
    }
}
