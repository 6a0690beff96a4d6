//! Reads outside of a transaction (storage floor).
//!
//! Each statement is a transaction of its own. Where every transaction is SERIALIZABLE, one that only reads may meet
//! another one as well, and is tried again like one that writes.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};

use super::{error::is_conflict, readers::Readers, sqlite::Wanted, transaction::again};

/// Connections that read.
#[derive(Clone, Debug)]
pub struct Reader(Source);

#[derive(Clone, Debug)]
enum Source {
    /// Those that write as well: PostgreSQL, and SQLite in memory.
    Pool(DatabaseConnection),
    /// Those to a SQLite file.
    File(Readers),
}

impl From<DatabaseConnection> for Reader {
    fn from(connection: DatabaseConnection) -> Self {
        Self(Source::Pool(connection))
    }
}

impl From<Readers> for Reader {
    fn from(readers: Readers) -> Self {
        Self(Source::File(readers))
    }
}

impl Reader {
    /// The pool, where it is one.
    pub(super) fn pool(&self) -> Option<&DatabaseConnection> {
        match &self.0 {
            Source::Pool(pool) => Some(pool),
            Source::File(_) => None,
        }
    }

    /// The connections to a file, where it is one.
    pub(super) fn readers(&self) -> Option<&Readers> {
        match &self.0 {
            Source::Pool(_) => None,
            Source::File(readers) => Some(readers),
        }
    }

    /// Closes the connections.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.clone().close().await,
            Source::File(readers) => readers.close().await,
        }
    }
}

/// Whether a read may meet a transaction; on SQLite it meets nobody.
fn meets_others(pool: &DatabaseConnection) -> bool {
    pool.get_database_backend() != DbBackend::Sqlite
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool().map_or(DbBackend::Sqlite, DatabaseConnection::get_database_backend)
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.execute_raw(statement).await,
            Source::File(readers) => Ok(readers.run(&statement, Wanted::Count).await?.count.into()),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.execute_unprepared(sql).await,
            Source::File(readers) => Ok(readers.run_text(sql).await?.count.into()),
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) if meets_others(pool) => {
                again(|| pool.query_one_raw(statement.clone()), is_conflict).await
            }
            Source::Pool(pool) => pool.query_one_raw(statement).await,
            Source::File(readers) => Ok(readers.run(&statement, Wanted::One).await?.rows.pop()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) if meets_others(pool) => {
                again(|| pool.query_all_raw(statement.clone()), is_conflict).await
            }
            Source::Pool(pool) => pool.query_all_raw(statement).await,
            Source::File(readers) => Ok(readers.run(&statement, Wanted::All).await?.rows),
        }
    }
}
