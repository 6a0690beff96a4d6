//! `roster restore`: puts a backup in the place of the database (cli floor).

use std::path::PathBuf;

use clap::Args;

use super::{exit::Exit, failure::Failure, show};
use crate::{
    config::{CommonFlags, Sources},
    domain::clock::{Clock as _, SystemClock},
    services::backup::restore,
};

/// What `restore` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,

    /// Also when the database has changes that are later than the backup
    #[arg(long)]
    discard_newer: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let loaded = Sources::of(&arguments.common).load()?;
    let url = &loaded.config.database.url;
    if !url.reveal().starts_with("sqlite:") {
        let sentence = "a PostgreSQL database is restored by pg_restore";
        let hint = format!("pg_restore --clean --if-exists --dbname='{url}' '{}'", arguments.from.display());
        return Err(Failure::new(Exit::Usage, sentence).with_hint(hint).into());
    }
    let now = SystemClock.now();
    let restored = restore(url.reveal(), &arguments.from, arguments.discard_newer, now).await;
    let restored = restored.map_err(|error| Failure::of_service(&error))?;
    if let Some(old) = restored.old {
        show::print(&format!("the old database is kept as {}", old.display()))?;
    }
    show::print(&format!("restored {}: revision {}", arguments.from.display(), restored.verified.revision))
}
