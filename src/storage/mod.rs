//! The storage floor: the only place that knows sea-orm. Domain types in, domain types out.
//!
//! Writes run in [`Store::transaction`]; reads outside of one use [`Store::reader`]. SQLite has one writer
//! connection whose transactions begin `IMMEDIATE`, and read-only connections beside it: deferred
//! transactions fail under contention, and a shared pool starves.

pub mod audit;
mod connect;
mod entity;
pub mod error;
pub mod idp_group;
mod keyset;
pub mod membership;
mod migration;
pub mod organization;
pub mod organization_group;
pub mod owner_name;
mod predicate;
pub mod provisioning;
pub mod resource;
pub mod scim_token;
mod sql;
pub mod token;
pub mod user;

use std::{future::Future, sync::Arc, time::Duration};

pub use error::{Error, Retryable};
pub use sea_orm::ConnectionTrait as Connection;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::LockType,
};

use sql::Sql;

/// How a row is held: foreign keys that are checked beside it do not wait, and so do not deadlock with it.
const ROW_LOCK: LockType = LockType::NoKeyUpdate;

/// How often a transaction that met another one is tried.
const ATTEMPTS: u32 = 8;
/// The first pause between two tries; it doubles, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

/// An open transaction; ends with the closure that [`Store::transaction`] runs.
#[derive(Clone, Debug)]
pub struct Transaction(Arc<DatabaseTransaction>);

impl std::ops::Deref for Transaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH`, `sqlite::memory:`, `postgres://…`) and brings its schema
    /// up to date.
    ///
    /// # Errors
    /// A URL of another kind, a database that cannot be reached, a migration that fails.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let (writer, reader) = connect::open(url).await?;
        Ok(Self { writer, reader })
    }

    /// Where reads outside of a transaction go.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
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
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.attempt(&work).await {
                Err(error) if error.is_conflict() => tokio::time::sleep(jitter(pause)).await,
                done => return done,
            }
            pause *= 2;
        }
        self.attempt(&work).await
    }

    async fn attempt<T, E, F, Fut>(&self, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let transaction = Transaction(Arc::new(self.begin().await?));
        let outcome = work(transaction.clone()).await;
        let Some(open) = Arc::into_inner(transaction.0) else {
            return Err(Error::Corrupt("transaction (it outlived its work)").into());
        };
        match outcome {
            Ok(value) => {
                open.commit().await.map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                // the failure of the work says more than a failure to undo it, which closing does anyway
                let _ = open.rollback().await;
                Err(error)
            }
        }
    }

    async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the connections, after the transactions under way.
    ///
    /// # Errors
    /// When the database fails to.
    pub async fn close(self) -> Result<(), Error> {
        self.reader.close().await?;
        Ok(self.writer.close().await?)
    }
}

fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..1.5))
}

/// The enum value behind a stored code.
fn decode<T>(what: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or(Error::Corrupt(what))
}
