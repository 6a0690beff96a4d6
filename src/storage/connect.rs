//! Opening a database: pools, pragmas, migrations (storage floor).

mod file;
mod migrate;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::{Instant, sleep, timeout};

pub(super) use file::{absent, check_folder, check_writable};
use file::{unreadable_file, unwritable};
use migrate::{migrate, migrate_postgres};

use super::{
    Error, Sql, Store,
    address::Address,
    cause,
    connections::Connections,
    link::{Server, Target, is_away},
    migration::Migrator,
    pooler, private,
    standby::{self, Standby},
    start::{self, Stage},
    transaction::{PoolWriter, SharedWriter, Writer},
};

/// Between two attempts of a start that waits.
const PAUSE: Duration = Duration::from_millis(200);
/// How long the first connection may take, of a command that only looks.
const FIRST_ACQUIRE: Duration = Duration::from_secs(5);
/// Pages in SQLite's log, of 4 KiB each, after which they go into the file: a page that was written several times goes once.
const CHECKPOINT_PAGES: &str = "4000";
/// Statements that a connection that writes keeps prepared: several that are sent as one count as one.
const STATEMENTS: usize = 300;
/// The same for each of those that only read, of a SQLite file.
const READERS_STATEMENTS: usize = 100;
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
    /// How long opening may wait, for the database and for whoever migrates it.
    pub start_timeout: Duration,
    /// Whether the schema is brought up to date; else it must be.
    pub migrates: bool,
}

impl Default for Pools {
    fn default() -> Self {
        Self {
            connections: 10,
            readers: 4,
            acquire_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(5),
            start_timeout: Duration::from_mins(5),
            migrates: true,
        }
    }
}

/// The database at `url`, with the schema up to date.
pub(super) async fn open(url: &str, pools: Pools) -> Result<Store, Error> {
    let address = Address::of(url)?;
    start::within(pools.start_timeout, async |stage| match address {
        Address::Memory => open_memory(pools).await,
        Address::File(path) => open_file(&path, pools, stage).await,
        Address::Postgres(options) => open_postgres(*options, pools, stage).await,
    })
    .await
}

/// Whether `url` is one that can be opened, by its text.
pub(super) fn check_url(url: &str) -> Result<(), Error> {
    Address::of(url).map(drop)
}

/// One connection that only reads. Whatever is not there is not made.
pub(super) async fn reader(url: &str) -> Result<DatabaseConnection, Error> {
    match Address::of(url)? {
        Address::Memory => Err(Error::Refused("a database in memory is its process's own".to_owned())),
        Address::File(path) => {
            if !path.exists() {
                return Err(Error::Refused(format!("the database {} is not there", path.display())));
            }
            let options = SqliteConnectOptions::new().filename(&path).read_only(true);
            // opening reads nothing, so a file of another kind is told by the first read
            let mut first = options.connect().await.map_err(|error| unreadable_file(&path, &error))?;
            let read = first.execute("SELECT count(*) FROM sqlite_schema").await;
            read.map_err(|error| unreadable_file(&path, &error))?;
            first.close().await.map_err(|error| unopened(&error))?;
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
            Ok(pool.await.map_err(|error| unopened(&error))?.into())
        }
        Address::Postgres(options) => {
            let place = cause::place(&options);
            let mut first = first(&options, FIRST_ACQUIRE).await?;
            pooler::refuse(&mut first, &options, &place).await?;
            first.close().await.map_err(|error| unopened(&error))?;
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(FIRST_ACQUIRE);
            // by a statement: a pooler refuses what comes with the start of a session
            let pool = pool.after_connect(|server, _| {
                Box::pin(async { server.execute("SET default_transaction_read_only = on").await.map(drop) })
            });
            Ok(pool.connect_with(*options).await.map_err(|error| unopened(&error))?.into())
        }
    }
}

/// Whether a URL names a database in memory.
pub(super) fn is_memory(url: &str) -> Result<bool, Error> {
    Ok(matches!(Address::of(url)?, Address::Memory))
}

/// The file that a URL names, if it names one.
pub(super) fn file_of(url: &str) -> Result<Option<PathBuf>, Error> {
    match Address::of(url)? {
        Address::File(path) => Ok(Some(path)),
        Address::Memory | Address::Postgres(_) => Ok(None),
    }
}

