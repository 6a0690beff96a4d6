//! One user, by id and by a filter, beside a handler that looks the bytes of the answer up.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    driver::{Connection, Load, drive_http},
    process::Server,
    report::Table,
    seed::{Kind, Seeded},
};

const LOAD: Load = Load { connections: 8, requests: 40_000 };
/// Users who are asked for, evenly among all: the baseline keeps the answers about them, one by one.
const ASKED: usize = 20_000;

/// Where the baseline looks.
const TABLE: &str = "CREATE TABLE body (path text PRIMARY KEY NOT NULL, body text NOT NULL)";
const ROW: &str = "INSERT INTO body (path, body) VALUES ($1, $2)";

/// A user who is asked for.
#[derive(Clone, Debug)]
struct Asked {
    id: String,
    number: usize,
}

/// The paths of question `number`, by id and by `userName`.
fn paths(asked: &[Asked], number: usize) -> [String; 2] {
    let Some(Asked { id, number }) = asked.get((number * 7_919) % asked.len().max(1)) else {
        return Default::default();
    };
    let by_name = format!("/scim/v2/Users?filter=userName%20eq%20%22user{number}%40example.com%22");
    [format!("/scim/v2/Users/{id}"), by_name]
}

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    let (all, each) = (seeded.users(users).await?, users.div_ceil(ASKED).max(1));
    let asked = all.iter().enumerate().step_by(each);
    let asked: Vec<Asked> =
        asked.map(|(number, user)| Asked { id: user.scim_id.to_string(), number }).collect();
    drop(all);
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    let bodies = match kind {
        Kind::Sqlite => format!("sqlite:{}", seeded.beside("bodies.db")),
        Kind::Postgres => seeded.url.clone(),
    };
    keep_bodies(&seeded, &server, &bodies, &asked).await?;
    let baseline = Server::baseline(&["bodies", &bodies]).await?;
    let mut table = Table::new(format!("Reading one of {users} users, 8 connections ({})", kind.name()));
    for (at, name) in ["GET /Users/{id}", "GET /Users?filter=userName eq"].into_iter().enumerate() {
        let mut figures = Vec::new();
        for server in [&baseline, &server] {
            let asked = asked.clone();
            let path = move |number| paths(&asked, number).into_iter().nth(at).unwrap_or_default();
            let request = move |number| ("GET", path(number), String::new());
            drive_http(server, Load { requests: LOAD.requests / 10, ..LOAD }, &seeded.scim, request.clone())
                .await?;
            figures.push(drive_http(server, LOAD, &seeded.scim, request).await?);
        }
        let [bare, ours] = figures.try_into().ok().context("two servers")?;
        table.pair((&format!("{name}: bare"), bare), (name, ours));
    }
    Ok(table)
}

/// Keeps every answer of our server, by its path, for the baseline to give.
async fn keep_bodies(seeded: &Seeded, server: &Server, url: &str, asked: &[Asked]) -> Result<()> {
    let mut connection = Connection::open(&server.address, &seeded.scim).await?;
    let mut rows = Vec::new();
    for number in 0..asked.len() {
        for path in paths(asked, number) {
            let body = connection.send("GET", &path, "").await?;
            rows.push((path, String::from_utf8(body.to_vec())?));
        }
    }
    if let Some(file) = url.strip_prefix("sqlite:") {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut db = SqliteConnection::connect_with(&options).await?;
        let mut tx = db.begin().await?;
        sqlx::query(TABLE).execute(&mut *tx).await?;
        for (path, body) in rows {
            sqlx::query(ROW).bind(path).bind(body).execute(&mut *tx).await?;
        }
        return Ok(tx.commit().await?);
    }
    let mut db = PgConnection::connect(url).await?;
    let mut tx = db.begin().await?;
    sqlx::query(TABLE).execute(&mut *tx).await?;
    for (path, body) in rows {
        sqlx::query(ROW).bind(path).bind(body).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}
