//! SQLite's one writer: transactions that wait for it share one commit (storage floor).
//!
//! A durable commit is a write to the disk that waits, however much it holds. So there is one open transaction
//! of the connection, the batch, and each of ours is a savepoint in it. Who opened the batch gets in line
//! again when its own work is done, and commits for all who were in line before that. Nobody is answered before the
//! commit, not even with an error: what a work has seen may be of another one in its batch.
//!
//! A savepoint begins with the first statement of its work, and is released with the beginning of the next one, or by
//! the commit. A caller may be given up at any moment; whatever undoes or ends runs in a task of its own, which is not: an
//! end that is cut off half way would leave what should be undone.

use std::{future::Future, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr};
use sqlx::{Sqlite, pool::PoolConnection};
use tokio::{
    sync::{self, watch},
    time::timeout,
};

use super::{
    Error, Sql, Transaction, Waiting, commits,
    session::Session,
    turn::{Place, Turn},
    unheard::Doubts,
};
use crate::storage::{
    Fingerprint, PoolUse, connect,
    statement::{self, Wanted},
};

/// How long a transaction stands in line; the time-out is the back-pressure.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a batch, once it is known.
pub(super) type Outcome = Option<Result<(), DbErr>>;

/// The writer of a SQLite database.
#[derive(Clone, Debug)]
pub(in crate::storage) struct SharedWriter {
    /// One connection.
    pool: DatabaseConnection,
    /// Whether it is kept between two batches; in memory readers need it.
    keeps: bool,
    /// Taken in the order of asking, on which the sharing rests.
    pub(super) line: Arc<sync::Mutex<Line>>,
    pub(super) waiting: Waiting,
    /// After a failure the connection may be another one as well.
    doubts: Doubts,
}

/// What who stands at its head has.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The connection, between two batches.
    connection: Option<PoolConnection<Sqlite>>,
    pub(super) batch: Option<Batch>,
}

/// The open transaction, and where those who wait for its commit look.
#[derive(Debug)]
pub(super) struct Batch {
    session: Session,
    outcome: watch::Sender<Outcome>,
    /// Whether there is a transaction.
    is_open: bool,
    /// The last savepoint, its work kept.
    kept: Option<Savepoint>,
}

/// Names of savepoints: of two that follow each other one is released with the beginning of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Savepoint {
    Odd,
    Even,
}

impl Savepoint {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Odd => "odd",
            Self::Even => "even",
        }
    }
}

impl SharedWriter {
    /// The writer over a pool of one connection, which it may keep.
    pub(in crate::storage) fn new(pool: DatabaseConnection, keeps: bool) -> Self {
        let (line, waiting, doubts) = (Arc::default(), Waiting::default(), Doubts::default());
        Self { pool, keeps, line, waiting, doubts }
    }

    /// How the connection is used now.
    pub(in crate::storage) fn figures(&self) -> PoolUse {
        let pool = self.pool.get_sqlite_connection_pool();
        let is_idle = self.line.try_lock().is_ok_and(|line| line.batch.is_none());
        PoolUse {
            name: "write",
            open: pool.size(),
            idle: u32::from(is_idle).min(pool.size()),
            most: 1,
            deadlocks: 0,
        }
    }

    /// Runs `work` in a savepoint, and answers when what it did is durable.
    pub(super) async fn run<T, E, F, Fut>(&self, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let turn = self.clone().enter().await?;
        let end = self.doubts.unless_heard(turn.outcome.clone());
        let transaction = turn.transaction()?;
        let mut done = work(transaction.clone()).await;
        if done.is_ok()
            && let Err(error) = transaction.flush().await
        {
            done = Err(Error::from(error).into());
        }
        drop(transaction);
        if done.is_ok() {
            commits::begin();
        }
        turn.leave(done.is_ok());
        let known = end.hear().await;
        // what the work failed with says more than a failure to undo it: a full disk undoes all by itself
        let value = done?;
        known.unwrap_or_else(|| Err(given_up())).map_err(of_batch)?;
        Ok(value)
    }

    /// Waits for the line, and lets a savepoint begin with the next statement.
    async fn enter(self) -> Result<Turn, Error> {
        let turn = self.waiting.begin();
        let mut line = timeout(PATIENCE, self.line.clone().lock_owned()).await.map_err(|_| too_busy())?;
        drop(turn);
        let opens = line.batch.is_none();
        if opens {
            line.batch = Some(Batch::new(self.take_connection(&mut line).await?));
        }
        let Some(batch) = line.batch.as_ref() else { return Err(given_up().into()) };
        let savepoint = batch.begin_with_next();
        let (outcome, session) = (batch.outcome.subscribe(), batch.session.clone());
        Ok(Turn::new(Place { writer: self, line, opens, savepoint, session }, outcome))
    }

