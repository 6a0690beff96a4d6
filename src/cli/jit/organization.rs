//! `roster jit organization`: organizations that everyone joins (cli floor).

mod list;
mod preview;
mod remove;
mod set;

use clap::{Args, Subcommand};

use crate::cli::session::Session;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// List the organizations that everyone joins
    List(list::Arguments),
    /// Make everyone a member of an organization, whoever comes later too
    Set(set::Arguments),
    /// Take the role that everyone has in an organization back; roles by other sources stay
    Remove(remove::Arguments),
    /// Tell what setting or removing would do, and do nothing
    Preview(preview::Arguments),
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.verb {
        Verb::List(arguments) => list::run(session, arguments).await,
        Verb::Set(arguments) => set::run(session, arguments).await,
        Verb::Remove(arguments) => remove::run(session, arguments).await,
        Verb::Preview(arguments) => preview::run(session, arguments).await,
    }
}
