//! `roster backup`: a copy of the database while the server runs (cli floor).

mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::ProgressBar;

use super::{exit::Exit, failure::Failure};
use crate::{
    config::{CommonFlags, DatabaseUrl, Sources},
    services::backup::take,
};

/// What `backup` takes.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// File to write, which must not be there
    #[arg(long, value_name = "FILE", required = true)]
    to: Option<PathBuf>,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Look through a backup: is it whole, and can it be restored?
    Verify(verify::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if let Some(Verb::Verify(arguments)) = arguments.verb {
        return verify::run(&arguments).await;
    }
    let to = arguments.to.unwrap_or_default();
    let loaded = Sources::of(&arguments.common).load()?;
    let url = &loaded.config.database.url;
    if !url.reveal().starts_with("sqlite:") {
        return Err(with_their_tool(url, &to).into());
    }
    let progress = ProgressBar::new_spinner().with_message("copying and verifying");
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    let taken = take(url.reveal(), &to).await.map_err(|error| Failure::of_service(&error));
    progress.finish_and_clear();
    verify::tell(&to, &taken?)
}

/// PostgreSQL has its own tool, which is better at it than anything that we could do.
fn with_their_tool(url: &DatabaseUrl, to: &std::path::Path) -> Failure {
    let hint = format!("pg_dump --format=custom --file='{}' '{url}'", to.display());
    let sentence = "a PostgreSQL database is backed up by pg_dump, and restored by pg_restore";
    Failure::new(Exit::Usage, sentence).with_hint(hint)
}
