//! Connections that are used by turns (storage floor).
//!
//! Those of a pool of sqlx are tested each time that they are given back, which costs as much as a query.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use super::{
    PoolUse,
    counted::Counted,
    error::is_deadlock,
    heard::Heard,
    link::{Link, Target, is_away, is_end},
    statement::{Answer, Wanted},
};

/// After how long without use a connection is closed.
const UNUSED: Duration = Duration::from_mins(10);
/// How old one may become: what a server keeps for it grows.
const AGE: Duration = Duration::from_mins(30);
/// The first pause before a database that is away is looked for again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A few connections, made when they are first needed; clones are one. One that is broken goes.
#[derive(Clone, Debug)]
pub(super) struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: &'static str,
    target: Target,
    most: u32,
    patience: Duration,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    open: Arc<AtomicU32>,
    deadlocks: AtomicU64,
    heard: Heard,
}

/// A connection that is open.
#[derive(Debug)]
struct Open {
    link: Link,
    made: Instant,
    counted: Counted,
}

/// One that nobody uses.
#[derive(Debug)]
struct Idle {
    open: Open,
    since: Instant,
}

impl Connections {
    /// At most so many connections, under this name; whoever waits longer than `patience` for one is refused.
    pub(super) fn new(name: &'static str, target: Target, most: u32, patience: Duration) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX)));
        let (idle, open) = (Mutex::default(), Arc::default());
        let (deadlocks, heard) = (AtomicU64::default(), Heard::default());
        Self(Arc::new(Inner { name, target, most, patience, places, idle, open, deadlocks, heard }))
    }

    /// Where they lead.
    pub(super) fn target(&self) -> &Target {
        &self.0.target
    }

    /// How long one waits for a connection.
    pub(super) fn patience(&self) -> Duration {
        self.0.patience
    }

    /// How they are used now.
    pub(super) fn figures(&self) -> PoolUse {
        let idle = u32::try_from(self.0.idle().len()).unwrap_or(u32::MAX);
        let (open, deadlocks) =
            (self.0.open.load(Ordering::Relaxed), self.0.deadlocks.load(Ordering::Relaxed));
        PoolUse { name: self.0.name, open, idle, most: self.0.most, deadlocks }
    }

    /// Runs one statement.
    pub(super) async fn run(&self, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        self.take().await?.run(statement, wanted).await
    }

    /// Runs text that is not kept for another time.
    pub(super) async fn run_text(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.take().await?.run_text(sql).await
    }

    /// One of them, for a while.
    pub(super) async fn take(&self) -> Result<Held, DbErr> {
        let inner = &self.0;
        let started = Instant::now();
        let place = timeout(inner.patience, Arc::clone(&inner.places).acquire_owned()).await;
        let place = place.map_err(|_| refused("no connection is free"))?;
        let place = place.map_err(|_| refused("the database is closed"))?;
        let left = inner.patience.saturating_sub(started.elapsed());
        let ready = timeout(left, inner.ready(Instant::now() + left)).await;
        let ready = ready.map_err(|_| refused("the database does not answer"))?;
        Ok(Held {
            open: Some(ready?),
            state: State::Clean,
            inner: Arc::clone(inner),
            place: Some(place),
            share: None,
        })
    }

    /// Closes them, after what is under way.
    pub(super) async fn close(&self) {
        let inner = &*self.0;
        // everybody who has one has a place
        let all = inner.places.acquire_many(inner.most).await;
        inner.places.close();
        drop(all);
        let idle: Vec<_> = inner.idle().drain(..).collect();
        for Idle { open, .. } in idle {
            // one that is broken is gone as well
            drop(open.link.close().await);
        }
    }
}

