//! Reads outside of a transaction (storage floor).
//!
//! Each statement is a transaction of its own. Where every transaction is SERIALIZABLE, one that only reads may meet
//! another one as well, and is tried again like one that writes.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};

use super::{error::is_conflict, transaction::again};

/// Connections that read.
#[derive(Clone, Debug)]
pub struct Reader(DatabaseConnection);

impl From<DatabaseConnection> for Reader {
    fn from(connection: DatabaseConnection) -> Self {
        Self(connection)
    }
}

impl Reader {
    /// The connections themselves.
    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.0
    }

    /// On SQLite nothing that reads meets anybody.
    fn meets_nobody(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Sqlite
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if self.meets_nobody() {
            return self.0.query_one_raw(statement).await;
        }
        again(|| self.0.query_one_raw(statement.clone()), is_conflict).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.meets_nobody() {
            return self.0.query_all_raw(statement).await;
        }
        again(|| self.0.query_all_raw(statement.clone()), is_conflict).await
    }
}
