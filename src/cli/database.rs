//! `roster database`: work on whole databases (cli floor).

mod copy;

use clap::{Args, Subcommand};

/// What `database` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Move everything to another database, for example from SQLite to PostgreSQL; goes on where it was interrupted
    Copy(copy::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.verb {
        Verb::Copy(arguments) => copy::run(&arguments).await,
    }
}
