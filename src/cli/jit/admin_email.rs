//! `roster jit admin-email`: e-mails that make a server admin (cli floor).

mod add;
mod list;
mod preview;
mod remove;

use clap::{Args, Subcommand};

use crate::cli::session::Session;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// List the e-mails that make a server admin
    List(list::Arguments),
    /// Make a server admin of whoever is pushed with an e-mail, now or later
    Add(add::Arguments),
    /// Take that back from whoever is a server admin by the e-mail alone
    Remove(remove::Arguments),
    /// Tell who would become a server admin, or would be none any more, and do nothing
    Preview(preview::Arguments),
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.verb {
        Verb::List(arguments) => list::run(session, arguments).await,
        Verb::Add(arguments) => add::run(session, arguments).await,
        Verb::Remove(arguments) => remove::run(session, arguments).await,
        Verb::Preview(arguments) => preview::run(session, arguments).await,
    }
}
