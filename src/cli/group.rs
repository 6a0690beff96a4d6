//! `roster group`: groups of identity providers, and what they give (cli floor).

mod list;
mod map;
mod mapping;
mod mappings;
mod members;
mod near;
mod preview;
mod release;
mod releases;
mod set_role;
mod unmap;
mod unrelease;

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
    /// List the groups that identity providers pushed
    List(list::Arguments),
    /// List the users in a group
    Members(members::Arguments),
    /// List the mappings of groups to organizations
    Mappings(mappings::Arguments),
    /// Tell what a change of a mapping would do, and do nothing
    Preview(preview::Arguments),
    /// Map a group to an organization: its members become members there
    Map(map::Arguments),
    /// Change the role that a mapped group gives
    SetRole(set_role::Arguments),
    /// End a mapping, and the roles that it gave
    Unmap(unmap::Arguments),
    /// Let the admins of an organization see and map a group
    Release(release::Arguments),
    /// Take a release back; mappings that were made stay
    Unrelease(unrelease::Arguments),
    /// List the groups that are released to organizations
    Releases(releases::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::List(arguments) => list::run(&session, arguments).await,
        Verb::Members(arguments) => members::run(&session, arguments).await,
        Verb::Mappings(arguments) => mappings::run(&session, arguments).await,
        Verb::Preview(arguments) => preview::run(&session, arguments).await,
        Verb::Map(arguments) => map::run(&session, arguments).await,
        Verb::SetRole(arguments) => set_role::run(&session, arguments).await,
        Verb::Unmap(arguments) => unmap::run(&session, arguments).await,
        Verb::Release(arguments) => release::run(&session, arguments).await,
        Verb::Unrelease(arguments) => unrelease::run(&session, arguments).await,
        Verb::Releases(arguments) => releases::run(&session, arguments).await,
    }
}
