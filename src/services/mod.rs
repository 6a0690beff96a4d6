//! The services floor: use cases. Each authorizes, decides, and writes in one transaction with its audit row.
//!
//! Every function takes [`Services`] and the [`Caller`](crate::domain::actor::Caller); a gateway only translates its
//! protocol into these.

mod access;
pub mod audit;
pub mod authz;
pub mod backup;
pub mod bootstrap;
mod change;
pub mod deadline;
pub mod device_grant;
pub mod doctor;
pub mod error;
pub mod figures;
pub mod fleet;
pub mod group_release;
pub mod idp_group;
pub mod jit;
pub mod job;
pub mod maintenance;
pub mod membership;
pub mod memory;
pub mod moment;
pub mod organization;
pub mod organization_group;
pub mod owner;
pub mod provisioning;
pub mod quota;
pub mod rate_limit;
mod reference;
pub mod revision;
pub mod scim_token;
mod standing;
pub mod token;
pub mod user;

use std::{ops::Deref, sync::Arc};

use memory::Memory;
use tokio::sync::watch;

use self::{change::Unit, rate_limit::RateLimits};

pub use change::Interlude;
pub use error::{Error, Kind, Limited, Reason, chain};
use provisioning::tally::Tally;

pub use crate::storage::Retryable;
use crate::{
    domain::clock::{Clock, Timestamp},
    storage::Store,
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
    interlude: Option<Interlude>,
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
            interlude: None,
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
}
