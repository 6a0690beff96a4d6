//! SQLite's one writer: transactions that wait for it share one commit (storage floor).
//!
//! A durable commit is a write to the disk that waits, however much it holds. So there is one open transaction
//! of the connection, the batch, and each of ours but the first is a savepoint in it. Who opened the batch gets in line
//! again when its own work is done, and commits for all who were in line before that. Nobody is answered before the
//! commit, not even with an error: what a work has seen may be of another one in its batch.
//!
//! Every statement is a change of threads, so there are as few as can be: a savepoint that is kept is released together
//! with the beginning of the next one, or by the commit.
//!
//! A caller may be given up at any moment. Whatever begins or undoes a savepoint runs in a task of its own, which is
//! not: an end that is cut off half way would leave what should be undone.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::{
    runtime::Handle,
    sync::{self, OwnedMutexGuard, watch},
    time::timeout,
};

use super::{Error, Sql, Transaction, Waiting, end};

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
    /// How many batches have failed; the connection may be another one after that.
    failures: Arc<AtomicU64>,
}

/// The open transaction, and where those who wait for its commit look.
#[derive(Debug)]
struct Batch {
    outer: Transaction,
    outcome: watch::Sender<Outcome>,
    /// Whether the last savepoint is still there, its work kept.
    kept: bool,
    /// Those of the writer.
    failures: Arc<AtomicU64>,
}

impl SharedWriter {
    pub(in crate::storage) fn new(connection: DatabaseConnection) -> Self {
        Self { connection, line: Arc::default(), waiting: Waiting::default(), failures: Arc::default() }
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
            Some(batch) => batch.begin().await?,
            None => Batch::open(&self).await?,
        };
        let (outcome, transaction) = (batch.outcome.subscribe(), batch.outer.clone());
        *line = Some(batch);
        let place = Place { writer: self, line, opens, transaction };
        Ok(Turn { place: Mutex::new(Some(place)), outcome })
    }

    async fn commit(self) {
        let mut line = self.line.lock().await;
        if let Some(batch) = line.take() {
            batch.end(true).await;
        }
    }

    /// Changes whenever another connection has changed the database; asked on the connection that writes, since it
    /// does not count its own changes. Nobody else commits while a batch is open.
    pub(super) async fn fingerprint(&self) -> Result<String, Error> {
        let line = timeout(PATIENCE, self.line.lock()).await.map_err(|_| too_busy())?;
        let query = Sql::new("PRAGMA data_version").build(DbBackend::Sqlite);
        let row = match line.as_ref() {
            Some(batch) => batch.outer.query_one_raw(query).await?,
            None => self.connection.query_one_raw(query).await?,
        };
        let version: i64 = row.ok_or(Error::Corrupt("fingerprint (there is none)"))?.try_get_by_index(0)?;
        Ok(format!("{version} after {} failures", self.failures.load(Ordering::Acquire)))
    }

    /// Closes the connection, after the batch that is open.
    pub(super) async fn close(self) -> Result<(), Error> {
        self.clone().commit().await;
        Ok(self.connection.close().await?)
    }
}

impl Batch {
    async fn open(writer: &SharedWriter) -> Result<Self, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let outer = Transaction(Arc::new(writer.connection.begin_with_options(options).await?));
        let failures = Arc::clone(&writer.failures);
        Ok(Self { outer, outcome: watch::Sender::default(), kept: false, failures })
    }

    /// Begins a savepoint.
    async fn begin(mut self) -> Result<Self, DbErr> {
        let begin = if self.kept { "RELEASE work; SAVEPOINT work" } else { "SAVEPOINT work" };
        match self.outer.execute_unprepared(begin).await {
            Ok(_) => {
                self.kept = false;
                Ok(self)
            }
            Err(error) => {
                self.fail(error.clone()).await;
                Err(error)
            }
        }
    }

    /// Undoes the last savepoint.
    async fn undo(self) -> Option<Self> {
        match self.outer.execute_unprepared("ROLLBACK TO work; RELEASE work").await {
            Ok(_) => Some(self),
            Err(error) => {
                self.fail(error).await;
                None
            }
        }
    }

    /// Commits all that is in it, or undoes it.
    async fn end(self, keep: bool) {
        let outcome = end(self.outer, keep).await;
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::AcqRel);
        }
        self.outcome.send_replace(Some(outcome));
    }

    /// Undoes it all: of everyone who is in it, nothing is kept.
    async fn fail(self, error: DbErr) {
        self.failures.fetch_add(1, Ordering::AcqRel);
        // SQLite may have undone it by itself; the pool throws such a connection away
        let _ = end(self.outer, false).await;
        self.outcome.send_replace(Some(Err(error)));
    }
}

/// The right to write, until it is left or given up.
struct Turn {
    place: Mutex<Option<Place>>,
    outcome: watch::Receiver<Outcome>,
}

/// The head of the line, with the transaction for who stands there.
struct Place {
    transaction: Transaction,
    writer: SharedWriter,
    line: OwnedMutexGuard<Option<Batch>>,
    /// Whether it opened the batch, and so sees to its commit.
    opens: bool,
}

impl Turn {
    fn transaction(&self) -> Result<Transaction, Error> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(place.as_ref().map(|place| place.transaction.clone()).ok_or_else(given_up)?)
    }

    fn leave(&self, keep: bool) {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(place), Ok(runtime)) = (place, Handle::try_current()) {
            place.leave(keep, &runtime);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave(false);
    }
}

impl Place {
    fn leave(mut self, keep: bool, runtime: &Handle) {
        if !keep {
            runtime.spawn(self.undo());
            return;
        }
        if let Some(batch) = self.line.as_mut() {
            batch.kept = !self.opens;
        }
        if self.opens {
            runtime.spawn(self.commit());
        }
    }

    async fn undo(mut self) {
        let Some(batch) = self.line.take() else { return };
        if self.opens {
            // nobody else is in it yet
            drop(self.transaction);
            batch.end(false).await;
            return;
        }
        *self.line = batch.undo().await;
    }

    /// Gets in line again, behind all who stand there now, and commits for them.
    async fn commit(self) {
        let Self { transaction, writer, line, .. } = self;
        drop((transaction, line));
        writer.commit().await;
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
