//! SQLite's one writer: transactions that wait for it share one commit (storage floor).
//!
//! A durable commit is a write to the disk that waits, however much it holds. So there is one open transaction
//! of the connection, the batch, and each of ours is a savepoint in it. Who opened the batch gets in line again when
//! its own work is done, and commits for all who were in line before that. Nobody is answered before the
//! commit, not even with an error: what a work has seen may be of another one in its batch.
//!
//! A caller may be given up at any moment. Whatever begins or ends a savepoint runs in a task of its own, which is
//! not: an end that is cut off half way would be mistaken for the end of the whole batch.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::{
    runtime::Handle,
    sync::{self, OwnedMutexGuard, watch},
    time::timeout,
};

use super::{Error, Transaction, Waiting, end};

/// How long a transaction stands in line; the time-out is the back-pressure.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a batch, once it is known.
type Outcome = Option<Result<(), DbErr>>;

/// The writer of a SQLite database.
#[derive(Clone, Debug)]
pub(in crate::storage) struct SharedWriter {
    connection: DatabaseConnection,
    /// Taken in the order of asking, on which the sharing rests.
    line: Arc<sync::Mutex<Option<Batch>>>,
    pub(super) waiting: Waiting,
}

/// The open transaction, and where those who wait for its commit look.
#[derive(Debug)]
struct Batch {
    outer: DatabaseTransaction,
    outcome: watch::Sender<Outcome>,
}

impl SharedWriter {
    pub(in crate::storage) fn new(connection: DatabaseConnection) -> Self {
        Self { connection, line: Arc::default(), waiting: Waiting::default() }
    }

    /// The connection itself.
    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Runs `work` in a savepoint, and answers when what it did is durable.
    pub(super) async fn run<T, E, F, Fut>(&self, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let turn = tokio::spawn(self.clone().enter()).await.map_err(|_| Error::from(given_up()))??;
        let mut outcome = turn.outcome.clone();
        let done = work(turn.transaction()?).await;
        turn.leave(done.is_ok());
        let known = outcome.wait_for(Option::is_some).await.map(|known| known.clone());
        // what the work failed with says more than a failure to undo it: a full disk undoes all by itself
        let value = done?;
        known.ok().flatten().unwrap_or_else(|| Err(given_up())).map_err(of_batch)?;
        Ok(value)
    }

    /// Waits for the line, and begins a savepoint.
    async fn enter(self) -> Result<Turn, Error> {
        let turn = self.waiting.begin();
        let mut line = timeout(PATIENCE, self.line.clone().lock_owned()).await.map_err(|_| too_busy())?;
        drop(turn);
        let opens = line.is_none();
        let batch = match line.take() {
            Some(batch) => batch,
            None => Batch::open(&self.connection).await?,
        };
        let outcome = batch.outcome.subscribe();
        match batch.outer.begin().await {
            Ok(savepoint) => {
                *line = Some(batch);
                let place = Place { writer: self, line, opens, savepoint: Transaction(Arc::new(savepoint)) };
                Ok(Turn { place: Mutex::new(Some(place)), outcome })
            }
            Err(error) => {
                batch.fail(error.clone()).await;
                Err(error.into())
            }
        }
    }

    async fn commit(self) {
        let mut line = self.line.lock().await;
        if let Some(Batch { outer, outcome }) = line.take() {
            outcome.send_replace(Some(outer.commit().await));
        }
    }

    /// Closes the connection, after the batch that is open.
    pub(super) async fn close(self) -> Result<(), Error> {
        self.clone().commit().await;
        Ok(self.connection.close().await?)
    }
}

impl Batch {
    async fn open(connection: &DatabaseConnection) -> Result<Self, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let outer = connection.begin_with_options(options).await?;
        Ok(Self { outer, outcome: watch::Sender::default() })
    }

    /// Undoes it all: of everyone who is in it, nothing is kept.
    async fn fail(self, error: DbErr) {
        // SQLite may have undone it by itself; the pool throws such a connection away
        let _ = self.outer.rollback().await;
        self.outcome.send_replace(Some(Err(error)));
    }
}

/// The right to write, until it is left or given up.
struct Turn {
    place: Mutex<Option<Place>>,
    outcome: watch::Receiver<Outcome>,
}

/// The head of the line, with the savepoint of who stands there.
struct Place {
    savepoint: Transaction,
    writer: SharedWriter,
    line: OwnedMutexGuard<Option<Batch>>,
    /// Whether it opened the batch, and so sees to its commit.
    opens: bool,
}

impl Turn {
    fn transaction(&self) -> Result<Transaction, Error> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(place.as_ref().map(|place| place.savepoint.clone()).ok_or_else(given_up)?)
    }

    fn leave(&self, keep: bool) {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(place), Ok(runtime)) = (place, Handle::try_current()) {
            runtime.spawn(place.leave(keep));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave(false);
    }
}

impl Place {
    async fn leave(self, keep: bool) {
        let Self { savepoint, writer, mut line, opens } = self;
        if let Err(error) = end(savepoint, keep).await
            && let Some(batch) = line.take()
        {
            batch.fail(error).await;
        }
        drop(line);
        if opens {
            writer.commit().await;
        }
    }
}

/// Why the batch failed, for one whose own work went well: nothing of it is kept, so it may come again.
fn of_batch(error: DbErr) -> Error {
    match Error::from(error) {
        Error::Database(cause) => Error::Unavailable(cause),
        other => other,
    }
}

fn given_up() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the transaction was given up".to_owned()))
}

fn too_busy() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("too many transactions stand in line".to_owned()))
}
