//! The services floor: use cases. Each authorizes, decides, and writes in one transaction with its audit row.
//!
//! Every function takes [`Services`] and the [`Caller`]; a gateway only translates its protocol into these.

mod access;
pub mod audit;
pub mod authz;
pub mod backup;
pub mod bootstrap;
pub mod device_grant;
pub mod doctor;
pub mod error;
pub mod figures;
pub mod fleet;
pub mod group_release;
pub mod idp_group;
pub mod jit;
pub mod job;
pub mod membership;
pub mod memory;
pub mod organization;
pub mod organization_group;
pub mod owner;
pub mod provisioning;
pub mod quota;
pub mod rate_limit;
mod reference;
pub mod revision;
pub mod scim_token;
pub mod token;
pub mod user;

use std::{
    future::Future,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use memory::Memory;
use tokio::sync::watch;
use tracing::Instrument;

use self::rate_limit::RateLimits;

pub use error::{Error, Kind, Reason, chain};
use provisioning::tally::Tally;

pub use crate::storage::Retryable;
use crate::{
    domain::{
        actor::Caller,
        clock::{Clock, Timestamp},
    },
    storage::{self, Store, Transaction},
};

/// What every use case needs: the database and the time; clones share all but the observer.
#[derive(Clone, Debug)]
pub struct Services {
    shared: Arc<Shared>,
    /// Where committed changes are counted.
    observer: Option<Tally>,
}

impl Deref for Services {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// What all requests share.
#[derive(Clone, Debug)]
pub struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    news: watch::Sender<News>,
    provisioning: provisioning::Settings,
    journal: provisioning::log::Journal,
    watching: membership::watch::Terms,
    rollout_step: u32,
    jit: Arc<jit::Configuration>,
    quotas: quota::Quotas,
    memory: Arc<Memory>,
    rate_limits: RateLimits,
    figures: Arc<figures::Figures>,
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
    /// Whether it was read from the database, where it may be 0.
    was_read: bool,
    /// Whether the server stops.
    stopping: bool,
}

/// What one change works with: its transaction, who asks, and one moment for all that it writes.
#[derive(Clone, Debug)]
struct Unit<'a> {
    tx: Transaction,
    caller: &'a Caller,
    now: Timestamp,
    tally: Tally,
    moved: Arc<AtomicU64>,
}

impl Unit<'_> {
    /// Keeps the revision that this change makes.
    fn note_revision(&self, revision: Option<u64>) {
        self.moved.fetch_max(revision.unwrap_or(0), Ordering::Relaxed);
    }

    /// The same unit, on behalf of `caller`.
    fn acting_as<'b>(&self, caller: &'b Caller) -> Unit<'b> {
        let (tally, moved) = (self.tally.clone(), Arc::clone(&self.moved));
        Unit { tx: self.tx.clone(), caller, now: self.now, tally, moved }
    }
}

impl Services {
    /// The use cases over `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let shared = Shared {
            store,
            clock,
            news: watch::Sender::default(),
            provisioning: provisioning::Settings::default(),
            journal: provisioning::log::Journal::default(),
            memory: Arc::default(),
            rate_limits: RateLimits::default(),
            figures: Arc::default(),
            watching: membership::watch::Terms::default(),
            rollout_step: organization_group::STEP,
            jit: Arc::default(),
            quotas: quota::Quotas::default(),
        };
        Self { shared: Arc::new(shared), observer: None }
    }

    /// The same, but for what `change` changes; clones made before stay as they are.
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// The same, with these rules for provisioning.
    #[must_use]
    pub fn with_provisioning(self, provisioning: provisioning::Settings) -> Self {
        self.with(|shared| shared.provisioning = provisioning)
    }

    /// The same, counting what its changes do into `tally`.
    #[must_use]
    pub fn observed(&self, tally: &Tally) -> Self {
        Self { observer: Some(tally.clone()), ..self.clone() }
    }

    /// The same, with streams of memberships served on these terms.
    #[must_use]
    pub fn with_watching(self, watching: membership::watch::Terms) -> Self {
        self.with(|shared| shared.watching = watching)
    }

    /// The same, with so many members reached by one transaction when a group is mapped; at least one.
    #[must_use]
    pub fn with_rollout_step(self, members: u32) -> Self {
        self.with(|shared| shared.rollout_step = members.max(1))
    }

    /// The same, with this configuration of what people get without anyone's doing; [`jit::configure`] applies it.
    #[must_use]
    pub fn with_jit(self, configuration: jit::Configuration) -> Self {
        self.with(|shared| shared.jit = Arc::new(configuration))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What counts how often somebody asks.
    #[must_use]
    pub fn rate_limits(&self) -> &RateLimits {
        &self.rate_limits
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when it does not.
    pub async fn check_ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }

    /// Whether this instance only reads, as one on a standby does until that becomes the primary.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn only_reads(&self) -> Result<bool, Error> {
        Ok(self.store.only_reads().await?)
    }

    /// Ends every stream that watches, so that the server can drain.
    pub fn stop_watching(&self) {
        self.news.send_modify(|news| news.stopping = true);
    }

    /// Closes the database after the transactions under way; what waits for the provisioning log is written before.
    ///
    /// # Errors
    /// When the database fails to.
    pub async fn close(self) -> Result<(), Error> {
        self.journal.flush().await;
        Ok(self.store.clone().close().await?)
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
        let (work, tally, moved) = (&work, Tally::default(), Arc::new(AtomicU64::new(0)));
        let done = self.store.transaction(|tx| {
            // a try before, which met another transaction, changed nothing
            tally.clear();
            moved.store(0, Ordering::Relaxed);
            let unit = Unit { tx, caller, now, tally: tally.clone(), moved: Arc::clone(&moved) };
            // boxed: the work of a use case is large, and every future above would be as large
            let work = Box::pin(async move {
                provisioning::gate::enter(self, &unit).await?;
                let done = work(unit.clone()).await?;
                provisioning::removal::check(self, &unit).await?;
                Ok::<_, E>(done)
            });
            async move { work.await.map_err(Carried) }
        });
        let done = match done.instrument(tracing::debug_span!("change")).await {
            Ok(done) => done,
            Err(Carried(error)) => {
                self.keep_refused(&tally).await?;
                return Err(error);
            }
        };
        self.figures.committed(&tally.read());
        if let Some(observer) = &self.observer {
            observer.add(&tally);
        }
        // before the revision is told: whoever asks for it must not be answered from before
        drop(changed);
        self.tell_change(Some(moved.load(Ordering::Relaxed)).filter(|moved| *moved > 0)).await;
        Ok(done)
    }

    /// Keeps what a change was refused for, when it was because of its size.
    async fn keep_refused(&self, tally: &Tally) -> Result<(), Error> {
        let Some(held) = tally.take_refused() else { return Ok(()) };
        let id = provisioning::removal::keep(self, &held).await?;
        self.figures.held();
        if let Some(observer) = &self.observer {
            observer.hold(held.organizations(), id);
        }
        Ok(())
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
