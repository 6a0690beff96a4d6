//! What the database does for each request, with a million rows: the server logs its statements, and the plan of each is
//! looked at. No measure of speed, since the server logs all the while.

mod postgres;
mod requests;
mod sqlite;
mod statement;
mod world;

use std::time::Duration;

use anyhow::Result;

use self::{requests::Requests, statement::Statements, world::World};
use crate::{process::Server, seed::Kind};

/// What takes longer is told of, whatever its plan is.
const SLOW: Duration = Duration::from_millis(20);

pub(crate) async fn run(kind: Kind, users: usize) -> Result<String> {
    let world = World::new(kind, users).await?;
    if kind == Kind::Postgres {
        postgres::explain(&world.seeded.url).await?;
    }
    let log = world.seeded.beside("log");
    let server = Server::logging(&world.seeded.url, &log).await?;
    let mut statements = Statements::default();
    statements.read("the start", &log)?;
    let (mut requests, mut refused) = (Requests::new(&server, &world), Vec::new());
    for request in requests::all() {
        if let Err(error) = requests.send(&request).await {
            refused.push(format!("- `{}`: {error:#}", request.name()));
        }
        statements.read(&request.name(), &log)?;
    }
    server.stop().await?;
    match kind {
        Kind::Sqlite => sqlite::plan(&mut statements, &world.seeded.url).await?,
        Kind::Postgres => postgres::large(&mut statements, &world.seeded.url).await?,
    }
    let title = format!("### Plans with {users} users ({})\n\n", kind.name());
    Ok(format!("{title}{statements}\nNot answered with success:\n\n{}\n", refused.join("\n")))
}
