//! A connection to either database that runs text as it is.

use anyhow::Result;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};

pub(crate) enum Db {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Db {
    /// One whose commits wait for the disk, as the server's do.
    pub(crate) async fn durable(url: &str) -> Result<Self> {
        let Some(file) = url.strip_prefix("sqlite:") else {
            return Ok(Self::Postgres(PgConnection::connect(url).await?));
        };
        let options = SqliteConnectOptions::new().filename(file).synchronous(SqliteSynchronous::Full);
        Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
    }

    /// One that writes fast: it waits for no disk, and looks at no foreign key.
    pub(crate) async fn fast(url: &str) -> Result<Self> {
        let Some(file) = url.strip_prefix("sqlite:") else {
            let mut db = Self::durable(url).await?;
            // foreign keys are triggers
            db.run("SET synchronous_commit = off; SET session_replication_role = replica").await?;
            return Ok(db);
        };
        let options = SqliteConnectOptions::new().filename(file).synchronous(SqliteSynchronous::Off);
        let options = options.foreign_keys(false).pragma("cache_size", "-2000000");
        Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
    }

    /// Runs statements that have no values.
    pub(crate) async fn run(&mut self, statements: impl Into<String>) -> Result<()> {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.into()));
        match self {
            Self::Sqlite(db) => statements.execute(db).await.map(drop)?,
            Self::Postgres(db) => statements.execute(db).await.map(drop)?,
        }
        Ok(())
    }
}
