//! `roster jit`: what people get without anyone's doing (cli floor).

mod admin_email;
mod organization;

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
    /// Organizations that everyone joins
    Organization(organization::Arguments),
    /// E-mails that make a server admin of whoever an identity provider pushes with them
    AdminEmail(admin_email::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::Organization(arguments) => organization::run(&session, arguments).await,
        Verb::AdminEmail(arguments) => admin_email::run(&session, arguments).await,
    }
}
