//! A connection of our own, to either kind of database (storage floor).

use std::time::Duration;

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Postgres, Sqlite,
    SqliteConnection,
    postgres::{PgConnectOptions, PgDatabaseError, PgSeverity},
    sqlite::SqliteConnectOptions,
};

use super::statement::{Answer, Wanted, ask_text, run, run_text};

/// For how long a connection to PostgreSQL that nobody uses is believed to be whole. One to a file does not break.
const BELIEVED: Duration = Duration::from_secs(1);

/// How PostgreSQL plans for us. A plan is kept with its statement until the table is analyzed: one that was made while the
/// table was small reads all of it, and so would each push of a first sync, for a minute. By an index it stays right. With
/// costs that forbid, what cannot go by one would seem worth compiling.
const PLANNING: [&str; 2] = ["enable_seqscan = off", "jit = off"];

/// What each of our sessions sets when it begins. They are statements and no start-up parameters (`options`), which a pooler
/// such as PgBouncer refuses. A setting that holds for all our statements is added here.
fn session() -> String {
    PLANNING.map(|setting| format!("SET {setting};")).concat()
}

/// Where connections lead.
#[derive(Clone, Debug)]
pub(super) enum Target {
    File(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Target {
    pub(super) const fn backend(&self) -> DbBackend {
        match self {
            Self::File(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    pub(super) async fn connect(&self) -> Result<Link, sqlx::Error> {
        match self {
            Self::File(options) => options.connect().await.map(Link::File),
            Self::Postgres(options) => {
                let mut server = options.connect().await?;
                match server.execute(AssertSqlSafe(session())).await {
                    // what is like PostgreSQL may plan otherwise
                    Ok(_) | Err(sqlx::Error::Database(_)) => Ok(Link::Postgres(server)),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

/// One connection.
#[derive(Debug)]
pub(super) enum Link {
    File(SqliteConnection),
    Postgres(PgConnection),
}

impl Link {
    pub(super) async fn run(&mut self, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        match self {
            Self::File(file) => run::<Sqlite>(file, statement, wanted).await,
            Self::Postgres(server) => run::<Postgres>(server, statement, wanted).await,
        }
    }

    pub(super) async fn run_text(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::File(file) => run_text::<Sqlite>(file, sql).await,
            Self::Postgres(server) => run_text::<Postgres>(server, sql).await,
        }
    }

    pub(super) async fn ask_text(&mut self, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::File(file) => ask_text::<Sqlite>(file, sql).await,
            Self::Postgres(server) => ask_text::<Postgres>(server, sql).await,
        }
    }

    /// Whether it is to be tested before it is used, after so long without use.
    pub(super) fn is_doubtful(&self, unused: Duration) -> bool {
        matches!(self, Self::Postgres(_)) && unused > BELIEVED
    }

    /// Waits until it has done what it was told.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::File(file) => file.ping().await,
            Self::Postgres(server) => server.ping().await,
        }
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::File(file) => file.close().await,
            Self::Postgres(server) => server.close().await,
        }
    }
}

/// Whether a database that nobody reaches may soon be there: it is being started or stopped, or has no place left.
pub(super) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(cause) => {
            use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
            matches!(cause.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset | UnexpectedEof)
        }
        // from a proxy that has nobody behind it: it closes, which sqlx takes for an answer
        sqlx::Error::Protocol(_) => true,
        // cannot_connect_now, admin_shutdown, crash_shutdown, too_many_connections
        sqlx::Error::Database(told) => {
            matches!(told.code().as_deref(), Some("57P01" | "57P02" | "57P03" | "53300"))
        }
        _ => false,
    }
}

/// Whether a connection is of no use after this error.
pub(super) fn is_end(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    match &**cause {
        sqlx::Error::Database(told) => told
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|told| matches!(told.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            true
        }
        _ => false,
    }
}
