//! The services floor: use cases. Each authorizes, decides, and writes in one transaction with its audit row.
//!
//! Every function takes [`Services`] and the [`Caller`]; a gateway only translates its protocol into these.

mod access;
pub mod audit;
pub mod authz;
pub mod bootstrap;
pub mod device_grant;
pub mod error;
pub mod idp_group;
pub mod membership;
pub mod organization;
pub mod organization_group;
pub mod owner;
pub mod provisioning;
mod reference;
pub mod scim_token;
pub mod token;
pub mod user;

use std::{future::Future, sync::Arc};

use tokio::sync::watch;

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

/// What every use case needs: the database and the time.
#[derive(Clone, Debug)]
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    news: watch::Sender<News>,
    provisioning: provisioning::Settings,
    journal: provisioning::log::Journal,
    /// Where committed changes are counted.
    observer: Option<Tally>,
}

/// What those who watch are woken for.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    /// Counts the changes that this process made.
    changes: u64,
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
}

impl Unit<'_> {
    /// The same unit, on behalf of `caller`.
    fn acting_as<'b>(&self, caller: &'b Caller) -> Unit<'b> {
        Unit { tx: self.tx.clone(), caller, now: self.now, tally: self.tally.clone() }
    }
}

impl Services {
    /// The use cases over `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            news: watch::Sender::default(),
            provisioning: provisioning::Settings::default(),
            journal: provisioning::log::Journal::default(),
            observer: None,
        }
    }

    /// The same, with these rules for provisioning.
    #[must_use]
    pub fn with_provisioning(self, provisioning: provisioning::Settings) -> Self {
        Self { provisioning, ..self }
    }

    /// The same, counting what its changes do into `tally`.
    #[must_use]
    pub fn observed(&self, tally: &Tally) -> Self {
        Self { observer: Some(tally.clone()), ..self.clone() }
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

    /// Closes the database after the transactions under way; what waits for the provisioning log is written before.
    ///
    /// # Errors
    /// When the database fails to.
    pub async fn close(self) -> Result<(), Error> {
        self.journal.flush().await;
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
        let (work, tally) = (&work, Tally::default());
        let done = self.store.transaction(|tx| {
            // a try before, which met another transaction, changed nothing
            tally.clear();
            let unit = Unit { tx, caller, now, tally: tally.clone() };
            // boxed: the work of a use case is large, and every future above would be as large
            let work = Box::pin(async move {
                provisioning::gate::enter(&unit).await?;
                let done = work(unit.clone()).await?;
                provisioning::removal::check(self, &unit).await?;
                Ok::<_, E>(done)
            });
            async move { work.await.map_err(Carried) }
        });
        let done = match done.await {
            Ok(done) => done,
            Err(Carried(error)) => {
                self.keep_refused(&tally).await?;
                return Err(error);
            }
        };
        if let Some(observer) = &self.observer {
            observer.add(&tally);
        }
        self.news.send_modify(|news| news.changes += 1);
        Ok(done)
    }

    /// Keeps what a change was refused for, when it was because of its size.
    async fn keep_refused(&self, tally: &Tally) -> Result<(), Error> {
        let Some(held) = tally.take_refused() else { return Ok(()) };
        let id = provisioning::removal::keep(self, &held).await?;
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
