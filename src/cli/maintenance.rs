//! `roster maintenance`: the mode in which the server only reads (cli floor).

mod off;
mod on;
mod status;

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
    /// Refuse every change from now on, on all instances; reads go on
    On(on::Arguments),
    /// Take changes again
    Off(off::Arguments),
    /// Tell whether the server is in maintenance
    Status(status::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::On(arguments) => on::run(&session, arguments).await,
        Verb::Off(arguments) => off::run(&session, arguments).await,
        Verb::Status(arguments) => status::run(&session, arguments).await,
    }
}
