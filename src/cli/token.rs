//! `roster token`: the API tokens of users (cli floor).

mod create;
mod delete;
mod list;

use clap::{Args, Subcommand};

use super::remote::RemoteArguments;

/// What the commands take.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) remote: RemoteArguments,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Make an API token, and print it this once
    Create(create::Arguments),
    /// List the API tokens of a user, without their secrets
    List(list::Arguments),
    /// Revoke an API token
    Delete(delete::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::Create(arguments) => create::run(&session, arguments).await,
        Verb::List(arguments) => list::run(&session, arguments).await,
        Verb::Delete(arguments) => delete::run(&session, arguments).await,
    }
}
