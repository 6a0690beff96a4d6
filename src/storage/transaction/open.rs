//! What a work writes with (storage floor).

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, prelude::async_trait::async_trait,
};

use super::{alone::Alone, session::Session};
use crate::storage::statement::Wanted;

/// An open transaction.
#[derive(Debug)]
#[expect(private_interfaces, reason = "what is in it is the storage floor's own")]
pub enum Open {
    /// With a connection of its own: PostgreSQL.
    Alone(Alone),
    /// A savepoint among others: SQLite.
    Shared(Session),
}

impl Open {
    /// Runs a statement of which nobody needs to know more than that it succeeded. On SQLite it is sent along with the
    /// next one, or at the end of the work: each by itself is a change of threads.
    ///
    /// # Errors
    /// When the database fails; or then with the next statement.
    pub(in crate::storage) async fn later(&self, statement: Statement) -> Result<(), DbErr> {
        match self {
            Self::Alone(open) => open.run(&statement, Wanted::Count).await.map(drop),
            Self::Shared(session) => {
                session.later(statement);
                Ok(())
            }
        }
    }

    /// Sends what is still to be sent.
    pub(super) async fn flush(&self) -> Result<(), DbErr> {
        match self {
            Self::Alone(open) => open.flush().await,
            Self::Shared(session) => session.flush().await,
        }
    }
}

impl Open {
    /// Whether nobody else writes while it is open: SQLite runs one transaction at a time.
    #[must_use]
    pub fn runs_alone(&self) -> bool {
        matches!(self, Self::Shared(_))
    }
}

/// Where a statement can go along with the next one.
#[async_trait]
pub trait Along: ConnectionTrait {
    /// As `Open::later`, for a statement that changes what the next one neither reads nor changes: PostgreSQL lets that
    /// take it along as well.
    ///
    /// # Errors
    /// When the database fails; or then with the next statement.
    async fn along(&self, statement: Statement) -> Result<(), DbErr> {
        self.execute_raw(statement).await.map(drop)
    }
}

#[async_trait]
impl Along for Open {
    async fn along(&self, statement: Statement) -> Result<(), DbErr> {
        match self {
            Self::Alone(open) => open.along(statement).await,
            Self::Shared(_) => self.later(statement).await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Open {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Alone(_) => DbBackend::Postgres,
            Self::Shared(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Alone(open) => open.run(&statement, Wanted::Count).await?.done(),
            Self::Shared(session) => session.run(statement, Wanted::Count).await?.done(),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Alone(open) => open.run_text(sql).await,
            Self::Shared(session) => session.run_text(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Alone(open) => Ok(open.run(&statement, Wanted::One).await?.rows.into_iter().next()),
            Self::Shared(session) => Ok(session.run(statement, Wanted::One).await?.rows.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Alone(open) => Ok(open.run(&statement, Wanted::All).await?.rows),
            Self::Shared(session) => Ok(session.run(statement, Wanted::All).await?.rows),
        }
    }
}
