//! `roster membership`: who is a member of what (cli floor).

mod check;
mod explain;
mod grant;
mod list;
mod pair;
mod watch;

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
    /// Ask whether a user is a member, with at least some role; the exit code is 10 when the answer is no
    Check(check::Arguments),
    /// List the members of an organization, or the organizations of a user, with every grant
    List(list::Arguments),
    /// Tell why a user has a role in an organization, or why not
    Explain(explain::Arguments),
    /// Follow every change of an effective role
    Watch(watch::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let session = arguments.remote.connect().await?;
    match arguments.verb {
        Verb::Check(arguments) => return check::run(&session, arguments).await,
        Verb::List(arguments) => list::run(&session, arguments).await?,
        Verb::Explain(arguments) => explain::run(&session, arguments).await?,
        Verb::Watch(arguments) => watch::run(&session, arguments).await?,
    }
    Ok(Exit::Done)
}
