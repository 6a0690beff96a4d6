//! Writing: transactions that are tried again where they met another one (storage floor).

mod alone;
mod along;
mod commits;
mod open;
mod pool;
mod session;
mod share;
mod shared;
mod turn;
mod unheard;
mod waiting;

use std::{future::Future, sync::Arc, time::Duration};

pub use commits::Commits;
pub use open::{Along, Open};
pub(super) use pool::PoolWriter;
pub(super) use shared::SharedWriter;
use waiting::Waiting;

use super::{Error, Fingerprint, Holds, Retryable, Sql, standby::Standby};

/// How often a transaction that met another one is tried.
const ATTEMPTS: u32 = 20;
/// The first pause between two tries; it doubles, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(256);

/// An open transaction; ends with the closure that [`Store::transaction`](super::Store::transaction) runs.
#[derive(Clone, Debug)]
pub struct Transaction(Arc<Open>);

impl std::ops::Deref for Transaction {
    type Target = Open;

    fn deref(&self) -> &Open {
        &self.0
    }
}

/// Where transactions are made.
#[derive(Clone, Debug)]
pub(super) enum Writer {
    /// One connection for all, who share commits: SQLite.
    Shared(SharedWriter),
    /// A connection for each: PostgreSQL.
    Pool(PoolWriter),
}

impl Writer {
    /// Runs `work` in one transaction that `holds` something, again where it met another one.
    pub(super) async fn run<T, E, F, Fut>(&self, holds: &Holds, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        again(|| self.attempt(holds, &work), Retryable::is_conflict).await
    }

    async fn attempt<T, E, F, Fut>(&self, holds: &Holds, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        match self {
            // one at a time: what it depends on holds still by itself
            Self::Shared(writer) => writer.run(work).await,
            Self::Pool(writer) => writer.run(holds, work).await,
        }
    }

    /// How many transactions wait to begin.
    pub(super) fn waiting(&self) -> u64 {
        match self {
            Self::Shared(writer) => writer.waiting.count(),
            Self::Pool(writer) => writer.waiting.count(),
        }
    }

    /// What is known of the database's being a standby; one on SQLite is not.
    pub(super) fn standby(&self) -> Option<&Standby> {
        match self {
            Self::Shared(_) => None,
            Self::Pool(writer) => Some(writer.standby()),
        }
    }

    /// See [`Store::fingerprint`](super::Store::fingerprint).
    pub(super) async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        match self {
            Self::Shared(writer) => writer.fingerprint().await,
            Self::Pool(writer) => writer.fingerprint().await,
        }
    }

    /// See [`Store::is_as`](super::Store::is_as).
    pub(super) fn is_as(&self, now: &Fingerprint, before: &Fingerprint) -> bool {
        match self {
            // it tells of what others change alone
            Self::Shared(_) => now == before,
            Self::Pool(writer) => writer.is_as(now, before),
        }
    }

    /// Closes the connections, after the transactions under way.
    pub(super) async fn close(self) -> Result<(), Error> {
        match self {
            Self::Shared(writer) => writer.close().await,
            Self::Pool(writer) => {
                writer.close().await;
                Ok(())
            }
        }
    }
}

/// Tries something, again with growing pauses while it met another transaction, up to twenty times.
pub(super) async fn again<T, E, Fut>(
    attempt: impl Fn() -> Fut,
    is_conflict: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if is_conflict(&error) => tokio::time::sleep(jitter(pause)).await,
            done => return done,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    attempt().await
}

fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..1.5))
}
