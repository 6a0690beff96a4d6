//! `roster user email`: emails of local users, by which an identity provider finds them (cli floor).

mod clear;
mod get;
mod set;

use clap::{Args, Subcommand};

use super::account;
use crate::cli::session::Session;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Show the email of a user, and what an identity provider knows of the user
    Get(get::Arguments),
    /// Give a local user an email: the next push of a person with it takes the account over
    Set(set::Arguments),
    /// Take the email of a local user away: no push matches the account any more
    Clear(clear::Arguments),
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.verb {
        Verb::Get(arguments) => get::run(session, arguments).await,
        Verb::Set(arguments) => set::run(session, arguments).await,
        Verb::Clear(arguments) => clear::run(session, arguments).await,
    }
}
