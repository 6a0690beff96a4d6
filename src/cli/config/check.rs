//! `roster config check` (cli floor).

use clap::Args;

use crate::{
    cli::{
        serve::{checks, settings},
        show,
    },
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
    let loaded = sources.load_with(checks::problems)?;
    let mut first = None;
    if arguments.deep {
        settings::Settings::of(&loaded)?;
        let probed = Store::probe(loaded.config.database.url.reveal()).await;
        first = probed.map_err(|error| settings::unopened(&loaded.config, error))?;
    }
    let file = sources.file().map_or("no file".to_owned(), |file| file.display().to_string());
    show::print(&format!("the configuration is valid ({file})"))?;
    first.map_or(Ok(()), |first| show::print(&first))
}
