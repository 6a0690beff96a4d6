//! Whether a pooler stands in front of PostgreSQL that gives each transaction another session (storage floor).
//!
//! Prepared statements, settings, `LISTEN` and locks belong to a session, so such a pooler breaks them now and then, and leaves
//! what we set to others. It cannot be asked, but it can be seen: with two connections open at once, each has a session of its
//! own, unless sessions go by transactions.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _, postgres::PgConnectOptions,
};
use tokio::time::timeout;

use super::{Error, cause::unreachable_at};

/// How long the second connection may take: a pool of one session has none for it, and is not one of transactions.
const PATIENCE: Duration = Duration::from_secs(3);

/// Refuses a pool of transactions or of statements.
pub(super) async fn refuse(
    first: &mut PgConnection,
    options: &PgConnectOptions,
    place: &str,
) -> Result<(), Error> {
    let shared = timeout(PATIENCE, is_shared(first, options)).await.unwrap_or(Ok(false));
    if !shared.map_err(|error| unreachable_at(place, &error))? {
        return Ok(());
    }
    Err(Error::Refused(
        "the database is behind a pooler that gives each transaction another session (pool_mode = transaction or statement \
         in PgBouncer), and Roster needs sessions of its own: name the database itself in the URL, or a pool with pool_mode \
         = session"
            .to_owned(),
    ))
}

/// Whether two connections that are open at once are seen in one session, or one of them in two.
async fn is_shared(first: &mut PgConnection, options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut second = options.connect().await?;
    let (mine, other) = (session(first).await?, session(&mut second).await?);
    if mine == other {
        return Ok(true);
    }
    // others use the pool as well: while the second one holds its session, the first one is in another
    let is_shared = match second.execute("BEGIN").await {
        Ok(_) => session(&mut second).await? != other || session(first).await? != mine,
        // a pool of statements has no transactions
        Err(sqlx::Error::Database(_)) => true,
        Err(error) => return Err(error),
    };
    second.close().await?;
    Ok(is_shared)
}

/// The process of the server that answers. By a text, for a prepared statement could meet one of the same name.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one("SELECT pg_backend_pid()").await?.try_get(0)
}
