//! An open transaction on SQLite, as those see it who work in it (storage floor).
//!
//! Every statement is a change of threads, so there are as few as can be: what begins a savepoint, and what need not be
//! answered at once, is sent along with the next statement.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::{DbErr, ExecResult, RuntimeErr, Statement, Values};
use sqlx::{Sqlite, pool::PoolConnection};
use tokio::sync::{self, OwnedMutexGuard};

use crate::storage::statement::{self, Answer, Wanted};

/// None once the batch has ended: whoever is late writes nowhere.
type Held = Option<PoolConnection<Sqlite>>;

/// The connection of one batch; clones are one.
#[derive(Clone, Debug)]
pub(super) struct Session {
    connection: Arc<sync::Mutex<Held>>,
    ahead: Arc<Mutex<Ahead>>,
}

/// What goes in front of the next statement.
#[derive(Debug, Default)]
struct Ahead {
    begin: Begin,
    later: Vec<Statement>,
}

/// What begins a savepoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Begin {
    /// So many statements.
    Due(&'static str, usize),
    /// It is on its way.
    Sent,
    /// It is open.
    #[default]
    Done,
    /// It could not be opened: nothing may be written, or it would stand by itself.
    Failed,
}

impl Session {
    pub(super) fn new(connection: PoolConnection<Sqlite>) -> Self {
        Self { connection: Arc::new(sync::Mutex::new(Some(connection))), ahead: Arc::default() }
    }

    /// Begins a savepoint with the next statement: `begin` is so many statements, with a `;` after each.
    pub(super) fn begin_with_next(&self, begin: &'static str, count: usize) {
        *self.ahead() = Ahead { begin: Begin::Due(begin, count), later: Vec::new() };
    }

    /// Whether a statement was sent since the savepoint was to begin.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self.ahead().begin, Begin::Due(..))
    }

    /// Sends a statement along with the next one, whose error is then of either.
    pub(super) fn later(&self, statement: Statement) {
        self.ahead().later.push(statement);
    }

    /// Sends what is still to be sent.
    pub(super) async fn flush(&self) -> Result<(), DbErr> {
        let last = self.ahead().later.pop();
        match last {
            Some(last) => self.run(last, Wanted::Count).await.map(drop),
            None => Ok(()),
        }
    }

    /// Runs one statement, and before it what goes in front of it.
    pub(super) async fn run(&self, statement: Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        let Ahead { begin, later } = self.take_ahead();
        match begin {
            Begin::Due(begin, count) => {
                let (sql, values) = joined(begin, later, statement);
                self.begin(connection, count, sql, values, wanted).await
            }
            Begin::Sent | Begin::Failed => Err(ended()),
            Begin::Done if later.is_empty() => {
                statement::run::<Sqlite>(connection.as_mut().ok_or_else(ended)?, &statement, wanted).await
            }
            Begin::Done => {
                let (sql, values) = joined("", later, statement);
                statement::run_all(connection.as_mut().ok_or_else(ended)?, &sql, values, wanted).await.1
            }
        }
    }

    /// Runs text that is not kept for another time, and may be several statements.
    pub(super) async fn run_text(&self, sql: &str) -> Result<ExecResult, DbErr> {
        if !self.has_begun() || !self.ahead().later.is_empty() {
            // for what goes in front of it
            self.run(Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT 1"), Wanted::One).await?;
        }
        let mut connection = self.connection.lock().await;
        if self.ahead().begin != Begin::Done {
            return Err(ended());
        }
        statement::run_text::<Sqlite>(connection.as_mut().ok_or_else(ended)?, sql).await
    }

    /// In a task of its own, which whoever asked cannot give up: afterwards it is known whether the savepoint is open.
    async fn begin(
        &self,
        mut connection: OwnedMutexGuard<Held>,
        count: usize,
        sql: String,
        values: Values,
        wanted: Wanted,
    ) -> Result<Answer, DbErr> {
        let session = self.clone();
        let run = async move {
            let (done, answer) = match connection.as_mut() {
                Some(open) => statement::run_all(open, &sql, values, wanted).await,
                None => (0, Err(ended())),
            };
            session.ahead().begin = if done < count { Begin::Failed } else { Begin::Done };
            answer
        };
        tokio::spawn(run).await.unwrap_or_else(|_| Err(ended()))
    }

    /// Undoes what was done in `savepoint`; tells whether anything was. What was to be sent along is forgotten.
    pub(super) async fn undo(&self, savepoint: &str) -> Result<bool, DbErr> {
        let mut connection = self.connection.lock().await;
        match self.take_ahead().begin {
            Begin::Due(..) => Ok(false),
            Begin::Sent | Begin::Failed => Err(ended()),
            Begin::Done => {
                let undo = format!("ROLLBACK TO {savepoint}; RELEASE {savepoint}");
                statement::run_text::<Sqlite>(connection.as_mut().ok_or_else(ended)?, &undo).await?;
                Ok(true)
            }
        }
    }

    /// Asks something beside the work that is under way.
    pub(super) async fn peek(&self, statement: &Statement) -> Result<Answer, DbErr> {
        let mut connection = self.connection.lock().await;
        statement::run::<Sqlite>(connection.as_mut().ok_or_else(ended)?, statement, Wanted::One).await
    }

    /// Ends the transaction, if one is open, and gives the connection back with the outcome. Nobody writes any more.
    pub(super) async fn end(&self, keep: bool, is_open: bool) -> (Held, Result<(), DbErr>) {
        let mut connection = self.connection.lock().await;
        self.ahead().begin = Begin::Failed;
        let Some(open) = connection.as_mut() else { return (None, Err(ended())) };
        if !is_open {
            return (connection.take(), Ok(()));
        }
        let ended = statement::run_text::<Sqlite>(open, if keep { "COMMIT" } else { "ROLLBACK" }).await;
        if ended.is_err() {
            // SQLite may have undone it by itself, and then there is nothing to undo
            let _ = statement::run_text::<Sqlite>(open, "ROLLBACK").await;
        }
        (connection.take(), ended.map(drop))
    }

    fn take_ahead(&self) -> Ahead {
        let mut ahead = self.ahead();
        let begin = ahead.begin;
        if matches!(begin, Begin::Due(..)) {
            ahead.begin = Begin::Sent;
        }
        Ahead { begin, later: std::mem::take(&mut ahead.later) }
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        // each change is one assignment
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Several statements as one, with the values of all.
fn joined(begin: &str, later: Vec<Statement>, statement: Statement) -> (String, Values) {
    let (mut sql, mut values) = (begin.to_owned(), Vec::new());
    for part in later.into_iter().chain([statement]) {
        if !sql.is_empty() {
            sql.push(' ');
        }
        sql.push_str(&part.sql);
        sql.push(';');
        values.extend(part.values.into_iter().flatten());
    }
    (sql, Values(values))
}

fn ended() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the transaction has ended".to_owned()))
}
