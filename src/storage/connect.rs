//! Opening a database: pools, pragmas, migrations (storage floor).

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use sqlx::{
    Connection, Executor as _, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Error, Sql, Store,
    connections::Connections,
    link::{Server, Target},
    migration::Migrator,
    private,
    standby::{self, Standby},
    transaction::{PoolWriter, SharedWriter, Writer},
};

/// How long the first connection may take.
const FIRST_ACQUIRE: Duration = Duration::from_secs(5);
/// Pages in SQLite's log, of 4 KiB each, after which they go into the file: a page that was written several times goes once.
const CHECKPOINT_PAGES: &str = "4000";
/// Statements that a connection that writes keeps prepared: several that are sent as one count as one.
const STATEMENTS: usize = 300;
/// The same for each of those that only read, of a SQLite file.
const READERS_STATEMENTS: usize = 100;
/// The advisory lock under which PostgreSQL is migrated: two instances that start together migrate once.
const MIGRATION_LOCK: i64 = 0x726f_7374_6572;

/// Parameters of a URL of PostgreSQL that sqlx knows.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Fails where transactions have no ids, or it is not told which have ended, or of which server.
const TELLS_IDS: &str = "SELECT 'pg_current_xact_id()'::regprocedure, 'pg_current_snapshot()'::regprocedure, \
                         'pg_postmaster_start_time()'::regprocedure";

/// Which connections there are; the default is what Roster serves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pools {
    /// Connections to PostgreSQL.
    pub connections: u32,
    /// Read-only connections to a SQLite file.
    pub readers: u32,
    /// How long a request waits for a connection; the time-out is the back-pressure.
    pub acquire_timeout: Duration,
    /// How long an instance that is cut off from PostgreSQL in the middle of a transaction keeps others waiting.
    pub stall_timeout: Duration,
}

impl Default for Pools {
    fn default() -> Self {
        let (acquire_timeout, stall_timeout) = (Duration::from_secs(10), Duration::from_secs(5));
        Self { connections: 10, readers: 4, acquire_timeout, stall_timeout }
    }
}

/// What a URL means.
enum Address<'a> {
    Memory,
    File(&'a str),
    Postgres(Box<PgConnectOptions>),
}

impl<'a> Address<'a> {
    fn of(url: &'a str) -> Result<Self, Error> {
        match url.split_once(':') {
            Some(("sqlite", ":memory:")) => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::File(path.strip_prefix("//").unwrap_or(path)))
            }
            Some(("postgres" | "postgresql", _)) => postgres_options(url)
                .map(|options| Self::Postgres(Box::new(options)))
                .map_err(|error| Error::BadUrl(format!("the database URL cannot be read: {error}"))),
            _ => Err(Error::BadUrl(
                "the database URL must be sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE"
                    .to_owned(),
            )),
        }
    }
}

/// What sqlx reads in a URL. It logs the parameters that it does not know with their values, and passwords are among them
/// (`sslpassword`); here their names alone are logged.
fn postgres_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    use tracing::subscriber::{NoSubscriber, with_default};
    let options = with_default(NoSubscriber::default(), || PgConnectOptions::from_str(url))?;
    let unknown = url.split_once('?').map(|(_, query)| unknown_parameters(query)).unwrap_or_default();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        tracing::warn!(names, "the database URL has parameters that are not used");
    }
    // for texts of floating numbers, which there are none of: a start-up parameter that PgBouncer refuses
    Ok(options.extra_float_digits(None))
}

/// The names of those parameters that sqlx does not know; encoded ones are not told.
fn unknown_parameters(query: &str) -> Vec<&str> {
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-[].".contains(c));
    let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
    let names = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    names.filter(|name| !is_known(name)).map(|name| if is_plain(name) { name } else { "…" }).collect()
}

/// The database at `url`, with the schema up to date.
pub(super) async fn open(url: &str, pools: Pools) -> Result<Store, Error> {
    match Address::of(url)? {
        Address::Memory => open_memory(pools).await,
        Address::File(path) => open_file(path, pools).await,
        Address::Postgres(options) => open_postgres(*options, pools).await,
    }
}

/// Connects, and changes nothing: a SQLite file that is not there yet needs a folder only.
pub(super) async fn probe(url: &str) -> Result<(), Error> {
    match Address::of(url)? {
        Address::Memory => Ok(()),
        Address::File(path) if !Path::new(path).exists() => probe_folder(Path::new(path)),
        Address::File(path) => {
            let options = SqliteConnectOptions::new().filename(path).read_only(true);
            let mut only = SqliteConnection::connect_with(&options).await.map_err(unreachable_database)?;
            // opening reads nothing: a file of another kind is told by the first read
            sqlx::query("SELECT count(*) FROM sqlite_schema")
                .execute(&mut only)
                .await
                .map_err(unreachable_database)?;
            only.close().await.map_err(unreachable_database)
        }
        Address::Postgres(options) => {
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(FIRST_ACQUIRE);
            pool.connect_with(*options).await.map_err(unreachable_database)?.close().await;
            Ok(())
        }
    }
}

