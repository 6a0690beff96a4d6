//! `roster migrate`: the steps of the schema, without serving (cli floor).

use clap::{Args, Subcommand};

use super::{
    exit::Exit,
    serve::{checks, settings},
    show,
};
use crate::{
    config::{CommonFlags, Sources},
    storage::Store,
};

/// What `migrate` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell what a start would do to the database; the exit code is 10 when there is something
    Status(CommonFlags),
    /// Bring the schema up to date, as `serve` does without `--no-migrate`
    Run(CommonFlags),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.verb {
        Verb::Status(flags) => status(&flags).await,
        Verb::Run(flags) => migrate(&flags).await,
    }
}

async fn status(flags: &CommonFlags) -> anyhow::Result<Exit> {
    let config = Sources::of(flags).load_with(checks::problems)?.config;
    let probed = Store::probe(config.database.url.reveal()).await;
    let due = probed.map_err(|error| settings::unopened(&config, error))?;
    show::print(due.as_deref().unwrap_or("the schema is up to date"))?;
    Ok(if due.is_some() { Exit::No } else { Exit::Done })
}

async fn migrate(flags: &CommonFlags) -> anyhow::Result<Exit> {
    let config = Sources::of(flags).load_with(checks::problems)?.config;
    settings::open_store(&config).await?.close().await?;
    show::print("the schema is up to date")?;
    Ok(Exit::Done)
}
