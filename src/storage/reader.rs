//! Reads outside of a transaction (storage floor).
//!
//! Each statement is a transaction of its own. Where every transaction is SERIALIZABLE, one that only reads may meet
//! another one as well, and is tried again like one that writes.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};

use super::{
    PoolUse,
    connections::Connections,
    error::is_conflict,
    link::Target,
    statement::{Answer, Wanted},
    transaction::again,
};

/// Connections that read.
#[derive(Clone, Debug)]
pub struct Reader(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The one that writes as well: SQLite in memory.
    Memory(DatabaseConnection),
    /// Those to a SQLite file, and those to PostgreSQL, which write as well.
    Own(Connections),
}

impl From<DatabaseConnection> for Reader {
    fn from(connection: DatabaseConnection) -> Self {
        Self(Source::Memory(connection))
    }
}

impl From<Connections> for Reader {
    fn from(connections: Connections) -> Self {
        Self(Source::Own(connections))
    }
}

impl Reader {
    /// Where they lead; nowhere else than to the one that writes, if they are that.
    pub(super) fn target(&self) -> Option<&Target> {
        match &self.0 {
            Source::Memory(_) => None,
            Source::Own(connections) => Some(connections.target()),
        }
    }

    /// How they are used now; none where it is the one that writes.
    pub(super) fn figures(&self) -> Option<PoolUse> {
        match &self.0 {
            Source::Memory(_) => None,
            Source::Own(connections) => Some(connections.figures()),
        }
    }

    /// Closes the connections, after what is under way.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.0 {
            Source::Memory(connection) => connection.clone().close().await,
            Source::Own(connections) => {
                connections.close().await;
                Ok(())
            }
        }
    }
}

/// Runs one statement that reads, again where it met another transaction; on SQLite it meets nobody.
async fn read(connections: &Connections, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
    again(|| connections.run(statement, wanted), is_conflict).await
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Source::Memory(_) => DbBackend::Sqlite,
            Source::Own(connections) => connections.target().backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Memory(connection) => connection.execute_raw(statement).await,
            Source::Own(connections) => connections.run(&statement, Wanted::Count).await?.done(),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Memory(connection) => connection.execute_unprepared(sql).await,
            Source::Own(connections) => connections.run_text(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Source::Memory(connection) => connection.query_one_raw(statement).await,
            Source::Own(connections) => Ok(read(connections, &statement, Wanted::One).await?.rows.pop()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Source::Memory(connection) => connection.query_all_raw(statement).await,
            Source::Own(connections) => Ok(read(connections, &statement, Wanted::All).await?.rows),
        }
    }
}
