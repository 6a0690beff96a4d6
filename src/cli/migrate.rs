//! `roster migrate`: the steps of the schema, without serving (cli floor).

mod run;
mod status;

use clap::{Args, Subcommand};

use super::exit::Exit;

/// What `migrate` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell what a start would do to the database; the exit code is 10 when there is something
    Status(status::Arguments),
    /// Bring the schema up to date, as `serve` does without `--no-migrate`
    Run(run::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.verb {
        Verb::Status(arguments) => status::run(&arguments).await,
        Verb::Run(arguments) => run::run(&arguments).await,
    }
}
