//! New users by 32 clients, each durable before it is answered, beside a bare loop that inserts the same rows.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    driver::{Load, drive_http},
    process::Server,
    report::{Figures, Table},
    seed::{Kind, Seeded},
};

const CLIENTS: usize = 32;

/// How often it is done, each time in a new database.
const RUNS: usize = 3;

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let seeded = Seeded::new(kind).await?;
        let server = Server::roster(&seeded.url).await?;
        let load = Load { connections: CLIENTS, requests: users };
        let request = |number| ("POST", "/scim/v2/Users".to_owned(), body(&format!("user{number}")));
        ours.push(drive_http(&server, load, &seeded.scim, request).await?);
        server.stop().await?;
        // the very rows that our server wrote, into tables of the same shape
        bare.push(match kind {
            Kind::Sqlite => copy_sqlite(seeded.url.trim_start_matches("sqlite:")).await?,
            Kind::Postgres => copy_postgres(&seeded.url).await?,
        });
    }
    let mut table = Table::new(format!("{users} new users, {CLIENTS} clients ({})", kind.name()));
    let bare_name = format!("the same rows, {CLIENTS} users a commit, no HTTP");
    table.pair((&bare_name, Figures::middle(&bare)?), ("POST /Users", Figures::middle(&ours)?));
    Ok(table)
}

/// A new user of this name.
pub(crate) fn body(name: &str) -> String {
    let email = format!("{name}@example.com");
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": email, "externalId": format!("00u{name}"), "active": true,
        "name": { "givenName": "User", "familyName": format!("Number {name}") },
        "emails": [{ "value": email, "type": "work", "primary": true }],
        "title": "Engineer", "locale": "en-US",
    })
    .to_string()
}

/// What a new user is in the database: statements that write it again, row by row.
const TABLES: [(&str, &str); 3] = [(r#""user""#, "id"), ("owner_name", "name"), ("audit_event", "id")];

/// Empties the tables of what the run wrote into copies, and writes it back in batches.
async fn copy_sqlite(file: &str) -> Result<Figures> {
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let options = options.synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut db = SqliteConnection::connect_with(&options).await?;
    let keys = prepare_sqlite(&mut db).await?;
    let started = Instant::now();
    for batch in keys.chunks(CLIENTS) {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut db).await?;
        for row in batch {
            for (table, _) in TABLES {
                let copy = table.trim_matches('"');
                let insert = format!("INSERT INTO {table} SELECT * FROM copy_{copy} WHERE rowid = $1");
                sqlx::query(sqlx::AssertSqlSafe(insert)).bind(row).execute(&mut db).await?;
            }
        }
        sqlx::query("COMMIT").execute(&mut db).await?;
    }
    Ok(figures(keys.len(), started))
}

async fn prepare_sqlite(db: &mut SqliteConnection) -> Result<Vec<i64>> {
    for (table, key) in TABLES {
        let copy = table.trim_matches('"');
        let statement =
            format!("CREATE TABLE copy_{copy} AS SELECT * FROM {table} ORDER BY {key}; DELETE FROM {table}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *db).await?;
    }
    Ok(sqlx::query_scalar("SELECT rowid FROM copy_user ORDER BY rowid").fetch_all(db).await?)
}

async fn copy_postgres(url: &str) -> Result<Figures> {
    let mut db = PgConnection::connect(url).await?;
    for (table, key) in TABLES {
        let copy = table.trim_matches('"');
        let statement = format!(
            "CREATE TABLE copy_{copy} AS SELECT row_number() OVER (ORDER BY {key}) AS place, * FROM {table}; \
             CREATE INDEX ON copy_{copy} (place); DELETE FROM {table}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut db).await?;
    }
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM copy_user").fetch_one(&mut db).await?;
    let columns = columns(&mut db).await?;
    let started = Instant::now();
    let places: Vec<i64> = (1..=rows).collect();
    for batch in places.chunks(CLIENTS) {
        let mut tx = db.begin().await?;
        for place in batch {
            for ((table, _), columns) in TABLES.iter().zip(&columns) {
                let copy = table.trim_matches('"');
                let insert =
                    format!("INSERT INTO {table} SELECT {columns} FROM copy_{copy} WHERE place = $1");
                sqlx::query(sqlx::AssertSqlSafe(insert)).bind(place).execute(&mut *tx).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(figures(places.len(), started))
}

/// The columns of each table, in their order.
async fn columns(db: &mut PgConnection) -> Result<Vec<String>> {
    let mut lists = Vec::new();
    for (table, _) in TABLES {
        const QUERY: &str = "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) \
            FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'";
        lists.push(sqlx::query_scalar(QUERY).bind(table.trim_matches('"')).fetch_one(&mut *db).await?);
    }
    Ok(lists)
}

/// A loop has no clients and no server: only how fast it was is known.
fn figures(requests: usize, started: Instant) -> Figures {
    let elapsed = started.elapsed();
    let each = elapsed / u32::try_from(requests.max(1)).unwrap_or(1);
    Figures { requests, elapsed, p50: each, p99: each, cpu: each, memory: 0 }
}
