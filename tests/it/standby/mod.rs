//! Instances that only read: their database is a streaming standby of the one that others write.

mod answers;
mod following;
mod promoted;
mod routes;
mod start;

use std::time::{Duration, Instant};

use roster::storage::Pools;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    storage::{Database, cluster},
    support::Harness,
};

/// Within this time a standby has what its primary has, on a machine that does much else.
const SOON: Duration = Duration::from_secs(30);

/// A server on a primary, and one that only reads, on a standby of it.
pub(crate) struct Pair {
    pub(crate) primary: Harness,
    pub(crate) standby: Harness,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        Self::on("ROSTER_TEST_STANDBY").await
    }

    /// On the standby whose URL stands in this variable.
    async fn on(variable: &str) -> Self {
        let primary = Harness::on(Database::primary().await).await;
        let url = beside(&primary.app.database().url, variable);
        caught_up(&url).await;
        let standby = primary.beside(Database::at(url, Pools::default()).await).await;
        Self { primary, standby }
    }

    /// Waits until the standby has all that the primary has now.
    pub(crate) async fn follow(&self) {
        caught_up(&self.standby.app.database().url).await;
    }
}

/// The database at a URL of the primary, on the standby whose URL stands in this variable.
fn beside(url: &str, variable: &str) -> String {
    let name = url.rsplit_once('/').unwrap().1;
    cluster(variable).replace("/postgres", &format!("/{name}"))
}

/// A value that the cluster at a URL tells.
async fn value<T>(url: &str, sql: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    let mut connection = PgConnection::connect(url).await.unwrap();
    let value = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    value
}

/// Waits until the standby that this URL leads to has what the primary has now; the database of the URL may be new.
async fn caught_up(standby: &str) {
    let primary = cluster("ROSTER_TEST_PRIMARY");
    let written: String = value(&primary, "SELECT pg_current_wal_flush_lsn()::text").await;
    let standby = standby.replace(standby.rsplit_once('/').unwrap().1, "postgres");
    let began = Instant::now();
    while !value::<bool>(&standby, &format!("SELECT pg_last_wal_replay_lsn() >= '{written}'")).await {
        assert!(began.elapsed() < SOON, "the standby does not follow");
    }
}
