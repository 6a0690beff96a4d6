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
#[derive(Debug)]
struct Unit<'a> {
    tx: Transaction,
    caller: &'a Caller,
    now: Timestamp,
}

impl Unit<'_> {
    /// The same unit, on behalf of `caller`.
    fn acting_as<'b>(&self, caller: &'b Caller) -> Unit<'b> {
        Unit { tx: self.tx.clone(), caller, now: self.now }
    }
}

impl Services {
    /// The use cases over `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, news: watch::Sender::default() }
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
        let work = &work;
        let done = self.store.transaction(|tx| {
            let unit = Unit { tx, caller, now };
            // boxed: the work of a use case is large, and every future above would be as large
            let work = Box::pin(async move {
                provisioning::gate::enter(&unit).await?;
                work(unit).await
            });
            async move { work.await.map_err(Carried) }
        });
        let done = done.await.map_err(|Carried(error)| error)?;
        self.news.send_modify(|news| news.changes += 1);
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
