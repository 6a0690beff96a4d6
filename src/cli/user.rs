//! `roster user`: people and programs (cli floor).

mod create;
mod current;
mod deactivate;
mod get;
mod list;
mod loss;
mod reactivate;
mod row;
mod state;

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
    /// Tell whose token this is
    Current(current::Arguments),
    /// List users
    List(list::Arguments),
    /// Show a user
    Get(get::Arguments),
    /// Make a user
    Create(create::Arguments),
    /// Switch a user off: tokens are revoked and memberships end, at once
    Deactivate(deactivate::Arguments),
    /// Switch a user on again
    Reactivate(reactivate::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::Current(arguments) => current::run(&session, arguments).await,
        Verb::List(arguments) => list::run(&session, arguments).await,
        Verb::Get(arguments) => get::run(&session, arguments).await,
        Verb::Create(arguments) => create::run(&session, arguments).await,
        Verb::Deactivate(arguments) => deactivate::run(&session, arguments).await,
        Verb::Reactivate(arguments) => reactivate::run(&session, arguments).await,
    }
}
