//! What a work writes with (storage floor).

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};

use super::session::Session;
use crate::storage::sqlite::Wanted;

/// An open transaction.
#[derive(Debug)]
#[expect(private_interfaces, reason = "what is in it is the storage floor's own")]
pub enum Open {
    /// With a connection of its own: PostgreSQL.
    Alone(DatabaseTransaction),
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
            Self::Alone(open) => open.execute_raw(statement).await.map(drop),
            Self::Shared(session) => {
                session.later(statement);
                Ok(())
            }
        }
    }

    /// Sends what is still to be sent.
    pub(super) async fn flush(&self) -> Result<(), DbErr> {
        match self {
            Self::Alone(_) => Ok(()),
            Self::Shared(session) => session.flush().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Open {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Alone(open) => open.get_database_backend(),
            Self::Shared(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Alone(open) => open.execute_raw(statement).await,
            Self::Shared(session) => Ok(session.run(statement, Wanted::Count).await?.count.into()),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Alone(open) => open.execute_unprepared(sql).await,
            Self::Shared(session) => Ok(session.run_text(sql).await?.count.into()),
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Alone(open) => open.query_one_raw(statement).await,
            Self::Shared(session) => Ok(session.run(statement, Wanted::One).await?.rows.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Alone(open) => open.query_all_raw(statement).await,
            Self::Shared(session) => Ok(session.run(statement, Wanted::All).await?.rows),
        }
    }
}
