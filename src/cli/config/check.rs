//! `roster config check` (cli floor).

use anyhow::Context as _;
use clap::Args;

use crate::{
    cli::{serve::settings, show},
    config::{CommonFlags, Sources},
    storage::Store,
};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// Connect to the database as well, without changing it, and read every file that is named
    #[arg(long)]
    deep: bool,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let sources = Sources::of(&arguments.common);
    let loaded = sources.load()?;
    settings::check(&loaded)?;
    if arguments.deep {
        settings::Settings::of(&loaded)?;
        let url = &loaded.config.database.url;
        Store::probe(url.reveal()).await.with_context(|| format!("cannot open the database {url}"))?;
    }
    let file = sources.file().map_or("no file".to_owned(), |file| file.display().to_string());
    show::print(&format!("the configuration is valid ({file})"))
}
