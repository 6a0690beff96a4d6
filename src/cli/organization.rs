//! `roster organization`: organizations and their members (cli floor).

mod add;
mod create;
mod delete;
mod get;
mod list;
mod member;
mod members;
mod remove;
mod row;
mod set_role;
mod settings;
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
    /// List organizations
    List(list::Arguments),
    /// Show an organization
    Get(get::Arguments),
    /// Make an organization, with the caller as its owner
    Create(create::Arguments),
    /// Delete an organization, for good
    Delete(delete::Arguments),
    /// Show the settings, with how many members and which groups there are
    Settings(settings::Arguments),
    /// Change the settings
    Update(update::Arguments),
    /// List the members with their effective roles
    Members(members::Arguments),
    /// Give a user a direct role
    Add(add::Arguments),
    /// Change the direct role of a member
    SetRole(set_role::Arguments),
    /// Take the direct role of a member away
    Remove(remove::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::List(arguments) => list::run(&session, arguments).await,
        Verb::Get(arguments) => get::run(&session, arguments).await,
        Verb::Create(arguments) => create::run(&session, arguments).await,
        Verb::Delete(arguments) => delete::run(&session, arguments).await,
        Verb::Settings(arguments) => settings::run(&session, arguments).await,
        Verb::Update(arguments) => update::run(&session, arguments).await,
        Verb::Members(arguments) => members::run(&session, arguments).await,
        Verb::Add(arguments) => add::run(&session, arguments).await,
        Verb::SetRole(arguments) => set_role::run(&session, arguments).await,
        Verb::Remove(arguments) => remove::run(&session, arguments).await,
    }
}