impl Inner {
    /// A connection that is whole; until `end` a database that is away is waited for, as while it is started again.
    async fn ready(&self, end: Instant) -> Result<Open, DbErr> {
        self.close_unused();
        loop {
            let last = self.idle().pop();
            let Some(Idle { mut open, since }) = last else { break };
            let is_young = open.made.elapsed() < AGE;
            if is_young && (!open.link.is_doubtful(since.elapsed()) || open.link.ping().await.is_ok()) {
                return Ok(open);
            }
            close(open);
        }
        let counted = Counted::new(&self.open);
        let mut pause = FIRST_PAUSE;
        loop {
            match self.target.connect().await {
                Ok(link) => return Ok(Open { link, made: Instant::now(), counted }),
                Err(error) if is_away(&error) && Instant::now() + pause < end => sleep(pause).await,
                Err(error) => return Err(failed(error)),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Closes those that nobody has needed for long: the one used last is taken first.
    fn close_unused(&self) {
        let mut idle = self.idle();
        let count = idle.iter().take_while(|idle| idle.since.elapsed() > UNUSED).count();
        idle.drain(..count).for_each(|idle| close(idle.open));
    }

    fn put_back(&self, open: Open) {
        self.idle().push(Idle { open, since: Instant::now() });
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // each change is one insertion or removal
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the other end as well, where somebody can wait for that.
fn close(open: Open) {
    if let Ok(runtime) = Handle::try_current() {
        let Open { link, counted, .. } = open;
        // it is given up in any case
        runtime.spawn(async move { drop((link.close().await, counted)) });
    }
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn refused(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_owned()))
}

/// How a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As one that has done nothing.
    Clean,
    /// It is in the middle of a statement.
    Busy,
    /// It has a transaction, which nobody may find.
    Open,
}

/// A connection in use, which goes back when this is dropped; one that was given up half way when it is clean again.
#[derive(Debug)]
pub(super) struct Held {
    open: Option<Open>,
    state: State,
    inner: Arc<Inner>,
    place: Option<OwnedSemaphorePermit>,
    /// What the user whose connection this is may have at once.
    share: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// The same, which gives this back when the connection is free again.
    pub(super) fn of_share(mut self, share: Option<OwnedSemaphorePermit>) -> Self {
        self.share = share;
        self
    }

    /// Runs one statement.
    pub(super) async fn run(&mut self, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        let inner = Arc::clone(&self.inner);
        let (link, before) = self.begin_statement()?;
        let answer = inner.heard.answer(&inner.target, inner.patience, link.run(statement, wanted)).await;
        self.end_statement(before, answer)
    }

    /// Runs text that is not kept for another time.
    pub(super) async fn run_text(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let inner = Arc::clone(&self.inner);
        let (link, before) = self.begin_statement()?;
        let done = inner.heard.answer(&inner.target, inner.patience, link.run_text(sql)).await;
        self.end_statement(before, done)
    }

    /// Begins a transaction, which is undone if it does not end, by these statements; answers their rows.
    pub(super) async fn begin(&mut self, begin: &str) -> Result<Vec<QueryResult>, DbErr> {
        self.state = State::Open;
        let inner = Arc::clone(&self.inner);
        let (link, before) = self.begin_statement()?;
        let rows = inner.heard.answer(&inner.target, inner.patience, link.ask_text(begin)).await;
        self.end_statement(before, rows)
    }

    /// Ends the transaction.
    pub(super) async fn end(&mut self, keep: bool) -> Result<(), DbErr> {
        self.run_text(if keep { "COMMIT" } else { "ROLLBACK" }).await?;
        self.state = State::Clean;
        Ok(())
    }

    fn begin_statement(&mut self) -> Result<(&mut Link, State), DbErr> {
        let before = self.state;
        let open = self.open.as_mut().ok_or_else(|| refused("the connection is gone"))?;
        if before == State::Clean {
            self.state = State::Busy;
        }
        Ok((&mut open.link, before))
    }

    /// Lets the connection go if it is broken, and then those that wait as well: what broke it has most likely
    /// broken them, and they are soon made again.
    fn end_statement<T>(&mut self, before: State, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        self.state = before;
        if answer.as_ref().is_err_and(is_deadlock) {
            self.inner.deadlocks.fetch_add(1, Ordering::Relaxed);
        }
        if answer.as_ref().is_err_and(|error| is_end(error) || matches!(error, DbErr::Conn(_))) {
            let waiting = std::mem::take(&mut *self.inner.idle());
            self.open.take().into_iter().chain(waiting.into_iter().map(|idle| idle.open)).for_each(close);
        }
        answer
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let places = (self.place.take(), self.share.take());
        let Some(mut open) = self.open.take() else { return };
        let (inner, state) = (Arc::clone(&self.inner), self.state);
        if state == State::Clean {
            return inner.put_back(open);
        }
        let clean = async move {
            let cleaned = async {
                match state {
                    State::Open => open.link.run_text("ROLLBACK").await.is_ok(),
                    State::Clean | State::Busy => open.link.ping().await.is_ok(),
                }
            };
            // a server that is gone without a word never answers
            if timeout(inner.patience, cleaned).await.unwrap_or(false) {
                inner.put_back(open);
            }
            // after the connection is back
            drop(places);
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(clean);
        }
    }
}
