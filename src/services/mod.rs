//! The services floor: use cases. Each authorizes, decides, and writes in one transaction with its audit row.
//!
//! Every function takes [`Services`] and the [`Caller`]; a gateway only translates its protocol into these.

mod access;
pub mod audit;
pub mod authz;
pub mod bootstrap;
pub mod device_grant;
pub mod error;
pub mod fleet;
pub mod idp_group;
pub mod jit;
pub mod job;
pub mod membership;
mod memory;
pub mod organization;
pub mod organization_group;
pub mod owner;
pub mod provisioning;
mod reference;
pub mod revision;
pub mod scim_token;
pub mod token;
pub mod user;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use memory::Memory;
use tokio::sync::watch;

pub use error::{Error, Kind, Reason, chain};

pub use crate::storage::Retryable;
use crate::{
    domain::{
        actor::Caller,
        clock::{Clock, Timestamp},
    },
    storage::{self, Store, Transaction},
};

/// What every use case needs: the database and the time.
#[derive(Clone, Debug)]
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    news: watch::Sender<News>,
    watching: membership::watch::Terms,
    jit: Arc<jit::Configuration>,
    memory: Arc<Memory>,
}

/// What those who watch are woken for.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    /// Counts the changes that this process made.
    changes: u64,
    /// Counts how often another process told of changes.
    heard: u64,
    /// The latest revision that is known here; 0 before the first look. Never ahead of what is committed.
    revision: u64,
    /// Whether the server stops.
    stopping: bool,
}

/// What one change works with: its transaction, who asks, and one moment for all that it writes.
#[derive(Debug)]
struct Unit<'a> {
    tx: Transaction,
    caller: &'a Caller,
    now: Timestamp,
    moved: Arc<AtomicU64>,
}

impl Unit<'_> {
    /// Keeps the revision that this change makes.
    fn note_revision(&self, revision: Option<u64>) {
        self.moved.fetch_max(revision.unwrap_or(0), Ordering::Relaxed);
    }

    /// The same unit, on behalf of `caller`.
    fn acting_as<'b>(&self, caller: &'b Caller) -> Unit<'b> {
        Unit { tx: self.tx.clone(), caller, now: self.now, moved: Arc::clone(&self.moved) }
    }
}

impl Services {
    /// The use cases over `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (watching, jit, memory) = (membership::watch::Terms::default(), Arc::default(), Arc::default());
        Self { store, clock, news: watch::Sender::default(), watching, jit, memory }
    }

    /// The same, with streams of memberships served on these terms.
    #[must_use]
    pub fn with_watching(self, watching: membership::watch::Terms) -> Self {
        Self { watching, ..self }
    }

    /// The same, with this configuration of what people get without anyone's doing; [`jit::configure`] applies it.
    #[must_use]
    pub fn with_jit(self, configuration: jit::Configuration) -> Self {
        Self { jit: Arc::new(configuration), ..self }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when it does not.
    pub async fn check_ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }

    /// Ends every stream that watches, so that the server can drain.
    pub fn stop_watching(&self) {
        self.news.send_modify(|news| news.stopping = true);
    }

    /// Closes the database after the transactions under way.
    ///
    /// # Errors
    /// When the database fails to.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.store.close().await?)
    }

    /// Runs `work` in one transaction, again where it met another one.
    async fn change<'a, T, E, F, Fut>(&self, caller: &'a Caller, work: F) -> Result<T, E>
    where
        F: Fn(Unit<'a>) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        let now = self.now();
        let changed = self.memory.new_epoch_after();
        let (work, moved) = (&work, Arc::new(AtomicU64::new(0)));
        let done = self.store.transaction(|tx| {
            // a try before, which met another transaction, made nothing
            moved.store(0, Ordering::Relaxed);
            let unit = Unit { tx, caller, now, moved: Arc::clone(&moved) };
            // boxed: the work of a use case is large, and every future above would be as large
            let work = Box::pin(async move {
                provisioning::gate::enter(&unit).await?;
                work(unit).await
            });
            async move { work.await.map_err(Carried) }
        });
        let done = done.await.map_err(|Carried(error)| error)?;
        // before the revision is told: whoever asks for it must not be answered from before
        drop(changed);
        self.tell_change(Some(moved.load(Ordering::Relaxed)).filter(|moved| *moved > 0)).await;
        Ok(done)
    }
}

/// An error of the caller's own type on its way through the storage floor.
struct Carried<E>(E);

impl<E: From<Error>> From<storage::Error> for Carried<E> {
    fn from(error: storage::Error) -> Self {
        Self(Error::from(error).into())
    }
}

impl<E: Retryable> Retryable for Carried<E> {
    fn is_conflict(&self) -> bool {
        self.0.is_conflict()
    }
}