    /// The connection, for a batch or between two.
    async fn take_connection(&self, line: &mut Line) -> Result<PoolConnection<Sqlite>, Error> {
        if let Some(connection) = line.connection.take() {
            return Ok(connection);
        }
        let pool = self.pool.get_sqlite_connection_pool();
        pool.acquire().await.map_err(connect::unreachable_database)
    }

    /// Ends the batch that is open, if there is one.
    pub(super) async fn end(&self, line: &mut Line, keep: bool) {
        let Some(batch) = line.batch.take() else { return };
        let Batch { session, outcome, is_open, .. } = batch;
        let (connection, ended) = session.end(keep, is_open).await;
        self.put_back(line, connection, ended.is_ok());
        outcome.send_replace(Some(ended));
    }

    /// Undoes the batch that is open: of everyone who is in it, nothing is kept.
    pub(super) async fn fail(&self, line: &mut Line, error: DbErr) {
        let Some(Batch { session, outcome, .. }) = line.batch.take() else { return };
        let (connection, _) = session.end(false, true).await;
        self.put_back(line, connection, false);
        outcome.send_replace(Some(Err(error)));
    }

    /// Keeps the connection of a batch that has ended. After a failure the next one is new, for nobody knows how this one
    /// is; but in memory it is all there is.
    fn put_back(&self, line: &mut Line, connection: Option<PoolConnection<Sqlite>>, is_whole: bool) {
        if !is_whole {
            self.doubts.add();
        }
        let Some(mut connection) = connection.filter(|_| self.keeps) else { return };
        if is_whole {
            line.connection = Some(connection);
        } else {
            connection.close_on_drop();
        }
    }

    /// Changes whenever another connection has changed the database, or this one has and nobody heard of it; asked on the
    /// connection that writes, since it does not count its own changes. Nobody else commits while a batch is open.
    pub(super) async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let mut line = timeout(PATIENCE, self.line.lock()).await.map_err(|_| too_busy())?;
        let query = Sql::new("PRAGMA data_version").build(DbBackend::Sqlite);
        let answer = if let Some(batch) = &line.batch {
            batch.session.peek(&query).await?
        } else {
            let mut connection = self.take_connection(&mut line).await?;
            let answer = statement::run::<Sqlite>(&mut connection, &query, Wanted::One).await;
            line.connection = self.keeps.then_some(connection);
            answer?
        };
        let row = answer.rows.first().ok_or(Error::Corrupt("fingerprint (there is none)"))?;
        let version: i64 = row.try_get_by_index(0)?;
        let doubts = self.doubts.count();
        Ok(Fingerprint::Text(format!("{version} after {doubts} doubts")))
    }

    /// Closes the connection, after the batch that is open.
    pub(super) async fn close(self) -> Result<(), Error> {
        let mut line = self.line.lock().await;
        self.end(&mut line, true).await;
        drop(line.connection.take());
        drop(line);
        Ok(self.pool.close().await?)
    }
}

impl Batch {
    fn new(connection: PoolConnection<Sqlite>) -> Self {
        let session = Session::new(connection);
        Self { session, outcome: watch::Sender::default(), is_open: false, kept: None }
    }

    /// Lets a savepoint begin with the next statement.
    fn begin_with_next(&self) -> Savepoint {
        let (begin, count, savepoint) = match self.kept {
            _ if !self.is_open => ("BEGIN IMMEDIATE; SAVEPOINT odd;", 2, Savepoint::Odd),
            None => ("SAVEPOINT odd;", 1, Savepoint::Odd),
            Some(Savepoint::Odd) => ("RELEASE odd; SAVEPOINT even;", 2, Savepoint::Even),
            Some(Savepoint::Even) => ("RELEASE even; SAVEPOINT odd;", 2, Savepoint::Odd),
        };
        self.session.begin_with_next(begin, count);
        savepoint
    }

    /// A savepoint is there, its work kept.
    pub(super) fn keep(&mut self, savepoint: Savepoint) {
        (self.is_open, self.kept) = (true, Some(savepoint));
    }

    /// A savepoint was there, and is undone and released.
    pub(super) fn forget(&mut self) {
        (self.is_open, self.kept) = (true, None);
    }
}

/// Why the batch failed, for one whose own work went well: nothing of it is kept, so it may come again.
fn of_batch(error: DbErr) -> Error {
    match Error::from(error) {
        Error::Database(cause) => Error::Unavailable(cause),
        other => other,
    }
}

pub(super) fn given_up() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the transaction was given up".to_owned()))
}

fn too_busy() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("too many transactions stand in line".to_owned()))
}
