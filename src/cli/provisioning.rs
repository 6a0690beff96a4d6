//! `roster provisioning`: what identity providers push, and whether they may (cli floor).

mod list;
mod pause;
mod readiness;
mod release;
mod removals;
mod resume;
mod show;

use clap::{Args, Subcommand};

use super::{exit::Exit, remote::RemoteArguments};

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
    /// List the requests of identity providers, the latest first
    List(list::Arguments),
    /// Show one request with its bodies, and as a curl command
    Show(show::Arguments),
    /// Tell what an admin should know; the exit code is 10 when there is something
    Readiness(readiness::Arguments),
    /// Refuse every change of identity providers from now on; reads go on
    Pause(pause::Arguments),
    /// Let changes through again
    Resume(resume::Arguments),
    /// List the changes that took much of an organization's members away, or are held
    Removals(removals::Arguments),
    /// Let a change that is held through, once, when it is sent again
    Release(release::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::List(arguments) => list::run(&session, arguments).await?,
        Verb::Show(arguments) => show::run(&session, arguments).await?,
        Verb::Readiness(arguments) => return readiness::run(&session, arguments).await,
        Verb::Pause(arguments) => pause::run(&session, arguments).await?,
        Verb::Resume(arguments) => resume::run(&session, arguments).await?,
        Verb::Removals(arguments) => removals::run(&session, arguments).await?,
        Verb::Release(arguments) => release::run(&session, arguments).await?,
    }
    Ok(Exit::Done)
}
