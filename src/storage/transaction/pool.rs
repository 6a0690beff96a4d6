//! PostgreSQL's transactions: a connection for each, which may be one to a standby (storage floor).

use std::{future::Future, sync::Arc};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait};

use super::{super::standby::Standby, Error, Open, Sql, Transaction, Waiting, end};

/// Whether it is a standby, and a text that changes with every transaction that ends. What a snapshot of a standby shows
/// is not in its text, where the transactions under way are missing; how far the primary's log is replayed tells more.
const FINGERPRINT: &str = "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() \
                           THEN pg_last_wal_replay_lsn()::text ELSE pg_current_snapshot()::text END";

/// The connections, which PostgreSQL lets share writes by itself.
#[derive(Clone, Debug)]
pub(in crate::storage) struct PoolWriter {
    connection: DatabaseConnection,
    pub(super) waiting: Waiting,
    standby: Standby,
}

impl PoolWriter {
    pub(in crate::storage) fn new(connection: DatabaseConnection, standby: Standby) -> Self {
        Self { connection, waiting: Waiting::default(), standby }
    }

    /// The connections themselves.
    pub(in crate::storage) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// What is known of its being a standby.
    pub(super) fn standby(&self) -> &Standby {
        &self.standby
    }

    /// Runs `work` in a transaction with a commit of its own.
    pub(super) async fn run<T, E, F, Fut>(&self, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        if self.standby.is_one(&self.connection).await.map_err(E::from)? {
            return Err(Error::ReadOnly.into());
        }
        let turn = self.waiting.begin();
        let open = self.connection.begin().await.map_err(Error::from)?;
        let transaction = Transaction(Arc::new(Open::Alone(open)));
        drop(turn);
        match work(transaction.clone()).await {
            Ok(value) => {
                end(transaction, true).await.map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                // the failure of the work says more than a failure to undo it, which closing does anyway
                let _ = end(transaction, false).await;
                Err(error)
            }
        }
    }

    /// See [`Store::fingerprint`](super::super::Store::fingerprint).
    pub(super) async fn fingerprint(&self) -> Result<String, Error> {
        let row = self.connection.query_one_raw(Sql::new(FINGERPRINT).build(DbBackend::Postgres)).await?;
        let row = row.ok_or(Error::Corrupt("fingerprint (there is none)"))?;
        self.standby.note(row.try_get_by_index(0)?);
        Ok(row.try_get_by_index(1)?)
    }

    /// Closes the connections, after the transactions under way.
    pub(super) async fn close(self) -> Result<(), Error> {
        Ok(self.connection.close().await?)
    }
}
