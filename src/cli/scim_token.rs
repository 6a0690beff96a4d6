//! `roster scim-token`: the bearer secrets of identity providers (cli floor).

mod create;
mod delete;
mod list;
mod profile;
mod update;

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
    /// Make a SCIM token, and print it this once
    Create(create::Arguments),
    /// List the SCIM tokens, without their secrets
    List(list::Arguments),
    /// Change the description or the client profile of a SCIM token
    Update(update::Arguments),
    /// Revoke a SCIM token
    Delete(delete::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::Create(arguments) => create::run(&session, arguments).await,
        Verb::List(arguments) => list::run(&session, arguments).await,
        Verb::Update(arguments) => update::run(&session, arguments).await,
        Verb::Delete(arguments) => delete::run(&session, arguments).await,
    }
}
