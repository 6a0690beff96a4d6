//! `roster audit`: what was done, by whom (cli floor).

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
    /// List the audited events
    List(list::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::List(arguments) => list::run(&session, arguments).await,
    }
}
