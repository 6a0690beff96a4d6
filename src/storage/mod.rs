//! The storage floor: the only place that knows sea-orm. Domain types in, domain types out.
//!
//! Writes run in [`Store::transaction`]; reads outside of one use [`Store::reader`]. SQLite has one writer
//! connection whose transactions begin `IMMEDIATE`, and read-only connections beside it: deferred
//! transactions fail under contention, and a shared pool starves.

mod address;
pub mod audit;
pub mod backup;
mod cause;
mod connect;
mod connections;
mod counted;
pub mod device_client;
pub mod device_grant;
mod entity;
pub mod error;
mod fingerprint;
pub mod group_release;
mod heard;
pub mod idp_group;
pub mod inspect;
pub mod jit;
pub mod job;
mod keyset;
mod link;
mod listen;
pub mod maintenance;
pub mod membership;
mod migration;
pub mod organization;
pub mod organization_group;
pub mod owner_name;
mod pooler;
mod pools;
mod predicate;
mod private;
pub mod provisioning;
mod reader;
pub mod resource;
pub mod schema;
pub mod scim_token;
mod sql;
mod standby;
pub mod standing;
mod start;
mod statement;
pub mod token;
mod transaction;
pub mod transfer;
pub mod user;

use std::future::Future;

pub use connect::Pools;
pub use error::{Error, Retryable};
pub use fingerprint::Fingerprint;
pub use listen::Listener;
pub use pools::PoolUse;
pub use reader::Reader;
pub use sea_orm::ConnectionTrait as Connection;
use sea_orm::sea_query::LockType;
pub use standing::{Held, Holds};
pub use transaction::{Along, Commits, Open, Transaction};

use sql::Sql;
use transaction::Writer;

/// How a row is held: foreign keys that are checked beside it do not wait, and so do not deadlock with it.
const ROW_LOCK: LockType = LockType::NoKeyUpdate;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    reader: Reader,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH`, `sqlite::memory:`, `postgres://…`) and brings its schema
    /// up to date. A standby of PostgreSQL must have this release's schema from its primary.
    ///
    /// # Errors
    /// A URL of another kind, a database that cannot be reached, a migration that fails, a standby with another schema.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Pools::default()).await
    }

    /// The same, with connections as `pools` says.
    ///
    /// # Errors
    /// The same.
    pub async fn open_with(url: &str, pools: Pools) -> Result<Self, Error> {
        connect::open(url, pools).await
    }

    /// Whether `url` is one of a database, by its text alone.
    ///
    /// # Errors
    /// A URL of another kind, or with a parameter that nobody reads.
    pub fn check_url(url: &str) -> Result<(), Error> {
        connect::check_url(url)
    }

    /// Whether this release can serve the database at `url`, which is neither made nor migrated. Returns in words what
    /// a start does first: it makes the file, or takes steps of the schema.
    ///
    /// # Errors
    /// A URL of another kind, a database that cannot be reached or written, one that a later release was in.
    pub async fn probe(url: &str) -> Result<Option<String>, Error> {
        inspect::probe(url).await
    }

    /// Where reads outside of a transaction go. One that met a transaction is tried again.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Runs `work` in one transaction, and commits when it succeeds. A transaction that met another one
    /// (serialization failure, deadlock) is tried again, so `work` must have no effect elsewhere.
    ///
    /// # Errors
    /// What `work` fails with, or the failure of the database.
    pub async fn transaction<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        self.transaction_that(Holds::nothing(), work).await
    }

    /// The same, in a transaction that holds something from its beginning to its end.
    ///
    /// # Errors
    /// What `work` fails with, or the failure of the database.
    pub async fn transaction_that<T, E, F, Fut>(&self, holds: Holds, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        self.writer.run(&holds, work).await
    }

    /// Whether the database only reads, as a standby does until it becomes the primary.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn only_reads(&self) -> Result<bool, Error> {
        match self.writer.standby() {
            Some(standby) => standby.is_one(&self.reader).await,
            None => Ok(false),
        }
    }

    /// As [`only_reads`](Self::only_reads), by what the database said last.
    #[must_use]
    pub fn was_standby(&self) -> bool {
        self.writer.standby().is_some_and(standby::Standby::was_one)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Whether one process serves the database, and no other beside it: SQLite.
    #[must_use]
    pub fn has_one_server(&self) -> bool {
        matches!(self.writer, Writer::Shared(_))
    }

    /// How the database is: while it [is as it was](Self::is_as), nobody else has changed anything in it.
    ///
    /// # Errors
    /// When the database fails, or does not tell.
    pub async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        self.writer.fingerprint().await
    }

    /// Whether the database is as it was before, but for transactions of this process.
    #[must_use]
    pub fn is_as(&self, now: &Fingerprint, before: &Fingerprint) -> bool {
        self.writer.is_as(now, before)
    }

    /// Closes the connections, after the transactions under way.
    ///
    /// # Errors
    /// When the database fails to.
    pub async fn close(self) -> Result<(), Error> {
        self.reader.close().await?;
        self.writer.close().await
    }
}

/// The enum value behind a stored code.
fn decode<T>(what: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or(Error::Corrupt(what))
}
