//! `roster config`: looks at the configuration without serving (cli floor).

use std::io::Write as _;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::serve::settings;
use crate::{
    config::{CommonFlags, DEFAULTS, Sources},
    storage::Store,
};

/// What `config` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the configuration as `serve` does, and tell every mistake
    Check {
        #[command(flatten)]
        common: CommonFlags,
        /// Connect to the database as well, without changing it, and read every file that is named
        #[arg(long)]
        deep: bool,
    },
    /// Print every value and where it comes from, with secrets masked
    Show {
        #[command(flatten)]
        common: CommonFlags,
    },
    /// Print the defaults, with what each key does: the start of a file of your own
    Default,
}

/// Prints what was asked for; a configuration with a mistake is an error.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let text = match arguments.command {
        Command::Check { common, deep } => check(&common, deep).await?,
        Command::Show { common } => Sources::of(&common).load()?.show(),
        Command::Default => DEFAULTS.to_owned(),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

async fn check(common: &CommonFlags, deep: bool) -> anyhow::Result<String> {
    let sources = Sources::of(common);
    let loaded = sources.load()?;
    settings::check(&loaded)?;
    if deep {
        settings::Settings::of(&loaded)?;
        let url = &loaded.config.database.url;
        Store::probe(url.reveal()).await.with_context(|| format!("cannot open the database {url}"))?;
    }
    let file = sources.file().map_or("no file".to_owned(), |file| file.display().to_string());
    Ok(format!("the configuration is valid ({file})\n"))
}
