//! PostgreSQL's transactions: a connection for each, which may be one to a standby (storage floor).

use std::{future::Future, sync::Arc};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr};

use super::{
    super::standby::Standby, Error, Fingerprint, Holds, Open, Sql, Transaction, Waiting, alone::Alone,
    commits, share::Shares,
};
use crate::storage::{
    PoolUse, Reader,
    connections::Connections,
    fingerprint::{Ended, Own},
};

/// Whether it is a standby, when it was started, and a text that changes with every transaction that ends. What a snapshot
/// of a standby shows is not in its text, where the transactions under way are missing; how far the primary's log is
/// replayed tells more.
const FINGERPRINT: &str = "SELECT pg_is_in_recovery(), pg_postmaster_start_time()::text, \
                           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text \
                           ELSE pg_current_snapshot()::text END";

/// The connections, which PostgreSQL lets share writes by itself.
#[derive(Clone, Debug)]
pub(in crate::storage) struct PoolWriter {
    connections: Connections,
    pub(super) waiting: Waiting,
    shares: Shares,
    standby: Standby,
    /// Our own transactions; none where the database does not tell them.
    own: Option<Own>,
}

impl PoolWriter {
    /// The writer over these connections, to a database that `tells` of the ids of transactions or not.
    pub(in crate::storage) fn new(connections: Connections, standby: Standby, tells: bool) -> Self {
        let (shares, own) = (Shares::of(connections.figures().most), tells.then(Own::default));
        Self { connections, waiting: Waiting::default(), shares, standby, own }
    }

    /// How the connections are used now.
    pub(in crate::storage) fn figures(&self) -> PoolUse {
        self.connections.figures()
    }

    /// What is known of its being a standby.
    pub(super) fn standby(&self) -> &Standby {
        &self.standby
    }

    /// Runs `work` in a transaction that `holds` something, with a commit of its own.
    pub(super) async fn run<T, E, F, Fut>(&self, holds: &Holds, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        if self.standby.is_one(&self.reader()).await.map_err(E::from)? {
            return Err(Error::ReadOnly.into());
        }
        let turn = self.waiting.begin();
        let begun = self.begin(holds).await;
        let open = begun.map_err(Error::from)?;
        let transaction = Transaction(Arc::new(Open::Alone(open)));
        drop(turn);
        match work(transaction.clone()).await {
            Ok(value) => {
                commits::begin();
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

    async fn begin(&self, holds: &Holds) -> Result<Alone, DbErr> {
        let share = match holds.payer {
            Some(user) => Some(self.shares.take(user, self.connections.patience()).await?),
            None => None,
        };
        Alone::begin(&self.connections, self.own.as_ref(), holds, share).await
    }

    /// See [`Store::fingerprint`](super::super::Store::fingerprint).
    pub(super) async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let row = self.reader().query_one_raw(Sql::new(FINGERPRINT).build(DbBackend::Postgres)).await?;
        let row = row.ok_or(Error::Corrupt("fingerprint (there is none)"))?;
        let (is_standby, server): (bool, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let text: String = row.try_get_by_index(2)?;
        self.standby.note(is_standby);
        if is_standby {
            return Ok(Fingerprint::Text(format!("{text} of {server}")));
        }
        Ended::parse(server, &text)
            .map(Fingerprint::Ended)
            .ok_or(Error::Corrupt("fingerprint (it is no snapshot)"))
    }

    /// See [`Store::is_as`](super::super::Store::is_as).
    pub(super) fn is_as(&self, now: &Fingerprint, before: &Fingerprint) -> bool {
        self.own.as_ref().is_some_and(|own| now.is_as(before, own))
    }

    fn reader(&self) -> Reader {
        self.connections.clone().into()
    }

    /// Closes the connections, after the transactions under way.
    pub(super) async fn close(self) {
        self.connections.close().await;
    }
}

/// Keeps or undoes what a transaction did.
async fn end(transaction: Transaction, keep: bool) -> Result<(), DbErr> {
    match Arc::into_inner(transaction.0) {
        Some(Open::Alone(open)) => open.end(keep).await,
        _ => Err(DbErr::Conn(RuntimeErr::Internal("a transaction outlived its work".to_owned()))),
    }
}
