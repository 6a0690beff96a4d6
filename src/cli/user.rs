//! `roster user`: people and programs (cli floor).

mod account;
mod create;
mod current;
mod deactivate;
mod delete;
mod email;
mod get;
mod import;
mod list;
mod loss;
mod merge;
mod reactivate;
mod row;
mod set_role;
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
    /// Make a user a server admin, or an ordinary user again
    SetRole(set_role::Arguments),
    /// Emails of local users, by which an identity provider finds them
    Email(email::Arguments),
    /// Make users from a CSV file, and give emails to those that are there: all lines or none
    Import(import::Arguments),
    /// Make one account of two accounts of one person
    Merge(merge::Arguments),
    /// Delete a user, for good
    Delete(delete::Arguments),
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
        Verb::SetRole(arguments) => set_role::run(&session, arguments).await,
        Verb::Email(arguments) => email::run(&session, arguments).await,
        Verb::Import(arguments) => import::run(&session, arguments).await,
        Verb::Merge(arguments) => merge::run(&session, arguments).await,
        Verb::Delete(arguments) => delete::run(&session, arguments).await,
    }
}