/// One connection that is never closed: a second one would see a database of its own.
async fn open_memory(pools: Pools) -> Result<Store, Error> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:")
        .map_err(|error| unopened(&error))?
        .foreign_keys(true);
    let pool = one_writer()
        .acquire_timeout(pools.acquire_timeout)
        .connect_with(options)
        .await
        .map_err(|error| unopened(&error))?;
    let connection = DatabaseConnection::from(pool);
    Migrator::up(&connection, None).await?;
    // readers use the same connection between two transactions
    let writer = Writer::Shared(SharedWriter::new(connection.clone(), false));
    Ok(Store { writer, reader: connection.into() })
}

async fn open_file(path: &Path, pools: Pools, stage: &Stage) -> Result<Store, Error> {
    check_folder(path)?;
    if !path.exists() {
        if !pools.migrates {
            let why = format!("the database {} is not there; `roster migrate run` makes it", path.display());
            return Err(Error::Refused(why));
        }
        tracing::info!("{}", absent(path));
    }
    private::prepare(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(STATEMENTS)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .foreign_keys(true);
    stage.is(format!("the file {}", path.display()));
    check_writable(path).await?;
    let writer = one_writer().acquire_timeout(pools.acquire_timeout).connect_with(options.clone()).await;
    let writer = DatabaseConnection::from(writer.map_err(|error| unwritable(path, &error))?);
    migrate(&writer, stage, pools.migrates).await?;
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

async fn open_postgres(options: PgConnectOptions, pools: Pools, stage: &Stage) -> Result<Store, Error> {
    let (standby, tells_ids) = prepare_postgres(&options, pools, stage).await?;
    let options = options.statement_cache_capacity(STATEMENTS);
    let target = Target::Postgres(Box::new(Server { options, stall: pools.stall_timeout }));
    let connections = Connections::new("all", target, pools.connections, pools.acquire_timeout);
    let writer = Writer::Pool(PoolWriter::new(connections.clone(), standby, tells_ids));
    Ok(Store { writer, reader: connections.into() })
}

/// Brings the schema up to date, over a connection of its own; on a standby it is only looked at. Tells also whether the
/// database tells the ids of transactions, which others that are like PostgreSQL may not.
async fn prepare_postgres(
    options: &PgConnectOptions,
    pools: Pools,
    stage: &Stage,
) -> Result<(Standby, bool), Error> {
    let place = cause::place(options);
    stage.is(format!("the database at {place}"));
    let mut first = first_of(options, pools.acquire_timeout, stage).await?;
    pooler::refuse(&mut first, options, &place).await?;
    first.close().await.map_err(|error| unopened(&error))?;
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(pools.acquire_timeout);
    let only =
        DatabaseConnection::from(pool.connect_with(options.clone()).await.map_err(|error| unopened(&error))?);
    let standby = Standby::default();
    let is_standby = standby.ask(&only).await?;
    let prepared = if is_standby {
        standby::check_schema(&only).await
    } else {
        migrate_postgres(&only, stage, pools.migrates).await
    };
    let tells_ids =
        prepared.is_ok() && only.query_one_raw(Sql::new(TELLS_IDS).build(DbBackend::Postgres)).await.is_ok();
    only.close().await?;
    prepared.map(|()| (standby, tells_ids))
}

/// The first connection, whose error is the one that matters: a pool tries again, and tells the time alone.
async fn first(options: &PgConnectOptions, patience: Duration) -> Result<PgConnection, Error> {
    let connected = timeout(patience, options.connect()).await;
    let connected = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    connected.map_err(|error| cause::unreachable_at(&cause::place(options), &error))
}

/// The same; a database that refuses is waited for, as while it is started.
async fn first_of(
    options: &PgConnectOptions,
    patience: Duration,
    stage: &Stage,
) -> Result<PgConnection, Error> {
    let end = Instant::now() + patience;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let connected = timeout(left, options.connect()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let error = match connected {
            Ok(server) => return Ok(server),
            Err(error) => error,
        };
        let place = cause::place(options);
        if !is_away(&error) || Instant::now() + PAUSE >= end {
            return Err(cause::unreachable_at(&place, &error));
        }
        stage.waits_for(format!("the database at {place}: {}", cause::cause(&error)));
        sleep(PAUSE).await;
    }
}

/// A connection that is not the first one cannot be made.
fn unopened(error: &sqlx::Error) -> Error {
    Error::Unreachable(format!("the database cannot be reached: {}", cause::cause(error)))
}

pub(super) fn unreachable_database(error: sqlx::Error) -> Error {
    Error::Unavailable(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}