/// One connection that only reads. Whatever is not there is not made.
pub(super) async fn reader(url: &str) -> Result<DatabaseConnection, Error> {
    match Address::of(url)? {
        Address::Memory => Err(Error::Refused("a database in memory is its process's own".to_owned())),
        Address::File(path) => {
            let options = SqliteConnectOptions::new().filename(path).read_only(true);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
            Ok(pool.await.map_err(unreachable_database)?.into())
        }
        Address::Postgres(options) => {
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(FIRST_ACQUIRE);
            // by a statement: a pooler refuses what comes with the start of a session
            let pool = pool.after_connect(|server, _| {
                Box::pin(async { server.execute("SET default_transaction_read_only = on").await.map(drop) })
            });
            Ok(pool.connect_with(*options).await.map_err(unreachable_database)?.into())
        }
    }
}

/// The file that a URL names, if it names one.
pub(super) fn file_of(url: &str) -> Result<Option<PathBuf>, Error> {
    match Address::of(url)? {
        Address::File(path) => Ok(Some(path.into())),
        Address::Memory | Address::Postgres(_) => Ok(None),
    }
}

fn probe_folder(file: &Path) -> Result<(), Error> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    Err(Error::BadUrl(format!("the database would be in {}, which is no folder", folder.display())))
}

/// One connection that is never closed: a second one would see a database of its own.
async fn open_memory(pools: Pools) -> Result<Store, Error> {
    let options =
        SqliteConnectOptions::from_str("sqlite::memory:").map_err(unreachable_database)?.foreign_keys(true);
    let pool = one_writer()
        .acquire_timeout(pools.acquire_timeout)
        .connect_with(options)
        .await
        .map_err(unreachable_database)?;
    let connection = DatabaseConnection::from(pool);
    Migrator::up(&connection, None).await?;
    // readers use the same connection between two transactions
    let writer = Writer::Shared(SharedWriter::new(connection.clone(), false));
    Ok(Store { writer, reader: connection.into() })
}

async fn open_file(path: &str, pools: Pools) -> Result<Store, Error> {
    private::prepare(Path::new(path))?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(STATEMENTS)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .foreign_keys(true);
    let writer = one_writer().acquire_timeout(pools.acquire_timeout);
    let writer =
        DatabaseConnection::from(writer.connect_with(options.clone()).await.map_err(unreachable_database)?);
    Migrator::up(&writer, None).await?;
    // each of them keeps its own
    let options = options.read_only(true).statement_cache_capacity(READERS_STATEMENTS);
    let target = Target::File(Box::new(options));
    let reader = Connections::new("read", target, pools.readers, pools.acquire_timeout);
    let writer = Writer::Shared(SharedWriter::new(writer, true));
    Ok(Store { writer, reader: reader.into() })
}

/// A pool of one connection, which is kept: what it tells of changes made by others counts from its start.
fn one_writer() -> SqlitePoolOptions {
    let one = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    one.test_before_acquire(false)
}

async fn open_postgres(options: PgConnectOptions, pools: Pools) -> Result<Store, Error> {
    let (standby, tells_ids) = prepare_postgres(&options).await?;
    let options = options.statement_cache_capacity(STATEMENTS);
    let target = Target::Postgres(Box::new(Server { options, stall: pools.stall_timeout }));
    let connections = Connections::new("all", target, pools.connections, pools.acquire_timeout);
    let writer = Writer::Pool(PoolWriter::new(connections.clone(), standby, tells_ids));
    Ok(Store { writer, reader: connections.into() })
}

/// Brings the schema up to date, over a connection of its own; on a standby it is only looked at. Tells also whether the
/// database tells the ids of transactions, which others that are like PostgreSQL may not.
async fn prepare_postgres(options: &PgConnectOptions) -> Result<(Standby, bool), Error> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(FIRST_ACQUIRE);
    let only =
        DatabaseConnection::from(pool.connect_with(options.clone()).await.map_err(unreachable_database)?);
    let standby = Standby::default();
    let is_standby = standby.ask(&only).await?;
    let prepared =
        if is_standby { standby::check_schema(&only).await } else { migrate_postgres(&only).await };
    let tells_ids =
        prepared.is_ok() && only.query_one_raw(Sql::new(TELLS_IDS).build(DbBackend::Postgres)).await.is_ok();
    only.close().await?;
    prepared.map(|()| (standby, tells_ids))
}

/// Migrates under a lock, which ends with the connection.
async fn migrate_postgres(only: &DatabaseConnection) -> Result<(), Error> {
    only.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    Ok(Migrator::up(only, None).await?)
}

pub(super) fn unreachable_database(error: sqlx::Error) -> Error {
    Error::Unavailable(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}
