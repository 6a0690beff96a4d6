//! A group of 100,000 becomes an organization's members, beside one statement that writes the same rows; and how
//! long others wait meanwhile.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{
    check::map,
    driver::Connection,
    process::Server,
    report::{Figures, Table},
    seed::{Kind, Seeded},
};

const MEMBERS: usize = 100_000;

/// Takes the rows that our server wrote away, and writes them again by one statement for each table.
const TAKE: &str = "CREATE TABLE copy_member AS SELECT * FROM organization_member; \
    CREATE TABLE copy_event AS SELECT * FROM membership_event; \
    DELETE FROM organization_member; DELETE FROM membership_event";
const WRITE: [&str; 2] = [
    "INSERT INTO organization_member SELECT * FROM copy_member",
    "INSERT INTO membership_event SELECT * FROM copy_event",
];

pub(crate) async fn run(kind: Kind) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    let users = seeded.users(MEMBERS).await?;
    seeded.group("Everyone", &users).await?;
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    let (stop, stopped) = oneshot::channel();
    let others =
        tokio::spawn(write_meanwhile(Connection::open(&server.address, &seeded.scim).await?, stopped));
    let (cpu, started) = (server.cpu(), Instant::now());
    map(&server, &seeded.api, "acme", "Everyone").await?;
    let elapsed = started.elapsed();
    let _ = stop.send(());
    let waits = others.await??;
    let (cpu, memory) = (server.cpu().saturating_sub(cpu), server.peak_memory());
    let ours = Figures {
        requests: MEMBERS,
        elapsed,
        p50: elapsed,
        p99: elapsed,
        cpu: cpu / u32::try_from(MEMBERS)?,
        memory,
    };
    drop(server);
    let bare = match kind {
        Kind::Sqlite => bare_sqlite(seeded.url.trim_start_matches("sqlite:")).await?,
        Kind::Postgres => bare_postgres(&seeded.url).await?,
    };
    let cpu = bare / u32::try_from(MEMBERS)?;
    let bare = Figures { requests: MEMBERS, elapsed: bare, p50: bare, p99: bare, cpu, memory: 0 };
    let longest = waits.iter().max().copied().context("nobody wrote meanwhile")?;
    let title = format!(
        "Mapping a group of {MEMBERS} ({}); {} others wrote meanwhile, the longest wait {} ms",
        kind.name(),
        waits.len(),
        longest.as_millis()
    );
    let mut table = Table::new(title);
    table.pair(("INSERT … SELECT of the same rows", bare), ("AddOrganizationGroup", ours));
    Ok(table)
}

/// Creates users one after the other until it is told to stop, and tells how long each took.
async fn write_meanwhile(
    mut client: Connection,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"other{}@example.com"}}"#,
            waits.len()
        );
        let started = Instant::now();
        client.send("POST", "/scim/v2/Users", body).await?;
        waits.push(started.elapsed());
    }
    Ok(waits)
}

async fn bare_sqlite(file: &str) -> Result<Duration> {
    let options =
        SqliteConnectOptions::new().filename(file).synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut db = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(TAKE).execute(&mut db).await?;
    let started = Instant::now();
    let mut tx = db.begin().await?;
    for statement in WRITE {
        sqlx::raw_sql(statement).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(started.elapsed())
}

async fn bare_postgres(url: &str) -> Result<Duration> {
    let mut db = PgConnection::connect(url).await?;
    sqlx::raw_sql(TAKE).execute(&mut db).await?;
    let started = Instant::now();
    let mut tx = db.begin().await?;
    for statement in WRITE {
        sqlx::raw_sql(statement).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(started.elapsed())
}
