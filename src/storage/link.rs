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

/// The longest stall that PostgreSQL understands is much longer.
const LONGEST_STALL: Duration = Duration::from_hours(1);
/// For how many stalls a statement waits for a lock: longer than it takes PostgreSQL to end whoever is cut off.
const LOCK_STALLS: u32 = 4;

/// What PostgreSQL does about an instance that is cut off, or stands still, in the middle of a transaction: it ends the session
/// after `stall`, so that others get its locks. That is noticed by its silence, and by a connection that takes nothing.
fn patience(stall: Duration) -> Vec<String> {
    if stall.is_zero() {
        return Vec::new();
    }
    let stall = stall.min(LONGEST_STALL);
    let (millis, seconds) = (stall.as_millis().max(1), stall.as_secs().max(2));
    vec![
        format!("idle_in_transaction_session_timeout = {millis}"),
        format!("lock_timeout = {}", millis * u128::from(LOCK_STALLS)),
        format!("tcp_user_timeout = {millis}"),
        format!("tcp_keepalives_idle = {}", seconds / 2),
        "tcp_keepalives_interval = 1".to_owned(),
        format!("tcp_keepalives_count = {}", seconds.div_ceil(2)),
        // a statement that waits for a lock does not see that nobody waits for it any more
        format!("client_connection_check_interval = {millis}"),
    ]
}

/// Sets what each of our sessions sets when it begins. These are statements and no start-up parameters (`options`), which a pooler
/// such as PgBouncer refuses. A setting that holds for all our statements is added to one of the lists. All go together; where one
/// is refused, since what is like PostgreSQL may plan otherwise and know other limits, each goes by itself.
async fn set<T: AsRef<str>>(server: &mut PgConnection, settings: &[T]) -> Result<(), sqlx::Error> {
    let each = settings.iter().map(|setting| format!("SET {};", setting.as_ref()));
    match server.execute(AssertSqlSafe(each.clone().collect::<String>())).await {
        Err(sqlx::Error::Database(_)) => {}
        done => return done.map(drop),
    }
    for setting in each {
        match server.execute(AssertSqlSafe(setting)).await {
            Ok(_) | Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Where connections lead.
#[derive(Clone, Debug)]
pub(super) enum Target {
    File(Box<SqliteConnectOptions>),
    Postgres(Box<Server>),
}

/// A PostgreSQL server, and what it is asked to be patient with.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) options: PgConnectOptions,
    /// For how long others wait at most for an instance that is cut off.
    pub(super) stall: Duration,
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
            Self::Postgres(to) => {
                let mut server = to.options.connect().await?;
                set(&mut server, &PLANNING).await?;
                set(&mut server, &patience(to.stall)).await?;
                Ok(Link::Postgres(server))
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
