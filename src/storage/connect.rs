//! Opening a database: pools, pragmas, migrations (storage floor).

use std::{str::FromStr, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Error, Store,
    migration::Migrator,
    transaction::{SharedWriter, Writer},
};

/// How long a request waits for a connection; the time-out is the back-pressure.
const ACQUIRE: Duration = Duration::from_secs(10);
/// How long the first connection may take.
const FIRST_ACQUIRE: Duration = Duration::from_secs(5);
/// Read-only connections to a SQLite file.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// The advisory lock under which PostgreSQL is migrated: two instances that start together migrate once.
const MIGRATION_LOCK: i64 = 0x726f_7374_6572;

/// The database at `url`, with the schema up to date.
pub(super) async fn open(url: &str) -> Result<Store, Error> {
    match url.split_once(':') {
        Some(("sqlite", ":memory:")) => open_memory().await,
        Some(("sqlite", path)) if !path.is_empty() => open_file(path).await,
        Some(("postgres" | "postgresql", _)) => open_postgres(url).await,
        _ => Err(Error::BadUrl(
            "the database URL must be sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE"
                .to_owned(),
        )),
    }
}

/// One connection that is never closed: a second one would see a database of its own.
async fn open_memory() -> Result<Store, Error> {
    let options =
        SqliteConnectOptions::from_str("sqlite::memory:").map_err(unreachable_database)?.foreign_keys(true);
    let pool = one_writer().idle_timeout(None).max_lifetime(None);
    let pool = pool.acquire_timeout(ACQUIRE).connect_with(options).await.map_err(unreachable_database)?;
    let connection = DatabaseConnection::from(pool);
    Migrator::up(&connection, None).await?;
    let writer = Writer::Shared(SharedWriter::new(connection.clone()));
    Ok(Store { writer, observer: connection.clone(), reader: connection })
}

async fn open_file(path: &str) -> Result<Store, Error> {
    let path = path.strip_prefix("//").unwrap_or(path);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true);
    let writer = one_writer().acquire_timeout(ACQUIRE);
    let writer =
        DatabaseConnection::from(writer.connect_with(options.clone()).await.map_err(unreachable_database)?);
    Migrator::up(&writer, None).await?;
    let reader = SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(ACQUIRE);
    let options = options.read_only(true);
    let reader = reader.connect_with(options.clone()).await.map_err(unreachable_database)?;
    let observer = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let observer = observer.connect_with(options).await.map_err(unreachable_database)?;
    let writer = Writer::Shared(SharedWriter::new(writer));
    Ok(Store { writer, reader: reader.into(), observer: observer.into() })
}

/// A pool of one connection. SQLite undoes a whole transaction by itself when the disk is full, and the connection
/// would count one too many from then on: it is closed, and the next one is new.
fn one_writer() -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(1).after_release(|connection, _| {
        Box::pin(async move {
            // after what is under way, like the end of a transaction that was given up
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

async fn open_postgres(url: &str) -> Result<Store, Error> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::BadUrl(format!("the database URL cannot be read: {error}")))?;
    migrate_postgres(&options).await?;
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE);
    let connection =
        DatabaseConnection::from(pool.connect_with(options).await.map_err(unreachable_database)?);
    let writer = Writer::Pool(connection.clone());
    Ok(Store { writer, observer: connection.clone(), reader: connection })
}

/// Migrates over a connection of its own, which holds the lock and ends with it.
async fn migrate_postgres(options: &PgConnectOptions) -> Result<(), Error> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(FIRST_ACQUIRE);
    let only =
        DatabaseConnection::from(pool.connect_with(options.clone()).await.map_err(unreachable_database)?);
    only.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let migrated = Migrator::up(&only, None).await;
    only.close().await?;
    Ok(migrated?)
}

fn unreachable_database(error: sqlx::Error) -> Error {
    Error::Unavailable(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}
