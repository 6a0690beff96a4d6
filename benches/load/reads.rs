//! One user, by id and by a filter, beside a handler that looks the bytes of the answer up.

use anyhow::Result;
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    driver::{Connection, Load, by_turns, drive_http},
    process::Server,
    report::Table,
    seed::{Kind, Seeded, scim_id},
};

/// What is asked by turns.
const LOAD: Load = Load { connections: 8, requests: 8_000 };
/// Users who are asked for, evenly among all: the baseline keeps the answers about them, one by one.
const ASKED: usize = 20_000;

/// Where the baseline looks.
const TABLE: &str = "CREATE TABLE body (path text PRIMARY KEY NOT NULL, body text NOT NULL)";
const ROW: &str = "INSERT INTO body (path, body) VALUES ($1, $2)";

/// The paths of question `number`, by id and by `userName`.
fn paths(asked: &[usize], number: usize) -> [String; 2] {
    let user = asked.get((number * 7_919) % asked.len().max(1)).copied().unwrap_or_default();
    [by_id(user), by_name(user)]
}

pub(crate) fn by_id(user: usize) -> String {
    format!("/scim/v2/Users/{}", scim_id(user))
}

pub(crate) fn by_name(user: usize) -> String {
    format!("/scim/v2/Users?filter=userName%20eq%20%22user{user}%40example.com%22")
}

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    seeded.users(users).await?;
    let asked: Vec<usize> = (0..users).step_by(users.div_ceil(ASKED).max(1)).collect();
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
        let ask = async |server: &Server, round: usize| {
            let asked = asked.clone();
            let path = move |number| paths(&asked, round * LOAD.requests + number).into_iter().nth(at);
            let request = move |number| ("GET", path(number).unwrap_or_default(), String::new());
            Ok([drive_http(server, LOAD, &seeded.scim, request).await?])
        };
        let turns =
            by_turns(async |round| ask(&baseline, round).await, async |round| ask(&server, round).await);
        let [(bare, ours)] = turns.await?;
        table.pair((&format!("{name}: bare"), bare), (name, ours));
    }
    Ok(table)
}

/// Keeps every answer of our server, by its path, for the baseline to give.
async fn keep_bodies(seeded: &Seeded, server: &Server, url: &str, asked: &[usize]) -> Result<()> {
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
