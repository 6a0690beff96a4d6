//! Connections that read a SQLite file (storage floor).

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr, Statement};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    PoolUse,
    sqlite::{self, Answer, Wanted},
};

/// A few connections, made when they are first needed; clones are one. A connection to a file does not break by
/// itself, so none is tested; one whose thread has ended goes.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    most: u32,
    patience: Duration,
    places: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
    open: AtomicU32,
}

impl Readers {
    /// At most so many connections; whoever waits longer than `patience` for one is refused.
    pub(super) fn new(options: SqliteConnectOptions, most: u32, patience: Duration) -> Self {
        let places = Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX));
        let (idle, open) = (Mutex::default(), AtomicU32::new(0));
        Self(Arc::new(Inner { options, most, patience, places, idle, open }))
    }

    /// How they are used now.
    pub(super) fn figures(&self) -> PoolUse {
        let idle = u32::try_from(self.0.idle().len()).unwrap_or(u32::MAX);
        PoolUse { name: "read", open: self.0.open.load(Ordering::Relaxed), idle, most: self.0.most }
    }

    /// Runs one statement.
    pub(super) async fn run(&self, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        let mut reading = self.take().await?;
        let answer = sqlite::run(reading.connection()?, statement, wanted).await;
        answer.inspect_err(|error| reading.close_if_dead(error))
    }

    /// Runs text that is not kept for another time.
    pub(super) async fn run_text(&self, sql: &str) -> Result<Answer, DbErr> {
        let count = sqlite::run_text(self.take().await?.connection()?, sql).await?;
        Ok(Answer { count, ..Answer::default() })
    }

    async fn take(&self) -> Result<Reading<'_>, DbErr> {
        let inner = &*self.0;
        let place = timeout(inner.patience, inner.places.acquire()).await;
        let place = place.map_err(|_| refused("no connection is free"))?;
        let place = place.map_err(|_| refused("the database is closed"))?;
        let idle = inner.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => inner.connect().await?,
        };
        Ok(Reading { connection: Some(connection), inner, _place: place })
    }

    /// Closes them, after what is under way.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        let inner = &*self.0;
        // everybody who reads has a place
        let all = inner.places.acquire_many(inner.most).await;
        inner.places.close();
        drop(all);
        let idle: Vec<_> = inner.idle().drain(..).collect();
        for connection in idle {
            connection.close().await.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        }
        Ok(())
    }
}

impl Inner {
    async fn connect(&self) -> Result<SqliteConnection, DbErr> {
        let connected = self.options.connect().await;
        let connection = connected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        // each change is one insertion or removal
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_owned()))
}

/// A connection in use, which goes back when this is dropped. Given up in the middle of a statement as well: its thread
/// takes the next one when it is done with that.
struct Reading<'a> {
    connection: Option<SqliteConnection>,
    inner: &'a Inner,
    // after the connection is back
    _place: SemaphorePermit<'a>,
}

impl Reading<'_> {
    fn connection(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        self.connection.as_mut().ok_or_else(|| refused("the connection is gone"))
    }
}

impl Reading<'_> {
    /// Lets the connection go if its thread is gone.
    fn close_if_dead(&mut self, error: &DbErr) {
        let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
        else {
            return;
        };
        if matches!(**cause, sqlx::Error::WorkerCrashed) && self.connection.take().is_some() {
            self.inner.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.inner.idle().extend(self.connection.take());
    }
}
